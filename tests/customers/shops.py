"""An installation with a shop at work: a configuration, a ledger, and mutations that get stuck."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import cast
from uuid import uuid4

from graph import demo
from graph.app import connected, opened_ledger
from graph.settings import Settings, key_bytes, load
from ledger.journal import Change, Journal, Record, State
from loyalty.commands import Command, LinkMembership, PostSale, ProfileChanges, UpdateMember
from loyalty.refs import CustomerRef, MemberRef
from loyalty.sales import DocumentReference, Outlet, SaleLine, SaleTotals
from providers.registry import ADAPTERS
from resolvers.callers import Caller
from resolvers.desk import Desk
from resolvers.pace import Pace
from resolvers.receipts import Told
from resolvers.routing import Ids
from sandbox.app import Sandbox
from sandbox.app import create_app as create_sandbox
from sandbox.faults import fault_from
from sandbox.server import listening

RICH = MemberRef("kopi", "4801")
EVERYWHERE = MemberRef("kopi", "4821")
NORTH = MemberRef("northshore", "fab00000-0000-4000-8000-070410002321")
"""Somebody whose key is long enough to be searched for among bytes."""
TILL = Caller(scope="till")
FAST = Pace(scale=0.05, answer=20.0)
"""In-process time runs fast, so that what is stuck is due soon."""


@dataclass(frozen=True, slots=True)
class Shop:
    """A configuration in a file, and the sandbox that it speaks to."""

    config: Path
    settings: Settings
    sandbox: Sandbox

    @property
    def ids(self) -> Ids:
        return Ids([key_bytes(key) for key in self.settings.server.id_keys])

    def customer_id(self, customer: str) -> str:
        return self.ids.of(CustomerRef(customer))

    @asynccontextmanager
    async def journal(self) -> AsyncIterator[Journal]:
        async with opened_ledger(self.settings.ledger) as journal:
            yield journal

    @asynccontextmanager
    async def desk(self) -> AsyncIterator[Desk]:
        async with self.journal() as journal, connected(self.settings.programs) as accounts:
            desk = Desk(accounts, journal, pace=FAST)
            yield desk
            await desk.aclose()

    async def did(self, command: Command, key: str | None = None) -> Told:
        async with self.desk() as desk:
            return await desk.do(TILL, key or str(uuid4()), command, "trace")

    async def linked(self, member: MemberRef, customer: str | None = None) -> str:
        """The customer that has the membership now."""
        told = await self.did(LinkMembership(member=member, customer=customer, operator="till"))
        assert told.errors == ()
        async with self.journal() as journal:
            found = await journal.customers.of_member(member)
        assert found is not None
        return found.id

    async def stuck(self, document: str, *, applied: bool = True) -> Record:
        """A sale whose answer was lost, and maybe the sale itself."""
        self.fault("post_transaction", drop="after" if applied else "before", times=1)
        told = await self.did(sale(document))
        assert told.receipt is not None
        async with self.journal() as journal:
            record = await journal.get(told.receipt.operation)
            assert record is not None
            assert record.state is State.IN_DOUBT, record
            past = Change(
                state=State.IN_DOUBT, why="as if its fence were over", next_at=datetime.now(UTC)
            )
            return await journal.change(record, past)

    async def reviewed(self, document: str) -> Record:
        """A sale that no machine can settle any more."""
        record = await self.stuck(document)
        async with self.journal() as journal:
            why = "looked: it may be there, or another"
            record = await journal.change(record, Change(state=State.NEEDS_REVIEW, why=why))
            await journal.note(record.id, "evidence", b'{"looks": 3, "seen": "nothing"}', "graph")
        return record

    async def record(self, operation: str) -> Record:
        async with self.journal() as journal:
            found = await journal.get(operation)
        assert found is not None
        return found

    def fault(self, operation: str, *, times: int = 1000, **spec: object) -> None:
        self.sandbox.frame.faults.add("onerewards", operation, fault_from(spec), times)

    def sales(self, document: str) -> int:
        """How many sales of this document the sandbox's books have."""
        effects = self.sandbox.frame.books.effects("onerewards")
        return sum(
            (effect.operation, effect.reference) == ("post_transaction", document)
            for _, effect in effects
        )


def sale(document: str, member: MemberRef = RICH) -> PostSale:
    """Coffee for ten."""
    ten = Decimal("10.00")
    coffee = SaleLine(product_code="COFFEE", quantity=Decimal(1), unit_price=ten, subtotal=ten)
    is_kopi = member.program == "kopi"
    return PostSale(
        member=member,
        document=DocumentReference(document),
        occurred_at=datetime.now(UTC),
        outlet=Outlet("HQ" if is_kopi else "ONLINE"),
        lines=(coffee,),
        totals=SaleTotals(gross=ten, final=ten),
        collect=Decimal(10) if is_kopi else None,
    )


def renamed(name: str, member: MemberRef) -> UpdateMember:
    return UpdateMember(member=member, profile=ProfileChanges(given_name=name))


@contextmanager
def shop(folder: Path, ledger: str) -> Iterator[Shop]:
    """A shop with a sandbox of its own; the ledger is at this URL."""
    home = folder / ".loyalty"
    demo.keys(home)
    app = create_sandbox(telluride_public_key=demo.public_key(home))
    with listening(app) as url:
        config = demo.prepare(home, sandbox=url, port=0)
        text = config.read_text("utf-8")
        assert "sqlite:///loyalty.db" in text
        config.write_text(text.replace("sqlite:///loyalty.db", ledger), "utf-8")
        kinds = {code: adapter.settings for code, adapter in ADAPTERS.items()}
        yield Shop(config, load(config, kinds, {}), cast("Sandbox", app.state.sandbox))
