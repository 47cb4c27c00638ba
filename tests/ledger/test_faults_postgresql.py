"""Connections that break at every moment, a server that is away, a pool that is full."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from dataclasses import replace

import psycopg
import pytest

from ledger import postgresql
from ledger.journal import KeyTaken, LedgerSilent, LedgerUnavailable, Overtaken, State
from ledger.sql import Statement
from tests.ledger.places import PostgresSchema, new_id, now, opened, operation, over, step

pytestmark = pytest.mark.postgres


class Wire:
    """A proxy before the server that can cut at a commit, or refuse everybody."""

    def __init__(self) -> None:
        self.cut: str | None = None
        self.away = False
        self.cuts = 0
        self.has_cut = asyncio.Event()
        self.tasks: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()

    async def serve(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.tasks.add(task)
        if self.away:
            to_client.transport.abort()
            return
        server, to_server = await asyncio.open_connection("127.0.0.1", 5432)
        self._writers |= {to_client, to_server}
        mute = asyncio.Event()
        back = asyncio.create_task(self._pump(server, to_client, mute))
        with contextlib.suppress(ConnectionError):
            while data := await client.read(65536):
                if self.cut is not None and b"COMMIT" in data:
                    mute.set()
                    await self._cut_at_commit(data, to_server)
                    break
                to_server.write(data)
                await to_server.drain()
        back.cancel()
        for writer in (to_client, to_server):
            writer.transport.abort()

    async def _cut_at_commit(self, data: bytes, to_server: asyncio.StreamWriter) -> None:
        cut, self.cut = self.cut, None
        self.cuts += 1
        self.has_cut.set()
        if cut == "after":
            to_server.write(data)
            await to_server.drain()
            await asyncio.sleep(0.05)

    async def _pump(
        self, server: asyncio.StreamReader, to_client: asyncio.StreamWriter, mute: asyncio.Event
    ) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await server.read(65536):
                if not mute.is_set():
                    to_client.write(data)
                    await to_client.drain()

    def cut_all(self) -> None:
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()


@contextlib.asynccontextmanager
async def _wired(schema: PostgresSchema, **more: object) -> AsyncIterator[tuple[object, Wire]]:
    wire = Wire()
    server = await asyncio.start_server(wire.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]

    class Behind:
        url = schema.url.replace(":5432", f":{port}")

    try:
        async with opened(Behind(), **more) as books:
            yield books, wire
    finally:
        wire.cut_all()
        server.close()
        await asyncio.gather(*wire.tasks, return_exceptions=True)


async def test_a_commit_whose_answer_is_lost_is_looked_up(schema: PostgresSchema) -> None:
    async with _wired(schema) as (books, wire):
        record = operation()
        wire.cut = "after"
        assert await books.open(record) == record
        assert wire.cuts == 1
        wire.cut = "after"
        done = await books.change(record, over(record))
        assert wire.cuts == 2
        assert await books.get(record.id) == done
        assert len(await books.events(record.id)) == 2


async def test_a_commit_that_never_arrived_is_told_as_not_made(schema: PostgresSchema) -> None:
    async with _wired(schema) as (books, wire):
        record = operation()
        wire.cut = "before"
        with pytest.raises(LedgerUnavailable, match="Nothing was changed"):
            await books.open(record)
        assert wire.cuts == 1
        assert await books.get(record.id) is None
        assert await books.open(record) == record


async def test_a_connection_that_broke_while_idle_costs_nobody_anything(
    schema: PostgresSchema,
) -> None:
    async with _wired(schema) as (books, wire):
        record = await books.open(operation())
        wire.cut_all()
        assert await books.get(record.id) == record
        wire.cut_all()
        assert (await books.change(record, over(record))).state is State.CONFIRMED
        assert len(await books.events(record.id)) == 2


async def test_a_server_that_kills_all_sessions_is_got_over(schema: PostgresSchema) -> None:
    async with opened(schema) as books:
        for _ in range(5):
            told = asyncio.gather(
                *(books.open(operation()) for _ in range(10)), return_exceptions=True
            )
            await asyncio.sleep(0.005)
            with psycopg.connect(schema.url, autocommit=True) as admin:
                admin.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE pid <> pg_backend_pid() AND query LIKE '%operations%'"
                    " AND datname = 'test'"
                )
            answers = await told
            made = [one for one in answers if not isinstance(one, BaseException)]
            others = {type(one) for one in answers if isinstance(one, BaseException)}
            assert others <= {LedgerUnavailable}
            for record in made:
                assert await books.get(record.id) == record


async def test_a_server_that_is_away_is_told_and_got_over(schema: PostgresSchema) -> None:
    async with _wired(schema, patience=0.5) as (books, wire):
        record = await books.open(operation())
        wire.away = True
        wire.cut_all()
        with pytest.raises(LedgerUnavailable):
            await books.get(record.id)
        with pytest.raises(LedgerUnavailable):
            await books.open(operation())
        wire.away = False
        for _ in range(100):
            with contextlib.suppress(LedgerUnavailable):
                assert await books.get(record.id) == record
                break
            await asyncio.sleep(0.1)
        assert await books.open(operation())


async def test_a_lost_commit_of_a_server_that_stays_away_is_told_as_unknown(
    schema: PostgresSchema, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "LOST", 0.5)
    async with _wired(schema, patience=0.3) as (books, wire):
        await books.open(operation())
        wire.cut = "after"
        task = asyncio.create_task(books.open(operation()))
        await wire.has_cut.wait()
        wire.away = True
        wire.cut_all()
        with pytest.raises(LedgerSilent, match="did not say"):
            await task


async def test_a_full_pool_is_told_and_got_over(
    schema: PostgresSchema, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "MOST_WAITING", 4)
    monkeypatch.setattr(postgresql.PostgresEngine.__init__, "__kwdefaults__", {"connections": 2})
    async with opened(schema, patience=1) as books:
        first = await books.open(operation())
        with psycopg.connect(schema.url) as blocker:
            blocker.execute("LOCK TABLE operations IN ACCESS EXCLUSIVE MODE")
            told = await asyncio.gather(
                *(books.open(operation()) for _ in range(20)), return_exceptions=True
            )
            assert {type(one) for one in told} == {LedgerUnavailable}
        assert (await books.counts())[State.SENDING] == 1
        assert await books.change(first, over(first))


async def test_a_row_that_is_locked_too_long_is_told(schema: PostgresSchema) -> None:
    async with opened(schema, patience=0.2) as books:
        record = await books.open(operation())
        with psycopg.connect(schema.url) as other:
            other.execute("SELECT * FROM operations FOR UPDATE")
            with pytest.raises(LedgerUnavailable):
                await books.change(record, over(record))
            assert await books.claim("me", now(), now(), 10) == []
        assert await books.change(record, over(record))


async def test_a_key_that_is_being_taken_is_waited_for(schema: PostgresSchema) -> None:
    async with opened(schema) as books, opened(schema) as others:
        told = await asyncio.gather(
            *(one.open(operation(key=f"k{n}")) for n in range(20) for one in (books, others)),
            return_exceptions=True,
        )
        assert sum(isinstance(one, KeyTaken) for one in told) == 20


@pytest.mark.parametrize("steps", [0, 1, 20])
async def test_a_taken_key_is_nothing_that_the_log_tells_of(
    schema: PostgresSchema, caplog: pytest.LogCaptureFixture, steps: int
) -> None:
    async with opened(schema) as books:
        first = await books.open(operation(steps=tuple(step(seq) for seq in range(steps))))
        with caplog.at_level(logging.WARNING, "psycopg"):
            for _ in range(20):
                with pytest.raises(KeyTaken):
                    await books.open(replace(first, id=new_id()))
            await books.change(first, over(first))
            with pytest.raises(Overtaken):
                await books.change(first, over(first))
    assert [entry.getMessage() for entry in caplog.records] == []


async def test_a_commit_is_durable_even_where_the_server_is_told_not_to_care(
    schema: PostgresSchema,
) -> None:
    class Careless:
        url = f"{schema.url}%20-csynchronous_commit%3Doff"

    async with opened(Careless()) as books:

        def script():
            return (yield Statement("SHOW synchronous_commit"))

        assert [tuple(row) for row in await books.engine.read(script)] == [("on",)]
