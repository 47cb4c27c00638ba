"""How many calls the present request may still make, counted where they leave.

An estimate before the first call refuses what is too dear; this counter is for what nobody can
know before, such as how many members a search finds. It lives in a context variable, so that every
task of one request shares it; outside of any request nothing is counted.
"""

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(slots=True)
class _Left:
    calls: int


_left: ContextVar[_Left | None] = ContextVar("calls_left", default=None)


@contextmanager
def calls_at_most(count: int) -> Generator[None]:
    """Let what runs inside make `count` calls; retries and tokens are not counted."""
    token = _left.set(_Left(count))
    try:
        yield
    finally:
        _left.reset(token)


def spend_call() -> bool:
    """Count a call that is about to be made; False when there is none left."""
    left = _left.get()
    if left is None:
        return True
    left.calls -= 1
    return left.calls >= 0
