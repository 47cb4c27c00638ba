"""Who may call at all: the header checks and their seven literals (contract 2.5, U-3, U-8)."""

from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.telluride.state import State
from sandbox.telluride.switchboard import UPSTREAM
from sandbox.telluride.tokens import client_of

STATUS = {"APPLICATION_NOT_PERMITTED": 403, "AUTHENTICATION EXCEPTION": 500}
DESCRIPTIONS = {
    "CLIENT_ID_REQUIRED": "The header client_id is missing",
    "ACCESSTOKEN_REQUIRED": "The header access_token is missing",
    "CLIENT_ID_INVALID": "The client is not registered or not approved",
    "ACCESSTOKEN_INVALID": "The access token is not valid",
    "ACCESSTOKEN_EXPIRED": "The access token has expired",
    "APPLICATION_NOT_PERMITTED": "The client has no permission for this API",
    "AUTHENTICATION EXCEPTION": "The authentication failed",
}


@dataclass(frozen=True, slots=True)
class Denial:
    """One of the seven literals."""

    code: str

    @property
    def status(self) -> int:
        """The HTTP status of U-3."""
        return STATUS.get(self.code, 401)

    @property
    def body(self) -> dict[str, object]:
        """The body of U-3."""
        return {"error": self.code, "error_description": DESCRIPTIONS[self.code]}


def denial(state: State, api: str, headers: Mapping[str, str]) -> Denial | None:
    """The first check that fails, in the order of U-8."""
    client_id, token = headers.get("client_id", ""), headers.get("access_token", "")
    if state.flag("authentication_exception"):
        return Denial("AUTHENTICATION EXCEPTION")
    if not client_id:
        return Denial("CLIENT_ID_REQUIRED")
    if not token:
        return Denial("ACCESSTOKEN_REQUIRED")
    client = client_of(client_id)
    if client is None or not client.approved:
        return Denial("CLIENT_ID_INVALID")
    return _token_denial(state, client_id, token) or _api_denial(state, api)


def _token_denial(state: State, client_id: str, value: str) -> Denial | None:
    token = state.desk.find(value)
    if token is None or token.client != client_id or state.frame.is_revoked(UPSTREAM, value):
        return Denial("ACCESSTOKEN_INVALID")
    return Denial("ACCESSTOKEN_EXPIRED") if state.now_ms >= token.expires else None


def _api_denial(state: State, api: str) -> Denial | None:
    forbidden = state.listed("forbidden_apis", api)
    return Denial("APPLICATION_NOT_PERMITTED") if forbidden else None
