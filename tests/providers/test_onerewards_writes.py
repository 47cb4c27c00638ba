"""What a till does at OneRewards and what the books say of it; doubt is tried elsewhere."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from loyalty.commands import (
    AdjustPoints,
    AuthorizeRedemption,
    ClaimVoucher,
    PostSale,
    RedeemPoints,
    RedeemVoucher,
    ReturnedPart,
    ReturnSale,
    SaleVoucher,
    Settlement,
    Target,
    Tender,
    VoidRedemption,
    VoidSale,
)
from loyalty.errors import (
    Declined,
    ErrorCode,
    InsufficientPoints,
    InvalidInput,
    LoyaltyError,
    MemberNotFound,
    RetryAdvice,
    Unsupported,
)
from loyalty.members import Attribute
from loyalty.offers import OfferKind
from loyalty.operations import Operation
from loyalty.outcomes import CautionCode, Done, Posted, Redeemed, RedemptionStatus, Undone
from loyalty.points import PointsKind
from loyalty.refs import OfferRef
from loyalty.sales import (
    DocumentReference,
    LineType,
    PaymentMethod,
    PointsEffect,
    SaleLine,
    SaleTotals,
)
from providers.writing import Beforehand, Finished, Step
from tests.providers.onerewards_till import (
    AISYAH,
    BIG_BILL,
    COFFEE,
    HOLDER,
    INACTIVE,
    NOBODY,
    NOW,
    OUTLET,
    RICH,
    USED,
    ZERO,
    Till,
    cash,
    discount,
    line,
    ref,
    sale,
    small_crowd,
    totals,
    voucher,
    voucher_sale,
)

RECEIPT = "c0a1f6c2-5a7d-4c59-9b1e-0d7e0b9e6a33"


@pytest.fixture(scope="module", autouse=True)
def _small_crowd() -> Iterator[None]:
    with small_crowd():
        yield


@pytest.fixture
async def till() -> AsyncIterator[Till]:
    made = Till()
    yield made
    assert made.frame.books.gaps("onerewards") == []
    await made.client.aclose()


# --------------------------------------------------------------------------- posting


async def test_a_sale_gives_the_points_that_the_caller_worked_out(till: Till) -> None:
    before = till.balance(RICH)
    done = await till.done(till.program.post_sale, sale())
    assert till.effects(RICH) == [("earn", Decimal(90))]
    assert till.balance(RICH) == before + 90
    assert done.effect == PointsEffect(earned=Decimal(90))
    assert done.native == {"docId": "R-1", "docNo": "No-R-1"}
    assert done.native_id == "R-1"
    assert done.posted_at == NOW
    assert done.transaction is None
    assert done.cautions == ()


async def test_a_sale_is_written_as_the_contract_has_it(till: Till) -> None:
    command = sale(
        AISYAH,
        receipt=RECEIPT,
        operator="mei.ling",
        lines=(
            line(
                "90",
                "2",
                product_id="310",
                product_code="BEAN-500",
                description="House blend",
                unit_price=Decimal(45),
                discount=Decimal(0),
            ),
            discount("10"),
        ),
        totals=totals("90", "80", discount=Decimal(10)),
        payments=(
            Tender(PaymentMethod.CARD, Decimal("79.50"), "VISA"),
            Tender(PaymentMethod.POINTS, Decimal("0.50")),
        ),
        collect=Decimal("75.50"),
        collect_note="1 point per RM",
    )
    await till.done(till.program.post_sale, command)
    (sent,) = till.sent("post_transaction")
    sales = sent.pop("sales")
    details = sales.pop("details")
    assert sent == {
        "memberId": 4821,
        "docId": "R-1",
        "docNo": "No-R-1",
        "docDate": "2025-03-14T06:30:00.000Z",
        "outletId": "2",
        "outlet": "PJ-02",
        "outletDescription": "Kopi Corner Petaling Jaya",
        "createdUser": "mei.ling",
        "point": {"collection": Decimal("75.50"), "collectionDescription": "1 point per RM"},
    }
    assert sales == {
        "receiptId": RECEIPT,
        "totalExTax": 80,
        "tax": 0,
        "serviceCharge": 0,
        "serviceTax": 0,
        "roundingAdj": 0,
        "finalTotal": 80,
        "payments": [
            {"description": "VISA", "amount": Decimal("79.50")},
            {"description": "POINT", "amount": Decimal("0.50")},
        ],
    }
    assert details == [
        {
            "type": "N",
            "productId": 310,
            "productCode": "BEAN-500",
            "description": "House blend",
            "qty": 2,
            "unitPrice": 45,
            "discount": 0,
            "subTotalExTax": 90,
            "subTotal": 90,
            "seq": 1,
        },
        {
            "type": "D",
            "unitPrice": 0,
            "discount": 0,
            "subTotalExTax": -10,
            "subTotal": -10,
            "seq": 2,
        },
    ]


async def test_figures_go_out_digit_by_digit(till: Till) -> None:
    price = Decimal("1234567890123.45")
    command = sale(lines=(SaleLine(subtotal=price),), totals=SaleTotals(gross=price, final=price))
    await till.done(till.program.post_sale, command)
    (call,) = till.frame.books.calls("onerewards", "post_transaction")
    assert '"finalTotal":1234567890123.45' in call.body


async def test_what_comes_back_is_negative_on_the_wire_whatever_its_sign_in_the_input(
    till: Till,
) -> None:
    lines = (
        SaleLine(type=LineType.TRADE_IN, subtotal=Decimal(60), quantity=Decimal(1)),
        SaleLine(type=LineType.RETURN, subtotal=Decimal(-20), quantity=Decimal(-1)),
        line("380"),
    )
    command = sale(lines=lines, totals=totals("300", "300"), payments=cash("300"))
    await till.done(till.program.post_sale, command)
    details = till.sent("post_transaction")[0]["sales"]["details"]
    shown = [(each["type"], each["qty"], each["subTotal"]) for each in details]
    assert shown == [("T", -1, -60), ("R", -1, -20), ("N", 1, 380)]


async def test_tax_is_told_of_lines_and_of_the_sale(till: Till) -> None:
    taxed = line("106", subtotal_ex_tax=Decimal(100), tax=Decimal(6))
    command = sale(lines=(taxed, line("10")), totals=totals("116", "116"))
    await till.done(till.program.post_sale, command)
    sales = till.sent("post_transaction")[0]["sales"]
    assert (sales["tax"], sales["totalExTax"]) == (6, 110)
    assert sales["details"][0]["subTotalExTax"] == 100
    assert "subTotalExTax" not in sales["details"][1], "it is not known"


async def test_points_pay_and_a_voucher_pays_in_one_document(till: Till) -> None:
    before = till.balance(HOLDER)
    command = voucher_sale(redeem=Decimal(500), redeem_note="RM50 off", payments=cash("82"))
    done = await till.done(till.program.post_sale, command)
    assert till.effects(HOLDER) == [
        ("earn", Decimal(82)),
        ("redeem", Decimal(-500)),
        ("redeem", Decimal(0)),
    ]
    assert till.balance(HOLDER) == before + 82 - 500
    assert till.voucher_state(COFFEE) == "used"
    assert done.effect == PointsEffect(earned=Decimal(82), redeemed=Decimal(500))


async def test_what_has_no_place_is_told_and_the_sale_is_posted(till: Till) -> None:
    command = sale(
        outlet=replace(OUTLET, register="7"),
        lines=(
            line("90", division="9", product_id="SKU-1", attributes=(Attribute("size", "XL"),)),
        ),
        attributes=(Attribute("channel", "web"),),
    )
    done = await till.done(till.program.post_sale, command)
    assert {caution.code for caution in done.cautions} == {CautionCode.FIELD_NOT_SENT}
    named = {caution.message.split()[0] for caution in done.cautions}
    assert named == {
        "attributes",
        "outlet.register",
        "lines.division",
        "lines.attributes",
        "lines.productId",
    }
    assert till.effects(RICH) == [("earn", Decimal(90))]


async def test_a_document_that_was_refused_before_gets_a_name_of_its_own(till: Till) -> None:
    ticket = till.ticket(tries=2)
    made = await till.program.post_sale(till.job(sale(), ticket=ticket))
    assert not isinstance(made, Finished)
    assert made.reference == "R-1~2"


async def test_a_linked_member_redeems_with_an_authorization(till: Till) -> None:
    right = AuthorizeRedemption(program="kopi", code=await till.auth_code())
    done = await till.done(till.program.authorize_redemption, right)
    assert done.secret is not None
    command = sale(AISYAH, redeem=Decimal(100), authorization=done.secret)
    posted = await till.done(till.program.post_sale, command)
    assert posted.cautions == ()
    assert till.effects(AISYAH)[1:] == [("earn", Decimal(90)), ("redeem", Decimal(-100))]
    assert done.secret not in f"{done!r}{command!r}"


@pytest.mark.parametrize("kind", ["sale", "points", "voucher", "claim"])
async def test_another_members_authorization_is_refused(till: Till, kind: str) -> None:
    asked = AuthorizeRedemption(program="kopi", code=await till.auth_code())
    right = (await till.done(till.program.authorize_redemption, asked)).secret
    offer = OfferRef("kopi", RICH, OfferKind.CLAIMABLE_VOUCHER.value, "12")
    script, command = {
        "sale": (till.program.post_sale, sale(redeem=Decimal(5), authorization=right)),
        "points": (till.program.redeem_points, redeem("5", authorization=right)),
        "voucher": (
            till.program.redeem_voucher,
            RedeemVoucher(
                voucher=voucher(), outlet=OUTLET, discount=Decimal(8), authorization=right
            ),
        ),
        "claim": (
            till.program.claim_voucher,
            ClaimVoucher(member=ref(RICH), offer=offer, authorization=right),
        ),
    }[kind]
    with till.silent(), pytest.raises(InvalidInput) as caught:
        await till.run(script, command)
    assert caught.value.code is ErrorCode.AUTHORIZATION_INVALID
    assert caught.value.field == ("input", "authorization")
    assert right is not None
    assert right not in caught.value.message


async def test_an_authorization_that_names_nobody_is_a_caution(till: Till) -> None:
    command = sale(RICH, redeem=Decimal(5), authorization="90317")  # the vendor takes any
    done = await till.done(till.program.post_sale, command)
    assert [caution.code for caution in done.cautions] == [CautionCode.OTHER]
    assert "authorization" in done.cautions[0].message
    assert "90317" not in done.cautions[0].message


# --------------------------------------------------------------------------- refused before


def _redeemed(status: RedemptionStatus, member: str = RICH) -> Redeemed:
    command = RedeemPoints(member=ref(member), outlet=OUTLET, points=Decimal(5))
    return Redeemed(
        operation=uuid4().hex, began_at=NOW, command=command, done=Done(), status=status
    )


WRONG: list[tuple[PostSale, ErrorCode, str]] = [
    (sale(collect=None), ErrorCode.INVALID_INPUT, "points.collect"),
    (sale(collect=Decimal(-1)), ErrorCode.INVALID_INPUT, "points.collect"),
    (sale(collect=Decimal("1.005")), ErrorCode.INVALID_INPUT, "points.collect"),
    (sale(redeem=Decimal(-5)), ErrorCode.INVALID_INPUT, "points.redeem"),
    (sale(totals=totals("91", "91")), ErrorCode.TOTALS_DO_NOT_ADD_UP, "totals.gross"),
    (sale(payments=cash("80")), ErrorCode.TOTALS_DO_NOT_ADD_UP, "payments"),
    (sale("abc"), ErrorCode.MEMBER_NOT_FOUND, "memberId"),
    (sale(document=" "), ErrorCode.INVALID_INPUT, "document.id"),
    (sale(outlet=replace(OUTLET, code="")), ErrorCode.INVALID_INPUT, "outlet.code"),
    (sale(receipt="not-a-guid"), ErrorCode.INVALID_INPUT, "receiptId"),
    (sale(authorization="abc"), ErrorCode.AUTHORIZATION_INVALID, "authorization"),
    (
        sale(authorization=f"90317.{int(NOW.timestamp())}"),
        ErrorCode.AUTHORIZATION_EXPIRED,
        "authorization",
    ),
    (sale(settlement=Settlement.PENDING), ErrorCode.NOT_SUPPORTED, "settlement"),
    (
        sale(lines=(SaleLine(type=LineType.TRADE_IN, subtotal=Decimal(60)),)),
        ErrorCode.INVALID_INPUT,
        "lines.0.type",
    ),
    (
        sale(lines=(SaleLine(type=LineType.OTHER, subtotal=Decimal(90)),)),
        ErrorCode.INVALID_INPUT,
        "lines.0.type",
    ),
    (
        sale(voucher=SaleVoucher(voucher(), Decimal(8))),
        ErrorCode.VOUCHER_NOT_FOUND,
        "voucher.voucherId",
    ),
    (
        voucher_sale(voucher=SaleVoucher(voucher(), Decimal(9))),
        ErrorCode.TOTALS_DO_NOT_ADD_UP,
        "voucher.discount",
    ),
    (
        sale(HOLDER, voucher=SaleVoucher(voucher(), Decimal(0))),
        ErrorCode.TOTALS_DO_NOT_ADD_UP,
        "voucher.discount",
    ),
]


@pytest.mark.parametrize(("command", "code", "place"), WRONG)
async def test_what_is_wrong_in_itself_is_refused_before_anything_is_sent(
    till: Till, command: PostSale, code: ErrorCode, place: str
) -> None:
    with till.silent(), pytest.raises(LoyaltyError) as caught:
        await till.program.post_sale(till.job(command))
    assert caught.value.code is code
    assert caught.value.field == ("input", *place.split("."))


@pytest.mark.parametrize(
    ("redemption", "code"),
    [
        (_redeemed(RedemptionStatus.VOIDED), ErrorCode.REDEMPTION_NOT_OPEN),
        (_redeemed(RedemptionStatus.CAPTURED, ZERO), ErrorCode.REDEMPTION_NOT_FOUND),
        (_redeemed(RedemptionStatus.HELD), ErrorCode.NOT_SUPPORTED),
    ],
)
async def test_a_redemption_beforehand_has_to_be_in_force(
    till: Till, redemption: Redeemed, code: ErrorCode
) -> None:
    with till.silent(), pytest.raises(LoyaltyError) as caught:
        await till.program.post_sale(till.job(sale(), Beforehand(redemptions=(redemption,))))
    assert caught.value.code is code
    assert caught.value.field == ("input", "redemptionIds", "0")


async def test_redemptions_beforehand_are_not_redeemed_again(till: Till) -> None:
    before = Beforehand(redemptions=(_redeemed(RedemptionStatus.CAPTURED),))
    await till.done(till.program.post_sale, sale(redemptions=("op",)), before)
    assert till.effects(RICH) == [("earn", Decimal(90))]


# --------------------------------------------------------------------------- refused there


async def refusal(till: Till, command: Any, script: Any = None) -> LoyaltyError:
    with till.nothing_changes(), pytest.raises(LoyaltyError) as caught:
        await till.run(script or till.program.post_sale, command)
    return caught.value


async def test_too_few_points_are_told_in_figures_and_nothing_changes(till: Till) -> None:
    error = await refusal(till, sale(HOLDER, redeem=Decimal(1001)))
    assert isinstance(error, InsufficientPoints)
    assert (error.asked, error.available) == (Decimal(1001), Decimal(1000))
    assert error.field == ("input", "points", "redeem")
    assert error.retry is RetryAdvice.AFTER_CHANGE


async def test_too_few_points_stay_a_refusal_when_the_balance_cannot_be_read(till: Till) -> None:
    till.fault("get_member_info", times=9, status=500)
    error = await refusal(till, sale(HOLDER, redeem=Decimal(1001)))
    assert isinstance(error, InsufficientPoints)
    assert (error.asked, error.available) == (Decimal(1001), None)


@pytest.mark.parametrize("number", [USED, BIG_BILL, "00017-00012-999999"])
async def test_a_voucher_that_cannot_be_used_takes_the_whole_sale_back(
    till: Till, number: str
) -> None:
    error = await refusal(till, voucher_sale(number))
    assert error.code is ErrorCode.VOUCHER_NOT_USABLE
    assert error.field == ("input", "voucher", "voucherId")
    assert error.retry is RetryAdvice.AFTER_CHANGE


async def test_an_unknown_member_is_not_found(till: Till) -> None:
    error = await refusal(till, sale(NOBODY))
    assert isinstance(error, MemberNotFound)
    assert error.field == ("input", "memberId")


async def test_a_member_who_is_not_active_is_refused_before_the_sale_is_sent(till: Till) -> None:
    error = await refusal(till, sale(INACTIVE))
    assert (error.code, error.field) == (ErrorCode.MEMBER_NOT_ACTIVE, ("input", "memberId"))
    assert till.sent("post_transaction") == []


async def test_nobody_is_asked_about_where_members_are_not_checked(till: Till) -> None:
    till.assume(members_are_checked=False)
    await till.done(till.program.post_sale, sale())
    assert till.calls == ["post_transaction"]


@pytest.mark.parametrize("checked", [True, False])
async def test_a_linked_member_needs_an_authorization_to_redeem(till: Till, checked: bool) -> None:
    till.assume(members_are_checked=checked)
    error = await refusal(till, sale(AISYAH, redeem=Decimal(10)))
    assert error.code is ErrorCode.AUTHORIZATION_REQUIRED
    assert error.field == ("input", "authorization")
    assert error.retry is RetryAdvice.AFTER_CHANGE


@pytest.mark.parametrize("text", ["12345", "12345.9999999999"])
async def test_a_wrong_authorization_is_refused(till: Till, text: str) -> None:
    error = await refusal(till, sale(AISYAH, redeem=Decimal(10), authorization=text))
    assert error.code is ErrorCode.AUTHORIZATION_INVALID
    assert error.field == ("input", "authorization")
    assert "12345" not in f"{error}{error.upstream}"


async def test_a_document_with_other_content_is_a_duplicate(till: Till) -> None:
    await till.done(till.program.post_sale, sale())
    error = await refusal(till, sale(collect=Decimal(91)))
    assert (error.code, error.field) == (ErrorCode.DUPLICATE, ("input", "document", "id"))


@pytest.mark.parametrize("shape", ["status_message", "problem_details"])
async def test_refusals_are_understood_in_any_shape(till: Till, shape: str) -> None:
    till.switch(error_body=shape)
    assert (await refusal(till, sale(NOBODY))).code is ErrorCode.MEMBER_NOT_FOUND
    error = await refusal(till, sale(AISYAH, redeem=Decimal(1), authorization="1"))
    assert error.code is ErrorCode.AUTHORIZATION_INVALID


@pytest.mark.parametrize("again", [False, True])
async def test_a_success_that_says_no_success_is_a_refusal(till: Till, again: bool) -> None:
    write = await till.write(till.program.post_sale, sale())
    body = {"isSuccess": False, "isOverRedeemPoint": False, "voucherErrorMessage": None}
    till.fault("post_transaction", status=201, body=body)
    with till.nothing_changes(), pytest.raises(Declined) as caught:
        await till.send(write, again=again)
    assert caught.value.code is ErrorCode.PROVIDER_ERROR


async def test_a_400_that_no_table_knows_is_told_in_the_provider_s_words(till: Till) -> None:
    till.fault("post_transaction", status=400, body={"message": "document date is not valid"})
    error = await refusal(till, sale())
    assert isinstance(error, Declined)
    assert error.code is ErrorCode.PROVIDER_ERROR
    assert error.upstream is not None
    assert error.upstream.message == "document date is not valid"
    assert till.program.unmapped.total() == 1


# --------------------------------------------------------------------------- goods that come back


def give_back(
    posted: Posted, *parts: tuple[int, str], document: str = "R-2", **more: Any
) -> ReturnSale:
    return ReturnSale(
        **{
            "transaction": _target(posted),
            "document": DocumentReference(document),
            "occurred_at": NOW,
            "lines": tuple(ReturnedPart(number, Decimal(much)) for number, much in parts),
            "take_back": Decimal(0),
            **more,
        }
    )


def _target(posted: Posted) -> Any:
    return Target(member=posted.command.member, operation=posted.operation)


async def returned(till: Till, posted: Posted, command: ReturnSale) -> Posted:
    done = await till.done(till.program.return_sale, command, posted)
    undone = Undone(operation=uuid4().hex, command=command, done=done)
    return replace(posted, undone=(*posted.undone, undone))


async def test_a_return_is_a_document_of_its_own_that_takes_points_back(till: Till) -> None:
    posted = await till.posted()
    before = till.balance(RICH)
    command = give_back(
        posted, (1, "1"), take_back=Decimal(45), refunds=cash("45"), reason="Sour", operator="ali"
    )
    done = await till.done(till.program.return_sale, command, posted)
    assert till.effects(RICH)[1:] == [("adjust", Decimal(-45))]
    assert till.balance(RICH) == before - 45
    assert done.effect == PointsEffect(adjusted=Decimal(-45))
    sent = till.sent("post_transaction")[-1]
    assert (sent["docId"], sent["docNo"], sent["createdUser"]) == ("R-2", "R-2", "ali")
    assert sent["point"] == {"adjustmentMinus": 45, "adjustmentMinusDescription": "Sour"}
    assert sent["sales"]["finalTotal"] == -45
    assert sent["sales"]["payments"] == [{"description": "CASH", "amount": -45}]
    assert sent["sales"]["details"] == [
        {
            "type": "R",
            "productCode": "BEAN-500",
            "qty": -1,
            "unitPrice": 45,
            "discount": 0,
            "subTotalExTax": -45,
            "subTotal": -45,
            "seq": 1,
        }
    ]


async def test_returns_of_a_line_come_to_exactly_what_was_paid_for_it(till: Till) -> None:
    """RM10 less its share of the bill's discount, in three: no cent is lost or made."""
    posted = await till.posted(
        sale(
            lines=(line("10", "3"), line("20"), discount("1")),
            totals=totals("30", "29"),
            collect=Decimal(29),
        )
    )
    for number in range(3):
        command = give_back(posted, (1, "1"), document=f"R-2-{number}")
        posted = await returned(till, posted, command)
    backs = [each["sales"]["finalTotal"] for each in till.sent("post_transaction")[1:]]
    assert sum(backs) == Decimal("-9.67")
    assert set(backs) <= {Decimal("-3.22"), Decimal("-3.23")}
    posted = await returned(till, posted, give_back(posted, (2, "1"), document="R-2-all"))
    assert sum(backs) + till.sent("post_transaction")[-1]["sales"]["finalTotal"] == -29


