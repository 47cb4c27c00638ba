"""The judge: what an upstream's books show of an errand, against what its client was told.

Only the sandbox's effects count here; what the graph has recorded of itself is no evidence.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from tests.proofs.errands import Errand

Json = dict[str, Any]
BY_TIME = {"expire", "activate"}
"""Kinds of effects that only the clock has made."""


class Shown(StrEnum):
    """How much of an errand the books show."""

    NONE = "NONE"
    ONCE = "ONCE"
    PART = "PART"
    UNDONE = "UNDONE"
    MORE = "MORE"


def kinds(effects: Iterable[Json]) -> Counter[str]:
    """Effects by kind; those of time, and of a tier's automatic rewards, are nobody's doing."""
    return Counter(each["kind"] for each in effects if each["kind"] not in BY_TIME)


def shown(errand: Errand, effects: Iterable[Json]) -> Shown:
    """What these effects, all there are since the errand began, amount to."""
    counted = kinds(effects)
    if not counted:
        return Shown.NONE
    if _is(counted, errand.once):
        return Shown.ONCE
    if any(_is(counted, each) for each in errand.undone):
        return Shown.UNDONE
    within = all(counted[kind] <= errand.once.get(kind, 0) for kind in counted)
    return Shown.PART if within else Shown.MORE


def _is(counted: Counter[str], pattern: Mapping[str, int]) -> bool:
    return counted == Counter(pattern)


TRUE: Mapping[str, frozenset[Shown]] = {
    "SUCCEEDED": frozenset({Shown.ONCE}),
    "REJECTED": frozenset({Shown.NONE}),
    "REVERSED": frozenset({Shown.UNDONE}),
    "PENDING": frozenset({Shown.NONE, Shown.PART, Shown.ONCE}),
    "UNDER_REVIEW": frozenset({Shown.NONE, Shown.PART, Shown.ONCE}),
    # Nobody was told anything, and the key is unknown: then there must be nothing.
    "NONE": frozenset({Shown.NONE}),
}
"""What the books may show, by the status that was told; PENDING is judged for the present only."""


def verdict(errand: Errand, status: str, effects: Iterable[Json], allowed_more: int = 0) -> str:
    """Empty if what was told is true, else what is wrong: DOUBLED, LOST, FALSELY FAILED, ...

    `allowed_more`: how many effects of each kind the network itself has added by delivering a
    request twice to an upstream that does not know it again; that is nobody's to answer for.
    """
    effects = list(effects)
    seen = shown(errand, effects)
    if seen is Shown.MORE:
        return "" if _explained(errand, effects, allowed_more) else f"DOUBLED: {kinds(effects)}"
    if seen in TRUE[status]:
        return ""
    match status:
        case "SUCCEEDED":
            return f"LOST: told {status}, the books show {seen} {dict(kinds(effects))}"
        case "REJECTED" | "NONE":
            return f"FALSELY FAILED: told {status}, the books show {seen} {dict(kinds(effects))}"
        case _:
            return f"UNTRUE: told {status}, the books show {seen} {dict(kinds(effects))}"


def _explained(errand: Errand, effects: Iterable[Json], allowed_more: int) -> bool:
    over = kinds(effects) - Counter(errand.once)
    return allowed_more > 0 and all(
        kind in errand.once and count <= allowed_more for kind, count in over.items()
    )
