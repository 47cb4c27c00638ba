"""A member's balance out of GetRewardBalance (contract 4.3, 5.2), with what of it expires."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from loyalty.offers import Offer, OfferKind
from loyalty.points import Balance, ExpiringPoints, ExpiryPrecision, PointsBucket, PointsKind
from loyalty.points import PointsState as State
from loyalty.refs import MemberRef
from providers.telluride.mapping.account import Account
from providers.telluride.wire.balances import WireBucket, WireChannel, WirePoints, WireSurprise

_ZERO = Decimal(0)


def channel(points: WirePoints | None, wanted: str | None) -> WireChannel | None:
    """The channel to read: the configured one, or the only one; None where that is not clear.

    A member without any points may come without any channel.
    """
    if points is None:
        return None
    if not points.channels and points.total_available_points == _ZERO:
        return WireChannel.empty()
    named = [entry for entry in points.channels if entry.channel_code == wanted]
    fitting = named if wanted is not None and named else list(points.channels)
    return fitting[0] if len(fitting) == 1 else None


def balance(
    account: Account, member: MemberRef, wire: WireChannel, fetched_at: datetime
) -> Balance | None:
    """The balance; None where its central figure is missing.

    Points and worth are the one pair that agrees with itself: own points that may be redeemed now,
    and their dollars. Neither is ever computed from the other (Q-15).
    """
    if wire.redeemable is None:
        return None
    return Balance(
        member=member,
        points=wire.redeemable,
        worth=account.money(wire.redeemable_dollars),
        restricted=(wire.restricted or _ZERO) + (wire.surprise or _ZERO),
        buckets=tuple(_buckets(account, wire)),
        expiring=_expiring(account, member, wire),
        offers=tuple(
            offer
            for entry, kind in _surprises(wire)
            if (offer := surprise_offer(account, member, entry, kind)) is not None
        ),
        fetched_at=fetched_at,
    )


def _buckets(account: Account, wire: WireChannel) -> Iterator[PointsBucket]:
    """Own points by day and kind, then those beyond the five days told, then surprise points."""
    for bucket in wire.buckets:
        expires_at = account.end_of(bucket.expires_on)
        for kind, points in _split(bucket):
            yield PointsBucket(
                kind=kind, state=State.AVAILABLE, points=points, expires_at=expires_at
            )
    for kind, total, told in (
        (PointsKind.BASE, wire.base, sum((b.base or _ZERO for b in wire.buckets), _ZERO)),
        (PointsKind.BONUS, wire.bonus, sum((b.bonus or _ZERO for b in wire.buckets), _ZERO)),
    ):
        if total is not None and total > told:
            yield PointsBucket(kind=kind, state=State.AVAILABLE, points=total - told)
    for entry in wire.surprises:
        if entry.points:
            yield PointsBucket(
                kind=PointsKind.PROMOTIONAL,
                native_kind="SURPRISE",
                state=State.AVAILABLE,
                points=entry.points,
                worth=account.money(entry.worth),
                expires_at=account.end_of(entry.expires_on),
                restriction=entry.available_for or entry.qualifier,
            )


def _split(bucket: WireBucket) -> Iterator[tuple[PointsKind, Decimal]]:
    if bucket.base is None and bucket.bonus is None:
        if bucket.points:
            yield PointsKind.OTHER, bucket.points
        return
    if bucket.base:
        yield PointsKind.BASE, bucket.base
    if bucket.bonus:
        yield PointsKind.BONUS, bucket.bonus


def _expiring(account: Account, member: MemberRef, wire: WireChannel) -> tuple[ExpiringPoints, ...]:
    """Every day told is exact; soonest first."""
    told = [
        *((bucket.expires_on, bucket.points, None) for bucket in wire.buckets),
        *((entry.expires_on, entry.points, entry.worth) for entry in wire.surprises),
    ]
    found = [
        ExpiringPoints(
            member=member,
            points=points,
            worth=account.money(worth),
            expires_at=expires_at,
            precision=ExpiryPrecision.EXACT,
        )
        for day, points, worth in told
        if points and (expires_at := account.end_of(day)) is not None
    ]
    return tuple(sorted(found, key=lambda entry: entry.expires_at))


def _surprises(wire: WireChannel) -> Iterator[tuple[WireSurprise, str]]:
    yield from ((entry, "SURPRISE") for entry in wire.surprises)
    yield from ((entry, "PARTNER_BENEFIT") for entry in wire.benefits)


def surprise_offer(
    account: Account, member: MemberRef, wire: WireSurprise, native_kind: str
) -> Offer | None:
    """Surprise points as the offer they hang on; None where it has no code."""
    if wire.offer_code is None:
        return None
    return Offer(
        program=account.program,
        member=member,
        code=wire.offer_code,
        kind=OfferKind.SURPRISE_POINTS,
        native_kind=native_kind,
        title=wire.offer_title or wire.offer_name or wire.offer_code,
        description=wire.offer_description or wire.conditions,
        terms=wire.legal_copy or wire.qualifier,
        starts_at=wire.offer_start_date or wire.registration_start_date,
        ends_at=account.end_of(wire.expires_on) or wire.offer_end_date,
        points=wire.points,
        multiplier=wire.multiplier,
        raw=wire.raw,
    )
