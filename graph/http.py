"""GraphQL over HTTP: one address that answers programs with JSON and browsers with a page."""

import logging
import secrets
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from pathlib import Path

import orjson
from graphql import (
    ExecutionResult,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
)
from graphql.execution import execute  # pyright: ignore[reportUnknownVariableType] - its middleware
from graphql.execution.values import get_variable_values
from starlette.requests import Request
from starlette.responses import Response

from graph.auth import Unproven
from graph.budget import over_budget, upstream_calls
from graph.context import Context
from graph.documents import MOST_ERRORS, Document, Documents
from graph.errors import place, told
from graph.http_requests import ALLOWED, METHODS, READING, Asked, Refused, asked
from graph.limits import LimitExceeded, Limits, check_variables, refusal
from graph.logs import TRACE
from graph.media_types import JSON, answer_type, wants_page
from graph.page_files import page_response
from graph.principals import Principal, Scope
from loyalty.errors import ErrorCode
from providers.deadline import deadline_in
from providers.request_budget import calls_at_most

__all__ = ["METHODS", "GraphQLEndpoint", "NewContext"]

log = logging.getLogger("loyalty_graph.http")

_SAFETY = {
    "Cache-Control": "no-store",
    "Vary": "Accept",
    "X-Content-Type-Options": "nosniff",
}


class CannotRun(Exception):
    """A request whose errors come before its execution: its answer has no data."""

    def __init__(self, errors: Sequence[GraphQLError]) -> None:
        super().__init__(len(errors))
        self.errors = errors


SignIn = Callable[[list[str]], Principal]
"""Who the Authorization headers of a request prove; raises Unproven."""

NewContext = Callable[[str, Principal, str | None], Context]
"""The context of a request: its trace id, who asks, and its Idempotency-Key header."""


class GraphQLEndpoint:
    """The one address of the graph: POST and GET for programs, a page for browsers."""

    def __init__(
        self,
        schema: GraphQLSchema,
        new_context: NewContext,
        sign_in: SignIn,
        *,
        limits: Limits,
        answer_seconds: float,
        page: Path,
    ) -> None:
        self._schema = schema
        self._documents = Documents(schema, limits)
        self._new_context = new_context
        self._sign_in = sign_in
        self._limits = limits
        self._answer_seconds = answer_seconds
        self._page = page

    async def answer(self, request: Request) -> Response:
        """The answer to a request of any method."""
        if request.method == "OPTIONS":
            return Response(None, HTTPStatus.NO_CONTENT, {"Allow": ALLOWED, **_SAFETY})
        accept = ",".join(request.headers.getlist("accept"))
        if _is_for_people(request, accept):
            return page_response(self._page)
        if request.method in READING and request.headers.get("sec-fetch-site") == "cross-site":
            message = "a page of another site may not ask here by GET"
            return _refused(Refused(HTTPStatus.FORBIDDEN, message), JSON, _new_trace_id())
        media_type = answer_type(accept)
        if media_type is None:
            message = "an answer is application/graphql-response+json or application/json"
            return _refused(Refused(HTTPStatus.NOT_ACCEPTABLE, message), JSON, _new_trace_id())
        return await self._answer(request, media_type, _new_trace_id())

    async def _answer(self, request: Request, media_type: str, trace_id: str) -> Response:
        TRACE.set(trace_id)
        try:
            result = await self._run(request, trace_id)
            body: dict[str, object] = {"data": result.data}
            if result.errors:
                body = {"errors": told(result.errors, trace_id), **body}
            return _response(orjson.dumps(body), HTTPStatus.OK, media_type)
        except Refused as refused:
            return _refused(refused, media_type, trace_id)
        except CannotRun as reason:
            errors = orjson.dumps({"errors": told(reason.errors, trace_id)})
            status = HTTPStatus.OK if media_type == JSON else HTTPStatus.BAD_REQUEST
            return _response(errors, status, media_type)
        except Exception as defect:  # noqa: BLE001 - the last border: nothing of ours is told
            kind = type(defect).__name__
            log.error(  # noqa: TRY400 - a traceback may hold personal data
                "endpoint defect",
                extra={"trace_id": trace_id, "kind": kind, "place": place(defect)},
            )
            message = "Something went wrong on our side."
            status = HTTPStatus.INTERNAL_SERVER_ERROR
            return _refused(Refused(status, message, code=ErrorCode.INTERNAL), media_type, trace_id)

    async def _run(self, request: Request, trace_id: str) -> ExecutionResult:
        """The result of the operation; raises Refused or CannotRun."""
        principal = self._principal(request)
        question = await asked(request, self._limits)
        document = self._documents.get(question.query)
        _check_method(request, document, question)
        operation = _operation(document, question)
        _check_may_read(operation, principal)
        context = self._new_context(trace_id, principal, _header_key(request))
        self._check_variables(document, operation, question, context)
        with (
            deadline_in(self._answer_seconds),
            calls_at_most(self._limits.upstream_calls),
        ):
            running = execute(
                self._schema,
                document.runnable,
                context_value=context,
                variable_values=question.variables,
                operation_name=question.operation_name,
            )
            return running if isinstance(running, ExecutionResult) else await running

    def _principal(self, request: Request) -> Principal:
        """Who asks; raises Refused before anything of the request is read."""
        try:
            return self._sign_in(request.headers.getlist("authorization"))
        except Unproven as why:
            raise Refused(
                HTTPStatus.UNAUTHORIZED,
                why.message,
                code=ErrorCode.UNAUTHENTICATED,
                headers={"WWW-Authenticate": why.challenge},
            ) from None

    def _check_variables(
        self,
        document: Document,
        operation: OperationDefinitionNode,
        question: Asked,
        context: Context,
    ) -> None:
        """Refuse variables of a wrong size or type, and what they would cost upstream."""
        try:
            check_variables(question.variables, self._limits)
        except LimitExceeded as exceeded:
            raise CannotRun([refusal(str(exceeded))]) from None
        variables = get_variable_values(
            self._schema,
            operation.variable_definitions or (),
            question.variables or {},
            max_errors=MOST_ERRORS,
        )
        if isinstance(variables, list):
            raise CannotRun(variables[:MOST_ERRORS])
        try:
            calls = upstream_calls(context, document.plans[id(operation)], variables)
        except LimitExceeded as exceeded:
            raise CannotRun([refusal(str(exceeded))]) from None
        too_dear = over_budget(calls, self._limits.upstream_calls)
        if too_dear is not None:
            raise CannotRun([too_dear])


