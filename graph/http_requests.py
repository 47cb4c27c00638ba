"""Requests of GraphQL over HTTP, read strictly; what a document means is not looked at here."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, cast

import orjson
from starlette.requests import ClientDisconnect, Request

from graph.limits import Limits
from graph.media_types import JSON, is_json
from loyalty.errors import ErrorCode

READING = ("GET", "HEAD")
ALLOWED = "GET, HEAD, POST, OPTIONS"
METHODS = ("GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE")
"""The methods that are answered in our own words, if only by a refusal."""

_PARTS = ("query", "operationName", "variables", "extensions")

_BODY_SECONDS = 10.0
"""How long a body may take to arrive: what is slower is no client of ours."""


class Refused(Exception):
    """A request that is not a GraphQL request, or not an allowed one."""

    def __init__(
        self,
        status: HTTPStatus,
        message: str,
        *,
        code: ErrorCode = ErrorCode.INVALID_INPUT,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code
        self.headers = dict(headers or {})


@dataclass(frozen=True, slots=True)
class Asked:
    """A well-formed request."""

    query: str
    variables: dict[str, Any] | None
    operation_name: str | None


async def asked(request: Request, limits: Limits) -> Asked:
    """What the request asks; raises Refused."""
    if request.method in READING:
        return _asked_by_get(request, limits)
    if request.method != "POST":
        message = "use POST, or GET for a query"
        raise Refused(HTTPStatus.METHOD_NOT_ALLOWED, message, headers={"Allow": ALLOWED})
    headers = request.headers
    if not is_json(headers.getlist("content-type"), headers.getlist("content-encoding")):
        message = "send the request as Content-Type: application/json, in UTF-8, uncompressed"
        raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, message, headers={"Accept-Post": JSON})
    return _checked(_json(await _body(request, limits.body_bytes), "the body"))


async def _body(request: Request, limit: int) -> bytes:
    """The body; no more of it is kept than the limit allows."""
    declared = request.headers.get("content-length", "")
    if declared.isascii() and declared.isdigit() and int(declared[:20]) > limit:
        raise _too_large(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, limit)
    body = bytearray()
    try:
        async with asyncio.timeout(_BODY_SECONDS):
            async for chunk in request.stream():
                body += chunk
                if len(body) > limit:
                    raise _too_large(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, limit)
    except TimeoutError:
        message = "the request did not arrive in time"
        raise Refused(HTTPStatus.REQUEST_TIMEOUT, message) from None
    except ClientDisconnect:
        raise Refused(HTTPStatus.BAD_REQUEST, "the request was cut off") from None
    return bytes(body)


def _too_large(status: HTTPStatus, limit: int) -> Refused:
    message = f"the request is larger than the limit `body_bytes`, which is {limit}"
    return Refused(status, message, code=ErrorCode.LIMIT_EXCEEDED)


def _asked_by_get(request: Request, limits: Limits) -> Asked:
    if len(request.scope["query_string"]) > limits.body_bytes:
        raise _too_large(HTTPStatus.REQUEST_URI_TOO_LONG, limits.body_bytes)
    given = request.query_params
    if any(len(given.getlist(part)) > 1 for part in _PARTS):
        raise Refused(HTTPStatus.BAD_REQUEST, "a parameter is given twice")
    parts: dict[str, object] = {part: given.get(part) for part in _PARTS[:2]}
    for part in _PARTS[2:]:
        parts[part] = _json(given[part], f"`{part}`") if given.get(part) else None
    return _checked(parts)


def _json(text: str | bytes, name: str) -> object:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as fault:
        where = f"line {fault.lineno}, column {fault.colno}"
        message = f"{name} is not JSON at {where} (a line break in a string is written \\n)"
        raise Refused(HTTPStatus.BAD_REQUEST, message) from None


def _checked(request: object) -> Asked:
    """The parts of a request, each of its right type."""
    if not isinstance(request, dict):
        raise Refused(HTTPStatus.BAD_REQUEST, "send one JSON object; batches are not taken")
    parts = cast("dict[str, object]", request)
    query, name = parts.get("query"), parts.get("operationName")
    if not isinstance(query, str):
        raise Refused(HTTPStatus.BAD_REQUEST, "`query` must be a string: the document to run")
    if not isinstance(name, str | None):
        raise Refused(HTTPStatus.BAD_REQUEST, "`operationName` must be a string")
    variables, extensions = parts.get("variables"), parts.get("extensions")
    for part, value in (("variables", variables), ("extensions", extensions)):
        if not isinstance(value, dict | None):
            raise Refused(HTTPStatus.BAD_REQUEST, f"`{part}` must be an object")
    return Asked(query, cast("dict[str, Any] | None", variables), name or None)
