"""Wallets: money by currency over all memberships, and what is missing is said."""

from decimal import Decimal

from tests.customers.persons import linked, unlinking
from tests.graph.world import Json, World

WALLET = """query W($id: ID!) { customer(id: $id) { wallet {
  worth { amount currency } complete missing { key } usableVouchers
  nextExpiry { points expiresAt member { id program { key } } }
} } }"""
PROGRAMS = ("kopi", "syw", "northshore")


async def everywhere(world: World) -> str:
    """The customer who is in all three programs."""
    customer: str | None = None
    for program in PROGRAMS:
        member = world.member_id(program, "everywhere")
        found = await linked(world, member, **({"customerId": customer} if customer else {}))
        customer = found["id"]
    assert customer is not None
    return customer


async def wallet(world: World, customer: str, document: str = WALLET) -> Json:
    data = await world.data(document, {"id": customer})
    found: Json = data["customer"]["wallet"]
    return found


async def balances(world: World) -> dict[str, Json]:
    """What each program says on its own."""
    document = """query B($ids: [ID!]!) { members(ids: $ids) { program { key } balance {
      worth { amount currency } expiring { points expiresAt } }
      vouchers(usableNow: true, first: 100) { nodes { code } } } }"""
    ids = [world.member_id(program, "everywhere") for program in PROGRAMS]
    data = await world.data(document, {"ids": ids})
    return {member["program"]["key"]: member for member in data["members"]}


def sums(*worths: Json) -> list[Json]:
    found: dict[str, Decimal] = {}
    for worth in worths:
        found[worth["currency"]] = found.get(worth["currency"], Decimal(0)) + Decimal(
            worth["amount"]
        )
    return [{"amount": f"{found[code]:f}", "currency": code} for code in sorted(found)]


async def test_a_wallet_adds_up_what_each_program_says(house: World) -> None:
    customer, alone = await everywhere(house), await balances(house)
    told = await wallet(house, customer)
    assert told["worth"] == sums(*(alone[program]["balance"]["worth"] for program in PROGRAMS))
    assert {each["currency"] for each in told["worth"]} == {"MYR", "USD"}
    assert (told["complete"], told["missing"]) == (True, [])
    expiring = [
        (each["expiresAt"], program, each["points"])
        for program in PROGRAMS
        for each in alone[program]["balance"]["expiring"] or ()
    ]
    soonest = min(expiring)
    assert told["nextExpiry"]["expiresAt"] == soonest[0]
    assert told["nextExpiry"]["member"]["program"]["key"] == soonest[1]
    usable = [alone[program]["vouchers"] for program in PROGRAMS]
    assert told["usableVouchers"] == sum(len(each["nodes"]) for each in usable if each)
    assert told["usableVouchers"] > 0


async def test_a_program_that_is_down_is_missing_and_the_rest_is_told(house: World) -> None:
    customer, alone = await everywhere(house), await balances(house)
    house.fault("syw", status=503)
    told = await wallet(house, customer)
    assert told["complete"] is False
    assert told["missing"] == [{"key": "syw"}]
    rest = [alone[program]["balance"]["worth"] for program in ("kopi", "northshore")]
    assert told["worth"] == sums(*rest)
    assert told["usableVouchers"] is not None


async def test_all_programs_down_is_an_empty_wallet_that_says_so(house: World) -> None:
    customer = await everywhere(house)
    for program in PROGRAMS:
        house.fault(program, status=503)
    told = await wallet(house, customer)
    assert told["worth"] == []
    assert told["complete"] is False
    assert {each["key"] for each in told["missing"]} == set(PROGRAMS)
    assert (told["nextExpiry"], told["usableVouchers"]) == (None, None)


async def test_a_wallet_leaves_in_one_wave(house: World) -> None:
    customer = await everywhere(house)
    house.forget()
    await wallet(house, customer)
    assert len(house.waves) <= 2, house.waves
    house.forget()
    await wallet(house, customer, "query W($id: ID!) { customer(id: $id) { wallet { complete } } }")
    assert len(house.waves) == 1
    assert len(house.calls) == 3


async def test_points_without_a_rate_are_missing_from_the_money(stage: object, url: str) -> None:
    from tests.customers.conftest import Stage, warmed  # noqa: PLC0415

    assert isinstance(stage, Stage)
    settings = stage.with_programs(kopi={"point_worth": None})
    async with stage.world(settings, ledger=url) as house:
        await warmed(house)
        rich = await linked(house, house.member_id("kopi", "rich"))
        told = await wallet(house, rich["id"])
        assert (told["worth"], told["complete"]) == ([], False)
        assert told["missing"] == [{"key": "kopi"}]
        zero = await linked(house, house.member_id("kopi", "zero"))
        told = await wallet(house, zero["id"])
        assert told["worth"] == [{"amount": "0", "currency": "MYR"}]
        assert told["complete"] is True


async def test_a_person_without_memberships_has_an_empty_and_complete_wallet(
    house: World,
) -> None:
    member = house.member_id("kopi", "everywhere")
    customer = await linked(house, member)
    await unlinking(house, member)
    told = await wallet(house, customer["id"])
    assert told == {
        "worth": [],
        "complete": True,
        "missing": [],
        "usableVouchers": None,
        "nextExpiry": None,
    }
