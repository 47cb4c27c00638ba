"""How every call of every upstream is taken, recorded, spoilt and answered; knows no vendor."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Route

from sandbox.books import Books, Call
from sandbox.clock import Clock
from sandbox.faults import Fault, Faults
from sandbox.jsons import BadJson, of_wrong_types, parsed, written
from sandbox.severed import ConnectionDropped, Severed
from sandbox.switches import Switches

__all__ = [
    "Arrival",
    "BadJson",
    "ConnectionDropped",
    "ErrorBody",
    "Frame",
    "Handler",
    "Reply",
    "endpoint",
    "fallback",
    "presented_token",
    "rendered",
    "written",
]

UNKNOWN = "unknown"
"""Operation under which calls to paths or methods that do not exist are recorded."""

HTML = "<!DOCTYPE html><html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_QUIET_HEADERS = {"accept-encoding", "connection", "host", "user-agent"}
_SECRET_HEADERS = {"authorization", "proxy-authorization", "api-key", "access_token", "cookie"}
_SECRET_IN_BODY = re.compile(r'("?(?:assertion|client_secret|access_token)"?\s*[=:]\s*"?)[^"&\s]+')


@dataclass(frozen=True, slots=True)
class Arrival:
    """One request as a handler gets it; already in the books. Header names are lower-case."""

    method: str
    path: str
    query: Mapping[str, str]
    path_params: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> object:
        """The body as JSON, numbers with a point as Decimal; raises BadJson."""
        return parsed(self.body)

    def form(self) -> dict[str, str]:
        """The body as an HTML form, the first value of each name."""
        parsed = parse_qs(self.body.decode("utf-8", "replace"), keep_blank_values=True)
        return {name: values[0] for name, values in parsed.items()}


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: `body` goes out as JSON with Decimals as plain numbers, None as no body."""

    status: int
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


Handler = Callable[[Arrival], Reply]
Delivery = Callable[[], Reply]
ErrorBody = Callable[[int, str], object]
Endpoint = Callable[[Request], Awaitable[Response]]


def _plain_error(status: int, text: str) -> object:
    return {"status": status, "message": text}


class Frame:
    """What the three upstreams of one sandbox share."""

    def __init__(self, clock: Clock, books: Books, faults: Faults, switches: Switches) -> None:
        self.clock = clock
        self.books = books
        self.faults = faults
        self.switches = switches
        self.operations: dict[str, set[str]] = {}
        self._error_bodies: dict[str, ErrorBody] = {}
        self._revoked: set[tuple[str, str]] = set()

    def errors_look_like(self, upstream: str, body: ErrorBody) -> None:
        """Set the shape (status, text) -> body of an upstream's errors, faults included."""
        self._error_bodies[upstream] = body

    def refusal(self, upstream: str, status: int, text: str | None = None) -> Reply:
        """An error answer in the upstream's own shape; the text defaults to the status phrase."""
        body = self._error_bodies.get(upstream, _plain_error)
        return Reply(status, body(status, text or HTTPStatus(status).phrase))

    def revoke(self, upstream: str, token: str) -> None:
        """Let a token, or an API key, be worth nothing from here on."""
        self._revoked.add((upstream, token))

    def is_revoked(self, upstream: str, token: str) -> bool:
        """Whether a fault killed this token; upstreams ask it in their authentication."""
        return (upstream, token) in self._revoked

    def reset(self) -> None:
        """Clock, books, faults, switches and revocations back to the start."""
        self.clock.reset()
        self.books.reset()
        self.faults.reset()
        self.switches.reset()
        self._revoked.clear()


def endpoint(frame: Frame, upstream: str, operation: str, handler: Handler) -> Endpoint:
    """Wrap a handler into a Starlette endpoint that records the call and applies faults."""
    frame.operations.setdefault(upstream, set()).add(operation)

    async def answer(request: Request) -> Response:
        arrival = await _arrival(request)
        handle = frame.books.record(_call(frame, upstream, operation, arrival))
        fault = frame.faults.take(upstream, operation)

        def deliver() -> Reply:
            with frame.books.during(handle):
                return _handled(frame, upstream, handler, arrival)

        if fault is None:
            response = rendered(deliver())
        else:
            await asyncio.sleep(fault.delay_ms / 1000)
            response = _suffer(frame, upstream, fault, deliver, arrival)
        cut = isinstance(response, Severed)
        status = None if cut else response.status_code
        frame.books.answered(handle, status, None if fault is None else fault.name)
        return response

    return answer