@pytest.mark.parametrize(
    ("parts", "more", "code", "place"),
    [
        ([], {}, ErrorCode.INVALID_INPUT, "lines"),
        ([(3, "1")], {}, ErrorCode.INVALID_INPUT, "lines.0.sequence"),
        ([(0, "1")], {}, ErrorCode.INVALID_INPUT, "lines.0.sequence"),
        ([(2, "1")], {}, ErrorCode.INVALID_INPUT, "lines.0.sequence"),
        ([(1, "3")], {}, ErrorCode.INVALID_INPUT, "lines.0.quantity"),
        ([(1, "0")], {}, ErrorCode.INVALID_INPUT, "lines.0.quantity"),
        ([(1, "1"), (1, "1.5")], {}, ErrorCode.INVALID_INPUT, "lines.1.quantity"),
        ([(1, "1")], {"take_back": None}, ErrorCode.INVALID_INPUT, "takeBackPoints"),
        ([(1, "1")], {"take_back": Decimal(81)}, ErrorCode.INVALID_INPUT, "takeBackPoints"),
        ([(1, "1")], {"take_back": Decimal(-1)}, ErrorCode.INVALID_INPUT, "takeBackPoints"),
        ([(1, "1")], {"refunds": cash("41")}, ErrorCode.TOTALS_DO_NOT_ADD_UP, "refunds"),
    ],
)
async def test_what_was_not_sold_or_not_earned_does_not_come_back(
    till: Till, parts: list[tuple[int, str]], more: dict[str, Any], code: ErrorCode, place: str
) -> None:
    posted = await till.posted(
        sale(
            lines=(line("90", "2"), discount("10")),
            totals=totals("90", "80"),
            collect=Decimal(80),
        )
    )
    with till.silent(), pytest.raises(InvalidInput) as caught:
        await till.program.return_sale(till.job(give_back(posted, *parts, **more), posted))
    assert caught.value.code is code
    assert caught.value.field == ("input", *place.split("."))


