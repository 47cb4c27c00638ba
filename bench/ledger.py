"""What durability costs: mutations of `open` and `change` against bare commits; docs/operate.md.

    python bench/ledger.py [seconds a measurement] [postgresql://user@host/database]

Bare is one row inserted in one durable commit, one after another, in a loop that does nothing else:
with SQLite's own settings (the journal deleted, synchronous FULL), and with the ledger's (the
journal kept). Ratios hold within one run only: disks differ.
"""

import asyncio
import os
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import uvloop

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from ledger.journal import Change, Journal, Record, State, StepRecord  # noqa: E402
from ledger.open import open_ledger  # noqa: E402
from ledger.sqlite_file import connect  # noqa: E402

AT_ONCE = 32
ROUNDS = 3
KEY = b"bench" + bytes(27)
COMMAND = os.urandom(900)
REQUEST = os.urandom(1_200)
RESULT = os.urandom(400)


def operation() -> Record:
    """A sale as it is recorded before it is sent."""
    now = datetime.now(UTC)
    name = f"{time.time_ns():016x}{os.urandom(8).hex()}"
    step = StepRecord(
        seq=0,
        name="post",
        digest=sha256(REQUEST).digest(),
        request=REQUEST,
        reference=name,
        sent_at=now,
    )
    return Record(
        id=name,
        scope=name[-2:],
        key=name,
        fingerprint=sha256(name.encode()).digest(),
        kind="TRANSACTION_POST",
        program="bench",
        member=name[-4:],
        document=name,
        state=State.SENDING,
        created_at=now,
        owner="bench",
        lease_until=now + timedelta(minutes=2),
        command=COMMAND,
        steps=(step,),
    )


async def mutation(journal: Journal) -> None:
    """The two commits of a mutation of one step."""
    record = await journal.open(operation())
    step = replace(record.steps[0], outcome=RESULT)
    change = Change(state=State.CONFIRMED, why="done", step=step, result=RESULT, final=True)
    await journal.change(record, change)


async def per_second(work: Callable[[], Awaitable[None]], seconds: float, at_once: int) -> float:
    """How often `work` is done a second by so many tasks."""
    done = 0
    end = time.perf_counter() + seconds

    async def repeat() -> None:
        nonlocal done
        while time.perf_counter() < end:
            await work()
            done += 1

    began = time.perf_counter()
    await asyncio.gather(*(repeat() for _ in range(at_once)))
    return done / (time.perf_counter() - began)


def bare_sqlite(folder: Path, seconds: float, *, ours: bool) -> float:
    """Commits a second of one row each."""
    path = folder / f"bare-{ours}.db"
    path.touch()
    connection = connect(path, 5) if ours else sqlite3.connect(path, isolation_level=None)
    connection.execute("CREATE TABLE IF NOT EXISTS rows (id INTEGER PRIMARY KEY, value TEXT)")
    done, began = 0, time.perf_counter()
    while time.perf_counter() < began + seconds:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO rows (value) VALUES (?)", (str(done),))
        connection.execute("COMMIT")
        done += 1
    rate = done / (time.perf_counter() - began)
    connection.close()
    return rate


def bare_postgresql(url: str, seconds: float) -> float:
    """Commits a second of one row each."""
    import psycopg  # noqa: PLC0415 - an extra

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TEMPORARY TABLE anchor (id INT)")
        connection.execute("CREATE TABLE IF NOT EXISTS bench_rows (value TEXT)")
        done, began = 0, time.perf_counter()
        while time.perf_counter() < began + seconds:
            connection.execute("INSERT INTO bench_rows VALUES (%s)", (str(done),))
            done += 1
        rate = done / (time.perf_counter() - began)
        connection.execute("DROP TABLE bench_rows")
    return rate


async def measure(url: str, bares: dict[str, Callable[[], float]], seconds: float) -> None:
    """Print medians; bare commits are measured in every round again."""
    journal = await open_ledger(url, [KEY])
    rounds: list[tuple[list[float], float, float]] = []
    try:
        for _ in range(ROUNDS):
            alone = [await asyncio.to_thread(bare) for bare in bares.values()]
            one = await per_second(lambda: mutation(journal), seconds, 1)
            many = await per_second(lambda: mutation(journal), seconds, AT_ONCE)
            rounds.append((alone, one, many))
    finally:
        await journal.aclose()
    one, many = (statistics.median(column) for column in list(zip(*rounds, strict=True))[1:])
    print(f"  mutations a second: {one:.0f} one by one, {many:.0f} with {AT_ONCE} at once")
    for place, name in enumerate(bares):
        rate = statistics.median(alone[place] for alone, _, _ in rounds)
        cost = statistics.median(alone[place] / one for alone, one, _ in rounds)
        gain = statistics.median(many / alone[place] for alone, _, many in rounds)
        print(
            f"  {name}: {rate:.0f} bare commits a second; a mutation takes {cost:.2f} commits'"
            f" time, {AT_ONCE} at once reach {gain:.2f} of their rate"
        )


async def main() -> None:
    """Measure SQLite in a folder beside this one, and PostgreSQL where its URL is given."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 3.0
    with tempfile.TemporaryDirectory(dir=ROOT) as folder:
        print("SQLite")
        bares = {
            "SQLite's settings": lambda: bare_sqlite(Path(folder), seconds, ours=False),
            "the ledger's settings": lambda: bare_sqlite(Path(folder), seconds, ours=True),
        }
        await measure(f"sqlite:///{folder}/ledger.db", bares, seconds)
    for url in sys.argv[2:]:
        print("PostgreSQL")
        await measure(url, {"the server": lambda url=url: bare_postgresql(url, seconds)}, seconds)


if __name__ == "__main__":
    uvloop.run(main())
