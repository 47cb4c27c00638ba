"""The figures of a sale against each other: what does not add up names place and figures."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from loyalty.commands import Tender
from loyalty.errors import ErrorCode, InvalidInput, RetryAdvice
from loyalty.sales import LineType, PaymentMethod, SaleLine, SaleTotals
from loyalty.sums import check_sums, signed


def line(subtotal: str, kind: LineType = LineType.NORMAL, **parts: str) -> SaleLine:
    figures: dict[str, Any] = {name: Decimal(value) for name, value in parts.items()}
    return SaleLine(type=kind, subtotal=Decimal(subtotal), **figures)


def totals(gross: str, final: str, **parts: str) -> SaleTotals:
    figures: dict[str, Any] = {name: Decimal(value) for name, value in parts.items()}
    return SaleTotals(gross=Decimal(gross), final=Decimal(final), **figures)


def paid(*amounts: str) -> list[Tender]:
    return [Tender(PaymentMethod.CASH, Decimal(amount)) for amount in amounts]


RETURN, TRADE_IN, OFF = LineType.RETURN, LineType.TRADE_IN, LineType.DISCOUNT
GOOD: list[tuple[list[SaleLine], SaleTotals, list[Tender] | None]] = [
    ([], totals("0", "0"), []),
    ([line("90")], totals("90", "90.00"), paid("50", "40")),
    ([line("90", discount="10")], totals("100", "90", discount="10"), None),
    ([line("90", discount="10")], totals("100", "90"), None),
    ([line("90"), line("-8", OFF)], totals("90", "82", discount="8"), None),
    ([line("90"), line("8", OFF)], totals("90", "82"), paid("82")),
    ([line("380"), line("60", TRADE_IN)], totals("320", "320"), paid("320")),
    ([line("380"), line("-60", TRADE_IN)], totals("320", "320"), paid("320")),
    ([line("45", RETURN)], totals("-45", "-45"), paid("45")),
    ([line("45", RETURN)], totals("-45", "-45"), paid("-45")),
    ([line("106", subtotal_ex_tax="100", tax="6")], totals("106", "106", tax="6"), None),
    ([line("-106", RETURN, subtotal_ex_tax="-100", tax="6")], totals("-106", "-106"), None),
    (
        [line("100")],
        totals("100", "116.55", service_charge="10", service_tax="6.60", rounding="-0.05"),
        paid("116.55"),
    ),
]


@pytest.mark.parametrize(("lines", "sums", "payments"), GOOD)
def test_what_adds_up_passes(
    lines: list[SaleLine], sums: SaleTotals, payments: list[Tender] | None
) -> None:
    check_sums(lines, sums, payments)


BAD: list[tuple[list[SaleLine], SaleTotals, list[Tender] | None, str, set[str]]] = [
    ([line("90")], totals("91", "91"), None, "totals.gross", {"91", "90"}),
    ([line("90")], totals("90", "89.99"), None, "totals.final", {"89.99", "90"}),
    ([line("90")], totals("90", "90", rounding="0.05"), None, "totals.final", {"90", "90.05"}),
    ([line("90", discount="10")], totals("90", "90"), None, "totals.gross", {"90", "100"}),
    (
        [line("90"), line("8", OFF)],
        totals("90", "82", discount="9"),
        None,
        "totals.discount",
        {"9", "8"},
    ),
    ([line("90")], totals("90", "90"), paid("80"), "payments", {"80", "90"}),
    ([line("90")], totals("90", "90"), paid("-90"), "payments", {"-90", "90"}),
    ([line("90")], totals("90", "90"), [], "payments", {"0", "90"}),
    (
        [line("1"), line("106", subtotal_ex_tax="100", tax="5")],
        totals("107", "107"),
        None,
        "lines.1.subtotal",
        {"106", "105"},
    ),
    ([line("45", RETURN)], totals("45", "45"), None, "totals.gross", {"45", "-45"}),
    ([line("25"), line("5", OFF), line("-5", OFF)], totals("25", "25"), None, "totals.final",
     {"25", "15"}),
    ([line("25", subtotal_ex_tax="40")], totals("25", "25"), None, "lines.0.subtotalExTax",
     {"40", "25"}),
    ([line("25")], totals("25", "25", tax="-100"), None, "totals.tax", {"-100", "25"}),
    ([line("25")], totals("25", "25", tax="100"), None, "totals.tax", {"100", "25"}),
    ([line("25"), line("30", OFF)], totals("25", "-5"), None, "totals.final", {"-5"}),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "sums", "payments", "place", "figures"), BAD)
def test_what_does_not_add_up_names_the_place_and_both_figures(
    lines: list[SaleLine],
    sums: SaleTotals,
    payments: list[Tender] | None,
    place: str,
    figures: set[str],
) -> None:
    with pytest.raises(InvalidInput) as caught:
        check_sums(lines, sums, payments)
    error = caught.value
    assert error.code is ErrorCode.TOTALS_DO_NOT_ADD_UP
    assert error.field == ("input", *place.split("."))
    assert error.retry is RetryAdvice.AFTER_CHANGE
    assert figures <= set(error.message.replace(",", "").replace(";", "").split())


AMOUNT = st.decimals(min_value=0, max_value=10_000, places=2)
LINES = st.lists(st.tuples(st.sampled_from([*LineType]), AMOUNT, AMOUNT), max_size=8)


@given(LINES, AMOUNT, st.decimals(min_value=-1, max_value=1, places=2), AMOUNT)
def test_a_cent_too_much_is_always_found(
    parts: list[tuple[LineType, Decimal, Decimal]],
    charge: Decimal,
    rounding: Decimal,
    off: Decimal,
) -> None:
    lines = [SaleLine(type=kind, subtotal=amount, discount=cut) for kind, amount, cut in parts]
    final = sum((signed(each, each.subtotal) for each in lines), Decimal(0)) + charge + rounding
    cuts = sum(
        (signed(each, each.discount or Decimal(0)) for each in lines if each.type is not OFF),
        Decimal(0),
    )
    goods = sum((signed(each, each.subtotal) for each in lines if each.type is not OFF), Decimal(0))
    sums = SaleTotals(gross=goods + cuts, final=final, service_charge=charge, rounding=rounding)
    assume(final >= 0 or any(each.type in {RETURN, TRADE_IN} for each in lines))
    check_sums(lines, sums, [Tender(PaymentMethod.CASH, final)])
    wrong = SaleTotals(
        gross=goods + cuts,
        final=final + Decimal("0.01") + off,
        service_charge=charge,
        rounding=rounding,
    )
    with pytest.raises(InvalidInput):
        check_sums(lines, wrong, None)
