"""What every program's table of the configuration has; adapters add their own keys to it."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from types import UnionType
from typing import Annotated, Union, get_args, get_origin
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationInfo,
    field_validator,
)

from loyalty.operations import Environment
from providers.calls import Call, is_sendable
from providers.writing import Patience

_SPAN = re.compile(r"(\d{1,4})([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


@dataclass(frozen=True, slots=True)
class References:
    """Where "env:NAME" and "file:PATH" are looked up; paths are relative to the configuration."""

    folder: Path = field(default_factory=Path)
    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    literals_allowed: bool = False

    def resolve(self, text: str) -> str:
        """The secret that `text` refers to; ValueError says what is missing and the remedy."""
        scheme, _, name = text.partition(":")
        if scheme == "env" and name:
            return self._variable(name)
        if scheme == "file" and name:
            return self._file(name)
        if not self.literals_allowed:
            msg = 'a literal secret is refused outside SANDBOX; write "env:NAME" or "file:PATH"'
            raise ValueError(msg)
        return text

    def _variable(self, name: str) -> str:
        value = self.environ.get(name, "")
        if not value:
            msg = f"the environment variable {name} is not set"
            raise ValueError(msg)
        return value

    def _file(self, name: str) -> str:
        path = self.folder / name
        try:
            text = path.read_text(encoding="utf-8").strip()
        except OSError as cause:
            msg = f"the file {name} cannot be read ({cause.strerror})"
            raise ValueError(msg) from None
        except UnicodeDecodeError:
            msg = f"the file {name} is not text"
            raise ValueError(msg) from None
        if not text:
            msg = f"the file {name} is empty"
            raise ValueError(msg)
        return text


def _referred(value: object, info: ValidationInfo) -> object:
    """Turn a reference into its secret; literals pass only where the program is a SANDBOX."""
    if not isinstance(value, str):
        return value
    references = info.context if isinstance(info.context, References) else References()
    if info.data.get("environment") is Environment.SANDBOX:
        references = References(references.folder, references.environ, literals_allowed=True)
    return references.resolve(value)


def _zone(value: str) -> str:
    try:
        known = value != "localtime" and bool(ZoneInfo(value).key)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        known = False
    if not known:
        msg = f"{value!r} is no IANA time zone; write one like Asia/Kuala_Lumpur"
        raise ValueError(msg)
    return value


def _currency(value: str) -> str:
    if re.fullmatch(r"[A-Z]{3}", value) is None:
        msg = "write the three letters of ISO 4217, like MYR"
        raise ValueError(msg)
    return value


def _url(value: str, info: ValidationInfo) -> str:
    """An address; one that is no address is not repeated, for a password may be in it."""
    if "@" in value or "?" in value or "#" in value:
        msg = "a URL here has no user, query or fragment"
        raise ValueError(msg)
    if not _is_address(value):
        msg = "this is no URL; write one like https://loyalty.example.com/api"
        raise ValueError(msg)
    # Secrets travel there: without TLS only to a sandbox. `environment` is read before any address.
    environment = (info.data or {}).get("environment", Environment.SANDBOX)
    if environment is not Environment.SANDBOX and value.startswith("http://"):
        msg = f"{info.field_name} must be https outside SANDBOX"
        raise ValueError(msg)
    return value.rstrip("/")


def _is_address(value: str) -> bool:
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        return False
    sendable = is_sendable(Call("", "GET", value))
    return sendable and parts.scheme in {"http", "https"} and bool(parts.hostname) and port != 0


def _span(value: object) -> object:
    if not isinstance(value, str):
        return value
    match = _SPAN.fullmatch(value.strip())
    if match is None:
        msg = 'a span of time is written like "5m": a number with s, m, h or d'
        raise ValueError(msg)
    return timedelta(**{_UNITS[match.group(2)]: int(match.group(1))})


Secret = Annotated[SecretStr, BeforeValidator(_referred)]
"""A secret given by reference; never printed."""

Url = Annotated[str, AfterValidator(_url)]
"""An http(s) address without a trailing slash; https where the program is no SANDBOX."""

Currency = Annotated[str, AfterValidator(_currency)]
"""An ISO 4217 code."""

Span = Annotated[timedelta, BeforeValidator(_span), Field(gt=timedelta(0))]
"""A span of time like "5m"."""

TimeZoneName = Annotated[str, AfterValidator(_zone)]


class Table(BaseModel):
    """A table of the configuration: frozen, and an unknown key is an error."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, str_strip_whitespace=True
    )

    @field_validator("*", mode="before")
    @classmethod
    def _as_toml_has_it(cls, value: object, info: ValidationInfo) -> object:
        """TOML has types: "8000" is no number, true is not 1, and 1 is not true."""
        kind = cls.model_fields[info.field_name or ""].annotation
        kinds = set(get_args(kind)) if get_origin(kind) in {Union, UnionType} else {kind}
        if bool in kinds and not isinstance(value, bool):
            msg = "write true or false, without quotes"
            raise ValueError(msg)
        if kinds & {int, float} and not _is_number(value):
            msg = "write a number, without quotes"
            raise ValueError(msg)
        return value


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


class ProgramSettings(Table):
    """The keys that every program has; `environment` stands first, since secrets depend on it."""

    environment: Environment
    provider: str
    name: str = Field(min_length=1)
    currency: Currency
    time_zone: TimeZoneName
    base_url: Url
    point_worth: Decimal | None = Field(default=None, gt=0, lt=1_000_000)
    requests_per_minute: int | None = Field(default=None, ge=1)
    timeout_seconds: float = Field(default=5.0, gt=0, le=25)
    max_connections: int = Field(default=32, ge=1, le=1024)
    wire_seconds: float = Field(default=30.0, gt=0, le=300)
    processing_seconds: float = Field(default=30.0, ge=0, le=3600)
    read_lag_max: Span | None = None
    replay_is_safe: bool = False
    review_hours: float = Field(default=24.0, gt=0, le=720)

    @property
    def zone(self) -> ZoneInfo:
        """The program's time zone: zone-less times of its provider are read in it."""
        return ZoneInfo(self.time_zone)

    @property
    def patience(self) -> Patience:
        """How long doubt about a write lasts; what cannot be known of a provider is its default."""
        lag = self.read_lag_max
        return Patience(
            wire=self.wire_seconds,
            processing=self.processing_seconds,
            read_lag=None if lag is None else lag.total_seconds(),
            replay_is_safe=self.replay_is_safe,
            review=3600 * self.review_hours,
        )
