"""Scalars as clients write them: exact decimals, instants with an offset, and nothing lax."""

from decimal import Decimal

import pytest

from graph.scalars import SCALARS
from tests.graph.world import World

BY_VARIABLE = """query($id: ID!, $spending: Decimal) {
  member(id: $id) { vouchers(spending: $spending) { nodes { code } } }
}"""


def by_literal(text: str) -> str:
    return f"""query($id: ID!) {{
      member(id: $id) {{ vouchers(spending: {text}) {{ nodes {{ code }} }} }}
    }}"""


def spent(world: World) -> Decimal:
    """The bill that arrived at the provider."""
    [call] = world.sandbox.frame.books.calls("onerewards", "usable_vouchers")
    return Decimal(call.query["spendingAmount"])


@pytest.mark.parametrize("value", ["20", "20.00", "0", "0.01", "123456789012.345", 20, 0])
async def test_a_decimal_is_a_string_of_digits_or_an_integer(
    world: World, value: str | int
) -> None:
    id_ = world.member_id("kopi", "vouchers")
    await world.data(BY_VARIABLE, {"id": id_, "spending": value})
    assert spent(world) == Decimal(value)
    world.forget()
    await world.data(by_literal(f'"{value}"'), {"id": id_})
    assert spent(world) == Decimal(value)


async def test_the_limits_of_a_decimal_are_told_as_they_are(world: World) -> None:
    id_ = world.member_id("kopi", "vouchers")
    for value in ("9" * 19, "1." + "9" * 13):
        answer = await world.query(by_literal(f'"{value}"'), {"id": id_})
        assert "18 digits before the point and 12 after it" in answer.errors[0]["message"]
    await world.data(by_literal('"9' + "9" * 17 + "." + "9" * 12 + '"'), {"id": id_})


@pytest.mark.parametrize(
    "value",
    [
        "NaN",
        "Infinity",
        "-Infinity",
        "1e3",
        "1E+2",
        "1_000",
        "0x10",
        " 1",
        "1 ",
        "1\n",
        ".5",
        "1.",
        "",
        "+1",
        "١٢",
        "1,5",
        "9" * 31,
        20.5,
        True,
        ["1"],
        {"amount": "1"},
    ],
    ids=repr,
)
async def test_anything_else_is_no_decimal(world: World, value: object) -> None:
    variables = {"id": world.member_id("kopi", "vouchers"), "spending": value}
    answer = await world.query(BY_VARIABLE, variables)
    [error] = answer.errors
    assert error["extensions"]["code"] == "INVALID_INPUT"
    assert '"12.50"' in error["message"]
    assert answer.data == {}
    assert world.calls == {}


@pytest.mark.parametrize("text", ["1.5", "1e3", "true", "TWENTY", '"1e3"', '"NaN"', "[1, 2]"])
async def test_a_fraction_written_as_a_number_is_no_decimal(world: World, text: str) -> None:
    answer = await world.query(by_literal(text), {"id": world.member_id("kopi", "vouchers")})
    [error] = answer.errors
    assert error["extensions"]["code"] == "INVALID_INPUT"
    assert world.calls == {}


async def test_a_negative_bill_is_refused_by_name(world: World) -> None:
    variables = {"id": world.member_id("kopi", "vouchers"), "spending": "-1"}
    answer = await world.query(BY_VARIABLE, variables)
    [error] = answer.errors
    assert error["message"] == "`spending` must not be negative"
    assert error["extensions"]["field"] == ["spending"]
    assert world.calls == {}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("1E+2", "100"),
        ("1E-7", "0.0000001"),
        ("123456789012", "123456789012"),
        ("0E+5", "0"),
        ("-0.50", "-0.50"),
    ],
)
def test_a_decimal_is_never_written_with_an_exponent(value: str, text: str) -> None:
    assert SCALARS[Decimal].serialize(Decimal(value)) == text


HISTORY = """query($id: ID!, $from: DateTime, $to: DateTime) {
  member(id: $id) { transactions(from: $from, to: $to) { nodes { occurredAt } } }
}"""


@pytest.mark.parametrize(
    "value",
    [
        "2026-05-01",
        "2026-05-01T00:00:00",
        "2026-05-01 00:00:00+00:00",
        "2026-13-01T00:00:00Z",
        "2026-05-01T25:00:00Z",
        "today",
        "",
        1767225600,
        "2026-05-01T00:00:00+0000",
        "2026-05-01T00:00:00Z" + " " * 80,
    ],
)
async def test_an_instant_without_an_offset_or_sense_is_refused(
    world: World, value: object
) -> None:
    variables = {"id": world.member_id("syw", "rich"), "from": value}
    answer = await world.query(HISTORY, variables)
    [error] = answer.errors
    assert error["extensions"]["code"] == "INVALID_INPUT"
    assert "offset" in error["message"]
    assert world.calls == {}


async def test_the_same_instant_in_another_offset_is_the_same_period(world: World) -> None:
    document = """query($id: ID!) { member(id: $id) {
      a: transactions(from: "2026-05-16T15:05:00Z", to: "2026-06-05T15:05:00Z") {
        nodes { occurredAt }
      }
      b: transactions(from: "2026-05-16T10:05:00-05:00", to: "2026-06-05T23:05:00+08:00") {
        nodes { occurredAt }
      }
    } }"""
    member = (await world.data(document, {"id": world.member_id("syw", "rich")}))["member"]
    assert member["a"] == member["b"]
    times = [node["occurredAt"] for node in member["a"]["nodes"]]
    assert times[0] == "2026-06-05T10:05:00-05:00"
    assert times[-1] == "2026-05-16T10:05:00-05:00"


async def test_a_period_that_ends_before_it_begins_is_refused(world: World) -> None:
    variables = {
        "id": world.member_id("syw", "rich"),
        "from": "2026-05-01T00:00:00Z",
        "to": "2026-05-01T07:00:00+08:00",
    }
    answer = await world.query(HISTORY, variables)
    [error] = answer.errors
    assert error["message"] == "`to` lies before `from`"
    assert world.calls == {}
