"""The fabric adapter against the sandbox's tenant: what is asked, what it means, what fails."""

import json
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import httpx
import pytest
from pydantic import ValidationError
from starlette.applications import Starlette

from loyalty.errors import (
    ErrorCode,
    InvalidInput,
    LoyaltyError,
    MemberNotFound,
    Unavailable,
    Unsupported,
)
from loyalty.members import Attribute, Member, MemberLookup, MemberStatus, PersonName
from loyalty.money import Money
from loyalty.offers import (
    AmountOff,
    Basket,
    BasketLine,
    PercentageOff,
    UnusableReason,
    VoucherStatus,
)
from loyalty.operations import Operation
from loyalty.points import Balance, ExpiryPrecision, PointsKind, PointsState
from loyalty.refs import MemberRef, VoucherRef
from loyalty.sales import LineType, TransactionKind
from providers.engines import HttpxEngine
from providers.fabric import ADAPTER, Fabric
from providers.fabric.client import build
from providers.fabric.settings import FabricSettings
from providers.http import Policy, Transport
from providers.port import PageRequest, Period, capabilities
from sandbox.app import Sandbox, create_app
from sandbox.books import Call
from sandbox.fabric.cast import ROLES
from sandbox.faults import Fault
from tests.providers.fabric_till import NADIA, NOW, SETTINGS, STRANGER

ALWAYS = Period()


def key_of(persona: str) -> str:
    return next(role.native_id for role in ROLES if role.key == persona)


class Shop:
    """The adapter as it would run, and the tenant's books beside it."""

    def __init__(self, sandbox: Sandbox, http: httpx.AsyncClient) -> None:
        self.sandbox = sandbox
        self._http = http
        self.fabric = self.open()

    def open(self, **changes: object) -> Fabric:
        settings = FabricSettings.model_validate({**SETTINGS, **changes})
        engine = HttpxEngine(self._http)
        transports = [Transport("northshore", engine, Policy()) for _ in range(2)]
        return build("northshore", settings, *transports, self.sandbox.frame.clock.now)

    def assuming(self, **assumptions: object) -> Fabric:
        return self.open(assumptions=assumptions)

    def turn(self, **switches: object) -> None:
        self.sandbox.frame.switches.set({"fabric": switches})

    def answer(self, operation: str, body: object, status: int = 200, times: int = 1) -> None:
        fault = Fault(status=status, body=body, has_body=True)
        self.sandbox.frame.faults.add("fabric", operation, fault, times)

    def suffer(self, operation: str, fault: Fault) -> None:
        self.sandbox.frame.faults.add("fabric", operation, fault, 1)

    def calls(self, operation: str | None = None) -> list[Call]:
        return self.sandbox.frame.books.calls("fabric", operation)

    @property
    def counts(self) -> dict[str, int]:
        counted = dict(self.sandbox.frame.books.counts().get("fabric", {}))
        counted.pop("token", None)
        return counted


@pytest.fixture(scope="module")
def app() -> Starlette:
    """One world for all: reading changes nothing in it."""
    return create_app(now=NOW)


@pytest.fixture
async def shop(app: Starlette) -> AsyncIterator[Shop]:
    sandbox: Sandbox = app.state.sandbox
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport) as http:
        yield Shop(sandbox, http)
    for part in (sandbox.frame.books, sandbox.frame.faults, sandbox.frame.switches):
        part.reset()


def enveloped(data: object, status: int = 200, errors: object = None) -> dict[str, object]:
    return {"status": status, "message": "", "errors": errors or {}, "data": data}


async def balance_of(fabric: Fabric, persona: str) -> Balance:
    (answer,) = await fabric.balances([key_of(persona)])
    assert isinstance(answer, Balance)
    return answer


# ---------------------------------------------------------------- the token


async def test_the_token_is_asked_for_with_basic_and_a_form_and_no_origin(shop: Shop) -> None:
    await shop.fabric.probe()
    (call,) = shop.calls("token")
    assert call.body == "grant_type=client_credentials&scope=s2s"
    assert call.headers["content-type"] == "application/x-www-form-urlencoded"
    assert "authorization" in call.headers
    assert "origin" not in call.headers


async def test_one_token_serves_many_questions(shop: Shop) -> None:
    await shop.fabric.members([key_of("rich"), key_of("zero"), NADIA])
    await shop.fabric.balances([NADIA])
    assert len(shop.calls("token")) == 1


async def test_a_token_lives_as_long_as_the_provider_says(shop: Shop) -> None:
    shop.turn(token_seconds=123)
    token = await shop.fabric._granted()
    assert token.lifetime == 123


async def test_a_refused_token_is_renewed_once_and_nobody_notices(shop: Shop) -> None:
    await shop.fabric.probe()
    shop.suffer("get_members", Fault(revoke_token=True))
    (member,) = await shop.fabric.members([NADIA])
    assert isinstance(member, Member)
    assert [call.status for call in shop.calls("get_members")] == [401, 200]
    assert len(shop.calls("token")) == 2


async def test_trap_401_comes_outside_the_envelope(shop: Shop) -> None:
    shop.answer("get_members", {"detail": "No."}, status=401, times=2)
    (error,) = await shop.fabric.members([NADIA])
    assert isinstance(error, Unavailable)
    assert error.code is ErrorCode.PROVIDER_CREDENTIALS
    assert error.program == "northshore"
    assert len(shop.calls("get_members")) == 2


async def test_wrong_credentials_are_the_operators_affair(shop: Shop) -> None:
    fabric = shop.open(client_secret="wrong")
    (error,) = await fabric.members([NADIA])
    assert isinstance(error, Unavailable)
    assert error.code is ErrorCode.PROVIDER_CREDENTIALS
    assert error.upstream is not None
    assert error.upstream.code == "invalid_client"
    assert shop.counts == {}


@pytest.mark.parametrize(
    "body",
    [
        {"access_token": "two\nlines", "expires_in": 600},
        {"access_token": "fine", "expires_in": 0},
        {"access_token": "fine", "token_type": "mac", "expires_in": 600},
        {"expires_in": 600},
    ],
)
async def test_a_token_that_cannot_be_used_is_a_bad_response(shop: Shop, body: object) -> None:
    shop.answer("token", body)
    with pytest.raises(Unavailable) as caught:
        await shop.fabric.probe()
    assert caught.value.code is ErrorCode.PROVIDER_BAD_RESPONSE
    assert "two" not in str(caught.value)


# ---------------------------------------------------------------- members


