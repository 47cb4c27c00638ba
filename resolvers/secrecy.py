"""What of commands and results is secret and short-lived: kept apart, and blanked in time."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import cast

from loyalty.commands import (
    AuthorizeRedemption,
    ClaimVoucher,
    Command,
    LinkMembership,
    PostSale,
    RedeemPoints,
    RedeemVoucher,
)
from loyalty.outcomes import Done, Upload
from resolvers.keeping import kept, told

_USUAL_LIFE = timedelta(minutes=10)
"""How long a secret is kept whose end its provider does not tell."""


def open_part(command: Command) -> Command:
    """The command without its secret: what is kept for years and shown on receipts."""
    match command:
        case AuthorizeRedemption():
            return replace(command, code="")
        case LinkMembership():
            return replace(command, auth_code=None)
        case PostSale() | RedeemPoints() | RedeemVoucher() | ClaimVoucher():
            bare = command.authorization is None
            return command if bare else replace(command, authorization=None)
        case _:
            return command


def secret_part(command: Command) -> bytes | None:
    """The secret of a command, kept until the operation ends; None where it has none."""
    match command:
        case AuthorizeRedemption():
            return kept(command.code)
        case LinkMembership():
            return None if command.auth_code is None else kept(command.auth_code)
        case PostSale() | RedeemPoints() | RedeemVoucher() | ClaimVoucher():
            return None if command.authorization is None else kept(command.authorization)
        case _:
            return None


def whole(command: Command, secret: bytes | None) -> Command:
    """The command with its secret again."""
    if secret is None:
        return command
    text = told(secret, str)
    match command:
        case AuthorizeRedemption():
            return replace(command, code=text)
        case LinkMembership():
            return replace(command, auth_code=text)
        case PostSale() | RedeemPoints() | RedeemVoucher() | ClaimVoucher():
            return replace(command, authorization=text)
        case _:
            return command


@dataclass(frozen=True, slots=True)
class Parted:
    """A result whose secret is apart. `until`: when the secret is to be blanked."""

    done: Done
    secret: bytes | None
    until: datetime | None


def parted(done: Done, now: datetime) -> Parted:
    """The result without its secrets, and these."""
    if done.secret is None and not done.uploads:
        return Parted(done, None, None)
    uploads = done.uploads or ()
    ends = [u.expires_at for u in uploads if u.expires_at is not None]
    until = done.secret_until or min(ends, default=now + _USUAL_LIFE)
    bare = replace(done, secret=None, uploads=_bare(done.uploads))
    return Parted(bare, kept((done.secret, uploads)), until)


def rejoined(done: Done, secret: bytes | None, until: datetime | None, now: datetime) -> Done:
    """The result with its secrets, as long as they are good."""
    if secret is None or (until is not None and now >= until):
        return done
    right, uploads = cast("tuple[str | None, tuple[Upload, ...]]", told(secret, tuple))
    return replace(done, secret=right, uploads=uploads or done.uploads)


def is_over(done: Done, until: datetime | None, now: datetime) -> bool:
    """Whether the result had a secret that nobody may have any more."""
    return until is not None and now >= until and (done.secret is None)


def _bare(uploads: tuple[Upload, ...] | None) -> tuple[Upload, ...] | None:
    if uploads is None:
        return None
    return tuple(Upload(u.receipt, url="", expires_at=u.expires_at) for u in uploads)
