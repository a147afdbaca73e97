"""Whether an article was news when it was found, so that it can be told why it was not announced."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("articles", sa.Column("announced", sa.Boolean(), nullable=True))
