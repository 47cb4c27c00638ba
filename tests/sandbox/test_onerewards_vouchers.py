"""OneRewards: why a voucher cannot be obtained or used, each reason made true by its condition."""

from collections.abc import Iterator
from datetime import UTC, datetime, time
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
from sandbox.onerewards import campaigns, state
from sandbox.onerewards.entities import GetRule, UseRule
from sandbox.switches import Switches

BASE = f"/onerewards/{state.INTEGRATION_ID}"
KOPI = {"API-Key": "kopi-secret", "Key-ID": "kopi-key"}
HELD = "00017-00009-000042"  # Aisyah's, as in the published examples


@pytest.fixture
def frame() -> Frame:
    """A Friday, 14:00 on the company's wall clock."""
    return Frame(Clock(datetime(2025, 3, 14, 6, 0, tzinfo=UTC)), Books(), Faults(), Switches())


@pytest.fixture
def kopi(frame: Frame) -> onerewards.State:
    return onerewards.State(frame, 7)


@pytest.fixture
def client(frame: Frame, kopi: onerewards.State) -> Iterator[TestClient]:
    app = Starlette(
        routes=[
            Mount("/onerewards", routes=onerewards.routes(frame, kopi)),
            Mount("/__sandbox__", routes=control.routes(frame, {"onerewards": kopi})),
        ]
    )
    with TestClient(app, headers=KOPI) as client:
        yield client


def at(client: TestClient, wall_clock: str) -> None:
    answer = client.put("/__sandbox__/clock", json={"now": f"{wall_clock}+08:00"})
    assert answer.status_code == 200, answer.text


def usable(client: TestClient, member: int, spending: str | None = None) -> dict[int, int | None]:
    """Why each held voucher cannot be used, by definition."""
    bill = "" if spending is None else f"&spendingAmount={spending}"
    answer = client.get(f"{BASE}/member/usablevouchers?memberId={member}{bill}")
    assert answer.status_code == 200, answer.text
    for shown in answer.json():
        assert shown["canUseNow"] is (shown["cantUseNowReason"] is None)
    return {shown["voucherInfo"]["voucherId"]: shown["cantUseNowReason"] for shown in answer.json()}


def obtainable(client: TestClient, member: int) -> dict[int, tuple[int | None, int | None]]:
    """Why each campaign cannot be obtained, and then used, by definition."""
    answer = client.get(f"{BASE}/member/getablevouchers?memberId={member}")
    assert answer.status_code == 200, answer.text
    for shown in answer.json():
        assert shown["canGetNow"] is (shown["cantGetNowReason"] is None)
        assert shown["canUseNow"] is (shown["cantUseNowReason"] is None)
        assert "voucherNo" not in shown
    return {
        shown["voucherInfo"]["voucherId"]: (shown["cantGetNowReason"], shown["cantUseNowReason"])
        for shown in answer.json()
    }


def reason(client: TestClient, bill: str = "") -> int | None:
    url = f"{BASE}/member/canusevouchernow?memberId=4821&voucherNo={HELD}{bill}"
    answer = client.get(url)
    assert answer.status_code == 200, answer.text
    told: int | None = answer.json()["cantUseNowReason"]
    return told


WEEKDAY_RM10 = {
    "voucherId": 9,
    "voucherName": "Weekday RM10 off",
    "isPercent": False,
    "discountValue": 10,
    "description": "RM10 off bills of RM80 and above",
    "numberOfVoucherToIssue": 500,
    "numberOfVoucherIssued": 143,
    "mobileTitle": "RM10 off on weekdays",
    "getIsReobtainable": True,
    "getStartDate": "2024-12-14T00:00:00",
    "getEndDate": "2025-12-14T00:00:00",
    "getRequiredPoints": 400,
    "getTermAndCondition": None,
    "getMemberLevelIds": [2, 3],
    "useStartDate": "2024-12-14T00:00:00",
    "useEndDate": "2025-12-14T00:00:00",
    "useStartTime": "2000-11-10T10:00:00",
    "useEndTime": "2000-11-10T22:00:00",
    "useEndDateTime": None,
    "useValidDays": [1, 2, 3, 4, 5],
    "useValidOnMemberBirthday": False,
    "useValidOnMemberBirthdayMonth": False,
    "useMinimumSpending": 80,
    "useTermAndCondition": None,
}


