"""Sales through the fabric adapter, judged by the tenant's books."""

from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal

import pytest
from starlette.applications import Starlette

from loyalty.commands import (
    AdjustPoints,
    SaleVoucher,
    Settlement,
    Target,
    Tender,
    VoidSale,
)
from loyalty.errors import Declined, ErrorCode, InvalidInput, MemberNotFound, Unsupported
from loyalty.operations import Operation
from loyalty.outcomes import CautionCode, RedemptionStatus
from loyalty.points import PointsState
from loyalty.refs import VoucherRef
from loyalty.sales import DocumentReference, LineType, Outlet, PaymentMethod
from providers.writing import Beforehand, Doubt, Finished, Job, Step, Write
from sandbox.app import create_app
from tests.providers.fabric_till import (
    NADIA,
    NOW,
    STRANGER,
    TEA,
    Till,
    line,
    member,
    opened,
    redeeming,
    returning,
    sale,
)

NOBODY = Beforehand()
VOID = VoidSale(transaction=Target(member=member()))


@pytest.fixture(scope="module")
def app() -> Starlette:
    return create_app(now=NOW)


@pytest.fixture
async def till(app: Starlette) -> AsyncIterator[Till]:
    async with opened(app) as made:
        yield made


# ---------------------------------------------------------------- posting


async def test_a_sale_is_sent_with_the_amounts_of_the_contract(till: Till) -> None:
    done = await till.done(till.fabric.post_sale, sale(operator="pos-17"), NOBODY)
    body = till.body("earn")
    assert {name: body[name] for name in body if name.endswith(("Amount", "Paid", "Tax"))} == {
        "transactionGrossAmount": Decimal("64.80"),
        "totalAmountPaid": Decimal("60.80"),
        "totalTax": Decimal("4.80"),
        "netAmount": 56,
    }
    assert (body["discountValue"], body["checkForDuplicateTransaction"]) == (4, 1)
    assert body["transactionExternalReference"] == "NS-ORD-1"
    assert body["activityTimestamp"] == "2026-06-14 18:22:00"
    assert body["issueAuditUser"] == f"op:{till.operations:032x} pos-17"
    tea, mug = body["transactionItems"]
    assert (tea["itemPrice"], tea["itemQuantity"], tea["netAmount"]) == (18, 2, 36)
    assert (mug["itemPrice"], mug["grossAmount"], mug["totalAmountPaid"]) == (
        24,
        Decimal("25.92"),
        Decimal("21.92"),
    )
    assert [each["value"] for each in body["discounts"]] == [4]
    assert till.kinds == ["earn"]
    assert till.moved == 56
    assert done.effect is not None
    assert (done.effect.earned, done.effect.state) == (56, PointsState.AVAILABLE)
    assert done.effect.balance_after is None  # the provider's counts pending and restricted points
    assert done.cautions == ()


async def test_a_posted_sale_is_read_back_by_what_it_is_known_as(till: Till) -> None:
    done = await till.done(till.fabric.post_sale, sale(), NOBODY)
    assert done.transaction is not None
    found = await till.fabric.transaction(NADIA, done.transaction.key)
    assert found is not None
    assert (found.ref, found.native_id) == (done.transaction, done.native_id)
    assert [each.sequence for each in found.lines or ()] == [1, 2]


async def test_a_pending_sale_earns_what_cannot_be_spent_yet(till: Till) -> None:
    done = await till.done(till.fabric.post_sale, sale(settlement=Settlement.PENDING), NOBODY)
    assert done.effect is not None
    assert done.effect.state is PointsState.PENDING
    assert till.book()["pending"] == "56.00"


async def test_a_discount_line_is_a_discount_on_the_whole(till: Till) -> None:
    off = line("-10.00", type=LineType.DISCOUNT, description="Ten off")
    await till.done(till.fabric.post_sale, sale(TEA, off), NOBODY)
    body = till.body("earn")
    assert len(body["transactionItems"]) == 1
    assert body["discounts"] == [
        {"id": 0, "value": 10, "type": "discount", "description": "Ten off"}
    ]
    assert (body["discountValue"], body["totalAmountPaid"]) == (10, Decimal("28.88"))


