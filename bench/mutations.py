"""What a mutation costs beside its call: a sale through the desk against an upstream without delay.

    python bench/mutations.py [seconds a measurement]

The upstream is a function in this process that answers at once, behind the real adapter of
OneRewards; the ledger is a real file with durable commits. A bare commit is one row in one durable
commit, one after another, in a loop that does nothing else. It is measured with the settings of the
ledger's own file (the journal kept) and with SQLite's defaults (the journal deleted, synchronous
FULL): both are as durable, and the first is several times faster where a sync costs little.

Ratios hold within one run only: disks differ, and so does what else the machine does. CPU is that
of this whole process, all threads and the kernel's part, and moves less than the rates do. The
goals, by the settings of the ledger's file: at least a quarter as many mutations a second as bare
commits, and one mutation no more than 3.5 commits' time longer than its call.
"""

import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import uvloop

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from bench.ledger import bare_sqlite, per_second  # noqa: E402
from graph import demo  # noqa: E402
from graph.app import connected  # noqa: E402
from graph.settings import load  # noqa: E402
from ledger.open import open_ledger  # noqa: E402
from loyalty.commands import PostSale  # noqa: E402
from loyalty.outcomes import OperationStatus  # noqa: E402
from loyalty.refs import MemberRef  # noqa: E402
from loyalty.sales import DocumentReference, LineType, Outlet, SaleLine, SaleTotals  # noqa: E402
from providers.calls import Call, Engine, Reply  # noqa: E402
from providers.http import Transport  # noqa: E402
from providers.policy import policy_of  # noqa: E402
from providers.registry import ADAPTERS  # noqa: E402
from providers.settings import ProgramSettings  # noqa: E402
from resolvers.callers import Caller  # noqa: E402
from resolvers.desk import Desk  # noqa: E402

AT_ONCE = 64
ROUNDS = 5
GOAL_SHARE = 0.25
GOAL_COMMITS = 3.5
ANSWER = b'{"isSuccess":true,"isOverRedeemPoint":false,"voucherErrorMessage":null}'
CALLER = Caller(scope="bench")
AMOUNT = Decimal("12.50")


class AtOnce:
    """An upstream that takes every sale, and no time."""

    async def send(self, call: Call, timeout: float) -> Reply:  # noqa: ASYNC109 - Engine
        """The documented success."""
        del call, timeout
        await asyncio.sleep(0)
        return Reply(201, {"content-type": "application/json"}, ANSWER)

    async def aclose(self) -> None:
        """Nothing to close."""


@dataclass(slots=True)
class Bench:
    """A desk over the upstream without delay, and a bare call to it."""

    desk: Desk
    transport: Transport
    count: int = 0

    async def mutation(self) -> None:
        """One sale."""
        self.count += 1
        told = await self.desk.do(CALLER, f"bench-key-{self.count:012d}", sale(self.count), "bench")
        if told.status is not OperationStatus.SUCCEEDED:
            raise RuntimeError(f"a sale was told {told.status}: {told.errors}")

    async def call(self) -> None:
        """What a sale costs on the wire, and nothing more."""
        call = Call("post_transaction", "POST", "http://upstream.test/post", {}, b"{}" * 400)
        await self.transport.write(call, leave_by=time.monotonic() + 5, timeout=5)


def sale(number: int) -> PostSale:
    """A sale of one line."""
    line = SaleLine(
        type=LineType.NORMAL,
        product_code="20001",
        quantity=Decimal(1),
        unit_price=AMOUNT,
        subtotal_ex_tax=AMOUNT,
        subtotal=AMOUNT,
    )
    return PostSale(
        member=MemberRef("kopi", str(1 + number % 4000)),
        document=DocumentReference(id=f"BENCH-{number}", number=str(number)),
        occurred_at=datetime.now(UTC),
        outlet=Outlet(code="KL01", name="KLCC"),
        lines=(line,),
        totals=SaleTotals(gross=AMOUNT, final=AMOUNT),
        collect=Decimal(12),
    )


