"""SIGKILL at a step of a mutation's path, then recovery on the same ledger: one effect, or none.

The steps are lines of our own code, or its opcodes, every k-th of them from a rotating start that
is printed (and repeated with CRASH_SEED); FULL=1 takes all lines, and more opcodes. What is judged
is the upstream's books. The points that have names: test_failpoints.py.
"""

import os
import random
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from tests.proofs.errands import Errand, errand
from tests.proofs.houses import postgres_database
from tests.proofs.yards import Yard, killed, seed_of, wrongs

FULL = bool(os.environ.get("FULL"))
POINTS = 14
"""How many points of each kind's path are tried where not all are."""
BATCH = 14
KINDS = (
    ("onerewards", "sale"),
    ("telluride", "sale"),
    ("fabric", "sale"),
    ("fabric", "redeem"),
    ("telluride", "redeem"),
    ("onerewards", "void"),
)
KINDS_BY_OPCODE = (("onerewards", "sale"), ("telluride", "sale"), ("fabric", "redeem"))
MOST_OPCODES = 2000 if FULL else 5


def points(total: int, dice: random.Random, most: int = POINTS) -> list[int]:
    """Which steps: every k-th from a random start, or all."""
    if FULL:
        return list(range(1, total + 1))
    return every_so_often(total, dice, most)


def every_so_often(total: int, dice: random.Random, most: int) -> list[int]:
    """Every k-th step from a random start, so that there are some `most` of them."""
    every = max(1, total // most)
    return list(range(1 + dice.randrange(every), total + 1, every))


def steps_of(yard: Yard, kind: Errand, **more: Any) -> int:
    """How many steps the path of a mutation has."""
    [counted] = yard.nursery.order("die", [yard.case(kind, None, **more)])
    said = counted["said"]
    assert "error" not in said, said
    steps: int = said["steps"]
    return steps


def check_deaths(
    yard: Yard, kind: Errand, total: int, places: list[int], *, opcodes: bool = False
) -> str:
    """Die at each of these steps, recover, and judge; a line that says how it ended."""
    ends: Counter[str] = Counter()
    found: list[str] = []
    dead = 0
    for start in range(0, len(places), BATCH):
        cases = [yard.case(kind, at, opcodes=opcodes) for at in places[start : start + BATCH]]
        gone = killed(yard, kind, cases)
        dead += len(gone)
        for case, result in zip(gone, yard.nursery.order("recover together", gone), strict=True):
            wrong, seen = wrongs(yard, kind, case, result)
            ends[f"{result.get('status')}/{seen}"] += 1
            if wrong:
                found.append(f"killed at step {case.at} of {total}: {wrong}")
    assert found == []
    assert dead > len(places) / 2
    return f"  {total} steps, {dead} kills: {dict(ends)}"


@pytest.mark.timeout(6 * 3600 if FULL else 240)
@pytest.mark.parametrize(("upstream", "name"), KINDS)
def test_whoever_dies_leaves_one_effect_or_a_refusal(
    yard: Yard, upstream: str, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    kind = errand(upstream, name)
    dice = seed_of(f"crash of {kind.title}", capsys)
    total = steps_of(yard, kind)
    said = check_deaths(yard, kind, total, points(total, dice))
    with capsys.disabled():
        print(said)  # noqa: T201


@pytest.mark.timeout(6 * 3600 if FULL else 240)
@pytest.mark.parametrize(("upstream", "name"), KINDS_BY_OPCODE)
def test_whoever_dies_at_an_opcode_leaves_one_effect_or_a_refusal(
    yard: Yard, upstream: str, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Between two opcodes of a line; a line has some seven, so that all of them are too many."""
    kind = errand(upstream, name)
    dice = seed_of(f"crash by opcode of {kind.title}", capsys)
    total = steps_of(yard, kind, opcodes=True)
    places = every_so_often(total, dice, MOST_OPCODES)
    said = check_deaths(yard, kind, total, places, opcodes=True)
    with capsys.disabled():
        print(said)  # noqa: T201


@pytest.mark.timeout(6 * 3600 if FULL else 240)
@pytest.mark.parametrize(("upstream", "name"), [("onerewards", "sale"), ("fabric", "redeem")])
def test_whoever_dies_while_recovering_leaves_one_effect_or_a_refusal(
    yard: Yard, upstream: str, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    kind = errand(upstream, name)
    dice = seed_of(f"crash of recovery of {kind.title}", capsys)
    total = steps_of(yard, kind)
    found: list[str] = []
    ends: Counter[str] = Counter()
    rounds = 200 if FULL else 6
    for start in range(0, rounds, BATCH):
        cases = [
            yard.case(kind, dice.randrange(total // 4, total))
            for _ in range(min(BATCH, rounds - start))
        ]
        dead = killed(yard, kind, cases)
        dying = [replace(case, at=dice.randrange(1, 4000), recovering=True) for case in dead]
        yard.nursery.order("recover", dying)
        calm = [replace(case, at=None, recovering=False) for case in dead]
        for case, result in zip(calm, yard.nursery.order("recover together", calm), strict=True):
            wrong, seen = wrongs(yard, kind, case, result)
            ends[f"{result.get('status')}/{seen}"] += 1
            if wrong:
                found.append(wrong)
    with capsys.disabled():
        print(f"  {dict(ends)}")  # noqa: T201
    assert found == []


@pytest.mark.postgres
@pytest.mark.timeout(6 * 3600 if FULL else 240)
@pytest.mark.parametrize(("upstream", "name"), [("onerewards", "sale"), ("fabric", "redeem")])
def test_whoever_dies_on_postgresql_leaves_one_effect_or_a_refusal(
    yard: Yard, upstream: str, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """All cases share a database, as servers do: the living settle what the dead have left."""
    kind = errand(upstream, name)
    dice = seed_of(f"crash of {kind.title} on PostgreSQL", capsys)
    with postgres_database() as ledger:
        total = steps_of(yard, kind, ledger=ledger)
        places = points(total, dice, 7)
        cases = [yard.case(kind, at, ledger) for at in places]
        dead = killed(yard, kind, cases)
        results = yard.nursery.order("recover together", dead)
        found = [
            f"killed at step {case.at} of {total}: {wrong}"
            for case, result in zip(dead, results, strict=True)
            if (wrong := wrongs(yard, kind, case, result)[0])
        ]
    with capsys.disabled():
        print(f"  {total} steps, {len(dead)} kills: {Counter(each['status'] for each in results)}")  # noqa: T201
    assert found == []
    assert dead
