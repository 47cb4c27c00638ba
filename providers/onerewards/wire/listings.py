"""A page of a listing: wrapped in `data` or bare (contract 1.9); its totalCount is not read.

That count may be of the page or of everything, so nothing may lean on it.
"""

from typing import TypeVar, cast

from providers.onerewards.wire.model import BadAnswer, Renames, Wire, parsed, several

M = TypeVar("M", bound=Wire)

PAGE_SIZE = 100
"""The most records of a page, fixed by the vendor (contract 1.9)."""


def listing(model: type[M], body: bytes, renames: Renames | None = None) -> tuple[M, ...]:
    """The records of the page; raises BadAnswer."""
    value = parsed(body)
    if isinstance(value, dict):
        named = {name.lower(): part for name, part in cast("dict[str, object]", value).items()}
        value = named.get("data")
    records = several(model, value, renames)
    if len(records) > PAGE_SIZE:
        msg = "more records than a page holds"
        raise BadAnswer(msg)
    return records