async def test_what_came_back_before_does_not_come_back_again(till: Till) -> None:
    posted = await till.posted()
    posted = await returned(till, posted, give_back(posted, (1, "1"), take_back=Decimal(60)))
    for command, place in (
        (give_back(posted, (1, "2"), document="R-3"), "quantity"),
        (give_back(posted, (1, "1"), document="R-3", take_back=Decimal(31)), "takeBackPoints"),
    ):
        with till.nothing_changes(), pytest.raises(InvalidInput) as caught:
            await till.program.return_sale(till.job(command, posted))
        assert caught.value.field is not None
        assert caught.value.field[-1] == place


async def test_points_that_are_spent_cannot_be_taken_back(till: Till) -> None:
    posted = await till.posted(sale(ZERO))
    await till.done(till.program.redeem_points, redeem("60", ZERO))
    command = give_back(posted, (1, "1"), take_back=Decimal(45))
    with till.nothing_changes(), pytest.raises(InsufficientPoints) as caught:
        await till.run(till.program.return_sale, command, posted)
    assert caught.value.field == ("input", "takeBackPoints")
    assert (caught.value.asked, caught.value.available) == (Decimal(45), Decimal(30))


async def test_a_correction_has_no_lines_to_return(till: Till) -> None:
    command = AdjustPoints(member=ref(RICH), delta=Decimal(5), reason="Sorry")
    done = await till.done(till.program.adjust_points, command)
    posted = Posted(operation=uuid4().hex, began_at=NOW, command=command, done=done)
    with till.silent(), pytest.raises(InvalidInput) as caught:
        await till.program.return_sale(till.job(give_back(posted, (1, "1")), posted))
    assert caught.value.code is ErrorCode.NOT_VOIDABLE


