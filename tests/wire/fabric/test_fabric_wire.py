"""Every published answer of fabric Loyalty means what its sample says; no call is made."""

import json
from collections.abc import Callable
from dataclasses import asdict, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

import pytest

from loyalty.points import ExpiringPoints
from providers.fabric.mapping import members, points, refusals, rewards, sales
from providers.fabric.mapping.refusals import Failure, Refusals, opened
from providers.fabric.mapping.tenant import Tenant
from providers.fabric.profile import Upstream
from providers.fabric.settings import Assumptions
from providers.fabric.wire import members as wire_members
from providers.fabric.wire import points as wire_points
from providers.fabric.wire import rewards as wire_rewards
from providers.fabric.wire import sales as wire_sales
from providers.fabric.wire.envelope import WireAny, WireReply
from providers.fabric.wire.token import WireToken, WireTokenRefusal
from providers.port import Period

PROFILE_ID = "3b6f0c52-9d1e-4a77-8c40-5e2d91f7a6b3"
NOW = datetime(2026, 6, 21, 12, tzinfo=UTC)
ASSUMPTIONS = Assumptions()
TENANT = Tenant(
    program="northshore",
    currency="USD",
    club="NORTHSHORE_PLUS",
    point_worth=Decimal("0.05"),
    exchange_type=None,
    assumptions=ASSUMPTIONS,
)
REF = TENANT.ref(PROFILE_ID)
SAMPLES = sorted((Path(__file__).parent / "samples").glob("*.json"))

SHAPES: dict[Upstream, type[WireReply]] = {
    Upstream.ENROLL_MEMBER: wire_members.WireMemberReply,
    Upstream.UPDATE_MEMBER: wire_members.WireMemberReply,
    Upstream.GET_MEMBERS: wire_members.WireMembersReply,
    Upstream.ACTIVATE_POINTS: WireAny,
    Upstream.ADJUST_POINTS: wire_points.WireAdjustmentReply,
    Upstream.EARN_POINTS: wire_sales.WireTransactionReply,
    Upstream.REVERSE_EARNED_POINTS: wire_sales.WireTransactionReply,
    Upstream.GET_TRANSACTIONS: wire_sales.WireTransactionsReply,
    Upstream.ISSUE_REWARD: wire_rewards.WireIssuedReply,
    Upstream.REDEEM_REWARDS: WireAny,
    Upstream.CANCEL_REWARDS: WireAny,
    Upstream.REVERSE_REDEEMED_REWARDS: WireAny,
    Upstream.REWARDS_HISTORY: wire_rewards.WireRewardsReply,
    Upstream.GET_DISCOUNTS: wire_rewards.WireDiscountsReply,
    Upstream.GET_MEMBER_POINTS: wire_points.WirePointsReply,
    Upstream.GET_REDEEMABLE_POINTS: wire_points.WireRedeemableReply,
    Upstream.GET_ACTION_REASONS: wire_points.WireReasonsReply,
    Upstream.GET_POINT_TYPES: wire_points.WirePointTypesReply,
    Upstream.GET_POINTS_TO_BE_EXPIRED: wire_points.WireExpiryReply,
    Upstream.GET_EXPIRED_POINTS: wire_points.WireExpiredReply,
}


def _expiring(reply: Any) -> tuple[ExpiringPoints, ...]:
    return points.expiring(reply.rows, REF, TENANT, NOW)


