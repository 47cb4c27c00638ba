"""What every program's table of the configuration has; adapters add their own keys to it."""

import base64
import binascii
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Self
from zoneinfo import ZoneInfo, available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationInfo,
    model_validator,
)

from loyalty.operations import Environment


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
            return path.read_text(encoding="utf-8").strip()
        except OSError as cause:
            msg = f"the file {name} cannot be read ({cause.strerror})"
            raise ValueError(msg) from None
        except UnicodeDecodeError:
            msg = f"the file {name} is not text"
            raise ValueError(msg) from None


def _referred(value: object, info: ValidationInfo) -> object:
    """Turn a reference into its secret; literals pass only where the program is a SANDBOX."""
    if not isinstance(value, str):
        return value
    references = info.context if isinstance(info.context, References) else References()
    if info.data.get("environment") is Environment.SANDBOX:
        references = References(references.folder, references.environ, literals_allowed=True)
    return references.resolve(value)


def _zone(value: str) -> str:
    if value not in available_timezones():
        msg = f"{value!r} is no IANA time zone; write one like Asia/Kuala_Lumpur"
        raise ValueError(msg)
    return value


def _url(value: str) -> str:
    scheme, _, rest = value.partition("://")
    host = rest.partition("/")[0]
    if scheme not in {"http", "https"} or not host or any(c.isspace() for c in value):
        msg = f"{value!r} is no URL; write one like https://loyalty.example.com/api"
        raise ValueError(msg)
    if "@" in host or "?" in value or "#" in value:
        msg = "a URL here has no user, query or fragment"
        raise ValueError(msg)
    return value.rstrip("/")


def _key_bytes(value: SecretStr) -> SecretStr:
    try:
        base64.b64decode(value.get_secret_value(), validate=True)
    except binascii.Error:
        msg = "not base64"
        raise ValueError(msg) from None
    return value


Secret = Annotated[SecretStr, BeforeValidator(_referred)]
"""A secret given by reference; never printed."""

Base64Key = Annotated[Secret, AfterValidator(_key_bytes)]
"""A key as base64 text, given by reference."""

Url = Annotated[str, AfterValidator(_url)]
"""An http(s) address without a trailing slash."""

TimeZoneName = Annotated[str, AfterValidator(_zone)]


class Table(BaseModel):
    """A table of the configuration: frozen, and an unknown key is an error."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, str_strip_whitespace=True
    )


class ProgramSettings(Table):
    """The keys that every program has; `environment` stands first, since secrets depend on it."""

    environment: Environment
    provider: str
    name: str = Field(min_length=1)
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    time_zone: TimeZoneName
    base_url: Url
    point_worth: Decimal | None = Field(default=None, gt=0)
    requests_per_minute: int | None = Field(default=None, ge=1)
    timeout_seconds: float = Field(default=5.0, gt=0, le=25)
    max_connections: int = Field(default=32, ge=1, le=1024)

    @property
    def zone(self) -> ZoneInfo:
        """The program's time zone: zone-less times of its provider are read in it."""
        return ZoneInfo(self.time_zone)

    @model_validator(mode="after")
    def _plain_http_stays_home(self) -> Self:
        """Secrets travel in headers: without TLS only to this machine, or to a sandbox."""
        if self.environment is not Environment.SANDBOX and self.base_url.startswith("http://"):
            msg = "base_url must be https outside SANDBOX"
            raise ValueError(msg)
        return self
