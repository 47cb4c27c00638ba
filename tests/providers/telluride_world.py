"""A Telluride adapter over the sandbox, driven as the desk drives it; the books beside it judge."""

import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import cast

import httpx
from starlette.applications import Starlette

from loyalty.commands import (
    AdjustPoints,
    ClaimVoucher,
    PostSale,
    RedeemPoints,
    RedeemVoucher,
    Target,
)
from loyalty.errors import LoyaltyError, OutcomeUnknown
from loyalty.outcomes import Done, Posted, Redeemed, RedemptionStatus, Undone
from loyalty.refs import MemberRef
from loyalty.sales import DocumentReference, Outlet, SaleLine, SaleTotals
from providers.calls import Call, Reply
from providers.engines import HttpxEngine
from providers.http import Policy, Transport
from providers.telluride import ADAPTER
from providers.telluride.client import Telluride
from providers.telluride.settings import TellurideSettings
from providers.writing import Beforehand, Finished, Job, Next, Sending, Step, Ticket, Write
from sandbox.app import Sandbox, create_app
from sandbox.books import Effect
from sandbox.faults import fault_from

NOW = datetime(2026, 6, 15, 17, 0, tzinfo=UTC)
"""A Monday noon in Chicago."""

BASE = "http://sandbox.test/telluride"
TENDERS = {"CASH": "1", "CARD": "2", "POINTS": "3", "VOUCHER": "4", "OTHER": "9"}
OUTLET = Outlet("9305", register="2")
NOTHING = Beforehand()


@cache
def sandbox_app() -> Starlette:
    return create_app(now=NOW)


@cache
def _settings(key: str, changes: str) -> TellurideSettings:
    table = {
        "environment": "SANDBOX",
        "provider": "telluride",
        "name": "Shop Your Way",
        "currency": "USD",
        "time_zone": "America/Chicago",
        "base_url": BASE,
        "token_url": f"{BASE}/oauthAS/service/oAuth/token.json",
        "client_id": "EXAMPLE_SHOP",
        "private_key": key,
        "requestor_id": "LGPH",
        "tender_types": TENDERS,
    }
    return ADAPTER.settings.model_validate(table | json.loads(changes))


class Refused(Exception):
    """A mutation ended without effect; `error` is why."""

    def __init__(self, error: LoyaltyError, *, reversed_: bool = False) -> None:
        super().__init__(error.message)
        self.error = error
        self.reversed_ = reversed_


