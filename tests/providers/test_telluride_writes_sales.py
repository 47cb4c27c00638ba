"""Sales on Telluride: posted, returned in part, voided; judged by the sandbox's books."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from loyalty.commands import (
    PostSale,
    RedeemPoints,
    ReturnedPart,
    ReturnSale,
    SaleVoucher,
    Settlement,
    Tender,
    VoidSale,
)
from loyalty.errors import (
    Declined,
    ErrorCode,
    InsufficientPoints,
    InvalidInput,
    MemberNotFound,
    OutcomeUnknown,
    Unsupported,
)
from loyalty.members import Attribute
from loyalty.outcomes import CautionCode
from loyalty.refs import MemberRef, TransactionRef, VoucherRef
from loyalty.sales import (
    DocumentReference,
    LineType,
    Outlet,
    PaymentMethod,
    ReturnedLine,
    SaleLine,
    SaleTotals,
)
from providers.writing import Beforehand
from tests.providers.telluride_world import (
    NOTHING,
    NOW,
    OUTLET,
    Refused,
    World,
    after,
    at,
    goods,
    opened,
)


@pytest.fixture
async def world():
    async with opened() as made:
        yield made


def back(posted, *parts: tuple[int, str], **changes) -> ReturnSale:
    made = {
        "transaction": at(posted),
        "document": DocumentReference("RET-1"),
        "occurred_at": NOW + timedelta(minutes=1),
        "lines": tuple(ReturnedPart(sequence, Decimal(quantity)) for sequence, quantity in parts),
    }
    return ReturnSale(**(made | changes))


# ------------------------------------------------------------------ posted


async def test_a_sale_earns_once_and_is_told_as_the_books_have_it(world: World):
    before = world.own("rich")
    done = await world.run(world.program.post_sale, world.sale(), NOTHING)
    (effect,) = world.effects
    assert (effect.kind, effect.delta) == ("earn", world.own("rich") - before)
    assert done.effect.earned == effect.delta
    assert done.effect.base == 300
    assert done.effect.balance_after == world.own("rich")
    assert {award.offer_code for award in done.awards} >= {"TOYS50", "GOLD10"}
    assert effect.reference == "09305/002/1/2026-06-15T11:55:00"
    assert world.counts == {"ProcessEarn": 1}


async def test_what_was_posted_is_found_in_the_history_by_its_reference(world: World):
    done = await world.run(world.program.post_sale, world.sale(), NOTHING)
    assert done.transaction == TransactionRef(
        world.ref("rich"), ("09305", "002", "1", "2026-06-15T11:55:00")
    )
    found = await world.program.transaction(done.transaction.member.key, done.transaction.key)
    assert found.ref == done.transaction
    assert found.effect.earned == done.effect.earned


async def test_the_request_has_the_five_values_the_lines_and_the_tenders(world: World):
    sale = world.sale(
        "rich",
        goods("10.60", tax="0.60", discount="2.00", division="4", quantity=2),
        goods("5.00", attributes=(Attribute("identifier", "Toys"),)),
        payments=(
            Tender(PaymentMethod.CASH, Decimal("5.60")),
            Tender(PaymentMethod.CARD, Decimal(10)),
        ),
        attributes=(Attribute("channel", "WEB"),),
        operator="ANNA",
    )  # fmt: skip
    await world.run(world.program.post_sale, sale, NOTHING)
    (body,) = world.bodies("ProcessEarn")
    first, second = body["LineItems"]["LineItem"]
    assert body | {"LineItems": None} == {
        "RequestorID": "LGPH",
        "MessageVersion": "05",
        "EarnFlag": "E",
        "MemberNumber": world.ref("rich").key,
        "StoreNumber": "09305",
        "OrderStoreNumber": "09305",
        "RegisterNumber": "002",
        "TransactionNumber": "0001",
        "TransactionDate": "2026-06-15",
        "TransactionTime": "11:55:00",
        "TransactionTotal": "15.00",
        "TransactionTotalTax": "0.60",
        "AssociateID": "ANNA",
        "TenderList": {
            "Tender": [
                {"TenderType": "1", "TenderAmount": "5.60"},
                {"TenderType": "2", "TenderAmount": "10.00"},
            ]
        },
        "AttributeList": {"Attribute": [{"AttributeKey": "channel", "AttributeValue": "WEB"}]},
        "LineItems": None,
    }
    assert first["DollarValuePreDisc"] == "12.00"
    assert first["DollarValuePostDisc"] == "10.00"
    assert (first["TaxAmount"], first["Quantity"], first["Division"]) == ("0.60", "2", "4")
    assert second["LineNumber"] == "2"
    assert second["LineAttributes"] == {
        "LineAttribute": [{"LineAttributeKey": "identifier", "LineAttributeValue": "Toys"}]
    }


async def test_discount_lines_are_spread_over_the_goods(world: World):
    off = SaleLine(subtotal=Decimal("3.00"), type=LineType.DISCOUNT)
    totals = SaleTotals(gross=Decimal(30), discount=Decimal(3), final=Decimal(27))
    sale = world.sale("zero", goods("10.00"), off, goods("20.00"), totals=totals)
    done = await world.run(world.program.post_sale, sale, NOTHING)
    (body,) = world.bodies("ProcessEarn")
    sold = [
        (line["LineNumber"], line["DollarValuePostDisc"]) for line in body["LineItems"]["LineItem"]
    ]
    assert sold == [("1", "9.00"), ("3", "18.00")]
    assert body["TransactionTotal"] == "27.00"
    assert done.effect.base == 270


async def test_two_sales_of_one_second_have_two_names(world: World):
    await world.run(world.program.post_sale, world.sale("zero"), NOTHING)
    await world.run(world.program.post_sale, world.sale("zero"), NOTHING)
    assert len({effect.reference for effect in world.effects}) == 2


async def test_numbers_have_four_digits_and_begin_again(world: World):
    world.counters["earn"] = 9998
    for _ in range(2):
        await world.run(world.program.post_sale, world.sale("zero"), NOTHING)
    sent = [body["TransactionNumber"] for body in world.bodies("ProcessEarn")]
    assert sent == ["9999", "0001"]


async def test_what_has_no_place_is_told_and_not_sent(world: World):
    sale = world.sale(
        "zero",
        goods("10.00", description="Bear"),
        document=DocumentReference("INV-1", "77"),
        outlet=Outlet("9305", name="Main", description="Corner"),
        totals=SaleTotals(
            gross=Decimal(10), final=Decimal(12), service_charge=Decimal("2.05"),
            rounding=Decimal("-0.05"),
        ),
        receipt="R-1",
        payments=(Tender(PaymentMethod.CASH, Decimal(12), "till"),),
    )  # fmt: skip
    done = await world.run(world.program.post_sale, sale, NOTHING)
    assert {caution.code for caution in done.cautions} == {CautionCode.FIELD_NOT_SENT}
    told = {caution.message.split(" ")[0] for caution in done.cautions}
    assert told == {
        "document.number", "outlet.name", "outlet.description", "receiptId",
        "totals.serviceCharge", "totals.rounding", "lines.description", "payments.description",
    }  # fmt: skip


async def test_a_payment_without_a_code_in_the_settings_is_not_sent(world: World):
    world.program = world.open(tender_types={"CASH": "1"})
    paid = (Tender(PaymentMethod.CASH, Decimal(4)), Tender(PaymentMethod.CARD, Decimal(6)))
    done = await world.run(
        world.program.post_sale, world.sale("zero", goods("10.00"), payments=paid), NOTHING
    )
    (body,) = world.bodies("ProcessEarn")
    assert body["TenderList"] == {"Tender": [{"TenderType": "1", "TenderAmount": "4.00"}]}
    assert "the payment by CARD" in done.cautions[0].message


async def test_a_merged_member_earns_for_the_survivor(world: World):
    done = await world.run(world.program.post_sale, world.sale("merged"), NOTHING)
    assert done.transaction.member == world.ref("survivor")
    assert world.effects[0].member == world.ref("survivor").key


# ------------------------------------------------------------------ refused before anything is sent

VOUCHER = SaleVoucher(VoucherRef(MemberRef("syw", "1"), "V"), Decimal(1))
BAD = [
    ({"collect": Decimal(5)}, InvalidInput, ("points", "collect")),
    ({"redeem": Decimal("0.5")}, InvalidInput, ("points", "redeem")),
    ({"redeem": Decimal(-1)}, InvalidInput, ("points", "redeem")),
    ({"voucher": VOUCHER}, Unsupported, ("voucher",)),
    ({"authorization": "secret"}, Unsupported, ("authorization",)),
    ({"settlement": Settlement.PENDING}, Unsupported, ("settlement",)),
    ({"operator": "A" * 13}, InvalidInput, ("operator",)),
    ({"outlet": Outlet("shop")}, InvalidInput, ("outlet", "code")),
    ({"outlet": Outlet("1", register="1234")}, InvalidInput, ("outlet", "register")),
    ({"member": MemberRef("syw", "abc")}, MemberNotFound, ("memberId",)),
    ({"lines": ()}, InvalidInput, ("totals", "gross")),
    (
        {"payments": (Tender(PaymentMethod.CASH, Decimal(1)),)},
        InvalidInput,
        ("payments",),
    ),
]


@pytest.mark.parametrize(("changes", "kind", "place"), BAD)
async def test_a_sale_that_breaks_a_rule_is_refused_before_anything_is_sent(
    world: World, changes, kind, place
):
    with pytest.raises(kind) as refused:
        await world.run(world.program.post_sale, world.sale(**changes), NOTHING)
    assert refused.value.field == ("input", *place)
    assert world.counts == {}


LINES = [
    (goods("10.00", type=LineType.TRADE_IN), Unsupported, ("0", "type")),
    (goods("10.00", type=LineType.OTHER), Unsupported, ("0", "type")),
    (goods("10.00", type=LineType.RETURN), InvalidInput, ("0", "returns")),
    (goods("-1.00"), InvalidInput, ("0", "subtotal")),
    (goods("99999999.00"), InvalidInput, ("0", "subtotal")),
    (goods("1.00", product_code=None), InvalidInput, ("0", "productCode")),
    (goods("1.00", product_code="1234567890"), InvalidInput, ("0", "productCode")),
    (goods("1.00", division="1234"), InvalidInput, ("0", "division")),
    (goods("1.00", quantity=0), InvalidInput, ("0", "quantity")),
    (goods("1.00", attributes=(Attribute("k" * 31, "v"),)), InvalidInput, ("0", "attributes", "0")),
    (
        goods("1.00", type=LineType.RETURN, returns=ReturnedLine(1, operation="f" * 32)),
        InvalidInput,
        ("0", "returns"),
    ),
]


@pytest.mark.parametrize(("line", "kind", "place"), LINES)
async def test_a_line_that_breaks_a_rule_is_refused_before_anything_is_sent(
    world: World, line, kind, place
):
    total = abs(line.subtotal) * (-1 if line.type in {LineType.RETURN, LineType.TRADE_IN} else 1)
    if line.subtotal < 0:
        total = line.subtotal
    totals = SaleTotals(gross=total, final=total)
    with pytest.raises(kind) as refused:
        await world.run(world.program.post_sale, world.sale("rich", line, totals=totals), NOTHING)
    assert refused.value.field == ("input", "lines", *place)
    assert world.counts == {}


async def test_wrong_totals_name_both_figures_and_send_nothing(world: World):
    totals = SaleTotals(gross=Decimal(30), final=Decimal(29))
    with pytest.raises(InvalidInput) as refused:
        await world.run(world.program.post_sale, world.sale(totals=totals), NOTHING)
    assert refused.value.code is ErrorCode.TOTALS_DO_NOT_ADD_UP
    assert "29" in refused.value.message
    assert "30" in refused.value.message
    assert world.counts == {}


# ------------------------------------------------------------------ refused by the provider


@pytest.mark.parametrize(
    ("persona", "code"),
    [
        ("inactive", ErrorCode.MEMBER_NOT_ACTIVE),
        ("suspended", ErrorCode.MEMBER_NOT_ACTIVE),
        ("pending_verified", ErrorCode.MEMBER_NOT_ACTIVE),
        ("merged_lost", ErrorCode.MEMBER_NOT_ACTIVE),
    ],
)
async def test_a_member_who_is_not_active_earns_nothing(world: World, persona, code):
    with pytest.raises(Declined) as refused:
        await world.run(world.program.post_sale, world.sale(persona), NOTHING)
    assert (refused.value.code, refused.value.field) == (code, ("input", "memberId"))
    assert world.effects == []


async def test_an_unknown_member_earns_nothing(world: World):
    sale = replace(world.sale(), member=MemberRef("syw", "7081555999999999"))
    with pytest.raises(MemberNotFound) as refused:
        await world.run(world.program.post_sale, sale, NOTHING)
    assert refused.value.field == ("input", "memberId")
    assert world.effects == []


async def test_numbers_of_a_lost_ledger_are_refused_where_the_content_differs(world: World):
    await world.run(world.program.post_sale, world.sale("zero"), NOTHING)
    world.counters.clear()
    with pytest.raises(Declined) as refused:
        await world.run(world.program.post_sale, world.sale("zero", goods("7.00")), NOTHING)
    assert refused.value.code is ErrorCode.DUPLICATE
    assert world.kinds() == ["earn"]


# ------------------------------------------------------------------ what comes back


async def test_a_return_of_one_of_two_takes_half_back_and_then_the_rest(world: World):
    start = world.own("rich")
    posted = await world.posted(world.sale("rich", goods("10.00"), goods("20.01", quantity=2)))
    first = back(posted, (2, "1"))
    done = await world.run(world.program.return_sale, first, posted)
    half = world.effects[-1]
    assert half.kind == "return"
    assert half.undoes == 0
    assert done.effect.adjusted == half.delta
    (body,) = world.bodies("ProcessEarn")[1:]
    (line,) = body["LineItems"]["LineItem"]
    assert line["ItemType"] == "2"
    assert line["DollarValuePostDisc"] == "10.01"
    assert body["TransactionTotal"] == "-10.01"
    assert {name: value for name, value in line.items() if name.startswith("Original")} == {
        "OriginalLineNumber": "2",
        "OriginalStoreNumber": "09305",
        "OriginalRegisterNumber": "002",
        "OriginalTransactionNumber": "0001",
        "OriginalTransactionDate": "2026-06-15",
        "OriginalTransactionTime": "11:55:00",
    }
    second = back(posted, (1, "1"), (2, "1"))
    await world.run(world.program.return_sale, second, after(posted, (first, done)))
    assert world.own("rich") == start
    assert world.kinds() == ["earn", "return", "return"]


async def test_refunds_are_negative_tenders(world: World):
    posted = await world.posted(world.sale("rich"))
    refunds = (Tender(PaymentMethod.CARD, Decimal(10)),)
    command = back(posted, (1, "1"), refunds=refunds, reason="broken", operator="ANNA")
    done = await world.run(world.program.return_sale, command, posted)
    body = world.bodies("ProcessEarn")[-1]
    assert body["TenderList"] == {"Tender": [{"TenderType": "2", "TenderAmount": "-10.00"}]}
    assert body["AssociateID"] == "ANNA"
    assert [caution.message.split(" ")[0] for caution in done.cautions] == ["reason"]


async def test_points_that_are_gone_are_told_as_a_shortfall(world: World):
    posted = await world.posted(world.sale("zero"))
    earned = int(posted.done.effect.earned)
    await world.run(
        world.program.redeem_points,
        RedeemPoints(
            member=world.ref("zero"), outlet=OUTLET, points=Decimal(earned), lines=(goods("90.00"),)
        ),
    )
    done = await world.run(world.program.return_sale, back(posted, (1, "1"), (2, "2")), posted)
    assert done.effect.shortfall == earned
    assert world.own("zero") == 0


@pytest.mark.parametrize(
    ("parts", "place"),
    [
        ([(3, "1")], ("lines", "0", "sequence")),
        ([(0, "1")], ("lines", "0", "sequence")),
        ([(1, "1"), (1, "1")], ("lines", "1", "sequence")),
        ([(1, "1"), (2, "3")], ("lines", "1", "quantity")),
        ([(1, "0")], ("lines", "0", "quantity")),
        ([(1, "-1")], ("lines", "0", "quantity")),
        ([], ("lines",)),
    ],
)
async def test_a_return_that_breaks_a_rule_is_refused_before_anything_is_sent(
    world: World, parts, place
):
    posted = await world.posted(world.sale("rich"))
    with pytest.raises(InvalidInput) as refused:
        await world.run(world.program.return_sale, back(posted, *parts), posted)
    assert refused.value.field == ("input", *place)
    assert world.kinds() == ["earn"]


async def test_points_to_take_back_are_the_providers_to_work_out(world: World):
    posted = await world.posted(world.sale("rich"))
    command = back(posted, (1, "1"), take_back=Decimal(5))
    with pytest.raises(InvalidInput) as refused:
        await world.run(world.program.return_sale, command, posted)
    assert refused.value.field == ("input", "takeBackPoints")


async def test_more_than_is_left_cannot_come_back(world: World):
    posted = await world.posted(world.sale("rich"))
    first = back(posted, (2, "1"))
    done = await world.run(world.program.return_sale, first, posted)
    with pytest.raises(InvalidInput) as refused:
        await world.run(
            world.program.return_sale, back(posted, (2, "2")), after(posted, (first, done))
        )
    assert refused.value.field == ("input", "lines", "0", "quantity")


async def test_what_came_back_elsewhere_is_refused_by_the_provider(world: World):
    posted = await world.posted(world.sale("rich"))
    await world.run(world.program.return_sale, back(posted, (1, "1")), posted)
    with pytest.raises(Declined) as refused:
        await world.run(world.program.return_sale, back(posted, (1, "1")), posted)
    assert refused.value.code is ErrorCode.NOT_VOIDABLE
    assert refused.value.field == ("input", "lines")
    assert world.kinds() == ["earn", "return"]


async def test_a_sale_that_the_provider_has_lost_is_not_found(world: World):
    posted = await world.posted(world.sale("rich"))
    other = replace(posted, done=replace(posted.done, native={**posted.done.native, "number": "7"}))
    with pytest.raises(Declined) as refused:
        await world.run(world.program.return_sale, back(posted, (1, "1")), other)
    assert refused.value.code is ErrorCode.TRANSACTION_NOT_FOUND
    assert refused.value.field == ("input", "transactionId")


async def test_an_exchange_takes_back_and_sells_in_one_call(world: World):
    posted = await world.posted(world.sale("rich"))
    returned = goods(
        "10.00", type=LineType.RETURN, returns=ReturnedLine(1, operation=posted.operation)
    )
    totals = SaleTotals(gross=Decimal(5), final=Decimal(5))
    sale = world.sale("rich", returned, goods("15.00"), totals=totals)
    before = world.own("rich")
    target = Beforehand(originals={posted.operation: posted})
    done = await world.run(world.program.post_sale, sale, target)
    body = world.bodies("ProcessEarn")[-1]
    assert [line["ItemType"] for line in body["LineItems"]["LineItem"]] == ["2", "1"]
    assert body["TransactionTotal"] == "5.00"
    assert done.effect.earned == world.own("rich") - before


async def test_a_line_comes_back_of_a_sale_that_only_the_provider_knows(world: World):
    posted = await world.posted(world.sale("rich"))
    returned = goods(
        "10.00", type=LineType.RETURN, returns=ReturnedLine(1, native=posted.done.transaction)
    )
    totals = SaleTotals(gross=Decimal(-10), final=Decimal(-10))
    start = world.own("rich")
    sale = world.sale(
        "rich", returned, totals=totals, payments=(Tender(PaymentMethod.CASH, Decimal(10)),)
    )
    done = await world.run(world.program.post_sale, sale, NOTHING)
    body = world.bodies("ProcessEarn")[-1]
    assert body["TenderList"]["Tender"] == [{"TenderType": "1", "TenderAmount": "-10.00"}]
    assert done.effect.adjusted == world.own("rich") - start < 0


# ------------------------------------------------------------------ voided


async def test_a_void_gives_everything_back(world: World):
    start = world.own("rich")
    posted = await world.posted(world.sale("rich", goods("10.00"), goods("20.01", quantity=3)))
    command = VoidSale(transaction=at(posted), reason="mistake")
    done = await world.run(world.program.void_sale, command, posted)
    assert world.own("rich") == start
    assert world.kinds() == ["earn", "return"]
    assert world.effects[-1].undoes == 0
    assert done.effect.adjusted == -posted.done.effect.earned
    assert [caution.message.split(" ")[0] for caution in done.cautions] == ["reason"]


async def test_a_void_after_a_return_gives_back_what_is_left(world: World):
    start = world.own("rich")
    posted = await world.posted(world.sale("rich", goods("10.00"), goods("20.01", quantity=3)))
    first = back(posted, (2, "2"))
    done = await world.run(world.program.return_sale, first, posted)
    known = after(posted, (first, done))
    await world.run(world.program.void_sale, VoidSale(transaction=at(posted)), known)
    assert world.own("rich") == start
    sent = [
        line["DollarValuePostDisc"]
        for line in world.bodies("ProcessEarn")[-1]["LineItems"]["LineItem"]
    ]
    assert sent == ["10.00", "6.67"]


async def test_nothing_is_left_to_void_after_everything_came_back(world: World):
    posted = await world.posted(world.sale("rich"))
    first = back(posted, (1, "1"), (2, "2"))
    done = await world.run(world.program.return_sale, first, posted)
    with pytest.raises(Declined) as refused:
        await world.run(
            world.program.void_sale, VoidSale(transaction=at(posted)), after(posted, (first, done))
        )
    assert refused.value.code is ErrorCode.ALREADY_VOIDED
    assert world.kinds() == ["earn", "return"]


async def test_a_sale_that_took_something_back_cannot_be_voided(world: World):
    posted = await world.posted(world.sale("rich"))
    line = goods(
        "10.00", type=LineType.RETURN, returns=ReturnedLine(1, native=posted.done.transaction)
    )
    totals = SaleTotals(gross=Decimal(5), final=Decimal(5))
    exchange = await world.posted(world.sale("rich", line, goods("15.00"), totals=totals))
    with pytest.raises(Declined) as refused:
        await world.run(world.program.void_sale, VoidSale(transaction=at(exchange)), exchange)
    assert refused.value.code is ErrorCode.NOT_VOIDABLE


# ------------------------------------------------------------------ with points redeemed in it


def paid_in_part(world: World, persona: str = "rich", points: int = 5000, **changes) -> PostSale:
    worth = Decimal(points) / 1000
    payments = (
        Tender(PaymentMethod.CARD, Decimal(30) - worth),
        Tender(PaymentMethod.POINTS, worth),
    )
    return world.sale(persona, redeem=Decimal(points), **({"payments": payments} | changes))


async def test_a_sale_redeems_first_and_names_the_code_in_its_tender(world: World):
    before = world.own("rich")
    done = await world.run(world.program.post_sale, paid_in_part(world), NOTHING)
    assert world.kinds() == ["redeem", "earn"]
    code = world.effects[0].detail["authorization"]
    (body,) = world.bodies("ProcessEarn")
    assert body["TenderList"]["Tender"][1] == {
        "TenderType": "3", "TenderAmount": "5.00", "AuthorizationCode": code,
    }  # fmt: skip
    assert (done.points, done.worth.amount) == (5000, Decimal("5.00"))
    assert (done.effect.redeemed, done.effect.earned) == (5000, world.effects[1].delta)
    assert world.own("rich") == before - 5000 + done.effect.earned
    assert done.native["code"] == code


async def test_where_the_sale_is_refused_its_redemption_is_taken_back(world: World):
    before = world.own("rich")
    sale = paid_in_part(world)
    await world.run(world.program.post_sale, world.sale("rich", goods("1.00")), NOTHING)
    world.counters["earn"] = 0
    earned = world.own("rich") - before
    with pytest.raises(Refused) as refused:
        await world.run(world.program.post_sale, sale, NOTHING)
    assert refused.value.reversed_
    assert refused.value.error.code is ErrorCode.DUPLICATE
    assert world.kinds() == ["earn", "redeem", "void"]
    assert world.own("rich") == before + earned


async def test_too_many_points_end_the_sale_before_it_begins(world: World):
    with pytest.raises(InsufficientPoints) as refused:
        await world.run(world.program.post_sale, paid_in_part(world, "zero"), NOTHING)
    assert refused.value.field == ("input", "points", "redeem")
    assert (refused.value.asked, refused.value.available) == (5000, 0)
    assert world.effects == []


async def test_a_void_gives_back_what_the_sale_redeemed_too(world: World):
    before = world.own("rich")
    posted = await world.posted(paid_in_part(world))
    done = await world.run(world.program.void_sale, VoidSale(transaction=at(posted)), posted)
    assert world.own("rich") == before
    assert world.kinds() == ["redeem", "earn", "return", "void"]
    assert done.points == 5000
    assert done.effect.adjusted == 5000 - posted.done.effect.earned


async def test_a_sale_whose_redemption_has_no_code_cannot_be_voided(world: World):
    posted = await world.posted(paid_in_part(world))
    native = {name: value for name, value in posted.done.native.items() if name != "code"}
    codeless = replace(posted, done=replace(posted.done, native=native))
    with pytest.raises(Declined) as refused:
        await world.run(world.program.void_sale, VoidSale(transaction=at(posted)), codeless)
    assert refused.value.code is ErrorCode.NOT_VOIDABLE
    assert world.kinds() == ["redeem", "earn"]


async def test_a_redemption_made_beforehand_is_named_and_outlives_a_void(world: World):
    wanted = RedeemPoints(
        member=world.ref("rich"), outlet=OUTLET, points=Decimal(5000), lines=(goods("30.00"),)
    )
    redeemed = await world.redeemed(wanted)
    payments = (Tender(PaymentMethod.POINTS, Decimal(5)), Tender(PaymentMethod.CASH, Decimal(25)))
    sale = world.sale("rich", payments=payments, redemptions=(redeemed.operation,))
    target = Beforehand(redemptions=(redeemed,))
    done = await world.run(world.program.post_sale, sale, target)
    (body,) = world.bodies("ProcessEarn")
    assert body["TenderList"]["Tender"][0]["AuthorizationCode"] == redeemed.done.native["code"]
    posted = replace(await world.posted(world.sale("zero")), command=sale, done=done)
    void = await world.run(world.program.void_sale, VoidSale(transaction=at(posted)), posted)
    assert [caution.code for caution in void.cautions] == [CautionCode.OTHER]
    assert "void" not in world.kinds()


async def test_two_redemptions_are_named_at_two_payments(world: World):
    wanted = RedeemPoints(
        member=world.ref("rich"), outlet=OUTLET, points=Decimal(5000), lines=(goods("30.00"),)
    )
    made = (await world.redeemed(wanted), await world.redeemed(wanted))
    five = Tender(PaymentMethod.POINTS, Decimal(5))
    payments = (five, Tender(PaymentMethod.CASH, Decimal(20)), five)
    sale = world.sale("rich", payments=payments, redemptions=("1" * 32, "2" * 32))
    await world.run(world.program.post_sale, sale, Beforehand(redemptions=made))
    (body,) = world.bodies("ProcessEarn")
    codes = [tender.get("AuthorizationCode") for tender in body["TenderList"]["Tender"]]
    assert codes == [made[0].done.native["code"], None, made[1].done.native["code"]]
    assert codes[0] != codes[2]


async def test_a_redemption_that_is_not_among_the_payments_is_refused(world: World):
    sale = paid_in_part(world, payments=(Tender(PaymentMethod.CASH, Decimal(30)),))
    with pytest.raises(InvalidInput) as refused:
        await world.run(world.program.post_sale, sale, NOTHING)
    assert refused.value.field == ("input", "payments")
    assert world.counts == {}


async def test_an_answer_about_somebody_else_is_no_success(world: World):
    def bend(_, reply):
        other = world.ref("zero").key.encode()
        body = reply.body.replace(world.ref("rich").key.encode(), other)
        return replace(reply, body=body)

    world.bend = bend
    with pytest.raises(OutcomeUnknown):
        await world.run(world.program.post_sale, world.sale("rich"), NOTHING)
