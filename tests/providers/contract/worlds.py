"""The three upstreams behind one face: how each adapter is built, and what its books say."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any, ClassVar, Generic, TypeVar, cast

import httpx
import pytest
from starlette.applications import Starlette

from loyalty.errors import LoyaltyError
from loyalty.members import MemberStatus
from loyalty.offers import Basket, Offer, VoucherStatus
from loyalty.operations import Operation
from providers.calls import Call, Engine, Reply
from providers.engines import HttpxEngine
from providers.http import Transport
from providers.policy import policy_of, token_policy_of
from providers.port import ABILITIES, Answer, Provider
from providers.registry import ADAPTERS
from providers.telluride import settings as telluride_settings
from sandbox.app import Sandbox, create_app
from sandbox.faults import fault_from

T = TypeVar("T")
P = TypeVar("P", bound=Provider)

NOW = datetime(2026, 6, 15, 17, 0, tzinfo=UTC)
"""A Monday noon in Chicago; the sandbox's clock stands there."""

HOST = "sandbox.test"
Book = dict[str, Any]


class Clock:
    """Real time, of which a sleep takes none: it only puts the hands forward."""

    def __init__(self) -> None:
        self._skipped = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self._skipped

    async def sleep(self, seconds: float) -> None:
        self.skip(seconds)
        await asyncio.sleep(0)

    def skip(self, seconds: float) -> None:
        self._skipped += seconds


class Wire:
    """An engine that lets a test see what passes, how much of it at once, and bend an answer."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.passed: list[tuple[Call, Reply]] = []
        self.most_at_once = 0
        self.bend: Callable[[Call, Reply], Reply] = lambda _, reply: reply
        self._open = 0

    async def send(self, call: Call, timeout: float) -> Reply:  # noqa: ASYNC109 - Engine
        self._open += 1
        self.most_at_once = max(self.most_at_once, self._open)
        try:
            await asyncio.sleep(0)
            reply = self.bend(call, await self._engine.send(call, timeout))
            self.passed.append((call, reply))
            return reply
        finally:
            self._open -= 1

    async def aclose(self) -> None:
        await self._engine.aclose()


@cache
def sandbox_app() -> Starlette:
    """One seeded sandbox a process: reads leave it as it is."""
    return create_app(now=NOW)


@dataclass
class World(Generic[P]):
    """An adapter over the sandbox, and the sandbox's books beside it."""

    wire: Wire
    changes: Mapping[str, object] = field(default_factory=dict)
    clock: Clock = field(default_factory=Clock)

    code: ClassVar[str]
    program: ClassVar[str]
    settings: ClassVar[Mapping[str, object]]
    nobody: ClassVar[str]
    malformed: ClassVar[tuple[str, ...]]
    statuses: ClassVar[Mapping[str, MemberStatus]]
    voucher_states: ClassVar[Mapping[str, VoucherStatus | None]] = {}
    basket: ClassVar[Basket | None] = None
    members_a_call: ClassVar[int] = 1
    has_token: ClassVar[bool] = True
    a_transaction: ClassVar[tuple[str, ...]] = ()
    """The key of some transaction of the persona `everywhere`."""
    nameless: ClassVar[frozenset[str]] = frozenset()
    """Reads whose answer names no member, so that nobody can tell whose it is."""

    def __post_init__(self) -> None:
        self.sandbox.frame.reset()
        self.provider: P = self.adapter()

    # ------------------------------------------------------------------ the adapter

    def adapter(self, **changes: object) -> P:
        """The adapter as the registry builds it, with connections of its own."""
        adapter = ADAPTERS[self.code]
        keys = {**_SHARED, **self.secrets(), **self.changes, **changes}
        settings = adapter.settings.model_validate(keys)
        api, token = (
            Transport(
                self.program,
                self.wire,
                policy,
                clock=self.clock,
                sleep=self.clock.sleep,
                write_engine=self.wire,
            )
            for policy in (policy_of(settings), token_policy_of(settings))
        )
        now = self.sandbox.frame.clock.now
        return cast("P", adapter.build(self.program, settings, api, token, now))

    def secrets(self) -> dict[str, object]:
        """What the program's table has beside the shared keys."""
        return dict(self.settings)

    # ------------------------------------------------------------------ the other side

    @property
    def sandbox(self) -> Sandbox:
        return cast("Sandbox", sandbox_app().state.sandbox)

    @property
    def personas(self) -> dict[str, str]:
        """Persona -> the key its member is read by."""
        known = self.sandbox.worlds[self.code].personas
        return {persona.key: self.key(persona.key) for persona in known}

    def book(self, persona: str) -> Book:
        """The sandbox's own books of a member."""
        roll = self.sandbox.worlds[self.code].personas
        number = next(each.number for each in roll if each.key == persona)
        return self.sandbox.worlds[self.code].member(number) or {}

    def key(self, persona: str) -> str:
        """The key a persona is read by."""
        return str(self.book(persona)["number"])

    def names_member(self, read: str) -> bool:
        """Whether the answer to a read says whom it is about."""
        return read not in self.nameless

    def offer_name(self, offer: Offer) -> str:
        """What the books call an offer."""
        return offer.code

    def crowd(self, count: int) -> list[str]:
        """Keys of so many members."""
        raise AssertionError(count)

    def facts(self, persona: str) -> dict[str, str]:
        """By what a persona can be found: the criteria of a lookup, and the parts of a name."""
        raise AssertionError(persona)

    def fault(self, operation: str = "*", times: int = 1, **spec: object) -> None:
        self.sandbox.frame.faults.add(self.code, operation, fault_from(spec), times)

    # ------------------------------------------------------------------ what was asked

    @property
    def calls(self) -> Counter[str]:
        """How often each operation arrived; token calls are told apart."""
        calls = self.sandbox.frame.books.calls(self.code)
        return Counter(call.operation for call in calls if call.operation != "token")

    @property
    def tokens(self) -> int:
        return len(self.sandbox.frame.books.calls(self.code, "token"))

    def forget(self) -> None:
        """Begin to count anew."""
        self.sandbox.frame.books.forget_calls()
        self.wire.passed.clear()

    @contextmanager
    def silent(self) -> Iterator[None]:
        """Nothing at all is sent meanwhile."""
        self.forget()
        yield
        assert self.calls == {}
        assert self.tokens == 0

    def secret_texts(self, persona: str) -> set[str]:
        """What no error may repeat: the host, the credentials, the member."""
        book = self.book(persona)
        told = {str(book["number"]), str(book["native_id"]), str(book["name"])}
        told |= {part for part in str(book["name"]).split() if len(part) > 3}
        own = {str(value) for name, value in self.secrets().items() if name in _SECRETS}
        return told | own | {HOST}


