"""Each assumption about OneRewards' writes the other way: what the adapter does then."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from loyalty.commands import (
    AuthorizeRedemption,
    EnrolMember,
    MigrateMember,
    RedeemPoints,
    RedeemVoucher,
    VoidSale,
)
from loyalty.errors import (
    Declined,
    ErrorCode,
    InsufficientPoints,
    LoyaltyError,
    MemberNotFound,
    OutcomeUnknown,
)
from loyalty.outcomes import CautionCode
from providers.writing import Doubt, Write
from sandbox.onerewards.assumptions import WRITE_SWITCHES
from tests.providers.onerewards_till import (
    AISYAH,
    BIG_BILL,
    HOLDER,
    NOBODY,
    NOW,
    OUTLET,
    RICH,
    USED,
    ZERO,
    Till,
    ref,
    sale,
    small_crowd,
    voucher,
    voucher_sale,
)
from tests.providers.test_onerewards_doubt import CASES, JASON, Case, unknown
from tests.providers.test_onerewards_writes import give_back, returned

LAG = 30


@pytest.fixture(scope="module", autouse=True)
def _small_crowd() -> Iterator[None]:
    with small_crowd():
        yield


@pytest.fixture
async def till() -> AsyncIterator[Till]:
    made = Till()
    yield made
    assert made.frame.books.gaps("onerewards") == []
    await made.client.aclose()


async def right(till: Till) -> str:
    command = AuthorizeRedemption(program="kopi", code=await till.auth_code())
    done = await till.done(till.program.authorize_redemption, command)
    assert done.secret is not None
    return done.secret


OTHERS = {"read_lag_seconds": (LAG,)}
FLIPS = [
    (switch.name, value)
    for switch in WRITE_SWITCHES
    for value in OTHERS.get(switch.name) or switch.choices or (not switch.default,)
    if value != switch.default
]
IN_DOUBT = {
    ("read_lag_seconds", LAG): {"claim", "enrol", "join", "migrate"},
    ("claimed_at_issue", False): {"claim"},
}
"""Changes whose lost answer a person has to look at, or time to tell."""


@pytest.mark.parametrize(("switch", "value"), FLIPS)
@pytest.mark.parametrize("name", [name for name in CASES if name != "authorize"])
async def test_a_lost_answer_is_one_effect_with_any_assumption_the_other_way(
    till: Till, name: str, switch: str, value: Any
) -> None:
    case: Case = CASES[name]
    till.switch(**{switch: value})
    if switch == "duplicates":
        till.assume(replay_is_safe=False)
    write = await case.prepare(till)
    before = len(till.effects())
    till.fault(case.operation, drop="after")
    await unknown(till, write)
    settled = await till.settled(write)
    in_doubt = name in IN_DOUBT.get((switch, value), ()) or write.doubt is Doubt.NONE
    assert (settled is None) == in_doubt
    assert till.effects()[before:] == case.effects


async def test_where_duplicates_are_not_known_nothing_is_repeated(till: Till) -> None:
    till.assume(replay_is_safe=False)
    for name in ("sale", "return", "points", "voucher", "adjust"):
        write = await CASES[name].prepare(till)
        assert write.doubt is Doubt.NONE
    assert till.program.patience.replay_is_safe is False
    write = await till.write(till.program.redeem_points, _points("1001", HOLDER))
    with till.nothing_changes(), pytest.raises(OutcomeUnknown):
        await till.send(write, again=True)


# --------------------------------------------------------------------------- repeats


def _points(points: str, member: str) -> RedeemPoints:
    return RedeemPoints(member=ref(member), outlet=OUTLET, points=Decimal(points))


@pytest.mark.parametrize("failed", ["forgotten", "remembered"])
async def test_a_refusal_whose_answer_was_lost_is_a_refusal_again(till: Till, failed: str) -> None:
    till.switch(failed_posts=failed)
    write = await till.write(till.program.redeem_points, _points("1001", HOLDER))
    till.fault("post_transaction", drop="after")
    with till.nothing_changes():
        await unknown(till, write)
        with pytest.raises(InsufficientPoints):
            await till.send(write, again=True)


@pytest.mark.parametrize("known_before_code", [True, False])
async def test_a_repeat_after_the_right_is_over(till: Till, known_before_code: bool) -> None:
    check = "before_code" if known_before_code else "after_code"
    till.switch(duplicate_check=check)
    till.assume(known_before_code=known_before_code)
    command = sale(AISYAH, redeem=Decimal(100), authorization=await right(till))
    write = await till.write(till.program.post_sale, command)
    over = NOW + timedelta(minutes=10)
    assert write.until == (None if known_before_code else over)
    till.fault("post_transaction", drop="after")
    await unknown(till, write)
    till.wait(601)
    assert (await till.settled(write) is not None) == known_before_code
    assert till.effects(AISYAH)[1:] == [("earn", Decimal(90)), ("redeem", Decimal(-100))]


@pytest.mark.parametrize("check", ["before_code", "after_code"])
async def test_a_right_that_works_once_is_spent_by_the_first_delivery(
    till: Till, check: str
) -> None:
    till.switch(redemption_code_use="once", duplicate_check=check)
    command = sale(AISYAH, redeem=Decimal(100), authorization=await right(till))
    write = await till.write(till.program.post_sale, command)
    till.fault("post_transaction", drop="after")
    await unknown(till, write)
    assert (await till.settled(write) is not None) == (check == "before_code")
    assert till.effects(AISYAH)[1:] == [("earn", Decimal(90)), ("redeem", Decimal(-100))]


@pytest.mark.parametrize(
    ("rule", "code"), [("refused", ErrorCode.DUPLICATE), ("new_posting", None)]
)
async def test_a_document_that_was_voided_and_comes_again(
    till: Till, rule: str, code: ErrorCode | None
) -> None:
    posted = await till.posted()
    await till.done(till.program.void_sale, VoidSale(transaction=till.target(posted)), posted)
    till.switch(post_after_unpost=rule)
    if code is None:
        await till.done(till.program.post_sale, sale())
        return
    with till.nothing_changes(), pytest.raises(LoyaltyError) as caught:
        await till.run(till.program.post_sale, sale())
    assert (caught.value.code, caught.value.field) == (code, ("input", "document", "id"))


# --------------------------------------------------------------------------- done, but


async def test_points_below_zero_are_done_and_told(till: Till) -> None:
    till.switch(over_redemption="posted_negative")
    done = await till.done(till.program.post_sale, sale(ZERO, redeem=Decimal(100)))
    assert [each.code for each in done.cautions] == [CautionCode.POINTS_OVER_REDEEMED]
    assert till.balance(ZERO) == -10
    done = await till.done(till.program.redeem_points, _points("1001", HOLDER))
    assert [each.code for each in done.cautions] == [CautionCode.POINTS_OVER_REDEEMED]


async def test_a_sale_without_its_voucher_is_done_and_told(till: Till) -> None:
    till.switch(voucher_refusal="voucher_only")
    done = await till.done(till.program.post_sale, voucher_sale(USED))
    assert [each.code for each in done.cautions] == [CautionCode.VOUCHER_NOT_APPLIED]
    assert "already used" in done.cautions[0].message
    assert till.effects(HOLDER) == [("earn", Decimal(82))]


@pytest.mark.parametrize("number", [USED, BIG_BILL])
async def test_a_voucher_redeemed_by_itself_and_not_applied_is_taken_back(
    till: Till, number: str
) -> None:
    till.switch(voucher_refusal="voucher_only")
    state = till.voucher_state(number)
    command = RedeemVoucher(voucher=voucher(number), outlet=OUTLET, discount=Decimal(8))
    end = await till.run(till.program.redeem_voucher, command)
    assert end.done is None
    assert end.reversed_
    assert end.error is not None
    assert (end.error.code, end.error.field) == (
        ErrorCode.VOUCHER_NOT_USABLE,
        ("input", "voucherId"),
    )
    assert till.voucher_state(number) == state
    assert till.calls[-1] == "unpost_transaction"


# --------------------------------------------------------------------------- codes


async def test_a_linked_member_may_need_a_right_for_everything(till: Till) -> None:
    till.switch(code_needed="linked")
    with till.nothing_changes(), pytest.raises(Declined) as caught:
        await till.run(till.program.post_sale, sale(AISYAH))
    assert caught.value.code is ErrorCode.AUTHORIZATION_REQUIRED
    await till.done(till.program.post_sale, sale(AISYAH, authorization=await right(till)))
    assert till.effects(AISYAH)[-1] == ("earn", Decimal(90))


# --------------------------------------------------------------------------- taking back


async def test_a_document_that_is_gone_was_taken_back_if_the_balance_says_so(till: Till) -> None:
    till.switch(unpost_again="not_found")
    before = till.balance(RICH)
    posted = await till.posted()
    command = VoidSale(transaction=till.target(posted))
    write = await till.write(till.program.void_sale, command, posted)
    till.fault("unpost_transaction", drop="after")
    await unknown(till, write)
    assert await till.send(write, again=True)
    assert await till.program.look(write, NOW)
    assert till.balance(RICH) == before


async def test_a_document_that_is_gone_and_moved_no_points_is_a_doubt(till: Till) -> None:
    till.switch(unpost_again="not_found")
    posted = await till.posted(sale(collect=Decimal(0)))
    write = await till.write(
        till.program.void_sale, VoidSale(transaction=till.target(posted)), posted
    )
    await till.send(write)
    for again in (False, True):
        with till.nothing_changes(), pytest.raises(OutcomeUnknown):
            await till.send(write, again=again)
    assert await till.program.look(write, NOW) is None


async def test_a_document_that_is_gone_while_the_balance_moved_is_a_doubt(till: Till) -> None:
    till.switch(unpost_again="not_found")
    posted = await till.posted()
    write = await till.write(
        till.program.void_sale, VoidSale(transaction=till.target(posted)), posted
    )
    await till.send(write)
    await till.done(till.program.post_sale, sale(document="R-9", collect=Decimal(7)))
    with till.nothing_changes(), pytest.raises(OutcomeUnknown):
        await till.send(write, again=True)


async def test_a_document_that_was_never_there_is_a_doubt_and_no_refusal(till: Till) -> None:
    posted = await till.posted()
    lost = replace(posted, done=replace(posted.done, native={"docId": "another"}))
    with till.nothing_changes(), pytest.raises(OutcomeUnknown):
        await till.run(till.program.void_sale, VoidSale(transaction=till.target(lost)), lost)


async def test_the_balance_after_a_first_step_is_known_without_reading_it(till: Till) -> None:
    """A void with a return: the second document's evidence follows from the first's."""
    till.switch(unpost_again="not_found")
    posted = await till.posted()
    posted = await returned(till, posted, give_back(posted, (1, "1"), take_back=Decimal(45)))
    before = till.balance(RICH)
    command = VoidSale(transaction=till.target(posted))
    till.fault("unpost_transaction", times=2, twice=True)
    done = await till.done(till.program.void_sale, command, posted)
    assert done.effect is not None
    assert till.balance(RICH) == before + done.effect.adjusted == before - 45
    assert till.calls.count("get_member_info") == 3, "one before, one for each that was gone"


# --------------------------------------------------------------------------- members


async def test_two_members_of_one_person_are_a_doubt(till: Till) -> None:
    till.switch(unique_phones=False)
    write = await till.write(till.program.enrol_member, EnrolMember(program="kopi", profile=JASON))
    till.fault("create_member", twice=True, status=500, apply=True)
    await unknown(till, write)
    assert await till.settled(write) is None


@pytest.mark.parametrize("known", [True, False])
async def test_a_migration_is_repeated_only_where_it_is_known(till: Till, known: bool) -> None:
    till.switch(repeated_migration="same_member" if known else "not_recognised")
    till.assume(migrations_are_known=known)
    command = MigrateMember(
        program="kopi", source_number="OLD-1", profile=JASON, opening_points=Decimal(1200)
    )
    write = await till.write(till.program.migrate_member, command)
    assert write.doubt is (Doubt.REPLAY if known else Doubt.LOOK)
    till.fault("migrate_member", drop="after")
    await unknown(till, write)
    done = await till.settled(write)
    assert done is not None
    assert done.member is not None
    assert till.effects(done.member.key) == [("migrate", Decimal(1200))]


@pytest.mark.parametrize("name", sorted(IN_DOUBT["read_lag_seconds", LAG]))
async def test_what_reads_do_not_show_yet_is_found_later(till: Till, name: str) -> None:
    case = CASES[name]
    till.switch(read_lag_seconds=LAG)
    write = await case.prepare(till)
    till.fault(case.operation, drop="after")
    await unknown(till, write)
    assert await till.program.look(write, NOW) is None
    till.wait(LAG + 1)
    assert await till.program.look(write, NOW) is not None


@pytest.mark.parametrize("name", ["claim", "enrol", "join", "migrate"])
async def test_a_refusal_that_may_be_of_our_own_delivery_is_no_refusal_under_a_lag(
    till: Till, name: str
) -> None:
    case = CASES[name]
    till.switch(read_lag_seconds=LAG, repeated_migration="not_recognised")
    write = await case.prepare(till)
    till.fault(case.operation, twice=True)
    await unknown(till, write)
    till.wait(LAG + 1)
    assert await till.program.look(write, NOW) is not None


async def test_a_member_made_a_moment_ago_can_buy_before_reads_show_them(till: Till) -> None:
    till.switch(read_lag_seconds=LAG)
    done = await till.done(till.program.enrol_member, EnrolMember(program="kopi", profile=JASON))
    assert done.member is not None
    await till.done(till.program.post_sale, sale(done.member.key))
    assert till.balance(done.member.key) == 90


# --------------------------------------------------------------------------- errors without words


async def test_errors_without_words_are_still_refusals(till: Till) -> None:
    till.switch(error_body="empty")
    with till.nothing_changes(), pytest.raises(MemberNotFound):
        await till.run(till.program.post_sale, sale(NOBODY))
    with till.nothing_changes(), pytest.raises(Declined) as caught:
        await till.run(till.program.post_sale, sale(AISYAH, redeem=Decimal(1), authorization="1"))
    assert caught.value.code is ErrorCode.PROVIDER_ERROR


@pytest.mark.parametrize("name", ["enrol", "claim", "migrate"])
async def test_a_doubled_delivery_is_no_refusal_even_without_words(till: Till, name: str) -> None:
    case = CASES[name]
    till.switch(error_body="empty", repeated_migration="not_recognised")
    write: Write = await case.prepare(till)
    till.fault(case.operation, twice=True)
    await unknown(till, write)
    assert await till.settled(write) is not None
    assert till.effects() == case.effects
