"""All that the journal did, in order; of older catalogs, what led to their present state."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_NOTE = 'INSERT INTO events (kind, subject, "by", at) SELECT {kind}, id, {by}, at FROM steps'


def upgrade() -> None:
    op.create_table(
        "events",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("subject", sa.Integer, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("images", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_events"),
    )
    done = _NOTE.format(kind="'step'", by='"by"')
    op.execute(f"{done} WHERE state <> 'abandoned' ORDER BY id")
    undone = _NOTE.format(kind="'undo'", by="''")
    op.execute(f"{undone} WHERE state = 'undone' ORDER BY id DESC")
