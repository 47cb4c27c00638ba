"""Proof of every change that Telluride takes: done once, told as the books have it."""

from collections.abc import AsyncIterator
from decimal import Decimal

import pytest

from loyalty.commands import (
    AdjustPoints,
    EnrolMember,
    Profile,
    RedeemPoints,
    ReturnedPart,
    ReturnSale,
    SetAffinity,
    VoidRedemption,
    VoidSale,
)
from loyalty.members import AffinityStatus
from loyalty.operations import Operation
from loyalty.outcomes import RedemptionStatus
from loyalty.sales import DocumentReference
from tests.providers.contract.proofs import proves
from tests.providers.contract.worlds import World
from tests.providers.telluride_world import NOTHING, NOW, OUTLET, at, goods, opened
from tests.providers.telluride_world import World as Till

ONLY = "telluride"


@pytest.fixture
async def till(kind: type[World]) -> AsyncIterator[Till]:
    assert kind.code == ONLY
    async with opened() as made:
        yield made


@proves(Operation.TRANSACTION_POST)
async def test_a_sale_is_booked_once_with_the_points_that_are_told(till: Till) -> None:
    done = await till.run(till.program.post_sale, till.sale(), NOTHING)
    assert [effect.delta for effect in till.effects] == [done.effect.earned]


@proves(Operation.TRANSACTION_RETURN)
async def test_a_part_of_a_sale_comes_back(till: Till) -> None:
    posted = await till.posted(till.sale())
    command = ReturnSale(
        transaction=at(posted),
        document=DocumentReference("RET-1"),
        occurred_at=NOW,
        lines=(ReturnedPart(2, Decimal(1)),),
    )
    done = await till.run(till.program.return_sale, command, posted)
    assert till.kinds() == ["earn", "return"]
    assert till.effects[-1].delta == done.effect.adjusted < 0


@proves(Operation.TRANSACTION_VOID)
async def test_a_voided_sale_leaves_no_points(till: Till) -> None:
    before = till.own("rich")
    posted = await till.posted(till.sale())
    await till.run(till.program.void_sale, VoidSale(transaction=at(posted)), posted)
    assert till.own("rich") == before
    assert till.kinds() == ["earn", "return"]


def redemption(till: Till) -> RedeemPoints:
    return RedeemPoints(
        member=till.ref("rich"), outlet=OUTLET, points=Decimal(5000), lines=(goods("30.00"),)
    )


@proves(Operation.POINTS_REDEEM)
async def test_points_are_spent_once(till: Till) -> None:
    done = await till.run(till.program.redeem_points, redemption(till))
    assert [effect.delta for effect in till.effects] == [-done.points] == [-5000]


@proves(Operation.REDEMPTION_VOID)
async def test_a_voided_redemption_gives_the_points_back(till: Till) -> None:
    redeemed = await till.redeemed(redemption(till))
    command = VoidRedemption(member=till.ref("rich"), redemption=redeemed.operation)
    done = await till.run(till.program.void_redemption, command, redeemed)
    assert done.redemption is RedemptionStatus.VOIDED
    assert [effect.delta for effect in till.effects] == [-5000, 5000]


@proves(Operation.POINTS_ADJUST)
async def test_points_are_given_once(till: Till) -> None:
    command = AdjustPoints(
        member=till.ref("zero"), delta=Decimal(700), reason="sorry", offer_code="GOODWILL"
    )
    await till.run(till.program.adjust_points, command)
    assert [(effect.kind, effect.delta) for effect in till.effects] == [("bonus", 700)]


@proves(Operation.MEMBER_ENROLL)
async def test_somebody_new_is_a_member_once(till: Till) -> None:
    profile = Profile(
        given_name="Ada", family_name="Lovelace", email="ada.l@example.com", postal_code="60601"
    )
    done = await till.run(till.program.enrol_member, EnrolMember(program="syw", profile=profile))
    assert [(effect.kind, effect.member) for effect in till.effects] == [
        ("enroll", done.member.key)
    ]


@proves(Operation.AFFINITY_SET)
async def test_a_link_is_made_once(till: Till) -> None:
    command = SetAffinity(member=till.ref("zero"), code="PETCLUB", status=AffinityStatus.ACTIVE)
    await till.run(till.program.set_affinity, command)
    await till.run(till.program.set_affinity, command)
    assert till.kinds() == ["affinity"]
