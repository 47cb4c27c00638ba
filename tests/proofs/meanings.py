"""The oracle: what each fault of a write means, and the only statuses that may be told of it.

Written from the contracts before anything ran: a case that tells something else is a defect, of
the graph or of this page, and never a reason to widen a row.
"""

from collections.abc import Mapping
from enum import StrEnum

from tests.proofs.errands import Doubt


class Meaning(StrEnum):
    """What a fault does to one write, as the upstream sees it."""

    FINE = "carried out, and its answer arrives"
    TURNED_AWAY = "not looked at, and its answer says so, once"
    NEVER_LEFT = "cannot leave us, for as long as anybody tries"
    SHUT_OUT = "not looked at, and every answer says so"
    REFUSED = "refused by the upstream, with its documented words"
    STRANGE = "not carried out, and answered with a client error that no contract words"
    APPLIED = "carried out, and its answer is lost or says nothing"
    IGNORED = "not carried out, and its answer is lost or says nothing"
    APPLIED_DARK = "carried out, its answer lost, and from then on nothing is answered"
    IGNORED_DARK = "not carried out, its answer lost, and from then on nothing is answered"
    NEVER_APPLIED = "not carried out however often it is sent, with its answers lost; reads work"
    LATE = "carried out after we gave up the call, its answer lost"
    TWICE = "delivered twice by the network, and an answer arrives"


S, R, U, B = "SUCCEEDED", "REJECTED", "UNDER_REVIEW", "REVERSED"

Statuses = frozenset[str]


def only(*statuses: str) -> Statuses:
    return frozenset(statuses)


_ALL = (Doubt.REPLAY, Doubt.LOOK, Doubt.BLIND)


def _whatever(meaning: Meaning, *statuses: str) -> dict[tuple[Meaning, Doubt], Statuses]:
    return {(meaning, doubt): only(*statuses) for doubt in _ALL}


ALLOWED: Mapping[tuple[Meaning, Doubt], Statuses] = {
    **_whatever(Meaning.FINE, S),
    # It may be sent again within the call, or be given up before anything left.
    **_whatever(Meaning.TURNED_AWAY, S, R),
    **_whatever(Meaning.NEVER_LEFT, R),
    **_whatever(Meaning.SHUT_OUT, R),
    **_whatever(Meaning.REFUSED, R),
    (Meaning.STRANGE, Doubt.REPLAY): only(R, S),
    (Meaning.STRANGE, Doubt.LOOK): only(R, U),
    (Meaning.STRANGE, Doubt.BLIND): only(R, U),
    (Meaning.APPLIED, Doubt.REPLAY): only(S),
    (Meaning.APPLIED, Doubt.LOOK): only(S),
    (Meaning.APPLIED, Doubt.BLIND): only(U),
    (Meaning.IGNORED, Doubt.REPLAY): only(S),
    # Not to be found proves nothing, since no program declares how far its reads lag.
    (Meaning.IGNORED, Doubt.LOOK): only(U),
    (Meaning.IGNORED, Doubt.BLIND): only(U),
    **_whatever(Meaning.APPLIED_DARK, U),
    **_whatever(Meaning.IGNORED_DARK, U),
    **_whatever(Meaning.NEVER_APPLIED, U),
    (Meaning.LATE, Doubt.REPLAY): only(S),
    # Found if it arrives before the last look, else not.
    (Meaning.LATE, Doubt.LOOK): only(S, U),
    (Meaning.LATE, Doubt.BLIND): only(U),
    **_whatever(Meaning.TWICE, S),
}

LATER: Mapping[Meaning, Statuses] = {
    Meaning.TURNED_AWAY: only(S),
    # The step before it has happened: it waits for a person, or is taken back.
    Meaning.NEVER_LEFT: only(U, B),
    Meaning.SHUT_OUT: only(U, B),
    Meaning.REFUSED: only(B),
    # Taken back as a refusal, or settled as a doubt: by sending it again.
    Meaning.STRANGE: only(B, S),
}
"""What else may be told where the write is a later step of a mutation of many steps."""

UNSENT = {Meaning.NEVER_LEFT, Meaning.SHUT_OUT, Meaning.TURNED_AWAY}
"""Where a refusal must say that the same key may be used again, and it then succeeds, once."""
