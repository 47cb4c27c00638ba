"""What a change makes of a record: pure, without a database."""

from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from ledger.journal import OPEN, Change, Record, StepRecord


def applied(record: Record, change: Change, at: datetime) -> Record:
    """The record after the change.

    The lease goes to `record.owner`, or is given up. Only where work is left, or where it is said
    anew, is there a `next_at`. `finished_at` is when work on it ended, also
    for UNSENT; an operation that is open again has none.
    """
    leased = change.lease_until is not None
    return replace(
        record,
        state=change.state,
        rev=record.rev + 1,
        owner=record.owner if leased else None,
        lease_until=change.lease_until,
        next_at=_or(change.next_at, record.next_at if change.state in OPEN else None),
        looks=_or(change.looks, record.looks),
        tries=_or(change.tries, record.tries),
        native=_or(change.native, record.native),
        member=_or(change.member, record.member),
        result=_or(change.result, record.result),
        result_secret=_or(change.result_secret, record.result_secret),
        secret_until=_or(change.secret_until, record.secret_until),
        finished_at=_finished_at(record, change, at),
        secret=None if change.final else _or(change.secret, record.secret),
        steps=_steps(record, change),
    )


_T = TypeVar("_T")


def _or(new: _T | None, old: _T) -> _T:
    return old if new is None else new


def _finished_at(record: Record, change: Change, at: datetime) -> datetime | None:
    if change.state in OPEN:
        return None
    return record.finished_at if record.state == change.state and record.finished_at else at


def _steps(record: Record, change: Change) -> tuple[StepRecord, ...]:
    steps = {step.seq: step for step in record.steps}
    if change.step is not None:
        steps[change.step.seq] = change.step
    kept = (steps[seq] for seq in sorted(steps))
    return tuple(replace(step, request=None) if change.final else step for step in kept)
