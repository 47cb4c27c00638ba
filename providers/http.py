"""The transport seam: what a call to a provider may cost, and what a failed one means."""

import asyncio
import random as _random
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from http import HTTPStatus

from loyalty.errors import ErrorCode, InvalidInput, LoyaltyError, Unavailable, UpstreamWords
from providers.breaker import Breaker, Permit
from providers.bulkhead import Bulkhead
from providers.calls import (
    MAX_BODY,
    Call,
    Engine,
    Interrupted,
    InterruptedReason,
    NeverLeft,
    NeverLeftReason,
    Reply,
    is_sendable,
)
from providers.deadline import deadline, deadline_in
from providers.policy import Policy
from providers.rate import RateLimiter, allowance, retry_after
from providers.request_budget import spend_call
from providers.retries import RetryBudget, backoff

__all__ = [
    "MAX_BODY",
    "Call",
    "Engine",
    "Interrupted",
    "InterruptedReason",
    "NeverLeft",
    "NeverLeftReason",
    "Policy",
    "Reply",
    "Transport",
    "deadline_in",
]


def _now() -> datetime:
    return datetime.now(UTC)


class Transport:
    """The calls of one program to one of its addresses: one policy, one engine.

    Cancelling a caller takes its call out of the queue, or leaves it to the engine; it is neither
    a failure of the provider nor in anybody's way.
    """

    def __init__(
        self,
        program: str,
        engine: Engine,
        policy: Policy,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        random: Callable[[], float] = _random.random,
        now: Callable[[], datetime] = _now,
    ) -> None:
        self.program = program
        self.policy = policy
        self._engine = engine
        self._clock = clock
        self._sleep = sleep
        self._random = random
        self._now = now
        self._breaker = Breaker(policy, clock)
        self._limiter = RateLimiter(policy.requests_per_minute, clock)
        self._budget = RetryBudget(policy, clock)
        self._bulkhead = Bulkhead(policy.connections, policy.queue)
        self._probe = asyncio.Event()

    async def read(self, call: Call) -> Reply:
        """The answer to a call without effect: any status that says something, so 2xx, 4xx, 500.

        Tried again where that may help and time is left. Raises Unavailable: PROVIDER_TIMEOUT,
        PROVIDER_UNAVAILABLE, PROVIDER_RATE_LIMITED or PROVIDER_BAD_RESPONSE; and InvalidInput for
        a call that cannot be written as HTTP.
        """
        if self.policy.counted and not spend_call():
            raise self._one_too_many()
        ends = min(self._clock() + self.policy.timeout, deadline())
        self._budget.earn()
        tries = 0
        while True:
            try:
                return self._said(await self._send(call, ends))
            except _FAILURES as failure:
                wait = self._wait(failure, tries, ends)
                if wait is None:
                    raise self._told(failure) from None
            tries += 1
            await self._sleep(wait)

    def _one_too_many(self) -> InvalidInput:
        return InvalidInput(
            "the operation has made all the upstream calls it may; ask for less at once",
            code=ErrorCode.LIMIT_EXCEEDED,
            program=self.program,
        )

    def unusable(self) -> None:
        """Hold it against the provider that its last answer could not be read."""
        self._breaker.spoil()

    async def aclose(self) -> None:
        """Close the engine."""
        await self._engine.aclose()

    async def _send(self, call: Call, ends: float) -> Reply:
        """Send once. Raises NeverLeft or Interrupted, and nothing else."""
        if not is_sendable(call):
            raise NeverLeft("request")
        self._check_breaker()
        await self._keep_to_quota(ends)
        reply: Reply | None = None
        sent = False
        try:
            await self._find_place(ends)
            try:
                permit = await self._permit(ends)
                sent = True
                reply = await self._exchange(call, ends, permit)
                return reply
            finally:
                self._bulkhead.leave()
        finally:
            self._count(reply, sent)

    async def _exchange(self, call: Call, ends: float, permit: Permit) -> Reply:
        began = self._clock()
        try:
            reply = await self._engine.send(call, self._left(ends))
        except NeverLeft as failure:
            if failure.reason in _PROVIDERS_FAULT:
                permit.bad()
            raise
        except Interrupted as failure:
            if failure.reason != "timeout" or self._was_patient(began):
                permit.bad()
            raise
        else:
            _judge(reply, permit)
            return reply
        finally:
            permit.forget()
            if permit.is_probe:
                self._probe.set()

    def _check_breaker(self) -> None:
        if not self._breaker.is_probing and (wait := self._breaker.wait()) > 0:
            raise NeverLeft("breaker", wait)

    async def _permit(self, ends: float) -> Permit:
        """A permit; while somebody else's probe is under way, its end is awaited.

        So a wave that meets a program which is well again is answered, one probe after another.
        """
        while True:
            permit = self._breaker.admit()
            if permit is not None:
                if permit.is_probe:
                    self._probe = asyncio.Event()
                return permit
            if not self._breaker.is_probing:
                raise NeverLeft("breaker", self._breaker.wait())
            try:
                async with asyncio.timeout(self._left(ends)):
                    await self._probe.wait()
            except TimeoutError:
                raise NeverLeft("breaker", self._breaker.wait()) from None

    async def _keep_to_quota(self, ends: float) -> None:
        """Reserve a call of the quota, and wait until it may be made."""
        wait = self._limiter.take()
        try:
            while wait > 0:
                self._check_quota(wait, ends)
                await self._sleep(wait)
                wait = self._limiter.pause_left()
        except BaseException:
            self._limiter.give_back()
            raise

    def _check_quota(self, wait: float, ends: float) -> None:
        if wait > self._left(ends) - self.policy.least:
            raise NeverLeft("limiter", wait)

    async def _find_place(self, ends: float) -> None:
        if not await self._bulkhead.enter(self._left(ends) * self.policy.queue_share):
            raise NeverLeft("busy")

    def _left(self, ends: float) -> float:
        """Seconds until then; NeverLeft when it is too little to begin anything."""
        seconds = ends - self._clock()
        if seconds < self.policy.least:
            raise NeverLeft("deadline")
        return seconds

    def _was_patient(self, began: float) -> bool:
        patience = min(self.policy.breaker_patience, self.policy.timeout / 2)
        return self._clock() - began >= patience

    def _count(self, reply: Reply | None, sent: bool) -> None:
        """Settle a reserved call of the quota, by the figures of the answer where there is one."""
        if not sent:
            self._limiter.give_back()
        elif reply is None:
            self._limiter.answered()
        else:
            self._limiter.answered(*allowance(reply.headers, self._now))
            if reply.status == HTTPStatus.TOO_MANY_REQUESTS:
                self._limiter.pause(self._pause(reply))

    def _pause(self, reply: Reply) -> float:
        asked = retry_after(reply.headers, self._now)
        return next(
            (wait for wait in (asked, self._limiter.window_left()) if wait is not None),
            self.policy.rate_pause,
        )

    def _said(self, reply: Reply) -> Reply:
        if _is_answer(reply.status):
            return reply
        raise _NoAnswer(reply.status, retry_after(reply.headers, self._now))

    def _wait(self, failure: "_Failure", tries: int, ends: float) -> float | None:
        """Seconds until the call is tried again; None if it is not."""
        if tries >= self.policy.retries or not _may_help(failure):
            return None
        wait = backoff(self.policy, self._random)
        if isinstance(failure, _NoAnswer):
            wait = max(wait, failure.retry_after or 0.0)
        fits = self._clock() + wait + self.policy.least <= ends
        return wait if fits and self._budget.spend() else None

    def _told(self, failure: "_Failure") -> LoyaltyError:
        if isinstance(failure, NeverLeft) and failure.reason == "request":
            return InvalidInput(
                "a value is not fit to be sent to the provider", program=self.program
            )
        code, text = _meaning(failure)
        status = failure.status if isinstance(failure, _NoAnswer) else None
        return Unavailable(
            text,
            code=code,
            program=self.program,
            upstream=None if status is None else UpstreamWords(http_status=status),
            retry_after=None if isinstance(failure, Interrupted) else failure.retry_after,
        )


