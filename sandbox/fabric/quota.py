"""Calls a minute, if a switch limits them; the vendor documents no limit (contract 12.3)."""

from collections import deque
from datetime import datetime, timedelta

from sandbox.fabric.assumptions import UPSTREAM
from sandbox.frame import Frame

MINUTE = timedelta(minutes=1)


class Quota:
    """The instants of the last minute's calls, on the sandbox's clock."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame
        self._calls: deque[datetime] = deque()

    def forget(self) -> None:
        """Start counting anew."""
        self._calls.clear()

    def is_used_up(self) -> bool:
        """Count this call, unless the limit was reached already."""
        limit = self._frame.switches.number(UPSTREAM, "quota_per_minute")
        if limit is None:
            self._calls.clear()
            return False
        now = self._frame.clock.now()
        # The clock may have been set back, so an instant to come is as old as one long past.
        while self._calls and not now - MINUTE < self._calls[0] <= now:
            self._calls.popleft()
        if len(self._calls) >= limit:
            return True
        self._calls.append(now)
        return False
