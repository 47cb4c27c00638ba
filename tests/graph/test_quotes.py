"""Quotes: what a sale would earn, sums that must agree, and programs that cannot tell."""

import pytest

from tests.graph.world import Json, World

QUOTE = """query($input: QuoteInput!) { quote(input: $input) {
  earns { earned redeemed adjusted base bonus } redeemable redeemableWorth { amount currency }
  offers { code kind }
  errors {
    __typename code message field retry program { key }
    ... on NotSupportedError { operation alternatives }
  }
} }"""
LINE = {
    "productCode": "52001",
    "division": "004",
    "quantity": "1",
    "unitPrice": "20.00",
    "subtotal": "20.00",
    "subtotalExTax": "20.00",
    "tax": "0",
}


async def quoted(world: World, **sale: object) -> Json:
    sale = {"outlet": {"code": "00001"}, "lines": [LINE], **sale}
    quote: Json = (await world.data(QUOTE, {"input": sale}))["quote"]
    return quote


async def refused(world: World, **sale: object) -> Json:
    """The one error of a quote that no program was asked for."""
    quote = await quoted(world, **sale)
    [error] = quote.pop("errors")
    assert set(quote.values()) == {None}
    assert world.calls == {}
    refusal: Json = error
    return refusal


async def test_a_members_sale_tells_what_it_earns_and_could_take(world: World) -> None:
    quote = await quoted(world, memberId=world.member_id("syw", "rich"))
    assert quote["errors"] == []
    earns = {name: int(points) for name, points in quote["earns"].items()}
    assert earns["earned"] == earns["base"] + earns["bonus"] > 0
    assert quote["redeemable"] == "20000"
    assert quote["redeemableWorth"] == {"amount": "20.00", "currency": "USD"}
    assert {offer["code"] for offer in quote["offers"]} >= {"FOOD40", "GOLD10"}


async def test_a_guests_sale_takes_no_points(world: World) -> None:
    quote = await quoted(world, program="syw")
    assert quote["errors"] == []
    assert int(quote["earns"]["earned"]) > 0
    assert (quote["redeemable"], quote["redeemableWorth"]) == (None, None)
    assert [offer["code"] for offer in quote["offers"]] == ["FOOD40"]


async def test_a_quote_records_nothing(world: World) -> None:
    effects = list(world.sandbox.frame.books.effects())
    before = world.book("syw", world.number("syw", "rich"))
    await quoted(world, memberId=world.member_id("syw", "rich"))
    assert world.book("syw", world.number("syw", "rich")) == before
    assert world.sandbox.frame.books.effects() == effects


@pytest.mark.parametrize("program", ["kopi", "northshore"])
@pytest.mark.parametrize("guest", [True, False])
async def test_a_program_that_cannot_quote_says_so_and_is_not_asked(
    world: World, program: str, guest: bool
) -> None:
    who = {"program": program} if guest else {"memberId": world.member_id(program, "rich")}
    error = await refused(world, **who)
    assert error["__typename"] == "NotSupportedError"
    assert error["code"] == "NOT_SUPPORTED"
    assert error["operation"] == "TRANSACTION_QUOTE"
    assert error["program"] == {"key": program}


@pytest.mark.parametrize(
    ("lines", "totals", "field", "figures"),
    [
        ([LINE], {"gross": "21.00", "final": "20.00"}, ["totals", "gross"], ("21.00", "20.00")),
        ([LINE], {"gross": "20.00", "final": "19.99"}, ["totals", "final"], ("19.99", "20.00")),
        (
            [{**LINE, "discount": "1.50"}],
            {"gross": "21.50", "discount": "1.00", "final": "20.50"},
            ["totals", "discount"],
            ("1.00", "1.50"),
        ),
        (
            [LINE, {"type": "DISCOUNT", "subtotal": "-2.50"}],
            {"gross": "20.00", "discount": "2.00", "final": "18.00"},
            ["totals", "discount"],
            ("2.00", "2.50"),
        ),
        (
            [LINE],
            {
                "gross": "20",
                "serviceCharge": "2",
                "serviceTax": "0.12",
                "rounding": "-0.02",
                "final": "22.12",
            },
            ["totals", "final"],
            ("22.12", "22.10"),
        ),
        ([{**LINE, "tax": "1.25"}], None, ["lines", "0", "subtotal"], ("21.25", "20.00")),
        (
            [LINE, {**LINE, "subtotalExTax": "12345678901.20"}],
            None,
            ["lines", "1", "subtotal"],
            ("12345678901.20", "20.00"),
        ),
    ],
)
async def test_sums_that_disagree_are_refused_with_both_figures(
    world: World, lines: list[Json], totals: Json | None, field: list[str], figures: tuple[str, str]
) -> None:
    error = await refused(world, program="syw", lines=lines, totals=totals)
    assert error["__typename"] == "InputError"
    assert (error["code"], error["retry"]) == ("TOTALS_DO_NOT_ADD_UP", "AFTER_CHANGE")
    assert error["field"] == ["input", *field]
    assert all(figure in error["message"] for figure in figures)


async def test_sums_that_agree_are_taken(world: World) -> None:
    totals = {
        "gross": "21.50",
        "discount": "1.50",
        "serviceCharge": "2",
        "serviceTax": "0.12",
        "rounding": "-0.02",
        "final": "22.10",
    }
    quote = await quoted(world, program="syw", lines=[{**LINE, "discount": "1.50"}], totals=totals)
    assert [e["code"] for e in quote["errors"] if e["code"] == "TOTALS_DO_NOT_ADD_UP"] == []


async def test_a_quote_without_a_line_or_with_no_or_two_askers_is_refused(world: World) -> None:
    id_ = world.member_id("syw", "rich")
    assert (await refused(world, program="syw", lines=[]))["field"] == ["input", "lines"]
    for who in ({}, {"program": "syw", "memberId": id_}):
        error = await refused(world, **who)
        assert "exactly one of memberId and program" in error["message"]


async def test_a_quote_for_nobody_is_refused(world: World) -> None:
    error = await refused(world, program="nope")
    assert error["field"] == ["input", "program"]
    assert "kopi, syw, northshore" in error["message"]
    for id_ in ("nope", world.id("syw"), world.member_id("syw", "rich")[:-1]):
        error = await refused(world, memberId=id_)
        assert (error["code"], error["field"]) == ("MEMBER_NOT_FOUND", ["input", "memberId"])


async def test_a_provider_that_fails_is_data(world: World) -> None:
    world.fault("syw", "ProcessEarn", html=True)
    quote = await quoted(world, program="syw")
    [error] = quote["errors"]
    assert error["__typename"] == "ProviderError"
    assert error["code"] == "PROVIDER_BAD_RESPONSE"
    assert error["program"] == {"key": "syw"}
