"""The door: while nobody signs in, only requests that were meant for this machine come in.

A page of another origin cannot reach us under a name of its own (DNS rebinding), since every Host
but a loopback one is refused.
"""

from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from graph.settings import is_loopback


class LoopbackOnly:
    """Refuses a request whose Host is not this machine's own."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass it on, or answer 400."""
        if scope["type"] == "http" and not is_loopback(hostname(Headers(scope=scope))):
            refusal = PlainTextResponse(
                "use this machine's own name: http://127.0.0.1 or http://localhost",
                HTTPStatus.BAD_REQUEST,
            )
            await refusal(scope, receive, send)
            return
        await self._app(scope, receive, send)


def hostname(headers: Headers) -> str:
    """The host of the Host header without its port; empty where there is not exactly one."""
    named = headers.getlist("host")
    if len(named) != 1:
        return ""
    host = named[0]
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.rpartition(":")[0] if host.count(":") == 1 else host
