"""Transactions out of the ledger: a list for a program that has none, and what others leave out."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from loyalty.commands import Tender
from loyalty.money import Money
from loyalty.outcomes import OperationStatus
from loyalty.refs import (
    CustomerRef,
    MemberRef,
    PostedRef,
    ReceiptRef,
    RedemptionRef,
    TransactionRef,
    VoucherRef,
)
from loyalty.sales import (
    LineType,
    PaymentMethod,
    Transaction,
    TransactionKind,
    TransactionLine,
    TransactionStatus,
)
from providers.port import Period
from providers.writing import Doubt
from resolvers.routing import KEY_BYTES, Ids
from tests.resolvers.desks import (
    SOLD_AT,
    World,
    bring_back,
    post,
    redeem,
    void,
    world,
)
from tests.resolvers.fake_program import MEMBER, PROGRAM, FakeProgram, Plan
from tests.resolvers.virtual_time import now, virtual

ALWAYS = Period()


async def listed(w: World, period: Period = ALWAYS) -> list[Transaction]:
    return await w.desk.sales_of(MEMBER, period)


@virtual
async def test_a_sale_is_told_with_all_that_was_handed_in() -> None:
    async with world() as w:
        cash = Tender(PaymentMethod.CASH, Decimal("12.50"))
        await w.do(post(payments=(cash,)))
        (sale,) = await listed(w)
        assert sale.ref == TransactionRef(MEMBER, ("INV-1",))
        assert (sale.kind, sale.status) == (TransactionKind.PURCHASE, TransactionStatus.POSTED)
        assert sale.occurred_at == SOLD_AT
        assert sale.native_id == "n1"
        assert sale.document == post().document
        assert sale.total == Money(Decimal("12.50"), "MYR")
        assert sale.lines is not None
        assert sale.lines[0] == TransactionLine(
            sequence=1,
            type=LineType.NORMAL,
            subtotal=Money(Decimal("10.00"), "MYR"),
            product_code="A",
            quantity=Decimal(4),
        )
        assert sale.payments is not None
        assert sale.payments[0].amount == Money(Decimal("12.50"), "MYR")


@virtual
async def test_the_status_follows_what_became_of_it() -> None:
    async with world() as w:
        operation = w.record(await w.do(post())).id
        await w.do(bring_back(operation, (1, "1")))
        back, sale = sorted(await listed(w), key=lambda t: t.kind, reverse=True)
        assert sale.status is TransactionStatus.PARTLY_REVERSED
        assert back.kind is TransactionKind.RETURN
        assert back.lines is not None
        assert back.lines[0].subtotal == Money(Decimal("2.50"), "MYR")
        assert back.lines[0].type is LineType.RETURN
        await w.do(bring_back(operation, (1, "3"), (2, "1"), document="RET-2"))
        statuses = {t.document.id: t.status for t in await listed(w) if t.document}
        assert statuses["INV-1"] is TransactionStatus.VOIDED
        second = w.record(await w.do(post("INV-2"))).id
        await w.do(void(second))
        statuses = {t.document.id: t.status for t in await listed(w) if t.document}
        assert statuses["INV-2"] is TransactionStatus.VOIDED
        assert len(await listed(w)) == 5


@virtual
async def test_what_is_not_settled_is_told_as_such_and_what_was_refused_not_at_all() -> None:
    plans = [Plan.LOST_WITHOUT_EFFECT, Plan.REFUSED]
    async with world(FakeProgram(doubt=Doubt.LOOK, plans=plans)) as w:
        told = await w.do(post())
        await w.do(post("INV-2"))
        (sale,) = await listed(w)
        assert sale.status is TransactionStatus.SETTLING
        assert sale.ref == PostedRef(MEMBER, w.record(told).id)
        await w.quiet()
        (sale,) = await listed(w)
        assert sale.status is TransactionStatus.UNDER_REVIEW


@virtual
async def test_a_list_is_newest_first_within_its_period_and_of_one_member() -> None:
    async with world() as w:
        for number in range(4):
            at = SOLD_AT - timedelta(days=number)
            told = await w.do(post(f"INV-{number}", occurred_at=at))
            assert told.status is OperationStatus.SUCCEEDED
        await w.do(post("OTHER", member=MemberRef(PROGRAM, "8")))
        documents = [t.document.id for t in await listed(w) if t.document]
        assert documents == ["INV-0", "INV-1", "INV-2", "INV-3"]
        period = Period(SOLD_AT - timedelta(days=2), SOLD_AT - timedelta(days=1))
        documents = [t.document.id for t in await listed(w, period) if t.document]
        assert documents == ["INV-1", "INV-2"]


@virtual
async def test_a_redemption_is_in_the_list_too() -> None:
    async with world() as w:
        await w.do(redeem())
        (entry,) = await listed(w)
        assert entry.kind is TransactionKind.REDEMPTION


@virtual
async def test_a_providers_transaction_gets_what_only_we_know() -> None:
    async with world() as w:
        operation = w.record(await w.do(post())).id
        ours = TransactionRef(MEMBER, ("INV-1",))
        bare = Transaction(
            ref=ours,
            kind=TransactionKind.PURCHASE,
            status=TransactionStatus.POSTED,
            occurred_at=SOLD_AT,
            fetched_at=now(),
            total=Money(Decimal("12.49"), "MYR"),
        )
        foreign = replace(bare, ref=TransactionRef(MEMBER, ("elsewhere",)))
        full, same = await w.desk.completed(MEMBER, [bare, foreign])
        assert same == foreign
        assert full.lines is not None
        assert full.document is not None
        assert full.total == bare.total
        await w.do(void(operation))
        (full,) = await w.desk.completed(MEMBER, [bare])
        assert full.status is TransactionStatus.VOIDED
        assert await w.desk.completed(MEMBER, []) == []


@virtual
async def test_one_transaction_is_found_by_either_name() -> None:
    async with world() as w:
        operation = w.record(await w.do(post())).id
        by_ours = await w.desk.transaction(PostedRef(MEMBER, operation))
        by_theirs = await w.desk.transaction(TransactionRef(MEMBER, ("INV-1",)))
        assert by_ours == by_theirs
        assert by_ours is not None
        other = MemberRef(PROGRAM, "8")
        assert await w.desk.transaction(PostedRef(other, operation)) is None
        assert await w.desk.transaction(TransactionRef(MEMBER, ("none",))) is None


@virtual
async def test_what_a_sale_has_to_do_with_others() -> None:
    async with world() as w:
        held = w.record(await w.do(redeem(hold=True))).id
        operation = w.record(await w.do(post(redemptions=(held,)))).id
        back = w.record(await w.do(bring_back(operation, (1, "1")))).id
        links = await w.desk.links(PostedRef(MEMBER, operation))
        assert links.redemptions == (RedemptionRef(MEMBER, held),)
        assert links.reversed_by == (TransactionRef(MEMBER, ("RET-1",)),)
        assert links.reverses is None
        back_links = await w.desk.links(PostedRef(MEMBER, back))
        assert back_links.reverses == TransactionRef(MEMBER, ("INV-1",))


def test_ids_of_what_only_we_know_open_again() -> None:
    ids = Ids([b"k" * KEY_BYTES])
    operation = "0190" * 8
    references = [
        PostedRef(MEMBER, operation),
        RedemptionRef(MEMBER, operation),
        ReceiptRef(operation),
        CustomerRef("c1"),
        VoucherRef(MEMBER, operation),
    ]
    texts = [ids.of(reference) for reference in references]
    assert len(set(texts)) == len(references)
    assert [ids.reference(text) for text in texts] == references
    assert [ids.member(text) for text in texts] == [None] * len(references)
