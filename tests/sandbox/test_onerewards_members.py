"""OneRewards: members, levels, balances and app users against the published examples."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from sandbox import control, onerewards
from sandbox.books import Books
from sandbox.clock import Clock
from sandbox.faults import Faults
from sandbox.frame import Frame
from sandbox.onerewards import state
from sandbox.switches import Switches

BASE = f"/onerewards/{state.INTEGRATION_ID}"
KOPI = {"API-Key": "kopi-secret", "Key-ID": "kopi-key"}
POPULATION = 11_990


def world(seed: int = 7) -> tuple[Frame, onerewards.State]:
    start = datetime(2025, 3, 14, 6, 0, tzinfo=UTC)
    frame = Frame(Clock(start), Books(), Faults(), Switches())
    return frame, onerewards.State(frame, seed)


@pytest.fixture
def client() -> Iterator[TestClient]:
    frame, kopi = world()
    app = Starlette(
        routes=[
            Mount("/onerewards", routes=onerewards.routes(frame, kopi)),
            Mount("/__sandbox__", routes=control.routes(frame, {"onerewards": kopi})),
        ]
    )
    with TestClient(app, headers=KOPI) as client:
        yield client


def switch(client: TestClient, name: str, value: object) -> None:
    answer = client.put("/__sandbox__/switches", json={"onerewards": {name: value}})
    assert answer.status_code == 200, answer.text


def listed(client: TestClient, page: int = 1, **filters: object) -> list[dict[str, object]]:
    answer = client.post(f"{BASE}/member/listing", json={"page": page, "filter": filters})
    assert answer.status_code == 200, answer.text
    data: list[dict[str, object]] = answer.json()["data"]
    return data


def ids(records: list[dict[str, object]]) -> list[object]:
    return [record["memberId"] for record in records]


AISYAH = {
    "memberId": 4821,
    "memberNo": "M-004821",
    "name": "Aisyah Rahman",
    "phoneNo": "+60123456781",
    "email": "aisyah.rahman@example.com",
    "birthDate": "1992-07-19T00:00:00",
    "gender": "F",
    "memberLevelId": 2,
    "memberLevel": "Silver",
    "joinDate": "2023-02-01T00:00:00",
    "expiryDate": None,
    "isActive": True,
    "mobileUserId": "7d0c2f54-93f0-4a07-9c2e-50c5c1d5a9be",
}


def test_the_published_listing_by_phone(client: TestClient) -> None:
    phones = ["+60123456781", "+60167788990"]
    body = {"page": 1, "filter": {"phoneNo": {"multiSelect": phones}}}
    answer = client.post(f"{BASE}/member/listing", json=body)
    assert answer.json() == {"data": [AISYAH], "totalCount": 1}


def test_the_published_member_and_info(client: TestClient) -> None:
    assert client.get(f"{BASE}/member?memberId=4821").json() == AISYAH
    info = client.get(f"{BASE}/member/info?memberId=4821")
    assert info.json() == {"memberId": 4821, "pointBalance": 3250, "voucherCount": 2}


def test_the_published_app_user_is_a_member_and_a_stranger_is_none(client: TestClient) -> None:
    user = client.get(f"{BASE}/mobileuser?mobileUserId={AISYAH['mobileUserId']}")
    assert user.json() == {
        "mobileUserId": "7d0c2f54-93f0-4a07-9c2e-50c5c1d5a9be",
        "name": "Aisyah Rahman",
        "phoneNo": "+60123456781",
        "email": "aisyah.rahman@example.com",
        "birthDate": "1992-07-19T00:00:00",
        "gender": "F",
    }
    stranger = client.get(f"{BASE}/mobileuser?mobileUserId=MU-900001").json()
    assert (stranger["email"], stranger["birthDate"]) == (None, None)
    assert listed(client, mobileUserId={"multiSelect": ["MU-900001"]}) == []


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("member", 400),
        ("member?memberId=", 400),
        ("member?memberId=kopi", 400),
        ("member?memberId=1.5", 400),
        ("member?memberId=99999", 404),
        ("member/info", 400),
        ("member/info?memberId=99999", 404),
        ("mobileuser", 400),
        ("mobileuser?mobileUserId=MU-0", 404),
    ],
)
def test_one_record_wants_a_known_id(client: TestClient, path: str, status: int) -> None:
    answer = client.get(f"{BASE}/{path}")
    assert (answer.status_code, answer.json()["statusCode"]) == (status, status)


def test_a_page_holds_a_hundred_in_ascending_order_and_none_is_missed(client: TestClient) -> None:
    seen: list[object] = []
    page = 1
    while records := listed(client, page):
        assert len(records) == (100 if page < 120 else 90)
        seen += ids(records)
        page += 1
    assert len(seen) == POPULATION
    assert seen == sorted(set(seen), key=lambda number: int(str(number)))


def test_total_count_is_of_the_page_unless_switched(client: TestClient) -> None:
    body = {"page": 120}
    assert client.post(f"{BASE}/member/listing", json=body).json()["totalCount"] == 90
    switch(client, "total_count", "all")
    assert client.post(f"{BASE}/member/listing", json=body).json()["totalCount"] == POPULATION


@pytest.mark.parametrize("body", [{}, {"page": 0}, {"page": -1}, {"page": "1"}, {"page": 1.0}])
def test_a_page_is_a_number_from_one(client: TestClient, body: dict[str, object]) -> None:
    assert client.post(f"{BASE}/member/listing", json=body).status_code == 400


def test_chosen_ids_come_sorted_once_and_unknown_ones_are_left_out(client: TestClient) -> None:
    found = listed(client, memberId={"multiSelect": [4821, 40, 12, 99999, 40]})
    assert ids(found) == [12, 40, 4821]


def test_ranges_are_closed_and_open_where_no_end_is_given(client: TestClient) -> None:
    assert ids(listed(client, memberId={"from": 100, "to": 103})) == [100, 101, 102, 103]
    assert len(listed(client, memberId={"from": 11_999})) == 2
    assert ids(listed(client, memberId={"to": 2})) == [1, 2]
    users = listed(client, mobileUserId={"from": "MU-000300", "to": "MU-000399"})
    assert users
    assert all("MU-000300" <= str(user["mobileUserId"]) <= "MU-000399" for user in users)


def test_filters_are_joined_by_and(client: TestClient) -> None:
    assert ids(listed(client, memberId={"multiSelect": [12, 40], "from": 20})) == [40]
    phone = {"multiSelect": ["+60123456781"]}
    assert ids(listed(client, phoneNo=phone, memberId={"from": 4821, "to": 4821})) == [4821]
    assert listed(client, phoneNo=phone, memberId={"to": 4820}) == []


def test_an_empty_choice_or_filter_is_no_constraint(client: TestClient) -> None:
    assert len(listed(client, memberId={"multiSelect": []})) == 100
    assert len(listed(client, memberId=None, phoneNo={}, colour={"multiSelect": [1]})) == 100
    body = {"page": 1, "filter": None}
    assert len(client.post(f"{BASE}/member/listing", json=body).json()["data"]) == 100


def test_property_names_match_in_any_case(client: TestClient) -> None:
    body = {"PAGE": 1, "Filter": {"MEMBERID": {"MultiSelect": [4821]}}}
    assert ids(client.post(f"{BASE}/member/listing", json=body).json()["data"]) == [4821]


@pytest.mark.parametrize(
    "filters",
    [
        [],
        {"memberId": 4821},
        {"memberId": {"multiSelect": 4821}},
        {"memberId": {"multiSelect": ["4821"]}},
        {"memberId": {"from": "1"}},
        {"memberId": {"multiSelect": [True]}},
        {"phoneNo": {"multiSelect": [60123456781]}},
    ],
)
def test_a_filter_of_the_wrong_type_is_400(client: TestClient, filters: object) -> None:
    body = {"page": 1, "filter": filters}
    assert client.post(f"{BASE}/member/listing", json=body).status_code == 400


def test_the_published_levels(client: TestClient) -> None:
    body = {"page": 1, "filter": {"memberLevelId": {"multiSelect": [1, 2]}}}
    answer = client.post(f"{BASE}/memberlevel/listing", json=body)
    assert answer.json() == {
        "data": [
            {
                "memberLevelId": 1,
                "memberLevel": "Bronze",
                "description": None,
                "isDefault": True,
            },
            {
                "memberLevelId": 2,
                "memberLevel": "Silver",
                "description": "Spend RM2,000 a year",
                "isDefault": False,
            },
        ],
        "totalCount": 2,
    }
    named = {"page": 1, "filter": {"memberLevel": {"from": "Gold", "to": "Gold"}}}
    gold = client.post(f"{BASE}/memberlevel/listing", json=named).json()["data"]
    assert [level["memberLevelId"] for level in gold] == [3]
    assert client.post(f"{BASE}/memberlevel/listing", json={}).status_code == 400
    past = client.post(f"{BASE}/memberlevel/listing", json={"page": 2}).json()
    assert past == {"data": [], "totalCount": 0}


def test_listings_can_be_bare_descending_pascal_and_without_nulls(client: TestClient) -> None:
    body = {"page": 1, "filter": {"memberId": {"multiSelect": [4806, 4821]}}}
    switch(client, "listing_order", "descending")
    switch(client, "listing_envelope", "bare_array")
    bare = client.post(f"{BASE}/member/listing", json=body).json()
    assert [member["memberId"] for member in bare] == [4821, 4806]
    switch(client, "nulls", "omitted")
    omitted = client.post(f"{BASE}/member/listing", json=body).json()[1]
    assert "memberLevelId" not in omitted
    assert omitted["name"] == "Nora Tiong"
    switch(client, "property_case", "pascal")
    assert client.get(f"{BASE}/member?memberId=4806").json()["MemberId"] == 4806


@pytest.mark.parametrize(
    ("number", "points"),
    [("4801", "88888"), ("4802", "0"), ("4804", "1520.5"), ("4805", "123456789012")],
)
def test_a_balance_is_a_plain_number_to_the_last_digit(
    client: TestClient, number: str, points: str
) -> None:
    answer = client.get(f"{BASE}/member/info?memberId={number}")
    assert f'"pointBalance":{points},' in answer.text


def test_every_persona_shows_what_it_is_for(client: TestClient) -> None:
    def member(number: int) -> dict[str, object]:
        shown: dict[str, object] = client.get(f"{BASE}/member?memberId={number}").json()
        return shown

    assert member(4803)["isActive"] is False
    assert member(4804)["mobileUserId"] == "MU-004804"
    assert (member(4806)["memberLevelId"], member(4806)["memberLevel"]) == (None, None)
    assert member(4807)["name"] == "陈美玲"
    numbers = [person["number"] for person in client.get("/__sandbox__/personas").json()]
    assert ids(listed(client, memberId={"multiSelect": [int(n) for n in numbers]})) == [
        int(n) for n in numbers
    ]


def test_the_sandboxes_own_books_agree_with_what_it_answers(client: TestClient) -> None:
    for number in (1, 17, 4801, 4810, 4821, 12_000):
        book = client.get(f"/__sandbox__/members/onerewards/{number}").json()
        info = client.get(f"{BASE}/member/info?memberId={number}").json()
        assert Decimal(book["points"]) == Decimal(str(info["pointBalance"]))
        moved = sum(Decimal(entry["points"]) for entry in book["transactions"])
        assert moved == Decimal(book["points"])
        member = client.get(f"{BASE}/member?memberId={number}").json()
        assert (book["name"], book["tier"]) == (member["name"], member["memberLevel"])
        assert book["native_id"] == str(member["memberId"])
    assert client.get("/__sandbox__/members/onerewards/kopi").status_code == 404


def test_the_crowd_is_the_same_for_a_seed_and_whoever_asks_first() -> None:
    (_, one), (_, same), (_, other) = world(), world(), world(seed=8)
    numbers = [str(number) for number in range(1, 60)]
    assert [one.member(n) for n in numbers] == [same.member(n) for n in reversed(numbers)][::-1]
    assert [one.member(n) for n in numbers] != [other.member(n) for n in numbers]


def test_phones_and_app_users_are_unique_in_the_company() -> None:
    _, kopi = world()
    company = kopi.companies[state.ACCOUNT_BOOK_ID]
    members = company.members.values()
    phones = [member.phone for member in members]
    users = [member.mobile_user_id for member in members if member.mobile_user_id]
    assert len(set(phones)) == len(phones) == POPULATION
    assert len(set(users)) == len(users)
    assert all(kopi.account(company, member).balance >= 0 for member in members)


def test_reset_brings_the_seeded_world_back() -> None:
    _, kopi = world()
    before = kopi.member("4821")
    company = kopi.companies[state.ACCOUNT_BOOK_ID]
    company.accounts[4821].points.clear()
    assert kopi.member("4821") != before
    kopi.reset()
    assert kopi.member("4821") == before
