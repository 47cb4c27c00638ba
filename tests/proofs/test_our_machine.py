"""Faults of the machine under a live server: its disk, clock, descriptors, loop, and database.

Whatever it is: a clear refusal before anything is sent, or what was sent is settled afterwards.
"""

import asyncio
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from ledger import schema as schemas
from ledger.open import open_engine
from tests.proofs.houses import SERVE, House, house, patience, postgres_database
from tests.proofs.tills import Json, Told
from tests.proofs.visits import (
    SALE,
    SETTLED,
    asked_of,
    scene_at,
    true_of,
    when_it_arrives,
)
from tests.proofs.wire_faults import LoseReply

PACE = 0.1
KEYS = patience(8.0, 1.0, 2 * 3600 / PACE)
LEASE = 2.0
"""Seconds, at this pace, after which whoever is paused has lost what it was about."""
BACK_ENDS = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]

pytestmark = pytest.mark.timeout(240)


@contextmanager
def standing(folder: Path, back_end: str = "sqlite", **more: Any) -> Generator[House]:
    """One server, on either database."""
    with ExitStack() as stack:
        ledger = stack.enter_context(postgres_database()) if back_end != "sqlite" else None
        yield stack.enter_context(house(folder, ledger=ledger, pace=PACE, programs=KEYS, **more))


def is_refused_for_now(told: Told) -> bool:
    """Whether it says that the same may be asked again, and why: nothing can be recorded."""
    return (told.status, told.codes, told.retries) in {
        ("REJECTED", ("LEDGER_UNAVAILABLE",), ("SAME_KEY_LATER",)),
        # The disk did not even say whether the record was made; nothing leaves without knowing.
        ("PENDING", ("LEDGER_UNAVAILABLE",), ("CHECK_OPERATION",)),
    }


async def asked_until_done(running: House, key: str, given: Json) -> None:
    """Ask again, as an app does that was told to, until it has been done."""
    ends = time.monotonic() + 2 * SETTLED
    while (told := await asked_of(running, 0, key, given)).status != "SUCCEEDED":
        assert time.monotonic() < ends, told
        await asyncio.sleep(0.2)


# ------------------------------------------------------------------ the disk


