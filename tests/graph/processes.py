"""loyalty-graph as a process, as people start it; each is ended by who started it."""

import os
import queue
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

COMMAND = [sys.executable, "-c", "from graph.cli import main; main()"]
HOUSE = Path(__file__).parents[2]
PATIENCE = 40.0
"""Seconds until something that should happen did not."""


@dataclass(slots=True)
class Running:
    """A process whose lines are read as they come."""

    process: "subprocess.Popen[str]"
    lines: "queue.Queue[str | None]" = field(default_factory=queue.Queue)
    seen: list[str] = field(default_factory=list)

    def until(self, word: str) -> str:
        """The first line with a word in it; all lines before it were seen."""
        while (line := self.lines.get(timeout=PATIENCE)) is not None:
            self.seen.append(line)
            if word in line:
                return line
        message = f"ended without {word!r}: {self.seen} {self.errors()}"
        raise AssertionError(message)

    def url(self) -> str:
        """The address in the line that tells it."""
        line = self.until("http://")
        return next(part for part in line.split() if part.startswith("http://"))

    def errors(self) -> str:
        """What it wrote on stderr, once it has ended."""
        return self.process.stderr.read() if self.process.stderr else ""

    def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal, and the exit code that follows."""
        self.process.send_signal(how)
        return self.process.wait(PATIENCE)


@contextmanager
def running(
    *arguments: str | Path, folder: Path | None = None, environ: Mapping[str, str] | None = None
) -> Iterator[Running]:
    """A command for the length of a `with`."""
    process = subprocess.Popen(  # noqa: S603 - our own command, no shell
        [*COMMAND, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder,
        env=_environ(environ),
    )
    started = Running(process)
    reader = threading.Thread(target=_read, args=(started,), daemon=True)
    reader.start()
    try:
        yield started
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        reader.join()
        for stream in (process.stdout, process.stderr):
            if stream:
                stream.close()


def _read(running: Running) -> None:
    for line in running.process.stdout or ():
        running.lines.put(line.rstrip("\n"))
    running.lines.put(None)


def ended(
    *arguments: str | Path, folder: Path | None = None, environ: Mapping[str, str] | None = None
) -> "subprocess.CompletedProcess[str]":
    """What a command that ends by itself said, and its exit code."""
    return subprocess.run(  # noqa: S603 - our own command, no shell
        [*COMMAND, *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=folder,
        env=_environ(environ),
        timeout=PATIENCE,
        check=False,
    )


def _environ(environ: Mapping[str, str] | None) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(HOUSE), "TERM": "dumb", **(environ or {})}


def asked(url: str, query: str) -> dict[str, object]:
    """The answer of a graph to somebody who is signed in as its own page is."""
    listed = httpx.get(f"{url}/examples.json", timeout=PATIENCE).json()["examples"]
    headers: dict[str, str] = listed[0]["headers"]
    response = httpx.post(url, json={"query": query}, headers=headers, timeout=PATIENCE)
    answer: dict[str, object] = response.json()
    return answer


def children(pid: int) -> list[int]:
    """The processes that a process has started, and those that they have."""
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    found = [int(child) for child in listed]
    return [*found, *(each for child in found for each in children(child))]


def workers_of(pid: int) -> list[int]:
    """The worker processes among a server's children."""
    return [
        child
        for child in children(pid)
        if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()
    ]


def wait_gone(pid: int) -> None:
    """Return when a process, which need not be ours, has ended."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        done, _, _ = select.select([handle], [], [], PATIENCE)
        assert done, f"process {pid} is still there"
    finally:
        os.close(handle)
