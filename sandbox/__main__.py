"""`python -m sandbox`: the sandbox on its own, without the gateway's command line."""

import argparse
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
    options = parser.parse_args()
    key = options.telluride_public_key
    serve(
        options.host,
        options.port,
        seed=options.seed,
        now=options.now,
        telluride_public_key=None if key is None else key.read_text(),
    )


if __name__ == "__main__":
    main()
