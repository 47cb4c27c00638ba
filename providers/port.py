"""The port: what resolvers may ask of a program; an adapter implements the abilities it has.

An ability is a narrow Protocol. A program can do an Operation exactly when its adapter implements
the Protocol that ABILITIES names for it; how well it does it is data in the adapter's Profile.

Conventions of every ability
- Batched reads take keys of one program (`MemberRef.key`) and answer a list of the same length and
  order: per key a value, None (known not to exist), or a LoyaltyError as a value. They raise
  only for what concerns the whole batch, and then every key has that error.
- Other reads return the value or raise a LoyaltyError.
- A LoyaltyError raised here carries no exception text, no host and no personal data.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Generic, Protocol, TypeAlias, TypeVar, runtime_checkable

from loyalty.errors import ErrorCode, LoyaltyError
from loyalty.members import (
    Affinity,
    Member,
    MemberFilter,
    MemberLookup,
    MobileUser,
    Tier,
)
from loyalty.offers import Basket, Offer, Voucher
from loyalty.operations import (
    OURS,
    Capability,
    EarnComputation,
    IdempotencySupport,
    LookupKey,
    Operation,
    SupportLevel,
)
from loyalty.points import Balance, ExpiredPoints, ExpiringPoints
from loyalty.refs import OfferRef, VoucherRef
from loyalty.sales import Activity, Quote, SaleDraft, Transaction
from providers import write_abilities as writing

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

Answer: TypeAlias = T | LoyaltyError | None
"""What a batch says of one key: the value, None for known absence, or the error."""


@dataclass(frozen=True, slots=True)
class Period:
    """An inclusive span of time; an open end is None."""

    starts_at: datetime | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PageRequest:
    """How many entries, and after which position of the provider's own (None: from the start)."""

    first: int
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Page(Generic[T_co]):
    """A slice of a list. `positions[i]` is where a following page starts after `entries[i]`."""

    entries: tuple[T_co, ...]
    positions: tuple[str, ...]
    has_next: bool


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason that a correction of points may state."""

    code: str
    title: str
    action: str | None = None


@dataclass(frozen=True, slots=True)
class Probe:
    """What a cheap call to the provider told of the account: credentials good, how fast."""

    latency_ms: float


@dataclass(frozen=True, slots=True)
class Support:
    """How well an adapter does an operation that it has the ability for."""

    level: SupportLevel = SupportLevel.NATIVE
    idempotency: IdempotencySupport = IdempotencySupport.NOT_APPLICABLE
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Suspicion:
    """Keys of a program's table that an error points at; None fits any."""

    keys: tuple[str, ...]
    code: ErrorCode
    operation: str | None = None
    http_status: int | None = None
    native: str | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """What is known of a kind of provider before any call; data, no behaviour.

    `with_member` and `with_balance` name operations whose answer comes with the member record or
    with the balance, so that they cost no call of their own (and count as abilities).
    `number_is_key`: the program's own number is the key that members are read by.
    `members_per_call`: how many records one call of ReadsMembers may bring.
    `history_days`, `history_rows`: how much of a history one call covers; None: any.
    `suspicions`: which keys of the configuration an error points at; the first that fits counts.
    """

    code: str
    name: str
    earn_computation: EarnComputation
    lookup_keys: tuple[LookupKey, ...]
    support: Mapping[Operation, Support] = field(default_factory=dict[Operation, Support])
    with_member: frozenset[Operation] = frozenset()
    with_balance: frozenset[Operation] = frozenset()
    number_is_key: bool = False
    members_per_call: int = 1
    history_days: int | None = None
    history_rows: int | None = None
    suspicions: tuple[Suspicion, ...] = ()


class Provider(Protocol):
    """A program behind the port. Everything else it can do is an ability below."""

    @property
    def program(self) -> str:
        """The program's key."""
        ...

    @property
    def profile(self) -> Profile:
        """What is known of this kind of provider."""
        ...

    async def probe(self) -> Probe:
        """Make the cheapest call that proves address and credentials; raise what is wrong."""
        ...


