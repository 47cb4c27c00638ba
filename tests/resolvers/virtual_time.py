"""An event loop whose clock jumps to whatever is due next: hours pass in milliseconds."""

import asyncio
import functools
import selectors
from collections.abc import Callable, Coroutine, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

_EPOCH = datetime(2026, 5, 4, 12, tzinfo=UTC)


class _Jumping(selectors.DefaultSelector):
    """Waits for nobody: moves the clock instead."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds = 1000.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if timeout is None and not ready:
            raise RuntimeError("nothing will ever happen again")
        if not ready and timeout is not None and timeout > 0:
            self.seconds += timeout
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """Its time is nobody else's."""

    def __init__(self) -> None:
        self._jumping = _Jumping()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.seconds

    def now(self) -> datetime:
        """The wall clock that goes with it."""
        return _EPOCH + timedelta(seconds=self.time() - 1000.0)


def now() -> datetime:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    return loop.now()


def virtual(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Run a test in virtual time."""

    @functools.wraps(test)
    def run(*args: Any, **kwargs: Any) -> None:
        loop = VirtualLoop()
        try:
            loop.run_until_complete(test(*args, **kwargs))
        finally:
            loop.run_until_complete(stopped(asyncio.all_tasks(loop)))
            loop.close()

    return run


async def stopped(tasks: Iterable["asyncio.Task[Any]"]) -> None:
    """End these tasks where they are, as the death of their process would."""
    left = list(tasks)
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)
