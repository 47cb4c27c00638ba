"""The signed assertion that buys a token (contract 2.3), put together by hand; it sends nothing.

JWT libraries refuse its `alg`, which is no registered name; the signature is that of RS256.
"""

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Literal

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256

WINDOW = timedelta(hours=2)
"""How long an assertion is good; the server allows four hours at most."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)

Encoding = Literal["base64url", "base64"]


def assertion(
    *,
    client_id: str,
    audience: str,
    key: RSAPrivateKey,
    now: datetime,
    alg: str = "RSA",
    encoding: Encoding = "base64url",
) -> str:
    """An assertion issued at `now`; its times are milliseconds since the epoch, whole numbers."""
    issued = (now - _EPOCH) // _MILLISECOND
    header = {"alg": alg, "typ": "JWT"}
    claims = {
        "iss": client_id,
        "scope": "",
        "aud": audience,
        "exp": issued + WINDOW // _MILLISECOND,
        "iat": issued,
    }
    signed = ".".join(_encoded(_compact(part), encoding) for part in (header, claims))
    signature = key.sign(signed.encode("ascii"), PKCS1v15(), SHA256())
    return f"{signed}.{_encoded(signature, encoding)}"


def _compact(part: Mapping[str, object]) -> bytes:
    return json.dumps(part, separators=(",", ":")).encode()


def _encoded(raw: bytes, encoding: Encoding) -> str:
    """base64url goes without padding, plain base64 with it: the two forms seen in use."""
    match encoding:
        case "base64url":
            return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
        case "base64":
            return base64.b64encode(raw).decode()
