"""Members whose account is closed, which fabric itself does not say it refuses."""

from collections.abc import AsyncIterator
from decimal import Decimal

import pytest
from starlette.applications import Starlette

from loyalty.commands import AdjustPoints, RedeemVoucher, Target, VoidSale
from loyalty.errors import ErrorCode, RetryAdvice, Unavailable
from loyalty.refs import VoucherRef
from providers.writing import Beforehand
from sandbox.app import create_app
from tests.providers.fabric_till import NOW, SEATTLE, STRANGER, Till, member, opened
from tests.providers.fabric_till import redeeming as redeeming_of
from tests.providers.fabric_till import sale as sale_of

CLOSED = member("inactive")
UNCHECKED = {"assumptions": {"members_are_checked": False}}


@pytest.fixture(scope="module")
def app() -> Starlette:
    return create_app(now=NOW)


@pytest.fixture
async def till(app: Starlette) -> AsyncIterator[Till]:
    async with opened(app) as made:
        yield made


@pytest.mark.parametrize("word", ["Disabled", "Inactive", "Deleted"])
async def test_nothing_is_recorded_for_a_closed_account(till: Till, word: str):
    till.turn(closed_account_status=word)
    posts, redeems, adjusts = (
        till.fabric.post_sale,
        till.fabric.redeem_points,
        till.fabric.adjust_points,
    )
    correction = AdjustPoints(member=CLOSED, delta=Decimal(5), reason="4102")
    refusals = [
        await till.error(posts, sale_of(member=CLOSED), Beforehand()),
        await till.error(redeems, redeeming_of(member=CLOSED)),
        await till.error(adjusts, correction),
    ]
    for refusal in refusals:
        assert refusal.code is ErrorCode.MEMBER_NOT_ACTIVE
        assert refusal.field == ("input", "memberId")
        assert refusal.retry is RetryAdvice.NEVER
    assert (till.sent, till.effects) == ([], [])


async def test_a_reward_of_a_closed_account_stays_held(till: Till):
    till.fabric = till.open(**UNCHECKED)
    held = await till.held(redeeming_of(member=CLOSED, hold=True))
    till.fabric = till.open()
    assert held.done is not None
    voucher = VoucherRef(CLOSED, str(held.done.native["code"]))
    command = RedeemVoucher(voucher=voucher, outlet=SEATTLE)
    refusal = await till.error(till.fabric.redeem_voucher, command)
    assert (refusal.code, refusal.field) == (
        ErrorCode.MEMBER_NOT_ACTIVE,
        ("input", "voucherId"),
    )
    assert till.kinds == ["issue_reward"]


async def test_what_was_done_before_it_was_closed_can_be_taken_back(till: Till):
    till.fabric = till.open(**UNCHECKED)
    posted = await till.posted(sale_of(member=CLOSED))
    till.fabric = till.open()
    await till.done(till.fabric.void_sale, VoidSale(transaction=Target(member=CLOSED)), posted)
    assert till.moved == 0


async def test_a_member_who_is_not_shown_yet_is_the_providers_to_refuse(till: Till):
    refusal = await till.error(
        till.fabric.post_sale, sale_of(member=member(STRANGER)), Beforehand()
    )
    assert refusal.code is ErrorCode.MEMBER_NOT_FOUND
    assert len(till.sent) == 1


async def test_nothing_leaves_while_the_account_cannot_be_read(till: Till):
    till.suffer("get_members", times=9, status=503)
    with pytest.raises(Unavailable):
        await till.end(till.fabric.post_sale, sale_of(), Beforehand())
    assert (till.sent, till.effects) == ([], [])
