"""What is kept only for a time is gone when the time is over, without anybody asking for it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ledger.books import Books
from ledger.journal import LedgerUnavailable, Record
from ledger.open import open_ledger
from loyalty.outcomes import OperationStatus
from resolvers.accounts import Accounts
from resolvers.desk import Desk
from resolvers.office import Clocks
from resolvers.pace import Pace
from resolvers.sweeping import Sweeper
from tests.resolvers.desks import ANN, account, authorize, post
from tests.resolvers.fake_program import FakeProgram

KEY = "one-key-for-this-test"
RETENTION = timedelta(days=400)
FAST = Pace(sweep=0.05)


class Calendar:
    """A wall clock that is moved by hand."""

    def __init__(self) -> None:
        self.at = datetime.now(UTC)

    def now(self) -> datetime:
        return self.at


@pytest.fixture
def calendar() -> Calendar:
    return Calendar()


@pytest.fixture
async def books(tmp_path: Path, calendar: Calendar) -> AsyncIterator[Books]:
    opened = await open_ledger(f"sqlite:///{tmp_path}/ledger.db", [b"k" * 32], clock=calendar.now)
    yield opened
    await opened.aclose()


@pytest.fixture
async def desk(books: Books, calendar: Calendar) -> AsyncIterator[Desk]:
    made = Desk(
        Accounts([account(FakeProgram())]), books, pace=FAST, clocks=Clocks(now=calendar.now)
    )
    sweeping = asyncio.create_task(Sweeper(made.office, RETENTION).run())
    yield made
    sweeping.cancel()
    await made.aclose()


async def after(books: Books, calendar: Calendar, operation: str, passed: timedelta) -> Record:
    """The operation as it is kept, some time after."""
    calendar.at += passed
    await asyncio.sleep(0.3)
    record = await books.get(operation)
    assert record is not None
    return record


async def test_a_right_that_is_over_is_blanked(
    desk: Desk, books: Books, calendar: Calendar
) -> None:
    told = await desk.do(ANN, KEY, authorize(), "t")
    assert told.receipt is not None
    assert told.receipt.done is not None
    assert told.receipt.done.secret == "right-to-redeem"
    operation = told.receipt.operation
    assert (await after(books, calendar, operation, timedelta(minutes=9))).result_secret is not None
    assert (await after(books, calendar, operation, timedelta(minutes=2))).result_secret is None


async def test_a_key_is_free_after_thirty_days_and_what_was_asked_goes_with_the_retention(
    desk: Desk, books: Books, calendar: Calendar
) -> None:
    told = await desk.do(ANN, KEY, post(), "t")
    assert told.receipt is not None
    operation = told.receipt.operation
    assert (await after(books, calendar, operation, timedelta(days=29))).key == KEY
    record = await after(books, calendar, operation, timedelta(days=2))
    assert record.key != KEY
    assert record.command
    assert await books.find(ANN.scope, KEY) is None
    record = await after(books, calendar, operation, RETENTION)
    assert record.command == b""
    assert record.result


async def test_an_outage_of_the_ledger_ends_no_sweeping(
    desk: Desk, books: Books, calendar: Calendar, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = await desk.do(ANN, KEY, post(), "t")
    assert told.status is OperationStatus.SUCCEEDED
    sweep, calls = books.sweep, 0

    async def failing(*args: datetime) -> int:
        nonlocal calls
        calls += 1
        if calls < 3:
            raise LedgerUnavailable if calls == 1 else ZeroDivisionError
        return await sweep(*args)

    monkeypatch.setattr(books, "sweep", failing)
    calendar.at += timedelta(days=31)
    await asyncio.sleep(0.5)
    assert await books.find(ANN.scope, KEY) is None
