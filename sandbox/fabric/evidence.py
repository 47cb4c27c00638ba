"""What writes changed, told to the books effect by effect; it changes no member itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from sandbox.books import Effect
from sandbox.fabric.assumptions import UPSTREAM
from sandbox.fabric.book import Book
from sandbox.fabric.profile import Profile
from sandbox.frame import Frame


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """One change: what did it, and by which name it may be undone later (`key`)."""

    kind: str
    operation: str
    reference: str | None = None
    voucher: str | None = None
    key: str | None = None
    undoes: str | None = None
    detail: Mapping[str, object] = field(default_factory=dict[str, object])


class Evidence:
    """Effects are numbered by the books; this remembers which of them made what.

    A member in the effects is their loyalty number; the profileId is in the detail. Points are
    the whole balance, pending ones included, as Get Member Points totals them.
    """

    def __init__(self, frame: Frame) -> None:
        self._frame = frame
        self._left: dict[str, Decimal] = {}
        self._numbers: dict[str, int] = {}

    def forget(self) -> None:
        """Nothing happened yet."""
        self._left.clear()
        self._numbers.clear()

    def settle(self, profile: Profile, book: Book, now: datetime) -> None:
        """Before a change: points that expired since the last one are an effect of their own."""
        balance = book.balance(now)
        before = self._left.setdefault(profile.profile_id, balance)
        if balance != before:
            self.note(profile, book, now, Deed(kind="expire", operation="expiry"))

    def note(self, profile: Profile, book: Book, now: datetime, deed: Deed) -> None:
        """After a change: write down what the balance was and is."""
        after = book.balance(now)
        before = self._left.get(profile.profile_id, after)
        self._left[profile.profile_id] = after
        undone = None if deed.undoes is None else self._numbers.get(deed.undoes)
        number = self._frame.books.effect(
            Effect(
                upstream=UPSTREAM,
                operation=deed.operation,
                kind=deed.kind,
                member=profile.loyalty_number,
                at=now,
                reference=deed.reference,
                points_before=before,
                points_after=after,
                voucher=deed.voucher,
                undoes=undone,
                detail={"profileId": profile.profile_id, **deed.detail},
            )
        )
        if deed.key is not None:
            self._numbers[deed.key] = number

    def left(self) -> dict[str, Decimal]:
        """The balance of each changed member just after their last change, by profileId."""
        return dict(self._left)
