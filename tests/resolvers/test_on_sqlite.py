"""The desk over the real ledger, in real time at a fast pace."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from ledger.books import Books
from ledger.journal import OPEN, State
from ledger.open import open_ledger
from loyalty.errors import ErrorCode
from loyalty.outcomes import OperationStatus
from providers.port import Period
from providers.writing import Doubt
from resolvers.accounts import Accounts
from resolvers.desk import Desk
from resolvers.pace import Pace
from resolvers.reconcile import Resolver
from tests.resolvers.desks import ANN, account, authorize, bring_back, post, redeem, void
from tests.resolvers.fake_program import MEMBER, FakeProgram, Plan

KEY = "one-key-for-this-test"
FAST = Pace(scale=0.01, leave=20.0, answer=300.0, backoff=(1.0, 5.0))


@pytest.fixture
async def books(tmp_path: Path) -> AsyncIterator[Books]:
    opened = await open_ledger(f"sqlite:///{tmp_path}/ledger.db", [b"k" * 32])
    yield opened
    await opened.aclose()


def desk_of(program: FakeProgram, books: Books, pace: Pace = FAST) -> Desk:
    return Desk(Accounts([account(program)]), books, pace=pace)


async def test_a_mutation_is_done_once_and_replayed(books: Books) -> None:
    program = FakeProgram(takes=0.05)
    desk = desk_of(program, books)
    told = await asyncio.gather(*(desk.do(ANN, KEY, post(), "t") for _ in range(50)))
    assert {t.status for t in told} == {OperationStatus.SUCCEEDED}
    assert len(program.book) == 1
    conflict = await desk.do(ANN, KEY, post("INV-2"), "t")
    assert conflict.errors[0].code is ErrorCode.IDEMPOTENCY_CONFLICT
    duplicate = await desk.do(ANN, "another-key-for-it", post(), "t")
    assert duplicate.errors[0].code is ErrorCode.DUPLICATE
    await desk.aclose()


async def test_a_sale_is_returned_in_part_voided_once_and_listed(books: Books) -> None:
    program = FakeProgram()
    desk = desk_of(program, books)
    told = await desk.do(ANN, KEY, post(), "t")
    assert told.receipt is not None
    operation = told.receipt.operation
    back = await desk.do(ANN, "a-key-for-the-return", bring_back(operation, (1, "1")), "t")
    assert back.status is OperationStatus.SUCCEEDED
    other = desk_of(program, books)
    voids = await asyncio.gather(
        *(
            (desk, other)[n % 2].do(ANN, f"void-number-{n:06d}", void(operation), "t")
            for n in range(6)
        )
    )
    assert [v.status for v in voids].count(OperationStatus.SUCCEEDED) == 1
    assert [effect.name for effect in program.book] == ["post", "return", "void"]
    listed = await desk.sales_of(MEMBER, Period())
    assert sorted((t.kind.value, t.status.value) for t in listed) == [
        ("PURCHASE", "VOIDED"),
        ("RETURN", "POSTED"),  # the void itself
        ("RETURN", "VOIDED"),  # a void after a return undoes both
    ]
    await desk.aclose()
    await other.aclose()


async def test_what_was_never_sent_is_opened_again_with_its_fresh_secret(books: Books) -> None:
    program = FakeProgram(plans=[Plan.UNAVAILABLE] * 500)
    impatient = desk_of(program, books, replace(FAST, answer=20.0))
    told = await impatient.do(ANN, KEY, post(authorization="first"), "t")
    assert told.receipt is not None
    async with asyncio.timeout(20):
        while (record := await books.get(told.receipt.operation)) is None or record.state in OPEN:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    assert (record.state, record.secret) == (State.UNSENT, None)
    program.plans.clear()
    desk = desk_of(program, books)
    told = await desk.do(ANN, KEY, post(authorization="second"), "t")
    assert told.status is OperationStatus.SUCCEEDED
    assert b"second" in (program.tries[0].write.request.body or b"")
    await impatient.aclose()
    await desk.aclose()


@pytest.mark.parametrize("doubt", [Doubt.REPLAY, Doubt.LOOK, Doubt.LOOK_THEN_REPLAY])
async def test_doubt_is_settled_in_the_background(books: Books, doubt: Doubt) -> None:
    program = FakeProgram(doubt=doubt, plans=[Plan.DONE, Plan.LOST_WITH_EFFECT])
    desk = desk_of(program, books, replace(FAST, answer=5.0))
    running = asyncio.create_task(Resolver(desk).run())
    told = await desk.do(ANN, KEY, redeem(), "t")
    assert told.status is OperationStatus.PENDING
    assert told.receipt is not None
    async with asyncio.timeout(20):
        while True:
            receipt = await desk.operation(ANN, KEY)
            assert receipt is not None
            if receipt.status is not OperationStatus.PENDING:
                break
            await asyncio.sleep(0.05)
    assert receipt.status is OperationStatus.SUCCEEDED
    assert [effect.name for effect in program.book] == ["issue", "use"]
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    await desk.aclose()


async def test_no_secret_is_in_the_file_in_clear(books: Books, tmp_path: Path) -> None:
    program = FakeProgram()
    desk = desk_of(program, books)
    await desk.do(ANN, KEY, post(authorization="canary-right"), "t")
    await desk.do(ANN, "a-key-for-the-code..", authorize("canary-code"), "t")
    await desk.aclose()
    written = (tmp_path / "ledger.db").read_bytes()
    for canary in (b"canary", b"right-to-redeem"):
        assert canary not in written
