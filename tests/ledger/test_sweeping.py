"""What is freed and erased in time, and when a member is forgotten; what stays."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from ledger import writes
from ledger.books import Books
from ledger.journal import Change, KeyTaken, ReferenceTaken, State
from ledger.sql import Unit
from tests.ledger.places import now, opened, operation, over, step

LONG = timedelta(days=1000)


async def _settled(books: Books, state: State = State.CONFIRMED, **changes: object):
    record = await books.open(operation(**changes))
    return await books.change(record, over(record, state, native="T-1"))


async def test_a_key_is_free_again_when_its_time_is_over(books: Books) -> None:
    done = await _settled(books, steps=(step(reference="R"),))
    assert await books.sweep(now(), done.finished_at, now() - LONG) == 0
    with pytest.raises(KeyTaken):
        await books.open(operation(key=done.key))
    assert await books.sweep(now(), now(), now() - LONG) == 1
    assert await books.find(done.scope, done.key) is None
    with pytest.raises(ReferenceTaken):
        await books.open(operation(key=done.key, steps=(step(reference="R"),)))
    await books.open(operation(key=done.key))
    freed = await books.get(done.id)
    assert freed is not None
    assert (freed.command, freed.result, freed.native) == (done.command, done.result, "T-1")
    assert await books.sweep(now(), now(), now() - LONG) == 0


async def test_open_and_reviewed_operations_keep_their_keys_and_commands(books: Books) -> None:
    sending = await books.open(operation())
    other = await books.open(operation())
    review = await books.change(other, Change(state=State.NEEDS_REVIEW, why="nobody knows"))
    late = now() + LONG
    assert await books.sweep(late, late, late) == 0
    assert await books.get(sending.id) == sending
    assert await books.find(review.scope, review.key) == review


@pytest.mark.parametrize("state", [State.CONFIRMED, State.FAILED, State.COMPENSATED, State.UNSENT])
async def test_old_data_are_erased_and_figures_stay(books: Books, state: State) -> None:
    done = await _settled(books, state, document="D-1", member="m")
    await books.note(done.id, "looked", b"evidence", "graph")
    late = now() + timedelta(seconds=1)
    assert await books.sweep(late, late, late) == 2
    bare = await books.get(done.id)
    assert bare is not None
    assert (bare.command, bare.fingerprint) == (b"", b"")
    assert [one.outcome for one in bare.steps] == [b""]
    assert [one.evidence for one in await books.events(done.id)] == [None, None, None]
    assert (bare.result, bare.native, bare.document) == (done.result, "T-1", "D-1")
    assert bare.steps[0].digest == done.steps[0].digest


async def test_a_secret_is_blanked_when_it_is_over(books: Books) -> None:
    at = now()
    record = await books.open(operation())
    done = await books.change(
        record, over(record, result_secret=b"right", secret_until=at + timedelta(minutes=1))
    )
    assert await books.sweep(at, at - LONG, at - LONG) == 0
    assert await books.sweep(at + timedelta(minutes=1), at - LONG, at - LONG) == 1
    blank = await books.get(done.id)
    assert blank == replace(done, result_secret=None, rev=done.rev + 1)


async def test_a_sweep_of_many_is_done_in_parts(books: Books) -> None:
    for _ in range(11):
        made = (operation() for _ in range(100))
        await asyncio.gather(*(books.engine.write(_opened_and_done(books, one)) for one in made))
    late = now() + timedelta(seconds=1)
    assert await books.sweep(late, late, now() - LONG) == 1_100


def _opened_and_done(books: Books, record):
    opening = writes.opened(record, books.seals, now())
    ending = writes.changed(record, over(record), books.seals, now())

    def script():
        yield from opening.script()
        return (yield from ending.script())

    return Unit(script)


async def test_forgetting_erases_the_person_and_keeps_the_figures(books: Books) -> None:
    sale = await _settled(books, member="m", document="D-1")
    other = await _settled(books, member="n")
    elsewhere = await _settled(books, member="m", program="syw")
    under_way = await books.open(operation(member="m"))
    await books.note(sale.id, "looked", b"evidence", "graph")
    assert await books.forget("kopi", "m") == 1
    found = await books.get(sale.id)
    assert found is not None
    assert found == replace(
        sale,
        member=None,
        command=b"",
        fingerprint=b"",
        native=None,
        rev=sale.rev + 1,
        steps=(replace(sale.steps[0], outcome=b""),),
    )
    assert all(one.evidence is None for one in await books.events(sale.id))
    for untouched in (other, elsewhere, under_way):
        assert await books.get(untouched.id) == untouched
    assert await books.forget("kopi", "m") == 0


@pytest.mark.parametrize("kind", ["MEMBER_ENROLL", "MEMBER_UPDATE", "REDEMPTION_AUTHORIZE"])
async def test_forgetting_erases_results_that_are_no_figures(books: Books, kind: str) -> None:
    done = await _settled(books, member="m", kind=kind)
    assert await books.forget("kopi", "m") == 1
    found = await books.get(done.id)
    assert found is not None
    assert (found.result, found.native) == (None, None)


async def test_what_is_forgotten_still_answers_to_its_key(books: Books) -> None:
    done = await _settled(books, member="m")
    await books.forget("kopi", "m")
    with pytest.raises(KeyTaken):
        await books.open(operation(key=done.key))


async def test_forgetting_nobody_is_nothing(books: Books) -> None:
    assert await books.forget("kopi", "nobody") == 0


async def test_blanked_bytes_are_gone_from_the_file(sqlite_file) -> None:
    """Their ciphertext too: whoever gets the key one day must find nothing."""
    async with opened(sqlite_file) as books:
        record = await books.open(operation(secret=b"the redemption code 4711", member="m"))
        [(command, secret)] = sqlite_file.execute("SELECT command, secret FROM operations")
        [(request,)] = sqlite_file.execute("SELECT request FROM steps")
        before = sqlite_file.bytes_on_disk()
        for sealed in (command, secret, request):
            assert sealed in before
        for clear in (record.secret, record.steps[0].request, record.command):
            assert clear not in before
        await books.change(record, over(record))
    after = sqlite_file.bytes_on_disk()
    assert (secret in after, request in after, command in after) == (False, False, True)
    async with opened(sqlite_file) as books:
        await books.forget("kopi", "m")
    assert command not in sqlite_file.bytes_on_disk()


async def test_nothing_of_a_long_secret_is_left_on_pages_that_are_free(sqlite_file) -> None:
    async with opened(sqlite_file) as books:
        record = await books.open(operation(secret=bytes(40_000)))
        [(secret,)] = sqlite_file.execute("SELECT secret FROM operations")
        parts = [secret[at : at + 64] for at in range(0, len(secret), 1_000)]
        assert sum(part in sqlite_file.bytes_on_disk() for part in parts) > 30
        await books.change(record, over(record))
    assert [part for part in parts if part in sqlite_file.bytes_on_disk()] == []


async def test_a_journal_that_is_idle_is_scrubbed(sqlite_file, monkeypatch) -> None:
    monkeypatch.setattr("ledger.sqlite.SCRUB_IDLE", 0.05)
    journal = sqlite_file.path.with_name("ledger.db-journal")
    async with opened(sqlite_file) as books:
        record = await books.open(operation(secret=b"code"))
        [(secret,)] = sqlite_file.execute("SELECT secret FROM operations")
        await books.change(record, over(record))
        for _ in range(200):
            if not journal.exists():
                break
            await asyncio.sleep(0.02)
        assert secret not in sqlite_file.bytes_on_disk()
        assert await books.get(record.id) is not None


async def test_a_journal_that_is_never_idle_is_scrubbed_all_the_same(
    sqlite_file, monkeypatch
) -> None:
    monkeypatch.setattr("ledger.sqlite.SCRUB_BUSY", 0.0)
    journal = sqlite_file.path.with_name("ledger.db-journal")
    async with opened(sqlite_file) as books:
        record = await books.open(operation(secret=b"code"))
        await books.change(record, over(record))
        for _ in range(200):
            await books.get(record.id)
            if not journal.exists():
                break
        assert not journal.exists()