@pytest.mark.parametrize(
    ("quantity", "subtotal"), [("0.5", "10.00"), ("2.5", "10.00"), ("3", "10.00")]
)
async def test_what_has_no_even_price_is_sent_as_one_piece(
    till: Till, quantity: str, subtotal: str
) -> None:
    done = await till.done(till.fabric.post_sale, sale(line(subtotal, quantity=quantity)), NOBODY)
    (item,) = till.body("earn")["transactionItems"]
    assert (item["itemQuantity"], item["itemPrice"]) == (1, 10)
    assert [each.code for each in done.cautions] == [CautionCode.FIELD_NOT_SENT]
    assert "lines.0.quantity" in done.cautions[0].message


async def test_the_tax_of_the_lines_counts_where_the_totals_tell_none(till: Till) -> None:
    command = sale()
    command = replace(command, totals=replace(command.totals, tax=Decimal(0)))
    await till.done(till.fabric.post_sale, command, NOBODY)
    assert till.body("earn")["totalTax"] == Decimal("4.80")
    assert till.moved == 56


async def test_a_reward_that_pays_is_named_in_the_sale(till: Till) -> None:
    held = await till.held()
    done = await till.done(
        till.fabric.post_sale, sale(redemptions=("1",)), Beforehand(redemptions=(held,))
    )
    assert till.body("earn")["redemptionCode"] == [held.done.native["code"]]
    assert done.redemption is None
    voided = replace(held, status=RedemptionStatus.VOIDED)
    error = await till.error(till.fabric.post_sale, sale(), Beforehand(redemptions=(voided,)))
    assert (error.code, error.field) == (
        ErrorCode.REDEMPTION_NOT_OPEN,
        ("input", "redemptionIds", "0"),
    )
    other = sale(member=member("rich"))
    error = await till.error(till.fabric.post_sale, other, Beforehand(redemptions=(held,)))
    assert error.code is ErrorCode.REDEMPTION_NOT_FOUND


async def test_what_has_no_place_is_told(till: Till) -> None:
    command = sale(
        document=DocumentReference("NS-ORD-1", "R-17"),
        outlet=Outlet("NS-SEA-04", "Seattle", register="3"),
        payments=(Tender(PaymentMethod.CARD, Decimal("60.80")),),
        receipt="receipt",
    )
    done = await till.done(till.fabric.post_sale, command, NOBODY)
    assert {each.message.split(":")[0] for each in done.cautions} == {
        "document.number",
        "outlet.name",
        "outlet.register",
        "payments",
        "receiptId",
    }


# ---------------------------------------------------------------- refused before anything is sent


def _totals(**changes: str) -> dict[str, object]:
    totals = replace(sale().totals, **{name: Decimal(text) for name, text in changes.items()})
    return {"totals": totals}


REFUSED = [
    ({"collect": Decimal(5)}, InvalidInput, ("points", "collect")),
    ({"redeem": Decimal(5)}, Unsupported, ("points", "redeem")),
    ({"voucher": SaleVoucher(VoucherRef(member(), NADIA), Decimal(5))}, Unsupported, ("voucher",)),
    (_totals(final="61.80", service_charge="1.00"), Unsupported, ("totals", "serviceCharge")),
    (_totals(final="61.80", service_tax="1.00"), Unsupported, ("totals", "serviceTax")),
    (_totals(final="60.85", rounding="0.05"), Unsupported, ("totals", "rounding")),
    (_totals(gross="65.80", final="61.80"), InvalidInput, ("totals", "gross")),
    (_totals(final="60.00"), InvalidInput, ("totals", "final")),
    (_totals(tax="60.80"), InvalidInput, ("totals", "final")),
    (_totals(tax="0.005"), InvalidInput, ("totals", "tax")),
    ({"outlet": Outlet("NS")}, InvalidInput, ("outlet", "code")),
    ({"outlet": Outlet("NS-" * 6)}, InvalidInput, ("outlet", "code")),
    ({"operator": "x" * 151}, InvalidInput, ("operator",)),
    ({"document": DocumentReference("x" * 91)}, InvalidInput, ("document", "id")),
    ({"document": DocumentReference(" ")}, InvalidInput, ("document", "id")),
    ({"document": DocumentReference("NS~1")}, InvalidInput, ("document", "id")),
    ({"document": DocumentReference("NS~r12")}, InvalidInput, ("document", "id")),
    ({"member": member("nonsense")}, MemberNotFound, ("memberId",)),
]


