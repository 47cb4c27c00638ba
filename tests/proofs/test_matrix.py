"""The fault matrix: every fault of a write, at every upstream, for every kind of mutation.

What may be told is in meanings.py; that what is told is true is read in the sandbox's books. FULL=1
lets every kind of mutation meet every fault, and under each flipped switch those of FLIPPED; else
each fault is met by a sale and one other kind, others every day.
"""

import asyncio
import os
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path

import pytest

from sandbox.app import create_app as create_sandbox
from tests.proofs.errands import ERRANDS, PROGRAMS, Doubt, Errand, errand
from tests.proofs.faults import ANSWERS, EVERY, WIRE, Fault, WireFault
from tests.proofs.flips import FLIPS, NOT_FLIPPED, Flip
from tests.proofs.judge import verdict
from tests.proofs.labs import End, Lab, Shop, ended, shop
from tests.proofs.listed import ELSEWHERE, ONLY_AT, met, unmet
from tests.proofs.meanings import ENDS, LATER, OR_ELSE, TOLD_APART, UNSENT, Meaning

FULL = bool(os.environ.get("FULL"))
AT_ONCE = 12
STUCK = 180.0
"""Seconds after which a case has hung, on however busy a machine."""
UPSTREAMS = tuple(PROGRAMS)
ALWAYS_RUN = ("sale",)
"""Kinds that meet every fault in every run; of the others each fault meets one a day."""

FLIPPED = (
    "healthy",
    "F11 dropped before",
    "F12 delivered twice",
    "F15 dropped after",
    "F24 500 applied",
    "F25 500",
    "F34 empty, applied",
    "F42 refused in its own words",
    "F52 dropped after, dark a while",
    "F58 token revoked",
    "dropped before, always",
)
"""What each flipped switch is met with; where a run is not FULL, with the answer of a change that
was made and lost, and with one other of these."""

ALWAYS_FLIPPED = "F15 dropped after"


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
        meaning, flip = self.fault.meaning_for(self.errand), self.flip
        if flip is None:
            return meaning
        unseen = meaning is Meaning.APPLIED and flip.refuses_first
        untold = meaning is Meaning.REFUSED and self.errand.name in flip.vague
        return Meaning.IGNORED if unseen or untold else meaning

    @property
    def doubt(self) -> Doubt:
        doubts: Mapping[str, Doubt] = {} if self.flip is None else self.flip.doubts
        return doubts.get(self.errand.name, self.errand.doubt)

    @property
    def expected(self) -> frozenset[str]:
        """What may be told in the end: one status, or one of two where chance decides."""
        how = self.meaning, self.doubt
        if self.errand.is_later and self.meaning in LATER:
            return frozenset({LATER[self.meaning]})
        if self.errand.told_apart and how in TOLD_APART:
            return frozenset({TOLD_APART[how]})
        return frozenset({ENDS[how], OR_ELSE.get(how, ENDS[how])})

    @property
    def doubled_by_network(self) -> int:
        """How often the network itself doubled it: once, where the upstream takes it for two."""
        flipped = self.flip is not None and self.errand.name in self.flip.twins
        return 1 if self.meaning is Meaning.TWICE and (self.errand.twins or flipped) else 0


def wrong(case: Case, end: End) -> list[str]:
    """Everything that is wrong with an end; nothing in the best case."""
    unsent = end.status == "REJECTED" and case.meaning in UNSENT
    found = [*_untold(case, end), *(_not_unsent(end) if unsent else _not_final(end))]
    if end.strangers and case.errand.name != "enrol":
        found.append("somebody else has effects of it")
    status = end.again.status if unsent else end.status
    if untrue := verdict(case.errand, status, end.effects, case.doubled_by_network):
        found.append(untrue)
    return found


def _untold(case: Case, end: End) -> Iterator[str]:
    if end.first.status not in case.expected | {"PENDING"}:
        yield f"first told {end.first.status} {end.first.codes}"
    if end.status not in case.expected:
        yield f"told {end.status} {end.again.codes}, and not {' or '.join(case.expected)}"


def _not_unsent(end: End) -> Iterator[str]:
    """What is wrong where nothing left: the same key may be used again, and then it is done."""
    if end.again.status != "SUCCEEDED":
        yield f"unsent, and the same key again is told {end.again.status} {end.again.codes}"
    if end.first.status == "REJECTED" and not end.first.is_unsent:
        yield f"unsent, and the advice is {end.first.retries}"


def _not_final(end: End) -> Iterator[str]:
    """What is wrong where something left: the same key is answered alike, by the same bytes."""
    if end.again.status != end.status:
        yield f"told {end.status}, and with the same key {end.again.status}"
    if end.again.operation is not None and not end.again.replayed:
        yield "the second answer is not marked as replayed"
    if len(end.bodies) > 1:
        yield f"sent again with other bytes: {len(end.bodies)} different ones"


