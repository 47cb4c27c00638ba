"""The journal in memory keeps the contract of the real ones: their own tests, run on it."""

import inspect
from collections.abc import Callable, Iterator
from types import ModuleType

import pytest

from tests.ledger import test_journal, test_sweeping
from tests.ledger.places import now
from tests.resolvers.memory_journal import MemoryJournal

_OF_DATABASES = {"place", "sqlite_file"}
_IN_PARTS = "test_a_sweep_of_many_is_done_in_parts"  # writes by the engine of a database


def _of_any_journal(module: ModuleType) -> Iterator[tuple[str, Callable[..., object]]]:
    for name, test in inspect.getmembers(module, inspect.isfunction):
        asked = set(inspect.signature(test).parameters)
        if name.startswith("test_") and "books" in asked and not asked & _OF_DATABASES:
            yield name, test


globals().update(_of_any_journal(test_journal), **dict(_of_any_journal(test_sweeping)))
del globals()[_IN_PARTS]


@pytest.fixture
def books() -> MemoryJournal:
    return MemoryJournal(now)
