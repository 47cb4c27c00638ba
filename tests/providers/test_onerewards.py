"""The OneRewards adapter over the sandbox's upstream: calls, absences, and failures."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import TypeVar
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from loyalty.errors import Declined, ErrorCode, InvalidInput, LoyaltyError, Unavailable, Unsupported
from loyalty.members import (
    Attribute,
    Member,
    MemberFilter,
    MemberLookup,
    MemberStatus,
    PersonName,
    Tier,
)
from loyalty.money import Money
from loyalty.offers import Basket, BasketLine, Offer, UnusableReason, Voucher, VoucherStatus
from loyalty.operations import Operation, SupportLevel
from loyalty.points import Balance
from loyalty.refs import MemberRef, OfferRef, VoucherRef
from providers.calls import Reply
from providers.onerewards import connect
from providers.onerewards.client import OneRewards
from providers.onerewards.mapping.integrations import Approval, Integration
from providers.port import Answer, Page, PageRequest, capabilities, has_ability
from tests.providers.onerewards_world import (
    API_KEY,
    BASE_URL,
    INTEGRATION_ID,
    KEY_ID,
    NOW,
    Asked,
    World,
    answering,
    scripted,
    settings,
)

KL = ZoneInfo("Asia/Kuala_Lumpur")
AISYAH = "4821"
AISYAH_APP = "7d0c2f54-93f0-4a07-9c2e-50c5c1d5a9be"
NOBODY = "999999"
NO_KEYS = ["", "0", "-1", "+7", "007", "4.5", "4821a", "٤٨٢١", "²", " 4821", "9" * 19]
T = TypeVar("T")


@pytest.fixture
async def world() -> AsyncIterator[World]:
    made = World()
    yield made
    await made.aclose()


@pytest.fixture
def program(world: World) -> OneRewards:
    return world.program


def value(answer: Answer[T]) -> T:
    assert answer is not None
    assert not isinstance(answer, LoyaltyError)
    return answer


def failure(answer: Answer[T]) -> LoyaltyError:
    assert isinstance(answer, LoyaltyError)
    return answer


# --------------------------------------------------------------------------- members


async def test_two_members_are_one_upstream_call(world: World, program: OneRewards) -> None:
    with world.expected(member_listing=1):
        first, second = await program.members([AISYAH, "4801"])
    assert value(first).name == "Aisyah Rahman"
    assert value(second).tier is not None


async def test_answers_keep_the_order_of_the_keys(world: World, program: OneRewards) -> None:
    world.switch(listing_order="descending")
    found = await program.members(["4803", NOBODY, "4801", "4803"])
    numbers = [None if answer is None else value(answer).number for answer in found]
    assert numbers == ["4803", None, "4801", "4803"]


async def test_250_members_are_three_calls_at_once() -> None:
    everyone_is_here = asyncio.Barrier(3)

    async def script(asked: Asked) -> Reply:
        async with asyncio.timeout(5):
            await everyone_is_here.wait()
        assert asked.body is not None
        ids = asked.body["filter"]["memberId"]["multiSelect"]  # type: ignore[index]
        assert len(ids) <= 100
        return await answering([{"memberId": number} for number in ids])(asked)

    program, engine = scripted(script)
    found = await program.members([str(number) for number in range(1, 251)])
    assert [value(answer).number for answer in found] == [str(n) for n in range(1, 251)]
    assert len(engine.asked) == 3


async def test_a_failed_call_of_several_loses_its_own_members_only(
    world: World, program: OneRewards
) -> None:
    world.fault("member_listing", status=500)
    found = await program.members([str(number) for number in range(1, 151)])
    lost = [answer for answer in found if isinstance(answer, LoyaltyError)]
    assert len(lost) in {50, 100}
    assert all(error.code is ErrorCode.PROVIDER_UNAVAILABLE for error in lost)
    assert all(value(answer).number for answer in found if answer not in lost)


async def test_a_key_that_is_no_positive_integer_is_nobody_without_a_call(
    world: World, program: OneRewards
) -> None:
    with world.expected():
        assert await program.members(NO_KEYS) == [None] * len(NO_KEYS)
        assert await program.balances(NO_KEYS) == [None] * len(NO_KEYS)
        assert await program.vouchers(NO_KEYS, None) == [None] * len(NO_KEYS)
        assert await program.offers(NO_KEYS, None) == [None] * len(NO_KEYS)
        for key in NO_KEYS:
            assert await program.member_by_number(key) is None
            assert await program.voucher(VoucherRef(MemberRef("kopi", key), "1")) is None
            assert await program.offer(OfferRef("kopi", key, "CLAIMABLE_VOUCHER", "9")) is None
            assert await program.offer(OfferRef("kopi", "1", "CLAIMABLE_VOUCHER", key)) is None
            assert await program.find_members(MemberLookup(number=key)) == []


async def test_a_bad_key_does_not_spoil_its_neighbours(program: OneRewards) -> None:
    found = await program.members(["x", AISYAH])
    assert found[0] is None
    assert value(found[1]).number == AISYAH


async def test_a_member_as_the_provider_tells_it(program: OneRewards) -> None:
    who = await program.member_by_number(AISYAH)
    assert who is not None
    assert who.ref == MemberRef("kopi", AISYAH)
    assert (who.name, who.phone) == ("Aisyah Rahman", "+60123456781")
    assert (who.status, who.birth_date) == (MemberStatus.ACTIVE, date(1992, 7, 19))
    assert who.joined_at == datetime(2023, 2, 1, tzinfo=KL)
    assert who.fetched_at == NOW
    assert who.tier is not None
    assert who.tier.tier == Tier("2", "Silver")
    assert Attribute("mobileUserId", AISYAH_APP) in (who.attributes or ())


async def test_an_unknown_number_is_nobody(world: World, program: OneRewards) -> None:
    with world.expected(member_listing=1):
        assert await program.member_by_number(NOBODY) is None


async def test_member_by_number_raises_what_went_wrong(world: World, program: OneRewards) -> None:
    world.fault("member_listing", status=500)
    with pytest.raises(Unavailable):
        await program.member_by_number(AISYAH)


@pytest.mark.parametrize(
    "switches",
    [
        {"listing_envelope": "bare_array"},
        {"property_case": "pascal"},
        {"nulls": "omitted"},
        {"total_count": "all"},
        {"error_body": "problem_details"},
        {"error_body": "empty"},
    ],
)
async def test_every_assumption_of_the_answers_may_be_otherwise(
    world: World, program: OneRewards, switches: dict[str, str]
) -> None:
    before = await everything(program)
    world.switch(**switches)
    assert await everything(program) == before


async def everything(program: OneRewards) -> object:
    keys = [AISYAH, "4802", NOBODY]
    coffee = VoucherRef(MemberRef("kopi", AISYAH), "00017-00009-000042")
    return (
        await program.members(keys),
        await program.balances(keys),
        await program.vouchers(keys, Decimal(50)),
        await program.voucher(coffee),
        await program.offers(keys, None),
        await program.tiers(),
        await program.mobile_user(AISYAH_APP),
        await program.mobile_user("MU-0"),
    )


# --------------------------------------------------------------------------- lookups


@pytest.mark.parametrize(
    "by",
    [
        MemberLookup(number=AISYAH),
        MemberLookup(native_id=AISYAH),
        MemberLookup(number=AISYAH, native_id=AISYAH),
        MemberLookup(phone="+60123456781"),
        MemberLookup(phone="+60 12-345 6781"),
        MemberLookup(phone="012-345 6781"),
        MemberLookup(phone="60123456781"),
        MemberLookup(phone="0060 12 345 6781"),
        MemberLookup(mobile_user=AISYAH_APP),
        MemberLookup(phone="+60123456781", mobile_user=AISYAH_APP),
        MemberLookup(number=AISYAH, phone="0123456781", mobile_user=AISYAH_APP),
    ],
)
async def test_lookups_by_phone_number_and_app_user_go_through_the_listing(
    world: World, program: OneRewards, by: MemberLookup
) -> None:
    with world.expected(member_listing=1):
        (found,) = await program.find_members(by)
    assert found.number == AISYAH


@pytest.mark.parametrize(
    "by",
    [
        MemberLookup(number="4801", phone="+60123456781"),
        MemberLookup(phone="+60123456781", mobile_user="MU-004804"),
        MemberLookup(phone="+60999999999"),
        MemberLookup(mobile_user="MU-900001"),
        MemberLookup(number=NOBODY),
    ],
)
async def test_criteria_must_match_together(
    world: World, program: OneRewards, by: MemberLookup
) -> None:
    with world.expected(member_listing=1):
        assert await program.find_members(by) == []


@pytest.mark.parametrize(
    "by",
    [
        MemberLookup(phone=""),
        MemberLookup(phone="none"),
        MemberLookup(phone="123"),
        MemberLookup(mobile_user=""),
        MemberLookup(number="x", phone="+60123456781"),
        MemberLookup(number="1", native_id="2"),
    ],
)
async def test_an_empty_multi_select_would_mean_everybody_and_is_never_sent(
    world: World, program: OneRewards, by: MemberLookup
) -> None:
    with world.expected():
        assert await program.find_members(by) == []


@pytest.mark.parametrize(
    "by",
    [
        MemberLookup(email="aisyah@example.my"),
        MemberLookup(name=PersonName("Aisyah")),
        MemberLookup(attribute=Attribute("memberNo", "M-004821")),
        MemberLookup(number=AISYAH, email="aisyah@example.my"),
    ],
)
async def test_what_cannot_be_searched_is_refused_before_any_call(
    world: World, program: OneRewards, by: MemberLookup
) -> None:
    with world.expected(), pytest.raises(Unsupported) as told:
        await program.find_members(by)
    assert told.value.operation is Operation.MEMBER_LOOKUP
    assert told.value.program == "kopi"
    assert "aisyah" not in told.value.message


async def test_a_search_for_nothing_in_particular_is_refused(
    world: World, program: OneRewards
) -> None:
    with world.expected(), pytest.raises(InvalidInput):
        await program.find_members(MemberLookup())


@pytest.mark.parametrize(
    "by",
    [
        MemberLookup(number="7"),
        MemberLookup(phone="+60123456781"),
        MemberLookup(mobile_user=AISYAH_APP),
    ],
)
async def test_a_record_of_somebody_else_is_a_bad_answer(by: MemberLookup) -> None:
    stranger = {"memberId": 8, "phoneNo": "+60199999999", "mobileUserId": "MU-8"}
    program, _ = scripted(answering([stranger]))
    with pytest.raises(Unavailable) as told:
        await program.find_members(by)
    assert told.value.code is ErrorCode.PROVIDER_BAD_RESPONSE
    assert failure((await program.members(["7"]))[0]).code is ErrorCode.PROVIDER_BAD_RESPONSE


async def test_a_provider_that_reads_and_as_or_is_narrowed_here() -> None:
    both = {"memberId": 7, "phoneNo": "+60123456781"}
    phone_only = {"memberId": 8, "phoneNo": "+60123456781"}
    program, _ = scripted(answering([both, phone_only]))
    found = await program.find_members(MemberLookup(number="7", phone="+60123456781"))
    assert [who.number for who in found] == ["7"]


async def test_a_search_reads_on_after_a_full_page() -> None:
    async def script(asked: Asked) -> Reply:
        assert asked.body is not None
        rows = 100 if asked.body["page"] == 1 else 3
        return await answering(
            [{"memberId": n + 1, "phoneNo": "+60123456781"} for n in range(rows)]
        )(asked)

    program, engine = scripted(script)
    assert len(await program.find_members(MemberLookup(phone="+60123456781"))) == 103
    assert len(engine.asked) == 2


# --------------------------------------------------------------------------- lists


async def pages(program: OneRewards, where: MemberFilter, first: int) -> list[Page[Member]]:
    """All pages of a list, as a client would turn them; at most ten."""
    turned: list[Page[Member]] = []
    after = None
    for _ in range(10):
        page = await program.list_members(where, PageRequest(first, after))
        turned.append(page)
        if not page.has_next:
            break
        after = page.positions[-1]
    return turned


async def test_a_list_reads_no_more_pages_than_it_needs(world: World, program: OneRewards) -> None:
    with world.expected(member_listing=1):
        page = await program.list_members(MemberFilter(), PageRequest(20))
    assert [who.number for who in page.entries] == [str(number) for number in range(1, 21)]
    assert page.has_next
    with world.expected(member_listing=2):
        across = await program.list_members(MemberFilter(), PageRequest(90, page.positions[-1]))
    assert [who.number for who in across.entries] == [str(number) for number in range(21, 111)]


async def test_every_position_starts_right_after_its_entry(program: OneRewards) -> None:
    page = await program.list_members(MemberFilter(), PageRequest(101))
    for number in (1, 37, 99, 100, 101):
        place = page.positions[number - 1]
        (following,) = (await program.list_members(MemberFilter(), PageRequest(1, place))).entries
        assert following.number == str(number + 1)


@pytest.mark.parametrize("first", [1, 7, 100, 150])
async def test_turning_pages_shows_everybody_once(program: OneRewards, first: int) -> None:
    numbers = tuple(str(number) for number in range(1, 6 if first == 1 else 151))
    turned = await pages(program, MemberFilter(numbers=numbers), max(first, len(numbers) // 9))
    assert [who.number for page in turned for who in page.entries] == list(numbers)


async def test_has_next_is_true_after_a_full_page_and_the_next_may_be_empty(
    program: OneRewards,
) -> None:
    numbers = tuple(str(number) for number in range(1, 101))
    full, empty = await pages(program, MemberFilter(numbers=numbers), 100)
    assert (len(full.entries), full.has_next) == (100, True)
    assert (empty.entries, empty.has_next) == ((), False)


async def test_a_filter_narrows_the_list(world: World, program: OneRewards) -> None:
    where = MemberFilter(numbers=(AISYAH, "4804", "x"), mobile_users=(AISYAH_APP,))
    with world.expected(member_listing=1):
        page = await program.list_members(where, PageRequest(20))
    assert [who.number for who in page.entries] == [AISYAH]
    assert not page.has_next


async def test_a_list_holds_only_who_meets_every_part_of_its_filter() -> None:
    rows = [{"memberId": 7, "mobileUserId": "MU-7"}, {"memberId": 8, "mobileUserId": "MU-8"}]
    program, _ = scripted(answering(rows))
    where = MemberFilter(numbers=("7", "8"), mobile_users=("MU-8",))
    page = await program.list_members(where, PageRequest(5))
    assert ([who.number for who in page.entries], page.positions) == (["8"], ("1.2",))


@pytest.mark.parametrize(
    "where", [MemberFilter(numbers=("x",)), MemberFilter(phones=("",), numbers=(AISYAH,))]
)
async def test_a_filter_that_nobody_can_meet_is_an_empty_list_without_a_call(
    world: World, program: OneRewards, where: MemberFilter
) -> None:
    with world.expected():
        page = await program.list_members(where, PageRequest(20))
    assert (page.entries, page.has_next) == ((), False)


@pytest.mark.parametrize("place", ["", "x", "0.5", "1.100", "1", "1.", "-1.0", "1.0 ", "٣.0"])
async def test_a_foreign_position_is_refused_before_any_call(
    world: World, program: OneRewards, place: str
) -> None:
    with world.expected(), pytest.raises(InvalidInput) as told:
        await program.list_members(MemberFilter(), PageRequest(5, place))
    assert told.value.field == ("after",)


async def test_a_position_past_the_end_is_an_empty_page(program: OneRewards) -> None:
    page = await program.list_members(MemberFilter(), PageRequest(5, "99999.0"))
    assert (page.entries, page.has_next) == ((), False)


# --------------------------------------------------------------------------- balances, tiers


async def test_a_balance_is_a_separate_call_per_member(world: World, program: OneRewards) -> None:
    with world.expected(get_member_info=3):
        rich, twelve, nobody, again = await program.balances(["4801", "4805", NOBODY, "4801"])
    assert value(rich).points == Decimal(88_888)
    assert value(rich).worth == Money(Decimal("8888.80"), "MYR")
    assert value(rich).fetched_at == NOW
    assert value(twelve).points == Decimal(123_456_789_012)
    assert nobody is None
    assert again == rich


async def test_without_a_rate_points_have_no_worth(world: World) -> None:
    (told,) = await world.adapter(point_worth=None).balances(["4801"])
    assert value(told).worth is None


async def test_one_failed_balance_leaves_the_others(world: World, program: OneRewards) -> None:
    world.fault("get_member_info", status=500)
    found = await program.balances(["4801", "4802", "4804"])
    lost = [answer for answer in found if isinstance(answer, LoyaltyError)]
    assert [error.code for error in lost] == [ErrorCode.PROVIDER_UNAVAILABLE]
    assert sum(isinstance(answer, Balance) for answer in found) == 2


async def test_the_fan_out_is_bounded() -> None:
    running, most = 0, 0

    async def script(asked: Asked) -> Reply:
        nonlocal running, most
        running += 1
        most = max(most, running)
        for _ in range(3):
            await asyncio.sleep(0)
        running -= 1
        return await answering({"pointBalance": 1})(asked)

    program, engine = scripted(script, max_connections=4)
    await program.balances([str(number) for number in range(1, 41)])
    assert (len(engine.asked), most) == (40, 4)


async def test_a_balance_of_somebody_else_is_a_bad_answer() -> None:
    program, _ = scripted(answering({"memberId": 8, "pointBalance": 1_000_000}))
    (told,) = await program.balances(["7"])
    assert failure(told).code is ErrorCode.PROVIDER_BAD_RESPONSE


async def test_tiers_are_read_to_the_last_page() -> None:
    async def script(asked: Asked) -> Reply:
        assert asked.body is not None
        first = 1 if asked.body["page"] == 1 else 101
        rows = [{"memberLevelId": n, "memberLevel": f"L{n}"} for n in range(first, 121)][:100]
        return await answering({"data": rows, "totalCount": 1})(asked)

    program, engine = scripted(script)
    assert [tier.code for tier in await program.tiers()] == [str(n) for n in range(1, 121)]
    assert len(engine.asked) == 2


async def test_the_tiers_of_the_program(world: World, program: OneRewards) -> None:
    with world.expected(member_level_listing=1):
        found = await program.tiers()
    assert found == (Tier("1", "Bronze"), Tier("2", "Silver"), Tier("3", "Gold"))


async def test_pages_that_come_round_for_ever_are_a_bad_answer() -> None:
    program, _ = scripted(answering([{"memberLevelId": n} for n in range(100)]))
    with pytest.raises(Unavailable) as told:
        await program.tiers()
    assert told.value.code is ErrorCode.PROVIDER_BAD_RESPONSE


# --------------------------------------------------------------------------- vouchers


async def held(
    program: OneRewards, key: str, spending: Decimal | None = None
) -> dict[int, Voucher]:
    """The member's vouchers by campaign."""
    (answer,) = await program.vouchers([key], spending)
    return {int(each.ref.code.split("-")[1]): each for each in value(answer)}


