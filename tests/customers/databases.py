"""Databases of one test each: a SQLite file, or a PostgreSQL database that is dropped after it."""

import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

SERVER = os.environ.get("LOYALTY_TEST_POSTGRESQL", "postgresql://127.0.0.1:5432/test")
KINDS = (
    pytest.param("sqlite", id="sqlite"),
    pytest.param("postgresql", id="postgresql", marks=pytest.mark.postgres),
)


def sqlite_url(folder: Path) -> str:
    return f"sqlite:///{folder / 'ledger.db'}"


def raw_bytes(folder: Path) -> bytes:
    """The ledger's file as it lies on the disk, and what lies beside it."""
    return b"".join(path.read_bytes() for path in sorted(folder.glob("ledger.db*")))


@contextmanager
def postgresql_url() -> Iterator[str]:
    """The URL of a new, empty database."""
    parts = urlsplit(SERVER)
    try:
        socket.create_connection((parts.hostname or "127.0.0.1", parts.port or 5432), 2).close()
    except OSError:
        pytest.skip(f"no PostgreSQL server at {parts.hostname}:{parts.port}")
    name = f"loyalty_test_{secrets.token_hex(6)}"
    with psycopg.connect(SERVER, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}".encode())
        try:
            yield parts._replace(path=f"/{name}").geturl()
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@contextmanager
def database(kind: str, folder: Path) -> Iterator[str]:
    """The URL of a new database of a kind."""
    if kind == "sqlite":
        yield sqlite_url(folder)
    else:
        with postgresql_url() as url:
            yield url