def test_the_published_usable_voucher_below_its_minimum(client: TestClient) -> None:
    url = f"{BASE}/member/usablevouchers?memberId=4821&spendingAmount=79.99"
    answer = client.get(url).json()
    assert answer[0] == {
        "canUseNow": False,
        "cantUseNowReason": 6,
        "voucherNo": HELD,
        "voucherInfo": WEEKDAY_RM10,
    }


def test_the_published_obtainable_voucher_on_a_sunday(client: TestClient) -> None:
    at(client, "2025-03-16T14:00:00")
    answer = client.get(f"{BASE}/member/getablevouchers?memberId=4821").json()
    assert answer[[shown["voucherInfo"]["voucherId"] for shown in answer].index(9)] == {
        "canGetNow": True,
        "cantGetNowReason": None,
        "canUseNow": False,
        "cantUseNowReason": 4,
        "voucherInfo": WEEKDAY_RM10,
    }


def test_one_voucher_is_the_element_of_the_list(client: TestClient) -> None:
    held = client.get(f"{BASE}/member/usablevouchers?memberId=4821&spendingAmount=10").json()[0]
    query = f"memberId=4821&voucherNo={HELD}&spendingAmount=10"
    assert client.get(f"{BASE}/member/canusevouchernow?{query}").json() == held
    campaign = client.get(f"{BASE}/member/getablevouchers?memberId=4821").json()[0]
    voucher_id = campaign["voucherInfo"]["voucherId"]
    query = f"memberId=4821&voucherId={voucher_id}"
    assert client.get(f"{BASE}/member/cangetvouchernow?{query}").json() == campaign


@pytest.mark.parametrize(
    ("wall_clock", "bill", "expected"),
    [
        ("2025-03-14T14:00:00", "", None),
        ("2025-03-14T14:00:00", "&spendingAmount=", None),
        ("2025-03-14T14:00:00", "&spendingAmount=80", None),
        ("2025-03-14T14:00:00", "&spendingAmount=79.99", 6),
        ("2025-03-14T14:00:00", "&spendingAmount=0", 6),
        ("2025-03-14T10:00:00", "", None),
        ("2025-03-14T09:59:59", "", 5),
        ("2025-03-14T22:00:00", "", None),
        ("2025-03-14T22:00:01", "", 5),
        ("2025-03-15T14:00:00", "", 4),
        ("2025-03-16T09:00:00", "&spendingAmount=1", 4),
        ("2024-12-13T14:00:00", "", 1),
        ("2024-12-16T14:00:00", "", None),
        ("2025-12-15T14:00:00", "", 2),
        ("2025-12-20T08:00:00", "&spendingAmount=1", 2),
    ],
)
def test_a_voucher_is_judged_now_and_the_lowest_reason_is_told(
    client: TestClient, wall_clock: str, bill: str, expected: int | None
) -> None:
    at(client, wall_clock)
    assert reason(client, bill) == expected


def test_an_end_date_at_midnight_includes_its_day_unless_switched(client: TestClient) -> None:
    # The last season's use ends two days before the start day: on Wednesday, 12 March.
    at(client, "2025-03-12T23:59:59")
    assert usable(client, 4810)[campaigns.LAST_SEASON] is None
    at(client, "2025-03-13T00:00:00")
    assert usable(client, 4810)[campaigns.LAST_SEASON] == 2
    at(client, "2025-03-12T12:00:00")
    client.put(
        "/__sandbox__/switches", json={"onerewards": {"end_date_is_whole_day": False}}
    ).raise_for_status()
    assert usable(client, 4810)[campaigns.LAST_SEASON] == 2


