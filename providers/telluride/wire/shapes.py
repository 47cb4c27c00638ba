"""Envelopes, wrapped lists and empty forms (contract 1.5, Q-3 to Q-6); no noun's fields."""

from typing import Protocol, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel, to_pascal

from providers import exact_json
from providers.telluride.wire.scalars import Text, array_of, is_blank, object_of


class Unreadable(ValueError):
    """The body is no JSON, or not of the shape that the API documents; `where` names the place."""

    def __init__(self, where: str) -> None:
        super().__init__(where)
        self.where = where


def json_of(body: bytes) -> object:
    """The parsed body; decimals stay exact, since a wire number may be money or points (Q-7)."""
    try:
        return exact_json.parsed(body)
    except exact_json.NotJson as cause:
        raise Unreadable(str(cause)) from None


def listed(inner: str | None = None) -> BeforeValidator:
    """A list in any of its forms: plain, wrapped under `inner`, a single object, or empty."""

    def decoded(value: object) -> object:
        wrapper = object_of(value)
        if inner is not None and wrapper is not None and inner in wrapper:
            value = wrapper[inner]
        entries = array_of(value)
        return tuple(entry for entry in entries or [value] if not is_blank(entry))

    return BeforeValidator(decoded)


def _one(value: object) -> object:
    """An object that may come as an array of one, or as one of the empty forms."""
    if is_blank(value):
        return None
    entries = array_of(value)
    return entries[0] if entries is not None and len(entries) == 1 else value


single = BeforeValidator(_one)


class Wire(BaseModel):
    """Any part of an answer; fields that we do not read are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=to_pascal)


class WireCamel(Wire):
    """A part of an answer of the four APIs that speak camelCase (Q-1)."""

    model_config = ConfigDict(alias_generator=to_camel)


class WireStatus(Wire):
    """The outcome: a code of digits and a text, wherever the API puts it."""

    status: Text = None
    status_text: Text = None


class WireCamelStatus(WireCamel):
    """The same in camelCase."""

    status: Text = None
    status_text: Text = None


class Told(Protocol):
    """An outcome in either case."""

    @property
    def status(self) -> str | None:
        """The code, as it was sent."""
        ...

    @property
    def status_text(self) -> str | None:
        """The text beside it."""
        ...


class Answer(Wire):
    """A whole reply: it can say where its outcome is (contract 1.5)."""

    @property
    def told(self) -> Told | None:
        """The outcome, None where the reply has none."""
        return None

    @classmethod
    def decoded(cls, parsed: object, zone: ZoneInfo) -> Self:
        """The reply from its parsed JSON; raises Unreadable, which tells a place and no value."""
        try:
            return cls.model_validate(parsed, context=zone)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False, include_context=False)[0]
            raise Unreadable(".".join(map(str, first["loc"])) or "the body") from None


class CamelAnswer(Answer):
    """A whole reply of an API that speaks camelCase."""

    model_config = ConfigDict(alias_generator=to_camel)
