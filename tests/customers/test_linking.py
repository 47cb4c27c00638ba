"""linkMembership and unlinkMembership over the sandbox, on both databases, as apps use them."""

import asyncio
from uuid import uuid4

from graph.principals import Kind
from loyalty.refs import CustomerRef
from tests.customers.persons import (
    CUSTOMER,
    auth_code,
    linked,
    linking,
    members_of,
    person,
    unlinking,
)
from tests.graph.world import Json, World

VIEWER = f"{{ viewer {{ {CUSTOMER} }} }}"
ONE = f"query C($id: ID!) {{ customer(id: $id) {{ {CUSTOMER} }} node(id: $id) {{ id }} }}"


def codes_used(world: World) -> int:
    """How often the app's codes were spent, as the sandbox's books have it."""
    return sum(effect.kind == "authorize" for _, effect in world.sandbox.frame.books.effects())


async def viewer(world: World, name: str) -> Json | None:
    answer = await world.query(VIEWER, headers=person(world, name))
    assert answer.errors == []
    found: Json | None = answer.data["viewer"]
    return found


async def test_a_person_links_their_own_membership_with_the_apps_code(house: World) -> None:
    member = house.member_id("kopi", "everywhere")
    assert await viewer(house, "aisyah") is None
    code = auth_code(house)
    customer = await linked(
        house, member, headers=person(house, "aisyah"), proof={"authCode": code}
    )
    assert members_of(customer) == [member]
    [membership] = customer["memberships"]
    assert membership["method"] == "AUTH_CODE"
    assert membership["verified"] is True
    assert membership["member"]["name"] == "Aisyah Rahman"
    assert codes_used(house) == 1
    assert await viewer(house, "aisyah") == customer


async def test_a_code_of_another_member_links_nothing_and_is_used_up(house: World) -> None:
    member = house.member_id("kopi", "everywhere")
    key = str(uuid4())
    code = auth_code(house, "linked")
    ann = person(house, "aisyah")
    for replayed in (False, True):
        answer = await linking(
            house, member, headers=ann, idempotencyKey=key, proof={"authCode": code}
        )
        payload = answer.data["linkMembership"]
        assert payload["status"] == "REJECTED"
        assert payload["customer"] is None
        [error] = payload["errors"]
        assert error["code"] == "AUTHORIZATION_INVALID"
        assert error["field"] == ["input", "proof", "authCode"]
        assert payload["receipt"]["replayed"] is replayed
        assert payload["receipt"]["errors"][0]["field"] == ["input", "proof", "authCode"]
    assert codes_used(house) == 1
    assert await viewer(house, "aisyah") is None


async def test_a_used_code_and_a_made_up_one_are_refused(house: World) -> None:
    member = house.member_id("kopi", "everywhere")
    code = auth_code(house)
    await linked(house, member, headers=person(house, "aisyah"), proof={"authCode": code})
    for wrong in (code, "0123456789012345", "no code at all"):
        answer = await linking(
            house, member, headers=person(house, "eve"), proof={"authCode": wrong}
        )
        payload = answer.data["linkMembership"]
        assert payload["status"] == "REJECTED"
        [error] = payload["errors"]
        assert error["code"] == "AUTHORIZATION_INVALID"
        assert error["field"] == ["input", "proof", "authCode"]
    assert await viewer(house, "eve") is None
    assert codes_used(house) == 1


async def test_a_lost_answer_about_a_code_links_nothing_and_says_what_to_do(house: World) -> None:
    member = house.member_id("kopi", "everywhere")
    house.fault("kopi", "get_record_by_auth_code", drop="after", times=1)
    answer = await linking(
        house,
        member,
        headers=person(house, "aisyah"),
        proof={"authCode": auth_code(house)},
    )
    payload = answer.data["linkMembership"]
    assert payload["status"] == "REJECTED", payload
    assert payload["errors"][0]["code"] == "AUTHORIZATION_INVALID"
    assert "fresh code" in payload["errors"][0]["message"]
    assert await viewer(house, "aisyah") is None
    fresh = {"authCode": auth_code(house)}
    assert await linked(house, member, headers=person(house, "aisyah"), proof=fresh)


async def test_a_program_without_codes_says_so_before_anything_is_asked(house: World) -> None:
    with house.expected():
        answer = await linking(
            house,
            house.member_id("syw", "everywhere"),
            headers=person(house, "aisyah"),
            proof={"authCode": "1234567890123456"},
        )
    payload = answer.data["linkMembership"]
    assert payload["status"] == "REJECTED"
    assert payload["errors"][0]["code"] == "NOT_SUPPORTED"
    assert payload["receipt"] is None