def fallback(frame: Frame, upstream: str, routes: list[BaseRoute]) -> Route:
    """A last route: 405 in the upstream's words where only the method is wrong, else 404."""

    async def answer(request: Request) -> Response:
        partial = any(route.matches(request.scope)[0] is Match.PARTIAL for route in routes)
        refusal = frame.refusal(upstream, 405 if partial else 404)
        return await endpoint(frame, upstream, UNKNOWN, lambda _: refusal)(request)

    return Route("/{rest:path}", answer, methods=list(METHODS))


def _handled(frame: Frame, upstream: str, handler: Handler, arrival: Arrival) -> Reply:
    try:
        return handler(arrival)
    except BadJson as error:
        return frame.refusal(upstream, 400, f"The body is not JSON: {error}")


def _suffer(
    frame: Frame, upstream: str, fault: Fault, deliver: Delivery, arrival: Arrival
) -> Response:
    if fault.drop == "before":
        return Severed()
    if fault.revoke_token:
        frame.revoke(upstream, presented_token(arrival.headers))
    if fault.rate_limited:
        return rendered(_rate_limited(frame, upstream, fault))
    if fault.status is not None and not fault.apply:
        return _instead(frame, upstream, fault, fault.status)
    reply = deliver()
    if fault.twice:
        reply = deliver()
    if fault.status is not None:
        return _instead(frame, upstream, fault, fault.status)
    return _spoilt(fault, reply)


def _rate_limited(frame: Frame, upstream: str, fault: Fault) -> Reply:
    refusal = frame.refusal(upstream, 429)
    wait = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
    return Reply(refusal.status, refusal.body, wait)


def _instead(frame: Frame, upstream: str, fault: Fault, status: int) -> Response:
    if fault.html:
        return _html(status)
    if fault.empty:
        return Response(status_code=status)
    if not fault.has_body:
        return rendered(frame.refusal(upstream, status))
    if isinstance(fault.body, str):
        return Response(fault.body, status_code=status, media_type="application/json")
    return rendered(Reply(status, fault.body))


def _spoilt(fault: Fault, reply: Reply) -> Response:
    if fault.drop == "after":
        return Severed()
    if fault.truncate is not None:
        return Severed(rendered(reply), fault.truncate)
    if fault.html:
        return _html(reply.status)
    if fault.empty:
        return Response(status_code=reply.status)
    if fault.wrong_types is not None:
        spoilt = of_wrong_types(reply.body, keep_objects=fault.wrong_types == "scalars")
        return rendered(Reply(reply.status, spoilt, reply.headers))
    return rendered(reply)


def _html(status: int) -> Response:
    page = HTML.format(f"{status} {HTTPStatus(status).phrase}")
    return Response(page, status_code=status, media_type="text/html")


def presented_token(headers: Mapping[str, str]) -> str:
    """The credential of a call, wherever the upstream wants it: bearer, access_token, API-Key."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return token.strip()
    return headers.get("access_token") or headers.get("api-key", "")


def rendered(reply: Reply) -> Response:
    """The reply as bytes on the wire."""
    if reply.body is None:
        return Response(status_code=reply.status, headers=dict(reply.headers))
    return Response(
        written(reply.body).encode(),
        status_code=reply.status,
        headers=dict(reply.headers),
        media_type="application/json",
    )


async def _arrival(request: Request) -> Arrival:
    return Arrival(
        method=request.method,
        path=str(request.scope["path"]),
        query=dict(request.query_params),
        path_params={name: str(value) for name, value in request.path_params.items()},
        headers=dict(request.headers),
        body=await request.body(),
    )


def _call(frame: Frame, upstream: str, operation: str, arrival: Arrival) -> Call:
    shown = {
        name: "***" if name in _SECRET_HEADERS else value
        for name, value in arrival.headers.items()
        if name not in _QUIET_HEADERS
    }
    body = _SECRET_IN_BODY.sub(r"\1***", arrival.body.decode("utf-8", "replace"))
    return Call(
        upstream=upstream,
        operation=operation,
        method=arrival.method,
        path=arrival.path,
        query=arrival.query,
        headers=shown,
        body=body,
        at=frame.clock.now(),
    )
