"""Every change that fabric claims, made once and judged by its books; details are elsewhere."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from loyalty.commands import (
    ActivatePoints,
    AdjustPoints,
    CaptureRedemption,
    EnrolMember,
    PostSale,
    Profile,
    ProfileChanges,
    RedeemPoints,
    RedeemVoucher,
    ReturnedPart,
    ReturnSale,
    Target,
    UpdateMember,
    VoidRedemption,
    VoidSale,
)
from loyalty.errors import LoyaltyError
from loyalty.operations import Operation
from loyalty.outcomes import Done, Posted, Redeemed, RedemptionStatus
from loyalty.refs import MemberRef, VoucherRef
from loyalty.sales import DocumentReference, Outlet, SaleLine, SaleTotals
from providers.fabric import Fabric
from providers.writing import Beforehand, Finished, Job, Next, Sending, Step, Ticket
from tests.providers.contract.proofs import proves
from tests.providers.contract.worlds import NOW, World, value

STORE = Outlet("NS-SEA-04")


@pytest.fixture
async def till(world: World) -> AsyncIterator[World]:
    """A world that is changed, and put back."""
    world.sandbox.fabric.reset()
    yield world
    world.sandbox.fabric.reset()


async def _number(counter: str, most: int) -> int:
    raise AssertionError((counter, most))


async def made(
    world: World, ask: Callable[[Job[Any, Any]], Awaitable[Next]], command: object, target: object
) -> Done:
    """The script to its end."""
    count = len(world.sandbox.frame.books.calls(world.code))
    ticket = Ticket(operation=f"{count:032x}", began_at=NOW, number=_number)
    steps: tuple[Step, ...] = ()
    while True:
        job: Job[Any, Any] = Job(command=command, target=target, ticket=ticket, steps=steps)
        step = await ask(job)
        if isinstance(step, Finished):
            assert step.done is not None, step.error
            return step.done
        how = Sending(again=False, leave_by=time.monotonic() + 5, timeout=5)
        outcome = await world.provider.send(step, how)
        assert not isinstance(outcome, LoyaltyError)
        steps = (*steps, Step(step, outcome))


def member(world: World, persona: str = "everywhere") -> MemberRef:
    return MemberRef(world.program, world.key(persona))


def effects(world: World) -> list[tuple[str, Decimal | None]]:
    """What happened, and by how much points moved."""
    found = world.sandbox.frame.books.effects(world.code)
    return [(effect.operation, effect.delta) for _, effect in found]


async def posted(world: World) -> Posted:
    line = SaleLine(subtotal=Decimal("40.00"), product_code="TEA", quantity=Decimal(2))
    command = PostSale(
        member=member(world),
        document=DocumentReference("A-SALE"),
        occurred_at=NOW - timedelta(minutes=1),
        outlet=STORE,
        lines=(line,),
        totals=SaleTotals(gross=Decimal("40.00"), final=Decimal("40.00")),
    )
    done = await made(world, world.provider.post_sale, command, Beforehand())
    return Posted(operation="1", began_at=NOW, command=command, done=done)


async def held(world: World) -> Redeemed:
    command = RedeemPoints(member=member(world), outlet=STORE, money=Decimal("5.00"), hold=True)
    done = await made(world, world.provider.redeem_points, command, None)
    return Redeemed(
        operation="1", began_at=NOW, command=command, done=done, status=RedemptionStatus.HELD
    )


@proves(Operation.TRANSACTION_POST, Operation.TRANSACTION_VOID, Fabric)
async def test_a_sale_is_posted_and_voided(till: World) -> None:
    sale = await posted(till)
    assert effects(till) == [("earn", Decimal("40.00"))]
    void = VoidSale(transaction=Target(member=member(till)))
    await made(till, till.provider.void_sale, void, sale)
    assert effects(till)[1:] == [("reverse_earn", Decimal("-40.00"))]


@proves(Operation.TRANSACTION_RETURN, Fabric)
async def test_a_part_of_a_sale_is_returned(till: World) -> None:
    sale = await posted(till)
    command = ReturnSale(
        transaction=Target(member=member(till)),
        document=DocumentReference("A-RETURN"),
        occurred_at=NOW,
        lines=(ReturnedPart(1, Decimal(1)),),
    )
    done = await made(till, till.provider.return_sale, command, sale)
    moved = [("reverse_earn", Decimal("-40.00")), ("earn", Decimal("20.00"))]
    assert effects(till)[1:] == moved
    assert value(done.effect).adjusted == -20


@proves(Operation.POINTS_REDEEM, Fabric)
async def test_points_are_redeemed(till: World) -> None:
    command = RedeemPoints(member=member(till), outlet=STORE, points=Decimal(100))
    done = await made(till, till.provider.redeem_points, command, None)
    assert done.redemption is RedemptionStatus.CAPTURED
    assert effects(till) == [("issue_reward", Decimal(-100)), ("redeem_reward", Decimal(0))]


@proves(Operation.REDEMPTION_HOLD, Operation.REDEMPTION_CAPTURE, Fabric)
async def test_points_are_held_and_captured(till: World) -> None:
    redeemed = await held(till)
    assert effects(till) == [("issue_reward", Decimal(-100))]
    command = CaptureRedemption(member=member(till), redemption="1")
    done = await made(till, till.provider.capture_redemption, command, redeemed)
    assert done.redemption is RedemptionStatus.CAPTURED
    assert effects(till)[1:] == [("redeem_reward", Decimal(0))]


@proves(Operation.REDEMPTION_VOID, Fabric)
@pytest.mark.parametrize("captured", [False, True])
async def test_a_redemption_gives_its_points_back(till: World, captured: bool) -> None:
    redeemed = await held(till)
    if captured:
        command = CaptureRedemption(member=member(till), redemption="1")
        await made(till, till.provider.capture_redemption, command, redeemed)
        redeemed = replace(redeemed, status=RedemptionStatus.CAPTURED)
    void = VoidRedemption(member=member(till), redemption="1")
    await made(till, till.provider.void_redemption, void, redeemed)
    assert effects(till)[-1] == ("reverse_reward" if captured else "cancel_reward", Decimal(100))


@proves(Operation.VOUCHER_REDEEM, Fabric)
async def test_a_voucher_is_used_up(till: World) -> None:
    code = next(
        each["code"] for each in till.book("vouchers")["vouchers"] if each["state"] == "usable"
    )
    command = RedeemVoucher(voucher=VoucherRef(member(till, "vouchers"), code), outlet=STORE)
    done = await made(till, till.provider.redeem_voucher, command, None)
    assert done.redemption is RedemptionStatus.CAPTURED
    assert effects(till) == [("redeem_reward", Decimal(0))]


@proves(Operation.POINTS_ADJUST, Fabric)
async def test_points_are_corrected(till: World) -> None:
    command = AdjustPoints(member=member(till), delta=Decimal(-7), reason="4102")
    await made(till, till.provider.adjust_points, command, None)
    assert effects(till) == [("adjust_points", Decimal(-7))]


@proves(Operation.POINTS_ACTIVATE, Fabric)
async def test_pending_points_are_activated(till: World) -> None:
    assert Decimal(till.book("pending")["pending"]) > 0
    command = ActivatePoints(member=member(till, "pending"))
    await made(till, till.provider.activate_points, command, None)
    assert Decimal(till.book("pending")["pending"]) == 0


@proves(Operation.MEMBER_ENROLL, Operation.MEMBER_UPDATE, Fabric)
async def test_a_member_is_enrolled_and_changed(till: World) -> None:
    person = Profile(
        given_name="Nora", family_name="Newell", email="nora@example.com", phone="12065559911"
    )
    command = EnrolMember(program=till.program, profile=person)
    done = await made(till, till.provider.enrol_member, command, None)
    ref = value(done.member)
    change = UpdateMember(member=ref, profile=ProfileChanges(given_name="Norah"))
    await made(till, till.provider.update_member, change, None)
    assert [name for name, _ in effects(till)] == ["enroll_member", "update_member"]
    (told,) = await till.provider.members([ref.key])
    assert value(told).name == "Norah Newell"
