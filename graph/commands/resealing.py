"""Sealing the ledger anew with its first key, so that the older keys open nothing any more.

It works beside running servers, in small steps; stopped half-way it is simply begun again.
"""

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from graph.commands.ledgers import with_ledger
from graph.commands.terminal import say
from graph.settings import Settings
from ledger.books import Books
from ledger.resealing import Resealed

_LINE_EVERY = 10_000
"""Operations between two lines, where there is no terminal for a bar."""


def reseal(settings: Settings) -> None:
    """Seal everything with the first key, and say how much was sealed with another one."""

    async def work(books: Books) -> Resealed:
        total = sum((await books.counts()).values())
        with _progress(total) as shown:
            return await books.reseal(shown)

    done = with_ledger(settings, work)
    say(
        f"Sealed anew: {done.operations} of {done.looked} operations, {done.links} links."
        f" Everything is sealed with the first key ({done.key})."
    )
    if len(settings.ledger.encryption_keys) > 1:
        say("The others open nothing any more. The last one stays: it names whose a record is.")


@contextmanager
def _progress(total: int) -> Generator[Callable[[Resealed], None]]:
    """Shows how far it is: a bar on a terminal, else a line now and then."""
    if not sys.stderr.isatty():
        yield _lines(total)
        return
    parts = (TextColumn("sealing"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*parts, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("sealing", total=total)
        yield lambda done: bar.update(task, completed=done.looked)


def _lines(total: int) -> Callable[[Resealed], None]:
    told = 0

    def shown(done: Resealed) -> None:
        nonlocal told
        if done.looked >= told + _LINE_EVERY:
            told = done.looked
            sys.stderr.write(f"sealing: {done.looked} of {total} operations\n")

    return shown
