"""A TCP proxy on loopback that spoils what it is told to; it understands just enough HTTP.

It stands between a server and the sandbox. Faults of a request are picked by its path, faults of a
connection by their turn. It runs in a thread of its own, so that a test of any kind can use it.
"""

import asyncio
import contextlib
import re
import socket
import struct
import threading
from collections import Counter
from collections.abc import Callable, Coroutine, Generator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from tests.proofs.wire_faults import (
    ConnectionFault,
    CutReply,
    CutRequest,
    DelayReply,
    Late,
    LoseReply,
    LoseRequest,
    NeverAnswer,
    RequestFault,
    SlowReply,
    StallReply,
    Twice,
    cut,
)

_NOW = struct.pack("ii", 1, 0)
_WITHOUT_BODY = (b" 204", b" 304")


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it came in, whole."""

    method: str
    path: str
    data: bytes


Chooser = Callable[[Asked], RequestFault | None]


@dataclass(slots=True)
class _Rule:
    path: "re.Pattern[str]"
    fault: RequestFault
    times: int


class Proxy:
    """Where it listens is `url`; what it did, by the fault's name, is in `suffered`."""

    def __init__(self, upstream: str) -> None:
        address = urlsplit(upstream)
        assert address.hostname is not None
        assert address.port is not None
        self._upstream = (address.hostname, address.port)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._lock = threading.Lock()
        self._rules: list[_Rule] = []
        self._turns: list[ConnectionFault] = []
        self._always: ConnectionFault | None = None
        self._chooser: Chooser | None = None
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._port = 0
        self.suffered: Counter[str] = Counter()
        self.passed = 0
        self.late = 0
        """How many requests are still to arrive, later."""

    # ------------------------------------------------------------------ orders

    @property
    def url(self) -> str:
        """Where callers find it."""
        return f"http://127.0.0.1:{self._port}"

    def spoil(self, path: str, fault: RequestFault, times: int = 1) -> None:
        """Let the next requests suffer whose `METHOD path` this regular expression is found in."""
        with self._lock:
            self._rules.append(_Rule(re.compile(path), fault, times))

    def spoil_connections(self, fault: ConnectionFault, times: int = 1) -> None:
        """Let the next connections suffer, whatever is asked over them."""
        with self._lock:
            self._turns += [fault] * times

    @contextmanager
    def spoiling_connections(self, fault: ConnectionFault) -> Generator[None]:
        """Let all new connections of a while suffer."""
        self._always = fault
        try:
            yield
        finally:
            self._always = None

    def choose(self, chooser: Chooser | None) -> None:
        """Ask this about every request that no order was given for."""
        self._chooser = chooser

    def forget(self) -> None:
        """Let everything go well from here on."""
        with self._lock:
            self._rules.clear()
            self._turns.clear()
        self._chooser = None
        self._always = None

    @property
    def pending(self) -> int:
        """How many orders wait for their request."""
        with self._lock:
            return len(self._rules) + len(self._turns)

    @contextmanager
    def refusing(self) -> Generator[None]:
        """Let nobody listen for a while, and break what is open."""
        self._do(self._close())
        try:
            yield
        finally:
            self._do(self._listen())

    # ------------------------------------------------------------------ life

    def start(self) -> None:
        """Begin to listen, on any free port."""
        self._thread.start()
        self._do(self._listen())

    def stop(self) -> None:
        """End, with all connections."""
        self._do(self._close())
        self._do(self._end_tasks())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        future: Future[None] = asyncio.run_coroutine_threadsafe(work, self._loop)
        future.result(10)

    async def _listen(self) -> None:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self._port))
        self._server = await asyncio.start_server(self._taken, sock=listener, backlog=512)
        self._port = listener.getsockname()[1]

    async def _close(self) -> None:
        if self._server is not None:
            self._server.close()
        for writer in list(self._writers):
            _reset(writer)
        await asyncio.sleep(0)

    async def _end_tasks(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # ------------------------------------------------------------------ one connection

    async def _taken(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._writers.add(writer)
        try:
            await self._serve(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            _reset(writer)
        finally:
            self._tasks.discard(task)
            self._writers.discard(writer)
            with contextlib.suppress(OSError):
                writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        fault = self._turn()
        if fault is not None:
            self.suffered[type(fault).__name__] += 1
            if isinstance(fault, NeverAnswer):
                await _until_left(reader, writer)
            _reset(writer)
            return
        while (data := await _message(reader, request=True)) is not None:
            method, path = data.split(b" ", 2)[:2]
            asked = Asked(method.decode("latin-1"), path.decode("latin-1"), data)
            if not await self._suffer(asked, reader, writer):
                return

    def _turn(self) -> ConnectionFault | None:
        with self._lock:
            return self._turns.pop(0) if self._turns else self._always

    def _fault(self, asked: Asked) -> RequestFault | None:
        with self._lock:
            for rule in self._rules:
                if rule.path.search(f"{asked.method} {asked.path}"):
                    rule.times -= 1
                    if rule.times == 0:
                        self._rules.remove(rule)
                    return rule.fault
        return None if self._chooser is None else self._chooser(asked)

    async def _suffer(
        self, asked: Asked, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        """Answer one request; whether the connection goes on."""
        fault = self._fault(asked)
        if fault is None:
            self.passed += 1
            return await _passed(await self._delivered(asked.data), writer)
        self.suffered[type(fault).__name__] += 1
        match fault:
            case CutRequest() | LoseRequest() | Late():
                return await self._kept_back(asked, fault, reader, writer)
            case Twice():
                first = await self._delivered(asked.data)
                second = await self._delivered(asked.data)
                return await _passed(first if fault.answer == "first" else second, writer)
            case _:
                return await _spoilt(fault, await self._delivered(asked.data), reader, writer)

    async def _kept_back(
        self,
        asked: Asked,
        fault: CutRequest | LoseRequest | Late,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> bool:
        """Deliver a part, or later, or nothing; the caller gets no answer."""
        if isinstance(fault, CutRequest):
            await self._delivered_part(cut(asked.data, fault.at))
        elif isinstance(fault, Late):
            self.late += 1
            later = asyncio.create_task(self._deliver_later(asked.data, fault.seconds))
            self._tasks.add(later)
            later.add_done_callback(self._tasks.discard)
            if fault.hang:
                await _until_left(reader, writer)
        _reset(writer)
        return False

    # ------------------------------------------------------------------ the other side

    async def _delivered(self, data: bytes) -> bytes:
        """The answer's bytes, as many as there were: fewer than whole where it was cut."""
        reader, writer = await asyncio.open_connection(*self._upstream)
        try:
            writer.write(data)
            await writer.drain()
            return await _message(reader, request=False) or b""
        except asyncio.IncompleteReadError as broken:
            return broken.partial
        except ConnectionError:
            return b""
        finally:
            writer.close()

    async def _delivered_part(self, data: bytes) -> None:
        _, writer = await asyncio.open_connection(*self._upstream)
        writer.write(data)
        await writer.drain()
        await asyncio.sleep(0.02)  # so that the other side reads it before it hears of the end
        writer.close()

    async def _deliver_later(self, data: bytes, seconds: float) -> None:
        try:
            await asyncio.sleep(seconds)
            with contextlib.suppress(OSError):
                await self._delivered(data)
        finally:
            self.late -= 1


async def _passed(reply: bytes, writer: asyncio.StreamWriter) -> bool:
    writer.write(reply)
    await writer.drain()
    if not _is_whole(reply):
        _reset(writer)
        return False
    return b"connection: close" not in reply.partition(b"\r\n\r\n")[0].lower()


async def _spoilt(
    fault: LoseReply | CutReply | StallReply | SlowReply | DelayReply,
    reply: bytes,
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
) -> bool:
    match fault:
        case LoseReply():
            _reset(writer)
        case CutReply(at=at, reset=reset):
            writer.write(cut(reply, at))
            await writer.drain()
            if reset:
                await asyncio.sleep(0.01)  # a reset overtakes what is still in the buffers
                _reset(writer)
        case StallReply(at=at):
            writer.write(cut(reply, at))
            await writer.drain()
            await _until_left(reader, writer)
        case SlowReply(piece=piece, pause=pause):
            for start in range(0, len(reply), piece):
                writer.write(reply[start : start + piece])
                await writer.drain()
                await asyncio.sleep(pause)
            return True
        case DelayReply(seconds=seconds):
            await asyncio.sleep(seconds)
            return await _passed(reply, writer)
    return False


async def _until_left(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while not writer.is_closing() and await reader.read(65536):
        pass


def _reset(writer: asyncio.StreamWriter) -> None:
    """End a connection with RST instead of FIN."""
    held = writer.get_extra_info("socket")
    if held is not None and not writer.is_closing():
        with contextlib.suppress(OSError):
            held.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NOW)
    writer.transport.abort()


# ---------------------------------------------------------------------- HTTP


async def _message(reader: asyncio.StreamReader, *, request: bool) -> bytes | None:
    """One message, whole; None at an end before it. IncompleteReadError has what there was."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as broken:
        if not broken.partial:
            return None
        raise
    length = _length(head)
    if length is None:
        bodiless = request or any(mark in head.split(b"\r\n", 1)[0] for mark in _WITHOUT_BODY)
        return head if bodiless else head + await reader.read()
    try:
        return head + await reader.readexactly(length)
    except asyncio.IncompleteReadError as broken:
        raise asyncio.IncompleteReadError(head + broken.partial, None) from None


def _length(head: bytes) -> int | None:
    found = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
    assert b"transfer-encoding: chunked" not in head.lower(), "nobody here sends chunks"
    return None if found is None else int(found[1])


def _is_whole(reply: bytes) -> bool:
    head, mark, body = reply.partition(b"\r\n\r\n")
    return bool(mark) and len(body) >= (_length(head + mark) or 0)


@contextmanager
def proxy_to(upstream: str) -> Generator[Proxy]:
    """A proxy for the length of a `with`."""
    proxy = Proxy(upstream)
    proxy.start()
    try:
        yield proxy
    finally:
        proxy.stop()
