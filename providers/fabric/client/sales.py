"""Reading a member's transactions (contract 8.3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from loyalty.errors import InvalidInput, MemberNotFound
from loyalty.sales import Transaction
from providers.fabric.client.session import Ask, Session, next_second
from providers.fabric.mapping import sales as mapping
from providers.fabric.mapping.bodies import stamp
from providers.fabric.mapping.tenant import uuid
from providers.fabric.profile import MOVEMENTS, Upstream
from providers.fabric.wire.sales import WireTransaction, WireTransactionsReply
from providers.port import Page, PageRequest, Period

_OPERATION = Upstream.GET_TRANSACTIONS
_EARLIEST = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Placed:
    """A row and the offset at which the list goes on after it."""

    row: WireTransaction
    position: int


class Sales(Session):
    """ListsTransactions."""

    async def transactions(self, key: str, period: Period, page: PageRequest) -> Page[Transaction]:
        """A page of the history; a position is the provider's offset. Raises MemberNotFound."""
        profile_id = self.member_key(key)
        offset = self._offset(page.after)
        if self.settings.assumptions.transactions_newest_first:
            placed = await self._stretch(profile_id, period, offset, page.first + 1)
        else:
            placed = (await self._sorted(profile_id, period))[offset:]
        shown = placed[: page.first]
        return Page(
            entries=self._entries([each.row for each in shown], profile_id),
            positions=tuple(str(each.position) for each in shown),
            has_next=len(placed) > page.first,
        )

    async def transaction(self, key: str, transaction: tuple[str, ...]) -> Transaction | None:
        """By (reference, type, code), any two of which may be empty; raises MemberNotFound."""
        profile_id = uuid(key)
        reference, kind, code = (*transaction, "", "", "")[:3]
        filters = _filters(reference, kind, code)
        if profile_id is None or filters is None:
            return None
        wanted = (reference, kind, code.lower())
        ask = Ask(_OPERATION, _PATH, {"profileId": profile_id, **filters})
        try:
            rows = await self.pages(ask, WireTransactionsReply, lambda row: _is(row, wanted))
        except MemberNotFound:
            return None
        found = self._entries([row for row in rows if _is(row, wanted)][:1], profile_id)
        return found[0] if found else None

    async def _stretch(
        self, profile_id: str, period: Period, offset: int, wanted: int
    ) -> list[_Placed]:
        """`wanted` different transactions from `offset` on, or all there are."""
        ask = _history(profile_id, period)
        placed: dict[str, _Placed] = {}
        seen: set[str] = set()
        while len(placed) < wanted:
            size = min(self.settings.assumptions.page_size, wanted - len(placed))
            rows = await self.page(ask, WireTransactionsReply, offset, size)
            codes = {row.transaction_code for row in rows}
            if codes and codes <= seen:
                raise self.bad_response(_OPERATION)  # the same rows again: no way to the end
            for position, row in enumerate(rows, offset + 1):
                if row.transaction_code not in seen and _within(row, period):
                    placed[row.transaction_code] = _Placed(row, position)
            seen |= codes
            offset += len(rows)
            if len(rows) < size:
                break
        return list(placed.values())

    async def _sorted(self, profile_id: str, period: Period) -> list[_Placed]:
        """The whole period, put in order by us."""
        rows = await self.pages(_history(profile_id, period), WireTransactionsReply)
        distinct = {row.transaction_code: row for row in rows if _within(row, period)}
        newest_first = sorted(distinct.values(), key=_posted_at, reverse=True)
        return [_Placed(row, position) for position, row in enumerate(newest_first, 1)]

    def _entries(self, rows: Sequence[WireTransaction], profile_id: str) -> tuple[Transaction, ...]:
        for row in rows:
            if not mapping.is_known(row):
                self.unmapped[_OPERATION, f"transactionType {row.transaction_type}"] += 1
        with self.reading(_OPERATION):
            return tuple(
                mapping.transaction(row, profile_id, self.tenant, self.now()) for row in rows
            )

    def _offset(self, after: str | None) -> int:
        if after is None:
            return 0
        if not (after.isascii() and after.isdigit() and len(after) <= 9):  # noqa: PLR2004 - int32
            raise InvalidInput(
                "not a position of this list", field=("after",), program=self.program
            )
        return int(after)


_PATH = "/v2/earn/get-transaction"


def _history(profile_id: str, period: Period) -> Ask:
    query = {"profileId": profile_id}
    if period.starts_at is not None:
        query["startTimestampUTC"] = stamp(period.starts_at)
    if period.ends_at is not None:
        query["endTimestampUTC"] = stamp(next_second(period.ends_at))
    return Ask(_OPERATION, _PATH, query)


def _filters(reference: str, kind: str, code: str) -> dict[str, str] | None:
    """The narrowest search for a transaction; None where nothing can have such a key."""
    if code:
        engine_code = uuid(code)
        return None if engine_code is None else {"transactionCode": engine_code}
    if not reference:
        return None
    narrowed = {"transactionType": kind} if kind in MOVEMENTS else {}
    return {"transactionExternalReference": reference, **narrowed}


def _is(row: WireTransaction, wanted: tuple[str, str, str]) -> bool:
    told = (
        row.transaction_external_reference,
        row.transaction_type,
        row.transaction_code.lower(),
    )
    return all(asked in ("", given) for asked, given in zip(wanted, told, strict=True))


def _within(row: WireTransaction, period: Period) -> bool:
    """Whether the row belongs to the period by either of its times; the contract names neither."""
    times = [at for at in (row.transaction_date_time, row.activity_timestamp) if at is not None]
    return not times or any(_inside(at, period) for at in times)


def _inside(moment: datetime, period: Period) -> bool:
    after_start = period.starts_at is None or moment >= period.starts_at
    return after_start and (period.ends_at is None or moment <= period.ends_at)


def _posted_at(row: WireTransaction) -> datetime:
    return row.transaction_date_time or row.activity_timestamp or _EARLIEST