async def test_an_operator_links_and_a_new_customer_comes_to_be(house: World) -> None:
    kopi, syw = (house.member_id(program, "everywhere") for program in ("kopi", "syw"))
    first = await linked(house, kopi)
    assert first["memberships"][0]["method"] == "OPERATOR"
    both = await linked(house, syw, customerId=first["id"])
    assert both["id"] == first["id"]
    assert members_of(both) == [kopi, syw]
    assert await linked(house, kopi) == both, "whoever has it is found"
    data = await house.data(ONE, {"id": first["id"]})
    assert data == {"customer": both, "node": {"id": first["id"]}}


async def test_an_operators_word_needs_the_scope(house: World) -> None:
    member = house.member_id("kopi", "everywhere")
    for headers in (person(house, "aisyah"), house.signed_in("till", scopes=[])):
        answer = await linking(house, member, headers=headers)
        payload = answer.data["linkMembership"]
        assert payload["status"] == "REJECTED"
        assert payload["errors"][0]["code"] == "FORBIDDEN"
        assert payload["receipt"] is None


async def test_whoever_links_for_others_needs_the_scope_before_a_code_is_spent(
    house: World,
) -> None:
    member = house.member_id("kopi", "everywhere")
    till = house.signed_in("till", kind=Kind.TILL)
    proof = {"authCode": auth_code(house)}
    payload = (await linking(house, member, headers=till, proof=proof)).data["linkMembership"]
    assert payload["errors"][0]["code"] == "FORBIDDEN"
    assert codes_used(house) == 0
    support = house.signed_in("support", kind=Kind.SUPPORT)
    customer = await linked(house, member, headers=support, proof=proof)
    assert customer["memberships"][0]["method"] == "AUTH_CODE"
    assert (await house.query(VIEWER, headers=support)).data == {"viewer": None}


async def test_the_same_key_links_once_and_other_input_is_a_conflict(house: World) -> None:
    kopi, syw = (house.member_id(program, "everywhere") for program in ("kopi", "syw"))
    key = str(uuid4())
    answers = await asyncio.gather(*(linking(house, kopi, idempotencyKey=key) for _ in range(10)))
    payloads = [answer.data["linkMembership"] for answer in answers]
    assert {payload["status"] for payload in payloads} == {"SUCCEEDED"}
    assert len({payload["customer"]["id"] for payload in payloads}) == 1
    assert [p["receipt"]["replayed"] for p in payloads].count(False) == 1
    [result] = {str(payload["receipt"]["result"]) for payload in payloads}
    assert payloads[0]["customer"]["id"] in result
    other = (await linking(house, syw, idempotencyKey=key)).data["linkMembership"]
    assert other["status"] == "REJECTED"
    assert other["errors"][0]["code"] == "IDEMPOTENCY_CONFLICT"
    assert other["customer"] is None
    again = (await linking(house, kopi, idempotencyKey=key, proof={"operator": "till 4"})).data
    assert again["linkMembership"]["errors"][0]["code"] == "IDEMPOTENCY_CONFLICT"


async def test_of_two_persons_at_once_one_has_the_membership(house: World) -> None:
    member = house.member_id("kopi", "everywhere")
    names = [f"person-{n}" for n in range(6)]
    proofs = [{"authCode": auth_code(house)} for _ in names]
    answers = await asyncio.gather(
        *(
            linking(house, member, headers=person(house, name), proof=proof)
            for name, proof in zip(names, proofs, strict=True)
        )
    )
    payloads = [answer.data["linkMembership"] for answer in answers]
    assert sorted(payload["status"] for payload in payloads) == ["REJECTED"] * 5 + ["SUCCEEDED"]
    lost = [payload for payload in payloads if payload["status"] == "REJECTED"]
    assert {payload["errors"][0]["code"] for payload in lost} == {"FORBIDDEN"}
    assert {payload["customer"] for payload in lost} == {None}
    viewers = [await viewer(house, name) for name in names]
    assert [found for found in viewers if found] == [
        payload["customer"] for payload in payloads if payload["customer"]
    ]


