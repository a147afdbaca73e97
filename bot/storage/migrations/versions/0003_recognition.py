"""To know an article again under another id, to meet a source at its own pace, and to be fair to hosts."""

from urllib.parse import urlsplit

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    for column in (
        sa.Column("ttl_seconds", sa.Integer(), nullable=True),
        sa.Column("skip_hours", sa.Text(), nullable=False, server_default="[]"),
        sa.Column("skip_days", sa.Text(), nullable=False, server_default="[]"),
        sa.Column("moved_to", sa.Text(), nullable=True),
        sa.Column("moved_sightings", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("host", sa.Text(), nullable=True),
        sa.Column("failing_since", INSTANT, nullable=True),
        sa.Column("last_new_at", INSTANT, nullable=True),
        sa.Column("gap_seconds", sa.Integer(), nullable=True),
    ):
        op.add_column("sources", column)
    op.add_column("articles", sa.Column("sketch", sa.Text(), nullable=True))
    op.create_table(
        "marks",
        sa.Column("mark", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("source_id", KEY, autoincrement=False, nullable=False),
        sa.Column("article_id", KEY, autoincrement=False, nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("mark", "source_id", "article_id", name="marks_pkey"),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name="marks_source_id_fkey"),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name="marks_article_id_fkey", ondelete="CASCADE"),
        comment="By what an article is known again, whatever its source does to its id: see bot.updates.traces.",
        sqlite_with_rowid=False,
    )
    op.create_index("marks_of_article", "marks", ["article_id", "kind"])
    op.create_table(
        "coverage",
        sa.Column("article_id", KEY, autoincrement=False, nullable=False),
        sa.Column("also_id", KEY, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("article_id", "also_id", name="coverage_pkey"),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name="coverage_article_id_fkey", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["also_id"], ["articles.id"], name="coverage_also_id_fkey", ondelete="CASCADE"),
        comment="One story in two sources: the article that was stored first, and another that tells it too.",
    )
    op.create_index("coverage_of", "coverage", ["also_id"])
    _name_hosts()


def _name_hosts() -> None:
    sources = sa.table("sources", sa.column("id"), sa.column("url"), sa.column("host"), sa.column("failures"))
    connection = op.get_bind()
    for source_id, url in connection.execute(sa.select(sources.c.id, sources.c.url)).all():
        try:
            host = (urlsplit(url).hostname or "").lower()
        except ValueError:
            host = ""
        if host:
            connection.execute(sources.update().where(sources.c.id == source_id).values(host=host))
    # Their failures began at the latest with the last one that is remembered.
    op.execute("UPDATE sources SET failing_since = last_failure_at WHERE failures > 0")
