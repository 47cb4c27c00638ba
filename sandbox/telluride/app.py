"""The Telluride emulator's routes: token endpoint and the eleven APIs; no rules of theirs."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from http import HTTPStatus

from starlette.routing import BaseRoute, Route

from sandbox.frame import Arrival, BadJson, Frame, Reply, endpoint, fallback
from sandbox.telluride import (
    activity,
    affinities,
    affinity_update,
    applicable,
    balance,
    bonus,
    create,
    earn,
    lookup,
    redemption,
)
from sandbox.telluride.api import Api, check
from sandbox.telluride.gate import Denial, denial
from sandbox.telluride.reading import Body, Json, Refusal, Refused, WrongType, is_list, is_object
from sandbox.telluride.state import State
from sandbox.telluride.switchboard import UPSTREAM
from sandbox.telluride.tokens import GRANT, TOKEN_PATHS, BadAssertion, UnknownClient

APIS = (
    lookup.API,
    balance.API,
    affinities.API,
    redemption.API,
    earn.API,
    applicable.API,
    activity.SUMMARY,
    activity.DETAIL,
    create.API,
    affinity_update.API,
    bonus.API,
)

EMPTY: Mapping[str, object] = {"array": [], "object": {}}
"""The forms of Q-6 an empty list or object can be written in; any other is null."""


def routes(frame: Frame, state: State) -> list[BaseRoute]:
    """All routes, relative to the mount."""
    frame.errors_look_like(UPSTREAM, _error_body)
    table: list[BaseRoute] = [
        Route(api.path, endpoint(frame, UPSTREAM, api.name, _handler(state, api)), methods=["POST"])
        for api in APIS
    ]
    token = endpoint(frame, UPSTREAM, "token", lambda arrival: _token(state, arrival))
    table.append(Route(TOKEN_PATHS[0], token, methods=["POST"]))
    return [*table, fallback(frame, UPSTREAM, table)]


def _error_body(status: int, text: str) -> object:
    phrase = HTTPStatus(status).phrase.lower().replace(" ", "_")
    return {"error": phrase, "error_description": text}


def _handler(state: State, api: Api) -> Callable[[Arrival], Reply]:
    def answer(arrival: Arrival) -> Reply:
        refused = denial(state, api.name, arrival.headers)
        if refused is not None:
            return _denied(state, api, arrival, refused)
        parsed = arrival.json()
        if not is_object(parsed):
            return state.frame.refusal(UPSTREAM, 400, "The body is no JSON object")
        body = Body(parsed, arrival.headers.get("client_id", ""))
        return Reply(200, emptied(_answer(state, api, body), state.word("empty_lists")))

    return answer


def _answer(state: State, api: Api, body: Body) -> Json:
    try:
        check(api, state, body)
        reply = api.answer(state, body)
        if state.listed("database_error_apis", f"{api.name}:apply"):
            return api.refuse(state, body, api.database_error)
    except Refused as error:
        return api.refuse(state, body, error.refusal)
    except WrongType:
        return api.refuse(state, body, api.structural)
    return reply


def _denied(state: State, api: Api, arrival: Arrival, refused: Denial) -> Reply:
    """An HTTP status with an error body, or by switch a 200 in the API's envelope (U-3)."""
    if state.word("auth_failure") == "http":
        return Reply(refused.status, refused.body)
    parsed: object = None
    with suppress(BadJson):
        parsed = arrival.json()
    body = Body(parsed if is_object(parsed) else {})
    return Reply(200, api.refuse(state, body, Refusal("99", refused.code)))


def emptied(value: object, form: str) -> object:
    """Every empty list or object written in one form (Q-6); "documented" leaves them."""
    if form == "documented":
        return value
    if value in ({}, []):
        return EMPTY.get(form)
    if is_object(value):
        return {
            key: emptied(part, form)
            for key, part in value.items()
            if form != "missing" or part not in ({}, [])
        }
    return [emptied(part, form) for part in value] if is_list(value) else value


def _token(state: State, arrival: Arrival) -> Reply:
    """Assertion in, opaque token out (2.4, U-4)."""
    kind = arrival.headers.get("content-type", "").partition(";")[0].strip().lower()
    fields: Mapping[str, object] = {}
    match kind:
        case "application/json":
            given = arrival.json()
            fields = given if is_object(given) else {}
        case "application/x-www-form-urlencoded":
            fields = arrival.form()
        case "application/xml":
            return _refused_token(400, "invalid_request", "XML element names are not published")
        case _:
            return _refused_token(415, "invalid_request", "The content type is not supported")
    if fields.get("grant_type") != GRANT:
        return _refused_token(400, "unsupported_grant_type", f"grant_type must be {GRANT}")
    return _issued(state, str(fields.get("assertion", "")), arrival.headers.get("host", ""))


def _issued(state: State, assertion: str, host: str) -> Reply:
    try:
        claims = state.desk.believe(assertion, state.now_ms, host)
    except UnknownClient as error:
        return _refused_token(401, "invalid_client", str(error))
    except BadAssertion as error:
        return _refused_token(400, "invalid_grant", str(error))
    lifetime = state.count("token_lifetime_seconds") * 1000
    token = state.desk.issue(claims.issuer, state.now_ms, lifetime)
    return Reply(
        200,
        {
            "access_token": token.value,
            "token_type": "Bearer",
            "exp": token.expires,
            "iss": token.issued,
        },
    )


def _refused_token(status: int, error: str, description: str) -> Reply:
    return Reply(status, {"error": error, "error_description": description})
