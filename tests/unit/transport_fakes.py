"""A clock that only moves when told, and an engine that answers from a script."""

import asyncio
from collections.abc import Callable, Mapping

from providers.http import Call, Policy, Reply, Transport

CALL = Call("GetMember", "GET", "http://upstream.test/members/1")

Step = Reply | Exception | Callable[[], Reply]


def reply(status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
    return Reply(status, headers or {}, b"{}")


async def until(condition: Callable[[], bool]) -> None:
    """Let the others run until it is so."""
    while not condition():  # noqa: ASYNC110 - what is waited for has no event
        await asyncio.sleep(0)


class Clock:
    """Seconds since the start of the test; sleeping moves it."""

    def __init__(self) -> None:
        self.seconds = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds
        await asyncio.sleep(0)


class ScriptedEngine:
    """Plays its script, the last step again and again; keeps the calls and their times."""

    def __init__(self, *script: Step, clock: Clock | None = None, takes: float = 0.0) -> None:
        self.script = list(script) or [reply()]
        self.calls: list[Call] = []
        self.timeouts: list[float] = []
        self.gate: asyncio.Event | None = None
        self.closed = False
        self._clock = clock
        self._takes = takes

    async def send(self, call: Call, timeout: float) -> Reply:  # noqa: ASYNC109
        self.calls.append(call)
        self.timeouts.append(timeout)
        if self._clock is not None:
            self._clock.seconds += self._takes
        if self.gate is not None:
            await self.gate.wait()
        step = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(step, Exception):
            raise step
        return step if isinstance(step, Reply) else step()

    async def aclose(self) -> None:
        self.closed = True


def transport(engine: ScriptedEngine, clock: Clock, policy: Policy | None = None) -> Transport:
    return Transport(
        "kopi",
        engine,
        policy or Policy(),
        clock=clock,
        sleep=clock.sleep,
        random=lambda: 0.0,
    )