@asynccontextmanager
async def bench(folder: Path) -> AsyncIterator[Bench]:
    """Everything but the bare file."""
    config = demo.prepare(folder, sandbox="http://upstream.test", port=8000)
    text = config.read_text(encoding="utf-8")
    kopi = "[programs.kopi]\n"  # the question whether the member is active is a call of its own
    unasked = "assumptions = { writes = { members_are_checked = false } }\n"
    config.write_text(text.replace(kopi, kopi + unasked), encoding="utf-8")
    settings = load(config, {code: each.settings for code, each in ADAPTERS.items()}, {})
    programs = {"kopi": settings.programs["kopi"]}

    def open_engine(_: ProgramSettings) -> Engine:
        return AtOnce()

    journal = await open_ledger(f"sqlite:///{folder}/ledger.db", [os.urandom(32)])
    async with connected(programs, open_engine, open_write_engine=open_engine) as accounts:
        desk = Desk(accounts, journal)
        policy = policy_of(programs["kopi"])
        try:
            yield Bench(desk, Transport("kopi", AtOnce(), policy, write_engine=AtOnce()))
        finally:
            await desk.aclose()
            await journal.aclose()


@dataclass(frozen=True, slots=True)
class Rate:
    """How often something is done a second, and the CPU that each time takes, in microseconds."""

    a_second: float
    cpu: float

    @property
    def takes(self) -> float:
        """Seconds from one to the next."""
        return 1 / self.a_second


@dataclass(frozen=True, slots=True)
class Round:
    """What was measured together; `ours` and `usual` are bare commits a second."""

    ours: float
    usual: float
    call: Rate
    one: Rate
    many: Rate

    def commits(self, bare: float) -> float:
        """How many commits' time one mutation takes more than its call."""
        return (self.one.takes - self.call.takes) * bare


async def rate(work: Callable[[], Awaitable[None]], seconds: float, at_once: int) -> Rate:
    """Do it by so many tasks."""
    began, cpu = time.perf_counter(), time.process_time()
    a_second = await per_second(work, seconds, at_once)
    busy = (time.process_time() - cpu) / (time.perf_counter() - began)
    return Rate(a_second, 1e6 * busy / a_second)


async def measured(running: Bench, folder: Path, seconds: float) -> Round:
    """Everything once, one after another."""
    return Round(
        ours=await asyncio.to_thread(bare_sqlite, folder, seconds, ours=True),
        usual=await asyncio.to_thread(bare_sqlite, folder, seconds / 2, ours=False),
        call=await rate(running.call, seconds / 4, 1),
        one=await rate(running.mutation, seconds, 1),
        many=await rate(running.mutation, seconds, AT_ONCE),
    )


async def main() -> int:
    """Measure and tell; the exit code says whether the goals were met."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 2.0
    with tempfile.TemporaryDirectory(dir=ROOT, prefix=".bench-") as name:
        folder = Path(name)
        async with bench(folder) as running:
            await per_second(running.mutation, 0.5, AT_ONCE)
            rounds = [await measured(running, folder, seconds) for _ in range(ROUNDS)]
    return _told(rounds)


def _told(rounds: list[Round]) -> int:
    def median(figure: Callable[[Round], float]) -> float:
        return statistics.median(figure(each) for each in rounds)

    one, many = median(lambda each: each.one.a_second), median(lambda each: each.many.a_second)
    share = median(lambda each: each.many.a_second / each.ours)
    usual_share = median(lambda each: each.many.a_second / each.usual)
    cost = median(lambda each: each.commits(each.ours))
    usual_cost = median(lambda each: each.commits(each.usual))
    print("a second")
    print(f"  bare commits, the ledger's settings {median(lambda each: each.ours):8.0f}")
    print(f"  bare commits, SQLite's defaults     {median(lambda each: each.usual):8.0f}")
    print(f"  calls alone                         {median(lambda each: each.call.a_second):8.0f}")
    print(f"  mutations, one by one               {one:8.0f}")
    print(f"  mutations, {AT_ONCE} at once               {many:8.0f}")
    print(
        f"CPU of a mutation: {median(lambda each: each.one.cpu):.0f} us one by one,"
        f" {median(lambda each: each.many.cpu):.0f} us with {AT_ONCE} at once"
    )
    print(f"{AT_ONCE} at once: {share:.2f} of bare commits, {usual_share:.2f} of SQLite's defaults")
    print(
        f"one by one: {cost:.2f} bare commits' time more than the call,"
        f" {usual_cost:.2f} by SQLite's defaults"
    )
    print(f"goals: at least {GOAL_SHARE} of the bare commits, at most {GOAL_COMMITS} commits' time")
    return 0 if cost <= GOAL_COMMITS and share >= GOAL_SHARE else 1


if __name__ == "__main__":
    sys.exit(uvloop.run(main()))
