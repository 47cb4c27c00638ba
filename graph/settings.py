"""The configuration: one TOML file, read once; every fault is one line that names the key."""

import base64
import binascii
import ipaddress
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, TypeGuard, TypeVar, get_args
from urllib.parse import quote, urlsplit

from pydantic import (
    AfterValidator,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    model_validator,
)
from pydantic_core import ErrorDetails

from loyalty.operations import Environment
from providers.settings import ProgramSettings, References, Secret, Table, Url

TableT = TypeVar("TableT", bound=Table)

_PROGRAM_KEY = r"[a-z][a-z0-9_-]{0,39}"


class ConfigurationError(Exception):
    """The configuration cannot be used; `lines` say why, each naming its key and the remedy."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


def key_bytes(value: SecretStr) -> bytes:
    """The bytes of a base64 secret; none for text that is not base64."""
    try:
        return base64.b64decode("".join(value.get_secret_value().split()), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _holds(size: int) -> AfterValidator:
    def checked(value: SecretStr) -> SecretStr:
        if len(key_bytes(value)) != size:
            msg = f"not {size} bytes in base64; make a key with: openssl rand -base64 {size}"
            raise ValueError(msg)
        return value

    return AfterValidator(checked)


def _loopback(host: str) -> str:
    """Refuse to be reachable by others while there are development tokens alone."""
    if not is_loopback(host):
        msg = (
            f"{host} can be reached by others, who cannot sign in yet: development tokens are for "
            "this machine alone; bind to 127.0.0.1"
        )
        raise ValueError(msg)
    return host


def is_loopback(host: str) -> bool:
    """Whether an address can only be reached from this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _database(url: str, info: ValidationInfo) -> str:
    """A ledger's address; a relative PATH is below the configuration's folder, as all files are."""
    if not url.startswith(("sqlite:///", "postgresql://")):
        msg = "write sqlite:///PATH or postgresql://user@host/database"
        raise ValueError(msg)
    path = url.removeprefix("sqlite:///")
    if path == url or path.startswith("/") or not isinstance(info.context, References):
        return url
    return f"sqlite:///{quote(str(info.context.folder.absolute()))}/{path}" if path else url


def _cache(url: str) -> str:
    if url != "memory://" and not url.startswith(("redis://", "rediss://")):
        msg = "write memory:// or redis://host:6379/0"
        raise ValueError(msg)
    return url


def _keys_by_tls(url: str) -> str:
    """Whoever can change the keys on their way can sign as anybody."""
    if url.startswith("http://") and not is_loopback(urlsplit(url).hostname or ""):
        msg = "jwks_url must be https"
        raise ValueError(msg)
    return url


def _public_pem(value: SecretStr) -> SecretStr:
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415 - rarely needed
    from cryptography.hazmat.primitives.serialization import load_pem_public_key  # noqa: PLC0415

    try:
        load_pem_public_key(value.get_secret_value().encode())
    except (ValueError, UnsupportedAlgorithm):
        msg = "this is no PEM public key; it starts with -----BEGIN PUBLIC KEY-----"
        raise ValueError(msg) from None
    return value


IdKey = Annotated[Secret, _holds(64)]
LedgerKey = Annotated[Secret, _holds(32)]


class Server(Table):
    """[server]: where and how the graph is served."""

    host: Annotated[str, AfterValidator(_loopback)] = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    workers: int = Field(default=1, ge=1, le=64)
    id_keys: tuple[IdKey, ...] = Field(min_length=1)
    max_upstream_calls: int = Field(default=250, ge=1, le=10_000)
    answer_seconds: float = Field(default=8.0, ge=0.1, le=25)


