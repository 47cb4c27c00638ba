"""The programs we are connected to: which there are, who answers for each, and how they fare."""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar

from loyalty.errors import ErrorCode as Code
from loyalty.errors import LoyaltyError, Unavailable
from loyalty.programs import Health, HealthState, Program
from providers.port import Answer, Provider
from resolvers.defects import log_defect

T = TypeVar("T")

_AT_ONCE = 32
_REMEMBERED = 20
_STALE_SECONDS = 300.0


@dataclass(slots=True)
class Pulse:
    """The outcome of a program's latest calls; the source of Program.health."""

    clock: Callable[[], float] = time.monotonic
    _beats: deque[tuple[float, bool, float]] = field(
        default_factory=lambda: deque[tuple[float, bool, float]](maxlen=_REMEMBERED)
    )
    _at: datetime | None = None

    def beat(self, *, answered: bool, seconds: float) -> None:
        """Note one call: whether the provider gave a usable answer, and how long it took."""
        self._beats.append((self.clock(), answered, seconds * 1000))
        self._at = datetime.now(UTC)

    def health(self) -> Health:
        """UP if all recent calls were answered, DOWN if none, DEGRADED between."""
        since = self.clock() - _STALE_SECONDS
        recent = [beat for beat in self._beats if beat[0] >= since]
        if not recent:
            return Health(HealthState.UNKNOWN, self._at)
        answered = sum(1 for beat in recent if beat[1])
        if answered == len(recent):
            state = HealthState.UP
        else:
            state = HealthState.DEGRADED if answered else HealthState.DOWN
        return Health(state, self._at, round(recent[-1][2], 1))


@dataclass(frozen=True, slots=True)
class Account:
    """A program, and the provider that answers for it."""

    program: Program
    provider: Provider
    pulse: Pulse = field(default_factory=Pulse)
    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_AT_ONCE))
    """Single questions under way; without turns a large list would crowd out its neighbours."""

    async def ask(self, question: Callable[[], Awaitable[T]]) -> T:
        """Put one question to the provider; every failure leaves here as a LoyaltyError of ours.

        An adapter's defect is logged by its kind and place alone: its text may hold personal data.
        """
        with self._watched():
            return await question()

    async def ask_all(self, question: Callable[[], Awaitable[list[Answer[T]]]]) -> list[Answer[T]]:
        """The same for several keys at once, each of which fails alone, as a value."""
        with self._watched() as call:
            answers = await question()
            told = [answer for answer in answers if answer is not None]
            call.counts = bool(told)  # "there is none" may be known without a call
            call.answered = any(_is_answer(answer) for answer in told)
            return answers

    @contextmanager
    def _watched(self) -> "Generator[_Watched]":
        started = time.perf_counter()
        call = _Watched()
        try:
            yield call
        except Unavailable as error:
            call.answered = _is_answer(error)
            error.program = error.program or self.program.key
            raise
        except LoyaltyError as error:
            error.program = error.program or self.program.key
            raise
        except Exception as defect:  # noqa: BLE001 - the border that masks what is not meant to be seen
            call.answered = False
            log_defect(self.program.key, defect)
            raise Unavailable(
                "The program's answer could not be understood; try again later.",
                code=Code.PROVIDER_BAD_RESPONSE,
                program=self.program.key,
            ) from None
        finally:
            if call.counts:
                self.pulse.beat(answered=call.answered, seconds=time.perf_counter() - started)


@dataclass(slots=True)
class _Watched:
    """What is known of a call that is under way."""

    answered: bool = True
    counts: bool = True


def _is_answer(answer: object) -> bool:
    """Whether it speaks for the provider; our own limiter refusing to send says nothing of it."""
    return not isinstance(answer, Unavailable) or answer.code is Code.PROVIDER_RATE_LIMITED


class Accounts:
    """All programs, in the order of the configuration."""

    def __init__(self, accounts: Iterable[Account]) -> None:
        self._by_key = {account.program.key: account for account in accounts}

    def __iter__(self) -> Iterator[Account]:
        return iter(self._by_key.values())

    def get(self, key: str) -> Account | None:
        """The account of a program's key, if there is one."""
        return self._by_key.get(key)