def why(voucher: Voucher | Offer) -> tuple[UnusableReason, ...]:
    usability = voucher.usable if isinstance(voucher, Voucher) else voucher.eligible
    assert usability is not None
    return usability.reasons


async def test_why_a_voucher_cannot_be_used_and_from_when_it_can(
    world: World, program: OneRewards
) -> None:
    with world.expected(usable_vouchers=1):
        found = await held(program, "4810", Decimal(50))
    coffee, soon, last, big, birthday, one_day = (found[n] for n in (12, 21, 14, 20, 10, 22))
    assert (coffee.status, why(coffee)) == (VoucherStatus.USABLE, ())
    assert coffee.expires_at == datetime(2025, 4, 8, 12, tzinfo=KL)
    assert (soon.status, why(soon)) == (VoucherStatus.ISSUED, (UnusableReason.NOT_STARTED,))
    assert soon.usable is not None
    assert soon.usable.usable_from == datetime(2025, 3, 21, tzinfo=KL)
    assert (last.status, why(last)) == (VoucherStatus.EXPIRED, (UnusableReason.EXPIRED,))
    assert why(big) == (UnusableReason.BELOW_MINIMUM_SPEND,)
    assert why(birthday) == (UnusableReason.NOT_BIRTHDAY,)
    assert birthday.usable is not None
    assert (birthday.usable.native_reason, birthday.usable.usable_from) == ("3", None)
    assert why(one_day) == (UnusableReason.WRONG_DAY,)
    assert one_day.usable is not None
    assert one_day.usable.usable_from == datetime(2025, 3, 17, tzinfo=KL)


