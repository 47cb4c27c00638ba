"""Points and vouchers turned into value and back, judged by the sandbox's books."""

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
    refused,
    sale,
    told,
)
from tests.graph.world import Json, World

REDEMPTION = """query R($id: ID!) { redemption(id: $id) {
  id status points code voucher { code status } transaction { id } member { id }
} node(id: $id) { __typename id } }"""


def redemption(world: World, program: str, persona: str = "rich", **changes: object) -> Json:
    asked: Json = {
        "memberId": world.member_id(program, persona),
        "amount": {"points": "100"},
        "outlet": {"code": OUTLETS[program]},
    }
    if program == "syw":
        asked["lines"] = [line("COFFEE", "1", "30.00")]
    return {**asked, **changes}


def moved(world: World, program: str) -> Decimal:
    return sum((effect.delta or Decimal(0) for _, effect in effects(world, program)), Decimal(0))


@pytest.mark.parametrize("program", PROGRAMS)
async def test_points_are_spent_and_given_back(world: World, program: str) -> None:
    member = world.member_id(program, "rich")
    before = await points(world, member)
    payload = await done(world, "redeemPoints", redemption(world, program))
    spent = payload["redemption"]
    assert (spent["status"], spent["points"], spent["member"]["id"]) == ("CAPTURED", "100", member)
    assert moved(world, program) == -100
    assert Decimal(payload["member"]["balance"]["points"]) == before - 100
    payload = await done(world, "voidRedemption", {"redemptionId": spent["id"]})
    assert (payload["redemption"]["id"], payload["redemption"]["status"]) == (spent["id"], "VOIDED")
    assert moved(world, program) == 0
    assert Decimal(payload["member"]["balance"]["points"]) == before
    found = await world.data(REDEMPTION, {"id": spent["id"]})
    assert found["redemption"]["status"] == "VOIDED"
    assert found["node"] == {"__typename": "Redemption", "id": spent["id"]}
    error = await refused(world, "voidRedemption", {"redemptionId": spent["id"]})
    assert (error["code"], error["field"]) == ("ALREADY_VOIDED", ["input", "redemptionId"])


@pytest.mark.parametrize("program", PROGRAMS)
async def test_an_amount_of_money_is_spent_in_points(world: World, program: str) -> None:
    payload = await done(
        world, "redeemPoints", redemption(world, program, amount={"money": "2.00"})
    )
    assert Decimal(payload["redemption"]["worth"]["amount"]) == 2
    assert moved(world, program) == -Decimal(payload["redemption"]["points"]) < 0