@pytest.mark.parametrize(("changes", "kind", "field"), REFUSED, ids=lambda each: str(each)[:40])
async def test_what_cannot_be_posted_is_refused_and_nothing_is_sent(
    till: Till, changes: dict[str, object], kind: type, field: tuple[str, ...]
) -> None:
    error = await till.error(till.fabric.post_sale, sale(**changes), NOBODY)
    assert isinstance(error, kind)
    assert (error.field, error.program) == (("input", *field), "northshore")
    assert till.calls("earn") == []
    assert till.effects == []


@pytest.mark.parametrize("tries", [0, 1, 999])
async def test_the_longest_document_is_as_long_as_is_told(till: Till, tries: int) -> None:
    ticket = replace(till.ticket(), tries=tries)
    for length, is_taken in ((90, True), (91, False)):
        asked = Job(
            command=sale(document=DocumentReference("x" * length)), target=NOBODY, ticket=ticket
        )
        if is_taken:
            assert isinstance(await till.fabric.post_sale(asked), Write)
            continue
        with pytest.raises(InvalidInput) as caught:
            await till.fabric.post_sale(asked)
        assert "90" in caught.value.message


LINES = [
    (line("10.00", type=LineType.RETURN), ("lines", "0", "type"), ErrorCode.NOT_SUPPORTED),
    (line("10.00", type=LineType.TRADE_IN), ("lines", "0", "type"), ErrorCode.NOT_SUPPORTED),
    (line("10.00", sku=""), ("lines", "0", "productCode"), ErrorCode.INVALID_INPUT),
    (line("10.00", tax="-1.00"), ("lines", "0", "tax"), ErrorCode.INVALID_INPUT),
    (line("10.00", tax="10.01"), ("lines", "0", "tax"), ErrorCode.INVALID_INPUT),
    (line("10.00", discount="-1.00"), ("lines", "0", "discount"), ErrorCode.INVALID_INPUT),
    (line("10.005"), ("lines", "0", "subtotal"), ErrorCode.INVALID_INPUT),
    (
        line("10.00", tax="1.00", subtotal_ex_tax="8.00"),
        ("lines", "0", "subtotal"),
        ErrorCode.TOTALS_DO_NOT_ADD_UP,
    ),
]


@pytest.mark.parametrize(("wrong", "field", "code"), LINES, ids=lambda each: str(each)[:40])
async def test_the_offending_line_is_named(
    till: Till, wrong: object, field: tuple[str, ...], code: ErrorCode
) -> None:
    assert isinstance(wrong, type(TEA))
    command = sale()
    totals = replace(command.totals, gross=wrong.subtotal, final=wrong.subtotal, discount=None)
    goods = replace(wrong, type=LineType.NORMAL)
    if wrong.type is LineType.NORMAL:
        totals = sale(goods).totals
        totals = replace(totals, tax=Decimal(0))
    error = await till.error(
        till.fabric.post_sale, replace(command, lines=(wrong,), totals=totals), NOBODY
    )
    assert (error.code, error.field) == (code, ("input", *field))
    assert till.calls("earn") == []


