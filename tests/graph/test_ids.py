"""Public ids: opaque, stable, and nothing but what we gave out is one."""

import base64
import string
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from graph.settings import key_bytes
from loyalty.refs import MemberRef, OfferRef, TransactionRef, VoucherRef
from resolvers.routing import Ids
from tests.graph.world import Answer, Stage, World, warmed

EVERY_ROOT = """query($id: ID!) {
  node(id: $id) { id }
  nodes(ids: [$id, $id]) { id }
  member(id: $id) { name balance { points } vouchers { nodes { code } } }
  members(ids: [$id]) { name }
  voucher(id: $id) { code member { name } }
  transaction(id: $id) { kind member { name } }
}"""
NOTHING = {
    "node": None,
    "nodes": [None, None],
    "member": None,
    "members": [None],
    "voucher": None,
    "transaction": None,
}
ALPHABET = string.ascii_letters + string.digits + "-_"
OTHER_KEY = base64.b64encode(bytes(range(64))).decode()


async def is_nothing(world: World, text: str) -> Answer:
    """Assert that a text is an id of nothing, and that no program was asked about it."""
    answer = await world.query(EVERY_ROOT, {"id": text})
    assert (answer.data, answer.errors) == (NOTHING, []), text
    assert world.calls == {}
    return answer


async def test_an_id_with_any_one_character_changed_is_nothing(world: World) -> None:
    id_ = world.member_id("syw", "rich")
    for place, old in enumerate(id_):
        new = ALPHABET[(ALPHABET.index(old) + 1) % len(ALPHABET)]
        assert world.ids.reference(id_[:place] + new + id_[place + 1 :]) is None
    for place in (0, len(id_) // 2, len(id_) - 1):
        new = "A" if id_[place] != "A" else "B"
        await is_nothing(world, id_[:place] + new + id_[place + 1 :])


async def test_a_truncated_or_lengthened_id_is_nothing(world: World) -> None:
    id_ = world.member_id("northshore", "rich")
    assert [n for n in range(len(id_)) if world.ids.reference(id_[:n])] == []
    for text in (id_[:-1], id_[1:], id_ + "A", id_ + "=", f" {id_}", f"{id_}\n", id_ + id_):
        await is_nothing(world, text)


async def test_an_id_of_another_key_is_nothing(world: World) -> None:
    foreign = Ids([key_bytes(SecretStr(OTHER_KEY))])
    await is_nothing(world, foreign.of(world.ref("kopi", "rich")))


async def test_a_cursor_is_no_id(world: World) -> None:
    document = """query($id: ID!) { member(id: $id) { vouchers { pageInfo { endCursor } } } }"""
    data = await world.data(document, {"id": world.member_id("kopi", "vouchers")})
    world.forget()
    await is_nothing(world, data["member"]["vouchers"]["pageInfo"]["endCursor"])


@pytest.mark.parametrize(
    "reference",
    [
        "gone",
        MemberRef("gone", "4801"),
        VoucherRef(MemberRef("gone", "4801"), "00017-00012-048101"),
        TransactionRef(MemberRef("gone", "4801"), ("1",)),
        OfferRef("kopi", "4801", "CLAIMABLE_VOUCHER", "12"),
    ],
)
async def test_an_id_of_a_program_no_longer_there_or_of_an_offer_is_nothing(
    world: World, reference: str | MemberRef | VoucherRef | OfferRef | TransactionRef
) -> None:
    await is_nothing(world, world.id(reference))


async def test_an_id_of_another_kind_is_null_at_the_wrong_root(world: World) -> None:
    member = world.ref("kopi", "vouchers")
    document = """query($voucher: ID!, $program: ID!, $transaction: ID!, $member: ID!) {
      a: member(id: $voucher) { name } b: member(id: $program) { name }
      c: member(id: $transaction) { name } d: members(ids: [$voucher, $program]) { name }
      e: voucher(id: $member) { code } f: voucher(id: $program) { code }
      g: transaction(id: $member) { kind } h: transaction(id: $voucher) { kind }
    }"""
    variables = {
        "member": world.id(member),
        "voucher": world.id(VoucherRef(member, "00017-00012-048101")),
        "program": world.id("kopi"),
        "transaction": world.id(TransactionRef(member, ("1", "2"))),
    }
    data = await world.data(document, variables)
    assert data == {**dict.fromkeys("abcefgh"), "d": [None, None]}
    assert world.calls == {}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "4801",
        "kopi",
        "' OR '1'='1",
        "../../__sandbox__/reset",
        "%2e%2e%2f",
        "\u0000",
        "😀",
        '{"$ne": null}',
        "A" * 5000,
        "=" * 24,
        "a\r\nX-Injected: 1",
    ],
)
async def test_text_that_was_never_an_id_is_nothing(world: World, text: str) -> None:
    await is_nothing(world, text)


