"""Serving an app over real HTTP with a connection that can be cut; knows no upstream."""

import socket
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import cast

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from sandbox.severed import TRANSPORT


class CuttableProtocol(HttpToolsProtocol):
    """Hands its connection to the app, which may abort it without a byte of an answer."""

    def on_message_begin(self) -> None:
        """Begin a request whose scope holds the transport."""
        super().on_message_begin()
        # An ASGI scope is an open mapping, which its typed form cannot say.
        cast("dict[str, object]", self.scope)[TRANSPORT] = self.transport


def announce(url: str) -> None:
    """Say on stdout where the sandbox listens; the first line there."""
    print(f"sandbox listening on {url}", flush=True)  # noqa: T201 - what a starting process waits for


def bound(host: str, port: int) -> tuple[socket.socket, str]:
    """A listening socket and its URL; port 0 takes any free one. Connections queue from here on."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    listener.listen(2048)
    shown = f"[{host}]" if family == socket.AF_INET6 else host
    return listener, f"http://{shown}:{listener.getsockname()[1]}"


def server_of(app: ASGIApp) -> uvicorn.Server:
    """A server for `app` that says nothing of its own and ends at once when told to."""
    config = uvicorn.Config(
        app,
        http=CuttableProtocol,
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        log_level="warning",
        timeout_graceful_shutdown=1,
    )
    return uvicorn.Server(config)


def serve_app(app: ASGIApp, host: str, port: int, say: Callable[[str], None] = announce) -> None:
    """Serve until interrupted; `say` gets the URL once connections are taken."""
    listener, url = bound(host, port)
    with listener:
        say(url)
        server_of(app).run(sockets=[listener])


@contextmanager
def listening(app: ASGIApp, host: str = "127.0.0.1") -> Generator[str]:
    """Serve in a thread on a free port for the length of a `with`; gives the URL."""
    listener, url = bound(host, 0)
    server = server_of(app)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield url
    finally:
        server.should_exit = True
        thread.join()
        listener.close()
