"""The commands as processes, on a ledger with operations that got stuck, in both databases."""

import asyncio
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import cast
from uuid import uuid4

import pytest

from graph.app import connected
from ledger.journal import Journal, State
from loyalty.commands import LinkMembership
from loyalty.errors import RetryAdvice
from loyalty.outcomes import OperationStatus
from resolvers.desk import Desk
from tests.customers.databases import sqlite_url
from tests.customers.shops import EVERYWHERE, FAST, TILL, Shop, sale, shop
from tests.graph.processes import ended


@pytest.fixture
def at_work(tmp_path: Path) -> Iterator[Shop]:
    with shop(tmp_path, sqlite_url(tmp_path)) as found:
        yield found


@pytest.fixture
def anywhere(tmp_path: Path, url: str) -> Iterator[Shop]:
    """The same over either database."""
    with shop(tmp_path, url) as found:
        yield found


def test_an_empty_ledger_has_nothing_to_show_or_to_settle(at_work: Shop) -> None:
    told = ended("operations", "--config", at_work.config)
    assert (told.returncode, told.stderr) == (0, "")
    assert told.stdout == "Nothing is open, and nothing needs a person.\n"
    told = ended("reconcile", "--config", at_work.config)
    assert (told.returncode, told.stderr) == (0, "")
    assert told.stdout == "0 settled; 0 still open\n"


async def test_reconcile_settles_what_is_stuck_and_says_how(anywhere: Shop) -> None:
    there = await anywhere.stuck("INV-1")
    lost = await anywhere.stuck("INV-2", applied=False)
    assert (anywhere.sales("INV-1"), anywhere.sales("INV-2")) == (1, 0)
    listed = ended("operations", "--config", anywhere.config)
    assert listed.returncode == 0
    assert listed.stdout.splitlines()[0].startswith("State ")
    for record in (there, lost):
        assert re.search(rf"IN_DOUBT +TRANSACTION_POST +kopi .*{record.id}", listed.stdout)
    assert "2 open, 0 in need of a person" in listed.stdout

    told = ended("reconcile", "--config", anywhere.config)
    assert told.returncode == 0, told
    for record in (there, lost):
        row = rf"{record.id} +TRANSACTION_POST +kopi +IN_DOUBT +CONFIRMED +done"
        assert re.search(row, told.stdout), told.stdout
    assert "2 settled (2 CONFIRMED); 0 still open" in told.stdout
    assert "2 of 2 ended, 0 open" in told.stderr
    assert (anywhere.sales("INV-1"), anywhere.sales("INV-2")) == (1, 1), "each sale once"
    assert (await anywhere.record(there.id)).state is State.CONFIRMED
    assert ended("reconcile", "--config", anywhere.config).stdout == "0 settled; 0 still open\n"


async def test_reconcile_tells_what_it_had_to_leave_open(at_work: Shop) -> None:
    record = await at_work.stuck("INV-1")
    at_work.fault("*", status=503)
    told = ended("reconcile", "--for", "1", "--config", at_work.config)
    assert told.returncode == 3, told
    assert re.search(rf"{record.id} .*IN_DOUBT +IN_DOUBT", told.stdout)
    assert "0 settled; 1 still open" in told.stdout
    assert "1 open, 0 in need of a person" in told.stdout
    assert (await at_work.record(record.id)).state is State.IN_DOUBT


async def test_what_needs_a_person_is_told_by_its_own_exit_code(at_work: Shop) -> None:
    stuck, reviewed = await at_work.stuck("INV-1"), await at_work.reviewed("INV-2")
    told = ended("reconcile", "--config", at_work.config)
    assert told.returncode == 4
    assert "1 settled (1 CONFIRMED); 0 still open" in told.stdout
    assert "0 open, 1 in need of a person" in told.stdout
    assert (await at_work.record(stuck.id)).state is State.CONFIRMED
    assert (await at_work.record(reviewed.id)).state is State.NEEDS_REVIEW


