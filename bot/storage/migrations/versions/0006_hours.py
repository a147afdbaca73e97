"""Subscriptions that are held until their hours, their turn or their digest."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("subscriptions", sa.Column("held_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("subscriptions", sa.Column("held_reason", sa.Text(), nullable=True))
