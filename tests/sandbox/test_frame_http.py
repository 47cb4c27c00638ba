"""The frame over real HTTP: connections that end, and a process that says where it listens."""

import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from sandbox.books import Books
from sandbox.clock import Clock
from sandbox.faults import Faults, fault_from
from sandbox.frame import Frame, Reply, endpoint
from sandbox.server import listening
from sandbox.switches import Switches

ROOT = Path(__file__).parents[2]


@pytest.fixture
def frame() -> Frame:
    return Frame(Clock(), Books(), Faults(), Switches())


@pytest.fixture
def url(frame: Frame) -> Iterator[str]:
    effects: list[int] = []

    def ping(_: object) -> Reply:
        effects.append(1)
        return Reply(200, {"pings": len(effects), "padding": "x" * 400})

    app = Starlette(
        routes=[Route("/ping", endpoint(frame, "acme", "ping", ping), methods=["GET", "POST"])]
    )
    with listening(app) as url:
        yield url


def answered(url: str, request: bytes) -> bytes:
    """Every byte the server sends until the connection ends."""
    parts = urlsplit(url)
    received = b""
    with socket.create_connection((parts.hostname, parts.port), timeout=10) as connection:
        connection.sendall(request)
        try:
            while chunk := connection.recv(65536):
                received += chunk
        except ConnectionResetError:
            pass
    return received


GET = b"GET /ping HTTP/1.1\r\nHost: sandbox\r\n\r\n"
POST = b"POST /ping HTTP/1.1\r\nHost: sandbox\r\nContent-Length: 2\r\n\r\n{}"


@pytest.mark.parametrize("request_bytes", [GET, POST])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_drop_ends_the_connection_without_a_byte(
    frame: Frame, url: str, when: str, request_bytes: bytes
) -> None:
    frame.faults.add("acme", "ping", fault_from({"drop": when}))
    assert answered(url, request_bytes) == b""
    pings = httpx.get(f"{url}/ping").json()["pings"]
    assert pings == (1 if when == "before" else 2)
    assert [call.status for call in frame.books.calls()] == [None, 200]


def test_a_drop_on_a_used_connection_is_an_error_of_the_client(frame: Frame, url: str) -> None:
    with httpx.Client(base_url=url) as client:
        client.get("/ping")
        frame.faults.add("acme", "ping", fault_from({"drop": "before"}))
        with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
            client.post("/ping")
        assert client.get("/ping").status_code == 200


@pytest.mark.parametrize("length", [0, 5, 17])
def test_a_truncated_answer_promises_more_than_it_sends(
    frame: Frame, url: str, length: int
) -> None:
    frame.faults.add("acme", "ping", fault_from({"truncate": length}))
    head, _, body = answered(url, GET).partition(b"\r\n\r\n")
    promised = re.search(rb"content-length: (\d+)", head)
    assert promised is not None
    assert int(promised[1]) > 400
    assert body == b'{"pings":1,"padding":"xxx'[:length]


def test_a_truncated_answer_is_an_error_of_the_client(frame: Frame, url: str) -> None:
    frame.faults.add("acme", "ping", fault_from({"truncate": 9}))
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get(f"{url}/ping")


def test_a_cut_connection_leaves_no_trace_in_the_log(
    frame: Frame, url: str, caplog: pytest.LogCaptureFixture
) -> None:
    for spec in ({"drop": "before"}, {"drop": "after"}, {"truncate": 3}):
        frame.faults.add("acme", "ping", fault_from(spec))
        answered(url, GET)
    assert httpx.get(f"{url}/ping").status_code == 200
    assert [record.message for record in caplog.records if record.name != "httpx"] == []


def test_two_listeners_do_not_share_a_port() -> None:
    app = Starlette()
    with listening(app) as one, listening(app) as other:
        assert one != other


@contextmanager
def process(*options: str) -> Iterator[str]:
    """A sandbox in a process of its own, and where it says it listens."""
    command = [sys.executable, "-m", "sandbox", "--port", "0", *options]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as running:  # noqa: S603
        assert running.stdout is not None
        try:
            first = running.stdout.readline()
            assert first.startswith("sandbox listening on http://127.0.0.1:")
            yield first.removeprefix("sandbox listening on ").strip()
        finally:
            running.terminate()


def test_a_process_says_on_its_first_line_where_it_listens() -> None:
    with process("--now", "2025-03-14T06:00:00+00:00") as url:
        clock = httpx.get(f"{url}/__sandbox__/clock").json()
        assert clock == {"now": "2025-03-14T06:00:00+00:00"}
        order = {"upstream": "onerewards", "operation": "get_member", "fault": {"drop": "before"}}
        httpx.post(f"{url}/__sandbox__/faults", json=order).raise_for_status()
        with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
            httpx.get(f"{url}/onerewards/5b0c6f1e-8a0d-4f8b-9d53-2f6f0f4f7a11/member")


def test_all_upstreams_are_mounted_and_share_one_table_of_personas() -> None:
    with process() as url:
        people = httpx.get(f"{url}/__sandbox__/personas").json()
        upstreams = {person["upstream"] for person in people if person["key"] == "everywhere"}
        assert upstreams == {"onerewards", "telluride", "fabric"}
        for person in people:
            book = httpx.get(f"{url}/__sandbox__/members/{person['upstream']}/{person['number']}")
            assert book.status_code == 200, person
            assert book.json()["number"] == person["number"]
        assert httpx.get(f"{url}/__sandbox__/switches").json().keys() == upstreams
