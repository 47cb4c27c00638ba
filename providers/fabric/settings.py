"""A fabric program's keys of the configuration, and the contract's assumptions as switches."""

from typing import Annotated

from pydantic import Field

from loyalty.members import MemberStatus
from loyalty.sales import TransactionKind
from providers.settings import ProgramSettings, Secret, Table, Url

Reference = Annotated[str, Field(min_length=3, max_length=15)]
"""A store or a type of transaction: only 3 to 15 characters can be reversed (contract 8.2)."""


class Assumptions(Table):
    """What the vendor leaves open and we depend on; defaults are the contract's choice."""

    token_scope: str = "s2s"  # noqa: S105 - the scope's name, no secret
    """Contract 2.3: the scope a system app asks for."""

    page_size: int = Field(default=100, ge=1, le=1000)
    """Contract 12.1: rows asked for at a time; a page with fewer is taken for the last."""

    limit_is_last_record: bool = False
    """Contract 3.3: `limit` is the number of the page's last record, not the page's size."""

    transactions_newest_first: bool = True
    """Contract 12.1: the order of Get Transactions; where it is another, we sort."""

    locked_points_are_pending: bool = True
    """Contract 11.1: memberPointsLocked counts in the balance and cannot be spent yet."""

    expiry_buckets_apart: bool = True
    """Contract 12.1: a window counts only points that no earlier window counts."""

    expiry_value_is_money: bool = True
    """Contract 11.5: pointValue is currency; otherwise worth is points times `point_worth`."""

    absent_member: tuple[str, ...] = (
        "profileId: Member not found",
        "loyaltyNumber: Member not found",
    )
    """Contract 12.2: "key: start of text" of refusals that say there is no such member."""

    absent_member_statuses: tuple[int, ...] = (400, 404)
    """Contract 12.1: the statuses with which a missing member is told."""

    any_refusal_is_absence: bool = False
    """Whether a refused question about one member says, whatever its text, that there is none."""

    account_statuses: dict[str, MemberStatus] = Field(default_factory=dict[str, MemberStatus])
    """Contract 12.3: the tenant's own words for accountStatus, on top of the known ones."""

    members_are_checked: bool = True
    """Whether the account is read before a sale, redemption or correction, to refuse a closed one;
    no page says that the provider itself does (contract 8.1, 9.1, 7.2).
    """


class FabricSettings(ProgramSettings):
    """What `[programs.<key>]` takes where `provider = "fabric"`."""

    token_url: Url
    client_id: str = Field(min_length=1)
    client_secret: Secret
    club: str = Field(min_length=1)
    store: Reference
    transaction_types: dict[TransactionKind, Reference] = Field(
        default_factory=lambda: {
            TransactionKind.PURCHASE: "purchase",
            TransactionKind.RETURN: "return",
        }
    )
    replay_is_safe: bool = True
    """Contract 8.1, 8.2: checkForDuplicateTransaction 1 refuses what was taken in before."""
    assumptions: Assumptions = Field(default_factory=Assumptions)
