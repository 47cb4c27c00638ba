"""What writes leave behind in a OneRewards company, beside members and accounts; no rules."""

from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from sandbox.onerewards.documents import Document

DocumentKey = tuple[str, str]
"""Integration and document id, by which a posting is known again (OneRewards contract 6.2#8)."""


@dataclass(slots=True)
class AuthCode:
    """What the app's QR page shows for a minute; worth one call."""

    code: str
    mobile_user_id: str
    minted: datetime
    spent: bool = False


@dataclass(slots=True)
class RedemptionCode:
    """A linked member's consent to redeem through one integration, for ten minutes."""

    code: int
    member_id: int
    integration_id: str
    expires: datetime
    spent: bool = False


@dataclass(frozen=True, slots=True)
class PostResult:
    """How a posting ended, as its caller was and will again be told."""

    is_success: bool
    is_over_redeemed: bool = False
    voucher_error: str | None = None


@dataclass(slots=True)
class Posting:
    """One document that was posted; `effects` are the numbers of what it changed."""

    serial: int
    document: Document
    result: PostResult
    at: datetime
    effects: tuple[int, ...] = ()
    is_void: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """An uploaded file, without its bytes."""

    receipt_id: str
    size: int
    digest: str
    at: datetime


@dataclass(slots=True)
class Register:
    """One company's postings and codes; `rng` draws the codes, so that a seed gives the same."""

    rng: Random = field(default_factory=lambda: Random(0))
    auth_codes: dict[str, AuthCode] = field(default_factory=dict[str, AuthCode])
    redemption_codes: dict[int, RedemptionCode] = field(default_factory=dict[int, RedemptionCode])
    postings: dict[DocumentKey, list[Posting]] = field(
        default_factory=dict[DocumentKey, list[Posting]]
    )
    failed: dict[DocumentKey, Posting] = field(default_factory=dict[DocumentKey, Posting])
    migrated: dict[tuple[str, str], int] = field(default_factory=dict[tuple[str, str], int])
    receipts: dict[str, Receipt] = field(default_factory=dict[str, Receipt])
    voucher_serials: dict[int, int] = field(default_factory=dict[int, int])
    posted: int = 0

    def newest(self, key: DocumentKey) -> Posting | None:
        """The newest posting under this key that is not void; the newest of all if all are."""
        known = self.postings.get(key, [])
        live = [posting for posting in known if not posting.is_void]
        found = live or known
        return found[-1] if found else None
