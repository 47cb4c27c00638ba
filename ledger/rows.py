"""Records as rows: what is sealed on the way in, and opened on the way out."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from ledger.journal import OPEN, Event, Record, State, StepRecord
from ledger.seal import Seals, Unreadable
from ledger.sql import Row, Value, instant, maybe_instant, maybe_text, number, raw, text

_log = logging.getLogger("ledger")

OPERATION = (
    "id, scope, key, fingerprint, kind, program, member, document, target, native, state, rev,"
    " created_at, finished_at, owner, lease_until, next_at, looks, tries, command, secret, result,"
    " result_secret, secret_until, trace_id"
)
STEP = "seq, name, digest, request, reference, serial, sent_at, sends, outcome"
COLUMNS = ", ".join(
    [f"o.{name}" for name in OPERATION.split(", ")] + [f"s.{name}" for name in STEP.split(", ")]
)
"""What is selected of operations (o) joined with their steps (s)."""

_WIDTH = len(OPERATION.split(", "))


def utc(moment: datetime | None) -> datetime | None:
    """The same instant in UTC; an instant without a zone is nobody's, so it is refused."""
    if moment is not None and moment.tzinfo is None:
        raise ValueError("an instant in the ledger needs a time zone")
    return moment if moment is None else moment.astimezone(UTC)


def plain(value: str | None) -> str | None:
    """Text that both databases can hold."""
    if value is not None and "\x00" in value:
        raise ValueError("a text in the ledger cannot hold the character NUL")
    return value


def sealed(seals: Seals, clear: bytes | None, row: str, column: str) -> bytes | None:
    """What is stored of a sealed column."""
    return None if clear is None else seals.seal(clear, row, column)


def _opened(seals: Seals, stored: object, row: str, column: str) -> bytes | None:
    return None if stored is None else seals.open(raw(stored), row, column)


def operation_args(record: Record, seals: Seals) -> Mapping[str, Value]:
    """All columns of a new operation."""
    row = record.id
    texts = {
        name: plain(getattr(record, name))
        for name in ("id", "scope", "key", "kind", "program", "member", "document", "target")
    }
    return texts | {
        "native": plain(record.native),
        "fingerprint": record.fingerprint,
        "state": record.state.value,
        "rev": record.rev,
        "created_at": utc(record.created_at),
        "finished_at": utc(record.finished_at),
        "owner": plain(record.owner),
        "lease_until": utc(record.lease_until),
        "next_at": utc(record.next_at),
        "looks": record.looks,
        "tries": record.tries,
        "command": sealed(seals, record.command, row, "command"),
        "secret": sealed(seals, record.secret, row, "secret"),
        "result": sealed(seals, record.result, row, "result"),
        "result_secret": sealed(seals, record.result_secret, row, "result_secret"),
        "secret_until": utc(record.secret_until),
        "trace_id": plain(record.trace_id),
    }


def step_columns(record: Record, step: StepRecord) -> dict[str, Value]:
    """The columns of a step that are not sealed; its serial is busy while the step is not over."""
    return {
        "operation": record.id,
        "seq": step.seq,
        "program": plain(record.program),
        "name": plain(step.name),
        "digest": step.digest,
        "reference": plain(step.reference),
        "serial": plain(step.serial),
        "busy": busy(record.state, step),
        "sent_at": utc(step.sent_at),
        "sends": step.sends,
    }


def step_args(record: Record, step: StepRecord, seals: Seals) -> Mapping[str, Value]:
    """All columns of a new step."""
    return step_columns(record, step) | {
        "request": sealed(seals, step.request, record.id, f"request {step.seq}"),
        "outcome": sealed(seals, step.outcome, record.id, f"outcome {step.seq}"),
    }


def busy(state: State, step: StepRecord) -> str | None:
    """The serial that a step keeps from others: while it is not over, in an open operation."""
    return step.serial if state in OPEN and step.outcome is None else None


def _step(row: Row, operation: str, seals: Seals) -> StepRecord:
    seq, name, digest, request, reference, serial, sent_at, sends, outcome = row
    place = number(seq)
    return StepRecord(
        seq=place,
        name=text(name),
        digest=raw(digest),
        request=_opened(seals, request, operation, f"request {place}"),
        reference=maybe_text(reference),
        serial=maybe_text(serial),
        sent_at=instant(sent_at),
        sends=number(sends),
        outcome=_opened(seals, outcome, operation, f"outcome {place}"),
    )


def _record(rows: Sequence[Row], seals: Seals) -> Record:
    """One operation from its rows, a row for each step."""
    (
        id_, scope, key, fingerprint, kind, program, member, document, target, native, state, rev,
        created_at, finished_at, owner, lease_until, next_at, looks, tries, command, secret, result,
        result_secret, secret_until, trace_id,
    ) = rows[0][:_WIDTH]  # fmt: skip
    row = text(id_)
    steps = (one[_WIDTH:] for one in rows if one[_WIDTH] is not None)
    return Record(
        id=row,
        scope=text(scope),
        key=text(key),
        fingerprint=raw(fingerprint),
        kind=text(kind),
        program=text(program),
        member=maybe_text(member),
        document=maybe_text(document),
        target=maybe_text(target),
        native=maybe_text(native),
        state=State(text(state)),
        rev=number(rev),
        created_at=instant(created_at),
        finished_at=maybe_instant(finished_at),
        owner=maybe_text(owner),
        lease_until=maybe_instant(lease_until),
        next_at=maybe_instant(next_at),
        looks=number(looks),
        tries=number(tries),
        command=seals.open(raw(command), row, "command"),
        secret=_opened(seals, secret, row, "secret"),
        result=_opened(seals, result, row, "result"),
        result_secret=_opened(seals, result_secret, row, "result_secret"),
        secret_until=maybe_instant(secret_until),
        trace_id=text(trace_id),
        steps=tuple(_step(step, row, seals) for step in steps),
    )


def _grouped(rows: Iterable[Row]) -> Iterable[list[Row]]:
    """The rows of each operation, in the order in which operations come."""
    groups: dict[object, list[Row]] = {}
    for row in rows:
        groups.setdefault(row[0], []).append(row)
    return groups.values()


def one(rows: Sequence[Row], seals: Seals) -> Record | None:
    """The first operation; raises Unreadable."""
    return next((_record(group, seals) for group in _grouped(rows)), None)


def many(rows: Sequence[Row], seals: Seals) -> list[Record]:
    """All operations but those that do not open: one broken row must not stop all others."""
    found: list[Record] = []
    for group in _grouped(rows):
        try:
            found.append(_record(group, seals))
        except Unreadable as error:
            _log.error("left out, as it cannot be read: %s", error)
    return found


def evidence_column(at: datetime) -> str:
    """Where the evidence of an event belongs."""
    return f"evidence {at.astimezone(UTC).isoformat(timespec='microseconds')}"


def event(row: Row, operation: str, seals: Seals) -> Event:
    """One event: seq, at, from_state, to_state, why, actor, evidence."""
    seq, at, before, after, why, actor, evidence = row
    moment = instant(at)
    was = maybe_text(before)
    return Event(
        seq=number(seq),
        at=moment,
        before=None if was is None else State(was),
        after=State(text(after)),
        why=text(why),
        actor=text(actor),
        evidence=_opened(seals, evidence, operation, evidence_column(moment)),
    )
