"""What a script read before its serial was its own is read again, if another may have come in."""

import asyncio
from dataclasses import dataclass, replace

import pytest

from ledger.journal import State
from loyalty.commands import PostSale
from loyalty.errors import Declined, ErrorCode
from loyalty.outcomes import Done, OperationStatus
from providers.writing import Beforehand, Finished, Job, Next
from resolvers.desk import Desk
from tests.resolvers.desks import ANN, BOB, World, clocks, post, world
from tests.resolvers.fake_program import FakeProgram
from tests.resolvers.virtual_time import virtual


@dataclass
class Looking(FakeProgram):
    """Reads how many sales there are, thinks, and sends what it has read with the sale."""

    only_one: bool = False

    async def post_sale(self, job: Job[PostSale, Beforehand]) -> Next:
        there = len(self.book)
        self.uses.append(there)
        await self._think()
        if job.steps:
            assert isinstance(job.steps[-1].outcome, Done)
            return Finished(done=job.steps[-1].outcome)
        if there and self.only_one:
            raise Declined("there is one", code=ErrorCode.CONTACT_IN_USE)
        write = self._write(job, "post", job.ticket.reference(job.command.document.id))
        return replace(write, serial="sales", note=str(there))


@dataclass
class Slow(FakeProgram):
    """Thinks, then takes no second sale, whoever asks."""

    async def post_sale(self, job: Job[PostSale, Beforehand]) -> Next:
        await self._think()
        if self.book and not job.steps:
            raise Declined("there is one", code=ErrorCode.CONTACT_IN_USE)
        return await super().post_sale(job)


def notes(w: World) -> list[str | None]:
    return [each.write.note for each in w.program.tries]


async def two_at_once(w: World) -> OperationStatus:
    """One is asked what there is, then thinks; meanwhile another comes and goes."""
    slow = asyncio.create_task(w.do(post("INV-2"), caller=BOB))
    await asyncio.sleep(0.5)
    assert (await w.do(post("INV-1"))).status is OperationStatus.SUCCEEDED
    return (await slow).status


@virtual
async def test_what_was_read_too_early_is_read_again() -> None:
    async with world(Looking(thoughts=[2.0])) as w:
        assert await two_at_once(w) is OperationStatus.SUCCEEDED
        assert notes(w) == ["0", "1"]


@virtual
async def test_what_cannot_be_any_more_is_not_sent() -> None:
    async with world(Looking(thoughts=[2.0], only_one=True)) as w:
        assert await two_at_once(w) is OperationStatus.REJECTED
        assert [each.reference for each in w.program.book] == ["INV-1"]
        assert sorted(w.states()) == [State.CONFIRMED, State.UNSENT]


@virtual
async def test_a_program_that_does_not_answer_then_is_asked_with_the_same_key_again() -> None:
    async with world(Looking(thoughts=[2.0])) as w:
        slow = asyncio.create_task(w.do(post("INV-2"), "key-of-the-slow-one"))
        await asyncio.sleep(0.5)
        await w.do(post("INV-1"))
        w.program.script_down = 2
        assert (await slow).status is OperationStatus.REJECTED
        assert notes(w) == ["0"]
        w.program.script_down = 0
        told = await w.do(post("INV-2"), "key-of-the-slow-one")
        assert told.status is OperationStatus.SUCCEEDED
        assert notes(w) == ["0", "1"]


@virtual
async def test_one_after_the_other_long_since_is_asked_once() -> None:
    async with world(Looking()) as w:
        await w.do(post("INV-1"))
        await w.quiet()
        w.program.uses.clear()
        assert (await w.do(post("INV-2"))).status is OperationStatus.SUCCEEDED
        assert w.program.uses == [1, 2]
        assert notes(w) == ["0", "1"]


@pytest.mark.parametrize("how_many", [2, 5])
def test_many_at_once_each_see_those_before(how_many: int) -> None:
    @virtual
    async def check() -> None:
        async with world(Looking(takes=0.1)) as w:
            asked = (w.do(post(f"INV-{n}")) for n in range(how_many))
            told = await asyncio.gather(*asked)
            assert {each.status for each in told} == {OperationStatus.SUCCEEDED}
            assert notes(w) == [str(n) for n in range(how_many)]

    check()


@virtual
async def test_a_refusal_for_what_the_same_key_did_elsewhere_is_not_told() -> None:
    async with world(Slow(thoughts=[2.0])) as w:
        other = Desk(w.desk.office.accounts, w.journal, clocks=clocks())
        key = "key-of-two-servers"
        slow = asyncio.create_task(other.do(ANN, key, post(), "trace"))
        await asyncio.sleep(0.5)
        assert (await w.do(post(), key)).status is OperationStatus.SUCCEEDED
        told = await slow
        assert (told.status, told.errors) == (OperationStatus.SUCCEEDED, ())
        assert told.receipt is not None
        assert told.receipt.replayed
        assert len(w.program.book) == 1
        await other.aclose()


@virtual
async def test_a_refusal_for_what_another_key_did_is_told() -> None:
    async with world(Slow(thoughts=[2.0])) as w:
        slow = asyncio.create_task(w.do(post("INV-2"), caller=BOB))
        await asyncio.sleep(0.5)
        assert (await w.do(post("INV-1"))).status is OperationStatus.SUCCEEDED
        told = await slow
        assert told.status is OperationStatus.REJECTED
        assert [error.code for error in told.errors] == [ErrorCode.CONTACT_IN_USE]
