"""Sales end to end, judged by the sandbox's books: posted, seen, returned in part, voided."""

from decimal import Decimal

import pytest

from tests.graph.selling import (
    OUTLETS,
    PROGRAMS,
    done,
    effects,
    points,
    refused,
    sale,
    told,
)
from tests.graph.world import UPSTREAMS, Json, World

HISTORY = """query H($id: ID!) { member(id: $id) { transactions(first: 5) { nodes {
  id kind status document { id } lines { sequence quantity } freshness { source }
} } } }"""
ONE = """query T($id: ID!) { transaction(id: $id) {
  id kind status document { id } lines { sequence } reversedBy { id kind reverses { id } }
} }"""


def a_return(world: World, program: str, transaction: str, **changes: object) -> Json:
    asked: Json = {
        "transactionId": transaction,
        "document": {"id": f"CN-{transaction[-8:]}"},
        "occurredAt": world.now.isoformat(),
        "lines": [{"sequence": 1, "quantity": "1"}],
        "refunds": [{"method": "CARD", "amount": "10.00"}],
    }
    if program == "kopi":
        asked["takeBackPoints"] = "10"
    return {**asked, **changes}


async def history(world: World, member: str) -> list[Json]:
    data = await world.data(HISTORY, {"id": member})
    nodes: list[Json] = data["member"]["transactions"]["nodes"]
    return nodes


@pytest.mark.parametrize("program", PROGRAMS)
async def test_a_sale_is_one_effect_and_seen_at_once(world: World, program: str) -> None:
    member = world.member_id(program, "rich")
    before = await points(world, member)
    asked = sale(world, program)
    payload = await done(world, "postTransaction", asked)
    [(_, effect)] = effects(world, program)
    transaction = payload["transaction"]
    assert transaction["document"]["id"] == asked["document"]["id"]
    assert transaction["total"]["amount"] == "55.00"
    assert [each["quantity"] for each in transaction["lines"]] == ["3", "1"]
    earned = Decimal(transaction["effect"]["earned"])
    assert earned == effect.delta > 0
    assert Decimal(payload["member"]["balance"]["points"]) == before + earned
    latest = (await history(world, member))[0]
    assert latest["id"] == transaction["id"]
    assert latest["status"] == "POSTED"
    assert [each["sequence"] for each in latest["lines"]] == [1, 2]
    assert payload["receipt"]["result"] == {"id": transaction["id"], "__typename": "Transaction"}


@pytest.mark.parametrize("program", PROGRAMS)
async def test_a_part_comes_back(world: World, program: str) -> None:
    member = world.member_id(program, "rich")
    posted = (await done(world, "postTransaction", sale(world, program)))["transaction"]
    after_sale = await points(world, member)
    payload = await done(world, "returnTransaction", a_return(world, program, posted["id"]))
    back = payload["transaction"]
    assert back["kind"] == "RETURN"
    assert back["reverses"]["id"] == posted["id"]
    moved = sum((e.delta or 0) for _, e in effects(world, program)[1:])
    assert moved < 0
    assert Decimal(payload["member"]["balance"]["points"]) == after_sale + moved
    found = (await world.data(ONE, {"id": posted["id"]}))["transaction"]
    assert found["status"] == "PARTLY_REVERSED"
    assert [each["reverses"]["id"] for each in found["reversedBy"]] == [posted["id"]]
    again = (await world.data(ONE, {"id": back["id"]}))["transaction"]
    assert again is not None
    assert again["id"] == back["id"]


@pytest.mark.parametrize("program", PROGRAMS)
async def test_a_sale_is_voided_and_its_points_are_gone(world: World, program: str) -> None:
    member = world.member_id(program, "rich")
    before = await points(world, member)
    posted = (await done(world, "postTransaction", sale(world, program)))["transaction"]
    payload = await done(world, "voidTransaction", {"transactionId": posted["id"]})
    assert payload["transaction"]["id"] == posted["id"]
    assert payload["transaction"]["status"] == "VOIDED"
    assert Decimal(payload["member"]["balance"]["points"]) == before
    assert sum(e.delta or 0 for _, e in effects(world, program)) == 0
    found = (await world.data(ONE, {"id": posted["id"]}))["transaction"]
    assert found["status"] == "VOIDED"
    assert await points(world, member) == before
    twice = await refused(world, "voidTransaction", {"transactionId": posted["id"]})
    assert (twice["code"], twice["field"]) == ("ALREADY_VOIDED", ["input", "transactionId"])


