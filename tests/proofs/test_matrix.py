"""The fault matrix: every fault of a write, at every upstream, for every kind of mutation.

What may be told is in meanings.py; that what is told is true is read in the sandbox's books. FULL=1
runs every combination; else each fault is met by a few kinds of mutation, others every day.
"""

import asyncio
import os
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pytest

from tests.proofs.errands import ERRANDS, PROGRAMS, Doubt, Errand, errand
from tests.proofs.faults import ANSWERS, FLIPS, WIRE, Fault, Flip, WireFault
from tests.proofs.judge import verdict
from tests.proofs.labs import End, Shop, ended, shop
from tests.proofs.meanings import ALLOWED, LATER, UNSENT, Meaning

FULL = bool(os.environ.get("FULL"))
AT_ONCE = 8
UPSTREAMS = tuple(PROGRAMS)
ALWAYS_RUN = ("sale",)
"""Kinds that meet every fault in every run; of the others each fault meets one a day."""

USUAL = ("sale", "redeem")
"""Kinds that a flipped switch is tried with, where it is about no particular one."""

FLIPPED = (
    "healthy",
    "F11 dropped before",
    "F15 dropped after",
    "F24 500 applied",
    "F25 500",
    "F34 empty, applied",
    "dropped before, always",
)
"""What each flipped switch is met with."""


@dataclass(frozen=True, slots=True)
class Case:
    """An errand, a fault, and perhaps an assumption the other way round."""

    errand: Errand
    fault: Fault | WireFault
    flip: Flip | None = None

    @property
    def title(self) -> str:
        flip = "" if self.flip is None else f" [{self.flip.title}]"
        return f"{self.errand.title}{flip}: {self.fault.name}"

    @property
    def meaning(self) -> Meaning:
        return self.fault.meaning_for(self.errand)

    @property
    def doubt(self) -> Doubt:
        doubts: Mapping[str, Doubt] = {} if self.flip is None else self.flip.doubts
        return doubts.get(self.errand.name, self.errand.doubt)

    @property
    def allowed(self) -> frozenset[str]:
        if self.errand.is_later and self.meaning in LATER:
            return LATER[self.meaning]
        return ALLOWED[self.meaning, self.doubt]

    @property
    def doubled_by_network(self) -> int:
        """How often the network itself may have doubled it: once, where no one detects it."""
        return 1 if self.meaning is Meaning.TWICE else 0


def wrong(case: Case, end: End) -> list[str]:
    """Everything that is wrong with an end; nothing in the best case."""
    found: list[str] = []
    if end.first.status not in case.allowed | {"PENDING"}:
        found.append(f"first told {end.first.status} {end.first.codes}")
    if end.status not in case.allowed:
        found.append(f"told {end.status} {end.again.codes}, allowed {sorted(case.allowed)}")
    unsent = end.status == "REJECTED" and case.meaning in UNSENT
    if unsent and end.again.status != "SUCCEEDED":
        found.append(f"unsent, and the same key again is told {end.again.status} {end.again.codes}")
    if unsent and end.first.status == "REJECTED" and not end.first.is_unsent:
        found.append(f"unsent, and the advice is {end.first.retries}")
    if not unsent and end.again.status != end.status:
        found.append(f"told {end.status}, and with the same key {end.again.status}")
    if not unsent and end.again.operation is not None and not end.again.replayed:
        found.append("the second answer is not marked as replayed")
    status = end.again.status if unsent else end.status
    if untrue := verdict(case.errand, status, end.effects, case.doubled_by_network):
        found.append(untrue)
    return found


