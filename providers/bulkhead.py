"""The places for calls under way to one program, and a short queue for them; knows no calls."""

import asyncio


class Bulkhead:
    """At most `places` at once; at most `queue` wait for one. A waiter that gives up is gone."""

    def __init__(self, places: int, queue: int) -> None:
        self._places = asyncio.Semaphore(places)
        self._queue = queue
        self._waiting = 0

    async def enter(self, patience: float) -> bool:
        """Take a place, which must be left again; False when none came free in time."""
        if not self._places.locked():
            return await self._places.acquire()
        if self._waiting >= self._queue:
            return False
        self._waiting += 1
        try:
            async with asyncio.timeout(patience):
                return await self._places.acquire()
        except TimeoutError:
            return False
        finally:
            self._waiting -= 1

    def leave(self) -> None:
        """Give the place to the next."""
        self._places.release()
