"""What every journal promises, whatever database it is kept in."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from functools import partial

import pytest

from ledger.books import Books
from ledger.journal import (
    Change,
    DocumentTaken,
    KeyTaken,
    LedgerUnavailable,
    Overtaken,
    ReferenceTaken,
    SerialTaken,
    State,
)
from tests.ledger.places import PostgresSchema, SqliteFile, now, opened, operation, over, step


async def test_what_is_opened_is_found_by_key_and_by_id(books: Books) -> None:
    record = operation(
        member="m-1",
        document="D-1",
        target="other",
        native="n",
        secret=b"s",
        result=b"r",
        result_secret=b"rs",
        secret_until=now(),
        next_at=now(),
        looks=2,
        tries=3,
        steps=(step(0, reference="a", serial="s", outcome=b"o", sends=4), step(1, name="look")),
    )
    assert await books.open(record) == record
    assert await books.get(record.id) == record
    assert await books.find(record.scope, record.key) == record
    assert await books.find("another", record.key) is None
    assert await books.get("none") is None


async def test_an_operation_may_begin_without_a_step(books: Books) -> None:
    record = await books.open(operation(state=State.READY, steps=()))
    assert await books.get(record.id) == record


async def test_instants_come_back_in_utc(books: Books) -> None:
    kolkata = timezone(timedelta(hours=5, minutes=30))
    at = datetime(2026, 3, 1, 2, 3, 4, 567890, tzinfo=kolkata)
    record = await books.open(operation(created_at=at))
    found = await books.get(record.id)
    assert found is not None
    assert found.created_at == at
    assert found.created_at.utcoffset() == timedelta(0)


async def test_an_instant_without_a_zone_is_refused(books: Books) -> None:
    with pytest.raises(ValueError, match="time zone"):
        await books.open(operation(created_at=datetime(2026, 3, 1)))  # noqa: DTZ001


async def test_a_key_is_used_once_in_a_scope(books: Books) -> None:
    first = await books.open(operation())
    with pytest.raises(KeyTaken) as taken:
        await books.open(operation(key=first.key, document="D-9"))
    assert taken.value.record == first
    await books.open(operation(key=first.key, scope="another"))


async def test_a_document_is_taken_as_long_as_its_operation_may_have_an_effect(
    books: Books,
) -> None:
    first = await books.open(operation(document="D-1"))
    again = operation(document="D-1")
    with pytest.raises(DocumentTaken) as taken:
        await books.open(again)
    assert taken.value.record == first
    for other in ({"program": "syw"}, {"kind": "POINTS_REDEEM"}, {"document": "D-2"}):
        await books.open(replace(operation(document="D-1"), **other))
    done = await books.change(first, over(first))
    with pytest.raises(DocumentTaken) as taken:
        await books.open(again)
    assert taken.value.record == done


@pytest.mark.parametrize("state", [State.FAILED, State.UNSENT])
async def test_a_document_is_free_after_a_refusal(books: Books, state: State) -> None:
    first = await books.open(operation(document="D-1"))
    await books.change(first, over(first, state))
    await books.open(operation(document="D-1"))


async def test_reopening_takes_the_document_again_or_says_who_has_it(books: Books) -> None:
    first = await books.open(operation(document="D-1"))
    unsent = await books.change(first, Change(state=State.UNSENT, why="never left"))
    second = await books.open(operation(document="D-1"))
    reopening = Change(state=State.SENDING, why="again", step=step(sends=2), reopen=True)
    with pytest.raises(DocumentTaken) as taken:
        await books.change(unsent, reopening)
    assert taken.value.record == second
    await books.change(second, over(second, State.FAILED))
    reopened = await books.change(unsent, reopening)
    assert reopened.finished_at is None
    with pytest.raises(DocumentTaken):
        await books.open(operation(document="D-1"))


async def test_a_reference_is_used_once_for_ever(books: Books) -> None:
    first = await books.open(operation(steps=(step(reference="D-1"),)))
    await books.change(first, over(first, State.FAILED))
    with pytest.raises(ReferenceTaken):
        await books.open(operation(steps=(step(reference="D-1"),)))
    await books.open(operation(steps=(step(reference="D-1", name="void"),)))
    await books.open(operation(program="syw", steps=(step(reference="D-1"),)))
    third = await books.open(operation())
    with pytest.raises(ReferenceTaken):
        await books.change(
            third, Change(state=State.SENDING, why="next", step=step(1, reference="D-1"))
        )
    assert await books.get(third.id) == third


async def test_a_step_that_is_sent_again_keeps_its_reference(books: Books) -> None:
    first = await books.open(operation(steps=(step(reference="D-1", serial="s"),)))
    again = replace(first.steps[0], sends=2)
    changed = await books.change(first, Change(state=State.SENDING, why="again", step=again))
    assert changed.steps == (again,)
    assert await books.get(first.id) == changed


@pytest.mark.parametrize(
    "end",
    [
        Change(state=State.CONFIRMED, why="done", step=step(serial="m-1", outcome=b"ok")),
        Change(state=State.NEEDS_REVIEW, why="nobody knows"),
        Change(state=State.READY, why="next", step=step(serial="m-1", outcome=b"ok")),
        Change(state=State.UNSENT, why="never left"),
    ],
)
async def test_a_serial_is_busy_until_its_step_or_operation_is_over(
    books: Books, end: Change
) -> None:
    first = await books.open(operation(steps=(step(serial="m-1"),)))
    second = operation(steps=(step(serial="m-1"),))
    with pytest.raises(SerialTaken):
        await books.open(second)
    doubted = await books.change(first, Change(state=State.IN_DOUBT, why="lost"))
    with pytest.raises(SerialTaken):
        await books.open(second)
    await books.open(operation(program="syw", steps=(step(serial="m-1"),)))
    await books.change(doubted, end)
    await books.open(second)


async def test_who_used_a_serial_lately_is_known(books: Books) -> None:
    mine = await books.open(operation(steps=(step(serial="m-2"),)))
    first = await books.open(operation(steps=(step(serial="m-1"),)))
    long_ago, later = now() - timedelta(days=1), now() + timedelta(days=1)
    assert not await books.served(mine.program, "m-2", mine.id, long_ago)
    assert not await books.served(mine.program, "m-3", mine.id, long_ago)
    assert not await books.served("another", "m-1", mine.id, long_ago)
    assert await books.served(mine.program, "m-1", mine.id, later)
    ended = await books.change(first, over(first))
    assert ended.finished_at is not None
    at = ended.finished_at
    assert await books.served(mine.program, "m-1", mine.id, at)
    assert not await books.served(mine.program, "m-1", mine.id, at + timedelta(seconds=1))
    assert not await books.served(mine.program, "m-1", first.id, long_ago)


async def test_what_is_open_again_wants_its_serial_back(books: Books) -> None:
    first = await books.open(operation(steps=(step(serial="m-1"),)))
    reviewed = await books.change(first, Change(state=State.NEEDS_REVIEW, why="nobody knows"))
    second = await books.open(operation(steps=(step(serial="m-1"),)))
    with pytest.raises(SerialTaken):
        await books.change(reviewed, Change(state=State.IN_DOUBT, why="look again"))
    await books.change(second, over(second))
    await books.change(reviewed, Change(state=State.IN_DOUBT, why="look again"))
    with pytest.raises(SerialTaken):
        await books.open(operation(steps=(step(serial="m-1"),)))


async def test_what_is_taken_is_told_in_order(books: Books) -> None:
    steps = (step(reference="R", serial="S"),)
    first = await books.open(operation(document="D", steps=steps))
    for raised, changes in (
        (KeyTaken, {"key": first.key, "document": "D", "steps": steps}),
        (DocumentTaken, {"document": "D", "steps": steps}),
        (SerialTaken, {"steps": steps}),
        (ReferenceTaken, {"steps": (step(reference="R"),)}),
    ):
        with pytest.raises(raised):
            await books.open(operation(**changes))
    assert (await books.counts())[State.SENDING] == 1


async def test_a_change_is_made_once_and_leaves_the_rest_as_it_is(books: Books) -> None:
    first = await books.open(operation(secret=b"code", next_at=now(), native="n", member="m"))
    until = now() + timedelta(minutes=5)
    changed = await books.change(
        first, Change(state=State.IN_DOUBT, why="lost", lease_until=until, looks=1)
    )
    assert changed == replace(
        first, state=State.IN_DOUBT, rev=1, lease_until=until, looks=1, owner="server-1"
    )
    assert await books.get(first.id) == changed
    with pytest.raises(Overtaken):
        await books.change(first, over(first))
    assert await books.get(first.id) == changed


async def test_what_is_not_there_is_overtaken(books: Books) -> None:
    with pytest.raises(Overtaken):
        await books.change(operation(), over(operation()))


async def test_a_lease_is_given_up_unless_it_is_renewed(books: Books) -> None:
    first = await books.open(operation())
    changed = await books.change(first, Change(state=State.IN_DOUBT, why="lost"))
    assert (changed.owner, changed.lease_until) == (None, None)
    assert await books.get(first.id) == changed


async def test_the_end_blanks_secrets_and_requests_and_keeps_digests(books: Books) -> None:
    steps = (step(0, outcome=b"0"), step(1))
    first = await books.open(operation(secret=b"code", steps=steps))
    done = await books.change(first, over(first, result_secret=b"right", secret_until=now()))
    assert done.secret is None
    assert [one.request for one in done.steps] == [None, None]
    assert [one.digest for one in done.steps] == [one.digest for one in steps]
    assert [one.outcome for one in done.steps] == [b"0", b'{"ok":true}']
    assert done.finished_at is not None
    assert await books.get(first.id) == done


async def test_a_settled_review_ends_when_it_is_settled(books: Books) -> None:
    first = await books.open(operation())
    review = await books.change(first, Change(state=State.NEEDS_REVIEW, why="nobody knows"))
    settled = await books.change(review, over(review, State.FAILED, actor="ann"))
    assert review.finished_at is not None
    assert settled.finished_at is not None
    assert settled.finished_at >= review.finished_at
    assert (await books.events(first.id))[-1].actor == "ann"


async def test_events_tell_what_happened_in_order(books: Books) -> None:
    first = await books.open(operation())
    doubted = await books.change(first, Change(state=State.IN_DOUBT, why="READ_TIMEOUT"))
    await books.note(first.id, "looked", b'{"rows":0}', "reconcile")
    await books.change(doubted, over(doubted))
    told = [
        (one.seq, one.before, one.after, one.why, one.actor, one.evidence)
        for one in await books.events(first.id)
    ]
    assert told == [
        (0, None, State.SENDING, "opened", "graph", None),
        (1, State.SENDING, State.IN_DOUBT, "READ_TIMEOUT", "graph", None),
        (2, State.IN_DOUBT, State.IN_DOUBT, "looked", "reconcile", b'{"rows":0}'),
        (3, State.IN_DOUBT, State.CONFIRMED, "answered", "graph", None),
    ]
    assert await books.events("none") == []


async def test_a_note_on_nothing_is_refused(books: Books) -> None:
    with pytest.raises(LookupError):
        await books.note("none", "looked", None, "graph")


async def test_a_refused_change_leaves_no_event(books: Books) -> None:
    first = await books.open(operation(steps=(step(reference="D-1"),)))
    second = await books.open(operation())
    with pytest.raises(ReferenceTaken):
        await books.change(
            second, Change(state=State.SENDING, why="next", step=step(1, reference="D-1"))
        )
    with pytest.raises(KeyTaken):
        await books.open(replace(operation(), key=first.key))
    assert len(await books.events(second.id)) == 1


async def test_claiming_takes_what_is_due_and_nobodys_oldest_first(books: Books) -> None:
    at = now()
    lost, later = at - timedelta(seconds=1), at + timedelta(seconds=1)
    old = await books.open(operation(lease_until=lost, created_at=at - timedelta(hours=2)))
    ready = await books.open(
        operation(state=State.READY, steps=(), lease_until=None, next_at=at, created_at=at)
    )
    older = await books.open(operation(lease_until=None, created_at=at - timedelta(hours=3)))
    await books.open(operation(lease_until=later))
    await books.open(operation(lease_until=None, next_at=later))
    done = await books.open(operation(lease_until=None))
    await books.change(done, over(done))
    until = at + timedelta(minutes=1)
    first = await books.claim("server-2", at, until, 2)
    assert [record.id for record in first] == [older.id, old.id]
    assert first[0] == replace(older, owner="server-2", lease_until=until, rev=1)
    assert first[0] == await books.get(older.id)
    rest = await books.claim("server-3", at, until, 10)
    assert [record.id for record in rest] == [ready.id]
    assert await books.claim("server-3", at, until, 10) == []
    with pytest.raises(Overtaken):
        await books.change(old, over(old))


async def test_what_failed_is_claimed_where_it_is_watched_and_after_what_is_open(
    books: Books,
) -> None:
    at = now()
    until = at + timedelta(minutes=1)
    hour = at - timedelta(hours=1)
    made = [await books.open(operation(lease_until=None, created_at=hour)) for _ in range(4)]
    due = Change(state=State.FAILED, why="absent", next_at=at)
    watched = await books.change(made[0], due)
    await books.change(made[1], replace(due, next_at=at + timedelta(seconds=1)))
    await books.change(made[2], replace(due, next_at=None))
    reviewed = Change(state=State.NEEDS_REVIEW, why="nobody knows", next_at=at)
    await books.change(made[3], reviewed)
    open_ = await books.open(operation(lease_until=None, created_at=at))
    assert [one.id for one in await books.claim("a", at, until, 1)] == [open_.id]
    (claimed,) = await books.claim("a", at, until, 9, ["syw"])
    assert claimed == replace(watched, owner="a", lease_until=until, rev=watched.rev + 1)
    assert await books.claim("b", at, until, 9) == []
    assert [one.id for one in await books.claim("b", until, until, 9, ["kopi"])] == []
    again = Change(state=State.FAILED, why="watched", next_at=until)
    assert (await books.change(claimed, again)).finished_at == watched.finished_at
    (claimed,) = [o for o in await books.claim("b", until, until, 9) if o.id == watched.id]
    over_ = await books.change(claimed, Change(state=State.FAILED, why="watched", final=True))
    assert (over_.next_at, over_.steps[0].request) == (None, None)


@pytest.mark.parametrize("how", ["forget", "sweep"])
async def test_what_was_erased_is_watched_no_more(books: Books, how: str) -> None:
    at = now()
    record = await books.open(operation(lease_until=None, member="m"))
    await books.change(record, Change(state=State.FAILED, why="absent", next_at=at))
    if how == "forget":
        await books.forget(record.program, "m")
    else:
        far = at + timedelta(days=9)
        await books.sweep(at, far, far)
    assert await books.claim("a", at, at, 9) == []


async def test_claiming_leaves_out_programs_that_are_busy(books: Books) -> None:
    at = now()
    until = at + timedelta(minutes=1)
    await books.open(operation(lease_until=None, created_at=at - timedelta(hours=1)))
    other = await books.open(operation(lease_until=None, program="syw"))
    claimed = await books.claim("server-2", at, until, 10, ["kopi", "fashion"])
    assert [record.id for record in claimed] == [other.id]
    assert await books.claim("server-2", at, until, 10, ["kopi"]) == []
    assert len(await books.claim("server-2", at, until, 10)) == 1


async def test_a_secret_is_brought_along_when_an_operation_is_opened_again(books: Books) -> None:
    first = await books.open(operation(secret=b"old"))
    unsent = await books.change(first, Change(state=State.UNSENT, why="not sent", final=True))
    assert unsent.secret is None
    change = Change(state=State.READY, why="asked again", secret=b"new", reopen=True)
    again = await books.change(unsent, change)
    assert again.secret == b"new"
    assert again == await books.get(first.id)


async def test_refused_documents_are_counted(books: Books) -> None:
    for state in (State.FAILED, State.FAILED, State.UNSENT, State.CONFIRMED):
        record = await books.open(operation(document="D-1"))
        await books.change(record, over(record, state))
    other = await books.open(operation(document="D-2"))
    await books.change(other, over(other, State.FAILED))
    look = partial(books.look, record.scope, record.key, "kopi")
    assert await look("TRANSACTION_POST", "D-1") == (await books.get(record.id), 2)
    assert await look("POINTS_REDEEM", "D-1") == (await books.get(record.id), 0)
    assert await look("TRANSACTION_POST", None) == (await books.get(record.id), 0)
    assert await books.look("another", record.key, "kopi", "TRANSACTION_POST", "D-1") == (None, 2)


async def test_a_provider_s_text_finds_the_latest_live_operation(books: Books) -> None:
    at = now()
    for hours, state in ((3, State.CONFIRMED), (2, State.CONFIRMED), (1, State.FAILED)):
        record = await books.open(operation(created_at=at - timedelta(hours=hours)))
        done = await books.change(record, over(record, state, native="T-1"))
        if hours == 2:
            latest = done
    assert await books.of_native("kopi", "T-1") == latest
    assert await books.of_native("syw", "T-1") is None


async def test_operations_about_another_are_listed_oldest_first(books: Books) -> None:
    at = now()
    second = await books.open(operation(target="sale", created_at=at))
    first = await books.open(operation(target="sale", created_at=at - timedelta(hours=1)))
    await books.open(operation(target="another"))
    assert list(await books.about("sale")) == [first, second]


async def test_a_member_s_history_is_of_a_period_newest_first(books: Books) -> None:
    at = now()
    begun = [
        await books.open(operation(member="m", created_at=at - timedelta(hours=hours)))
        for hours in range(4)
    ]
    failed = await books.open(operation(member="m", created_at=at))
    await books.change(failed, over(failed, State.FAILED))
    await books.open(operation(member="n", created_at=at))
    await books.open(operation(member="m", kind="MEMBER_UPDATE", created_at=at))
    found = await books.history(
        "kopi",
        "m",
        ["TRANSACTION_POST", "TRANSACTION_RETURN"],
        starts_at=at - timedelta(hours=2),
        ends_at=at,
    )
    assert list(found) == [begun[1], begun[2]]


async def test_a_member_told_by_a_change_is_in_the_history(books: Books) -> None:
    record = await books.open(operation(kind="MEMBER_ENROLL"))
    done = await books.change(record, over(record, member="m-9"))
    found = await books.history(
        "kopi",
        "m-9",
        ["MEMBER_ENROLL"],
        starts_at=now() - timedelta(hours=1),
        ends_at=now() + timedelta(hours=1),
    )
    assert list(found) == [done]


async def test_states_are_listed_and_counted(books: Books) -> None:
    first = await books.open(operation(created_at=now() - timedelta(hours=1)))
    second = await books.open(operation())
    third = await books.open(operation())
    review = await books.change(third, Change(state=State.NEEDS_REVIEW, why="nobody knows"))
    states = [State.SENDING, State.NEEDS_REVIEW]
    assert list(await books.in_state(states, 10)) == [first, second, review]
    assert list(await books.in_state(states, 1)) == [first]
    counted = await books.counts()
    assert set(counted) == set(State)
    assert {state: n for state, n in counted.items() if n} == {
        State.SENDING: 2,
        State.NEEDS_REVIEW: 1,
    }


async def test_numbers_are_taken_in_blocks_from_one_on(books: Books) -> None:
    assert await books.numbers("kopi", "till", 10) == 1
    assert await books.numbers("kopi", "till", 5) == 11
    assert await books.numbers("kopi", "till", 1) == 16
    assert await books.numbers("kopi", "other", 1) == 1
    assert await books.numbers("syw", "till", 1) == 1
    for block, start in ((0, 1), (1, 0)):
        with pytest.raises(ValueError, match="at least one"):
            await books.numbers("kopi", "till", block, start)


async def test_a_counter_begins_once_and_keeps_its_beginning(books: Books) -> None:
    assert await books.numbers("kopi", "till", 10, 700) == 700
    assert await books.numbers("kopi", "till", 5, 3) == 710
    assert await books.numbers("kopi", "till", 1, 9999) == 715
    assert await books.numbers("syw", "till", 1, 10**12) == 10**12
    assert await books.numbers("syw", "till", 1, 1) == 10**12 + 1


async def test_a_text_with_nul_is_refused_by_both(books: Books) -> None:
    with pytest.raises(ValueError, match="NUL"):
        await books.open(operation(document="a\x00b"))


async def test_a_closed_ledger_is_unavailable(books: Books) -> None:
    record = await books.open(operation())
    await books.aclose()
    with pytest.raises(LedgerUnavailable):
        await books.get(record.id)
    with pytest.raises(LedgerUnavailable):
        await books.open(operation())


async def test_a_database_elsewhere_tells_the_time_whatever_clock_the_server_has(
    place: SqliteFile | PostgresSchema,
) -> None:
    async with opened(place, clock=lambda: now() - timedelta(days=9)) as books:
        before, told = now(), await books.now()
        if isinstance(place, SqliteFile):
            assert told is None
        else:
            assert told is not None
            assert before <= told <= now()


async def test_what_is_opened_again_knows_how_often_its_document_was_refused(books: Books) -> None:
    record = await books.open(operation(document="D"))
    unsent = await books.change(record, Change(state=State.UNSENT, why="never left", final=True))
    assert (await books.get(record.id)).tries == 0
    again = Change(state=State.SENDING, why="asked again", reopen=True, tries=2)
    reopened = await books.change(unsent, again)
    assert reopened.tries == 2
    assert await books.get(record.id) == reopened
