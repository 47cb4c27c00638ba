"""A member's links to affiliated programmes, out of three lists."""

from loyalty.members import Affinity, AffinityStatus
from providers.telluride.mapping.account import Account
from providers.telluride.profile.codes import AFFINITY_STATUS
from providers.telluride.wire.affinities import WireAffinity, WireAffinityLists


def affinities(account: Account, lists: WireAffinityLists | None) -> tuple[Affinity, ...]:
    """The lists as one, each link once: the same code and first day is the same link (4.5)."""
    if lists is None:
        return ()
    every = (*lists.affinity, *lists.affinity_extended, *lists.affinity_for_member_pricing)
    links = {(wire.affiliation_code, wire.affinity_start_date): wire for wire in reversed(every)}
    return tuple(
        affinity(account, code, links[key])
        for key in reversed(links)
        if (code := key[0]) is not None
    )


def affinity(account: Account, code: str, wire: WireAffinity) -> Affinity:
    """One link; it lasts to the end of its last day."""
    return Affinity(
        code=code,
        status=AFFINITY_STATUS.get(wire.affinity_status or "", AffinityStatus.UNKNOWN),
        starts_at=account.start_of(wire.affinity_start_date),
        ends_at=account.end_of(wire.affinity_end_date),
    )
