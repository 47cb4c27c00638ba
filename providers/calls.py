"""What goes to a provider and what comes back, as values; and the two meanings of a failure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

MAX_BODY = 5 * 1024 * 1024
"""The largest answer that is read, in bytes, after decompression."""

NeverLeftReason = Literal[
    "connect", "pool", "tls", "dns", "deadline", "breaker", "limiter", "request", "closed"
]
InterruptedReason = Literal["timeout", "closed", "protocol", "too_large"]


@dataclass(frozen=True, slots=True)
class Call:
    """One request to a provider.

    `operation` is the upstream's name for it, for errors and counters: never personal data.
    `url` is absolute. No part of this is ever logged but the operation.
    """

    operation: str
    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    body: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer with its whole body; header names are lower-case, the last value of each."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


class NeverLeft(Exception):
    """The request did not reach the provider: no effect there, it may be sent again."""

    def __init__(self, reason: NeverLeftReason) -> None:
        super().__init__(reason)
        self.reason: NeverLeftReason = reason


class Interrupted(Exception):
    """The request may have reached the provider and have acted there; we cannot know."""

    def __init__(self, reason: InterruptedReason) -> None:
        super().__init__(reason)
        self.reason: InterruptedReason = reason


class Engine(Protocol):
    """How bytes get to a provider and back: one instance a program, with its own connections."""

    async def send(self, call: Call, timeout: float) -> Reply:  # noqa: ASYNC109 - the engine knows the phases
        """The answer, whatever its status, within `timeout` seconds.

        Raises NeverLeft or Interrupted, and nothing else. Follows no redirect, keeps no cookie,
        uses no proxy, sends nothing twice.
        """
        ...

    async def aclose(self) -> None:
        """Close the connections."""
        ...