MEANINGS: dict[Upstream, Callable[[Any], object]] = {
    Upstream.ENROLL_MEMBER: lambda it: members.member_asked((it.data,), PROFILE_ID, TENANT, NOW),
    Upstream.UPDATE_MEMBER: lambda it: members.member_asked((it.data,), PROFILE_ID, TENANT, NOW),
    Upstream.GET_MEMBERS: lambda it: members.member_asked(it.rows, "70410002318", TENANT, NOW),
    Upstream.ADJUST_POINTS: lambda it: {"transaction_code": it.data.transaction_code},
    Upstream.EARN_POINTS: lambda it: sales.transaction(it.data, PROFILE_ID, TENANT, NOW),
    Upstream.REVERSE_EARNED_POINTS: lambda it: sales.transaction(it.data, PROFILE_ID, TENANT, NOW),
    Upstream.GET_TRANSACTIONS: lambda it: [
        sales.transaction(row, PROFILE_ID, TENANT, NOW) for row in it.rows
    ],
    Upstream.ISSUE_REWARD: lambda it: rewards.issued(it.data, TENANT),
    Upstream.REWARDS_HISTORY: lambda it: [
        rewards.voucher(row, PROFILE_ID, TENANT, NOW) for row in it.rows
    ],
    Upstream.GET_DISCOUNTS: lambda it: rewards.offers(it.rows, REF, TENANT),
    Upstream.GET_MEMBER_POINTS: lambda it: points.balance(it.rows[0], REF, TENANT, NOW),
    Upstream.GET_REDEEMABLE_POINTS: lambda it: [row.total_points for row in it.rows],
    Upstream.GET_ACTION_REASONS: lambda it: [points.reason(row) for row in it.rows],
    Upstream.GET_POINT_TYPES: lambda it: [
        each.point_type_name for row in it.rows for each in row.point_type_choices
    ],
    Upstream.GET_POINTS_TO_BE_EXPIRED: _expiring,
    Upstream.GET_EXPIRED_POINTS: lambda it: points.expired(it.rows, Period()),
}


def _plain(value: object) -> object:
    """The value as JSON would have it, to be compared with a sample's `means`."""
    match value:
        case Enum():
            return value.value
        case Decimal():
            return f"{value:f}"
        case date():
            return value.isoformat()
        case dict():
            return {key: _plain(item) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
    return _plain(asdict(value)) if is_dataclass(value) else value  # type: ignore[arg-type]  # an instance


def _differences(meant: object, told: object, at: str = "") -> list[str]:
    """Where `told` says otherwise; keys that the sample leaves out are not looked at."""
    if isinstance(meant, dict) and isinstance(told, dict):
        found = [f"{at}.{key}: missing" for key in meant.keys() - told.keys()]
        for key in meant.keys() & told.keys():
            found += _differences(meant[key], told[key], f"{at}.{key}")
        return found
    if isinstance(meant, list) and isinstance(told, list) and len(meant) == len(told):
        pairs = enumerate(zip(meant, told, strict=True))
        return [line for n, (a, b) in pairs for line in _differences(a, b, f"{at}[{n}]")]
    return [] if meant == told else [f"{at}: {told!r}, not {meant!r}"]


def _meaning(operation: Upstream, status: int, body: bytes) -> object:
    reply = opened(status, body, SHAPES[operation])
    if isinstance(reply, Failure):
        error = Refusals("northshore", ASSUMPTIONS).error(operation, reply)
        assert error.upstream is not None
        assert error.upstream.http_status == max(status, reply.status)
        return {
            "error": error.code,
            "native": error.upstream.code,
            "text": error.upstream.message,
        }
    return MEANINGS.get(operation, lambda _: {"done": True})(reply)


def _token(status: int, body: bytes) -> object:
    if status == 200:
        token = WireToken.model_validate_json(body)
        return {"value": token.access_token, "lifetime": token.expires_in}
    refusal = WireTokenRefusal.model_validate_json(body)
    return {"error": "PROVIDER_CREDENTIALS", "native": refusal.error}


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_the_answer_means_what_its_sample_says(path: Path) -> None:
    sample = json.loads(path.read_text("utf-8"))
    operation = Upstream(sample["operation"])
    body = json.dumps(sample["body"]).encode()
    read = _token if operation is Upstream.TOKEN else None
    told = (
        read(sample["status"], body)
        if read is not None
        else _meaning(operation, sample["status"], body)
    )
    assert _differences(sample["means"], _plain(told)) == []


def test_every_operation_of_the_contract_has_a_sample_of_its_success() -> None:
    samples = [json.loads(path.read_text("utf-8")) for path in SAMPLES]
    good = {sample["operation"] for sample in samples if "error" not in (sample["means"] or {})}
    assert good == {operation.value for operation in Upstream}


def test_every_row_of_the_error_table_is_met_by_a_sample() -> None:
    table = Refusals("northshore", ASSUMPTIONS)
    met = set()
    for path in SAMPLES:
        sample = json.loads(path.read_text("utf-8"))
        operation = Upstream(sample["operation"])
        if operation is Upstream.TOKEN:
            continue
        reply = opened(sample["status"], json.dumps(sample["body"]).encode(), SHAPES[operation])
        if isinstance(reply, Failure):
            met.add(table.row(operation, reply))
    codes = {row.code for row in refusals.REFUSALS}
    assert codes <= {row.code for row in met if row is not None}