class Issuer(Table):
    """[[auth.issuers]]: whose tokens are believed."""

    issuer: str = Field(min_length=1)
    audience: str = Field(min_length=1)
    jwks_url: Annotated[Url, AfterValidator(_keys_by_tls)] | None = None
    public_key: Annotated[Secret, AfterValidator(_public_pem)] | None = None
    algorithms: tuple[
        Literal["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"], ...
    ] = Field(min_length=1)

    @model_validator(mode="after")
    def _one_source_of_keys(self) -> "Issuer":
        if (self.jwks_url is None) == (self.public_key is None):
            msg = "give exactly one of jwks_url and public_key"
            raise ValueError(msg)
        return self


def _development_only(mode: str) -> str:
    if mode == "jwt":
        msg = '"jwt" is not available yet; write mode = "dev", which serves this machine alone'
        raise ValueError(msg)
    return mode


class Auth(Table):
    """[auth]: who may ask."""

    mode: Annotated[Literal["dev", "jwt"], AfterValidator(_development_only)] = "dev"
    issuers: tuple[Issuer, ...] = ()


class Ledger(Table):
    """[ledger]: where mutations are recorded."""

    url: Annotated[str, AfterValidator(_database)] = "sqlite:///loyalty.db"
    encryption_keys: tuple[LedgerKey, ...] = Field(min_length=1)
    retention_days: int = Field(default=400, ge=30)


