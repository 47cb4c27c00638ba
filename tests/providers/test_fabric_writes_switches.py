"""Each assumption about the tenant flipped alone: no change is ever made twice, or denied falsely.

A step is driven as doubt is settled: sent, looked for, and sent again where that is safe. What then
is Done must be in the tenant's books exactly once, what is refused must not be there at all, and
what is unknown at most once.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from decimal import Decimal

import pytest
from starlette.applications import Starlette

from loyalty.commands import (
    ActivatePoints,
    AdjustPoints,
    CaptureRedemption,
    EnrolMember,
    Profile,
    ProfileChanges,
    RedeemVoucher,
    Target,
    UpdateMember,
    VoidRedemption,
    VoidSale,
)
from loyalty.errors import LoyaltyError, OutcomeUnknown
from loyalty.outcomes import Done
from loyalty.refs import VoucherRef
from providers.writing import Beforehand, Doubt, Write
from sandbox.app import create_app
from sandbox.fabric.assumptions import SWITCHES
from sandbox.switches import SwitchValue
from tests.providers.fabric_till import NOW, SEATTLE, Till, member, opened, redeeming, sale

_SALES = ("earn", "reverse")
_REWARDS = ("issue", "redeem", "use", "cancel")
_PEOPLE = ("enroll", "update")
_POINTS = ("adjust", "activate")
_READ_BACK = (*_SALES, *_REWARDS, "adjust")
_ALL = (*_READ_BACK, "activate", *_PEOPLE)
CONCERNS: dict[str, tuple[str, ...]] = {
    "failures_in_ok": _ALL,
    "errors_on_success": _ALL,
    "unset_values": _ALL,
    "unknown_member": _ALL,
    "members_shape": _PEOPLE,
    "text_filters": _PEOPLE,
    "limit_means": _READ_BACK,
    "limit_max": _READ_BACK,
    "redemption_threshold_as": _PEOPLE,
    "merchant_id_as": _REWARDS,
    "point_value": ("issue", "redeem"),
    "locked_points": _POINTS,
    "pending_hours": _POINTS,
    "redeemable_below_threshold": ("issue",),
    "transactions_order": (*_SALES, "adjust"),
    "history_without_profile": _REWARDS,
    "rewards_past_expiry": _REWARDS,
    "duplicate_detected": _SALES,
    "duplicate_text": _SALES,
    "duplicate_checked": _SALES,
    "duplicate_members": _PEOPLE,
    "repeated_step": _REWARDS,
    "audit_user_echoed": (*_SALES, *_REWARDS),
    "note_echoed": _PEOPLE,
    "custom_attributes_echoed": _PEOPLE,
    "read_lag_seconds": _READ_BACK,
    "member_lag_seconds": _PEOPLE,
    "reward_cap": _REWARDS,
    "reverse_after_spend": ("reverse",),
    "adjust_below_zero": ("adjust",),
    "adjust_refusals": ("adjust",),
    "adjust_cap": ("adjust",),
    "reason_codes": ("adjust",),
    "auto_conversion": (*_SALES, *_POINTS),
    "earn_rate": _SALES,
    "promotional_points": _SALES,
    "threshold_default_applied": ("update",),
    "fields_not_updatable": ("update",),
    "closed_accounts": _ALL,
}
"""Which steps an assumption may make a difference to; those left out are about other reads."""
ELSEWHERE = {
    "quota_per_minute",
    "token_seconds",
    "paging_out_of_bounds",
    "expiry_buckets",
    "expiry_buckets_apart",
    "expiry_buckets_empty_omitted",
    "expiry_date_is",
    "expiry_point_value",
    "closed_account_status",
}
NUMBERS = {
    "limit_max": 3,
    "pending_hours": 12,
    "read_lag_seconds": 60,
    "member_lag_seconds": 60,
    "reward_cap": 4,
    "adjust_cap": 10,
    "promotional_points": 10,
}
TEXTS = {"duplicate_text": "Been there.", "fields_not_updatable": "firstName"}
SETTINGS = {("limit_means", "end"): {"assumptions": {"limit_is_last_record": True}}}
SETTINGS_OF_SIZE = {"limit_max": {"assumptions": {"page_size": 3}}}


def flips() -> list[tuple[str, SwitchValue]]:
    """Every switch with each of its other values."""
    found: list[tuple[str, SwitchValue]] = []
    for switch in SWITCHES:
        if switch.name in ELSEWHERE:
            continue
        if isinstance(switch.default, bool):
            others: list[SwitchValue] = [not switch.default]
        elif switch.choices:
            others = [each for each in switch.choices if each != switch.default]
        else:
            others = [NUMBERS.get(switch.name, TEXTS.get(switch.name))]
        found += [(switch.name, other) for other in others]
    return found


FAULTS: dict[str, dict[str, object]] = {
    "lost": {"drop": "after"},
    "never": {"drop": "before"},
    "twice": {"twice": True},
}
Making = Callable[[Till], Awaitable[Write]]


async def _earn(till: Till) -> Write:
    return await till.first(till.fabric.post_sale, sale(), Beforehand())


async def _reverse(till: Till) -> Write:
    void = VoidSale(transaction=Target(member=member()))
    return await till.first(till.fabric.void_sale, void, await till.posted())


async def _issue(till: Till) -> Write:
    return await till.first(till.fabric.redeem_points, redeeming("15.00"))


async def _redeem(till: Till) -> Write:
    held = await till.held(redeeming("3.00", hold=True))
    command = CaptureRedemption(member=member(), redemption="1")
    return await till.first(till.fabric.capture_redemption, command, held)


async def _use(till: Till) -> Write:
    codes = [v["code"] for v in till.book("vouchers")["vouchers"] if v["state"] == "usable"]
    command = RedeemVoucher(voucher=VoucherRef(member("vouchers"), codes[0]), outlet=SEATTLE)
    return await till.first(till.fabric.redeem_voucher, command)


async def _cancel(till: Till) -> Write:
    held = await till.held(redeeming("3.00", hold=True))
    command = VoidRedemption(member=member(), redemption="1")
    return await till.first(till.fabric.void_redemption, command, held)


async def _adjust(till: Till) -> Write:
    command = AdjustPoints(member=member(), delta=Decimal(-300), reason="4102")
    return await till.first(till.fabric.adjust_points, command)


async def _activate(till: Till) -> Write:
    return await till.first(till.fabric.activate_points, ActivatePoints(member=member("pending")))


async def _enroll(till: Till) -> Write:
    person = Profile(
        given_name="Nora", family_name="Newell", email="nora@example.com", phone="12065559911"
    )
    command = EnrolMember(program="northshore", profile=person)
    return await till.first(till.fabric.enrol_member, command)


async def _update(till: Till) -> Write:
    command = UpdateMember(member=member(), profile=ProfileChanges(given_name="Nadja"))
    return await till.first(till.fabric.update_member, command)


STEPS: dict[str, tuple[str, Making]] = {
    "earn": ("earn", _earn),
    "reverse": ("reverse_earn", _reverse),
    "issue": ("issue_reward", _issue),
    "redeem": ("redeem_reward", _redeem),
    "use": ("redeem_reward", _use),
    "cancel": ("cancel_reward", _cancel),
    "adjust": ("adjust_points", _adjust),
    "activate": ("activate_points", _activate),
    "enroll": ("enroll_member", _enroll),
    "update": ("update_member", _update),
}
NOTHING_SAYS_SO = {"issue", "adjust"}
"""Two of these are two: nothing in the request lets the provider know the second from the first."""


@pytest.fixture(scope="module")
def app() -> Starlette:
    return create_app(now=NOW)


@pytest.fixture
async def till(app: Starlette) -> AsyncIterator[Till]:
    async with opened(app) as made:
        yield made


async def settled(till: Till, write: Write) -> Done | LoyaltyError:
    """What comes of a step: sent; then looked for, and sent again where that is safe, twice."""
    try:
        return await till.send(write)
    except OutcomeUnknown as unknown:
        outcome: Done | LoyaltyError = unknown
    except LoyaltyError as error:
        return error
    for _ in range(2):
        till.later(61)
        try:
            found = None if write.doubt is Doubt.REPLAY else await till.look(write)
            if found is None and write.doubt is not Doubt.LOOK:
                found = await till.send(write, again=True)
            if found is not None:
                return found
        except LoyaltyError as error:
            outcome = error
    return outcome


def _prepared(till: Till, name: str, other: SwitchValue) -> None:
    changes = SETTINGS.get((name, str(other))) or SETTINGS_OF_SIZE.get(name) or {}
    till.turn(**{name: other})
    till.fabric = till.open(**changes)


def _times(till: Till, operation: str, before: int) -> int:
    return till.kinds.count(operation) - before


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize(("name", "other"), flips(), ids=str)
async def test_no_assumption_makes_a_change_twice_or_denies_one(
    till: Till, name: str, other: SwitchValue, fault: str
) -> None:
    for step in CONCERNS[name]:
        operation, make = STEPS[step]
        till.sandbox.fabric.reset()
        till.sandbox.frame.reset()
        _prepared(till, name, other)
        try:
            write = await make(till)
        except (LoyaltyError, AssertionError):
            assert name in {"fields_not_updatable", "reward_cap", "limit_max"}, step
            continue
        before = till.kinds.count(operation)
        till.suffer(operation, **FAULTS[fault])
        outcome = await settled(till, write)
        times = _times(till, operation, before)
        case = (step, fault, outcome, times)
        if fault == "twice" and (step in NOTHING_SAYS_SO or _is_blind(name, step)):
            continue
        assert times <= 1, case
        if (name, step) == ("pending_hours", "activate"):
            assert isinstance(outcome, Done)  # nothing was pending any more
        elif isinstance(outcome, Done):
            assert times == 1, case
        elif not isinstance(outcome, OutcomeUnknown):
            assert times == 0, case


def _is_blind(name: str, step: str) -> bool:
    """Whether the tenant takes a request for another one, by this very switch."""
    return (name, step) in {("duplicate_detected", "earn"), ("duplicate_members", "enroll")}


async def test_at_the_defaults_everything_lost_is_found(till: Till) -> None:
    for step, (operation, make) in STEPS.items():
        for fault in ({"delay_ms": 0}, {"drop": "after"}, {"status": 500, "apply": True}):
            till.sandbox.fabric.reset()
            till.sandbox.frame.reset()
            till.fabric = till.open()
            write = await make(till)
            before = till.kinds.count(operation)
            till.suffer(operation, **fault)
            outcome = await settled(till, write)
            assert isinstance(outcome, Done), (step, fault, outcome)
            assert _times(till, operation, before) == 1, (step, fault)


def test_every_switch_is_flipped_or_of_no_concern() -> None:
    flipped = {name for name, _ in flips()}
    assert flipped == set(CONCERNS)
    assert flipped | ELSEWHERE == {switch.name for switch in SWITCHES}
    assert all(other is not None for _, other in flips())