@pytest.mark.parametrize("program", PROGRAMS)
async def test_more_than_there_is_tells_what_there_is(world: World, program: str) -> None:
    member = world.member_id(program, "rich")
    there = await points(world, member)
    wanted = 20 * (int(there) // 20 + 1)  # fabric sells points for whole cents alone
    asked = redemption(world, program, amount={"points": str(wanted)})
    error = await refused(world, "redeemPoints", asked)
    assert error["__typename"] == "InsufficientPointsError"
    assert (error["code"], error["retry"]) == ("INSUFFICIENT_POINTS", "AFTER_CHANGE")
    assert Decimal(error["asked"]) == wanted
    assert Decimal(error["available"]) == there
    assert error["program"]["key"] == program


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("amount", ["points", "money"])
async def test_what_there_was_is_told_again_whatever_there_is_by_then(
    world: World, program: str, amount: str
) -> None:
    member = world.member_id(program, "rich")
    there = await points(world, member)
    much = {"points": "9000000", "money": "100000"}[amount]
    asked = redemption(world, program, amount={amount: much})
    asked["idempotencyKey"] = key()
    first = await told(world, "redeemPoints", asked)
    [error] = first["errors"]
    assert error["__typename"] == "InsufficientPointsError"
    assert Decimal(error["available"]) == there
    if amount == "points":
        assert Decimal(error["asked"]) == 9_000_000
    await done(world, "postTransaction", sale(world, program))
    assert await points(world, member) > there
    again = await told(world, "redeemPoints", asked)
    receipt = (first["receipt"], again["receipt"])
    if receipt[0] is not None:  # it was sent, and what came of it is recorded
        assert receipt[1]["replayed"]
        assert again["errors"] == first["errors"]
        selected = "errors { ... on InsufficientPointsError { asked available } }"
        data = await world.data(
            f"query R($key: String!) {{ operation(idempotencyKey: $key) {{ {selected} }} }}",
            {"key": asked["idempotencyKey"]},
        )
        figures = {name: error[name] for name in ("asked", "available")}
        assert data["operation"]["errors"] == [figures]
    else:
        assert Decimal(again["errors"][0]["available"]) > there


async def test_held_points_are_captured_then_given_back(world: World) -> None:
    asked = redemption(world, "northshore", hold=True)
    held = (await done(world, "redeemPoints", asked))["redemption"]
    assert held["status"] == "HELD"
    captured = await done(world, "captureRedemption", {"redemptionId": held["id"]})
    assert captured["redemption"]["status"] == "CAPTURED"
    assert moved(world, "northshore") == -100
    error = await refused(world, "captureRedemption", {"redemptionId": held["id"]})
    assert error["code"] == "REDEMPTION_NOT_OPEN"
    voided = await done(world, "voidRedemption", {"redemptionId": held["id"]})
    assert voided["redemption"]["status"] == "VOIDED"
    assert moved(world, "northshore") == 0


async def test_held_points_are_let_go(world: World) -> None:
    asked = redemption(world, "northshore", hold=True)
    held = (await done(world, "redeemPoints", asked))["redemption"]
    voided = await done(world, "voidRedemption", {"redemptionId": held["id"]})
    assert voided["redemption"]["status"] == "VOIDED"
    assert moved(world, "northshore") == 0


@pytest.mark.parametrize("program", ["kopi", "syw"])
async def test_who_cannot_hold_says_what_there_is_instead(world: World, program: str) -> None:
    error = await refused(world, "redeemPoints", redemption(world, program, hold=True))
    assert error["__typename"] == "NotSupportedError"
    assert (error["operation"], error["alternatives"]) == ("REDEMPTION_HOLD", ["POINTS_REDEEM"])
    assert error["field"] == ["input", "hold"]


async def vouchers(world: World, member: str) -> list[Json]:
    data = await world.data(
        """query V($id: ID!) { member(id: $id) { vouchers(first: 100) { nodes {
          id code status usable { now } discount { ... on AmountOff { amount { amount } } }
        } } } }""",
        {"id": member},
    )
    nodes: list[Json] = data["member"]["vouchers"]["nodes"]
    return nodes


async def test_an_offer_is_claimed_and_the_voucher_used_in_a_sale(world: World) -> None:
    member = world.member_id("kopi", "rich")
    data = await world.data(
        """query O($id: ID!) { member(id: $id) { offers(first: 100) { nodes {
          id code kind pointsCost eligible { now }
        } } } }""",
        {"id": member},
    )
    offer = next(o for o in data["member"]["offers"]["nodes"] if o["eligible"]["now"])
    claimed = await done(world, "claimVoucher", {"memberId": member, "offerId": offer["id"]})
    voucher = claimed["voucher"]
    assert voucher["code"] in [each["code"] for each in await vouchers(world, member)]
    [(_, effect)] = effects(world, "kopi")
    assert effect.voucher == voucher["code"]
    assert claimed["receipt"]["result"] == {"id": voucher["id"], "__typename": "Voucher"}


async def test_a_voucher_is_used_once(world: World) -> None:
    member = world.member_id("kopi", "vouchers")
    usable = next(
        each
        for each in await vouchers(world, member)
        if each["usable"]["now"] and each["discount"].get("amount")
    )
    asked = {
        "voucherId": usable["id"],
        "discount": usable["discount"]["amount"]["amount"],
        "outlet": {"code": "HQ"},
        "lines": [line("COFFEE", "10", "10.00")],
    }
    payload = await done(world, "redeemVoucher", asked)
    assert payload["redemption"]["status"] == "CAPTURED"
    assert usable["code"] in {effect.voucher for _, effect in effects(world, "kopi")}
    error = await refused(world, "redeemVoucher", asked)
    assert error["code"] in {"VOUCHER_NOT_USABLE", "VOUCHER_NOT_FOUND"}
    assert error["field"] == ["input", "voucherId"]
    voided = await done(world, "voidRedemption", {"redemptionId": payload["redemption"]["id"]})
    assert voided["redemption"]["status"] == "VOIDED"
    assert usable["code"] in [
        each["code"] for each in await vouchers(world, member) if each["usable"]["now"]
    ]


async def held_reward(world: World) -> tuple[Json, Json]:
    """Points on hold: the redemption, and the voucher that it is meanwhile."""
    member = world.member_id("northshore", "rich")
    before = {each["id"] for each in await vouchers(world, member)}
    held = (await done(world, "redeemPoints", redemption(world, "northshore", hold=True)))[
        "redemption"
    ]
    [voucher] = [each for each in await vouchers(world, member) if each["id"] not in before]
    return held, voucher


def steps(world: World) -> list[str]:
    """What was done with rewards, in the sandbox's books."""
    return [effect.operation for _, effect in effects(world, "northshore")]


async def test_a_held_reward_is_a_voucher_and_stays_one_redemption(world: World) -> None:
    held, voucher = await held_reward(world)
    assert held["voucher"] == {"code": voucher["code"], "status": "USABLE"}
    asked = {"voucherId": voucher["id"], "outlet": {"code": "ONLINE"}, "idempotencyKey": key()}
    payload = await done(world, "redeemVoucher", asked)
    assert payload["redemption"] == {
        **held,
        "status": "CAPTURED",
        "voucher": {"code": voucher["code"], "status": "REDEEMED"},
    }
    assert payload["receipt"]["result"] == {"id": held["id"], "__typename": "Redemption"}
    found = await world.data(REDEMPTION, {"id": held["id"]})
    assert found["redemption"]["status"] == "CAPTURED"
    assert moved(world, "northshore") == -100
    again = await done(world, "redeemVoucher", asked)
    assert (again["receipt"]["replayed"], again["redemption"]) == (True, payload["redemption"])
    other = await refused(world, "redeemVoucher", {**asked, "idempotencyKey": key()})
    assert other["code"] == "VOUCHER_NOT_USABLE"
    late = await refused(world, "captureRedemption", {"redemptionId": held["id"]})
    assert (late["code"], late["field"]) == ("REDEMPTION_NOT_OPEN", ["input", "redemptionId"])
    assert "CAPTURED" in late["message"]
    voided = await done(world, "voidRedemption", {"redemptionId": held["id"]})
    assert (voided["redemption"]["id"], voided["redemption"]["status"]) == (held["id"], "VOIDED")
    twice = await refused(world, "voidRedemption", {"redemptionId": held["id"]})
    assert twice["code"] == "ALREADY_VOIDED"
    assert moved(world, "northshore") == 0
    assert steps(world) == ["issue_reward", "redeem_reward", "reverse_reward"]


async def test_a_capture_leaves_no_voucher_to_be_redeemed(world: World) -> None:
    held, voucher = await held_reward(world)
    await done(world, "captureRedemption", {"redemptionId": held["id"]})
    asked = {"voucherId": voucher["id"], "outlet": {"code": "ONLINE"}}
    error = await refused(world, "redeemVoucher", asked)
    assert (error["code"], error["field"]) == ("VOUCHER_NOT_USABLE", ["input", "voucherId"])
    assert moved(world, "northshore") == -100


async def test_a_hold_tells_until_when(world: World) -> None:
    held, voucher = await held_reward(world)
    data = await world.data(
        "query E($held: ID!, $voucher: ID!) { redemption(id: $held) { expiresAt } "
        "node(id: $voucher) { ... on Voucher { expiresAt } } }",
        {"held": held["id"], "voucher": voucher["id"]},
    )
    assert data["redemption"]["expiresAt"] == data["node"]["expiresAt"] is not None


@pytest.mark.parametrize("fault", [{"status": 500}, {"delay_ms": 60_000}])
async def test_points_are_held_though_nobody_tells_until_when(world: World, fault: Json) -> None:
    world.fault("northshore", "rewards_history", **fault)
    asked = redemption(world, "northshore", hold=True)
    selected = "status redemption { status expiresAt }"
    payload = (
        await world.query(
            document("redeemPoints", selected), {"input": {"idempotencyKey": key(), **asked}}
        )
    ).data["redeemPoints"]
    assert payload == {"status": "SUCCEEDED", "redemption": {"status": "HELD", "expiresAt": None}}
    assert moved(world, "northshore") == -100


async def test_redemptions_made_beforehand_are_told_with_the_sale(world: World) -> None:
    spent = (await done(world, "redeemPoints", redemption(world, "northshore")))["redemption"]
    asked = sale(world, "northshore", redemptionIds=[spent["id"]])
    posted = (await done(world, "postTransaction", asked))["transaction"]
    found = await world.data(REDEMPTION, {"id": spent["id"]})
    assert found["redemption"]["transaction"]["id"] == posted["id"]
    data = await world.data(
        "query T($id: ID!) { transaction(id: $id) { redemptions { id points } } }",
        {"id": posted["id"]},
    )
    assert data["transaction"]["redemptions"] == [{"id": spent["id"], "points": "100"}]
    voided = await done(world, "voidTransaction", {"transactionId": posted["id"]})
    assert voided["transaction"]["status"] == "VOIDED"
    kept = await world.data(REDEMPTION, {"id": spent["id"]})
    assert kept["redemption"]["status"] == "CAPTURED"


async def test_a_linked_member_shows_a_code_first(world: World) -> None:
    asked = redemption(world, "kopi", "linked", amount={"points": "10"})
    error = await refused(world, "redeemPoints", asked)
    assert (error["code"], error["field"]) == (
        "AUTHORIZATION_REQUIRED",
        ["input", "authorization"],
    )


@pytest.mark.parametrize("program", ["kopi", "syw"])  # fabric's contract knows no such rule
async def test_points_of_an_inactive_member_stay(world: World, program: str) -> None:
    error = await refused(world, "redeemPoints", redemption(world, program, "inactive"))
    assert error["code"] == "MEMBER_NOT_ACTIVE"
    assert error["__typename"] == "BusinessError"
