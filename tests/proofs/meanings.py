"""The oracle: what each fault of a write means, and the one status that may be told of it.

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
    APPLIED = "carried out, and its answer is lost or says nothing"
    CUT_OFF = "its connection is reset before a byte of it is read"
    IGNORED = "not carried out, and its answer is lost or says nothing"
    APPLIED_DARK = "carried out, its answer lost, and from then on nothing is answered"
    IGNORED_DARK = "not carried out, its answer lost, and from then on nothing is answered"
    NEVER_APPLIED = "not carried out however often it is sent, with its answers lost; reads work"
    LATE = "carried out after we gave up the call, its answer lost"
    TWICE = "delivered twice by the network, and an answer arrives"


S, R, U, B = "SUCCEEDED", "REJECTED", "UNDER_REVIEW", "REVERSED"


def _whatever(meaning: Meaning, status: str) -> dict[tuple[Meaning, Doubt], str]:
    return {(meaning, doubt): status for doubt in Doubt}


ENDS: Mapping[tuple[Meaning, Doubt], str] = {
    **_whatever(Meaning.FINE, S),
    # The client still waits when it is sent again, and then it is let in.
    **_whatever(Meaning.TURNED_AWAY, S),
    **_whatever(Meaning.NEVER_LEFT, R),
    **_whatever(Meaning.SHUT_OUT, R),
    **_whatever(Meaning.REFUSED, R),
    (Meaning.APPLIED, Doubt.REPLAY): S,
    (Meaning.APPLIED, Doubt.LOOK): S,
    (Meaning.APPLIED, Doubt.BLIND): U,
    (Meaning.IGNORED, Doubt.REPLAY): S,
    # Not to be found proves nothing, since no program declares how far its reads lag.
    (Meaning.IGNORED, Doubt.LOOK): U,
    (Meaning.IGNORED, Doubt.BLIND): U,
    (Meaning.CUT_OFF, Doubt.REPLAY): S,
    (Meaning.CUT_OFF, Doubt.LOOK): U,
    (Meaning.CUT_OFF, Doubt.BLIND): U,
    **_whatever(Meaning.APPLIED_DARK, U),
    **_whatever(Meaning.IGNORED_DARK, U),
    # Each answer was lost, or says that a database failed, which may have been before its work or
    # after it (Telluride 5.6): that reads show nothing is no proof either.
    **_whatever(Meaning.NEVER_APPLIED, U),
    # It arrives before the last look; where it was sent again meanwhile, the upstream knows it.
    (Meaning.LATE, Doubt.REPLAY): S,
    (Meaning.LATE, Doubt.LOOK): S,
    (Meaning.LATE, Doubt.BLIND): U,
    # Where the upstream takes it for two wishes there are two effects, and no answer tells: only
    # it could prevent that. Errand.twins and Flip.twins say where; elsewhere there is one.
    **_whatever(Meaning.TWICE, S),
}
"""How a mutation ends. While it is being settled PENDING may be told, and nothing else."""

OR_ELSE: Mapping[tuple[Meaning, Doubt], str] = {
    # The reset comes while we connect, or after our bytes have gone into the socket: only the first
    # proves that nothing has left, and then it is sent again while the client waits.
    (Meaning.CUT_OFF, Doubt.LOOK): S,
    (Meaning.CUT_OFF, Doubt.BLIND): S,
}
"""The other end that it may have, where the network decides by chance what we can know."""

LATER: Mapping[Meaning, str] = {
    # The step before it has happened: that this one never left is nothing to be asked for again.
    Meaning.NEVER_LEFT: U,
    Meaning.SHUT_OUT: U,
    Meaning.REFUSED: B,
}
"""How it ends instead where the write is a later step of a mutation of many steps."""

TOLD_APART: Mapping[tuple[Meaning, Doubt], str] = {
    # The second answer is not that of a first delivery, and nothing shows whose that was.
    (Meaning.TWICE, Doubt.BLIND): U,
}
"""How it ends instead where the upstream answers a second delivery otherwise."""

UNSENT = {Meaning.NEVER_LEFT, Meaning.SHUT_OUT}
"""Where a refusal must say that the same key may be used again, and it then succeeds, once."""
