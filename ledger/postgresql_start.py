"""Starts PostgreSQL as the ledger's database: what can be wrong with it, told in one line."""

import asyncio
from urllib.parse import urlsplit

import psycopg
from psycopg import errors

from ledger.postgresql import PostgresEngine
from ledger.schema import upgrade
from ledger.sql import Engine, LedgerError

_OLDEST = 130_000


async def started(url: str, patience: float) -> Engine:
    """A database with its tables, and a pool of connections; raises LedgerError."""
    await asyncio.to_thread(_prepare, url, patience)
    engine = PostgresEngine(url, patience=patience)
    await engine.begin()
    return engine


def _prepare(url: str, patience: float) -> None:
    try:
        with psycopg.connect(
            url, autocommit=True, connect_timeout=max(2, round(patience))
        ) as connection:
            _check(connection)
        upgrade("postgresql+psycopg", lambda: psycopg.connect(url, autocommit=True))
    except Exception as error:
        inner = getattr(error, "orig", error)
        if isinstance(inner, psycopg.Error):
            raise LedgerError(_reason(_place(url), inner)) from error
        raise


def _check(connection: psycopg.Connection) -> None:
    if connection.info.server_version < _OLDEST:
        raise LedgerError("The ledger needs PostgreSQL 13 or later: upgrade the server.")
    row = connection.execute("SELECT pg_is_in_recovery()").fetchone()
    if row and row[0]:
        raise LedgerError(
            "The ledger's PostgreSQL server is a standby, which cannot write: name the primary."
        )


def _place(url: str) -> str:
    """Which database it is, without the password."""
    parts = urlsplit(url)
    return f"{parts.path.removeprefix('/')} at {parts.hostname or 'the local socket'}"


def _reason(place: str, error: psycopg.Error) -> str:
    if "authentication" in str(error):
        return _REASONS[errors.InvalidPassword].format(place=place)
    for kind, reason in _REASONS.items():
        if isinstance(error, kind):
            return reason.format(place=place)
    kind_name = error.sqlstate or type(error).__name__
    return f"PostgreSQL does not open {place} ({kind_name}): start it, or correct the URL."


_REASONS: dict[type[psycopg.Error], str] = {
    errors.InsufficientPrivilege: "The ledger's role may not make tables in {place}:"
    " GRANT CREATE, USAGE ON SCHEMA to it, or let another role migrate.",
    errors.DuplicateTable: "The ledger's tables cannot be made in {place}:"
    " others have their names there.",
    errors.InvalidCatalogName: "There is no database {place}: create it, or correct the URL.",
    errors.InvalidPassword: "PostgreSQL refuses the role or password for {place}: correct the URL.",
    errors.InvalidSchemaName: "There is no schema to make tables in at {place}:"
    " create it, or set search_path.",
}
