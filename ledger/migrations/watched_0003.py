"""0003: what FAILED and is to be looked for again has `next_at`; so far it was left over there."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision: str | None = "0002"

_WATCHED = "state = 'FAILED' AND next_at IS NOT NULL"


def upgrade() -> None:
    """Clear what was left over, and let the few that are watched be found among the many."""
    op.execute("UPDATE operations SET next_at = NULL WHERE state IN ('FAILED', 'UNSENT')")
    condition = sa.text(_WATCHED)
    op.create_index(
        "operations_watched",
        "operations",
        ["next_at"],
        sqlite_where=condition,
        postgresql_where=condition,
    )
