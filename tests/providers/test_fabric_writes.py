"""What an answer to a change proves at fabric, whatever the operation; and how one is let in."""

import time
from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal

import pytest
from starlette.applications import Starlette

from loyalty.commands import Target, VoidSale
from loyalty.errors import (
    Declined,
    ErrorCode,
    InvalidInput,
    LoyaltyError,
    OutcomeUnknown,
    RetryAdvice,
    Unavailable,
)
from loyalty.outcomes import Done
from providers.write_abilities import HoldsRedemptions, Writes
from providers.writing import Beforehand, Sending, Write
from sandbox.app import create_app
from tests.providers.fabric_till import NADIA, NOW, Till, member, opened, redeeming, sale

NOBODY = Beforehand()


@pytest.fixture(scope="module")
def app() -> Starlette:
    return create_app(now=NOW)


@pytest.fixture
async def till(app: Starlette) -> AsyncIterator[Till]:
    async with opened(app) as made:
        yield made


async def earn(till: Till) -> Write:
    return await till.first(till.fabric.post_sale, sale(), NOBODY)


async def outcome(till: Till, write: Write, *, again: bool = False) -> Done | LoyaltyError:
    try:
        return await till.send(write, again=again)
    except LoyaltyError as error:
        return error


def envelope(status: int, **errors: object) -> dict[str, object]:
    return {"status": status, "message": "Said", "errors": errors, "data": {}}


# ---------------------------------------------------------------- being let in


async def test_a_refused_token_is_renewed_once_and_nobody_notices(till: Till) -> None:
    write = await earn(till)
    await till.fabric.probe()
    till.suffer("earn", revoke_token=True)
    await till.send(write)
    assert [call.status for call in till.calls("earn")] == [401, 200]
    assert till.kinds == ["earn"]


async def test_a_token_refused_twice_was_not_looked_at(till: Till) -> None:
    till.suffer("earn", status=401, times=2)
    error = await outcome(till, await earn(till))
    assert isinstance(error, Unavailable)
    assert (error.code, error.retry) == (ErrorCode.PROVIDER_CREDENTIALS, RetryAdvice.NEVER)
    assert len(till.calls("earn")) == 2
    assert till.effects == []


@pytest.mark.parametrize("body", ["<html>", {"message": "no"}, {"detail": "x", "status": 401}])
async def test_a_401_of_another_shape_proves_nothing(till: Till, body: object) -> None:
    till.suffer("earn", status=401, body=body, apply=True)
    assert isinstance(await outcome(till, await earn(till)), OutcomeUnknown)
    assert len(till.calls("earn")) == 1


async def test_without_a_token_nothing_is_sent(till: Till) -> None:
    write = await earn(till)
    till.fabric = till.open(client_secret="wrong")
    error = await outcome(till, write)
    assert isinstance(error, Unavailable)
    assert error.code is ErrorCode.PROVIDER_CREDENTIALS
    assert till.calls("earn") == []


async def test_nothing_leaves_after_its_time(till: Till) -> None:
    how = Sending(again=False, leave_by=time.monotonic() - 1, timeout=5)
    with pytest.raises(Unavailable):
        await till.fabric.send(await earn(till), how)
    assert till.calls("earn") == []


async def test_a_quota_used_up_is_no_effect(till: Till) -> None:
    till.suffer("earn", rate_limited=True, retry_after=3)
    error = await outcome(till, await earn(till))
    assert isinstance(error, Unavailable)
    assert error.code is ErrorCode.PROVIDER_RATE_LIMITED
    assert till.effects == []


async def test_the_same_bytes_are_sent_in_every_try(till: Till) -> None:
    write = await earn(till)
    till.suffer("earn", drop="before")
    await till.doubtful(write)
    await till.send(write, again=True)
    assert len({call.body for call in till.calls("earn")}) == 1


# ---------------------------------------------------------------- what an answer proves

UNCLEAR = [
    (500, envelope(500, x=["No."])),
    (502, "<html>"),
    (302, None),
    (408, envelope(408, x=["Slow."])),
    (400, "<html>"),
    (403, "<html>"),
    (403, {"detail": "Forbidden"}),
    (404, {"detail": "Not found"}),
    (404, envelope(404)),
    (400, envelope(500, x=["No."])),
    (200, None),
    (200, "[]"),
    (200, {}),
    (200, {"status": 201, "message": "earned", "errors": {}}),
    (200, {"status": 201, "message": "earned", "errors": {}, "data": None}),
    (200, {"status": 302, "message": "earned", "errors": {}, "data": {}}),
    (200, envelope(500)),
    (200, {"status": "good", "errors": {}, "data": {}}),
    (204, None),
]