@pytest.mark.parametrize("program", PROGRAMS)
async def test_a_sale_that_was_returned_in_part_is_voided_whole(world: World, program: str) -> None:
    member = world.member_id(program, "rich")
    before = await points(world, member)
    posted = (await done(world, "postTransaction", sale(world, program)))["transaction"]
    await done(world, "returnTransaction", a_return(world, program, posted["id"]))
    await done(world, "voidTransaction", {"transactionId": posted["id"]})
    assert await points(world, member) == before
    assert world.sandbox.frame.books.gaps(UPSTREAMS[program]) == []


@pytest.mark.parametrize("program", PROGRAMS)
async def test_the_history_adds_up_whatever_was_undone(world: World, program: str) -> None:
    member = world.member_id(program, "rich")
    before = await listed_points(world, member)
    posted = (await done(world, "postTransaction", sale(world, program)))["transaction"]
    await done(world, "returnTransaction", a_return(world, program, posted["id"]))
    await done(world, "voidTransaction", {"transactionId": posted["id"]})
    redeeming = {
        "memberId": member,
        "amount": {"points": "100"},
        "outlet": {"code": OUTLETS[program]},
        "lines": sale(world, program)["lines"],
    }
    spent = (await done(world, "redeemPoints", redeeming))["redemption"]
    assert await listed_points(world, member) == before - 100
    await done(world, "voidRedemption", {"redemptionId": spent["id"]})
    assert sum(e.delta or 0 for _, e in effects(world, program)) == 0
    assert await listed_points(world, member) == before


async def listed_points(world: World, member: str) -> Decimal:
    """What all transactions of a member's list did to the balance."""
    query = """query L($id: ID!) { member(id: $id) { transactions(first: 100) {
      nodes { effect { earned redeemed adjusted } }
    } } }"""
    nodes = (await world.data(query, {"id": member}))["member"]["transactions"]["nodes"]
    found = [{name: Decimal(each) for name, each in node["effect"].items()} for node in nodes]
    return sum((e["earned"] - e["redeemed"] + e["adjusted"] for e in found), Decimal(0))


@pytest.mark.parametrize("program", PROGRAMS)
async def test_more_than_was_sold_does_not_come_back(world: World, program: str) -> None:
    posted = (await done(world, "postTransaction", sale(world, program)))["transaction"]
    lines = [{"sequence": 1, "quantity": "4"}]
    error = await refused(
        world, "returnTransaction", a_return(world, program, posted["id"], lines=lines)
    )
    assert error["code"] == "INVALID_INPUT"
    assert error["field"][:3] == ["input", "lines", "0"]


async def test_a_history_of_our_own_is_read_page_by_page(world: World) -> None:
    member = world.member_id("kopi", "rich")
    posted = [
        (await done(world, "postTransaction", sale(world, "kopi")))["transaction"]["id"]
        for _ in range(5)
    ]
    query = """query P($id: ID!, $after: String) { member(id: $id) {
      transactions(first: 2, after: $after) {
        nodes { id freshness { source } } pageInfo { hasNextPage endCursor }
    } } }"""
    seen: list[str] = []
    after = None
    for _ in range(3):
        data = await world.data(query, {"id": member, "after": after})
        page = data["member"]["transactions"]
        seen += [node["id"] for node in page["nodes"]]
        assert {node["freshness"]["source"] for node in page["nodes"]} == {"LEDGER"}
        after = page["pageInfo"]["endCursor"]
    assert sorted(seen) == sorted(posted)
    assert page["pageInfo"]["hasNextPage"] is False


@pytest.mark.parametrize("program", PROGRAMS)
async def test_a_document_is_posted_once_whatever_the_key(world: World, program: str) -> None:
    asked = sale(world, program)
    first = await done(world, "postTransaction", asked)
    payload = await told(world, "postTransaction", asked)
    assert payload["status"] == "REJECTED"
    [error] = payload["errors"]
    assert error["code"] == "DUPLICATE"
    assert payload["receipt"]["id"] == first["receipt"]["id"]
    assert len(effects(world, program)) == 1
