"""What is done to many operations at once: claiming, counting on, sweeping, forgetting."""

from collections.abc import Callable, Sequence
from datetime import datetime

from ledger import reads, rows
from ledger.journal import Record
from ledger.seal import Seals
from ledger.sql import Script, Statement, Unit, Value, number, raw, text
from loyalty.operations import Operation

AT_ONCE = 500
"""Rows that one transaction of a sweep touches at most, so that others are not kept waiting."""

_SETTLED = "state IN ('CONFIRMED', 'FAILED', 'COMPENSATED', 'UNSENT')"

FIGURES = (
    Operation.TRANSACTION_POST,
    Operation.TRANSACTION_RETURN,
    Operation.TRANSACTION_VOID,
    Operation.POINTS_REDEEM,
    Operation.VOUCHER_REDEEM,
    Operation.REDEMPTION_HOLD,
    Operation.REDEMPTION_CAPTURE,
    Operation.REDEMPTION_VOID,
    Operation.VOUCHER_CLAIM,
    Operation.POINTS_ADJUST,
    Operation.POINTS_ACTIVATE,
)
"""Operations whose results are figures and numbers of documents, which bookkeeping needs."""


def _claiming(due: str) -> str:
    return (
        "WITH due AS MATERIALIZED (SELECT id FROM operations"  # noqa: S608 - constants
        f" WHERE {due} AND (lease_until IS NULL OR lease_until <= :now)"
        " AND NOT (program {among:without})"
        " ORDER BY created_at, id LIMIT :most {skip_locked})"
        " UPDATE operations SET owner = :owner, lease_until = :lease_until, rev = rev + 1"
        " WHERE id IN (SELECT id FROM due) RETURNING id"
    )


_CLAIM = _claiming(
    "state IN ('READY', 'SENDING', 'IN_DOUBT') AND (next_at IS NULL OR next_at <= :now)"
)
_CLAIM_WATCHED = _claiming("state = 'FAILED' AND next_at IS NOT NULL AND next_at <= :now")
_COUNT_ON = (
    "INSERT INTO counters (program, counter, value) VALUES (:program, :counter, :last)"
    " ON CONFLICT (program, counter) DO UPDATE SET value = counters.value + :block"
    " RETURNING value"
)


def _some(where: str, changes: str) -> str:
    """Change at most AT_ONCE operations that nobody else is changing."""
    return (
        "WITH picked AS MATERIALIZED (SELECT id FROM operations"  # noqa: S608 - constants
        f" WHERE {where} LIMIT {AT_ONCE} {{skip_locked}})"
        f" UPDATE operations SET {changes}, rev = rev + 1 WHERE id IN (SELECT id FROM picked)"
        " RETURNING id"
    )


_SECRETS = _some("secret_until <= :now AND result_secret IS NOT NULL", "result_secret = NULL")
_KEYS = _some(
    f"kept > 0 AND kept = 2 AND finished_at < :before AND {_SETTLED}",
    "kept = 1, scope = '', key = id",
)
_DATA = _some(
    f"kept > 0 AND kept = 1 AND finished_at < :before AND {_SETTLED}",
    "kept = 0, command = :empty, fingerprint = :empty, secret = NULL, result_secret = NULL,"
    " next_at = NULL",
)
_FORGET = _some(
    f"program = :program AND member = :member AND {_SETTLED}",
    "member = NULL, command = :empty, fingerprint = :empty, secret = NULL, result_secret = NULL,"
    " result = CASE WHEN kind {among:figures} THEN result ELSE NULL END, native = NULL,"
    " next_at = NULL",
)
_RESULTS = "SELECT id, result FROM operations WHERE id {among:ids} AND result IS NOT NULL"
_KEEP_RESULT = "UPDATE operations SET result = :result WHERE id = :id"
_EMPTY_STEPS = (
    "UPDATE steps SET request = NULL, outcome = CASE WHEN outcome IS NULL THEN NULL ELSE :empty END"
    " WHERE operation {among:ids}"
)
_EMPTY_SERIALS = "UPDATE steps SET serial = NULL WHERE operation {among:ids}"
_EMPTY_EVENTS = (
    "UPDATE events SET evidence = NULL WHERE operation {among:ids} AND evidence IS NOT NULL"
)


