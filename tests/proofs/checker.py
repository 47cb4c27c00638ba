"""Judges a history by the sandbox's books: every effect must be somebody's, and as it was told.

How an effect is found to be an operation's: by what only that operation's input has in it (a
document's id, a product's code, an e-mail address, a size), looked for in the very request that
the upstream received; by the code of a reward; and for what undoes, by the effect it undoes.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from tests.proofs.errands import document_id, product
from tests.proofs.history import History, Operation
from tests.proofs.judge import BY_TIME, Shown, shown, verdict

Json = dict[str, Any]
FINAL = {"SUCCEEDED", "REJECTED", "REVERSED", "UNDER_REVIEW"}
AWAY = ("LEDGER_UNAVAILABLE",)


@dataclass(slots=True)
class Report:
    """The figures of a run, and everything that is wrong."""

    figures: dict[str, int] = field(default_factory=dict[str, int])
    reviewed: Counter[str] = field(default_factory=Counter[str])
    wrong: list[str] = field(default_factory=list[str])

    def count(self, name: str, more: int = 1) -> None:
        self.figures[name] = self.figures.get(name, 0) + more

    def lines(self) -> list[str]:
        """The report as it is printed."""
        figures = ", ".join(f"{name} {count}" for name, count in self.figures.items())
        why = ", ".join(f"{name}: {count}" for name, count in sorted(self.reviewed.items()))
        return [figures, f"under review by errand and what the books show: {why or 'none'}"]


def check(history: History, books: "Evidence") -> Report:
    """All checks; the run must be settled."""
    report = Report()
    _count(history, books, report)
    mine, nobodys = attributed(history.operations.values(), books)
    for effect in nobodys:
        report.count("phantom")
        report.wrong.append(f"PHANTOM: an effect that nobody asked for: {_short(effect)}")
    for operation in history.operations.values():
        _check_operation(operation, mine[operation.key], report)
    _check_members(history, books, mine, report)
    _check_readings(history, report)
    return report


def _count(history: History, books: "Evidence", report: Report) -> None:
    tries = [each for operation in history.operations.values() for each in operation.answers]
    report.figures |= {
        "asked": len(tries),
        "keys": len(history.operations),
        "re-sends": history.resends,
        "with other input": history.changed_resends,
        "clients that left": history.disconnects,
        "broken answers": history.broken,
        "effects": len(books.effects),
        "doubled": 0,
        "lost": 0,
        "falsely failed": 0,
        "phantom": 0,
        "stuck": 0,
        "changed their mind": 0,
        "succeeded": sum(1 for _ in history.of("SUCCEEDED")),
        "rejected": sum(1 for _ in history.of("REJECTED")),
        "reversed": sum(1 for _ in history.of("REVERSED")),
        "under review": sum(1 for _ in history.of("UNDER_REVIEW")),
        "balances read": len(history.readings),
        "stale balances": 0,
    }


@dataclass(frozen=True, slots=True)
class Evidence:
    """The books: effects, the bodies of the calls that made them, and balances at both ends."""

    effects: list[Json]
    bodies: Mapping[int, str]
    start: Mapping[tuple[str, str], Decimal]
    end: Mapping[tuple[str, str], Decimal]


def attributed(
    operations: Iterable[Operation], books: Evidence
) -> tuple[dict[str, list[Json]], list[Json]]:
    """Effects by key, and those of nobody."""
    marks, voids = _marks(operations)
    mine: dict[str, list[Json]] = defaultdict(list)
    nobodys: list[Json] = []
    owner: dict[int, str] = {}
    rewards: dict[str, str] = {}
    for effect in books.effects:
        if effect["kind"] in BY_TIME:
            continue
        key = _undoer(effect, owner, rewards, voids) or _marked(effect, books.bodies, marks)
        key = key or rewards.get(effect["voucher"] or "")
        if key is None:
            nobodys.append(effect)
            continue
        owner[effect["n"]] = key
        if effect["kind"] == "issue" and effect["voucher"]:
            rewards[effect["voucher"]] = key
        mine[key].append(effect)
    return mine, nobodys


Place = tuple[str, str, str | None]
"""Upstream, member (or "" where there is none yet), and the figure that is the mark, if one is."""


def _marks(
    operations: Iterable[Operation],
) -> tuple[dict[Place, list[tuple[str, str]]], dict[str, str]]:
    """The marks of a place and their keys; and who voids whom."""
    marks: dict[Place, list[tuple[str, str]]] = defaultdict(list)
    voids: dict[str, str] = {}
    for operation in operations:
        if operation.undoes is not None:
            voids[operation.undoes] = operation.key
        else:
            number = "" if operation.errand.name == "enrol" else operation.number
            figure = FIGURES.get(operation.errand.write)
            place = (operation.errand.upstream, number, figure)
            marks[place].append((mark_of(operation), operation.key))
    return marks, voids


def mark_of(operation: Operation) -> str:
    """A text that only this operation's request to the upstream has in it."""
    given = operation.given
    match operation.errand.upstream, operation.errand.name:
        case _, "enrol":
            return str(given["profile"]["email"])
        case "onerewards", "claim":
            return '"voucherId"'
        case "telluride", "sale" | "redeem":
            return f'"{product(operation)}"'
        case "telluride" | "fabric", "adjust":
            return str(given["delta"])
        case "fabric", "redeem" | "capture of redeem":
            points = Decimal(given["amount"]["points"])
            return f"{(points * Decimal('0.05')).normalize():f}"
        case _:
            prefix = {"sale": "S", "redeem": "R", "adjust": "A"}[operation.errand.name]
            return f'"{document_id(operation, prefix)["id"]}'


