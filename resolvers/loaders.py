"""What one request asks of the programs: batched, remembered, and each key failing alone.

One loader a program and question: batching programs together would make the fast one wait for the
slow one. A loader's future never carries an exception: a failed key is a `Failed` value, so that
a question started early and never looked at is no unobserved error.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Generic, TypeAlias, TypeVar

from aiodataloader import DataLoader

from loyalty.errors import LoyaltyError
from loyalty.members import Affinity, Member, Tier
from loyalty.offers import Basket, Offer, Voucher
from loyalty.operations import Operation
from loyalty.points import Balance, ExpiredPoints, ExpiringPoints
from loyalty.refs import MemberRef, TransactionRef, VoucherRef
from loyalty.sales import Activity, Transaction
from providers.port import (
    Answer,
    ChecksVouchers,
    ListsOffers,
    ListsPointTypes,
    ListsReasons,
    ListsTiers,
    ListsTransactions,
    ListsVouchers,
    Page,
    PageRequest,
    Period,
    ReadsAffinities,
    ReadsBalances,
    ReadsExpired,
    ReadsExpiry,
    ReadsMembers,
    ReadsRedeemable,
    Reason,
    SummarisesActivity,
)
from resolvers.accounts import Account, Accounts

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Failed:
    """A key whose answer is an error."""

    error: LoyaltyError


Settled: TypeAlias = T | Failed | None
"""What a loader hands out: the value, None for nothing, or a Failed."""


def opened(settled: Settled[T]) -> T | None:
    """The value, or None; raises the error of a failed key."""
    if isinstance(settled, Failed):
        raise settled.error
    return settled


class _Batch(DataLoader[str, Any], Generic[T]):
    """A loader of one question to one program."""

    def __init__(
        self, account: Account, ask: Callable[[Sequence[str]], Awaitable[list[Answer[T]]]]
    ) -> None:
        super().__init__()
        self._account = account
        self._ask = ask

    async def batch_load_fn(self, keys: list[str]) -> list[Any]:
        """Ask once for all keys; what concerns the whole batch becomes each key's error."""
        try:
            answers = await self._account.ask_all(lambda: self._ask(keys))
        except LoyaltyError as error:
            return [Failed(error)] * len(keys)
        return [Failed(a) if isinstance(a, LoyaltyError) else a for a in answers]

    def load(self, key: str) -> "asyncio.Future[Any]":
        """The answer for a key; a cancelled reader does not cancel the others' answer."""
        return asyncio.shield(super().load(key))


