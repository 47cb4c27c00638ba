"""What nobody expects: it ends somewhere, stops nothing else, and claims nothing untrue."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from ledger.journal import LedgerUnavailable, Record, State
from loyalty.errors import InvalidInput, LoyaltyError
from loyalty.outcomes import Done, OperationStatus
from providers.writing import Doubt, Sending, Write
from resolvers.pace import Pace
from resolvers.settling import settle
from tests.resolvers.desks import ANN, World, authorize, post, redeem, world
from tests.resolvers.fake_program import PATIENCE, FakeProgram, Plan
from tests.resolvers.virtual_time import now, virtual

KEY = "one-key-for-this-test"
DAY = 86_400.0


async def doubtful(w: World) -> Record:
    told = await w.do(post(), KEY)
    assert told.status is OperationStatus.PENDING
    return w.record(told)


# ---------------------------------------------------------------------- what cannot be carried on


@virtual
async def test_an_operation_of_a_program_that_stays_away_comes_before_a_person() -> None:
    async with world(FakeProgram(plans=[Plan.LOST_WITH_EFFECT])) as w:
        record = await doubtful(w)
        w.desk.office.accounts._by_key.clear()
        await w.quiet(DAY / 2)
        assert w.journal.records[record.id].state is State.IN_DOUBT
        await w.quiet(DAY)
        reviewed = w.journal.records[record.id]
        assert reviewed.state is State.NEEDS_REVIEW
        receipt = await w.desk.operation(ANN, KEY)
        assert receipt is not None
        assert receipt.status is OperationStatus.UNDER_REVIEW
        settled = await settle(
            w.journal,
            reviewed,
            State.CONFIRMED,
            "seen in the back office",
            operator="eve",
            now=w.desk.office.now(),
        )
        assert settled.state is State.CONFIRMED


@virtual
async def test_an_operation_that_breaks_us_comes_before_a_person() -> None:
    """An answer that cannot be kept: its operation ends with a person, not in a circle."""
    async with world() as w:
        change = w.journal.change

        async def breaking(record: Record, what: object) -> Record:
            if getattr(what, "state", None) is State.CONFIRMED:
                raise ValueError("a text in the ledger cannot hold the character NUL")
            return await change(record, what)  # type: ignore[arg-type]

        w.journal.change = breaking  # type: ignore[method-assign,assignment]
        record = await doubtful(w)
        await w.quiet(2 * DAY)
        assert w.journal.records[record.id].state is State.NEEDS_REVIEW


@virtual
async def test_what_cannot_even_be_resumed_stops_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plans = [Plan.LOST_WITH_EFFECT, Plan.LOST_WITH_EFFECT]
    async with world(FakeProgram(plans=plans)) as w:
        broken = await doubtful(w)
        other = w.record(await w.do(post("INV-2")))
        resume = w.desk.courses.resume

        async def failing(record: Record) -> object:
            if record.id == broken.id:
                raise KeyError("member's name")
            return await resume(record)

        monkeypatch.setattr(w.desk.courses, "resume", failing)
        await w.quiet(3600)
        assert w.journal.records[other.id].state is State.CONFIRMED
        tries = [e for e in w.journal.history_of[broken.id] if "put aside" in e.why]
        assert 3 <= len(tries) <= 5
        await w.quiet(DAY)
        assert w.journal.records[broken.id].state is State.NEEDS_REVIEW


@virtual
async def test_what_was_told_to_have_failed_stays_so_whatever_breaks_while_it_is_watched(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    declared = replace(PATIENCE, read_lag=10.0)
    program = FakeProgram(doubt=Doubt.LOOK, patience_=declared, plans=[Plan.LOST_WITHOUT_EFFECT])
    async with world(program) as w:
        record = await doubtful(w)
        await w.quiet(100)
        assert w.journal.records[record.id].state is State.FAILED

        async def failing(_: Record) -> object:
            raise KeyError("member's name")

        monkeypatch.setattr(w.desk.courses, "resume", failing)
        await w.quiet(3 * DAY)
        failed = w.journal.records[record.id]
        assert failed.state is State.FAILED
        assert failed.steps[0].request is None


@virtual
async def test_a_journal_that_fails_as_no_journal_should_is_asked_again() -> None:
    async with world(FakeProgram(plans=[Plan.LOST_WITH_EFFECT])) as w:
        claim, failures = w.journal.claim, 0

        async def failing(*args: object) -> object:
            nonlocal failures
            if failures < 5:
                failures += 1
                raise RuntimeError("the driver's own")
            return await claim(*args)  # type: ignore[arg-type]

        w.journal.claim = failing  # type: ignore[method-assign,assignment]
        record = await doubtful(w)
        await w.quiet(120)
        assert failures == 5
        assert w.journal.records[record.id].state is State.CONFIRMED


# ---------------------------------------------------------------------- what proves nothing


@virtual
async def test_a_repeat_that_we_cannot_send_is_no_refusal() -> None:
    """Credentials that no header can hold, since the first try: nobody was asked."""
    program = FakeProgram(plans=[Plan.LOST_WITH_EFFECT])
    send = program.send

    async def unfit(write: Write, how: Sending) -> Done:
        if how.again:
            raise InvalidInput("a value is not fit to be sent to the provider")
        return await send(write, how)

    program.send = unfit  # type: ignore[method-assign]
    async with world(program) as w:
        record = await doubtful(w)
        await w.quiet(300)
        assert w.journal.records[record.id].state is State.IN_DOUBT
        await w.quiet(8000)
        assert w.journal.records[record.id].state is State.NEEDS_REVIEW


@virtual
async def test_an_answer_that_another_server_has_recorded_too_is_no_alarm() -> None:
    """Two servers hear of the same success: one records it and goes on, the other only stops."""
    async with world(FakeProgram(takes=1.0), resolving=False) as w:
        asking = asyncio.create_task(w.do(redeem(), KEY))
        await asyncio.sleep(0.5)
        change = w.journal.change

        async def lost_once(record: Record, what: object) -> Record:
            w.journal.change = change  # type: ignore[method-assign]
            await change(record, what)  # type: ignore[arg-type]
            raise LedgerUnavailable

        w.journal.change = lost_once  # type: ignore[method-assign,assignment]
        told = await asking
        assert not any(why.startswith("ALARM") for why in w.whys(told))


# ---------------------------------------------------------------------- what is kept


@virtual
async def test_a_right_is_blanked_in_its_step_too_when_the_script_was_slow() -> None:
    async with world(FakeProgram(thoughts=[0.0, 2.0])) as w:
        told = await w.do(authorize())
        assert told.status is OperationStatus.SUCCEEDED
        record = w.record(told)
        assert record.result_secret is not None
        (step,) = record.steps
        assert step.outcome is not None
        assert b"right-to-redeem" not in step.outcome


@virtual
async def test_a_stop_waits_for_what_it_has_just_let_in() -> None:
    """A mutation that is being begun when the stop comes is sent, and its answer recorded."""
    async with world(FakeProgram(takes=3.0, thinks=2.0), pace=Pace(drain=20.0)) as w:
        asking = asyncio.create_task(w.do(post(), KEY))
        await asyncio.sleep(1.0)
        await w.desk.aclose()
        assert w.states() == [State.CONFIRMED]
        assert (await asking).status is OperationStatus.SUCCEEDED


@virtual
async def test_an_error_of_a_look_is_never_a_refusal() -> None:
    program = FakeProgram(doubt=Doubt.LOOK, plans=[Plan.LOST_WITH_EFFECT])
    program.look_error = LoyaltyError("anything")
    async with world(program) as w:
        record = await doubtful(w)
        await w.quiet(600)
        assert w.journal.records[record.id].state is State.IN_DOUBT


@pytest.mark.parametrize("hours", [-1, 1])
@pytest.mark.parametrize("plan", [Plan.DONE, Plan.LOST_WITH_EFFECT, Plan.LOST_AND_LATE])
@pytest.mark.parametrize("doubt", [Doubt.REPLAY, Doubt.LOOK])
def test_a_wall_clock_that_is_set_doubles_and_denies_nothing(
    hours: int, plan: Plan, doubt: Doubt
) -> None:
    @virtual
    async def check() -> None:
        program = FakeProgram(doubt=doubt, plans=[plan], takes=4.0)
        async with world(program) as w:
            offset = timedelta()
            set_clock = replace(w.desk.office.clocks, now=lambda: now() + offset)
            object.__setattr__(w.desk.office, "clocks", set_clock)
            asking = asyncio.create_task(w.do(post(), KEY))
            await asyncio.sleep(2.0)
            offset = timedelta(hours=hours)
            assert (await asking).status is not OperationStatus.REJECTED
            await w.quiet(3 * 3600)
            assert len(program.book) == 1
            assert w.states()[0] in {State.CONFIRMED, State.NEEDS_REVIEW}
            assert plan is not Plan.DONE or w.states() == [State.CONFIRMED]

    check()


@virtual
async def test_a_compensation_in_doubt_is_settled_and_then_told() -> None:
    plans = [Plan.DONE, Plan.REFUSED, Plan.LOST_WITH_EFFECT]
    async with world(FakeProgram(plans=plans)) as w:
        told = await w.do(redeem(), KEY)
        assert told.status is OperationStatus.PENDING
        await w.quiet(300)
        assert w.states() == [State.COMPENSATED]
        assert [effect.name for effect in w.program.book] == ["issue", "back"]


@virtual
async def test_a_compensation_that_nobody_can_tell_of_comes_before_a_person() -> None:
    plans = [Plan.DONE, Plan.REFUSED, Plan.LOST_WITHOUT_EFFECT]
    async with world(FakeProgram(doubt=Doubt.LOOK, plans=plans)) as w:
        assert (await w.do(redeem(), KEY)).status is OperationStatus.PENDING
        await w.quiet()
        assert w.states() == [State.NEEDS_REVIEW]
        assert [effect.name for effect in w.program.book] == ["issue"]
