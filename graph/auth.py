"""Bearer tokens: what a request shows, and the principal that it proves; nothing else is believed.

The development tokens are our own: signed with a key that is derived from the installation's first
id key, so that there is nothing to configure and no two installations take each other's.
"""

import base64
import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import jwt

from graph.principals import USUAL, Kind, Principal, Scope

ISSUER = "loyalty-graph-dev"
AUDIENCE = "loyalty-graph"
LONGEST_LIFE = timedelta(days=30)
USUAL_LIFE = timedelta(hours=12)

_ALGORITHM = "HS256"
_TYPE = "at+jwt"
_LONGEST_TOKEN = 8192
_LEEWAY = 30.0
_REQUIRED = ["exp", "iat", "iss", "aud", "sub"]
_BEARER = re.compile(r"[Bb]earer +([A-Za-z0-9._~+/-]+=*)")
_SUBJECT = re.compile(r"[\x21-\x7e]{1,128}")


class Unproven(Exception):
    """No principal: the message says why and what to do, and repeats nothing of the token."""

    def __init__(self, message: str, *, shown: bool) -> None:
        super().__init__(message)
        self.message = message
        self.shown = shown

    @property
    def challenge(self) -> str:
        """The WWW-Authenticate of the refusal (RFC 6750)."""
        realm = 'Bearer realm="loyalty-graph"'
        return f'{realm}, error="invalid_token"' if self.shown else realm


class DevelopmentTokens:
    """Mints and reads the tokens of mode "dev"; only this machine may connect in it."""

    def __init__(self, id_key: bytes) -> None:
        self._key = hmac.new(id_key, b"loyalty-graph/dev-token/1", hashlib.sha256).digest()
        self._jwt = jwt.PyJWT(options={"enforce_minimum_key_length": True})

    def mint(
        self,
        subject: str,
        kind: Kind,
        scopes: Iterable[Scope] | None = None,
        *,
        life: timedelta = USUAL_LIFE,
    ) -> str:
        """A token; its kind's usual scopes unless some are named. ValueError says what is wrong."""
        if not _SUBJECT.fullmatch(subject):
            msg = "a subject is 1 to 128 visible ASCII characters, without spaces"
            raise ValueError(msg)
        if not timedelta(0) < life <= LONGEST_LIFE:
            msg = f"a token lives {LONGEST_LIFE.days} days at most"
            raise ValueError(msg)
        now = datetime.now(UTC)
        granted = USUAL[kind] if scopes is None else frozenset(scopes)
        claims: dict[str, Any] = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": subject,
            "kind": kind.value,
            "scope": " ".join(sorted(granted)),
            "iat": int(now.timestamp()),
            "exp": int((now + life).timestamp()),
            "jti": secrets.token_hex(8),
        }
        return jwt.encode(claims, self._key, _ALGORITHM, headers={"typ": _TYPE})

    def principal(self, authorization: list[str]) -> Principal:
        """Who the Authorization headers of a request prove; raises Unproven."""
        return _principal(self._claims(bearer(authorization)))

    def _claims(self, token: str) -> Mapping[str, object]:
        try:
            _check_form(token)
            claims = self._jwt.decode(
                token,
                self._key,
                algorithms=[_ALGORITHM],
                audience=AUDIENCE,
                issuer=ISSUER,
                leeway=_LEEWAY,
                options={"require": _REQUIRED, "strict_aud": True},
            )
        except jwt.ExpiredSignatureError:
            raise _refused("the token is over: get a new one") from None
        except (jwt.InvalidTokenError, ValueError, RecursionError):
            raise _refused("the token is none of this installation's: get one from it") from None
        return cast("Mapping[str, object]", claims)


def bearer(authorization: list[str]) -> str:
    """The token in the Authorization header; raises Unproven."""
    if not authorization:
        msg = (
            "sign in: send the header `Authorization: Bearer TOKEN`; "
            "`loyalty-graph token` prints one for development"
        )
        raise Unproven(msg, shown=False)
    shown = _BEARER.fullmatch(authorization[0].strip()) if len(authorization) == 1 else None
    if shown is None or len(shown[1]) > _LONGEST_TOKEN:
        raise _refused("the header is not `Authorization: Bearer TOKEN`, once")
    return shown[1]


def _refused(message: str) -> Unproven:
    return Unproven(message, shown=True)


def _check_form(token: str) -> None:
    """What the library leaves open; ValueError for a token that is not quite one."""
    header, payload, _ = token.split(".")
    if _object(header).get("typ") != _TYPE:
        msg = "typ"
        raise ValueError(msg)
    claims = _object(payload)
    times = [claims.get("exp"), claims.get("iat")]
    if not all(isinstance(time, int) and not isinstance(time, bool) for time in times):
        msg = "times"
        raise ValueError(msg)
    ends, begins = cast("list[int]", times)
    if not 0 < ends - begins <= LONGEST_LIFE.total_seconds():
        msg = "life"
        raise ValueError(msg)


def _object(part: str) -> dict[str, object]:
    """A part of a token as the one JSON object that it must be; ValueError otherwise."""
    decoded = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    value: object = json.loads(
        decoded.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_no_number
    )
    if not isinstance(value, dict):
        msg = "not an object"
        raise ValueError(msg)  # noqa: TRY004 - one kind of refusal for all
    return cast("dict[str, object]", value)


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    if len(dict(pairs)) != len(pairs):
        msg = "a member twice"
        raise ValueError(msg)
    return dict(pairs)


def _no_number(text: str) -> object:
    msg = f"not JSON: {text}"
    raise ValueError(msg)


def _principal(claims: Mapping[str, object]) -> Principal:
    subject, kind, scope = claims.get("sub"), claims.get("kind"), claims.get("scope")
    if not isinstance(subject, str) or not _SUBJECT.fullmatch(subject):
        raise _refused("the token names no subject")
    if not isinstance(kind, str) or kind not in set(Kind) or not isinstance(scope, str):
        raise _refused("the token names no kind or no scopes that are known here")
    known = {each.value: each for each in Scope}
    scopes = frozenset(known[name] for name in scope.split() if name in known)
    return Principal(str(claims["iss"]), subject, Kind(kind), scopes)