async def test_usable_from_is_the_moment_at_which_the_provider_says_yes(
    world: World, program: OneRewards
) -> None:
    for campaign in (21, 22):
        opening = (await held(program, "4810"))[campaign].usable
        assert opening is not None
        assert opening.usable_from is not None
        world.sandbox.frame.clock.set(opening.usable_from)
        now_usable = (await held(program, "4810"))[campaign].usable
        assert now_usable is not None
        assert now_usable.now
        world.sandbox.frame.clock.set(NOW)


async def test_an_end_at_midnight_includes_that_whole_day(
    world: World, program: OneRewards
) -> None:
    end = (await held(program, "4810"))[21].expires_at
    assert end == datetime(2025, 4, 5, tzinfo=KL)
    world.sandbox.frame.clock.set(datetime(2025, 4, 4, 23, 59, 59, tzinfo=KL))
    assert (await held(program, "4810"))[21].status is VoucherStatus.USABLE
    world.sandbox.frame.clock.set(end)
    assert (await held(program, "4810"))[21].status is VoucherStatus.EXPIRED


async def test_an_end_at_midnight_can_be_set_to_mean_that_moment(world: World) -> None:
    program = world.adapter(assumptions={"end_date_is_whole_day": False})
    assert (await held(program, "4810"))[21].expires_at == datetime(2025, 4, 4, tzinfo=KL)


