"""0004: whether a serial was used lately is asked before each write that has one."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision: str | None = "0003"


def upgrade() -> None:
    """Let a serial be found among all steps that ever had one."""
    condition = sa.text("serial IS NOT NULL")
    op.create_index(
        "steps_serial",
        "steps",
        ["program", "serial"],
        sqlite_where=condition,
        postgresql_where=condition,
    )