async def test_taking_goods_back_names_another_way(till: Till) -> None:
    command = replace(sale(), lines=(line("10.00", type=LineType.RETURN),))
    error = await till.error(till.fabric.post_sale, command, NOBODY)
    assert isinstance(error, Unsupported)
    assert error.alternatives == (Operation.TRANSACTION_RETURN,)


# ---------------------------------------------------------------- refused by the provider


async def test_an_unknown_member_store_and_document_are_told_apart(till: Till) -> None:
    await till.posted()
    for changes, code, field in (
        (
            {"member": member(STRANGER), "document": DocumentReference("A")},
            "MEMBER_NOT_FOUND",
            None,
        ),
        (
            {"outlet": Outlet("NOWHERE"), "document": DocumentReference("B")},
            "INVALID_INPUT",
            "outlet",
        ),
        ({}, "DUPLICATE", "document"),
    ):
        error = await till.error(till.fabric.post_sale, sale(**changes), NOBODY)
        assert error.code == code
        assert field is None or (error.field is not None and error.field[:2] == ("input", field))
    assert till.kinds == ["earn"]


async def test_a_closed_account_is_not_active(till: Till) -> None:
    till.turn(closed_accounts="refused")
    error = await till.error(till.fabric.post_sale, sale(member=member("inactive")), NOBODY)
    assert error.code is ErrorCode.MEMBER_NOT_ACTIVE
    assert till.effects == []


@pytest.mark.parametrize("switch", [{"failures_in_ok": True}, {"duplicate_text": "Nope."}])
async def test_a_refusal_is_one_however_it_is_worded(till: Till, switch: dict[str, object]) -> None:
    await till.posted()
    till.turn(**switch)
    error = await till.error(till.fabric.post_sale, sale(), NOBODY)
    assert error.code in {ErrorCode.DUPLICATE, ErrorCode.PROVIDER_ERROR}
    assert till.kinds == ["earn"]


async def test_a_document_refused_once_is_known_by_another_reference(till: Till) -> None:
    ticket = till.ticket()
    ticket = replace(ticket, tries=2)
    end = await till.end(till.fabric.post_sale, sale(), NOBODY, ticket)
    assert end.done is not None
    assert till.body("earn")["transactionExternalReference"] == "NS-ORD-1~2"
    assert till.sent[-1].reference == "NS-ORD-1~2"


@pytest.mark.parametrize("before", ["NS-ORD-1", "NS-ORD-1~1"])
async def test_a_document_that_is_there_is_not_posted_by_another_reference(
    till: Till, before: str
) -> None:
    tries = before.count("~")
    await till.end(till.fabric.post_sale, sale(), NOBODY, replace(till.ticket(), tries=tries))
    with pytest.raises(Declined) as refused:
        await till.end(till.fabric.post_sale, sale(), NOBODY, replace(till.ticket(), tries=2))
    assert refused.value.code is ErrorCode.DUPLICATE
    assert till.kinds == ["earn"]


# ---------------------------------------------------------------- voiding


async def test_a_void_takes_back_all_points(till: Till) -> None:
    posted = await till.posted()
    before = till.book()["points"]
    done = await till.done(till.fabric.void_sale, VOID, posted)
    body = till.body("reverse_earn")
    assert body["reverseTransactionExternalRef"] == "NS-ORD-1"
    assert (body["transactionGrossAmount"], body["netAmount"]) == (Decimal("-64.80"), -56)
    assert (body["discountValue"], body["totalTax"]) == (-4, Decimal("-4.80"))
    assert (till.kinds, till.moved) == (["earn", "reverse_earn"], 0)
    assert done.effect is not None
    assert done.effect.adjusted == -56
    assert before != till.book()["points"]


async def test_a_sale_is_voided_only_once(till: Till) -> None:
    posted = await till.posted()
    await till.done(till.fabric.void_sale, VOID, posted)
    error = await till.error(till.fabric.void_sale, VOID, posted)
    assert error.code is ErrorCode.ALREADY_VOIDED
    assert (till.kinds, till.moved) == (["earn", "reverse_earn"], 0)


