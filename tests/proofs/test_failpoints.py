"""SIGKILL and SIGSTOP at the named points of a mutation's path: its commits and its writes.

The names are told by the path itself, which is run once without a death, and printed. Judged are
the upstream's books, and whether the end is one that the oracle (meanings.py) allows.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import Any

import pytest

from tests.proofs.crash_child import Case
from tests.proofs.errands import Errand, errand
from tests.proofs.houses import postgres_database
from tests.proofs.meanings import ENDS, Meaning
from tests.proofs.yards import Yard, killed, standing, wrongs

AT_ONCE = 3
"""Children that are under way at the same time."""
BEGUN = ("before commit 1 (SENDING)", "after commit 1 (SENDING)")
WRITE_1 = ("before write 1", "in write 1", "after write 1")
WRITE_2 = ("before write 2", "in write 2", "after write 2")
NUMBERS = ("before taking numbers", "after taking numbers")


def commit(turn: int, state: str) -> tuple[str, str]:
    return f"before commit {turn} ({state})", f"after commit {turn} ({state})"


PATHS: dict[tuple[str, str], tuple[str, ...]] = {
    ("onerewards", "sale"): (*BEGUN, *WRITE_1, *commit(2, "CONFIRMED")),
    ("telluride", "sale"): (*NUMBERS, *BEGUN, *WRITE_1, *commit(2, "CONFIRMED")),
    ("fabric", "sale"): (*BEGUN, *WRITE_1, *commit(2, "CONFIRMED")),
    ("fabric", "redeem"): (
        *BEGUN, *WRITE_1, *commit(2, "READY"),
        *commit(3, "SENDING"), *WRITE_2, *commit(4, "CONFIRMED"),
    ),
}  # fmt: skip
"""The points of each path where all goes well. Only the telluride's sales are numbered by us."""
DOUBTS: dict[tuple[str, str], tuple[str, ...]] = {
    ("onerewards", "sale"): (
        *commit(2, "IN_DOUBT"), "after claiming it",
        *commit(3, "SENDING"), *WRITE_2, *commit(4, "CONFIRMED"),
    ),
    ("telluride", "sale"): (
        *commit(2, "IN_DOUBT"), "after claiming it", *commit(3, "CONFIRMED"),
    ),
}  # fmt: skip
"""What follows on the first write where its answer was lost: sent again, or looked for."""
MEANINGS = {
    BEGUN[1]: {Meaning.IGNORED},
    WRITE_1[0]: {Meaning.IGNORED},
    WRITE_1[1]: {Meaning.IGNORED, Meaning.APPLIED},
}
"""What a death means at the points where it is not known, or not so, that the write was made."""

pytestmark = pytest.mark.timeout(240)


@pytest.fixture(scope="module")
def yard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Yard]:
    with standing(tmp_path_factory.mktemp("yard")) as built:
        yield built


def names_of(yard: Yard, kind: Errand, loses: str = "") -> tuple[str, ...]:
    """The points of a mutation's path, in their order."""
    [ended] = yard.nursery.order("die", [yard.case(kind, None, point="", loses=loses)])
    assert "error" not in ended["said"], ended
    return tuple(ended["said"]["points"])


def allowed(kind: Errand, case: Case) -> set[str]:
    """How a mutation may end whose process ended there: SUCCEEDED, unless its bytes never left."""
    meanings = MEANINGS.get(case.point or "", {Meaning.APPLIED}) if not case.loses else {None}
    known = {each for each in meanings if each is not None}
    return {ENDS[each, kind.doubt] for each in known} or {"SUCCEEDED"}


def judged(yard: Yard, kind: Errand, cases: list[Case], results: list[Any]) -> list[str]:
    """What is wrong with the ends of cases; how each ended is printed."""
    found: list[str] = []
    for case, result in zip(cases, results, strict=True):
        wrong, seen = wrongs(yard, kind, case, result)
        print(f"{kind.title} {case.loses} {case.point}: {result.get('status')}, {seen}")  # noqa: T201
        if not wrong and result["status"] not in allowed(kind, case):
            wrong = f"may not end as {result['status']}"
        if wrong:
            found.append(f"{case.point}: {wrong}")
    return found


