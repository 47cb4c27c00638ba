"""A till that writes to OneRewards through the real client; the sandbox's books are the judge."""

import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import uuid4

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from loyalty.commands import (
    Command,
    PostSale,
    SaleVoucher,
    Target,
    Tender,
)
from loyalty.errors import LoyaltyError, OutcomeUnknown
from loyalty.outcomes import Done, Posted, Redeemed, RedemptionStatus
from loyalty.refs import MemberRef, VoucherRef
from loyalty.sales import (
    DocumentReference,
    LineType,
    Outlet,
    PaymentMethod,
    SaleLine,
    SaleTotals,
)
from providers.engines import HttpxEngine
from providers.http import Policy, Transport
from providers.onerewards import ADAPTER
from providers.onerewards.client import OneRewards
from providers.onerewards.settings import Settings
from providers.writing import Beforehand, Doubt, Finished, Job, Sending, Step, Ticket, Write
from sandbox import control, onerewards
from sandbox.books import Books
from sandbox.clock import Clock
from sandbox.faults import Faults, fault_from
from sandbox.frame import Frame
from sandbox.onerewards import people
from sandbox.switches import Switches
from tests.providers.onerewards_world import settings

NOW = datetime(2025, 3, 14, 6, 30, tzinfo=UTC)  # a Friday, half past two at the company
RICH, ZERO, INACTIVE, HOLDER, AISYAH = "4801", "4802", "4803", "4810", "4821"
AISYAH_APP = "7d0c2f54-93f0-4a07-9c2e-50c5c1d5a9be"
STRANGER_APP = "MU-900001"
NOBODY = "999999"
COFFEE = "00017-00012-048101"  # HOLDER's: RM8, no minimum
USED = "00017-00019-048107"
BIG_BILL = "00017-00020-048104"  # HOLDER's: RM30 from RM300
OUTLET = Outlet("2", "PJ-02", "Kopi Corner Petaling Jaya")
SECONDS = 5.0

Script = Callable[[Job[Any, Any]], Awaitable[Any]]


def ref(number: str) -> MemberRef:
    return MemberRef("kopi", number)


def voucher(number: str = COFFEE, member: str = HOLDER) -> VoucherRef:
    return VoucherRef(ref(member), number)


def line(subtotal: str, quantity: str = "1", **parts: Any) -> SaleLine:
    return SaleLine(subtotal=Decimal(subtotal), quantity=Decimal(quantity), **parts)


def discount(amount: str) -> SaleLine:
    return SaleLine(type=LineType.DISCOUNT, subtotal=Decimal(amount))


def totals(gross: str, final: str, **parts: Any) -> SaleTotals:
    return SaleTotals(gross=Decimal(gross), final=Decimal(final), **parts)


def cash(amount: str) -> tuple[Tender, ...]:
    return (Tender(PaymentMethod.CASH, Decimal(amount)),)


def sale(member: str = RICH, document: str = "R-1", **parts: Any) -> PostSale:
    """Coffee for RM90, earning 90 points, unless said otherwise."""
    plain: dict[str, Any] = {
        "member": ref(member),
        "document": DocumentReference(document, f"No-{document}"),
        "occurred_at": NOW,
        "outlet": OUTLET,
        "lines": (line("90", "2", product_code="BEAN-500", unit_price=Decimal(45)),),
        "totals": totals("90", "90"),
        "collect": Decimal(90),
    }
    return PostSale(**(plain | parts))


def voucher_sale(number: str = COFFEE, **parts: Any) -> PostSale:
    """A sale that a voucher of RM8 pays a part of."""
    plain: dict[str, Any] = {
        "lines": (line("90"), discount("8")),
        "totals": totals("90", "82", discount=Decimal(8)),
        "collect": Decimal(82),
        "voucher": SaleVoucher(voucher(number), Decimal(8)),
    }
    return sale(HOLDER, **(plain | parts))