def _is_for_people(request: Request, accept: str) -> bool:
    return request.method in READING and "query" not in request.query_params and wants_page(accept)


def _new_trace_id() -> str:
    return secrets.token_hex(8)


def _check_method(request: Request, document: Document, question: Asked) -> None:
    """Only what has no effect may be asked by GET, whether or not the schema knows such a thing."""
    kinds = document.kinds(question.operation_name)
    if request.method in READING and kinds - {OperationType.QUERY}:
        message = "only a query may be sent by GET; use POST"
        raise Refused(HTTPStatus.METHOD_NOT_ALLOWED, message, headers={"Allow": "POST"})


def _operation(document: Document, question: Asked) -> OperationDefinitionNode:
    """The operation to run; raises CannotRun."""
    if document.errors:
        raise CannotRun(document.errors)
    operation = document.operation(question.operation_name)
    if operation is None:
        message = (
            "the document has several operations: choose one by `operationName`"
            if question.operation_name is None
            else "the document has no operation of the name in `operationName`"
        )
        raise CannotRun([GraphQLError(message)])
    return operation


def _check_may_read(operation: OperationDefinitionNode, principal: Principal) -> None:
    """A query needs the scope `read`; a mutation answers for itself. Raises CannotRun."""
    if operation.operation is OperationType.QUERY and not principal.may(Scope.READ):
        message = f"your token lacks the scope {Scope.READ.value}"
        raise CannotRun([GraphQLError(message, extensions={"code": ErrorCode.FORBIDDEN.value})])


def _header_key(request: Request) -> str | None:
    """The Idempotency-Key header, with or without quotes; raises Refused if there are several."""
    given = request.headers.getlist("idempotency-key")
    if len(given) > 1:
        raise Refused(HTTPStatus.BAD_REQUEST, "the header Idempotency-Key is given twice")
    key = given[0].strip() if given else None
    return key[1:-1] if key and len(key) > 1 and key[0] == key[-1] == '"' else key


def _refused(refused: Refused, media_type: str, trace_id: str) -> Response:
    error = {
        "message": refused.message,
        "extensions": {"code": refused.code.value, "traceId": trace_id},
    }
    body = orjson.dumps({"errors": [error]})
    return _response(body, refused.status, media_type, refused.headers)


def _response(
    body: bytes, status: HTTPStatus, media_type: str, headers: Mapping[str, str] | None = None
) -> Response:
    return Response(body, status, {**_SAFETY, **(headers or {})}, f"{media_type}; charset=utf-8")
