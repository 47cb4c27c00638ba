"""Upstreams that misbehave in one way each, on real sockets of this machine; knows no engine."""

import asyncio
import contextlib
import gzip
import re
import socket
import struct
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from ssl import SSLContext

Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]

JSON = b'{"isSuccess":true}'
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
FIVE_MEGABYTES = 5 * 1024 * 1024


class Upstream:
    """A server that answers every request in one way, and keeps the requests it got."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self.requests: list[bytes] = []
        self.connections = 0
        self.lost = asyncio.Event()
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/members/1"

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while request := await _request(reader):
                self.requests.append(request)
                if not await self._answered(reader, writer):
                    break
        except ConnectionError:
            pass
        finally:
            writer.close()

    async def _answered(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Whether the answer was given before the other side left."""
        answering = asyncio.ensure_future(self._answer(writer))
        leaving = asyncio.ensure_future(reader.read(1))
        try:
            await asyncio.wait({answering, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if not answering.done():
                self.lost.set()
                return False
            answering.result()
            return not writer.is_closing()
        finally:
            answering.cancel()
            leaving.cancel()
            await asyncio.gather(answering, leaving, return_exceptions=True)


async def _request(reader: asyncio.StreamReader) -> bytes:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return b""
    length = re.search(rb"content-length: *(\d+)", head.lower())
    return head + await reader.readexactly(int(length[1]) if length else 0)


@asynccontextmanager
async def upstream(
    answer: Answer, *, host: str = "127.0.0.1", tls: SSLContext | None = None
) -> AsyncGenerator[Upstream]:
    """The upstream on a free port, until the block ends."""
    up = Upstream(answer)
    tasks: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(up.handle(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    server = await asyncio.start_server(accept, host, 0, ssl=tls)
    up.port = server.sockets[0].getsockname()[1]
    try:
        yield up
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await _quiet(server)
        await server.wait_closed()


async def _quiet(server: asyncio.Server) -> None:
    """Wait for the end of connections that nobody was handed, such as failed handshakes."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(2):
            # 3.11's wait_closed does not wait for them, and there is no event to wait for.
            while getattr(server, "_active_count", 0):  # noqa: ASYNC110
                await asyncio.sleep(0.001)


def whole(body: bytes = JSON, head: bytes = HEAD) -> Answer:
    """An answer with nothing wrong."""

    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)
        await writer.drain()

    return answer


def raw(text: bytes, *, then_close: bool = False) -> Answer:
    """Bytes as they are."""

    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write(text)
        await writer.drain()
        if then_close:
            writer.close()

    return answer


async def closes(writer: asyncio.StreamWriter) -> None:
    """End the connection in the place of an answer."""
    writer.close()


async def resets(writer: asyncio.StreamWriter) -> None:
    """Reset the connection in the place of an answer."""
    linger = struct.pack("ii", 1, 0)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    writer.transport.abort()


async def never(writer: asyncio.StreamWriter) -> None:
    """Take the request and say nothing."""
    await asyncio.Event().wait()
    writer.close()


async def stalls(writer: asyncio.StreamWriter) -> None:
    """Begin the body and stop there."""
    writer.write(HEAD + b"Content-Length: 20\r\n\r\n{")
    await writer.drain()
    await asyncio.Event().wait()


truncates = raw(HEAD + b"Content-Length: 400\r\n\r\n{}", then_close=True)
truncates_chunks = raw(HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\n{", then_close=True)
two_lengths = raw(HEAD + b"Content-Length: 18\r\nContent-Length: 5\r\n\r\n" + JSON, then_close=True)
speaks_ssh = raw(b"SSH-2.0-OpenSSH_9.2\r\n\r\n", then_close=True)
redirects = raw(b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n")
bad_gzip = raw(HEAD + b"Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello")
too_large = whole(b" " * (FIVE_MEGABYTES + 1))
largest = whole(b" " * FIVE_MEGABYTES)


def gzip_bomb() -> Answer:
    """64 MiB in some 64 kB."""
    return whole(gzip.compress(bytes(64 * 1024 * 1024)), HEAD + b"Content-Encoding: gzip\r\n")


@contextmanager
def refusing_port() -> Generator[int]:
    """A port that nobody listens on, and that nobody else gets meanwhile."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


@contextmanager
def silent_port() -> Generator[int]:
    """A port whose queue of connections is full: the next one is neither taken nor refused."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(3):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                filler.connect(listener.getsockname())
        yield listener.getsockname()[1]
