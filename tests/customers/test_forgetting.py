"""Forgetting a person: nothing personal is left in the ledger, and the figures stay."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from ledger.journal import State
from loyalty.commands import AuthorizeRedemption
from loyalty.operations import Operation
from loyalty.outcomes import Done, OperationStatus
from loyalty.refs import MemberRef
from resolvers.forgetting import forget_customer, forget_member
from resolvers.records import command_of, result_of
from sandbox.onerewards.codes import Codes
from tests.customers.databases import raw_bytes, sqlite_url
from tests.customers.persons import APP_USERS
from tests.customers.shops import EVERYWHERE, NORTH, RICH, Shop, renamed, sale, shop
from tests.graph.processes import ended

NOW = datetime.now(UTC)
NAME = "Zulaikha-Unmistakable"
OTHERS = MemberRef("syw", "7081000000000042")


@pytest.fixture
def anywhere(tmp_path: Path, url: str) -> Iterator[Shop]:
    with shop(tmp_path, url) as found:
        yield found


@pytest.fixture
def at_work(tmp_path: Path) -> Iterator[Shop]:
    with shop(tmp_path, sqlite_url(tmp_path)) as found:
        yield found


async def lived_in(at_work: Shop) -> str:
    """Somebody who bought, was renamed, and is linked; the customer."""
    for command in (sale("INV-1", NORTH), sale("INV-2"), renamed(NAME, NORTH)):
        told = await at_work.did(command)
        assert told.errors == (), told.errors
    return await at_work.linked(NORTH)


def everything(url: str, folder: Path) -> bytes:
    """All that a database holds: its files, or its rows."""
    if urlsplit(url).scheme == "sqlite":
        return raw_bytes(folder)
    found = []
    with psycopg.connect(url) as connection:
        for table in ("operations", "steps", "events", "customers", "links", "counters"):
            rows = connection.execute(f"TABLE {table}".encode()).fetchall()
            found += [value for row in rows for value in row]
    return b"\0".join(each if isinstance(each, bytes) else str(each).encode() for each in found)


def earned(done: Done | None) -> Decimal:
    assert done is not None
    assert done.effect is not None
    return done.effect.earned


async def test_no_personal_byte_is_left_and_the_figures_stay(
    anywhere: Shop, url: str, tmp_path: Path
) -> None:
    customer = await lived_in(anywhere)
    async with anywhere.journal() as journal:
        bought = await journal.history(
            NORTH.program,
            NORTH.key,
            [Operation.TRANSACTION_POST.value],
            starts_at=NOW - timedelta(days=1),
            ends_at=NOW + timedelta(days=1),
        )
    told = earned(result_of(bought[0]).done)
    assert told > 0
    before = everything(url, tmp_path)
    assert NORTH.key.encode() in before, "or else the search is blind"
    assert customer.encode() in before
    async with anywhere.journal() as journal:
        forgotten = await forget_member(journal, NORTH, NOW)
    assert (forgotten.operations, forgotten.links, forgotten.customers) == (3, 1, 1)
    assert forgotten.left == 0
    after = everything(url, tmp_path)
    for personal in (NORTH.key, NAME):
        assert personal.encode() not in after
    async with anywhere.journal() as journal:
        assert await journal.customers.customer(customer) is None
        record = await journal.get(bought[0].id)
        assert record is not None
        assert (record.member, record.native, record.command) == (None, None, b"")
        assert (record.state, record.kind) == (State.CONFIRMED, "TRANSACTION_POST")
        assert (record.program, record.document) == ("northshore", "INV-1")
        assert command_of(record) is None
        done = result_of(record).done
        assert earned(done) == told
        assert done is not None
        assert (done.member, done.transaction, dict(done.native)) == (None, None, {})
        events = [event.why for event in await journal.events(record.id)]
        assert events[-1] == "done"
        other = await journal.history(
            "kopi",
            RICH.key,
            [Operation.TRANSACTION_POST.value],
            starts_at=NOW - timedelta(days=1),
            ends_at=NOW + timedelta(days=1),
        )
    assert [record.document for record in other] == ["INV-2"], "others are left alone"


async def test_what_is_forgotten_is_not_done_again(anywhere: Shop) -> None:
    """A key that comes again is told how it ended, though nothing is left to compare it with."""
    keys = {"done": "forgotten-key-0001", "refused": "forgotten-key-0002"}
    poor = replace(sale("INV-2"), redeem=Decimal(10**9))
    assert (await anywhere.did(sale("INV-1"), keys["done"])).errors == ()
    assert (await anywhere.did(poor, keys["refused"])).status is OperationStatus.REJECTED
    async with anywhere.journal() as journal:
        assert (await forget_member(journal, RICH, NOW)).left == 0
    told = await anywhere.did(sale("INV-1"), keys["done"])
    assert (told.status, told.receipt, told.errors) == (OperationStatus.SUCCEEDED, None, ())
    told = await anywhere.did(poor, keys["refused"])
    assert told.status is OperationStatus.REJECTED
    assert anywhere.sales("INV-1") == 1
    assert anywhere.sales("INV-2") == 0


async def test_what_is_not_over_is_left_whole_and_said(at_work: Shop) -> None:
    stuck = await at_work.stuck("INV-1")
    await at_work.reviewed("INV-2")
    told = ended("forget", "kopi", RICH.key, "--yes", "--config", at_work.config)
    assert told.returncode == 1
    assert told.stdout.startswith("Erased: 0 links, 0 customers, personal data of 0 operations.")
    assert told.stderr.startswith("2 operations of theirs not over yet, and left whole: ")
    record = await at_work.record(stuck.id)
    assert record.member == RICH.key
    assert record.steps[0].request is not None
    assert ended("reconcile", "--config", at_work.config).returncode == 4
    told = ended("forget", "kopi", RICH.key, "--yes", "--config", at_work.config)
    assert told.returncode == 1
    assert "personal data of 1 operation." in told.stdout
    assert told.stderr.startswith("1 operation of theirs")
    assert at_work.sales("INV-1") == 1


async def test_a_customer_is_forgotten_with_every_membership(at_work: Shop) -> None:
    customer = await lived_in(at_work)
    await at_work.linked(OTHERS, customer)
    await at_work.linked(RICH)
    told = ended(
        "forget", "--customer", at_work.customer_id(customer), "--yes", "--config", at_work.config
    )
    assert (told.returncode, told.stderr) == (0, "")
    # A sale, a new name and two links; the sale INV-2 and the third link are somebody else's.
    assert told.stdout == (
        "Erased: 2 links, 1 customer, personal data of 4 operations. The figures stay.\n"
    )
    async with at_work.journal() as journal:
        assert await journal.customers.of_member(NORTH) is None
        assert await journal.customers.of_member(OTHERS) is None
        assert await journal.customers.of_member(RICH) is not None
        assert await forget_customer(journal, customer, NOW) is None
    again = ended(
        "forget", "--customer", at_work.customer_id(customer), "--yes", "--config", at_work.config
    )
    assert again.returncode == 1
    assert again.stderr == "--customer: there is no such customer, or no more\n"


async def test_by_number_by_id_and_by_native_id(at_work: Shop) -> None:
    config = ("--yes", "--config", at_work.config)
    member = at_work.ids.of(EVERYWHERE)
    persona = next(p for p in at_work.sandbox.fabric.personas if p.key == "everywhere")
    book = at_work.sandbox.fabric.member(persona.number)
    assert book is not None
    northshore = MemberRef("northshore", str(book["native_id"]))
    for named, ref in (
        (("kopi", EVERYWHERE.key), EVERYWHERE),
        (("--member-id", member), EVERYWHERE),
        (("northshore", persona.number), northshore),
        (("northshore", northshore.key, "--native-id"), northshore),
    ):
        await at_work.linked(ref)
        told = ended("forget", *named, *config)
        assert (told.returncode, told.stderr) == (0, ""), named
        assert told.stdout.startswith("Erased: 1 link, 1 customer, "), named
    told = ended("forget", "northshore", "no such number", *config)
    assert told.returncode == 1
    assert "--native-id" in told.stderr


def test_nothing_is_erased_without_a_yes(at_work: Shop) -> None:
    told = ended("forget", "kopi", "4821", "--config", at_work.config)
    assert told.returncode == 1
    assert told.stderr.strip()


@pytest.mark.parametrize(
    "named",
    [
        (),
        ("kopi",),
        ("kopi", "4821", "--customer", "x"),
        ("--member-id", "x", "--customer", "x"),
        ("--member-id", "no id of ours"),
        ("--customer", "no id of ours"),
    ],
)
def test_whoever_is_meant_must_be_named_once(at_work: Shop, named: tuple[str, ...]) -> None:
    told = ended("forget", *named, "--yes", "--config", at_work.config)
    assert told.returncode == 2
    assert told.stdout == ""


async def test_an_authorization_is_forgotten_with_its_member(at_work: Shop, tmp_path: Path) -> None:
    sandbox = at_work.sandbox
    code = Codes(sandbox.frame).mint(sandbox.onerewards.companies[17], APP_USERS["everywhere"])
    told = await at_work.did(AuthorizeRedemption(program="kopi", code=code.code))
    assert told.receipt is not None
    assert told.receipt.done is not None
    assert told.receipt.done.member == EVERYWHERE
    async with at_work.journal() as journal:
        assert (await forget_member(journal, EVERYWHERE, NOW)).operations == 1
    written = raw_bytes(tmp_path)
    for secret in (code.code, APP_USERS["everywhere"]):
        assert secret.encode() not in written
