"""Hubs that tell us of news: what they were asked for, and promised."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "pushes",
        sa.Column("source_id", KEY, autoincrement=False, nullable=False),
        sa.Column("hub_url", sa.Text(), nullable=False),
        sa.Column("topic_url", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("ask_at", INSTANT, nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("lease_until", INSTANT, nullable=True),
        sa.Column("pushed_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("source_id", name="pushes_pkey"),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name="pushes_source_id_fkey", ondelete="CASCADE"),
        sa.UniqueConstraint("token", name="pushes_token_key"),
        comment="What hubs were asked for, and promised: WebSub.",
    )
    op.create_index("pushes_due", "pushes", ["ask_at"])