@contextmanager
def failing_disk(running: House, calls: str) -> Generator[None]:
    """These system calls on the ledger's files end in EIO, for as long as it lasts."""
    process = running.servers[0].process
    assert process is not None
    ledger = running.folder / "loyalty.db"
    files = [f"--trace-path={ledger}{suffix}" for suffix in ("", "-journal")]
    fault = [f"--trace={calls}", f"--inject={calls}:error=EIO"]
    command = ["strace", "-f", "-o", "/dev/null", *files, *fault, "-p", str(process.pid)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as tracer:  # noqa: S603
        try:
            assert tracer.stderr is not None
            said = tracer.stderr.readline()
            assert "attached" in said, said
            yield
        finally:
            tracer.send_signal(signal.SIGINT)
            tracer.communicate()


needs_strace = pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace")


@needs_strace
async def test_with_a_disk_that_fails_nothing_leaves(tmp_path: Path) -> None:
    with standing(tmp_path) as running:
        for n, calls in enumerate(("pwrite64,fsync,fdatasync", "fsync,fdatasync")):
            key = f"while-the-disk-fails-{n}"
            number, given = await scene_at(running, n)
            before = running.books.calls(upstream="onerewards", operation=SALE.write)
            with failing_disk(running, calls):
                told = await asked_of(running, 0, key, given)
                assert is_refused_for_now(told), told
            assert running.books.calls(upstream="onerewards", operation=SALE.write) == before
            await asked_until_done(running, key, given)
            true_of(running, number, "SUCCEEDED")


@needs_strace
async def test_what_was_sent_as_the_disk_began_to_fail_is_settled(tmp_path: Path) -> None:
    with standing(tmp_path) as running:
        number, given = await scene_at(running, 2)
        with ExitStack() as stack:
            fault = failing_disk(running, "pwrite64,fsync,fdatasync")
            when_it_arrives(running, lambda: stack.enter_context(fault))
            assert (await asked_of(running, 0, "the-disk-failed-then-1", given)).status == "PENDING"
        await asked_until_done(running, "the-disk-failed-then-1", given)
        true_of(running, number, "SUCCEEDED")


# ------------------------------------------------------------------ the clock

FAKETIME = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
FAST = 2 * 3600
"""How fast the server's clock is at first, so that no token of ours is from its future."""


@pytest.mark.skipif(FAKETIME is None, reason="needs libfaketime")
@pytest.mark.parametrize("back_end", BACK_ENDS)
async def test_a_clock_that_is_set_by_an_hour_doubles_and_loses_nothing(
    tmp_path: Path, back_end: str
) -> None:
    """It is set as a write is under way, forward and back; the monotonic clock goes on as it did.

    On SQLite, where the machine's clock is the ledger's, one that was set back keeps a doubt open
    until the hour is over, so there it is set right before the end is asked for.
    """
    offset = tmp_path / "offset"
    offset.write_text(f"+{FAST}\n")
    environ = {
        "LD_PRELOAD": str(FAKETIME),
        "FAKETIME_TIMESTAMP_FILE": str(offset),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "DONT_FAKE_MONOTONIC": "1",
    }
    with standing(tmp_path, back_end, environ=environ) as running:
        for n, fast in enumerate((FAST + 3600, FAST)):
            doubtful, since = f"as-the-clock-was-set-{n}", f"since-the-clock-is-set-{n}"
            number, given = await past_scene_at(running, 3 + 2 * n)
            set_clock = partial(offset.write_text, f"+{fast}\n")
            arrived = when_it_arrives(running, set_clock, LoseReply())
            while not arrived.is_set():
                await asked_of(running, 0, doubtful, given)
            other, sale = await past_scene_at(running, 4 + 2 * n)
            await asked_of(running, 0, since, sale)
            if back_end == "sqlite":
                offset.write_text(f"+{FAST + 3600}\n")
            await asked_until_done(running, since, sale)
            true_of(running, other, "SUCCEEDED")
            await asked_until_done(running, doubtful, given)
            true_of(running, number, "SUCCEEDED")


async def past_scene_at(running: House, n: int) -> tuple[str, Json]:
    """A sale of three hours ago, which is no clock's future."""
    number, given = await scene_at(running, n)
    then = datetime.now(UTC) - timedelta(hours=3)
    return number, {**given, "occurredAt": then.replace(microsecond=0).isoformat()}


# ------------------------------------------------------------------ the process

CROWD = 80


async def test_a_crowd_that_is_more_than_the_descriptors_loses_nothing(tmp_path: Path) -> None:
    """The server may have 64 files and connections open, and more clients come at once."""
    command = ["prlimit", "--nofile=64", *SERVE]
    with standing(tmp_path, command=command) as running:
        scenes = [await scene_at(running, 10 + n) for n in range(CROWD)]
        keys = [f"in-a-crowd-{n:010d}" for n in range(CROWD)]
        sales = [given for _, given in scenes]
        answers = await asyncio.gather(
            *(asked_of(running, 0, key, given) for key, given in zip(keys, sales, strict=True)),
            return_exceptions=True,
        )
        refused = [answer for answer in answers if _is_refusal(answer)]
        assert refused, "the crowd was too small"
        for told in answers:
            is_told = isinstance(told, Told) and told.status in {"SUCCEEDED", "PENDING"}
            assert is_told or told in refused, told
        for key, (number, given) in zip(keys, scenes, strict=True):
            await asked_until_done(running, key, given)
            true_of(running, number, "SUCCEEDED")


def _is_refusal(answer: Told | BaseException) -> bool:
    """A connection that was not taken, or a refusal that says to come again."""
    return answer.is_unsent if isinstance(answer, Told) else isinstance(answer, httpx.HTTPError)


STALLING = (
    "import signal, time; signal.signal(signal.SIGUSR1, lambda *_: time.sleep(2));"
    " from graph.cli import main; main()"
)
"""A server whose event loop stands still for two seconds when it is told to; its threads go on."""


async def test_a_loop_that_stalls_while_a_write_is_under_way_settles_it(tmp_path: Path) -> None:
    with standing(tmp_path, command=[sys.executable, "-c", STALLING, "serve"]) as running:
        number, given = await scene_at(running, 7)
        when_it_arrives(running, lambda: running.servers[0].signal(signal.SIGUSR1))
        began = time.monotonic()
        told = await asked_of(running, 0, "while-the-loop-stood-1", given)
        assert time.monotonic() - began >= LEASE
        assert told.status in {"SUCCEEDED", "PENDING"}
        await asked_until_done(running, "while-the-loop-stood-1", given)
        true_of(running, number, "SUCCEEDED")


async def test_a_server_that_is_paused_beyond_its_own_lease_settles_what_it_sent(
    tmp_path: Path,
) -> None:
    with standing(tmp_path) as running:
        number, given = await scene_at(running, 8)
        server = running.servers[0]
        arrived = when_it_arrives(running, lambda: server.signal(signal.SIGSTOP))
        asking = asyncio.create_task(asked_of(running, 0, "paused-beyond-its-lease", given))
        assert await asyncio.to_thread(arrived.wait, SETTLED)
        await asyncio.sleep(LEASE)
        server.signal(signal.SIGCONT)
        assert (await asking).status in {"SUCCEEDED", "PENDING"}
        await asked_until_done(running, "paused-beyond-its-lease", given)
        true_of(running, number, "SUCCEEDED")


# ------------------------------------------------------------------ two versions

LATER = """
import sqlalchemy as sa
from alembic import op

revision = "9998"
down_revision = "{latest}"


def upgrade() -> None:
    op.create_table("shops", sa.Column("id", sa.Text, primary_key=True))
    for table in ("operations", "steps", "events"):
        op.add_column(table, sa.Column("shop", sa.Text, nullable=False, server_default="KL01"))
    op.create_index("operations_by_shop", "operations", ["shop", "created_at"])
"""
"""What a later version may add, while this one runs."""


@contextmanager
def a_later_version(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[None]:
    """In this process, the schema of a version that is to come."""
    shipped = schemas._FOLDER  # pyright: ignore[reportPrivateUsage] - as a later version has it
    revisions = sorted(shipped.glob("*_0*.py"), key=lambda file: file.stem[-4:])
    folder.mkdir()
    for file in revisions:
        shutil.copy(file, folder)
    (folder / "shops_9998.py").write_text(LATER.format(latest=revisions[-1].stem[-4:]))
    with monkeypatch.context() as patched:
        patched.setattr(schemas, "_FOLDER", folder)
        yield


@pytest.mark.parametrize("back_end", BACK_ENDS)
async def test_this_version_goes_on_beside_a_later_one_and_does_not_start_after_it(
    tmp_path: Path, back_end: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with standing(tmp_path, back_end) as running:
        before, first = await scene_at(running, 9)
        number, given = await scene_at(running, 10)
        await asked_until_done(running, "before-the-later-one-1", first)
        with a_later_version(tmp_path / "migrations", monkeypatch):
            when_it_arrives(running, lambda: upgraded(running), LoseReply())
            told = await asked_of(running, 0, "beside-the-later-one-1", given)
        assert told.status in {"SUCCEEDED", "PENDING"}
        await asked_until_done(running, "beside-the-later-one-1", given)
        true_of(running, number, "SUCCEEDED")
        again = await asked_of(running, 0, "before-the-later-one-1", first)
        assert (again.status, again.replayed) == ("SUCCEEDED", True)
        true_of(running, before, "SUCCEEDED")

        server = running.servers[0]
        assert server.end() == 0
        server.start(wait=False)
        assert server.process is not None
        assert await asyncio.to_thread(server.process.wait, SETTLED) == 2
        said = server.log.read_text()
        assert "revision 9998, which this version does not know" in said
        assert "Traceback" not in said


def upgraded(running: House) -> None:
    """Do to the database what a later version does when it starts; in any thread."""

    async def opened() -> None:
        engine = await open_engine(running.ledger)
        await engine.aclose()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(lambda: asyncio.run(opened())).result()
