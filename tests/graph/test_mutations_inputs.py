"""Inputs that make no sense: the right code, field and advice; nothing sent, nothing recorded."""

from typing import Any

import pytest

from loyalty.refs import (
    MemberRef,
    OfferRef,
    PostedRef,
    RedemptionRef,
    TransactionRef,
    VoucherRef,
)
from tests.graph.selling import OUTLETS, document, done, key, line, sale, sent, told
from tests.graph.world import Json, World


async def wrong(world: World, name: str, asked: Json) -> Json:
    """The only error of an input that is refused before anything is asked or recorded."""
    world.forget()
    answer = await world.query(
        document(name, "status errors { __typename code message field retry } receipt { id }"),
        {"input": {"idempotencyKey": key(), **asked}},
    )
    assert answer.errors == [], answer.errors
    payload = answer.data[name]
    assert (payload["status"], payload["receipt"]) == ("REJECTED", None)
    assert world.calls == {}
    assert world.sandbox.frame.books.effects() == []
    [error] = payload["errors"]
    found: Json = error
    return found


def changed(asked: Json, path: str, value: Any) -> Json:
    """The same input with another value at a place."""
    head, _, rest = path.partition(".")
    index: Any = int(head) if head.isdigit() else head
    copy: Any = list(asked) if isinstance(asked, list) else dict(asked)
    inner = copy[index] if index != head or head in copy else {}
    copy[index] = changed(inner, rest, value) if rest else value
    found: Json = copy
    return found


SALES = [
    ("idempotencyKey", "short"),
    ("idempotencyKey", "sixteen chars but spaces"),
    ("idempotencyKey", "x" * 129),
    ("idempotencyKey", "sixteen-letters-\n"),
    ("document.id", ""),
    ("document.id", "   "),
    ("document.id", " INV-1"),
    ("document.id", "INV-1 "),
    ("document.id", "CAFE\u0301-1"),
    ("document.id", "x" * 101),
    ("document.id", "INV\n1"),
    ("document.number", ""),
    ("document.number", "a\x00b"),
    ("occurredAt", "2026-06-17T09:00:00Z"),
    ("outlet.code", ""),
    ("outlet.name", "x" * 501),
    ("operator", "a\x1b[31mred"),
    ("operator", " "),
    ("lines", []),
    ("lines.0.subtotal", "-30.00"),
    ("lines.0.quantity", "-1"),
    ("lines.0.quantity", "0"),
    ("lines.1.unitPrice", "-0.01"),
    ("lines.1.tax", "-1"),
    ("lines.1.discount", "-1"),
    ("lines.0.productCode", "a\u2028b"),
    ("lines.0.description", "x" * 501),
    ("totals.discount", "-1"),
    ("totals.serviceCharge", "-1"),
    ("payments.0.amount", "-55.00"),
    ("points.collect", "-1"),
    ("points.redeem", "-1"),
    ("voucher", {"voucherId": "nothing", "discount": "-5"}),
    ("attributes", [{"key": "a", "value": "1"}, {"key": "a", "value": "2"}]),
    ("attributes", [{"key": "", "value": "1"}]),
    ("lines.0.attributes", [{"key": "a", "value": "\x07"}]),
    ("receiptId", "\t"),
]
FIELDS = {
    "voucher": ["input", "voucher", "voucherId"],
    "lines.0.attributes": ["input", "lines", "0", "attributes", "0", "value"],
}


@pytest.mark.parametrize(("path", "value"), SALES)
async def test_a_wrong_sale_names_its_field(world: World, path: str, value: Any) -> None:
    error = await wrong(world, "postTransaction", changed(sale(world, "kopi"), path, value))
    expected = "VOUCHER_NOT_FOUND" if path == "voucher" else "INVALID_INPUT"
    assert error["code"] == expected
    assert error["retry"] == "AFTER_CHANGE"
    field = FIELDS.get(path, ["input", *path.split(".")])
    assert error["field"][: len(field)] == field
    assert error["__typename"] == ("BusinessError" if path == "voucher" else "InputError")


@pytest.mark.parametrize("id_", ["x" * 101, "INV\u00a01", "INV\u200b1"])
async def test_the_limit_of_a_document_s_id_is_told_as_it_is(world: World, id_: str) -> None:
    error = await wrong(world, "postTransaction", changed(sale(world, "kopi"), "document.id", id_))
    assert (error["code"], error["field"]) == ("INVALID_INPUT", ["input", "document", "id"])
    assert "100" in error["message"]
    longest = changed(sale(world, "kopi"), "document.id", "x" * 100)
    await done(world, "postTransaction", longest)


