"""OneRewards: making, changing, linking and migrating members."""

import pytest
from starlette.testclient import TestClient

AISYAH, AISYAH_APP, RICH, LINKED = 4821, "7d0c2f54-93f0-4a07-9c2e-50c5c1d5a9be", 4801, 4804
STRANGER = {"mobileUserId": "MU-900001"}
JASON = {
    "name": "Jason Lim",
    "phoneNo": "+60167788990",
    "birthDate": "1988-11-02",
    "memberLevelId": 1,
}
SITI = {
    "name": "Siti Noor",
    "phoneNo": "+60191122334",
    "sourceMemberNo": "OLD-7781",
    "openingPoint": 1200,
}
NEXT = 4822


def member(till, number):
    status, shown = till.call("GET", "/member", memberId=number)
    assert status == 200
    return shown


def update(till, number, body):
    return till.call("PUT", "/member", body, memberId=number)


def listed(till, **wanted):
    filters = {name: {"multiSelect": [value]} for name, value in wanted.items()}
    status, page = till.call("POST", "/member/listing", {"page": 1, "filter": filters})
    assert status == 200
    return [each["memberId"] for each in page["data"]]


def test_the_published_new_member_is_found_everywhere(till):
    assert till.call("POST", "/member", JASON) == (201, {"memberId": NEXT})
    assert member(till, NEXT) == {
        "memberId": NEXT,
        "memberNo": "M-004822",
        "name": "Jason Lim",
        "phoneNo": "+60167788990",
        "email": None,
        "birthDate": "1988-11-02T00:00:00",
        "gender": None,
        "memberLevelId": 1,
        "memberLevel": "Bronze",
        "joinDate": "2025-03-14T00:00:00",
        "expiryDate": None,
        "isActive": True,
        "mobileUserId": None,
    }
    assert listed(till, phoneNo="+60167788990") == [NEXT]
    assert till.balance(NEXT) == 0
    (effect,) = till.effects(member=NEXT)
    assert (effect["kind"], effect["reference"]) == ("enroll", "+60167788990")
    assert till.conserved()


def test_what_is_left_out_is_the_default_level_and_today(till):
    body = {"name": "Ann", "phoneNo": "016-778 8990", "memberLevelId": None, "joinDate": None}
    assert till.call("POST", "/member", body)[0] == 201
    shown = member(till, NEXT)
    assert (shown["phoneNo"], shown["memberLevelId"]) == ("016-778 8990", 1)
    assert shown["joinDate"] == "2025-03-14T00:00:00"


@pytest.mark.parametrize(
    "change",
    [
        {"name": None},
        {"name": " "},
        {"name": "x" * 101},
        {"phoneNo": None},
        {"phoneNo": "12"},
        {"phoneNo": "call me"},
        {"phoneNo": 60167788990},
        {"phoneNo": "+60123456781"},
        {"phoneNo": "012-345 6781"},
        {"gender": "X"},
        {"memberLevelId": 9},
        {"birthDate": "soon"},
    ],
)
def test_a_member_that_cannot_be_is_refused(till, change):
    assert till.call("POST", "/member", {**JASON, **change})[0] == 400
    assert till.call("POST", "/member/migrate", {**SITI, **change})[0] == 400
    assert till.effects() == []


def test_a_second_member_of_the_same_phone_only_on_demand(till):
    assert till.call("POST", "/member", JASON)[0] == 201
    assert till.call("POST", "/member", JASON)[0] == 400
    till.switch(unique_phones=False)
    assert till.call("POST", "/member", JASON) == (201, {"memberId": NEXT + 1})
    assert listed(till, phoneNo=JASON["phoneNo"]) == [NEXT, NEXT + 1]


def created(till):
    http: TestClient = till.http
    answer = http.post(f"/onerewards/{till.integration}/member", json=JASON)
    assert answer.status_code == 201
    return answer.text, answer.headers.get("location")


