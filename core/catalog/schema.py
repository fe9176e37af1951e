"""The tables of a catalog.

Nothing here is particular to SQLite but the options named ``sqlite_*``, which others ignore.
Texts that are compared ignoring case have a column with their folded form (``core.catalog.text``),
because databases disagree about letters beyond ASCII.
"""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Dialect,
    Enum,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    TypeDecorator,
)

from core.types import ExperimentState, ImageState, KeywordStatus, Verdict


class StepState(StrEnum):
    """Where a journal step stands.

    ``ABANDONED``: it was undone and something else was done since, so it stays undone.
    """

    DONE = "done"
    UNDONE = "undone"
    ABANDONED = "abandoned"


class EventKind(StrEnum):
    """What the journal did.

    ``MORE`` became part of a step that was there; ``RESET``: the catalog was put back to what it
    was after an earlier event.
    """

    STEP = "step"
    MORE = "more"
    UNDO = "undo"
    REDO = "redo"
    RESET = "reset"


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: aware datetimes in, aware datetimes in UTC out."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """To UTC, as databases without time zones want it."""
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """From UTC."""
        return None if value is None else value.replace(tzinfo=UTC)


def _enum(kind: type[StrEnum]) -> Enum:
    """Stored as the text of the value; a value that is not known is an error when read."""
    return Enum(
        kind,
        native_enum=False,
        create_constraint=False,
        length=16,
        values_callable=lambda members: [member.value for member in members],
    )


# Paths are ordered by code point everywhere, so that a folder is one range of them.
_PATH = Text().with_variant(Text(collation="C"), "postgresql")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
    }
)

images = Table(
    "images",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("path", _PATH, nullable=False),
    Column("path_folded", Text, nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("mtime_ns", BigInteger, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("state", _enum(ImageState), nullable=False),
    Index(None, "path", unique=True),
    # The queues are read from this index alone, already in order.
    Index(None, "state", "path"),
)

keywords = Table(
    "keywords",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("no", Text, nullable=False),
    Column("no_folded", Text, nullable=False),
    Column("en", Text),
    Column("en_folded", Text),
    Column("status", _enum(KeywordStatus), nullable=False),
    CheckConstraint("no_folded <> ''", name="named"),
    Index(None, "no_folded", unique=True),
    Index(None, "en_folded"),
    # The number of a keyword that was undone is never given to another one.
    sqlite_autoincrement=True,
)

# Other names of a keyword: spellings that were merged into it, and former names.
synonyms = Table(
    "synonyms",
    metadata,
    Column("keyword", ForeignKey("keywords.id"), nullable=False),
    # Before the name: SQLite 3.40 finds false faults where a key is not first.
    Column("name_folded", Text, nullable=False),
    Column("name", Text, nullable=False),
    PrimaryKeyConstraint("keyword", "name_folded"),
    # One name stands for one keyword, so that a table is always understood the same way.
    Index(None, "name_folded", unique=True),
    sqlite_with_rowid=False,
)

labels = Table(
    "labels",
    metadata,
    Column("image", ForeignKey("images.id"), nullable=False),
    Column("keyword", ForeignKey("keywords.id"), nullable=False),
    Column("verdict", _enum(Verdict), nullable=False),
    Column("by", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("model", Text),
    Column("confidence", Float),
    PrimaryKeyConstraint("image", "keyword"),
    Index(None, "keyword", "verdict", "image"),
    Index(None, "verdict", "image"),
    sqlite_with_rowid=False,
)

steps = Table(
    "steps",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("title", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("state", _enum(StepState), nullable=False),
    Index(None, "state", "id"),
    sqlite_autoincrement=True,
)

# One row per label a step set or cleared; no verdict: no label. Who and when of the label after
# the step are those of the step, unless it moved what somebody had said before.
label_changes = Table(
    "label_changes",
    metadata,
    Column("step", ForeignKey("steps.id"), nullable=False),
    Column("image", ForeignKey("images.id"), nullable=False),
    Column("keyword", Integer, nullable=False),
    Column("before_verdict", _enum(Verdict)),
    Column("before_by", Text),
    Column("before_at", UtcDateTime),
    Column("before_model", Text),
    Column("before_confidence", Float),
    Column("after_verdict", _enum(Verdict)),
    Column("after_by", Text),
    Column("after_at", UtcDateTime),
    Column("after_model", Text),
    Column("after_confidence", Float),
    PrimaryKeyConstraint("step", "image", "keyword"),
    sqlite_with_rowid=False,
)

# One row per keyword a step made, edited or merged into another; no name: there was no keyword.
keyword_changes = Table(
    "keyword_changes",
    metadata,
    Column("step", ForeignKey("steps.id"), nullable=False),
    Column("keyword", Integer, nullable=False),
    Column("before_no", Text),
    Column("before_en", Text),
    Column("before_status", _enum(KeywordStatus)),
    Column("after_no", Text),
    Column("after_en", Text),
    Column("after_status", _enum(KeywordStatus)),
    PrimaryKeyConstraint("step", "keyword"),
    sqlite_with_rowid=False,
)

# One row per synonym a step gave to a keyword or took from it.
synonym_changes = Table(
    "synonym_changes",
    metadata,
    Column("step", ForeignKey("steps.id"), nullable=False),
    Column("keyword", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("is_added", Boolean(create_constraint=False), nullable=False),
    PrimaryKeyConstraint("step", "keyword", "name"),
    sqlite_with_rowid=False,
)

# All the journal did, in order and without gaps; the decision log has a copy of it. ``subject`` is
# a step, or the event a reset goes back to; ``images`` those of which a step got more, as JSON.
events = Table(
    "events",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", _enum(EventKind), nullable=False),
    Column("subject", Integer, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("images", Text),
)

encoders = Table(
    "encoders",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("identity", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("dimension", Integer, nullable=False),
    Index(None, "identity", unique=True),
)

# The vector of an image is in a row of the encoder's feature file, and is that of the content
# the image had: it counts only while the image still has that content.
encodings = Table(
    "encodings",
    metadata,
    Column("encoder", ForeignKey("encoders.id"), nullable=False),
    Column("image", ForeignKey("images.id"), nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("row", BigInteger, nullable=False),
    PrimaryKeyConstraint("encoder", "image"),
    Index(None, "encoder", "row", unique=True),
    sqlite_with_rowid=False,
)

problems = Table(
    "problems",
    metadata,
    Column("stage", Text, nullable=False),
    Column("path", _PATH, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("stage", "path"),
    sqlite_with_rowid=False,
)

# What people said about two images, the lower id first.
pair_answers = Table(
    "pair_answers",
    metadata,
    Column("first", ForeignKey("images.id"), nullable=False),
    Column("second", ForeignKey("images.id"), nullable=False),
    Column("is_duplicate", Boolean(create_constraint=False), nullable=False),
    Column("by", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("first", "second"),
    sqlite_with_rowid=False,
)

# One row per answer a step gave or took back; null: no answer.
pair_changes = Table(
    "pair_changes",
    metadata,
    Column("step", ForeignKey("steps.id"), nullable=False),
    Column("first", Integer, nullable=False),
    Column("second", Integer, nullable=False),
    Column("before_is_duplicate", Boolean(create_constraint=False)),
    Column("before_by", Text),
    Column("before_at", UtcDateTime),
    Column("after_is_duplicate", Boolean(create_constraint=False)),
    PrimaryKeyConstraint("step", "first", "second"),
    sqlite_with_rowid=False,
)

# What the project uses at present, by name: which preparation, which experiment's model.
choices = Table(
    "choices",
    metadata,
    Column("name", Text, nullable=False),
    Column("value", Text, nullable=False),
    PrimaryKeyConstraint("name"),
    sqlite_with_rowid=False,
)

choice_changes = Table(
    "choice_changes",
    metadata,
    Column("step", ForeignKey("steps.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
    PrimaryKeyConstraint("step", "name"),
    sqlite_with_rowid=False,
)

preparations = Table(
    "preparations",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("encoder", Text, nullable=False),
    Column("settings", Text, nullable=False),
    Column("seed", BigInteger, nullable=False),
    Column("report", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    sqlite_autoincrement=True,
)

preparation_images = Table(
    "preparation_images",
    metadata,
    Column("preparation", ForeignKey("preparations.id"), nullable=False),
    Column("image", ForeignKey("images.id"), nullable=False),
    Column("duplicates", Integer, nullable=False),
    Column("split", Integer, nullable=False),
    PrimaryKeyConstraint("preparation", "image"),
    sqlite_with_rowid=False,
)

preparation_copies = Table(
    "preparation_copies",
    metadata,
    Column("preparation", ForeignKey("preparations.id"), nullable=False),
    Column("image", ForeignKey("images.id"), nullable=False),
    Column("keyword", Integer, nullable=False),
    Column("source", ForeignKey("images.id"), nullable=False),
    PrimaryKeyConstraint("preparation", "image", "keyword"),
    sqlite_with_rowid=False,
)

# The keywords that models learn; their order is that of the columns of every array.
preparation_keywords = Table(
    "preparation_keywords",
    metadata,
    Column("preparation", ForeignKey("preparations.id"), nullable=False),
    Column("place", Integer, nullable=False),
    Column("keyword", Integer, nullable=False),
    PrimaryKeyConstraint("preparation", "place"),
    sqlite_with_rowid=False,
)

experiments = Table(
    "experiments",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("variant", Text, nullable=False),
    Column("settings", Text, nullable=False),
    Column("seed", BigInteger, nullable=False),
    Column("preparation", ForeignKey("preparations.id")),
    Column("data_version", Text, nullable=False),
    Column("encoder", Text, nullable=False),
    Column("state", _enum(ExperimentState), nullable=False),
    Column("result", Text, nullable=False),
    Column("started", UtcDateTime, nullable=False),
    Column("finished", UtcDateTime),
    sqlite_autoincrement=True,
)

trials = Table(
    "trials",
    metadata,
    Column("experiment", ForeignKey("experiments.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("parameters", Text, nullable=False),
    Column("value", Float, nullable=False),
    Column("seconds", Float, nullable=False),
    PrimaryKeyConstraint("experiment", "number"),
    sqlite_with_rowid=False,
)
