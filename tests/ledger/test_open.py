"""Opening a ledger: what is made, what is migrated, and one line for whatever is wrong."""

import asyncio
import os
import re
import sqlite3
import sys
from pathlib import Path

import psycopg
import pytest

import ledger
from ledger import schema as schemas
from ledger.journal import State
from ledger.open import open_ledger
from ledger.sql import LedgerError
from tests.ledger.places import KEY, SERVER, PostgresSchema, SqliteFile, opened, operation

LATEST = max(file.stem[-4:] for file in schemas._FOLDER.glob("*_0*.py"))


async def _refused(url: str, keys: tuple[bytes, ...] = (KEY,)) -> str:
    """What is said, which must be one line with a remedy."""
    with pytest.raises(LedgerError) as refused:
        await open_ledger(url, keys, patience=0.2)
    said = str(refused.value)
    assert "\n" not in said
    assert len(said) < 200
    assert said.endswith(".")
    return said


async def test_a_new_ledger_is_made_and_opened_again(place) -> None:
    async with opened(place) as books:
        record = await books.open(operation())
    async with opened(place) as books:
        assert await books.get(record.id) == record
    assert place.execute("SELECT version_num FROM alembic_version") == [(LATEST,)]


async def test_ledgers_opened_at_once_make_the_tables_once(place) -> None:
    ledgers = await asyncio.gather(*(open_ledger(place.url, [KEY]) for _ in range(5)))
    record = await ledgers[0].open(operation())
    assert [await books.get(record.id) for books in ledgers] == [record] * 5
    for books in ledgers:
        await books.aclose()


async def test_different_ledgers_may_be_made_at_once(tmp_path: Path) -> None:
    urls = [f"sqlite:///{tmp_path / f'{number}.db'}" for number in range(12)]
    ledgers = await asyncio.gather(*(open_ledger(url, [KEY]) for url in urls))
    records = [await books.open(operation()) for books in ledgers]
    for books, record in zip(ledgers, records, strict=True):
        assert await books.get(record.id) == record
        await books.aclose()


async def test_a_later_version_s_ledger_is_refused(place) -> None:
    async with opened(place):
        pass
    place.execute("UPDATE alembic_version SET version_num = '9999'")
    assert "9999, which this version does not know" in await _refused(place.url)


async def test_another_revision_is_one_more_file(place, tmp_path: Path, monkeypatch) -> None:
    async with opened(place) as books:
        record = await books.open(operation())
    folder = tmp_path / "migrations"
    folder.mkdir()
    for file in schemas._FOLDER.glob("*_0*.py"):
        (folder / file.name).write_text(file.read_text())
    (folder / "shops_9998.py").write_text(
        "import sqlalchemy as sa\nfrom alembic import op\n"
        f"revision = '9998'\ndown_revision = '{LATEST}'\n"
        "def upgrade():\n    op.create_table('shops', sa.Column('id', sa.Text, primary_key=True))\n"
    )
    monkeypatch.setattr(schemas, "_FOLDER", folder)
    async with opened(place) as books:
        assert await books.get(record.id) == record
    assert place.execute("SELECT * FROM shops") == []
    assert place.execute("SELECT version_num FROM alembic_version") == [("9998",)]


async def test_a_revision_that_fails_changes_nothing(place, tmp_path: Path, monkeypatch) -> None:
    folder = tmp_path / "migrations"
    folder.mkdir()
    (folder / "half_0001.py").write_text(
        "from alembic import op\nrevision = '0001'\ndown_revision = None\n"
        "def upgrade():\n"
        "    op.execute('CREATE TABLE shops (id TEXT)')\n"
        "    raise RuntimeError('half-way')\n"
    )
    monkeypatch.setattr(schemas, "_FOLDER", folder)
    with pytest.raises(RuntimeError, match="half-way"):
        await open_ledger(place.url, [KEY])
    monkeypatch.undo()
    async with opened(place) as books:
        await books.open(operation())
    with pytest.raises((sqlite3.Error, psycopg.Error)):
        place.execute("SELECT * FROM shops")


@pytest.mark.parametrize("keys", [(), (b"short",)])
async def test_keys_that_are_none_are_told(place, keys: tuple[bytes, ...]) -> None:
    assert "32 bytes" in await _refused(place.url, keys)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql://root@localhost/x", "begins with sqlite:/// or postgresql://"),
        ("ledger.db", "begins with sqlite:/// or postgresql://"),
        ("sqlite://", "names no file"),
        ("sqlite://ledger.db", "names no file"),
    ],
)
async def test_a_url_that_is_none_is_told(url: str, said: str) -> None:
    assert said in await _refused(url)


