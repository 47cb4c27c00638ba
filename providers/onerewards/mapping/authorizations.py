"""The right to redeem, as callers carry it: the vendor's code and when it ends, in one text."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime

from loyalty.errors import Declined, ErrorCode, InvalidInput, RetryAdvice

FIELD = ("input", "authorization")
_TEXT = re.compile(r"([0-9]{1,18})(?:\.([0-9]{1,11}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Authorization:
    """A redemption code, good until `ends`; None where nobody said (contract 2.6)."""

    code: int = field(repr=False)
    ends: datetime | None = None

    def __str__(self) -> str:
        """What a caller is given, to hand it in with a sale or a redemption."""
        return str(self.code) if self.ends is None else f"{self.code}.{int(self.ends.timestamp())}"


def authorization(text: str | None, now: datetime, program: str) -> Authorization | None:
    """What a caller handed in: our own text, or the vendor's bare code.

    Raises InvalidInput (AUTHORIZATION_INVALID) and Declined (AUTHORIZATION_EXPIRED).
    """
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
    return Authorization(int(match[1]), ends)