# --------------------------------------------------------------------------- voids


def void(posted: Posted, **more: Any) -> VoidSale:
    return VoidSale(transaction=_target(posted), **more)


async def test_a_void_takes_back_the_points_and_gives_back_the_voucher(till: Till) -> None:
    before = till.balance(HOLDER)
    posted = await till.posted(voucher_sale(redeem=Decimal(500)))
    done = await till.done(till.program.void_sale, void(posted, operator="ali"), posted)
    assert till.balance(HOLDER) == before
    assert till.voucher_state(COFFEE) == "usable"
    assert done.effect == PointsEffect(adjusted=Decimal(500 - 82))
    assert till.sent("unpost_transaction") == [
        {"memberId": 4810, "docId": "R-1", "createdUser": "ali"}
    ]


async def test_a_void_undoes_the_returns_as_well(till: Till) -> None:
    before = till.balance(RICH)
    posted = await till.posted()
    for number in (1, 2):
        command = give_back(posted, (1, "1"), document=f"B-{number}", take_back=Decimal(45))
        posted = await returned(till, posted, command)
    done = await till.done(till.program.void_sale, void(posted), posted)
    assert till.balance(RICH) == before
    documents = [each["docId"] for each in till.sent("unpost_transaction")]
    assert documents == ["R-1", "B-1", "B-2"]
    assert done.effect == PointsEffect(adjusted=Decimal(0))