@runtime_checkable
class ReadsMembers(Protocol):
    """MEMBER_READ."""

    async def members(self, keys: Sequence[str]) -> list[Answer[Member]]:
        """The members' records, in as few calls as the upstream allows."""
        ...

    async def member_by_number(self, number: str) -> Member | None:
        """The member with the program's own number."""
        ...


@runtime_checkable
class FindsMembers(Protocol):
    """MEMBER_LOOKUP."""

    async def find_members(self, by: MemberLookup) -> list[Member]:
        """All members that match; [] when none does.

        Raises Unsupported for a combination that this program cannot search, before any call.
        """
        ...


@runtime_checkable
class ListsMembers(Protocol):
    """MEMBER_LIST."""

    async def list_members(self, where: MemberFilter, page: PageRequest) -> Page[Member]:
        """A page of the program's members."""
        ...


@runtime_checkable
class ReadsBalances(Protocol):
    """BALANCE_READ."""

    async def balances(self, keys: Sequence[str]) -> list[Answer[Balance]]:
        """The members' balances; None for a member that does not exist."""
        ...


@runtime_checkable
class ReadsExpiry(Protocol):
    """EXPIRY_READ, for providers that tell it apart from the balance."""

    async def expiring(self, keys: Sequence[str]) -> list[Answer[tuple[ExpiringPoints, ...]]]:
        """Points that will expire, soonest first."""
        ...


@runtime_checkable
class ReadsExpired(Protocol):
    """Points that have expired."""

    async def expired(self, key: str, period: Period) -> tuple[ExpiredPoints, ...]:
        """Points lost in the period, latest first."""
        ...


@runtime_checkable
class ReadsRedeemable(Protocol):
    """What can be spent at one outlet."""

    async def redeemable_at(self, key: str, outlet: str) -> Decimal:
        """Points spendable at the outlet, restricted ones included."""
        ...


@runtime_checkable
class ListsTiers(Protocol):
    """TIER_LIST."""

    async def tiers(self) -> tuple[Tier, ...]:
        """The program's tiers, lowest first where an order is known."""
        ...


@runtime_checkable
class ReadsAffinities(Protocol):
    """AFFINITY_READ."""

    async def affinities(self, keys: Sequence[str]) -> list[Answer[tuple[Affinity, ...]]]:
        """The members' links to affiliated programmes."""
        ...


@runtime_checkable
class ListsVouchers(Protocol):
    """VOUCHER_LIST."""

    async def vouchers(
        self, keys: Sequence[str], spending: Decimal | None
    ) -> list[Answer[tuple[Voucher, ...]]]:
        """All vouchers of the members, usable or not; `spending` is the bill to test against."""
        ...


@runtime_checkable
class ChecksVouchers(Protocol):
    """VOUCHER_CHECK."""

    async def voucher(self, ref: VoucherRef) -> Voucher | None:
        """One voucher of a member, by its code."""
        ...


@runtime_checkable
class ListsOffers(Protocol):
    """OFFER_LIST."""

    async def offers(
        self, keys: Sequence[str], basket: Basket | None
    ) -> list[Answer[tuple[Offer, ...]]]:
        """What the members could get; None where it takes a basket and none is given."""
        ...


@runtime_checkable
class ChecksOffers(Protocol):
    """One offer of a member, judged now; for providers that can be asked for a single one."""

    async def offer(self, ref: OfferRef) -> Offer | None:
        """The offer as it was shown; None where the member has no such offer any more."""
        ...


@runtime_checkable
class ListsTransactions(Protocol):
    """TRANSACTION_LIST."""

    async def transactions(self, key: str, period: Period, page: PageRequest) -> Page[Transaction]:
        """A page of the member's history, newest first."""
        ...

    async def transaction(self, key: str, transaction: tuple[str, ...]) -> Transaction | None:
        """One transaction of the member, by TransactionRef.key."""
        ...


@runtime_checkable
class SummarisesActivity(Protocol):
    """ACTIVITY_SUMMARY."""

    async def activity(self, key: str, starts_at: datetime, ends_at: datetime) -> Activity | None:
        """Totals of the period; None for a member that does not exist."""
        ...


