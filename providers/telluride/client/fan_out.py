"""Many members at an upstream that takes one a call: bounded, each key failing alone."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from loyalty.errors import LoyaltyError
from providers.port import Answer

T = TypeVar("T")

_LONGEST_NUMBER = 18


def is_number(key: str) -> bool:
    """Whether the key can be a member's number at all: up to 18 digits (contract 1.4)."""
    return key.isascii() and key.isdigit() and len(key) <= _LONGEST_NUMBER


class FanOut:
    """How many calls all batches of a program may have under way together."""

    def __init__(self, width: int) -> None:
        self._places = asyncio.Semaphore(width)

    async def each(
        self, keys: Sequence[str], ask: Callable[[str], Awaitable[T | None]]
    ) -> list[Answer[T]]:
        """An answer for each key, in order; a key asked twice is one call, a malformed one none."""

        async def one(key: str) -> Answer[T]:
            if not is_number(key):
                return None
            async with self._places:
                try:
                    return await ask(key)
                except LoyaltyError as error:
                    return error

        unique = list(dict.fromkeys(keys))
        if len(unique) == 1:
            return [await one(unique[0])] * len(keys)
        answers = dict(zip(unique, await asyncio.gather(*map(one, unique)), strict=True))
        return [answers[key] for key in keys]
