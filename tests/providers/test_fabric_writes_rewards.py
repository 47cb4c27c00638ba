"""Redemptions through the fabric adapter, judged by the tenant's books."""

from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal

import pytest
from starlette.applications import Starlette

from loyalty.commands import CaptureRedemption, RedeemVoucher, VoidRedemption
from loyalty.errors import ErrorCode, InsufficientPoints, OutcomeUnknown
from loyalty.money import Money
from loyalty.outcomes import CautionCode, Done, Redeemed, RedemptionStatus
from loyalty.refs import VoucherRef
from loyalty.sales import DocumentReference, Outlet
from providers.writing import Doubt, Finished, Job, Step, Write
from sandbox.app import create_app
from tests.providers.fabric_till import (
    NADIA,
    NOW,
    SEATTLE,
    STRANGER,
    Till,
    member,
    opened,
    redeeming,
)


@pytest.fixture(scope="module")
def app() -> Starlette:
    return create_app(now=NOW)


@pytest.fixture
async def till(app: Starlette) -> AsyncIterator[Till]:
    async with opened(app) as made:
        yield made


def capture(held: Redeemed) -> CaptureRedemption:
    return CaptureRedemption(member=member(), redemption=held.operation)


def void(held: Redeemed) -> VoidRedemption:
    return VoidRedemption(member=member(), redemption=held.operation)


async def captured(till: Till) -> Redeemed:
    held = await till.held()
    done = await till.done(till.fabric.capture_redemption, capture(held), held)
    return replace(held, done=done, status=RedemptionStatus.CAPTURED)


async def status(till: Till, held: Redeemed) -> str:
    """What the tenant's books say of a reward."""
    code = held.done.native["code"]
    vouchers = till.book()["vouchers"]
    return str(next(each["state"] for each in vouchers if each["code"] == code))


# ---------------------------------------------------------------- points


async def test_a_hold_is_an_issued_reward(till: Till) -> None:
    held = await till.held()
    assert held.status is RedemptionStatus.HELD
    assert (held.done.points, held.done.worth) == (100, Money(Decimal("5.00"), "USD"))
    assert (till.kinds, till.moved) == (["issue_reward"], -100)
    assert till.effects[0].reference == f"op:{till.operations:032x}"
    body = till.body("issue_reward")
    assert (body["amountToRedeem"], body["tierDiscountValue"]) == (5, 0)
    assert held.done.voucher is not None
    voucher = await till.fabric.voucher(held.done.voucher)
    assert voucher is not None
    assert voucher.usable is not None
    assert voucher.usable.now


async def test_a_redemption_is_issued_and_redeemed(till: Till) -> None:
    done = await till.done(till.fabric.redeem_points, redeeming(operator="pos-17"))
    assert done.redemption is RedemptionStatus.CAPTURED
    assert (done.points, done.worth) == (100, Money(Decimal("5.00"), "USD"))
    assert (till.kinds, till.moved) == (["issue_reward", "redeem_reward"], -100)
    assert till.body("redeem_reward")["redeemAuditUser"] == f"op:{till.operations:032x} pos-17"


async def test_points_are_priced_by_their_worth(till: Till) -> None:
    done = await till.done(till.fabric.redeem_points, redeeming(None, points=Decimal(60)))
    assert till.body("issue_reward")["amountToRedeem"] == 3
    assert (done.points, till.moved, done.cautions) == (60, -60, ())


async def test_a_rate_that_is_not_the_tenants_is_told(till: Till) -> None:
    till.turn(point_value="0.2")
    done = await till.done(till.fabric.redeem_points, redeeming(None, points=Decimal(60)))
    assert (done.points, till.moved) == (15, -15)
    assert [each.code for each in done.cautions] == [CautionCode.ROUNDED]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"points": Decimal("0.1")}, ("amount", "points")),
        ({"points": Decimal(0)}, ("amount", "points")),
        ({"money": Decimal(0)}, ("amount", "money")),
        ({"money": Decimal("5.005")}, ("amount", "money")),
        ({"money": Decimal(5), "outlet": Outlet("NS")}, ("outlet", "code")),
        ({"money": Decimal(5), "operator": "x" * 151}, ("operator",)),
        ({"money": Decimal(5), "member": member("nonsense")}, ("memberId",)),
    ],
    ids=str,
)
async def test_what_cannot_be_redeemed_is_refused_and_nothing_is_sent(
    till: Till, changes: dict[str, object], field: tuple[str, ...]
) -> None:
    command = replace(redeeming(), money=None)
    command = replace(command, **changes)  # type: ignore[arg-type]
    error = await till.error(till.fabric.redeem_points, command)
    assert error.field == ("input", *field)
    assert till.effects == []
    assert till.calls("issue_reward") == []