async def test_a_void_whose_points_are_spent_is_refused_where_the_provider_says_so(
    till: Till,
) -> None:
    posted = await till.posted(sale(ZERO))
    await till.done(till.program.redeem_points, redeem("60", ZERO))
    till.switch(unpost_spent_points="refused")
    with till.nothing_changes(), pytest.raises(Declined) as caught:
        await till.run(till.program.void_sale, void(posted), posted)
    assert caught.value.code is ErrorCode.NOT_VOIDABLE
    assert caught.value.field == ("input", "transactionId")


async def test_a_void_tells_what_stays(till: Till) -> None:
    posted = await till.posted(sale(redemptions=("an operation",)))
    done = await till.done(till.program.void_sale, void(posted, reason="Wrong till"), posted)
    assert [each.code for each in done.cautions] == [
        CautionCode.FIELD_NOT_SENT,
        CautionCode.OTHER,
    ]


async def test_a_return_that_cannot_be_undone_is_told_in_points(till: Till) -> None:
    posted = await till.posted()
    posted = await returned(till, posted, give_back(posted, (1, "1"), take_back=Decimal(45)))
    write = await till.write(till.program.void_sale, void(posted), posted)
    await till.send(write)
    till.fault("unpost_transaction", status=400, body={"message": "transaction is locked"})
    end = await _rest(till, void(posted), posted, write)
    assert end.done is not None
    assert end.done.effect == PointsEffect(adjusted=Decimal(-90))
    assert [each.code for each in end.done.cautions] == [CautionCode.OTHER]
    assert "adjust 45 points" in end.done.cautions[0].message


