"""Raw records: what a provider itself sent, number by number, and only for who may see it."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from graph.principals import Kind, Scope
from providers.calls import Call, Reply
from resolvers.raw import HIDDEN
from tests.graph.selling import SELECTED, document, done, effects, key, sale
from tests.graph.test_quotes import LINE
from tests.graph.tide import TidalEngine
from tests.graph.world import Answer, Json, World

BASKET = {"outlet": "ONLINE", "lines": [{"productCode": "X", "quantity": "1", "unitPrice": "40"}]}
EVERYTHING = """query Everything($id: ID!, $basket: BasketInput) { member(id: $id) {
  raw @include(if: true)
  number
  vouchers(first: 100) { nodes { code raw } }
  offers(basket: $basket, first: 100) { nodes { code raw } }
  transactions(first: 100) { nodes { nativeId raw } }
} }"""
WITHOUT = EVERYTHING.replace("raw", "__typename")
QUOTED = """query($input: QuoteInput!) {
  quote(input: $input) { offers { code raw } errors { code } }
}"""


class Wire:
    """What the upstreams really sent; `edit` may change a body before the graph has it."""

    def __init__(self) -> None:
        self.bodies: list[str] = []
        self.edit: Callable[[str], str] = str

    @property
    def objects(self) -> list[Json]:
        """Every object of every body, with each number as its very text."""
        return [found for body in self.bodies for found in objects(exact(body))]


def exact(text: str) -> Any:
    """JSON with each number as its text, so that two are equal digit by digit."""
    return json.loads(text, parse_float=lambda t: f"#{t}", parse_int=lambda t: f"#{t}")


def objects(value: Any) -> Iterator[Json]:
    if isinstance(value, dict):
        yield value
    for part in value.values() if isinstance(value, dict) else value:
        if isinstance(part, dict | list):
            yield from objects(part)


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Wire:
    wire, send = Wire(), TidalEngine.send

    async def sent(self: TidalEngine, call: Call, timeout: float) -> Reply:  # noqa: ASYNC109 - Engine
        reply = await send(self, call, timeout)
        body = wire.edit(reply.body.decode())
        wire.bodies.append(body)
        return Reply(reply.status, reply.headers, body.encode())

    monkeypatch.setattr(TidalEngine, "send", sent)
    return wire


def asked(world: World, program: str, persona: str) -> Json:
    basket = BASKET if program == "northshore" else None
    return {"id": world.member_id(program, persona), "basket": basket}


async def member_of(world: World, program: str, persona: str, query: str = EVERYTHING) -> Json:
    """The member, all its numbers as their texts; nothing may be in errors[] but what is lacking.

    OneRewards has no history of its own, Telluride and fabric no vouchers or offers here.
    """
    answer = await world.query(query, asked(world, program, persona))
    assert [e for e in answer.errors if e["extensions"]["code"] != "NOT_SUPPORTED"] == []
    found: Json = exact(answer.text)["data"]["member"]
    return found


def nodes(member: Json, name: str) -> list[Json]:
    connection = member[name]
    return [] if connection is None else connection["nodes"]


def lowered(record: Json) -> Json:
    return {name.lower(): value for name, value in record.items()}


# ------------------------------------------------------------------ what it is


@pytest.mark.parametrize("program", ["kopi", "syw", "northshore"])
async def test_a_raw_member_is_what_the_upstream_sent(
    world: World, wire: Wire, program: str
) -> None:
    member = await member_of(world, program, "everywhere")
    assert member["raw"] in wire.objects
    told = lowered(member["raw"])
    match program:
        case "kopi":
            assert told["memberid"] == f"#{member['number']}"
        case "syw":
            assert str(told["membernumber"]).lstrip("#") == member["number"]
        case _:
            assert [a["loyaltyNumber"] for a in told["accounts"]] == [member["number"]]


@pytest.mark.parametrize(
    ("program", "persona", "name"),
    [
        ("kopi", "vouchers", "vouchers"),
        ("kopi", "vouchers", "offers"),
        ("syw", "surprise", "offers"),
        ("syw", "everywhere", "transactions"),
        ("northshore", "vouchers", "vouchers"),
        ("northshore", "everywhere", "offers"),
        ("northshore", "everywhere", "transactions"),
    ],
)
async def test_raw_entries_are_what_the_upstream_sent(
    world: World, wire: Wire, program: str, persona: str, name: str
) -> None:
    found = nodes(await member_of(world, program, persona), name)
    sent = wire.objects
    assert found
    for node in found:
        assert node["raw"] in sent
        own = node["nativeId"] if name == "transactions" else node["code"].split(":")[0]
        assert own is None or own in json.dumps(node["raw"]).replace("#", "")


async def test_surprise_points_have_their_own_raw_record(world: World, wire: Wire) -> None:
    found = nodes(await member_of(world, "syw", "surprise"), "offers")
    assert {"offerCode", "OfferCode"} <= {name for node in found for name in node["raw"]}
    assert [node for node in found if node["raw"] not in wire.objects] == []


async def test_an_offer_of_a_quote_has_its_entry(world: World, wire: Wire) -> None:
    sale_ = {
        "memberId": world.member_id("syw", "rich"),
        "outlet": {"code": "00001"},
        "lines": [LINE],
    }
    answer = await world.query(QUOTED, {"input": sale_})
    assert answer.errors == []
    found = exact(answer.text)["data"]["quote"]["offers"]
    assert len(found) > 1
    for offer in found:
        assert offer["raw"] in wire.objects
        assert offer["code"] in offer["raw"].values()


@pytest.mark.parametrize(
    ("program", "place"),
    [("kopi", '"memberId":'), ("syw", '"MemberNumber":'), ("northshore", '"accounts":')],
)
async def test_every_number_comes_digit_by_digit(
    world: World, wire: Wire, program: str, place: str
) -> None:
    odd = (
        '"odd": {"cents": 12345678901234567890.10, "long": 123456789012345678901234567890, '
        '"least": -9223372036854775809, "most": 18446744073709551615, "tiny": 1E-30, '
        '"third": [0.3333333333333333333333333, 0.1, 1.50, 0, -7], "no": null, "yes": true}, '
    )
    wire.edit = lambda body: body.replace(place, odd + place)
    member = await member_of(world, program, "everywhere")
    assert exact(f"{{{odd.rstrip(', ')}}}")["odd"] == member["raw"]["odd"]


# ------------------------------------------------------------------ who may see it


def raws(answer: Answer) -> list[Any]:
    return [found["raw"] for found in objects(answer.data) if "raw" in found]


@pytest.mark.parametrize("kind", [Kind.MEMBER, Kind.TILL, Kind.SUPPORT])
@pytest.mark.parametrize("program", ["kopi", "syw", "northshore"])
async def test_without_the_scope_there_is_none_and_an_error_says_so(
    world: World, program: str, kind: Kind
) -> None:
    headers = world.signed_in("somebody", kind=kind)
    variables = asked(world, program, "surprise" if program == "syw" else "vouchers")
    answer = await world.query(EVERYTHING, variables, headers)
    plain = await world.query(WITHOUT, variables, headers)
    found = raws(answer)
    assert len(found) > 1
    assert set(found) == {None}
    forbidden = [e for e in answer.errors if e["extensions"]["code"] == "FORBIDDEN"]
    assert len(forbidden) == len(found)
    assert {e["message"] for e in forbidden} == {"your token lacks the scope provider:raw"}
    assert all(e["path"][0] == "member" and e["path"][-1] == "raw" for e in forbidden)
    assert ["member", "raw"] in [e["path"] for e in forbidden]
    codes = [e["extensions"]["code"] for e in answer.errors if e not in forbidden]
    assert codes == [e["extensions"]["code"] for e in plain.errors]
    assert answer.data["member"]["number"]


def only(*scopes: Scope) -> dict[str, Any]:
    return {"kind": Kind.DEVELOPER, "scopes": list(scopes)}


@pytest.mark.parametrize("with_codes", [True, False])
async def test_redemption_codes_need_their_own_scope(
    world: World, wire: Wire, *, with_codes: bool
) -> None:
    scopes = [Scope.READ, Scope.PROVIDER_RAW, *([Scope.REDEMPTION_CODE] if with_codes else [])]
    headers = world.signed_in("somebody", **only(*scopes))
    answer = await world.query(EVERYTHING, asked(world, "northshore", "vouchers"), headers)
    found = nodes(exact(answer.text)["data"]["member"], "vouchers")
    sent = [each for each in wire.objects if "redemptionCode" in each]
    assert found
    assert sent
    for node in found:
        assert any(rest(node["raw"]) == rest(each) for each in sent)
        shown = node["raw"]["redemptionCode"]
        assert shown == (node["code"] if with_codes else HIDDEN)


def rest(record: Json) -> Json:
    return {name: value for name, value in record.items() if name != "redemptionCode"}


SECRETS = (
    '"Password": "hunter2", "PinNumber": "48213377", "pin": 48213377, "access_token": "t0ken-x", '
    '"clientSecret": {"deep": "hunter2"}, "shipping": "Harbour", '
)
CODES = (
    '"more": [{"AuthorizationCode": "QK4T7Z2M", "Authorization Code": "QK4T7Z2M", '
    '"redemption_code": 90317317, "redemptionCode": ["QK4T7Z2M"], "RedemptionCode": ""}], '
)
OPENING = {"kopi": '"memberId":', "syw": '"MemberNumber":', "northshore": '"accounts":'}


@pytest.mark.parametrize("program", OPENING)
async def test_secrets_are_shown_to_nobody_and_codes_to_who_may_redeem(
    world: World, wire: Wire, program: str
) -> None:
    place = OPENING[program]
    wire.edit = lambda body: body.replace(place, SECRETS + CODES + place)
    variables = {"id": world.member_id(program, "everywhere")}
    query = "query($id: ID!) { member(id: $id) { raw } }"
    all_scopes = await world.query(query, variables)
    headers = world.signed_in("somebody", **only(Scope.READ, Scope.PROVIDER_RAW))
    without = await world.query(query, variables, headers)
    for answer in (all_scopes, without):
        assert answer.errors == []
        raw = answer.data["member"]["raw"]
        hidden = ("Password", "PinNumber", "pin", "access_token", "clientSecret")
        assert [raw[name] for name in hidden] == [HIDDEN] * len(hidden)
        assert raw["shipping"] == "Harbour"
        assert all(secret not in answer.text for secret in ("hunter2", "48213377", "t0ken-x"))
    [codes] = all_scopes.data["member"]["raw"]["more"]
    assert codes == exact_codes()
    [blanked] = without.data["member"]["raw"]["more"]
    assert blanked == dict.fromkeys(codes, HIDDEN) | {"RedemptionCode": ""}
    assert "QK4T7Z2M" not in without.text
    assert "90317317" not in without.text


def exact_codes() -> Json:
    [codes] = json.loads(f"{{{CODES.rstrip(', ')}}}")["more"]
    found: Json = codes
    return found


# ------------------------------------------------------------------ what it costs, where it stays


@pytest.mark.parametrize("program", ["kopi", "syw", "northshore"])
async def test_it_costs_no_further_call_and_no_further_wave(world: World, program: str) -> None:
    await member_of(world, program, "everywhere", WITHOUT)
    calls, waves = world.calls, list(world.waves)
    world.forget()
    await member_of(world, program, "everywhere")
    assert (world.calls, world.waves) == (calls, waves)
    assert calls


async def test_a_listing_has_one_raw_record_a_member(world: World, wire: Wire) -> None:
    query = """{ memberList(program: "kopi", first: 100) { nodes { number raw } } }"""
    with world.expected(kopi__member_listing=1):
        answer = await world.query(query)
    assert answer.errors == []
    found = exact(answer.text)["data"]["memberList"]["nodes"]
    sent = wire.objects
    assert len(found) == 100
    for node in found:
        assert node["raw"] in sent
        assert f"#{node['number']}" in node["raw"].values()


SOLD = SELECTED["Transaction"].replace("id kind", "id raw kind").replace("member {", "member { raw")


@pytest.mark.parametrize("program", ["kopi", "syw", "northshore"])
async def test_a_sale_of_ours_has_one_as_soon_as_its_provider_tells_of_it(
    world: World, wire: Wire, program: str
) -> None:
    """OneRewards tells of no transaction, so there never is one."""
    asked_ = {"idempotencyKey": key(), **sale(world, program)}
    answer = await world.query(document("postTransaction", f"status {SOLD}"), {"input": asked_})
    assert answer.errors == []
    payload = exact(answer.text)["data"]["postTransaction"]
    assert payload["status"] == "SUCCEEDED"
    assert payload["member"]["raw"] in wire.objects
    listed = await world.query(
        "query($id: ID!) { node(id: $id) { ... on Transaction { raw freshness { source } } } }",
        {"id": payload["transaction"]["id"]},
    )
    assert listed.errors == []
    node = exact(listed.text)["data"]["node"]
    if program == "kopi":
        assert (payload["transaction"]["raw"], node["raw"]) == (None, None)
        assert node["freshness"]["source"] == "LEDGER"
    else:
        assert node["raw"] in wire.objects
        assert node["freshness"]["source"] == "LIVE"


@pytest.mark.parametrize("program", ["kopi", "syw", "northshore"])
async def test_it_is_in_no_log_and_in_no_error(
    world: World, wire: Wire, program: str, caplog: pytest.LogCaptureFixture
) -> None:
    place, mark = OPENING[program], "Zanzibar-7741"
    wire.edit = lambda body: body.replace(place, f'"nickname": "{mark}", {place}')
    caplog.set_level("DEBUG")
    assert (await member_of(world, program, "rich"))["raw"]["nickname"] == mark
    payload = await done(world, "postTransaction", sale(world, program))
    assert payload["status"] == "SUCCEEDED"
    assert effects(world)
    wire.edit = lambda body: body.replace(place, f'"nickname": "{mark}", "{mark}": {{]')
    failed = await world.query(EVERYTHING, asked(world, program, "zero"))
    assert failed.errors
    assert mark not in failed.text
    assert mark not in caplog.text