async def test_a_member_is_told_with_all_its_facts(shop: Shop) -> None:
    (member,) = await shop.fabric.members([NADIA.upper()])
    assert isinstance(member, Member)
    assert member.ref == MemberRef("northshore", NADIA)
    assert member.number == "70410002318"
    assert member.status is MemberStatus.ACTIVE
    assert member.name == "Nadia Okafor"
    assert member.gender is None
    assert member.tier is not None
    assert (member.tier.tier.code, member.tier.tier.name) == ("SLV", "Silver")
    assert member.attributes == (
        Attribute("profileId", NADIA),
        Attribute("favouriteStore", "NS-SEA-04"),
    )
    assert member.fetched_at == NOW
    (call,) = shop.calls("get_members")
    assert call.query == {"profileId": NADIA}


async def test_every_member_is_one_call_and_answers_keep_their_order(shop: Shop) -> None:
    keys = [key_of("zero"), STRANGER, key_of("rich")]
    zero, nobody, rich = await shop.fabric.members(keys)
    assert isinstance(zero, Member)
    assert isinstance(rich, Member)
    assert (zero.given_name, nobody, rich.given_name) == ("Zoe", None, "Ruth")
    assert shop.counts == {"get_members": 3}


async def test_one_failed_member_leaves_the_others_alone(shop: Shop) -> None:
    shop.answer("get_members", {"status": 500, "errors": {}}, status=500, times=1)
    answers = await shop.fabric.members([key_of("zero"), key_of("rich")])
    kinds = sorted(type(answer).__name__ for answer in answers)
    assert kinds == ["Member", "Unavailable"]


@pytest.mark.parametrize("key", ["", "70410002318", "../v1/redeem", NADIA + "0", "{" + NADIA + "}"])
async def test_a_key_that_is_no_uuid_names_nobody_and_costs_no_call(shop: Shop, key: str) -> None:
    fabric = shop.fabric
    assert await fabric.members([key]) == [None]
    assert await fabric.balances([key]) == [None]
    assert await fabric.expiring([key]) == [None]
    assert await fabric.vouchers([key], None) == [None]
    assert await fabric.offers([key], Basket(())) == [None]
    assert await fabric.voucher(VoucherRef(MemberRef("northshore", key), STRANGER)) is None
    assert await fabric.voucher(VoucherRef(MemberRef("northshore", NADIA), "")) is None
    assert await fabric.transaction(key, ("A", "EARN", STRANGER)) is None
    for refused in (
        fabric.expired(key, ALWAYS),
        fabric.redeemable_at(key, "ONLINE"),
        fabric.transactions(key, ALWAYS, PageRequest(1)),
    ):
        with pytest.raises(MemberNotFound):
            await refused
    assert shop.calls() == []


@pytest.mark.parametrize("told_by", ["bad_request", "not_found", "empty"])
async def test_a_member_that_does_not_exist_is_none_however_it_is_told(
    shop: Shop, told_by: str
) -> None:
    shop.turn(unknown_member=told_by)
    assert await shop.fabric.members([STRANGER]) == [None]
    assert await shop.fabric.balances([STRANGER]) == [None]
    assert await shop.fabric.member_by_number("70419999999") is None
    assert await shop.fabric.find_members(MemberLookup(native_id=STRANGER)) == []


async def test_which_refusals_mean_nobody_is_a_setting(shop: Shop) -> None:
    body = {"status": 400, "errors": {"member": ["No such person."]}}
    shop.answer("get_members", body, status=400, times=3)
    (refused,) = await shop.fabric.members([STRANGER])
    assert isinstance(refused, LoyaltyError)
    assert refused.code is ErrorCode.PROVIDER_ERROR
    assert shop.fabric.unmapped["Get Members", "400 member"] == 1
    assert await shop.assuming(absent_member=["member: no such"]).members([STRANGER]) == [None]
    assert await shop.assuming(any_refusal_is_absence=True).members([STRANGER]) == [None]


@pytest.mark.parametrize("shape", ["by_filter", "object", "array"])
async def test_get_members_may_answer_an_object_or_a_list(shop: Shop, shape: str) -> None:
    shop.turn(members_shape=shape, unset_values="absent")
    by_number = await shop.fabric.member_by_number(" 70410002318 ")
    by_id = await shop.fabric.member_by_number(NADIA)
    assert by_number == by_id
    assert by_number is not None
    assert [dict(call.query) for call in shop.calls("get_members")] == [
        {"loyaltyNumber": "70410002318"},
        {"profileId": NADIA},
    ]
    assert await shop.fabric.member_by_number("  ") is None
    assert shop.counts == {"get_members": 2}


@pytest.mark.parametrize(
    ("native", "status"),
    [
        ("Disabled", MemberStatus.INACTIVE),
        ("Inactive", MemberStatus.INACTIVE),
        ("Deleted", MemberStatus.INACTIVE),
    ],
)
async def test_a_closed_account_is_inactive(shop: Shop, native: str, status: MemberStatus) -> None:
    shop.turn(closed_account_status=native)
    (member,) = await shop.fabric.members([key_of("inactive")])
    assert isinstance(member, Member)
    assert (member.status, member.native_status) == (status, native)


async def test_an_unknown_status_is_unknown_counted_and_can_be_taught(shop: Shop) -> None:
    account = {"profileId": NADIA, "accountStatus": "Frozen"}
    shop.answer("get_members", enveloped({"accounts": [account]}), times=2)
    (member,) = await shop.fabric.members([NADIA])
    assert isinstance(member, Member)
    assert member.status is MemberStatus.UNKNOWN
    assert shop.fabric.unmapped["Get Members", "accountStatus Frozen"] == 1
    taught = shop.assuming(account_statuses={"Frozen": "SUSPENDED"})
    (member,) = await taught.members([NADIA])
    assert isinstance(member, Member)
    assert member.status is MemberStatus.SUSPENDED


async def test_an_answer_about_someone_else_is_a_bad_response(shop: Shop) -> None:
    other = {"accounts": [{"profileId": key_of("rich"), "loyaltyNumber": "70410002301"}]}
    shop.answer("get_members", enveloped(other))
    (error,) = await shop.fabric.members([NADIA])
    assert isinstance(error, Unavailable)
    assert error.code is ErrorCode.PROVIDER_BAD_RESPONSE
    assert "someone else" in error.message


async def test_of_a_person_with_two_accounts_the_one_asked_for_is_the_membership(
    shop: Shop,
) -> None:
    accounts = [
        {"profileId": key_of("rich"), "loyaltyNumber": "1", "clubReference": "OTHER_CLUB"},
        {"profileId": NADIA, "loyaltyNumber": "2", "clubReference": "NORTHSHORE_PLUS"},
    ]
    shop.answer("get_members", enveloped({"accounts": accounts, "firstName": "Nadia"}), times=3)
    ours, theirs = (
        await shop.fabric.members([NADIA]),
        await shop.fabric.members([key_of("rich")]),
    )
    assert isinstance(ours[0], Member)
    assert ours[0].number == "2"
    assert theirs == [None]
    found = await shop.fabric.find_members(MemberLookup(name=PersonName("Nadia")))
    assert [member.number for member in found] == ["2"]


