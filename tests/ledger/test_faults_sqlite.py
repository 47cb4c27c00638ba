"""A disk that is full or fails, a file that is locked, gone or broken: told, and got over."""

import asyncio
import contextlib
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ledger import sqlite
from ledger.journal import LedgerSilent, LedgerUnavailable, State
from ledger.sql import Statement, Unit
from tests.ledger.places import SqliteFile, opened, operation, over
from tests.small_disks import small_disk_in


@contextlib.contextmanager
def _locked(place: SqliteFile, kind: str = "EXCLUSIVE") -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(place.path, isolation_level=None)
    connection.execute(f"BEGIN {kind}")
    try:
        yield connection
    finally:
        connection.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk_in(tmp_path) as disk:
        yield disk


async def test_a_full_disk_is_told_and_got_over(small_disk: Path) -> None:
    place = SqliteFile(small_disk / "ledger.db")
    async with opened(place) as books:
        kept = [await books.open(operation()) for _ in range(5)]
        filler = small_disk / "filler"
        with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(bytes(4096))
        lost = [operation(command=bytes(range(256)) * 100) for _ in range(20)]
        told = await asyncio.gather(
            *(books.open(record) for record in lost), return_exceptions=True
        )
        assert {type(one) for one in told} == {LedgerUnavailable}
        assert "disk is full" in str(told[0])
        assert [await books.get(record.id) for record in kept] == kept
        assert [await books.get(record.id) for record in lost] == [None] * 20
        filler.unlink()
        assert [await books.open(record) for record in lost[:3]] == lost[:3]
        assert (await books.counts())[State.SENDING] == 8


async def test_one_that_fits_on_a_nearly_full_disk_is_kept(small_disk: Path) -> None:
    place = SqliteFile(small_disk / "ledger.db")
    async with opened(place) as books:
        await books.open(operation())
        big = operation(command=bytes(2_000_000))
        told = await asyncio.gather(
            books.open(big), *(books.open(operation()) for _ in range(5)), return_exceptions=True
        )
        assert isinstance(told[0], LedgerUnavailable)
        assert (await books.counts())[State.SENDING] == 6
        assert await books.get(big.id) is None


LIMITED = """
import asyncio, resource, sys
from ledger.journal import LedgerUnavailable, State
from tests.ledger.places import SqliteFile, operation, opened
from pathlib import Path

async def main(path):
    async with opened(SqliteFile(Path(path))) as books:
        first = await books.open(operation())
        size = Path(path).stat().st_size
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
        told = await asyncio.gather(
            *(books.open(operation(command=bytes(50_000))) for _ in range(10)),
            return_exceptions=True,
        )
        assert all(type(one) is LedgerUnavailable for one in told), told
        assert await books.get(first.id) == first
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        await books.open(operation(command=bytes(50_000)))
        counted = (await books.counts())[State.SENDING]
        print(counted, told[0])

asyncio.run(main(sys.argv[1]))
"""


