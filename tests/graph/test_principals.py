"""Who may ask: tokens, forged tokens, scopes; nothing of a request is read before that is known."""

import base64
import json
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import jwt
import pytest

from graph.auth import AUDIENCE, ISSUER, DevelopmentTokens, Unproven
from graph.principals import USUAL, Kind, Principal, Scope
from graph.settings import key_bytes
from tests.graph.selling import MUTATIONS, document, key, sale, sent
from tests.graph.world import Json, World

KEY = bytes(range(64))
TOKENS = DevelopmentTokens(KEY)
SECRET: bytes = TOKENS._key


def shown(token: str) -> list[str]:
    return [f"Bearer {token}"]


def claims(**changes: Any) -> Json:
    now = int(time.time())
    whole = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "till-7",
        "kind": "till",
        "scope": "read",
        "iat": now,
        "exp": now + 600,
    }
    return {name: value for name, value in {**whole, **changes}.items() if value is not ...}


def signed(
    payload: Json, key_: bytes = SECRET, algorithm: str = "HS256", typ: str | None = "at+jwt"
) -> str:
    return jwt.encode(payload, key_, algorithm, headers={"typ": typ} if typ else None)


def by_hand(header: str, payload: str) -> str:
    """A token of any text, with a right signature."""
    import hashlib  # noqa: PLC0415
    import hmac  # noqa: PLC0415

    parts = [base64.urlsafe_b64encode(each.encode()).rstrip(b"=") for each in (header, payload)]
    signature = hmac.new(SECRET, b".".join(parts), hashlib.sha256).digest()
    return b".".join([*parts, base64.urlsafe_b64encode(signature).rstrip(b"=")]).decode()


def test_a_token_says_who_it_is() -> None:
    token = TOKENS.mint("till-7", Kind.TILL, [Scope.READ, Scope.TRANSACTIONS_WRITE])
    scopes = frozenset({Scope.READ, Scope.TRANSACTIONS_WRITE})
    assert TOKENS.principal(shown(token)) == Principal(ISSUER, "till-7", Kind.TILL, scopes)


@pytest.mark.parametrize("kind", Kind)
def test_a_kind_has_usual_scopes(kind: Kind) -> None:
    assert TOKENS.principal(shown(TOKENS.mint("s", kind))).scopes == USUAL[kind]


def test_a_token_by_hand_is_taken_where_it_is_right() -> None:
    assert TOKENS.principal(shown(signed(claims()))).subject == "till-7"
    token = by_hand('{"alg":"HS256","typ":"at+jwt"}', json.dumps(claims()))
    assert TOKENS.principal(shown(token)).subject == "till-7"


