"""PostgreSQL as the ledger's database: a pool of connections, for any number of servers.

A unit runs as a task of its own, so that a caller who gives up does not cut it short. Where the
answer to a commit is lost, the server is asked what became of the transaction before anybody is
told. Needs PostgreSQL 13 or later, and connections of its own: session poolers, not those that
share a connection between transactions.
"""

import asyncio
import re
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from functools import lru_cache
from typing import TypeVar

import psycopg
from psycopg import AsyncConnection, AsyncCursor, errors
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool

from ledger.journal import LedgerSilent, LedgerUnavailable
from ledger.sql import Script, Statement, Unit, Value, Wave

T = TypeVar("T")
_Connection = AsyncConnection[TupleRow]

CONNECTIONS = 10
MOST_WAITING = 1_000
PATIENCE = 5.0
"""Seconds that a free connection, or another's lock, is waited for."""
LOST = 30.0
"""Seconds in which a lost commit is asked after."""
_TRIES = 5
_PAUSE = 0.05

_SETTINGS = (
    "SELECT set_config('TimeZone', 'UTC', false),"
    " set_config('lock_timeout', '{patience}ms', false),"
    " set_config('statement_timeout', '30s', false),"
    " set_config('idle_in_transaction_session_timeout', '60s', false),"
    " CASE WHEN current_setting('synchronous_commit') IN ('off', 'local')"
    " THEN set_config('synchronous_commit', 'on', false) END"
)

_BEGIN = (Statement("BEGIN"), Statement("SELECT CAST(pg_current_xact_id() AS text)"))


class _NeverBegun(Exception):
    """The connection broke before the commit was asked for: nothing was changed."""


def unavailable(error: Exception) -> LedgerUnavailable:
    """What is told of an error: its kind, never a statement, a value or a password."""
    code = getattr(error, "sqlstate", None) or type(error).__name__
    return LedgerUnavailable(f"Nothing was changed in the ledger, PostgreSQL failed ({code}).")


@lru_cache(maxsize=256)
def _translated(text: str) -> bytes:
    text = re.sub(r"\{among:(\w+)\}", r"= ANY(:\1)", text)
    text = text.replace("{skip_locked}", "FOR UPDATE SKIP LOCKED").replace("{locked}", "FOR UPDATE")
    return re.sub(r":(\w+)", r"%(\1)s", text).encode()


def _bound(value: Value) -> object:
    match value:
        case None | str() | int() | bytes():
            return value
        case Sequence():
            return list(value)
        case _:
            return value


async def _run(connection: _Connection, script: Script[T]) -> T:
    """Run a script to its end; it waits for nothing but this connection."""
    try:
        asked = next(script)
        while True:
            if isinstance(asked, Wave):
                first = (await _together(connection, asked.statements))[0]
            else:
                first = await _sent(connection, asked)
            asked = script.send(await first.fetchall() if first.description else ())
    except StopIteration as done:
        result: T = done.value
        return result
    finally:
        script.close()


async def _together(
    connection: _Connection, statements: Sequence[Statement]
) -> list[AsyncCursor[TupleRow]]:
    """Send statements without waiting in between; raises what the first refused one was told.

    Those behind it are not carried out, and say only that. No error leaves through the pipeline:
    psycopg would log what it finds behind it, a warning for every key that is taken.
    """
    refused: BaseException | None = None
    cursors: list[AsyncCursor[TupleRow]] = []
    try:
        async with connection.pipeline():
            try:
                for statement in statements:
                    cursors.append(await _sent(connection, statement))  # noqa: PERF401 - see refused
            except psycopg.Error as error:
                refused = error
    except errors.PipelineAborted as error:
        # Where the refusal and what follows from it are read at the end, the one hides the other.
        refused = refused or error.__context__ or error
    if refused is not None:
        raise refused
    return cursors


async def _sent(connection: _Connection, statement: Statement) -> AsyncCursor[TupleRow]:
    args = {name: _bound(value) for name, value in statement.args.items()}
    return await connection.execute(_translated(statement.text), args)