@pytest.mark.parametrize("applied", [True, False])
@pytest.mark.parametrize(("status", "body"), UNCLEAR, ids=str)
async def test_an_answer_without_sense_proves_nothing(
    till: Till, status: int, body: object, applied: bool
) -> None:
    write = await earn(till)
    spec = {"empty": True} if body is None else {"body": body}
    till.suffer("earn", status=status, **spec, apply=applied)
    assert isinstance(await outcome(till, write), OutcomeUnknown)
    assert (await till.look(write) is not None) is applied


REFUSED = [
    (400, envelope(400, ExceptionString=["No."])),
    (400, {"message": "No.", "errors": {}, "data": {}, "status": 400}),
    (403, envelope(403, ExceptionString=["No."])),
    (404, envelope(404, ExceptionString=["No."])),
    (409, envelope(409, ExceptionString=["No."])),
    (200, envelope(400, ExceptionString=["No."])),
    (200, {"status": 200, "message": "", "errors": {"x": ["No."]}, "data": None}),
]


@pytest.mark.parametrize(("status", "body"), REFUSED, ids=str)
async def test_a_documented_refusal_is_one_the_first_time_only(
    till: Till, status: int, body: object
) -> None:
    write = await earn(till)
    till.suffer("earn", status=status, body=body, times=2)
    error = await outcome(till, write)
    assert isinstance(error, Declined)
    assert (error.code, error.program) == (ErrorCode.PROVIDER_ERROR, "northshore")
    assert error.upstream is not None
    assert isinstance(await outcome(till, write, again=True), OutcomeUnknown)
    assert sum(till.fabric.unmapped.values()) == 2


@pytest.mark.parametrize(("status", "body"), REFUSED, ids=str)
async def test_a_refusal_of_what_is_there_is_none(till: Till, status: int, body: object) -> None:
    write = await earn(till)
    till.suffer("earn", status=status, body=body, apply=True)
    assert isinstance(await outcome(till, write), Done)


async def test_a_refusal_that_cannot_be_compared_proves_nothing(till: Till) -> None:
    write = await earn(till)
    till.suffer("earn", status=400, body=envelope(400, x=["No."]))
    till.suffer("get_transactions", status=500, times=9)
    assert isinstance(await outcome(till, write), OutcomeUnknown)


async def test_a_broken_rule_of_form_is_certain_and_costs_no_look(till: Till) -> None:
    write = await earn(till)
    till.suffer("earn", status=400, body=envelope(400, netAmount=["Formula 2."]))
    error = await outcome(till, write)
    assert isinstance(error, InvalidInput)
    assert error.code is ErrorCode.TOTALS_DO_NOT_ADD_UP
    assert till.calls("get_transactions") == []


async def test_a_success_about_somebody_else_proves_nothing(till: Till) -> None:
    await till.done(till.fabric.post_sale, sale(member=member("rich"), document="OTHER"), NOBODY)
    stranger = await till.fabric.transaction(member("rich").key, ("OTHER", "EARN", ""))
    assert stranger is not None
    write = await earn(till)
    row = {
        "profileId": member("rich").key,
        "transactionCode": stranger.native_id,
        "transactionType": "EARN",
        "transactionExternalReference": "NS-ORD-1",
        "points": 56,
    }
    body = {"status": 201, "message": "earned", "errors": {}, "data": row}
    for change in (
        {},
        {"profileId": NADIA, "transactionExternalReference": "OTHER"},
        {"profileId": NADIA, "transactionType": "BURN"},
    ):
        till.suffer("earn", status=200, body={**body, "data": {**row, **change}})
        assert isinstance(await outcome(till, write), OutcomeUnknown), change


async def test_a_duplicate_that_nobody_sees_is_perhaps_ours(till: Till) -> None:
    write = await earn(till)
    till.turn(read_lag_seconds=60)
    till.suffer("earn", twice=True)
    assert isinstance(await outcome(till, write), OutcomeUnknown)
    till.later(61)
    assert isinstance(await outcome(till, write, again=True), Done)
    assert till.kinds == ["earn"]


# ---------------------------------------------------------------- whose it is


