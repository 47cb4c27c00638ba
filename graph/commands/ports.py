"""The address that a server listens on: taken before anything costly is done for it."""

import os
import socket

from graph.commands.terminal import TROUBLE, fail

_QUEUE = 2048


def listener(host: str, port: int, option: str = "--port") -> socket.socket:
    """A listening socket; port 0 is a free one. One line, and the end, where it cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=_QUEUE)
    except OSError as cause:
        # Its own text names the address again, in Python's notation.
        reason = os.strerror(cause.errno or 0) if (cause.errno or 0) > 0 else cause.strerror
        where = address(host, port)
        fail([f"{where} cannot be listened on ({reason}); choose another with {option}"], TROUBLE)


def is_free(host: str, port: int, option: str) -> None:
    """End with one line where a port cannot be had."""
    listener(host, port, option).close()


def url_of(listening: socket.socket) -> str:
    """The URL of what is served there."""
    host, port = listening.getsockname()[:2]
    return f"http://{address(host, port)}"


def address(host: str, port: int) -> str:
    """host:port as a URL has it."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
