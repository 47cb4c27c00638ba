"""A SQLite file of the ledger's: its settings, how a script is run on it, what its errors say."""

import json
import re
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from ledger.journal import LedgerSilent, LedgerUnavailable
from ledger.sql import Row, Script, Statement, Value, Wave

T = TypeVar("T")

# The journal is emptied by a synced zero in its head, and its blocks are used again: as durable as
# deleting it, and several times faster, since the file system has nothing to write about it.
KEEP_JOURNAL = "PRAGMA journal_mode = PERSIST"
DELETE_JOURNAL = "PRAGMA journal_mode = DELETE"


_ADVICE = {
    "SQLITE_FULL": "the disk is full: make room",
    "SQLITE_BUSY": "another process keeps it locked: end that, or wait",
    "SQLITE_IOERR": "its disk fails: look at the disk",
    "SQLITE_READONLY": "it cannot be written: give its file and folder back",
    "SQLITE_CANTOPEN": "its file cannot be opened: give it back, with its permissions",
    "SQLITE_NOTADB": "the file is not a SQLite database: restore it",
    "SQLITE_CORRUPT": "the file is damaged: restore it",
}


def unavailable(error: sqlite3.Error) -> LedgerUnavailable:
    """What is told of an error: its kind and the remedy, never a statement or a value."""
    name = error_name(error)
    advice = next((say for kind, say in _ADVICE.items() if name.startswith(kind)), "it failed")
    return LedgerUnavailable(f"Nothing was changed in the ledger, {advice} ({name}).")


def silent(error: sqlite3.Error) -> LedgerSilent:
    """What is told of a commit that failed, where nobody can look whether it was made."""
    name = error_name(error)
    return LedgerSilent(f"The ledger does not say whether the change was made ({name}).")


def is_busy(error: sqlite3.Error) -> bool:
    """Whether another process had a lock: then nothing was changed."""
    return error_name(error).startswith("SQLITE_BUSY")


def connect(path: Path, patience: float) -> sqlite3.Connection:
    """A connection with the settings that make a commit durable; raises sqlite3.Error."""
    address = f"{path.absolute().as_uri()}?mode=rw"
    connection = sqlite3.connect(
        address, timeout=patience, isolation_level=None, check_same_thread=False, uri=True
    )
    try:
        _configure(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _configure(connection: sqlite3.Connection) -> None:
    mode = connection.execute(KEEP_JOURNAL).fetchone()[0]
    if mode != "persist":
        raise sqlite3.OperationalError("the journal's mode cannot be set")
    for setting in ("synchronous = FULL", "fullfsync = ON", "secure_delete = ON"):
        connection.execute(f"PRAGMA {setting}")
    connection.execute("PRAGMA temp_store = MEMORY")


@lru_cache(maxsize=256)
def _translated(text: str) -> str:
    text = re.sub(r"\{among:(\w+)\}", r"IN (SELECT value FROM json_each(:\1))", text)
    return text.replace("{skip_locked}", "").replace("{locked}", "")


def _bound(value: Value) -> str | int | bytes | None:
    match value:
        case None | str() | int() | bytes():
            return value
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="microseconds")
        case _:
            return json.dumps(list(value))


def _answered(connection: sqlite3.Connection, asked: Statement | Wave) -> Sequence[Row]:
    if isinstance(asked, Statement):
        return _execute(connection, asked)
    rows = [_execute(connection, statement) for statement in asked.statements]
    return rows[0]


def _execute(connection: sqlite3.Connection, statement: Statement) -> Sequence[Row]:
    args: Mapping[str, object] = {name: _bound(value) for name, value in statement.args.items()}
    rows: Sequence[Row] = connection.execute(_translated(statement.text), args).fetchall()
    return rows


def run(connection: sqlite3.Connection, script: Script[T]) -> T:
    """Run a script to its end."""
    try:
        asked = next(script)
        while True:
            asked = script.send(_answered(connection, asked))
    except StopIteration as done:
        result: T = done.value
        return result
    finally:
        script.close()


def error_name(error: sqlite3.Error) -> str:
    """SQLite's name of an error; Python's, where SQLite had no part in it."""
    name: str | None = getattr(error, "sqlite_errorname", None)
    return name or type(error).__name__
