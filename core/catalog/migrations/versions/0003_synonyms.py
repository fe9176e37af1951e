"""Other names of keywords; labels that keep who gave them when they move to another keyword."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_synonyms()
    _remember_who_gave_a_label()


def _create_synonyms() -> None:
    op.create_table(
        "synonyms",
        sa.Column("keyword", sa.Integer, nullable=False),
        sa.Column("name_folded", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("keyword", "name_folded", name="pk_synonyms"),
        sa.ForeignKeyConstraint(["keyword"], ["keywords.id"], name="fk_synonyms_keyword"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_synonyms_name_folded", "synonyms", ["name_folded"], unique=True)
    op.create_table(
        "synonym_changes",
        sa.Column("step", sa.Integer, nullable=False),
        sa.Column("keyword", sa.Integer, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("is_added", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("step", "keyword", "name", name="pk_synonym_changes"),
        sa.ForeignKeyConstraint(["step"], ["steps.id"], name="fk_synonym_changes_step"),
        sqlite_with_rowid=False,
    )


def _remember_who_gave_a_label() -> None:
    with op.batch_alter_table(
        "label_changes", recreate="always", table_kwargs={"sqlite_with_rowid": False}
    ) as table:
        table.add_column(sa.Column("after_by", sa.Text), insert_after="after_verdict")
        table.add_column(sa.Column("after_at", sa.DateTime), insert_after="after_by")