async def test_two_voids_never_have_the_same_reference(till: Till) -> None:
    posted = await till.posted()
    one = await till.first(till.fabric.void_sale, VOID, posted)
    other = await till.first(till.fabric.void_sale, VOID, posted)
    assert one.reference != other.reference
    assert one.serial == other.serial is not None


async def test_a_void_says_that_redemptions_stay(till: Till) -> None:
    held = await till.held()
    command = sale(redemptions=("1",))
    done = await till.done(till.fabric.post_sale, command, Beforehand(redemptions=(held,)))
    void = await till.done(till.fabric.void_sale, VOID, till.kept(command, done))
    assert [each.code for each in void.cautions] == [CautionCode.OTHER]


async def test_a_correction_is_not_voided_but_corrected(till: Till) -> None:
    correction = AdjustPoints(member=member(), delta=Decimal(5), reason="4102")
    done = await till.done(till.fabric.adjust_points, correction)
    posted = till.kept(sale(), done)
    error = await till.error(till.fabric.void_sale, VOID, replace(posted, command=correction))
    assert isinstance(error, Unsupported)
    assert error.alternatives == (Operation.POINTS_ADJUST,)


async def test_points_that_were_spent_keep_a_sale_from_being_voided_where_they_do(
    till: Till,
) -> None:
    command = sale(line("200.00"), member=member("zero"))
    done = await till.done(till.fabric.post_sale, command, NOBODY)
    await till.done(till.fabric.redeem_points, redeeming("10.00", member=member("zero")))
    till.turn(reverse_after_spend="refused")
    before = till.moved
    error = await till.error(till.fabric.void_sale, VOID, till.kept(command, done))
    assert error.code is ErrorCode.PROVIDER_ERROR
    assert till.moved == before


# ---------------------------------------------------------------- what comes back


async def test_a_partial_return_takes_all_back_and_earns_the_rest_anew(till: Till) -> None:
    posted = await till.posted()
    done = await till.done(
        till.fabric.return_sale, returning((1, "1"), reason="too sweet", operator="care-3"), posted
    )
    assert till.kinds == ["earn", "reverse_earn", "earn"]
    assert till.moved == 38
    back, anew = till.body("reverse_earn"), till.body("earn")
    assert back["transactionExternalReference"] == "NS-RET-1"
    assert (back["reasonDescription"], back["cancelAuditUser"]) == ("too sweet", "care-3")
    assert anew["transactionExternalReference"] == "NS-ORD-1~r1"
    assert anew["activityTimestamp"] == "2026-06-14 18:22:00"
    assert [each["itemQuantity"] for each in anew["transactionItems"]] == [1, 1]
    assert anew["transactionGrossAmount"] == Decimal("45.36")
    assert done.effect is not None
    assert done.effect.adjusted == -18
    assert [ref.key[0] for ref in done.parts] == ["NS-ORD-1~r1"]


async def test_a_full_return_is_a_reverse_only(till: Till) -> None:
    posted = await till.posted()
    await till.done(till.fabric.return_sale, returning((1, "2"), (2, "1")), posted)
    assert (till.kinds, till.moved) == (["earn", "reverse_earn"], 0)


async def test_returns_follow_each_other_until_nothing_is_left(till: Till) -> None:
    posted = await till.posted()
    posted = await till.returned(posted, returning((1, "1"), document="R1"))
    posted = await till.returned(posted, returning((2, "1"), document="R2"))
    assert till.body("reverse_earn")["reverseTransactionExternalRef"] == "NS-ORD-1~r1"
    assert till.body("earn")["transactionExternalReference"] == "NS-ORD-1~r2"
    assert till.moved == 18
    posted = await till.returned(posted, returning((1, "1"), document="R3"))
    assert till.moved == 0
    error = await till.error(till.fabric.return_sale, returning((1, "1"), document="R4"), posted)
    assert (error.code, error.field) == (
        ErrorCode.INVALID_INPUT,
        ("input", "lines", "0", "quantity"),
    )
    error = await till.error(till.fabric.void_sale, VOID, posted)
    assert error.code is ErrorCode.ALREADY_VOIDED