FIGURES = {"issue_reward": "amountToRedeem", "adjust_points": "points",
           "PostExternalBonus": "PointsToAdd"}  # fmt: skip
"""Where a size is the mark: the field of the request that has it."""


def _marked(
    effect: Json, bodies: Mapping[int, str], marks: Mapping[Place, list[tuple[str, str]]]
) -> str | None:
    body = bodies.get(effect["call"], "")
    number = "" if effect["kind"] == "enroll" else effect["member"]
    figure = FIGURES.get(effect["operation"])
    for mark, key in marks.get((effect["upstream"], number, figure), ()):
        if _has(body, mark, figure):
            return key
    return None


def _has(body: str, mark: str, figure: str | None) -> bool:
    if figure is None:
        return mark in body
    _, found, rest = body.partition(f'"{figure}":')
    text = rest.strip().lstrip('"')
    digits = text[: len(text) - len(text.lstrip("0123456789.-"))]
    return bool(found) and bool(digits) and Decimal(digits) == Decimal(mark)


def _undoer(
    effect: Json, owner: Mapping[int, str], rewards: Mapping[str, str], voids: Mapping[str, str]
) -> str | None:
    """The void that an undoing effect is of; None where nobody asked for one."""
    if effect["kind"] not in {"void", "return", "reverse", "cancel"}:
        return None
    undone = owner.get(effect["undoes"]) if effect["undoes"] is not None else None
    undone = undone or rewards.get(effect["voucher"] or "")
    return None if undone is None else voids.get(undone)


def _check_operation(operation: Operation, effects: list[Json], report: Report) -> None:
    wrong = verdict(operation.errand, operation.status, effects)
    if operation.status == "PENDING":
        report.count("stuck")
        report.wrong.append(f"STUCK: {_named(operation)}")
    if operation.status == "UNDER_REVIEW":
        report.reviewed[f"{operation.errand.title} {shown(operation.errand, effects)}"] += 1
    if wrong:
        what = wrong.partition(":")[0]
        names = {"DOUBLED": "doubled", "LOST": "lost", "FALSELY FAILED": "falsely failed"}
        report.count(names.get(what, "untrue"))
        report.wrong.append(f"{wrong} - {_named(operation)}")
    _check_answers(operation, report)


def _check_answers(operation: Operation, report: Report) -> None:
    """S3: what was told at last is never told otherwise; S7: other input is a conflict.

    While nobody can look, both are told so (docs/promises.md): PENDING of a key that was seen,
    which is no other end, and the ledger's absence in place of the conflict.
    """
    last: str | None = None
    for told in operation.told:
        if told.status == "PENDING" and told.codes == AWAY:
            continue
        if last is not None and told.status != last:
            report.count("changed their mind")
            report.wrong.append(
                f"S3: told {last}, then {told.status} {told.codes} - {_named(operation)}"
            )
        if told.status in FINAL and not told.is_unsent:
            last = told.status
    if last is not None and operation.status != last:
        report.count("changed their mind")
        report.wrong.append(f"S3: told {last}, now {operation.status} - {_named(operation)}")
    for told in operation.conflicts:
        if told.codes not in {("IDEMPOTENCY_CONFLICT",), AWAY}:
            report.wrong.append(f"S7: other input was told {told.codes} - {_named(operation)}")


def _check_members(
    history: History, books: Evidence, mine: Mapping[str, list[Json]], report: Report
) -> None:
    """S12: a balance is its start and all effects; and all effects are those that were told."""
    moved, by_time = (
        _moved(books.effects),
        _moved(each for each in books.effects if each["kind"] in BY_TIME),
    )
    told: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    open_: set[tuple[str, str]] = set()
    for operation in history.operations.values():
        place = (operation.errand.upstream, operation.number)
        if operation.status == "SUCCEEDED":
            told[place] += _moved(mine[operation.key])[place]
        elif operation.status not in {"REJECTED", "REVERSED"}:
            open_.add(place)
    for place, start in books.start.items():
        if start + moved[place] != books.end[place]:
            report.wrong.append(f"S12: {place} {start} + {moved[place]} is not {books.end[place]}")
        if place not in open_ and told[place] + by_time[place] != moved[place]:
            report.wrong.append(f"S12: {place} was told {told[place]}, moved {moved[place]}")


def _moved(effects: Iterable[Json]) -> dict[tuple[str, str], Decimal]:
    """By how much points moved, by upstream and member."""
    moved: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for effect in effects:
        moved[effect["upstream"], effect["member"]] += Decimal(effect["delta"] or 0)
    return moved


def _check_readings(history: History, report: Report) -> None:
    """A balance read after a success is the books', where nobody moved it meanwhile."""
    for each in history.readings:
        same = Decimal(each.before) == Decimal(each.after)
        if same and Decimal(each.read) != Decimal(each.before) and each.source != "STALE":
            report.count("stale balances")
            report.wrong.append(f"S15: {each.upstream} {each.number} read {each.read}, "
                                f"the books have {each.before}")  # fmt: skip


def _named(operation: Operation) -> str:
    codes = [told.codes for told in operation.told[-2:]]
    return f"{operation.errand.title} {operation.key} of {operation.number} {codes}"


def _short(effect: Json) -> str:
    names = ("upstream", "kind", "member", "reference", "delta", "voucher", "undoes", "call")
    return str({name: effect[name] for name in names})


__all__ = ["Evidence", "Report", "Shown", "attributed", "check", "mark_of"]
