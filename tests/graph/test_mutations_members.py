"""People become members, change and move; receipts; judged by the sandbox's books."""

import pytest

from tests.graph.selling import PROGRAMS, done, effects, refused, told
from tests.graph.world import Json, World

PHONES = {"kopi": "+60123456789", "syw": "3125550199", "northshore": "12065550199"}


def profile(program: str, name: str = "Ana") -> Json:
    whole: Json = {
        "email": f"{name.lower()}.lim@example.com",
        "phone": PHONES[program],
        "birthDate": "1990-01-02",
    }
    if program == "kopi":
        return {**whole, "name": f"{name} Lim"}
    return {**whole, "givenName": name, "familyName": "Lim", "postalCode": "60601"}


def enrolment(program: str, **changes: object) -> Json:
    asked: Json = {"program": program, "profile": profile(program)}
    if program == "syw":
        asked["consents"] = {"terms": True, "termsVersion": "1.0", "email": True}
        asked["outlet"] = {"code": "00001"}
    return {**asked, **changes}


@pytest.mark.parametrize("program", PROGRAMS)
async def test_a_person_becomes_a_member(world: World, program: str) -> None:
    payload = await done(world, "enrollMember", enrolment(program))
    member = payload["member"]
    assert "Lim" in member["name"]
    assert member["email"] == "ana.lim@example.com"
    assert payload["receipt"]["result"] == {"id": member["id"], "__typename": "Member"}
    [(_, effect)] = effects(world, program)
    assert effect.member == member["number"]
    book = world.book(program, member["number"])
    assert book["number"] == member["number"]
    found = await world.data(
        "query M($id: ID!) { member(id: $id) { number balance { points } } }", {"id": member["id"]}
    )
    assert found["member"]["number"] == member["number"]


@pytest.mark.parametrize("program", ["syw", "northshore"])
async def test_an_address_of_somebody_else_is_in_use(world: World, program: str) -> None:
    await done(world, "enrollMember", enrolment(program))
    before = effects(world)
    payload = await told(world, "enrollMember", enrolment(program))
    assert payload["status"] == "REJECTED"
    assert {error["code"] for error in payload["errors"]} == {"CONTACT_IN_USE"}
    assert effects(world) == before


@pytest.mark.parametrize("program", ["kopi", "northshore"])
async def test_a_member_changes(world: World, program: str) -> None:
    member = world.member_id(program, "rich")
    before = await world.data(
        "query M($id: ID!) { member(id: $id) { name phone } }", {"id": member}
    )
    changes = {"email": "new.address@example.com"}
    payload = await done(world, "updateMember", {"memberId": member, "profile": changes})
    assert payload["member"]["email"] == "new.address@example.com"
    assert payload["member"]["phone"] == before["member"]["phone"]
    assert payload["member"]["name"] == before["member"]["name"]
    [(_, effect)] = effects(world, program)
    assert effect.member == world.number(program, "rich")


async def test_null_clears_and_what_is_left_out_stays(world: World) -> None:
    member = world.member_id("kopi", "rich")
    payload = await done(world, "updateMember", {"memberId": member, "profile": {"email": None}})
    assert payload["member"]["email"] is None
    assert payload["member"]["phone"] is not None


async def test_who_cannot_change_members_says_so(world: World) -> None:
    asked = {"memberId": world.member_id("syw", "rich"), "profile": {"email": "a@example.com"}}
    error = await refused(world, "updateMember", asked)
    assert (error["__typename"], error["operation"]) == ("NotSupportedError", "MEMBER_UPDATE")
    assert error["retry"] == "NEVER"


async def test_a_member_of_an_older_system_brings_points(world: World) -> None:
    asked = {
        "program": "kopi",
        "sourceNumber": "OLD-1",
        "profile": profile("kopi"),
        "openingPoints": "120",
    }
    payload = await done(world, "migrateMember", asked)
    [(_, effect)] = effects(world, "kopi")
    assert (effect.member, effect.delta) == (payload["member"]["number"], 120)


async def test_a_correction_is_in_the_balance_and_the_history(world: World) -> None:
    member = world.member_id("northshore", "rich")
    reasons = await world.data('{ program(key: "northshore") { adjustmentReasons { code } } }')
    code = reasons["program"]["adjustmentReasons"][0]["code"]
    asked = {"memberId": member, "delta": "25", "reason": code}
    payload = await done(world, "adjustPoints", asked)
    assert payload["transaction"]["kind"] == "ADJUSTMENT"
    [(_, effect)] = effects(world, "northshore")
    assert effect.delta == 25
    error = await refused(world, "adjustPoints", {**asked, "reason": "because"})
    assert (error["code"], error["field"]) == ("INVALID_INPUT", ["input", "reason"])


async def test_pending_points_become_spendable(world: World) -> None:
    member = world.member_id("northshore", "pending")
    payload = await done(world, "activatePoints", {"memberId": member})
    assert payload["member"]["id"] == member
    assert [effect.member for _, effect in effects(world, "northshore")] == ["70410002315"]


async def test_receipts_get_an_address_each(world: World) -> None:
    receipts = [f"5b0c6f1e-8a0d-4f8b-9d53-2f6f0f4f7a1{n}" for n in range(3)]
    asked = {"program": "kopi", "receiptIds": receipts}
    payload = await done(world, "requestReceiptUploads", asked)
    assert [upload["receiptId"] for upload in payload["uploads"]] == receipts
    assert {upload["method"] for upload in payload["uploads"]} == {"PUT"}
    assert all(upload["url"].startswith("http") for upload in payload["uploads"])


async def test_an_affinity_is_made_and_ended(world: World) -> None:
    member = world.member_id("syw", "affinities")
    data = await world.data(
        "query A($id: ID!) { member(id: $id) { affinities { code status } } }", {"id": member}
    )
    active = next(a for a in data["member"]["affinities"] if a["status"] == "ACTIVE")
    asked = {"memberId": member, "code": active["code"], "status": "INACTIVE"}
    await done(world, "setAffinity", asked)
    data = await world.data(
        "query A($id: ID!) { member(id: $id) { affinities { code status } } }", {"id": member}
    )
    still = {a["code"] for a in data["member"]["affinities"] if a["status"] == "ACTIVE"}
    assert active["code"] not in still
    assert [effect.kind for _, effect in effects(world, "syw")] != []
