"""Each change once: the same key again, fifty at once, with other input, by somebody else."""

import asyncio

import pytest

from graph.principals import Kind
from resolvers.pace import Pace
from tests.graph.selling import PROGRAMS, done, effects, key, sale, sent, told
from tests.graph.world import Json, Stage, World, warmed

OPERATION = """query O($key: String!) { operation(idempotencyKey: $key) {
  id status replayed operation errors { code } result { __typename id } program { key }
} }"""
NODE = "query N($id: ID!) { node(id: $id) { __typename id } }"


@pytest.mark.parametrize("program", PROGRAMS)
async def test_the_same_key_and_input_is_the_same_answer(world: World, program: str) -> None:
    asked = {"idempotencyKey": key(), **sale(world, program)}
    first = await done(world, "postTransaction", asked)
    world.forget()
    second = await done(world, "postTransaction", asked)
    assert (first["receipt"]["replayed"], second["receipt"]["replayed"]) == (False, True)
    assert second["transaction"] == first["transaction"]
    assert second["receipt"]["id"] == first["receipt"]["id"]
    assert len(effects(world, program)) == 1
    assert sum(world.calls.values()) == 1, "only the balance is read anew"


@pytest.mark.parametrize("program", PROGRAMS)
async def test_fifty_at_once_are_one_effect(world: World, program: str) -> None:
    asked = {"idempotencyKey": key(), **sale(world, program)}
    answers = await asyncio.gather(*(sent(world, "postTransaction", asked) for _ in range(50)))
    payloads = [answer.data["postTransaction"] for answer in answers]
    assert {payload["status"] for payload in payloads} == {"SUCCEEDED"}
    assert sorted(payload["receipt"]["replayed"] for payload in payloads) == [False, *[True] * 49]
    assert len({payload["transaction"]["id"] for payload in payloads}) == 1
    assert len(effects(world, program)) == 1


@pytest.mark.parametrize("program", PROGRAMS)
async def test_another_input_under_a_used_key_is_a_conflict(world: World, program: str) -> None:
    asked = {"idempotencyKey": key(), **sale(world, program)}
    await done(world, "postTransaction", asked)
    world.forget()
    other = {**sale(world, program), "idempotencyKey": asked["idempotencyKey"]}
    payload = await told(world, "postTransaction", other)
    assert payload["status"] == "REJECTED"
    [error] = payload["errors"]
    assert error["code"] == "IDEMPOTENCY_CONFLICT"
    assert error["field"] == ["input", "idempotencyKey"]
    assert payload["receipt"] is None
    assert payload["transaction"] is None
    assert len(effects(world, program)) == 1
    assert not [call for call in world.calls if call.endswith((".post_transaction", ".earn"))]


async def test_another_mutation_under_a_used_key_is_a_conflict(world: World) -> None:
    asked = {"idempotencyKey": key(), **sale(world, "kopi")}
    posted = (await done(world, "postTransaction", asked))["transaction"]
    void = {"idempotencyKey": asked["idempotencyKey"], "transactionId": posted["id"]}
    payload = await told(world, "voidTransaction", void)
    assert [error["code"] for error in payload["errors"]] == ["IDEMPOTENCY_CONFLICT"]
    assert len(effects(world, "kopi")) == 1


async def test_a_key_of_another_principal_is_another_key(world: World) -> None:
    asked = {"idempotencyKey": key(), **sale(world, "kopi")}
    first = await done(world, "postTransaction", asked)
    other = world.signed_in("somebody-else", kind=Kind.TILL)
    seen = await world.query(OPERATION, {"key": asked["idempotencyKey"]}, other)
    assert (seen.data, seen.errors) == ({"operation": None}, [])
    node = await world.query(NODE, {"id": first["receipt"]["id"]}, other)
    assert (node.data, node.errors) == ({"node": None}, [])
    fresh = {**sale(world, "kopi"), "idempotencyKey": asked["idempotencyKey"]}
    answer = await sent(world, "postTransaction", fresh, **other)
    payload = answer.data["postTransaction"]
    assert (payload["status"], payload["receipt"]["replayed"]) == ("SUCCEEDED", False)
    assert payload["transaction"]["document"]["id"] == fresh["document"]["id"]
    assert len(effects(world, "kopi")) == 2


async def test_a_document_of_another_principal_is_a_duplicate_that_tells_nothing(
    world: World,
) -> None:
    asked = sale(world, "kopi")
    first = await done(world, "postTransaction", asked)
    other = world.signed_in("somebody-else", kind=Kind.TILL)
    answer = await sent(world, "postTransaction", asked, **other)
    payload = answer.data["postTransaction"]
    assert [error["code"] for error in payload["errors"]] == ["DUPLICATE"]
    assert payload["receipt"] is None
    assert first["receipt"]["idempotencyKey"] not in answer.text
    assert len(effects(world, "kopi")) == 1