DAY = 86_400
FORGED: dict[str, Callable[[], str]] = {
    "another installation's": lambda: DevelopmentTokens(bytes(64)).mint("s", Kind.TILL),
    "another key": lambda: signed(claims(), b"x" * 32),
    "an empty key": lambda: by_hand('{"alg":"none","typ":"at+jwt"}', json.dumps(claims())),
    "HS512": lambda: signed(claims(), SECRET * 2, "HS512"),
    "an id token": lambda: signed(claims(), typ="id+jwt"),
    "JWT": lambda: signed(claims(), typ="JWT"),
    "no exp": lambda: signed(claims(exp=...)),
    "no iat": lambda: signed(claims(iat=...)),
    "no aud": lambda: signed(claims(aud=...)),
    "no iss": lambda: signed(claims(iss=...)),
    "no sub": lambda: signed(claims(sub=...)),
    "no kind": lambda: signed(claims(kind=...)),
    "no scope": lambda: signed(claims(scope=...)),
    "another aud": lambda: signed(claims(aud="another")),
    "a list of aud": lambda: signed(claims(aud=[AUDIENCE, "another"])),
    "another iss": lambda: signed(claims(iss="another")),
    "over": lambda: signed(claims(iat=int(time.time()) - 900, exp=int(time.time()) - 60)),
    "not yet": lambda: signed(claims(nbf=int(time.time()) + 600)),
    "issued later": lambda: signed(claims(iat=int(time.time()) + 600, exp=int(time.time()) + 900)),
    "for ever": lambda: signed(claims(exp=253402300799)),
    "too long": lambda: signed(claims(exp=int(time.time()) + 31 * DAY)),
    "exp as text": lambda: signed(claims(exp=str(int(time.time()) + 600))),
    "exp as a fraction": lambda: signed(claims(exp=time.time() + 600)),
    "exp as true": lambda: signed(claims(exp=True)),
    "sub as a number": lambda: by_hand('{"alg":"HS256","typ":"at+jwt"}', json.dumps(claims(sub=7))),
    "an empty sub": lambda: signed(claims(sub="")),
    "a sub of lines": lambda: signed(claims(sub="a\nb")),
    "a long sub": lambda: signed(claims(sub="x" * 129)),
    "another kind": lambda: signed(claims(kind="god")),
    "two subs": lambda: by_hand(
        '{"alg":"HS256","typ":"at+jwt"}', json.dumps(claims())[:-1] + ',"sub":"other"}'
    ),
    "NaN": lambda: by_hand(
        '{"alg":"HS256","typ":"at+jwt"}', json.dumps(claims())[:-1] + ',"x":NaN}'
    ),
    "deep": lambda: by_hand('{"alg":"HS256","typ":"at+jwt"}', "[" * 2500),
    "a list": lambda: by_hand('{"alg":"HS256","typ":"at+jwt"}', "[]"),
    "an unknown crit": lambda: by_hand(
        '{"alg":"HS256","typ":"at+jwt","crit":["x"],"x":1}', json.dumps(claims())
    ),
    "junk": lambda: "junk",
    "two parts": lambda: "a.b",
    "four parts": lambda: signed(claims()) + ".x",
    "no signature": lambda: signed(claims()).rpartition(".")[0] + ".",
    "edited": lambda: signed(claims()).replace(".", ".e30", 1),
    "large": lambda: signed(claims(more="x" * 9000)),
    "empty": lambda: "",
}


@pytest.mark.parametrize("which", FORGED)
def test_a_forged_token_proves_nobody(which: str) -> None:
    token = FORGED[which]()
    with pytest.raises(Unproven) as refused:
        TOKENS.principal(shown(token))
    assert refused.value.shown
    assert "error=" in refused.value.challenge
    assert token[:20] not in refused.value.message or not token


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [""],
        ["Basic dTpw"],
        ["Bearer"],
        ["Bearer a b"],
        [f"Bearer {TOKENS.mint('s', Kind.TILL)}"] * 2,
    ],
)
def test_anything_but_one_bearer_token_proves_nobody(headers: list[str]) -> None:
    with pytest.raises(Unproven):
        TOKENS.principal(headers)


@pytest.mark.parametrize(
    ("subject", "life"),
    [("", 1), ("a b", 1), ("é", 1), ("x" * 129, 1), ("s", 0), ("s", -1), ("s", 31 * 24)],
)
def test_a_token_of_nonsense_is_not_minted(subject: str, life: float) -> None:
    with pytest.raises(ValueError, match=r"subject|token lives"):
        TOKENS.mint(subject, Kind.TILL, life=timedelta(hours=life))


def test_a_principals_name_is_its_own() -> None:
    def name(issuer: str, subject: str, key_: bytes = b"k") -> str:
        return Principal(issuer, subject, Kind.TILL, frozenset()).name(key_)

    names = {name("a", "bc"), name("ab", "c"), name("a", "b"), name("a", "bc", b"l")}
    assert len(names) == 4
    assert name("a", "bc") == name("a", "bc")
    assert "bc" not in name("a", "bc")


# ------------------------------------------------------------------ at the door


