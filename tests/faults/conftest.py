"""One world per test of faults: an adapter with connections of its own."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.providers.contract.worlds import World, keys_read_once, opened


@pytest.fixture(scope="session", autouse=True)
def _keys_read_once() -> Iterator[None]:
    with keys_read_once():
        yield


@pytest.fixture
async def world(kind: type[World]) -> AsyncIterator[World]:
    async with opened(kind) as made:
        yield made
