"""One member in the sandbox's own neutral words, for tests; nothing the vendor would answer."""

from datetime import datetime

from sandbox.telluride.offers import Offers
from sandbox.telluride.people import Account
from sandbox.telluride.points import Standing, dollars
from sandbox.telluride.times import end_of_day


def redeemable(account: Account, own: int) -> int:
    """Own points after the redemption cap (contract 4.3)."""
    cap = account.member.cap
    return own if cap is None else min(own, cap.points)


def surprise_points(account: Account, at: datetime) -> int:
    """Surprise points that have not expired."""
    held = account.member.surprises
    return sum(offer.points for offer in held if end_of_day(offer.expires) >= at)


def neutral(
    account: Account, standing: Standing, offers: Offers, now: datetime
) -> dict[str, object]:
    """The books of a member in the shape all upstreams share."""
    member = account.member
    spendable = redeemable(account, standing.own)
    lots = [(lot.points, lot.expires) for lot in standing.lots]
    surprises = [offer for offer in member.surprises if offer.points]
    held = [(offer.points, offer.expires) for offer in surprises]
    live = [offer.code for offer in offers.earnable(member.tier, now)]
    live += [offer.code for offer in offers.redeemable(now)]
    live += [offer.code for offer in surprises]
    return {
        "number": member.number,
        "native_id": member.identifier,
        "name": f"{member.first} {member.last}",
        "status": member.status,
        "tier": member.tier or None,
        "points": str(spendable),
        "worth": dollars(spendable),
        "pending": None,
        "restricted": str(min(member.restricted, standing.own) + surprise_points(account, now)),
        "expiring": [
            {"points": str(points), "at": day.isoformat()}
            for points, day in sorted(lots + held, key=lambda part: part[1])
        ],
        "vouchers": [],
        "offers": live,
        "transactions": [
            {
                "id": row.event.id,
                "kind": row.event.kind,
                "points": str(row.event.change),
                "at": row.event.at.isoformat(),
            }
            for row in standing.rows
        ],
    }
