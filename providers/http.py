"""The transport seam: what a call to a provider may cost, and what a failed one means."""

import asyncio
import random as _random
import time
from collections.abc import Awaitable, Callable
from http import HTTPStatus

from loyalty.errors import ErrorCode, Unavailable, UpstreamWords
from providers.calls import (
    MAX_BODY,
    Call,
    Engine,
    Interrupted,
    InterruptedReason,
    NeverLeft,
    NeverLeftReason,
    Reply,
)
from providers.deadline import deadline, deadline_in
from providers.policy import Policy

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


class Transport:
    """The calls of one program to one of its addresses: one policy, one engine."""

    def __init__(
        self,
        program: str,
        engine: Engine,
        policy: Policy,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        random: Callable[[], float] = _random.random,
    ) -> None:
        self.program = program
        self._engine = engine
        self._policy = policy
        self._clock = clock
        self._sleep = sleep
        self._random = random

    async def read(self, call: Call) -> Reply:
        """The answer to a call without effect: any status that says something, so 2xx, 4xx, 500.

        Raises Unavailable: PROVIDER_TIMEOUT, PROVIDER_UNAVAILABLE, PROVIDER_RATE_LIMITED or
        PROVIDER_BAD_RESPONSE.
        """
        seconds = min(self._policy.timeout, deadline() - self._clock())
        if seconds < self._policy.least:
            raise self._unavailable(ErrorCode.PROVIDER_TIMEOUT, "no time was left to ask")
        try:
            reply = await self._engine.send(call, seconds)
        except NeverLeft:
            raise self._unavailable(
                ErrorCode.PROVIDER_UNAVAILABLE, "the provider cannot be reached"
            ) from None
        except Interrupted as cause:
            raise self._interrupted(cause.reason) from None
        return self._said(reply)

    def _said(self, reply: Reply) -> Reply:
        status = reply.status
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            code = ErrorCode.PROVIDER_RATE_LIMITED
        elif status > HTTPStatus.INTERNAL_SERVER_ERROR:
            code = ErrorCode.PROVIDER_UNAVAILABLE
        elif HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
            code = ErrorCode.PROVIDER_BAD_RESPONSE
        else:
            return reply
        raise self._unavailable(code, "the provider gave no answer to work with", status)

    def _interrupted(self, reason: InterruptedReason) -> Unavailable:
        match reason:
            case "timeout":
                return self._unavailable(ErrorCode.PROVIDER_TIMEOUT, "the provider was too slow")
            case "closed":
                return self._unavailable(
                    ErrorCode.PROVIDER_UNAVAILABLE, "the provider cut the connection"
                )
            case "protocol" | "too_large":
                return self._unavailable(
                    ErrorCode.PROVIDER_BAD_RESPONSE, "the provider's answer cannot be read"
                )

    def _unavailable(self, code: ErrorCode, text: str, status: int | None = None) -> Unavailable:
        words = None if status is None else UpstreamWords(http_status=status)
        return Unavailable(f"{text}; try again", code=code, program=self.program, upstream=words)
