"""Where mutations die: a sandbox, a process that forks the dying, and who judges what they left."""

import json
import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.proofs.crash_child import Case
from tests.proofs.crowds import numbers
from tests.proofs.errands import PROGRAMS, Errand, errand
from tests.proofs.houses import Books, configure, patience, sandbox_process
from tests.proofs.judge import Shown, shown, verdict

HOUSE = Path(__file__).parents[2]
KEYS = patience(0.6, 0.2, 6.0)
TRUE_ENDS = {"SUCCEEDED", "REJECTED", "REVERSED", "UNDER_REVIEW"}


@dataclass(slots=True)
class Nursery:
    """A process that forks the children."""

    process: "subprocess.Popen[str]"

    def order(self, do: str, cases: list[Case], at_once: int = 1) -> list[Any]:
        """Have something done with cases, and the answers."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        order = {"do": do, "cases": [asdict(case) for case in cases], "at_once": at_once}
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
        rest: list[dict[str, Any]] = []
        for each in found:
            if left[each["kind"]] > 0:
                left[each["kind"]] -= 1
                continue
            rest.append(each)
        return rest


@contextmanager
def standing(folder: Path) -> Generator[Yard]:
    """A yard for the length of a `with`."""
    with sandbox_process(folder) as sandbox, nursery() as started:
        books = Books(sandbox)
        members = {upstream: iter(numbers(upstream, 3000)) for upstream in PROGRAMS}
        yield Yard(folder, sandbox, books, started, members)
        books.close()


def seed_of(name: str, capsys: pytest.CaptureFixture[str]) -> random.Random:
    seed = int(os.environ.get("CRASH_SEED", random.SystemRandom().randrange(10**6)))
    with capsys.disabled():
        print(f"\n{name}: CRASH_SEED={seed}")  # noqa: T201
    return random.Random(seed)  # noqa: S311 - repeatable deaths


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


def killed(yard: Yard, kind: Errand, cases: list[Case], at_once: int = 1) -> list[Case]:
    """The cases whose child died where it should; any other end but a whole one is an error."""
    dead: list[Case] = []
    for case, ended in zip(cases, yard.nursery.order("die", cases, at_once), strict=True):
        said, place = ended["said"], case.point or case.at
        assert not (said and "error" in said), f"{kind.title} {place}: {said}"
        assert not ended["hung"], f"{kind.title} {place} hung"
        if ended["killed"]:
            dead.append(case)
    return dead