# ---------------------------------------------------------------- finding members


@pytest.mark.parametrize(
    ("by", "query"),
    [
        (MemberLookup(number="70410002318"), {"loyaltyNumber": "70410002318"}),
        (MemberLookup(number=NADIA.upper()), {"profileId": NADIA}),
        (MemberLookup(native_id=NADIA), {"profileId": NADIA}),
        (MemberLookup(email=" Nadia.Okafor@example.com "), {"email": "Nadia.Okafor@example.com"}),
        (MemberLookup(phone="+1 (206) 555-0118"), {"phonenumber": "12065550118"}),
        (
            MemberLookup(name=PersonName("nadia", "Okafor", "98109")),
            {"firstName": "nadia", "lastName": "Okafor", "postalCode": "98109"},
        ),
        (
            MemberLookup(native_id=NADIA, phone="12065550118"),
            {"profileId": NADIA, "phonenumber": "12065550118"},
        ),
    ],
)
async def test_a_member_is_found_by_what_get_members_can_filter(
    shop: Shop, by: MemberLookup, query: dict[str, str]
) -> None:
    found = await shop.fabric.find_members(by)
    assert [member.ref.key for member in found] == [NADIA]
    (call,) = shop.calls("get_members")
    sent = {name: value for name, value in call.query.items() if name not in ("offset", "limit")}
    assert sent == query


async def test_two_people_with_one_phone_are_both_found(shop: Shop) -> None:
    found = await shop.fabric.find_members(MemberLookup(phone="12065550177"))
    assert {member.given_name for member in found} == {"Sam", "Sandra"}


async def test_all_criteria_must_match_even_where_the_provider_ignores_some(shop: Shop) -> None:
    everybody = [
        {
            "accounts": [{"profileId": key_of(persona), "clubReference": "NORTHSHORE_PLUS"}],
            "firstName": "Sam",
            "emailAddress": email,
        }
        for persona, email in (("rich", "other@example.com"), ("zero", "sam@example.com"))
    ]
    shop.answer("get_members", enveloped(everybody))
    by = MemberLookup(email="sam@example.com", name=PersonName("Sam"))
    found = await shop.fabric.find_members(by)
    assert [member.ref.key for member in found] == [key_of("zero")]


async def test_a_search_reads_all_pages(shop: Shop) -> None:
    fabric = shop.assuming(page_size=50)
    found = await fabric.find_members(MemberLookup(name=PersonName("Amir", "Abbott")))
    assert len(found) == 112
    assert len({member.ref for member in found}) == 112
    assert [(call.query["offset"], call.query["limit"]) for call in shop.calls("get_members")] == [
        ("0", "50"),
        ("50", "50"),
        ("100", "50"),
    ]


async def test_limit_may_be_the_number_of_the_last_record(shop: Shop) -> None:
    shop.turn(limit_means="end")
    fabric = shop.assuming(page_size=40, limit_is_last_record=True)
    by = MemberLookup(name=PersonName("Samira", "Nobody"))
    assert await fabric.find_members(by) == []
    found = await fabric.transactions(NADIA, ALWAYS, PageRequest(1, "1"))
    assert shop.calls("get_transactions")[0].query["limit"] == "3"
    assert len(found.entries) == 1


async def test_pages_that_do_not_move_on_are_a_bad_response(shop: Shop) -> None:
    row = {"accounts": [{"profileId": NADIA}], "firstName": "Nadia"}
    shop.answer("get_members", enveloped([row]), times=2)
    with pytest.raises(Unavailable) as caught:
        await shop.assuming(page_size=1).find_members(MemberLookup(name=PersonName("Nadia")))
    assert caught.value.code is ErrorCode.PROVIDER_BAD_RESPONSE


@pytest.mark.parametrize(
    ("by", "field"),
    [
        (MemberLookup(attribute=Attribute("a", "b")), ("by", "attribute")),
        (MemberLookup(mobile_user="u1"), ("by", "mobileUser")),
        (MemberLookup(name=PersonName("Na*", wildcard=True)), ("by", "name", "wildcard")),
        (MemberLookup(number="1", mobile_user="u1"), ("by", "mobileUser")),
    ],
)
async def test_what_cannot_be_searched_is_unsupported_before_any_call(
    shop: Shop, by: MemberLookup, field: tuple[str, ...]
) -> None:
    with pytest.raises(Unsupported) as caught:
        await shop.fabric.find_members(by)
    assert caught.value.operation is Operation.MEMBER_LOOKUP
    assert caught.value.field == field
    assert shop.calls() == []


@pytest.mark.parametrize(
    "by",
    [
        MemberLookup(number=" "),
        MemberLookup(native_id="70410002318"),
        MemberLookup(phone="none"),
        MemberLookup(email=""),
        MemberLookup(name=PersonName("", "Okafor")),
        MemberLookup(number=NADIA, native_id=STRANGER),
    ],
)
async def test_an_empty_or_contradictory_search_finds_nobody_and_asks_nobody(
    shop: Shop, by: MemberLookup
) -> None:
    assert await shop.fabric.find_members(by) == []
    assert shop.calls() == []


async def test_a_search_by_nothing_is_refused(shop: Shop) -> None:
    with pytest.raises(InvalidInput):
        await shop.fabric.find_members(MemberLookup())
    assert shop.calls() == []


async def test_text_that_no_wire_can_carry_is_refused_before_any_call(shop: Shop) -> None:
    broken = "\ud800"
    line = BasketLine(product_code=broken, quantity=Decimal(1), unit_price=Decimal(1))
    refusals = await shop.fabric.offers([NADIA], Basket((line,)))
    for refused in (
        shop.fabric.member_by_number(broken),
        shop.fabric.find_members(MemberLookup(email=broken)),
        shop.fabric.redeemable_at(NADIA, broken),
        shop.fabric.transaction(NADIA, (broken, "EARN", "")),
    ):
        with pytest.raises(InvalidInput) as caught:
            await refused
        refusals.append(caught.value)
    assert all(isinstance(refusal, InvalidInput) for refusal in refusals)
    assert shop.counts == {}


# ---------------------------------------------------------------- points


async def test_restricted_points_are_no_part_of_what_can_be_spent_anywhere(shop: Shop) -> None:
    balance = await balance_of(shop.fabric, "restricted")
    assert (balance.points, balance.restricted) == (Decimal(466), Decimal(20))
    assert balance.worth == Money(Decimal("23.30"), "USD")
    assert balance.buckets is not None
    assert sum(bucket.points for bucket in balance.buckets) == 486
    assert [b.restriction for b in balance.buckets if b.restriction] == ["NS-PDX-01"]


