"""The history soak: 32 clients, 200 members, three upstreams, and everything that can go wrong.

SOAK_SECONDS says for how long (60); its seed is printed, and SOAK_SEED repeats it.
"""

import asyncio
import os
import random
import time
from collections.abc import Generator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

import httpx
import pytest

from tests.proofs.checker import Evidence, Report, check
from tests.proofs.crowds import numbers
from tests.proofs.errands import PROGRAMS, Scene, errand
from tests.proofs.houses import Books, House, house, patience, postgres_database
from tests.proofs.nemesis import Nemesis
from tests.proofs.tills import Till
from tests.proofs.workload import FUNDS, Person, Workload

CLIENTS = 32
MEMBERS = 200
SECONDS = float(os.environ.get("SOAK_SECONDS", "60"))
PACE = 0.1
REVIEW = 60 * PACE
KEYS = patience(5.0, 1.0, 60.0)


async def gathered(running: House) -> list[Person]:
    """The people of the workload, each with points to spend."""
    people: list[Person] = []
    token = running.token()
    async with httpx.AsyncClient(base_url=running.servers[0].url, timeout=30) as http:
        till = Till(http, token)

        async def invited(upstream: str, number: str, n: int) -> Person:
            member = await till.member(PROGRAMS[upstream], number)
            person = Person(upstream, number, member["id"])
            given = errand(upstream, "adjust").given(Scene(person.id, n))
            given["delta"] = str(FUNDS)
            told = await till.tell("adjustPoints", f"funds-for-{upstream}-{number}", given)
            assert told.status == "SUCCEEDED", (upstream, told)
            return person

        n = 0
        for upstream in PROGRAMS:
            share = numbers(upstream, MEMBERS // 3 + 1)
            for start in range(0, len(share), 8):
                part = share[start : start + 8]
                people += await asyncio.gather(
                    *(invited(upstream, number, n + turn) for turn, number in enumerate(part))
                )
                n += len(part)
    return people


def balances(books: Books, people: list[Person]) -> dict[tuple[str, str], Decimal]:
    """What everybody has, by the books of effects' own measure."""
    found: dict[tuple[str, str], Decimal] = {}
    for each in people:
        book = books.member(each.upstream, each.number)
        extra = ("pending", "restricted") if each.upstream == "fabric" else ()
        found[each.upstream, each.number] = sum(
            (Decimal(book[name]) for name in ("points", *extra)), Decimal(0)
        )
    return found


async def soaked(running: House, seconds: float, seed: int, kill_every: float) -> Report:
    people = await gathered(running)
    books = running.books
    start, skipped = balances(books, people), len(books.effects())
    workload = Workload(running, people, seed=seed)
    workload.offer = await offers(running, people)
    nemesis = Nemesis(running, seed=seed + 1, kill_every=kill_every)
    ends = time.monotonic() + seconds

    def is_over() -> bool:
        return time.monotonic() >= ends

    await asyncio.gather(workload.run(CLIENTS, is_over), nemesis.run(is_over))
    await asyncio.sleep(1)
    await workload.settle(REVIEW + 20)
    await asyncio.sleep(2.5)  # what is still held back by the proxy arrives
    effects = books.effects()[skipped:]
    bodies = {call["n"]: call["body"] for call in books.calls()}
    report = check(workload.history, Evidence(effects, bodies, start, balances(books, people)))
    report.figures |= {
        "kills": nemesis.kills,
        "pauses": nemesis.pauses,
        "faults": nemesis.faults,
        "refused documents": len(workload.history.refused),
    }
    report.wrong += workload.history.refused[:5]
    return report


async def offers(running: House, people: list[Person]) -> dict[str, str]:
    """The offer that each OneRewards member may claim."""
    token = running.token()
    async with httpx.AsyncClient(base_url=running.servers[0].url, timeout=30) as http:
        till = Till(http, token)
        shop = [each for each in people if each.upstream == "onerewards"]
        found = [(each.number, await till.offers(each.id)) for each in shop]
    return {number: each["12"] for number, each in found if "12" in each}


@contextmanager
def told(name: str, capsys: pytest.CaptureFixture[str]) -> Generator[int]:
    """The seed of a run, printed so that it can be repeated."""
    seed = int(os.environ.get("SOAK_SEED", random.SystemRandom().randrange(10**6)))
    with capsys.disabled():
        print(f"\n{name}: SOAK_SEED={seed}")  # noqa: T201
    yield seed


def judged(report: Report, capsys: pytest.CaptureFixture[str], seconds: float) -> None:
    with capsys.disabled():
        for line in report.lines():
            print(f"  {line}")  # noqa: T201
    assert report.wrong == [], "\n".join(report.wrong[:40])
    assert report.figures["succeeded"] > seconds, "next to nothing was done"
    assert report.figures["kills"] >= seconds / 30


@pytest.mark.timeout(SECONDS + 240)
async def test_a_soak_on_sqlite(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with (
        told("soak on SQLite", capsys) as seed,
        house(tmp_path, ledger=None, servers=1, pace=PACE, programs=KEYS) as running,
    ):
        report = await soaked(running, SECONDS, seed, kill_every=7)
    judged(report, capsys, SECONDS)


@pytest.mark.postgres
@pytest.mark.timeout(SECONDS / 2 + 240)
async def test_a_soak_of_two_servers_on_postgresql(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with (
        told("soak of two servers on PostgreSQL", capsys) as seed,
        postgres_database() as ledger,
        house(tmp_path, ledger=ledger, servers=2, pace=PACE, programs=KEYS) as running,
    ):
        report = await soaked(running, SECONDS / 2, seed, kill_every=5)
    judged(report, capsys, SECONDS / 2)
