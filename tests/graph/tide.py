"""An engine that lets calls through wave by wave, so that a test can count round trips."""

import asyncio

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


class Line:
    """What all connections of one program share: how its provider behaves, and what it was given.

    While it `hangs`, its provider takes calls and never answers; while `open_` is not set, it
    takes its time.
    """

    def __init__(self, program: str, tide: Tide) -> None:
        self.program = program
        self.tide = tide
        self.hangs = False
        self.open_ = asyncio.Event()
        self.open_.set()
        self.taken: list[str] = []
        self.timeouts: list[float] = []


class TidalEngine:
    """One engine of a program; `program.operation` names its calls in the waves."""

    def __init__(self, line: Line, inner: Engine) -> None:
        self._line = line
        self._inner = inner

    async def send(self, call: Call, timeout: float) -> Reply:  # noqa: ASYNC109 - Engine
        line = self._line
        line.timeouts.append(timeout)
        await line.tide.ride(f"{line.program}.{call.operation}")
        line.taken.append(call.operation)
        await line.open_.wait()
        if line.hangs:
            await asyncio.sleep(timeout)
            raise Interrupted("timeout")
        return await self._inner.send(call, timeout)

    async def aclose(self) -> None:
        await self._inner.aclose()