async def test_trap_pending_points_count_in_the_balance_and_cannot_be_spent(shop: Shop) -> None:
    balance = await balance_of(shop.fabric, "pending")
    assert (balance.points, balance.pending) == (Decimal(300), Decimal(66))
    assert balance.worth == Money(Decimal("15.00"), "USD")
    assert balance.buckets is not None
    assert [(b.state, b.points) for b in balance.buckets] == [
        (PointsState.AVAILABLE, Decimal(300)),
        (PointsState.PENDING, Decimal(66)),
    ]


async def test_what_locked_means_is_a_switch(shop: Shop) -> None:
    balance = await balance_of(shop.assuming(locked_points_are_pending=False), "pending")
    assert (balance.points, balance.pending) == (Decimal(366), None)
    assert balance.worth == Money(Decimal("18.30"), "USD")


async def test_big_and_broken_balances_are_exact(shop: Shop) -> None:
    assert (await balance_of(shop.fabric, "twelve_digits")).points == Decimal(123456789012)
    assert (await balance_of(shop.fabric, "rich")).points == Decimal("58250.50")
    assert (await balance_of(shop.fabric, "zero")).worth == Money(Decimal("0.00"), "USD")


async def test_a_debt_stays_a_debt_and_pending_points_never_make_one(shop: Shop) -> None:
    def points(total: str, locked: str) -> dict[str, object]:
        free = {"totalPoints": total, "totalCurrencyValue": "1.00"}
        balance = {"memberPointsLocked": locked}
        return enveloped({"breakdown": {"unrestrictedPoints": free}, "pointsBalance": balance})

    shop.answer("member_points", points("-20", "5"))
    assert (await balance_of(shop.fabric, "rich")).points == Decimal(-20)
    shop.answer("member_points", points("20", "50"))
    assert (await balance_of(shop.fabric, "rich")).points == Decimal(0)


async def test_a_kind_of_point_we_do_not_know_is_other_beside_its_own_word(shop: Shop) -> None:
    item = {"points": 5, "pointType": "Stellar"}
    free = {"totalPoints": 5, "unrestrictedPointsItems": [item]}
    shop.answer("member_points", enveloped([{"breakdown": {"unrestrictedPoints": free}}]))
    balance = await balance_of(shop.fabric, "rich")
    assert balance.buckets is not None
    (bucket,) = balance.buckets
    assert (bucket.kind, bucket.native_kind) == (PointsKind.OTHER, "Stellar")
    assert (balance.worth, balance.pending, balance.restricted) == (None, None, None)


async def test_expiring_points_come_by_windows_each_with_its_own(shop: Shop) -> None:
    (windows,) = await shop.fabric.expiring([key_of("expiring")])
    assert isinstance(windows, tuple)
    assert [(each.points, each.worth, each.precision) for each in windows] == [
        (Decimal(120), Money(Decimal("6.00"), "USD"), ExpiryPrecision.WINDOW),
        (Decimal(80), Money(Decimal("4.00"), "USD"), ExpiryPrecision.WINDOW),
        (Decimal(200), Money(Decimal("10.00"), "USD"), ExpiryPrecision.WINDOW),
    ]
    assert [each.expires_at for each in windows] == sorted(each.expires_at for each in windows)
    (call,) = shop.calls("points_expiry")
    assert call.query == {"profileId": key_of("expiring")}


async def test_windows_that_count_all_before_them_are_told_apart(shop: Shop) -> None:
    shop.turn(expiry_buckets_apart=False, expiry_buckets_empty_omitted=False)
    fabric = shop.assuming(expiry_buckets_apart=False)
    (windows,) = await fabric.expiring([key_of("expiring")])
    assert isinstance(windows, tuple)
    assert [each.points for each in windows] == [Decimal(120), Decimal(80), Decimal(200)]
    assert [each.worth for each in windows if each.worth] == [
        Money(Decimal(amount), "USD") for amount in ("6.00", "4.00", "10.00")
    ]


async def test_a_point_value_that_is_no_money_is_replaced_by_the_configured_worth(
    shop: Shop,
) -> None:
    shop.turn(expiry_point_value="points")
    fabric = shop.assuming(expiry_value_is_money=False)
    (windows,) = await fabric.expiring([key_of("expiring")])
    assert isinstance(windows, tuple)
    assert windows[0].worth == Money(Decimal("6.00"), "USD")


async def test_expired_points_are_those_of_the_period(shop: Shop) -> None:
    key = key_of("expiring")
    (lost,) = await shop.fabric.expired(key, ALWAYS)
    assert lost.points == Decimal(35)
    around = Period(lost.expired_at, lost.expired_at)
    assert await shop.fabric.expired(key, around) == (lost,)
    later = Period(lost.expired_at + timedelta(microseconds=1), None)
    assert await shop.fabric.expired(key, later) == ()
    call = shop.calls("expired_points")[1]
    assert call.path.endswith(f"/v1/inquire/all-points-expiry/{key}")
    wire_time = lost.expired_at.strftime("%Y-%m-%d %H:%M:%S")
    assert call.query == {"startTimestampUTC": wire_time, "endTimestampUTC": wire_time}


async def test_redeemable_points_of_a_store_include_its_own(shop: Shop) -> None:
    assert await shop.fabric.redeemable_at(NADIA, "NS-PDX-01") == Decimal(486)
    assert await shop.fabric.redeemable_at(NADIA, "NS-SEA-04") == Decimal(466)
    assert shop.calls("redeemable_points")[0].query == {
        "profileId": NADIA,
        "clubExternalReference": "NORTHSHORE_PLUS",
        "externalReference": "NS-PDX-01",
    }


async def test_an_unknown_store_is_the_callers_to_correct(shop: Shop) -> None:
    with pytest.raises(InvalidInput) as caught:
        await shop.fabric.redeemable_at(NADIA, "NOWHERE")
    assert caught.value.field == ("outlet",)


async def test_reasons_and_point_types_are_the_tenants(shop: Shop) -> None:
    reasons = await shop.fabric.adjustment_reasons()
    assert ("4102", "Goodwill correction", "points_adjustment") in [
        (reason.code, reason.title, reason.action) for reason in reasons
    ]
    assert await shop.fabric.point_types() == ("Base", "Bonus", "Promotional", "Restricted")


async def test_a_probe_is_one_cheap_call(shop: Shop) -> None:
    probe = await shop.fabric.probe()
    assert probe.latency_ms > 0
    assert shop.counts == {"point_types": 1}