async def test_spending_amount_is_left_out_where_there_is_none(
    world: World, program: OneRewards
) -> None:
    await program.vouchers([AISYAH], None)
    await program.offers([AISYAH], None)
    await program.vouchers([AISYAH], Decimal("1E+2"))
    without, offers, with_it = (call.query for call in world.calls)
    assert without == {"memberId": AISYAH}
    assert offers == {"memberId": AISYAH}
    assert with_it == {"memberId": AISYAH, "spendingAmount": "100"}


async def test_an_unknown_reason_number_is_other_and_is_counted() -> None:
    row = {
        "canUseNow": False,
        "cantUseNowReason": 42,
        "voucherNo": "1",
        "voucherInfo": {"voucherId": 9},
    }
    program, _ = scripted(answering([row]))
    (answer,) = await program.vouchers(["7"], None)
    usable = value(answer)[0].usable
    assert usable is not None
    assert (usable.reasons, usable.native_reason) == ((UnusableReason.OTHER,), "42")
    assert program.unmapped == {("Get Usable Voucher", "reason", "42"): 1}


async def test_the_legend_of_the_reasons_can_be_set() -> None:
    row = {
        "canUseNow": False,
        "cantUseNowReason": 42,
        "voucherNo": "1",
        "voucherInfo": {"voucherId": 9},
    }
    legend = {"use_reasons": {"42": "LIMIT_REACHED"}}
    program, _ = scripted(answering([row]), assumptions=legend)
    (answer,) = await program.vouchers(["7"], None)
    assert why(value(answer)[0]) == (UnusableReason.LIMIT_REACHED,)
    assert not program.unmapped