async def test_what_became_of_it_can_be_asked_by_key_and_by_id(world: World) -> None:
    asked = {"idempotencyKey": key(), **sale(world, "northshore")}
    assert (await world.data(OPERATION, {"key": asked["idempotencyKey"]}))["operation"] is None
    payload = await done(world, "postTransaction", asked)
    found = (await world.data(OPERATION, {"key": asked["idempotencyKey"]}))["operation"]
    assert found == {
        "id": payload["receipt"]["id"],
        "status": "SUCCEEDED",
        "replayed": True,
        "operation": "TRANSACTION_POST",
        "errors": [],
        "result": {"__typename": "Transaction", "id": payload["transaction"]["id"]},
        "program": {"key": "northshore"},
    }
    node = await world.data(NODE, {"id": found["id"]})
    assert node["node"] == {"__typename": "OperationReceipt", "id": found["id"]}


@pytest.mark.parametrize("key_", ["", "short", "x" * 129, "with space in it 123", "é" * 20])
async def test_what_can_be_nobodys_key_is_null_without_an_error(world: World, key_: str) -> None:
    assert await world.data(OPERATION, {"key": key_}) == {"operation": None}


@pytest.mark.parametrize(
    ("program", "operation"),
    [("northshore", "earn"), ("kopi", "post_transaction"), ("syw", "ProcessEarn")],
)
async def test_a_lost_answer_is_pending_and_settles(
    stage: Stage, program: str, operation: str
) -> None:
    async with stage.world(pace=Pace(scale=0.02)) as world:
        await warmed(world)
        world.fault(program, operation, times=1, drop="after")
        asked = {"idempotencyKey": key(), **sale(world, program)}
        payload = await told(world, "postTransaction", asked)
        assert payload["status"] == "PENDING"
        assert payload["transaction"]["status"] == "SETTLING"
        assert payload["receipt"]["status"] == "PENDING"
        assert payload["errors"] == [], "it is no failure"
        assert len(effects(world, program)) == 1
        for _ in range(200):
            if (await told(world, "postTransaction", asked))["status"] != "PENDING":
                break
            world.sandbox.frame.clock.advance(5)
            await asyncio.sleep(0.02)
        settled = await done(world, "postTransaction", asked)
        assert settled["receipt"]["replayed"] is True
        assert settled["transaction"]["status"] == "POSTED"
        assert len(effects(world, program)) == 1


async def test_a_refused_input_leaves_its_key_free(world: World) -> None:
    asked: Json = {"idempotencyKey": key(), **sale(world, "kopi")}
    totals = {"gross": "55.00", "final": "54.00"}
    payload = await told(world, "postTransaction", {**asked, "totals": totals, "payments": None})
    assert payload["receipt"] is None
    await done(world, "postTransaction", asked)


# ------------------------------------------------------------------ the header


async def test_a_header_that_says_the_same_is_fine(world: World) -> None:
    asked = {"idempotencyKey": key(), **sale(world, "kopi")}
    for text in (asked["idempotencyKey"], f'"{asked["idempotencyKey"]}"'):
        answer = await sent(world, "postTransaction", asked, **{"Idempotency-Key": text})
        assert answer.data["postTransaction"]["status"] == "SUCCEEDED"
    assert len(effects(world, "kopi")) == 1


async def test_a_header_that_says_otherwise_is_refused(world: World) -> None:
    asked = {"idempotencyKey": key(), **sale(world, "kopi")}
    answer = await sent(world, "postTransaction", asked, **{"Idempotency-Key": key()})
    [error] = answer.data["postTransaction"]["errors"]
    assert (error["code"], error["field"]) == ("INVALID_INPUT", ["input", "idempotencyKey"])
    assert effects(world) == []


async def test_two_changes_in_one_document_are_refused_whole(world: World) -> None:
    answer = await world.query(
        """mutation Two($a: PostTransactionInput!, $b: PostTransactionInput!) {
          a: postTransaction(input: $a) { status } b: postTransaction(input: $b) { status }
        }""",
        {name: {"idempotencyKey": key(), **sale(world, "kopi")} for name in ("a", "b")},
    )
    [error] = answer.errors
    assert error["extensions"]["code"] == "LIMIT_EXCEEDED"
    assert "mutation_fields" in error["message"]
    assert effects(world) == []
