"""What the clients of a soak did and were told, in order: the history that checker.py judges."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.proofs.errands import Errand
from tests.proofs.tills import Told

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """One try: what it was told, or None where the connection or the client broke off."""

    client: int
    asked_at: float
    told_at: float
    told: Told | None
    changed: bool
    """The same key was asked with other input."""


@dataclass(slots=True)
class Operation:
    """One key, what was asked with it, and all answers."""

    key: str
    errand: Errand
    number: str
    member: str
    n: int
    given: Json
    undoes: str | None = None
    answers: list[Answer] = field(default_factory=list[Answer])
    status: str = "PENDING"
    """What the graph says of it once everything is settled."""
    issued: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def told(self) -> list[Told]:
        """All answers to its own input that arrived, by the time they were told."""
        arrived = [each for each in self.answers if each.told is not None and not each.changed]
        return [each.told for each in sorted(arrived, key=lambda each: each.told_at) if each.told]

    @property
    def conflicts(self) -> list[Told]:
        """All answers to other input under the same key."""
        return [each.told for each in self.answers if each.told is not None and each.changed]


@dataclass(frozen=True, slots=True)
class Reading:
    """A balance read after a success: what the books had just before, and just after."""

    number: str
    upstream: str
    read: str
    before: str
    after: str
    source: str


@dataclass(slots=True)
class History:
    """Everything that clients saw."""

    operations: dict[str, Operation] = field(default_factory=dict[str, Operation])
    readings: list[Reading] = field(default_factory=list[Reading])
    resends: int = 0
    changed_resends: int = 0
    disconnects: int = 0
    broken: int = 0
    refused: list[str] = field(default_factory=list[str])
    began: float = field(default_factory=time.monotonic)

    def of(self, status: str) -> Iterator[Operation]:
        """Operations that ended so."""
        return (each for each in self.operations.values() if each.status == status)