def check(yard: Yard, kind: Errand, cases: list[Case]) -> None:
    """Die in each case, recover, and judge."""
    assert killed(yard, kind, cases, AT_ONCE) == cases, "a point was not reached"
    assert judged(yard, kind, cases, yard.nursery.order("recover together", cases)) == []


@pytest.mark.parametrize(("upstream", "name"), PATHS)
def test_whoever_dies_at_a_commit_or_a_write_leaves_one_effect_or_none(
    yard: Yard, upstream: str, name: str
) -> None:
    kind = errand(upstream, name)
    names = names_of(yard, kind)
    assert names == PATHS[upstream, name]
    check(yard, kind, [yard.case(kind, None, point=each) for each in names])


@pytest.mark.parametrize(("upstream", "name"), DOUBTS)
def test_whoever_dies_settling_a_doubt_leaves_one_effect(
    yard: Yard, upstream: str, name: str
) -> None:
    kind = errand(upstream, name)
    begun = PATHS[upstream, name][:-2]
    assert names_of(yard, kind, "answer") == (*begun, *DOUBTS[upstream, name])
    names = DOUBTS[upstream, name]
    check(yard, kind, [yard.case(kind, None, point=each, loses="answer") for each in names])


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("upstream", "name", "points"),
    [
        ("onerewards", "sale", (BEGUN[1], WRITE_1[2])),
        ("fabric", "redeem", ("after commit 2 (READY)", WRITE_2[1])),
    ],
)
def test_whoever_dies_at_a_point_on_postgresql_leaves_one_effect(
    yard: Yard, upstream: str, name: str, points: Sequence[str]
) -> None:
    kind = errand(upstream, name)
    with ExitStack() as stack:
        ledgers = [stack.enter_context(postgres_database()) for _ in points]
        check(
            yard,
            kind,
            [
                yard.case(kind, None, ledger, point=point)
                for point, ledger in zip(points, ledgers, strict=True)
            ],
        )


def paused(yard: Yard, cases: list[Case]) -> tuple[list[Any], list[Any]]:
    """Stop each at its point until another process has settled it: what both of them tell."""
    assert yard.nursery.order("pause", cases) == [True] * len(cases)
    results = yard.nursery.order("recover together", cases)
    before = len(yard.books.calls())
    woken = yard.nursery.order("resume", cases)
    for case, result, ended in zip(cases, results, woken, strict=True):
        said = ended["said"]
        assert "error" not in said, said
        assert (said["told"], said["status"]) == (result["status"], result["status"]), case.point
    return results, yard.books.calls()[before:]


def test_whoever_was_paused_beyond_its_lease_before_a_write_never_makes_it(yard: Yard) -> None:
    """Where the write is known again another has made it; else it is looked for, and not there."""
    kinds = [errand(*each) for each in PATHS if each != ("fabric", "sale")]
    cases = [yard.case(kind, None, point=BEGUN[1], pauses=True) for kind in kinds]
    results, calls = paused(yard, cases)
    for kind, case, result in zip(kinds, cases, results, strict=True):
        assert judged(yard, kind, [case], [result]) == []
    writes = {(kind.upstream, kind.write) for kind in kinds}
    assert writes.isdisjoint((call["upstream"], call["operation"]) for call in calls)


def test_whoever_was_paused_beyond_its_lease_in_a_write_tells_what_another_has_told(
    yard: Yard,
) -> None:
    kind = errand("onerewards", "sale")
    points = (*WRITE_1[1:], "before commit 2 (CONFIRMED)")
    cases = [yard.case(kind, None, point=point, pauses=True) for point in points]
    assert judged(yard, kind, cases, paused(yard, cases)[0]) == []
