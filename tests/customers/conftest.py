"""A ledger in either database, for the tests of customers."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from ledger.books import Books
from ledger.open import open_ledger
from ledger.people import KeptCustomers
from tests.customers.databases import KINDS, database
from tests.graph.world import Stage, World, cold_world, stage, warmed, world

__all__ = ["cold_world", "stage", "world"]

KEY = bytes(range(32))


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with database(request.param, tmp_path) as found:
        yield found


@pytest.fixture
async def books(url: str) -> AsyncIterator[Books]:
    opened = await open_ledger(url, [KEY])
    yield opened
    await opened.aclose()


@pytest.fixture
def kept(books: Books) -> KeptCustomers:
    return KeptCustomers(books.engine, books.seals)


@pytest.fixture
async def house(stage: Stage, url: str) -> AsyncIterator[World]:
    """The whole house over a ledger in either database, its tokens in hand."""
    async with stage.world(ledger=url) as found:
        await warmed(found)
        yield found
