"""A member's history in the shop's own words: the same by list, by id and in the payload."""

import re
from collections.abc import Iterator
from decimal import Decimal

import pytest

from tests.graph.selling import (
    OUTLETS,
    PROGRAMS,
    document,
    done,
    effects,
    key,
    line,
    points,
    sale,
)
from tests.graph.test_mutations_sales import a_return
from tests.graph.world import Json, Stage, World

FIELDS = """
  id kind nativeKind status occurredAt document { id number }
  total { amount } lines { sequence type quantity subtotal { amount } }
  effect { earned redeemed adjusted base bonus promotional balanceAfter }
"""
LIST = f"""query L($id: ID!, $first: Int!, $after: String) {{ member(id: $id) {{
  transactions(first: $first, after: $after) {{
    nodes {{ {FIELDS} }} pageInfo {{ hasNextPage endCursor }}
  }}
}} }}"""
ONE = f"""query T($id: ID!) {{ transaction(id: $id) {{
  {FIELDS} reverses {{ id status }} reversedBy {{ id kind }}
}} }}"""
OURS = re.compile(r"~r?\d+$|^void-")
"""How references look that are ours, and no document of any shop."""


async def listed(world: World, member: str) -> list[Json]:
    data = await world.data(LIST, {"id": member, "first": 100})
    nodes: list[Json] = data["member"]["transactions"]["nodes"]
    return nodes


async def one(world: World, transaction: str) -> Json:
    found: Json = (await world.data(ONE, {"id": transaction}))["transaction"]
    return found


async def new(world: World, member: str, before: list[Json]) -> list[Json]:
    """What the list has that it had not."""
    known = {each["id"] for each in before}
    return [each for each in await listed(world, member) if each["id"] not in known]


def moved(row: Json) -> Decimal:
    effect = row["effect"]
    return Decimal(effect["earned"]) - Decimal(effect["redeemed"]) + Decimal(effect["adjusted"])


def kinds(rows: list[Json]) -> Iterator[tuple[str, str, str | None]]:
    for row in rows:
        yield row["kind"], row["status"], row["document"] and row["document"]["id"]


async def posted(world: World, program: str) -> tuple[Json, Json]:
    """A sale's input, and its transaction."""
    asked = sale(world, program)
    return asked, (await done(world, "postTransaction", asked))["transaction"]


@pytest.mark.parametrize("program", PROGRAMS)
async def test_a_return_is_one_entry_beside_its_sale(world: World, program: str) -> None:
    member = world.member_id(program, "rich")
    before = await listed(world, member)
    asked, sold = await posted(world, program)
    returning = a_return(world, program, sold["id"])
    back = (await done(world, "returnTransaction", returning))["transaction"]
    rows = await new(world, member, before)
    assert sorted(kinds(rows)) == [
        ("PURCHASE", "PARTLY_REVERSED", asked["document"]["id"]),
        ("RETURN", "POSTED", returning["document"]["id"]),
    ]
    assert {row["id"] for row in rows} == {sold["id"], back["id"]}
    [told] = [row for row in rows if row["id"] == back["id"]]
    assert told["effect"]["adjusted"] == back["effect"]["adjusted"]
    assert [(each["sequence"], each["quantity"]) for each in told["lines"]] == [(1, "1")]
    amount = told["total"] and Decimal(told["total"]["amount"])
    assert amount in {None, -sum(Decimal(each["subtotal"]["amount"]) for each in told["lines"])}
    delta = sum((effect.delta or Decimal(0) for _, effect in effects(world, program)), Decimal(0))
    assert sum(map(moved, rows)) == delta


@pytest.mark.parametrize("program", PROGRAMS)
async def test_a_list_and_an_id_tell_the_same(world: World, program: str) -> None:
    member = world.member_id(program, "rich")
    before = await listed(world, member)
    _, sold = await posted(world, program)
    await done(world, "returnTransaction", a_return(world, program, sold["id"]))
    second = a_return(world, program, sold["id"], lines=[{"sequence": 2, "quantity": "1"}])
    second["document"] = {"id": "CN-SECOND"}
    second["refunds"] = [{"method": "CARD", "amount": "25.00"}]
    await done(world, "returnTransaction", second)
    await done(world, "voidTransaction", {"transactionId": sold["id"]})
    await done(world, "adjustPoints", adjustment(world, program, "50"))
    await done(world, "adjustPoints", adjustment(world, program, "-20"))
    spent = await done(world, "redeemPoints", redemption(world, program))
    await done(world, "voidRedemption", {"redemptionId": spent["redemption"]["id"]})
    rows = await new(world, member, before)
    assert len(rows) == 8
    for row in rows:
        by_id = await one(world, row["id"])
        assert {name: by_id[name] for name in row} == row
        assert row["document"] is None or not OURS.search(row["document"]["id"])
        assert row["document"] is None or row["document"]["number"] is None
    delta = sum((effect.delta or Decimal(0) for _, effect in effects(world, program)), Decimal(0))
    assert sum(map(moved, rows)) == delta == 30


