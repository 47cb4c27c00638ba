"""The journal of mutations: what is kept of each, and the few ways in which it may change.

It knows no provider and decides nothing: whoever drives a mutation (resolvers) says what comes
next, and the journal makes it durable, or says that somebody else was faster. Each method that
changes something is one transaction, durable when it returns. Texts and bytes marked "sealed" are
encrypted where they are kept; what this page calls bytes is given and returned in clear.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from ledger.customers import Customers, LinkChange


class State(StrEnum):
    """Where an operation is.

    READY: nothing is under way, the next step is to be found and sent. SENDING: a step may be on
    the wire. IN_DOUBT: its answer was lost. UNSENT: given up before anything left; the key may be
    used again for the same input. The others are final: CONFIRMED, FAILED (refused, no effect),
    COMPENSATED (undone before its end was told), NEEDS_REVIEW (only an operator moves it on).
    """

    READY = "READY"
    SENDING = "SENDING"
    IN_DOUBT = "IN_DOUBT"
    UNSENT = "UNSENT"
    CONFIRMED = "CONFIRMED"
    FAILED = "FAILED"
    COMPENSATED = "COMPENSATED"
    NEEDS_REVIEW = "NEEDS_REVIEW"


OPEN = frozenset({State.READY, State.SENDING, State.IN_DOUBT})
"""States in which work is left to do; UNSENT waits for its client alone."""

LIVE = frozenset(State) - {State.FAILED, State.UNSENT}
"""States in which an operation may have had, or may yet have, an effect: its document is taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRecord:
    """One step of an operation, `seq` from 0.

    `request` is the write, whole, as its owner wrote it (sealed; None once blanked at the end of
    the operation); `digest` its SHA-256, which stays. `outcome` is None until the step is over
    (sealed). `sends` counts tries that may have left us; `sent_at` is the first of them, by the
    wall clock.
    """

    seq: int
    name: str
    digest: bytes
    request: bytes | None = field(repr=False)
    reference: str | None = None
    serial: str | None = None
    sent_at: datetime
    sends: int = 1
    outcome: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One operation, with its steps in order.

    `id`: 32 hexadecimal digits, in order of time (UUID 7). `scope` and `key` name it for its
    owner; `fingerprint` is of its input. `kind` is the Operation's word. `target` is the operation
    that this one undoes or continues. `native` is what the provider knows the result by, as text
    that its owner can compare. `command` is the input (sealed, kept for `retention_days`),
    `secret` what of it is short-lived (sealed, blanked at the end). `result` is what was told
    (sealed); `result_secret` what of it is secret (sealed), `secret_until` when it is blanked.
    `rev` changes with every change. `lease` is held by `owner` until `lease_until`. `next_at`: not
    to be looked at before; an operation that FAILED and has one is watched. `looks` counts how
    often doubt was tried to be settled.
    """

    id: str
    scope: str
    key: str
    fingerprint: bytes
    kind: str
    program: str
    member: str | None = None
    document: str | None = None
    target: str | None = None
    native: str | None = None
    state: State
    rev: int = 0
    created_at: datetime
    finished_at: datetime | None = None
    owner: str | None = None
    lease_until: datetime | None = None
    next_at: datetime | None = None
    looks: int = 0
    tries: int = 0
    command: bytes = field(repr=False)
    secret: bytes | None = field(default=None, repr=False)
    result: bytes | None = field(default=None, repr=False)
    result_secret: bytes | None = field(default=None, repr=False)
    secret_until: datetime | None = None
    trace_id: str = ""
    steps: tuple[StepRecord, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What changes at once in an operation; a field left None stays.

    But for `lease_until`, and for `next_at` where the operation is not open afterwards.

    `why` is the event's reason: our own words and codes, never data of a person. `step` replaces
    the step of the same seq, or is a new one. `lease_until` None gives the lease up. `final` also
    blanks `secret` and the requests of all steps. `reopen` takes the document again, for UNSENT;
    `secret` is then the one that was brought along, and `tries` counts what was refused since.
    `links`: how the links of customers change with it, in the same commit.
    """

    state: State
    why: str
    step: StepRecord | None = None
    lease_until: datetime | None = None
    next_at: datetime | None = None
    looks: int | None = None
    tries: int | None = None
    native: str | None = None
    member: str | None = None
    result: bytes | None = field(default=None, repr=False)
    result_secret: bytes | None = field(default=None, repr=False)
    secret_until: datetime | None = None
    secret: bytes | None = field(default=None, repr=False)
    final: bool = False
    reopen: bool = False
    actor: str = "graph"
    links: LinkChange | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of an operation's append-only history."""

    seq: int
    at: datetime
    before: State | None
    after: State
    why: str
    actor: str
    evidence: bytes | None = field(default=None, repr=False)


