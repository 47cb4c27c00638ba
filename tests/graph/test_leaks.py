"""What a provider says of a person, and what we know of ourselves, stays out of errors."""

import json

import pytest

from sandbox.frame import Frame
from tests.graph.world import UPSTREAMS, Json, World

READS = """query($id: ID!) { member(id: $id) {
  name balance { points } vouchers { nodes { code } } offers { nodes { code } }
  transactions { nodes { id } } affinities { code }
} }"""
PERSON = {
    "kopi": ("Aisyah Rahman", "+60123456781", "aisyah.rahman@example.com", "1992-07-19"),
    "syw": ("Aisyah Rahman", "2065550142", "aisyah.rahman@example.com", "7081555000000117"),
    "northshore": ("Aisyah Rahman", "12065550142", "aisyah.rahman@example.com", "70410002321"),
}
SAYINGS = (
    'no member "{0}" with phone {1} and e-mail {2} ({3})',
    "phone '{1}' / mail <{2}> belong to '{0}', card {3}",
    '{2}: invalid value "{0}" [{1}], id={3}',
    "Dear {0}, your card {3} is locked; we called {1}",
)


def error_body(frame: Frame, program: str, status: int, text: str) -> object:
    """A refusal in the provider's own shape."""
    return frame.refusal(UPSTREAMS[program], status, text).body


@pytest.mark.parametrize("status", [400, 403, 404, 409, 422, 500, 503])
@pytest.mark.parametrize("saying", SAYINGS)
@pytest.mark.parametrize("program", UPSTREAMS)
async def test_what_a_provider_says_of_a_person_is_not_passed_on(
    world: World, program: str, saying: str, status: int
) -> None:
    person = PERSON[program]
    body = error_body(world.sandbox.frame, program, status, saying.format(*person))
    world.fault(program, status=status, body=body)
    answer = await world.query(READS, {"id": world.member_id(program, "everywhere")})
    assert [word for word in person if word in answer.text] == []
    assert answer.errors or answer.data == {"member": None}


@pytest.mark.parametrize("program", ["syw", "northshore"])
@pytest.mark.parametrize(
    "fault",
    [{"status": 401}, {"status": 500}, {"html": True}, {"drop": "before"}, {"wrong_types": "all"}],
    ids=json.dumps,
)
async def test_a_token_endpoint_that_fails_tells_no_secret(
    cold_world: World, program: str, fault: Json
) -> None:
    cold_world.fault(program, "token", **fault)
    answer = await cold_world.query(READS, {"id": cold_world.member_id(program, "rich")})
    assert answer.errors
    assert {error["extensions"]["program"] for error in answer.errors} == {program}
    codes = {error["extensions"]["code"] for error in answer.errors}
    assert codes <= {
        "PROVIDER_CREDENTIALS",
        "PROVIDER_UNAVAILABLE",
        "PROVIDER_BAD_RESPONSE",
        "PROVIDER_TIMEOUT",
        "NOT_SUPPORTED",
    }
    settings = cold_world.settings.programs[program].model_dump()
    secrets = [
        value.get_secret_value() if hasattr(value, "get_secret_value") else value
        for name, value in settings.items()
        if name in {"client_id", "client_secret", "private_key", "token_url", "base_url"}
    ]
    assert len(secrets) >= 3
    assert [secret for secret in secrets if secret in answer.text] == []
    assert "sandbox.test" not in answer.text


async def test_a_defect_of_an_adapter_is_masked(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from providers.telluride.client import Telluride  # noqa: PLC0415 - the class that is spoilt here

    async def spoilt(self: object, keys: object) -> list[object]:
        del self, keys
        msg = "Aisyah Rahman, 7081555000000117"
        raise KeyError(msg)

    monkeypatch.setattr(Telluride, "balances", spoilt)
    answer = await world.query(
        "query($id: ID!) { member(id: $id) { name balance { points } } }",
        {"id": world.member_id("syw", "everywhere")},
    )
    [error] = answer.errors
    assert answer.data["member"] == {"name": "Aisyah Rahman", "balance": None}
    assert error["path"] == ["member", "balance"]
    assert error["extensions"]["code"] == "PROVIDER_BAD_RESPONSE"
    assert error["extensions"]["program"] == "syw"
    assert "7081555000000117" not in answer.text
    assert "KeyError" not in answer.text
    assert "7081555000000117" not in caplog.text
    assert "Aisyah" not in caplog.text
    [logged] = [record for record in caplog.records if record.msg == "adapter defect"]
    assert logged.__dict__["kind"] == "KeyError"


async def test_one_failed_key_of_a_batch_fails_alone(world: World) -> None:
    ids = [world.member_id("kopi", persona) for persona in ("rich", "zero", "linked")]
    world.fault("kopi", "get_member_info", times=1, html=True)
    document = "query($ids: [ID!]!) { members(ids: $ids) { name balance { points } } }"
    answer = await world.query(document, {"ids": ids})
    [error] = answer.errors
    assert error["path"][:1] + error["path"][2:] == ["members", "balance"]
    balances = [member["balance"] for member in answer.data["members"]]
    assert sum(balance is None for balance in balances) == 1
    assert balances[error["path"][1]] is None
    assert all(member["name"] for member in answer.data["members"])


SECRETS: dict[str, Json] = {
    "an unknown field": {"phon": "+60123456781"},
    "an unknown field that is like no other": {"zzz": "+60123456781"},
    "a value of another type": {"phone": {"number": "+60123456781"}},
    "a number for a text": {"phone": 60123456781},
}


@pytest.mark.parametrize("wrong", SECRETS.values(), ids=SECRETS.keys())
async def test_a_variable_of_the_wrong_shape_is_named_and_not_repeated(
    world: World, wrong: Json
) -> None:
    profile: Json = {"name": "Aisyah Rahman", **wrong}
    answer = await world.query(
        "mutation($input: EnrollMemberInput!) { enrollMember(input: $input) { status } }",
        {"input": {"idempotencyKey": "k" * 16, "program": "kopi", "profile": profile}},
    )
    [error] = answer.errors
    assert error["extensions"]["code"] == "INVALID_INPUT"
    assert error["message"].startswith("Variable '$input' has invalid value at .profile")
    assert [word for word in ("Aisyah", "60123456781") if word in answer.text] == []


async def test_a_field_that_is_missing_is_named_without_the_others(world: World) -> None:
    answer = await world.query(
        "mutation($input: AuthorizeRedemptionInput!) {"
        " authorizeRedemption(input: $input) { status } }",
        {"input": {"idempotencyKey": "k" * 16, "code": "4948504988813043"}},
    )
    [error] = answer.errors
    assert "required field 'program'" in error["message"]
    assert "4948504988813043" not in answer.text