# ---------------------------------------------------------------- vouchers and offers


async def test_trap_history_is_never_asked_without_a_profile_id(shop: Shop) -> None:
    await shop.fabric.vouchers(["", " ", NADIA, key_of("vouchers")], None)
    await shop.fabric.voucher(VoucherRef(MemberRef("northshore", ""), STRANGER))
    asked = [call.query.get("profileId") for call in shop.calls("rewards_history")]
    assert sorted(filter(None, asked)) == sorted([NADIA, key_of("vouchers")])
    assert len(asked) == 2


async def test_trap_rewards_of_other_members_are_never_shown(shop: Shop) -> None:
    code = "b1c6a1de-4c8f-4a0b-bc0a-6b7f0d9e3f55"
    rows = [
        {"profileId": owner, "redemptionCode": code, "status": "Active"}
        for owner in (NADIA, key_of("rich"))
    ]
    shop.answer("rewards_history", enveloped(rows))
    (error,) = await shop.fabric.vouchers([NADIA], None)
    assert isinstance(error, Unavailable)
    assert error.code is ErrorCode.PROVIDER_BAD_RESPONSE


async def test_rewards_are_vouchers_in_every_status(shop: Shop) -> None:
    (vouchers,) = await shop.fabric.vouchers([key_of("vouchers")], None)
    assert isinstance(vouchers, tuple)
    by_status = {voucher.status: voucher for voucher in vouchers}
    assert by_status.keys() == {
        VoucherStatus.USABLE,
        VoucherStatus.REDEEMED,
        VoucherStatus.CANCELED,
        VoucherStatus.REVERSED,
        VoucherStatus.EXPIRED,
    }
    assert {v.discount for v in vouchers} == {AmountOff(Money(Decimal("5.00"), "USD"))}
    usable = {status: voucher.usable for status, voucher in by_status.items()}
    now = usable[VoucherStatus.USABLE]
    assert now is not None
    assert (now.now, now.reasons, now.native_reason) == (True, (), None)
    gone = usable[VoucherStatus.EXPIRED]
    assert gone is not None
    assert (gone.now, gone.reasons) == (False, (UnusableReason.EXPIRED,))


async def test_an_active_reward_past_its_expiry_is_expired(shop: Shop) -> None:
    shop.turn(rewards_past_expiry="Active")
    (vouchers,) = await shop.fabric.vouchers([key_of("vouchers")], None)
    assert isinstance(vouchers, tuple)
    active = [v.status for v in vouchers if v.native_status == "Active"]
    assert sorted(active) == [VoucherStatus.EXPIRED, VoucherStatus.USABLE]


async def test_all_pages_of_the_history_are_read(shop: Shop) -> None:
    (vouchers,) = await shop.assuming(page_size=2).vouchers([key_of("vouchers")], None)
    assert isinstance(vouchers, tuple)
    assert len(vouchers) == 5
    offsets = [call.query["offset"] for call in shop.calls("rewards_history")]
    assert offsets == ["0", "2", "4"]


async def test_a_reward_that_slips_to_the_next_page_is_told_once(shop: Shop) -> None:
    first, second, third = (
        {"profileId": NADIA, "redemptionCode": _code(number), "status": "Active"}
        for number in (1, 2, 3)
    )
    shop.answer("rewards_history", enveloped([first, second]))
    shop.answer("rewards_history", enveloped([second, third]))
    shop.answer("rewards_history", enveloped([]))
    (vouchers,) = await shop.assuming(page_size=2).vouchers([NADIA], None)
    assert isinstance(vouchers, tuple)
    assert [voucher.ref.code for voucher in vouchers] == [_code(1), _code(2), _code(3)]


async def test_a_voucher_is_found_by_its_code_and_no_page_is_read_for_nothing(shop: Shop) -> None:
    fabric = shop.assuming(page_size=2)
    (vouchers,) = await fabric.vouchers([key_of("vouchers")], None)
    assert isinstance(vouchers, tuple)
    before = shop.counts["rewards_history"]
    ref = vouchers[0].ref
    assert await fabric.voucher(VoucherRef(ref.member, ref.code.upper())) == vouchers[0]
    assert shop.counts["rewards_history"] == before + 1
    assert await fabric.voucher(VoucherRef(ref.member, STRANGER)) is None


async def test_an_unknown_reward_status_is_unknown_unusable_and_counted(shop: Shop) -> None:
    row = {"profileId": NADIA, "redemptionCode": STRANGER, "status": "Paused"}
    shop.answer("rewards_history", enveloped([row]))
    (vouchers,) = await shop.fabric.vouchers([NADIA], None)
    assert isinstance(vouchers, tuple)
    assert vouchers[0].status is VoucherStatus.UNKNOWN
    assert vouchers[0].usable is not None
    assert not vouchers[0].usable.now
    assert shop.fabric.unmapped["Rewards History", "status Paused"] == 1


async def test_offers_without_a_basket_cannot_be_known_and_cost_nothing(shop: Shop) -> None:
    assert await shop.fabric.offers([NADIA, key_of("rich")], None) == [None, None]
    assert shop.calls() == []


async def test_a_basket_is_priced_to_the_cent_with_tax_in_gross(shop: Shop) -> None:
    basket = Basket(
        lines=(
            BasketLine(
                product_code="MUG-01",
                quantity=Decimal(3),
                unit_price=Decimal("19.99"),
                tax=Decimal("4.80"),
                categories=("Mugs",),
            ),
            BasketLine(
                product_code="TEA-LOOSE", quantity=Decimal("0.250"), unit_price=Decimal("72.10")
            ),
            BasketLine(product_code="SWEETS", quantity=Decimal(3), unit_price=Decimal("0.333")),
        ),
        outlet="NS-SEA-04",
    )
    (offers,) = await shop.fabric.offers([NADIA], basket)
    assert isinstance(offers, tuple)
    assert [(offer.code, offer.discount) for offer in offers] == [
        ("31", PercentageOff(Decimal(10))),
        ("902:MUG-01", AmountOff(Money(Decimal("4.00"), "USD"))),
    ]
    (call,) = shop.calls("get_discounts")
    sent = json.loads(call.body, parse_float=Decimal)
    assert sent == {
        "profileId": NADIA,
        "entityReference": "NS-SEA-04",
        "transactionTimestamp": "2026-06-14 18:30:00",
        "grossAmount": Decimal("83.80"),
        "taxAmount": Decimal("4.80"),
        "netAmount": Decimal("79.00"),
        "transactionItems": [
            _item("MUG-01", ["Mugs"], ("64.77", "4.80", "59.97", "19.99"), 3),
            _item("TEA-LOOSE", [], ("18.03", "0.00", "18.03", "18.03"), 1),
            _item("SWEETS", [], ("1.00", "0.00", "1.00", "1.00"), 1),
        ],
    }