def claimed(
    owner: str,
    now: datetime,
    lease_until: datetime,
    most: int,
    seals: Seals,
    without: Sequence[str] = (),
) -> Unit[Sequence[Record]]:
    """Lease due operations, those that are watched when no others are left.

    One that cannot be read is leased, left out, and told in the log.
    """
    args: dict[str, Value] = {
        "owner": rows.plain(owner),
        "now": rows.utc(now),
        "lease_until": rows.utc(lease_until),
        "most": most,
        "without": list(without),
    }

    def script() -> Script[Sequence[Record]]:
        ids = [text(row[0]) for row in (yield Statement(_CLAIM, args))]
        if len(ids) < most:
            left = {**args, "most": most - len(ids)}
            ids += [text(row[0]) for row in (yield Statement(_CLAIM_WATCHED, left))]
        found = (yield Statement(reads.BY_IDS, {"ids": ids})) if ids else ()
        return rows.many(found, seals)

    return Unit(script)


def counted_on(program: str, counter: str, block: int, start: int) -> Unit[int]:
    """Take a block of numbers; the first of them. `start` is used where there is no counter yet."""
    if block < 1 or start < 1:
        raise ValueError("a block has at least one number, and begins with 1 or more")
    args: dict[str, Value] = {
        "program": program,
        "counter": counter,
        "block": block,
        "last": start + block - 1,
    }

    def script() -> Script[int]:
        found = yield Statement(_COUNT_ON, args)
        return number(found[0][0]) - block + 1

    return Unit(script)


def _emptying(statement: Statement) -> Unit[int]:
    """A round that also empties what belongs to the operations it touched."""

    def script() -> Script[int]:
        ids = [text(row[0]) for row in (yield statement)]
        if ids:
            yield from _emptied(ids)
        return len(ids)

    return Unit(script)


def _emptied(ids: Sequence[str]) -> Script[None]:
    yield Statement(_EMPTY_STEPS, {"ids": ids, "empty": b""})
    yield Statement(_EMPTY_EVENTS, {"ids": ids})


def _counting(statement: Statement) -> Unit[int]:
    def script() -> Script[int]:
        return len((yield statement))

    return Unit(script)


def swept(now: datetime, keys_before: datetime, data_before: datetime) -> Sequence[Unit[int]]:
    """The rounds of a sweep; each is to be repeated until it touches nothing."""
    return (
        _counting(Statement(_SECRETS, {"now": rows.utc(now)})),
        _counting(Statement(_KEYS, {"before": rows.utc(keys_before)})),
        _emptying(Statement(_DATA, {"before": rows.utc(data_before), "empty": b""})),
    )


def forgotten(
    program: str, member: str, figures: Callable[[bytes], bytes], seals: Seals
) -> Unit[int]:
    """A round of forgetting; to be repeated until it touches nothing."""
    args: dict[str, Value] = {
        "program": program,
        "member": member,
        "figures": [kind.value for kind in FIGURES],
        "empty": b"",
    }

    def script() -> Script[int]:
        ids = [text(row[0]) for row in (yield Statement(_FORGET, args))]
        if ids:
            yield from _emptied(ids)
            yield Statement(_EMPTY_SERIALS, {"ids": ids})
            yield from _reduced(ids, figures, seals)
        return len(ids)

    return Unit(script)


def _reduced(ids: Sequence[str], figures: Callable[[bytes], bytes], seals: Seals) -> Script[None]:
    """Leave of each result what is a figure."""
    for row in (yield Statement(_RESULTS, {"ids": ids})):
        operation, stored = text(row[0]), raw(row[1])
        kept = figures(seals.open(stored, operation, "result")) if stored else b""
        sealed = rows.sealed(seals, kept, operation, "result")
        yield Statement(_KEEP_RESULT, {"id": operation, "result": sealed})