async def test_two_reconcile_side_by_side_and_each_sale_is_posted_once(anywhere: Shop) -> None:
    stuck = [await anywhere.stuck(f"INV-{n}", applied=n % 2 == 0) for n in range(6)]
    both = await asyncio.gather(
        *(asyncio.to_thread(ended, "reconcile", "--config", anywhere.config) for _ in range(2))
    )
    # Whoever ends first may leave open what is in the other's hands, and says so.
    assert sorted(told.returncode for told in both) in ([0, 0], [0, 3]), both
    assert [anywhere.sales(f"INV-{n}") for n in range(6)] == [1] * 6
    for each in stuck:
        assert (await anywhere.record(each.id)).state is State.CONFIRMED


async def test_the_evidence_is_shown_without_a_person_or_a_secret(at_work: Shop) -> None:
    record = await at_work.reviewed("INV-1")
    told = ended("operations", "show", record.id, "--config", at_work.config)
    assert told.returncode == 0, told
    for word in (
        record.id,
        "NEEDS_REVIEW",
        "TRANSACTION_POST",
        "INV-1",
        record.steps[0].digest.hex(),
        "looked: it may be there, or another",
        "IN_DOUBT -> NEEDS_REVIEW",
        '{"looks": 3, "seen": "nothing"}',
    ):
        assert word in told.stdout
    assert "4801" not in told.stdout
    assert "Aminah" not in told.stdout
    none = ended("operations", "show", "0" * 32, "--config", at_work.config)
    assert (none.returncode, none.stdout) == (1, "")
    assert none.stderr == "there is no such operation in this ledger\n"


@pytest.mark.parametrize(
    ("word", "state", "status"),
    [
        ("confirmed", State.CONFIRMED, OperationStatus.SUCCEEDED),
        ("failed", State.FAILED, OperationStatus.REJECTED),
        ("compensated", State.COMPENSATED, OperationStatus.REVERSED),
    ],
)
async def test_a_verdict_is_recorded_and_told_to_the_client(
    at_work: Shop, word: str, state: State, status: OperationStatus
) -> None:
    record = await at_work.reviewed("INV-1")
    reason = "ticket 4711: seen in the back office"
    arguments = ("--as", word, "--reason", reason, "--operator", "ops-kim")
    settle = ("operations", "settle", record.id, *arguments, "--config", at_work.config)
    told = ended(*settle)
    assert (told.returncode, told.stderr) == (0, "")
    assert told.stdout == f"{record.id} is {state.value} now, by ops-kim: {reason}\n"
    after = await at_work.record(record.id)
    assert (after.state, after.finished_at is not None) == (state, True)
    assert [step.request for step in after.steps] == [None]
    async with at_work.journal() as journal:
        last = (await journal.events(record.id))[-1]
    assert (last.before, last.after) == (State.NEEDS_REVIEW, state)
    assert (last.why, last.actor) == (reason, "operator:ops-kim")
    async with at_work.desk() as desk:
        receipt = await desk.operation(TILL, record.key)
    assert receipt is not None
    assert receipt.status is status
    assert bool(receipt.errors) is (status is not OperationStatus.SUCCEEDED)
    again = ended(*settle)
    assert again.returncode == 1
    assert again.stderr == (f"{record.id} is {state.value}: only NEEDS_REVIEW is settled by hand\n")


async def test_only_what_is_under_review_is_settled_by_hand(at_work: Shop) -> None:
    told = await at_work.did(sale("INV-1"))
    stuck = await at_work.stuck("INV-2")
    assert told.receipt is not None
    for operation in (told.receipt.operation, stuck.id):
        verdict = ("--as", "failed", "--reason", "no", "--config", at_work.config)
        refused = ended("operations", "settle", operation, *verdict)
        assert refused.returncode == 1
        assert "only NEEDS_REVIEW is settled by hand" in refused.stderr
    assert (await at_work.record(stuck.id)).state is State.IN_DOUBT
    missing = ended("operations", "settle", "0" * 32, *verdict)
    assert missing.returncode == 1


