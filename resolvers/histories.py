"""Transactions out of our own ledger.

They are the history of a program that has none to read, and what the others do not tell of a sale
that went through us.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ledger.journal import Journal, Record
from loyalty.operations import Operation
from loyalty.refs import MemberRef, PostedRef, RedemptionRef, VoucherRef
from loyalty.sales import Transaction
from providers.port import Period
from resolvers.accounts import Accounts
from resolvers.records import command_of, native_transaction, result_of
from resolvers.retelling import (
    UNDOING,
    Company,
    Name,
    applied_voucher,
    completed,
    name_of,
    redemptions_of,
    retold,
)
from resolvers.standing import GONE

_LISTED = (
    Operation.TRANSACTION_POST.value,
    Operation.POINTS_ADJUST.value,
    Operation.POINTS_REDEEM.value,
    Operation.VOUCHER_REDEEM.value,
    *UNDOING,
)
"""What moves points: all of it, so that the effects of a list add up to the balance."""
_SLACK = timedelta(days=1)
"""How far a sale's own time may be ahead of ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """What a transaction of ours has to do with others."""

    redemptions: tuple[RedemptionRef, ...] = ()
    voucher: VoucherRef | None = None
    reverses: Name | None = None
    reversed_by: tuple[Name, ...] = ()


class Histories:
    """Reads of the ledger; each raises LedgerUnavailable."""

    def __init__(self, accounts: Accounts, journal: Journal) -> None:
        self._accounts = accounts
        self._journal = journal

    async def sales_of(self, member: MemberRef, period: Period, now: datetime) -> list[Transaction]:
        """What went through us for a member, newest first."""
        since = (period.starts_at or _BEGINNING) - _SLACK
        until = period.ends_at or now + _SLACK
        return [
            told
            for told in await self._told_since(member, since, now)
            if (period.starts_at is None or told.occurred_at >= period.starts_at)
            and told.occurred_at <= until
        ]

    async def completed(
        self, member: MemberRef, transactions: Sequence[Transaction], now: datetime
    ) -> list[Transaction | None]:
        """A provider's transactions with what we know of them, where they went through us.

        None in the place of one that is told with another, as a part of it.
        """
        if not transactions:
            return []
        told = await self._told_since(member, min(map(_earliest, transactions)) - _SLACK, now)
        named: dict[Name | str | None, Transaction] = {each.ref: each for each in told}
        named |= {each.operation: each for each in told if isinstance(each.ref, PostedRef)}
        parts = {part for each in told for part in each.parts}
        return [
            None
            if theirs.ref in parts
            else completed(theirs, named.get(theirs.ref) or named.get(theirs.operation))
            for theirs in transactions
        ]

    async def transaction(self, name: Name, now: datetime) -> Transaction | None:
        """One transaction of ours; None where it did not go through us."""
        record = await self._record(name)
        if record is None:
            return None
        return self._told(record, await self._company(record), now)

    async def links(self, name: Name) -> Links | None:
        """What it has to do with others; None where it did not go through us."""
        record = await self._record(name)
        command = None if record is None else command_of(record)
        if record is None or command is None:
            return None
        company = await self._company(record)
        original, undoing = company.original, company.undoing
        with_its_sale = company.void_of_its_sale(record)
        undoing = undoing if with_its_sale is None else (*undoing, with_its_sale)
        return Links(
            redemptions=redemptions_of(command),
            voucher=applied_voucher(command, result_of(record).done),
            reverses=None if original is None else name_of(original, name.member),
            reversed_by=tuple(name_of(later, name.member) for later in undoing),
        )

    # ------------------------------------------------------------------ reading

    async def _told_since(
        self, member: MemberRef, since: datetime, now: datetime
    ) -> list[Transaction]:
        records = await self._journal.history(
            member.program,
            member.key,
            _LISTED,
            starts_at=since,
            ends_at=now + _SLACK,
        )
        by_id = {record.id: record for record in records}
        about: defaultdict[str, list[Record]] = defaultdict(list)
        for record in reversed(records):
            if record.target is not None:
                about[record.target].append(record)
        told: list[Transaction | None] = []
        for record in records:
            original = by_id.get(record.target or "") or await self._original(record)
            beside = about[record.target] if record.target else ()
            told.append(self._told(record, Company(about[record.id], original, beside), now))
        found = [transaction for transaction in told if transaction is not None]
        return sorted(found, key=lambda transaction: transaction.occurred_at, reverse=True)

    async def _record(self, name: Name) -> Record | None:
        if isinstance(name, PostedRef):
            record = await self._journal.get(name.operation)
        else:
            native = native_transaction(name)
            record = await self._journal.of_native(name.member.program, native)
        if record is None or record.state in GONE:
            return None
        is_theirs = (record.program, record.member) == (name.member.program, name.member.key)
        return record if is_theirs else None

    def _told(self, record: Record, company: Company, now: datetime) -> Transaction | None:
        account = self._accounts.get(record.program)
        return None if account is None else retold(record, company, account.program.currency, now)

    async def _company(self, record: Record) -> Company:
        about = await self._journal.about(record.id)
        original = await self._original(record)
        beside = () if original is None else await self._journal.about(original.id)
        return Company(about, original, beside)

    async def _original(self, record: Record) -> Record | None:
        if record.kind not in UNDOING or record.target is None:
            return None
        return await self._journal.get(record.target)


def _earliest(told: Transaction) -> datetime:
    """The first that it may have been recorded here: a till's clock may be ahead of ours."""
    return min(told.occurred_at, told.posted_at or told.occurred_at)


_BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
