"""Settling all that is open, now: drives it to its end, shows how far it is, and how it ended.

It works beside running servers: an operation is claimed by one of them at a time.
"""

import asyncio
import sys
from collections import Counter
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from graph.app import utc_now
from graph.commands.ledgers import desk_over, with_programs
from graph.commands.operating import listed, show
from graph.commands.terminal import columns, say
from graph.settings import Settings
from ledger.journal import OPEN, Journal, Record, State
from resolvers.accounts import Accounts
from resolvers.pace import Pace
from resolvers.reconcile import Resolver, Settlement

STILL_OPEN = 3
"""The exit code when something is open still."""
NEEDS_A_PERSON = 4
"""The exit code when nothing is open, and something needs a person."""

_MOST = 10_000
_HEAD = ("Operation", "Kind", "Program", "Was", "Is", "Why")

Say = Callable[[str], None]


@dataclass(slots=True)
class Round:
    """What a run of the command has seen: each operation as it was first, and as it is now."""

    before: dict[str, Record] = field(default_factory=dict[str, Record])
    settled: dict[str, Settlement] = field(default_factory=dict[str, Settlement])

    def see(self, records: Sequence[Record]) -> None:
        """Note what is open."""
        for record in records:
            self.before.setdefault(record.id, record)

    def note(self, settlement: Settlement) -> None:
        """Note what one try made of an operation."""
        self.settled[settlement.operation] = settlement

    @property
    def ended(self) -> int:
        """How many are not open any more."""
        return sum(each.after not in OPEN for each in self.settled.values())


def reconcile(settings: Settings, seconds: float) -> int:
    """Settle what is open, for so many seconds at most; the exit code."""

    async def work(journal: Journal, accounts: Accounts) -> int:
        async with desk_over(journal, accounts, Pace()) as desk:
            seen = await _settled(journal, Resolver(desk), seconds)
        return await _told(journal, seen)

    return with_programs(settings, work)


async def _settled(journal: Journal, resolver: Resolver, seconds: float) -> Round:
    """Try what is due, wait for what will be, until nothing is open or the time is over."""
    seen = Round()
    ends = utc_now() + timedelta(seconds=seconds)
    with _progress() as shown:
        while open_ := await journal.in_state(tuple(OPEN), _MOST):
            seen.see(open_)
            shown(seen, len(open_))
            async for settlement in resolver.once():
                seen.note(settlement)
                shown(seen, len(seen.before) - seen.ended)
            due = _due(await journal.in_state(tuple(OPEN), _MOST))
            if due is None or max(due, utc_now()) >= ends:
                break
            await asyncio.sleep(min(max((due - utc_now()).total_seconds(), _PAUSE), _LOOK))
    return seen


_PAUSE = 0.05
_LOOK = 5.0
"""Seconds between two looks at what others have settled meanwhile."""


def _due(records: Sequence[Record]) -> datetime | None:
    """When the first of them may be tried."""
    return min(
        (max(filter(None, (r.next_at, r.lease_until)), default=r.created_at) for r in records),
        default=None,
    )


async def _told(journal: Journal, seen: Round) -> int:
    """Say what became of each, and how it stands altogether; the exit code."""
    now = utc_now()
    after = [await journal.get(operation) for operation in seen.before]
    rows = [_row(seen, record) for record in after if record is not None]
    ended = Counter(record.state for record in after if record and record.state not in OPEN)
    if rows:
        show(columns([_HEAD, *rows]), title=True)
        say("")
    counts = await journal.counts()
    open_ = sum(counts.get(state, 0) for state in OPEN)
    review = counts.get(State.NEEDS_REVIEW, 0)
    kinds = ", ".join(f"{n} {state.value}" for state, n in sorted(ended.items()))
    say(f"{sum(ended.values())} settled{f' ({kinds})' if kinds else ''}; {open_} still open")
    if open_ or review:
        say("")
        show(await listed(journal, _SHOWN, now), title=True)
    if open_:
        return STILL_OPEN
    return NEEDS_A_PERSON if review else 0


_SHOWN = 50


def _row(seen: Round, record: Record) -> tuple[str, ...]:
    settlement = seen.settled.get(record.id)
    was = seen.before[record.id].state
    why = settlement.why if settlement else "by another server" if record.state not in OPEN else "-"
    return (record.id, record.kind, record.program, was.value, record.state.value, why)


@contextmanager
def _progress() -> Generator[Callable[[Round, int], None]]:
    """Shows how far it is: a bar on a terminal, else a line whenever something has ended."""
    if not sys.stderr.isatty():
        yield _lines()
        return
    parts = (
        TextColumn("settling"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[open]} open"),
        TimeElapsedColumn(),
    )
    with Progress(*parts, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("settling", total=None, open=0)

        def shown(seen: Round, open_: int) -> None:
            bar.update(task, total=len(seen.before), completed=seen.ended, open=open_)

        yield shown


def _lines() -> Callable[[Round, int], None]:
    told: list[tuple[int, int]] = []

    def shown(seen: Round, open_: int) -> None:
        state = (seen.ended, open_)
        if not told or told[-1] != state:
            told.append(state)
            sys.stderr.write(f"settling: {seen.ended} of {len(seen.before)} ended, {open_} open\n")

    return shown
