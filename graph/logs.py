"""Logs: a JSON object a line, of named keys alone, each with the trace id of its request."""

import json
import logging
from contextvars import ContextVar
from datetime import UTC, datetime

TRACE: ContextVar[str | None] = ContextVar("trace_id", default=None)
"""The trace id of the present request: what `extensions.traceId` tells its client."""

_KEYS = ("program", "operation", "kind", "place", "reason")


class JsonLines(logging.Formatter):
    """Only what is listed is written: a message and keys of ours, never passing data."""

    def format(self, record: logging.LogRecord) -> str:
        """A record as one line."""
        entry: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        trace_id = getattr(record, "trace_id", None) or TRACE.get()
        if trace_id:
            entry["trace_id"] = trace_id
        entry.update({key: getattr(record, key) for key in _KEYS if hasattr(record, key)})
        return json.dumps(entry, ensure_ascii=False, default=str)


def configure() -> None:
    """Let our own loggers write to standard error, a line an entry."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    ours = logging.getLogger("loyalty_graph")
    ours.handlers = [handler]
    ours.setLevel(logging.INFO)
    ours.propagate = False