async def test_a_void_after_a_return_undoes_what_remains(till: Till) -> None:
    posted = await till.returned(await till.posted(), returning((1, "1")))
    await till.done(till.fabric.void_sale, VOID, posted)
    assert till.body("reverse_earn")["reverseTransactionExternalRef"] == "NS-ORD-1~r1"
    assert till.body("reverse_earn")["transactionGrossAmount"] == Decimal("-45.36")
    assert till.moved == 0


async def test_what_remains_is_known_whatever_the_order_returns_are_told_in(till: Till) -> None:
    posted = await till.returned(await till.posted(), returning((1, "1"), document="R1"))
    posted = await till.returned(posted, returning((2, "1"), document="R2"))
    posted = replace(posted, undone=tuple(reversed(posted.undone)))
    await till.done(till.fabric.void_sale, VOID, posted)
    assert till.body("reverse_earn")["reverseTransactionExternalRef"] == "NS-ORD-1~r2"
    assert till.moved == 0


async def test_a_discount_on_the_whole_is_shared_by_what_comes_back(till: Till) -> None:
    off = line("-10.00", type=LineType.DISCOUNT)
    posted = await till.posted(sale(line("75.00"), line("25.00", "MUG-02"), off))
    await till.returned(posted, returning((2, "1")))
    body = till.body("earn")
    assert (body["transactionGrossAmount"], body["discountValue"]) == (75, Decimal("7.5"))
    assert till.moved == Decimal("67.50")


@pytest.mark.parametrize(
    ("parts", "field"),
    [
        ((), ("lines",)),
        (((3, "1"),), ("lines", "0", "sequence")),
        (((1, "0"),), ("lines", "0", "quantity")),
        (((1, "3"),), ("lines", "0", "quantity")),
        (((1, "1"), (1, "2")), ("lines", "1", "quantity")),
    ],
)
async def test_what_cannot_come_back_is_named(
    till: Till, parts: tuple[tuple[int, str], ...], field: tuple[str, ...]
) -> None:
    posted = await till.posted()
    error = await till.error(till.fabric.return_sale, returning(*parts), posted)
    assert error.field == ("input", *field)
    assert till.kinds == ["earn"]


async def test_points_to_take_back_are_the_providers_to_know(till: Till) -> None:
    posted = await till.posted()
    command = returning((1, "1"), take_back=Decimal(5))
    error = await till.error(till.fabric.return_sale, command, posted)
    assert error.field == ("input", "takeBackPoints")


async def test_a_return_whose_rest_is_refused_says_so(till: Till) -> None:
    posted = await till.posted()
    refusal = {"status": 400, "message": "No", "errors": {"ExceptionString": ["No."]}, "data": {}}
    write = await till.first(till.fabric.return_sale, returning((1, "1")), posted)
    first = Step(write, await till.send(write))
    till.suffer("earn", status=400, body=refusal)
    ticket = till.ticket(f"{till.operations:032x}")
    job = Job(command=returning((1, "1")), target=posted, ticket=ticket, steps=(first,))
    second = await till.fabric.return_sale(job)
    assert not isinstance(second, Finished)
    error = await till._outcome(second)
    end = await till.fabric.return_sale(replace(job, steps=(first, Step(second, error))))
    assert isinstance(end, Finished)
    assert end.done is not None
    assert [each.code for each in end.done.cautions] == [CautionCode.OTHER]
    assert end.done.native["stands"] == ""
    assert end.done.effect is not None
    assert (end.done.effect.adjusted, till.moved) == (-56, 0)


# ---------------------------------------------------------------- lost answers


