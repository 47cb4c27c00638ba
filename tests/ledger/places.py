"""Where a ledger of a test is kept, and what its operations look like."""

import contextlib
import os
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

import psycopg
import pytest
from psycopg import sql

from ledger.books import Books
from ledger.journal import Change, Record, State, StepRecord
from ledger.open import open_ledger

KEY = bytes(range(32))
OTHER_KEY = bytes(reversed(range(32)))
SERVER = "postgresql://postgres@127.0.0.1:5432/test"
BACK_ENDS = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]

_serial = count()


class Place(Protocol):
    """One database of a test."""

    url: str

    def execute(self, statement: str, args: Mapping[str, object] | None = None) -> list[tuple]:
        """Look, or tamper, from outside; parameters are named :so."""
        ...


@dataclass(frozen=True)
class SqliteFile:
    path: Path

    @property
    def url(self) -> str:
        return f"sqlite:///{self.path}"

    def execute(self, statement: str, args: Mapping[str, object] | None = None) -> list[tuple]:
        with contextlib.closing(sqlite3.connect(self.path, isolation_level=None)) as connection:
            return connection.execute(statement, args or {}).fetchall()

    def bytes_on_disk(self) -> bytes:
        """The file and its journal."""
        files = sorted(self.path.parent.glob(f"{self.path.name}*"))
        return b"".join(file.read_bytes() for file in files)


@dataclass(frozen=True)
class PostgresSchema:
    name: str

    @property
    def url(self) -> str:
        return f"{SERVER}?options={quote(f'-csearch_path={self.name}')}"

    def execute(self, statement: str, args: Mapping[str, object] | None = None) -> list[tuple]:
        for name in args or {}:
            statement = statement.replace(f":{name}", f"%({name})s")
        with psycopg.connect(self.url, autocommit=True) as connection:
            cursor = connection.execute(statement.encode(), args)
            return cursor.fetchall() if cursor.description else []


@contextlib.contextmanager
def postgres_schema() -> Iterator[PostgresSchema]:
    """A schema of its own, gone afterwards; skips where there is no server."""
    try:
        connection = psycopg.connect(SERVER, autocommit=True, connect_timeout=3)
    except psycopg.OperationalError:
        pytest.skip("no PostgreSQL at 127.0.0.1:5432")
    name = f"ledger_{os.getpid()}_{time.time_ns():x}_{next(_serial)}"
    with connection:
        connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(name)))
        try:
            yield PostgresSchema(name)
        finally:
            connection.execute("SET client_min_messages = warning")
            connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(name)))


@contextlib.contextmanager
def place_of(back_end: str, folder: Path) -> Iterator[SqliteFile | PostgresSchema]:
    """A place of this kind."""
    if back_end == "sqlite":
        yield SqliteFile(folder / "ledger.db")
    else:
        with postgres_schema() as schema:
            yield schema


@contextlib.asynccontextmanager
async def opened(place: Place, keys: Sequence[bytes] = (KEY,), **more: object):
    """The ledger of a place, closed afterwards."""
    books: Books = await open_ledger(place.url, keys, **more)
    try:
        yield books
    finally:
        await books.aclose()


def now() -> datetime:
    return datetime.now(UTC)


def new_id() -> str:
    """In order of time, as UUID 7 is."""
    return f"{time.time_ns():016x}{next(_serial):08x}{os.getpid():08x}"


def step(seq: int = 0, **changes: object) -> StepRecord:
    request = f"POST /points {seq}".encode()
    made = StepRecord(
        seq=seq,
        name="post",
        digest=sha256(request).digest(),
        request=request,
        sent_at=now(),
    )
    return replace(made, **changes)


def operation(**changes: object) -> Record:
    """A sale with one step on its way; nothing in it is unique but its id and key."""
    id_ = new_id()
    made = Record(
        id=id_,
        scope="till-7",
        key=f"key-{id_}",
        fingerprint=sha256(b"input").digest(),
        kind="TRANSACTION_POST",
        program="kopi",
        state=State.SENDING,
        created_at=now(),
        owner="server-1",
        lease_until=now() + timedelta(minutes=2),
        command=b'{"document":"D-1"}',
        steps=(step(),),
        trace_id="trace",
    )
    return replace(made, **changes)


def over(record: Record, state: State = State.CONFIRMED, **changes: object) -> Change:
    """The end of an operation of one step."""
    last = replace(record.steps[-1], outcome=b'{"ok":true}') if record.steps else None
    made = Change(state=state, why="answered", step=last, result=b'{"points":"3"}', final=True)
    return replace(made, **changes)
