"""The token call and the bearer check (contract 2.3, 3.2); knows no member."""

from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Mapping
from datetime import datetime, timedelta
from secrets import token_urlsafe

from sandbox.fabric.assumptions import UPSTREAM
from sandbox.fabric.tenant import AUTH_SERVER, CLIENT_ID, CLIENT_SECRET
from sandbox.frame import Arrival, Frame, Reply

FORM = "application/x-www-form-urlencoded"
SCOPE = "s2s"
NOT_PROVIDED = "Authentication credentials were not provided."
NOT_VALID = "The access token is invalid or has expired."


class Tokens:
    """Access tokens handed out and their ends; they outlive a reset of the world."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame
        self._ends: dict[str, datetime] = {}

    def grant(self, arrival: Arrival) -> Reply:
        """Answer the token call."""
        refused = _refusal(arrival)
        if refused is not None:
            return refused
        seconds = self._frame.switches.number(UPSTREAM, "token_seconds") or 0
        token = token_urlsafe(32)
        self._ends[token] = self._frame.clock.now() + timedelta(seconds=seconds)
        body: dict[str, object] = {
            "token_type": "Bearer",
            "expires_in": seconds,
            "access_token": token,
            "scope": SCOPE,
        }
        return Reply(200, body)

    def denial(self, arrival: Arrival) -> str | None:
        """Why the call is not authorised, or None when it is."""
        scheme, _, token = arrival.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            return NOT_PROVIDED
        ends = self._ends.get(token)
        if ends is None or ends <= self._frame.clock.now():
            return NOT_VALID
        if self._frame.is_revoked(UPSTREAM, token):
            # Dead for good: the frame forgets revocations with the next reset.
            del self._ends[token]
            return NOT_VALID
        return None


def _refusal(arrival: Arrival) -> Reply | None:
    media_type = arrival.headers.get("content-type", "").partition(";")[0].strip().lower()
    if "origin" in arrival.headers:
        return _oauth(400, "invalid_request", "Browser calls need PKCE.")
    if media_type != FORM:
        return _oauth(400, "invalid_request", f"The body must be {FORM}.")
    if arrival.path_params["auth_server"] != AUTH_SERVER or not _knows(arrival):
        return _oauth(401, "invalid_client", "Client authentication failed.")
    return _wrong_grant(arrival.form())


def _wrong_grant(form: Mapping[str, str]) -> Reply | None:
    if not form.get("grant_type"):
        return _oauth(400, "invalid_request", "grant_type is missing.")
    if form["grant_type"] != "client_credentials":
        return _oauth(400, "unsupported_grant_type", "Only client_credentials is served.")
    if form.get("scope") != SCOPE:
        return _oauth(400, "invalid_scope", f"The scope must be {SCOPE}.")
    return None


def _knows(arrival: Arrival) -> bool:
    scheme, _, encoded = arrival.headers.get("authorization", "").partition(" ")
    try:
        decoded = b64decode(encoded, validate=True).decode()
    except (NotBase64, UnicodeDecodeError):
        return False
    return scheme.lower() == "basic" and decoded == f"{CLIENT_ID}:{CLIENT_SECRET}"


def _oauth(status: int, error: str, description: str) -> Reply:
    return Reply(status, {"error": error, "error_description": description})
