"""The transport seam: what a call to a provider may cost, and what a failed one means."""

import asyncio
import random as _random
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from http import HTTPStatus

from loyalty.errors import (
    ErrorCode,
    InvalidInput,
    LoyaltyError,
    OutcomeUnknown,
    Unavailable,
    UpstreamWords,
)
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
from providers.meanings import (
    FAILURES,
    PROVIDERS_FAULT,
    Failure,
    NoAnswer,
    is_answer,
    judge,
    may_help,
    meaning,
    no_verdict,
)
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
    "no_verdict",
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
        write_engine: Engine | None = None,
    ) -> None:
        """Take an engine for reads and, where anything is written, one that reuses no connection.

        A connection that was idle may be closed just as a request goes out: of a read that is
        asked again, of a write nobody would know.
        """
        self.program = program
        self.policy = policy
        self._engine = engine
        self._write_engine = write_engine
        self._clock = clock
        self._sleep = sleep
        self._random = random
        self._now = now
        self._breaker = Breaker(policy, clock)
        self._limiter = RateLimiter(policy.requests_per_minute, clock)
        self._budget = RetryBudget(policy, clock)
        self._bulkhead = Bulkhead(policy.connections, policy.queue)
        self._write_bulkhead = Bulkhead(policy.write_connections, 2 * policy.write_connections)
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
            except FAILURES as failure:
                wait = self._wait(failure, tries, ends)
                if wait is None:
                    raise self._told(failure) from None
            tries += 1
            await self._sleep(wait)

    async def write(self, call: Call, *, leave_by: float, timeout: float) -> Reply:  # noqa: ASYNC109 - a call's, not a block's
        """The answer to a call with effect, whatever its status. It is sent once, or not at all.

        `leave_by` is a moment of the monotonic clock: nothing leaves after it. From when it leaves
        the answer is waited for `timeout` seconds. Raises Unavailable or InvalidInput where nothing
        left us, and OutcomeUnknown where something may have: see also `no_verdict` for what a
        status means.
        """
        if self._write_engine is None:
            msg = f"{self.program}: no engine for writes"
            raise RuntimeError(msg)
        if not is_sendable(call):
            raise self._told(NeverLeft("request"))
        try:
            return await self._write(self._write_engine, call, leave_by, timeout)
        except NeverLeft as failure:
            raise self._told(failure) from None
        except Interrupted:
            raise OutcomeUnknown("the provider's answer was lost", program=self.program) from None

    async def _write(self, engine: Engine, call: Call, leave_by: float, timeout: float) -> Reply:  # noqa: ASYNC109 - a call's, not a block's
        self._check_breaker()
        await self._keep_to_quota(leave_by)
        reply: Reply | None = None
        sent = False
        try:
            if not await self._write_bulkhead.enter(self._left(leave_by)):
                raise NeverLeft("busy")
            try:
                permit = await self._permit(leave_by)
                now = self._clock()
                if now >= leave_by:
                    permit.forget()
                    raise NeverLeft("deadline")
                sent = True
                reply = await self._exchange(call, now + timeout, permit, engine)
                return reply
            finally:
                self._write_bulkhead.leave()
        finally:
            self._count(reply, sent)

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
        """Close the engines."""
        await self._engine.aclose()
        if self._write_engine is not None:
            await self._write_engine.aclose()

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
                reply = await self._exchange(call, ends, permit, self._engine)
                return reply
            finally:
                self._bulkhead.leave()
        finally:
            self._count(reply, sent)

    async def _exchange(self, call: Call, ends: float, permit: Permit, engine: Engine) -> Reply:
        began = self._clock()
        try:
            reply = await engine.send(call, self._left(ends))
        except NeverLeft as failure:
            if failure.reason in PROVIDERS_FAULT:
                permit.bad()
            raise
        except Interrupted as failure:
            if failure.reason != "timeout" or self._was_patient(began):
                permit.bad()
            raise
        else:
            judge(reply, permit)
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
        if is_answer(reply.status):
            return reply
        raise NoAnswer(reply.status, retry_after(reply.headers, self._now))

    def _wait(self, failure: Failure, tries: int, ends: float) -> float | None:
        """Seconds until the call is tried again; None if it is not."""
        if tries >= self.policy.retries or not may_help(failure):
            return None
        wait = backoff(self.policy, self._random)
        if isinstance(failure, NoAnswer):
            wait = max(wait, failure.retry_after or 0.0)
        fits = self._clock() + wait + self.policy.least <= ends
        return wait if fits and self._budget.spend() else None

    def _told(self, failure: Failure) -> LoyaltyError:
        if isinstance(failure, NeverLeft) and failure.reason == "request":
            return InvalidInput(
                "a value is not fit to be sent to the provider", program=self.program
            )
        code, text = meaning(failure)
        status = failure.status if isinstance(failure, NoAnswer) else None
        return Unavailable(
            text,
            code=code,
            program=self.program,
            upstream=None if status is None else UpstreamWords(http_status=status),
            retry_after=None if isinstance(failure, Interrupted) else failure.retry_after,
        )
