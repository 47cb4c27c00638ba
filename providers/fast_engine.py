"""The engine for real networks, over pyreqwest; decides what a failed exchange meant, retries none.

The names of pyreqwest's exceptions do not tell whether a request left (0.15 calls a reset after
the request a ConnectError), but the chain of causes does. Only what is proven unsent is NeverLeft.
"""

import asyncio
import time
from collections.abc import Mapping
from datetime import timedelta

from pyreqwest.client import Client, ClientBuilder
from pyreqwest.exceptions import (
    BodyDecodeError,
    BuilderError,
    DecodeError,
    DetailedPyreqwestError,
    PyreqwestError,
    RequestTimeoutError,
)
from pyreqwest.response import Response

from providers.calls import (
    MAX_BODY,
    Call,
    Interrupted,
    InterruptedReason,
    NeverLeft,
    NeverLeftReason,
    Reply,
)

_CONNECTING = "client error (Connect)"
_RESOLVING = "dns error"
_DIALLING = ("tcp connect error", "operation timed out", "deadline has elapsed")
_CUT = ("end of file", "connection closed", "connection reset", "broken pipe", "unexpected eof")


class FastEngine:
    """The connections to one program; HTTP/1.1, TLS by the system's roots plus `roots` (PEM).

    A connection is given `connect_seconds` to stand, and a call waits `pool_seconds` for one; with
    less time than `connect_seconds` a failure to connect cannot be told from a slow answer, and
    counts as Interrupted. Without `reuse` every call has a connection of its own. pyreqwest does
    not stop a call that is cancelled: so a cancelled caller leaves at once, and the exchange keeps
    its connection until the answer or its own time's end.
    """

    def __init__(
        self,
        connections: int = 32,
        *,
        connect_seconds: float = 2.0,
        pool_seconds: float = 1.0,
        idle_seconds: float = 30.0,
        roots: bytes | None = None,
        reuse: bool = True,
    ) -> None:
        builder = (
            ClientBuilder()
            .pool_max_idle_per_host(connections if reuse else 0)
            .pool_idle_timeout(timedelta(seconds=idle_seconds))
            .connect_timeout(timedelta(seconds=connect_seconds))
            .user_agent("loyalty-graph")
            .min_tls_version("TLSv1.2")
            .http1_only()
            .http1_lower_case_headers()
            .follow_redirects(enable=False)
            .default_cookie_store(enable=False)
            .referer(enable=False)
            .no_proxy()
            .gzip(enable=True)
            .brotli(enable=False)
            .zstd(enable=False)
            .deflate(enable=False)
        )
        if roots is not None:
            builder = builder.add_root_certificate_pem(roots)
        self._client: Client | None = builder.build()
        self._places = asyncio.Semaphore(connections)
        self._pool_seconds = pool_seconds
        self._under_way: set[asyncio.Task[Reply]] = set()

    async def send(self, call: Call, timeout: float) -> Reply:  # noqa: ASYNC109 - Engine
        """The answer; see Engine."""
        ends = time.monotonic() + timeout
        if self._places.locked():
            await self._wait_for_place(min(timeout, self._pool_seconds))
        else:
            await self._places.acquire()
        if self._client is None:
            self._places.release()
            raise NeverLeft("closed")
        exchange = asyncio.create_task(_exchange(self._client, call, ends))
        self._under_way.add(exchange)
        exchange.add_done_callback(self._over)
        return await asyncio.shield(exchange)

    async def aclose(self) -> None:
        """Close the connections; calls under way are interrupted."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()
        if self._under_way:
            await asyncio.wait(self._under_way)

    async def _wait_for_place(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._places.acquire()
        except TimeoutError:
            raise NeverLeft("pool") from None

    def _over(self, exchange: asyncio.Task[Reply]) -> None:
        self._under_way.discard(exchange)
        self._places.release()
        if not exchange.cancelled():
            exchange.exception()  # seen: the caller may have left


async def _exchange(client: Client, call: Call, ends: float) -> Reply:
    """Send it, unless its time is over: a process that was paused must not send after that."""
    seconds = ends - time.monotonic()
    if seconds <= 0:
        raise NeverLeft("deadline")
    try:
        return await _answer(client, call, seconds)
    except PyreqwestError as cause:
        raise _meaning(cause) from None


async def _answer(client: Client, call: Call, seconds: float) -> Reply:
    try:
        request = client.request(call.method, call.url).timeout(timedelta(seconds=seconds))
        request = request.headers(call.headers)
        if call.body is not None:
            request = request.body_bytes(call.body)
        exchange = request.build_streamed()
    except ValueError:
        raise NeverLeft("request") from None
    async with exchange as response:
        body = bytearray()
        reader = response.body_reader
        while (chunk := await reader.read_chunk()) is not None:
            body += chunk
            if len(body) > MAX_BODY:
                raise Interrupted("too_large")
        return Reply(response.status, _headers(response), bytes(body))


def _headers(response: Response) -> Mapping[str, str]:
    try:
        return dict(response.headers.items())
    except ValueError:  # a value that is no text; the others are still good
        return {name: value for name in response.headers if (value := _text(response, name))}


def _text(response: Response, name: str) -> str | None:
    try:
        return response.get_header(name)
    except ValueError:
        return None


def _meaning(cause: PyreqwestError) -> NeverLeft | Interrupted:
    causes = _causes(cause)
    match cause:
        case BuilderError():
            return NeverLeft("request")
        case _ if _CONNECTING in causes:
            return NeverLeft(_unreached(causes))
        case RequestTimeoutError():
            return Interrupted("timeout")
        case _:
            return Interrupted(_broken(cause, causes))


def _unreached(causes: list[str]) -> NeverLeftReason:
    if _RESOLVING in causes:
        return "dns"
    return "connect" if any(text in causes for text in _DIALLING) else "tls"


def _broken(cause: PyreqwestError, causes: list[str]) -> InterruptedReason:
    cut = any(text.lower().startswith(_CUT) for text in causes)
    unreadable = isinstance(cause, DecodeError | BodyDecodeError)
    return "protocol" if unreadable and not cut else "closed"


def _causes(cause: PyreqwestError) -> list[str]:
    if not isinstance(cause, DetailedPyreqwestError):
        return []
    return [step["message"] for step in cause.details["causes"] or ()]
