"""Doubt: what is sent again, what is looked for, what is never done, and when a person looks."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from ledger.journal import Change, Record, State, StepRecord
from loyalty.errors import ErrorCode, OutcomeUnknown, RetryAdvice, Unavailable
from loyalty.outcomes import OperationStatus
from loyalty.refs import MemberRef
from providers.writing import Doubt, Next, Write
from resolvers.accounts import Accounts
from resolvers.desk import Desk
from resolvers.receipts import Told
from resolvers.reconcile import Resolver, Settlement
from tests.resolvers.desks import ANN, World, account, authorize, clocks, post, redeem, world
from tests.resolvers.fake_program import PATIENCE, FakeProgram, Plan
from tests.resolvers.virtual_time import now, stopped, virtual

KEY = "one-key-for-this-test"
DECLARED = replace(PATIENCE, read_lag=10.0)
SAFE = replace(PATIENCE, replay_is_safe=True)
LEAVE = 5.0


def effects(world: World) -> list[str]:
    return [effect.name for effect in world.program.book]


async def doubtful(w: World) -> Record:
    told = await w.do(post(), KEY)
    assert told.status is OperationStatus.PENDING, told
    assert told.errors == ()
    return w.record(told)


@virtual
async def test_a_replay_waits_for_the_fence_and_sends_the_same_bytes() -> None:
    async with world(FakeProgram(plans=[Plan.LOST_AND_LATE])) as w:
        record = await doubtful(w)
        await w.quiet(200)
        first, second = w.program.tries
        assert (first.how.again, second.how.again) == (False, True)
        assert first.digest == second.digest
        assert second.at - first.at >= LEAVE + PATIENCE.fence
        assert w.journal.records[record.id].state is State.CONFIRMED
        assert effects(w) == ["post"]


@virtual
async def test_tries_to_settle_follow_the_schedule_and_end_with_a_person() -> None:
    async with world(FakeProgram(plans=[Plan.LOST_WITHOUT_EFFECT] * 99)) as w:
        record = await doubtful(w)
        await w.quiet(3 * 3600)
        told = await w.do(post(), KEY)
        assert told.status is OperationStatus.UNDER_REVIEW
        assert told.errors[0].code is ErrorCode.OUTCOME_UNKNOWN
        assert told.errors[0].retry is RetryAdvice.CHECK_OPERATION
        waits = [b.at - a.at for a, b in zip(w.program.tries, w.program.tries[1:], strict=False)]
        fence = LEAVE + PATIENCE.fence
        assert all(wait >= fence for wait in waits)
        assert waits[:5] == pytest.approx([fence] * 5, abs=6.0)
        assert waits[6] == pytest.approx(150.0, abs=2.0)
        assert waits[7] == pytest.approx(855.0, abs=2.0)
        assert w.program.tries[-1].at - w.program.tries[0].at >= PATIENCE.review
        events = w.journal.history_of[record.id]
        assert events[-1].evidence is not None
        assert record.steps[0].digest.hex().encode() in events[-1].evidence
        assert w.journal.records[record.id].steps[0].request is not None


@virtual
async def test_a_refusal_of_a_replay_that_proves_something_is_a_refusal() -> None:
    plans = [Plan.LOST_WITHOUT_EFFECT, Plan.REFUSED]
    async with world(FakeProgram(plans=plans)) as w:
        record = await doubtful(w)
        await w.quiet()
        assert w.journal.records[record.id].state is State.FAILED
        assert effects(w) == []


@virtual
async def test_a_replay_that_never_left_is_no_answer() -> None:
    plans = [Plan.LOST_WITH_EFFECT, Plan.UNAVAILABLE, Plan.UNAVAILABLE]
    async with world(FakeProgram(plans=plans)) as w:
        record = await doubtful(w)
        await w.quiet(200)
        assert w.journal.records[record.id].state is State.CONFIRMED
        assert effects(w) == ["post"]


class ShortLived(FakeProgram):
    """Its codes are over after a minute."""

    async def post_sale(self, job) -> Next:  # type: ignore[no-untyped-def]
        following = await super().post_sale(job)
        until = job.ticket.began_at + timedelta(seconds=10)
        return replace(following, until=until) if isinstance(following, Write) else following


@virtual
async def test_what_cannot_succeed_any_more_is_not_sent_again() -> None:
    async with world(ShortLived(plans=[Plan.LOST_WITHOUT_EFFECT])) as w:
        record = await doubtful(w)
        await w.quiet(100)
        assert w.journal.records[record.id].state is State.NEEDS_REVIEW
        assert len(w.program.tries) == 1


@virtual
async def test_a_look_that_finds_it_confirms_it_and_sends_nothing() -> None:
    async with world(FakeProgram(doubt=Doubt.LOOK, plans=[Plan.LOST_WITH_EFFECT])) as w:
        record = await doubtful(w)
        await w.quiet(100)
        assert w.journal.records[record.id].state is State.CONFIRMED
        assert len(w.program.tries) == 1


@virtual
async def test_absence_proves_nothing_where_no_read_lag_is_declared() -> None:
    program = FakeProgram(doubt=Doubt.LOOK, plans=[Plan.LOST_WITHOUT_EFFECT])
    async with world(program) as w:
        record = await doubtful(w)
        await w.quiet(7000)
        assert w.journal.records[record.id].state is State.IN_DOUBT
        await w.quiet(600)
        assert w.journal.records[record.id].state is State.NEEDS_REVIEW
        assert len(w.program.tries) == 1
        assert w.program.looks > 8


@virtual
async def test_absence_past_the_fence_is_a_failure_where_a_read_lag_is_declared() -> None:
    program = FakeProgram(doubt=Doubt.LOOK, patience_=DECLARED, plans=[Plan.LOST_WITHOUT_EFFECT])
    async with world(program) as w:
        record = await doubtful(w)
        await w.quiet(LEAVE + DECLARED.fence - 10)
        assert w.program.looks == 0
        await w.quiet(20)
        told = await w.do(post(), KEY)
        assert told.status is OperationStatus.REJECTED
        assert told.errors[0].code is ErrorCode.PROVIDER_TIMEOUT
        assert w.program.looks == 1
        await w.quiet(90_000)
        assert w.program.looks == 4
        assert w.journal.records[record.id].steps[0].request is None


def test_an_effect_that_comes_after_all_is_an_alarm_and_changes_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    @virtual
    async def check() -> None:
        plans = [Plan.LOST_WITHOUT_EFFECT]
        program = FakeProgram(doubt=Doubt.LOOK, patience_=DECLARED, plans=plans)
        async with world(program) as w:
            record = await doubtful(w)
            await w.quiet(100)
            program._effect(program.tries[0].write)
            await w.quiet(1000)
            assert w.journal.records[record.id].state is State.FAILED
            whys = [event.why for event in w.journal.history_of[record.id]]
            assert any(why.startswith("ALARM") for why in whys)

    check()
    assert "operation alarm" in caplog.text


def reopened(w: World, program: FakeProgram | None = None) -> World:
    """Another process on the same journal, after this one is gone."""
    other = program or w.program
    desk = Desk(Accounts([account(other)]), w.journal, clocks=clocks())
    return World(other, w.journal, desk, Resolver(desk))


async def failed_for_absence(w: World) -> Record:
    """An operation that has failed as it was not there, at a server that ends then."""
    told = await w.do(post(), KEY)
    working = asyncio.create_task(w.resolver.run())
    await w.quiet(100)
    await stopped([working])
    await w.desk.aclose()
    record = w.record(told)
    assert (record.state, w.program.looks) == (State.FAILED, 1)
    return record


def absent_program() -> FakeProgram:
    return FakeProgram(doubt=Doubt.LOOK, patience_=DECLARED, plans=[Plan.LOST_WITHOUT_EFFECT])


@pytest.mark.parametrize("away", [0.0, 300.0, 7200.0, 200_000.0])
def test_a_watch_outlives_the_process_that_began_it(away: float) -> None:
    @virtual
    async def check() -> None:
        async with world(absent_program(), resolving=False) as w:
            record = await failed_for_absence(w)
            await w.quiet(away)
            w.program._effect(w.program.tries[0].write)
            await w.quiet(30.0)
            other = reopened(w)
            working = asyncio.create_task(other.resolver.run())
            await w.quiet(5.0 if away > 600 else 800.0)
            assert w.program.looks == 2
            await w.quiet(100_000)
            await stopped([working])
            await other.desk.aclose()
            assert w.program.looks == 2
            whys = [event.why for event in w.journal.history_of[record.id]]
            assert sum(why.startswith("ALARM") for why in whys) == 1
            assert w.journal.records[record.id].state is State.FAILED
            assert w.journal.records[record.id].steps[0].request is not None

    check()


@virtual
async def test_two_servers_watch_one_operation_once_each_time() -> None:
    async with world(absent_program(), resolving=False) as w:
        record = await failed_for_absence(w)
        servers = [reopened(w), reopened(w)]
        working = [asyncio.create_task(server.resolver.run()) for server in servers]
        await w.quiet(100_000)
        await stopped(working)
        for server in servers:
            await server.desk.aclose()
        assert w.program.looks == 4
        watched = w.journal.records[record.id]
        assert (watched.next_at, watched.steps[0].request) == (None, None)


@virtual
async def test_a_watcher_that_dies_while_it_looks_is_followed_by_another() -> None:
    async with world(absent_program(), resolving=False) as w:
        await failed_for_absence(w)
        await w.quiet(600)
        dead = reopened(w)
        (claimed,) = await w.journal.claim("dead", now(), dead.desk.office.work_lease(), 9)
        assert claimed.state is State.FAILED
        other = reopened(w)
        working = asyncio.create_task(other.resolver.run())
        await w.quiet(30)
        assert w.program.looks == 1
        await w.quiet(60)
        assert w.program.looks == 2
        await stopped([working])
        await other.desk.aclose()
        await dead.desk.aclose()


@virtual
async def test_what_is_told_does_not_change_while_it_is_watched_and_reconciling_tells_nothing() -> (
    None
):
    async with world(absent_program(), resolving=False) as w:
        await failed_for_absence(w)
        other = reopened(w)
        before = await other.do(post(), KEY)
        await w.quiet(700)
        assert [settled async for settled in other.resolver.once()] == []
        assert w.program.looks == 2
        after = await other.do(post(), KEY)
        assert after.status is before.status is OperationStatus.REJECTED
        assert after.receipt.finished_at == before.receipt.finished_at  # type: ignore[union-attr]
        await other.desk.aclose()


@virtual
async def test_a_program_that_is_gone_is_watched_no_more() -> None:
    async with world(absent_program(), resolving=False) as w:
        record = await failed_for_absence(w)
        await w.quiet(700)
        desk = Desk(Accounts([]), w.journal, clocks=clocks())
        assert [settled async for settled in Resolver(desk).once()] == []
        assert w.journal.records[record.id].next_at is None
        assert not any("ALARM" in event.why for event in w.journal.history_of[record.id])
        await desk.aclose()


@pytest.mark.parametrize("patience", [PATIENCE, SAFE, DECLARED])
def test_a_late_effect_within_the_fence_is_never_doubled_nor_missed(patience: object) -> None:
    @virtual
    async def check() -> None:
        program = FakeProgram(
            doubt=Doubt.LOOK_THEN_REPLAY,
            patience_=patience,  # type: ignore[arg-type]
            plans=[Plan.LOST_AND_LATE],
        )
        async with world(program) as w:
            record = await doubtful(w)
            await w.quiet(100)
            assert w.journal.records[record.id].state is State.CONFIRMED
            assert effects(w) == ["post"]
            assert len(program.tries) == 1

    check()


@virtual
async def test_what_is_not_found_is_sent_again_where_that_is_safe() -> None:
    program = FakeProgram(
        doubt=Doubt.LOOK_THEN_REPLAY, patience_=SAFE, plans=[Plan.LOST_WITHOUT_EFFECT]
    )
    async with world(program) as w:
        record = await doubtful(w)
        await w.quiet(100)
        assert w.journal.records[record.id].state is State.CONFIRMED
        assert [t.how.again for t in program.tries] == [False, True]
        assert effects(w) == ["post"]


@virtual
async def test_what_is_not_found_is_not_sent_again_where_that_is_not_safe() -> None:
    program = FakeProgram(doubt=Doubt.LOOK_THEN_REPLAY, plans=[Plan.LOST_WITHOUT_EFFECT])
    async with world(program) as w:
        record = await doubtful(w)
        await w.quiet()
        assert w.journal.records[record.id].state is State.NEEDS_REVIEW
        assert len(program.tries) == 1


@pytest.mark.parametrize("error", [Unavailable("down"), OutcomeUnknown("which?")])
def test_a_look_that_does_not_know_settles_nothing(error: Exception) -> None:
    @virtual
    async def check() -> None:
        program = FakeProgram(
            doubt=Doubt.LOOK_THEN_REPLAY, patience_=SAFE, plans=[Plan.LOST_WITHOUT_EFFECT]
        )
        async with world(program) as w:
            record = await doubtful(w)
            program.look_error = error  # type: ignore[assignment]
            await w.quiet(1000)
            assert w.journal.records[record.id].state is State.IN_DOUBT
            assert len(program.tries) == 1
            program.look_error = None
            await w.quiet(1000)
            assert w.journal.records[record.id].state is State.CONFIRMED

    check()


@virtual
async def test_where_nothing_helps_a_person_must_look_at_once() -> None:
    async with world(FakeProgram(doubt=Doubt.NONE, plans=[Plan.LOST_WITH_EFFECT])) as w:
        told = await w.do(post())
        assert told.status is OperationStatus.UNDER_REVIEW
        assert told.errors[0].code is ErrorCode.OUTCOME_UNKNOWN


@virtual
async def test_a_one_time_code_whose_answer_was_lost_asks_for_a_fresh_one() -> None:
    async with world(FakeProgram(doubt=Doubt.NONE, plans=[Plan.LOST_WITH_EFFECT])) as w:
        told = await w.do(authorize())
        assert told.status is OperationStatus.REJECTED
        assert told.errors[0].code is ErrorCode.AUTHORIZATION_INVALID
        assert told.errors[0].retry is RetryAdvice.AFTER_CHANGE
        assert "fresh code" in told.errors[0].message
        await w.quiet()
        assert len(w.program.tries) == 1


@virtual
async def test_a_later_step_in_doubt_is_settled_and_carried_on() -> None:
    plans = [Plan.DONE, Plan.LOST_WITHOUT_EFFECT]
    async with world(FakeProgram(plans=plans)) as w:
        told = await w.do(redeem())
        assert told.status is OperationStatus.PENDING
        await w.quiet(300)
        assert w.record(told).state is State.CONFIRMED
        assert effects(w) == ["issue", "use"]


@virtual
async def test_a_later_step_that_is_missing_takes_the_earlier_one_back() -> None:
    plans = [Plan.DONE, Plan.LOST_WITHOUT_EFFECT]
    program = FakeProgram(doubt=Doubt.LOOK, patience_=DECLARED, plans=plans)
    async with world(program) as w:
        told = await w.do(redeem())
        await w.quiet(300)
        assert w.record(told).state is State.COMPENSATED
        assert effects(w) == ["issue", "back"]


@virtual
async def test_an_adapter_that_never_returns_is_doubt() -> None:
    async with world(FakeProgram(plans=[Plan.NEVER_RETURNS])) as w:
        record = await doubtful(w)
        await w.quiet(200)
        assert w.journal.records[record.id].state is State.CONFIRMED
        assert effects(w) == ["post"]


# ---------------------------------------------------------------------- overtaken


async def overtaken(w: World, change: Change | None = None) -> Told:
    """Another server takes the operation over while it is on the wire, and does so much."""
    asking = asyncio.create_task(w.do(post(), KEY))
    await asyncio.sleep(0.5)
    ahead = w.desk.office.after(600.0)
    (record,) = await w.journal.claim("another", ahead, w.desk.office.after(900.0), 9)
    if change is not None:
        await w.journal.change(record, replace(change, step=again(record)))
    return await asking


def again(record: Record) -> StepRecord:
    return replace(record.steps[-1], sends=2)


RESENT = Change(state=State.SENDING, why="sent again by another server")


@pytest.mark.parametrize("change", [None, RESENT])
def test_an_answer_is_true_whoever_has_the_operation_now(change: Change | None) -> None:
    @virtual
    async def check() -> None:
        program = FakeProgram(doubt=Doubt.LOOK, takes=1.0, shows_after=1e9)
        async with world(program, resolving=False) as w:
            assert (await overtaken(w, change)).status is OperationStatus.SUCCEEDED

    check()


@virtual
async def test_a_refusal_is_true_as_long_as_nobody_sent_it_again() -> None:
    async with world(FakeProgram(takes=1.0, plans=[Plan.REFUSED]), resolving=False) as w:
        assert (await overtaken(w)).status is OperationStatus.REJECTED
    async with world(FakeProgram(takes=1.0, plans=[Plan.REFUSED]), resolving=False) as w:
        assert (await overtaken(w, RESENT)).status is OperationStatus.PENDING


def test_an_answer_after_the_operation_was_closed_is_an_alarm(
    caplog: pytest.LogCaptureFixture,
) -> None:
    @virtual
    async def check() -> None:
        async with world(FakeProgram(takes=1.0), resolving=False) as w:
            closed = Change(state=State.NEEDS_REVIEW, why="given up by another server")
            told = await overtaken(w, closed)
            assert told.status is OperationStatus.UNDER_REVIEW
            assert any(why.startswith("ALARM") for why in w.whys(told))

    check()
    assert "operation alarm" in caplog.text


# ---------------------------------------------------------------------- death and recovery


async def killed(w: World, seconds: float, key: str = KEY) -> None:
    """The server dies so many seconds after the mutation was handed in."""
    mine = asyncio.current_task()
    asking = asyncio.create_task(w.do(post(), key))
    await asyncio.sleep(seconds)
    assert not asking.done()
    await stopped(task for task in asyncio.all_tasks() if task is not mine)


def restarted(w: World) -> Resolver:
    desk = Desk(w.desk.office.accounts, w.journal, clocks=clocks())
    return Resolver(desk)


@virtual
async def test_what_a_dead_server_sent_is_in_doubt_and_settled_by_the_next_one() -> None:
    async with world(FakeProgram(takes=4.0), resolving=False) as w:
        await killed(w, 1.0)
        (record,) = w.journal.records.values()
        assert record.state is State.SENDING
        running = asyncio.create_task(restarted(w).run())
        await w.quiet(30)
        assert w.journal.records[record.id].state is State.SENDING
        await w.quiet(60)
        assert w.journal.records[record.id].state is State.CONFIRMED
        assert [t.how.again for t in w.program.tries] == [False, True]
        assert effects(w) == ["post"]
        running.cancel()


@virtual
async def test_what_a_dead_server_had_not_sent_is_sent_by_the_next_one() -> None:
    async with world(FakeProgram(plans=[Plan.UNAVAILABLE] * 2), resolving=False) as w:
        await killed(w, 0.05)
        (record,) = w.journal.records.values()
        assert record.state is State.READY
        running = asyncio.create_task(restarted(w).run())
        w.program.plans.clear()
        await w.quiet(120)
        assert w.journal.records[record.id].state is State.CONFIRMED
        assert [t.how.again for t in w.program.tries] == [False]
        running.cancel()


@virtual
async def test_what_a_dead_server_could_not_send_is_given_up_if_it_still_cannot_be() -> None:
    async with world(FakeProgram(plans=[Plan.UNAVAILABLE] * 99), resolving=False) as w:
        await killed(w, 0.05)
        running = asyncio.create_task(restarted(w).run())
        await w.quiet(120)
        (record,) = w.journal.records.values()
        assert record.state is State.UNSENT
        running.cancel()


@virtual
async def test_a_paused_server_writes_nothing_after_its_time() -> None:
    """A commit that takes longer than the write may wait: it goes back, and never leaves late."""
    async with world() as w:
        open_ = w.journal.open

        async def slowly(record: Record) -> Record:
            opened = await open_(record)
            await asyncio.sleep(LEAVE + 1)
            return opened

        w.journal.open = slowly  # type: ignore[method-assign]
        told = await w.do(post())
        assert told.status is OperationStatus.SUCCEEDED
        (only,) = w.program.tries
        assert only.at < only.how.leave_by
        assert "never left: PROVIDER_UNAVAILABLE" in w.whys(told)
        assert effects(w) == ["post"]


@virtual
async def test_reconciling_once_tells_what_was_settled_and_how() -> None:
    program = FakeProgram(doubt=Doubt.LOOK, plans=[Plan.LOST_WITH_EFFECT, Plan.LOST_WITHOUT_EFFECT])
    async with world(program, resolving=False) as w:
        one = await w.do(post("INV-1"))
        two = await w.do(post("INV-2"))
        assert [s async for s in w.resolver.once()] == []
        await w.quiet(100)
        told = {s.operation: s async for s in w.resolver.once()}
        found, missing = told[w.record(one).id], told[w.record(two).id]
        assert (found.before, found.after) == (State.IN_DOUBT, State.CONFIRMED)
        assert (missing.before, missing.after) == (State.IN_DOUBT, State.IN_DOUBT)
        assert missing.why == "looked: not there, which proves nothing"
        assert isinstance(found, Settlement)
        assert (found.program, found.kind.value) == ("shop", "TRANSACTION_POST")


@virtual
async def test_one_program_is_not_asked_by_more_than_four_at_a_time() -> None:
    program = FakeProgram(doubt=Doubt.LOOK, plans=[Plan.LOST_WITH_EFFECT] * 20)
    async with world(program, resolving=False) as w:
        for number in range(20):
            await w.do(post(f"INV-{number}"))
        await w.quiet(100)
        program.takes = 1.0
        most, looking = 0, 0
        look = program.look

        async def counted(write: Write, sent_at: object) -> object:
            nonlocal most, looking
            looking += 1
            most = max(most, looking)
            try:
                return await look(write, sent_at)  # type: ignore[arg-type]
            finally:
                looking -= 1

        program.look = counted  # type: ignore[assignment,method-assign]
        settled = [s async for s in w.resolver.once()]
        assert {s.after for s in settled} == {State.CONFIRMED}
        assert (len(settled), most) == (20, 4)


@virtual
async def test_an_operation_of_a_program_that_is_gone_is_put_aside_and_not_lost() -> None:
    async with world(FakeProgram(plans=[Plan.LOST_WITH_EFFECT]), resolving=False) as w:
        record = await doubtful(w)
        w.desk.office.accounts._by_key.clear()
        await w.quiet(100)
        (settled,) = [s async for s in w.resolver.once()]
        assert settled.after is State.IN_DOUBT
        assert [s async for s in w.resolver.once()] == []
        assert w.journal.records[record.id].state is State.IN_DOUBT
        assert await w.desk.operation(ANN, KEY) is not None


def test_an_outage_of_the_ledger_is_told_once_each_time(caplog: pytest.LogCaptureFixture) -> None:
    @virtual
    async def check() -> None:
        async with world() as w:
            for _ in range(2):
                w.journal.down = True
                await w.quiet(20)
                w.journal.down = False
                await w.quiet(20)

    check()
    assert caplog.text.count("ledger unavailable") == 2


@virtual
async def test_a_slow_program_is_in_nobodys_way() -> None:
    """A hundred doubts about a program that hangs, older than the one about another program."""
    slow = FakeProgram(doubt=Doubt.LOOK, plans=[Plan.LOST_WITH_EFFECT] * 100)
    async with world(slow) as w:
        quick = FakeProgram(doubt=Doubt.LOOK, plans=[Plan.LOST_WITH_EFFECT], program="quick")
        w.desk.office.accounts._by_key["quick"] = account(quick)
        await asyncio.gather(*(w.do(post(f"INV-{number}")) for number in range(100)))
        told = await w.do(post(member=MemberRef("quick", "7")))
        assert told.status is OperationStatus.PENDING
        slow.takes = 25.0
        await w.quiet(LEAVE + PATIENCE.fence)
        assert w.record(told).state is State.CONFIRMED
        assert w.states().count(State.IN_DOUBT) > 80
        await w.quiet(3600)
        assert set(w.states()) == {State.CONFIRMED}
