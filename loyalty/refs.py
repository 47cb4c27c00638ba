"""References: where a thing lives, as program and native key; never a client's string."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MemberRef:
    """A membership: the program's key and the key its provider reads members by.

    OneRewards: memberId. Telluride: MemberNumber. fabric: profileId.
    """

    program: str
    key: str


@dataclass(frozen=True, slots=True)
class VoucherRef:
    """A voucher a member holds, by the provider's code for it."""

    member: MemberRef
    code: str


@dataclass(frozen=True, slots=True)
class OfferRef:
    """An offer as it was shown: of a member (or of the program's guests), by its code."""

    program: str
    member: str | None
    kind: str
    code: str


@dataclass(frozen=True, slots=True)
class TransactionRef:
    """A transaction at its provider; `key` is whatever the adapter needs to find it again.

    Telluride: store, register, number and local date-time. fabric: reference and type.
    """

    member: MemberRef
    key: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PostedRef:
    """A sale known by our operation alone, of a program whose sales have no name to be read by."""

    member: MemberRef
    operation: str


@dataclass(frozen=True, slots=True)
class RedemptionRef:
    """A redemption: the operation of ours that made it."""

    member: MemberRef
    operation: str


@dataclass(frozen=True, slots=True)
class ReceiptRef:
    """The record of a mutation, by its operation."""

    operation: str


@dataclass(frozen=True, slots=True)
class CustomerRef:
    """A person with verified memberships; `key` is the ledger's."""

    key: str
