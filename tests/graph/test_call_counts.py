"""How many calls a query costs its programs, by the sandbox's own books."""

import pytest

from loyalty.refs import MemberRef
from tests.graph.world import World

NAMES = "query($ids: [ID!]!) { members(ids: $ids) { name } }"


def crowd(world: World, size: int) -> list[str]:
    """Ids of so many OneRewards members."""
    company = next(iter(world.sandbox.onerewards.companies.values()))
    numbers = list(company.members)[:size]
    assert len(numbers) == size
    return [world.id(MemberRef("kopi", str(number))) for number in numbers]


async def test_a_hundred_names_are_one_upstream_call(world: World) -> None:
    with world.expected(kopi__member_listing=1):
        data = await world.data(NAMES, {"ids": crowd(world, 100)})
    assert len({member["name"] for member in data["members"]}) > 50
    assert all(member["name"] for member in data["members"])


async def test_a_hundred_balances_are_a_call_each_beside_the_listing(world: World) -> None:
    with world.expected(kopi__member_listing=1, kopi__get_member_info=100):
        document = "query($ids: [ID!]!) { members(ids: $ids) { name balance { points } } }"
        data = await world.data(document, {"ids": crowd(world, 100)})
    assert all(member["balance"]["points"] for member in data["members"])


async def test_balances_alone_ask_for_no_record(world: World) -> None:
    with world.expected(kopi__get_member_info=100):
        document = "query($ids: [ID!]!) { members(ids: $ids) { balance { points } } }"
        data = await world.data(document, {"ids": crowd(world, 100)})
    assert all(member["balance"]["points"] for member in data["members"])


async def test_a_repeated_id_costs_nothing_more(world: World) -> None:
    one, other = crowd(world, 2)
    with world.expected(kopi__member_listing=1, kopi__get_member_info=2):
        document = "query($ids: [ID!]!) { members(ids: $ids) { id balance { points } name } }"
        data = await world.data(document, {"ids": [one, other, one, one]})
    assert [member["id"] for member in data["members"]] == [one, other, one, one]


@pytest.mark.parametrize("program", ["kopi", "syw", "northshore"])
async def test_one_member_under_many_names_is_asked_for_once(world: World, program: str) -> None:
    document = """query($id: ID!, $key: String!, $number: String!) {
      member(id: $id) { name again: name balance { points } }
      other: member(id: $id) { email balance { worth { amount } } }
      node(id: $id) { ... on Member { phone balance { points } } }
      nodes(ids: [$id]) { ... on Member { status } }
      members(ids: [$id, $id]) { tier { tier { code } } balance { points } }
      memberByNumber(program: $key, number: $number) { givenName balance { points } }
    }"""
    variables = {
        "id": world.member_id(program, "rich"),
        "key": program,
        "number": world.number(program, "rich"),
    }
    balances = {
        "kopi": "kopi.get_member_info",
        "syw": "syw.GetRewardBalance",
        "northshore": "northshore.member_points",
    }
    data = await world.data(document, variables)
    assert world.calls[balances[program]] == 1
    # fabric finds by number only through a search of its own: another question, asked once.
    assert sum(world.calls.values()) == (3 if program == "northshore" else 2)
    points = world.book(program, variables["number"])["points"]
    assert float(data["member"]["balance"]["points"]) == float(points)


async def test_what_an_id_or_the_configuration_tells_costs_no_call(world: World) -> None:
    document = """query($id: ID!) {
      member(id: $id) { __typename id program { key name currency health { state } } }
      node(id: $id) { __typename id }
      programs {
        id key name timeZone environment health { state latencyMs }
        provider { code name lookupKeys capabilities { operation support } }
        capabilities { operation support idempotency note }
      }
      program(key: "syw") { name }
      nothing: program(key: "no-such") { name }
      __schema { queryType { name } }
    }"""
    with world.expected():
        data = await world.data(document, {"id": world.member_id("kopi", "rich")})
    assert data["member"]["program"]["key"] == "kopi"
    assert [program["key"] for program in data["programs"]] == ["kopi", "syw", "northshore"]
    assert data["nothing"] is None


async def test_tokens_are_fetched_once_however_many_members_need_them(cold_world: World) -> None:
    ids = [
        cold_world.member_id(program, persona)
        for program in ("syw", "northshore")
        for persona in ("rich", "zero", "no_tier")
    ]
    document = "query($ids: [ID!]!) { members(ids: $ids) { name balance { points } } }"
    assert len((await cold_world.data(document, {"ids": ids}))["members"]) == 6
    assert cold_world.tokens == 2


