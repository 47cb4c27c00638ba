"""What commands about mutations work with: the ledger of a configuration, and a desk over it."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from graph.app import connected, opened_ledger
from graph.commands.terminal import BAD_CONFIGURATION, TROUBLE, fail
from graph.settings import Settings
from ledger.books import Books
from ledger.journal import Journal, LedgerUnavailable
from ledger.sql import LedgerError
from resolvers.accounts import Accounts
from resolvers.desk import Desk
from resolvers.pace import Pace

T = TypeVar("T")


def with_ledger(settings: Settings, work: Callable[[Books], Awaitable[T]]) -> T:
    """Do something with the ledger; one line, and the end, where it cannot be opened or used."""

    async def done() -> T:
        async with opened_ledger(settings.ledger) as journal:
            return await work(journal)

    return _run(done)


def with_programs(settings: Settings, work: Callable[[Journal, Accounts], Awaitable[T]]) -> T:
    """The same with the programs beside it."""

    async def done() -> T:
        async with (
            opened_ledger(settings.ledger) as journal,
            connected(settings.programs) as accounts,
        ):
            return await work(journal, accounts)

    return _run(done)


@asynccontextmanager
async def desk_over(journal: Journal, accounts: Accounts, pace: Pace) -> AsyncGenerator[Desk]:
    """A desk that takes nothing in: it only carries on what is there."""
    desk = Desk(accounts, journal, pace=pace)
    try:
        yield desk
    finally:
        await desk.aclose()


def _run(work: Callable[[], Awaitable[T]]) -> T:
    async def running() -> T:
        return await work()

    try:
        return asyncio.run(running())
    except LedgerError as fault:
        fail([f"ledger.url: {fault}"], BAD_CONFIGURATION)
    except LedgerUnavailable as fault:
        fail([f"the ledger cannot be used now: {fault}"], TROUBLE)