@pytest.fixture(scope="module")
def works(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return shop(tmp_path_factory.mktemp("matrix"))


async def judged(works: Shop, cases: Sequence[Case]) -> list[str]:
    """Run cases side by side, each in a world of its own; what is wrong with them."""
    places = asyncio.Semaphore(AT_ONCE)

    async def run(number: int, case: Case) -> list[str]:
        async with places:
            name = f"{time.monotonic_ns()}-{number}"
            making = (
                works.lab(name, case.flip)
                if isinstance(case.fault, Fault)
                else works.wired_lab(name)
            )
            try:
                async with asyncio.timeout(60), making as lab:
                    end = await ended(lab, case.errand, 100 + number, case.fault)
            except Exception as cause:  # noqa: BLE001 - a case that breaks is told with the others
                return [f"{case.title}: {type(cause).__name__}: {cause}"[:600]]
            return [f"{case.title}: {text}" for text in wrong(case, end)]

    found = await asyncio.gather(*(run(number, case) for number, case in enumerate(cases)))
    return [text for texts in found for text in texts]


def todays(upstream: str, seed: int) -> list[Case]:
    """The sample of a day: a fault with the kinds that always run, and with one other."""
    dice = random.Random(seed)  # noqa: S311 - a sample that can be repeated
    kinds = [each for each in ERRANDS if each.upstream == upstream]
    always = [each for each in kinds if each.name in ALWAYS_RUN]
    others = [each for each in kinds if each.name not in ALWAYS_RUN]
    cases: list[Case] = []
    for fault in ANSWERS:
        chosen = kinds if FULL else [*always, dice.choice(others)]
        if not FULL and fault.name == "healthy":
            chosen = kinds
        cases += [Case(each, fault) for each in chosen if fault.fits(each)]
    return cases


def seed_of_today() -> int:
    return int(os.environ.get("MATRIX_SEED", time.time() // 86_400))


@pytest.mark.timeout(3600 if FULL else 900)
@pytest.mark.parametrize("upstream", UPSTREAMS)
async def test_faults_of_answers(works: Shop, upstream: str) -> None:
    cases = todays(upstream, seed_of_today())
    found = await judged(works, cases)
    assert not found, f"{len(found)} of {len(cases)} (MATRIX_SEED={seed_of_today()})\n" + "\n".join(
        found
    )


@pytest.mark.timeout(3600 if FULL else 900)
@pytest.mark.parametrize("upstream", UPSTREAMS)
async def test_faults_of_the_network(works: Shop, upstream: str) -> None:
    kinds = [
        each for each in ERRANDS if each.upstream == upstream and (FULL or each.name == "sale")
    ]
    cases = [Case(each, fault) for each in kinds for fault in WIRE if fault.fits(each)]
    found = await judged(works, cases)
    assert not found, f"{len(found)} of {len(cases)}\n" + "\n".join(found)


@pytest.mark.timeout(3600 if FULL else 900)
@pytest.mark.parametrize("upstream", UPSTREAMS)
async def test_each_assumption_the_other_way_round(works: Shop, upstream: str) -> None:
    flips = [flip for flip in FLIPS if flip.upstream == upstream]
    cases = [
        Case(each, fault, flip)
        for flip in flips
        for each in _touched(flip)
        for fault in ANSWERS
        if fault.fits(each) and (fault.name in FLIPPED or FULL)
    ]
    if not FULL:
        cases = cases[seed_of_today() % 3 :: 3]
    found = await judged(works, cases)
    assert not found, f"{len(found)} of {len(cases)}\n" + "\n".join(found)


def _touched(flip: Flip) -> list[Errand]:
    """The kinds of mutation that a switch is about: those whose doubt it changes, and the usual."""
    named = [errand(flip.upstream, name) for name in flip.doubts]
    return named or [errand(flip.upstream, name) for name in USUAL]


def test_every_meaning_has_its_outcomes_and_every_fault_a_meaning() -> None:
    assert set(ALLOWED) == {(meaning, doubt) for meaning in Meaning for doubt in Doubt}
    for statuses in ALLOWED.values():
        assert statuses
        assert len(statuses) <= 2, "no row may allow nearly anything"
    rows: tuple[Fault | WireFault, ...] = (*ANSWERS, *WIRE)
    names = [fault.name for fault in rows]
    assert len(names) == len(set(names))
