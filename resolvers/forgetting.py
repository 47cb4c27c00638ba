"""Forgetting a person: what is personal leaves the ledger, the figures stay.

Only our own record is meant: the programs are not asked to forget anything.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ledger.customers import Unlinked
from ledger.journal import OPEN, Journal, State
from loyalty.errors import LoyaltyError
from loyalty.operations import Operation
from loyalty.outcomes import Done
from loyalty.refs import MemberRef
from resolvers.records import Result, kept_result, read_result

_LEFT = {*OPEN, State.NEEDS_REVIEW}
_EVER = datetime(1970, 1, 1, tzinfo=UTC)
_KINDS = tuple(kind.value for kind in Operation)


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was erased, and how many operations were left whole, for they are not over."""

    operations: int = 0
    links: int = 0
    customers: int = 0
    left: int = 0

    def __add__(self, other: "Forgotten") -> "Forgotten":
        """Both together."""
        return Forgotten(
            self.operations + other.operations,
            self.links + other.links,
            self.customers + other.customers,
            self.left + other.left,
        )


async def forget_member(journal: Journal, member: MemberRef, now: datetime) -> Forgotten:
    """Erase a membership: its operations first, so that what is left can be found again."""
    operations = await _forget_operations(journal, member, now)
    return operations + _of(await journal.customers.forget_member(member))


async def forget_customer(journal: Journal, customer: str, now: datetime) -> Forgotten | None:
    """Erase a person with every membership; None if there is no such person."""
    found = await journal.customers.customer(customer)
    if found is None:
        return None
    forgotten = Forgotten()
    for membership in found.memberships:
        forgotten += await _forget_operations(journal, membership.member, now)
    return forgotten + _of(await journal.customers.forget_customer(customer))


async def _forget_operations(journal: Journal, member: MemberRef, now: datetime) -> Forgotten:
    erased = await journal.forget(member.program, member.key, figures)
    rest = await journal.history(
        member.program, member.key, _KINDS, starts_at=_EVER, ends_at=now + timedelta(days=1)
    )
    return Forgotten(operations=erased, left=sum(record.state in _LEFT for record in rest))


def _of(unlinked: Unlinked) -> Forgotten:
    return Forgotten(links=unlinked.links, customers=unlinked.customers)


def figures(kept: bytes) -> bytes:
    """What of a kept result may stay: figures, states and times, and which error it was."""
    result = read_result(kept)
    return kept_result(Result(_figures(result.done), _codes(result.errors)))


def _figures(done: Done | None) -> Done | None:
    if done is None:
        return None
    return Done(
        native_id=done.native_id,
        posted_at=done.posted_at,
        effect=done.effect,
        awards=done.awards,
        redemption=done.redemption,
        points=done.points,
        worth=done.worth,
        expires_at=done.expires_at,
        cautions=done.cautions,
    )


def _codes(errors: Sequence[LoyaltyError]) -> tuple[LoyaltyError, ...]:
    """The errors without the program's own words, which were scrubbed by rule, not by a person."""
    return tuple(
        LoyaltyError("forgotten", code=error.code, retry=error.retry, program=error.program)
        for error in errors
    )