def test_a_verdict_needs_a_reason_and_a_word_that_there_is(at_work: Shop) -> None:
    config = ("--config", at_work.config)
    for arguments in (
        ("--as", "failed"),
        ("--as", "failed", "--reason", "  "),
        ("--as", "failed", "--reason", "two\nlines"),
        ("--as", "perhaps", "--reason", "who knows"),
        ("--reason", "why"),
    ):
        told = ended("operations", "settle", uuid4().hex, *arguments, *config)
        assert told.returncode == 2, arguments
        assert told.stdout == ""


def test_commands_without_a_usable_ledger_end_with_one_line(at_work: Shop, tmp_path: Path) -> None:
    text = at_work.config.read_text("utf-8")
    ledger = re.search(r'url = "((?:sqlite|postgresql)[^"]*)"', text)
    assert ledger is not None
    wrong = at_work.config.with_name("wrong.toml")
    wrong.write_text(text.replace(ledger[1], f"sqlite:///{tmp_path}/none/ledger.db"), "utf-8")
    for command in (
        ("operations",),
        ("operations", "show", "0" * 32),
        ("reconcile",),
        ("forget", "kopi", "4801", "--yes"),
    ):
        told = ended(*command, "--config", wrong)
        assert told.returncode == 2
        assert told.stdout == ""
        assert told.stderr.startswith("ledger.url: The ledger's folder ")
        assert told.stderr.count("\n") == 1
    told = ended("operations")
    assert told.returncode == 2
    assert "--config" in told.stderr


async def test_a_file_that_another_process_keeps_locked_is_said_to_be(
    at_work: Shop, tmp_path: Path
) -> None:
    record = await at_work.stuck("INV-1")
    with closing(sqlite3.connect(tmp_path / "ledger.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        for command in (("reconcile",), ("operations",)):
            told = ended(*command, "--config", at_work.config)
            assert told.returncode in {1, 2}
            assert told.stdout == ""
            assert "another process" in told.stderr
            assert "lock" in told.stderr
            assert told.stderr.count("\n") == 1
    assert (await at_work.record(record.id)).rev == record.rev


class Dying:
    """A journal of a process that dies after it has begun an operation."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def __getattr__(self, name: str) -> object:
        return getattr(self._journal, name)

    async def change(self, *_: object) -> None:
        await asyncio.Event().wait()


async def test_a_link_that_was_begun_and_left_is_made_once(anywhere: Shop) -> None:
    async with anywhere.journal() as journal, connected(anywhere.settings.programs) as accounts:
        desk = Desk(accounts, cast("Journal", Dying(journal)), pace=replace(FAST, drain=0.0))
        command = LinkMembership(member=EVERYWHERE, own=True, operator="till 3")
        told = await desk.do(TILL, "a-key-of-the-till", command, "trace")
        await desk.aclose()
        assert told.status is OperationStatus.PENDING
        assert [error.retry for error in told.errors] == [RetryAdvice.CHECK_OPERATION]
        assert await journal.customers.of_member(EVERYWHERE) is None
    settled = ended("reconcile", "--config", anywhere.config)
    assert settled.returncode == 0, settled
    assert "MEMBERSHIP_LINK" in settled.stdout
    async with anywhere.desk() as desk:
        again = await desk.do(TILL, "a-key-of-the-till", command, "trace")
    assert again.receipt is not None
    assert (again.status, again.receipt.replayed) == (OperationStatus.SUCCEEDED, True)
    async with anywhere.journal() as journal:
        customer = await journal.customers.of_owner(TILL.scope)
    assert customer is not None
    assert [each.member for each in customer.memberships] == [EVERYWHERE]
    assert customer.id == again.receipt.operation
