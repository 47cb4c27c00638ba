"""What is undone, continued or referred to: found in the journal, and refused before anything."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import get_args

import pytest

from ledger.journal import State
from loyalty.commands import Command, LinkMembership, Target, UnlinkMembership
from loyalty.errors import ErrorCode, RetryAdvice, Unsupported
from loyalty.operations import Operation
from loyalty.outcomes import OperationStatus, Posted, Redeemed, RedemptionStatus
from loyalty.refs import MemberRef, TransactionRef
from loyalty.sales import LineType, ReturnedLine, SaleLine
from providers.port import ABILITIES
from providers.writing import Beforehand, Doubt, Job
from resolvers.desk import Desk
from resolvers.receipts import Told
from resolvers.records import Result, kept_result, result_of
from resolvers.scripts import SCRIPTS
from tests.resolvers.desks import (
    ANN,
    World,
    account,
    bring_back,
    capture,
    clocks,
    give_back,
    post,
    redeem,
    use,
    void,
    world,
)
from tests.resolvers.fake_program import MEMBER, PROGRAM, FakeProgram, Plan
from tests.resolvers.virtual_time import virtual

OTHER = MemberRef(PROGRAM, "8")


def names(w: World) -> list[str]:
    return [effect.name for effect in w.program.book]


async def sold(w: World, document: str = "INV-1", **more: object) -> str:
    told = await w.do(post(document, **more))
    assert told.status is OperationStatus.SUCCEEDED, told
    return w.record(told).id


async def held(w: World) -> str:
    told = await w.do(redeem(hold=True))
    assert told.status is OperationStatus.SUCCEEDED, told
    return w.record(told).id


def refused(w: World, told: Told, code: ErrorCode, *field: str) -> None:
    """Refused, at this place, and nothing of it is recorded or sent."""
    assert told.receipt is None
    assert f"trace-{w.keys}" not in [record.trace_id for record in w.journal.records.values()]
    assert told.status is OperationStatus.REJECTED
    assert [error.code for error in told.errors] == [code]
    assert told.errors[0].field == ("input", *field)


def latest(w: World, kind: type) -> object:
    """What the last script was asked about."""
    job = w.program.uses[-1]
    assert isinstance(job, Job)
    assert isinstance(job.target, kind)
    return job.target


# ---------------------------------------------------------------------- voids


@virtual
async def test_a_void_is_asked_with_the_sale_and_what_its_provider_told() -> None:
    async with world() as w:
        operation = await sold(w)
        told = await w.do(void(operation))
        assert told.status is OperationStatus.SUCCEEDED
        posted = latest(w, Posted)
        assert isinstance(posted, Posted)
        assert posted.operation == operation
        assert posted.command == post()
        assert posted.done.native == {"ref": "INV-1"}
        assert names(w) == ["post", "void"]


@virtual
async def test_a_void_finds_the_sale_by_what_its_provider_calls_it() -> None:
    async with world() as w:
        operation = await sold(w)
        native = TransactionRef(MEMBER, ("INV-1",))
        command = replace(void(""), transaction=Target(member=MEMBER, native=native))
        told = await w.do(command)
        assert told.status is OperationStatus.SUCCEEDED
        assert w.record(told).target == operation


@virtual
async def test_what_did_not_go_through_us_cannot_be_undone_through_us() -> None:
    async with world() as w:
        native = TransactionRef(MEMBER, ("never-seen",))
        command = replace(void(""), transaction=Target(member=MEMBER, native=native))
        refused(w, await w.do(command), ErrorCode.NOT_VOIDABLE, "transactionId")


@virtual
async def test_a_sale_that_is_not_there_or_another_members_is_not_found() -> None:
    async with world() as w:
        refused(w, await w.do(void("0" * 32)), ErrorCode.TRANSACTION_NOT_FOUND, "transactionId")
        operation = await sold(w)
        foreign = replace(void(""), transaction=Target(member=OTHER, operation=operation))
        refused(w, await w.do(foreign), ErrorCode.TRANSACTION_NOT_FOUND, "transactionId")
        assert names(w) == ["post"]


@virtual
async def test_a_refused_sale_is_no_sale() -> None:
    async with world(FakeProgram(plans=[Plan.REFUSED])) as w:
        told = await w.do(post())
        operation = w.record(told).id
        refused(w, await w.do(void(operation)), ErrorCode.TRANSACTION_NOT_FOUND, "transactionId")


@virtual
async def test_a_sale_is_voided_once() -> None:
    async with world() as w:
        operation = await sold(w)
        await w.do(void(operation))
        refused(w, await w.do(void(operation)), ErrorCode.ALREADY_VOIDED, "transactionId")
        refused(
            w,
            await w.do(bring_back(operation, (1, "1"))),
            ErrorCode.ALREADY_VOIDED,
            "transactionId",
        )
        assert names(w) == ["post", "void"]


@virtual
async def test_a_void_itself_cannot_be_undone() -> None:
    async with world() as w:
        told = await w.do(void(await sold(w)))
        refused(w, await w.do(void(w.record(told).id)), ErrorCode.NOT_VOIDABLE, "transactionId")


@pytest.mark.parametrize(
    ("doubt", "retry"),
    [(Doubt.LOOK, RetryAdvice.SAME_KEY_LATER), (Doubt.NONE, RetryAdvice.NEVER)],
)
def test_nothing_is_undone_that_is_not_confirmed(doubt: Doubt, retry: RetryAdvice) -> None:
    @virtual
    async def check() -> None:
        async with world(FakeProgram(doubt=doubt, plans=[Plan.LOST_WITH_EFFECT])) as w:
            operation = w.record(await w.do(post())).id
            told = await w.do(void(operation))
            refused(w, told, ErrorCode.NOT_VOIDABLE, "transactionId")
            assert told.errors[0].retry is retry
            assert names(w) == ["post"]

    check()


@pytest.mark.parametrize("servers", [1, 2])
@pytest.mark.parametrize("takes", [0.0, 0.3])
def test_of_many_voids_at_once_one_is_sent(servers: int, takes: float) -> None:
    @virtual
    async def check() -> None:
        async with world(FakeProgram(takes=takes, thinks=takes / 2)) as w:
            operation = await sold(w)
            other = Desk(w.desk.office.accounts, w.journal, clocks=clocks())
            desks = [w.desk, other][:servers]
            told = await asyncio.gather(
                *(
                    desks[number % servers].do(
                        ANN, f"void-number-{number:06d}", void(operation), ""
                    )
                    for number in range(8)
                )
            )
            await other.aclose()
            assert names(w) == ["post", "void"]
            statuses = [t.status for t in told]
            assert statuses.count(OperationStatus.SUCCEEDED) == 1
            assert statuses.count(OperationStatus.REJECTED) == 7
            codes = {t.errors[0].code for t in told if t.errors}
            assert codes <= {ErrorCode.ALREADY_VOIDED, ErrorCode.NOT_VOIDABLE}

    check()


@virtual
async def test_a_void_made_ready_before_another_was_done_is_not_sent_after_it() -> None:
    async with world() as w:
        operation = await sold(w)
        w.program.thoughts = [3.0, 0.0]
        slow = asyncio.create_task(w.do(void(operation)))
        await asyncio.sleep(1.0)
        quick = await w.do(void(operation))
        assert quick.status is OperationStatus.SUCCEEDED
        told = await slow
        assert told.status is OperationStatus.REJECTED
        assert told.errors[0].code is ErrorCode.ALREADY_VOIDED
        assert names(w) == ["post", "void"]


@virtual
async def test_a_void_in_doubt_keeps_others_from_being_sent() -> None:
    plans = [Plan.DONE, Plan.LOST_WITHOUT_EFFECT]
    async with world(FakeProgram(doubt=Doubt.LOOK, plans=plans)) as w:
        operation = await sold(w)
        assert (await w.do(void(operation))).status is OperationStatus.PENDING
        refused(w, await w.do(void(operation)), ErrorCode.NOT_VOIDABLE, "transactionId")
        await w.quiet()
        told = await w.do(void(operation))
        refused(w, told, ErrorCode.NOT_VOIDABLE, "transactionId")
        assert told.errors[0].retry is RetryAdvice.NEVER
        assert len(w.program.tries) == 2


# ---------------------------------------------------------------------- what comes back


@virtual
async def test_returns_add_up_to_what_was_sold() -> None:
    async with world() as w:
        operation = await sold(w)
        assert (await w.do(bring_back(operation, (1, "3")))).status is OperationStatus.SUCCEEDED
        told = await w.do(bring_back(operation, (2, "1"), (1, "2"), document="RET-2"))
        refused(w, told, ErrorCode.INVALID_INPUT, "lines", "1", "quantity")
        assert "1 left" in told.errors[0].message
        await w.do(bring_back(operation, (1, "1"), (2, "1"), document="RET-3"))
        posted = latest(w, Posted)
        assert isinstance(posted, Posted)
        assert [undone.command.document.id for undone in posted.undone if undone.command] == [
            "RET-1"
        ]
        assert names(w) == ["post", "return", "return"]


@pytest.mark.parametrize(
    ("parts", "field"),
    [
        ([(3, "1")], ("lines", "0", "sequence")),
        ([(0, "1")], ("lines", "0", "sequence")),
        ([(1, "0")], ("lines", "0", "quantity")),
        ([(1, "-1")], ("lines", "0", "quantity")),
        ([(1, "4.5")], ("lines", "0", "quantity")),
        ([(1, "2"), (1, "2.01")], ("lines", "1", "quantity")),
        ([(2, "1.5")], ("lines", "0", "quantity")),
        ([], ("lines",)),
    ],
)
def test_a_return_that_cannot_be_names_its_line(
    parts: list[tuple[int, str]], field: tuple[str, ...]
) -> None:
    @virtual
    async def check() -> None:
        async with world() as w:
            operation = await sold(w)
            told = await w.do(bring_back(operation, *parts))
            refused(w, told, ErrorCode.INVALID_INPUT, *field)
            assert names(w) == ["post"]

    check()


@virtual
async def test_a_discount_cannot_come_back() -> None:
    async with world() as w:
        lines = (
            SaleLine(subtotal=Decimal(12)),
            SaleLine(subtotal=Decimal(-2), type=LineType.DISCOUNT),
        )
        told = await w.do(bring_back(await sold(w, lines=lines), (2, "1")))
        refused(w, told, ErrorCode.INVALID_INPUT, "lines", "0", "sequence")


def exchange(operation: str, quantity: str = "2") -> tuple[SaleLine, ...]:
    back = SaleLine(
        subtotal=Decimal(-5),
        quantity=Decimal(quantity),
        type=LineType.RETURN,
        returns=ReturnedLine(1, operation=operation),
    )
    return (back, SaleLine(subtotal=Decimal("17.50")))


@virtual
async def test_what_an_exchange_took_back_does_not_come_back_again() -> None:
    async with world() as w:
        operation = await sold(w)
        await sold(w, "INV-2", lines=exchange(operation, "3"))
        found = latest(w, Beforehand)
        assert isinstance(found, Beforehand)
        assert found.originals[operation].command == post()
        told = await w.do(bring_back(operation, (1, "2")))
        refused(w, told, ErrorCode.INVALID_INPUT, "lines", "0", "quantity")
        told = await w.do(post("INV-3", lines=exchange(operation, "2")))
        refused(w, told, ErrorCode.INVALID_INPUT, "lines", "0", "quantity")
        told = await w.do(bring_back(operation, (1, "1")))
        assert told.status is OperationStatus.SUCCEEDED


@virtual
async def test_a_sale_is_not_voided_while_an_exchange_has_a_part_of_it() -> None:
    async with world() as w:
        operation = await sold(w)
        exchanged = await sold(w, "INV-2", lines=exchange(operation, "1"))
        told = await w.do(void(operation))
        assert told.errors[0].code is ErrorCode.NOT_VOIDABLE
        assert told.receipt is None
        assert [effect.name for effect in w.program.book] == ["post", "post"]
        assert (await w.do(void(exchanged))).status is OperationStatus.SUCCEEDED
        assert (await w.do(void(operation))).status is OperationStatus.SUCCEEDED


@virtual
async def test_of_a_void_and_an_exchange_at_once_one_at_most_is_sent() -> None:
    async with world(FakeProgram(takes=1.0)) as w:
        operation = await sold(w)
        await asyncio.gather(
            w.do(void(operation)), w.do(post("X-1", lines=exchange(operation, "1")))
        )
        assert len(w.program.book) <= 2


@virtual
async def test_a_voided_exchange_has_taken_nothing_back() -> None:
    async with world() as w:
        operation = await sold(w)
        exchanged = await sold(w, "INV-2", lines=exchange(operation, "4"))
        assert (await w.do(void(exchanged))).status is OperationStatus.SUCCEEDED
        told = await w.do(bring_back(operation, (1, "4")))
        assert told.status is OperationStatus.SUCCEEDED


@virtual
async def test_a_line_names_its_sale_by_what_the_provider_calls_it() -> None:
    async with world() as w:
        operation = await sold(w)
        native = ReturnedLine(1, native=TransactionRef(MEMBER, ("INV-1",)))
        line = replace(exchange(operation)[0], returns=native)
        await sold(w, "INV-2", lines=(line,))
        found = latest(w, Beforehand)
        assert isinstance(found, Beforehand)
        assert list(found.originals) == [operation]


@virtual
async def test_two_exchanges_at_once_take_back_no_more_than_was_sold() -> None:
    async with world(FakeProgram(takes=0.5)) as w:
        operation = await sold(w)
        told = await asyncio.gather(
            *(w.do(post(f"X-{n}", lines=exchange(operation, "3"))) for n in range(2))
        )
        succeeded = [t for t in told if t.status is OperationStatus.SUCCEEDED]
        assert len(succeeded) <= 1
        assert names(w).count("post") == 1 + len(succeeded)


# ---------------------------------------------------------------------- redemptions


@virtual
async def test_what_is_held_is_captured_once() -> None:
    async with world() as w:
        operation = await held(w)
        redeemed = await w.desk.redeemed(operation)
        assert redeemed is not None
        assert redeemed.status is RedemptionStatus.HELD
        assert (await w.do(capture(operation))).status is OperationStatus.SUCCEEDED
        redeemed = await w.desk.redeemed(operation)
        assert redeemed is not None
        assert redeemed.status is RedemptionStatus.CAPTURED
        told = await w.do(capture(operation))
        refused(w, told, ErrorCode.REDEMPTION_NOT_OPEN, "redemptionId")
        assert names(w) == ["hold", "capture"]


@virtual
async def test_what_was_captured_can_be_voided_and_that_once() -> None:
    async with world() as w:
        operation = await held(w)
        await w.do(capture(operation))
        assert (await w.do(give_back(operation))).status is OperationStatus.SUCCEEDED
        refused(w, await w.do(give_back(operation)), ErrorCode.ALREADY_VOIDED, "redemptionId")
        refused(w, await w.do(capture(operation)), ErrorCode.REDEMPTION_NOT_OPEN, "redemptionId")


@virtual
async def test_a_redemption_that_is_not_there_or_another_members_is_not_found() -> None:
    async with world() as w:
        refused(w, await w.do(capture("0" * 32)), ErrorCode.REDEMPTION_NOT_FOUND, "redemptionId")
        operation = await held(w)
        foreign = replace(give_back(operation), member=OTHER)
        refused(w, await w.do(foreign), ErrorCode.REDEMPTION_NOT_FOUND, "redemptionId")
        sale = await sold(w)
        told = await w.do(give_back(sale))
        refused(w, told, ErrorCode.NOT_SUPPORTED, "redemptionId")
        assert isinstance(told.errors[0], Unsupported)
        assert told.errors[0].alternatives == (Operation.TRANSACTION_VOID,)


@virtual
async def test_a_redemption_that_is_settling_is_not_gone_on_with() -> None:
    async with world(FakeProgram(doubt=Doubt.LOOK, plans=[Plan.LOST_WITHOUT_EFFECT])) as w:
        operation = w.record(await w.do(redeem(hold=True))).id
        told = await w.do(give_back(operation))
        refused(w, told, ErrorCode.REDEMPTION_NOT_OPEN, "redemptionId")
        assert told.errors[0].retry is RetryAdvice.SAME_KEY_LATER
        redeemed = await w.desk.redeemed(operation)
        assert redeemed is not None
        assert redeemed.status is RedemptionStatus.SETTLING


@virtual
async def test_redeeming_the_voucher_of_a_hold_captures_it() -> None:
    async with world() as w:
        operation = await held(w)
        redeemed = await w.desk.redeemed(operation)
        assert redeemed is not None
        assert redeemed.done.voucher is not None
        voucher = redeemed.done.voucher
        assert (await w.do(use(voucher))).status is OperationStatus.SUCCEEDED
        target = latest(w, Redeemed)
        assert isinstance(target, Redeemed)
        assert target.operation == operation
        redeemed = await w.desk.redeemed(operation)
        assert redeemed is not None
        assert redeemed.status is RedemptionStatus.CAPTURED
        refused(w, await w.do(use(voucher)), ErrorCode.VOUCHER_NOT_USABLE, "voucherId")
        refused(w, await w.do(capture(operation)), ErrorCode.REDEMPTION_NOT_OPEN, "redemptionId")


@virtual
async def test_a_redemption_pays_for_one_sale() -> None:
    async with world() as w:
        operation = await held(w)
        sale = await sold(w, redemptions=(operation,))
        found = latest(w, Beforehand)
        assert isinstance(found, Beforehand)
        assert [redeemed.operation for redeemed in found.redemptions] == [operation]
        told = await w.do(post("INV-2", redemptions=(operation,)))
        refused(w, told, ErrorCode.REDEMPTION_NOT_OPEN, "redemptionIds", "0")
        assert (await w.do(void(sale))).status is OperationStatus.SUCCEEDED
        told = await w.do(post("INV-2", redemptions=(operation,)))
        assert told.status is OperationStatus.SUCCEEDED


@virtual
async def test_what_pays_for_a_sale_comes_back_after_it_alone() -> None:
    async with world() as w:
        operation = await held(w)
        sale = await sold(w, redemptions=(operation,))
        told = await w.do(give_back(operation))
        refused(w, told, ErrorCode.NOT_VOIDABLE, "redemptionId")
        assert names(w).count("void redemption") == 0
        assert (await w.do(void(sale))).status is OperationStatus.SUCCEEDED
        assert (await w.do(give_back(operation))).status is OperationStatus.SUCCEEDED


@virtual
async def test_whoever_loses_a_redemption_to_another_at_once_may_come_again_with_the_key() -> None:
    async with world(FakeProgram(takes=0.5)) as w:
        operation = await held(w)
        sales = [post(f"P-{n}", redemptions=(operation,)) for n in range(2)]
        told = await asyncio.gather(
            *(w.do(each, f"paying-key-{n:06d}") for n, each in enumerate(sales))
        )
        lost = [each for each in told if each.status is not OperationStatus.SUCCEEDED]
        assert len(told) - len(lost) <= 1
        assert {error.retry for each in lost for error in each.errors} == {
            RetryAdvice.SAME_KEY_LATER
        }
        again = [await w.do(each, f"paying-key-{n:06d}") for n, each in enumerate(sales)]
        assert [each.status for each in again].count(OperationStatus.SUCCEEDED) == 1
        assert names(w).count("post") == 1


@virtual
async def test_a_redemption_that_was_given_back_pays_for_nothing() -> None:
    async with world() as w:
        operation = await held(w)
        await w.do(give_back(operation))
        told = await w.do(post(redemptions=(operation,)))
        refused(w, told, ErrorCode.REDEMPTION_NOT_OPEN, "redemptionIds", "0")
        told = await w.do(post(redemptions=("0" * 32,)))
        refused(w, told, ErrorCode.REDEMPTION_NOT_FOUND, "redemptionIds", "0")


# ---------------------------------------------------------------------- abilities


@virtual
async def test_what_a_program_cannot_do_is_refused_with_what_it_can() -> None:
    class Poor:
        program = PROGRAM
        profile = FakeProgram().profile
        patience = FakeProgram().patience
        send = FakeProgram.send
        look = FakeProgram.look
        probe = FakeProgram.probe
        void_sale = FakeProgram.void_sale

    async with world() as w:
        operation = await sold(w)
        w.desk.office.accounts._by_key[PROGRAM] = account(Poor())  # type: ignore[arg-type]
        command: Command = bring_back(operation, (1, "1"))
        told = await w.do(command)
        assert told.errors[0].code is ErrorCode.NOT_SUPPORTED
        error = told.errors[0]
        assert isinstance(error, Unsupported)
        assert error.operation is Operation.TRANSACTION_RETURN
        assert error.alternatives == (Operation.TRANSACTION_VOID,)
        told = await w.do(redeem(hold=True))
        assert isinstance(told.errors[0], Unsupported)
        assert told.errors[0].alternatives == ()
        assert [record.state for record in w.journal.records.values()] == [State.CONFIRMED]


def test_every_change_at_a_program_has_a_script_and_every_script_an_ability_of_the_port() -> None:
    links = {LinkMembership, UnlinkMembership}
    assert set(SCRIPTS) == set(get_args(Command)) - links
    for script in SCRIPTS.values():
        assert ABILITIES[script.operation] is script.ability
        assert callable(getattr(script.ability, script.method))


@virtual
async def test_a_hold_lapses_with_its_time() -> None:
    async with world() as w:
        operation = await held(w)
        record = w.journal.records[operation]
        done = result_of(record).done
        assert done is not None
        ends = record.created_at + timedelta(minutes=5)
        lapsing = kept_result(Result(replace(done, expires_at=ends)))
        w.journal.records[operation] = replace(record, result=lapsing)
        await w.quiet(301)
        told = await w.do(capture(operation))
        refused(w, told, ErrorCode.REDEMPTION_NOT_OPEN, "redemptionId")
        assert "lapsed" in told.errors[0].message
