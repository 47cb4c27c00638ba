"""How JSON goes out to OneRewards: every figure digit by digit, never through a float."""

from decimal import Decimal

import orjson

from loyalty.errors import InvalidInput


def written(body: object, program: str) -> bytes:
    """The body's bytes; raises InvalidInput for a text or a figure that no JSON can hold."""
    try:
        return orjson.dumps(body, default=_figure)
    except orjson.JSONEncodeError:
        msg = "a value is not fit to be sent to the provider"
        raise InvalidInput(msg, program=program) from None


def _figure(value: object) -> orjson.Fragment:
    if isinstance(value, Decimal) and value.is_finite():
        return orjson.Fragment(f"{value:f}".encode())
    msg = "no JSON"
    raise TypeError(msg)
