"""The Telluride adapter over the emulator in process: what it asks, and what it makes of it."""

import json
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import httpx
import pytest

from loyalty.errors import (
    ErrorCode,
    InvalidInput,
    LoyaltyError,
    MemberNotFound,
    Unavailable,
    Unsupported,
)
from loyalty.members import (
    AffinityStatus,
    Attribute,
    Member,
    MemberLookup,
    MemberStatus,
    PersonName,
)
from loyalty.offers import Basket, BasketLine, OfferKind
from loyalty.operations import Operation, SupportLevel
from loyalty.points import Balance, ExpiryPrecision, PointsKind
from loyalty.refs import MemberRef
from loyalty.sales import LineType, Outlet, SaleDraft, SaleLine, TransactionKind
from providers.http import Call, Policy, Reply, Transport
from providers.port import PageRequest, Period, capabilities
from providers.telluride import ADAPTER
from sandbox.app import Sandbox, create_app

NOW = datetime(2026, 6, 15, 17, 0, tzinfo=UTC)
CENTRAL = ZoneInfo("America/Chicago")
BASE = "http://127.0.0.1:9100/telluride"
YEAR = Period(NOW - timedelta(days=365), NOW)
NOBODY = "7081555999999999"


class InProcess:
    """An engine that reaches an ASGI app without a network."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def send(self, call: Call, timeout: float) -> Reply:  # noqa: ASYNC109 (the port)
        answer = await self.client.request(
            call.method, call.url, headers=dict(call.headers), content=call.body, timeout=timeout
        )
        return Reply(answer.status_code, dict(answer.headers), answer.content)

    async def aclose(self) -> None:
        await self.client.aclose()


@pytest.fixture(scope="module")
def app():
    return create_app(now=NOW)


@pytest.fixture
def world(app) -> Iterator[Sandbox]:
    sandbox = app.state.sandbox
    yield sandbox
    sandbox.frame.books.forget_calls()
    sandbox.frame.switches.reset()
    sandbox.frame.faults.reset()


def settings(world, **changes):
    table = {
        "environment": "SANDBOX",
        "provider": "telluride",
        "name": "Shop Your Way",
        "currency": "USD",
        "time_zone": "America/Chicago",
        "base_url": BASE,
        "token_url": f"{BASE}/oauthAS/service/oAuth/token.json",
        "client_id": "EXAMPLE_SHOP",
        "private_key": world.telluride.private_key_pem(),
        "requestor_id": "LGPH",
    }
    return ADAPTER.settings.model_validate(table | changes)


@pytest.fixture
async def open_program(app, world) -> AsyncIterator:
    engine = InProcess(httpx.AsyncClient(transport=httpx.ASGITransport(app)))

    def build(**changes):
        api, token = (Transport("syw", engine, Policy()) for _ in range(2))
        return ADAPTER.build("syw", settings(world, **changes), api, token, lambda: NOW)

    yield build
    await engine.aclose()


@pytest.fixture
def program(open_program):
    return open_program()


def number_of(world, key: str) -> str:
    return next(p.number for p in world.telluride.personas if p.key == key)


def calls(world, operation: str) -> list[dict]:
    return [json.loads(call.body) for call in world.frame.books.calls("telluride", operation)]


def switch(world, **values) -> None:
    world.frame.switches.set({"telluride": values})


def read(answers: list):
    (answer,) = answers
    assert not isinstance(answer, LoyaltyError | None), answer
    return answer


# ------------------------------------------------------------------ members


async def test_two_members_are_two_calls_under_one_token(world, program):
    rich, zero = number_of(world, "rich"), number_of(world, "zero")
    found = await program.members([rich, zero, rich])
    assert [member.number for member in found] == [rich, zero, rich]
    assert world.frame.books.counts()["telluride"] == {"token": 1, "GetMemberLookup": 2}


async def test_a_member_is_read_with_what_the_provider_knows(world, program):
    member = read(await program.members([number_of(world, "surprise")]))
    assert member == Member(
        ref=MemberRef("syw", number_of(world, "surprise")),
        number=number_of(world, "surprise"),
        status=MemberStatus.ACTIVE,
        native_status="A",
        name="Ada Byron",
        given_name="Ada",
        family_name="Byron",
        email="ada@example.com",
        phone=member.phone,
        birth_date=date(1985, 12, 10),
        language="en",
        joined_at=member.joined_at,
        tier=member.tier,
        attributes=(Attribute("receipt", ""),),
        fetched_at=NOW,
    )
    assert member.phone.isdigit()
    assert member.joined_at.astimezone(CENTRAL).time().isoformat() == "09:30:00"
    assert member.tier.progress.currency == "USD"


async def test_a_malformed_number_is_nobody_without_a_call(world, program):
    assert await program.members(["", "abc", "12-4", "٣٤", "1" * 19]) == [None] * 5
    assert await program.member_by_number("x' OR 1=1") is None
    assert await program.balances(["abc"]) == [None]
    assert await program.affinities(["abc"]) == [None]
    assert await program.offers(["abc"], None) == [None]
    assert await program.activity("abc", NOW, NOW) is None
    assert await program.transaction("abc", ("00001", "001", "1", "2026-06-01T10:05:00")) is None
    assert world.frame.books.counts() == {}


@pytest.mark.parametrize("key", [NOBODY, "42"])
async def test_an_unknown_member_is_none_everywhere(program, key):
    assert await program.members([key]) == [None]
    assert await program.member_by_number(key) is None
    assert await program.affinities([key]) == [None]
    with pytest.raises(MemberNotFound):
        await program.transactions(key, YEAR, PageRequest(5))


async def test_an_unknown_member_has_no_balance_no_offers_and_no_activity(program):
    assert await program.balances([NOBODY]) == [None]
    assert await program.offers([NOBODY], None) == [None]
    assert await program.activity(NOBODY, NOW - timedelta(days=3), NOW) is None


@pytest.mark.parametrize("how", ["customer", "records"])
async def test_not_found_is_spelt_many_ways_and_is_always_none(world, program, how):
    switch(world, lookup_not_found=how)
    assert await program.members([NOBODY]) == [None]


@pytest.mark.parametrize(
    ("key", "status"),
    [
        ("inactive", MemberStatus.INACTIVE),
        ("merged", MemberStatus.MERGED),
        ("replaced", MemberStatus.REPLACED),
        ("suspended", MemberStatus.SUSPENDED),
        ("pending_verified", MemberStatus.PENDING),
    ],
)
async def test_the_club_status_has_our_word(world, program, key, status):
    assert read(await program.members([number_of(world, key)])).status is status


async def test_a_letter_nobody_published_is_unknown_unless_the_settings_name_it(
    world, open_program
):
    other = open_program(assumptions={"suspended": "X"})
    member = read(await other.members([number_of(world, "suspended")]))
    assert (member.status, member.native_status) == (MemberStatus.UNKNOWN, "S")


async def test_a_merged_member_names_its_survivor(world, program):
    member = read(await program.members([number_of(world, "merged")]))
    assert member.merged_into == MemberRef("syw", number_of(world, "survivor"))


async def test_an_empty_vip_tier_is_no_tier(world, program):
    assert read(await program.members([number_of(world, "no_tier")])).tier is None


async def test_one_dead_member_does_not_hurt_its_neighbour(world, program):
    switch(world, affinity_array="affinityExtended")
    good, bad = await program.affinities(
        [number_of(world, "affinities"), number_of(world, "inactive")]
    )
    assert isinstance(bad, LoyaltyError)
    assert bad.code is ErrorCode.MEMBER_NOT_ACTIVE
    assert len(good) == 3


# ------------------------------------------------------------------ lookups


def ada(world) -> dict[str, str]:
    number = number_of(world, "surprise")
    member = world.telluride.world.members[number]
    return {
        "number": number,
        "phone": member.phones[0].number,
        "zip": member.zip,
        "identifier": member.identifier,
    }


LOOKUPS = {
    "01": lambda _: MemberLookup(name=PersonName("Ada", "Byron")),
    "02": lambda _: MemberLookup(email="ada@example.com"),
    "03": lambda a: MemberLookup(number=a["number"], name=PersonName("Ada", postal_code=a["zip"])),
    "04": lambda a: MemberLookup(phone=f"+1 ({a['phone'][:3]}) {a['phone'][3:6]}-{a['phone'][6:]}"),
    "05": lambda a: MemberLookup(number=a["number"]),
    "06": lambda a: MemberLookup(phone=a["phone"], email="ada@example.com"),
    "07": lambda a: MemberLookup(
        phone=a["phone"], email="ada@example.com", name=PersonName("Ada", postal_code=a["zip"])
    ),
    "08": lambda _: MemberLookup(name=PersonName("Ad*", "Byr*n", wildcard=True)),
    "09": lambda a: MemberLookup(number=a["number"], name=PersonName("Ada", "Byron")),
    "10": lambda _: MemberLookup(email="ada@example.com", name=PersonName("Ada", "Byron")),
    "11": lambda a: MemberLookup(phone=a["phone"], name=PersonName("Ada", "Byron")),
    "13": lambda a: MemberLookup(attribute=Attribute("CARD", f"C{a['number'][-10:]}")),
    "14": lambda a: MemberLookup(native_id=a["identifier"]),
}


@pytest.mark.parametrize("kind", LOOKUPS)
async def test_a_lookup_goes_out_as_its_search_type(world, program, kind):
    known = ada(world)
    found = await program.find_members(LOOKUPS[kind](known))
    assert [member.number for member in found] == [known["number"]]
    (sent,) = calls(world, "GetMemberLookup")
    assert sent["SearchType"] == kind
    assert sent.get("PhoneNumber", "3125550100").isdigit()


@pytest.mark.parametrize(
    "by",
    [
        MemberLookup(),
        MemberLookup(mobile_user="u1"),
        MemberLookup(email="a@b.c", number="7081"),
        MemberLookup(name=PersonName("Ada")),
        MemberLookup(name=PersonName("Ada", "Byron", postal_code="60601")),
        MemberLookup(email="a@b.c", name=PersonName("A*", "B", wildcard=True)),
        MemberLookup(native_id="x", phone="3125550100"),
        MemberLookup(phone="3125550100", email="a@b.c", name=PersonName("Ada", "Byron")),
    ],
)
async def test_any_other_combination_is_refused_before_a_call(world, program, by):
    with pytest.raises(Unsupported) as refused:
        await program.find_members(by)
    assert (refused.value.operation, refused.value.program) == (Operation.MEMBER_LOOKUP, "syw")
    assert world.frame.books.counts() == {}


async def test_a_phone_that_has_not_ten_digits_matches_nobody_without_a_call(world, program):
    assert await program.find_members(MemberLookup(phone="+60 12-345 678")) == []
    assert world.frame.books.counts() == {}


async def test_two_members_may_share_a_phone(world, program):
    found = await program.find_members(MemberLookup(phone="3125550177"))
    twins = {number_of(world, "same_phone_a"), number_of(world, "same_phone_b")}
    assert {member.number for member in found} == twins


async def test_nobody_found_is_an_empty_list(program):
    assert await program.find_members(MemberLookup(email="nobody@example.com")) == []


async def test_too_many_matches_are_ambiguous_and_not_missing(program):
    with pytest.raises(LoyaltyError) as error:
        await program.find_members(MemberLookup(name=PersonName("*", "*", wildcard=True)))
    assert error.value.code is ErrorCode.MEMBER_AMBIGUOUS


async def test_a_search_type_the_account_lacks_is_not_supported(world, program):
    switch(world, lookup_types_refused="02")
    with pytest.raises(Unsupported):
        await program.find_members(MemberLookup(email="ada@example.com"))


# ------------------------------------------------------------------ points


async def test_points_and_worth_are_the_pair_that_agrees_with_itself(world, program):
    balance = read(await program.balances([number_of(world, "surprise")]))
    assert (balance.points, balance.worth.amount, balance.worth.currency) == (
        Decimal(12500),
        Decimal("12.50"),
        "USD",
    )
    assert balance.restricted == Decimal(2000)


async def test_a_cap_limits_what_is_spendable_now(world, program):
    balance = read(await program.balances([number_of(world, "capped")]))
    assert (balance.points, balance.worth.amount) == (Decimal(2000), Decimal("2.00"))


async def test_restricted_points_are_told_apart(world, program):
    balance = read(await program.balances([number_of(world, "restricted")]))
    assert balance.restricted == Decimal(1500)


async def test_twelve_digits_pass_unharmed(world, program):
    balance = read(await program.balances([number_of(world, "twelve_digits")]))
    assert balance.points == Decimal(123_456_789_012)


async def test_nothing_is_a_balance_too(world, program):
    balance = read(await program.balances([number_of(world, "zero")]))
    assert (balance.points, balance.expiring, balance.buckets) == (Decimal(0), (), ())


async def test_what_expires_comes_with_the_balance_to_the_day(world, program):
    balance = read(await program.balances([number_of(world, "expiring")]))
    soonest = balance.expiring[0]
    assert (soonest.points, soonest.precision) == (Decimal(1200), ExpiryPrecision.EXACT)
    assert soonest.expires_at == datetime(2026, 6, 17, 23, 59, 59, tzinfo=CENTRAL)
    assert [entry.points for entry in balance.expiring[:2]] == [Decimal(1200), Decimal(2000)]
    assert world.frame.books.counts()["telluride"]["GetRewardBalance"] == 1


async def test_five_days_are_told_and_the_rest_has_no_day(world, program):
    balance: Balance = read(await program.balances([number_of(world, "rich")]))
    assert len({b.expires_at for b in balance.buckets if b.expires_at is not None}) == 5
    rest = [bucket for bucket in balance.buckets if bucket.expires_at is None]
    assert rest
    assert sum(bucket.points for bucket in balance.buckets) == balance.points
    assert {bucket.kind for bucket in balance.buckets} == {PointsKind.BASE, PointsKind.BONUS}


async def test_surprise_points_are_offers_buckets_and_expire(world, program):
    balance = read(await program.balances([number_of(world, "surprise")]))
    assert [(o.code, o.kind, o.points) for o in balance.offers] == [
        ("SUR-1", OfferKind.SURPRISE_POINTS, Decimal(1500)),
        ("SUR-2", OfferKind.SURPRISE_POINTS, Decimal(500)),
    ]
    surprise = [b for b in balance.buckets if b.kind is PointsKind.PROMOTIONAL]
    assert [(b.points, b.worth.amount) for b in surprise] == [
        (Decimal(1500), Decimal("1.50")),
        (Decimal(500), Decimal("0.50")),
    ]
    assert Decimal(500) in [entry.points for entry in balance.expiring]


async def test_expiry_comes_with_the_balance_and_offers_are_an_ability_of_their_own(program):
    found = {c.operation: c.support for c in capabilities(program)}
    assert found[Operation.EXPIRY_READ] is not SupportLevel.UNSUPPORTED
    assert found[Operation.OFFER_LIST] is SupportLevel.NATIVE
    assert found[Operation.VOUCHER_LIST] is SupportLevel.UNSUPPORTED


async def test_the_configured_channel_is_the_one_read(world, open_program):
    program = open_program(channels="LGPH")
    assert read(await program.balances([number_of(world, "rich")])).points > 0
    assert calls(world, "GetRewardBalance")[0]["channels"] == "LGPH"


# ------------------------------------------------------------------ affinities and offers


@pytest.mark.parametrize("array", ["affinity", "affinityExtended", "affinityForMemberPricing"])
async def test_an_affinity_may_sit_in_any_of_three_arrays(world, program, array):
    switch(world, affinity_array=array)
    links = read(await program.affinities([number_of(world, "affinities")]))
    assert {(link.code, link.status) for link in links} == {
        ("EXAMPLE1", AffinityStatus.ACTIVE),
        ("PETCLUB", AffinityStatus.ACTIVE),
        ("WAITING", AffinityStatus.PENDING),
    }
    open_ended = next(link for link in links if link.code == "EXAMPLE1")
    assert open_ended.ends_at is None
    assert open_ended.starts_at.tzinfo is not None


async def test_offers_need_no_basket(world, program):
    offers = read(await program.offers([number_of(world, "rich")], None))
    assert {offer.kind for offer in offers} <= {OfferKind.EARN, OfferKind.REDEMPTION_MULTIPLIER}
    (sent,) = calls(world, "GetApplicableOffers")
    assert "ProductList" not in sent
    assert sent["CurrentDTTM"] == "2026-06-15 12:00:00"


async def test_a_basket_narrows_the_offers_to_its_products(world, program):
    line = BasketLine(
        product_code="20001", division="1", quantity=Decimal(2), unit_price=Decimal(20)
    )
    offers = read(await program.offers([number_of(world, "rich")], Basket((line,), outlet="1")))
    toys = next(offer for offer in offers if offer.code == "TOYS50")
    assert (toys.kind, toys.native_kind, toys.stackable) == (OfferKind.EARN, "EARN", True)
    assert toys.starts_at.tzinfo is not None
    (sent,) = calls(world, "GetApplicableOffers")
    (product,) = sent["ProductList"]["Product"]
    assert sent["OrderStoreNumber"] == "00001"
    assert product["HierarchyLevels"][0]["HierarchyLevel"][1]["LevelValue"] == "20001"
    assert (product["ItemPrice"], product["Quantity"]) == ("20.00", "2")


async def test_a_store_that_cannot_be_one_is_refused_before_a_call(world, program):
    with pytest.raises(InvalidInput) as error:
        await program.offers([number_of(world, "rich")], Basket((), outlet="KL-01"))
    assert error.value.field == ("basket", "outlet")
    assert world.frame.books.counts() == {}


# ------------------------------------------------------------------ the past


async def test_the_summary_adds_up(world, program):
    told = await program.activity(number_of(world, "everywhere"), NOW - timedelta(days=300), NOW)
    assert (told.opening, told.earned, told.redeemed, told.closing) == tuple(
        map(Decimal, (0, 15000, 2500, 12500))
    )
    (sent,) = calls(world, "GetMemberActivitySummary")
    assert sent["endDate"] == "2026-06-15T12:00:00"


async def test_the_history_is_cut_into_pages_newest_first(world, program):
    rich = number_of(world, "rich")
    whole = await program.transactions(rich, YEAR, PageRequest(100))
    paged, after = [], None
    while True:
        page = await program.transactions(rich, YEAR, PageRequest(3, after))
        paged += page.entries
        if not page.has_next:
            break
        after = page.positions[-1]
    assert tuple(paged) == whole.entries
    times = [entry.occurred_at for entry in whole.entries]
    assert times == sorted(times, reverse=True)
    assert len({entry.ref for entry in whole.entries}) == len(whole.entries) == 11


async def test_a_page_further_on_asks_for_less(world, program):
    rich = number_of(world, "rich")
    page = await program.transactions(rich, YEAR, PageRequest(3))
    world.frame.books.forget_calls()
    await program.transactions(rich, YEAR, PageRequest(3, page.positions[-1]))
    (sent,) = calls(world, "GetMemberActivityDetail")
    oldest = page.entries[-1].occurred_at.astimezone(CENTRAL) + timedelta(days=1)
    assert sent["EndDTTM"] == oldest.strftime("%Y-%m-%dT%H:%M:%S")


async def test_the_period_is_asked_with_a_day_more_and_cut_here(world, program):
    rich = number_of(world, "rich")
    edge = datetime(2026, 6, 14, 10, 5, tzinfo=CENTRAL)
    just_after = Period(edge + timedelta(seconds=1), NOW)
    assert (await program.transactions(rich, just_after, PageRequest(9))).entries == ()
    assert len((await program.transactions(rich, Period(edge, edge), PageRequest(9))).entries) == 1


async def test_a_long_period_is_asked_in_windows_the_upstream_takes(world, program):
    rich = number_of(world, "rich")
    long = Period(NOW - timedelta(days=800), NOW)
    page = await program.transactions(rich, long, PageRequest(100))
    assert len(page.entries) == 13
    assert len(calls(world, "GetMemberActivityDetail")) == 3


async def test_the_kind_comes_from_the_numbers(world, program):
    page = await program.transactions(number_of(world, "rich"), YEAR, PageRequest(100))
    kinds = {entry.native_kind: entry.kind for entry in page.entries}
    assert kinds == {
        "P": TransactionKind.PURCHASE,
        "D": TransactionKind.REDEMPTION,
        "B": TransactionKind.BONUS,
        "X": TransactionKind.EXPIRY,
    }


async def test_a_transaction_tells_its_figures(world, program):
    page = await program.transactions(number_of(world, "rich"), YEAR, PageRequest(1))
    newest = page.entries[0]
    assert newest.occurred_at == datetime(2026, 6, 14, 10, 5, tzinfo=CENTRAL)
    assert (newest.effect.earned, newest.effect.base, newest.effect.bonus) == tuple(
        map(Decimal, (50000, 25000, 25000))
    )
    assert newest.total.amount == Decimal("2500.00")
    assert newest.ref.key[3] == "2026-06-14T10:05:00"
    assert newest.outlet.name


async def test_a_transaction_is_found_again_by_its_key(world, program):
    rich = number_of(world, "rich")
    page = await program.transactions(rich, YEAR, PageRequest(100))
    world.frame.books.forget_calls()
    for entry in page.entries[:4]:
        assert await program.transaction(rich, entry.ref.key) == entry
    assert len(calls(world, "GetMemberActivityDetail")) == 4
    store, register, _, at = page.entries[0].ref.key
    assert await program.transaction(rich, (store, register, "777", at)) is None


@pytest.mark.parametrize("key", [(), ("1",), ("00001", "001", "1", "yesterday")])
async def test_a_key_that_cannot_be_one_is_nothing_without_a_call(world, program, key):
    assert await program.transaction(number_of(world, "rich"), key) is None
    assert world.frame.books.counts() == {}


@pytest.mark.parametrize("after", ["", "[]", '["x","1","2","3"]', "{", '[1,"1","2","3"]'])
async def test_a_foreign_position_is_refused_before_a_call(world, program, after):
    with pytest.raises(InvalidInput):
        await program.transactions(number_of(world, "rich"), YEAR, PageRequest(3, after))
    assert world.frame.books.counts() == {}


# ------------------------------------------------------------------ quotes

TOY = SaleLine(
    subtotal=Decimal("21.60"),
    tax=Decimal("1.60"),
    discount=Decimal(5),
    product_code="20001",
    division="1",
    quantity=Decimal(2),
)


async def test_a_quote_asks_a_trial_and_an_inquiry_and_stores_nothing(world, program):
    ref = MemberRef("syw", number_of(world, "surprise"))
    effects = len(world.frame.books.effects())
    quote = await program.quote(SaleDraft(member=ref, outlet=Outlet("1"), lines=(TOY,)))
    assert (quote.earns.base, quote.earns.bonus, quote.earns.earned) == tuple(
        map(Decimal, (200, 1000, 1200))
    )
    assert (quote.redeemable, quote.redeemable_worth.amount) == (Decimal(12500), Decimal("12.50"))
    assert ("TOYS50", Decimal(1000)) in [(offer.code, offer.points) for offer in quote.offers]
    (trial,), (inquiry,) = calls(world, "ProcessEarn"), calls(world, "ProcessRedemption")
    assert (trial["EarnFlag"], inquiry["Function"]) == ("T", "B")
    assert (trial["TransactionTotal"], trial["TransactionTotalTax"]) == ("20.00", "1.60")
    assert len(world.frame.books.effects()) == effects


async def test_function_b_and_not_preview_is_the_dry_run(world, program):
    await program.quote(
        SaleDraft(
            member=MemberRef("syw", number_of(world, "rich")), outlet=Outlet("1"), lines=(TOY,)
        )
    )
    (inquiry,) = calls(world, "ProcessRedemption")
    assert (inquiry["Function"], inquiry["RedemptionPoints"]) == ("B", "0")
    assert "Preview" not in inquiry


async def test_line_items_are_plain_in_redemption_and_wrapped_in_earn(world, program):
    await program.quote(
        SaleDraft(
            member=MemberRef("syw", number_of(world, "rich")), outlet=Outlet("1"), lines=(TOY,)
        )
    )
    (trial,), (inquiry,) = calls(world, "ProcessEarn"), calls(world, "ProcessRedemption")
    (wrapped,), (plain,) = trial["LineItems"]["LineItem"], inquiry["LineItems"]
    assert (wrapped["LineNumber"], plain["LineNumber"]) == ("1", 1)
    assert (wrapped["Quantity"], plain["Quantity"]) == ("2", 2)


async def test_goods_are_never_item_type_8_which_differs_by_api(world, program):
    piece = SaleLine(subtotal=Decimal(3), product_code="1", quantity=Decimal("0.5"))
    draft = SaleDraft(
        member=MemberRef("syw", number_of(world, "rich")), outlet=Outlet("1"), lines=(TOY, piece)
    )
    await program.quote(draft)
    sent = calls(world, "ProcessEarn")[0]["LineItems"]["LineItem"]
    sent += calls(world, "ProcessRedemption")[0]["LineItems"]
    assert {line["ItemType"] for line in sent} == {"1"}
    assert [line["Quantity"] for line in sent] == ["2", "1", 2, 1]


async def test_a_guest_gets_the_earning_alone_by_a_version_that_knows_guests(world, program):
    quote = await program.quote(SaleDraft(member=None, outlet=Outlet("00001"), lines=(TOY,)))
    assert quote.earns.earned == Decimal(1200)
    assert (quote.earns.balance_after, quote.redeemable) == (None, None)
    (trial,) = calls(world, "ProcessEarn")
    assert (trial["EarnFlag"], trial["MemberNumber"], trial["MessageVersion"]) == ("G", None, "10")


async def test_a_member_without_points_can_redeem_none(world, program):
    ref = MemberRef("syw", number_of(world, "zero"))
    quote = await program.quote(SaleDraft(member=ref, outlet=Outlet("1"), lines=(TOY,)))
    assert (quote.redeemable, quote.redeemable_worth.amount) == (Decimal(0), Decimal(0))


async def test_a_discount_line_lowers_what_is_earned_on(world, program):
    off = SaleLine(type=LineType.DISCOUNT, subtotal=Decimal(-10))
    await program.quote(SaleDraft(member=None, outlet=Outlet("1"), lines=(TOY, off)))
    (trial,) = calls(world, "ProcessEarn")
    (line,) = trial["LineItems"]["LineItem"]
    assert (line["DollarValuePreDisc"], line["DollarValuePostDisc"]) == ("25.00", "10.00")


@pytest.mark.parametrize("kind", [LineType.RETURN, LineType.TRADE_IN])
async def test_a_trade_in_is_never_sent_as_a_return(world, program, kind):
    line = SaleLine(type=kind, subtotal=Decimal(5), product_code="20001")
    with pytest.raises(Unsupported):
        await program.quote(SaleDraft(member=None, outlet=Outlet("1"), lines=(TOY, line)))
    assert world.frame.books.counts() == {}


@pytest.mark.parametrize("key", ["inactive", "suspended", "merged_lost"])
async def test_who_is_not_active_gets_no_quote(world, program, key):
    draft = SaleDraft(
        member=MemberRef("syw", number_of(world, key)), outlet=Outlet("1"), lines=(TOY,)
    )
    with pytest.raises(LoyaltyError) as error:
        await program.quote(draft)
    assert error.value.code is ErrorCode.MEMBER_NOT_ACTIVE


async def test_a_merged_member_is_answered_as_its_survivor(world, program):
    ref = MemberRef("syw", number_of(world, "merged"))
    quote = await program.quote(SaleDraft(member=ref, outlet=Outlet("1"), lines=(TOY,)))
    assert quote.redeemable == Decimal(4200)


# ------------------------------------------------------------------ the account


async def test_the_probe_is_one_lookup_of_nobody(world, program):
    assert (await program.probe()).latency_ms > 0
    assert world.frame.books.counts()["telluride"] == {"token": 1, "GetMemberLookup": 1}


@pytest.mark.parametrize("place", ["http", "body"])
async def test_a_refused_token_is_replaced_once_and_silently(world, program, place):
    switch(world, auth_failure=place)
    rich = number_of(world, "rich")
    await program.members([rich])
    world.telluride.desk.forget_tokens()
    assert read(await program.members([rich])).number == rich
    assert world.frame.books.counts()["telluride"] == {"token": 2, "GetMemberLookup": 3}


@pytest.mark.parametrize("place", ["http", "body"])
async def test_a_forbidden_api_is_a_matter_of_credentials_and_not_repeated(world, program, place):
    switch(world, auth_failure=place, forbidden_apis="GetRewardBalance")
    (answer,) = await program.balances([number_of(world, "rich")])
    assert isinstance(answer, Unavailable)
    assert answer.code is ErrorCode.PROVIDER_CREDENTIALS
    assert len(calls(world, "GetRewardBalance")) == 1


async def test_a_client_nobody_knows_is_a_matter_of_credentials(open_program):
    with pytest.raises(Unavailable) as error:
        await open_program(client_id="SOMEBODY").probe()
    assert error.value.code is ErrorCode.PROVIDER_CREDENTIALS


@pytest.mark.parametrize(
    "flavour",
    [
        {"jwt_alg": "SHA256withRSA", "jwt_encoding": "base64"},
        {"jwt_alg": "RSA", "jwt_encoding": "base64url"},
    ],
)
async def test_either_flavour_of_assertion_buys_a_token(open_program, flavour):
    assert await open_program(**flavour).probe()


@pytest.mark.parametrize("form", ["array", "object", "null", "missing"])
async def test_every_form_of_an_empty_list_is_an_empty_list(world, program, form):
    switch(world, empty_lists=form)
    zero = number_of(world, "zero")
    assert read(await program.balances([zero])).offers == ()
    assert (await program.transactions(zero, YEAR, PageRequest(5))).entries == ()
    assert await program.affinities([zero]) == [()]
    assert read(await program.members([zero])).number == zero


@pytest.mark.parametrize("version", ["as_sent", "one_lower"])
async def test_a_version_need_not_come_back_as_it_was_sent(world, program, version):
    switch(world, message_version_echo=version)
    assert read(await program.members([number_of(world, "rich")])).name == "Grace Okafor"


async def test_a_database_error_is_a_passing_fault(world, program):
    switch(world, database_error_apis="GetRewardBalance")
    (answer,) = await program.balances([number_of(world, "rich")])
    assert isinstance(answer, Unavailable)
    assert answer.code is ErrorCode.PROVIDER_UNAVAILABLE
    assert not program.unmapped


@pytest.mark.parametrize("kinds", ["all", "scalars"])
async def test_wrong_types_are_a_bad_answer_and_never_a_crash(world, program, kinds):
    add_fault(world, wrong_types=kinds)
    (answer,) = await program.balances([number_of(world, "rich")])
    assert isinstance(answer, Unavailable)
    assert answer.code is ErrorCode.PROVIDER_BAD_RESPONSE


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ({"html": True}, ErrorCode.PROVIDER_BAD_RESPONSE),
        ({"empty": True}, ErrorCode.PROVIDER_BAD_RESPONSE),
        ({"status": 500}, ErrorCode.PROVIDER_UNAVAILABLE),
        ({"status": 500, "html": True}, ErrorCode.PROVIDER_UNAVAILABLE),
        ({"status": 404}, ErrorCode.PROVIDER_BAD_RESPONSE),
    ],
)
async def test_an_answer_that_says_nothing_is_no_answer(world, program, fault, code):
    add_fault(world, **fault)
    (answer,) = await program.balances([number_of(world, "rich")])
    assert isinstance(answer, Unavailable)
    assert (answer.code, answer.program) == (code, "syw")


def add_fault(world, **fault) -> None:
    from sandbox.faults import fault_from  # noqa: PLC0415 (only faults need it)

    world.frame.faults.add("telluride", "GetRewardBalance", fault_from(fault), 1)
