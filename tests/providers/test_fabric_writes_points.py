"""Corrections and activations through the fabric adapter, judged by the tenant's books."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from starlette.applications import Starlette

from loyalty.commands import ActivatePoints, AdjustPoints, Settlement
from loyalty.errors import ErrorCode, InsufficientPoints, OutcomeUnknown, Unsupported
from loyalty.outcomes import CautionCode
from loyalty.points import PointsKind
from loyalty.sales import DocumentReference, Outlet
from providers.writing import Beforehand, Doubt
from sandbox.app import create_app
from tests.providers.fabric_till import NADIA, NOW, SEATTLE, STRANGER, Till, member, opened, sale


@pytest.fixture(scope="module")
def app() -> Starlette:
    return create_app(now=NOW)


@pytest.fixture
async def till(app: Starlette) -> AsyncIterator[Till]:
    async with opened(app) as made:
        yield made


def giving(delta: str = "25", **changes: object) -> AdjustPoints:
    command = AdjustPoints(member=member(), delta=Decimal(delta), reason="4102")
    return replace(command, **changes)  # type: ignore[arg-type]


# ---------------------------------------------------------------- corrections


@pytest.mark.parametrize("delta", ["25", "-25", "0.5", "1000000"])
async def test_points_are_given_and_taken(till: Till, delta: str) -> None:
    done = await till.done(till.fabric.adjust_points, giving(delta))
    assert (till.kinds, till.moved) == (["adjust_points"], Decimal(delta))
    assert done.effect is not None
    assert done.effect.adjusted == Decimal(delta)
    assert done.transaction is not None
    found = await till.fabric.transaction(NADIA, done.transaction.key)
    assert found is not None
    assert (found.ref, found.effect and found.effect.adjusted) == (done.transaction, Decimal(delta))


async def test_a_correction_is_sent_with_its_kind_and_store(till: Till) -> None:
    await till.done(till.fabric.adjust_points, giving(kind=PointsKind.BONUS, outlet=SEATTLE))
    body = till.body("adjust_points")
    assert (body["pointType"], body["billingEntity"]) == ("Bonus", "NS-SEA-04")
    assert (body["points"], body["reasonCode"]) == (25, "4102")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"delta": Decimal(0)}, "delta"),
        ({"reason": "because"}, "reason"),
        ({"reason": "RET-FULL"}, "reason"),
        ({"kind": PointsKind.OTHER}, "kind"),
        ({"outlet": Outlet("NS")}, "outlet"),
        ({"member": member("nonsense")}, "memberId"),
        ({"starts_at": NOW}, "startsAt"),
        ({"ends_at": NOW}, "endsAt"),
    ],
    ids=str,
)
async def test_what_cannot_be_corrected_is_refused_and_nothing_is_sent(
    till: Till, changes: dict[str, object], field: str
) -> None:
    error = await till.error(till.fabric.adjust_points, giving(**changes))
    assert error.field is not None
    assert error.field[:2] == ("input", field)
    assert till.calls("adjust_points") == []
    assert till.effects == []


async def test_a_reason_of_the_tenant_is_named(till: Till) -> None:
    error = await till.error(till.fabric.adjust_points, giving(reason="because"))
    assert "4102, 4103, 4199" in error.message


async def test_a_correction_with_a_span_has_no_place(till: Till) -> None:
    error = await till.error(till.fabric.adjust_points, giving(ends_at=NOW))
    assert isinstance(error, Unsupported)


@pytest.mark.parametrize("told", ["errors", "exception_string"])
async def test_more_than_there_is_is_refused_with_figures(till: Till, told: str) -> None:
    till.turn(adjust_refusals=told)
    error = await till.error(till.fabric.adjust_points, giving("-2000"))
    assert isinstance(error, InsufficientPoints)
    assert error.field == ("input", "delta")
    assert (error.asked, error.available) == (2000, 466)
    assert till.effects == []


@pytest.mark.parametrize("told", ["errors", "exception_string"])
async def test_a_refusal_in_a_success_is_one(till: Till, told: str) -> None:
    till.turn(adjust_refusals=told, adjust_cap=10)
    error = await till.error(till.fabric.adjust_points, giving())
    assert error.code is ErrorCode.PROVIDER_ERROR
    assert till.effects == []


async def test_nobody_has_no_points_to_correct(till: Till) -> None:
    error = await till.error(till.fabric.adjust_points, giving(member=member(STRANGER)))
    assert error.code is ErrorCode.MEMBER_NOT_FOUND


async def test_what_has_no_place_is_told(till: Till) -> None:
    command = giving(document=DocumentReference("D"), offer_code="O", operator="care-3")
    done = await till.done(till.fabric.adjust_points, command)
    assert [each.code for each in done.cautions] == [CautionCode.FIELD_NOT_SENT] * 3


LOST = [
    {"drop": "after"},
    {"status": 500, "apply": True},
    {"html": True},
    {"wrong_types": "scalars"},
    {"truncate": 20},
]


@pytest.mark.parametrize("delta", ["25", "-25"])
@pytest.mark.parametrize("fault", LOST, ids=str)
async def test_a_lost_correction_is_found_as_the_one_that_was_not_there(
    till: Till, delta: str, fault: dict[str, object]
) -> None:
    await till.done(till.fabric.adjust_points, giving(delta))
    write = await till.first(till.fabric.adjust_points, giving(delta))
    assert write.doubt is Doubt.LOOK
    till.suffer("adjust_points", **fault)
    await till.doubtful(write)
    found = await till.look(write)
    assert found is not None
    assert found.native["code"] == till.effects[-1].reference
    assert till.moved == 2 * Decimal(delta)
    assert await till.look(write) == found


async def test_what_never_arrived_is_not_found(till: Till) -> None:
    await till.done(till.fabric.adjust_points, giving())
    write = await till.first(till.fabric.adjust_points, giving())
    till.suffer("adjust_points", drop="before")
    await till.doubtful(write)
    assert await till.look(write) is None


async def test_two_that_may_be_it_are_for_a_person_to_judge(till: Till) -> None:
    write = await till.first(till.fabric.adjust_points, giving())
    till.suffer("adjust_points", twice=True, drop="after")
    await till.doubtful(write)
    with pytest.raises(OutcomeUnknown):
        await till.look(write)


async def test_one_of_another_size_is_not_it(till: Till) -> None:
    write = await till.first(till.fabric.adjust_points, giving())
    await till.done(till.fabric.adjust_points, giving("26"))
    await till.done(till.fabric.adjust_points, giving("-25"))
    assert await till.look(write) is None


async def test_points_taken_by_the_first_delivery_are_no_refusal(till: Till) -> None:
    write = await till.first(till.fabric.adjust_points, giving("-300"))
    till.suffer("adjust_points", twice=True)
    done = await till.send(write)
    assert done.effect is not None
    assert (done.effect.adjusted, till.moved) == (-300, -300)


async def test_corrections_of_a_member_are_never_under_way_together(till: Till) -> None:
    one = await till.first(till.fabric.adjust_points, giving())
    other = await till.first(till.fabric.adjust_points, giving("7"))
    else_ = await till.first(till.fabric.adjust_points, giving(member=member("rich")))
    assert one.serial == other.serial != else_.serial


async def test_a_late_reader_does_not_take_anothers_correction_for_its_own(till: Till) -> None:
    till.later(120)
    till.turn(read_lag_seconds=60)
    await till.done(till.fabric.adjust_points, giving())
    write = await till.first(till.fabric.adjust_points, giving())
    till.suffer("adjust_points", drop="before")
    await till.doubtful(write)
    till.later(61)
    assert await till.look(write) is None


# ---------------------------------------------------------------- activations


def activating(**changes: object) -> ActivatePoints:
    return replace(ActivatePoints(member=member("pending")), **changes)  # type: ignore[arg-type]


async def test_what_is_pending_becomes_spendable(till: Till) -> None:
    assert till.book("pending")["pending"] == "66.00"
    done = await till.done(till.fabric.activate_points, activating())
    assert done.member == member("pending")
    assert till.book("pending")["pending"] == "0.00"
    assert till.kinds == ["activate_points"]


async def test_only_the_asked_span_is_activated(till: Till) -> None:
    command = activating(ends_at=NOW - timedelta(days=30))
    await till.done(till.fabric.activate_points, command)
    assert till.book("pending")["pending"] == "66.00"
    assert till.body("activate_points")["endDate"] == "2026-05-15 18:30:00"


async def test_a_span_that_ends_before_it_begins_is_refused(till: Till) -> None:
    command = activating(starts_at=NOW, ends_at=NOW - timedelta(days=1))
    error = await till.error(till.fabric.activate_points, command)
    assert error.field == ("input", "from")
    command = activating(starts_at=NOW + timedelta(days=1))
    assert (await till.error(till.fabric.activate_points, command)).field == ("input", "from")


async def test_nobody_has_nothing_pending(till: Till) -> None:
    error = await till.error(till.fabric.activate_points, activating(member=member(STRANGER)))
    assert error.code is ErrorCode.MEMBER_NOT_FOUND


async def test_a_repeat_activates_nothing_that_came_later(till: Till) -> None:
    write = await till.first(till.fabric.activate_points, activating())
    assert write.doubt is Doubt.REPLAY
    till.suffer("activate_points", drop="after")
    await till.doubtful(write)
    till.later(3600)
    later = sale(
        member=member("pending"),
        settlement=Settlement.PENDING,
        occurred_at=NOW + timedelta(minutes=30),
    )
    await till.done(till.fabric.post_sale, later, Beforehand())
    await till.send(write, again=True)
    assert till.book("pending")["pending"] == "56.00"
    assert till.kinds.count("activate_points") == 1