def seen(**changes: object) -> dict[str, object]:
    """The sale as Get Transactions might show it, without anybody's mark."""
    row = {
        "profileId": NADIA,
        "transactionCode": "5d0f2a8e-77b1-4c1c-a3b5-2f4f7f1f9c10",
        "transactionType": "EARN",
        "transactionExternalReference": "NS-ORD-1",
        "transactionEntityReference": "NS-SEA-04",
        "activityTimestamp": "2026-06-14T18:22:00.000000",
        "totalAmountPaid": Decimal("60.80"),
        "totalTax": Decimal("4.80"),
        "points": 56,
        **changes,
    }
    return {"status": 200, "message": "", "errors": {}, "data": [row]}


@pytest.mark.parametrize(
    ("changes", "ours"),
    [
        ({}, True),
        ({"issueAuditUser": ""}, True),
        ({"totalTax": None}, True),
        ({"issueAuditUser": "pos-17"}, False),
        ({"issueAuditUser": "op:0"}, False),
        ({"totalAmountPaid": Decimal("60.81")}, False),
        ({"transactionEntityReference": "ONLINE"}, False),
        ({"activityTimestamp": "2026-06-14T18:22:01"}, False),
        ({"transactionExternalReference": "NS-ORD-11"}, False),
        ({"transactionType": "EARN_REVERSE"}, False),
    ],
    ids=str,
)
async def test_a_sale_is_ours_by_its_mark_or_by_its_figures(
    till: Till, changes: dict[str, object], ours: bool
) -> None:
    write = await earn(till)
    till.suffer("get_transactions", status=200, body=seen(**changes))
    assert (await till.look(write) is not None) is ours


async def test_a_sale_of_another_member_in_the_list_is_left_out(till: Till) -> None:
    write = await earn(till)
    till.suffer("get_transactions", status=200, body=seen(profileId=member("rich").key))
    assert await till.look(write) is None


async def test_a_sale_that_is_there_twice_is_for_a_person_to_judge(till: Till) -> None:
    till.turn(duplicate_detected=False)
    write = await earn(till)
    till.suffer("earn", twice=True, drop="after")
    await till.doubtful(write)
    with pytest.raises(OutcomeUnknown):
        await till.look(write)


# ---------------------------------------------------------------- the port


async def test_patience_is_what_the_settings_say(till: Till) -> None:
    patience = till.fabric.patience
    assert (patience.wire, patience.processing, patience.read_lag) == (30, 30, None)
    assert (patience.replay_is_safe, patience.review) == (True, 86_400)
    changed = till.open(read_lag_max="5m", replay_is_safe=False, review_hours=2, wire_seconds=10)
    assert (changed.patience.fence, changed.patience.review) == (340, 7200)
    assert not changed.patience.replay_is_safe


async def test_it_writes_and_it_holds(till: Till) -> None:
    assert isinstance(till.fabric, Writes)
    assert isinstance(till.fabric, HoldsRedemptions)
    assert till.fabric.holds


async def test_every_operation_that_is_sent_can_be_looked_for(till: Till) -> None:
    assert {name.replace(" ", "_") for name in till.fabric.kinds()} == {
        "Earn_Points",
        "Reverse_Earned_Points",
        "Issue_Reward",
        "Redeem_Rewards",
        "Cancel_Rewards",
        "Reverse_Redeemed_Rewards",
        "Adjust_Points",
        "Activate_Points",
        "Enroll_Member",
        "Update_Member",
    }


async def test_a_script_that_is_asked_again_answers_the_same(till: Till) -> None:
    ticket = till.ticket()
    job = {"target": NOBODY, "ticket": ticket}
    from providers.writing import Job  # noqa: PLC0415

    one = await till.fabric.post_sale(Job(command=sale(), **job))  # type: ignore[arg-type]
    assert one == await till.fabric.post_sale(Job(command=sale(), **job))  # type: ignore[arg-type]
    posted = await till.posted()
    void = Job(command=VoidSale(transaction=Target(member=member())), target=posted, ticket=ticket)
    assert await till.fabric.void_sale(void) == await till.fabric.void_sale(void)


@pytest.mark.parametrize("text", ["\ud800", "a\ud800b"])
async def test_text_that_is_none_is_refused_before_anything_is_sent(till: Till, text: str) -> None:
    error = await till.error(till.fabric.redeem_points, redeeming(operator=text))
    assert isinstance(error, InvalidInput)
    assert till.effects == []


async def test_nothing_personal_is_printed(till: Till) -> None:
    write = await till.first(till.fabric.redeem_points, redeeming())
    done = await till.send(write)
    code = done.native["code"]
    assert code not in repr(write)
    held = await till.held()
    error = await till.error(
        till.fabric.redeem_points, redeeming("100.00", member=replace(member()))
    )
    assert held.done.native["code"] not in repr(error) + str(error)
    assert NADIA not in str(error)
