"""Round trips: what does not depend on an answer leaves at once, whatever the program."""

import pytest

from tests.graph.world import World

DASHBOARD = """
  name status tier { tier { name } }
  balance { points worth { amount } expiring { points } }
  vouchers { nodes { code } } offers { nodes { code } } transactions { nodes { id } }
  affinities { code }
"""
WAVE = {
    "kopi": [
        "kopi.Get Member Info",
        "kopi.Get Member Listing",
        "kopi.Get Obtainable Voucher",
        "kopi.Get Usable Voucher",
    ],
    "syw": [
        "syw.GetApplicableOffers",
        "syw.GetMemberActivityDetail",
        "syw.GetMemberAffinitySubscriptions",
        "syw.GetMemberLookup",
        "syw.GetRewardBalance",
    ],
    "northshore": [
        "northshore.Get Member Points",
        "northshore.Get Members",
        "northshore.Get Points to be Expired",
        "northshore.Get Transactions",
        "northshore.Rewards History",
    ],
}
"""Program -> all that a dashboard needs of it."""


@pytest.mark.parametrize("program", WAVE)
async def test_a_dashboard_is_one_wave(world: World, program: str) -> None:
    document = f"query($id: ID!) {{ member(id: $id) {{ {DASHBOARD} }} }}"
    await world.query(document, {"id": world.member_id(program, "everywhere")})
    assert world.waves == [WAVE[program]]


async def test_three_dashboards_side_by_side_are_one_wave(world: World) -> None:
    document = f"""query($kopi: ID!, $syw: ID!, $northshore: ID!) {{
      kopi: member(id: $kopi) {{ ... Dashboard }}
      syw: node(id: $syw) {{ ... Dashboard }}
      northshore: nodes(ids: [$northshore]) {{ ... Dashboard }}
    }} fragment Dashboard on Member {{ {DASHBOARD} }}"""
    variables = {program: world.member_id(program, "everywhere") for program in WAVE}
    await world.data(document, variables)
    assert world.waves == [sorted(name for wave in WAVE.values() for name in wave)]


async def test_dashboards_in_a_list_are_one_wave(world: World) -> None:
    ids = [world.member_id("syw", persona) for persona in ("rich", "surprise", "restricted")]
    document = f"query($ids: [ID!]!) {{ members(ids: $ids) {{ {DASHBOARD} }} }}"
    await world.data(document, {"ids": ids})
    assert world.waves == [sorted(3 * WAVE["syw"])]


async def test_expiring_points_come_with_tellurides_balance(world: World) -> None:
    document = (
        """query($id: ID!) { member(id: $id) { balance { expiring { points expiresAt } } } }"""
    )
    data = await world.data(document, {"id": world.member_id("syw", "expiring")})
    assert len(data["member"]["balance"]["expiring"]) > 1
    assert world.calls == {"syw.GetRewardBalance": 1}


async def test_expiring_points_of_fabric_are_asked_for_with_the_balance(world: World) -> None:
    document = """query($id: ID!) { member(id: $id) { balance {
      points expiring { points precision } expired { points }
      redeemableAt(outlet: "NS-PDX-01")
    } } }"""
    data = await world.data(document, {"id": world.member_id("northshore", "restricted")})
    assert data["member"]["balance"]["expiring"]
    assert world.waves == [
        [
            "northshore.Get Expired Points",
            "northshore.Get Member Points",
            "northshore.Get Points to be Expired",
            "northshore.Get Redeemable Points",
        ]
    ]


async def test_offers_of_telluride_need_one_balance_beside_their_own_call(world: World) -> None:
    document = "query($id: ID!) { member(id: $id) { offers { nodes { kind } } } }"
    await world.data(document, {"id": world.member_id("syw", "surprise")})
    assert world.waves == [["syw.GetApplicableOffers", "syw.GetRewardBalance"]]


SEARCH = """query($phone: String!) { findMembers(by: { phone: $phone }) {
  program { key } error { code }
  members { id name email phone tier { tier { name } } }
} }"""


@pytest.mark.parametrize("phone", ["+60123456781", "2065550142", "12065550142"])
async def test_a_search_of_three_programs_is_one_wave(world: World, phone: str) -> None:
    data = await world.data(SEARCH, {"phone": phone})
    assert [found["program"]["key"] for found in data["findMembers"]] == list(WAVE)
    names = {m["name"] for found in data["findMembers"] for m in found["members"] or ()}
    assert names == {"Aisyah Rahman"}
    # A foreign number that Telluride cannot hold is not sent there.
    everyone = ["kopi.Get Member Listing", "northshore.Get Members", "syw.GetMemberLookup"]
    asked = everyone[:2] if phone.startswith("+60") else everyone
    assert world.waves == [asked]


async def test_what_is_found_is_not_asked_for_again(world: World) -> None:
    document = SEARCH.replace("id name", "name balance { points }")
    await world.data(document, {"phone": "12065550142"})
    search, balances = world.waves
    assert len(search) == 3
    assert "northshore.Get Member Points" in balances
    assert set(balances) <= {"northshore.Get Member Points", "syw.GetRewardBalance"}


async def test_what_was_found_is_known_wherever_it_is_met_again(world: World) -> None:
    document = """query($phone: String!) { findMembers(by: { phone: $phone }, programs: ["syw"]) {
      members { balance { expiring { member { name phone } } } }
    } }"""
    data = await world.data(document, {"phone": "2065550142"})
    [member] = data["findMembers"][0]["members"]
    assert {e["member"]["name"] for e in member["balance"]["expiring"]} == {"Aisyah Rahman"}
    assert world.calls == {"syw.GetMemberLookup": 1, "syw.GetRewardBalance": 1}


@pytest.mark.parametrize("program", ["kopi", "syw"])
async def test_a_number_that_is_a_key_needs_no_search_first(world: World, program: str) -> None:
    document = f"""query($program: String!, $number: String!) {{
      memberByNumber(program: $program, number: $number) {{ {DASHBOARD} }}
    }}"""
    variables = {"program": program, "number": world.number(program, "everywhere")}
    await world.data(document, variables)
    assert world.waves == [WAVE[program]]


async def test_aliases_with_other_arguments_leave_in_the_same_wave(world: World) -> None:
    document = """query($id: ID!) { member(id: $id) {
      may: transactions(from: "2026-05-01T00:00:00Z", to: "2026-05-31T23:59:59Z") { nodes { id } }
      june: transactions(from: "2026-06-01T00:00:00Z") { nodes { id } }
      spring: transactions(from: "2026-04-01T00:00:00Z") { nodes { id } }
    } }"""
    await world.data(document, {"id": world.member_id("syw", "rich")})
    assert world.waves == [3 * ["syw.GetMemberActivityDetail"]]


async def test_things_of_a_member_bring_their_owner_in_one_more_wave(world: World) -> None:
    document = """query($id: ID!) { member(id: $id) { vouchers {
      nodes { code member { name balance { points } } }
    } } }"""
    data = await world.data(document, {"id": world.member_id("kopi", "vouchers")})
    vouchers = data["member"]["vouchers"]["nodes"]
    assert {voucher["member"]["name"] for voucher in vouchers} == {"Vimala Voon"}
    assert world.waves == [
        ["kopi.Get Usable Voucher"],
        ["kopi.Get Member Info", "kopi.Get Member Listing"],
    ]
