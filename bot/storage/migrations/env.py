"""Run by Alembic: upgrades the connection that `bot.storage.migrations` hands over, inside its transaction."""

from alembic import context

from bot.storage.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
