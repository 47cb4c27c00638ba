"""Values <-> bytes, as the ledger keeps them: exact, tagged by class name, readable for years.

A field that the reader does not know is left out, one that the writer did not know has its default:
so an older and a newer version of this program read each other's rows. Nothing else is forgiven.
"""

import base64
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from types import ModuleType, NoneType
from typing import Any, TypeVar, cast

import orjson

from loyalty import commands, errors, members, money, outcomes, points, refs, sales
from loyalty.errors import InvalidInput, LoyaltyError
from loyalty.operations import Operation
from providers import writing

T = TypeVar("T")

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]

_ROOMS = (commands, members, money, outcomes, points, refs, sales, writing)
_CLASS = "$"
_AS_THEY_ARE = frozenset({NoneType, bool, int, float, str})


class Unreadable(Exception):
    """A row that no version of this program can have written; its content is not told."""


def kept(value: object) -> bytes:
    """The value as bytes. InvalidInput for text that is not Unicode."""
    return _dumped(_encoded(value, exact=True))


def told(data: bytes, kind: type[T]) -> T:
    """The value that was kept; Unreadable where it is none of that kind."""
    try:
        value = _decoded(orjson.loads(data))
    except Unreadable:
        raise
    except (ValueError, TypeError, KeyError, ArithmeticError) as damage:
        raise Unreadable(type(damage).__name__) from None
    if not isinstance(value, kind):
        msg = f"no {kind.__name__}"
        raise Unreadable(msg)
    return value


def fingerprint(kind: str, command: object, salt: str) -> bytes:
    """SHA-256 of an input in its canonical form: 1.50 is 1.5, and an instant has one zone.

    What is left at its default does not count, so that a field that is added later changes no
    fingerprint. `salt` keeps what is short from being guessed.
    """
    text = _dumped([kind, salt, _encoded(command, exact=False)])
    return hashlib.sha256(text).digest()


def _dumped(value: Json) -> bytes:
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except TypeError:
        msg = "a text is not valid Unicode"
        raise InvalidInput(msg, field=("input",)) from None


# ---------------------------------------------------------------------- what there is


def _classes(rooms: tuple[ModuleType, ...]) -> dict[str, type[Any]]:
    found: dict[str, type[Any]] = {}
    for room in rooms:
        for name, value in vars(room).items():
            if not (isinstance(value, type) and value.__module__ == room.__name__):
                continue
            if found.setdefault(name, value) is not value:
                msg = f"two classes are called {name}"
                raise TypeError(msg)
    return found


_CLASSES = _classes(_ROOMS)
_DATA = {name: value for name, value in _CLASSES.items() if is_dataclass(value)}
_ENUMS = {name: value for name, value in _CLASSES.items() if issubclass(value, Enum)}
_ERRORS: dict[str, type[LoyaltyError]] = {
    name: value for name, value in _classes((errors,)).items() if issubclass(value, LoyaltyError)
}
_DATA["UpstreamWords"] = errors.UpstreamWords
_ENUMS["ErrorCode"] = errors.ErrorCode
_ENUMS["RetryAdvice"] = errors.RetryAdvice
_ENUMS["Operation"] = Operation


def _default(field: "Field[Any]") -> object:
    if field.default_factory is not MISSING:
        return field.default_factory()
    return field.default


# What makes no value another one (a provider's raw record) is never kept.
_KEPT_FIELDS = {
    name: tuple((field.name, _default(field)) for field in fields(kind) if field.compare)
    for name, kind in _DATA.items()
}
_GIVEN_FIELDS = {
    name: frozenset(field.name for field in fields(kind) if field.init)
    for name, kind in _DATA.items()
}


# ---------------------------------------------------------------------- writing


def _encoded(value: object, *, exact: bool) -> Json:  # noqa: PLR0911 - a table
    if type(value) in _AS_THEY_ARE:
        return cast("Json", value)
    match value:
        case Enum():
            return _encoded_word(value)
        case bool() | int() | float() | str():
            return value
        case Decimal():
            return {_CLASS: "decimal", "is": str(value) if exact else _plain(value)}
        case datetime():
            return {_CLASS: "instant", "is": _instant(value, exact=exact)}
        case date():
            return {_CLASS: "date", "is": value.isoformat()}
        case bytes():
            return {_CLASS: "bytes", "is": base64.b64encode(value).decode("ascii")}
        case _:
            return _encoded_many(value, exact=exact)


