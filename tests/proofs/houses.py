"""The whole house as processes: a sandbox, the fault proxy before it, and servers of the graph.

Nothing here knows what the graph does; it starts, signals, restarts and ends what it started.
"""

import base64
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import httpx

from graph import demo
from graph.auth import DevelopmentTokens
from graph.principals import Kind
from tests.proofs.proxy import Proxy, proxy_to

HOUSE = Path(__file__).parents[2]
SERVE = [sys.executable, "-c", "from graph.cli import main; main()", "serve"]
PATIENCE = 40.0
"""Seconds until something that should happen did not."""

POSTGRES = os.environ.get("LOYALTY_TEST_POSTGRES", "postgresql://127.0.0.1:5432/test")
PACE = "LOYALTY_GRAPH_PACE"
"""The variable by which every wait of a server is multiplied; for tests."""

Json = dict[str, Any]


def free_port() -> int:
    """A port that nobody has now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@dataclass(slots=True)
class Server:
    """One server of the graph; it may be killed and started again on its port.

    `command`: what is started, up to the options of `serve`.
    """

    config: Path
    port: int
    environ: Mapping[str, str]
    log: Path
    command: Sequence[str] = tuple(SERVE)
    process: "subprocess.Popen[bytes] | None" = None
    kills: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def is_up(self) -> bool:
        """Whether its process lives."""
        return self.process is not None and self.process.poll() is None

    def start(self, *, wait: bool = True) -> None:
        """Begin to serve."""
        assert not self.is_up
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603 - our own command, no shell
                [*self.command, "--config", str(self.config), "--port", str(self.port)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, "PYTHONPATH": str(HOUSE), "TERM": "dumb", **self.environ},
            )
        if wait:
            self.wait_until_ready()

    def wait_until_ready(self) -> None:
        """Return once it answers."""
        ends = time.monotonic() + PATIENCE
        while time.monotonic() < ends:
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(f"{self.url}/health", timeout=1).is_success:
                    return
            assert self.is_up, f"the server ended:\n{self.log.read_text()[-4000:]}"
            time.sleep(0.05)
        message = f"the server does not answer:\n{self.log.read_text()[-4000:]}"
        raise AssertionError(message)

    def signal(self, which: signal.Signals) -> None:
        """SIGSTOP, SIGCONT and the like."""
        if self.process is not None and self.is_up:
            self.process.send_signal(which)

    def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        if self.process is not None:
            self.kills += 1
            self.process.kill()
            self.process.wait(PATIENCE)

    def end(self) -> int:
        """SIGTERM, and the exit code that follows."""
        if self.process is None:
            return 0
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGTERM)
        try:
            return self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait(PATIENCE)


@dataclass(slots=True)
class Books:
    """The sandbox's own evidence, read past the proxy."""

    url: str
    _http: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=30))

    def get(self, path: str, **query: str) -> Any:
        """A control's answer."""
        response = self._http.get(f"{self.url}/__sandbox__/{path}", params=query)
        response.raise_for_status()
        return response.json()

    def effects(self, **query: str) -> list[Json]:
        """What changed."""
        found: list[Json] = self.get("effects", **query)
        return found

    def calls(self, **query: str) -> list[Json]:
        """What arrived."""
        found: list[Json] = self.get("calls", **query)
        return found

    def member(self, upstream: str, number: str) -> Json:
        """A member by the sandbox's own books."""
        found: Json = self.get(f"members/{upstream}/{number}")
        return found

    def fault(self, upstream: str, operation: str, times: int = 1, **spec: object) -> None:
        """Let the next calls suffer."""
        order = {"upstream": upstream, "operation": operation, "times": times, "fault": spec}
        self._http.post(f"{self.url}/__sandbox__/faults", json=order).raise_for_status()

    def heal(self) -> None:
        """Let everything go well from here on."""
        self._http.delete(f"{self.url}/__sandbox__/faults").raise_for_status()

    def switch(self, upstream: str, **values: object) -> None:
        """Turn switches."""
        self._http.put(
            f"{self.url}/__sandbox__/switches", json={upstream: values}
        ).raise_for_status()

    def close(self) -> None:
        """Let go of the connection."""
        self._http.close()


