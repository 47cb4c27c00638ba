"""Which path is which operation, and what all of them share: token, quota, envelope."""

from collections.abc import Callable
from dataclasses import dataclass

from starlette.routing import BaseRoute, Route

from sandbox.fabric import adjusting, earning, enrolment, inquire, rewarding
from sandbox.fabric.answers import MemberUnknown, Refused, failure, unauthorized, without_nulls
from sandbox.fabric.assumptions import UPSTREAM
from sandbox.fabric.discounts import discounts
from sandbox.fabric.history import rewards, transactions
from sandbox.fabric.members import members
from sandbox.fabric.state import State
from sandbox.frame import Arrival, Frame, Handler, Reply, endpoint, fallback

Answering = Callable[[State, Arrival], object]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: its place, what answers it, and the envelope and status of its success."""

    name: str
    method: str
    path: str
    answer: Answering
    message: str = "Success"
    errors_are_text: bool = False
    http_status: int = 200
    status: int = 200
    writes: bool = False


READS = (
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


def _write(
    name: str,
    path: str,
    answer: Answering,
    message: str,
    *,
    method: str = "POST",
    http_status: int = 200,
    status: int = 200,
) -> Operation:
    return Operation(
        name,
        method,
        f"/api{path}",
        answer,
        message,
        http_status=http_status,
        status=status,
        writes=True,
    )


WRITES = (
    _write(
        "enroll_member", "/v1/members", enrolment.enroll, "Created", http_status=201, status=201
    ),
    _write("update_member", "/v1/members", enrolment.update, "Member updated", method="PUT"),
    _write(
        "activate_points",
        "/v1/members/points-activate",
        adjusting.activate,
        "Member points activated",
    ),
    _write(
        "adjust_points",
        "/v1/members/points-adjustment",
        adjusting.adjust,
        "Member points adjusted",
    ),
    _write("earn", "/v2/earn", earning.earn, "earned", status=201),
    _write("reverse_earn", "/v2/earn/reverse", earning.reverse, "earn reversed", status=201),
    _write("issue_reward", "/v1/redeem/reward/issue", rewarding.issue, "Created", status=201),
    _write(
        "redeem_reward",
        "/v1/redeem/member-reward",
        rewarding.redeem,
        "Redeem Member Reward succeed.",
    ),
    _write(
        "cancel_reward", "/v1/redeem/cancel", rewarding.cancel, "Reward cancelled successfully."
    ),
    _write(
        "reverse_reward", "/v1/redeem/reverse", rewarding.reverse, "Reward reversed successfully."
    ),
)
OPERATIONS = (*READS, *WRITES)


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
            return _success(state, operation, operation.answer(state, arrival))
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
    message, status = operation.message, operation.status
    body = {"status": status, "message": message, "errors": errors, "data": shown}
    return Reply(operation.http_status, body)


def _unknown_member(state: State, operation: Operation, unknown: MemberUnknown) -> Reply:
    match state.choice("unknown_member"):
        case "empty" if not operation.writes:
            return _success(state, operation, None)
        case "not_found":
            return failure(unknown, 404)
        case _:
            return _failure(state, unknown)


def _failure(state: State, refused: Refused) -> Reply:
    return failure(refused, 200 if state.flag("failures_in_ok") else 400)
