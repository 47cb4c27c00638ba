"""A provider's JSON as plain values, every number digit by digit; knows no shape and no noun."""

import json
import re
from decimal import Decimal, InvalidOperation
from typing import NoReturn, cast

_DEEPEST = 100
"""Lists and objects within each other; no provider comes near it, and recursion stays safe."""

_HALF_PAIR = re.compile(rb"\\u[dD][89a-fA-F]")


class NotJson(ValueError):
    """The body is no JSON that can be read; the message has no word of the body."""


def _refused(constant: str) -> NoReturn:
    raise ValueError(constant)


_DECODER = json.JSONDecoder(parse_float=Decimal, parse_constant=_refused)


def parsed(body: bytes) -> object:
    """The value, numbers with a point or an exponent as Decimal; raises NotJson.

    Refused beside what is no JSON: NaN and Infinity, other encodings than UTF-8, characters that
    are half of a pair, numbers no Decimal or int can hold, and nesting deeper than 100.
    """
    try:
        value: object = _DECODER.decode(body.decode("utf-8-sig"))
        if _HALF_PAIR.search(body):
            json.dumps(value, ensure_ascii=False, default=str).encode()
    except (ValueError, RecursionError, InvalidOperation):
        msg = "not JSON"
        raise NotJson(msg) from None
    if body.count(b"[") + body.count(b"{") > _DEEPEST and _is_too_deep(value):
        msg = "nested too deeply"
        raise NotJson(msg)
    return value


def _is_too_deep(value: object) -> bool:
    level = [value]
    for _ in range(_DEEPEST):
        level = [part for each in level for part in _parts(each) if isinstance(part, list | dict)]
        if not level:
            return False
    return True


def _parts(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(cast("dict[str, object]", value).values())
    return cast("list[object]", value) if isinstance(value, list) else []