@settings(max_examples=1000, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=st.one_of(st.text(max_size=80), st.text(alphabet=ALPHABET, max_size=120)))
def test_no_text_but_ours_opens_as_a_reference(stage: Stage, text: str) -> None:
    ids = Ids([key_bytes(key) for key in stage.settings.server.id_keys])
    assert ids.reference(text) is None
    assert ids.member(text) is None


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(program=st.text(max_size=12), key=st.text(max_size=40), parts=st.lists(st.text(max_size=9)))
def test_what_is_sealed_opens_as_it_was(
    stage: Stage, program: str, key: str, parts: list[str]
) -> None:
    ids = Ids([key_bytes(each) for each in stage.settings.server.id_keys])
    member = MemberRef(program, key)
    for reference in (
        member,
        program,
        VoucherRef(member, key),
        TransactionRef(member, tuple(parts)),
        OfferRef(program, key or None, "EARN", key),
    ):
        assert ids.reference(ids.of(reference)) == reference


async def test_the_same_thing_has_the_same_id_wherever_it_is_met(world: World) -> None:
    document = """query($number: String!, $id: ID!) {
      a: memberByNumber(program: "kopi", number: $number) {
        id program { id } vouchers { nodes { id member { id } } edges { node { id } } }
      }
      b: findMembers(by: { number: $number }, programs: ["kopi"]) { members { id } program { id } }
      c: member(id: $id) { id }
      program(key: "kopi") { id }
    }"""
    number, id_ = world.number("kopi", "vouchers"), world.member_id("kopi", "vouchers")
    data = await world.data(document, {"number": number, "id": id_})
    vouchers = data["a"]["vouchers"]
    found = [data["a"], data["c"], *data["b"][0]["members"]]
    assert {m["id"] for m in [*found, *(v["member"] for v in vouchers["nodes"])]} == {id_}
    assert (
        len({data["a"]["program"]["id"], data["b"][0]["program"]["id"], data["program"]["id"]}) == 1
    )
    assert [v["id"] for v in vouchers["nodes"]] == [e["node"]["id"] for e in vouchers["edges"]]
    assert len({v["id"] for v in vouchers["nodes"]}) == len(vouchers["nodes"])


@pytest.mark.parametrize("program", ["kopi", "syw", "northshore"])
async def test_an_id_shows_neither_number_nor_program(world: World, program: str) -> None:
    id_, ref = world.member_id(program, "rich"), world.ref(program, "rich")
    number = world.number(program, "rich")
    for shown in (id_.encode(), base64.urlsafe_b64decode(id_ + "==")):
        assert number.encode() not in shown
        assert ref.key.encode() not in shown
        assert program.encode() not in shown


async def test_ids_survive_a_change_of_key_and_are_written_with_the_first(stage: Stage) -> None:
    old = stage.settings.server.id_keys
    server = stage.settings.server.model_copy(update={"id_keys": (SecretStr(OTHER_KEY), *old)})
    before = Ids([key_bytes(key) for key in old])
    after = Ids([key_bytes(SecretStr(OTHER_KEY))])
    document = "query($id: ID!) { member(id: $id) { id name } }"
    async with stage.world(replace(stage.settings, server=server)) as world:
        await warmed(world)
        ref = world.ref("syw", "rich")
        data = await world.data(document, {"id": before.of(ref)})
        assert data["member"] == {"id": after.of(ref), "name": "Grace Okafor"}
        again = await world.data(document, {"id": data["member"]["id"]})
        assert again == data


@pytest.mark.parametrize(
    ("program", "persona", "root", "things"),
    [
        ("kopi", "vouchers", "voucher", "vouchers"),
        ("northshore", "vouchers", "voucher", "vouchers"),
        ("syw", "rich", "transaction", "transactions"),
        ("northshore", "restricted", "transaction", "transactions"),
    ],
)
async def test_a_thing_of_a_list_is_found_again_by_its_id(
    world: World, program: str, persona: str, root: str, things: str
) -> None:
    fields = (
        "id code status" if root == "voucher" else "id kind nativeId occurredAt effect { earned }"
    )
    document = f"query($id: ID!) {{ member(id: $id) {{ {things} {{ nodes {{ {fields} }} }} }} }}"
    data = await world.data(document, {"id": world.member_id(program, persona)})
    listed = data["member"][things]["nodes"]
    assert listed
    for thing in listed:
        again = f"query($id: ID!) {{ {root}(id: $id) {{ {fields} member {{ name }} }} }}"
        found = (await world.data(again, {"id": thing["id"]}))[root]
        assert found.pop("member") == {
            "name": world.book(program, world.number(program, persona))["name"]
        }
        assert found == thing
