"""The direction of imports: every contract holds, and is seen to fail when it is broken."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from .rooms import HOUSE, PYPROJECT, ROOMS

_CACHE = ".import_linter_cache"


@dataclass(frozen=True, slots=True)
class Breach:
    """An import that a contract forbids, and the module it is written into."""

    module: str
    line: str


BREACHES = {
    "rooms depend downwards": Breach("resolvers/__init__.py", "import graph.context"),
    "the sandbox is the other side: it shares nothing with us": Breach(
        "providers/port.py", "import sandbox.clock"
    ),
    "the sandbox imports none of our rooms": Breach("sandbox/clock.py", "import loyalty.money"),
    "the ledger knows the words and nobody else of ours": Breach(
        "ledger/rows.py", "import providers.port"
    ),
    "only the ledger speaks to databases": Breach("resolvers/routing.py", "import sqlite3"),
    "below graph nothing speaks GraphQL or ASGI": Breach("providers/port.py", "import strawberry"),
    "words are pure: no framework, no wire, no loader": Breach("loyalty/money.py", "import orjson"),
    "resolvers know the port, never an adapter or the wire": Breach(
        "resolvers/routing.py", "import providers.fabric"
    ),
    "only graph.app knows which adapters exist": Breach(
        "graph/context.py", "import providers.registry"
    ),
    "adapters do not know each other": Breach(
        "providers/fabric/profile.py", "import providers.onerewards.profile"
    ),
    "inside an adapter: client, mapping, then wire or profile": Breach(
        "providers/onerewards/wire/__init__.py", "import providers.onerewards.mapping"
    ),
}


def _contracts() -> list[str]:
    return [contract["name"] for contract in PYPROJECT["tool"]["importlinter"]["contracts"]]


def _lint(folder: Path) -> tuple[int, str]:
    command = "from importlinter.cli import lint_imports_command as lint; lint()"
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", command, "--no-logo", "--cache-dir", str(folder / _CACHE)],
        cwd=folder,
        env={**os.environ, "COLUMNS": "200", "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def copied_house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the rooms to be broken, with what the linter remembers of the whole ones."""
    copy = tmp_path_factory.mktemp("house")
    shutil.copy(HOUSE / "pyproject.toml", copy)
    for room in ROOMS:
        ignored = shutil.ignore_patterns("__pycache__", "page")
        shutil.copytree(HOUSE / room, copy / room, ignore=ignored)
    code, said = _lint(copy)
    assert code == 0, said
    return copy


def test_every_contract_holds(copied_house: Path) -> None:
    _, said = _lint(copied_house)
    assert [name for name in _contracts() if f"{name} KEPT" not in said] == []


def test_every_contract_has_a_breach_that_proves_it() -> None:
    assert sorted(BREACHES) == sorted(_contracts())


@pytest.mark.parametrize("name", BREACHES)
def test_a_breach_breaks_its_contract(copied_house: Path, name: str) -> None:
    breach = BREACHES[name]
    module = copied_house / breach.module
    whole = module.read_text()
    try:
        module.write_text(f"{whole}\n{breach.line}\n")
        code, said = _lint(copied_house)
    finally:
        module.write_text(whole)
    assert code == 1, said
    assert f"{name} BROKEN" in said
