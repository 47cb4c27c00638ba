"""SIGKILL in the middle of writing: what was acknowledged is there, and nothing is half there."""

import asyncio
import os
import random
import signal
import sys
import time

import pytest

from ledger.journal import State
from tests.ledger.places import now, opened

ROUNDS = 60 if os.environ.get("FULL") else 6

WRITER = """
import asyncio, sys
from dataclasses import replace
from ledger.journal import Change, State
from tests.ledger.places import KEY, operation, over, step
from ledger.open import open_ledger

async def mutate(books):
    while True:
        made = operation(steps=())
        made = replace(made, document=made.id, steps=(step(reference=made.id, serial=made.id),))
        record = await books.open(made)
        print("opened", record.id, flush=True)
        record = await books.change(record, over(record))
        print("done", record.id, flush=True)
        print("numbers", await books.numbers("kopi", "till", 3), flush=True)

async def main(url):
    books = await open_ledger(url, [KEY])
    print("ready", flush=True)
    await asyncio.gather(*(mutate(books) for _ in range(8)))

asyncio.run(main(sys.argv[1]))
"""


async def _killed(url: str, seconds: float) -> list[list[str]]:
    """What a writer acknowledged before it was killed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", WRITER, url, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"ready\n"
    await asyncio.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    out, _ = await process.communicate()
    whole = out.decode().rpartition("\n")[0]
    return [line.split() for line in whole.splitlines()]


@pytest.mark.timeout(60 + 10 * ROUNDS)
async def test_a_killed_writer_has_lost_and_halved_nothing(place) -> None:
    seed = time.time_ns()
    sys.stdout.write(f"seed {seed}\n")
    chance = random.Random(seed)  # noqa: S311 - when to kill, not a secret
    acknowledged: list[list[str]] = []
    for _ in range(ROUNDS):
        acknowledged += await _killed(place.url, chance.uniform(0.05, 0.5))
    opened_ids = {id_ for what, id_ in acknowledged if what == "opened"}
    done_ids = {id_ for what, id_ in acknowledged if what == "done"}
    blocks = [int(first) for what, first in acknowledged if what == "numbers"]
    assert len(done_ids) > ROUNDS, "there was something to lose"
    assert len(set(blocks)) == len(blocks)
    async with opened(place) as books:
        records = {one.id: one for one in await books.in_state(list(State), 10**6)}
        assert opened_ids <= set(records)
        for record in records.values():
            assert [step.seq for step in record.steps] == [0]
            assert record.steps[0].reference == record.document == record.id
            finished = record.state is State.CONFIRMED
            assert finished or record.state is State.SENDING
            assert finished or record.id not in done_ids
            assert (record.result, record.steps[0].outcome) == (
                (b'{"points":"3"}', b'{"ok":true}') if finished else (None, None)
            )
            assert (record.steps[0].request is None) is finished
            assert record.rev == int(finished)
        counted = place.execute("SELECT operation, COUNT(*) FROM events GROUP BY operation")
        assert dict(counted) == {one.id: 1 + one.rev for one in records.values()}
        assert await books.numbers("kopi", "till", 1) > max(blocks)
        unfinished = sum(one.state is State.SENDING for one in records.values())
        late = now().replace(year=now().year + 1)
        assert len(await books.claim("me", late, late, 10**6)) == unfinished
