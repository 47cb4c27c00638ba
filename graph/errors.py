"""Errors of an answer: ours with their code, a developer's with their text, all else masked."""

import logging
import re
from collections.abc import Sequence

from graphql import GraphQLError, GraphQLFormattedError

from loyalty.errors import ErrorCode, LoyaltyError, RetryAdvice, Unavailable

log = logging.getLogger("loyalty_graph.errors")

_LONGEST = 500
_OF_READS = {RetryAdvice.NEVER, RetryAdvice.AFTER_CHANGE}
"""The advice that speaks of no key: what fails here was read, and may be asked again as it is."""
_VALUE = re.compile(
    r"(?:, found|(?<=\?) Found): .*|(?P<what> cannot represent [^:]*): .*", re.DOTALL
)
"""How GraphQL repeats a value: "to be an object, found: 1", "cannot represent value: 1"."""


def told(errors: Sequence[GraphQLError] | None, trace_id: str) -> list[GraphQLFormattedError]:
    """The errors as a client may see them."""
    return [_told(error, trace_id) for error in errors or ()]


def _told(error: GraphQLError, trace_id: str) -> GraphQLFormattedError:
    cause = _cause(error)
    if cause is None and error.path is None:
        # Parsing, validation, coercion: the text speaks of the document alone.
        return _formatted(error, _cut(error.message), _document_extensions(error, trace_id))
    if isinstance(cause, LoyaltyError):
        return _formatted(error, cause.message, _extensions(cause, trace_id))
    log.error(
        "resolver defect",
        extra={
            "trace_id": trace_id,
            "kind": type(cause or error).__name__,
            "place": place(cause or error),
        },
    )
    extensions: dict[str, object] = {"code": ErrorCode.INTERNAL.value, "traceId": trace_id}
    return _formatted(error, "Something went wrong on our side.", extensions)


def _cause(error: GraphQLError) -> Exception | None:
    """The exception that a resolver raised, under any number of GraphQL's wrappings."""
    cause: BaseException | None = error.original_error
    while isinstance(cause, GraphQLError):
        cause = cause.original_error
    return cause if isinstance(cause, Exception) else None


def _formatted(
    error: GraphQLError, message: str, extensions: dict[str, object]
) -> GraphQLFormattedError:
    formatted: GraphQLFormattedError = {"message": message, "extensions": extensions}
    if error.locations is not None:
        formatted["locations"] = [location.formatted for location in error.locations]
    if error.path is not None:
        formatted["path"] = list(error.path)
    return formatted


def _document_extensions(error: GraphQLError, trace_id: str) -> dict[str, object]:
    given = error.extensions or {}
    return {
        "code": ErrorCode.INVALID_INPUT.value,
        "retry": RetryAdvice.AFTER_CHANGE.value,
        **given,
        "traceId": trace_id,
    }


def _cut(message: str) -> str:
    """A message about the document, at no great length; the value of a variable is left out.

    Variables hold names, telephone numbers and codes, and an error's text is often logged.
    """
    if message.startswith("Variable "):
        message = _VALUE.sub(lambda told: f"{told['what']}." if told["what"] else "", message)
    return message if len(message) <= _LONGEST else f"{message[:_LONGEST]}..."


def _extensions(error: LoyaltyError, trace_id: str) -> dict[str, object]:
    extensions: dict[str, object] = {"code": error.code.value, "traceId": trace_id}
    if error.retry in _OF_READS:
        extensions["retry"] = error.retry.value
    if error.program:
        extensions["program"] = error.program
    if error.field:
        extensions["field"] = list(error.field)
    if isinstance(error, Unavailable) and error.retry_after is not None:
        extensions["retryAfterSeconds"] = round(error.retry_after)
    if error.upstream:
        words = {
            "code": error.upstream.code,
            "message": error.upstream.message,
            "httpStatus": error.upstream.http_status,
        }
        extensions["upstream"] = {name: word for name, word in words.items() if word is not None}
    return extensions


def place(defect: Exception) -> str:
    """Where in the code a defect was raised; its text may hold personal data, this does not."""
    frame = defect.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    return f"{frame.tb_frame.f_code.co_filename}:{frame.tb_lineno}" if frame else "unknown"
