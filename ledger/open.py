"""Opens a ledger by its URL: the right database, its schema up to date, its keys the right ones."""

import asyncio
import os
import sqlite3
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

from ledger.books import Books
from ledger.journal import LedgerUnavailable
from ledger.seal import BadKeys, Seals
from ledger.sql import Engine, LedgerError
from ledger.sqlite import PATIENCE, SqliteEngine
from ledger.sqlite_file import connect

_OLDEST_SQLITE = (3, 35, 0)  # RETURNING


def _now() -> datetime:
    return datetime.now(UTC)


async def open_ledger(
    url: str,
    keys: Sequence[bytes],
    *,
    clock: Callable[[], datetime] = _now,
    patience: float = PATIENCE,
) -> Books:
    """Open a ledger, making or migrating its tables where needed.

    `url`: sqlite:///relative.db, sqlite:////absolute.db, postgresql://user@host/database. `keys`:
    32 bytes each; the first one seals, all of them open. `patience`: seconds that another's lock is
    waited for. Raises LedgerError, whose text is one line that names the remedy.
    """
    try:
        seals = Seals(keys)
    except BadKeys as error:
        raise LedgerError(str(error)) from None
    engine = await open_engine(url, patience)
    books = Books(engine, seals, clock)
    try:
        await books.check_keys()
    except BaseException:
        await engine.aclose()
        raise
    return books


async def open_engine(url: str, patience: float = PATIENCE) -> Engine:
    """Open the database alone, its schema up to date; raises LedgerError."""
    scheme = urlsplit(url).scheme
    match scheme:
        case "sqlite":
            path = _path(url)
            await asyncio.to_thread(_prepare_sqlite, path, patience)
            return SqliteEngine(path, patience)
        case "postgresql" | "postgres":
            return await _postgresql(url, patience)
        case _:
            raise LedgerError(
                "The ledger's URL begins with sqlite:/// or postgresql://"
                f" and not with {scheme or 'nothing'}:."
            )


def _path(url: str) -> Path:
    parts = urlsplit(url)
    path = unquote(parts.path).removeprefix("/")
    if parts.netloc or not path:
        raise LedgerError(
            "The ledger's URL names no file: write sqlite:///relative.db or sqlite:////absolute.db."
        )
    return Path(path)


def _prepare_sqlite(path: Path, patience: float) -> None:
    if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
        raise LedgerError(f"SQLite {sqlite3.sqlite_version} is too old: 3.35 or later is needed.")
    # Migrating needs half a second of imports, which commands that open nothing do without.
    from ledger.schema import upgrade  # noqa: PLC0415

    try:
        # Made here, for its owner alone: it is about people.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        upgrade("sqlite", lambda: connect(path, patience))
    except FileNotFoundError:
        raise LedgerError(
            f"The ledger's folder {path.parent} does not exist: make it, or correct the URL."
        ) from None
    except OSError as error:
        raise LedgerError(
            f"The ledger's file {path} cannot be opened, {error.strerror}: correct its permissions,"
            " or the URL."
        ) from None
    except Exception as error:
        raise _refused_sqlite(path, error) from error


_REASONS_OF_SQLITE = {
    "SQLITE_NOTADB": "is not a SQLite database: name another file, or move it away",
    "SQLITE_BUSY": "is locked by another process: end that one, or wait",
    "SQLITE_READONLY": "or its folder cannot be written: correct the permissions",
    "SQLITE_CANTOPEN": "or its folder cannot be written: correct the permissions",
    "SQLITE_FULL": "has no room, the disk is full: make room",
    "SQLITE_CORRUPT": "is damaged: restore it from a backup",
}


def _refused_sqlite(path: Path, error: Exception) -> Exception:
    """What is told of an error of SQLite's, whoever wrapped it; other errors are ours."""
    if isinstance(error, LedgerUnavailable):
        return error
    inner = getattr(error, "orig", error)
    if not isinstance(inner, sqlite3.Error):
        return error
    name: str = getattr(inner, "sqlite_errorname", None) or type(inner).__name__
    for kind, reason in _REASONS_OF_SQLITE.items():
        if name.startswith(kind):
            return LedgerError(f"The ledger's file {path} {reason}.")
    return LedgerError(
        f"The ledger's tables cannot be made in {path}: it holds something else, or fails ({name})."
    )


async def _postgresql(url: str, patience: float) -> Engine:
    try:
        from ledger import postgresql_start  # noqa: PLC0415 - its driver is an extra
    except ModuleNotFoundError as error:
        raise LedgerError(
            f"PostgreSQL needs the package {error.name}: install loyalty-graph[postgres]."
        ) from None
    return await postgresql_start.started(url, patience)