async def test_points_without_a_known_worth_are_asked_for_in_money(till: Till) -> None:
    till.fabric = till.open(point_worth=None)
    error = await till.error(till.fabric.redeem_points, redeeming(None, points=Decimal(60)))
    assert error.field == ("input", "amount", "points")
    done = await till.done(till.fabric.redeem_points, redeeming())
    assert done.points == 100


async def test_too_many_points_are_refused_with_figures(till: Till) -> None:
    error = await till.error(till.fabric.redeem_points, redeeming("100.00"))
    assert isinstance(error, InsufficientPoints)
    assert error.field == ("input", "amount")
    assert (error.asked, error.available) == (2000, 466)
    assert till.effects == []


async def test_rules_of_the_tenant_are_told_apart(till: Till) -> None:
    till.turn(reward_cap=4)
    error = await till.error(till.fabric.redeem_points, redeeming())
    assert error.code is ErrorCode.REDEMPTION_RULE
    error = await till.error(till.fabric.redeem_points, redeeming(member=member(STRANGER)))
    assert error.code is ErrorCode.MEMBER_NOT_FOUND
    error = await till.error(till.fabric.redeem_points, redeeming(outlet=Outlet("NOWHERE")))
    assert (error.code, error.field) == (ErrorCode.INVALID_INPUT, ("input", "outlet", "code"))
    assert till.effects == []


async def test_a_capture_that_is_refused_gives_the_points_back(till: Till) -> None:
    refusal = {"status": 400, "message": "No", "errors": {"x": ["No."]}, "data": {}}
    till.suffer("redeem_reward", status=400, body=refusal)
    end = await till.end(till.fabric.redeem_points, redeeming())
    assert end.reversed_
    assert end.done is None
    assert end.error is not None
    assert (till.kinds, till.moved) == (["issue_reward", "cancel_reward"], 0)


async def test_what_can_neither_be_captured_nor_given_back_is_held(till: Till) -> None:
    refusal = {"status": 400, "message": "No", "errors": {"x": ["No."]}, "data": {}}
    till.suffer("redeem_reward", status=400, body=refusal)
    till.suffer("cancel_reward", status=400, body=refusal)
    done = await till.done(till.fabric.redeem_points, redeeming())
    assert done.redemption is RedemptionStatus.HELD
    assert [each.code for each in done.cautions] == [CautionCode.OTHER]
    assert (till.kinds, till.moved) == (["issue_reward"], -100)


async def test_what_has_no_place_is_told(till: Till) -> None:
    command = redeeming(note="birthday", document=DocumentReference("D"), authorization="secret")
    done = await till.done(till.fabric.redeem_points, command)
    told = {each.message.split(":")[0] for each in done.cautions}
    assert told == {"note", "document", "authorization"}
    assert "secret" not in str(done.cautions)


# ---------------------------------------------------------------- capture and void


async def test_what_is_held_is_captured_where_it_was_held(till: Till) -> None:
    held = await till.held()
    done = await till.done(till.fabric.capture_redemption, capture(held), held)
    assert (done.redemption, done.points) == (RedemptionStatus.CAPTURED, 100)
    assert done.worth == Money(Decimal("5.00"), "USD")
    assert till.body("redeem_reward")["locationExternalReference"] == "NS-SEA-04"
    assert (till.kinds, till.moved) == (["issue_reward", "redeem_reward"], -100)


async def test_what_is_held_is_cancelled(till: Till) -> None:
    held = await till.held()
    done = await till.done(till.fabric.void_redemption, void(held), held)
    assert done.redemption is RedemptionStatus.VOIDED
    assert (till.kinds, till.moved) == (["issue_reward", "cancel_reward"], 0)