@runtime_checkable
class QuotesSales(Protocol):
    """TRANSACTION_QUOTE."""

    async def quote(self, sale: SaleDraft) -> Quote:
        """What the sale would earn and could take, without recording it."""
        ...


@runtime_checkable
class ReadsMobileUsers(Protocol):
    """MOBILE_USER_READ."""

    async def mobile_user(self, user_id: str) -> MobileUser | None:
        """A user of the provider's app; whether a member, FindsMembers tells."""
        ...


@runtime_checkable
class ListsReasons(Protocol):
    """The reasons that corrections of points may state."""

    async def adjustment_reasons(self) -> tuple[Reason, ...]:
        """All reasons configured for the program."""
        ...


@runtime_checkable
class ListsPointTypes(Protocol):
    """The kinds of point a program uses, in the provider's words."""

    async def point_types(self) -> tuple[str, ...]:
        """The names of the kinds."""
        ...


ABILITIES: Mapping[Operation, type] = {
    Operation.MEMBER_READ: ReadsMembers,
    Operation.MEMBER_LOOKUP: FindsMembers,
    Operation.MEMBER_LIST: ListsMembers,
    Operation.BALANCE_READ: ReadsBalances,
    Operation.EXPIRY_READ: ReadsExpiry,
    Operation.TIER_LIST: ListsTiers,
    Operation.AFFINITY_READ: ReadsAffinities,
    Operation.VOUCHER_LIST: ListsVouchers,
    Operation.VOUCHER_CHECK: ChecksVouchers,
    Operation.OFFER_LIST: ListsOffers,
    Operation.TRANSACTION_LIST: ListsTransactions,
    Operation.ACTIVITY_SUMMARY: SummarisesActivity,
    Operation.TRANSACTION_QUOTE: QuotesSales,
    Operation.MOBILE_USER_READ: ReadsMobileUsers,
    Operation.TRANSACTION_POST: writing.PostsSales,
    Operation.TRANSACTION_RETURN: writing.ReturnsSales,
    Operation.TRANSACTION_VOID: writing.VoidsSales,
    Operation.POINTS_REDEEM: writing.RedeemsPoints,
    Operation.REDEMPTION_HOLD: writing.HoldsRedemptions,
    Operation.VOUCHER_REDEEM: writing.RedeemsVouchers,
    Operation.REDEMPTION_CAPTURE: writing.CapturesRedemptions,
    Operation.REDEMPTION_VOID: writing.VoidsRedemptions,
    Operation.REDEMPTION_AUTHORIZE: writing.AuthorizesRedemptions,
    Operation.VOUCHER_CLAIM: writing.ClaimsVouchers,
    Operation.POINTS_ADJUST: writing.AdjustsPoints,
    Operation.POINTS_ACTIVATE: writing.ActivatesPoints,
    Operation.MEMBER_ENROLL: writing.EnrolsMembers,
    Operation.MEMBER_UPDATE: writing.UpdatesMembers,
    Operation.MEMBER_MIGRATE: writing.MigratesMembers,
    Operation.AFFINITY_SET: writing.SetsAffinities,
    Operation.RECEIPT_UPLOAD: writing.UploadsReceipts,
}
"""Which Protocol stands for which operation. An operation without a row is UNSUPPORTED unless it
comes with another's answer (Profile.with_member, Profile.with_balance).
"""


def has_ability(provider: Provider, operation: Operation) -> bool:
    """Whether the adapter can do the operation at all, by its code alone."""
    protocol = ABILITIES.get(operation)
    return (
        (protocol is not None and isinstance(provider, protocol))
        or operation in provider.profile.with_member
        or operation in provider.profile.with_balance
    )


def capabilities(provider: Provider) -> tuple[Capability, ...]:
    """Every operation of a program, and how well this adapter does it; never written by hand."""
    return tuple(
        _capability(provider, operation) for operation in Operation if operation not in OURS
    )


def _capability(provider: Provider, operation: Operation) -> Capability:
    if not has_ability(provider, operation):
        return Capability(operation, SupportLevel.UNSUPPORTED)
    how = provider.profile.support.get(operation, Support())
    return Capability(operation, how.level, how.idempotency, how.note)