async def test_two_bills_are_two_questions_and_the_same_bill_is_one(world: World) -> None:
    document = """query($id: ID!) { member(id: $id) {
      small: vouchers(spending: "5") { nodes { code usable { now } } }
      big: vouchers(spending: "500") { nodes { code usable { now } } }
      bigAgain: vouchers(spending: "500", first: 1, usableNow: true) { nodes { code } }
      unknown: vouchers { nodes { code } }
    } }"""
    with world.expected(kopi__usable_vouchers=3):
        data = await world.data(document, {"id": world.member_id("kopi", "vouchers")})
    member = data["member"]
    small, big = (
        {v["code"] for v in member[bill]["nodes"] if v["usable"]["now"]}
        for bill in ("small", "big")
    )
    assert big > small
    assert len(member["bigAgain"]["nodes"]) == 1


PIECES = """query($id: ID!, $points: Boolean!, $vouchers: Boolean!) {
  member(id: $id) {
    ... Named
    ... on Member @include(if: $points) { balance { points } }
    vouchers(first: 1) @skip(if: $vouchers) { nodes { code } }
    ... on Node { id }
  }
}
fragment Named on Member { name ... More }
fragment More on Member { offers(first: 1) @include(if: false) { nodes { code } } }
"""


@pytest.mark.parametrize("points", [True, False])
@pytest.mark.parametrize("skipped", [True, False])
async def test_skipped_fields_are_not_fetched(world: World, points: bool, skipped: bool) -> None:
    wanted = {"kopi.member_listing": 1}
    wanted |= {"kopi.get_member_info": 1} if points else {}
    wanted |= {} if skipped else {"kopi.usable_vouchers": 1}
    variables = {"id": world.member_id("kopi", "vouchers"), "points": points, "vouchers": skipped}
    data = await world.data(PIECES, variables)
    assert world.calls == wanted
    assert ("balance" in data["member"], "vouchers" in data["member"]) == (points, not skipped)
    assert "offers" not in data["member"]


async def test_a_member_whose_every_field_is_skipped_costs_nothing(world: World) -> None:
    with world.expected():
        document = "query($id: ID!) { member(id: $id) { id name @skip(if: true) } }"
        data = await world.data(document, {"id": world.member_id("kopi", "rich")})
    assert data["member"].keys() == {"id"}


@pytest.mark.parametrize(
    ("program", "number", "call"),
    [
        ("kopi", "999999", "kopi.member_listing"),
        ("syw", "7081555999999999", "syw.GetMemberLookup"),
        ("northshore", "99999999999", "northshore.get_members"),
    ],
)
async def test_a_member_that_does_not_exist_is_null_after_one_round_trip(
    world: World, program: str, number: str, call: str
) -> None:
    native = "00000000-0000-4000-8000-000000000000" if program == "northshore" else number
    document = """query($id: ID!) { member(id: $id) {
      name tier { tier { name } } balance { points expiring { points } }
      vouchers { nodes { code } } offers { nodes { code } } transactions { nodes { id } }
    } }"""
    answer = await world.query(document, {"id": world.id(MemberRef(program, native))})
    assert (answer.data, answer.errors) == ({"member": None}, [])
    assert len(world.waves) == 1
    assert world.calls[call] == 1

    world.forget()
    by_number = """query($program: String!, $number: String!) {
      memberByNumber(program: $program, number: $number) { name balance { points } }
    }"""
    answer = await world.query(by_number, {"program": program, "number": number})
    assert (answer.data, answer.errors) == ({"memberByNumber": None}, [])
    assert len(world.waves) == 1


@pytest.mark.parametrize("program", ["kopi", "syw", "northshore"])
async def test_a_missing_members_balance_alone_is_null_without_a_second_call(
    world: World, program: str
) -> None:
    native = {
        "kopi": "999999",
        "syw": "7081555999999999",
        "northshore": "00000000-0000-4000-8000-000000000000",
    }[program]
    document = "query($id: ID!) { member(id: $id) { balance { points } } }"
    answer = await world.query(document, {"id": world.id(MemberRef(program, native))})
    assert (answer.data, answer.errors) == ({"member": None}, [])
    assert sum(world.calls.values()) == 1
