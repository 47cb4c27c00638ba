"""GraphQL over HTTP: media types, status codes, and the page for browsers."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

import orjson
from graphql import ExecutionResult, GraphQLSchema, OperationType
from graphql.execution import execute
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from graph.context import Context
from graph.documents import Document, Documents
from graph.errors import told
from graph.limits import Limits
from graph.page_files import page_response
from loyalty.errors import ErrorCode
from providers.deadline import deadline_in

GRAPHQL_JSON = "application/graphql-response+json"
JSON = "application/json"


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


class GraphQLEndpoint:
    """The one address of the graph: POST and GET for programs, a page for browsers."""

    def __init__(
        self,
        schema: GraphQLSchema,
        new_context: Callable[[str], Context],
        *,
        limits: Limits,
        answer_seconds: float,
        page: Path,
    ) -> None:
        self._schema = schema
        self._documents = Documents(schema, limits)
        self._new_context = new_context
        self._limits = limits
        self._answer_seconds = answer_seconds
        self._page = page

    async def answer(self, request: Request) -> Response:
        """The answer to a request of any method."""
        if request.method == "GET" and _wants_page(request):
            return page_response(self._page)
        media_type = _media_type(request)
        trace_id = secrets.token_hex(8)
        try:
            asked = await self._asked(request)
            document = self._documents.get(asked.query)
            _check_method(request, document, asked)
            result = await self._run(document, asked, trace_id)
        except Refused as refusal:
            return _refusal(refusal, media_type, trace_id)
        return _response(result, media_type, trace_id)

    async def _asked(self, request: Request) -> Asked:
        if request.method == "GET":
            return _asked_by_get(request)
        if request.method != "POST":
            message = "use POST, or GET for a query"
            raise Refused(HTTPStatus.METHOD_NOT_ALLOWED, message, headers={"Allow": "GET, POST"})
        _check_content_type(request)
        return _asked_by_post(await self._body(request))

    async def _body(self, request: Request) -> bytes:
        body = bytearray()
        try:
            async for chunk in request.stream():
                body += chunk
                if len(body) > self._limits.body_bytes:
                    message = f"the request is larger than {self._limits.body_bytes} bytes"
                    raise Refused(
                        HTTPStatus.REQUEST_ENTITY_TOO_LARGE, message, code=ErrorCode.LIMIT_EXCEEDED
                    )
        except ClientDisconnect:
            raise Refused(HTTPStatus.BAD_REQUEST, "the request was cut off") from None
        return bytes(body)

    async def _run(self, document: Document, asked: Asked, trace_id: str) -> ExecutionResult:
        if document.tree is None:
            return ExecutionResult(None, list(document.errors))
        with deadline_in(self._answer_seconds):
            running = execute(
                self._schema,
                document.tree,
                context_value=self._new_context(trace_id),
                variable_values=asked.variables,
                operation_name=asked.operation_name,
            )
            return running if isinstance(running, ExecutionResult) else await running


def _wants_page(request: Request) -> bool:
    accept = request.headers.get("accept", "")
    return "text/html" in accept and "query" not in request.query_params


def _media_type(request: Request) -> str:
    return GRAPHQL_JSON if GRAPHQL_JSON in request.headers.get("accept", "") else JSON


def _check_content_type(request: Request) -> None:
    content_type, _, parameters = request.headers.get("content-type", "").partition(";")
    charset = parameters.strip().lower().removeprefix("charset=").strip('"')
    if content_type.strip().lower() != JSON or charset not in {"", "utf-8"}:
        message = "send the request as Content-Type: application/json"
        raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, message)


def _check_method(request: Request, document: Document, asked: Asked) -> None:
    if request.method == "GET" and document.tree is not None:
        operation = document.operation_type(asked.operation_name)
        if operation not in {None, OperationType.QUERY}:
            message = "only a query may be sent by GET; use POST"
            raise Refused(HTTPStatus.METHOD_NOT_ALLOWED, message, headers={"Allow": "POST"})


def _asked_by_get(request: Request) -> Asked:
    given = request.query_params
    return _checked(
        {
            "query": given.get("query"),
            "operationName": given.get("operationName"),
            "variables": _json(given["variables"], "variables") if given.get("variables") else None,
            "extensions": _json(given["extensions"], "extensions")
            if given.get("extensions")
            else None,
        }
    )


def _asked_by_post(body: bytes) -> Asked:
    return _checked(_json(body, "the body"))


def _json(text: str | bytes, name: str) -> object:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        raise Refused(HTTPStatus.BAD_REQUEST, f"{name} is not JSON") from None


def _checked(request: object) -> Asked:
    """The parts of a request, each of its right type."""
    if not isinstance(request, dict):
        raise Refused(HTTPStatus.BAD_REQUEST, "send one JSON object; batches are not taken")
    query, name = request.get("query"), request.get("operationName")
    if not isinstance(query, str):
        raise Refused(HTTPStatus.BAD_REQUEST, "`query` must be a string: the document to run")
    if not isinstance(name, str | None):
        raise Refused(HTTPStatus.BAD_REQUEST, "`operationName` must be a string")
    for part in ("variables", "extensions"):
        if not isinstance(request.get(part), dict | None):
            raise Refused(HTTPStatus.BAD_REQUEST, f"`{part}` must be an object")
    return Asked(query, request.get("variables"), name or None)


def _refusal(refusal: Refused, media_type: str, trace_id: str) -> Response:
    error = {
        "message": refusal.message,
        "extensions": {"code": refusal.code.value, "traceId": trace_id},
    }
    return Response(
        orjson.dumps({"errors": [error]}),
        refusal.status,
        {**refusal.headers, "Vary": "Accept"},
        f"{media_type}; charset=utf-8",
    )


def _response(result: ExecutionResult, media_type: str, trace_id: str) -> Response:
    """The result as JSON; a request that could not run has no data: 400 in the new media type."""
    errors = told(result.errors, trace_id)
    ran = result.data is not None or any(error.path for error in result.errors or ())
    body: dict[str, object] = {}
    if errors:
        body["errors"] = errors
    if ran:
        body["data"] = result.data
    status = HTTPStatus.OK if ran or media_type == JSON else HTTPStatus.BAD_REQUEST
    return Response(orjson.dumps(body), status, {"Vary": "Accept"}, f"{media_type}; charset=utf-8")
