"""Telluride's token endpoint: which assertions are believed, and how others are refused."""

import re
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from .conftest import GRANT, NOW, NOW_MS, TOKEN_PATH, Desk

MINUTE = 60_000
OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def refused(desk: Desk, assertion: str) -> str:
    answer = desk.ask_token(assertion)
    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_grant"
    return answer.json()["error_description"]


@pytest.mark.parametrize("alg", ["RSA", "SHA256withRSA", "RS256"])
@pytest.mark.parametrize("padded", [False, True])
def test_every_published_form_of_the_assertion_is_believed(desk, alg, padded):
    answer = desk.ask_token(desk.assertion(alg, padded=padded))
    assert answer.status_code == 200
    assert re.fullmatch("[0-9a-f]{64}", answer.json()["access_token"])
    assert answer.json() | {"access_token": ""} == {
        "access_token": "",
        "token_type": "Bearer",
        "exp": NOW_MS + 36_000_000,
        "iss": NOW_MS,
    }


def test_a_form_with_a_percent_encoded_assertion_is_read(desk):
    fields = {"grant_type": GRANT, "assertion": desk.assertion(padded=True)}
    assert desk.client.post(f"/telluride{TOKEN_PATH}", data=fields).status_code == 200


@pytest.mark.parametrize(
    ("kind", "status"), [("text/plain", 415), ("application/xml", 400), ("", 415)]
)
def test_other_content_types_are_refused(desk, kind, status):
    answer = desk.client.post(
        f"/telluride{TOKEN_PATH}", content=b"<x/>", headers={"content-type": kind}
    )
    assert answer.status_code == status
    assert answer.json()["error"] == "invalid_request"


def test_another_grant_is_refused(desk):
    body = {"grant_type": "client_credentials", "assertion": desk.assertion()}
    answer = desk.client.post(f"/telluride{TOKEN_PATH}", json=body)
    assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_grant_type")


def test_seconds_instead_of_milliseconds_are_refused(desk):
    seconds = NOW_MS // 1000
    text = refused(desk, desk.assertion(iat=seconds, exp=seconds + 7200))
    assert "milliseconds" in text


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"exp": NOW_MS - 1}, "exp is before iat"),
        ({"exp": NOW_MS + 14_400_001}, "four hours"),
        ({"iat": NOW_MS - 5 * MINUTE - 1}, "iat"),
        ({"iat": NOW_MS + 5 * MINUTE + 1}, "iat"),
        ({"iat": float(NOW_MS)}, "iat is required"),
        ({"exp": str(NOW_MS)}, "exp is required"),
        ({"iat": True}, "iat is required"),
        ({"exp": "absent"}, "exp is required"),
        ({"iss": "absent"}, "iss is required"),
        ({"aud": "absent"}, "aud is required"),
        ({"aud": "https://oauth.example.com" + TOKEN_PATH}, "aud"),
        ({"aud": "http://testserver/telluride/token"}, "aud"),
    ],
)
def test_each_broken_claim_is_refused_by_name(desk, changes, text):
    assert text in refused(desk, desk.assertion(**changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"scope": "absent"},
        {"exp": NOW_MS},
        {"exp": NOW_MS + 14_400_000},
        {"iat": NOW_MS - 5 * MINUTE, "exp": NOW_MS - 5 * MINUTE},
        {"aud": "https://oauth.uat.telluride.shopyourway.com" + TOKEN_PATH},
        {"aud": "https://oauth.telluride.shopyourway.com/oauthAS/service/token"},
        {"aud": "https://oauth.prod.telluride.intra.transformco.com" + TOKEN_PATH},
    ],
)
def test_what_the_rules_allow_is_believed(desk, changes):
    assert desk.ask_token(desk.assertion(**changes)).status_code == 200


def test_an_expired_assertion_is_refused(desk):
    old = desk.assertion(exp=NOW_MS + MINUTE)
    desk.forward(5 * 60)
    assert desk.ask_token(old).status_code == 200
    desk.forward(61)
    refused(desk, old)


def test_a_signature_of_another_key_is_refused(desk):
    forged = desk.signed({"alg": "RSA", "typ": "JWT"}, desk.claims(), key=OTHER_KEY)
    assert "signature" in refused(desk, forged)


def test_a_changed_claim_breaks_the_signature(desk):
    head, _, signature = desk.assertion().split(".")
    other = desk.assertion(scope="all").split(".")[1]
    assert "signature" in refused(desk, f"{head}.{other}.{signature}")


@pytest.mark.parametrize("header", [{"alg": "none", "typ": "JWT"}, {"alg": "HS256", "typ": "JWT"},
                                    {"alg": "RSA"}, [], "RSA"])  # fmt: skip
def test_another_header_is_refused(desk, header):
    refused(desk, desk.signed(header, desk.claims()))


@pytest.mark.parametrize("garbage", ["", "a.b", "a.b.c.d", "!.!.!", "e30.e30.e30", "e30.W10.c2ln"])
def test_garbage_is_refused(desk, garbage):
    refused(desk, garbage)


@pytest.mark.parametrize("client_id", ["NOBODY", "PENDING_SHOP"])
def test_an_unknown_or_unapproved_client_is_an_invalid_client(desk, client_id):
    answer = desk.ask_token(desk.assertion(iss=client_id))
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_an_old_token_lives_beside_a_new_one(desk):
    old = dict(desk.headers)
    desk.sign_in()
    assert desk.post("GetRewardBalance", {}, old).status_code == 200
    assert desk.headers["access_token"] != old["access_token"]


def test_a_registered_public_key_replaces_the_generated_pair(desk):
    pem = OTHER_KEY.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    put = desk.client.put("/__sandbox__/telluride/certificate", json={"pem": pem.decode()})
    assert put.status_code == 204
    refused(desk, desk.assertion())
    desk.key = OTHER_KEY
    assert desk.ask_token(desk.assertion()).status_code == 200
    assert desk.client.get("/__sandbox__/telluride/private-key").status_code == 404


def test_a_certificate_is_taken_and_survives_a_reset(desk):
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "rewards.example.com")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(OTHER_KEY.public_key())
        .serial_number(1)
        .not_valid_before(NOW)
        .not_valid_after(NOW + timedelta(days=365))
        .sign(OTHER_KEY, hashes.SHA256())
    )
    desk.state.register_certificate(certificate.public_bytes(serialization.Encoding.PEM).decode())
    desk.client.post("/__sandbox__/reset")
    desk.key = OTHER_KEY
    assert desk.ask_token(desk.assertion()).status_code == 200


@pytest.mark.parametrize(
    "key",
    [
        ec.generate_private_key(ec.SECP256R1()),
        rsa.generate_private_key(public_exponent=65537, key_size=3072),
    ],
)
def test_a_key_the_vendor_would_not_take_is_refused(desk, key):
    pem = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    put = desk.client.put("/__sandbox__/telluride/certificate", json={"pem": pem.decode()})
    assert put.status_code == 400
    assert desk.ask_token(desk.assertion()).status_code == 200


def test_the_lifetime_is_a_switch(desk):
    desk.switch(token_lifetime_seconds=60)
    answer = desk.ask_token(desk.assertion()).json()
    assert answer["exp"] - answer["iss"] == 60_000
