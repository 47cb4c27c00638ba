from datetime import UTC, datetime, timedelta

import pytest

from sandbox import fabric
from sandbox.books import Books
from sandbox.clock import Clock
from sandbox.faults import Faults
from sandbox.frame import Frame
from sandbox.switches import Switches

NOW = datetime(2026, 6, 14, 18, 30, tzinfo=UTC)
KEYS = {
    "rich", "zero", "expiring", "inactive", "twelve_digits", "no_tier", "non_latin",
    "same_phone_a", "same_phone_b", "everywhere", "vouchers", "restricted", "pending",
}  # fmt: skip


def world(seed=7, now=NOW):
    frame = Frame(Clock(now), Books(), Faults(), Switches())
    return frame, fabric.State(frame, seed)


def told(state, count=40):
    return [state.member(each.loyalty_number) for each in list(state.profiles())[:count]]


def test_the_same_seed_and_day_give_the_same_world():
    assert told(world()[1]) == told(world()[1])
    assert told(world()[1]) == told(world(now=NOW + timedelta(hours=3))[1])


def test_another_seed_gives_other_people_and_the_same_personas():
    one, other = world()[1], world(seed=8)[1]
    personas = [each.number for each in one.personas]
    assert [one.member(each) for each in personas] == [other.member(each) for each in personas]
    assert told(one) != told(other)


def test_reset_goes_back_to_the_seeded_world_of_the_first_day():
    frame, state = world()
    before = told(state)
    frame.clock.advance(86_400 * 40)
    assert told(state) != before
    frame.reset()
    state.reset()
    assert told(state) == before


def test_personas_are_dated_by_the_day_the_clock_starts():
    later = NOW + timedelta(days=500)
    (first, *_) = world(now=later)[1].member("70410002303")["expiring"]
    assert later < datetime.fromisoformat(first["at"]) < later + timedelta(days=7)


def test_everybody_has_a_number_and_an_id_of_their_own():
    people = list(world()[1].profiles())
    assert len(people) >= 10_000
    assert len({each.profile_id for each in people}) == len(people)
    assert len({each.loyalty_number for each in people}) == len(people)
    assert all(len(each.loyalty_number) == 11 for each in people)
    assert len({each.email for each in people}) == len(people)


def test_the_personas_are_there_under_their_numbers():
    state = world()[1]
    assert {each.key for each in state.personas} == KEYS
    for persona in state.personas:
        assert persona.upstream == "fabric"
        assert persona.number.startswith("704100023")
        assert state.member(persona.number)["number"] == persona.number


def test_a_member_is_found_by_number_and_by_id():
    state = world()[1]
    by_number = state.member("70410002321")
    assert by_number["name"] == "Aisyah Rahman"
    assert state.member(by_number["native_id"]) == by_number
    assert state.member("70419999999") is None


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (
            "70410002318",
            {"points": "466.00", "worth": "23.30", "pending": "0.00", "restricted": "20.00"},
        ),
        (
            "70410002315",
            {"points": "300.00", "worth": "15.00", "pending": "66.00", "restricted": "0.00"},
        ),
        ("70410002302", {"points": "0.00", "expiring": [], "vouchers": [], "transactions": []}),
        ("70410002305", {"status": "Disabled"}),
        ("70410002308", {"tier": None, "offers": []}),
        ("70410002309", {"name": "小明 李"}),
    ],
)
def test_the_books_of_a_persona(number, shown):
    member = world()[1].member(number)
    assert {name: member[name] for name in shown} == shown


def test_the_vouchers_persona_holds_one_in_every_state():
    vouchers = world()[1].member("70410002313")["vouchers"]
    assert {each["state"] for each in vouchers} == {
        "usable", "used", "cancelled", "reversed", "expired",
    }  # fmt: skip


def test_points_of_the_expiring_persona_end_within_a_week():
    (first, *_) = world()[1].member("70410002303")["expiring"]
    assert first["points"] == "120.00"
    assert NOW < datetime.fromisoformat(first["at"]) < NOW + timedelta(days=7)
