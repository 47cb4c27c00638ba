"""Faults on Telluride's writes: what was told and what was done are two things, and both exact."""

import pytest

from sandbox.frame import ConnectionDropped

from .conftest import Desk, request
from .writing import (
    BONUS,
    CREATE,
    EARN,
    LINK,
    REDEMPTION,
    deltas,
    earn,
    line,
    redeem,
    rows,
    sound,
    void,
)

WRITES = [
    (EARN, {"EarnFlag": "E"}),
    (REDEMPTION, {"Function": "R"}),
    (BONUS, {}),
    (CREATE, {"EmailAddress": "new@example.com", "PhoneNumbers": {}}),
    (LINK, {}),
]


def sent(desk: Desk, api: str, changes: dict[str, object]):
    names = request(api)
    member = "memberNumber" if "memberNumber" in names else "MemberNumber"
    number = {} if api == CREATE else {member: desk.number("everywhere")}
    return desk.post(api, {**names, **number, **changes})


@pytest.mark.parametrize(("api", "changes"), WRITES)
@pytest.mark.parametrize(("drop", "count"), [("before", 0), ("after", 1)])
def test_a_dropped_call_is_applied_or_not(desk, api, changes, drop, count):
    desk.fault(api, drop=drop)
    with pytest.raises(ConnectionDropped):
        sent(desk, api, changes)
    assert len(desk.effects()) == count
    sound(desk)


@pytest.mark.parametrize(("api", "changes"), WRITES)
@pytest.mark.parametrize("apply", [True, False])
def test_a_500_is_applied_or_not(desk, api, changes, apply):
    desk.fault(api, status=500, apply=apply)
    assert sent(desk, api, changes).status_code == 500
    assert len(desk.effects()) == (1 if apply else 0)


@pytest.mark.parametrize(("api", "changes"), WRITES)
@pytest.mark.parametrize(("suffix", "count"), [("", 0), (":apply", 1)])
def test_a_database_error_is_applied_or_not(desk, api, changes, suffix, count):
    desk.switch(database_error_apis=f"GetMemberLookup,{api}{suffix}")
    text = sent(desk, api, changes).text
    assert '"90"' in text
    assert len(desk.effects()) == count
    sound(desk)


def test_a_refusal_stays_one_under_an_applied_database_error(desk):
    desk.switch(database_error_apis=f"{EARN}:apply")
    assert earn(desk, line(ItemType="6"))["outcome"] == ("99", "ITEM TYPE IS INVALID")


@pytest.mark.parametrize(
    ("api", "changes", "count"),
    [(*write, 2 if write[0] == BONUS else 1) for write in WRITES],
)
def test_a_call_delivered_twice_is_one_effect_where_repeats_are_known(desk, api, changes, count):
    desk.fault(api, twice=True)
    assert sent(desk, api, changes).status_code == 200
    assert len(desk.effects()) == count
    sound(desk)


def test_the_code_of_a_dropped_redemption_comes_with_its_repeat(desk):
    desk.fault(REDEMPTION, drop="after")
    with pytest.raises(ConnectionDropped):
        redeem(desk)
    again = redeem(desk)
    assert again["DuplicateResponse"] == "Y"
    assert void(desk, again["AuthorizationCode"])["outcome"][0] == "0"
    assert deltas(desk) == [("redeem", -5000), ("void", 5000)]


def test_effects_name_the_call_that_made_them(desk):
    earn(desk)
    redeem(desk)
    calls = desk.client.get("/__sandbox__/calls", params={"upstream": "telluride"}).json()
    by_number = {call["n"]: call["operation"] for call in calls}
    assert [by_number[effect["call"]] for effect in desk.effects()] == [EARN, REDEMPTION]


def test_a_reset_forgets_every_write(desk):
    earn(desk)
    desk.client.post("/__sandbox__/reset")
    desk.sign_in_again()
    assert desk.effects() == []
    assert rows(desk) == []
    assert "ResponseText" not in earn(desk)


@pytest.mark.parametrize("amount", ["lots", "1e400", "9" * 40, True, {"of": "money"}])
def test_an_unreadable_field_is_refused_before_anything_is_booked(desk, amount):
    unreadable = {"LineItems": [{**request(REDEMPTION)["LineItems"][0], "TaxAmount": amount}]}
    code = redeem(desk, TransactionNumber=1)["AuthorizationCode"]
    assert redeem(desk, **unreadable)["outcome"][0] == "99"
    assert void(desk, code, **unreadable)["outcome"][0] == "99"
    assert earn(desk, line(TaxAmount=amount))["outcome"][0] == "99"
    assert earn(desk, TransactionTotal=amount)["outcome"][0] == "99"
    assert sent(desk, BONUS, {"PointsToAdd": amount}).json()["Status"] == "99"
    assert deltas(desk) == [("redeem", -5000)]
