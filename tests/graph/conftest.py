"""The fixtures of the whole house, for the tests of the graph."""

from tests.graph.world import cold_world, live_server, stage, world

__all__ = ["cold_world", "live_server", "stage", "world"]
