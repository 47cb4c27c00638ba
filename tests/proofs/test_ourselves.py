"""Faults of our own side, over real processes: stops, pauses, a locked ledger, crowds on a key."""

import asyncio
import signal
import sqlite3
from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import httpx
import pytest

from tests.proofs.houses import House, house, patience, postgres_database
from tests.proofs.judge import kinds
from tests.proofs.visits import (
    SALE,
    SETTLED,
    asked_of,
    insisted,
    scene_at,
    settled_at,
    till_at,
    true_of,
    when_it_arrives,
)
from tests.proofs.wire_faults import DelayReply, LoseReply

PACE = 0.1
KEYS = patience(8.0, 1.0, 60.0)

pytestmark = pytest.mark.timeout(120)


@contextmanager
def standing(folder: Path, *, replicas: bool) -> Generator[House]:
    """A house: one server on SQLite, or two that share a PostgreSQL database."""
    with ExitStack() as stack:
        ledger = stack.enter_context(postgres_database()) if replicas else None
        servers = 2 if replicas else 1
        yield stack.enter_context(
            house(folder, ledger=ledger, servers=servers, pace=PACE, programs=KEYS)
        )


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[House]:
    with standing(tmp_path, replicas=False) as running:
        yield running


@pytest.fixture
def at_full_pace(tmp_path: Path) -> Iterator[House]:
    """One server as it is in earnest: it outwaits a lock of the ledger."""
    with house(tmp_path) as running:
        yield running


@pytest.fixture
def both(tmp_path: Path) -> Iterator[House]:
    with standing(tmp_path, replicas=True) as running:
        yield running


async def test_a_stop_waits_for_what_is_on_the_wire(alone: House) -> None:
    number, given = await scene_at(alone, 0)
    alone.proxy.spoil(SALE.path, DelayReply(0.5))
    asking = asyncio.create_task(asked_of(alone, 0, "stopped-while-sent-1", given))
    await asyncio.sleep(0.25)
    assert await asyncio.to_thread(alone.servers[0].end) == 0
    told = await asking
    assert told.status == "SUCCEEDED"
    true_of(alone, number, told.status)


async def test_a_paused_server_finds_its_work_done_by_the_other(both: House) -> None:
    number, given = await scene_at(both, 1)
    arrived = when_it_arrives(both, lambda: both.servers[0].signal(signal.SIGSTOP))
    asking = asyncio.create_task(asked_of(both, 0, "paused-while-sent-01", given))
    assert await asyncio.to_thread(arrived.wait, SETTLED)
    assert await settled_at(both, 1, "paused-while-sent-01") == "SUCCEEDED"
    both.servers[0].signal(signal.SIGCONT)
    told = await asking
    assert told.status in {"SUCCEEDED", "PENDING"}
    assert await settled_at(both, 0, "paused-while-sent-01") == "SUCCEEDED"
    true_of(both, number, "SUCCEEDED")


async def test_a_killed_servers_work_is_done_by_the_other(both: House) -> None:
    number, given = await scene_at(both, 2)
    when_it_arrives(both, lambda: both.servers[0].signal(signal.SIGKILL), LoseReply())
    with pytest.raises(httpx.HTTPError):
        await asked_of(both, 0, "killed-while-sent-01", given)
    assert await settled_at(both, 1, "killed-while-sent-01") == "SUCCEEDED"
    true_of(both, number, "SUCCEEDED")


@pytest.mark.parametrize("replicas", [False, True])
async def test_fifty_with_one_key_at_once_are_one_sale(tmp_path: Path, replicas: bool) -> None:
    with standing(tmp_path, replicas=replicas) as running:
        number, given = await scene_at(running, 3)
        places = len(running.servers)
        answers = await asyncio.gather(
            *(asked_of(running, turn % places, "fifty-at-once-000001", given) for turn in range(50))
        )
        counted = Counter((told.status, told.replayed) for told in answers)
        assert counted == {("SUCCEEDED", False): 1, ("SUCCEEDED", True): 49}
        assert len({told.operation for told in answers}) == 1
        true_of(running, number, "SUCCEEDED")


async def test_fifty_keys_for_one_document_are_one_sale(alone: House) -> None:
    number, given = await scene_at(alone, 4)
    answers = await asyncio.gather(
        *(insisted(alone, 0, f"one-document-{turn:06d}", given) for turn in range(50))
    )
    counted = Counter((told.status, told.codes) for told in answers)
    assert counted == {("SUCCEEDED", ()): 1, ("REJECTED", ("DUPLICATE",)): 49}
    true_of(alone, number, "SUCCEEDED")


async def test_anothers_key_reveals_nothing(alone: House) -> None:
    number, given = await scene_at(alone, 5)
    key = "a-key-of-one-till-01"
    assert (await asked_of(alone, 0, key, given)).status == "SUCCEEDED"
    async with till_at(alone, subject="till-2") as other:
        assert await other.outcome(key) is None
    true_of(alone, number, "SUCCEEDED")


async def test_a_client_that_leaves_finds_its_sale_done_once(alone: House) -> None:
    number, given = await scene_at(alone, 6)
    for turn, seconds in enumerate((0.001, 0.003, 0.006, 0.01, 0.02, 0.04, 0.08)):
        key = f"client-that-left-{turn:04d}"
        sale = {**given, "document": {"id": f"LEFT-{turn}"}}
        before = len(alone.books.effects(upstream="onerewards", member=number))
        with suppress(httpx.HTTPError):
            async with till_at(alone) as till:
                till.http.timeout = httpx.Timeout(seconds)
                await till.tell(SALE.mutation, key, sale)
        told = await asked_of(alone, 0, key, sale)
        assert told.status == "SUCCEEDED"
        assert len(alone.books.effects(upstream="onerewards", member=number)) == before + 1


@contextmanager
def locked(running: House) -> Generator[None]:
    """Somebody else keeps the ledger's file; begun and ended in any thread."""
    path = running.folder / "loyalty.db"
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA busy_timeout = 5000")
        connection.execute("BEGIN EXCLUSIVE")
        yield
        connection.execute("ROLLBACK")
    finally:
        connection.close()


async def test_nothing_is_sent_that_cannot_be_recorded(at_full_pace: House) -> None:
    alone = at_full_pace
    number, given = await scene_at(alone, 7)
    key = "while-it-is-locked-01"
    with locked(alone):
        told = await asked_of(alone, 0, key, given)
        assert (told.status, told.codes, told.retries) == (
            "REJECTED",
            ("LEDGER_UNAVAILABLE",),
            ("SAME_KEY_LATER",),
        )
        assert alone.books.calls(upstream="onerewards", operation=SALE.write) == []
    assert (await asked_of(alone, 0, key, given)).status == "SUCCEEDED"
    true_of(alone, number, "SUCCEEDED")


async def test_what_was_sent_is_recorded_once_it_can_be(alone: House) -> None:
    number, given = await scene_at(alone, 8)
    key = "locked-while-it-is-sent"
    with ExitStack() as stack:
        when_it_arrives(alone, lambda: stack.enter_context(locked(alone)))
        told = await asked_of(alone, 0, key, given)
        assert told.status == "PENDING"
    assert await settled_at(alone, 0, key) == "SUCCEEDED"
    assert kinds(alone.books.effects(upstream="onerewards", member=number)) == {"earn": 1}
