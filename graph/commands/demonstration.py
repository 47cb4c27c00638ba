"""The demonstration: a sandbox in a process of its own, and the graph over it."""

import socket
import subprocess
import sys
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from graph import demo
from graph.commands.ports import is_free, listener, url_of
from graph.commands.terminal import TROUBLE, fail, say

HOST = "127.0.0.1"


def run(port: int, sandbox_port: int, folder: Path = demo.FOLDER) -> None:
    """Start both, tell where they are, and end both with us."""
    with listener(HOST, port) as listening:
        is_free(HOST, sandbox_port, "--sandbox-port")
        key = _public_key(folder)
        with _run_folder(folder) as own, _sandbox_process(key, sandbox_port) as sandbox:
            _serve(own, listening, sandbox)


def _serve(own: Path, listening: socket.socket, sandbox: "Starting") -> None:
    """Serve over a ledger in a folder of this run's own."""
    # Imported here, while the sandbox seeds its worlds: each takes most of a second.
    from graph.commands.configured import settings_of  # noqa: PLC0415
    from graph.commands.serving import check_ledger, serve_here  # noqa: PLC0415
    from graph.commands.tokens import tokens_of  # noqa: PLC0415
    from graph.principals import Kind  # noqa: PLC0415

    upstreams = sandbox.url()
    folder, port = own.parent, listening.getsockname()[1]
    with demo.alone_in(folder):  # another run writes the same file
        ledger = f"{own.name}/loyalty.db"
        settings = settings_of(demo.prepare(folder, sandbox=upstreams, port=port, ledger=ledger))

    def announce() -> None:
        say(f"Sandbox of the three upstreams on {upstreams}")
        say(f"Open {url_of(listening)}/graphql in a browser; Ctrl+C ends both.")
        say("The page is signed in. Elsewhere, send this token for the next 12 hours:")
        say(f"Authorization: Bearer {tokens_of(settings).mint('developer', Kind.DEVELOPER)}")

    check_ledger(settings)
    serve_here(settings, listening, announce)


def _public_key(folder: Path) -> Path:
    try:
        demo.keys(folder)
        return demo.public_key_file(folder)
    except OSError as cause:
        fail([f"{folder}: its keys cannot be made or read ({cause.strerror})"], TROUBLE)
    except (ValueError, TypeError):
        fail([f"{folder}: telluride.key.pem is damaged; delete the folder {folder}"], TROUBLE)


@contextmanager
def _run_folder(folder: Path) -> Generator[Path]:
    with ExitStack() as stack:
        try:
            own = stack.enter_context(demo.run_folder(folder))
        except OSError as cause:
            fail([f"{folder}: no ledger can be made in it ({cause.strerror})"], TROUBLE)
        yield own


class Starting:
    """A sandbox that was just started."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def url(self) -> str:
        """Where it is, as soon as it listens."""
        first = self._process.stdout.readline() if self._process.stdout else ""
        if "http" not in first:
            fail(["the sandbox did not start"], TROUBLE)
        return first.split()[-1]


@contextmanager
def _sandbox_process(public_key: Path, port: int) -> Generator[Starting]:
    """The sandbox in a process of its own, for the length of a `with`."""
    command = [sys.executable, "-m", "sandbox", "--until-stdin-ends", "--port", str(port)]
    process = subprocess.Popen(  # noqa: S603 - our own module, no shell
        [*command, "--telluride-public-key", str(public_key)],
        stdin=subprocess.PIPE,  # ends with us, however we end
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield Starting(process)
    finally:
        process.terminate()
        process.wait()
