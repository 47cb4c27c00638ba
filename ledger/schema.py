"""The schema: brought up to date at the start, each revision in one transaction with its mark.

Alembic keeps the order; the revisions are the files in ledger/migrations, where a new one needs
nothing but its file.
"""

from collections.abc import Callable
from pathlib import Path
from threading import Lock

import sqlalchemy as sa
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext, RevisionStep
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from ledger.sql import LedgerError

_FOLDER = Path(__file__).with_name("migrations")
_LOCK = 0x4C_45_44_47_45_52
"""Names the lock that keeps two servers from migrating one PostgreSQL database at once."""
_ONE_AT_A_TIME = Lock()
"""What a revision does goes through a module of Alembic's, which knows one database at a time."""


def _scripts() -> ScriptDirectory:
    return ScriptDirectory(str(_FOLDER), version_locations=[str(_FOLDER)])


def upgrade(dialect: str, connect: Callable[[], object]) -> None:
    """Bring a database up to date; raises LedgerError, and what its driver raises.

    `connect` makes a connection of the dialect's driver, in autocommit mode.
    """
    scripts = _scripts()
    engine = sa.create_engine(
        f"{dialect}://", creator=connect, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as connection:
        if _current(connection, scripts):
            return
        connection.exec_driver_sql("BEGIN IMMEDIATE" if dialect.startswith("sqlite") else "BEGIN")
        try:
            _migrate(connection, scripts)
            connection.exec_driver_sql("COMMIT")
        except BaseException:
            connection.exec_driver_sql("ROLLBACK")
            raise


def _current(connection: sa.Connection, scripts: ScriptDirectory) -> bool:
    """Whether there is nothing to do; refuses a database that a later version has written."""
    heads = MigrationContext.configure(connection).get_current_heads()
    for head in heads:
        try:
            scripts.get_revision(head)
        except CommandError:
            raise LedgerError(
                f"The ledger's database has revision {head}, which this version does not know:"
                " start the version that wrote it, or a later one."
            ) from None
    return set(heads) == set(scripts.get_heads())


def _migrate(connection: sa.Connection, scripts: ScriptDirectory) -> None:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")

    def steps(heads: tuple[str, ...], _: MigrationContext) -> list[RevisionStep]:
        return scripts._upgrade_revs("head", heads)  # type: ignore[arg-type]  # noqa: SLF001 # pyright: ignore[reportPrivateUsage, reportArgumentType] - as Alembic's manual does it

    # The transaction is ours.
    options: dict[str, object] = {"fn": steps, "transactional_ddl": False}
    context = MigrationContext.configure(connection, opts=options)
    with _ONE_AT_A_TIME, Operations.context(context):
        context.run_migrations()
