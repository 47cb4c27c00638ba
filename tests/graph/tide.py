"""An engine that lets calls through wave by wave, so that a test can count round trips."""

import asyncio
from collections.abc import Callable

from providers.calls import Call, Engine, Interrupted, Reply

_QUIET_TURNS = 50
"""Turns of the loop without a new call after which nobody is about to make one."""


class Tide:
    """Holds every call back until no other is about to begin; then all go, as one wave."""

    def __init__(self) -> None:
        self.waves: list[list[str]] = []
        self._held: list[str] = []
        self._release: asyncio.Future[None] | None = None
        self._turning: asyncio.Task[None] | None = None

    async def ride(self, name: str) -> None:
        """Wait for the wave of a call."""
        if self._release is None:
            self._release = asyncio.get_running_loop().create_future()
            self._turning = asyncio.create_task(self._turn(self._release))
        self._held.append(name)
        await asyncio.shield(self._release)

    async def _turn(self, release: asyncio.Future[None]) -> None:
        quiet, seen = 0, 0
        while quiet < _QUIET_TURNS:
            await asyncio.sleep(0)
            quiet = quiet + 1 if len(self._held) == seen else 0
            seen = len(self._held)
        self.waves.append(sorted(self._held))
        self._held, self._release = [], None
        release.set_result(None)


class TidalEngine:
    """The engine of one program; `program.operation` names its calls in the waves.

    While `hangs` says so, its provider takes the call and never answers.
    """

    def __init__(self, program: str, inner: Engine, tide: Tide) -> None:
        self.program = program
        self.hangs: Callable[[Call], bool] = lambda _: False
        self.timeouts: list[float] = []
        self._inner = inner
        self._tide = tide

    async def send(self, call: Call, timeout: float) -> Reply:  # noqa: ASYNC109 - Engine
        self.timeouts.append(timeout)
        await self._tide.ride(f"{self.program}.{call.operation}")
        if self.hangs(call):
            await asyncio.sleep(timeout)
            raise Interrupted("timeout")
        return await self._inner.send(call, timeout)

    async def aclose(self) -> None:
        await self._inner.aclose()