class PostgresEngine:
    """A database that has its tables; `begin` before the first use."""

    has_clock = True

    def __init__(
        self, url: str, *, patience: float = PATIENCE, connections: int = CONNECTIONS
    ) -> None:
        self._patience = patience
        self._closed = False
        self._tasks: set[asyncio.Task[object]] = set()
        self._pool: AsyncConnectionPool[_Connection] = AsyncConnectionPool(
            url,
            # Nothing is prepared: after an error in a pipeline psycopg may take for prepared what
            # the server has dropped.
            kwargs={
                "autocommit": True,
                "connect_timeout": max(2, round(patience)),
                "prepare_threshold": None,
            },
            min_size=1,
            max_size=connections,
            max_waiting=MOST_WAITING,
            timeout=patience,
            reconnect_timeout=patience,
            configure=self._configure,
            open=False,
            name="ledger",
        )

    async def begin(self) -> None:
        """Open the pool; the first connection is made when it is needed."""
        await self._pool.open()

    async def read(self, script: Callable[[], Script[T]]) -> T:
        """Run a script that changes nothing."""
        return await self._detached(self._read(script))

    async def write(self, unit: Unit[T]) -> T:
        """Run a unit; durable when this returns."""
        return await self._detached(self._write(unit))

    async def aclose(self) -> None:
        """Finish what was begun, then close all connections."""
        self._closed = True
        while self._tasks:
            await asyncio.wait(self._tasks)
        await self._pool.close()

    async def _configure(self, connection: _Connection) -> None:
        settings = _SETTINGS.replace("{patience}", str(round(self._patience * 1000)))
        await connection.execute(settings.encode())

    async def _detached(self, work: Coroutine[None, None, T]) -> T:
        if self._closed:
            work.close()
            raise LedgerUnavailable("The ledger is closed.")
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._over)
        return await asyncio.shield(task)

    def _over(self, task: asyncio.Task[object]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # its caller may have gone: nobody else asks

    @asynccontextmanager
    async def _connected(self) -> AsyncGenerator[_Connection]:
        """A connection of the pool; what fails before it is there changed nothing."""
        try:
            connection = await self._pool.getconn()
        except psycopg.Error as error:
            raise unavailable(error) from error
        try:
            yield connection
        finally:
            await self._pool.putconn(connection)

    async def _read(self, script: Callable[[], Script[T]]) -> T:
        for again in (True, False):
            try:
                async with self._connected() as connection:
                    return await _run(connection, script())
            except (psycopg.OperationalError, psycopg.InterfaceError) as error:
                if not again:
                    raise unavailable(error) from error
                await self._pool.check()  # where one connection broke, others may have
        raise AssertionError

    async def _write(self, unit: Unit[T]) -> T:
        failure: Exception = LedgerUnavailable("never tried")
        for _ in range(_TRIES):
            try:
                return await self._once(unit)
            except errors.UniqueViolation as error:
                failure = error
                if unit.clash is not None:
                    await self._read(unit.clash)
            except (errors.SerializationFailure, errors.DeadlockDetected) as error:
                failure = error
            except _NeverBegun as error:
                failure = error
                await self._pool.check()  # where one connection broke, others may have
            except (
                psycopg.OperationalError,
                psycopg.InternalError,
                psycopg.InterfaceError,
            ) as error:
                raise unavailable(error) from error
        raise unavailable(failure) from failure

    async def _once(self, unit: Unit[T]) -> T:
        """One transaction, whole or not at all."""
        async with self._connected() as connection:
            try:
                result, transaction = await self._begun(connection, unit)
            except psycopg.Error as error:
                if connection.broken:
                    raise _NeverBegun from error
                raise
            try:
                cursor = await connection.execute("COMMIT")
            except psycopg.Error:
                if not connection.broken:
                    raise
            else:
                if cursor.statusmessage != "COMMIT":
                    raise errors.InternalError_("the commit became a rollback")
                return result
        if not await self._asked_after(transaction, unit):
            raise LedgerUnavailable("Nothing was changed in the ledger: the commit was not made.")
        return result

    async def _begun(self, connection: _Connection, unit: Unit[T]) -> tuple[T, str]:
        """Everything but the commit, and the transaction's number."""
        _, cursor = await _together(connection, _BEGIN)
        try:
            row = await cursor.fetchone()
            return await _run(connection, unit.script()), str(row[0] if row else "")
        except BaseException:
            if not connection.broken:
                await connection.execute("ROLLBACK")
            raise

    async def _asked_after(self, transaction: str, unit: Unit[T]) -> bool:
        """Whether a transaction was committed whose own answer was lost."""
        loop = asyncio.get_running_loop()
        end = loop.time() + LOST
        while loop.time() < end:
            try:
                async with self._connected() as connection:
                    query = "SELECT pg_xact_status(%s::xid8)"
                    row = await (await connection.execute(query, (transaction,))).fetchone()
                    match row:
                        case ("committed",):
                            return True
                        case ("aborted",):
                            return False
                        case ("in progress",):
                            pass
                        case _:  # another server has taken over, or too long ago
                            landed = unit.landed
                            return landed is not None and await _run(connection, landed())
            except (psycopg.Error, LedgerUnavailable):
                pass  # not there yet: ask again
            await asyncio.sleep(_PAUSE)
        raise LedgerSilent("The ledger did not say whether the change was made: look it up.")
