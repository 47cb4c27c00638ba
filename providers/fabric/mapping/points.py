"""Balances and expiry in our words: what can be spent, what it is worth, when it goes."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from loyalty.money import Money
from loyalty.points import (
    Balance,
    ExpiredPoints,
    ExpiringPoints,
    ExpiryPrecision,
    PointsBucket,
    PointsKind,
    PointsState,
)
from loyalty.refs import MemberRef
from providers.fabric.mapping.tenant import Tenant, Unreadable
from providers.fabric.profile import POINTS_KINDS
from providers.fabric.wire.points import (
    WireExpirations,
    WireExpiryWindow,
    WireLifetime,
    WirePoints,
    WirePointsItem,
    WireReason,
    WireRestricted,
    WireUnrestricted,
)
from providers.port import Period, Reason

_ZERO = Decimal(0)


def balance(wire: WirePoints, ref: MemberRef, tenant: Tenant, fetched_at: datetime) -> Balance:
    """A balance whose `points` is what can be spent anywhere now.

    Pending points are in every total and cannot be told apart by type or place (contract 4.3,
    11.1), so they are taken off what is usable anywhere: never too much is promised.
    """
    free, bound = wire.breakdown.unrestricted_points, wire.breakdown.restricted_points
    lifetime = wire.points_balance or WireLifetime()
    pending = lifetime.member_points_locked if _splits(tenant) else None
    spendable = _spendable(free.total_points, pending or _ZERO)
    return Balance(
        member=ref,
        points=spendable,
        fetched_at=fetched_at,
        worth=_share(spendable, free, tenant),
        pending=pending,
        restricted=None if bound is None else bound.total_points,
        lifetime_earned=lifetime.member_points_earned,
        lifetime_redeemed=lifetime.member_points_used,
        lifetime_expired=lifetime.member_points_expired,
        buckets=_buckets(free, bound, pending or _ZERO, tenant),
    )


def _splits(tenant: Tenant) -> bool:
    return tenant.assumptions.locked_points_are_pending


def _spendable(total: Decimal, pending: Decimal) -> Decimal:
    """What is left of a total; a debt stays one, and pending points never make one."""
    return total if total <= 0 else max(total - pending, _ZERO)


def _share(
    points: Decimal, section: WireUnrestricted | WireRestricted, tenant: Tenant
) -> Money | None:
    """The currency value of part of a section, pro rata."""
    value, total = section.total_currency_value, section.total_points
    if value is None:
        return None
    return tenant.money(value if points == total or not total else value * points / total)


def _buckets(
    free: WireUnrestricted, bound: WireRestricted | None, pending: Decimal, tenant: Tenant
) -> tuple[PointsBucket, ...] | None:
    """The balance in parts; with pending points only as spendable and pending, of no known kind."""
    if free.items is None and not pending:
        return None
    restricted = _each(bound, tenant)
    if not pending:
        return *_each(free, tenant), *restricted
    spendable = _spendable(free.total_points, pending)
    return (
        PointsBucket(
            kind=PointsKind.OTHER,
            state=PointsState.AVAILABLE,
            points=spendable,
            worth=_share(spendable, free, tenant),
        ),
        PointsBucket(kind=PointsKind.OTHER, state=PointsState.PENDING, points=pending),
        *restricted,
    )


def _each(
    section: WireUnrestricted | WireRestricted | None, tenant: Tenant
) -> Iterator[PointsBucket]:
    if section is not None:
        for item in section.items or ():
            yield _bucket(item, section, tenant)


def _bucket(
    item: WirePointsItem, section: WireUnrestricted | WireRestricted, tenant: Tenant
) -> PointsBucket:
    return PointsBucket(
        kind=POINTS_KINDS.get((item.point_type or "").lower(), PointsKind.OTHER),
        state=PointsState.AVAILABLE,
        points=item.points,
        native_kind=item.point_type,
        worth=_share(item.points, section, tenant),
        restriction=item.restricted_location,
    )


def expiring(
    windows: tuple[WireExpiryWindow, ...], ref: MemberRef, tenant: Tenant, now: datetime
) -> tuple[ExpiringPoints, ...]:
    """What will be lost, soonest first, each window with its own points only."""
    dated = sorted(
        ((_end(window, now), _lost(window), window.point_value) for window in windows),
        key=lambda entry: entry[0],
    )
    own = dated if tenant.assumptions.expiry_buckets_apart else list(_differences(dated))
    return tuple(
        ExpiringPoints(
            member=ref,
            points=points,
            expires_at=end,
            precision=ExpiryPrecision.WINDOW,
            worth=_worth(points, value, tenant),
        )
        for end, points, value in own
        if points > 0
    )


def _end(window: WireExpiryWindow, now: datetime) -> datetime:
    if window.expiry_date is not None:
        return window.expiry_date
    if window.expiry_duration is None:
        raise Unreadable
    return now + timedelta(days=window.expiry_duration)


def _lost(window: WireExpiryWindow) -> Decimal:
    if window.total_points is not None:
        return window.total_points
    return (window.unrestricted or _ZERO) + (window.restricted or _ZERO)


def _differences(
    windows: list[tuple[datetime, Decimal, Decimal | None]],
) -> Iterator[tuple[datetime, Decimal, Decimal | None]]:
    """Windows that count all before them, each made to count its own."""
    points_before, value_before = _ZERO, _ZERO
    for end, points, value in windows:
        yield end, points - points_before, None if value is None else value - value_before
        points_before, value_before = points, value or value_before


def _worth(points: Decimal, value: Decimal | None, tenant: Tenant) -> Money | None:
    if tenant.assumptions.expiry_value_is_money:
        return tenant.maybe_money(value)
    return None if tenant.point_worth is None else tenant.money(points * tenant.point_worth)


def expired(rows: tuple[WireExpirations, ...], period: Period) -> tuple[ExpiredPoints, ...]:
    """What was lost within the period, latest first."""
    lost = (
        ExpiredPoints(entry.points_expired, entry.expiration_timestamp)
        for row in rows
        for entry in row.member_expirations or ()
        if entry.expiration_timestamp is not None
    )
    inside = (each for each in lost if _within(each.expired_at, period))
    return tuple(sorted(inside, key=lambda each: each.expired_at, reverse=True))


def _within(moment: datetime, period: Period) -> bool:
    after_start = period.starts_at is None or moment >= period.starts_at
    return after_start and (period.ends_at is None or moment <= period.ends_at)


def reason(wire: WireReason) -> Reason:
    """A reason code with the best title there is."""
    return Reason(wire.code, wire.reason or wire.code_description or wire.code, wire.action)
