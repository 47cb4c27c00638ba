"""The account at Telluride: settings, the assertion, the token, and refusals of the account."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as generate_rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from pydantic import ValidationError

from loyalty.errors import ErrorCode, LoyaltyError, MemberNotFound, Unavailable
from loyalty.refs import MemberRef
from loyalty.sales import Outlet, SaleDraft, SaleLine
from providers.http import Call, Policy, Reply, Transport
from providers.telluride.assertion import assertion
from providers.telluride.client import Telluride
from providers.telluride.client.exchange import Address, Exchange
from providers.telluride.client.grants import Grants
from providers.telluride.profile.apis import Api
from providers.telluride.settings import TellurideSettings
from providers.telluride.wire.members import WireMembers
from providers.tokens import Token, Tokens

NOW = datetime(2025, 1, 15, 16, 0, tzinfo=UTC)
NUMBER = "7081555000000018"
GRANT = {"access_token": "t", "token_type": "Bearer", "exp": 1735725600000, "iss": 1735689600000}
KEY = generate_rsa(public_exponent=65537, key_size=2048)


def pem(key, encryption=NoEncryption()) -> str:  # noqa: B008 (a value without state)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption).decode()


TABLE = {
    "environment": "SANDBOX",
    "provider": "telluride",
    "name": "Shop Your Way",
    "currency": "USD",
    "base_url": "http://127.0.0.1:9100/telluride",
    "token_url": "http://127.0.0.1:9100/telluride/oauthAS/service/oAuth/token.json",
    "client_id": "EXAMPLE_SHOP",
    "private_key": pem(KEY),
    "requestor_id": "LGPH",
}


def settings(**changes) -> TellurideSettings:
    return TellurideSettings.model_validate(TABLE | changes)


class Scripted:
    """An engine that gives prepared answers, in order, and keeps what it was sent."""

    def __init__(self, *answers: tuple[int, object]) -> None:
        self.answers = list(answers)
        self.calls: list[Call] = []

    async def send(self, call: Call, timeout: float) -> Reply:  # noqa: ARG002, ASYNC109 (the port)
        self.calls.append(call)
        status, body = self.answers.pop(0)
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return Reply(status, {}, raw)

    async def aclose(self) -> None:
        assert not self.answers, "an answer that nobody asked for"


def transport(engine: Scripted) -> Transport:
    return Transport("syw", engine, Policy())


def program(engine: Scripted, token: Scripted | None = None, **changes) -> Telluride:
    desk = token or Scripted((200, GRANT), (200, GRANT | {"access_token": "u"}))
    return Telluride("syw", settings(**changes), transport(engine), transport(desk), lambda: NOW)


def found(*members: dict[str, object]) -> tuple[int, object]:
    reply = {"Additional": {"Status": "0"}, "Members": {"Member": list(members)}}
    return 200, {"GetMemberLookupResult": {"GetMemberLookupReply": [reply]}}


def lookup_said(status: str, text: str) -> dict[str, object]:
    reply = {"Additional": {"Status": status, "StatusText": text}, "Members": {}}
    return {"GetMemberLookupResult": {"GetMemberLookupReply": [reply]}}


ADA = {"MemberNumber": NUMBER, "ClubStatus": "A"}


async def failure(running) -> LoyaltyError:
    with pytest.raises(LoyaltyError) as raised:
        await running
    return raised.value


# ------------------------------------------------------------------ the assertion


def parts(text: str, decode: Callable[[str], bytes]) -> tuple[dict, dict, bytes]:
    header, claims, signature = (decode(part) for part in text.split("."))
    return json.loads(header), json.loads(claims), signature


def unpadded(part: str) -> bytes:
    assert "=" not in part
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def standard(part: str) -> bytes:
    return base64.b64decode(part, validate=True)


@pytest.mark.parametrize(("encoding", "decode"), [("base64url", unpadded), ("base64", standard)])
def test_the_assertion_is_signed_and_its_times_are_milliseconds(encoding, decode):
    text = assertion(
        client_id="EXAMPLE_SHOP", audience="https://a/t", key=KEY, now=NOW, encoding=encoding
    )
    header, claims, signature = parts(text, decode)
    KEY.public_key().verify(signature, text.rpartition(".")[0].encode(), PKCS1v15(), SHA256())
    assert header == {"alg": "RSA", "typ": "JWT"}
    assert claims == {
        "iss": "EXAMPLE_SHOP",
        "scope": "",
        "aud": "https://a/t",
        "iat": 1736956800000,
        "exp": 1736956800000 + 2 * 3_600_000,
    }


def test_the_alg_is_whatever_the_settings_say():
    text = assertion(client_id="C", audience="https://a", key=KEY, now=NOW, alg="SHA256withRSA")
    assert parts(text, unpadded)[0]["alg"] == "SHA256withRSA"


@pytest.mark.parametrize(
    ("changes", "audience"),
    [
        ({}, TABLE["token_url"]),
        ({"audience": "https://oauth.example.com/x"}, "https://oauth.example.com/x"),
    ],
)
async def test_the_audience_is_the_token_url_unless_told_otherwise(changes, audience):
    desk = Scripted((200, GRANT))
    await program(Scripted(found(ADA)), desk, **changes).members([NUMBER])
    (call,) = desk.calls
    sent = json.loads(call.body)
    assert (call.method, call.url) == ("POST", TABLE["token_url"])
    assert sent["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
    assert parts(sent["assertion"], unpadded)[1]["aud"] == audience
    assert "client_id" not in call.headers


# ------------------------------------------------------------------ the token


@pytest.mark.parametrize("as_sent", [int, str])
async def test_the_token_lasts_as_long_as_its_two_figures_are_apart(as_sent):
    grant = GRANT | {"exp": as_sent(GRANT["exp"]), "iss": as_sent(GRANT["iss"])}
    grants = Grants("syw", settings(), transport(Scripted((200, grant))), lambda: NOW)
    assert await grants.token() == Token("t", 36_000.0)


async def test_one_token_serves_many_calls():
    desk = Scripted((200, GRANT))
    await program(Scripted(found(ADA), found(ADA | {"MemberNumber": "1"})), desk).members(
        [NUMBER, "1"]
    )
    assert len(desk.calls) == 1


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ((400, {"error": "invalid_grant", "error_description": "x"}), "PROVIDER_CREDENTIALS"),
        ((401, {"error": "invalid_client"}), "PROVIDER_CREDENTIALS"),
        ((200, GRANT | {"error": "oops"}), "PROVIDER_CREDENTIALS"),
        ((403, b"<html>"), "PROVIDER_CREDENTIALS"),
        ((500, b"<html>"), "PROVIDER_UNAVAILABLE"),
        ((404, b"<html>"), "PROVIDER_BAD_RESPONSE"),
        ((200, b"<html>"), "PROVIDER_BAD_RESPONSE"),
        ((200, {}), "PROVIDER_BAD_RESPONSE"),
        ((200, [GRANT, GRANT]), "PROVIDER_BAD_RESPONSE"),
        ((200, GRANT | {"exp": GRANT["iss"]}), "PROVIDER_BAD_RESPONSE"),
        ((200, GRANT | {"exp": None}), "PROVIDER_BAD_RESPONSE"),
        ((200, GRANT | {"access_token": "a\r\nb"}), "PROVIDER_BAD_RESPONSE"),
    ],
)
async def test_a_token_endpoint_that_says_no_or_nothing(answer, code):
    (told,) = await program(Scripted(), Scripted(answer)).members([NUMBER])
    assert isinstance(told, Unavailable)
    assert (told.code, told.program) == (ErrorCode(code), "syw")


async def test_the_token_goes_raw_in_a_header_of_its_own():
    engine = Scripted(found(ADA))
    await program(engine).members([NUMBER])
    (call,) = engine.calls
    assert call.headers == {
        "Content-Type": "application/json",
        "Accept": "application/json",
        "client_id": "EXAMPLE_SHOP",
        "access_token": "t",
    }
    assert call.url.endswith("/telluride/tellurideAS/profile/GetMemberLookup")
    assert call.operation == "GetMemberLookup"


# ------------------------------------------------------------------ refusals of the account

PLACES = {
    "error member": lambda word: (401, {"error": word}),
    "status text": lambda word: (200, lookup_said("99", word)),
    "status": lambda word: (200, lookup_said(word, "")),
    "top status text": lambda word: (200, {"StatusText": word}),
    "camel": lambda word: (200, {"additional": {"statusText": f"x {word} y"}}),
    "code": lambda word: (500, {"code": word}),
    "nested error": lambda word: (400, {"error": {"message": word}}),
    "raw text": lambda word: (200, f"<html>{word}</html>".encode()),
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    "word", ["ACCESSTOKEN_EXPIRED", "ACCESSTOKEN_INVALID", "ACCESSTOKEN_REQUIRED"]
)
async def test_a_refused_token_is_renewed_and_the_call_repeated_once(place, word):
    engine = Scripted(PLACES[place](word), found(ADA))
    (member,) = await program(engine).members([NUMBER])
    assert member.number == NUMBER
    assert [call.headers["access_token"] for call in engine.calls] == ["t", "u"]
    assert engine.calls[0].body == engine.calls[1].body


async def test_a_token_refused_twice_is_a_matter_of_credentials():
    engine = Scripted(*[PLACES["status text"]("ACCESSTOKEN_INVALID")] * 3)
    (told,) = await program(engine).members([NUMBER])
    assert isinstance(told, Unavailable)
    assert told.code is ErrorCode.PROVIDER_CREDENTIALS
    assert len(engine.calls) == 2


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    "word", ["CLIENT_ID_REQUIRED", "CLIENT_ID_INVALID", "APPLICATION_NOT_PERMITTED"]
)
async def test_a_refused_client_is_never_repeated(place, word):
    engine = Scripted(PLACES[place](word), found(ADA))
    (told,) = await program(engine).members([NUMBER])
    assert isinstance(told, Unavailable)
    assert (told.code, told.upstream.code) == (ErrorCode.PROVIDER_CREDENTIALS, word)
    assert len(engine.calls) == 1


@pytest.mark.parametrize(("status", "calls"), [(401, 2), (403, 1)])
async def test_an_http_status_without_a_word_counts_as_one(status, calls):
    engine = Scripted(*[(status, b"")] * 2)
    (told,) = await program(engine).members([NUMBER])
    assert told.code is ErrorCode.PROVIDER_CREDENTIALS
    assert len(engine.calls) == calls


def exchange(engine: Scripted, slept: list[float]) -> Exchange:
    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    async def fetch() -> Token:
        return Token("t", 3600.0)

    tokens = Tokens(fetch, program="syw")
    address = Address(program="syw", base_url="http://x", client_id="C", zone=settings().zone)
    return Exchange(address, transport(engine), tokens, sleep=sleep, random=lambda: 0.5)


async def test_an_authentication_exception_is_tried_again_once_after_a_pause():
    slept: list[float] = []
    engine = Scripted(PLACES["error member"]("AUTHENTICATION EXCEPTION"), found(ADA))
    answer = await exchange(engine, slept).read(Api.MEMBER_LOOKUP, {}, WireMembers)
    assert len(answer.members) == 1
    assert slept == [pytest.approx(0.225)]


async def test_two_authentication_exceptions_are_a_fault_and_no_credentials():
    engine = Scripted(*[PLACES["error member"]("AUTHENTICATION EXCEPTION")] * 3)
    told = await failure(exchange(engine, []).read(Api.MEMBER_LOOKUP, {}, WireMembers))
    assert told.code is ErrorCode.PROVIDER_UNAVAILABLE
    assert len(engine.calls) == 2


async def test_a_word_inside_the_data_refuses_nobody():
    named = ADA | {"FirstName": "CLIENT_ID_INVALID", "LastName": "ACCESSTOKEN_EXPIRED"}
    engine = Scripted(found(named))
    (member,) = await program(engine).members([NUMBER])
    assert member.given_name == "CLIENT_ID_INVALID"


# ------------------------------------------------------------------ answers


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ((200, {}), "PROVIDER_BAD_RESPONSE"),
        ((200, []), "PROVIDER_BAD_RESPONSE"),
        ((200, b'"x"'), "PROVIDER_BAD_RESPONSE"),
        ((200, b""), "PROVIDER_BAD_RESPONSE"),
        ((200, {"GetMemberLookupResult": 5}), "PROVIDER_BAD_RESPONSE"),
        ((400, lookup_said("0", "Success")), "PROVIDER_BAD_RESPONSE"),
        ((500, lookup_said("0", "Success")), "PROVIDER_UNAVAILABLE"),
        ((500, lookup_said("99", "MULTIPLE RECORDS FOUND")), "MEMBER_AMBIGUOUS"),
        ((200, lookup_said("123", "Ada called 3125550100")), "PROVIDER_ERROR"),
        (found(), "PROVIDER_BAD_RESPONSE"),
        (found({"ClubStatus": "A"}), "PROVIDER_BAD_RESPONSE"),
        (found(ADA | {"MemberNumber": "7081555000000099"}), "PROVIDER_BAD_RESPONSE"),
        (found(ADA | {"MemberSinceDate": "long ago"}), "PROVIDER_BAD_RESPONSE"),
    ],
)
async def test_http_status_alone_never_decides(answer, code):
    (told,) = await program(Scripted(answer)).members([NUMBER])
    assert isinstance(told, LoyaltyError)
    assert (told.code, told.program) == (ErrorCode(code), "syw")
    assert "3125550100" not in f"{told} {told.upstream}"


async def test_a_status_nobody_published_is_counted():
    reader = program(Scripted(*[(200, lookup_said("123", "x"))] * 2))
    await reader.members([NUMBER])
    await reader.members([NUMBER])
    assert reader.unmapped == {("GetMemberLookup", "123"): 2}


def balance_of(number: object) -> tuple[int, object]:
    channel = {"availablePointsToRedeem": 5, "redeemableDollars": "0.01"}
    points = {"channelWisePointsSummary": {"channel": [channel]}}
    body = {"memberNumber": number, "additional": {"status": "0"}}
    return 200, body | {"totalAvailablePointsSummary": points}


async def test_a_number_that_lost_its_zeros_is_the_same_member():
    (told,) = await program(Scripted(balance_of(42))).balances(["0042"])
    assert told.member == MemberRef("syw", "0042")
    assert told.points == Decimal(5)


async def test_an_answer_about_another_member_is_no_answer():
    engine = Scripted(balance_of(99), found(ADA))
    (told,) = await program(engine).balances([NUMBER])
    assert told.code is ErrorCode.PROVIDER_BAD_RESPONSE


async def test_an_answer_about_the_survivor_is_one_for_a_merged_member():
    merged = ADA | {"ClubStatus": "O", "SurvivorMemberNumber": "99"}
    (told,) = await program(Scripted(balance_of(99), found(merged))).balances([NUMBER])
    assert told.member.key == NUMBER


async def test_one_failed_question_of_a_quote_fails_the_quote():
    line = SaleLine(subtotal=Decimal(5), product_code="1")
    draft = SaleDraft(member=MemberRef("syw", NUMBER), outlet=Outlet("1"), lines=(line,))
    nobody = {"Additional": {"Status": "30", "StatusText": "No member found"}}
    earn = {"ProcessEarnResult": {"ProcessEarnReply": [nobody]}}
    engine = Scripted((200, earn), (200, nobody))
    assert isinstance(await failure(program(engine).quote(draft)), MemberNotFound)
    assert len(engine.calls) == 2


# ------------------------------------------------------------------ settings


def refusal(**changes) -> str:
    with pytest.raises(ValidationError) as refused:
        settings(**changes)
    return str(refused.value)


EC = generate_private_key(SECP256R1())


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("nonsense", "no PEM"),
        ("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", "no PEM"),
        (pem(EC), "no RSA key"),
        (pem(KEY, BestAvailableEncryption(b"x")), "password"),
        ("env:NOT_SET_ANYWHERE", "NOT_SET_ANYWHERE"),
    ],
)
def test_a_bad_key_is_an_error_that_names_private_key_and_shows_nothing_of_it(key, words):
    text = refusal(private_key=key)
    assert "private_key" in text
    assert words in text
    assert "BEGIN PRIVATE KEY-----\n" not in text


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"requestor_id": "LGP"}, "requestor_id"),
        ({"store_number": "1"}, "store_number"),
        ({"register_number": "0001"}, "register_number"),
        ({"jwt_encoding": "base32"}, "jwt_encoding"),
        ({"read_lag_max": "soon"}, "read_lag_max"),
        ({"read_lag_max": "0s"}, "read_lag_max"),
        ({"message_versions": {"GetMemberLookups": "22"}}, "message_versions"),
        ({"message_versions": {"GetMemberLookup": "v22"}}, "message_versions"),
        ({"tender_types": {"CHEQUE": "1"}}, "tender_types"),
        ({"tender_types": {"CASH": "123"}}, "tender_types"),
        ({"assumptions": {"nothing": True}}, "assumptions"),
        ({"colour": "red"}, "colour"),
        ({"environment": "PRODUCTION"}, "private_key"),
    ],
)
def test_a_bad_setting_is_an_error_that_names_it(changes, name):
    assert name in refusal(**changes)


def test_a_token_travels_under_tls_outside_of_a_sandbox(tmp_path):
    from providers.settings import References  # noqa: PLC0415 (this test alone needs it)

    (tmp_path / "key.pem").write_text(pem(KEY))
    outside = TABLE | {
        "environment": "UAT",
        "private_key": "file:key.pem",
        "base_url": "https://rewards.example.com",
    }
    with pytest.raises(ValidationError, match="token_url"):
        TellurideSettings.model_validate(outside, context=References(tmp_path))
    safe = outside | {"token_url": "https://oauth.example.com/token.json"}
    read = TellurideSettings.model_validate(safe, context=References(tmp_path))
    assert isinstance(read.key, RSAPrivateKey)
    assert "BEGIN" not in repr(read)


def test_what_is_not_said_is_as_documented():
    plain = settings()
    assert plain.time_zone == "America/Chicago"
    assert {api: plain.version(api) for api in (Api.EARN, Api.ACTIVITY_SUMMARY)} == {
        Api.EARN: "05",
        Api.ACTIVITY_SUMMARY: "01",
    }
    assert (plain.replay_is_safe, plain.read_lag_max) == (False, None)
    told = settings(read_lag_max="5m", message_versions={"ProcessEarn": "11"})
    assert (told.read_lag_max, told.version(Api.EARN)) == (timedelta(minutes=5), "11")