def _item(
    sku: str, categories: list[str], amounts: tuple[str, str, str, str], quantity: int
) -> dict[str, object]:
    gross, tax, net, price = (Decimal(amount) for amount in amounts)
    return {
        "SKU": sku,
        "categories": categories,
        "grossAmount": gross,
        "taxAmount": tax,
        "netAmount": net,
        "itemPrice": price,
        "itemQuantity": quantity,
    }


async def test_a_basket_without_an_outlet_is_asked_for_the_programs_store(shop: Shop) -> None:
    line = BasketLine(product_code="X", quantity=Decimal(1), unit_price=Decimal(1))
    await shop.fabric.offers([NADIA], Basket((line,)))
    (call,) = shop.calls("get_discounts")
    assert json.loads(call.body)["entityReference"] == "ONLINE"


# ---------------------------------------------------------------- transactions


async def test_trap_transactions_live_under_v2_and_all_else_under_v1(shop: Shop) -> None:
    fabric = shop.fabric
    await fabric.transactions(NADIA, ALWAYS, PageRequest(5))
    await fabric.members([NADIA])
    await fabric.balances([NADIA])
    await fabric.vouchers([NADIA], None)
    assert [call.path for call in shop.calls() if call.operation != "token"] == [
        "/fabric/api/v2/earn/get-transaction",
        "/fabric/api/v1/members",
        f"/fabric/api/v1/inquire/{NADIA}/member-points",
        "/fabric/api/v1/redeem",
    ]


async def test_transactions_are_told_newest_first_with_signed_effects(shop: Shop) -> None:
    page = await shop.fabric.transactions(NADIA, ALWAYS, PageRequest(10))
    assert [(each.kind, each.native_kind) for each in page.entries] == [
        (TransactionKind.PURCHASE, "EARN"),
        (TransactionKind.REDEMPTION, "BURN"),
        (TransactionKind.PURCHASE, "EARN"),
        (TransactionKind.PURCHASE, "EARN"),
    ]
    order, burn = page.entries[0], page.entries[1]
    assert order.effect is not None
    assert burn.effect is not None
    assert (order.effect.earned, order.effect.promotional) == (Decimal(66), Decimal(10))
    assert (burn.effect.redeemed, burn.effect.earned) == (Decimal(100), Decimal(0))
    assert order.total == Money(Decimal("60.80"), "USD")
    assert order.document is not None
    assert order.document.id == "NS-ORD-88120"
    assert order.lines is not None
    assert [line.product_code for line in order.lines] == ["TEA-250", "MUG-01"]
    assert {line.type for line in order.lines} == {LineType.NORMAL}
    assert not page.has_next
    assert {call.query["profileId"] for call in shop.calls("get_transactions")} == {NADIA}


async def test_pages_join_without_gap_or_repetition_and_positions_are_offsets(shop: Shop) -> None:
    fabric = shop.assuming(page_size=2)
    whole = await fabric.transactions(NADIA, ALWAYS, PageRequest(10))
    first = await fabric.transactions(NADIA, ALWAYS, PageRequest(3))
    assert first.entries == whole.entries[:3]
    assert first.positions == ("1", "2", "3")
    assert first.has_next
    rest = await fabric.transactions(NADIA, ALWAYS, PageRequest(3, first.positions[-1]))
    assert rest.entries == whole.entries[3:]
    assert (rest.positions, rest.has_next) == (("4",), False)


async def test_a_period_is_sent_in_utc_and_holds_to_the_microsecond(shop: Shop) -> None:
    everything = await shop.fabric.transactions(NADIA, ALWAYS, PageRequest(10))
    newest = everything.entries[0].posted_at
    assert newest is not None
    zone = newest.astimezone().tzinfo
    until = Period(None, newest.astimezone(zone))
    page = await shop.fabric.transactions(NADIA, until, PageRequest(10))
    assert page.entries == everything.entries
    end = shop.calls("get_transactions")[-1].query["endTimestampUTC"]
    assert datetime.fromisoformat(end).replace(tzinfo=UTC) - newest < timedelta(seconds=1)
    before = Period(NOW - timedelta(days=365), newest - timedelta(days=1))
    page = await shop.fabric.transactions(NADIA, before, PageRequest(10))
    assert page.entries == everything.entries[1:]


async def test_what_lies_outside_of_the_period_by_all_its_times_is_left_out(shop: Shop) -> None:
    late = "2026-06-01T10:00:00.5"
    rows = [
        _row(_code(1), transactionDateTime=late),
        _row(_code(2), transactionDateTime=late, activityTimestamp="2026-06-01T09:00:00"),
    ]
    shop.answer("get_transactions", enveloped(rows))
    until = Period(None, datetime(2026, 6, 1, 10, tzinfo=UTC))
    page = await shop.fabric.transactions(NADIA, until, PageRequest(5))
    assert [entry.native_id for entry in page.entries] == [_code(2)]
    assert page.positions == ("2",)


async def test_a_history_in_another_order_is_put_in_ours(shop: Shop) -> None:
    newest_first = await shop.fabric.transactions(NADIA, ALWAYS, PageRequest(3))
    shop.turn(transactions_order="oldest_first")
    fabric = shop.assuming(transactions_newest_first=False, page_size=2)
    assert await fabric.transactions(NADIA, ALWAYS, PageRequest(3)) == newest_first
    rest = await fabric.transactions(NADIA, ALWAYS, PageRequest(3, "3"))
    assert (len(rest.entries), rest.positions, rest.has_next) == (1, ("4",), False)


def _row(code: str, kind: str = "EARN", points: object = 5, **more: object) -> dict[str, object]:
    return {
        "profileId": NADIA,
        "transactionCode": code,
        "transactionType": kind,
        "transactionDateTime": "2026-06-01T10:00:00",
        "points": points,
        **more,
    }


def _code(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012d}"


async def test_a_transaction_that_slips_to_the_next_page_is_told_once(shop: Shop) -> None:
    fabric = shop.assuming(page_size=2)
    shop.answer("get_transactions", enveloped([_row(_code(1)), _row(_code(2))]))
    shop.answer("get_transactions", enveloped([_row(_code(2)), _row(_code(3))]))
    shop.answer("get_transactions", enveloped([]))
    page = await fabric.transactions(NADIA, ALWAYS, PageRequest(3))
    assert [each.native_id for each in page.entries] == [_code(1), _code(2), _code(3)]
    assert page.positions == ("1", "2", "4")


