"""Seals anew what an older key has sealed, so that the older key is not needed any more."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ledger import rows
from ledger.links import Cloak
from ledger.seal import Seals
from ledger.sql import Row, Script, Statement, Unit, Value, instant, number, raw, text

AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Resealed:
    """How much was looked at so far, and how much of it was sealed anew.

    `looked` and `operations` count operations, each with its steps and events; `links` those of
    customers. `key` is the public name of the first key.
    """

    key: str
    looked: int = 0
    operations: int = 0
    links: int = 0


@dataclass(frozen=True, slots=True)
class Round:
    """Some operations in the order of their ids; `last` is None where there are no more."""

    last: str | None
    looked: int
    touched: int


_OPERATIONS = ("command", "secret", "result", "result_secret")
_STEPS = ("request", "outcome")

# Ids in their order: a round goes on where the last one ended.
_NEXT = "SELECT id FROM operations WHERE id > :after ORDER BY id LIMIT :most"
_READ_OPERATIONS = (
    f"SELECT id, {', '.join(_OPERATIONS)} FROM operations WHERE id {{among:ids}}"  # noqa: S608
    " {locked}"
)
_READ_STEPS = f"SELECT operation, seq, {', '.join(_STEPS)} FROM steps WHERE operation {{among:ids}}"  # noqa: S608
_READ_EVENTS = (
    "SELECT operation, seq, at, evidence FROM events"
    " WHERE operation {among:ids} AND evidence IS NOT NULL"
)


def _again(seals: Seals, old: object, row: str, column: str) -> bytes | None:
    """The value under the first key; None where there is nothing to do."""
    if old is None or not raw(old) or raw(old).startswith(seals.header):
        return None
    return seals.seal(seals.open(raw(old), row, column), row, column)


def _update(
    table: str, where: str, new: Mapping[str, Value], place: Mapping[str, Value]
) -> Statement:
    columns = ", ".join(f"{name} = :{name}" for name in new)
    return Statement(f"UPDATE {table} SET {columns} WHERE {where}", {**new, **place})  # noqa: S608


def _of_operation(row: Row, seals: Seals) -> Statement | None:
    id_ = text(row[0])
    new = {
        name: sealed
        for name, old in zip(_OPERATIONS, row[1:], strict=True)
        if (sealed := _again(seals, old, id_, name)) is not None
    }
    return _update("operations", "id = :id", new, {"id": id_}) if new else None


def _of_step(row: Row, seals: Seals) -> Statement | None:
    id_, seq = text(row[0]), number(row[1])
    new = {
        name: sealed
        for name, old in zip(_STEPS, row[2:], strict=True)
        if (sealed := _again(seals, old, id_, f"{name} {seq}")) is not None
    }
    place: Mapping[str, Value] = {"id": id_, "seq": seq}
    return _update("steps", "operation = :id AND seq = :seq", new, place) if new else None


def _of_event(row: Row, seals: Seals) -> Statement | None:
    id_, seq = text(row[0]), number(row[1])
    new = _again(seals, row[3], id_, rows.evidence_column(instant(row[2])))
    place: Mapping[str, Value] = {"id": id_, "seq": seq}
    where = "operation = :id AND seq = :seq"
    return _update("events", where, {"evidence": new}, place) if new else None


def resealed(after: str, seals: Seals) -> Unit[Round]:
    """One round over the operations behind this id."""

    def script() -> Script[Round]:
        found = yield Statement(_NEXT, {"after": after, "most": AT_ONCE})
        ids = [text(row[0]) for row in found]
        if not ids:
            return Round(None, 0, 0)
        touched: set[str] = set()
        for reading, again in (
            (_READ_OPERATIONS, _of_operation),
            (_READ_STEPS, _of_step),
            (_READ_EVENTS, _of_event),
        ):
            read: Sequence[Row] = yield Statement(reading, {"ids": ids})
            for row in read:
                statement = again(row, seals)
                if statement is not None:
                    yield statement
                    touched.add(text(row[0]))
        return Round(ids[-1], len(ids), len(touched))

    return Unit(script)


_OLD_LINKS = (
    "SELECT program, name, member FROM links"
    " WHERE substr(member, 1, :length) <> :header LIMIT :most {locked}"
)
_NEW_LINK = (
    "UPDATE links SET name = :new, member = :member WHERE program = :program AND name = :name"
)


def links_resealed(seals: Seals) -> Unit[int]:
    """One round over the links of customers, whose names are made with the key too; how many."""
    cloak = Cloak(seals)
    args: Mapping[str, Value] = {
        "header": seals.header,
        "length": len(seals.header),
        "most": AT_ONCE,
    }

    def script() -> Script[int]:
        found = yield Statement(_OLD_LINKS, args)
        for row in found:
            program, name = text(row[0]), raw(row[1])
            member = cloak.opened(program, name, raw(row[2]))
            new = cloak.names(member)[0]
            place: Mapping[str, Value] = {"program": program, "name": name}
            yield Statement(_NEW_LINK, {"new": new, "member": cloak.sealed(member, new), **place})
        return len(found)

    return Unit(script)


def only_first(seals: Seals) -> Unit[None]:
    """Nothing is sealed with another key any more: forget that there were others."""

    def script() -> Script[None]:
        yield Statement("DELETE FROM ledger_keys WHERE id <> :id", {"id": seals.first})

    return Unit(script)