class Loaders:
    """The memory of one request: no question is asked twice."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts
        self._batches: dict[tuple[str, Hashable], _Batch[Any]] = {}
        self._singles: dict[tuple[str, Hashable], asyncio.Future[Any]] = {}

    def forget(self) -> None:
        """Ask everything anew from now on; what is under way is told to whoever waits for it."""
        self._batches.clear()
        self._singles.clear()

    # ------------------------------------------------------------------ batched questions

    def member(self, ref: MemberRef) -> Awaitable[Settled[Member]]:
        """The member's record; None if there is no such member."""
        return self._batched(ref, "member", ReadsMembers, lambda p: p.members)

    def know_member(self, member: Member) -> None:
        """Remember a record that came with another answer."""
        account = self._accounts.get(member.ref.program)
        if account is not None and isinstance(account.provider, ReadsMembers):
            batch = self._batch(account, "member", account.provider.members)
            batch.prime(member.ref.key, member)

    def balance(self, ref: MemberRef) -> Awaitable[Settled[Balance]]:
        """The member's balance."""
        return self._batched(ref, "balance", ReadsBalances, lambda p: p.balances)

    async def knows_no_balance(self, ref: MemberRef) -> bool:
        """Whether the program reads balances and has none here: there is no such member."""
        account = self._accounts.get(ref.program)
        if account is None or not isinstance(account.provider, ReadsBalances):
            return False
        return await self.balance(ref) is None

    async def expiring(self, ref: MemberRef) -> Settled[tuple[ExpiringPoints, ...]]:
        """Points about to expire: from the balance where it carries them, else by a call."""
        if self._comes_with_balance(ref, Operation.EXPIRY_READ):
            balance = await self.balance(ref)
            return balance.expiring if isinstance(balance, Balance) else balance
        return await self._batched(ref, "expiring", ReadsExpiry, lambda p: p.expiring)

    def affinities(self, ref: MemberRef) -> Awaitable[Settled[tuple[Affinity, ...]]]:
        """The member's links to affiliated programmes."""
        return self._batched(ref, "affinities", ReadsAffinities, lambda p: p.affinities)

    def vouchers(
        self, ref: MemberRef, spending: Decimal | None
    ) -> Awaitable[Settled[tuple[Voucher, ...]]]:
        """All vouchers of the member, tested against a bill of `spending`."""
        return self._batched(
            ref,
            ("vouchers", spending),
            ListsVouchers,
            lambda p: lambda keys: p.vouchers(keys, spending),
        )

    async def offers(self, ref: MemberRef, basket: Basket | None) -> Settled[tuple[Offer, ...]]:
        """What the member could get: by a call, and what came with the balance, in one wave."""
        asked = self._batched(
            ref, ("offers", basket), ListsOffers, lambda p: lambda keys: p.offers(keys, basket)
        )
        if not self._comes_with_balance(ref, Operation.OFFER_LIST):
            return await asked
        asked_too = self.balance(ref)
        listed, balance = await asked, await asked_too
        if isinstance(balance, Failed):
            return balance
        if isinstance(listed, Failed) or balance is None or not balance.offers:
            return listed
        return (*(listed or ()), *balance.offers)

    # ------------------------------------------------------------------ single questions

    def expired(
        self, ref: MemberRef, period: Period
    ) -> Awaitable[Settled[tuple[ExpiredPoints, ...]]]:
        """Points lost in the period."""
        return self._single(
            ref.program,
            ("expired", ref.key, period),
            ReadsExpired,
            lambda p: p.expired(ref.key, period),
        )

    def redeemable_at(self, ref: MemberRef, outlet: str) -> Awaitable[Settled[Decimal]]:
        """Points spendable at the outlet."""
        return self._single(
            ref.program,
            ("redeemable", ref.key, outlet),
            ReadsRedeemable,
            lambda p: p.redeemable_at(ref.key, outlet),
        )

    def voucher(self, ref: VoucherRef) -> Awaitable[Settled[Voucher]]:
        """One voucher of a member."""
        return self._single(
            ref.member.program, ("voucher", ref), ChecksVouchers, lambda p: p.voucher(ref)
        )

    def transactions(
        self, ref: MemberRef, period: Period, page: PageRequest
    ) -> Awaitable[Settled[Page[Transaction]]]:
        """A page of the member's history."""
        return self._single(
            ref.program,
            ("transactions", ref.key, period, page),
            ListsTransactions,
            lambda p: p.transactions(ref.key, period, page),
        )

    def transaction(self, ref: TransactionRef) -> Awaitable[Settled[Transaction]]:
        """One transaction of a member."""
        return self._single(
            ref.member.program,
            ("transaction", ref),
            ListsTransactions,
            lambda p: p.transaction(ref.member.key, ref.key),
        )

    def activity(
        self, ref: MemberRef, starts_at: datetime, ends_at: datetime
    ) -> Awaitable[Settled[Activity]]:
        """Totals of a period."""
        return self._single(
            ref.program,
            ("activity", ref.key, starts_at, ends_at),
            SummarisesActivity,
            lambda p: p.activity(ref.key, starts_at, ends_at),
        )

    def tiers(self, program: str) -> Awaitable[Settled[tuple[Tier, ...]]]:
        """The program's tiers."""
        return self._single(program, "tiers", ListsTiers, lambda p: p.tiers())

    def adjustment_reasons(self, program: str) -> Awaitable[Settled[tuple[Reason, ...]]]:
        """The reasons that corrections may state."""
        return self._single(program, "reasons", ListsReasons, lambda p: p.adjustment_reasons())

    def point_types(self, program: str) -> Awaitable[Settled[tuple[str, ...]]]:
        """The provider's own kinds of point."""
        return self._single(program, "point types", ListsPointTypes, lambda p: p.point_types())

    # ------------------------------------------------------------------ how they are asked

    def _comes_with_balance(self, ref: MemberRef, operation: Operation) -> bool:
        account = self._accounts.get(ref.program)
        return account is not None and operation in account.provider.profile.with_balance

    def _batched(
        self,
        ref: MemberRef,
        question: Hashable,
        ability: type[Any],
        bound: Callable[[Any], Callable[[Sequence[str]], Awaitable[list[Answer[T]]]]],
    ) -> Awaitable[Settled[T]]:
        """Load a member's answer; None at once where the program lacks the ability."""
        account = self._accounts.get(ref.program)
        if account is None or not isinstance(account.provider, ability):
            return _nothing()
        return self._batch(account, question, bound(account.provider)).load(ref.key)

    def _batch(
        self,
        account: Account,
        question: Hashable,
        ask: Callable[[Sequence[str]], Awaitable[list[Any]]],
    ) -> _Batch[Any]:
        known = (account.program.key, question)
        batch = self._batches.get(known)
        if batch is None:
            batch = self._batches[known] = _Batch(account, ask)
        return batch

    def _single(
        self,
        program: str,
        question: Hashable,
        ability: type[Any],
        ask: Callable[[Any], Awaitable[Any]],
    ) -> Awaitable[Any]:
        """Ask once and remember; None at once where the program lacks the ability."""
        account = self._accounts.get(program)
        if account is None or not isinstance(account.provider, ability):
            return _nothing()
        known = (program, question)
        asked = self._singles.get(known)
        if asked is None:
            asked = asyncio.ensure_future(_settled(account, lambda: ask(account.provider)))
            self._singles[known] = asked
        return asyncio.shield(asked)


async def _settled(account: Account, question: Callable[[], Awaitable[Any]]) -> object:
    try:
        async with account.turns:
            return await account.ask(question)
    except LoyaltyError as error:
        return Failed(error)


def _nothing() -> asyncio.Future[None]:
    """The answer of a program that has no such thing, known without asking."""
    known: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    known.set_result(None)
    return known
