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


async def fan_out(
    keys: Sequence[str], ask: Callable[[str], Awaitable[T | None]], width: int
) -> list[Answer[T]]:
    """An answer for each key, in order; a key asked twice is one call, a malformed one none."""
    gate = asyncio.Semaphore(width)

    async def one(key: str) -> Answer[T]:
        if not is_number(key):
            return None
        async with gate:
            try:
                return await ask(key)
            except LoyaltyError as error:
                return error

    unique = list(dict.fromkeys(keys))
    answers = dict(zip(unique, await asyncio.gather(*map(one, unique)), strict=True))
    return [answers[key] for key in keys]