async def test_a_history_that_does_not_move_on_is_a_bad_response(shop: Shop) -> None:
    rows = [_row(_code(1)), _row(_code(2))]
    shop.answer("get_transactions", enveloped(rows), times=2)
    with pytest.raises(Unavailable) as caught:
        await shop.assuming(page_size=2).transactions(NADIA, ALWAYS, PageRequest(5))
    assert caught.value.code is ErrorCode.PROVIDER_BAD_RESPONSE


@pytest.mark.parametrize(
    ("native", "points", "kind", "effect"),
    [
        ("EARN", "5", TransactionKind.PURCHASE, ("5", "0", "0")),
        ("BURN", "-5", TransactionKind.REDEMPTION, ("0", "5", "0")),
        ("BURN", "5", TransactionKind.REDEMPTION, ("0", "5", "0")),
        ("EXPIRY", "-5", TransactionKind.EXPIRY, ("0", "0", "-5")),
        ("EARN_REVERSE", "-5", TransactionKind.RETURN, ("0", "0", "-5")),
        ("BURN_REVERSE", "5", TransactionKind.ADJUSTMENT, ("0", "0", "5")),
        ("ADJUSTMENT", "5", TransactionKind.ADJUSTMENT, ("0", "0", "5")),
        ("DEDUCT", "5", TransactionKind.ADJUSTMENT, ("0", "0", "-5")),
        ("TRANSFER", "-5", TransactionKind.OTHER, ("0", "0", "-5")),
        ("MERGE", "5", TransactionKind.OTHER, ("0", "0", "5")),
        ("FORFEITED", "5", TransactionKind.OTHER, ("0", "0", "-5")),
        ("CONVERT", "-5", TransactionKind.OTHER, ("0", "0", "-5")),
        ("UNMERGE", "-5", TransactionKind.OTHER, ("0", "0", "-5")),
        ("SURPRISE", "-5", TransactionKind.OTHER, ("0", "0", "-5")),
    ],
)
async def test_every_type_of_transaction_has_its_kind_and_direction(
    shop: Shop,
    native: str,
    points: str,
    kind: TransactionKind,
    effect: tuple[str, str, str],
) -> None:
    shop.answer("get_transactions", enveloped([_row(_code(1), native, points)]))
    page = await shop.fabric.transactions(NADIA, ALWAYS, PageRequest(5))
    (entry,) = page.entries
    assert (entry.kind, entry.native_kind) == (kind, native)
    assert entry.effect is not None
    told = (entry.effect.earned, entry.effect.redeemed, entry.effect.adjusted)
    assert told == tuple(Decimal(figure) for figure in effect)
    assert entry.ref.key == ("", native, _code(1))
    counted = shop.fabric.unmapped["Get Transactions", f"transactionType {native}"]
    assert counted == (1 if native == "SURPRISE" else 0)


async def test_an_exchange_is_known_by_the_callers_own_type(shop: Shop) -> None:
    fabric = shop.open(transaction_types={"PURCHASE": "purchase", "EXCHANGE": "exchange"})
    rows = [_row(_code(1), transactionTypeExternalReference="exchange")]
    shop.answer("get_transactions", enveloped(rows))
    page = await fabric.transactions(NADIA, ALWAYS, PageRequest(5))
    assert page.entries[0].kind is TransactionKind.EXCHANGE


async def test_a_transaction_is_found_again_by_its_key(shop: Shop) -> None:
    page = await shop.fabric.transactions(NADIA, ALWAYS, PageRequest(10))
    for entry in page.entries:
        assert await shop.fabric.transaction(NADIA, entry.ref.key) == entry
    order = page.entries[0]
    assert await shop.fabric.transaction(NADIA, ("NS-ORD-88120", "EARN")) == order
    assert shop.calls("get_transactions")[-1].query["transactionType"] == "EARN"
    assert await shop.fabric.transaction(NADIA, ("NS-ORD-88120", "EARN_REVERSE", "")) is None
    assert await shop.fabric.transaction(NADIA, ("OTHER", "EARN", order.ref.key[2])) is None
    assert {call.query["profileId"] for call in shop.calls("get_transactions")} == {NADIA}


@pytest.mark.parametrize("key", [(), ("", "EARN", ""), ("A", "EARN", "no uuid")])
async def test_a_key_no_transaction_can_have_costs_no_call(
    shop: Shop, key: tuple[str, ...]
) -> None:
    assert await shop.fabric.transaction(NADIA, key) is None
    assert shop.calls() == []


@pytest.mark.parametrize("after", ["", "-1", "1.5", "\u0661", "9999999999"])
async def test_a_position_that_is_no_offset_is_refused(shop: Shop, after: str) -> None:
    with pytest.raises(InvalidInput):
        await shop.fabric.transactions(NADIA, ALWAYS, PageRequest(1, after))
    assert shop.calls() == []


# ---------------------------------------------------------------- answers of all sorts


async def test_trap_http_200_with_body_status_201_is_a_success(shop: Shop) -> None:
    account = {"profileId": NADIA, "accountStatus": "Enabled"}
    shop.answer("get_members", enveloped({"accounts": [account]}, status=201))
    (member,) = await shop.fabric.members([NADIA])
    assert isinstance(member, Member)


async def test_a_failure_inside_of_an_http_200_is_a_failure(shop: Shop) -> None:
    shop.turn(failures_in_ok=True)
    assert await shop.fabric.members([STRANGER]) == [None]
    with pytest.raises(InvalidInput):
        await shop.fabric.redeemable_at(NADIA, "NOWHERE")


@pytest.mark.parametrize("errors", [{"ExceptionString": []}, "", None, [], {}])
async def test_empty_errors_are_no_error(shop: Shop, errors: object) -> None:
    body = {"status": 200, "message": "", "errors": errors, "data": []}
    shop.answer("action_reasons", body)
    assert await shop.fabric.adjustment_reasons() == ()


@pytest.mark.parametrize(
    "body",
    [
        {"status": 200, "errors": {"x": ["no"]}, "data": []},
        {"status": 200, "errors": {"x": [""]}, "data": []},
        {"status": 200, "errors": "no", "data": []},
        {"status": 200, "errors": ["no"], "data": []},
        {"status": 200, "errors": {}, "data": {"ExceptionString": "no"}},
        {"status": 400, "errors": {}, "data": []},
    ],
)
async def test_any_complaint_in_an_http_200_is_a_failure(shop: Shop, body: object) -> None:
    shop.answer("action_reasons", body)
    with pytest.raises(LoyaltyError) as caught:
        await shop.fabric.adjustment_reasons()
    assert caught.value.code is ErrorCode.PROVIDER_ERROR
    assert shop.fabric.unmapped.total() == 1