class Cache(Table):
    """[cache]: where answers are kept for a moment."""

    url: Annotated[str, AfterValidator(_cache)] = "memory://"


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the configuration says."""

    server: Server
    auth: Auth
    ledger: Ledger
    cache: Cache
    programs: Mapping[str, ProgramSettings]


def load(
    path: Path, kinds: Mapping[str, type[ProgramSettings]], environ: Mapping[str, str]
) -> Settings:
    """The settings in a file; `kinds` is provider code -> its programs' table.

    Raises ConfigurationError with a line for each fault.
    """
    return parsed(_document(path), kinds, References(path.parent, environ))


def _document(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"), parse_float=Decimal)
    except OSError as cause:
        raise ConfigurationError([f"{path}: cannot be read ({cause.strerror})"]) from None
    except UnicodeDecodeError:
        raise ConfigurationError([f"{path}: not UTF-8 text"]) from None
    except tomllib.TOMLDecodeError as cause:
        raise ConfigurationError([f"{path}: not TOML: {cause}"]) from None
    except (ValueError, RecursionError, ArithmeticError):  # what the parser lets through
        raise ConfigurationError(
            [f"{path}: not TOML: a number or a nesting is too large"]
        ) from None


def parsed(
    document: Mapping[str, Any], kinds: Mapping[str, type[ProgramSettings]], references: References
) -> Settings:
    """The settings in a parsed document."""
    reader = _Reader(kinds, references)
    programs = reader.programs(document.get("programs"))
    # A literal key is for trying out: it passes only where no program is real.
    tried_out = bool(programs) and all(
        program.environment is Environment.SANDBOX for program in programs.values()
    )
    literals = References(references.folder, references.environ, literals_allowed=tried_out)
    server = reader.table(Server, "server", document.get("server", {}), literals)
    auth = reader.table(Auth, "auth", document.get("auth", {}), references)
    ledger = reader.table(Ledger, "ledger", document.get("ledger", {}), literals)
    cache = reader.table(Cache, "cache", document.get("cache", {}), references)
    reader.unknown_tables(document)
    if reader.lines or server is None or auth is None or ledger is None or cache is None:
        raise ConfigurationError(reader.lines)
    return Settings(server, auth, ledger, cache, programs)


class _Reader:
    """Collects the faults of all tables, so that one run shows them all."""

    def __init__(self, kinds: Mapping[str, type[ProgramSettings]], references: References) -> None:
        self.lines: list[str] = []
        self._kinds = kinds
        self._references = references

    def programs(self, tables: object) -> dict[str, ProgramSettings]:
        """The [programs.KEY] tables."""
        if not _is_table(tables) or not tables:
            self.lines.append("programs: missing; add a table [programs.KEY] for each program")
            return {}
        read = {key: self._program(key, table) for key, table in tables.items()}
        return {key: program for key, program in read.items() if program is not None}

    def _program(self, key: str, table: object) -> ProgramSettings | None:
        where = f"programs.{_shown(key)}"
        if not re.fullmatch(_PROGRAM_KEY, key):
            self.lines.append(f"{where}: a program's key is lower-case letters, digits, - and _")
            return None
        if not _is_table(table):
            self.lines.append(f"{where}: write it as a table, [programs.{key}]")
            return None
        provider = table.get("provider")
        if not isinstance(provider, str) or provider not in self._kinds:
            known = ", ".join(self._kinds)
            self.lines.append(f"{where}.provider: missing or unknown; the providers are: {known}")
            return None
        return self.table(self._kinds[provider], where, table, self._references_of(table))

    def _references_of(self, table: Mapping[str, object]) -> References:
        """Without a known environment there is one fault to tell, not another for every secret."""
        known = table.get("environment") in list(Environment)
        given = self._references
        return References(given.folder, given.environ, literals_allowed=not known)

    def table(
        self, kind: type[TableT], where: str, table: object, references: References
    ) -> TableT | None:
        """One table; None if it has faults."""
        try:
            return kind.model_validate(table, context=references)
        except ValidationError as fault:
            self.lines.extend(_lines(where, kind, fault.errors(include_url=False)))
            return None

    def unknown_tables(self, document: Mapping[str, Any]) -> None:
        """A table that there is not."""
        known = ("server", "auth", "ledger", "cache", "programs")
        for name in document:
            if name not in known:
                self.lines.append(
                    f"{_shown(name)}: unknown table; the tables are: {', '.join(known)}"
                )


def _is_table(value: object) -> TypeGuard[dict[str, object]]:
    """Whether it is a table of a document; TOML knows no key but a string."""
    return isinstance(value, dict)


def _lines(where: str, kind: type[Table], faults: list[ErrorDetails]) -> Iterator[str]:
    for fault in faults:
        if _is_echo(fault, faults):
            continue
        loc = [part for part in fault["loc"] if part != "[key]"]  # a mapping's key is named before
        place = ".".join([where, *(_shown(part) for part in loc)])
        match fault["type"]:
            case "missing":
                yield f"{place}: missing"
            case "extra_forbidden":
                keys = ", ".join(_table_at(kind, loc[:-1]).model_fields)
                yield f"{place}: unknown key; the keys are: {keys}"
            case "too_short":
                yield f"{place}: empty; give at least one"
            case "model_type" | "model_attributes_type":
                yield f"{place}: write it as a table"
            case _:
                yield f"{place}: {fault['msg'].removeprefix('Value error, ')}"


def _is_echo(fault: ErrorDetails, faults: list[ErrorDetails]) -> bool:
    """Whether a list is only too short for its entries have faults, which are told."""
    loc = fault["loc"]
    inside = (each["loc"] for each in faults if len(each["loc"]) > len(loc))
    return fault["type"] == "too_short" and any(each[: len(loc)] == loc for each in inside)


def _shown(part: int | str) -> str:
    """A part of a dotted key, quoted where TOML would have it so."""
    text = str(part)
    return text if re.fullmatch(r"[A-Za-z0-9_-]+", text) else json.dumps(text)


def _table_at(kind: type[Table], loc: list[int | str]) -> type[Table]:
    """The table that a path of keys leads to."""
    for part in loc:
        field = kind.model_fields.get(str(part))
        inner = (
            [each for each in _types(field.annotation) if issubclass(each, Table)] if field else []
        )
        kind = inner[0] if inner else kind
    return kind


def _types(annotation: object) -> Iterator[type]:
    """The classes in an annotation: itself, or what its brackets hold."""
    if isinstance(annotation, type) and not get_args(annotation):
        yield annotation
    for inner in get_args(annotation):
        yield from _types(inner)
