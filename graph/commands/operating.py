"""Operations by hand: which are open or in need of a person, their evidence, and settling one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import typer

from graph.app import utc_now
from graph.commands.ledgers import with_ledger
from graph.commands.terminal import BAD_CONFIGURATION, TROUBLE, columns, fail, say
from graph.settings import Settings
from ledger.customers import LinkRefused
from ledger.journal import OPEN, Event, Journal, Overtaken, Record, State, StepRecord
from resolvers.records import shown_name
from resolvers.settling import NotUnderReview, settle

SHOWN = (State.NEEDS_REVIEW, *sorted(OPEN))
"""What is listed: what a person must look at, and what work is left to do on."""

_HEAD = ("State", "Kind", "Program", "Age", "Sent", "Looks", "Next look", "Operation")


async def listed(journal: Journal, most: int, now: datetime) -> list[str]:
    """The lines of the list: those in need of a person first, then the oldest."""
    records = await journal.in_state(SHOWN, most)
    if not records:
        return ["Nothing is open, and nothing needs a person."]
    first = sorted(records, key=lambda r: (r.state is not State.NEEDS_REVIEW, r.created_at))
    lines = columns([_HEAD, *(_row(record, now) for record in first)])
    return [*lines, "", _sum(await journal.counts(), len(records))]


def _row(record: Record, now: datetime) -> tuple[str, ...]:
    return (
        record.state.value,
        record.kind,
        record.program,
        span(now - record.created_at),
        str(sum(step.sends for step in record.steps)),
        str(record.looks),
        _until(record.next_at, now) if record.state in OPEN else "-",
        record.id,
    )


def _sum(counts: Mapping[State, int], shown: int) -> str:
    open_ = sum(counts.get(state, 0) for state in OPEN)
    review = counts.get(State.NEEDS_REVIEW, 0)
    cut = "" if shown >= open_ + review else f"; the oldest {shown} are shown (--most)"
    return f"{open_} open, {review} in need of a person{cut}"


async def evidence(journal: Journal, record: Record, now: datetime) -> list[str]:
    """All that is known of one operation, but for what is personal or secret."""
    return [
        *columns(_facts(record, now)),
        "",
        "Steps",
        *(columns(list(_steps(record.steps))) if record.steps else ["none was sent"]),
        "",
        "Events",
        *_told(await journal.events(record.id)),
    ]


def _facts(record: Record, now: datetime) -> list[tuple[str, str]]:
    facts = [
        ("Operation", record.id),
        ("State", record.state.value),
        ("Kind", record.kind),
        ("Program", record.program),
        ("Started", f"{_instant(record.created_at)} ({span(now - record.created_at)} ago)"),
        ("Finished", _instant(record.finished_at) if record.finished_at else None),
        ("Document", record.document),
        ("Known as", shown_name(record.native)),
        ("Undoes", record.target),
        ("Looks", str(record.looks)),
        ("Next look", _until(record.next_at, now) if record.state in OPEN else None),
        ("Trace", record.trace_id),
    ]
    return [(name, value) for name, value in facts if value]


def _steps(steps: Sequence[StepRecord]) -> Iterator[tuple[str, ...]]:
    yield ("", "Step", "Reference", "Sent", "First", "Over", "SHA-256 of its bytes")
    for step in steps:
        yield (
            str(step.seq),
            step.name,
            step.reference or "-",
            str(step.sends),
            _instant(step.sent_at),
            "no" if step.outcome is None else "yes",
            step.digest.hex(),
        )


def _told(events: Sequence[Event]) -> Iterator[str]:
    rows = [
        (
            _instant(event.at),
            f"{event.before.value if event.before else '-'} -> {event.after.value}",
            event.actor,
            event.why,
        )
        for event in events
    ]
    lines = columns(rows) if rows else ["none"]
    for line, event in zip(lines, events, strict=False):
        yield line
        if event.evidence:
            yield from (f"    {part}" for part in _readable(event.evidence).splitlines())


def _readable(evidence: bytes) -> str:
    """What a look found, as text; control characters could play with the terminal."""
    text = evidence.decode("utf-8", "replace")
    return "".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in text)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an operator found, by which word of the command line, and why."""

    found: State
    reason: str
    operator: str


_LONGEST_REASON = 500


def settle_by_hand(settings: Settings, operation: str, verdict: Verdict) -> None:
    """Record a verdict on an operation under review."""
    reason = verdict.reason.strip()
    if not 0 < len(reason) <= _LONGEST_REASON or not reason.isprintable():
        fail(
            [f"--reason: say why, in one line of at most {_LONGEST_REASON} characters"],
            BAD_CONFIGURATION,
        )

    async def work(journal: Journal) -> Record | str:
        record = await journal.get(operation)
        if record is None:
            return NO_SUCH
        try:
            return await settle(
                journal, record, verdict.found, reason, operator=verdict.operator, now=utc_now()
            )
        except NotUnderReview:
            return f"{operation} is {record.state.value}: only NEEDS_REVIEW is settled by hand"
        except Overtaken:
            return f"{operation} was changed meanwhile: look at it again"
        except LinkRefused as refused:
            return f"{operation} cannot be confirmed, its link is refused: {refused.refusal.value}"

    told = with_ledger(settings, work)
    if isinstance(told, str):
        fail([told], TROUBLE)
    say(f"{operation} is {told.state.value} now, by {verdict.operator}: {reason}")


NO_SUCH = "there is no such operation in this ledger"


def show_list(settings: Settings, most: int) -> None:
    """Print what is open, and what needs a person."""
    show(with_ledger(settings, lambda journal: listed(journal, most, utc_now())), title=True)


def show_one(settings: Settings, operation: str) -> None:
    """Print the evidence for one operation."""

    async def work(journal: Journal) -> list[str] | None:
        record = await journal.get(operation)
        return None if record is None else await evidence(journal, record, utc_now())

    lines = with_ledger(settings, work)
    if lines is None:
        fail([NO_SUCH], TROUBLE)
    show(lines)


def span(passed: timedelta) -> str:
    """How long something took or lasts, in the two largest units that matter."""
    seconds = max(0, int(passed.total_seconds()))
    days, rest = divmod(seconds, 86_400)
    hours, rest = divmod(rest, 3_600)
    minutes, seconds = divmod(rest, 60)
    if days:
        return f"{days} d {hours} h"
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"


def _until(at: datetime | None, now: datetime) -> str:
    return "now" if at is None or at <= now else f"in {span(at - now)}"


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def show(lines: Sequence[str], *, title: bool = False) -> None:
    """Print lines; the first one is a table's head if `title`."""
    for n, line in enumerate(lines):
        say(typer.style(line, bold=True) if title and n == 0 else line)