def _encoded_word(value: Enum) -> Json:
    """A word of ours; any other is the text or number that it stands for, as its field is one."""
    if _ENUMS.get(type(value).__name__) is type(value):
        return {_CLASS: "enum", "of": type(value).__name__, "is": cast("str", value.value)}
    if isinstance(value, str):
        return str(value.value)
    if isinstance(value, int):
        return int(value.value)
    msg = f"a {type(value).__name__} is not to be kept"
    raise TypeError(msg)


def _encoded_many(value: object, *, exact: bool) -> Json:
    name = type(value).__name__
    if _DATA.get(name) is type(value):
        return _encoded_data(value, name, exact=exact)
    if isinstance(value, tuple | list):
        return [_encoded(entry, exact=exact) for entry in cast("tuple[object, ...]", value)]
    if isinstance(value, LoyaltyError):
        return _encoded_error(value)
    if isinstance(value, Mapping):
        pairs = cast("Mapping[str, object]", value).items()
        return {_CLASS: "map", "is": {key: _encoded(entry, exact=exact) for key, entry in pairs}}
    msg = f"a {name} is not to be kept"
    raise TypeError(msg)


def _encoded_data(value: object, name: str, *, exact: bool) -> Json:
    """The fields that say something; of a canonical form those that are not as they always are."""
    told: dict[str, Json] = {_CLASS: name}
    for field, default in _KEPT_FIELDS[name]:
        entry = getattr(value, field)
        is_usual = entry is default
        if not exact and not is_usual:
            is_usual = type(entry) is type(default) and entry == default
        if not is_usual:
            told[field] = _encoded(entry, exact=exact)
    return told


def _encoded_error(error: LoyaltyError) -> Json:
    known = next(c for c in type(error).__mro__ if _ERRORS.get(c.__name__) is c)
    told = {key: _encoded(entry, exact=True) for key, entry in vars(error).items()}
    return {_CLASS: "error", "of": known.__name__, "is": told}


def _instant(value: datetime, *, exact: bool) -> str:
    if value.tzinfo is None:
        msg = "an instant without a zone is not to be kept"
        raise TypeError(msg)
    return (value if exact else value.astimezone(UTC)).isoformat()


def _plain(value: Decimal) -> str:
    """One text for one number: without exponent and without zeros at its end."""
    text = f"{value:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


# ---------------------------------------------------------------------- reading


def _decoded(value: Json) -> object:
    if isinstance(value, list):
        return tuple([_decoded(entry) for entry in value])
    return _decoded_tagged(value) if isinstance(value, dict) else value


def _decoded_tagged(value: dict[str, Json]) -> object:
    tag, content = str(value[_CLASS]), value.get("is")
    if tag in _SCALARS:
        return _SCALARS[tag](cast("str", content))
    if tag == "enum":
        return _ENUMS[str(value["of"])](content)
    if tag not in {"map", "error"}:
        return _decoded_data(_DATA[tag], value)
    pairs = {key: _decoded(entry) for key, entry in cast("dict[str, Json]", content).items()}
    return pairs if tag == "map" else _decoded_error(str(value["of"]), pairs)


_SCALARS: dict[str, Callable[[str], object]] = {
    "decimal": Decimal,
    "instant": datetime.fromisoformat,
    "date": date.fromisoformat,
    "bytes": lambda text: base64.b64decode(text, validate=True),
}


def _decoded_data(kind: type[Any], content: dict[str, Json]) -> object:
    names = _GIVEN_FIELDS[kind.__name__]
    return kind(**{key: _decoded(entry) for key, entry in content.items() if key in names})


def _decoded_error(name: str, told: Mapping[str, object]) -> LoyaltyError:
    """The error with everything that was told with it, whatever its constructor takes."""
    kind = _ERRORS.get(name, LoyaltyError)
    error = kind.__new__(kind)
    LoyaltyError.__init__(error, str(told["message"]))
    for attribute, value in told.items():
        setattr(error, attribute, value)
    return error