@pytest.mark.parametrize("program", PROGRAMS)
async def test_a_void_undoes_the_sale_and_its_return(world: World, program: str) -> None:
    member = world.member_id(program, "rich")
    before = await listed(world, member)
    asked, sold = await posted(world, program)
    returning = a_return(world, program, sold["id"])
    back = (await done(world, "returnTransaction", returning))["transaction"]
    await done(world, "voidTransaction", {"transactionId": sold["id"]})
    rows = await new(world, member, before)
    found = sorted(kinds(rows), key=str)
    assert found == [
        ("PURCHASE", "VOIDED", asked["document"]["id"]),
        ("RETURN", "POSTED", None),
        ("RETURN", "VOIDED", returning["document"]["id"]),
    ]
    [void] = [row for row in rows if row["document"] is None]
    assert (await one(world, void["id"]))["reverses"] == {"id": sold["id"], "status": "VOIDED"}
    undone = await one(world, back["id"])
    assert undone["status"] == "VOIDED"
    assert [each["id"] for each in undone["reversedBy"]] == [void["id"]]
    assert sum(map(moved, rows)) == 0
    assert sum(e.delta or 0 for _, e in effects(world, program)) == 0


async def test_a_page_is_full_though_entries_are_told_with_others(world: World) -> None:
    member = world.member_id("northshore", "rich")
    _, sold = await posted(world, "northshore")
    back = (await done(world, "returnTransaction", a_return(world, "northshore", sold["id"])))[
        "transaction"
    ]
    whole = [row["id"] for row in await listed(world, member)]
    assert whole[:2] == [back["id"], sold["id"]]
    by_one: list[str] = []
    after = None
    for _ in range(4):
        data = await world.data(LIST, {"id": member, "first": 1, "after": after})
        page = data["member"]["transactions"]
        by_one += [row["id"] for row in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
    assert by_one == whole[:4]


async def test_another_server_of_the_same_ledger_tells_the_same(stage: Stage, world: World) -> None:
    ledger = stage.new_ledger()
    async with stage.beside(world, ledger) as first:
        member = first.member_id("northshore", "rich")
        before = await listed(first, member)
        _, sold = await posted(first, "northshore")
        await done(first, "returnTransaction", a_return(first, "northshore", sold["id"]))
        await done(first, "voidTransaction", {"transactionId": sold["id"]})
        spent = (await done(first, "redeemPoints", redemption(first, "northshore")))["redemption"]
        await done(first, "voidRedemption", {"redemptionId": spent["id"]})
        here = await new(first, member, before)
    async with stage.beside(world, ledger) as second:
        assert await new(second, member, before) == here
    assert sorted(status for _, status, _ in kinds(here)) == [*["POSTED"] * 2, *["VOIDED"] * 3]


async def test_without_the_ledger_no_reference_of_ours_is_a_document(
    stage: Stage, world: World
) -> None:
    member = world.member_id("northshore", "rich")
    before = await listed(world, member)
    asked, sold = await posted(world, "northshore")
    await done(world, "returnTransaction", a_return(world, "northshore", sold["id"]))
    await done(world, "voidTransaction", {"transactionId": sold["id"]})
    async with stage.beside(world, stage.new_ledger()) as other:
        rows = await new(other, member, before)
    sold_as = asked["document"]["id"]
    assert [row["document"] and row["document"]["id"] for row in rows] == [
        None,
        sold_as,
        f"CN-{sold['id'][-8:]}",
        sold_as,
    ]
    assert sum(map(moved, rows)) == 0


@pytest.mark.parametrize("program", PROGRAMS)
async def test_a_redemption_that_was_voided_says_so_in_the_list(world: World, program: str) -> None:
    member = world.member_id(program, "rich")
    before = await listed(world, member)
    spent = (await done(world, "redeemPoints", redemption(world, program)))["redemption"]
    [row] = await new(world, member, before)
    assert (row["kind"], row["status"], moved(row)) == ("REDEMPTION", "POSTED", -100)
    await done(world, "voidRedemption", {"redemptionId": spent["id"]})
    rows = await new(world, member, before)
    assert [(each["kind"], each["status"]) for each in rows if each["id"] == row["id"]] == [
        ("REDEMPTION", "VOIDED")
    ]
    assert (await one(world, row["id"]))["status"] == "VOIDED"
    assert sum(map(moved, rows)) == 0


@pytest.mark.parametrize("program", ["kopi", "syw"])
async def test_a_sale_that_redeems_is_one_entry_and_so_is_its_void(
    world: World, program: str
) -> None:
    member = world.member_id(program, "rich")
    before = await listed(world, member)
    asked = sale(world, program)
    asked["points"] = {**asked.get("points", {}), "redeem": "1000"}
    worth = {"kopi": "10.00", "syw": "1.00"}[program]
    rest = Decimal("55.00") - Decimal(worth)
    asked["payments"] = [
        {"method": "CARD", "amount": f"{rest:.2f}"},
        {"method": "POINTS", "amount": worth},
    ]
    sold = (await done(world, "postTransaction", asked))["transaction"]
    assert sold["effect"]["redeemed"] == "1000"
    [row] = await new(world, member, before)
    assert (row["id"], row["kind"]) == (sold["id"], "PURCHASE")
    assert {name: row["effect"][name] for name in sold["effect"]} == sold["effect"]
    await done(world, "voidTransaction", {"transactionId": sold["id"]})
    rows = await new(world, member, before)
    assert sorted(status for _, status, _ in kinds(rows)) == ["POSTED", "VOIDED"]
    assert sum(map(moved, rows)) == 0
    assert sum(effect.delta or 0 for _, effect in effects(world, program)) == 0


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("delta", ["50", "-20"])
async def test_a_correction_is_told_as_it_is_listed(world: World, program: str, delta: str) -> None:
    member = world.member_id(program, "rich")
    before = await listed(world, member)
    selected = f"transaction {{ {FIELDS} }} status errors {{ message }}"
    asked = {"idempotencyKey": key(), **adjustment(world, program, delta)}
    answer = await world.query(document("adjustPoints", selected), {"input": asked})
    told = answer.data["adjustPoints"]["transaction"]
    [row] = await new(world, member, before)
    same = ("id", "kind", "status", "document")
    assert [row[name] for name in same] == [told[name] for name in same]
    figures = ("earned", "redeemed", "adjusted", "base", "bonus", "promotional")
    shown = [[each["effect"][name] for name in figures] for each in (row, told)]
    assert shown[0] == shown[1]
    assert moved(row) == Decimal(delta)


@pytest.mark.parametrize("program", PROGRAMS)
async def test_a_balance_after_is_what_can_be_spent_or_null(world: World, program: str) -> None:
    member = world.member_id(program, "rich")
    _, sold = await posted(world, program)
    there = await points(world, member)
    row = (await one(world, sold["id"]))["effect"]
    assert row["balanceAfter"] is None or Decimal(row["balanceAfter"]) == there
    pending = sale(world, program)
    if program == "northshore":
        pending["settlement"] = "PENDING"
        waiting = (await done(world, "postTransaction", pending))["transaction"]
        assert (await one(world, waiting["id"]))["effect"]["balanceAfter"] is None
        assert await points(world, member) == there


def adjustment(world: World, program: str, delta: str) -> Json:
    asked: Json = {
        "memberId": world.member_id(program, "rich"),
        "delta": delta,
        "reason": {"northshore": "4102"}.get(program, "A gift"),
        "outlet": {"code": OUTLETS[program]},
    }
    if program == "syw":
        asked["offerCode"] = "GOODWILL"
    return asked


def redemption(world: World, program: str) -> Json:
    asked: Json = {
        "memberId": world.member_id(program, "rich"),
        "amount": {"points": "100"},
        "outlet": {"code": OUTLETS[program]},
    }
    if program == "syw":
        asked["lines"] = [line("COFFEE", "1", "30.00")]
    return asked