LOST = [
    {"drop": "after"},
    {"status": 500, "apply": True},
    {"status": 503, "apply": True, "html": True},
    {"html": True},
    {"empty": True},
    {"wrong_types": "scalars"},
    {"truncate": 20},
]


async def _write(till: Till, name: str) -> object:
    if name == "earn":
        return await till.first(till.fabric.post_sale, sale(), NOBODY)
    return await till.first(till.fabric.void_sale, VOID, await till.posted())


@pytest.mark.parametrize("name", ["earn", "reverse_earn"])
@pytest.mark.parametrize("fault", LOST, ids=str)
async def test_a_lost_answer_is_found_by_its_reference(
    till: Till, name: str, fault: dict[str, object]
) -> None:
    write = await _write(till, name)
    till.suffer(name, **fault)
    await till.doubtful(write)
    found = await till.look(write)
    assert found is not None
    assert found.effect is not None
    assert found.effect.earned + found.effect.adjusted == (56 if name == "earn" else -56)
    again = await till.send(write, again=True)
    assert again.native == found.native
    assert till.kinds.count(name) == 1


@pytest.mark.parametrize("name", ["earn", "reverse_earn"])
@pytest.mark.parametrize(
    "switches",
    [
        {},
        {"duplicate_text": "Seen before."},
        {"duplicate_checked": "last"},
        {"failures_in_ok": True},
        {"audit_user_echoed": False},
        {"unset_values": "absent"},
        {"errors_on_success": "exception_string"},
        {"transactions_order": "oldest_first"},
    ],
    ids=str,
)
async def test_a_repeat_has_no_second_effect(
    till: Till, name: str, switches: dict[str, object]
) -> None:
    write = await _write(till, name)
    till.turn(**switches)
    till.suffer(name, drop="after")
    await till.doubtful(write)
    assert await till.send(write, again=True) == await till.look(write)
    assert till.kinds.count(name) == 1


async def test_what_never_arrived_is_not_found_and_may_be_sent_again(till: Till) -> None:
    write = await _write(till, "earn")
    assert write.doubt is Doubt.LOOK_THEN_REPLAY
    till.suffer("earn", drop="before")
    await till.doubtful(write)
    assert await till.look(write) is None
    assert till.effects == []
    await till.send(write, again=True)
    assert till.kinds == ["earn"]


@pytest.mark.parametrize("name", ["earn", "reverse_earn"])
@pytest.mark.parametrize(
    "switches",
    [{}, {"duplicate_text": "Seen before."}, {"duplicate_checked": "last"}],
    ids=str,
)
async def test_a_request_delivered_twice_is_done_once(
    till: Till, name: str, switches: dict[str, object]
) -> None:
    write = await _write(till, name)
    till.turn(**switches)
    till.suffer(name, twice=True)
    done = await till.send(write)
    assert done.effect is not None
    assert till.kinds.count(name) == 1


async def test_a_reversal_that_nobody_sees_is_perhaps_ours(till: Till) -> None:
    write = await _write(till, "reverse_earn")
    till.later(120)
    till.turn(read_lag_seconds=60, duplicate_checked="last")
    till.suffer("reverse_earn", twice=True)
    await till.doubtful(write)
    till.later(61)
    assert await till.look(write) is not None
    assert till.kinds.count("reverse_earn") == 1


async def test_a_lagging_read_proves_nothing(till: Till) -> None:
    write = await _write(till, "earn")
    till.turn(read_lag_seconds=60)
    till.suffer("earn", drop="after")
    await till.doubtful(write)
    assert await till.look(write) is None
    await till.doubtful_again(write)
    till.later(61)
    assert await till.look(write) is not None
    assert till.kinds == ["earn"]


async def test_a_refused_repeat_proves_nothing(till: Till) -> None:
    write = await till.first(till.fabric.post_sale, sale(outlet=Outlet("NOWHERE")), NOBODY)
    till.suffer("earn", drop="before")
    await till.doubtful(write)
    await till.doubtful_again(write)
    assert till.effects == []
