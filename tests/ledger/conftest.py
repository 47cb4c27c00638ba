"""A ledger in either database."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from ledger.books import Books
from tests.ledger.places import (
    BACK_ENDS,
    PostgresSchema,
    SqliteFile,
    opened,
    place_of,
    postgres_schema,
)


@pytest.fixture(params=BACK_ENDS)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqliteFile | PostgresSchema]:
    with place_of(request.param, tmp_path) as made:
        yield made


@pytest.fixture
def sqlite_file(tmp_path: Path) -> SqliteFile:
    return SqliteFile(tmp_path / "ledger.db")


@pytest.fixture
def schema() -> Iterator[PostgresSchema]:
    with postgres_schema() as made:
        yield made


@pytest.fixture
async def books(place: SqliteFile | PostgresSchema) -> AsyncIterator[Books]:
    async with opened(place) as made:
        yield made
