"""loyalty-graph reseal: an older key is not needed any more, and whatever goes wrong is a line."""

import asyncio
import base64
import sqlite3
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from graph.cli import app
from ledger.open import open_ledger
from ledger.resealing import AT_ONCE
from tests.graph.files_of_programs import ENVIRON, Draft
from tests.ledger.places import operation

OLD = base64.b64decode(ENVIRON["LOYALTY_LEDGER_KEY"])
NEW = bytes(reversed(range(32)))
KEYS = 'encryption_keys = ["env:LOYALTY_LEDGER_KEY"]'
ROTATED = 'encryption_keys = ["env:NEW_KEY", "env:LOYALTY_LEDGER_KEY"]'


@pytest.fixture
def draft(tmp_path: Path) -> Draft:
    made = Draft(tmp_path).change(KEYS, ROTATED)
    made.environ["NEW_KEY"] = base64.b64encode(NEW).decode()
    return made


def _filled(draft: Draft, key: bytes, count: int) -> list[str]:
    """The ids of so many operations that a key has sealed."""

    async def made() -> list[str]:
        books = await open_ledger(f"sqlite:///{draft.folder}/loyalty.db", [key])
        ids = [(await books.open(operation(secret=b"s"))).id for _ in range(count)]
        await books.aclose()
        return ids

    return asyncio.run(made())


def _read_with(draft: Draft, key: bytes, ids: list[str]) -> list[bytes | None]:
    async def read() -> list[bytes | None]:
        books = await open_ledger(f"sqlite:///{draft.folder}/loyalty.db", [key])
        found = [await books.get(each) for each in ids]
        await books.aclose()
        return [None if each is None else each.secret for each in found]

    return asyncio.run(read())


def _resealed(draft: Draft) -> Result:
    return CliRunner().invoke(
        app, ["reseal", "--config", str(draft.write())], env=dict(draft.environ)
    )


def test_everything_is_sealed_with_the_first_key_and_told(draft: Draft) -> None:
    ids = _filled(draft, OLD, AT_ONCE + 3)
    first, again = _resealed(draft), _resealed(draft)
    assert (first.exit_code, again.exit_code) == (0, 0), first.stderr
    assert first.stdout.startswith(f"Sealed anew: {len(ids)} of {len(ids)} operations, 0 links.")
    assert again.stdout.startswith(f"Sealed anew: 0 of {len(ids)} operations, 0 links.")
    assert "The last one stays" in first.stdout
    assert set(_read_with(draft, NEW, ids)) == {b"s"}


def test_how_far_it_is_is_told_on_stderr(draft: Draft, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graph.commands.resealing._LINE_EVERY", AT_ONCE)
    _filled(draft, OLD, AT_ONCE + 3)
    assert _resealed(draft).stderr.splitlines() == [
        f"sealing: {AT_ONCE} of {AT_ONCE + 3} operations"
    ]


def test_what_is_stopped_half_way_is_begun_again(draft: Draft) -> None:
    ids = _filled(draft, OLD, AT_ONCE + 3)
    spoilt = _spoilt(draft, ids[-1])
    stopped = _resealed(draft)
    assert stopped.exit_code == 1
    assert stopped.stderr.startswith("the ledger cannot be used now: secret of ")
    assert stopped.stderr.count("\n") == 1
    _spoilt(draft, ids[-1], spoilt)
    done = _resealed(draft)
    assert done.stdout.startswith(f"Sealed anew: 3 of {len(ids)} operations, 0 links.")
    assert set(_read_with(draft, NEW, ids)) == {b"s"}


def test_a_key_that_is_missed_is_a_line_and_2(draft: Draft) -> None:
    _filled(draft, bytes(range(1, 33)), 1)
    told = _resealed(draft)
    assert (told.exit_code, told.stdout, told.stderr.count("\n")) == (2, "", 1)
    assert told.stderr.startswith("ledger.url: The ledger holds data sealed with a key (")


def _spoilt(draft: Draft, operation_: str, value: bytes | None = None) -> bytes:
    """Replace a sealed value by one that does not open; what was there."""
    with sqlite3.connect(draft.folder / "loyalty.db") as connection:
        [was] = connection.execute(
            "SELECT secret FROM operations WHERE id = ?", (operation_,)
        ).fetchone()
        connection.execute(
            "UPDATE operations SET secret = ? WHERE id = ?",
            (value or was[:-1] + bytes([was[-1] ^ 1]), operation_),
        )
    connection.close()
    found: bytes = was
    return found
