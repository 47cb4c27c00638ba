"""One question asked of several members at once, so many at a time; each fails alone."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import TypeVar

from loyalty.errors import LoyaltyError
from providers.port import Answer

T = TypeVar("T")


class FanOut:
    """A limit that all batches of a program share."""

    def __init__(self, at_once: int) -> None:
        self._slots = asyncio.Semaphore(at_once)

    async def each(
        self, keys: Sequence[str], ask: Callable[[str], Awaitable[T | None]]
    ) -> list[Answer[T]]:
        """Per key the answer, None, or the error; a repeated key is asked once."""

        async def answer(key: str) -> Answer[T]:
            async with self._slots:
                try:
                    return await ask(key)
                except LoyaltyError as error:
                    return error

        different = list(dict.fromkeys(keys))
        answers = await all_of(answer(key) for key in different)
        found = dict(zip(different, answers, strict=True))
        return [found[key] for key in keys]


async def all_of(questions: Iterable[Awaitable[T]]) -> list[T]:
    """All answers in order; alone, a question is asked without a task of its own."""
    waiting = list(questions)
    if len(waiting) == 1:
        return [await waiting[0]]
    return list(await asyncio.gather(*waiting))
