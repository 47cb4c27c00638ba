"""Offers that apply to a member, out of GetApplicableOffers (contract 4.9)."""

from decimal import Decimal

from loyalty.offers import Offer, OfferKind
from loyalty.refs import MemberRef
from providers.telluride.mapping.account import Account
from providers.telluride.profile.codes import OFFER_KIND
from providers.telluride.wire.offers import WireOffer


def offers(account: Account, member: MemberRef, wires: tuple[WireOffer, ...]) -> tuple[Offer, ...]:
    """The offers that have a code."""
    found = (offer(account, member, wire) for wire in wires)
    return tuple(entry for entry in found if entry is not None)


def offer(account: Account, member: MemberRef, wire: WireOffer) -> Offer | None:
    """One offer; None where it has no code."""
    if wire.offer_code is None:
        return None
    kind = OFFER_KIND.get(wire.offer_reward_type or "", OfferKind.OTHER)
    return Offer(
        program=account.program,
        member=member,
        code=wire.offer_code,
        kind=kind,
        native_kind=wire.offer_reward_type,
        title=wire.offer_title or wire.offer_name or wire.offer_code,
        description=wire.description or wire.offer_description,
        terms=wire.legal_copy,
        starts_at=wire.starts_at,
        ends_at=wire.ends_at,
        conditional=wire.conditional,
        stackable=wire.stackable,
        points=_points(wire) if account.offer_reward_potential_is_points else None,
        multiplier=wire.multiplier,
        raw=wire.raw,
    )


def _points(wire: WireOffer) -> Decimal | None:
    """The potential of an earn offer; the field is not described, so only a plain count is one.

    A potential of nought is what is told without a basket: it is not known then, not none.
    """
    text = (wire.reward_potential or "").replace(",", "")
    if wire.offer_reward_type != "EARN" or not (text.isascii() and text.isdigit()):
        return None
    return Decimal(text) or None
