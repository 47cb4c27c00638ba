"""Many at once: one key, one document, one row, one owner; and callers who go away."""

import asyncio
import sys
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from ledger.books import Books
from ledger.journal import DocumentTaken, KeyTaken, Overtaken, SerialTaken, State
from tests.ledger.places import now, opened, operation, over, step


async def _gathered(calls) -> Counter[str]:
    results = await asyncio.gather(*calls, return_exceptions=True)
    return Counter(type(result).__name__ for result in results)


async def test_fifty_with_one_key_are_one_operation(books: Books) -> None:
    told = await _gathered(books.open(operation(key="one")) for _ in range(50))
    assert told == {"Record": 1, "KeyTaken": 49}


async def test_all_others_are_told_the_same_record(books: Books) -> None:
    results = await asyncio.gather(
        *(books.open(operation(key="one")) for _ in range(20)), return_exceptions=True
    )
    [made] = [result for result in results if not isinstance(result, BaseException)]
    taken = [result.record for result in results if isinstance(result, KeyTaken)]
    assert taken == [made] * 19


async def test_fifty_with_one_document_or_serial_are_one_operation(books: Books) -> None:
    told = await _gathered(books.open(operation(document="D")) for _ in range(50))
    assert told == {"Record": 1, "DocumentTaken": 49}
    told = await _gathered(books.open(operation(steps=(step(serial="s"),))) for _ in range(50))
    assert told == {"Record": 1, "SerialTaken": 49}


async def test_fifty_changes_of_one_revision_are_one(books: Books) -> None:
    record = await books.open(operation())
    told = await _gathered(books.change(record, over(record)) for _ in range(50))
    assert told == {"Record": 1, "Overtaken": 49}
    assert len(await books.events(record.id)) == 2


async def test_neighbours_of_a_refused_one_are_not_refused(books: Books) -> None:
    taken = await books.open(operation(document="D", steps=(step(serial="s"),)))
    told = await _gathered(
        books.open(record)
        for _ in range(20)
        for record in (
            operation(),
            operation(key=taken.key),
            operation(document="D"),
            operation(steps=(step(serial="s"),)),
            operation(document="a\x00b"),
        )
    )
    assert told == {
        "Record": 20,
        KeyTaken.__name__: 20,
        DocumentTaken.__name__: 20,
        SerialTaken.__name__: 20,
        "ValueError": 20,
    }
    assert (await books.counts())[State.SENDING] == 21


async def test_numbers_are_never_given_twice(books: Books) -> None:
    firsts = await asyncio.gather(*(books.numbers("kopi", "till", 7) for _ in range(60)))
    assert sorted(firsts) == [1 + 7 * n for n in range(60)]


async def test_notes_at_once_are_all_kept_in_order(books: Books) -> None:
    record = await books.open(operation())
    await asyncio.gather(*(books.note(record.id, f"n{n}", None, "graph") for n in range(20)))
    events = await books.events(record.id)
    assert [one.seq for one in events] == list(range(21))


@pytest.mark.parametrize("ticks", [0, 1, 2, 3, 5, 8])
async def test_a_cancelled_caller_loses_and_halves_nothing(books: Books, ticks: int) -> None:
    """Whenever it is cancelled: what was handed over is there, whole, as far as it is there."""
    records = [operation(document=f"D-{n}") for n in range(20)]
    tasks = [asyncio.create_task(books.open(record)) for record in records]
    for _ in range(ticks):
        await asyncio.sleep(0)
    for task in tasks:
        task.cancel()
    told = await asyncio.gather(*tasks, return_exceptions=True)
    await asyncio.sleep(0.2)
    for record, answer in zip(records, told, strict=True):
        found = await books.get(record.id)
        assert found in (None, record)
        if not isinstance(answer, BaseException) or ticks >= 1:
            assert found == record
            assert len(await books.events(record.id)) == 1
    assert await books.open(operation()) is not None


async def test_closing_finishes_what_was_begun(place) -> None:
    record = operation()
    async with opened(place) as books:
        task = asyncio.create_task(books.open(record))
        await asyncio.sleep(0)
        await books.aclose()
    assert await task == record
    async with opened(place) as books:
        assert await books.get(record.id) == record


async def test_two_ledgers_of_one_database_take_turns(place) -> None:
    async with opened(place) as one, opened(place) as other:
        told = await _gathered(
            books.open(operation(key=f"key-{n}")) for n in range(30) for books in (one, other)
        )
        assert told == {"Record": 30, "KeyTaken": 30}
        record = await one.open(operation())
        assert await other.get(record.id) == record
        await other.change(record, over(record))
        with pytest.raises(Overtaken):
            await one.change(record, over(record))


CLAIMER = """
import asyncio, sys
from datetime import UTC, datetime, timedelta
from ledger.open import open_ledger

async def main(url, owner):
    books = await open_ledger(url, [bytes(range(32))])
    now = datetime.now(UTC)
    print("ready", flush=True)
    sys.stdin.readline()
    while found := await books.claim(owner, now, now + timedelta(hours=1), 10):
        print(*(record.id for record in found), flush=True)
        await asyncio.sleep(0.005)  # as if there were work to do
    await books.aclose()

asyncio.run(main(*sys.argv[1:]))
"""


async def _claimer(url: str, owner: str) -> asyncio.subprocess.Process:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        CLAIMER,
        url,
        owner,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"ready\n"
    return process


async def test_two_processes_claim_each_operation_once(place) -> None:
    async with opened(place) as books:
        at = now()
        made = [
            operation(lease_until=None, created_at=at + timedelta(seconds=n)) for n in range(1000)
        ]
        await asyncio.gather(*(books.open(replace(record, next_at=None)) for record in made))
        claimers = await asyncio.gather(*(_claimer(place.url, owner) for owner in ("one", "two")))
        said = await asyncio.gather(*(process.communicate(b"go\n") for process in claimers))
        shares = [out.split() for out, _ in said]
        assert sorted(id_.decode() for share in shares for id_ in share) == sorted(
            record.id for record in made
        )
        assert all(len(share) > 100 for share in shares), "both took part"
        held = Counter(record.owner for record in await books.in_state([State.SENDING], 2000))
        assert held == {"one": len(shares[0]), "two": len(shares[1])}


async def test_ten_thousand_open_operations_are_claimed_in_a_few_seconds(place, capsys) -> None:
    async with opened(place) as books:
        for _ in range(20):
            await asyncio.gather(*(books.open(operation(lease_until=None)) for _ in range(500)))
        at = now()
        began = asyncio.get_running_loop().time()
        claimed = 0
        while found := await books.claim("me", at, at + timedelta(hours=1), 100):
            claimed += len(found)
        took = asyncio.get_running_loop().time() - began
    assert claimed == 10_000
    with capsys.disabled():
        sys.stdout.write(f"\n10,000 open operations claimed in {took:.1f} s, {place.url[:8]}\n")
    assert took < 20


async def test_what_was_asked_for_just_before_the_close_is_done(place) -> None:
    asked = [operation() for _ in range(5)]
    async with opened(place) as books:
        made = [asyncio.ensure_future(books.open(record)) for record in asked]
        closing = asyncio.ensure_future(books.aclose())  # in the very same turn
        assert await asyncio.gather(*made) == asked
        await closing
    async with opened(place) as books:
        assert [await books.get(record.id) for record in asked] == asked