def test_the_voucher_persona_holds_one_of_each_kind(client: TestClient) -> None:
    assert usable(client, 4810, "100") == {
        campaigns.FREE_COFFEE: None,
        campaigns.SOON: 1,
        campaigns.LAST_SEASON: 2,
        campaigns.BIG_BILL: 6,
        campaigns.BIRTHDAY: 3,
        campaigns.ONE_DAY: 4,
    }
    book = client.get("/__sandbox__/members/onerewards/4810").json()
    assert [voucher["state"] for voucher in book["vouchers"]] == [
        "usable",
        "not_yet",
        "expired",
        "below_minimum",
        "birthday",
        "wrong_day",
        "used",
    ]
    info = client.get(f"{BASE}/member/info?memberId=4810").json()
    assert info["voucherCount"] == 5  # the used and the expired one do not count


def test_a_voucher_has_its_own_end_after_which_it_is_over(client: TestClient) -> None:
    at(client, "2025-04-08T12:00:00")
    assert usable(client, 4810)[campaigns.FREE_COFFEE] is None
    at(client, "2025-04-08T12:00:01")
    assert usable(client, 4810)[campaigns.FREE_COFFEE] == 2
    answer = client.get(f"{BASE}/member/usablevouchers?memberId=4810").json()
    assert answer[0]["voucherInfo"]["useEndDateTime"] == "2025-04-08T12:00:00"
    assert client.get(f"{BASE}/member/info?memberId=4810").json()["voucherCount"] == 3


def test_a_birthday_opens_its_voucher_for_a_day_and_its_month(client: TestClient) -> None:
    born = client.get(f"{BASE}/member?memberId=4810").json()["birthDate"]
    assert born == "1990-07-12T00:00:00"
    for day, held, month in (("07-12", None, None), ("07-13", 3, None), ("08-12", 3, 3)):
        at(client, f"2025-{day}T14:00:00")
        assert usable(client, 4810)[campaigns.BIRTHDAY] == held
        assert obtainable(client, 4810)[campaigns.BIRTHDAY_MONTH][1] == month
    at(client, "2025-03-12T14:00:00")
    assert usable(client, 4810)[campaigns.BIRTHDAY] == 3


def test_a_used_voucher_is_not_listed_but_can_be_asked_for(client: TestClient) -> None:
    used = "00017-00019-048107"
    listed = client.get(f"{BASE}/member/usablevouchers?memberId=4810").json()
    assert used not in [voucher["voucherNo"] for voucher in listed]
    url = f"{BASE}/member/canusevouchernow?memberId=4810&voucherNo={used}"
    answer = client.get(url).json()
    assert (answer["canUseNow"], answer["cantUseNowReason"]) == (False, 7)


def test_every_reason_not_to_obtain_comes_from_its_condition(client: TestClient) -> None:
    gold, bronze, holder = obtainable(client, 4801), obtainable(client, 4802), 4810
    assert gold[campaigns.NEXT_SEASON][0] == 1
    assert gold[campaigns.LAST_SEASON][0] == 2
    assert gold[campaigns.BIRTHDAY] == (3, 3)
    assert obtainable(client, holder)[campaigns.WELCOME][0] == 4
    assert gold[campaigns.WELCOME][0] is None
    assert bronze[campaigns.GOLD_LOUNGE][0] == 5
    assert gold[campaigns.GOLD_LOUNGE][0] is None
    assert bronze[campaigns.RM50_FOR_5000][0] == 6
    assert gold[campaigns.RM50_FOR_5000][0] is None
    assert obtainable(client, 4821)[campaigns.RM50_FOR_5000][0] == 6
    assert bronze[campaigns.WEEKDAY_RM10][0] == 5  # level before points


def test_no_tier_is_no_level_that_is_asked_for(client: TestClient) -> None:
    untiered = obtainable(client, 4806)
    assert untiered[campaigns.WEEKDAY_RM10][0] == 5
    assert untiered[campaigns.FREE_COFFEE] == (None, None)


