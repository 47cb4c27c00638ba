"""SQLite as the ledger's database: one connection, one thread, rollback journal, synchronous FULL.

What one turn of a loop asks for goes to the thread together. Units that wait at the same time share
one commit, each in a savepoint of its own; none is answered before that commit is durable. Reads
run before a group of writes, so they see what is durable and nothing else. Other processes may use
the same file: they take turns by SQLite's locks. WAL is not used, as releases before 3.51.3 can
damage a database in it.
"""

import asyncio
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TypeVar, cast

from ledger.journal import LedgerUnavailable
from ledger.sql import Script, Unit
from ledger.sqlite_file import (
    DELETE_JOURNAL,
    KEEP_JOURNAL,
    connect,
    error_name,
    is_busy,
    run,
    silent,
    unavailable,
)

T = TypeVar("T")

PATIENCE = 5.0
"""Seconds that another process's lock is waited for."""
AT_ONCE = 256
"""Units that share a commit at most."""
MOST_WAITING = 10_000

SCRUB_IDLE = 1.0
SCRUB_BUSY = 60.0
"""Seconds after which the journal is deleted, as it holds what has been blanked since."""

_CONFLICTS = {"SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY"}


@dataclass(slots=True, eq=False)
class _Job:
    """A script, who waits for it, and what it brought: kept back until it is durable."""

    unit: Unit[object]
    writes: bool
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[object]
    result: object = None
    error: BaseException | None = None

    def run(self, connection: sqlite3.Connection) -> None:
        self.result, self.error = run(connection, self.unit.script()), None

    def clash(self, connection: sqlite3.Connection, refused: sqlite3.Error) -> None:
        """Say what a refused index means; nothing else can have changed meanwhile."""
        if self.unit.clash is not None:
            run(connection, self.unit.clash())
        raise refused

    def landed(self, connection: sqlite3.Connection) -> bool:
        return self.unit.landed is not None and run(connection, self.unit.landed())

    def tell(self) -> None:
        """In the loop of who waits: the result, unless it has given up waiting."""
        if self.future.done():
            return
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.result)