async def test_what_is_captured_is_reversed(till: Till) -> None:
    held = await captured(till)
    done = await till.done(till.fabric.void_redemption, void(held), held)
    assert done.redemption is RedemptionStatus.VOIDED
    assert (till.kinds[-1], till.moved) == ("reverse_reward", 0)


@pytest.mark.parametrize(
    ("state", "voiding", "code"),
    [
        (RedemptionStatus.CAPTURED, False, ErrorCode.REDEMPTION_NOT_OPEN),
        (RedemptionStatus.VOIDED, False, ErrorCode.REDEMPTION_NOT_OPEN),
        (RedemptionStatus.VOIDED, True, ErrorCode.ALREADY_VOIDED),
        (RedemptionStatus.EXPIRED, True, ErrorCode.NOT_VOIDABLE),
        (RedemptionStatus.UNDER_REVIEW, True, ErrorCode.NOT_VOIDABLE),
    ],
)
async def test_what_is_not_open_is_refused_and_nothing_is_sent(
    till: Till, state: RedemptionStatus, voiding: bool, code: ErrorCode
) -> None:
    held = replace(await till.held(), status=state)
    ask, command = (
        (till.fabric.void_redemption, void(held))
        if voiding
        else (till.fabric.capture_redemption, capture(held))
    )
    error = await till.error(ask, command, held)
    assert (error.code, error.field) == (code, ("input", "redemptionId"))
    assert till.kinds == ["issue_reward"]


async def test_a_second_void_changes_nothing(till: Till) -> None:
    held = await till.held()
    await till.done(till.fabric.void_redemption, void(held), held)
    error = await till.error(till.fabric.void_redemption, void(held), held)
    assert error.code is ErrorCode.REDEMPTION_NOT_OPEN
    assert (till.kinds, till.moved) == (["issue_reward", "cancel_reward"], 0)


# ---------------------------------------------------------------- vouchers


def using(code: str, **changes: object) -> RedeemVoucher:
    command = RedeemVoucher(voucher=VoucherRef(member("vouchers"), code), outlet=SEATTLE)
    return replace(command, **changes)  # type: ignore[arg-type]


def code_of(till: Till, state: str) -> str:
    vouchers = till.book("vouchers")["vouchers"]
    return str(next(each["code"] for each in vouchers if each["state"] == state))


async def test_a_voucher_is_captured_for_all_it_is_worth(till: Till) -> None:
    command = using(code_of(till, "usable"), discount=Decimal("5.00"))
    done = await till.done(till.fabric.redeem_voucher, command)
    assert done.redemption is RedemptionStatus.CAPTURED
    assert (done.points, done.worth) == (100, Money(Decimal("5.00"), "USD"))
    assert done.voucher == command.voucher
    assert (till.kinds, till.moved) == (["redeem_reward"], 0)


async def test_another_discount_than_its_worth_is_refused(till: Till) -> None:
    command = using(code_of(till, "usable"), discount=Decimal("4.00"))
    error = await till.error(till.fabric.redeem_voucher, command)
    assert (error.code, error.field) == (ErrorCode.INVALID_INPUT, ("input", "discount"))
    assert till.effects == []


@pytest.mark.parametrize("state", ["used", "cancelled", "reversed", "expired"])
async def test_a_voucher_that_is_gone_is_refused_and_nothing_is_sent(
    till: Till, state: str
) -> None:
    error = await till.error(till.fabric.redeem_voucher, using(code_of(till, state)))
    assert (error.code, error.field) == (
        ErrorCode.VOUCHER_NOT_USABLE,
        ("input", "voucherId"),
    )
    assert till.calls("redeem_reward") == []


@pytest.mark.parametrize("code", [STRANGER, "nonsense"])
async def test_an_unknown_voucher_is_not_found(till: Till, code: str) -> None:
    error = await till.error(till.fabric.redeem_voucher, using(code))
    assert (error.code, error.field) == (ErrorCode.VOUCHER_NOT_FOUND, ("input", "voucherId"))


