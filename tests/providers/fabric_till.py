"""A till that changes things through the fabric adapter, and the tenant's books that judge it."""

import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
from starlette.applications import Starlette

from loyalty.commands import PostSale, RedeemPoints, ReturnedPart, ReturnSale, Target
from loyalty.errors import LoyaltyError, OutcomeUnknown
from loyalty.outcomes import Done, Posted, Redeemed, RedemptionStatus, Undone
from loyalty.refs import MemberRef
from loyalty.sales import DocumentReference, LineType, Outlet, SaleLine, SaleTotals
from providers.engines import HttpxEngine
from providers.fabric import Fabric
from providers.fabric.client import build
from providers.fabric.settings import FabricSettings
from providers.http import Policy, Transport
from providers.writing import Beforehand, Finished, Job, Next, Sending, Step, Ticket, Write
from sandbox.app import Sandbox
from sandbox.books import Call, Effect
from sandbox.fabric.audit import discrepancies
from sandbox.fabric.cast import ROLES
from sandbox.faults import fault_from

NOW = datetime(2026, 6, 14, 18, 30, tzinfo=UTC)
NADIA = "3b6f0c52-9d1e-4a77-8c40-5e2d91f7a6b3"
STRANGER = "00000000-0000-4000-8000-000000000000"
SETTINGS = {
    "provider": "fabric",
    "name": "Northshore Plus",
    "environment": "SANDBOX",
    "currency": "USD",
    "time_zone": "UTC",
    "base_url": "http://sandbox/fabric/api",
    "token_url": "http://sandbox/fabric/oauth2/aus7k2northshore91/v1/token",
    "client_id": "ns-loyalty",
    "client_secret": "northshore-secret",
    "club": "NORTHSHORE_PLUS",
    "store": "ONLINE",
    "point_worth": "0.05",
}
SEATTLE = Outlet("NS-SEA-04")
Ask = Callable[[Job[Any, Any]], Awaitable[Next]]


def member(persona: str = "restricted") -> MemberRef:
    key = next((role.native_id for role in ROLES if role.key == persona), persona)
    return MemberRef("northshore", key)


def line(subtotal: str, sku: str = "TEA-250", **more: Any) -> SaleLine:
    """A line; amounts may be written as text."""
    for name in ("tax", "discount", "quantity", "subtotal_ex_tax", "unit_price"):
        if isinstance(more.get(name), str):
            more[name] = Decimal(more[name])
    return SaleLine(subtotal=Decimal(subtotal), product_code=sku, **more)


TEA = line("38.88", tax="2.88", quantity="2", description="Loose tea 250 g")
MUG = line("21.92", "MUG-01", tax="1.92", discount="4.00", quantity="1", description="Mug")


def sale(
    *lines: SaleLine, document: str | DocumentReference = "NS-ORD-1", **changes: Any
) -> PostSale:
    """A sale whose totals are what its lines say; by default that of contract 4.5."""
    lines = lines or (TEA, MUG)
    goods = [each for each in lines if each.type is not LineType.DISCOUNT]
    off = sum((abs(each.subtotal) for each in lines if each.type is LineType.DISCOUNT), Decimal(0))
    discount = off + sum((each.discount or Decimal(0) for each in goods), Decimal(0))
    gross = sum((each.subtotal + (each.discount or 0) for each in goods), Decimal(0))
    tax = sum((each.tax or Decimal(0) for each in goods), Decimal(0))
    totals = SaleTotals(gross=gross, discount=discount, tax=tax, final=gross - discount)
    command = PostSale(
        member=member(),
        document=DocumentReference(document) if isinstance(document, str) else document,
        occurred_at=NOW - timedelta(minutes=8),
        outlet=SEATTLE,
        lines=lines,
        totals=totals,
    )
    return replace(command, **changes)


def returning(*parts: tuple[int, str], document: str = "NS-RET-1", **changes: Any) -> ReturnSale:
    command = ReturnSale(
        transaction=Target(member=member()),
        document=DocumentReference(document),
        occurred_at=NOW,
        lines=tuple(ReturnedPart(number, Decimal(quantity)) for number, quantity in parts),
    )
    return replace(command, **changes)


def redeeming(money: str | None = "5.00", **changes: Any) -> RedeemPoints:
    amount = None if money is None else Decimal(money)
    command = RedeemPoints(member=member(), outlet=SEATTLE, money=amount)
    return replace(command, **changes)