@dataclass(slots=True)
class House:
    """Everything that runs, and how to speak to it."""

    folder: Path
    books: Books
    proxy: Proxy
    servers: list[Server]
    ledger: str

    def token(self, subject: str = "till-1", kind: Kind = Kind.DEVELOPER) -> str:
        """A development token of this installation."""
        key = base64.b64decode((self.folder / "id.key").read_text())
        return DevelopmentTokens(key).mint(subject, kind)


@contextmanager
def sandbox_process(folder: Path) -> Generator[str]:
    """A sandbox for the length of a `with`: its URL."""
    command = [sys.executable, "-m", "sandbox", "--until-stdin-ends", "--port", "0"]
    demo.keys(folder)
    key = demo.public_key_file(folder)
    process = subprocess.Popen(  # noqa: S603 - our own module, no shell
        [*command, "--telluride-public-key", str(key)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # requests that were cut are told there
        text=True,
        env={**os.environ, "PYTHONPATH": str(HOUSE)},
    )
    try:
        assert process.stdout is not None
        first = process.stdout.readline()
        assert "http" in first, first
        yield first.split()[-1]
    finally:
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                stream.close()


@contextmanager
def postgres_database() -> Generator[str]:
    """A database of its own, for the length of a `with`: its URL."""
    name = f"proofs_{uuid.uuid4().hex[:12]}"
    psql = ["psql", "--no-psqlrc", "--quiet", POSTGRES, "--command"]
    subprocess.run([*psql, f"CREATE DATABASE {name}"], check=True)  # noqa: S603 - our own name
    try:
        yield f"{POSTGRES.rpartition('/')[0]}/{name}"
    finally:
        dropped = f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"
        subprocess.run([*psql, dropped], check=True)  # noqa: S603 - our own name


def configure(folder: Path, *, upstream: str, ledger: str, **tables: Mapping[str, object]) -> Path:
    """A configuration for the sandbox behind `upstream`; `tables` adds keys by program."""
    path = demo.prepare(folder, sandbox=upstream, port=8000)
    text = path.read_text()
    text = text.replace('url = "sqlite:///loyalty.db"', f'url = "{ledger}"')
    for program, keys in tables.items():
        head = f"[programs.{program}]\n"
        lines = "".join(f"{name} = {_toml(value)}\n" for name, value in keys.items())
        assert head in text
        text = text.replace(head, head + lines)
    path.write_text(text)
    return path


def patience(wire: float, processing: float, review: float) -> dict[str, dict[str, Any]]:
    """The keys of each program that say how long doubt about a write lasts, in seconds."""
    calls = {"wire_seconds": wire, "processing_seconds": processing}
    keys = {**calls, "review_hours": review / 3600}
    return dict.fromkeys(("kopi", "syw", "northshore"), keys)


def merged(keys: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Both, table within table."""
    both = dict(keys)
    for name, value in more.items():
        old = both.get(name)
        both[name] = merged(cast("dict[str, Any]", old), value) if isinstance(old, dict) else value
    return both


def _toml(value: object) -> str:
    match value:
        case dict():
            table = cast("dict[str, object]", value)
            return (
                "{ " + ", ".join(f"{name} = {_toml(each)}" for name, each in table.items()) + " }"
            )
        case bool():
            return str(value).lower()
        case str():
            return f'"{value}"'
        case _:
            return str(value)


@contextmanager
def house(
    folder: Path,
    *,
    ledger: str | None = None,
    servers: int = 1,
    pace: float = 1.0,
    command: Sequence[str] = tuple(SERVE),
    environ: Mapping[str, str] | None = None,
    programs: Mapping[str, Mapping[str, object]] | None = None,
) -> Generator[House]:
    """All of it for the length of a `with`."""
    with ExitStack() as stack:
        sandbox = stack.enter_context(sandbox_process(folder))
        proxy = stack.enter_context(proxy_to(sandbox))
        books = Books(sandbox)
        stack.callback(books.close)
        ledger = ledger or f"sqlite:///{folder}/loyalty.db"
        config = configure(folder, upstream=proxy.url, ledger=ledger, **(programs or {}))
        variables = {PACE: str(pace), **(environ or {})}
        running = [
            Server(config, free_port(), variables, folder / f"server-{number}.log", command)
            for number in range(servers)
        ]
        for server in running:
            stack.callback(server.end)
            server.start(wait=False)
        for server in running:
            server.wait_until_ready()
        yield House(folder, books, proxy, running, ledger)
