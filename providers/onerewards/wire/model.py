"""How any JSON of OneRewards is read: names in any case, exact numbers; no shape of its own here.

A type that is not the documented one is refused: nothing is coerced, so that a changed wire shows.
"""

from collections.abc import Mapping
from datetime import datetime, time
from decimal import Decimal
from functools import cache
from typing import Annotated, ClassVar, NoReturn, TypeAlias, TypeVar, cast

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    StrictBool,
    StrictStr,
    ValidationError,
    ValidationInfo,
    model_validator,
)
from pydantic.alias_generators import to_camel

from providers import exact_json

Renames: TypeAlias = Mapping[str, Mapping[str, str]]
"""By noun: the name we assume -> the name this account really sends."""


class BadAnswer(ValueError):
    """A body that is not what the contract says; the message has no word of the body."""


_DIGITS = 28
"""More digits than any figure has, and few enough to reckon with at once."""


def _refuse(why: str) -> NoReturn:
    raise ValueError(why)


def _number(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        _refuse("not a number")
    number = Decimal(value)
    if abs(number.adjusted()) > _DIGITS:
        _refuse("no figure of this trade")
    return number


def _whole(value: object) -> int:
    number = _number(value)
    if number != number.to_integral_value():
        _refuse("not a whole number")
    return int(number)


def _date(value: object) -> datetime:
    if not isinstance(value, str):
        _refuse("not a date")
    return datetime.fromisoformat(value)


def _time_of_day(value: object) -> time:
    if not isinstance(value, str):
        _refuse("not a time of day")
    if "T" in value or " " in value:
        return datetime.fromisoformat(value).time()
    return time.fromisoformat(value).replace(tzinfo=None)


Number = Annotated[Decimal, BeforeValidator(_number)]
Whole = Annotated[int, BeforeValidator(_whole)]
Date = Annotated[datetime, BeforeValidator(_date)]
"""A date as it stands there (OneRewards contract 1.5): naive where it has no offset."""

TimeOfDay = Annotated[time, BeforeValidator(_time_of_day)]
"""A time of day, sent on a dummy date that means nothing (OneRewards contract 1.5)."""

Text: TypeAlias = StrictStr
Flag: TypeAlias = StrictBool


@cache
def _lowered(name: str) -> str:
    return name.lower()


class Wire(BaseModel):
    """A JSON object of OneRewards: unknown properties are let pass, null counts as absent."""

    noun: ClassVar[str] = ""
    """What `Renames` calls this shape; empty where every name is documented."""

    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=to_camel)

    @model_validator(mode="before")
    @classmethod
    def _by_known_names(cls, value: object, info: ValidationInfo) -> object:
        if not isinstance(value, Mapping):
            return value
        names = _names(cls, info.context)
        found: dict[str, object] = {}
        for name, part in cast("Mapping[str, object]", value).items():
            known = names.get(name) or names.get(_lowered(name))
            if known is not None and part is not None:
                found[known] = part
        return found


def _names(model: type[Wire], context: object) -> Mapping[str, str]:
    """Every name that may arrive, as it is and in lower case, with the one the model knows."""
    plain = _plain_names(model)
    if not isinstance(context, Mapping) or not model.noun:
        return plain
    renamed = cast("Renames", context).get(model.noun)
    if not renamed:
        return plain
    kept = {key: known for key, known in plain.items() if known not in renamed}
    return kept | {actual.lower(): assumed for assumed, actual in renamed.items()}


@cache
def _plain_names(model: type[Wire]) -> Mapping[str, str]:
    known = [field.alias or name for name, field in model.model_fields.items()]
    return {name: name for name in known} | {name.lower(): name for name in known}


M = TypeVar("M", bound=Wire)


def parsed(body: bytes) -> object:
    """The body as JSON, numbers with a point as Decimal; raises BadAnswer."""
    try:
        return exact_json.parsed(body)
    except exact_json.NotJson as cause:
        raise BadAnswer(str(cause)) from None


def one(model: type[M], body: bytes, renames: Renames | None = None) -> M:
    """The body as one such object; raises BadAnswer."""
    return shaped(model, parsed(body), renames)


def several(model: type[M], value: object, renames: Renames | None = None) -> tuple[M, ...]:
    """A parsed JSON array as such objects; raises BadAnswer."""
    if not isinstance(value, list):
        msg = "not an array"
        raise BadAnswer(msg)
    return tuple(shaped(model, part, renames) for part in cast("list[object]", value))


def shaped(model: type[M], value: object, renames: Renames | None = None) -> M:
    """Parsed JSON as such an object; raises BadAnswer."""
    try:
        return model.model_validate(value, context=renames)
    except ValidationError as cause:
        places = {".".join(str(part) for part in error["loc"]) for error in cause.errors()}
        msg = f"{model.__name__}: {', '.join(sorted(places))}"
        raise BadAnswer(msg) from None