async def _rest(till: Till, command: VoidSale, posted: Posted, first: Any) -> Finished:
    job = till.job(command, posted, steps=(Step(first, Done(native={"docId": "R-1"})),))
    second = await till.program.void_sale(job)
    assert not isinstance(second, Finished)
    with pytest.raises(Declined) as caught:
        await till.send(second)
    end = await till.program.void_sale(replace(job, steps=(*job.steps, Step(second, caught.value))))
    assert isinstance(end, Finished)
    return end


# --------------------------------------------------------------------------- corrections


@pytest.mark.parametrize("delta", ["25", "-25.50"])
async def test_points_are_given_and_taken_by_hand(till: Till, delta: str) -> None:
    before = till.balance(RICH)
    command = AdjustPoints(member=ref(RICH), delta=Decimal(delta), reason="Goodwill")
    done = await till.done(till.program.adjust_points, command)
    assert till.effects(RICH) == [("adjust", Decimal(delta))]
    assert till.balance(RICH) == before + Decimal(delta)
    assert done.effect == PointsEffect(adjusted=Decimal(delta))
    (sent,) = till.sent("post_transaction")
    assert sent["outletId"] == "GRAPH"
    assert "Goodwill" in sent["point"].values()


async def test_a_correction_can_be_voided(till: Till) -> None:
    before = till.balance(RICH)
    command = AdjustPoints(member=ref(RICH), delta=Decimal(25), reason="Goodwill", outlet=OUTLET)
    done = await till.done(till.program.adjust_points, command)
    posted = Posted(operation=uuid4().hex, began_at=NOW, command=command, done=done)
    undone = await till.done(till.program.void_sale, void(posted), posted)
    assert till.balance(RICH) == before
    assert undone.effect == PointsEffect(adjusted=Decimal(-25))


