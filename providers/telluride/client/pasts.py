"""What members did: totals of a period, and transactions cut into pages by us."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

from loyalty.errors import InvalidInput
from loyalty.sales import Activity, Transaction
from providers.port import Page, PageRequest, Period
from providers.telluride.client.desk import Desk
from providers.telluride.client.numbers import is_number
from providers.telluride.client.people import People
from providers.telluride.mapping.activity import activity
from providers.telluride.mapping.transactions import Key, history, position, transaction
from providers.telluride.profile.apis import Api
from providers.telluride.wire.activity import WireRow, WireRows, WireSummary
from providers.telluride.wire.scalars import array_of

DEFAULT_PERIOD = timedelta(days=90)
"""What an open beginning means; who asks usually says."""

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
_BEFORE_ALL = datetime(1970, 1, 2, tzinfo=UTC)

Entry = tuple[Key, tuple[WireRow, ...]]


class Pasts:
    """Histories of the program's members.

    The upstream answers a whole window at once. It is asked for a day more on each side, in case
    it filters by the time of posting (U-32), and the rows are cut to the period here.
    """

    def __init__(self, desk: Desk, people: People, span: timedelta) -> None:
        self._desk = desk
        self._people = people
        self._span = span

    async def activity(
        self, number: str, starts_at: datetime, ends_at: datetime
    ) -> Activity | None:
        """The totals; raises where they contradict themselves (4.10)."""
        if not is_number(number):
            return None
        desk = self._desk
        body = desk.bodies.summary(number, starts_at, ends_at)
        answer = await desk.exchange.read(Api.ACTIVITY_SUMMARY, body, WireSummary)
        if answer is None:
            return None
        await self._people.expect(number, answer.member_number)
        told = activity(answer, starts_at, ends_at)
        if told is None:
            raise desk.bad("opening + earned - redeemed - expired is not the closing balance")
        return told

    async def transactions(
        self, number: str, period: Period, page: PageRequest
    ) -> Page[Transaction]:
        """A page, newest first; a page further on asks from its position downwards only."""
        if not is_number(number):
            raise self._desk.nobody()
        after = self._after(page)
        newest = self._desk.now() + _DAY
        ends_at = min(period.ends_at or newest, newest)
        starts_at = max(period.starts_at or ends_at - DEFAULT_PERIOD, _BEFORE_ALL)
        found: list[Entry] = []
        async for rows in self._windows(number, starts_at, self._until(ends_at, after)):
            found += [
                entry
                for entry in history(self._desk.account, rows)
                if _within(entry, starts_at, ends_at)
                and (after is None or position(entry[0]) < after)
            ]
            if len(found) > page.first:
                break
        return self._page(number, found, page.first)

    async def transaction(self, number: str, wanted: tuple[str, ...]) -> Transaction | None:
        """The transaction of a key, looked for a day around its time."""
        named = _named(wanted)
        if named is None or not is_number(number):
            return None
        at = datetime.fromisoformat(named[3]).replace(tzinfo=self._desk.account.zone)
        entries = history(self._desk.account, await self.around(number, at))
        entry = next((entry for entry in entries if entry[0] == named), None)
        return None if entry is None else self._transaction(number, entry)

    async def around(self, number: str, at: datetime) -> tuple[WireRow, ...]:
        """The rows of a day before and after an instant, in case it is the time of posting."""
        return await self._rows(number, at - _DAY, at + _DAY) or ()

    async def _windows(
        self, number: str, starts_at: datetime, ends_at: datetime
    ) -> AsyncIterator[tuple[WireRow, ...]]:
        """The rows of the period by windows no longer than the upstream takes, newest first."""
        first, last = starts_at - _DAY, ends_at + _DAY
        while last >= first:
            begin = max(first, last - self._span)
            rows = await self._rows(number, begin, last)
            if rows is None:
                raise self._desk.nobody()
            yield rows
            last = begin - _SECOND

    async def _rows(
        self, number: str, starts_at: datetime, ends_at: datetime
    ) -> tuple[WireRow, ...] | None:
        desk = self._desk
        body = desk.bodies.details(number, starts_at, ends_at)
        answer = await desk.exchange.read(Api.ACTIVITY_DETAIL, body, WireRows)
        return None if answer is None else answer.rows

    def _page(self, number: str, found: list[Entry], first: int) -> Page[Transaction]:
        shown = found[:first]
        return Page(
            entries=tuple(self._transaction(number, entry) for entry in shown),
            positions=tuple(json.dumps(position(named)) for named, _ in shown),
            has_next=len(found) > first,
        )

    def _transaction(self, number: str, entry: Entry) -> Transaction:
        account = self._desk.account
        return transaction(account, account.ref(number), *entry, self._desk.now())

    def _until(self, ends_at: datetime, after: tuple[str, ...] | None) -> datetime:
        if after is None:
            return ends_at
        return min(
            ends_at, datetime.fromisoformat(after[0]).replace(tzinfo=self._desk.account.zone)
        )

    def _after(self, page: PageRequest) -> tuple[str, ...] | None:
        if page.after is None:
            return None
        after = _position(page.after)
        if after is None:
            raise InvalidInput(
                "this cursor belongs to another list; start without one",
                field=("after",),
                program=self._desk.account.program,
            )
        return after


def _within(entry: Entry, starts_at: datetime, ends_at: datetime) -> bool:
    at = entry[1][0].occurred_at
    return at is not None and starts_at <= at <= ends_at


def _position(text: str) -> tuple[str, ...] | None:
    """A position as `_page` wrote it: a local time and three more parts."""
    try:
        parts: object = json.loads(text)
    except ValueError:
        return None
    texts = tuple(part for part in array_of(parts) or () if isinstance(part, str))
    if len(texts) != 4 or not _is_local(texts[0]):  # noqa: PLR2004 (time, store, register, number)
        return None
    return texts


def _named(wanted: tuple[str, ...]) -> Key | None:
    """A key of TransactionRef, normalised as in contract 7.3; None where it cannot be one."""
    if len(wanted) != 4 or not _is_local(wanted[3]):  # noqa: PLR2004 (store, register, number, time)
        return None
    store, register, number, at = wanted
    return store.zfill(5), register.zfill(3), number.lstrip("0"), at


def _is_local(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is None
    except ValueError:
        return False
