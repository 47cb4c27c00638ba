from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from sandbox.fabric.book import Book
from sandbox.fabric.events import Step
from sandbox.fabric.scribe import Award, adjust, basket, earn, handle, issue

START = datetime(2026, 1, 1, 12, tzinfo=UTC)
VALUE = Decimal("0.05")
NEVER_PENDING = 0


def day(count):
    return START + timedelta(days=count)


def bought(book, at, points, **award):
    base = Decimal(points)
    sale = basket(base)
    earn(book, at, Award(base=base, **award), store="ONLINE", reference="R", sale=sale)


def rests(book, at):
    return {
        (each.lot.expires_at.date().isoformat(), int(each.left))
        for each in book.holdings(at, NEVER_PENDING)
        if each.counts
    }


@pytest.fixture
def book():
    made = Book("3b6f0c52-9d1e-4a77-8c40-5e2d91f7a6b3")
    bought(made, day(0), 300)
    bought(made, day(100), 200)
    return made


def test_points_live_365_days_to_the_end_of_that_day(book):
    assert rests(book, day(364)) == {("2027-01-01", 300), ("2027-04-11", 200)}
    assert rests(book, day(366)) == {("2027-04-11", 200)}
    assert book.expired(day(366)) == [(datetime(2027, 1, 1, 23, 59, 59, tzinfo=UTC), Decimal(300))]


def test_a_reward_takes_the_oldest_expiry_first(book):
    issue(book, day(200), Decimal(20), VALUE, store="ONLINE", user="web")
    assert rests(book, day(200)) == {("2027-04-11", 100)}
    assert book.used() == 400


def test_a_reward_takes_its_stores_restricted_points_first_and_no_others(book):
    sale = basket(Decimal(10))
    for store in ("NS-SEA-04", "NS-PDX-01"):
        award = Award(base=Decimal(0), bonus=Decimal(50), bonus_store=store)
        earn(book, day(150), award, store=store, reference=store, sale=sale)
    issue(book, day(200), Decimal(5), VALUE, store="NS-PDX-01", user="web")
    left = [int(each.left) for each in book.holdings(day(200), NEVER_PENDING)]
    assert left == [250, 200, 50, 0]


def test_pending_points_do_not_pay(book):
    bought(book, day(150), 1000, pending=True, expires_at=day(160))
    issue(book, day(155), Decimal(5), VALUE, store="ONLINE", user="web")
    assert rests(book, day(155)) == {("2027-01-01", 200), ("2027-04-11", 200), ("2026-06-10", 1000)}


def test_a_cancelled_reward_gives_points_back_with_their_former_expiry(book):
    code = issue(book, day(200), Decimal(20), VALUE, store="ONLINE", user="web")
    handle(book, code, Step.CANCELLED, day(201), user="web")
    assert rests(book, day(201)) == {("2027-01-01", 300), ("2027-04-11", 200)}
    assert (book.used(), book.earned()) == (0, 500)


def test_points_whose_expiry_has_passed_return_with_a_new_one(book):
    code = issue(book, day(300), Decimal(20), VALUE, store="ONLINE", user="web")
    handle(book, code, Step.REDEEMED, day(301), user="web")
    handle(book, code, Step.REVERSED, day(370), user="web")
    assert rests(book, day(370)) == {("2027-04-11", 200), ("2028-01-06", 300)}
    assert (book.used(), book.earned(), book.balance(day(370))) == (0, 500, 500)


def test_a_negative_adjustment_is_a_deduction(book):
    adjust(book, day(110), Decimal(-25), store="ONLINE", reason="4199")
    row = book.journal[-1]
    assert (row.kind, row.points, row.base, row.balance) == ("DEDUCT", -25, 25, 475)
    assert (book.deducted(), book.used()) == (25, 0)


def test_every_transaction_has_a_code_of_its_own(book):
    code = issue(book, day(200), Decimal(5), VALUE, store="ONLINE", user="web")
    handle(book, code, Step.CANCELLED, day(201), user="web")
    codes = [row.code for row in book.transactions(day(400))]
    assert [row.kind for row in book.journal] == ["EARN", "EARN", "BURN", "BURN_REVERSE"]
    assert len(set(codes)) == len(codes) == 5


def test_a_reward_expires_90_days_after_its_issue_at_the_end_of_the_day(book):
    code = issue(book, day(0), Decimal(5), VALUE, store="ONLINE", user="web")
    reward = book.rewards[code]
    assert reward.expires_at == datetime(2026, 4, 1, 23, 59, 59, tzinfo=UTC)
    assert reward.status(reward.expires_at) == "Active"
    assert reward.status(reward.expires_at + timedelta(seconds=1)) == "Expired"