@pytest.mark.parametrize(
    ("totals", "field"),
    [
        ({"gross": "56.00", "final": "56.00"}, "gross"),
        ({"gross": "55.00", "final": "54.99"}, "final"),
        ({"gross": "55.00", "discount": "5.00", "final": "50.00"}, "discount"),
        ({"gross": "55.00", "rounding": "0.00", "final": "55.01"}, "final"),
    ],
)
@pytest.mark.parametrize("program", ["kopi", "syw", "northshore"])
async def test_totals_must_add_up(world: World, program: str, totals: Json, field: str) -> None:
    asked = sale(world, program, totals=totals, payments=None)
    error = await wrong(world, "postTransaction", asked)
    assert (error["code"], error["retry"]) == ("TOTALS_DO_NOT_ADD_UP", "AFTER_CHANGE")
    assert error["field"] == ["input", "totals", field]


FINER = [
    ("lines.0.subtotal", {"lines.0.subtotal": "30.005", "totals.gross": "55.005"}),
    ("totals.final", {"totals.final": "55.001"}),
    ("totals.tax", {"totals.tax": "0.001"}),
    ("lines.1.discount", {"lines.1.discount": "0.001"}),
    ("payments.0.amount", {"payments.0.amount": "54.9999"}),
]


@pytest.mark.parametrize(("path", "changes"), FINER)
@pytest.mark.parametrize("program", ["kopi", "syw"])
async def test_what_nobody_can_pay_is_not_rounded_by_us(
    world: World, program: str, path: str, changes: dict[str, str]
) -> None:
    asked = sale(world, program)
    for place, value in changes.items():
        asked = changed(asked, place, value)
    error = await wrong(world, "postTransaction", asked)
    assert (error["code"], error["field"]) == ("INVALID_INPUT", ["input", *path.split(".")])


@pytest.mark.parametrize("amount", ["0.005", "10.005"])
@pytest.mark.parametrize("program", ["kopi", "syw", "northshore"])
async def test_a_sale_that_adds_up_to_less_than_a_cent_is_refused(
    world: World, program: str, amount: str
) -> None:
    asked = sale(
        world,
        program,
        lines=[line("A", "1", "1.00", subtotal=amount)],
        totals={"gross": amount, "final": amount},
        payments=[{"method": "CARD", "amount": amount}],
    )
    error = await wrong(world, "postTransaction", asked)
    assert error["field"] == ["input", "lines", "0", "subtotal"]


async def test_a_charge_that_a_program_has_no_place_for_is_no_sum(world: World) -> None:
    totals = {"gross": "55.00", "serviceCharge": "1.00", "final": "56.00"}
    asked = sale(world, "northshore", totals=totals, payments=None)
    error = await wrong(world, "postTransaction", asked)
    assert (error["__typename"], error["code"]) == ("NotSupportedError", "NOT_SUPPORTED")
    assert error["field"] == ["input", "totals", "serviceCharge"]


async def test_who_works_out_the_points_must_send_them(world: World) -> None:
    error = await wrong(world, "postTransaction", sale(world, "kopi", points=None))
    assert (error["code"], error["field"]) == ("INVALID_INPUT", ["input", "points", "collect"])


@pytest.mark.parametrize("program", ["syw", "northshore"])
async def test_who_does_not_must_not(world: World, program: str) -> None:
    error = await wrong(world, "postTransaction", sale(world, program, points={"collect": "5"}))
    assert error["field"] == ["input", "points", "collect"]
    assert error["code"] in {"INVALID_INPUT", "NOT_SUPPORTED"}


# ------------------------------------------------------------------ ids

NOT_OURS = ["", "nothing", "1", "../../etc/passwd", "x" * 9000, "4801", "bWVtYmVyOjQ4MDE"]


@pytest.mark.parametrize("text", NOT_OURS)
async def test_an_id_that_is_none_of_ours_is_not_found(world: World, text: str) -> None:
    error = await wrong(world, "postTransaction", sale(world, "kopi", memberId=text))
    assert (error["code"], error["field"]) == ("MEMBER_NOT_FOUND", ["input", "memberId"])
    for name, field, code in [
        ("voidTransaction", "transactionId", "TRANSACTION_NOT_FOUND"),
        ("captureRedemption", "redemptionId", "REDEMPTION_NOT_FOUND"),
        ("voidRedemption", "redemptionId", "REDEMPTION_NOT_FOUND"),
    ]:
        error = await wrong(world, name, {field: text})
        assert (error["code"], error["field"]) == (code, ["input", field])


