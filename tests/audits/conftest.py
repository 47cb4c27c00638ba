"""What the audits run against: the demonstration, served over real sockets."""

from tests.graph.world import live_server

__all__ = ["live_server"]