async def test_a_held_redemption_is_a_voucher_and_may_be_used_as_such(till: Till) -> None:
    held = await till.held()
    command = using(held.done.native["code"])
    command = replace(command, voucher=VoucherRef(member(), held.done.native["code"]))
    done = await till.done(till.fabric.redeem_voucher, command, held)
    assert done.redemption is RedemptionStatus.CAPTURED
    redeemed = replace(held, done=done, status=RedemptionStatus.CAPTURED)
    await till.done(till.fabric.void_redemption, void(redeemed), redeemed)
    assert till.moved == 0


async def test_two_tills_use_a_voucher_once(till: Till) -> None:
    command = using(code_of(till, "usable"))
    one = await till.first(till.fabric.redeem_voucher, command)
    other = await till.first(till.fabric.redeem_voucher, command)
    assert one.serial == other.serial is not None
    await till.send(one)
    error = await till._outcome(other)
    assert not isinstance(error, Done)
    assert error.code is ErrorCode.REDEMPTION_NOT_OPEN
    assert till.kinds == ["redeem_reward"]


# ---------------------------------------------------------------- lost answers

LOST = [
    {"drop": "after"},
    {"status": 500, "apply": True},
    {"html": True},
    {"empty": True},
    {"wrong_types": "all"},
    {"truncate": 20},
]


async def step(till: Till, name: str) -> Write:
    """A step made ready, all before it done."""
    match name:
        case "issue_reward":
            return await till.first(till.fabric.redeem_points, redeeming())
        case "redeem_reward":
            held = await till.held()
            return await till.first(till.fabric.capture_redemption, capture(held), held)
        case "cancel_reward":
            held = await till.held()
            return await till.first(till.fabric.void_redemption, void(held), held)
        case _:
            held = await captured(till)
            return await till.first(till.fabric.void_redemption, void(held), held)


STEPS = ["issue_reward", "redeem_reward", "cancel_reward", "reverse_reward"]


@pytest.mark.parametrize("name", STEPS)
@pytest.mark.parametrize("fault", LOST, ids=str)
async def test_a_lost_answer_is_found(till: Till, name: str, fault: dict[str, object]) -> None:
    write = await step(till, name)
    till.suffer(name, **fault)
    await till.doubtful(write)
    found = await till.look(write)
    assert found is not None
    assert till.kinds.count(name) == 1
    if name == "issue_reward":
        assert write.doubt is Doubt.LOOK
        assert (found.points, found.redemption) == (100, RedemptionStatus.HELD)
        assert found.expires_at is not None
        assert found.native["code"] == till.effects[-1].voucher


@pytest.mark.parametrize("name", STEPS[1:])
@pytest.mark.parametrize("repeated", ["refused", "accepted"])
async def test_a_repeat_has_no_second_effect(till: Till, name: str, repeated: str) -> None:
    write = await step(till, name)
    till.turn(repeated_step=repeated)
    till.suffer(name, drop="after")
    await till.doubtful(write)
    done = await till.send(write, again=True)
    assert done.redemption is not None
    assert till.kinds.count(name) == 1


@pytest.mark.parametrize("name", STEPS[1:])
@pytest.mark.parametrize("repeated", ["refused", "accepted"])
async def test_what_never_arrived_is_sent_again(till: Till, name: str, repeated: str) -> None:
    write = await step(till, name)
    till.turn(repeated_step=repeated)
    till.suffer(name, drop="before")
    await till.doubtful(write)
    assert await till.look(write) is None
    await till.send(write, again=True)
    assert till.kinds.count(name) == 1


@pytest.mark.parametrize("name", STEPS[1:])
@pytest.mark.parametrize("repeated", ["refused", "accepted"])
async def test_a_request_delivered_twice_is_done_once(till: Till, name: str, repeated: str) -> None:
    write = await step(till, name)
    till.turn(repeated_step=repeated)
    till.suffer(name, twice=True)
    done = await till.send(write)
    assert done.redemption is not None
    assert till.kinds.count(name) == 1


async def test_two_rewards_for_one_issue_are_for_a_person_to_judge(till: Till) -> None:
    write = await step(till, "issue_reward")
    till.suffer("issue_reward", twice=True, drop="after")
    await till.doubtful(write)
    with pytest.raises(OutcomeUnknown):
        await till.look(write)


