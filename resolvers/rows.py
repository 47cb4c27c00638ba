"""A page of a member's history: what the provider tells and we complete, or what only we know."""

import itertools
import logging
from dataclasses import dataclass

from loyalty.errors import Unavailable
from loyalty.refs import MemberRef, PostedRef, TransactionRef
from loyalty.sales import Transaction
from providers.port import ListsTransactions, Page, PageRequest, Period
from providers.write_abilities import PostsSales
from resolvers.accounts import Accounts
from resolvers.desk import Desk
from resolvers.loaders import Loaders, opened
from resolvers.paging import cut

log = logging.getLogger("loyalty_graph.rows")

_READS = 4
"""How often a provider is asked for one page; a short one says itself that it goes on."""


@dataclass(frozen=True, slots=True)
class Row:
    """A transaction; `ours`: our own record is all that tells of it."""

    value: Transaction
    ours: bool = False


class Rows:
    """Transactions for one request."""

    def __init__(self, accounts: Accounts, loaders: Loaders, desk: Desk) -> None:
        self._accounts = accounts
        self._loaders = loaders
        self._desk = desk

    async def page(
        self, member: MemberRef, period: Period, request: PageRequest
    ) -> Page[Row] | None:
        """A page, newest first; None where neither the program nor our record has a history."""
        account = self._accounts.get(member.program)
        if account is None:
            return None
        if isinstance(account.provider, ListsTransactions):
            return await self._told(member, period, request)
        if isinstance(account.provider, PostsSales):
            ours = await self._desk.sales_of(member, period)
            return cut([Row(each, ours=True) for each in ours], _name, request)
        return None

    async def one(self, name: TransactionRef | PostedRef) -> Row | None:
        """One transaction, by its provider's word where it has one, else by ours."""
        if isinstance(name, TransactionRef):
            found = opened(await self._loaders.transaction(name))
            if found is not None:
                return (await self._completed(name.member, (found,)))[0]  # None: a part of another
        ours = await self._desk.transaction(name)
        return None if ours is None else Row(ours, ours=True)

    async def _told(
        self, member: MemberRef, period: Period, request: PageRequest
    ) -> Page[Row] | None:
        """A full page, if there is as much: what is told with another takes no place in it."""
        shown: list[tuple[Row, str]] = []
        for reads in itertools.count(1):
            page = opened(await self._loaders.transactions(member, period, request))
            if page is None:
                return None
            rows = await self._completed(member, page.entries)
            pairs = zip(rows, page.positions, strict=True)
            shown += [(row, position) for row, position in pairs if row is not None]
            left = request.first - sum(row is not None for row in rows)
            ends = not (left and page.has_next and page.positions)
            if ends or (shown and reads >= _READS):
                return Page(
                    tuple(row for row, _ in shown),
                    tuple(position for _, position in shown),
                    page.has_next,
                )
            request = PageRequest(left, page.positions[-1])
        return None

    async def _completed(
        self, member: MemberRef, told: tuple[Transaction, ...]
    ) -> tuple[Row | None, ...]:
        """With what we know beside it; without the ledger a history is as its provider tells it.

        None in the place of one that is told with another.
        """
        account = self._accounts.get(member.program)
        if account is None or not isinstance(account.provider, PostsSales):
            return tuple(Row(each) for each in told)
        try:
            completed = await self._desk.completed(member, told)
            return tuple(None if each is None else Row(each) for each in completed)
        except Unavailable:
            log.warning("history without the ledger", extra={"program": member.program})
            return tuple(Row(each) for each in told)


def _name(row: Row) -> str:
    ref = row.value.ref
    return ref.operation if isinstance(ref, PostedRef) else "/".join(ref.key)
