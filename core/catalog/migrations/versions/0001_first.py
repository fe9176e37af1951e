"""The first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_PATH = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_NAME = sa.String(length=16)
"""A state, status or verdict."""


def upgrade() -> None:
    _create_images()
    _create_keywords_and_labels()
    _create_journal()
    _create_encodings()


def _create_images() -> None:
    op.create_table(
        "images",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("path", _PATH, nullable=False),
        sa.Column("path_folded", sa.Text, nullable=False),
        sa.Column("content_hash", sa.Text, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("mtime_ns", sa.BigInteger, nullable=False),
        sa.Column("width", sa.Integer, nullable=False),
        sa.Column("height", sa.Integer, nullable=False),
        sa.Column("state", _NAME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_images"),
    )
    op.create_index("ix_images_path", "images", ["path"], unique=True)
    op.create_index("ix_images_state_path", "images", ["state", "path"])
    op.create_table(
        "problems",
        sa.Column("stage", sa.Text, nullable=False),
        sa.Column("path", _PATH, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.PrimaryKeyConstraint("stage", "path", name="pk_problems"),
        sqlite_with_rowid=False,
    )


def _create_keywords_and_labels() -> None:
    op.create_table(
        "keywords",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("no", sa.Text, nullable=False),
        sa.Column("no_folded", sa.Text, nullable=False),
        sa.Column("en", sa.Text),
        sa.Column("en_folded", sa.Text),
        sa.Column("status", _NAME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_keywords"),
        sa.CheckConstraint("no_folded <> ''", name=op.f("ck_keywords_named")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_keywords_no_folded", "keywords", ["no_folded"], unique=True)
    op.create_index("ix_keywords_en_folded", "keywords", ["en_folded"])
    op.create_table(
        "labels",
        sa.Column("image", sa.Integer, nullable=False),
        sa.Column("keyword", sa.Integer, nullable=False),
        sa.Column("verdict", _NAME, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("model", sa.Text),
        sa.Column("confidence", sa.Float),
        sa.PrimaryKeyConstraint("image", "keyword", name="pk_labels"),
        sa.ForeignKeyConstraint(["image"], ["images.id"], name="fk_labels_image"),
        sa.ForeignKeyConstraint(["keyword"], ["keywords.id"], name="fk_labels_keyword"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_labels_keyword_verdict_image", "labels", ["keyword", "verdict", "image"])
    op.create_index("ix_labels_verdict_image", "labels", ["verdict", "image"])


def _create_journal() -> None:
    op.create_table(
        "steps",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("state", _NAME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_steps"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_steps_state_id", "steps", ["state", "id"])
    op.create_table(
        "label_changes",
        sa.Column("step", sa.Integer, nullable=False),
        sa.Column("image", sa.Integer, nullable=False),
        sa.Column("keyword", sa.Integer, nullable=False),
        sa.Column("before_verdict", _NAME),
        sa.Column("before_by", sa.Text),
        sa.Column("before_at", sa.DateTime),
        sa.Column("before_model", sa.Text),
        sa.Column("before_confidence", sa.Float),
        sa.Column("after_verdict", _NAME),
        sa.Column("after_model", sa.Text),
        sa.Column("after_confidence", sa.Float),
        sa.PrimaryKeyConstraint("step", "image", "keyword", name="pk_label_changes"),
        sa.ForeignKeyConstraint(["step"], ["steps.id"], name="fk_label_changes_step"),
        sa.ForeignKeyConstraint(["image"], ["images.id"], name="fk_label_changes_image"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "keyword_changes",
        sa.Column("step", sa.Integer, nullable=False),
        sa.Column("keyword", sa.Integer, nullable=False),
        sa.Column("before_no", sa.Text),
        sa.Column("before_en", sa.Text),
        sa.Column("before_status", _NAME),
        sa.Column("after_no", sa.Text),
        sa.Column("after_en", sa.Text),
        sa.Column("after_status", _NAME),
        sa.PrimaryKeyConstraint("step", "keyword", name="pk_keyword_changes"),
        sa.ForeignKeyConstraint(["step"], ["steps.id"], name="fk_keyword_changes_step"),
        sqlite_with_rowid=False,
    )


def _create_encodings() -> None:
    op.create_table(
        "encoders",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("identity", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("dimension", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_encoders"),
    )
    op.create_index("ix_encoders_identity", "encoders", ["identity"], unique=True)
    op.create_table(
        "encodings",
        sa.Column("encoder", sa.Integer, nullable=False),
        sa.Column("image", sa.Integer, nullable=False),
        sa.Column("content_hash", sa.Text, nullable=False),
        sa.Column("row", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("encoder", "image", name="pk_encodings"),
        sa.ForeignKeyConstraint(["encoder"], ["encoders.id"], name="fk_encodings_encoder"),
        sa.ForeignKeyConstraint(["image"], ["images.id"], name="fk_encodings_image"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_encodings_encoder_row", "encodings", ["encoder", "row"], unique=True)
