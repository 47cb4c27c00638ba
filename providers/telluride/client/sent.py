"""A write of ours, read back from its own bytes: what it asks, and how it would be told apart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Self

import orjson

from providers.telluride.mapping.names import Name
from providers.telluride.profile.apis import Api
from providers.telluride.wire.scalars import array_of, object_of
from providers.writing import Write


class Deed(Enum):
    """What a write does."""

    EARN = "earn"
    REDEEM = "redeem"
    VOID = "void"
    BONUS = "bonus"
    ENROL = "enrol"
    LINK = "link"


_DEEDS: Mapping[Api, Deed] = {
    Api.EARN: Deed.EARN,
    Api.EXTERNAL_BONUS: Deed.BONUS,
    Api.CREATE_MEMBER: Deed.ENROL,
    Api.UPDATE_AFFINITIES: Deed.LINK,
}


_OF_A_REDEMPTION = frozenset({"RedemptionDollarValue", "AuthorizationCode"})


@dataclass(frozen=True, slots=True)
class Note:
    """What a write's answer is read with, beside its bytes: places in the caller's input.

    `amount` is where that stands which is given, taken or undone, `member` whose it is; `known` are
    members who were found before somebody was enrolled.
    """

    amount: tuple[str, ...] = ()
    member: tuple[str, ...] = ()
    known: tuple[str, ...] = ()

    @classmethod
    def read(cls, text: str | None) -> Self:
        """The note as `written` wrote it."""
        kept = object_of(orjson.loads(text or "{}")) or {}

        def texts(part: str) -> tuple[str, ...]:
            return tuple(str(entry) for entry in array_of(kept.get(part)) or ())

        return cls(texts("amount"), texts("member"), texts("known"))

    @property
    def written(self) -> str:
        """The note as one text."""
        parts: dict[str, Sequence[str]] = {
            "amount": self.amount,
            "member": self.member,
            "known": self.known,
        }
        return orjson.dumps({name: part for name, part in parts.items() if part}).decode()


@dataclass(frozen=True, slots=True)
class Sent:
    """The fields of a request as it was written, never to be printed."""

    api: Api
    deed: Deed
    note: Note
    _body: Mapping[str, object]

    def __repr__(self) -> str:
        return f"Sent({self.api.value})"

    @classmethod
    def of(cls, write: Write) -> Self:
        """The write's request, parsed."""
        api = Api(write.name)
        body = object_of(orjson.loads(write.request.body or b"{}")) or {}
        void = Deed.VOID if body.get("Function") == "V" else Deed.REDEEM
        return cls(api, _DEEDS.get(api, void), Note.read(write.note), body)

    def text(self, field: str) -> str:
        """A field of the request, "" where it is missing."""
        value = self._body.get(field)
        return "" if value is None else str(value)

    def part(self, field: str) -> Mapping[str, object]:
        """A field of the request that is an object."""
        return object_of(self._body.get(field)) or {}

    @property
    def inquiry(self) -> Mapping[str, object]:
        """The redemption as an inquiry, which stores nothing (contract 5.3)."""
        left = {name: value for name, value in self._body.items() if name not in _OF_A_REDEMPTION}
        return {**left, "Function": "B", "RedemptionPoints": "0"}

    @property
    def member(self) -> str:
        """The number of the member it is about; "" where there is none yet."""
        return self.text("MemberNumber") or self.text("memberNumber")

    @property
    def name(self) -> Name:
        """What the provider knows it by; without meaning for an enrolment and a link."""
        store = self.text("StoreNumber") or self.text("OrderStoreNumber")
        at = self.text("TransactionTs") or (
            f"{self.text('TransactionDate')}T{self.text('TransactionTime')}"
        )
        return Name(store, self.text("RegisterNumber"), self.text("TransactionNumber"), at)

    @property
    def figure(self) -> Decimal:
        """What a row of history must show: the spend, or the points asked for."""
        field = {Deed.EARN: "TransactionTotal", Deed.BONUS: "PointsToAdd"}
        return Decimal(self.text(field.get(self.deed, "RedemptionPoints")) or 0)
