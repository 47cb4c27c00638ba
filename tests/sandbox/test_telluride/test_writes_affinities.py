"""Telluride's UpdateMemberAffinitySubscriptions: links begun, changed and ended."""

from typing import Any

import pytest

from .conftest import EXAMPLES, Desk
from .test_shapes import differences
from .writing import LINK, link


def entry(code: str = "PETCLUB", status: str = "A", **more: object) -> dict[str, object]:
    return {"affiliationCode": code, "affinityStatus": status, **more}


def linked(desk: Desk, persona: str = "everywhere", **changes: object) -> dict[str, Any]:
    fields = {"memberNumber": desk.number(persona), **changes}
    answer = desk.call("GetMemberAffinitySubscriptions", fields)
    found = answer["affinities"]["affinityForMemberPricing"]
    return {one["affiliationCode"]: one for one in found}


def test_the_example_update_is_answered_as_in_the_example(desk):
    answer = desk.call(LINK, {"memberNumber": desk.number("everywhere")})
    assert list(differences(EXAMPLES[LINK]["response"], answer)) == []
    shown = linked(desk)["EXAMPLE1"]
    assert (shown["affinityStartDate"], shown["affinityEndDate"]) == ("2025-01-15", "2025-12-31")
    effect = desk.effects()[0]
    assert (effect["kind"], effect["reference"], effect["delta"]) == ("affinity", "EXAMPLE1", "0")


def test_a_link_begins_now_and_stays_until_it_is_ended(desk):
    assert link(desk, entry(affinityNumber="77")) == ("0", "Success")
    shown = linked(desk)["PETCLUB"]
    assert (shown["affinityID"], shown["affinityStartDate"]) == ("77", "2025-01-15")
    assert "affinityEndDate" not in shown
    assert "PETCLUB" in linked(desk, currentDate="2030-01-01")


@pytest.mark.parametrize(
    "ending", [{"status": "I"}, {"affinityEndTS": "2025-01-15T09:59:59"}]
)  # fmt: skip
def test_a_link_is_ended_by_its_status_or_its_end(desk, ending):
    link(desk, entry())
    assert link(desk, entry(**ending)) == ("0", "Success")
    assert linked(desk, currentTime="10:00:00") == {}
    assert len(desk.effects()) == 2


def test_a_link_with_a_later_start_waits_for_it(desk):
    link(desk, entry(affinityStartTS="2025-01-20T12:00:00"))
    assert linked(desk) == {}
    assert linked(desk, currentDate="2025-01-20", currentTime="11:59:59") == {}
    assert "PETCLUB" in linked(desk, currentDate="2025-01-20", currentTime="12:00:00")


def test_the_last_write_wins_and_the_other_links_stay(desk):
    link(desk, entry("WAITING", "D"), entry("EXAMPLE1", "P"), persona="affinities")
    shown = linked(desk, "affinities")
    assert {code: one["affinityStatus"] for code, one in shown.items()} == {
        "EXAMPLE1": "P", "PETCLUB": "A", "WAITING": "D",
    }  # fmt: skip
    assert shown["WAITING"]["affinityID"] == "88002"


def test_a_repeat_changes_nothing_and_has_no_effect(desk):
    link(desk, entry())
    desk.forward(60)
    assert link(desk, entry()) == ("0", "Success")
    assert len(desk.effects()) == 1


def test_either_name_of_number_and_identifier_is_read(desk):
    identifier = desk.state.member(desk.number("everywhere"))["native_id"]
    for name in ("memberIdentifier", "memebrIdentifier"):
        sent = {"memberNumber": "absent", name: identifier}
        assert link(desk, entry(affinityID=name[:9]), **sent) == ("0", "Success")
        assert linked(desk)["PETCLUB"]["affinityID"] == name[:9]


@pytest.mark.parametrize(
    ("entries", "changes", "outcome"),
    [
        ([], {"messageVersion": "absent"}, ("99", "* MESSAGE VERSION IS REQUIRED")),
        ([], {"messageVersion": "six"}, ("99", "* MESSAGE VERSION IS NOT VALID")),
        ([], {"requestorID": "absent"}, ("99", "* Requestor Id invalid")),
        ([], {"memberNumber": ""}, ("99", "* MEMBER NUMBER IS REQUIRED")),
        ([], {"memberNumber": "x"}, ("99", "* MEMBER NUMBER IS NOT VALID")),
        ([], {"memberNumber": "123"}, ("15", "MEMBER NUMBER IS NOT VALID")),
        ([], {"memberNumber": "7082000000000001"}, ("30", "Invalid Member Number")),
        ([], {"storeNumber": "A1"}, ("99", "* STORE NUMBER IS INVALID")),
        ([], {"terminal": "0001"}, ("99", "* TERMINAL NUMBER IS INVALID")),
        ([], {"associateId": "A" * 13}, ("99", "* ASSOCIATE ID IS INVALID")),
        ([], {"affinities": []}, ("99", "* AFFILIATION CODE IS REQUIRED")),
        ([entry(code="")], {}, ("99", "* AFFILIATION CODE IS REQUIRED")),
        ([entry(status="")], {}, ("99", "* AFFINITY STATUS IS REQUIRED")),
        ([entry(status="AA")], {}, ("99", "* AFFINITY STATUS DATA LENGTH NOT MATCHING")),
        ([entry(status="X")], {}, ("82", "INVALID AFFINITY STATUS")),
        ([entry("NOSUCH")], {}, ("82", "INVALID ENROLLMENT REGISTRATION CODE")),
        ([entry(), entry("NOSUCH")], {}, ("82", "INVALID ENROLLMENT REGISTRATION CODE")),
        ([entry(affinityEndTS="never")], {}, ("99", "STRUCTURAL VALIDATION ERRORS")),
        ([entry()], {"persona": "inactive"}, ("82", "UPDATE FAILED - CLUB STATUS IS INACTIVE")),
    ],
)
def test_a_refused_update_links_nothing(desk, entries, changes, outcome):
    assert link(desk, *entries, **changes) == outcome
    assert desk.effects() == []


def test_the_texts_lose_their_star_by_switch(desk):
    desk.switch(starred_texts=False)
    assert link(desk, entry(code="")) == ("99", "AFFILIATION CODE IS REQUIRED")
