"""The time that all servers on one ledger share: the ledger's own clock, kept between its readings.

A ledger on this machine has no other clock than the machine's, so that is it then.

Leases and fences are compared by whoever reads them, so that a server whose wall clock is wrong, or
is set while it runs, must not write or judge them by it. Between readings the monotonic clock goes
on; it is read anew after a minute, or once the machine was asleep or its clock was set.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from ledger.journal import Journal

FRESH = 60.0
"""Seconds that a reading is good for."""
_APART = 0.5
"""Seconds that the wall clock may have gone otherwise than the monotonic one since a reading."""
_SLOW = 0.5
_TRIES = 3


@dataclass(frozen=True, slots=True)
class _Reading:
    """The ledger's time, with this machine's two clocks at that moment."""

    time: datetime
    monotonic: float
    wall: datetime


class SharedTime:
    """The ledger's time in this process; until it is first read, this machine's wall clock."""

    def __init__(self, monotonic: Callable[[], float], wall: Callable[[], datetime]) -> None:
        self._monotonic = monotonic
        self._wall = wall
        self._reading: _Reading | None = None
        self._is_ours = False

    def now(self) -> datetime:
        """What the ledger's clock shows."""
        if self._reading is None:
            return self._wall()
        return self._reading.time + timedelta(seconds=self._monotonic() - self._reading.monotonic)

    async def keep(self, journal: Journal) -> None:
        """Read the ledger's clock where that is due; raises LedgerUnavailable.

        An answer that was long under way says little, and is asked for again.
        """
        if self._is_good():
            return
        for _ in range(_TRIES):
            asked = self._monotonic()
            told = await journal.now()
            if told is None:
                self._is_ours = True
                return
            took = self._monotonic() - asked
            time = told + timedelta(seconds=took / 2)
            self._reading = _Reading(time, self._monotonic(), self._wall())
            if took <= _SLOW:
                return

    def _is_good(self) -> bool:
        reading = self._reading
        if reading is None:
            return self._is_ours
        passed = self._monotonic() - reading.monotonic
        seemed = (self._wall() - reading.wall).total_seconds()
        return passed < FRESH and abs(seemed - passed) < _APART
