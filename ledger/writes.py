"""What changes an operation: each is one unit, with what a refused index means."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from ledger import links, reads, rows
from ledger.changes import applied
from ledger.journal import (
    LIVE,
    Change,
    DocumentTaken,
    KeyTaken,
    Overtaken,
    Record,
    ReferenceTaken,
    SerialTaken,
    StepRecord,
)
from ledger.seal import Seals
from ledger.sql import Script, Statement, Unit, Value, Wave, text

T = TypeVar("T")

_STEP = "operation, program, busy, " + rows.STEP


def _insert(table: str, names: str) -> str:
    values = ", ".join(f":{name}" for name in names.split(", "))
    return f"INSERT INTO {table} ({names}) VALUES ({values})"  # noqa: S608 - constants


_ADD_OPERATION = _insert("operations", rows.OPERATION)
_ADD_STEP = _insert("steps", _STEP)
_ADD_EVENT = (
    "INSERT INTO events (operation, seq, at, from_state, to_state, why, actor, evidence) VALUES"
    " (:id, (SELECT COALESCE(MAX(seq) + 1, 0) FROM events WHERE operation = :id),"
    " :at, :before, :after, :why, :actor, :evidence)"
)
_OPENED = "SELECT 1 FROM operations WHERE id = :id"
_LANDED = (
    "SELECT 1 FROM events WHERE operation = :id AND at = :at AND to_state = :after"
    " AND why = :why AND actor = :actor"
)
_BUSY = "SELECT operation, seq FROM steps WHERE program = :program AND busy = :busy"
_REFERENCE = (
    "SELECT operation, seq FROM steps"
    " WHERE program = :program AND name = :name AND reference = :reference"
)


def _event(record: Record, before: Record | None, at: datetime, why: str, actor: str) -> Statement:
    args: Mapping[str, Value] = {
        "id": record.id,
        "at": rows.utc(at),
        "before": None if before is None else before.state.value,
        "after": record.state.value,
        "why": rows.plain(why),
        "actor": rows.plain(actor),
        "evidence": None,
    }
    return Statement(_ADD_EVENT, args)


def opened(record: Record, seals: Seals, at: datetime) -> Unit[Record]:
    """Begin an operation."""
    statements = [
        Statement(_ADD_OPERATION, rows.operation_args(record, seals)),
        *(Statement(_ADD_STEP, rows.step_args(record, step, seals)) for step in record.steps),
        _event(record, None, at, "opened", "graph"),
    ]

    return Unit(
        lambda: _all(statements, record),
        lambda: _open_clash(record, seals),
        lambda: _is_there(Statement(_OPENED, {"id": record.id})),
    )


def _all(statements: Sequence[Statement], result: T) -> Script[T]:
    yield Wave(statements)
    return result


def _is_there(question: Statement) -> Script[bool]:
    return bool((yield question))


def _open_clash(record: Record, seals: Seals) -> Script[None]:
    """What of a new operation is taken, its key before all else."""
    found = yield from reads.by_key(record.scope, record.key, seals)
    if found is not None:
        raise KeyTaken(found)
    yield from _clash(record, seals)


def _clash(record: Record, seals: Seals) -> Script[None]:
    """What of an operation somebody else has, or itself twice: document, serial, reference."""
    yield from _document_clash(record, seals)
    busy = [serial for step in record.steps if (serial := rows.busy(record.state, step))]
    if len(busy) > len(set(busy)):
        raise SerialTaken
    for step in record.steps:
        yield from _serial_clash(record, step)
    used = [(step.name, step.reference) for step in record.steps if step.reference is not None]
    if len(used) > len(set(used)):
        raise ReferenceTaken
    for step in record.steps:
        yield from _reference_clash(record, step)


def _document_clash(record: Record, seals: Seals) -> Script[None]:
    if record.document is None or record.state not in LIVE:
        return
    found = yield from reads.by_document(record.program, record.kind, record.document, seals)
    if found is not None and found.id != record.id:
        raise DocumentTaken(found)


def _serial_clash(record: Record, step: StepRecord) -> Script[None]:
    busy = rows.busy(record.state, step)
    if busy is None:
        return
    found = yield Statement(_BUSY, {"program": record.program, "busy": busy})
    if any((text(row[0]), row[1]) != (record.id, step.seq) for row in found):
        raise SerialTaken


def _reference_clash(record: Record, step: StepRecord) -> Script[None]:
    if step.reference is None:
        return
    args = {"program": record.program, "name": step.name, "reference": step.reference}
    found = yield Statement(_REFERENCE, args)
    if any((text(row[0]), row[1]) != (record.id, step.seq) for row in found):
        raise ReferenceTaken


def _update(table: str, where: str, new: Mapping[str, Value]) -> str:
    columns = ", ".join(f"{name} = :{name}" for name in new)
    return f"UPDATE {table} SET {columns} WHERE {where}"  # noqa: S608 - names of columns


def _operation_change(before: Record, after: Record, change: Change, seals: Seals) -> Statement:
    """The compare and set. What stays is not written: indexes and sealed columns are dear."""
    new: dict[str, Value] = {
        "state": after.state.value,
        "rev": after.rev,
        "owner": after.owner,
        "lease_until": rows.utc(after.lease_until),
        "next_at": rows.utc(after.next_at),
        "finished_at": rows.utc(after.finished_at),
    }
    told: Mapping[str, Value] = {
        "looks": change.looks,
        "tries": change.tries,
        "native": rows.plain(change.native),
        "member": rows.plain(change.member),
        "secret_until": rows.utc(change.secret_until),
        "result": rows.sealed(seals, change.result, after.id, "result"),
        "result_secret": rows.sealed(seals, change.result_secret, after.id, "result_secret"),
    }
    new |= {name: value for name, value in told.items() if value is not None}
    if after.secret != before.secret:
        new["secret"] = rows.sealed(seals, after.secret, after.id, "secret")
    changing = _update("operations", "id = :id AND rev = :before RETURNING rev", new)
    return Statement(changing, {**new, "id": before.id, "before": before.rev})


def _step_changes(before: Record, after: Record, seals: Seals) -> list[Statement]:
    """What changes in the steps: they are replaced, added, emptied, and keep or free serials."""
    known = {step.seq: step for step in before.steps}
    statements: list[Statement] = []
    for step in after.steps:
        old = known.get(step.seq)
        if old is None:
            statements.append(Statement(_ADD_STEP, rows.step_args(after, step, seals)))
        elif new := _new_in_step(before, old, after, step, seals):
            changing = _update("steps", "operation = :operation AND seq = :seq", new)
            statements.append(Statement(changing, {**new, "operation": after.id, "seq": step.seq}))
    return statements


def _new_in_step(
    before: Record, old: StepRecord, after: Record, step: StepRecord, seals: Seals
) -> Mapping[str, Value]:
    """The columns of a step that change."""
    were = rows.step_columns(before, old)
    new = {name: is_ for name, is_ in rows.step_columns(after, step).items() if is_ != were[name]}
    for name, value, was in (
        ("request", step.request, old.request),
        ("outcome", step.outcome, old.outcome),
    ):
        if value != was:
            new[name] = rows.sealed(seals, value, after.id, f"{name} {step.seq}")
    return new


def changed(record: Record, change: Change, seals: Seals, at: datetime) -> Unit[Record]:
    """Compare (id, rev) and set."""
    after = applied(record, change, at)
    first = _operation_change(record, after, change, seals)
    event = _event(after, record, at, change.why, change.actor)
    then = Wave([*_step_changes(record, after, seals), event])
    landed = {name: event.args[name] for name in ("id", "at", "after", "why", "actor")}
    return Unit(
        lambda: _changing(first, then, change, after, seals),
        lambda: _clash(after, seals),
        lambda: _is_there(Statement(_LANDED, landed)),
    )


def _changing(
    first: Statement, then: Wave, change: Change, after: Record, seals: Seals
) -> Script[Record]:
    if not (yield first):
        raise Overtaken
    yield then
    yield from _links(change, seals)
    return after


def _links(change: Change, seals: Seals) -> Script[None]:
    if change.links is not None:
        yield from links.changed(change.links, links.Cloak(seals))


def noted(
    operation: str, why: str, evidence: bytes | None, actor: str, seals: Seals, at: datetime
) -> Unit[None]:
    """Add an event that changes no state; raises LookupError for an operation that is not there."""
    column = rows.evidence_column(at)

    def script() -> Script[None]:
        found = yield Statement(
            "SELECT state FROM operations WHERE id = :id {locked}", {"id": operation}
        )
        if not found:
            raise LookupError("no such operation")
        state = text(found[0][0])
        args: Mapping[str, Value] = {
            "id": operation,
            "at": rows.utc(at),
            "before": state,
            "after": state,
            "why": rows.plain(why),
            "actor": rows.plain(actor),
            "evidence": rows.sealed(seals, evidence, operation, column),
        }
        yield Statement(_ADD_EVENT, args)

    return Unit(script)
