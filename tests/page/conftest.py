"""The running demonstration, for the tests in a browser."""

from tests.graph.world import live_server

__all__ = ["live_server"]