class _NoAnswer(Exception):
    """An HTTP status that says nothing of what was asked."""

    def __init__(self, status: int, retry_after: float | None) -> None:
        super().__init__(status)
        self.status = status
        self.retry_after = retry_after


_Failure = NeverLeft | Interrupted | _NoAnswer
_FAILURES = (NeverLeft, Interrupted, _NoAnswer)
_PROVIDERS_FAULT: frozenset[NeverLeftReason] = frozenset({"connect", "tls", "dns"})
_PASSING = frozenset(
    {HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT}
)


def _is_answer(status: int) -> bool:
    """Whether an adapter may find something in it; 3xx, 429 and 5xx but 500 are none."""
    return (
        status < HTTPStatus.MULTIPLE_CHOICES
        or HTTPStatus.BAD_REQUEST <= status <= HTTPStatus.INTERNAL_SERVER_ERROR
    ) and status != HTTPStatus.TOO_MANY_REQUESTS


def _judge(reply: Reply, permit: Permit) -> None:
    """A 5xx is held against the provider, a 429 is not: the limiter sees to that."""
    if reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        permit.bad()
    elif reply.status != HTTPStatus.TOO_MANY_REQUESTS:
        permit.good()


def _may_help(failure: _Failure) -> bool:
    match failure:
        case NeverLeft():
            return failure.reason in _PROVIDERS_FAULT or failure.reason == "pool"
        case Interrupted():
            return failure.reason != "too_large"
        case _NoAnswer(status=HTTPStatus.TOO_MANY_REQUESTS):
            return failure.retry_after is not None
        case _:
            return failure.status in _PASSING


def _meaning(failure: _Failure) -> tuple[ErrorCode, str]:
    match failure:
        case NeverLeft(reason="deadline") | Interrupted(reason="timeout"):
            return ErrorCode.PROVIDER_TIMEOUT, "the provider was too slow; try again"
        case NeverLeft(reason="limiter") | _NoAnswer(status=HTTPStatus.TOO_MANY_REQUESTS):
            return ErrorCode.PROVIDER_RATE_LIMITED, "the provider's quota is used up; try later"
        case Interrupted(reason="protocol" | "too_large"):
            return ErrorCode.PROVIDER_BAD_RESPONSE, "the provider's answer cannot be read"
        case _NoAnswer(status=status) if status < HTTPStatus.BAD_REQUEST:
            return ErrorCode.PROVIDER_BAD_RESPONSE, "the provider points elsewhere; check its URL"
        case _:
            return ErrorCode.PROVIDER_UNAVAILABLE, "the provider cannot be reached; try later"