@pytest.fixture(scope="module")
def works(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return shop(tmp_path_factory.mktemp("matrix"))


async def judged(works: Shop, cases: Sequence[Case], *, of_two: bool = False) -> list[str]:
    """Run cases side by side, each in a world of its own; what is wrong with them."""
    places = asyncio.Semaphore(AT_ONCE // 3 if of_two else AT_ONCE)

    def making(name: str, case: Case) -> AbstractAsyncContextManager[Lab]:
        if of_two:
            return works.lab_of_two(name)
        wired = isinstance(case.fault, WireFault)
        return works.wired_lab(name) if wired else works.lab(name, case.flip)

    async def run(number: int, case: Case) -> list[str]:
        async with places:
            name = f"{time.monotonic_ns()}-{number}"
            try:
                async with asyncio.timeout(STUCK), making(name, case) as lab:
                    end = await ended(lab, case.errand, 100 + number, case.fault)
            except Exception as cause:  # noqa: BLE001 - a case that breaks is told with the others
                return [f"{case.title}: {type(cause).__name__}: {cause}"[:600]]
            return [f"{case.title}: {text}" for text in wrong(case, end)]

    found = await asyncio.gather(*(run(number, case) for number, case in enumerate(cases)))
    return [text for texts in found for text in texts]


def todays(upstream: str, faults: Sequence[Fault] | Sequence[WireFault], seed: int) -> list[Case]:
    """The sample of a day: a fault with the kinds that always run, and with one other."""
    dice = random.Random(seed)  # noqa: S311 - a sample that can be repeated
    cases: list[Case] = []
    for fault in faults:
        kinds = [each for each in ERRANDS if each.upstream == upstream and fault.fits(each)]
        others = [each for each in kinds if each.name not in ALWAYS_RUN]
        if not FULL and fault.name != "healthy" and others:
            one = dice.choice(others)
            kinds = [each for each in kinds if each.name in ALWAYS_RUN or each is one]
        cases += [Case(each, fault) for each in kinds]
    return cases


def flipped(upstream: str, seed: int) -> list[Case]:
    """Each switch with each kind that it is about; of the faults, those of the day."""
    dice = random.Random(seed)  # noqa: S311 - a sample that can be repeated
    cases: list[Case] = []
    for flip in FLIPS:
        if flip.upstream != upstream:
            continue
        for kind in (errand(upstream, name) for name in flip.kinds):
            names = FLIPPED if FULL else (ALWAYS_FLIPPED, dice.choice(FLIPPED))
            met = [each for each in ANSWERS if each.name in names and each.fits(kind)]
            cases += [Case(kind, fault, flip) for fault in met]
    return cases


def seed_of_today() -> int:
    return int(os.environ.get("MATRIX_SEED", time.time() // 86_400))


async def check(works: Shop, cases: Sequence[Case], *, of_two: bool = False) -> None:
    found = await judged(works, cases, of_two=of_two)
    print(f"{len(cases)} cases")  # noqa: T201 - shown by -rP
    head = f"{len(found)} of {len(cases)} (MATRIX_SEED={seed_of_today()})"
    assert not found, "\n".join((head, *found))


@pytest.mark.timeout(3600 if FULL else 900)
@pytest.mark.parametrize("upstream", UPSTREAMS)
async def test_faults_of_answers(works: Shop, upstream: str) -> None:
    await check(works, todays(upstream, ANSWERS, seed_of_today()))


@pytest.mark.timeout(3600 if FULL else 900)
@pytest.mark.parametrize("upstream", UPSTREAMS)
async def test_faults_of_the_network(works: Shop, upstream: str) -> None:
    await check(works, todays(upstream, WIRE, seed_of_today()))


@pytest.mark.timeout(3600 if FULL else 900)
@pytest.mark.parametrize("upstream", UPSTREAMS)
async def test_each_assumption_the_other_way_round(works: Shop, upstream: str) -> None:
    await check(works, flipped(upstream, seed_of_today()))


@pytest.mark.postgres
@pytest.mark.timeout(3600 if FULL else 900)
@pytest.mark.parametrize("upstream", UPSTREAMS)
async def test_faults_with_two_servers_on_postgresql(works: Shop, upstream: str) -> None:
    """The client goes to one server first, and with its repeat to the other."""
    cases = todays(upstream, ANSWERS, seed_of_today())
    if not FULL:
        sales = [each for each in cases if each.errand.name in ALWAYS_RUN]
        cases = [each for each in sales if each.fault.name in FLIPPED]
    await check(works, cases, of_two=True)


def test_every_meaning_has_its_end_and_every_fault_a_meaning() -> None:
    assert set(ENDS) == {(meaning, doubt) for meaning in Meaning for doubt in Doubt}
    names = [fault.name for fault in EVERY]
    assert len(names) == len(set(names))


def test_every_row_of_the_list_of_faults_is_met_by_every_upstream() -> None:
    assert unmet() == []
    assert not met().keys() & ELSEWHERE.keys(), "in the matrix, and said to be elsewhere"
    assert all(at.keys().isdisjoint(met()[row]) for row, at in ONLY_AT.items())


def test_what_is_met_elsewhere_is_there() -> None:
    house = Path(__file__).parents[2]
    names = {flip.name for flip in FLIPS}
    for _, place in ELSEWHERE.values():
        file, _, name = place.partition("::")
        text = (house / file).read_text()
        assert name in names or f"def {name}(" in text, place


def test_every_assumption_of_the_sandbox_is_flipped_or_met_elsewhere() -> None:
    declared: dict[str, set[str]] = {}
    for upstream, switch in create_sandbox().state.sandbox.frame.switches.declared():
        declared.setdefault(upstream, set()).add(switch.name)
    for upstream, names in declared.items():
        named = {flip.name for flip in FLIPS if flip.upstream == upstream}
        assert named | NOT_FLIPPED[upstream].keys() == names
        assert not named & NOT_FLIPPED[upstream].keys()


def test_every_flip_has_kinds_that_meet_it() -> None:
    for flip in FLIPS:
        assert flip.kinds, flip.title
        assert {*flip.doubts, *flip.twins, *flip.vague} <= {*flip.kinds}, flip.title
        for kind in flip.kinds:
            assert errand(flip.upstream, kind)
