"""Keeps nothing in the ledger for longer than was promised: secrets, keys, and what was asked."""

import logging
from datetime import timedelta

from ledger.journal import LedgerUnavailable
from resolvers.office import Office

log = logging.getLogger("loyalty_graph.sweeping")

_KEYS = timedelta(days=30)
"""How long a key stands for its operation, from the end of it."""


class Sweeper:
    """Sweeps again and again. Of several servers each may: they leave each other's rows alone."""

    def __init__(self, office: Office, retention: timedelta) -> None:
        self._office = office
        self._retention = retention

    async def run(self) -> None:
        """Sweep for ever, until it is cancelled; what failed is tried again at the next turn."""
        while True:
            try:
                await self.once()
            except LedgerUnavailable:
                pass  # whoever needs it now says so
            except Exception as defect:
                log.exception("defect while sweeping", extra={"kind": type(defect).__name__})
            await self._office.clocks.sleep(self._office.pace.seconds(self._office.pace.sweep))

    async def once(self) -> int:
        """Sweep once; how many operations it changed. Raises LedgerUnavailable."""
        now = self._office.now()
        return await self._office.journal.sweep(now, now - _KEYS, now - self._retention)