async def test_an_unknown_member_has_no_list_and_one_without_vouchers_an_empty_one(
    program: OneRewards,
) -> None:
    assert await program.vouchers([NOBODY, "4802"], None) == [None, ()]


async def test_one_voucher_is_one_check(world: World, program: OneRewards) -> None:
    ref = VoucherRef(MemberRef("kopi", "4810"), "00017-00019-048107")
    with world.expected(can_use_voucher=1):
        found = await program.voucher(ref)
    assert found is not None
    assert (found.ref, found.status) == (ref, VoucherStatus.REDEEMED)


async def test_a_voucher_of_another_member_is_none(world: World, program: OneRewards) -> None:
    with world.expected(can_use_voucher=1):
        ref = VoucherRef(MemberRef("kopi", "4801"), "00017-00019-048107")
        assert await program.voucher(ref) is None
    with world.expected():
        assert await program.voucher(replace(ref, code="")) is None


async def test_another_voucher_than_asked_is_a_bad_answer() -> None:
    row = {"canUseNow": True, "voucherNo": "2", "voucherInfo": {"voucherId": 9}}
    program, _ = scripted(answering(row))
    with pytest.raises(Unavailable) as told:
        await program.voucher(VoucherRef(MemberRef("kopi", "7"), "1"))
    assert told.value.code is ErrorCode.PROVIDER_BAD_RESPONSE


