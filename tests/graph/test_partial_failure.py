"""One program fails, in any way there is: its own fields are null and say why, all else stands."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from tests.graph.world import UPSTREAMS, Answer, Json, Stage, World, warmed

SHORT = 0.4
"""The patience with a program that fails, in seconds, so that its retries end soon."""

FIELDS = """
  id name status email phone birthDate tier { tier { name } }
  balance { points worth { amount } expiring { points } }
  vouchers { nodes { code status } } offers { nodes { code } }
  transactions { nodes { nativeId } } affinities { code } program { key }
"""
DASHBOARD = f"""query Dashboard($kopi: ID!, $syw: ID!, $northshore: ID!) {{
  kopi: member(id: $kopi) {{ ... Everything }}
  syw: member(id: $syw) {{ ... Everything }}
  northshore: member(id: $northshore) {{ ... Everything }}
}} fragment Everything on Member {{ {FIELDS} }}"""
ALWAYS_TOLD = {
    "kopi": {"id", "program", "transactions"},  # its history is our own record
    "syw": {"id", "program"},
    "northshore": {"id", "program"},
}
"""Fields that cost no call of the program."""
NEVER_TOLD = {
    "kopi": {"affinities"},
    "syw": {"vouchers"},
    "northshore": {"affinities", "offers"},
}
"""Fields that a program does not have: null, and no error."""

GONE = {"PROVIDER_UNAVAILABLE", "PROVIDER_TIMEOUT"}
"""What is tried again ends when time does."""

KINDS: dict[str, tuple[Json, set[str]]] = {
    "cut before": ({"drop": "before"}, GONE),
    "cut after": ({"drop": "after"}, GONE),
    "truncated": ({"truncate": 30}, GONE),
    "page": ({"html": True}, {"PROVIDER_BAD_RESPONSE"}),
    "page 502": ({"status": 502, "html": True}, GONE),
    "empty": ({"empty": True}, {"PROVIDER_BAD_RESPONSE"}),
    "list": ({"status": 200, "body": [1, 2]}, {"PROVIDER_BAD_RESPONSE"}),
    "no JSON": ({"status": 200, "body": "{nope"}, {"PROVIDER_BAD_RESPONSE"}),
    "wrong types": ({"wrong_types": "all"}, {"PROVIDER_BAD_RESPONSE"}),
    "500": ({"status": 500}, {"PROVIDER_UNAVAILABLE", "PROVIDER_ERROR", "PROVIDER_BAD_RESPONSE"}),
    "503": ({"status": 503}, GONE),
    "redirect": ({"status": 302}, {"PROVIDER_BAD_RESPONSE"}),
    "teapot": ({"status": 418}, {"PROVIDER_BAD_RESPONSE", "PROVIDER_ERROR"}),
    "quota": ({"rate_limited": True}, {"PROVIDER_RATE_LIMITED"}),
}


@pytest.fixture(params=UPSTREAMS)
def failing(request: pytest.FixtureRequest) -> str:
    program: str = request.param
    return program


@pytest.fixture
async def hasty(stage: Stage, failing: str) -> AsyncIterator[World]:
    """A world whose patience with the failing program is short."""
    settings = stage.with_programs(**{failing: {"timeout_seconds": SHORT}})
    async with stage.world(settings) as world:
        await warmed(world)
        yield world


def everywhere(world: World) -> Json:
    return {program: world.member_id(program, "everywhere") for program in UPSTREAMS}


def assert_only_one_failed(answer: Answer, healthy: Json, failing: str) -> list[Json]:
    """The others are whole; all fields of the failing one are null, and each says why."""
    assert answer.status == 200
    for program in UPSTREAMS.keys() - {failing}:
        assert answer.data[program] == healthy[program]
    failed = answer.data[failing]
    assert {name for name, value in failed.items() if value is not None} == ALWAYS_TOLD[failing]
    blamed = {tuple(error["path"]) for error in answer.errors}
    told = failed.keys() - ALWAYS_TOLD[failing] - NEVER_TOLD[failing]
    assert blamed == {(failing, name) for name in told}
    assert {error["extensions"]["program"] for error in answer.errors} == {failing}
    return answer.errors


@pytest.mark.parametrize("kind", KINDS)
async def test_a_failing_program_blanks_its_own_fields_alone(
    hasty: World, failing: str, kind: str
) -> None:
    fault, codes = KINDS[kind]
    healthy = await hasty.data(DASHBOARD, everywhere(hasty))
    hasty.fault(failing, **fault)
    answer = await hasty.query(DASHBOARD, everywhere(hasty))
    errors = assert_only_one_failed(answer, healthy, failing)
    assert {error["extensions"]["code"] for error in errors} <= codes
    assert_no_key_is_spoken_of(errors, codes)
    assert_nothing_leaks(errors, hasty, failing, healthy)


async def test_a_provider_that_never_answers_times_out_alone(hasty: World, failing: str) -> None:
    healthy = await hasty.data(DASHBOARD, everywhere(hasty))
    line = hasty.lines[failing]
    line.hangs = True
    line.timeouts.clear()
    answer = await hasty.query(DASHBOARD, everywhere(hasty))
    errors = assert_only_one_failed(answer, healthy, failing)
    assert {error["extensions"]["code"] for error in errors} == {"PROVIDER_TIMEOUT"}
    assert max(line.timeouts) <= SHORT
    assert_nothing_leaks(errors, hasty, failing, healthy)


def assert_no_key_is_spoken_of(errors: list[Json], codes: set[str]) -> None:
    """A question has no key; where it may be asked again as it was, there is no other advice."""
    advice = {error["extensions"].get("retry") for error in errors}
    assert advice <= {None, "NEVER", "AFTER_CHANGE"}
    if codes <= {*GONE, "PROVIDER_RATE_LIMITED"}:
        assert advice == {None}


def assert_nothing_leaks(errors: list[Json], world: World, failing: str, healthy: Json) -> None:
    """Errors name no person, no address, no secret and no code of ours."""
    text = json.dumps(errors, ensure_ascii=False)
    person = healthy[failing]
    personal = [person[name] for name in ("name", "email", "phone") if person[name]]
    personal.append(world.number(failing, "everywhere"))
    personal.append(world.ref(failing, "everywhere").key)
    inner = ("sandbox.test", "http:", "Traceback", "Error(", "httpx", "pydantic", "<html", ".py")
    secrets = ("kopi-secret", "kopi-key", "northshore-secret", "EXAMPLE_SHOP", "Bearer", "eyJ")
    assert [word for word in (*personal, *inner, *secrets) if word in text] == []


async def test_others_answer_while_one_hangs(world: World, failing: str) -> None:
    ids = everywhere(world)
    line = world.lines[failing]
    line.open_.clear()
    alone = f"query($id: ID!) {{ member(id: $id) {{ {FIELDS} }} }}"
    slow = asyncio.create_task(world.query(alone, {"id": ids[failing]}))
    for program in UPSTREAMS.keys() - {failing}:
        told = await world.data(alone, {"id": ids[program]})
        assert told["member"]["name"] == "Aisyah Rahman"
    assert line.taken
    assert not slow.done()
    line.open_.set()
    answer = await slow
    assert (answer.errors, answer.data["member"]["name"]) == ([], "Aisyah Rahman")


async def test_all_programs_share_the_time_that_an_answer_has(stage: Stage) -> None:
    server = stage.settings.server.model_copy(update={"answer_seconds": 0.5})
    async with stage.world(replace(stage.settings, server=server)) as world:
        await warmed(world)
        for line in world.lines.values():
            line.hangs = True
            line.timeouts.clear()
        answer = await world.query(DASHBOARD, everywhere(world))
        assert {e["extensions"]["code"] for e in answer.errors} == {"PROVIDER_TIMEOUT"}
        assert {e["extensions"]["program"] for e in answer.errors} == set(UPSTREAMS)
        assert max(t for line in world.lines.values() for t in line.timeouts) <= 0.5


async def test_health_tells_who_failed(hasty: World, failing: str) -> None:
    document = "{ programs { key health { state checkedAt latencyMs } } }"
    before = await hasty.data(document)
    warm = {"kopi": "UNKNOWN", "syw": "UP", "northshore": "UP"}
    assert {p["key"]: p["health"]["state"] for p in before["programs"]} == warm
    await hasty.query(DASHBOARD, everywhere(hasty))
    hasty.fault(failing, drop="before")
    for _ in range(6):  # until the good calls are forgotten
        await hasty.query(DASHBOARD, everywhere(hasty))
    hasty.forget()
    told = {p["key"]: p["health"] for p in (await hasty.data(document))["programs"]}
    others = UPSTREAMS.keys() - {failing}
    assert told[failing]["state"] == "DOWN"
    assert {told[program]["state"] for program in others} == {"UP"}
    assert all(health["checkedAt"] and health["latencyMs"] is not None for health in told.values())
    assert hasty.calls == {}
