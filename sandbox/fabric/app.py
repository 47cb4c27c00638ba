"""Which path is which operation, and what all of them share: token, quota, envelope."""

from collections.abc import Callable
from dataclasses import dataclass

from starlette.routing import BaseRoute, Route

from sandbox.fabric import inquire
from sandbox.fabric.answers import MemberUnknown, Refused, failure, unauthorized, without_nulls
from sandbox.fabric.assumptions import UPSTREAM
from sandbox.fabric.discounts import discounts
from sandbox.fabric.history import rewards, transactions
from sandbox.fabric.members import members
from sandbox.fabric.state import State
from sandbox.frame import Arrival, Frame, Handler, Reply, endpoint, fallback

Reading = Callable[[State, Arrival], object]


@dataclass(frozen=True, slots=True)
class Operation:
    """One read: its place, what answers it, and the message and `errors` of its success."""

    name: str
    method: str
    path: str
    read: Reading
    message: str = "Success"
    errors_are_text: bool = False


OPERATIONS = (
    Operation("get_members", "GET", "/api/v1/members", members),
    Operation("get_transactions", "GET", "/api/v2/earn/get-transaction", transactions),
    Operation("rewards_history", "GET", "/api/v1/redeem", rewards, message=""),
    Operation("get_discounts", "POST", "/api/v1/discounts", discounts, message="Created"),
    Operation(
        "member_points",
        "GET",
        "/api/v1/inquire/{profileId}/member-points",
        inquire.member_points,
        message="",
    ),
    Operation(
        "redeemable_points",
        "GET",
        "/api/v1/inquire/redeemable-points",
        inquire.redeemable_points,
    ),
    Operation(
        "action_reasons",
        "GET",
        "/api/v1/inquire/get_action_reasons",
        lambda _state, _arrival: inquire.action_reasons(),
        errors_are_text=True,
    ),
    Operation(
        "point_types",
        "GET",
        "/api/v1/inquire/point-type-choices",
        lambda _state, _arrival: inquire.point_types(),
    ),
    Operation("points_expiry", "GET", "/api/v1/inquire/points-expiry", inquire.points_expiry),
    Operation(
        "expired_points",
        "GET",
        "/api/v1/inquire/all-points-expiry/{profileId}",
        inquire.expired_points,
    ),
)


def routes(frame: Frame, state: State) -> list[BaseRoute]:
    """All routes, relative to the mount: the token path and the API below /api."""
    token = endpoint(frame, UPSTREAM, "token", state.tokens.grant)
    table: list[BaseRoute] = [
        Route("/oauth2/{auth_server}/v1/token", token, methods=["POST"]),
        *(_route(frame, state, operation) for operation in OPERATIONS),
    ]
    return [*table, fallback(frame, UPSTREAM, table)]


def _route(frame: Frame, state: State, operation: Operation) -> Route:
    handler = _guarded(frame, state, operation)
    wrapped = endpoint(frame, UPSTREAM, operation.name, handler)
    return Route(operation.path, wrapped, methods=[operation.method])


def _guarded(frame: Frame, state: State, operation: Operation) -> Handler:
    def answer(arrival: Arrival) -> Reply:
        denial = state.tokens.denial(arrival)
        if denial is not None:
            return unauthorized(denial)
        if state.quota.is_used_up():
            return frame.refusal(UPSTREAM, 429)
        try:
            return _success(state, operation, operation.read(state, arrival))
        except MemberUnknown as unknown:
            return _unknown_member(state, operation, unknown)
        except Refused as refused:
            return _failure(state, refused)

    return answer


def _success(state: State, operation: Operation, data: object) -> Reply:
    errors: object = {}
    if operation.errors_are_text:
        errors = ""
    elif state.choice("errors_on_success") == "exception_string":
        errors = {"ExceptionString": []}
    shown = without_nulls(data) if state.choice("unset_values") == "absent" else data
    body = {"status": 200, "message": operation.message, "errors": errors, "data": shown}
    return Reply(200, body)


def _unknown_member(state: State, operation: Operation, unknown: MemberUnknown) -> Reply:
    match state.choice("unknown_member"):
        case "empty":
            return _success(state, operation, None)
        case "not_found":
            return failure(unknown, 404)
        case _:
            return _failure(state, unknown)


def _failure(state: State, refused: Refused) -> Reply:
    return failure(refused, 200 if state.flag("failures_in_ok") else 400)
