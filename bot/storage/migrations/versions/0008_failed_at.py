"""When a delivery last failed, which tells a bad article from a bad hour."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("deliveries", sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True))
