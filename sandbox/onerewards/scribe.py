"""Writing OneRewards' effects into the books, and points into accounts, always both together."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from sandbox.books import Effect
from sandbox.frame import Frame
from sandbox.onerewards.assumptions import UPSTREAM
from sandbox.onerewards.entities import Account, PointEntry

CENT = Decimal("0.01")
"""Points have two decimals here, in a request and in the books."""


@dataclass(frozen=True, slots=True)
class Scribe:
    """Who writes for one request: what is asked for, whose it is, and what it is known by."""

    frame: Frame
    operation: str
    member_id: int
    reference: str
    detail: Mapping[str, object]

    def moved(
        self,
        account: Account,
        kind: str,
        points: Decimal,
        *,
        entry: str,
        voucher: str | None = None,
        undoes: int | None = None,
    ) -> int:
        """Move points, by nothing at all where only a voucher changed; the effect's number.

        `entry` is what the account calls such a movement.
        """
        before = account.balance
        if points:
            at = self.frame.clock.now()
            name = f"{self.member_id}-{len(account.points) + 1}"
            account.points.append(PointEntry(name, entry, points, at))
        return self._written(kind, before, account.balance, voucher, undoes)

    def existed(self, account: Account, kind: str) -> int:
        """A member's data changed, not their points."""
        return self._written(kind, account.balance, account.balance, None, None)

    def _written(
        self,
        kind: str,
        before: Decimal,
        after: Decimal,
        voucher: str | None,
        undoes: int | None,
    ) -> int:
        effect = Effect(
            upstream=UPSTREAM,
            operation=self.operation,
            kind=kind,
            member=str(self.member_id),
            at=self.frame.clock.now(),
            reference=self.reference,
            points_before=before.quantize(CENT),
            points_after=after.quantize(CENT),
            voucher=voucher,
            undoes=undoes,
            detail=self.detail,
        )
        return self.frame.books.effect(effect)
