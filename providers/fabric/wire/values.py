"""How single values look on the wire (contract 3.3); no records."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel

_INSTANT = re.compile(
    r"\d{4}-\d\d-\d\d([ T]\d\d:\d\d:\d\d(\.\d{0,9})?( ?(Z|[+-]\d\d:?\d\d))?)?", re.ASCII
)
_EMPTY_FRACTION = re.compile(r"\.(?!\d)")


def instant(text: str) -> datetime:
    """A space or T, any fraction, no zone, Z or an offset; no zone is UTC. Raises ValueError."""
    if not _INSTANT.fullmatch(text):
        msg = "no timestamp of contract 3.3"
        raise ValueError(msg)
    moment = datetime.fromisoformat(_EMPTY_FRACTION.sub("", text).replace(" ", "T", 1))
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        msg = "a timestamp outside of the calendar"
        raise ValueError(msg) from None


def _instant(value: object) -> object:
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        msg = "a timestamp is text"
        raise ValueError(msg)  # noqa: TRY004 - pydantic reports ValueError alone
    return instant(value.strip())


def _day(value: object) -> object:
    moment = _instant(value)
    return moment.date() if isinstance(moment, datetime) else moment


def _text(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


MaybeInstant = Annotated[datetime | None, BeforeValidator(_instant)]
"""A timestamp in UTC; an empty string is none."""

MaybeDate = Annotated[date | None, BeforeValidator(_day)]
"""A calendar date."""

MaybeText = Annotated[str | None, BeforeValidator(_text)]
"""A text; unset ones come as null or as an empty string (contract 12.1)."""

Number = Annotated[Decimal, Field(max_digits=18)]
"""Points or money, exactly as printed."""


Status = Annotated[int, Field(ge=0, le=999)]
"""A status within the body; it speaks HTTP (contract 3.1)."""


class WireObject(BaseModel):
    """An object of the wire: camel-case keys, unknown ones are nobody's business."""

    model_config = ConfigDict(alias_generator=to_camel, extra="ignore", frozen=True)
