"""Private feeds: credentials of their own, and a source for each server that has some."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

OLD, NEW = "sources_url_key", "sources_url_owner_guild_id_key"


def upgrade() -> None:
    op.add_column("sources", sa.Column("owner_guild_id", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("sources", sa.Column("credentials", sa.Text(), nullable=True))
    if op.get_bind().dialect.name == "sqlite":
        _replace_constraint_of_sqlite()
    else:
        op.drop_constraint(OLD, "sources")
        op.create_unique_constraint(NEW, "sources", ["url", "owner_guild_id"])


def _replace_constraint_of_sqlite() -> None:
    """SQLite cannot change a table's constraints: its rows move to a new one.

    Foreign keys cannot be switched off within a transaction, but looking at them can wait until its end, by when every
    row is back under its id.
    """
    connection = op.get_bind()
    rows = connection.execute(
        sa.text("SELECT name, sql FROM sqlite_master WHERE tbl_name = 'sources' AND sql IS NOT NULL")
    )
    made: dict[str, str] = {row.name: row.sql for row in rows}
    table = made.pop("sources")
    changed = table.replace(f"CONSTRAINT {OLD} UNIQUE (url)", f"CONSTRAINT {NEW} UNIQUE (url, owner_guild_id)")
    if changed == table:
        raise RuntimeError(f"the table of sources has no constraint {OLD}")
    for statement in (
        "PRAGMA defer_foreign_keys = ON",
        "CREATE TEMP TABLE moving_sources AS SELECT * FROM sources",
        "DROP TABLE sources",
        changed,
        "INSERT INTO sources SELECT * FROM moving_sources",
        "DROP TABLE moving_sources",
        *made.values(),
    ):
        connection.exec_driver_sql(statement)