def test_a_write_that_the_system_refuses_is_told_and_got_over(sqlite_file: SqliteFile) -> None:
    """EFBIG, which SQLite takes for any error of the disk."""
    command = [sys.executable, "-c", LIMITED, str(sqlite_file.path)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("2 ")
    assert "its disk fails" in done.stdout or "disk is full" in done.stdout


@pytest.mark.parametrize("kind", ["EXCLUSIVE", "IMMEDIATE"])
async def test_a_locked_file_is_told_and_got_over(sqlite_file: SqliteFile, kind: str) -> None:
    async with opened(sqlite_file, patience=0.1) as books:
        first = await books.open(operation())
        with _locked(sqlite_file, kind):
            told = await asyncio.gather(
                *(books.open(operation()) for _ in range(5)),
                books.change(first, over(first)),
                return_exceptions=True,
            )
            assert {type(one) for one in told} == {LedgerUnavailable}
            assert "another process keeps it locked" in str(told[0])
        assert await books.get(first.id) == first
        await books.change(first, over(first))
        assert (await books.counts())[State.SENDING] == 0


async def test_a_reader_that_does_not_end_keeps_the_commit_from_being_made(
    sqlite_file: SqliteFile,
) -> None:
    async with opened(sqlite_file, patience=0.1) as books:
        first = await books.open(operation())
        with _locked(sqlite_file, "DEFERRED") as reader:
            reader.execute("SELECT * FROM operations").fetchone()
            with pytest.raises(LedgerUnavailable, match="locked"):
                await books.open(operation())
            assert await books.get(first.id) == first
        assert (await books.counts())[State.SENDING] == 1
        await books.open(operation())


async def test_a_lock_that_ends_in_time_is_waited_for(sqlite_file: SqliteFile) -> None:
    async with opened(sqlite_file, patience=5) as books:
        with _locked(sqlite_file):
            task = asyncio.create_task(books.open(operation()))
            await asyncio.sleep(0.1)
            assert not task.done()
        await task


async def test_a_file_that_is_gone_is_told_and_never_made_anew(sqlite_file: SqliteFile) -> None:
    away = sqlite_file.path.with_name("away")
    async with opened(sqlite_file, patience=0.1) as books:
        first = await books.open(operation())
        sqlite_file.path.rename(away)
        for _ in range(3):
            with pytest.raises(LedgerUnavailable):
                await books.open(operation())
        assert not sqlite_file.path.exists()
        away.rename(sqlite_file.path)
        await books.open(operation())
        assert await books.get(first.id) == first


async def test_a_damaged_file_is_told(sqlite_file: SqliteFile) -> None:
    async with opened(sqlite_file) as books:
        await books.open(operation())
        sqlite_file.path.write_bytes(b"not a database" * 4096)
        with pytest.raises(LedgerUnavailable, match="restore"):
            await books.open(operation())


def _failing(error: Exception) -> Unit[None]:
    def script():
        yield Statement("INSERT INTO counters VALUES ('p', 'half', 1)")
        raise error

    return Unit(script)


async def test_a_fault_of_ours_fails_alone_and_leaves_nothing(sqlite_file: SqliteFile) -> None:
    async with opened(sqlite_file) as books:
        record = operation()
        broken = ZeroDivisionError("a fault of ours")
        told = await asyncio.gather(
            books.engine.write(_failing(broken)),
            books.open(record),
            books.engine.write(_failing(broken)),
            return_exceptions=True,
        )
        assert told == [broken, record, broken]
        assert sqlite_file.execute("SELECT * FROM counters") == []


class _Failing:
    """A connection whose commits fail: before they are made, or after."""

    def __init__(self, connection: sqlite3.Connection, *, after: bool) -> None:
        self._connection = connection
        self._after = after

    def __getattr__(self, name: str) -> object:
        return getattr(self._connection, name)

    def execute(self, statement: str, *args: object) -> sqlite3.Cursor:
        if statement != "COMMIT":
            return self._connection.execute(statement, *args)
        if self._after:
            self._connection.execute(statement)
        raise sqlite3.OperationalError("disk I/O error")


@pytest.mark.parametrize("after", [False, True])
async def test_a_commit_that_fails_is_looked_up_before_anybody_is_told(
    sqlite_file: SqliteFile, monkeypatch: pytest.MonkeyPatch, after: bool
) -> None:
    async with opened(sqlite_file) as books:
        first = await books.open(operation())
        real = sqlite.connect
        broken = _Failing(real(sqlite_file.path, 1), after=after)
        made = iter([broken])
        monkeypatch.setattr(sqlite, "connect", lambda *args: next(made, None) or real(*args))
        books.engine._drop()
        ended, begun = await asyncio.gather(
            books.change(first, over(first)), books.open(operation()), return_exceptions=True
        )
        if isinstance(ended, LedgerUnavailable):  # it had the commit to itself
            assert not after
            assert await books.get(first.id) == first
        else:
            assert await books.get(first.id) == ended
            assert len(await books.events(first.id)) == 2
        assert await books.get(begun.id) == begun
        broken.close()


@pytest.mark.parametrize("others", [0, 3])
async def test_a_commit_that_nobody_can_look_up_is_told_as_unknown(
    sqlite_file: SqliteFile, monkeypatch: pytest.MonkeyPatch, others: int
) -> None:
    """The disk takes the commit and is gone: a refusal would be a lie once it is back."""
    async with opened(sqlite_file) as books:
        await books.open(operation())
        real = sqlite.connect
        made = iter([_Failing(real(sqlite_file.path, 1), after=True)])

        def connect(*_):
            found = next(made, None)
            if found is None:
                raise sqlite3.OperationalError("disk I/O error")
            return found

        records = [operation() for _ in range(1 + others)]
        monkeypatch.setattr(sqlite, "connect", connect)
        books.engine._drop()
        told = await asyncio.gather(
            *(books.open(record) for record in records), return_exceptions=True
        )
        monkeypatch.setattr(sqlite, "connect", real)
        for record, answer in zip(records, told, strict=True):
            is_there = await books.get(record.id) is not None
            assert type(answer) is (LedgerSilent if is_there else LedgerUnavailable)
        assert type(told[0]) is LedgerSilent


async def test_nobody_waits_in_an_endless_queue(
    sqlite_file: SqliteFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "MOST_WAITING", 3)
    async with opened(sqlite_file, patience=0.5) as books:
        with _locked(sqlite_file):
            tasks = [asyncio.create_task(books.open(operation())) for _ in range(20)]
            told = await asyncio.gather(*tasks, return_exceptions=True)
        assert {type(one) for one in told} == {LedgerUnavailable}
        assert any("too much waits" in str(one) for one in told)
        assert any("locked" in str(one) for one in told)
        record = operation()
        assert await books.open(replace(record)) == record
