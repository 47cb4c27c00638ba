"""The Inquire reads: points now, spendable, expiring, expired, and the settings (contract 11)."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import TypeVar

from sandbox.fabric import tenant
from sandbox.fabric.answers import (
    ENTITY_UNKNOWN,
    REQUIRED,
    cents,
    end_of_day,
    points,
    refuse,
    stamp,
)
from sandbox.fabric.book import ZERO, Holding, total
from sandbox.fabric.queries import given, instant_in, uuid_in, whole_in
from sandbox.fabric.state import State
from sandbox.frame import Arrival

K = TypeVar("K")


def member_points(state: State, arrival: Arrival) -> object:
    """Get Member Points (contract 11.1): pending ones are in every total."""
    profile_id = path_profile(state, arrival)
    held, book = state.holdings(profile_id), state.book(profile_id)
    available = total(each.left for each in held)
    by_type = _by(held, lambda each: each.lot.point_type)
    locked = total(each.left for each in held if each.pending)
    balance = {
        "memberPointsEarned": points(book.earned()),
        "memberPointsDeducted": points(book.deducted()),
        "memberPointsUsed": points(book.used()),
        "memberPointsExpired": points(total(lost for _, lost in book.expired(state.now))),
        "memberPointsAvailable": points(available),
        "memberPointsLocked": points(
            locked if state.choice("locked_points") == "pending" else ZERO
        ),
    }
    return [
        {
            "totalPoints": points(available),
            "pointsByType": [
                {"pointType": kind, "points": points(left), "subType": None}
                for kind, left in by_type.items()
            ],
            "pointsBalance": balance,
            "breakdown": _breakdown(state, held),
        }
    ]


def _breakdown(state: State, held: list[Holding]) -> dict[str, object]:
    free = [each for each in held if each.lot.store is None]
    bound = [each for each in held if each.lot.store is not None]
    free_items: list[dict[str, object]] = [
        {"points": points(left), "pointType": kind}
        for kind, left in _by(free, lambda each: each.lot.point_type).items()
    ]
    bound_items: list[dict[str, object]] = [
        {"points": points(left), "pointType": kind, "restrictedLocation": store}
        for (kind, store), left in _by(
            bound, lambda each: (each.lot.point_type, each.lot.store)
        ).items()
    ]
    return {
        **_sum(state, held),
        "unrestrictedPoints": {**_sum(state, free), "unrestrictedPointsItems": free_items},
        "restrictedPoints": {**_sum(state, bound), "restrictedPointsItems": bound_items},
    }


def _sum(state: State, held: Iterable[Holding]) -> dict[str, object]:
    left = total(each.left for each in held)
    return {"totalPoints": points(left), "totalCurrencyValue": cents(state.worth(left))}


def redeemable_points(state: State, arrival: Arrival) -> object:
    """Get Redeemable Points (contract 11.2): active ones, free or bound to that store."""
    profile = state.profile(needed_profile(arrival))
    _check_place(arrival.query)
    store = given(arrival.query, "externalReference")
    left = state.spendable(profile.profile_id, store)
    below = left < profile.redemption_threshold
    hidden = below and state.choice("redeemable_below_threshold") == "zero"
    return [{"totalPoints": points(ZERO if hidden else max(left, ZERO))}]


def _check_place(query: Mapping[str, str]) -> None:
    club, store = given(query, "clubExternalReference"), given(query, "externalReference")
    if whole_in(query, "ehtId") is None and club is None:
        raise refuse("clubExternalReference", REQUIRED)
    if club not in {None, tenant.CLUB}:
        raise refuse("clubExternalReference", "Club not found.")
    if store is not None and store not in tenant.STORES:
        raise refuse("externalReference", ENTITY_UNKNOWN)


def points_expiry(state: State, arrival: Arrival) -> object:
    """Get Points to be Expired (contract 11.5): windows of days, pending points included."""
    held = state.holdings(state.profile(needed_profile(arrival)).profile_id)
    apart = state.flag("expiry_buckets_apart")
    omits = state.flag("expiry_buckets_empty_omitted")
    rows: list[dict[str, object]] = []
    counted: set[int] = set()
    for days in (int(text) for text in state.choice("expiry_buckets").split(",")):
        end = end_of_day(state.now + timedelta(days=days))
        due = [each for each in held if each.lot.expires_at <= end and each.left > ZERO]
        fresh = [each for each in due if each.lot.lot not in counted] if apart else due
        counted.update(each.lot.lot for each in due)
        if fresh or not omits:
            rows.append(_bucket(state, days, fresh))
    return rows


def _bucket(state: State, days: int, due: list[Holding]) -> dict[str, object]:
    left = total(each.left for each in due)
    bound = _by([each for each in due if each.lot.store is not None], lambda each: each.lot.store)
    restricted = total(bound.values())
    end = end_of_day(state.now + timedelta(days=days))
    first = min((each.lot.expires_at for each in due), default=end)
    in_currency = state.choice("expiry_point_value") == "currency"
    return {
        "expiryDuration": days,
        "unRestrictedTotalPoints": points(left - restricted),
        "restrictedTotalPoints": points(restricted),
        "totalPoints": points(left),
        "pointValue": cents(state.worth(left)) if in_currency else points(left),
        "restrictedPoints": [
            {"points": points(part), "restrictedLocation": store} for store, part in bound.items()
        ],
        "expiryDate": stamp(end if state.choice("expiry_date_is") == "window_end" else first),
    }


def expired_points(state: State, arrival: Arrival) -> object:
    """Get Expired Points (contract 11.6), all or those of a range."""
    profile_id = path_profile(state, arrival)
    start = instant_in(arrival.query, "startTimestampUTC")
    end = instant_in(arrival.query, "endTimestampUTC")
    lost = [
        {"expirationTimestamp": stamp(at), "pointsExpired": points(gone)}
        for at, gone in state.book(profile_id).expired(state.now)
        if (start is None or at >= start) and (end is None or at <= end)
    ]
    return [{"memberExpirations": lost}]


def action_reasons() -> object:
    """Get Action Reasons (contract 11.3)."""
    return [
        {
            "id": reason.reason_id,
            "code": reason.code,
            "reason": reason.reason,
            "action": reason.action,
            "companyId": tenant.COMPANY_ID,
            "codeDescription": reason.description,
        }
        for reason in tenant.REASONS
    ]


def point_types() -> object:
    """Get Point Types (contract 11.4)."""
    choices = [
        {"pointTypeId": place, "pointTypeName": name}
        for place, name in enumerate(tenant.POINT_TYPES, start=1)
    ]
    return [{"pointTypeChoices": choices}]


def path_profile(state: State, arrival: Arrival) -> str:
    """The member named in the path; raises Refused."""
    profile_id = uuid_in(arrival.path_params, "profileId")
    return state.profile(profile_id or "").profile_id


def needed_profile(arrival: Arrival) -> str:
    """The required profileId parameter; raises Refused."""
    profile_id = uuid_in(arrival.query, "profileId")
    if profile_id is None:
        raise refuse("profileId", REQUIRED)
    return profile_id


def _by(held: Iterable[Holding], key: Callable[[Holding], K]) -> dict[K, Decimal]:
    sums: dict[K, Decimal] = defaultdict(Decimal)
    for each in held:
        sums[key(each)] += each.left
    return sums