@pytest.mark.parametrize(
    "headers",
    [{}, {"Authorization": "Bearer junk"}, {"Authorization": "Basic dTpw"}],
)
@pytest.mark.parametrize("content", [b'{"query": "{ __typename }"}', b"{", b"x" * 100_000])
async def test_without_a_token_nothing_is_read(
    world: World, headers: dict[str, str], content: bytes
) -> None:
    world.http.headers.pop("authorization")
    answer = await world.http.post(
        "/graphql", content=content, headers={"Content-Type": "application/json", **headers}
    )
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith('Bearer realm="loyalty-graph"')
    body = answer.json()
    assert set(body) == {"errors"}
    [error] = body["errors"]
    assert error["extensions"]["code"] == "UNAUTHENTICATED"
    assert "Authorization: Bearer" in error["message"] or "token" in error["message"]


async def test_without_a_token_a_get_is_refused_and_the_page_is_not(world: World) -> None:
    world.http.headers.pop("authorization")
    asked = await world.http.get("/graphql", params={"query": "{ __typename }"})
    assert asked.status_code == 401
    page = await world.http.get("/graphql", headers={"Accept": "text/html"})
    assert page.status_code in {200, 503}, "503: it is not built here"
    assert (await world.http.get("/health")).status_code == 200


async def test_a_token_without_read_reads_nothing(world: World) -> None:
    headers = world.signed_in("writer", scopes=[Scope.TRANSACTIONS_WRITE])
    answer = await world.query("{ programs { key } }", headers=headers)
    assert answer.data == {}
    assert [error["extensions"]["code"] for error in answer.errors] == ["FORBIDDEN"]


async def test_who_may_write_and_not_read_is_told_of_the_change_alone(world: World) -> None:
    headers = world.signed_in("writer", scopes=[Scope.TRANSACTIONS_WRITE])
    answer = await sent(world, "postTransaction", sale(world, "kopi"), **headers)
    payload = answer.data["postTransaction"]
    assert (payload["status"], payload["member"]) == ("SUCCEEDED", None)
    assert [error["extensions"]["code"] for error in answer.errors] == ["FORBIDDEN"]


NEEDED = {
    "postTransaction": Scope.TRANSACTIONS_WRITE,
    "returnTransaction": Scope.TRANSACTIONS_WRITE,
    "voidTransaction": Scope.TRANSACTIONS_WRITE,
    "activatePoints": Scope.TRANSACTIONS_WRITE,
    "requestReceiptUploads": Scope.TRANSACTIONS_WRITE,
    "redeemPoints": Scope.REDEMPTIONS_WRITE,
    "redeemVoucher": Scope.REDEMPTIONS_WRITE,
    "captureRedemption": Scope.REDEMPTIONS_WRITE,
    "voidRedemption": Scope.REDEMPTIONS_WRITE,
    "authorizeRedemption": Scope.REDEMPTIONS_WRITE,
    "claimVoucher": Scope.REDEMPTIONS_WRITE,
    "adjustPoints": Scope.POINTS_ADJUST,
    "enrollMember": Scope.MEMBERS_WRITE,
    "updateMember": Scope.MEMBERS_WRITE,
    "migrateMember": Scope.MEMBERS_WRITE,
    "setAffinity": Scope.MEMBERS_WRITE,
}
LEAST: dict[str, Json] = {
    "postTransaction": {},
    "returnTransaction": {
        "transactionId": "x",
        "document": {"id": "x"},
        "occurredAt": "2026-06-15T09:00:00Z",
        "lines": [{"sequence": 1, "quantity": "1"}],
    },
    "voidTransaction": {"transactionId": "x"},
    "activatePoints": {"memberId": "x"},
    "requestReceiptUploads": {"program": "x", "receiptIds": ["x"]},
    "redeemPoints": {"memberId": "x", "amount": {"points": "1"}, "outlet": {"code": "x"}},
    "redeemVoucher": {"voucherId": "x", "outlet": {"code": "x"}},
    "captureRedemption": {"redemptionId": "x"},
    "voidRedemption": {"redemptionId": "x"},
    "authorizeRedemption": {"program": "x", "code": "x"},
    "claimVoucher": {"memberId": "x", "offerId": "x"},
    "adjustPoints": {"memberId": "x", "delta": "1", "reason": "x"},
    "enrollMember": {"program": "x", "profile": {"name": "x"}},
    "updateMember": {"memberId": "x", "tier": "x"},
    "migrateMember": {"program": "x", "sourceNumber": "x", "profile": {"name": "x"}},
    "setAffinity": {"memberId": "x", "code": "x", "status": "ACTIVE"},
}