@dataclass
class World:
    """The program, its upstream, and a counter as the ledger lends it."""

    sandbox: Sandbox
    client: httpx.AsyncClient
    counters: dict[str, int] = field(default_factory=dict)
    operations: int = 0
    bend: Callable[[Call, Reply], Reply] = lambda _, reply: reply
    sent: list[Write] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.program = self.open()

    # ------------------------------------------------------------------ our side

    def open(self, **changes: object) -> Telluride:
        """The adapter as the registry builds it."""
        key = self.sandbox.telluride.private_key_pem() or ""
        engine = HttpxEngine(self.client)
        world = self

        class Bent:
            async def send(self, call: Call, timeout: float) -> Reply:  # noqa: ASYNC109 - Engine
                return world.bend(call, await engine.send(call, timeout))

            async def aclose(self) -> None:
                await engine.aclose()

        api = Transport("syw", engine, Policy(), write_engine=Bent())
        token = Transport("syw", engine, Policy(counted=False))
        clock = self.sandbox.frame.clock.now
        settings = _settings(key, json.dumps(changes))
        return cast("Telluride", ADAPTER.build("syw", settings, api, token, clock))

    async def number(self, counter: str, most: int) -> int:
        """The next value of a durable counter."""
        self.counters[counter] = self.counters.get(counter, 0) % most + 1
        return self.counters[counter]

    def ticket(self) -> Ticket:
        """What the ledger lends the next mutation."""
        self.operations += 1
        now = self.sandbox.frame.clock.now()
        return Ticket(operation=f"{self.operations:032x}", began_at=now, number=self.number)

    async def run(self, ability: Callable[[Job], Awaitable[Next]], command, target=None) -> Done:
        """Drive a mutation to its end; raises Refused, or what a lost answer raises."""
        ticket, steps = self.ticket(), ()
        while True:
            job = Job(command=command, target=target, ticket=ticket, steps=steps)
            following = await ability(job)
            if isinstance(following, Finished):
                return _ended(following)
            try:
                outcome = await self.send(following)
            except LoyaltyError as error:
                if not steps or isinstance(error, OutcomeUnknown):
                    raise
                outcome = error
            steps = (*steps, Step(following, outcome))

    async def first(self, ability: Callable[[Job], Awaitable[Next]], command, target=None) -> Write:
        """The first step of a mutation, not sent."""
        write = await ability(Job(command=command, target=target, ticket=self.ticket()))
        assert isinstance(write, Write)
        return write

    async def send(self, write: Write, *, again: bool = False) -> Done:
        self.sent.append(write)
        how = Sending(again=again, leave_by=time.monotonic() + 5, timeout=5)
        return await self.program.send(write, how)

    async def look(self, write: Write) -> Done | None:
        return await self.program.look(write, self.sandbox.frame.clock.now())

    # ------------------------------------------------------------------ what is asked

    def ref(self, persona: str) -> MemberRef:
        found = next(p for p in self.sandbox.telluride.personas if p.key == persona)
        return MemberRef("syw", found.number)

    def sale(self, persona: str = "rich", *lines: SaleLine, **changes: object) -> PostSale:
        """A sale whose totals add up."""
        sold = lines or (goods("10.00"), goods("20.00", quantity=2))
        total = sum((line.subtotal for line in sold), Decimal(0))
        off = sum((line.discount or Decimal(0) for line in sold), Decimal(0))
        made = {
            "member": self.ref(persona),
            "document": DocumentReference("INV-1"),
            "occurred_at": NOW - timedelta(minutes=5),
            "outlet": OUTLET,
            "lines": sold,
            "totals": SaleTotals(gross=total + off, final=total),
        }
        return PostSale(**(made | changes))

    async def posted(self, command: PostSale | AdjustPoints) -> Posted:
        """A sale, or an adjustment, that went through."""
        if isinstance(command, AdjustPoints):
            done = await self.run(self.program.adjust_points, command)
        else:
            done = await self.run(self.program.post_sale, command, NOTHING)
        return Posted(operation="0" * 32, began_at=NOW, command=command, done=done)

    async def redeemed(
        self, command: RedeemPoints | RedeemVoucher | ClaimVoucher, done: Done | None = None
    ) -> Redeemed:
        """A redemption that went through."""
        made = done or await self.run(self.program.redeem_points, command)
        return Redeemed(
            operation="1" * 32,
            began_at=NOW,
            command=command,
            done=made,
            status=RedemptionStatus.CAPTURED,
        )

    # ------------------------------------------------------------------ the other side

    def switch(self, **values: object) -> None:
        self.sandbox.frame.switches.set({"telluride": values})

    def fault(self, operation: str, times: int = 1, **spec: object) -> None:
        self.sandbox.frame.faults.add("telluride", operation, fault_from(spec), times)

    def own(self, persona: str) -> int:
        """The member's own points, by the sandbox's books."""
        state = self.sandbox.telluride
        account = state.world.account(self.ref(persona).key)
        assert account is not None
        return state.standing(account).own

    @property
    def effects(self) -> list[Effect]:
        """What really changed."""
        return [effect for _, effect in self.sandbox.frame.books.effects("telluride")]

    def kinds(self) -> list[str]:
        """The kinds of what really changed."""
        return [effect.kind for effect in self.effects]

    def bodies(self, operation: str) -> list[dict]:
        """What arrived."""
        calls = self.sandbox.frame.books.calls("telluride", operation)
        return [json.loads(call.body) for call in calls]

    @property
    def counts(self) -> dict[str, int]:
        """How often each operation arrived, tokens apart."""
        counts = dict(self.sandbox.frame.books.counts().get("telluride", {}))
        counts.pop("token", None)
        return counts


def _ended(end: Finished) -> Done:
    if end.done is None:
        assert end.error is not None
        raise Refused(end.error, reversed_=end.reversed_)
    return end.done


def goods(subtotal: str, **changes: object) -> SaleLine:
    """A line of goods."""
    kept = {
        name: Decimal(value) if isinstance(value, int | str) and name in _DECIMALS else value
        for name, value in changes.items()
    }
    return SaleLine(subtotal=Decimal(subtotal), **({"product_code": "20001"} | kept))


_DECIMALS = {"quantity", "discount", "tax", "subtotal_ex_tax", "unit_price"}


def at(posted: Posted) -> Target:
    """A sale as the target of a return or a void."""
    return Target(member=posted.command.member, operation=posted.operation)


def after(posted: Posted, *undone: tuple[object, Done]) -> Posted:
    """The sale with what became of it since."""
    made = tuple(
        Undone(operation=f"{place:032x}", command=command, done=done)
        for place, (command, done) in enumerate(undone, 1)
    )
    return Posted(
        operation=posted.operation,
        began_at=posted.began_at,
        command=posted.command,
        done=posted.done,
        undone=made,
    )


@asynccontextmanager
async def opened() -> AsyncIterator[World]:
    """A seeded world that ends as it began, and whose books agree with it."""
    sandbox = cast("Sandbox", sandbox_app().state.sandbox)
    sandbox.frame.reset()
    sandbox.telluride.reset()
    client = httpx.AsyncClient(transport=httpx.ASGITransport(sandbox_app()))
    try:
        yield World(sandbox, client)
        assert sandbox.telluride.audit() == []
    finally:
        sandbox.frame.reset()
        sandbox.telluride.reset()
        await client.aclose()
