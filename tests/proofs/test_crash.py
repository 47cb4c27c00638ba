"""SIGKILL at a step of a mutation's path, then recovery on the same ledger: one effect, or none.

The steps are lines of our own code, every k-th of them from a rotating start that is printed (and
repeated with CRASH_SEED); FULL=1 takes all. What is judged is the upstream's books.
"""

import json
import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from tests.proofs.crash_child import Case
from tests.proofs.crowds import numbers
from tests.proofs.errands import PROGRAMS, Errand, errand
from tests.proofs.houses import Books, configure, patience, postgres_database, sandbox_process
from tests.proofs.judge import Shown, shown, verdict

HOUSE = Path(__file__).parents[2]
FULL = bool(os.environ.get("FULL"))
POINTS = 14
"""How many points of each kind's path are tried where not all are."""
BATCH = 14
KEYS = patience(0.6, 0.2, 6.0)
KINDS = (
    ("onerewards", "sale"),
    ("telluride", "sale"),
    ("fabric", "sale"),
    ("fabric", "redeem"),
    ("telluride", "redeem"),
    ("onerewards", "void"),
)
TRUE_ENDS = {"SUCCEEDED", "REJECTED", "REVERSED", "UNDER_REVIEW"}


@dataclass(slots=True)
class Nursery:
    """A process that forks the children."""

    process: "subprocess.Popen[str]"

    def order(self, do: str, cases: list[Case]) -> list[Any]:
        """Have something done with cases, and the answers."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        order = {"do": do, "cases": [asdict(case) for case in cases]}
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        answers: list[Any] = json.loads(self.process.stdout.readline())
        return answers


@contextmanager
def nursery() -> Generator[Nursery]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.proofs.crash_child"],
        cwd=HOUSE,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=dict(os.environ),
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield Nursery(process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.wait(30)
        if process.stdout is not None:
            process.stdout.close()


@dataclass(slots=True)
class Yard:
    """A sandbox, a nursery, and the members that nobody has used yet."""

    folder: Path
    sandbox: str
    books: Books
    nursery: Nursery
    members: dict[str, Iterator[str]]
    n: int = 0

    def case(self, kind: Errand, at: int | None, ledger: str | None = None, **more: Any) -> Case:
        """A case with a ledger of its own, and a member of its own."""
        self.n += 1
        folder = self.folder / f"case-{self.n}"
        url = ledger or f"sqlite:///{folder}/loyalty.db"
        config = configure(folder, upstream=self.sandbox, ledger=url, **KEYS)
        for name in ("id.key", "ledger.key", "telluride.key.pem"):
            (folder / name).write_text((self.folder / name).read_text())
        key = f"crash-{kind.upstream}-{kind.name.replace(' ', '-')}-{self.n:06d}"
        number = next(self.members[kind.upstream])
        return Case(str(config), kind.upstream, kind.name, number, self.n, key, at, **more)

    def effects(self, kind: Errand, case: Case) -> list[dict[str, Any]]:
        """What the books show of the mutation: all of the member but what came before it."""
        if kind.name == "enrol":
            mail = f"newcomer.{case.n:07d}@example.com"
            found = self.books.effects(upstream=kind.upstream)
            bodies = {call["n"]: call["body"] for call in self.books.calls(upstream=kind.upstream)}
            return [each for each in found if mail in bodies.get(each["call"], "")]
        found = self.books.effects(upstream=kind.upstream, member=case.number)
        before = [errand(kind.upstream, name) for name in ("adjust", kind.first) if name]
        left = sum((Counter(each.once) for each in before), Counter[str]())
        rest: list[Any] = []
        for each in found:
            if left[each["kind"]] > 0:
                left[each["kind"]] -= 1
                continue
            rest.append(each)
        return rest


@pytest.fixture
def yard(tmp_path: Path) -> Iterator[Yard]:
    with sandbox_process(tmp_path) as sandbox, nursery() as started:
        books = Books(sandbox)
        members = {upstream: iter(numbers(upstream, 3000)) for upstream in PROGRAMS}
        yield Yard(tmp_path, sandbox, books, started, members)
        books.close()


def seed_of(name: str, capsys: pytest.CaptureFixture[str]) -> random.Random:
    seed = int(os.environ.get("CRASH_SEED", random.SystemRandom().randrange(10**6)))
    with capsys.disabled():
        print(f"\n{name}: CRASH_SEED={seed}")  # noqa: T201
    return random.Random(seed)  # noqa: S311 - repeatable deaths


def points(total: int, dice: random.Random, most: int = POINTS) -> list[int]:
    """Which steps: every k-th from a random start, or all."""
    if FULL:
        return list(range(1, total + 1))
    every = max(1, total // most)
    return list(range(1 + dice.randrange(every), total + 1, every))


def wrongs(yard: Yard, kind: Errand, case: Case, result: dict[str, Any]) -> tuple[str, Shown]:
    """What is wrong with an end, in words, and what the books show."""
    effects = yard.effects(kind, case)
    seen = shown(kind, effects)
    if "error" in result:
        return f"recovery failed: {result['error']}", seen
    if result["status"] not in TRUE_ENDS:
        return f"stuck: {result}", seen
    if len({*result["final"], result["status"]}) > 1 and result["final"]:
        return f"told {result['told']}, and in the end {result['status']}", seen
    return verdict(kind, result["status"], effects), seen


def killed(yard: Yard, kind: Errand, cases: list[Case]) -> list[Case]:
    """The cases whose child died where it should; any other end but a whole one is an error."""
    dead: list[Case] = []
    for case, ended in zip(cases, yard.nursery.order("die", cases), strict=True):
        said = ended["said"]
        assert not (isinstance(said, dict) and "error" in said), f"{kind.title} {case.at}: {said}"
        assert not ended["hung"], f"{kind.title} {case.at} hung"
        if ended["killed"]:
            dead.append(case)
    return dead


def steps_of(yard: Yard, kind: Errand, **more: Any) -> int:
    """How many steps the path of a mutation has."""
    [counted] = yard.nursery.order("die", [yard.case(kind, None, **more)])
    said = counted["said"]
    assert isinstance(said, int), said
    return said


@pytest.mark.timeout(6 * 3600 if FULL else 240)
@pytest.mark.parametrize(("upstream", "name"), KINDS)
def test_whoever_dies_leaves_one_effect_or_a_refusal(
    yard: Yard, upstream: str, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    kind = errand(upstream, name)
    dice = seed_of(f"crash of {kind.title}", capsys)
    total = steps_of(yard, kind)
    places = points(total, dice)
    ends: Counter[str] = Counter()
    found: list[str] = []
    dead = 0
    for start in range(0, len(places), BATCH):
        cases = [yard.case(kind, at) for at in places[start : start + BATCH]]
        gone = killed(yard, kind, cases)
        dead += len(gone)
        for case, result in zip(gone, yard.nursery.order("recover together", gone), strict=True):
            wrong, seen = wrongs(yard, kind, case, result)
            ends[f"{result.get('status')}/{seen}"] += 1
            if wrong:
                found.append(f"killed at step {case.at} of {total}: {wrong}")
    with capsys.disabled():
        print(f"  {total} steps, {dead} kills: {dict(ends)}")  # noqa: T201
    assert found == []
    assert dead > len(places) / 2


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
