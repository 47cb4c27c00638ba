"""What the answers to writes come to, as small values; nothing here calls or decides to retry."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

from loyalty.errors import ErrorCode
from loyalty.members import Attribute
from loyalty.outcomes import Upload
from providers.onerewards.mapping.lookups import member_id
from providers.onerewards.mapping.times import instant
from providers.onerewards.wire.model import BadAnswer
from providers.onerewards.wire.writes import (
    WireCreated,
    WireMembership,
    WirePostResult,
    WireUpload,
)
from providers.scrubbing import scrubbed


@dataclass(frozen=True, slots=True)
class PostOutcome:
    """A posted transaction: recorded, or refused for `refusal` with nothing changed.

    Recorded ones may carry warnings: more points were redeemed than there were, or the voucher
    was not applied. `words` are the provider's about the voucher, scrubbed.
    """

    refusal: ErrorCode | None = None
    points_over_redeemed: bool = False
    voucher_not_applied: bool = False
    words: str | None = None

    @property
    def recorded(self) -> bool:
        """Whether the transaction is in the provider's books."""
        return self.refusal is None


@dataclass(frozen=True, slots=True)
class Membership:
    """Whom a one-time code belongs to; without `member` the app's user is no member here.

    The right to redeem with `redemption_code` ends at `expires_at`; it is a secret.
    """

    mobile_user: str
    member: str | None = None
    redemption_code: int | None = field(default=None, repr=False)
    expires_at: datetime | None = None


def post_outcome(wire: WirePostResult) -> PostOutcome:
    """What a post came to: a 201 whose isSuccess is false is a refusal (contract 3.12)."""
    words = wire.voucher_error_message or None
    return PostOutcome(
        refusal=None if wire.is_success else _post_refusal(wire),
        points_over_redeemed=wire.is_over_redeem_point,
        voucher_not_applied=words is not None,
        words=None if words is None else scrubbed(words),
    )


def _post_refusal(wire: WirePostResult) -> ErrorCode:
    if wire.is_over_redeem_point:
        return ErrorCode.INSUFFICIENT_POINTS
    if wire.voucher_error_message:
        return ErrorCode.VOUCHER_NOT_USABLE
    return ErrorCode.PROVIDER_ERROR


def membership(wire: WireMembership, zone: ZoneInfo) -> Membership:
    """Whom the code belongs to; raises BadAnswer for a right without its member."""
    if wire.redemption_code is not None and wire.member_id is None:
        msg = "a redemption code of nobody"
        raise BadAnswer(msg)
    return Membership(
        mobile_user=wire.mobile_user_id,
        member=None if wire.member_id is None else str(wire.member_id),
        redemption_code=wire.redemption_code,
        expires_at=instant(wire.redemption_code_expiration_time, zone),
    )


def created_member(wire: WireCreated | None, location: str | None) -> str:
    """The key of the new member: by the body, or else by the location header (contract 3.14).

    Raises BadAnswer when neither names one: the member may exist all the same.
    """
    if wire is not None and wire.member_id is not None and wire.member_id > 0:
        return str(wire.member_id)
    query = {
        name.lower(): texts for name, texts in parse_qs(urlsplit(location or "").query).items()
    }
    named = query.get("memberid", [""])[0]
    if member_id(named) is None:
        msg = "the new member's id is not told"
        raise BadAnswer(msg)
    return named


def uploads(
    receipts: Sequence[str], wires: Sequence[WireUpload], expires_at: datetime | None = None
) -> tuple[Upload, ...]:
    """Where each receipt goes: by its id in the URL, or else by the order (contract 3.19).

    Raises BadAnswer when the counts differ, or when it cannot be told whose a URL is.
    """
    if len(receipts) != len(wires):
        msg = "not as many URLs as receipts"
        raise BadAnswer(msg)
    named = [_named(wire, receipts) for wire in wires]
    if not any(named):
        pairs = list(zip(receipts, wires, strict=True))
    elif sorted(map(str.lower, receipts)) == sorted(name or "" for name in named):
        by_name = dict(zip(named, wires, strict=True))
        pairs = [(receipt, by_name[receipt.lower()]) for receipt in receipts]
    else:
        msg = "the URL of another receipt"
        raise BadAnswer(msg)
    return tuple(_upload(receipt, wire, expires_at) for receipt, wire in pairs)


def _named(wire: WireUpload, receipts: Sequence[str]) -> str | None:
    """The one receipt whose id is in the URL's path; None without any."""
    path = urlsplit(wire.url).path.lower()
    found = {receipt.lower() for receipt in receipts if receipt.lower() in path}
    return found.pop() if len(found) == 1 else None


def _upload(receipt: str, wire: WireUpload, expires_at: datetime | None) -> Upload:
    headers = {**(wire.request_headers or {}), **(wire.content_headers or {})}
    pairs = tuple(Attribute(name, value) for name, value in headers.items())
    return Upload(receipt, wire.url, headers=pairs, expires_at=expires_at)
