"""One question about many members, where the upstream takes one a call; knows no question."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import TypeVar

from loyalty.errors import LoyaltyError, MemberNotFound
from providers.port import Answer

T = TypeVar("T")


class FanOut:
    """How many questions all batches of a program may have under way together.

    `key_of` is a key as the wire has it, or None for a text that can be nobody's key.
    """

    def __init__(self, width: int, key_of: Callable[[str], str | None]) -> None:
        self._places = asyncio.Semaphore(width)
        self._key_of = key_of

    async def each(
        self, keys: Sequence[str], ask: Callable[[str], Awaitable[T | None]]
    ) -> list[Answer[T]]:
        """Per key the answer, None, or the error; each fails alone.

        A member asked for twice is asked about once, and nobody not at all.
        """
        known = [self._key_of(key) for key in keys]
        different = list(dict.fromkeys(key for key in known if key is not None))
        answers = await all_of(self._one(key, ask) for key in different)
        found = dict(zip(different, answers, strict=True))
        return [None if key is None else found[key] for key in known]

    async def _one(self, key: str, ask: Callable[[str], Awaitable[T | None]]) -> Answer[T]:
        async with self._places:
            try:
                return await ask(key)
            except MemberNotFound:
                return None
            except LoyaltyError as error:
                return error


async def all_of(questions: Iterable[Awaitable[T]]) -> list[T]:
    """All answers in order; alone, a question is asked without a task of its own."""
    waiting = list(questions)
    if len(waiting) == 1:
        return [await waiting[0]]
    return list(await asyncio.gather(*waiting))
