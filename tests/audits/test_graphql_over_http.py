"""The conformance suite of the GraphQL-over-HTTP reference, against a real server."""

import json
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

_FOLDER = Path(__file__).parent
_INSTALL = "cd tests/audits && npm ci --ignore-scripts"


def _node() -> str:
    """The path of node; skips where it, or the suite, is not installed."""
    beside_python = str(Path(sys.executable).parent)
    node = shutil.which("node") or shutil.which("node", path=beside_python)
    if node is None:
        pytest.skip("needs Node 20 or newer")
    if not (_FOLDER / "node_modules" / "graphql-http").is_dir():
        pytest.skip(f"needs the audit suite: {_INSTALL}")
    return node


def test_all_sixty_one_audits_are_ok(live_server: str) -> None:
    command = [_node(), "audit.mjs", f"{live_server}/graphql"]
    ran = subprocess.run(  # noqa: S603 - our own script
        command, cwd=_FOLDER, capture_output=True, text=True, timeout=60, check=False
    )
    assert ran.returncode == 0, ran.stderr
    results = json.loads(ran.stdout)
    failed = [result for result in results if result["status"] != "ok"]
    assert failed == []
    assert Counter(result["status"] for result in results) == {"ok": 61}
