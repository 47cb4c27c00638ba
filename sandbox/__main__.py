"""`python -m sandbox`: the sandbox on its own, without the gateway's command line."""

import argparse
import contextlib
import os
import signal
import sys
import threading
from datetime import datetime
from pathlib import Path

from sandbox.app import serve


def main() -> None:
    """Read the few options and serve."""
    parser = argparse.ArgumentParser(
        prog="sandbox", description="emulators of three loyalty systems"
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=9100, help="0 takes a free one")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--now", type=datetime.fromisoformat, help="stop the clock at this instant")
    parser.add_argument("--telluride-public-key", type=Path, help="PEM file of the client's key")
    parser.add_argument(
        "--until-stdin-ends",
        action="store_true",
        help="end when standard input does: a starter that dies, however it dies, leaves nothing",
    )
    options = parser.parse_args()
    if options.until_stdin_ends:
        threading.Thread(target=_end_with_stdin, daemon=True).start()
    try:
        key = options.telluride_public_key
        serve(
            options.host,
            options.port,
            seed=options.seed,
            now=options.now,
            telluride_public_key=None if key is None else key.read_text(),
        )
    except OSError as cause:
        parser.exit(1, f"sandbox: {cause}\n")


def _end_with_stdin() -> None:
    """Wait for the end of standard input, then end this process as a terminal would."""
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGINT)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        main()
