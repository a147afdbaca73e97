"""The first schema: sources, articles, subscriptions, deliveries.

Spelled out rather than taken from `bot.storage.schema`, which moves on while this stays.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SNOWFLAKE = sa.BigInteger()
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "servers",
        sa.Column("guild_id", SNOWFLAKE, autoincrement=False, nullable=False),
        sa.Column("language", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("guild_id", name="servers_pkey"),
        comment="What a Discord server has set. One that has set nothing has no row.",
    )
    op.create_table(
        "sources",
        sa.Column("id", KEY, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("home_url", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("last_modified", sa.Text(), nullable=True),
        sa.Column("next_check_at", INSTANT, nullable=False),
        sa.Column("lease_until", INSTANT, nullable=True),
        sa.Column("seeded_at", INSTANT, nullable=True),
        sa.Column("last_checked_at", INSTANT, nullable=True),
        sa.Column("last_success_at", INSTANT, nullable=True),
        sa.Column("last_failure_at", INSTANT, nullable=True),
        sa.Column("last_failure", sa.Text(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="sources_pkey"),
        sa.UniqueConstraint("url", name="sources_url_key"),
        comment="Addresses that articles come from, whoever follows them. Kept when nobody does any more.",
        sqlite_autoincrement=True,
    )
    op.create_index("sources_due", "sources", ["next_check_at", "id"])
    _create_partial_index("sources_leased", "sources", ["lease_until"], "lease_until IS NOT NULL")
    op.create_table(
        "articles",
        sa.Column("id", KEY, nullable=False),
        sa.Column("source_id", KEY, nullable=False),
        sa.Column("identity", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("found_at", INSTANT, nullable=False),
        sa.Column("sort_at", INSTANT, nullable=False),
        sa.Column("title_key", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("reference_url", sa.Text(), nullable=True),
        sa.Column("image_url", sa.Text(), nullable=True),
        sa.Column("image_alt", sa.Text(), nullable=True),
        sa.Column("published_at", INSTANT, nullable=True),
        sa.Column("updated_at", INSTANT, nullable=True),
        sa.Column("categories", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="articles_pkey"),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name="articles_source_id_fkey"),
        sa.UniqueConstraint("source_id", "identity", name="articles_source_id_identity_key"),
        comment="Entries understood; their text is in sections.",
        sqlite_autoincrement=True,
    )
    op.create_index("articles_newest", "articles", ["source_id", "sort_at", "id"])
    op.create_table(
        "sections",
        sa.Column("article_id", KEY, autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("heading", sa.Text(), nullable=True),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("paragraphs", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("article_id", "position", name="sections_pkey"),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name="sections_article_id_fkey", ondelete="CASCADE"),
        comment="Replaced as a whole when their article changes.",
    )
    op.create_table(
        "subscriptions",
        sa.Column("id", KEY, nullable=False),
        sa.Column("source_id", KEY, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("suspended_reason", sa.Text(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("removed_at", INSTANT, nullable=True),
        sa.Column("guild_id", SNOWFLAKE, nullable=False),
        sa.Column("channel_id", SNOWFLAKE, nullable=False),
        sa.Column("created_by", SNOWFLAKE, nullable=True),
        sa.PrimaryKeyConstraint("id", name="subscriptions_pkey"),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name="subscriptions_source_id_fkey"),
        sa.UniqueConstraint("source_id", "channel_id", name="subscriptions_source_id_channel_id_key"),
        comment="A source followed in a channel.",
        sqlite_autoincrement=True,
    )
    op.create_index("subscriptions_of_server", "subscriptions", ["guild_id", "channel_id"])
    op.create_table(
        "deliveries",
        sa.Column("id", KEY, nullable=False),
        sa.Column("article_id", KEY, nullable=False),
        sa.Column("subscription_id", KEY, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", INSTANT, nullable=False),
        sa.Column("lease_until", INSTANT, nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("channel_id", SNOWFLAKE, nullable=False),
        sa.Column("message_id", SNOWFLAKE, nullable=True),
        sa.Column("sent_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="deliveries_pkey"),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name="deliveries_article_id_fkey"),
        sa.ForeignKeyConstraint(["subscription_id"], ["subscriptions.id"], name="deliveries_subscription_id_fkey"),
        sa.UniqueConstraint("article_id", "subscription_id", name="deliveries_article_id_subscription_id_key"),
        comment="Articles owed to subscriptions: the queue and its history.",
        sqlite_autoincrement=True,
    )
    _create_partial_index("deliveries_pending", "deliveries", ["subscription_id", "id"], "state = 'pending'")
    _create_partial_index("deliveries_leased", "deliveries", ["channel_id", "lease_until"], "lease_until IS NOT NULL")
    _create_partial_index("deliveries_sent", "deliveries", ["channel_id", "sent_at", "id"], "state = 'sent'")
    op.create_table(
        "notes",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="notes_pkey"),
        comment="Small facts that the bot keeps for itself, such as which commands Discord was last told about.",
    )


def _create_partial_index(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