class SqliteEngine:
    """A SQLite file that exists already and has its tables."""

    has_clock = False

    def __init__(self, path: Path, patience: float = PATIENCE) -> None:
        self._path = path
        self._patience = patience
        self._queue: SimpleQueue[_Job | None] = SimpleQueue()
        self._gathered: dict[asyncio.AbstractEventLoop, list[_Job]] = {}
        self._closed = False
        self._connection: sqlite3.Connection | None = None
        self._soiled: float | None = None
        self._thread = Thread(target=self._work, name="ledger", daemon=True)
        self._thread.start()

    async def read(self, script: Callable[[], Script[T]]) -> T:
        """Run a script that changes nothing."""
        return await self._submit(Unit(script), writes=False)

    async def write(self, unit: Unit[T]) -> T:
        """Run a unit; durable when this returns."""
        return await self._submit(unit, writes=True)

    async def aclose(self) -> None:
        """Finish what was begun, then close the file."""
        loop = asyncio.get_running_loop()
        if not self._closed:
            self._hand_over(loop)
            self._closed = True
            self._queue.put(None)
        await loop.run_in_executor(None, self._thread.join)

    async def _submit(self, unit: Unit[T], *, writes: bool) -> T:
        if self._closed:
            raise LedgerUnavailable("The ledger is closed.")
        loop = asyncio.get_running_loop()
        gathered = self._gathered.setdefault(loop, [])
        if self._queue.qsize() + len(gathered) >= MOST_WAITING:
            raise LedgerUnavailable("Nothing was changed: too much waits for the ledger.")
        future: asyncio.Future[object] = loop.create_future()
        gathered.append(_Job(unit, writes, loop, future))
        if len(gathered) == 1:
            loop.call_soon(self._hand_over, loop)
        return cast("T", await future)

    def _hand_over(self, loop: asyncio.AbstractEventLoop) -> None:
        """Give the thread what one turn of the loop has asked for: it wakes once and commits once.

        With one at a time it would run off with the first one alone.
        """
        jobs = self._gathered.pop(loop, [])
        if self._closed:
            _fail(jobs, LedgerUnavailable("The ledger is closed."))
            _tell_all(jobs)
            return
        for job in jobs:
            self._queue.put(job)

    # What follows runs in the thread.

    def _work(self) -> None:
        last = False
        while not last:
            jobs, last = self._taken()
            reads = [job for job in jobs if not job.writes]
            writes = [job for job in jobs if job.writes]
            for some, work in ((reads, self._reads), (writes, self._group)):
                if some:
                    try:
                        work(some)
                    except BaseException as error:  # noqa: BLE001 - the thread must outlive it
                        self._drop()
                        _fail(some, error)
                    _tell(some)
            self._scrub_when_due(written=bool(writes), idle=not jobs, last=last)
        self._drop()

    def _taken(self) -> tuple[list[_Job], bool]:
        """All that waits, and whether it is the last; nothing, when it is time to scrub."""
        jobs: list[_Job] = []
        with suppress(Empty):
            job = self._queue.get(timeout=None if self._soiled is None else SCRUB_IDLE)
            while job is not None:
                jobs.append(job)
                if len(jobs) == AT_ONCE:
                    return jobs, False
                job = self._queue.get_nowait()
            return jobs, True
        return jobs, False

    def _scrub_when_due(self, *, written: bool, idle: bool, last: bool) -> None:
        """Delete the journal, which holds the pages as they were before the latest changes."""
        now = time.monotonic()
        if written and self._soiled is None:
            self._soiled = now
        if self._soiled is None or not (idle or last or now - self._soiled > SCRUB_BUSY):
            return
        with suppress(sqlite3.Error):
            connection = self._connected()
            connection.execute(DELETE_JOURNAL)
            connection.execute(KEEP_JOURNAL)
        self._soiled = None

    def _reads(self, jobs: Sequence[_Job]) -> None:
        for job in jobs:
            try:
                job.run(self._connected())
            except sqlite3.Error as error:
                self._lost(error)
                job.error = unavailable(error)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is the asker's
                job.error = error

    def _group(self, jobs: Sequence[_Job]) -> None:
        """Make all durable in one commit; where that fails, each alone."""
        try:
            self._connected().execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            self._lost(error)
            _fail(jobs, unavailable(error))
            return
        is_asked = False
        try:
            for job in jobs:
                self._unit(job)
            is_asked = True
            self._connected().execute("COMMIT")
        except sqlite3.Error as error:
            self._recover(jobs, error, may_be_made=is_asked and not is_busy(error))

    def _unit(self, job: _Job) -> None:
        """Run one; what it did is undone where it raises. A failing database raises from here."""
        connection = self._connected()
        connection.execute("SAVEPOINT unit")
        try:
            try:
                job.run(connection)
            except sqlite3.IntegrityError as error:
                if error_name(error) not in _CONFLICTS:
                    raise
                connection.execute("ROLLBACK TO unit")
                job.clash(connection, error)
        except Exception as error:
            if _is_of_database(error):
                raise
            job.error = error
            connection.execute("ROLLBACK TO unit")
        connection.execute("RELEASE unit")

    def _recover(self, jobs: Sequence[_Job], error: sqlite3.Error, *, may_be_made: bool) -> None:
        """Find out what is there after a failure, and try the rest one by one.

        A new connection undoes what was half written; only then can be seen what has landed.
        """
        self._drop()
        made = [job for job in jobs if job.error is None and may_be_made]
        missing = [job for job in jobs if job not in made]
        try:
            missing += [job for job in made if not job.landed(self._connected())]
        except sqlite3.Error:
            self._drop()
            _fail(made, silent(error))
        if len(jobs) == 1 or is_busy(error):
            _fail(missing, unavailable(error))
            return
        for job in missing:
            self._group([job])

    def _connected(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = connect(self._path, self._patience)
        return self._connection

    def _lost(self, error: sqlite3.Error) -> None:
        """Begin anew after an error, but for a lock that somebody else holds."""
        if not is_busy(error):
            self._drop()

    def _drop(self) -> None:
        """Close the connection, which undoes what it had not committed."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(sqlite3.Error):
                connection.close()


def _is_of_database(error: Exception) -> bool:
    """Whether the database failed, rather than one statement of one unit."""
    return isinstance(error, sqlite3.OperationalError | sqlite3.InternalError) or (
        type(error) is sqlite3.DatabaseError  # damaged, or not a database
    )


def _fail(jobs: Sequence[_Job], error: BaseException) -> None:
    for job in jobs:
        job.error = error


def _tell(jobs: Sequence[_Job]) -> None:
    """Tell all who wait, waking each loop once; one that is closed waits for nothing."""
    loops = {job.loop for job in jobs}
    for loop in loops:
        told = [job for job in jobs if job.loop is loop]
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(_tell_all, told)


def _tell_all(jobs: Sequence[_Job]) -> None:
    for job in jobs:
        job.tell()
