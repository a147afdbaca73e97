"""What deliveries need beyond a plain post: shapes and times chosen per subscription, attempts kept, changes followed,
corrections remembered, and notices for moderators.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SNOWFLAKE = sa.BigInteger()
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("servers", sa.Column("timezone", sa.Text(), nullable=True))
    op.add_column("servers", sa.Column("log_channel_id", SNOWFLAKE, nullable=True))
    op.add_column("subscriptions", sa.Column("preferences", sa.Text(), nullable=False, server_default="{}"))
    op.add_column("subscriptions", sa.Column("suspended_at", INSTANT, nullable=True))
    op.add_column("deliveries", sa.Column("tried_at", INSTANT, nullable=True))
    op.add_column("deliveries", sa.Column("thread_id", SNOWFLAKE, nullable=True))
    op.add_column("deliveries", sa.Column("held_reason", sa.Text(), nullable=True))
    op.add_column("deliveries", sa.Column("shown_hash", sa.Text(), nullable=True))
    op.add_column("deliveries", sa.Column("digest_id", KEY, nullable=True))
    op.add_column("deliveries", sa.Column("edit_due_at", INSTANT, nullable=True))
    op.add_column("deliveries", sa.Column("edit_attempts", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("deliveries", sa.Column("deleted_at", INSTANT, nullable=True))
    op.add_column("articles", sa.Column("revised_at", INSTANT, nullable=True))
    op.create_index("deliveries_of_article", "deliveries", ["article_id", "state"])
    op.create_index(
        "deliveries_to_edit",
        "deliveries",
        ["edit_due_at", "id"],
        sqlite_where=sa.text("edit_due_at IS NOT NULL"),
        postgresql_where=sa.text("edit_due_at IS NOT NULL"),
    )
    op.create_index(
        "deliveries_of_digest",
        "deliveries",
        ["digest_id"],
        sqlite_where=sa.text("digest_id IS NOT NULL"),
        postgresql_where=sa.text("digest_id IS NOT NULL"),
    )
    op.create_index(
        "deliveries_of_thread",
        "deliveries",
        ["thread_id"],
        sqlite_where=sa.text("thread_id IS NOT NULL"),
        postgresql_where=sa.text("thread_id IS NOT NULL"),
    )
    op.create_table(
        "attempts",
        sa.Column("id", KEY, nullable=False),
        sa.Column("delivery_id", KEY, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="attempts_pkey"),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["deliveries.id"], name="attempts_delivery_id_fkey", ondelete="CASCADE"
        ),
        comment="Every try of a delivery, for whoever asks why.",
        sqlite_autoincrement=True,
    )
    op.create_index("attempts_of_delivery", "attempts", ["delivery_id", "id"])
    op.create_table(
        "revisions",
        sa.Column("id", KEY, nullable=False),
        sa.Column("article_id", KEY, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("sections", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="revisions_pkey"),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name="revisions_article_id_fkey", ondelete="CASCADE"),
        comment="What an article said before it changed.",
        sqlite_autoincrement=True,
    )
    op.create_index("revisions_of_article", "revisions", ["article_id", "id"])
    op.create_table(
        "corrections",
        sa.Column("article_id", KEY, autoincrement=False, nullable=False),
        sa.Column("guild_id", SNOWFLAKE, autoincrement=False, nullable=False),
        sa.Column("source_id", KEY, nullable=False),
        sa.Column("by_hand", sa.Boolean(), nullable=False),
        sa.Column("corrected_at", INSTANT, nullable=False),
        sa.Column("corrected_by", SNOWFLAKE, nullable=True),
        sa.Column("labels", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("article_id", "guild_id", name="corrections_pkey"),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name="corrections_article_id_fkey", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name="corrections_source_id_fkey"),
        comment="What each paragraph is in one server's eyes; it outlives every new fetch.",
    )
    op.create_index("corrections_of_source", "corrections", ["source_id", "guild_id"])
    op.create_table(
        "drafts",
        sa.Column("guild_id", SNOWFLAKE, autoincrement=False, nullable=False),
        sa.Column("user_id", SNOWFLAKE, autoincrement=False, nullable=False),
        sa.Column("article_id", KEY, autoincrement=False, nullable=False),
        sa.Column("begun_at", INSTANT, nullable=False),
        sa.Column("labels", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("guild_id", "user_id", "article_id", name="drafts_pkey"),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name="drafts_article_id_fkey", ondelete="CASCADE"),
        comment="Corrections that a moderator has begun and not saved.",
    )
    op.create_table(
        "retractions",
        sa.Column("article_id", KEY, autoincrement=False, nullable=False),
        sa.Column("guild_id", SNOWFLAKE, autoincrement=False, nullable=False),
        sa.Column("retracted_at", INSTANT, nullable=False),
        sa.Column("retracted_by", SNOWFLAKE, nullable=True),
        sa.Column("deletes", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("article_id", "guild_id", name="retractions_pkey"),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name="retractions_article_id_fkey", ondelete="CASCADE"
        ),
        comment="Articles that a server retracted from itself.",
    )
    op.create_table(
        "notices",
        sa.Column("id", KEY, nullable=False),
        sa.Column("guild_id", SNOWFLAKE, nullable=False),
        sa.Column("subscription_id", KEY, nullable=True),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("params", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("next_attempt_at", INSTANT, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_until", INSTANT, nullable=True),
        sa.Column("told_at", INSTANT, nullable=True),
        sa.Column("dropped_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="notices_pkey"),
        sa.ForeignKeyConstraint(["subscription_id"], ["subscriptions.id"], name="notices_subscription_id_fkey"),
        comment="What a server's moderators are to be told, once.",
        sqlite_autoincrement=True,
    )
    op.create_index(
        "notices_untold",
        "notices",
        ["next_attempt_at", "id"],
        sqlite_where=sa.text("told_at IS NULL AND dropped_at IS NULL"),
        postgresql_where=sa.text("told_at IS NULL AND dropped_at IS NULL"),
    )
    op.create_index("notices_of_subscription", "notices", ["subscription_id", "id"])