def test_a_new_number_is_told_in_the_body_and_in_the_header(till):
    text, location = created(till)
    assert text == f'{{"memberId":{NEXT}}}'
    assert location.endswith(f"/onerewards/{till.integration}/member?memberId={NEXT}")
    assert till.http.get(location).json()["memberId"] == NEXT


@pytest.mark.parametrize(("told", "body", "header"), [("body", 1, 0), ("location", 0, 1)])
def test_a_new_number_is_told_in_one_place_only_on_demand(till, told, body, header):
    till.switch(created_answer=told)
    text, location = created(till)
    assert (bool(text), location is not None) == (bool(body), bool(header))


def test_the_published_update_leaves_what_is_absent(till):
    before = member(till, LINKED)
    assert update(till, LINKED, {"memberLevelId": 3, "expiryDate": "2026-12-31"}) == (204, None)
    after = {**before, "memberLevelId": 3, "memberLevel": "Gold"}
    assert member(till, LINKED) == {**after, "expiryDate": "2026-12-31T00:00:00"}
    (effect,) = till.effects()
    assert (effect["kind"], effect["detail"]) == ("update", {"changed": ["level_id", "expires"]})


def test_null_or_blank_clears_a_value(till):
    body = {"email": "", "birthDate": None, "gender": " ", "phoneNo": None, "memberLevelId": None}
    assert update(till, RICH, body)[0] == 204
    shown = member(till, RICH)
    assert [shown[name] for name in body] == [None] * 5
    assert listed(till, phoneNo="+60133004801") == []
    for body in ({"name": None}, {"name": ""}, {"joinDate": None}):
        assert update(till, RICH, body)[0] == 400


def test_saying_what_is_so_already_changes_nothing(till):
    shown = member(till, AISYAH)
    same = {name: shown[name] for name in ("name", "email", "birthDate", "gender")}
    for body in ({}, {**same, "phoneNo": "0123456781"}):
        assert update(till, AISYAH, body)[0] == 204
    assert till.effects() == []
    assert member(till, AISYAH) == shown


RESTRICTED = [
    {"name": "Aisha"},
    {"phoneNo": "+60167788990"},
    {"email": None},
    {"birthDate": "1990-01-01"},
    {"gender": "M"},
]


@pytest.mark.parametrize("body", RESTRICTED)
def test_what_the_app_shares_is_not_changed_for_a_linked_member(till, body):
    before = member(till, AISYAH)
    assert update(till, AISYAH, {**body, "memberLevelId": 3})[0] == 400
    assert member(till, AISYAH) == before
    till.switch(linked_fields="ignored")
    assert update(till, AISYAH, {**body, "memberLevelId": 3})[0] == 204
    assert member(till, AISYAH) == {**before, "memberLevelId": 3, "memberLevel": "Gold"}
    till.switch(linked_fields="accepted")
    assert update(till, AISYAH, body)[0] == 204
    assert member(till, AISYAH) != before


@pytest.mark.parametrize(
    ("number", "body", "status"),
    [
        (999_999, {}, 404),
        (RICH, {"phoneNo": "+60123456781"}, 400),
        (RICH, {"memberLevelId": 9}, 400),
        (RICH, {"gender": "f"}, 400),
        (RICH, {"memberLevelId": "2"}, 400),
        ("", {}, 400),
    ],
)
def test_an_update_that_cannot_be_is_refused(till, number, body, status):
    assert update(till, number, body)[0] == status
    assert till.effects() == []


def test_a_changed_phone_is_found_and_the_old_one_is_free(till):
    assert update(till, RICH, {"phoneNo": "+60167788990"})[0] == 204
    assert listed(till, phoneNo="+60167788990") == [RICH]
    assert till.call("POST", "/member", JASON)[0] == 400
    assert till.call("POST", "/member", {**JASON, "phoneNo": "+60133004801"})[0] == 201


