"""A provider's access token, fetched once for all who need it; knows no wire and no storage."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from math import isinf

from loyalty.errors import ErrorCode, Unavailable
from providers.deadline import deadline, without_deadline

_MARGIN = 15 * 60.0
_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class Token:
    """A token, and for how many seconds from now it is good by the provider's own figures."""

    value: str = field(repr=False)
    lifetime: float


@dataclass(frozen=True, slots=True)
class _Held:
    value: str
    renew_at: float
    ends_at: float


class Tokens:
    """The current token: one fetch at a time, renewed 15 minutes (or a tenth) before its end.

    A fetch belongs to nobody: a waiter that gives up leaves it running for the others, and no
    single request's deadline binds it. A failed fetch is told to all who wait, and not kept.
    """

    def __init__(
        self,
        fetch: Callable[[], Awaitable[Token]],
        *,
        clock: Callable[[], float] = time.monotonic,
        program: str | None = None,
    ) -> None:
        self._fetch = fetch
        self._clock = clock
        self._program = program
        self._held: _Held | None = None
        self._running: asyncio.Task[str] | None = None

    async def current(self) -> str:
        """A token that is good now; raises what the fetch raised, or Unavailable when too slow."""
        held, now = self._held, self._clock()
        if held is not None and now < held.ends_at:
            if now >= held.renew_at:
                self._start()
            return held.value
        return await self._wait(self._start(), deadline() - now)

    def reject(self, value: str) -> None:
        """Forget a token that the provider refused; a newer one stays."""
        if self._held is not None and self._held.value == value:
            self._held = None

    async def _wait(self, running: asyncio.Task[str], seconds: float) -> str:
        done, _ = await asyncio.wait({running}, timeout=None if isinf(seconds) else seconds)
        if not done:
            raise Unavailable(
                "the provider was too slow to let us in; try again",
                code=ErrorCode.PROVIDER_TIMEOUT,
                program=self._program,
            )
        return running.result()

    def _start(self) -> asyncio.Task[str]:
        if self._running is None:
            self._running = asyncio.create_task(self._renew(), context=without_deadline())
            self._running.add_done_callback(self._settle)
        return self._running

    async def _renew(self) -> str:
        asked = self._clock()
        token = await self._fetch()
        ends_at = asked + token.lifetime
        renew_at = ends_at - min(_MARGIN, token.lifetime * _SHARE)
        self._held = _Held(token.value, renew_at, ends_at)
        return token.value

    def _settle(self, task: asyncio.Task[str]) -> None:
        self._running = None
        if not task.cancelled():
            task.exception()  # marks it as seen: a renewal ahead of time may have no waiter
