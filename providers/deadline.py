"""Until when the present request may work: an absolute moment of the monotonic clock, never a date.

It lives in a context variable, so that every task of one request shares it and no signature
carries it.
"""

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import Context, ContextVar, copy_context
from math import inf

_ends: ContextVar[float] = ContextVar("deadline", default=inf)


@contextmanager
def deadline_in(seconds: float, *, clock: Callable[[], float] = time.monotonic) -> Generator[None]:
    """Let what runs inside end `seconds` from now; an outer deadline that is nearer stays."""
    token = _ends.set(min(_ends.get(), clock() + seconds))
    try:
        yield
    finally:
        _ends.reset(token)


def deadline() -> float:
    """The moment at which the present request ends; infinite outside of any request."""
    return _ends.get()


def without_deadline() -> Context:
    """A copy of the present context that no deadline binds, for work that many requests share."""
    context = copy_context()
    context.run(_ends.set, inf)
    return context
