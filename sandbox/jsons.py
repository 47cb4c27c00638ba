"""JSON values: told apart, written digit by digit, and spoilt on order; knows no request."""

import json
import re
from decimal import Decimal
from typing import cast

_DECIMAL = re.compile(r'"\\u0000decimal:([^"]+)"')


class BadJson(ValueError):
    """A request body that is not JSON."""


def as_object(value: object) -> dict[str, object] | None:
    """The value if it is an object, else None."""
    return cast("dict[str, object]", value) if isinstance(value, dict) else None


def as_array(value: object) -> list[object] | None:
    """The value if it is an array, else None."""
    return list(cast("list[object]", value)) if isinstance(value, list | tuple) else None


def parsed(text: bytes) -> object:
    """JSON read with Decimals for numbers with a point; raises BadJson."""
    try:
        value: object = json.loads(text, parse_float=Decimal, parse_constant=_refuse)
    except ValueError as error:
        raise BadJson(str(error)) from error
    return value


def written(value: object) -> str:
    """JSON text with Decimals as plain numbers, digit by digit as they are; raises TypeError."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_marked)
    return _DECIMAL.sub(r"\1", text)


def of_wrong_types(value: object, *, keep_objects: bool) -> object:
    """The same outline with every scalar of another JSON type; objects become arrays or stay."""
    members, elements = as_object(value), as_array(value)
    if members is not None:
        spoilt = {
            key: of_wrong_types(part, keep_objects=keep_objects) for key, part in members.items()
        }
        return spoilt if keep_objects else list(spoilt.values())
    if elements is not None:
        return [of_wrong_types(part, keep_objects=keep_objects) for part in elements]
    if isinstance(value, str):
        return False
    return ["null"] if value is None else {"was": str(value)}


def _marked(value: object) -> str:
    # A control character cannot be in a seeded string, so the mark is never mistaken for data.
    if isinstance(value, Decimal) and value.is_finite():
        return f"\0decimal:{value:f}"
    message = f"no JSON for {value!r}"
    raise TypeError(message)


def _refuse(constant: str) -> object:
    message = f"{constant} is not JSON"
    raise ValueError(message)
