"""What all tests share."""

import pytest

# Here, as it must be said before the first of several conftest files imports it.
pytest.register_assert_rewrite(
    "tests.graph.world",
    "tests.providers.contract.worlds",
    "tests.providers.contract.kinds",
    "tests.providers.contract.proofs",
    "tests.faults.reads",
)

pytest_plugins = ["tests.requirements_plugin"]
