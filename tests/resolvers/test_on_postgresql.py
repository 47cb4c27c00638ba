"""The desk over PostgreSQL: what holds over SQLite, and servers that share one ledger."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import replace

import pytest

from ledger.books import Books
from ledger.journal import State
from loyalty.errors import ErrorCode
from loyalty.outcomes import OperationStatus
from providers.writing import Doubt
from resolvers.numbers import Numbers
from resolvers.reconcile import Resolver
from tests.ledger.places import PostgresSchema, opened, postgres_schema
from tests.resolvers.desks import ANN, BOB, post, redeem, void
from tests.resolvers.fake_program import PATIENCE, FakeProgram, Plan
from tests.resolvers.test_on_sqlite import (
    FAST,
    KEY,
    desk_of,
    test_a_mutation_is_done_once_and_replayed,
    test_a_sale_is_returned_in_part_voided_once_and_listed,
    test_doubt_is_settled_in_the_background,
    test_what_was_never_sent_is_opened_again_with_its_fresh_secret,
)

__all__ = [
    "test_a_mutation_is_done_once_and_replayed",
    "test_a_sale_is_returned_in_part_voided_once_and_listed",
    "test_doubt_is_settled_in_the_background",
    "test_what_was_never_sent_is_opened_again_with_its_fresh_secret",
]

pytestmark = pytest.mark.postgres


@pytest.fixture
def schema() -> Iterator[PostgresSchema]:
    with postgres_schema() as made:
        yield made


@pytest.fixture
async def books(schema: PostgresSchema) -> AsyncIterator[Books]:
    async with opened(schema) as made:
        yield made


@pytest.fixture
async def other(schema: PostgresSchema, books: Books) -> AsyncIterator[Books]:
    """Another server's connections to the same ledger."""
    del books
    async with opened(schema) as made:
        yield made


async def test_two_servers_that_race_for_one_key_do_it_once(books: Books, other: Books) -> None:
    program = FakeProgram(takes=0.05)
    desks = [desk_of(program, books), desk_of(program, other)]
    for n in range(10):
        key = f"a-key-that-is-raced-for-{n}"
        told = await asyncio.gather(
            *(desks[i % 2].do(ANN, key, post(f"INV-{n}"), "t") for i in range(8))
        )
        assert {t.status for t in told} == {OperationStatus.SUCCEEDED}
        assert len({t.receipt.operation for t in told if t.receipt}) == 1
        assert [t.receipt is not None and t.receipt.replayed for t in told].count(False) == 1
        assert len(program.book) == len(program.tries) == n + 1
    for desk in desks:
        await desk.aclose()


async def test_two_servers_that_race_for_one_document_do_it_once(
    books: Books, other: Books
) -> None:
    program = FakeProgram(takes=0.05)
    desks = [desk_of(program, books), desk_of(program, other)]
    told = await asyncio.gather(
        *(
            desks[i % 2].do((ANN, BOB)[i % 2], f"a-key-of-its-own-{i}", post(), "t")
            for i in range(8)
        )
    )
    assert len(program.book) == 1
    statuses = Counter(t.status for t in told)
    assert statuses == {OperationStatus.SUCCEEDED: 1, OperationStatus.REJECTED: 7}
    codes = {t.errors[0].code for t in told if t.errors}
    assert codes == {ErrorCode.DUPLICATE}
    for desk in desks:
        await desk.aclose()


async def test_two_servers_that_race_to_void_one_sale_void_it_once(
    books: Books, other: Books
) -> None:
    program = FakeProgram()
    desks = [desk_of(program, books), desk_of(program, other)]
    for n in range(5):
        sold = await desks[0].do(ANN, f"a-key-for-sale-no-{n}", post(f"INV-{n}"), "t")
        assert sold.receipt is not None
        told = await asyncio.gather(
            *(
                desks[i % 2].do(ANN, f"a-key-to-void-{n}-{i}", void(sold.receipt.operation), "t")
                for i in range(4)
            )
        )
        done = [t.status for t in told].count(OperationStatus.SUCCEEDED)
        assert done == 1
        assert [effect.name for effect in program.book].count("void") == n + 1
    for desk in desks:
        await desk.aclose()


@pytest.mark.parametrize("doubt", [Doubt.REPLAY, Doubt.LOOK, Doubt.LOOK_THEN_REPLAY])
async def test_what_one_server_left_in_doubt_is_settled_once_by_any(
    books: Books, other: Books, doubt: Doubt
) -> None:
    patience = replace(PATIENCE, replay_is_safe=True)
    plans = [Plan.DONE, Plan.LOST_WITH_EFFECT] * 4
    program = FakeProgram(doubt=doubt, plans=plans, patience_=patience)
    desks = [desk_of(program, one, replace(FAST, answer=5.0)) for one in (books, other)]
    running = [asyncio.create_task(Resolver(desk).run()) for desk in desks]
    keys = [f"a-key-in-doubt-no-{n}" for n in range(4)]
    for n, key in enumerate(keys):
        told = await desks[n % 2].do(ANN, key, redeem(), "t")
        assert told.receipt is not None
    async with asyncio.timeout(30):
        while (await books.counts())[State.CONFIRMED] < len(keys):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    assert Counter(effect.name for effect in program.book) == {"issue": 4, "use": 4}
    for task in running:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    for desk in desks:
        await desk.aclose()


async def test_a_server_that_died_on_the_wire_is_followed_by_the_other(
    books: Books, other: Books
) -> None:
    program = FakeProgram(plans=[Plan.HANGS_WITH_EFFECT])
    first, second = (desk_of(program, one, replace(FAST, answer=5.0)) for one in (books, other))
    dying = asyncio.create_task(first.do(ANN, KEY, post(), "t"))
    async with asyncio.timeout(20):
        while not program.tries:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    for task in [dying, *first._tasks]:
        task.cancel()
    running = asyncio.create_task(Resolver(second).run())
    async with asyncio.timeout(30):
        while (await other.counts())[State.CONFIRMED] < 1:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    told = await second.do(ANN, KEY, post(), "t")
    assert told.status is OperationStatus.SUCCEEDED
    assert len(program.book) == 1
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    await first.aclose()
    await second.aclose()


async def test_two_servers_never_give_the_same_number(books: Books, other: Books) -> None:
    servers = [Numbers(books), Numbers(other)]
    given = await asyncio.gather(
        *(servers[n % 2].next("syw", "redemption", 10**12) for n in range(200))
    )
    assert len(set(given)) == 200