@pytest.mark.parametrize(
    "fault",
    [
        Fault(html=True),
        Fault(empty=True),
        Fault(wrong_types="all"),
        Fault(wrong_types="scalars"),
        Fault(status=400, html=True),
        Fault(status=200, body={"errors": {}, "data": []}, has_body=True),
        Fault(status=200, body=[], has_body=True),
        Fault(status=200, body={"status": 200, "data": [{"totalPoints": 1}]}, has_body=True),
    ],
)
async def test_an_answer_of_no_known_shape_is_a_bad_response(shop: Shop, fault: Fault) -> None:
    shop.suffer("member_points", fault)
    (error,) = await shop.fabric.balances([NADIA])
    assert isinstance(error, Unavailable)
    assert error.code is ErrorCode.PROVIDER_BAD_RESPONSE
    assert error.__cause__ is None
    assert error.program == "northshore"


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, ErrorCode.PROVIDER_ERROR),
        (403, ErrorCode.PROVIDER_CREDENTIALS),
        (404, ErrorCode.PROVIDER_ERROR),
        (409, ErrorCode.PROVIDER_ERROR),
        (500, ErrorCode.PROVIDER_UNAVAILABLE),
    ],
)
async def test_undocumented_statuses_fail_by_what_they_say(
    shop: Shop, status: int, code: ErrorCode
) -> None:
    shop.answer("point_types", {"detail": "Odd."}, status=status)
    with pytest.raises(LoyaltyError) as caught:
        await shop.fabric.point_types()
    assert caught.value.code is code
    assert caught.value.upstream is not None
    assert caught.value.upstream.http_status == status


async def test_words_of_the_provider_are_scrubbed_of_people(shop: Shop) -> None:
    text = f'"Nadia" nadia@example.com +1 206 555-0118 {NADIA} is odd'
    shop.answer("point_types", {"status": 400, "errors": {"email": [text]}}, status=400)
    with pytest.raises(LoyaltyError) as caught:
        await shop.fabric.point_types()
    words = caught.value.upstream
    assert words is not None
    assert words.code == "email"
    assert words.message == "… is odd"
    assert not any(part in str(shop.fabric.unmapped) for part in ("Nadia", "555", NADIA))


@pytest.mark.parametrize(
    "text",
    [
        "2026-06-01T10:00:00.114902",
        "2026-06-01 10:00:00.114902+00:00",
        "2026-06-01T10:00:00.114902Z",
        "2026-06-01 12:00:00.114902+02:00",
    ],
)
async def test_timestamps_come_in_four_forms_and_no_zone_is_utc(
    shop: Shop, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Asia/Kuala_Lumpur")
    time.tzset()
    shop.answer("get_transactions", enveloped([_row(_code(1), activityTimestamp=text)]))
    page = await shop.fabric.transactions(NADIA, ALWAYS, PageRequest(5))
    monkeypatch.undo()
    time.tzset()
    assert page.entries[0].occurred_at == datetime(2026, 6, 1, 10, 0, 0, 114902, tzinfo=UTC)


@pytest.mark.parametrize("text", ["yesterday", "20260601", "1780308000", "2026-13-01", 5])
async def test_what_is_no_timestamp_is_a_bad_response(shop: Shop, text: object) -> None:
    shop.answer("get_transactions", enveloped([_row(_code(1), activityTimestamp=text)]))
    with pytest.raises(Unavailable) as caught:
        await shop.fabric.transactions(NADIA, ALWAYS, PageRequest(5))
    assert caught.value.code is ErrorCode.PROVIDER_BAD_RESPONSE


@pytest.mark.parametrize(
    "switch", [{"unset_values": "absent"}, {"errors_on_success": "exception_string"}]
)
async def test_unset_values_may_be_absent_and_errors_may_have_an_empty_list(
    shop: Shop, switch: dict[str, str]
) -> None:
    async def read(fabric: Fabric) -> object:
        return [
            await fabric.members([NADIA]),
            await fabric.balances([NADIA]),
            await fabric.vouchers([NADIA], None),
            await fabric.expiring([NADIA]),
            await fabric.transactions(NADIA, ALWAYS, PageRequest(9)),
        ]

    before = await read(shop.fabric)
    shop.turn(**switch)
    assert await read(shop.fabric) == before


# ---------------------------------------------------------------- profile and settings


def test_the_adapter_can_what_its_code_can() -> None:
    able = {
        each.operation for each in capabilities(build_idle()) if each.support.value != "UNSUPPORTED"
    }
    assert able >= {
        Operation.MEMBER_READ,
        Operation.MEMBER_LOOKUP,
        Operation.BALANCE_READ,
        Operation.EXPIRY_READ,
        Operation.TIER_READ,
        Operation.VOUCHER_LIST,
        Operation.VOUCHER_CHECK,
        Operation.OFFER_LIST,
        Operation.TRANSACTION_LIST,
    }
    assert not able & {Operation.MEMBER_LIST, Operation.AFFINITY_READ, Operation.TIER_LIST}


def build_idle() -> Fabric:
    settings = FabricSettings.model_validate(SETTINGS)
    engine = HttpxEngine(httpx.AsyncClient())
    transports = [Transport("northshore", engine, Policy()) for _ in range(2)]
    return build("northshore", settings, *transports, lambda: NOW)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"clubb": "X"}, "clubb"),
        ({"assumptions": {"page_sise": 5}}, "page_sise"),
        ({"store": "NO"}, "store"),
        ({"transaction_types": {"PURCHASE": "a type that is too long"}}, "transaction_types"),
        ({"environment": "UAT", "client_secret": "plain"}, "client_secret"),
    ],
)
def test_settings_that_cannot_be_are_refused_by_name(change: dict[str, object], named: str) -> None:
    with pytest.raises(ValidationError) as caught:
        ADAPTER.settings.model_validate({**SETTINGS, **change})
    assert named in str(caught.value)
    assert "plain" not in str(caught.value)


def test_the_secret_never_travels_in_the_clear_outside_of_a_sandbox(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NORTHSHORE_SECRET", "s")
    change: dict[str, object] = {
        "environment": "UAT",
        "base_url": "https://loyalty.example.com/api",
        "client_secret": "env:NORTHSHORE_SECRET",
    }
    with pytest.raises(ValidationError, match="token_url must be https"):
        FabricSettings.model_validate({**SETTINGS, **change})


def test_the_defaults_are_the_contracts_choice() -> None:
    settings = FabricSettings.model_validate(SETTINGS)
    assert settings.transaction_types == {
        TransactionKind.PURCHASE: "purchase",
        TransactionKind.RETURN: "return",
    }
    assert settings.assumptions.locked_points_are_pending
    assert settings.assumptions.transactions_newest_first