async def test_a_voucher_number_is_escaped() -> None:
    program, engine = scripted(answering(b"", 404))
    await program.voucher(VoucherRef(MemberRef("kopi", "7"), "1&memberId=8"))
    assert engine.asked[0].query == {"memberId": "7", "voucherNo": "1&memberId=8"}


# --------------------------------------------------------------------------- offers


async def test_offers_are_vouchers_to_claim(world: World, program: OneRewards) -> None:
    with world.expected(obtainable_vouchers=1):
        (answer,) = await program.offers(["4802"], None)
    found = {offer.code: offer for offer in value(answer)}
    weekday, cake, season = found["9"], found["10"], found["13"]
    assert weekday.points_cost == Decimal(400)
    assert why(weekday) == (UnusableReason.TIER_NOT_ELIGIBLE,)
    assert why(cake) == (UnusableReason.SOLD_OUT,)
    assert why(season) == (UnusableReason.NOT_STARTED,)
    assert season.eligible is not None
    assert season.eligible.usable_from == datetime(2025, 3, 28, tzinfo=KL) == season.starts_at


async def test_a_basket_counts_by_its_sum(world: World, program: OneRewards) -> None:
    lines = (
        BasketLine(product_code="A", quantity=Decimal(2), unit_price=Decimal("40.50")),
        BasketLine(product_code="B", quantity=Decimal(1), unit_price=Decimal(9), tax=Decimal(1)),
    )
    await program.offers([AISYAH], Basket(lines))
    assert world.calls[-1].query["spendingAmount"] == "91.00"


async def test_one_offer_is_one_check(world: World, program: OneRewards) -> None:
    with world.expected(can_get_voucher=1):
        found = await program.offer(OfferRef("kopi", "4801", "CLAIMABLE_VOUCHER", "9"))
    assert found is not None
    assert found.eligible is not None
    assert (found.code, found.eligible.now) == ("9", True)
    with world.expected(can_get_voucher=1):
        assert await program.offer(OfferRef("kopi", "4801", "CLAIMABLE_VOUCHER", "77")) is None


async def test_an_offer_of_nobody_or_of_another_kind_is_none(
    world: World, program: OneRewards
) -> None:
    with world.expected():
        assert await program.offer(OfferRef("kopi", None, "CLAIMABLE_VOUCHER", "9")) is None
        assert await program.offer(OfferRef("kopi", "4801", "EARN", "9")) is None


async def test_another_offer_than_asked_is_a_bad_answer() -> None:
    program, _ = scripted(answering({"canGetNow": True, "voucherInfo": {"voucherId": 8}}))
    with pytest.raises(Unavailable) as told:
        await program.offer(OfferRef("kopi", "7", "CLAIMABLE_VOUCHER", "9"))
    assert told.value.code is ErrorCode.PROVIDER_BAD_RESPONSE


# --------------------------------------------------------------------------- app users


async def test_an_app_user_may_be_a_member_and_the_listing_tells(
    world: World, program: OneRewards
) -> None:
    with world.expected(get_mobile_user=1, member_listing=1):
        user = await program.mobile_user(AISYAH_APP.upper().lower())
        (who,) = await program.find_members(MemberLookup(mobile_user=AISYAH_APP))
    assert user is not None
    assert (user.id, user.phone, who.number) == (AISYAH_APP, "+60123456781", AISYAH)


async def test_a_stranger_s_app_is_known_and_nobody_s_is_not(
    world: World, program: OneRewards
) -> None:
    stranger = await program.mobile_user("MU-900001")
    assert stranger is not None
    assert (stranger.name, stranger.email, stranger.birth_date) == ("Sam Stranger", None, None)
    assert await program.mobile_user("MU-0") is None
    with world.expected():
        assert await program.mobile_user("") is None


async def test_another_app_user_than_asked_is_a_bad_answer() -> None:
    program, _ = scripted(answering({"mobileUserId": "MU-2"}))
    with pytest.raises(Unavailable):
        await program.mobile_user("MU-1")


# --------------------------------------------------------------------------- failures

READS: dict[str, Callable[[OneRewards], Awaitable[object]]] = {
    "member_listing": lambda program: program.member_by_number(AISYAH),
    "get_member_info": lambda program: raised(program.balances([AISYAH])),
    "usable_vouchers": lambda program: raised(program.vouchers([AISYAH], None)),
    "obtainable_vouchers": lambda program: raised(program.offers([AISYAH], None)),
    "can_use_voucher": lambda program: program.voucher(
        VoucherRef(MemberRef("kopi", AISYAH), "00017-00009-000042")
    ),
    "can_get_voucher": lambda program: program.offer(
        OfferRef("kopi", AISYAH, "CLAIMABLE_VOUCHER", "9")
    ),
    "member_level_listing": lambda program: program.tiers(),
    "get_mobile_user": lambda program: program.mobile_user(AISYAH_APP),
}


async def raised(answers: Awaitable[list[Answer[T]]]) -> T | None:
    (answer,) = await answers
    if isinstance(answer, LoyaltyError):
        raise answer
    return answer


