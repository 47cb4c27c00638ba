"""Telluride's seeded world: who is in it, that it repeats, and what a reset brings back."""

from datetime import UTC, datetime, timedelta

import pytest

from sandbox import telluride
from sandbox.books import Books
from sandbox.clock import Clock
from sandbox.faults import Faults
from sandbox.frame import Frame
from sandbox.switches import Switches
from sandbox.telluride.points import replay
from sandbox.telluride.times import midnight_ms, time_of_day_ms

from .conftest import NOW

KEYS = {
    "rich", "zero", "expiring", "merged", "inactive", "twelve_digits", "no_tier", "non_latin",
    "same_phone_a", "same_phone_b", "everywhere", "surprise", "affinities",
}  # fmt: skip


def world(seed: int = 7, now: datetime = NOW) -> telluride.State:
    return telluride.State(Frame(Clock(now), Books(), Faults(), Switches()), seed)


def luhn_valid(number: str) -> bool:
    digits = [int(digit) for digit in reversed(number)]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def test_ten_thousand_members_with_valid_numbers(desk):
    members = desk.state.world.members
    assert len(members) >= 10_000
    assert all(len(number) == 16 and number.startswith("7081") for number in members)
    assert all(luhn_valid(number) for number in members)
    assert luhn_valid("7081555000000018")
    assert not luhn_valid("7081555000000019")


def test_everybody_has_contact_data_and_a_tier_of_the_programme(desk):
    members = desk.state.world.members.values()
    assert {member.tier for member in members} == {"", "Base", "Silver", "Gold"}
    assert all("@" in member.email and len(member.phones[0].number) == 10 for member in members)


def test_the_same_seed_and_day_are_the_same_world_and_another_seed_is_not():
    one, same, other = world(), world(), world(8)
    number = list(one.world.members)[2000]
    assert one.member(number) == same.member(number)
    assert one.member(number) != other.member(number)


def test_nobody_ever_had_less_than_nothing(desk):
    now = desk.state.now
    for number in list(desk.state.world.members)[:400]:
        rows = replay(desk.state.world.account(number).events, now).rows
        assert all(row.balance >= 0 for row in rows)
        balance = 0
        for row in rows:
            balance += row.event.change
            assert row.balance == balance


def test_personas_are_there_with_fixed_numbers(desk):
    personas = {persona.key: persona for persona in desk.state.personas}
    assert personas.keys() >= KEYS
    assert personas["rich"].number == "7081555000000018"
    assert personas["everywhere"].number == "7081555000000117"
    books = desk.client.get(f"/__sandbox__/members/telluride/{personas['everywhere'].number}")
    assert books.json()["name"] == "Aisyah Rahman"
    assert all(luhn_valid(persona.number) for persona in personas.values())


def test_balances_of_personas(desk):
    def points(key: str) -> str:
        return desk.state.member(desk.number(key))["points"]

    assert (points("zero"), points("twelve_digits")) == ("0", "123456789012")
    assert int(points("rich")) > 1_500_000


@pytest.mark.parametrize("days", [0, 40, 400])
def test_expiring_stays_within_the_week_of_the_day_the_world_began(days):
    state = world(now=NOW + timedelta(days=days))
    number = next(persona.number for persona in state.personas if persona.key == "expiring")
    soon = (state.now + timedelta(days=7)).date().isoformat()
    within = [int(lot["points"]) for lot in state.member(number)["expiring"] if lot["at"] <= soon]
    assert sum(within) == 3200


def test_a_reset_brings_the_seeded_world_back_and_forgets_tokens(desk):
    number = desk.number("everywhere")
    before = desk.state.member(number)
    desk.state.world.account(number).events.clear()
    assert desk.state.member(number) != before
    desk.client.post("/__sandbox__/reset")
    assert desk.state.member(number) == before
    assert desk.post("GetRewardBalance", {}).json()["error"] == "ACCESSTOKEN_INVALID"


def test_the_books_of_a_stranger_are_none(desk):
    assert desk.state.member("7081999999999995") is None


def test_the_books_hold_lots_offers_and_transactions(desk):
    books = desk.state.member(desk.number("surprise"))
    assert [(part["points"], part["at"]) for part in books["expiring"]] == [
        ("500", "2025-01-19"),
        ("1500", "2025-02-04"),
        ("12500", "2025-11-16"),
    ]
    assert {"SUR-1", "TOYS50"} <= set(books["offers"])
    assert [(row["kind"], row["points"]) for row in books["transactions"]] == [("P", "12500")]


def test_the_time_of_day_is_on_standard_time_even_in_summer():
    summer = datetime(2025, 7, 1, 15, 0, tzinfo=UTC)  # ten in the morning, Central
    assert time_of_day_ms(summer) == 16 * 3_600_000
    assert midnight_ms(summer) == 1_751_346_000_000
