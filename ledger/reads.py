"""What is asked of the journal: a record by one statement, so that it is never half of two."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from ledger import rows
from ledger.journal import Event, Record, State
from ledger.seal import Seals
from ledger.sql import Row, Script, Statement, Value, instant, number, text

LIVE = "state NOT IN ('FAILED', 'UNSENT')"
"""As the indexes say it; SQLite wants the very words."""


def records(where: str, order: str = "created_at, id", most: str = "") -> str:
    """Operations with their steps; `where` is about the operations alone."""
    descending = order.endswith("DESC")
    outer = "o.created_at DESC, o.id DESC" if descending else "o.created_at, o.id"
    return (
        f"SELECT {rows.COLUMNS} FROM (SELECT * FROM operations WHERE {where}"  # noqa: S608 - constants
        f" ORDER BY {order} {most}) AS o LEFT JOIN steps AS s ON s.operation = o.id"
        f" ORDER BY {outer}, s.seq"
    )


def _plain(where: str) -> str:
    """The same for at most one operation, which needs no order of operations."""
    return (
        f"SELECT {rows.COLUMNS} FROM operations AS o"  # noqa: S608 - constants
        f" LEFT JOIN steps AS s ON s.operation = o.id WHERE {where} ORDER BY s.seq"
    )


_BY_KEY = _plain("o.scope = :scope AND o.key = :key")
_BY_ID = _plain("o.id = :id")
_BY_DOCUMENT = records(f"program = :program AND kind = :kind AND document = :document AND {LIVE}")
_BY_NATIVE = records(
    f"program = :program AND native = :native AND {LIVE}",
    "created_at DESC, id DESC",
    "LIMIT 1",
)
_BY_TARGET = records("target = :target")
_HISTORY = records(
    "program = :program AND member = :member AND kind {among:kinds}"
    f" AND created_at >= :starts_at AND created_at < :ends_at AND {LIVE}",
    "created_at DESC, id DESC",
)
_IN_STATE = records("state {among:states}", most="LIMIT :most")
BY_IDS = records("id {among:ids}")
_REFUSED = (
    "SELECT COUNT(*) FROM operations WHERE program = :program AND kind = :kind"
    " AND document = :document AND document IS NOT NULL AND state = 'FAILED'"
)
_SERVED = (
    "SELECT 1 FROM steps JOIN operations ON operations.id = steps.operation"
    " WHERE steps.program = :program AND steps.serial = :serial AND steps.serial IS NOT NULL"
    " AND steps.operation <> :but"
    " AND (operations.finished_at IS NULL OR operations.finished_at >= :since) LIMIT 1"
)
_EVENTS = (
    "SELECT seq, at, from_state, to_state, why, actor, evidence FROM events"
    " WHERE operation = :id ORDER BY seq"
)


def now() -> Script[datetime]:
    """The clock of a database that has one."""
    found = yield Statement("SELECT clock_timestamp()")
    return instant(found[0][0])


def _one(statement: Statement, seals: Seals) -> Script[Record | None]:
    found = yield statement
    return rows.one(found, seals)


def _many(statement: Statement, seals: Seals) -> Script[Sequence[Record]]:
    found = yield statement
    return rows.many(found, seals)


def by_key(scope: str, key: str, seals: Seals) -> Script[Record | None]:
    """The operation that a scope knows by a key."""
    return _one(Statement(_BY_KEY, {"scope": scope, "key": key}), seals)


def by_id(operation: str, seals: Seals) -> Script[Record | None]:
    """The operation with an id."""
    return _one(Statement(_BY_ID, {"id": operation}), seals)


def by_document(program: str, kind: str, document: str, seals: Seals) -> Script[Record | None]:
    """The live operation that has a document."""
    args: Mapping[str, Value] = {"program": program, "kind": kind, "document": document}
    return _one(Statement(_BY_DOCUMENT, args), seals)


def by_native(program: str, native: str, seals: Seals) -> Script[Record | None]:
    """The latest live operation that the provider knows by a text."""
    return _one(Statement(_BY_NATIVE, {"program": program, "native": native}), seals)


def by_target(target: str, seals: Seals) -> Script[Sequence[Record]]:
    """All operations about another one, oldest first."""
    return _many(Statement(_BY_TARGET, {"target": target}), seals)


def history(
    program: str, member: str, kinds: Sequence[str], period: tuple[datetime, datetime], seals: Seals
) -> Script[Sequence[Record]]:
    """A member's live operations, newest first; the end of the period is not in it."""
    args: Mapping[str, Value] = {
        "program": program,
        "member": member,
        "kinds": list(kinds),
        "starts_at": rows.utc(period[0]),
        "ends_at": rows.utc(period[1]),
    }
    return _many(Statement(_HISTORY, args), seals)


def in_state(states: Sequence[State], most: int, seals: Seals) -> Script[Sequence[Record]]:
    """Operations in some states, oldest first."""
    args: Mapping[str, Value] = {"states": [state.value for state in states], "most": most}
    return _many(Statement(_IN_STATE, args), seals)


def before(
    scope: str, key: str, named: tuple[str, str, str | None], seals: Seals
) -> Script[tuple[Record | None, int]]:
    """What a mutation begins with; `named` is its program, kind and document."""
    found = yield from by_key(scope, key, seals)
    program, kind, document = named
    if document is None:
        return found, 0
    args: Mapping[str, Value] = {"program": program, "kind": kind, "document": document}
    counted = yield Statement(_REFUSED, args)
    return found, number(counted[0][0])


def served(program: str, serial: str, but: str, since: datetime) -> Script[bool]:
    """Whether another operation with a serial was open at some time since then."""
    args: Mapping[str, Value] = {
        "program": program,
        "serial": serial,
        "but": but,
        "since": rows.utc(since),
    }
    return bool((yield Statement(_SERVED, args)))


def counts() -> Script[Mapping[State, int]]:
    """How many operations are in each state, those without any too."""
    found = yield Statement("SELECT state, COUNT(*) FROM operations GROUP BY state")
    counted = {State(text(state)): number(count) for state, count in found}
    return {state: counted.get(state, 0) for state in State}


def events(operation: str, seals: Seals) -> Script[Sequence[Event]]:
    """An operation's history, oldest first."""
    found: Sequence[Row] = yield Statement(_EVENTS, {"id": operation})
    return [rows.event(row, operation, seals) for row in found]
