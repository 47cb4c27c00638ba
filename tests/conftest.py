"""What all tests share."""

pytest_plugins = ["tests.requirements_plugin"]
