"""What a write remembers beside its bytes, so that any process can read its answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Self, cast

import orjson

from loyalty.errors import ErrorCode
from providers.writing import Write

Place = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Kept with a write, and given back with it.

    `fields`: where in the input a refusal is about, by its code or by `Refusal.about`. `asked`: the
    points a member has to have. `held`: the vouchers of the wanted kind that the member had before.
    `before` and `back`: the balance before a document was taken back, and by how much it grows.
    """

    fields: Mapping[str, Place] = field(default_factory=dict[str, Place])
    asked: Decimal | None = None
    held: tuple[str, ...] = ()
    before: Decimal | None = None
    back: Decimal | None = None

    def place(self, code: ErrorCode, about: str = "") -> Place | None:
        """Where in the input the refusal is about."""
        found = self.fields.get(about) or self.fields.get(code.value)
        return None if found is None else ("input", *found)

    def written(self) -> str:
        """The note as text."""
        figures = {
            name: f"{figure:f}"
            for name, figure in (
                ("asked", self.asked),
                ("before", self.before),
                ("back", self.back),
            )
            if figure is not None
        }
        fields = {str(name): place for name, place in self.fields.items()}
        return orjson.dumps({**figures, "fields": fields, "held": self.held}).decode()

    @classmethod
    def of(cls, write: Write) -> Self:
        """The note of a write; an empty one where it has none."""
        if write.note is None:
            return cls()
        kept = cast("dict[str, object]", orjson.loads(write.note))
        fields = cast("dict[str, list[str]]", kept["fields"])
        return cls(
            fields={name: tuple(place) for name, place in fields.items()},
            asked=_figure(kept, "asked"),
            held=tuple(cast("list[str]", kept["held"])),
            before=_figure(kept, "before"),
            back=_figure(kept, "back"),
        )


def _figure(kept: Mapping[str, object], name: str) -> Decimal | None:
    text = kept.get(name)
    return Decimal(text) if isinstance(text, str) else None