_SECRETS = {"api_key", "key_id", "client_secret", "private_key", "integration_id"}
_SHARED = {"environment": "SANDBOX"}


@asynccontextmanager
async def opened(kind: type[World[Any]], **changes: object) -> AsyncIterator[World[Any]]:
    """A world for the length of a `with`; `changes` are keys of the program's settings."""
    client = httpx.AsyncClient(transport=httpx.ASGITransport(sandbox_app()))
    wire = Wire(HttpxEngine(client))
    world = kind(wire, changes)
    try:
        yield world
    finally:
        world.sandbox.frame.reset()
        await client.aclose()


@contextmanager
def keys_read_once() -> Iterator[None]:
    """Reading an RSA key takes longer than a test: each is read once meanwhile."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(telluride_settings, "private_key", cache(telluride_settings.private_key))
        yield


def value(answer: Answer[T]) -> T:
    """What an answer must hold."""
    assert answer is not None
    assert not isinstance(answer, LoyaltyError), answer
    return answer


async def told(question: Awaitable[T]) -> T | LoyaltyError:
    """The answer, or the error that it raises."""
    try:
        return await question
    except LoyaltyError as error:
        return error


def can(kind: type[World[Any]], claim: Operation | type) -> bool:
    """Whether the adapter has the ability, by its class and its profile."""
    adapter = kind.__orig_bases__[0].__args__[0]  # type: ignore[attr-defined]
    if isinstance(claim, type):
        return issubclass(adapter, claim)
    profile = ADAPTERS[kind.code].profile
    protocol = ABILITIES.get(claim)
    return (
        (protocol is not None and isinstance(object.__new__(adapter), protocol))
        or claim in profile.with_member
        or claim in profile.with_balance
    )
