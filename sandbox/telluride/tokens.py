"""The OAuth side: assertions verified by hand, tokens issued and looked up (contract 2)."""

import base64
import binascii
import json
import secrets
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from sandbox.telluride.reading import is_object

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
ALGORITHMS = ("RSA", "SHA256withRSA", "RS256")
TOKEN_PATHS = ("/oauthAS/service/oAuth/token.json", "/oauthAS/service/token")
AUDIENCES = (
    "https://oauth.uat.telluride.shopyourway.com/oauthAS/service/oAuth/token.json",
    "https://oauth.telluride.shopyourway.com/oauthAS/service/oAuth/token.json",
    "https://oauth.telluride.shopyourway.com/oauthAS/service/token",
    "https://oauth.prod.telluride.intra.transformco.com/oauthAS/service/oAuth/token.json",
)
"""Every spelling that is published (2.3); the URL a call came to is accepted besides."""

WINDOW_MS = 14_400_000
LEEWAY_MS = 300_000
KEY_BITS = 2048
SEGMENTS = 3


class BadAssertion(ValueError):
    """`invalid_grant`: the text says which rule of U-5 is broken."""


class UnknownClient(ValueError):
    """`invalid_client`: the issuer is not registered, or not approved."""


@dataclass(frozen=True, slots=True)
class Client:
    """A registered client; only an approved one counts (2.1)."""

    id: str
    requestor: str
    approved: bool = True


CLIENTS = (
    Client("EXAMPLE_SHOP", "LGPH"),
    Client("OTHER_SHOP", "OTHR"),
    Client("PENDING_SHOP", "PEND", approved=False),
)


@dataclass(frozen=True, slots=True)
class Token:
    """An issued token, times in epoch milliseconds."""

    value: str
    client: str
    issued: int
    expires: int


@dataclass(frozen=True, slots=True)
class Claims:
    """What an assertion says, once it is believed."""

    issuer: str
    audience: str
    issued: int
    expires: int


@cache
def process_key() -> rsa.RSAPrivateKey:
    """The pair that every sandbox of this process trusts until a certificate is registered."""
    return rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)


def public_key(pem: str) -> rsa.RSAPublicKey:
    """The RSA key of a PEM certificate or public key; raises ValueError."""
    key = _loaded(pem.encode())
    if not isinstance(key, rsa.RSAPublicKey) or key.key_size != KEY_BITS:
        message = f"an RSA key of {KEY_BITS} bits is needed"
        raise ValueError(message)
    return key


def _loaded(pem: bytes) -> object:
    try:
        if b"BEGIN CERTIFICATE" in pem:
            return x509.load_pem_x509_certificate(pem).public_key()
        return serialization.load_pem_public_key(pem)
    except UnsupportedAlgorithm as error:
        raise ValueError(str(error)) from error


def private_pem(key: rsa.RSAPrivateKey) -> str:
    """The key as unencrypted PKCS#8 PEM."""
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


class TokenDesk:
    """Believes assertions, issues tokens; old ones live until their own expiry (U-6)."""

    def __init__(self) -> None:
        self._registered: rsa.RSAPublicKey | None = None
        self._tokens: dict[str, Token] = {}

    def register(self, pem: str) -> None:
        """Trust this key from here on; raises ValueError."""
        self._registered = public_key(pem)

    @property
    def own_key(self) -> rsa.RSAPrivateKey | None:
        """The generated pair, while it is the one that is trusted."""
        return process_key() if self._registered is None else None

    def forget_tokens(self) -> None:
        """No token is known any more; the certificate stays."""
        self._tokens.clear()

    def find(self, value: str) -> Token | None:
        """An issued token, expired or not."""
        return self._tokens.get(value)

    def issue(self, client: str, now_ms: int, lifetime_ms: int) -> Token:
        """A new token of 64 lower-case hex characters."""
        token = Token(secrets.token_hex(32), client, now_ms, now_ms + lifetime_ms)
        self._tokens[token.value] = token
        return token

    def believe(self, assertion: str, now_ms: int, host: str) -> Claims:
        """The claims of an assertion that keeps every rule; raises BadAssertion, UnknownClient."""
        segments = assertion.split(".")
        if len(segments) != SEGMENTS:
            message = "an assertion has three segments"
            raise BadAssertion(message)
        _check_header(_json(segments[0], "header"))
        claims = _claims(_json(segments[1], "claims"))
        client = client_of(claims.issuer)
        if client is None or not client.approved:
            message = "the client is not registered or not approved"
            raise UnknownClient(message)
        self._check_signature(f"{segments[0]}.{segments[1]}", _decoded(segments[2], "signature"))
        _check_audience(claims.audience, host)
        _check_times(claims, now_ms)
        return claims

    def _check_signature(self, signed: str, signature: bytes) -> None:
        key = self._registered or process_key().public_key()
        try:
            key.verify(signature, signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        except InvalidSignature as error:
            message = "the signature does not fit the registered certificate"
            raise BadAssertion(message) from error


def client_of(client_id: str) -> Client | None:
    """The registered client of that id."""
    return next((client for client in CLIENTS if client.id == client_id), None)


def _decoded(segment: str, what: str) -> bytes:
    """Both base64 alphabets, padded or not (2.3)."""
    plain = segment.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except binascii.Error as error:
        message = f"the {what} is not base64"
        raise BadAssertion(message) from error


def _json(segment: str, what: str) -> dict[str, object]:
    try:
        parsed: object = json.loads(_decoded(segment, what))
    except (ValueError, RecursionError) as error:
        message = f"the {what} cannot be read"
        raise BadAssertion(message) from error
    if not is_object(parsed):
        message = f"the {what} is no object"
        raise BadAssertion(message)
    return parsed


def _check_header(header: dict[str, object]) -> None:
    if header.get("typ") != "JWT" or header.get("alg") not in ALGORITHMS:
        message = "typ must be JWT and alg one of RSA, SHA256withRSA, RS256"
        raise BadAssertion(message)


def _claims(claims: dict[str, object]) -> Claims:
    """`scope` is not asked for (2.3)."""
    return Claims(
        issuer=_text(claims, "iss"),
        audience=_text(claims, "aud"),
        issued=_milliseconds(claims, "iat"),
        expires=_milliseconds(claims, "exp"),
    )


def _text(claims: dict[str, object], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not value:
        message = f"{name} is required and a string"
        raise BadAssertion(message)
    return value


def _milliseconds(claims: dict[str, object], name: str) -> int:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int):
        message = f"{name} is required and a whole number of milliseconds"
        raise BadAssertion(message)
    return value


def _check_audience(audience: str, host: str) -> None:
    if audience in AUDIENCES:
        return
    parts = urlsplit(audience)
    if parts.netloc != host or not parts.path.endswith(TOKEN_PATHS) or parts.query:
        message = "aud is not this server"
        raise BadAssertion(message)


def _check_times(claims: Claims, now_ms: int) -> None:
    if claims.expires < claims.issued:
        message = "exp is before iat"
    elif claims.expires - claims.issued > WINDOW_MS:
        message = "exp is more than four hours after iat"
    elif abs(claims.issued - now_ms) > LEEWAY_MS:
        message = "iat is not within five minutes of now, in milliseconds"
    elif claims.expires < now_ms - LEEWAY_MS:
        message = "exp is more than five minutes past"
    else:
        return
    raise BadAssertion(message)
