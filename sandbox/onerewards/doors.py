"""Who may come in, in the vendor's order of checks; what is asked is none of its business."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sandbox.frame import Arrival, BadJson, Frame, Handler, Reply
from sandbox.onerewards import wording
from sandbox.onerewards.assumptions import UPSTREAM
from sandbox.onerewards.entities import ApiKey, Company
from sandbox.onerewards.state import State

WINDOW = 60
"""Seconds of one rate-limit window (OneRewards contract 1.8)."""


class Refused(Exception):
    """The call is answered with this status and text."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


@dataclass(frozen=True, slots=True)
class Visit:
    """A call that was let in: whose it is, and what arrived."""

    company: Company
    arrival: Arrival

    @property
    def integration_id(self) -> str:
        """The integration in the path, in the form in which the company keeps it."""
        return self.arrival.path_params["iid"].lower()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a write answers where it is not 200 with a body alone."""

    status: int
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


Read = Callable[[Visit], object]
Limit = Callable[[], dict[str, str]]


def guarded(frame: Frame, state: State, operation: str, read: Read) -> Handler:
    """A handler that lets a call in and words the answer: 401, 404, 403, 429, then the rules.

    The order is that of OneRewards contract 6.2#39.
    """

    def handle(arrival: Arrival) -> Reply:
        headers: dict[str, str] = {}
        try:
            company, key = _known(state, arrival)
            _check_integration(state, company, arrival)
            _check_permission(key, operation)
            headers = _count(frame, state, company)
            return _answered(frame, read(Visit(company, arrival)), headers)
        except TooMany as refused:
            reply = frame.refusal(UPSTREAM, refused.status, refused.text)
            return Reply(reply.status, reply.body, refused.headers)
        except (Refused, BadJson) as refused:
            status = refused.status if isinstance(refused, Refused) else 400
            reply = frame.refusal(UPSTREAM, status, str(refused))
            return Reply(reply.status, reply.body, headers)

    return handle


def _answered(frame: Frame, result: object, headers: dict[str, str]) -> Reply:
    answer = result if isinstance(result, Answer) else Answer(200, result)
    return Reply(answer.status, _styled(frame, answer.body), {**answer.headers, **headers})


class TooMany(Refused):
    """The account book's allowance is used up; `headers` may tell until when."""

    def __init__(self, headers: dict[str, str]) -> None:
        super().__init__(429, "429 Rate Limit Exceeded.")
        self.headers = headers


def _known(state: State, arrival: Arrival) -> tuple[Company, ApiKey]:
    key_id, secret = arrival.headers.get("key-id"), arrival.headers.get("api-key")
    known = None if not key_id or not secret else state.company_of_key(key_id, secret)
    if known is None:
        raise _unauthorized()
    return known


def _unauthorized() -> Refused:
    return Refused(401, "401 Unauthorized.")


def _check_integration(state: State, company: Company, arrival: Arrival) -> None:
    """The id in the path, or the account book where the path has none (6.2#38)."""
    integration_id = arrival.path_params.get("iid")
    if integration_id is not None:
        owner = state.company_of_integration(integration_id)
        if owner is None:
            raise Refused(404, "Integration not found.")
        if owner is not company:
            raise _unauthorized()
    book = arrival.query.get("accountBookId", "")
    if arrival.path.endswith("/integration") and book.isdecimal():
        if int(book) not in state.companies:
            raise Refused(404, "Account book not found.")
        if int(book) != company.account_book_id:
            raise _unauthorized()


def _check_permission(key: ApiKey, operation: str) -> None:
    if key.operations is not None and operation not in key.operations:
        raise Refused(403, "The API key lacks permission for this method.")


def _count(frame: Frame, state: State, company: Company) -> dict[str, str]:
    """Count the call against the account book; the headers every answer then carries."""
    quota = frame.switches.number(UPSTREAM, "quota_per_minute")
    if quota is None:
        return {}
    now = frame.clock.now().timestamp()
    ends, used = state.windows.get(company.account_book_id, (0.0, 0))
    if now >= ends:
        ends, used = now + WINDOW, 0
    used += 1
    state.windows[company.account_book_id] = (ends, used)
    reset = datetime.fromtimestamp(ends, UTC).isoformat(timespec="milliseconds")
    if used > quota:
        raise TooMany(_told(frame, ends - now, reset))
    if not frame.switches.flag(UPSTREAM, "rate_limit_headers"):
        return {}
    return {
        "x-rate-limit-limit": "1m",
        "x-rate-limit-remaining": str(quota - used),
        "x-rate-limit-reset": reset.replace("+00:00", "Z"),
    }


def _told(frame: Frame, seconds: float, reset: str) -> dict[str, str]:
    match frame.switches.text(UPSTREAM, "told_on_429"):
        case "retry_after":
            return {"Retry-After": str(max(1, int(-(-seconds // 1))))}
        case "reset_header":
            return {"x-rate-limit-reset": reset.replace("+00:00", "Z")}
        case _:
            return {}


def _styled(frame: Frame, body: object) -> object:
    pascal = frame.switches.text(UPSTREAM, "property_case") == "pascal"
    omit_nulls = frame.switches.text(UPSTREAM, "nulls") == "omitted"
    if not pascal and not omit_nulls:
        return body
    return wording.styled(body, pascal=pascal, omit_nulls=omit_nulls)
