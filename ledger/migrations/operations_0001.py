"""0001: operations with their steps and events, the counters, and the keys that seal them."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision: str | None = None

_LIVE = "document IS NOT NULL AND state NOT IN ('FAILED', 'UNSENT')"
_REFUSED = "document IS NOT NULL AND state = 'FAILED'"


def _index(name: str, table: str, columns: list[str], where: str, *, unique: bool = False) -> None:
    """An index over some of the rows, alike in both databases."""
    condition = sa.text(where)
    op.create_index(
        name, table, columns, unique=unique, sqlite_where=condition, postgresql_where=condition
    )


def _operations() -> None:
    op.create_table(
        "operations",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("fingerprint", sa.LargeBinary, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("program", sa.Text, nullable=False),
        sa.Column("member", sa.Text),
        sa.Column("document", sa.Text),
        sa.Column("target", sa.Text),
        sa.Column("native", sa.Text),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("rev", sa.BigInteger, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.Column("owner", sa.Text),
        sa.Column("lease_until", sa.DateTime(timezone=True)),
        sa.Column("next_at", sa.DateTime(timezone=True)),
        sa.Column("looks", sa.BigInteger, nullable=False),
        sa.Column("tries", sa.BigInteger, nullable=False),
        sa.Column("command", sa.LargeBinary, nullable=False),
        sa.Column("secret", sa.LargeBinary),
        sa.Column("result", sa.LargeBinary),
        sa.Column("result_secret", sa.LargeBinary),
        sa.Column("secret_until", sa.DateTime(timezone=True)),
        sa.Column("trace_id", sa.Text, nullable=False),
        # 2: all is kept; 1: its key is free again; 0: its command is erased too.
        sa.Column("kept", sa.BigInteger, nullable=False, server_default="2"),
    )
    op.create_index("operations_key", "operations", ["scope", "key"], unique=True)
    document = ["program", "kind", "document"]
    _index("operations_document", "operations", document, _LIVE, unique=True)
    _index("operations_refused", "operations", document, _REFUSED)
    _index("operations_native", "operations", ["program", "native"], "native IS NOT NULL")
    _index("operations_target", "operations", ["target"], "target IS NOT NULL")
    member = ["program", "member", "created_at"]
    _index("operations_member", "operations", member, "member IS NOT NULL")
    op.create_index("operations_state", "operations", ["state", "created_at"])
    _index("operations_kept", "operations", ["kept", "finished_at"], "kept > 0")
    _index("operations_secret", "operations", ["secret_until"], "result_secret IS NOT NULL")


def _steps() -> None:
    op.create_table(
        "steps",
        sa.Column("operation", sa.Text, sa.ForeignKey("operations.id"), primary_key=True),
        sa.Column("seq", sa.BigInteger, primary_key=True),
        sa.Column("program", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("request", sa.LargeBinary),
        sa.Column("reference", sa.Text),
        sa.Column("serial", sa.Text),
        # The serial while the step is under way, so that a second one with it has no place.
        sa.Column("busy", sa.Text),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sends", sa.BigInteger, nullable=False),
        sa.Column("outcome", sa.LargeBinary),
    )
    reference = ["program", "name", "reference"]
    _index("steps_reference", "steps", reference, "reference IS NOT NULL", unique=True)
    _index("steps_busy", "steps", ["program", "busy"], "busy IS NOT NULL", unique=True)


def upgrade() -> None:
    """Make the tables."""
    _operations()
    _steps()
    op.create_table(
        "events",
        sa.Column("operation", sa.Text, sa.ForeignKey("operations.id"), primary_key=True),
        sa.Column("seq", sa.BigInteger, primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("from_state", sa.Text),
        sa.Column("to_state", sa.Text, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("evidence", sa.LargeBinary),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "counters",
        sa.Column("program", sa.Text, primary_key=True),
        sa.Column("counter", sa.Text, primary_key=True),
        sa.Column("value", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "ledger_keys",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("proof", sa.LargeBinary, nullable=False),
    )
