"""The right to redeem, as callers carry it: the vendor's code, its end, its member, in one text."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime

from loyalty.errors import Declined, ErrorCode, InvalidInput, RetryAdvice
from loyalty.refs import MemberRef

FIELD = ("input", "authorization")
_TEXT = re.compile(r"([0-9]{1,18})(?:\.([0-9]{1,11})(?:\.([0-9]{1,18}))?)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Authorization:
    """A redemption code, good until `ends`, of `member`; None where nobody said (contract 2.6)."""

    code: int = field(repr=False)
    ends: datetime | None = None
    member: str | None = None

    def __str__(self) -> str:
        """What a caller is given, to hand it in with a sale or a redemption."""
        if self.ends is None:
            return str(self.code)
        parts = [str(self.code), str(int(self.ends.timestamp())), self.member]
        return ".".join(part for part in parts if part is not None)


def is_anyones(text: str) -> bool:
    """Whether a right that was taken does not say whose it is."""
    match = _TEXT.fullmatch(text.strip())
    return match is not None and match[3] is None


def authorization(text: str | None, member: MemberRef, now: datetime) -> Authorization | None:
    """What a caller handed in for a member: our own text, or the vendor's bare code.

    The vendor looks at the code of a linked member alone (contract 2.6): that a code is another
    member's is found here, or nobody would tell. Raises InvalidInput (AUTHORIZATION_INVALID) and
    Declined (AUTHORIZATION_EXPIRED).
    """
    program = member.program
    if text is None:
        return None
    match = _TEXT.fullmatch(text.strip())
    if match is None:
        raise InvalidInput(
            "this is no authorization; hand in what authorizeRedemption gave",
            code=ErrorCode.AUTHORIZATION_INVALID,
            field=FIELD,
            program=program,
        )
    ends = None if match[2] is None else datetime.fromtimestamp(int(match[2]), UTC)
    if ends is not None and now >= ends:
        raise Declined(
            "the authorization is over; ask the member for a new code",
            code=ErrorCode.AUTHORIZATION_EXPIRED,
            field=FIELD,
            retry=RetryAdvice.AFTER_CHANGE,
            program=program,
        )
    if match[3] not in {None, member.key}:
        raise InvalidInput(
            "this is another member's authorization; ask this one for a code",
            code=ErrorCode.AUTHORIZATION_INVALID,
            field=FIELD,
            program=program,
        )
    return Authorization(int(match[1]), ends, match[3])