async def test_anothers_customer_reveals_nothing(house: World) -> None:
    member, other = house.member_id("kopi", "everywhere"), house.member_id("kopi", "linked")
    hers = await linked(
        house, member, headers=person(house, "aisyah"), proof={"authCode": auth_code(house)}
    )
    eve = person(house, "eve")
    missing = house.id(CustomerRef("0" * 32))
    seen = [await house.query(ONE, {"id": id_}, eve) for id_ in (hers["id"], missing, "no id")]
    assert {answer.text for answer in seen} == {'{"data":{"customer":null,"node":null}}'}
    told = []
    for customer in (hers["id"], missing):
        proof = {"authCode": auth_code(house, "linked")}
        answer = await linking(house, other, headers=eve, customerId=customer, proof=proof)
        told.append(answer.data["linkMembership"])
        answer = await unlinking(house, member, headers=eve, customerId=customer)
        told.append(answer.data["unlinkMembership"])
    assert told[:2] == told[2:]
    assert {payload["errors"][0]["code"] for payload in told} == {"NOT_FOUND"}
    assert codes_used(house) == 1, "no code was spent on it"
    # The membership is asked for with a good code of its own member: it is hers all the same.
    answer = await linking(house, member, headers=eve, proof={"authCode": auth_code(house)})
    assert answer.data["linkMembership"]["errors"][0]["code"] == "FORBIDDEN"
    assert hers["id"] not in answer.text
    assert await viewer(house, "aisyah") == hers


async def test_a_customer_is_seen_with_the_scope_alone(house: World) -> None:
    customer = await linked(house, house.member_id("kopi", "everywhere"))
    seen = await house.query(ONE, {"id": customer["id"]}, house.signed_in("x", kind=Kind.SUPPORT))
    assert seen.data["customer"] == customer
    for kind in (Kind.TILL, Kind.MEMBER):
        hidden = await house.query(ONE, {"id": customer["id"]}, house.signed_in("x", kind=kind))
        assert hidden.data == {"customer": None, "node": None}
        assert hidden.errors == []


async def test_unlinking_takes_one_away_and_is_told_again_as_it_was(house: World) -> None:
    kopi, syw = (house.member_id(program, "everywhere") for program in ("kopi", "syw"))
    customer = await linked(house, kopi)
    await linked(house, syw, customerId=customer["id"])
    key = str(uuid4())
    asked = {"idempotencyKey": key, "customerId": customer["id"]}
    for replayed in (False, True):
        payload = (await unlinking(house, kopi, **asked)).data["unlinkMembership"]
        assert (payload["status"], payload["errors"]) == ("SUCCEEDED", [])
        assert members_of(payload["customer"]) == [syw]
        assert payload["receipt"]["replayed"] is replayed
        assert payload["receipt"]["operation"] == "MEMBERSHIP_UNLINK"
    late = (await unlinking(house, kopi, customerId=customer["id"])).data["unlinkMembership"]
    assert late["errors"][0]["code"] == "NOT_FOUND"
    assert late["errors"][0]["field"] == ["input", "memberId"]
    free = (await unlinking(house, syw)).data["unlinkMembership"]
    assert (free["status"], free["customer"]) == ("SUCCEEDED", None)
    other = await linked(house, kopi)
    assert other["id"] != customer["id"]


async def test_a_person_unlinks_their_own(house: World) -> None:
    member = house.member_id("kopi", "everywhere")
    hers = person(house, "aisyah")
    await linked(house, member, headers=hers, proof={"authCode": auth_code(house)})
    eves = (await unlinking(house, member, headers=person(house, "eve"))).data
    assert eves["unlinkMembership"]["errors"][0]["code"] == "NOT_FOUND"
    payload = (await unlinking(house, member, headers=hers)).data["unlinkMembership"]
    assert payload["status"] == "SUCCEEDED"
    assert payload["customer"]["memberships"] == []


async def test_what_became_of_it_is_told_to_its_own_principal(house: World) -> None:
    key = str(uuid4())
    customer = await linked(house, house.member_id("kopi", "everywhere"), idempotencyKey=key)
    asked = (
        "query O($key: String!) { operation(idempotencyKey: $key) "
        "{ operation status result { id __typename } } }"
    )
    mine = await house.data(asked, {"key": key})
    assert mine["operation"] == {
        "operation": "MEMBERSHIP_LINK",
        "status": "SUCCEEDED",
        "result": {"id": customer["id"], "__typename": "Customer"},
    }
    others = await house.query(asked, {"key": key}, house.signed_in("other"))
    assert others.data == {"operation": None}