@pytest.mark.parametrize("operation", READS)
@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ({"status": 401}, ErrorCode.PROVIDER_CREDENTIALS),
        ({"status": 403}, ErrorCode.PROVIDER_CREDENTIALS),
        ({"status": 403, "html": True}, ErrorCode.PROVIDER_CREDENTIALS),
        ({"status": 404, "html": True}, ErrorCode.PROVIDER_BAD_RESPONSE),
        ({"status": 500}, ErrorCode.PROVIDER_UNAVAILABLE),
        ({"status": 500, "html": True}, ErrorCode.PROVIDER_UNAVAILABLE),
        ({"status": 500, "empty": True}, ErrorCode.PROVIDER_UNAVAILABLE),
        ({"status": 400}, ErrorCode.PROVIDER_ERROR),
        ({"status": 418}, ErrorCode.PROVIDER_ERROR),
        ({"html": True}, ErrorCode.PROVIDER_BAD_RESPONSE),
        ({"empty": True}, ErrorCode.PROVIDER_BAD_RESPONSE),
        ({"wrong_types": "all"}, ErrorCode.PROVIDER_BAD_RESPONSE),
        ({"wrong_types": "scalars"}, ErrorCode.PROVIDER_BAD_RESPONSE),
        ({"status": 200, "body": {}}, ErrorCode.PROVIDER_BAD_RESPONSE),
        ({"status": 204, "empty": True}, ErrorCode.PROVIDER_BAD_RESPONSE),
    ],
)
async def test_a_bad_answer_is_an_error_and_never_an_absence(
    world: World,
    program: OneRewards,
    operation: str,
    fault: dict[str, object],
    code: ErrorCode,
) -> None:
    world.fault(operation, times=3, **fault)
    with pytest.raises(LoyaltyError) as told:
        await READS[operation](program)
    assert (told.value.code, told.value.program) == (code, "kopi")


@pytest.mark.parametrize("operation", READS)
async def test_a_quota_used_up_by_others_is_rate_limited_and_never_an_absence(
    world: World, program: OneRewards, operation: str
) -> None:
    world.fault(operation, times=3, rate_limited=True, retry_after=60)
    with pytest.raises(Unavailable) as told:
        await READS[operation](program)
    assert told.value.code is ErrorCode.PROVIDER_RATE_LIMITED


async def test_what_no_table_knows_is_counted(world: World, program: OneRewards) -> None:
    body = {"statusCode": 400, "message": "Member 4821 is odd."}
    world.fault("get_member_info", status=400, body=body)
    (answer,) = await program.balances([AISYAH])
    error = failure(answer)
    assert error.code is ErrorCode.PROVIDER_ERROR
    assert error.upstream is not None
    assert (error.upstream.code, error.upstream.http_status) == ("400", 400)
    assert program.unmapped == {("Get Member Info", "400", "member # is odd"): 1}


@pytest.mark.parametrize(
    "changes",
    [
        {"api_key": "wrong"},
        {"key_id": "teh-key", "api_key": "teh-secret"},
        {"integration_id": "0e1f6a0c-3c55-4a53-8a53-6f1f2f9e7b18"},
        {"integration_id": "00000000-0000-4000-8000-000000000000"},
    ],
)
@pytest.mark.parametrize("operation", READS)
async def test_a_wrong_account_is_never_an_unknown_member(
    world: World, changes: dict[str, str], operation: str
) -> None:
    program = world.adapter(**changes)
    with pytest.raises(Unavailable) as told:
        await READS[operation](program)
    assert told.value.code is ErrorCode.PROVIDER_CREDENTIALS
    with pytest.raises(Unavailable):
        await program.probe()


async def test_a_key_without_the_permission_is_a_matter_of_credentials(world: World) -> None:
    program = world.adapter(key_id="kopi-narrow", api_key="kopi-narrow-secret")
    assert await program.member_by_number(AISYAH) is not None
    (answer,) = await program.balances([AISYAH])
    assert failure(answer).code is ErrorCode.PROVIDER_CREDENTIALS


async def test_both_halves_of_the_key_go_with_every_call_and_into_no_error() -> None:
    program, engine = scripted(answering({"message": "no"}, 401))
    (answer,) = await program.balances(["7"])
    assert engine.asked[0].headers["API-Key"] == "kopi-secret"
    assert engine.asked[0].headers["Key-ID"] == "kopi-key"
    assert "secret" not in repr(failure(answer)) + str(failure(answer).upstream)
    assert "secret" not in repr(settings())


async def test_a_probe_is_one_call_by_a_documented_path(world: World, program: OneRewards) -> None:
    with world.expected(member_listing=1):
        probe = await program.probe()
    assert probe.latency_ms >= 0


# --------------------------------------------------------------------------- settings


