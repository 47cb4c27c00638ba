"""Transactions as plain generators: written once, run by either database.

A script yields statements, is sent their rows, and returns its result; it can await nothing, so a
transaction never waits for anything but its database. What it raises undoes it. Statements name
their parameters `:so`; `{among:names}`, `{locked}` and `{skip_locked}` are the engine's to fill in.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Generic, Protocol, TypeVar

from ledger.journal import LedgerUnavailable

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

Value = str | int | bytes | datetime | Sequence[str] | None
Row = Sequence[object]


class LedgerError(LedgerUnavailable):
    """The ledger cannot be opened as it is configured; one line that names the remedy."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement and its parameters, which are never printed."""

    text: str
    args: Mapping[str, Value] = field(default_factory=dict[str, Value], repr=False)


@dataclass(frozen=True, slots=True)
class Wave:
    """Statements that do not wait for one another's rows; what is sent back are the first's."""

    statements: Sequence[Statement]


Script = Generator[Statement | Wave, Sequence[Row], T]


@dataclass(frozen=True, slots=True)
class Unit(Generic[T_co]):
    """What becomes durable at once, or not at all.

    `clash` is run when a unique index refused the script: it raises what that means, or nothing
    when the other one has gone meanwhile, and then the script is run again. `landed` tells whether
    the unit is there, for when the answer to a commit was lost.
    """

    script: Callable[[], Script[T_co]]
    clash: Callable[[], Script[None]] | None = None
    landed: Callable[[], Script[bool]] | None = None


class Engine(Protocol):
    """One database. Every method raises LedgerUnavailable.

    `has_clock`: it may be elsewhere, and has a clock of its own.
    """

    has_clock: bool

    async def read(self, script: Callable[[], Script[T]]) -> T:
        """Run a script that changes nothing; it sees only what is durable."""
        ...

    async def write(self, unit: Unit[T]) -> T:
        """Run a unit; it is durable when this returns, and goes on when its caller is cancelled."""
        ...

    async def aclose(self) -> None:
        """Finish what was begun, and let go of the database."""
        ...


def text(value: object) -> str:
    """A column that holds text."""
    if not isinstance(value, str):
        raise TypeError("expected text")
    return value


def maybe_text(value: object) -> str | None:
    """A column that may hold text."""
    return None if value is None else text(value)


def number(value: object) -> int:
    """A column that holds an integer."""
    if not isinstance(value, int):
        raise TypeError("expected a number")
    return value


def raw(value: object) -> bytes:
    """A column that holds bytes."""
    if not isinstance(value, bytes):
        raise TypeError("expected bytes")
    return value


def maybe_instant(value: object) -> datetime | None:
    """A column that may hold an instant: a native one, or text in ISO 8601."""
    match value:
        case None:
            return None
        case datetime():
            return value.astimezone(UTC)
        case str():
            return datetime.fromisoformat(value)
        case _:
            raise TypeError("expected an instant")


def instant(value: object) -> datetime:
    """A column that holds an instant."""
    found = maybe_instant(value)
    if found is None:
        raise TypeError("expected an instant")
    return found
