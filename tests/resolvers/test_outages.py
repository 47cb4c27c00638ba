"""A ledger that is away or does not say what became of a change: what may be is not refused."""

from ledger.journal import LedgerSilent, Record, State
from loyalty.errors import ErrorCode, RetryAdvice
from loyalty.outcomes import OperationStatus
from resolvers import known_keys
from resolvers.known_keys import KnownKeys
from tests.resolvers.desks import post, world
from tests.resolvers.fake_program import FakeProgram, Plan
from tests.resolvers.virtual_time import virtual

KEY = "one-key-for-this-test"


@virtual
async def test_what_may_have_been_recorded_is_never_told_as_refused() -> None:
    """The commit is made, its answer is lost: recovery finds the operation, and sends it."""
    async with world() as w:
        open_ = w.journal.open

        async def silently(record: Record) -> Record:
            await open_(record)
            raise LedgerSilent("it did not say")

        w.journal.open = silently  # type: ignore[method-assign]
        told = await w.do(post(), KEY)
        assert told.status is OperationStatus.PENDING
        assert told.errors[0].code is ErrorCode.LEDGER_UNAVAILABLE
        assert told.errors[0].retry is RetryAdvice.CHECK_OPERATION
        await w.quiet(600)
        assert (await w.do(post(), KEY)).status is OperationStatus.SUCCEEDED
        assert len(w.program.book) == 1


@virtual
async def test_a_retry_while_the_ledger_is_away_is_not_refused() -> None:
    """What was PENDING, or done, must not be told as REJECTED because nobody can look it up."""
    async with world(FakeProgram(plans=[Plan.LOST_WITH_EFFECT, Plan.DONE])) as w:
        doubtful, done, fresh = (post(f"INV-{n}") for n in range(3))
        assert (await w.do(doubtful, KEY + "-1")).status is OperationStatus.PENDING
        assert (await w.do(done, KEY + "-2")).status is OperationStatus.SUCCEEDED
        w.journal.down = True
        for command, key in ((doubtful, KEY + "-1"), (done, KEY + "-2")):
            told = await w.do(command, key)
            assert told.status is OperationStatus.PENDING
            assert told.errors[0].code is ErrorCode.LEDGER_UNAVAILABLE
        assert (await w.do(fresh, KEY + "-3")).status is OperationStatus.REJECTED
        w.journal.down = False
        await w.quiet(600)
        assert w.states() == [State.CONFIRMED, State.CONFIRMED]


@virtual
async def test_a_retry_while_the_server_stops_is_not_refused() -> None:
    async with world(FakeProgram(plans=[Plan.LOST_WITH_EFFECT])) as w:
        assert (await w.do(post(), KEY)).status is OperationStatus.PENDING
        await w.desk.aclose()
        told = await w.do(post(), KEY)
        assert told.status is OperationStatus.PENDING
        assert told.errors[0].code is ErrorCode.OVERLOADED
        fresh = await w.do(post("INV-2"), KEY + "-2")
        assert fresh.status is OperationStatus.REJECTED
        assert len(w.states()) == 1


def test_of_very_many_keys_the_latest_are_known(monkeypatch) -> None:
    monkeypatch.setattr(known_keys, "_MOST", 3)
    known = KnownKeys()
    for key in "abcda":
        known.add("ann", key)
    assert [key for key in "abcd" if known.has("ann", key)] == ["a", "c", "d"]
    assert not known.has("bob", "a")


@virtual
async def test_what_never_left_takes_a_fresh_reference_where_its_own_is_used_up() -> None:
    """The first key was never sent, another one's try was refused: the first may ask again."""
    plans = [Plan.UNAVAILABLE] * 40
    async with world(FakeProgram(plans=plans)) as w:
        assert (await w.do(post(), KEY + "-1")).status is OperationStatus.REJECTED
        plans[:] = [Plan.REFUSED]
        assert (await w.do(post(), KEY + "-2")).status is OperationStatus.REJECTED
        again = await w.do(post(), KEY + "-1")
        assert again.status is OperationStatus.SUCCEEDED, again.errors
        assert [effect.reference for effect in w.program.book] == ["INV-1~1"]
        assert w.record(again).tries == 1
