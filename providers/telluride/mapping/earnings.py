"""What a sale earned or would earn, out of ProcessEarn (contract 4.7, 5.4)."""

from collections.abc import Mapping
from decimal import Decimal

from loyalty.offers import Offer, OfferKind
from loyalty.points import PointsState
from loyalty.raw import RawRecord
from loyalty.refs import MemberRef
from loyalty.sales import Award, PointsEffect
from providers.telluride.mapping.account import Account
from providers.telluride.wire.earnings import WireEarnReply

_ZERO = Decimal(0)


def effect(account: Account, wire: WireEarnReply, *, guest: bool) -> PointsEffect | None:
    """Base and bonus of this call; TotalPointsEarned is the balance after it, never a sum (Q-15).

    Points that a return takes back are negative on the wire; None where the figures are missing.
    """
    base, bonus = wire.base_points_earned, wire.bonus_points_earned
    if base is None or bonus is None:
        return None
    total = base + bonus
    after = wire.total_points_earned
    return PointsEffect(
        earned=max(total, _ZERO),
        adjusted=min(total, _ZERO),
        base=base,
        bonus=bonus,
        shortfall=wire.point_debit or None,
        state=PointsState.AVAILABLE,
        balance_after=after if account.total_points_earned_is_balance and not guest else None,
    )


def awards(wire: WireEarnReply) -> tuple[Award, ...]:
    """The offers that earned, each once: an offer over the whole sale also shows in its lines."""
    found: dict[str, Award] = {}
    for of_line in (offer for line in wire.lines for offer in line.offers):
        if of_line.code and of_line.points is not None:
            known = found.get(of_line.code)
            points = of_line.points + (_ZERO if known is None else known.points)
            found[of_line.code] = Award(of_line.code, points, of_line.name or of_line.receipt)
    return tuple({**found, **_whole_sale(wire)}.values())


def _whole_sale(wire: WireEarnReply) -> Mapping[str, Award]:
    offers = () if wire.summary is None else wire.summary.offers
    return {
        offer.code: Award(offer.code, offer.points, offer.name or offer.receipt)
        for offer in offers
        if offer.code and offer.points is not None
    }


def earning_offers(
    account: Account, member: MemberRef | None, wire: WireEarnReply
) -> tuple[Offer, ...]:
    """The same as offers, for a sale that has not happened.

    The raw record of one is its entry for the whole sale, or else for the first line it is in.
    """
    found = _entries(wire)
    return tuple(
        Offer(
            program=account.program,
            member=member,
            code=award.offer_code,
            kind=OfferKind.EARN,
            title=award.title or award.offer_code,
            points=award.points,
            raw=found.get(award.offer_code),
        )
        for award in awards(wire)
    )


def _entries(wire: WireEarnReply) -> Mapping[str, RawRecord]:
    """By code: what the provider says of an offer."""
    of_sale = () if wire.summary is None else wire.summary.offers
    entries = [(offer.code, offer.raw) for offer in of_sale]
    entries += [(offer.code, offer.raw) for line in wire.lines for offer in line.offers]
    found: dict[str, RawRecord] = {}
    for code, raw in entries:
        if code and raw is not None:
            found.setdefault(code, raw)
    return found
