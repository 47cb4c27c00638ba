"""What all tests share: fixtures of rooms that others build upon."""

pytest_plugins = ["tests.graph.world"]