@pytest.mark.parametrize(
    ("changes", "code", "place"),
    [
        ({"delta": Decimal(0)}, ErrorCode.INVALID_INPUT, "delta"),
        ({"delta": Decimal("0.001")}, ErrorCode.INVALID_INPUT, "delta"),
        ({"reason": " "}, ErrorCode.INVALID_INPUT, "reason"),
        ({"ends_at": datetime(2026, 1, 1, tzinfo=UTC)}, ErrorCode.NOT_SUPPORTED, "endsAt"),
        ({"starts_at": datetime(2026, 1, 1, tzinfo=UTC)}, ErrorCode.NOT_SUPPORTED, "startsAt"),
        ({"member": ref("x")}, ErrorCode.MEMBER_NOT_FOUND, "memberId"),
    ],
)
async def test_a_correction_that_cannot_be_is_refused(
    till: Till, changes: dict[str, Any], code: ErrorCode, place: str
) -> None:
    plain: dict[str, Any] = {"member": ref(RICH), "delta": Decimal(5), "reason": "Goodwill"}
    with till.silent(), pytest.raises(LoyaltyError) as caught:
        await till.program.adjust_points(till.job(AdjustPoints(**(plain | changes))))
    assert (caught.value.code, caught.value.field) == (code, ("input", place))


async def test_a_correction_below_zero_is_refused_in_figures(till: Till) -> None:
    command = AdjustPoints(
        member=ref(ZERO), delta=Decimal(-5), reason="Oops", kind=PointsKind.BONUS
    )
    error = await refusal(till, command, till.program.adjust_points)
    assert isinstance(error, InsufficientPoints)
    assert (error.asked, error.available) == (Decimal(5), Decimal(0))
    assert error.field == ("input", "delta")


# --------------------------------------------------------------------------- redemptions


def redeem(points: str | None, member: str = RICH, **more: Any) -> RedeemPoints:
    figure = None if points is None else Decimal(points)
    return RedeemPoints(**{"member": ref(member), "outlet": OUTLET, "points": figure, **more})


async def test_points_are_redeemed_by_themselves_and_given_back(till: Till) -> None:
    before = till.balance(RICH)
    target = await till.redeemed(
        till.program.redeem_points, redeem("500", document=DocumentReference("R-1"))
    )
    done = target.done
    assert till.balance(RICH) == before - 500
    assert (done.redemption, done.points) == (RedemptionStatus.CAPTURED, Decimal(500))
    assert done.worth is not None
    assert (done.worth.amount, done.worth.currency) == (Decimal("50.00"), "MYR")
    command = VoidRedemption(member=ref(RICH), redemption=target.operation)
    undone = await till.done(till.program.void_redemption, command, target)
    assert till.balance(RICH) == before
    assert (undone.redemption, undone.points) == (RedemptionStatus.VOIDED, Decimal(500))
    assert till.effects(RICH) == [("redeem", Decimal(-500)), ("void", Decimal(500))]


async def test_a_redemption_and_its_sale_may_have_the_same_receipt(till: Till) -> None:
    receipt = DocumentReference("R-1", "No 1")
    await till.done(till.program.redeem_points, redeem("500", document=receipt))
    await till.done(till.program.post_sale, sale())
    sent = [(each["docId"], each["docNo"]) for each in till.sent("post_transaction")]
    assert sent == [("R-1:points", "No 1"), ("R-1", "No-R-1")]


async def test_a_redemption_without_a_document_is_known_by_our_operation(till: Till) -> None:
    ticket = till.ticket()
    made = await till.program.redeem_points(till.job(redeem("5"), ticket=ticket))
    assert not isinstance(made, Finished)
    assert made.reference == ticket.operation


@pytest.mark.parametrize(("money", "points"), [("50", "500"), ("0.33", "3.3")])
async def test_money_is_redeemed_at_the_program_s_rate(till: Till, money: str, points: str) -> None:
    done = await till.done(till.program.redeem_points, redeem(None, money=Decimal(money)))
    assert till.effects(RICH) == [("redeem", -Decimal(points))]
    assert done.cautions == ()


async def test_money_that_is_no_whole_number_of_points_is_told_rounded(till: Till) -> None:
    till.assume(point_decimals=0)
    done = await till.done(till.program.redeem_points, redeem(None, money=Decimal("1.23")))
    assert till.effects(RICH) == [("redeem", Decimal(-12))]
    assert [each.code for each in done.cautions] == [CautionCode.ROUNDED]