async def test_an_id_that_was_tampered_with_is_not_found(world: World) -> None:
    text = world.member_id("kopi", "rich")
    for at in (0, len(text) // 2, len(text) - 2):
        other = "A" if text[at] != "A" else "B"
        asked = sale(world, "kopi", memberId=text[:at] + other + text[at + 1 :])
        error = await wrong(world, "postTransaction", asked)
        assert error["code"] == "MEMBER_NOT_FOUND"


async def test_an_id_of_another_kind_or_program_is_not_found(world: World) -> None:
    rich = world.ref("kopi", "rich")
    for reference in (
        "kopi",
        VoucherRef(rich, "1"),
        OfferRef("kopi", rich.key, "CLAIMABLE_VOUCHER", "1"),
        TransactionRef(rich, ("1",)),
        PostedRef(rich, "0" * 32),
        RedemptionRef(rich, "0" * 32),
        MemberRef("closed", "1"),
    ):
        asked = sale(world, "kopi", memberId=world.id(reference))
        error = await wrong(world, "postTransaction", asked)
        assert error["code"] == "MEMBER_NOT_FOUND"


@pytest.mark.parametrize("program", ["kopi", "syw", "northshore"])
async def test_an_operation_that_there_is_not_is_not_found(world: World, program: str) -> None:
    rich = world.ref(program, "rich")
    asked = {"transactionId": world.id(PostedRef(rich, "0" * 32))}
    error = await wrong(world, "voidTransaction", asked)
    assert (error["code"], error["field"]) == ("TRANSACTION_NOT_FOUND", ["input", "transactionId"])
    asked = {"redemptionId": world.id(RedemptionRef(rich, "0" * 32))}
    error = await wrong(world, "voidRedemption", asked)
    assert (error["code"], error["field"]) == ("REDEMPTION_NOT_FOUND", ["input", "redemptionId"])


async def test_a_voucher_or_redemption_of_another_member_is_not_found(world: World) -> None:
    other = world.ref("kopi", "zero")
    asked = sale(
        world, "kopi", voucher={"voucherId": world.id(VoucherRef(other, "1")), "discount": "5"}
    )
    error = await wrong(world, "postTransaction", asked)
    assert (error["code"], error["field"]) == (
        "VOUCHER_NOT_FOUND",
        ["input", "voucher", "voucherId"],
    )
    asked = sale(world, "kopi", redemptionIds=[world.id(RedemptionRef(other, "0" * 32))])
    error = await wrong(world, "postTransaction", asked)
    assert error["field"] == ["input", "redemptionIds", "0"]
    offer = world.id(OfferRef("kopi", other.key, "CLAIMABLE_VOUCHER", "1"))
    asked = {"memberId": world.member_id("kopi", "rich"), "offerId": offer}
    error = await wrong(world, "claimVoucher", asked)
    assert (error["code"], error["field"]) == ("NOT_FOUND", ["input", "offerId"])


@pytest.mark.parametrize("program", ["kopi", "syw", "northshore"])
async def test_a_member_that_there_is_not_gets_nothing(world: World, program: str) -> None:
    nobody = {"kopi": "999999", "syw": "7081555000999999", "northshore": "nobody"}[program]
    asked = sale(world, program, memberId=world.id(MemberRef(program, nobody)))
    payload = await told(world, "postTransaction", asked)
    assert payload["status"] == "REJECTED"
    [error] = payload["errors"]
    assert error["code"] == "MEMBER_NOT_FOUND"
    assert payload["member"] is None
    assert world.sandbox.frame.books.effects() == []


# ------------------------------------------------------------------ other mutations


def others(world: World) -> list[tuple[str, Json, list[str]]]:
    member = {"memberId": world.member_id("northshore", "rich")}
    outlet = {"outlet": {"code": OUTLETS["northshore"]}}
    profile = {"name": "Ana Lim"}
    return [
        ("redeemPoints", {**member, **outlet, "amount": {"points": "0"}}, ["amount", "points"]),
        ("redeemPoints", {**member, **outlet, "amount": {"points": "-1"}}, ["amount", "points"]),
        ("redeemPoints", {**member, **outlet, "amount": {"money": "0.00"}}, ["amount", "money"]),
        ("adjustPoints", {**member, "delta": "0", "reason": "4102"}, ["delta"]),
        ("adjustPoints", {**member, "delta": "1", "reason": " "}, ["reason"]),
        ("adjustPoints", {**member, "delta": "0.000000000001", "reason": "4102"}, ["delta"]),
        (
            "adjustPoints",
            {
                **member,
                "delta": "1",
                "reason": "4102",
                "startsAt": "2026-01-02T00:00:00Z",
                "endsAt": "2026-01-01T00:00:00Z",
            },
            ["endsAt"],
        ),
        (
            "activatePoints",
            {**member, "from": "2026-01-02T00:00:00Z", "to": "2026-01-02T00:00:00Z"},
            ["to"],
        ),
        ("enrollMember", {"program": "northshore"}, []),
        ("enrollMember", {"program": "northshore", "profile": profile, "mobileUser": "u"}, []),
        ("enrollMember", {"program": "nowhere", "profile": profile}, ["program"]),
        ("enrollMember", {"program": "kopi", "profile": {"name": ""}}, ["profile", "name"]),
        ("enrollMember", {"program": "kopi", "profile": {"name": "a\nb"}}, ["profile", "name"]),
        ("updateMember", member, []),
        ("updateMember", {**member, "profile": {}}, []),
        ("updateMember", {**member, "profile": {"email": ""}}, ["profile", "email"]),
        ("updateMember", {**member, "profile": {"name": "x" * 201}}, ["profile", "name"]),
        (
            "migrateMember",
            {"program": "kopi", "sourceNumber": "1", "profile": profile, "openingPoints": "-1"},
            ["openingPoints"],
        ),
        ("authorizeRedemption", {"program": "kopi", "code": ""}, ["code"]),
        ("requestReceiptUploads", {"program": "kopi", "receiptIds": []}, ["receiptIds"]),
        ("requestReceiptUploads", {"program": "kopi", "receiptIds": ["a", "a"]}, ["receiptIds"]),
    ]


@pytest.mark.parametrize("which", range(21))
async def test_other_wrong_inputs_name_their_field(world: World, which: int) -> None:
    name, asked, field = others(world)[which]
    error = await wrong(world, name, asked)
    assert (error["code"], error["retry"]) == ("INVALID_INPUT", "AFTER_CHANGE")
    assert error["field"] == ["input", *field]


async def test_every_wrong_input_is_tried(world: World) -> None:
    assert len(others(world)) == 21


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("occurredAt", "2026-06-15T09:00:00"),
        ("occurredAt", "2026-06-15"),
        ("totals.final", "NaN"),
        ("totals.final", 55.0),
        ("totals.final", "1e3"),
        ("totals.final", "0." + "0" * 30 + "1"),
        ("lines.0.quantity", "1" * 19),
        ("settlement", "LATER"),
    ],
)
async def test_what_is_no_value_of_its_type_runs_nothing(
    world: World, path: str, value: Any
) -> None:
    answer = await sent(world, "postTransaction", changed(sale(world, "kopi"), path, value))
    assert answer.data == {}
    assert {error["extensions"]["code"] for error in answer.errors} == {"INVALID_INPUT"}
    assert world.sandbox.frame.books.effects() == []


async def test_one_amount_not_two(world: World) -> None:
    asked = {
        "memberId": world.member_id("kopi", "rich"),
        "outlet": {"code": "HQ"},
        "amount": {"points": "1", "money": "1"},
    }
    answer = await sent(world, "redeemPoints", asked)
    assert answer.data == {}
    assert answer.errors


async def test_a_line_that_takes_nothing_back_names_no_sale(world: World) -> None:
    member = world.ref("kopi", "rich")
    returns = {"transactionId": world.id(PostedRef(member, "0" * 32)), "sequence": 1}
    asked = sale(world, "kopi")
    asked["lines"][0]["returns"] = returns
    error = await wrong(world, "postTransaction", asked)
    assert error["field"] == ["input", "lines", "0", "returns"]


async def test_lines_and_payments_have_limits(world: World) -> None:
    lines = [line("A", "1", "1.00")] * 201
    asked = sale(world, "kopi", lines=[{"subtotal": "1"} for _ in lines])
    error = await wrong(world, "postTransaction", asked)
    assert error["field"] == ["input", "lines"]