async def test_assumed_paths_and_names_can_be_corrected_in_the_settings() -> None:
    program, engine = scripted(
        answering({"memberId": 7, "points": 12}),
        assumptions={
            "paths": {"member_info": "member/getmemberinfo"},
            "fields": {"member_info": {"pointBalance": "points"}},
        },
    )
    (answer,) = await program.balances(["7"])
    assert value(answer).points == Decimal(12)
    path = f"/onerewards/{INTEGRATION_ID}/member/getmemberinfo"
    assert (engine.asked[0].method, engine.asked[0].path) == ("GET", path)


@pytest.mark.parametrize(
    "changes",
    [
        {"assumptions": {"path": {}}},
        {"assumptions": {"paths": {"member_listing": "x"}}},
        {"assumptions": {"paths": {"member": "../other"}}},
        {"assumptions": {"fields": {"member": {"memberId": "id"}}}},
        {"assumptions": {"fields": {"person": {"name": "x"}}}},
        {"assumptions": {"use_reasons": {"1": "BORING"}}},
        {"integration_id": "not-a-guid"},
        {"integration_id": f"{INTEGRATION_ID}/.."},
        {"api_keys": "x"},
    ],
)
def test_an_unknown_or_impossible_setting_is_an_error(changes: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        settings(**changes)


def test_a_literal_key_is_refused_outside_the_sandbox() -> None:
    with pytest.raises(ValidationError, match="literal secret"):
        settings(environment="PRODUCTION", base_url="https://onerewards.example")


def test_capabilities_are_what_the_adapter_can_do(program: OneRewards) -> None:
    can = {
        capability.operation
        for capability in capabilities(program)
        if capability.support is not SupportLevel.UNSUPPORTED
    }
    assert can == {
        Operation.MEMBER_READ,
        Operation.MEMBER_LOOKUP,
        Operation.MEMBER_LIST,
        Operation.BALANCE_READ,
        Operation.TIER_READ,
        Operation.TIER_LIST,
        Operation.VOUCHER_LIST,
        Operation.VOUCHER_CHECK,
        Operation.OFFER_LIST,
        Operation.MOBILE_USER_READ,
        Operation.TRANSACTION_POST,
        Operation.TRANSACTION_RETURN,
        Operation.TRANSACTION_VOID,
        Operation.POINTS_REDEEM,
        Operation.VOUCHER_REDEEM,
        Operation.REDEMPTION_VOID,
        Operation.REDEMPTION_AUTHORIZE,
        Operation.VOUCHER_CLAIM,
        Operation.POINTS_ADJUST,
        Operation.MEMBER_ENROLL,
        Operation.MEMBER_UPDATE,
        Operation.MEMBER_MIGRATE,
        Operation.RECEIPT_UPLOAD,
    }
    assert program.profile.support.keys() == can


def test_there_are_no_transaction_reads_at_all(program: OneRewards) -> None:
    assert not has_ability(program, Operation.TRANSACTION_LIST)
    assert not has_ability(program, Operation.ACTIVITY_SUMMARY)


# --------------------------------------------------------------------------- the handshake

REJECTED_APP = "9f6b1c2d-7e34-4d5a-b8c9-0a1b2c3d4e5f"
APPROVED_APP = "2a7e5d3c-61b4-4c0f-8f0e-7d1f5a9be210"
OTHER_APP = "66666666-7777-4888-8999-000000000000"
NEW_APP = "11111111-2222-4333-8444-555555555555"


async def ask_in(
    world: World, app: str, book: int = 17, name: str = "Loyalty Graph"
) -> Integration:
    return await connect.request_integration(
        world.api,
        BASE_URL,
        api_key=API_KEY,
        key_id=KEY_ID,
        account_book_id=book,
        app_account_id=app,
        app_account_name=name,
    )


async def state_of(world: World, app: str, book: int = 17) -> Integration:
    return await connect.integration_status(
        world.api,
        BASE_URL,
        api_key=API_KEY,
        key_id=KEY_ID,
        account_book_id=book,
        app_account_id=app,
    )


async def test_a_company_is_asked_and_its_answer_polled(world: World) -> None:
    with world.expected(add_integration_request=1, integration_request_status=1):
        assert await ask_in(world, NEW_APP) == Integration(Approval.PENDING)
        assert await state_of(world, NEW_APP) == Integration(Approval.PENDING)
    assert world.calls[0].path.endswith("/onerewards/integration")
    assert await ask_in(world, APPROVED_APP) == Integration(Approval.APPROVED, INTEGRATION_ID)
    assert await state_of(world, REJECTED_APP) == Integration(Approval.REJECTED)


async def test_an_unknown_company_or_request_is_not_found(world: World) -> None:
    for asked in (
        ask_in(world, NEW_APP, 99),
        state_of(world, OTHER_APP),
        state_of(world, NEW_APP, 99),
    ):
        with pytest.raises(Declined) as told:
            await asked
        assert told.value.code is ErrorCode.NOT_FOUND


async def test_the_handshake_refuses_what_cannot_be_right_before_any_call(world: World) -> None:
    with world.expected():
        for asked in (
            ask_in(world, "not-a-guid"),
            ask_in(world, NEW_APP, 0),
            ask_in(world, NEW_APP, name=" "),
            state_of(world, "x"),
        ):
            with pytest.raises(InvalidInput):
                await asked