@pytest.mark.parametrize(
    ("command", "code", "place"),
    [
        (redeem("0"), ErrorCode.INVALID_INPUT, "amount.points"),
        (redeem("-5"), ErrorCode.INVALID_INPUT, "amount.points"),
        (redeem("0.001"), ErrorCode.INVALID_INPUT, "amount.points"),
        (redeem(None, money=Decimal("0.333")), ErrorCode.INVALID_INPUT, "amount.money"),
        (redeem(None), ErrorCode.INVALID_INPUT, "amount"),
        (redeem("5", "x"), ErrorCode.MEMBER_NOT_FOUND, "memberId"),
        (redeem("5", hold=True), ErrorCode.NOT_SUPPORTED, "hold"),
        (redeem("5", document=DocumentReference("")), ErrorCode.INVALID_INPUT, "document.id"),
        (redeem("5", authorization="?"), ErrorCode.AUTHORIZATION_INVALID, "authorization"),
    ],
)
async def test_a_redemption_that_cannot_be_is_refused_before_anything_is_sent(
    till: Till, command: RedeemPoints, code: ErrorCode, place: str
) -> None:
    with till.silent(), pytest.raises(LoyaltyError) as caught:
        await till.program.redeem_points(till.job(command))
    assert (caught.value.code, caught.value.field) == (code, ("input", *place.split(".")))


async def test_holding_is_not_supported_and_redeeming_is_the_alternative(till: Till) -> None:
    with pytest.raises(Unsupported) as caught:
        await till.program.redeem_points(till.job(redeem("5", hold=True)))
    assert caught.value.operation is Operation.REDEMPTION_HOLD
    assert caught.value.alternatives == (Operation.POINTS_REDEEM,)


async def test_more_points_than_there_are_cannot_be_redeemed(till: Till) -> None:
    error = await refusal(till, redeem("1001", HOLDER), till.program.redeem_points)
    assert isinstance(error, InsufficientPoints)
    assert (error.asked, error.available) == (Decimal(1001), Decimal(1000))
    assert error.field == ("input", "amount")


def use(number: str = COFFEE, off: str | None = "8", **more: Any) -> RedeemVoucher:
    figure = None if off is None else Decimal(off)
    return RedeemVoucher(
        **{"voucher": voucher(number), "outlet": OUTLET, "discount": figure, **more}
    )


async def test_a_voucher_is_redeemed_by_itself_and_given_back(till: Till) -> None:
    target = await till.redeemed(till.program.redeem_voucher, use())
    assert till.voucher_state(COFFEE) == "used"
    assert target.done.redemption is RedemptionStatus.CAPTURED
    assert target.done.voucher == voucher()
    command = VoidRedemption(member=ref(HOLDER), redemption=target.operation)
    undone = await till.done(till.program.void_redemption, command, target)
    assert till.voucher_state(COFFEE) == "usable"
    assert undone.redemption is RedemptionStatus.VOIDED


@pytest.mark.parametrize(
    "lines", [(line("310"),), (line("310"), discount("30")), (line("310"), discount("5"))]
)
async def test_lines_count_towards_a_minimum_spend(till: Till, lines: tuple[SaleLine, ...]) -> None:
    await till.done(till.program.redeem_voucher, use(BIG_BILL, "30", lines=lines))
    assert till.voucher_state(BIG_BILL) == "used"
    details = till.sent("post_transaction")[0]["sales"]["details"]
    assert -30 in [each["subTotal"] for each in details if each["type"] == "D"]


async def test_a_used_voucher_is_not_used_again(till: Till) -> None:
    error = await refusal(till, use(USED), till.program.redeem_voucher)
    assert (error.code, error.field) == (ErrorCode.VOUCHER_NOT_USABLE, ("input", "voucherId"))


async def test_a_voucher_without_its_discount_is_refused(till: Till) -> None:
    for command in (use(off=None), use(off="-1")):
        with till.silent(), pytest.raises(InvalidInput) as caught:
            await till.program.redeem_voucher(till.job(command))
        assert caught.value.field == ("input", "discount")


@pytest.mark.parametrize("status", [RedemptionStatus.VOIDED, RedemptionStatus.UNDER_REVIEW])
async def test_only_a_redemption_in_force_is_voided(till: Till, status: RedemptionStatus) -> None:
    target = replace(await till.redeemed(till.program.redeem_points, redeem("5")), status=status)
    command = VoidRedemption(member=ref(RICH), redemption=target.operation)
    with till.silent(), pytest.raises(InvalidInput) as caught:
        await till.program.void_redemption(till.job(command, target))
    assert caught.value.code is ErrorCode.REDEMPTION_NOT_OPEN


async def test_what_was_redeemed_inside_a_sale_goes_with_the_sale(till: Till) -> None:
    posted = await till.posted(sale(redeem=Decimal(5)))
    inside: Any = replace(_redeemed(RedemptionStatus.CAPTURED), command=posted.command)
    command = VoidRedemption(member=ref(RICH), redemption=posted.operation)
    with till.silent(), pytest.raises(Unsupported) as caught:
        await till.program.void_redemption(till.job(command, inside))
    assert caught.value.alternatives == (Operation.TRANSACTION_VOID,)
