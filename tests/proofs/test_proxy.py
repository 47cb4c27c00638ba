"""That the fault proxy does what its orders say, against a server that tells what reached it."""

import socket
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from tests.proofs.proxy import Asked, Proxy, proxy_to
from tests.proofs.wire_faults import (
    PLACES,
    CutReply,
    CutRequest,
    DelayReply,
    Late,
    LoseReply,
    LoseRequest,
    NeverAnswer,
    RequestPlace,
    ResetOnAccept,
    SlowReply,
    StallReply,
    Twice,
    cut,
)

BODY = b'{"points": 100}'
REQUEST = b"POST /transaction/post?a=1 HTTP/1.1\r\nhost: there\r\ncontent-length: 15\r\n\r\n" + BODY
PATIENCE = 5.0


@dataclass(slots=True)
class Echo:
    """A server that answers a request with its number, and keeps all bytes that came."""

    listener: socket.socket
    arrived: list[bytes] = field(default_factory=list[bytes])
    news: threading.Condition = field(default_factory=threading.Condition)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def run(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def wait_for(self, count: int) -> list[bytes]:
        """What came, once there were so many connections with bytes."""
        with self.news:
            assert self.news.wait_for(lambda: len(self.arrived) >= count, PATIENCE), self.arrived
            return list(self.arrived)

    def _serve(self, connection: socket.socket) -> None:
        data = b""
        with connection:
            while data[-len(BODY) :] != BODY and (more := connection.recv(4096)):
                data += more
            with self.news:
                self.arrived.append(data)
                number = len(self.arrived)
                self.news.notify_all()
            if data.endswith(BODY):
                reply = b"answer %d" % number
                connection.sendall(
                    b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s" % (len(reply), reply)
                )


@pytest.fixture
def echo() -> Iterator[Echo]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = Echo(listener)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        yield server
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


@pytest.fixture
def proxy(echo: Echo) -> Iterator[Proxy]:
    with proxy_to(echo.url) as started:
        yield started


@contextmanager
def connected(proxy: Proxy) -> Generator[socket.socket]:
    port = int(proxy.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as client:
        yield client


def asked(proxy: Proxy, seconds: float = PATIENCE) -> tuple[bytes, str]:
    """All bytes of an answer, and how it ended: "whole", "reset", "closed" or "silent".

    A reset right after the accept may be seen as early as in connect(): it is a reset all the same.
    """
    data = b""
    try:
        with connected(proxy) as client:
            client.settimeout(seconds)
            client.sendall(REQUEST)
            while not data.endswith(tuple(b"answer %d" % number for number in range(9))):
                more = client.recv(4096)
                if not more:
                    return data, "closed"
                data += more
    except (ConnectionResetError, BrokenPipeError):
        return data, "reset"
    except TimeoutError:
        return data, "silent"
    return data, "whole"


def whole() -> bytes:
    return b"HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\nanswer 1"


def test_what_nobody_spoils_goes_through_and_a_connection_is_kept(proxy: Proxy, echo: Echo) -> None:
    with connected(proxy) as client:
        for number in (1, 2):
            client.sendall(REQUEST)
            assert client.recv(4096).endswith(b"answer %d" % number)
    assert echo.arrived == [REQUEST, REQUEST]
    assert (proxy.passed, sum(proxy.suffered.values())) == (2, 0)


def test_an_order_is_for_its_path_and_for_so_many_requests(proxy: Proxy) -> None:
    proxy.spoil("GET /elsewhere", LoseRequest())
    proxy.spoil(r"POST /transaction/post\?", LoseRequest(), times=2)
    assert [asked(proxy)[1] for _ in range(3)] == ["reset", "reset", "whole"]
    assert proxy.pending == 1
    assert proxy.suffered == {"LoseRequest": 2}


def test_a_chooser_is_asked_about_every_other_request(proxy: Proxy) -> None:
    seen: list[Asked] = []

    def choose(request: Asked) -> LoseReply | None:
        seen.append(request)
        return LoseReply() if len(seen) == 2 else None

    proxy.choose(choose)
    assert [asked(proxy)[1] for _ in range(3)] == ["whole", "reset", "whole"]
    assert {(each.method, each.path) for each in seen} == {("POST", "/transaction/post?a=1")}


def test_nobody_listens_while_it_refuses(proxy: Proxy, echo: Echo) -> None:
    with proxy.refusing(), pytest.raises(ConnectionRefusedError):
        asked(proxy)
    assert asked(proxy)[1] == "whole"
    assert len(echo.arrived) == 1


def test_a_connection_is_reset_when_it_is_accepted(proxy: Proxy, echo: Echo) -> None:
    proxy.spoil_connections(ResetOnAccept())
    assert asked(proxy) == (b"", "reset")
    assert asked(proxy)[1] == "whole"
    assert echo.arrived == [REQUEST]


def test_a_connection_is_taken_and_never_answered(proxy: Proxy, echo: Echo) -> None:
    with proxy.spoiling_connections(NeverAnswer()):
        assert asked(proxy, 0.2) == (b"", "silent")
    assert asked(proxy)[1] == "whole"
    assert echo.arrived == [REQUEST]


@pytest.mark.parametrize("at", PLACES)
def test_a_request_is_cut(proxy: Proxy, echo: Echo, at: RequestPlace) -> None:
    proxy.spoil("/transaction", CutRequest(at))
    assert asked(proxy) == (b"", "reset")
    assert echo.wait_for(1) == [cut(REQUEST, at)]


def test_the_places_of_a_cut_are_where_their_names_say() -> None:
    head = REQUEST.index(b"\r\n\r\n") + 4
    lengths = [len(cut(REQUEST, at)) for at in PLACES]
    assert lengths == [1, head // 2, head, head + 7, len(REQUEST) - 1]


def test_a_request_is_lost(proxy: Proxy, echo: Echo) -> None:
    proxy.spoil("/transaction", LoseRequest())
    assert asked(proxy) == (b"", "reset")
    assert echo.arrived == []


def test_an_answer_is_lost_after_the_request_was_carried_out(proxy: Proxy, echo: Echo) -> None:
    proxy.spoil("/transaction", LoseReply())
    assert asked(proxy) == (b"", "reset")
    assert echo.wait_for(1) == [REQUEST]


@pytest.mark.parametrize("at", PLACES)
@pytest.mark.parametrize(("reset", "end"), [(True, "reset"), (False, "closed")])
def test_an_answer_is_cut(proxy: Proxy, at: RequestPlace, reset: bool, end: str) -> None:
    proxy.spoil("/transaction", CutReply(at, reset=reset))
    assert asked(proxy) == (cut(whole(), at), end)


def test_an_answer_stalls(proxy: Proxy) -> None:
    proxy.spoil("/transaction", StallReply("mid-body"))
    assert asked(proxy, 0.2) == (cut(whole(), "mid-body"), "silent")


def test_an_answer_comes_slowly(proxy: Proxy) -> None:
    proxy.spoil("/transaction", SlowReply(10, 0.03))
    began = time.monotonic()
    assert asked(proxy) == (whole(), "whole")
    assert time.monotonic() - began >= 0.03 * (len(whole()) // 10)


def test_an_answer_comes_later_than_its_effect(proxy: Proxy, echo: Echo) -> None:
    proxy.spoil("/transaction", DelayReply(0.3))
    assert asked(proxy, 0.1) == (b"", "silent")
    assert echo.arrived == [REQUEST]


@pytest.mark.parametrize(("answer", "told"), [("first", b"answer 1"), ("second", b"answer 2")])
def test_a_request_is_delivered_twice(proxy: Proxy, echo: Echo, answer: str, told: bytes) -> None:
    proxy.spoil("/transaction", Twice(answer))  # type: ignore[arg-type]
    data, end = asked(proxy)
    assert (data.endswith(told), end) == (True, "whole")
    assert echo.arrived == [REQUEST, REQUEST]


@pytest.mark.parametrize(("hang", "end"), [(False, "reset"), (True, "silent")])
def test_a_request_is_delivered_after_its_caller_gave_up(
    proxy: Proxy, echo: Echo, hang: bool, end: str
) -> None:
    proxy.spoil("/transaction", Late(0.3, hang=hang))
    assert asked(proxy, 0.1) == (b"", end)
    assert echo.arrived == []
    assert echo.wait_for(1) == [REQUEST]


def test_what_is_cut_behind_it_is_cut_before_it() -> None:
    """An upstream that breaks off is told as it is: no answer is made up."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"

        def half() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(whole()[:-3])

        thread = threading.Thread(target=half, daemon=True)
        thread.start()
        with proxy_to(url) as started:
            assert asked(started)[1] == "reset"
        thread.join()
