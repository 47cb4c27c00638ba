"""The desk: where every mutation is handed in, done once, and asked about afterwards."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeVar
from weakref import WeakValueDictionary

from ledger.journal import OPEN, Journal, LedgerSilent, LedgerUnavailable, Record, State
from loyalty.commands import Command
from loyalty.errors import Declined, ErrorCode, LoyaltyError, Unavailable
from loyalty.outcomes import OperationStatus, Posted, Redeemed
from loyalty.refs import MemberRef, PostedRef, TransactionRef
from loyalty.sales import Transaction
from providers.deadline import deadline_in, without_deadline
from providers.port import Period
from resolvers.accounts import Accounts
from resolvers.callers import Caller
from resolvers.courses import Courses
from resolvers.doubts import Doubts
from resolvers.driver import Driver
from resolvers.histories import Histories, Links
from resolvers.keeping import Unreadable
from resolvers.known_keys import KnownKeys
from resolvers.numbers import Numbers
from resolvers.office import Clocks, Office, ledger_unavailable, perhaps_recorded
from resolvers.opening import Asked, Begun, Known, Opened, Opening
from resolvers.pace import Pace
from resolvers.receipts import STATUS, Receipt, Told
from resolvers.recording import Recorder
from resolvers.records import receipt_of
from resolvers.renewing import is_over, not_renewed, renewed
from resolvers.shared_time import SharedTime
from resolvers.standing import holding, redemption, sale
from resolvers.targets import Targets
from resolvers.watch import Watch

log = logging.getLogger("loyalty_graph.desk")

T = TypeVar("T")


def _nobody(_ref: MemberRef) -> None:
    return None


def _of_erased(record: Record) -> Told:
    """How it ended, which is all that is left: what was done must not be done again."""
    ended = STATUS[record.state]
    if ended is OperationStatus.SUCCEEDED:
        return Told(None, (), ended)
    msg = "it was not done, and what was asked has been erased since; take a new key"
    return Told(None, (Declined(msg, code=ErrorCode.NOT_FOUND, program=record.program),), ended)


class Desk:
    """One a server. Safe for any number of tasks, and for several servers on one journal."""

    def __init__(
        self,
        accounts: Accounts,
        journal: Journal,
        *,
        pace: Pace | None = None,
        changed: Callable[[MemberRef], None] = _nobody,
        clocks: Clocks | None = None,
    ) -> None:
        """Take the programs and the journal.

        `changed` is told of every member whose change is CONFIRMED, also when that is found out
        later, in the background: for memories that outlive a request. (A request's own loaders
        forget `Told.members`.)
        """
        clocks = clocks or Clocks()
        self.office = Office(
            accounts=accounts,
            journal=journal,
            pace=pace or Pace(),
            clocks=clocks,
            time=SharedTime(clocks.monotonic, clocks.now),
            changed=changed,
        )
        targets = Targets(journal)
        self.recorder = Recorder(self.office)
        self.courses = Courses(self.office, targets, Numbers(journal))
        self.driver = Driver(self.office, self.recorder)
        self.watch = Watch(self.office, self.recorder)
        self.doubts = Doubts(self.office, self.recorder, self.driver, self.watch)
        self._opening = Opening(self.office, self.recorder, targets, self.courses)
        self._histories = Histories(accounts, journal)
        self._runs: dict[str, asyncio.Task[Record]] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._turns: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()
        self._keys = KnownKeys()
        self._closing = False

    # ------------------------------------------------------------------ doing

    async def do(self, caller: Caller, key: str, command: Command, trace_id: str) -> Told:
        """Do it once; tell what came of it within the answer time. Business never raises.

        A client that goes away changes nothing: what was begun is carried on.
        """
        pace = self.office.pace
        ends = self.office.clock() + pace.seconds(pace.answer)
        asked = Asked(caller=caller, key=key, command=command, trace_id=trace_id, ends=ends)
        try:
            if self._closing:
                raise self._closed(asked)
            begun = self._detached(self._begun(asked))
            patience = ends - self.office.clock() + pace.seconds(pace.margin)
            await asyncio.wait({begun}, timeout=patience)
            if not begun.done():
                raise perhaps_recorded(
                    ErrorCode.LEDGER_UNAVAILABLE, "the ledger did not answer in time"
                )
            known = begun.result()
            return known if isinstance(known, Told) else await self._awaited(known, command, ends)
        except LedgerUnavailable:
            return Told(None, (self._without_ledger(asked),))
        except LoyaltyError as error:
            return Told(None, (error,))

    def runs(self, operation: str) -> bool:
        """Whether this process is driving the operation now."""
        return operation in self._runs

    async def _begun(self, asked: Asked) -> Known | Told:
        """The operation of a mutation, begun if there is none; one at a time a key."""
        named = (asked.caller.scope, asked.key)
        turn = self._turns.setdefault(named, asyncio.Lock())
        async with turn:
            left = max(0.0, asked.ends - self.office.clock())
            with deadline_in(left, clock=self.office.clock):
                opened = await self._opened(asked)
            if not isinstance(opened, Begun):
                return opened
            operation = opened.course.record.id
            run = self._runs[operation] = self._detached(self._driven(opened, asked.ends))
            run.add_done_callback(lambda _: self._runs.pop(operation, None))
            return Known(opened.course.record, replayed=False)

    async def _opened(self, asked: Asked) -> Opened:
        """The same, keeping in mind which keys there may be an operation of."""
        try:
            opened = await self._opening.open(asked)
        except LedgerSilent:
            self._keys.add(asked.caller.scope, asked.key)
            raise
        if not isinstance(opened, Told):
            self._keys.add(asked.caller.scope, asked.key)
        return opened

    async def _driven(self, begun: Begun, ends: float) -> Record:
        await self.driver.send(begun.course, begun.leave_by, ends)
        return begun.course.record

    async def _awaited(self, known: Known, command: Command, ends: float) -> Told:
        """What became of it by the end of the answer time."""
        record = known.record
        run = self._runs.get(record.id)
        if run is not None:
            await asyncio.wait({run}, timeout=max(0.0, ends - self.office.clock()))
            if run.done() and not run.cancelled() and run.exception() is None:
                record = run.result()
        record = await self._settled(record, ends)
        if not is_over(record, command, self.office):
            return self._told(record, replayed=known.replayed)
        try:
            record = await renewed(self.office, self.courses, record, command)
        except (LoyaltyError, LedgerUnavailable) as error:
            return not_renewed(self._told(record, replayed=known.replayed), error)
        return self._told(record, replayed=known.replayed)

    async def _settled(self, record: Record, ends: float) -> Record:
        """The record, once somebody (here or on another server) has ended it, or time is up."""
        office, tries = self.office, 0
        longest = office.pace.seconds(office.pace.poll)
        while record.state in OPEN:
            wait = min(longest, office.backoff(tries))
            if office.clock() + wait >= ends:
                break
            await office.clocks.sleep(wait)
            try:
                record = await office.journal.get(record.id) or record
            except LedgerUnavailable:
                break
            tries += 1
        return record

    def _told(self, record: Record, *, replayed: bool) -> Told:
        receipt = self._receipt(record, replayed=replayed)
        return _of_erased(record) if receipt is None else Told(receipt, receipt.errors)

    def _receipt(self, record: Record, *, replayed: bool) -> Receipt | None:
        try:
            return receipt_of(record, self.office.now(), replayed=replayed)
        except Unreadable:
            log.exception("a record cannot be read", extra={"operation": record.id})
            msg = "the record of this operation cannot be read; its trace id helps to find out why"
            raise LoyaltyError(msg, code=ErrorCode.INTERNAL) from None

    def _detached(self, work: Coroutine[Any, Any, T]) -> "asyncio.Task[T]":
        """A task that neither the request's end nor its deadline stops."""
        task = asyncio.create_task(work, context=without_deadline())
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: "asyncio.Task[Any]") -> None:
        self._tasks.discard(task)
        defect = None if task.cancelled() else task.exception()
        if defect is not None and not isinstance(defect, LoyaltyError | LedgerUnavailable):
            log.error("defect at the desk", exc_info=defect)

    def _without_ledger(self, asked: Asked) -> LoyaltyError:
        """Refused, unless there may be an operation that nobody can look up now."""
        if self._keys.has(asked.caller.scope, asked.key):
            return perhaps_recorded(ErrorCode.LEDGER_UNAVAILABLE, "the ledger cannot be asked now")
        return ledger_unavailable()

    def _closed(self, asked: Asked) -> LoyaltyError:
        """The same while the server stops."""
        why = "the server is about to stop"
        if self._keys.has(asked.caller.scope, asked.key):
            return perhaps_recorded(ErrorCode.OVERLOADED, why)
        return Unavailable(f"{why}; try again in a moment", code=ErrorCode.OVERLOADED)

    # ------------------------------------------------------------------ asking

    async def operation(self, caller: Caller, key: str) -> Receipt | None:
        """What became of the mutation with this key; None where the caller never used it.

        Raises Unavailable (LEDGER_UNAVAILABLE), as all reads here do.
        """
        record = await self._read(self.office.journal.find(caller.scope, key))
        return None if record is None else self._receipt(record, replayed=True)

    async def receipt(self, caller: Caller, operation: str) -> Receipt | None:
        """The operation with this id; None where it is not the caller's."""
        record = await self._read(self.office.journal.get(operation))
        if record is None or record.scope != caller.scope:
            return None
        return self._receipt(record, replayed=True)

    async def posted(self, operation: str) -> Posted | None:
        """The sale (or adjustment) that this operation posted, with its returns and its void."""
        journal = self.office.journal
        record = await self._read(journal.get(operation))
        if record is None or record.state is not State.CONFIRMED:
            return None
        found = await self._read(sale(journal, record))
        return None if found is None else found.posted

    async def redeemed(self, operation: str) -> Redeemed | None:
        """The redemption that this operation made or captured, and where it stands."""
        journal = self.office.journal
        record = await self._read(redemption(journal, operation))
        if record is None:
            return None
        found = await self._read(holding(journal, record, self.office.now()))
        return None if found is None else found.redeemed

    async def sales_of(self, member: MemberRef, period: Period) -> list[Transaction]:
        """What went through us for a member, newest first: the history of a program without one."""
        return await self._read(self._histories.sales_of(member, period, self.office.now()))

    async def completed(
        self, member: MemberRef, transactions: Sequence[Transaction]
    ) -> list[Transaction | None]:
        """A provider's page of transactions, with what we know of those that went through us.

        None in the place of one that is told with another, as a part of it.
        """
        now = self.office.now()
        return await self._read(self._histories.completed(member, transactions, now))

    async def transaction(self, name: TransactionRef | PostedRef) -> Transaction | None:
        """One transaction as our ledger tells it; None where it did not go through us."""
        return await self._read(self._histories.transaction(name, self.office.now()))

    async def links(self, name: TransactionRef | PostedRef) -> Links | None:
        """What a transaction of ours paid with, takes back, and is taken back by.

        None where it did not go through us.
        """
        return await self._read(self._histories.links(name))

    async def _read(self, reading: Coroutine[Any, Any, T]) -> T:
        try:
            return await reading
        except LedgerUnavailable:
            raise Unavailable(
                "the ledger cannot be read at the moment", code=ErrorCode.LEDGER_UNAVAILABLE
            ) from None

    # ------------------------------------------------------------------ closing

    async def aclose(self) -> None:
        """Take nothing more, wait for what is on the wire, then leave it to recovery."""
        self._closing = True
        ends = self.office.clock() + self.office.pace.seconds(self.office.pace.drain)
        while self._tasks and (left := ends - self.office.clock()) > 0:
            await asyncio.wait(set(self._tasks), timeout=left)  # what is begun becomes a run
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