class LedgerUnavailable(Exception):
    """The ledger cannot be written or read now; nothing was changed."""


class LedgerSilent(LedgerUnavailable):
    """The ledger did not say what became of a change: it may have been made."""


class KeyTaken(Exception):
    """The scope has used the key before."""

    def __init__(self, record: Record) -> None:
        super().__init__("key taken")
        self.record = record


class DocumentTaken(Exception):
    """Another live operation of the same program and kind has the document."""

    def __init__(self, record: Record) -> None:
        super().__init__("document taken")
        self.record = record


class SerialTaken(Exception):
    """Another step of this program with the same serial is under way; try when it is over."""


class Overtaken(Exception):
    """Somebody else has changed the operation since it was read: stop, and read it again."""


class ReferenceTaken(Exception):
    """An operation of this program has used the upstream reference before; it is used only once."""


class Journal(Protocol):
    """The mutations; safe for any number of tasks and, on PostgreSQL, of servers.

    Raises LedgerUnavailable from every method; `database is locked`, ENOSPC, a broken connection.
    Where a commit's own answer is lost the operation is read back first; LedgerSilent where that
    cannot be done either.
    """

    @property
    def customers(self) -> Customers:
        """The customers, who are kept beside it in the same database."""
        ...

    async def now(self) -> datetime | None:
        """What the database's own clock shows; None where it has none but this machine's."""
        ...

    async def find(self, scope: str, key: str) -> Record | None:
        """The operation that a scope knows by a key."""
        ...

    async def look(
        self, scope: str, key: str, program: str, kind: str, document: str | None
    ) -> tuple[Record | None, int]:
        """What a mutation begins with: the key's operation, if there is one, as `find` tells it.

        And how many operations of this program and kind with this document ended FAILED.
        """
        ...

    async def get(self, operation: str) -> Record | None:
        """The operation with this id."""
        ...

    async def open(self, record: Record) -> Record:
        """Begin an operation, with the step it has (state SENDING) or none (READY).

        Raises KeyTaken, DocumentTaken, SerialTaken, ReferenceTaken; checked in this order.
        """
        ...

    async def change(self, record: Record, change: Change) -> Record:
        """Compare (id, rev) and set.

        Raises Overtaken; for a new step SerialTaken and ReferenceTaken; when reopening
        DocumentTaken; where links are to change LinkRefused (ledger/customers.py).
        """
        ...

    async def note(self, operation: str, why: str, evidence: bytes | None, actor: str) -> None:
        """Add an event that changes no state: what a look found, what an alarm said."""
        ...

    async def events(self, operation: str) -> Sequence[Event]:
        """The operation's history, oldest first."""
        ...

    async def claim(
        self,
        owner: str,
        now: datetime,
        lease_until: datetime,
        most: int,
        without: Sequence[str] = (),
    ) -> Sequence[Record]:
        """Open operations that are due (next_at) and nobody's (lease over), now leased to `owner`.

        Where there are fewer than `most`, also those that are watched and due. Oldest first;
        each is claimed by one owner only, whoever else asks at the same time. Those of the programs
        in `without` are left out.
        """
        ...

    async def served(self, program: str, serial: str, but: str, since: datetime) -> bool:
        """Whether another operation than `but`, with a step of this serial, was open since then."""
        ...

    async def of_native(self, program: str, native: str) -> Record | None:
        """The latest live operation whose result the provider knows by this text."""
        ...

    async def about(self, target: str) -> Sequence[Record]:
        """All operations with this target, oldest first."""
        ...

    async def history(
        self,
        program: str,
        member: str,
        kinds: Sequence[str],
        *,
        starts_at: datetime,
        ends_at: datetime,
    ) -> Sequence[Record]:
        """A member's live operations of these kinds, newest first, begun in the period."""
        ...

    async def in_state(self, states: Sequence[State], most: int) -> Sequence[Record]:
        """Operations in these states, oldest first."""
        ...

    async def counts(self) -> Mapping[State, int]:
        """How many operations are in each state."""
        ...

    async def numbers(self, program: str, counter: str, block: int, start: int = 1) -> int:
        """Take `block` values of a durable counter that begins with `start`; the first of them."""
        ...

    async def sweep(self, now: datetime, keys_before: datetime, data_before: datetime) -> int:
        """Blank secrets that are over and free keys and commands that are older; how many."""
        ...

    async def forget(
        self, program: str, member: str, figures: Callable[[bytes], bytes] = lambda result: result
    ) -> int:
        """Erase the personal data of a member's final operations and keep their figures; how many.

        `figures` tells what of a result may stay: the ledger knows no result's meaning.

        Raises nothing for a member without any; open operations stay as they are.
        """
        ...

    async def aclose(self) -> None:
        """Close it; what was committed stays."""
        ...