def test_every_mutation_is_tried() -> None:
    assert set(NEEDED) == set(MUTATIONS) == set(LEAST)


@pytest.mark.parametrize("name", NEEDED)
async def test_a_mutation_without_its_scope_is_forbidden(world: World, name: str) -> None:
    scopes = set(Scope) - {NEEDED[name]}
    asked = {"idempotencyKey": key(), **(LEAST[name] or sale(world, "kopi"))}
    answer = await world.query(
        document(name, "status errors { code message field } receipt { id }"),
        {"input": asked},
        world.signed_in("nobody", scopes=scopes),
    )
    payload = answer.data[name]
    assert (payload["status"], payload["receipt"]) == ("REJECTED", None)
    [error] = payload["errors"]
    assert error["code"] == "FORBIDDEN"
    assert NEEDED[name].value in error["message"]
    assert world.calls == {}
    with_it = await world.query(
        document(name, "errors { code }"),
        {"input": asked},
        world.signed_in("somebody", scopes=[NEEDED[name]]),
    )
    codes = [error["code"] for error in with_it.data[name]["errors"]]
    assert "FORBIDDEN" not in codes


async def test_a_code_of_a_redemption_needs_its_scope(world: World) -> None:
    spent = await sent(
        world,
        "redeemPoints",
        {
            "memberId": world.member_id("northshore", "rich"),
            "amount": {"points": "100"},
            "outlet": {"code": "ONLINE"},
            "hold": True,
        },
    )
    asked = {"id": spent.data["redeemPoints"]["redemption"]["id"]}
    query = "query R($id: ID!) { redemption(id: $id) { code } }"
    seen = await world.query(query, asked)
    assert seen.data["redemption"]["code"] in {
        effect.voucher for _, effect in world.sandbox.frame.books.effects()
    }
    hidden = await world.query(query, asked, world.signed_in("reader", scopes=[Scope.READ]))
    assert hidden.data == {"redemption": {"code": None}}
    assert [error["extensions"]["code"] for error in hidden.errors] == ["FORBIDDEN"]


async def test_a_code_of_a_voucher_that_pays_by_itself_needs_the_same_scope(world: World) -> None:
    given = {"memberId": world.member_id("northshore", "rich"), "outlet": {"code": "ONLINE"}}
    held = {**given, "amount": {"points": "100"}, "hold": True}
    spent = await sent(world, "redeemPoints", held)
    query = """query V($rewards: ID!, $vouchers: ID!, $id: ID!) {
      rewards: member(id: $rewards) { vouchers(first: 100) { nodes { id code status } } }
      vouchers: member(id: $vouchers) { vouchers(first: 100) { nodes { id code } } }
      redemption(id: $id) { voucher { code } }
    }"""
    asked = {
        "rewards": given["memberId"],
        "vouchers": world.member_id("kopi", "vouchers"),
        "id": spent.data["redeemPoints"]["redemption"]["id"],
    }
    seen = await world.query(query, asked)
    [code] = {effect.voucher for _, effect in world.sandbox.frame.books.effects()}
    assert code in {each["code"] for each in seen.data["rewards"]["vouchers"]["nodes"]}
    reader = await world.query(query, asked, world.signed_in("reader", scopes=[Scope.READ]))
    assert reader.errors == []
    assert {each["code"] for each in reader.data["rewards"]["vouchers"]["nodes"]} == {"…"}
    assert reader.data["redemption"]["voucher"]["code"] == "…"
    assert reader.data["vouchers"] == seen.data["vouchers"]
    hidden = {each["code"] for each in seen.data["rewards"]["vouchers"]["nodes"]}
    assert not any(each in reader.text for each in hidden)


def test_keys_of_two_purposes_are_two_keys(world: World) -> None:
    id_key = key_bytes(world.settings.server.id_keys[0])
    assert SECRET not in id_key
    assert DevelopmentTokens(id_key)._key not in id_key