async def test_points_gone_by_the_first_delivery_are_no_refusal(till: Till) -> None:
    write = await till.first(till.fabric.redeem_points, redeeming("15.00"))
    till.suffer("issue_reward", twice=True)
    done = await till.send(write)
    assert (done.points, till.moved) == (300, -300)


async def test_a_reward_without_any_mark_may_be_ours_and_is_not_claimed(till: Till) -> None:
    till.turn(audit_user_echoed=False)
    write = await step(till, "issue_reward")
    till.suffer("issue_reward", drop="after")
    await till.doubtful(write)
    with pytest.raises(OutcomeUnknown):
        await till.look(write)
    assert till.kinds == ["issue_reward"]


async def test_another_sum_without_a_mark_is_not_ours(till: Till) -> None:
    till.turn(audit_user_echoed=False)
    await till.held(redeeming("6.00", hold=True))
    write = await step(till, "issue_reward")
    till.suffer("issue_reward", drop="before")
    await till.doubtful(write)
    assert await till.look(write) is None


async def test_whoever_captured_a_voucher_without_a_mark_is_unknown(till: Till) -> None:
    command = using(code_of(till, "usable"))
    one = await till.first(till.fabric.redeem_voucher, command)
    other = await till.first(till.fabric.redeem_voucher, command)
    await till.send(one)
    profile_id, code = command.voucher.member.key, command.voucher.code
    row = {"profileId": profile_id, "redemptionCode": code, "status": "Redeemed"}
    body = {"status": 200, "message": "", "errors": {}, "data": [row]}
    till.suffer("rewards_history", status=200, body=body, times=2)
    await till.doubtful(other)
    with pytest.raises(OutcomeUnknown):
        await till.look(other)
    assert till.kinds == ["redeem_reward"]


@pytest.mark.parametrize("name", STEPS)
async def test_a_lagging_read_proves_nothing(till: Till, name: str) -> None:
    write = await step(till, name)
    till.later(120)
    till.turn(read_lag_seconds=60)
    till.suffer(name, drop="after")
    await till.doubtful(write)
    assert await till.look(write) is None
    till.later(61)
    assert await till.look(write) is not None
    assert till.kinds.count(name) == 1


@pytest.mark.parametrize("name", STEPS[1:])
async def test_a_second_delivery_refused_and_not_yet_shown_is_unknown(
    till: Till, name: str
) -> None:
    write = await step(till, name)
    till.later(120)
    till.turn(read_lag_seconds=60)
    till.suffer(name, twice=True)
    await till.doubtful(write)
    till.later(61)
    assert await till.send(write, again=True)
    assert till.kinds.count(name) == 1


async def test_the_history_is_never_asked_for_without_a_member(till: Till) -> None:
    for name in STEPS:
        await till.look(await step(till, name))
    assert till.calls("rewards_history")
    assert all(call.query["profileId"] == NADIA for call in till.calls("rewards_history"))


async def test_the_saga_goes_on_from_what_was_found(till: Till) -> None:
    write = await step(till, "issue_reward")
    till.suffer("issue_reward", drop="after")
    await till.doubtful(write)
    found = await till.look(write)
    assert found is not None
    ticket = till.ticket(f"{till.operations:032x}")
    job = Job(command=redeeming(), target=None, ticket=ticket, steps=(Step(write, found),))
    second = await till.fabric.redeem_points(job)
    assert isinstance(second, Write)
    done = await till.send(second)
    end = await till.fabric.redeem_points(replace(job, steps=(*job.steps, Step(second, done))))
    assert isinstance(end, Finished)
    assert end.done is not None
    assert end.done.redemption is RedemptionStatus.CAPTURED
    assert (till.kinds, till.moved) == (["issue_reward", "redeem_reward"], -100)


@pytest.mark.parametrize("shown", ["Expired", "Active"])
async def test_a_held_reward_may_expire(till: Till, shown: str) -> None:
    held = await till.held()
    till.turn(rewards_past_expiry=shown)
    till.later(91 * 86_400)
    error = await till.error(till.fabric.capture_redemption, capture(held), held)
    assert error.code is ErrorCode.REDEMPTION_NOT_OPEN
