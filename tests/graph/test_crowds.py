"""Crowds: merged fragments, long lists, and one failing item must not harm their neighbours."""

from loyalty.refs import MemberRef, VoucherRef
from tests.graph.world import World

VOUCHERS = "{ memberByNumber(program: %s, number: %s) { vouchers { nodes { id } } } }"


async def voucher_of(world: World, program: str, persona: str) -> str:
    number = world.number(program, persona)
    document = VOUCHERS % (f'"{program}"', f'"{number}"')
    data = await world.data(document)
    return str(data["memberByNumber"]["vouchers"]["nodes"][0]["id"])


async def test_a_shared_fragment_is_selected_anew_where_more_is_merged_into_it(
    world: World,
) -> None:
    a = await voucher_of(world, "kopi", "vouchers")
    b = await voucher_of(world, "kopi", "everywhere")
    world.forget()
    data = await world.data(
        """query($a: ID!, $b: ID!) {
          b: voucher(id: $b) { ...V }
          a: voucher(id: $a) { ...V member { name } }
        }
        fragment V on Voucher { code member { id } }""",
        {"a": a, "b": b},
    )
    assert data["a"]["member"]["name"]
    assert "name" not in data["b"]["member"]
    assert world.calls == {"kopi.can_use_voucher": 2, "kopi.member_listing": 1}


async def test_one_failing_node_leaves_the_others_whole(world: World) -> None:
    kopi = await voucher_of(world, "kopi", "vouchers")
    northshore = await voucher_of(world, "northshore", "vouchers")
    world.fault("northshore", "*", times=20, status=503)
    answer = await world.query(
        "query($ids: [ID!]!) { nodes(ids: $ids) { id ... on Voucher { code } } }",
        {"ids": [kopi, northshore, world.member_id("syw", "rich")]},
    )
    first, failed, last = answer.data["nodes"]
    assert first["code"]
    assert failed is None
    assert last["id"]
    assert [error["path"] for error in answer.errors] == [["nodes", 1]]
    assert answer.errors[0]["extensions"]["program"] == "northshore"


async def test_a_hundred_single_questions_do_not_crowd_each_other_out(world: World) -> None:
    refs = [VoucherRef(MemberRef("kopi", str(4801 + n)), f"nobody's {n}") for n in range(100)]
    answer = await world.query(
        "query($ids: [ID!]!) { nodes(ids: $ids) { ... on Voucher { code } } }",
        {"ids": [world.id(ref) for ref in refs]},
    )
    assert answer.errors == []
    assert world.calls == {"kopi.can_use_voucher": 100}


async def test_what_a_search_finds_is_never_expanded_beyond_the_budget(world: World) -> None:
    before = sum(world.calls.values())
    answer = await world.query(
        """{ findMembers(by: { name: { givenName: "Amir" } }, programs: ["northshore"]) {
          members { name balance { points expiring { points } } vouchers { nodes { id } } }
          error { code retry }
        } }"""
    )
    assert sum(world.calls.values()) - before <= 250
    result = answer.data["findMembers"][0]
    assert result["members"] is None
    assert result["error"] == {"code": "MEMBER_AMBIGUOUS", "retry": "AFTER_CHANGE"}


async def test_long_lists_for_many_members_are_refused_before_anything_is_sent(
    world: World,
) -> None:
    ids = [world.member_id("kopi", name) for name in ("rich", "zero", "vouchers")]
    aliases = " ".join(f"b{n}: capabilities {{ operation }}" for n in range(20))
    answer = await world.query(
        f"query($ids: [ID!]!) {{ members(ids: $ids) {{ program {{ {aliases} }} }} }}",
        {"ids": ids * 3},
    )
    assert answer.errors == []  # nine ids of three members: 3 x 20 x 32 entries are allowed
    wide = 'query { findMembers(by: { phone: "+60123456781" }) { members { program { %s } } } }'
    refused = await world.query(wide % aliases)
    assert [e["extensions"]["code"] for e in refused.errors] == ["LIMIT_EXCEEDED"]
    assert world.calls == {}
