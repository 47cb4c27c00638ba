"""0002: customers, and the links between them and memberships."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision: str | None = "0001"


def upgrade() -> None:
    """Make the tables. A membership is one customer's: the primary key says so."""
    op.create_table(
        "customers",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("owner", sa.Text),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("customers_owner", "customers", ["owner"], unique=True)
    op.create_table(
        "links",
        sa.Column("program", sa.Text, primary_key=True),
        # A keyed hash of the member's key: to be found by.
        sa.Column("name", sa.LargeBinary, primary_key=True),
        sa.Column("customer", sa.Text, sa.ForeignKey("customers.id"), nullable=False),
        sa.Column("member", sa.LargeBinary, nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("method", sa.Text, nullable=False),
        sa.Column("verified", sa.BigInteger, nullable=False),
    )
    op.create_index("links_customer", "links", ["customer"])