def test_obtaining_starts_and_ends_with_its_period(client: TestClient) -> None:
    at(client, "2025-03-27T23:59:59")
    assert obtainable(client, 4801)[campaigns.NEXT_SEASON] == (1, 1)
    at(client, "2025-03-28T00:00:00")
    assert obtainable(client, 4801)[campaigns.NEXT_SEASON] == (None, None)
    at(client, "2025-04-27T23:59:59")
    assert obtainable(client, 4801)[campaigns.NEXT_SEASON] == (None, None)
    at(client, "2025-04-28T00:00:00")
    assert obtainable(client, 4801)[campaigns.NEXT_SEASON] == (2, None)


def test_a_minimum_bears_on_use_and_not_on_obtaining(client: TestClient) -> None:
    query = "memberId=4801&voucherId=20&spendingAmount=299.99"
    answer = client.get(f"{BASE}/member/cangetvouchernow?{query}").json()
    assert (answer["cantGetNowReason"], answer["cantUseNowReason"]) == (None, 6)


def test_what_is_flagged_can_be_hidden_by_switches(client: TestClient) -> None:
    for name in ("unmet_minimum", "expired_vouchers"):
        client.put("/__sandbox__/switches", json={"onerewards": {name: "hidden"}})
    assert usable(client, 4810, "100").keys() == {
        campaigns.FREE_COFFEE,
        campaigns.SOON,
        campaigns.BIRTHDAY,
        campaigns.ONE_DAY,
    }


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("usablevouchers", 400),
        ("usablevouchers?memberId=99999", 404),
        ("usablevouchers?memberId=4821&spendingAmount=ten", 400),
        ("usablevouchers?memberId=4821&spendingAmount=null", 400),
        ("usablevouchers?memberId=4821&spendingAmount=NaN", 400),
        ("getablevouchers", 400),
        ("getablevouchers?memberId=99999", 404),
        ("canusevouchernow?memberId=4821", 400),
        (f"canusevouchernow?voucherNo={HELD}", 400),
        (f"canusevouchernow?memberId=4802&voucherNo={HELD}", 404),
        ("canusevouchernow?memberId=4821&voucherNo=x", 404),
        ("cangetvouchernow?memberId=4821", 400),
        ("cangetvouchernow?memberId=4821&voucherId=x", 400),
        ("cangetvouchernow?memberId=4821&voucherId=999", 404),
        ("cangetvouchernow?memberId=99999&voucherId=9", 404),
    ],
)
def test_a_voucher_question_wants_known_ids_and_a_figure(
    client: TestClient, path: str, status: int
) -> None:
    answer = client.get(f"{BASE}/member/{path}")
    assert (answer.status_code, answer.json()["statusCode"]) == (status, status)


def test_a_member_without_vouchers_has_an_empty_list(client: TestClient) -> None:
    assert client.get(f"{BASE}/member/usablevouchers?memberId=4802").text == "[]"


@pytest.mark.parametrize(("hour", "expected"), [(21, 5), (22, None), (0, None), (2, None), (3, 5)])
def test_a_window_over_midnight_is_one_window(
    client: TestClient, kopi: onerewards.State, hour: int, expected: int | None
) -> None:
    definition = kopi.companies[state.ACCOUNT_BOOK_ID].definitions[campaigns.HAPPY_HOUR]
    definition.use = UseRule(from_time=time(22), until_time=time(2))
    at(client, f"2025-03-14T{hour:02d}:00:00")
    assert obtainable(client, 4801)[campaigns.HAPPY_HOUR][1] == expected


@pytest.mark.parametrize(("price", "expected"), [("3250", None), ("3250.01", 6)])
def test_points_to_the_last_one_are_enough(
    client: TestClient, kopi: onerewards.State, price: str, expected: int | None
) -> None:
    definition = kopi.companies[state.ACCOUNT_BOOK_ID].definitions[campaigns.FREE_COFFEE]
    definition.get = GetRule(points=Decimal(price))
    assert obtainable(client, 4821)[campaigns.FREE_COFFEE][0] == expected
