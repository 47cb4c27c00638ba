"""Answers that end before their end: the cutting of a connection, not the decision to cut."""

import asyncio

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

TRANSPORT = "sandbox.transport"
"""Scope key under which the server hands over the connection, so that it can be cut."""


class ConnectionDropped(ConnectionError):
    """The connection was cut on purpose; over real HTTP the client sees it end instead."""


class Severed(Response):
    """No answer, or the first bytes of one, and then the end of the connection."""

    def __init__(self, whole: Response | None = None, length: int = 0) -> None:
        super().__init__()
        self._whole = whole
        self._length = length

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send what is to be sent, cut, and wait until the server has noticed."""
        if self._whole is not None:
            await _send_part(self._whole, self._length, send)
        transport: asyncio.Transport | None = scope.get(TRANSPORT)
        if transport is None:
            message = "the sandbox cut this connection"
            raise ConnectionDropped(message)
        if self._whole is None:
            transport.abort()
        else:
            transport.close()
        while (await receive())["type"] != "http.disconnect":
            pass


async def _send_part(whole: Response, length: int, send: Send) -> None:
    # The promised length is that of the whole, so that a client can tell the end is missing.
    await send(
        {
            "type": "http.response.start",
            "status": whole.status_code,
            "headers": whole.raw_headers,
        }
    )
    part = bytes(whole.body)[:length]
    await send({"type": "http.response.body", "body": part, "more_body": True})
