"""A desk on a program and a journal of the tests, in virtual time."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from decimal import Decimal

from ledger.journal import Record, State
from loyalty.commands import (
    AuthorizeRedemption,
    CaptureRedemption,
    Command,
    PostSale,
    RedeemPoints,
    RedeemVoucher,
    ReturnedPart,
    ReturnSale,
    Target,
    VoidRedemption,
    VoidSale,
)
from loyalty.operations import Environment
from loyalty.programs import Program
from loyalty.refs import MemberRef, VoucherRef
from loyalty.sales import DocumentReference, Outlet, SaleLine, SaleTotals
from resolvers.accounts import Account, Accounts
from resolvers.callers import Caller
from resolvers.desk import Desk
from resolvers.office import Clocks
from resolvers.pace import Pace
from resolvers.receipts import Told
from resolvers.reconcile import Resolver
from tests.resolvers.fake_program import MEMBER, PROGRAM, FakeProgram
from tests.resolvers.memory_journal import MemoryJournal
from tests.resolvers.virtual_time import now

ANN = Caller(scope="ann")
BOB = Caller(scope="bob")
OUTLET = Outlet("K1")
SOLD_AT = datetime(2026, 5, 4, 19, 58, tzinfo=timezone(timedelta(hours=8)))


def clocks() -> Clocks:
    return Clocks(
        monotonic=asyncio.get_running_loop().time,
        now=now,
        sleep=asyncio.sleep,
        random=lambda: 0.5,
    )


def account(provider: FakeProgram) -> Account:
    program = Program(
        provider.program, "Shop", "fake", "MYR", "Asia/Kuala_Lumpur", Environment.SANDBOX
    )
    return Account(program, provider)


@dataclass
class World:
    """One program, one journal, one server and its resolver."""

    program: FakeProgram
    journal: MemoryJournal
    desk: Desk
    resolver: Resolver
    changed: list[MemberRef] = field(default_factory=list)
    keys: int = 0

    async def do(self, command: Command, key: str | None = None, caller: Caller = ANN) -> Told:
        self.keys += 1
        return await self.desk.do(
            caller, key or f"key-of-the-test-{self.keys}", command, f"trace-{self.keys}"
        )

    def record(self, told: Told) -> Record:
        assert told.receipt is not None, told.errors
        return self.journal.records[told.receipt.operation]

    def states(self) -> list[State]:
        return [record.state for record in self.journal.records.values()]

    def whys(self, told: Told) -> list[str]:
        return [event.why for event in self.journal.history_of[self.record(told).id]]

    async def quiet(self, seconds: float = 3 * 3600.0) -> None:
        """Let time pass."""
        await asyncio.sleep(seconds)


@asynccontextmanager
async def world(
    program: FakeProgram | None = None, *, pace: Pace | None = None, resolving: bool = True
) -> AsyncGenerator[World]:
    program = program or FakeProgram()
    journal = MemoryJournal(now)
    changed: list[MemberRef] = []
    desk = Desk(
        Accounts([account(program)]), journal, pace=pace, clocks=clocks(), changed=changed.append
    )
    resolver = Resolver(desk)
    running = asyncio.create_task(resolver.run()) if resolving else None
    try:
        yield World(program, journal, desk, resolver, changed)
    finally:
        if running is not None:
            running.cancel()
        await desk.aclose()


def post(document: str = "INV-1", *, member: MemberRef = MEMBER, **more: object) -> PostSale:
    amount = Decimal("12.50")
    fields: dict[str, object] = {
        "member": member,
        "document": DocumentReference(document),
        "occurred_at": SOLD_AT,
        "outlet": OUTLET,
        "lines": (
            SaleLine(subtotal=Decimal("10.00"), quantity=Decimal(4), product_code="A"),
            SaleLine(subtotal=Decimal("2.50"), product_code="B"),
        ),
        "totals": SaleTotals(gross=amount, final=amount),
        "collect": Decimal(12),
    }
    return PostSale(**{**fields, **more})  # type: ignore[arg-type]


def void(operation: str) -> VoidSale:
    return VoidSale(transaction=Target(member=MEMBER, operation=operation))


def bring_back(operation: str, *parts: tuple[int, str], document: str = "RET-1") -> ReturnSale:
    return ReturnSale(
        transaction=Target(member=MEMBER, operation=operation),
        document=DocumentReference(document),
        occurred_at=SOLD_AT,
        lines=tuple(ReturnedPart(sequence, Decimal(quantity)) for sequence, quantity in parts),
    )


def redeem(*, hold: bool = False) -> RedeemPoints:
    return RedeemPoints(member=MEMBER, outlet=OUTLET, points=Decimal(5), hold=hold)


def use(voucher: VoucherRef) -> RedeemVoucher:
    return RedeemVoucher(voucher=voucher, outlet=OUTLET)


def capture(operation: str) -> CaptureRedemption:
    return CaptureRedemption(member=MEMBER, redemption=operation)


def give_back(operation: str) -> VoidRedemption:
    return VoidRedemption(member=MEMBER, redemption=operation)


def authorize(code: str = "123456") -> AuthorizeRedemption:
    return AuthorizeRedemption(program=PROGRAM, code=code)
