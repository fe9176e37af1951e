"""Duplicates, preparations, experiments, and what the project uses at present."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_NAME = sa.String(length=16)


def upgrade() -> None:
    _create_pair_answers()
    _create_choices()
    _create_preparations()
    _create_experiments()


def _create_pair_answers() -> None:
    op.create_table(
        "pair_answers",
        sa.Column("first", sa.Integer, nullable=False),
        sa.Column("second", sa.Integer, nullable=False),
        sa.Column("is_duplicate", sa.Boolean, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.PrimaryKeyConstraint("first", "second", name="pk_pair_answers"),
        sa.ForeignKeyConstraint(["first"], ["images.id"], name="fk_pair_answers_first"),
        sa.ForeignKeyConstraint(["second"], ["images.id"], name="fk_pair_answers_second"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "pair_changes",
        sa.Column("step", sa.Integer, nullable=False),
        sa.Column("first", sa.Integer, nullable=False),
        sa.Column("second", sa.Integer, nullable=False),
        sa.Column("before_is_duplicate", sa.Boolean),
        sa.Column("before_by", sa.Text),
        sa.Column("before_at", sa.DateTime),
        sa.Column("after_is_duplicate", sa.Boolean),
        sa.PrimaryKeyConstraint("step", "first", "second", name="pk_pair_changes"),
        sa.ForeignKeyConstraint(["step"], ["steps.id"], name="fk_pair_changes_step"),
        sqlite_with_rowid=False,
    )


def _create_choices() -> None:
    op.create_table(
        "choices",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_choices"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "choice_changes",
        sa.Column("step", sa.Integer, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("before", sa.Text, nullable=False),
        sa.Column("after", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("step", "name", name="pk_choice_changes"),
        sa.ForeignKeyConstraint(["step"], ["steps.id"], name="fk_choice_changes_step"),
        sqlite_with_rowid=False,
    )


def _create_preparations() -> None:
    op.create_table(
        "preparations",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("encoder", sa.Text, nullable=False),
        sa.Column("settings", sa.Text, nullable=False),
        sa.Column("seed", sa.BigInteger, nullable=False),
        sa.Column("report", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_preparations"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "preparation_images",
        sa.Column("preparation", sa.Integer, nullable=False),
        sa.Column("image", sa.Integer, nullable=False),
        sa.Column("duplicates", sa.Integer, nullable=False),
        sa.Column("split", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("preparation", "image", name="pk_preparation_images"),
        _of_preparation("preparation_images"),
        sa.ForeignKeyConstraint(["image"], ["images.id"], name="fk_preparation_images_image"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "preparation_copies",
        sa.Column("preparation", sa.Integer, nullable=False),
        sa.Column("image", sa.Integer, nullable=False),
        sa.Column("keyword", sa.Integer, nullable=False),
        sa.Column("source", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("preparation", "image", "keyword", name="pk_preparation_copies"),
        _of_preparation("preparation_copies"),
        sa.ForeignKeyConstraint(["image"], ["images.id"], name="fk_preparation_copies_image"),
        sa.ForeignKeyConstraint(["source"], ["images.id"], name="fk_preparation_copies_source"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "preparation_keywords",
        sa.Column("preparation", sa.Integer, nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("keyword", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("preparation", "place", name="pk_preparation_keywords"),
        _of_preparation("preparation_keywords"),
        sqlite_with_rowid=False,
    )


def _create_experiments() -> None:
    op.create_table(
        "experiments",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("variant", sa.Text, nullable=False),
        sa.Column("settings", sa.Text, nullable=False),
        sa.Column("seed", sa.BigInteger, nullable=False),
        sa.Column("preparation", sa.Integer),
        sa.Column("data_version", sa.Text, nullable=False),
        sa.Column("encoder", sa.Text, nullable=False),
        sa.Column("state", _NAME, nullable=False),
        sa.Column("result", sa.Text, nullable=False),
        sa.Column("started", sa.DateTime, nullable=False),
        sa.Column("finished", sa.DateTime),
        sa.PrimaryKeyConstraint("id", name="pk_experiments"),
        _of_preparation("experiments"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "trials",
        sa.Column("experiment", sa.Integer, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("parameters", sa.Text, nullable=False),
        sa.Column("value", sa.Float, nullable=False),
        sa.Column("seconds", sa.Float, nullable=False),
        sa.PrimaryKeyConstraint("experiment", "number", name="pk_trials"),
        sa.ForeignKeyConstraint(["experiment"], ["experiments.id"], name="fk_trials_experiment"),
        sqlite_with_rowid=False,
    )


def _of_preparation(table: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_preparation"
    return sa.ForeignKeyConstraint(["preparation"], ["preparations.id"], name=name)