class Till:
    """The adapter over one company in process, whose clock stands still."""

    def __init__(self) -> None:
        self.frame = Frame(Clock(NOW), Books(), Faults(), Switches())
        self.world = onerewards.State(self.frame, 7)
        self.hands = onerewards.controls(self.frame, self.world)
        self.app = Starlette(
            routes=[
                Mount("/onerewards", routes=onerewards.routes(self.frame, self.world)),
                Mount("/__sandbox__/onerewards", routes=self.hands),
                Mount("/__sandbox__", routes=control.routes(self.frame, {"x": self.world})),
            ]
        )
        transport = httpx.ASGITransport(self.app)
        self.client = httpx.AsyncClient(transport=transport, base_url="http://sandbox.test")
        engine = HttpxEngine(self.client)
        self.api = Transport("kopi", engine, Policy(), write_engine=engine)
        self.program = self.adapter()
        self._numbers = count(1)

    def adapter(self, **writes: object) -> OneRewards:
        """An adapter whose settings assume this of writes."""
        own = {name: writes.pop(name) for name in list(writes) if name in Settings.model_fields}
        keys = settings(assumptions={"writes": writes}, **own)
        built = ADAPTER.build("kopi", keys, self.api, self.api, self.frame.clock.now)
        assert isinstance(built, OneRewards)
        return built

    def assume(self, **writes: object) -> None:
        self.program = self.adapter(**writes)

    def switch(self, **values: object) -> None:
        self.frame.switches.set({"onerewards": values})

    def fault(self, operation: str, times: int = 1, **spec: object) -> None:
        self.frame.faults.add("onerewards", operation, fault_from(spec), times)

    def wait(self, seconds: int) -> None:
        self.frame.clock.advance(seconds)

    # ------------------------------------------------------------------ doing

    def ticket(self, tries: int = 0) -> Ticket:
        return Ticket(
            operation=uuid4().hex, began_at=self.frame.clock.now(), tries=tries, number=self._number
        )

    async def _number(self, counter: str, most: int) -> int:
        del counter
        return next(self._numbers) % most + 1

    def job(self, command: Command, target: object = None, **parts: Any) -> Job[Any, Any]:
        if target is None and isinstance(command, PostSale):
            target = Beforehand()
        parts.setdefault("ticket", self.ticket())
        return Job(command=command, target=target, **parts)

    async def write(self, script: Script, command: Command, target: object = None) -> Write:
        """The first step of a script."""
        made = await script(self.job(command, target))
        assert isinstance(made, Write)
        return made

    async def send(self, write: Write, *, again: bool = False) -> Done:
        leave_by = time.monotonic() + SECONDS
        return await self.program.send(
            write, Sending(again=again, leave_by=leave_by, timeout=SECONDS)
        )

    async def run(self, script: Script, command: Command, target: object = None) -> Finished:
        """The whole script; a refused first step is raised."""
        job = self.job(command, target)
        while not isinstance(made := await script(job), Finished):
            try:
                outcome: Done | LoyaltyError = await self.send(made)
            except OutcomeUnknown:
                raise
            except LoyaltyError as refused:
                if not job.steps:
                    raise
                outcome = refused
            job = replace(job, steps=(*job.steps, Step(made, outcome)))
        return made

    async def done(self, script: Script, command: Command, target: object = None) -> Done:
        end = await self.run(script, command, target)
        assert end.done is not None, end.error
        return end.done

    async def settled(self, write: Write) -> Done | None:
        """What doubt comes to by the write's own way; None where a person must look."""
        try:
            if write.doubt is Doubt.REPLAY:
                return await self.send(write, again=True)
            if write.doubt is Doubt.LOOK:
                return await self.program.look(write, self.frame.clock.now())
        except OutcomeUnknown:
            return None
        return None

    async def posted(self, command: PostSale | None = None) -> Posted:
        """A sale that was posted through us."""
        command = command or sale()
        done = await self.done(self.program.post_sale, command)
        return Posted(operation=uuid4().hex, began_at=NOW, command=command, done=done)

    async def redeemed(self, script: Script, command: Any) -> Redeemed:
        """A redemption that was made through us."""
        done = await self.done(script, command)
        return Redeemed(
            operation=uuid4().hex,
            began_at=NOW,
            command=command,
            done=done,
            status=done.redemption or RedemptionStatus.CAPTURED,
        )

    def target(self, posted: Posted) -> Target:
        return Target(member=posted.command.member, operation=posted.operation)

    async def control(self, path: str, **body: object) -> dict[str, Any]:
        reply = await self.client.post(f"/__sandbox__/onerewards{path}", json=body)
        assert reply.is_success, reply.text
        found: dict[str, Any] = reply.json()
        return found

    async def auth_code(self, user: str = AISYAH_APP) -> str:
        return str((await self.control("/auth-code", mobileUserId=user))["authCode"])

    # ------------------------------------------------------------------ the books

    def balance(self, member: str) -> Decimal:
        return Decimal(str(self.book(member)["points"]))

    def book(self, member: str) -> dict[str, Any]:
        return self.world.member(member) or {}

    def voucher_state(self, number: str, member: str = HOLDER) -> str:
        vouchers = {each["code"]: each["state"] for each in self.book(member)["vouchers"]}
        return str(vouchers[number])

    def effects(self, member: str | None = None) -> list[tuple[str, Decimal | None]]:
        """Kind and points of every effect, oldest first."""
        found = self.frame.books.effects("onerewards", member)
        return [(effect.kind, effect.delta) for _, effect in found]

    def sent(self, operation: str) -> list[dict[str, Any]]:
        """The bodies that arrived, figures as they were written."""
        import json  # noqa: PLC0415

        calls = self.frame.books.calls("onerewards", operation)
        return [json.loads(call.body, parse_float=Decimal) for call in calls]

    @property
    def calls(self) -> list[str]:
        return [call.operation for call in self.frame.books.calls("onerewards")]

    @contextmanager
    def nothing_changes(self) -> Iterator[None]:
        before = self.effects()
        yield
        assert self.effects() == before

    @contextmanager
    def silent(self) -> Iterator[None]:
        """Nothing at all is sent meanwhile."""
        before = self.calls
        yield
        assert self.calls == before


@contextmanager
def small_crowd() -> Iterator[None]:
    """A company of sixty and the personas: a world a test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(people, "POPULATION", 60)
        yield
