"""The fixtures of the whole house, for the tests of the graph."""

import pytest

pytest.register_assert_rewrite("tests.graph.world")

from tests.graph.world import cold_world, live_server, stage, world  # noqa: E402 - after the above

__all__ = ["cold_world", "live_server", "stage", "world"]
