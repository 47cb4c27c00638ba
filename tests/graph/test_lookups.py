"""Searches of several programs: one result each, and each one's failure is data beside the rest."""

import pytest

from tests.graph.world import UPSTREAMS, Json, World

FIND = """query($by: MemberLookupInput!, $programs: [String!]) {
  findMembers(by: $by, programs: $programs) {
    program { key }
    members { number name phone }
    error {
      __typename code message field retry program { key }
      ... on NotSupportedError { operation alternatives }
    }
  }
}"""


async def found(world: World, programs: list[str] | None = None, **by: object) -> dict[str, Json]:
    """Program -> its result."""
    data = await world.data(FIND, {"by": by, "programs": programs})
    results = {result["program"]["key"]: result for result in data["findMembers"]}
    assert len(results) == len(data["findMembers"])
    return results


async def test_a_person_is_found_where_the_program_can_search(world: World) -> None:
    results = await found(world, email="aisyah.rahman@example.com")
    assert list(results) == list(UPSTREAMS)
    assert results["kopi"]["members"] is None
    assert results["kopi"]["error"]["__typename"] == "NotSupportedError"
    assert results["kopi"]["error"]["operation"] == "MEMBER_LOOKUP"
    for program in ("syw", "northshore"):
        [member] = results[program]["members"]
        assert member["number"] == world.number(program, "everywhere")
        assert results[program]["error"] is None


async def test_nobody_found_is_an_empty_list(world: World) -> None:
    results = await found(world, ["syw", "northshore"], email="nobody@example.com")
    assert [result["members"] for result in results.values()] == [[], []]
    assert [result["error"] for result in results.values()] == [None, None]


async def test_all_who_share_a_phone_number_are_found(world: World) -> None:
    for program, phone in (("syw", "3125550177"), ("northshore", "12065550177")):
        result = (await found(world, [program], phone=phone))[program]
        assert sorted(member["number"] for member in result["members"]) == sorted(
            world.number(program, twin) for twin in ("same_phone_a", "same_phone_b")
        )


@pytest.mark.parametrize("program", UPSTREAMS)
@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ({"drop": "before"}, "PROVIDER_UNAVAILABLE"),
        ({"html": True}, "PROVIDER_BAD_RESPONSE"),
        ({"rate_limited": True}, "PROVIDER_RATE_LIMITED"),
    ],
)
async def test_a_program_that_fails_leaves_the_others_results(
    world: World, program: str, fault: Json, code: str
) -> None:
    number = {"kopi": "+60123456781", "syw": "2065550142", "northshore": "12065550142"}[program]
    healthy = await found(world, phone=number)
    assert healthy[program]["members"]
    world.fault(program, **fault)
    results = await found(world, phone=number)
    failed = results.pop(program)
    healthy.pop(program)
    assert results == healthy
    assert failed["members"] is None
    assert failed["error"]["code"] == code
    assert failed["error"]["__typename"] == "ProviderError"
    assert failed["error"]["program"] == {"key": program}
    assert number not in failed["error"]["message"]


async def test_only_the_programs_named_are_asked_each_once(world: World) -> None:
    results = await found(world, ["syw", "syw"], phone="2065550142")
    assert list(results) == ["syw"]
    assert world.calls == {"syw.GetMemberLookup": 1}


async def test_no_program_named_is_no_result(world: World) -> None:
    assert await found(world, [], phone="2065550142") == {}
    assert world.calls == {}


@pytest.mark.parametrize(
    ("by", "programs", "words"),
    [
        ({}, None, "at least one criterion"),
        ({"email": ""}, None, "`email` is empty"),
        ({"phone": "  "}, None, "`phone` is empty"),
        ({"email": "a@example.com"}, ["syw", "nope"], "the programs are: kopi, syw, northshore"),
    ],
)
async def test_a_search_that_makes_no_sense_is_refused(
    world: World, by: Json, programs: list[str] | None, words: str
) -> None:
    answer = await world.query(FIND, {"by": by, "programs": programs})
    [error] = answer.errors
    assert error["extensions"]["code"] == "INVALID_INPUT"
    assert words in error["message"]
    assert world.calls == {}


async def test_a_number_of_an_unknown_program_is_refused_by_name(world: World) -> None:
    document = 'query { memberByNumber(program: "nope", number: "1") { name } }'
    answer = await world.query(document)
    [error] = answer.errors
    assert error["extensions"]["field"] == ["program"]
    assert "kopi, syw, northshore" in error["message"]
    assert answer.data == {"memberByNumber": None}


async def test_an_app_user_leads_to_the_member(world: World) -> None:
    document = """query($program: String!, $id: String!) { mobileUser(program: $program, id: $id) {
      id name member { number name }
    } }"""
    linked = await world.data(document, {"program": "kopi", "id": "MU-004804"})
    assert linked["mobileUser"]["member"]["number"] == world.number("kopi", "linked")
    stranger = await world.data(document, {"program": "kopi", "id": "MU-900001"})
    assert stranger["mobileUser"]["name"] == "Sam Stranger"
    assert stranger["mobileUser"]["member"] is None
    nobody = await world.data(document, {"program": "kopi", "id": "MU-111111"})
    assert nobody == {"mobileUser": None}