def test_an_app_user_becomes_a_member_with_the_apps_data(till):
    answer = till.call("POST", "/member/createfrommobileuser", {**STRANGER, "memberLevelId": 2})
    assert answer == (201, {"memberId": NEXT})
    shown = member(till, NEXT)
    assert (shown["name"], shown["phoneNo"]) == ("Sam Stranger", "+60177000001")
    assert (shown["mobileUserId"], shown["memberLevelId"]) == ("MU-900001", 2)
    assert listed(till, mobileUserId="MU-900001") == [NEXT]
    assert isinstance(till.redemption_code("MU-900001"), int)
    assert till.kinds(member=NEXT)[0] == ("enroll", "0.00")


def test_an_unlinked_member_of_the_same_phone_is_linked_and_keeps_points(till):
    till.call("POST", "/member", {"name": "Sam", "phoneNo": "017-7000001", "memberLevelId": 3})
    till.post(NEXT, "D-1", point={"collection": 5})
    answer = till.call("POST", "/member/createfrommobileuser", STRANGER)
    assert answer == (201, {"memberId": NEXT})
    shown = member(till, NEXT)
    assert (shown["name"], shown["memberLevelId"]) == ("Sam Stranger", 3)
    assert till.balance(NEXT) == 5
    assert [each["kind"] for each in till.effects()] == ["enroll", "earn", "link"]
    assert till.post(NEXT, "D-2", point={"redemption": 1, "redemptionDescription": "x"})[0] == 400


def test_an_app_user_is_not_made_a_member_twice_nor_in_anothers_place(till):
    assert till.call("POST", "/member/createfrommobileuser", {"mobileUserId": "MU-0"})[0] == 404
    linked = {"mobileUserId": AISYAH_APP}
    assert till.call("POST", "/member/createfrommobileuser", linked)[0] == 400
    assert till.call("POST", "/member/createfrommobileuser", {})[0] == 400
    user = {"mobileUserId": "MU-7", "name": "Impostor", "phoneNo": "+60123456781"}
    till.control("POST", "/onerewards/mobile-user", user)
    other = {"mobileUserId": "MU-7"}
    assert till.call("POST", "/member/createfrommobileuser", other)[0] == 400
    level = {**STRANGER, "memberLevelId": 9}
    assert till.call("POST", "/member/createfrommobileuser", level)[0] == 400
    assert till.effects() == []


def test_the_published_migration_brings_points_once(till):
    for _ in range(2):
        assert till.call("POST", "/member/migrate", SITI) == (201, {"memberId": NEXT})
    assert till.balance(NEXT) == 1200
    (effect,) = till.effects(member=NEXT)
    assert (effect["kind"], effect["reference"]) == ("migrate", "OLD-7781")
    assert (effect["points_before"], effect["points_after"]) == ("0.00", "1200.00")


def test_a_repeated_migration_may_not_be_recognised(till):
    till.switch(repeated_migration="not_recognised")
    assert till.call("POST", "/member/migrate", SITI)[0] == 201
    assert till.call("POST", "/member/migrate", SITI)[0] == 400
    till.switch(unique_phones=False)
    assert till.call("POST", "/member/migrate", SITI) == (201, {"memberId": NEXT + 1})
    assert [each["kind"] for each in till.effects()] == ["migrate", "migrate"]


@pytest.mark.parametrize(
    "change", [{"sourceMemberNo": None}, {"openingPoint": -1}, {"openingPoint": "5"}]
)
def test_a_migration_that_cannot_be_is_refused(till, change):
    assert till.call("POST", "/member/migrate", {**SITI, **change})[0] == 400
    assert till.effects() == []


def test_a_migration_needs_no_points(till):
    assert till.call("POST", "/member/migrate", {**SITI, "openingPoint": None})[0] == 201
    assert till.kinds() == [("migrate", "0.00")]


def test_a_member_may_exist_although_the_answer_said_otherwise(till):
    till.fault("create_member", status=500, apply=True)
    assert till.call("POST", "/member", JASON)[0] == 500
    assert listed(till, phoneNo=JASON["phoneNo"]) == [NEXT]