@dataclass
class Till:
    """The adapter as it would run, driven step by step as the desk does it."""

    sandbox: Sandbox
    http: httpx.AsyncClient
    settings: dict[str, object] = field(default_factory=dict)
    operations: int = 0
    sent: list[Write] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.fabric = self.open()

    def open(self, **changes: object) -> Fabric:
        settings = FabricSettings.model_validate({**SETTINGS, **self.settings, **changes})
        engine = HttpxEngine(self.http)
        transports = [
            Transport("northshore", engine, Policy(retries=0), write_engine=engine)
            for _ in range(2)
        ]
        return build("northshore", settings, *transports, self.sandbox.frame.clock.now)

    # ------------------------------------------------------------------ the other side

    def turn(self, **switches: object) -> None:
        self.sandbox.frame.switches.set({"fabric": switches})

    def suffer(self, operation: str, times: int = 1, **spec: object) -> None:
        self.sandbox.frame.faults.add("fabric", operation, fault_from(spec), times)

    def later(self, seconds: float) -> None:
        self.sandbox.frame.clock.advance(seconds)

    def calls(self, operation: str) -> list[Call]:
        return self.sandbox.frame.books.calls("fabric", operation)

    def body(self, operation: str) -> dict[str, Any]:
        """The last body of an operation, its numbers exact."""
        told: dict[str, Any] = json.loads(self.calls(operation)[-1].body, parse_float=Decimal)
        return told

    @property
    def effects(self) -> list[Effect]:
        return [effect for _, effect in self.sandbox.frame.books.effects("fabric")]

    @property
    def kinds(self) -> list[str]:
        """What really happened."""
        return [effect.operation for effect in self.effects]

    @property
    def moved(self) -> Decimal:
        """By how much all points moved."""
        return sum((effect.delta or Decimal(0) for effect in self.effects), Decimal(0))

    def book(self, persona: str = "restricted") -> dict[str, Any]:
        return self.sandbox.fabric.member(member(persona).key) or {}

    # ------------------------------------------------------------------ as the desk does it

    def ticket(self, operation: str | None = None, tries: int = 0) -> Ticket:
        if operation is None:
            self.operations += 1
            operation = f"{self.operations:032x}"

        async def number(counter: str, most: int) -> int:
            raise AssertionError((counter, most))

        now = self.sandbox.frame.clock.now()
        return Ticket(operation=operation, began_at=now, tries=tries, number=number)

    async def send(self, write: Write, *, again: bool = False) -> Done:
        self.sent.append(write)
        how = Sending(again=again, leave_by=time.monotonic() + 5, timeout=5)
        return await self.fabric.send(write, how)

    async def look(self, write: Write) -> Done | None:
        return await self.fabric.look(write, self.sandbox.frame.clock.now())

    async def first(self, ask: Ask, command: Any, target: Any = None) -> Write:
        """The first step, not sent."""
        step = await ask(Job(command=command, target=target, ticket=self.ticket()))
        assert isinstance(step, Write)
        return step

    async def doubtful(self, write: Write) -> None:
        """Send what will be answered in a way that proves nothing."""
        try:
            done = await self.send(write)
        except OutcomeUnknown:
            return
        raise AssertionError(done)

    async def doubtful_again(self, write: Write) -> None:
        """The same of a repeat."""
        try:
            done = await self.send(write, again=True)
        except OutcomeUnknown:
            return
        raise AssertionError(done)

    async def end(
        self, ask: Ask, command: Any, target: Any = None, ticket: Ticket | None = None
    ) -> Finished:
        """The script to its end; the refusal of its first step is its end."""
        ticket, steps = ticket or self.ticket(), ()
        while True:
            job = Job(command=command, target=target, ticket=ticket, steps=steps)
            step = await ask(job)
            if isinstance(step, Finished):
                return step
            outcome = await self._outcome(step)
            if isinstance(outcome, LoyaltyError) and not steps:
                return Finished(error=outcome)
            steps = (*steps, Step(step, outcome))

    async def _outcome(self, write: Write) -> Done | LoyaltyError:
        try:
            return await self.send(write)
        except OutcomeUnknown:
            raise
        except LoyaltyError as error:
            return error

    async def done(self, ask: Ask, command: Any, target: Any = None) -> Done:
        end = await self.end(ask, command, target)
        assert end.done is not None, end.error
        return end.done

    async def error(self, ask: Ask, command: Any, target: Any = None) -> LoyaltyError:
        """How it is refused, before or after it is sent."""
        try:
            end = await self.end(ask, command, target)
        except LoyaltyError as error:
            return error
        assert end.error is not None, end.done
        return end.error

    # ------------------------------------------------------------------ what the ledger keeps

    async def posted(self, command: PostSale | None = None) -> Posted:
        command = command or sale()
        done = await self.done(self.fabric.post_sale, command, Beforehand())
        return self.kept(command, done)

    def kept(self, command: PostSale, done: Done) -> Posted:
        now = self.sandbox.frame.clock.now()
        return Posted(operation=f"{self.operations:032x}", began_at=now, command=command, done=done)

    async def returned(self, posted: Posted, command: ReturnSale) -> Posted:
        done = await self.done(self.fabric.return_sale, command, posted)
        undone = Undone(operation=f"{self.operations:032x}", command=command, done=done)
        return replace(posted, undone=(*posted.undone, undone))

    async def held(self, command: RedeemPoints | None = None) -> Redeemed:
        command = command or redeeming(hold=True)
        done = await self.done(self.fabric.redeem_points, command)
        return self.redeemed(command, done)

    def redeemed(self, command: RedeemPoints, done: Done) -> Redeemed:
        now = self.sandbox.frame.clock.now()
        status = done.redemption or RedemptionStatus.UNDER_REVIEW
        operation = f"{self.operations:032x}"
        return Redeemed(
            operation=operation, began_at=now, command=command, done=done, status=status
        )


@asynccontextmanager
async def opened(app: Starlette) -> AsyncIterator[Till]:
    """A till over a tenant; afterwards its books are audited, and all is as it was."""
    sandbox: Sandbox = app.state.sandbox
    sandbox.frame.reset()
    sandbox.fabric.reset()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as http:
        yield Till(sandbox, http)
    assert discrepancies(sandbox.fabric) == []
    assert sandbox.frame.books.gaps("fabric") == []
    sandbox.frame.reset()
    sandbox.fabric.reset()