async def test_a_relative_path_has_three_slashes(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    books = await open_ledger("sqlite:///some%20shop.db", [KEY])
    await books.aclose()
    assert (tmp_path / "some shop.db").is_file()


async def test_a_new_file_is_its_owner_s_alone(sqlite_file: SqliteFile) -> None:
    async with opened(sqlite_file) as books:
        await books.open(operation())
        modes = [file.stat().st_mode & 0o777 for file in sqlite_file.path.parent.iterdir()]
    assert set(modes) == {0o600}


async def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    said = await _refused(f"sqlite:///{tmp_path}/none/ledger.db")
    assert f"folder {tmp_path}/none does not exist: make it" in said


async def test_a_folder_in_a_file_s_place_is_told(tmp_path: Path) -> None:
    assert "cannot be opened" in await _refused(f"sqlite:///{tmp_path}")


async def test_a_file_that_is_no_database_is_told(sqlite_file: SqliteFile) -> None:
    sqlite_file.path.write_text("shopping list\n" * 1000)
    assert "is not a SQLite database" in await _refused(sqlite_file.url)
    assert sqlite_file.path.read_text().startswith("shopping list")


async def test_another_program_s_database_is_left_alone(sqlite_file: SqliteFile) -> None:
    sqlite_file.execute("CREATE TABLE operations (id TEXT)")
    assert "holds something else" in await _refused(sqlite_file.url)
    assert sqlite_file.execute("SELECT name FROM sqlite_master") == [("operations",)]


async def test_a_file_that_is_locked_is_told(sqlite_file: SqliteFile) -> None:
    async with opened(sqlite_file):
        pass
    connection = sqlite3.connect(sqlite_file.path, isolation_level=None)
    connection.execute("BEGIN EXCLUSIVE")
    try:
        assert "is locked by another process" in await _refused(sqlite_file.url)
    finally:
        connection.close()


async def test_a_file_in_wal_mode_is_brought_back(sqlite_file: SqliteFile) -> None:
    async with opened(sqlite_file):
        pass
    assert sqlite_file.execute("PRAGMA journal_mode = WAL") == [("wal",)]
    async with opened(sqlite_file) as books:
        await books.open(operation())
        assert sqlite_file.execute("PRAGMA journal_mode") != [("wal",)]


UNPRIVILEGED = """
import asyncio, concurrent.futures.thread, os, sys
import ledger.schema
from ledger.open import open_ledger
os.setgid(65534)
os.setuid(65534)
try:
    asyncio.run(open_ledger(sys.argv[1], [bytes(32)]))
except Exception as error:
    print(type(error).__name__, error)
"""


@pytest.mark.skipif(os.getuid() != 0, reason="becomes another user: needs root")
async def test_a_file_that_may_not_be_opened_is_told(sqlite_file: SqliteFile) -> None:
    async with opened(sqlite_file):
        pass
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        UNPRIVILEGED,
        sqlite_file.url,
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await process.communicate()
    assert out.decode().startswith("LedgerError ")
    assert "correct" in out.decode()


@pytest.mark.postgres
async def test_a_server_that_is_not_there_is_told() -> None:
    said = await _refused("postgresql://ann:geheim@127.0.0.1:1/shop")
    assert "does not open shop at 127.0.0.1" in said
    assert "geheim" not in said


@pytest.mark.postgres
@pytest.mark.usefixtures("schema")
async def test_a_database_that_is_not_there_is_told() -> None:
    assert "does not open none" in await _refused(SERVER.replace("/test", "/none"))


@pytest.mark.postgres
async def test_a_schema_that_is_not_there_is_told(schema: PostgresSchema) -> None:
    url = schema.url.replace(schema.name, "nowhere")
    assert "no schema to make tables in" in await _refused(url)


@pytest.mark.postgres
async def test_a_role_that_may_not_make_tables_is_told(schema: PostgresSchema) -> None:
    role = f"{schema.name}_guest"
    schema.execute(f"CREATE ROLE {role} LOGIN")
    schema.execute(f"GRANT USAGE ON SCHEMA {schema.name} TO {role}")
    try:
        said = await _refused(schema.url.replace("postgres@", f"{role}@"))
        assert "may not make tables" in said
        async with opened(schema):
            pass
        tables = f"ALL TABLES IN SCHEMA {schema.name}"
        schema.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {tables} TO {role}")

        class Guest:
            url = schema.url.replace("postgres@", f"{role}@")

        async with opened(Guest()) as books:
            await books.open(operation())
            assert (await books.counts())[State.SENDING] == 1
    finally:
        schema.execute(f"DROP OWNED BY {role}")
        schema.execute(f"DROP ROLE {role}")


async def test_a_missing_driver_is_told(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    for name in ("postgresql", "postgresql_start"):
        monkeypatch.delitem(sys.modules, f"ledger.{name}", raising=False)
        monkeypatch.delattr(ledger, name, raising=False)
    said = await _refused("postgresql://root@127.0.0.1/test")
    assert re.search(r"needs the package psycopg: install loyalty-graph\[postgres\]", said)
