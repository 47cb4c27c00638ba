"""Numbers that a program's writes are told apart by: durable, taken from the ledger in blocks.

A new counter begins anywhere, by chance: where a ledger was lost, the next one does not count
through the same values again, by which the program may still know what the lost one has sent.
"""

import asyncio
import secrets
from collections import defaultdict
from collections.abc import Callable

from ledger.journal import Journal, LedgerUnavailable
from resolvers.office import ledger_unavailable

_BLOCK = 16


class Numbers:
    """The counters of all programs in this process."""

    def __init__(self, journal: Journal, chance: Callable[[int], int] = secrets.randbelow) -> None:
        """`chance(n)` is a number from 0 to n - 1."""
        self._journal = journal
        self._chance = chance
        self._left: dict[tuple[str, str], range] = {}
        self._turns: defaultdict[tuple[str, str], asyncio.Lock] = defaultdict(asyncio.Lock)

    async def next(self, program: str, counter: str, most: int) -> int:
        """The next value from 1 to `most`, and round again; raises Unavailable without a ledger."""
        known = (program, counter)
        async with self._turns[known]:
            left = self._left.get(known, range(0))
            if not left:
                left = await self._block(program, counter, most)
            self._left[known] = left[1:]
        return (left[0] - 1) % most + 1

    async def _block(self, program: str, counter: str, most: int) -> range:
        block, start = min(_BLOCK, most), self._chance(most) + 1
        try:
            first = await self._journal.numbers(program, counter, block, start)
        except LedgerUnavailable:
            raise ledger_unavailable() from None
        return range(first, first + block)
