"""The port of writes: how a change is made ready, sent, and looked for when its answer was lost.

A mutation is a script. Its ability (PostsSales, RedeemsPoints ...) is asked for the next step with
all steps that are over; it answers a Write to be sent next, or Finished. It keeps no memory: after
a crash it is asked the same question again with what the ledger knows, and must answer the same.

- Before the first step everything that can be refused is refused, by raising: InvalidInput,
  Unsupported, Declined. Nothing is recorded then and the key stays free. `field` names the place
  in the mutation's input, from its top: ("input", "lines", "0", "subtotal").
- A step that the provider refused is handed back with its error. A first step's refusal ends the
  mutation without the adapter being asked. Later ones are the adapter's to answer: a Write that
  takes back what was done, or Finished.
- What is raised after the first step means "ask me again later": Unavailable.
- A Write is bytes: once the ledger has it, these very bytes are sent, in every try.

`send` says which of four meanings an answer has, and never guesses:
- returns Done: the provider's documented success, read in the body.
- raises Declined, InvalidInput or MemberNotFound: a documented refusal; there is no effect, and
  there will be none. Where `again` is true a refusal proves nothing, unless the provider is known
  to look for the duplicate first: OutcomeUnknown.
- raises Unavailable: it never left us, or the provider's contract says that it was not looked at
  (a token refused, 429): no effect, may be sent again.
- raises OutcomeUnknown: everything else: 5xx, 3xx, 408, a broken connection, an answer without
  sense.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Generic, TypeVar

from loyalty.errors import LoyaltyError
from loyalty.outcomes import Done, Posted, Redeemed

C_co = TypeVar("C_co", covariant=True)
T_co = TypeVar("T_co", covariant=True)


class Doubt(StrEnum):
    """What is done about a write whose answer was lost."""

    REPLAY = "REPLAY"
    """The provider knows it again, or doing it twice is doing it once: send the same bytes."""
    LOOK = "LOOK"
    """Ask the provider whether it is there; never send it again."""
    LOOK_THEN_REPLAY = "LOOK_THEN_REPLAY"
    """Look; where it is not found after the fence, the same bytes are safe to send."""
    NONE = "NONE"
    """Neither helps: what is used up is used up, and a person must look."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """The exact request, without credentials: `path` is below the program's base URL, with query.

    Its body is personal and may hold a secret: never printed, encrypted where it is kept.
    """

    method: str
    path: str = field(repr=False)
    body: bytes | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """One step made ready.

    `name` is the upstream's operation, never personal. `reference` is what the upstream knows it
    by; within a program and `name` no two operations may ever have the same. `serial`: writes of
    a program with the same serial are never under way together (those that a look could not tell
    apart). `note` is for the adapter alone, given back with the write: what was read beforehand,
    or what it must remember to read the answer. `until`: the instant after which a repeat cannot
    succeed any more (a short-lived code in it is over).
    """

    name: str
    request: Request
    doubt: Doubt
    reference: str | None = None
    serial: str | None = None
    note: str | None = field(default=None, repr=False)
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A step that is over: what was sent, and Done or the provider's refusal."""

    write: Write
    outcome: Done | LoyaltyError


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """The end of a mutation.

    `done` is what is told of it. With `error` and no `done` it is refused: nothing is changed, or
    what was changed was taken back (`reversed_`).
    """

    done: Done | None = None
    error: LoyaltyError | None = None
    reversed_: bool = False


Next = Write | Finished


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """What the ledger lends a mutation. All of it is the same when the mutation is asked again.

    `operation`: its id, 32 hexadecimal digits, free of personal data: fit to be planted upstream.
    `tries`: how many operations with the same document were refused before; see `reference`.
    `number(counter, most)`: the next value of a durable counter of this program, from 1 to `most`
    and round again; never the same twice in a row of `most`, some values may be left out.
    """

    operation: str
    began_at: datetime
    tries: int = 0
    number: Callable[[str, int], Awaitable[int]]

    def reference(self, document: str) -> str:
        """What the upstream will know a document by: itself, or with ~n after a refused try."""
        return document if self.tries == 0 else f"{document}~{self.tries}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job(Generic[C_co, T_co]):
    """A mutation under way: what is asked, what it is about, and the steps that are over.

    `target` is what a mutation undoes or continues: Posted, Redeemed, or None.
    """

    command: C_co
    target: T_co
    ticket: Ticket
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Beforehand:
    """What a sale refers to: redemptions that pay for a part, and the sales its lines take back.

    `originals` are by the operation that a line's `returns` names.
    """

    redemptions: tuple[Redeemed, ...] = ()
    originals: Mapping[str, Posted] = field(default_factory=dict[str, Posted])


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """How one try is sent.

    `again`: the same bytes may have arrived before. `leave_by`: the moment of the monotonic clock
    after which not a byte may leave. `timeout`: seconds until the call is given up.
    """

    again: bool
    leave_by: float
    timeout: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long doubt about a program's writes lasts; data of its settings, in seconds.

    `wire`: until a call is given up. `processing`: the longest that the provider works on after
    that. `read_lag`: until its reads show a change for certain; None: it may take any time, so that
    not finding a change proves nothing. The fence is the sum. `replay_is_safe`: whether the
    provider is known to recognise what it has seen before (LOOK_THEN_REPLAY). `review`: when a
    person must look.
    """

    wire: float
    processing: float
    read_lag: float | None
    replay_is_safe: bool
    review: float

    @property
    def fence(self) -> float:
        """Seconds from sending until a look means anything."""
        return self.wire + self.processing + (self.read_lag or 0.0)
