"""One schema whichever way a catalog got it, and every released one can still be opened."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect

from core.catalog import (
    Catalog,
    backups,
    browse,
    choices,
    decisions,
    encodings,
    experiments,
    images,
    journal,
    keywords,
    migrate,
    overview,
    pair_answers,
    preparations,
)
from core.catalog.schema import metadata
from core.errors import ProjectError
from core.types import (
    EncoderId,
    ExperimentState,
    Image,
    ImageId,
    ImageState,
    Keyword,
    KeywordCopy,
    KeywordId,
    KeywordStatus,
    Problem,
    QueueName,
    Split,
    Trial,
    Verdict,
)

DATA = Path(__file__).resolve().parents[2] / "data"
LATER = """
import sqlalchemy as sa
from alembic import op

revision, down_revision = "0005", "0004"


def upgrade():
    op.add_column("images", sa.Column("note", sa.Text))
    {more}
"""


@pytest.fixture(params=migrate.REVISIONS)
def golden(path: Path, request: pytest.FixtureRequest) -> Path:
    """A copy of the catalog that each released schema has written."""
    return Path(shutil.copy(DATA / f"catalog-{request.param}.sqlite", path))


def structure(path: Path) -> dict[str, list[str]]:
    """What SQLite says each table and index was made of, part by part; quotes do not matter."""
    with closing(sqlite3.connect(path)) as database:
        rows = database.execute(
            "SELECT name, sql FROM sqlite_schema"
            " WHERE sql IS NOT NULL AND name NOT IN ('alembic_version', 'sqlite_sequence')"
        ).fetchall()
    return {
        name: sorted(part.strip(" ,").replace('"', "") for part in sql.splitlines())
        for name, sql in rows
    }


def test_migrations_make_the_schema_that_the_code_knows(catalog: Catalog, path: Path) -> None:
    with catalog.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    direct = path.with_name("direct.sqlite")
    engine = create_engine(f"sqlite:///{direct}")
    metadata.create_all(engine)
    engine.dispose()
    assert structure(path) == structure(direct)


def test_every_migration_is_known() -> None:
    script = ScriptDirectory(str(migrate.MIGRATIONS))
    revisions = [revision.revision for revision in script.walk_revisions()]
    assert tuple(reversed(revisions)) == migrate.REVISIONS
    assert {file.name for file in DATA.glob("catalog-*.sqlite")} == {
        f"catalog-{revision}.sqlite" for revision in migrate.REVISIONS
    }


def test_golden_catalog_says_what_it_said(golden: Path) -> None:
    with Catalog.open(golden) as catalog:
        truck, tanker, bridge, gone, broken = (ImageId(i) for i in range(1, 6))
        assert images.find_image(catalog, "biler/lastebil.jpg") == Image(
            truck, "biler/lastebil.jpg", "a1", 1_001, 640, 480, ImageState.PRESENT
        )
        known = images.known_files(catalog)
        assert known["biler/lastebil.jpg"].mtime_ns == 1_700_000_000_000_000_001
        assert {file.id: file.state for file in known.values()} == {
            truck: ImageState.PRESENT,
            tanker: ImageState.PRESENT,
            bridge: ImageState.PRESENT,
            gone: ImageState.MISSING,
            broken: ImageState.UNREADABLE,
        }
        assert images.problems(catalog) == [
            Problem("tom.jpg", "It is empty."),
            Problem("ødelagt.jpg", "It is cut off."),
        ]
        added = keywords.find_keyword(catalog, "TANKBIL")
        assert added is not None
        assert keywords.all_keywords(catalog) == [
            Keyword(KeywordId(1), "Lastebil", "Truck", KeywordStatus.MACHINE),
            Keyword(KeywordId(2), "Kjøretøy", None, KeywordStatus.IMPORTED),
            Keyword(KeywordId(3), "Bro", None, KeywordStatus.IMPORTED),
            Keyword(added.id, "Tankbil", None, KeywordStatus.CONFIRMED),
        ]
        labels = decisions.labels_of(catalog, [truck, tanker, bridge, gone])
        assert {
            image: [(label.keyword, label.verdict, label.by) for label in of_image]
            for image, of_image in labels.items()
        } == {
            truck: [(1, Verdict.IMPORTED, "table"), (2, Verdict.IMPORTED, "table")],
            tanker: [(1, Verdict.REJECTED, "kari"), (added.id, Verdict.ACCEPTED, "ola")],
            bridge: [(2, Verdict.UNSURE, "kari"), (3, Verdict.IMPORTED, "table")],
            gone: [],
        }
        rejected = labels[tanker][0]
        assert (rejected.model, rejected.confidence) == ("neighbor-search", 0.25)
        encoder = EncoderId(1)
        assert encodings.encoder_id(catalog, "identity") == encoder
        assert encodings.unencoded(catalog, encoder).tolist() == [tanker, bridge]
        assert encodings.next_row(catalog, encoder) == 2
        counts = browse.queue_counts(catalog, encoder)
        assert (counts[QueueName.LABELED], counts[QueueName.UNREADABLE]) == (3, 2)


def test_golden_catalog_can_be_undone_and_redone(golden: Path) -> None:
    with Catalog.open(golden) as catalog:
        assert journal.redo_title(catalog) == "Undone"
        titles = ["Add Tankbil", "Answer", decisions.IMPORT_TITLE]
        second = ["Use the preparation", "Duplicates"]
        third = ["Other names", "Merge", "Add Lastebiler"]
        if journal.undo_title(catalog) == second[0]:
            titles = [*second, *titles]
        elif journal.undo_title(catalog) == third[0]:
            titles = [*third, *second, *titles]
        for title in titles:
            step = journal.undo(catalog)
            assert step is not None
            assert step.title == title
        assert journal.undo(catalog) is None
        assert len(decisions.positive_labels(catalog)[0]) == 0
        assert pair_answers.list_answers(catalog) == []
        assert choices.chosen(catalog, choices.PREPARATION) == ""
        for title in [*reversed(titles), "Undone"]:
            step = journal.redo(catalog)
            assert step is not None
            assert step.title == title
        assert keywords.find_keyword(catalog, "undone") is not None
        assert overview.faults(catalog) == []


def test_golden_catalog_of_the_second_schema_says_what_it_said(path: Path) -> None:
    shutil.copy(DATA / "catalog-0002.sqlite", path)
    with Catalog.open(path) as catalog:
        (answer,) = pair_answers.list_answers(catalog)
        assert (answer.first, answer.second, answer.is_duplicate, answer.by) == (1, 2, True, "kari")
        (listed,) = preparations.list_preparations(catalog)
        made = preparations.get_preparation(catalog, listed.id)
        assert (made.encoder, made.settings, made.seed) == ("identity", '{"minimum": 50}', 7)
        assert made.images.tolist() == [1, 2, 3]
        assert made.groups.tolist() == [0, 0, -1]
        assert made.splits.tolist() == [Split.TRAIN, Split.NONE, Split.TEST]
        assert made.copies == (KeywordCopy(ImageId(1), KeywordId(2), ImageId(2)),)
        assert made.vocabulary == (2, 1)
        assert choices.chosen(catalog, choices.PREPARATION) == "1"
        (experiment,) = experiments.list_experiments(catalog)
        assert (experiment.state, experiment.result) == (ExperimentState.DONE, '{"f2": 0.5}')
        assert experiments.list_trials(catalog, experiment.id) == [
            Trial(0, '{"temperature": 30}', 0.5, 0.25)
        ]


def test_golden_catalog_of_the_third_schema_says_what_it_said(path: Path) -> None:
    shutil.copy(DATA / "catalog-0003.sqlite", path)
    lorry, bridge, broken = KeywordId(1), KeywordId(3), ImageId(5)
    with Catalog.open(path) as catalog:
        assert keywords.synonyms_of(catalog) == {lorry: ("Lastebiler",), bridge: ("Bru",)}
        (label,) = decisions.labels_of(catalog, [broken])[broken]
        assert (label.keyword, label.verdict, label.by) == (lorry, Verdict.ACCEPTED, "ola")
        journal.undo(catalog)
        journal.undo(catalog)
        plural = keywords.find_keyword(catalog, "lastebiler")
        assert plural is not None
        (before,) = decisions.labels_of(catalog, [broken])[broken]
        assert before == replace(label, keyword=plural.id)
        journal.redo(catalog)
        assert decisions.labels_of(catalog, [broken])[broken] == (label,)
        assert keywords.synonyms_of(catalog) == {lorry: ("Lastebiler",)}


def test_catalog_of_a_newer_version_is_refused_and_left_alone(golden: Path) -> None:
    with closing(sqlite3.connect(golden)) as database, database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    before = golden.read_bytes()
    with pytest.raises(ProjectError, match=r"newer version of ClipKW.*nothing was changed"):
        Catalog.open(golden)
    assert golden.read_bytes() == before


@pytest.fixture
def migrations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The migrations, to which a later version can be added."""
    folder = tmp_path / "100% migrations"
    shutil.copytree(migrate.MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(migrate, "MIGRATIONS", folder)
    monkeypatch.setattr(migrate, "REVISIONS", (*migrate.REVISIONS, "0005"))
    return folder / "versions" / "0005_later.py"


def columns(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as database:
        return {row[1] for row in database.execute("PRAGMA table_info(images)")}


def test_older_catalog_is_copied_then_migrated(golden: Path, migrations: Path) -> None:
    migrations.write_text(LATER.format(more=""))
    with Catalog.open(golden) as catalog:
        with catalog.read() as connection:
            assert migrate.revision(connection) == "0005"
            assert "note" in {
                column["name"] for column in inspect(connection).get_columns("images")
            }
        assert len(images.known_files(catalog)) == 5
    (backup,) = backups.list_backups(golden)
    assert backup.reason is backups.BackupReason.VERSION
    assert "note" not in columns(backup.path)
    assert structure(backup.path) in [structure(file) for file in DATA.glob("catalog-*.sqlite")]
    Catalog.open(golden).close()


def test_migration_that_fails_changes_nothing(golden: Path, migrations: Path) -> None:
    migrations.write_text(LATER.format(more='op.execute("INSERT INTO nowhere VALUES (1)")'))
    with pytest.raises(Exception, match="nowhere"):
        Catalog.open(golden)
    assert "note" not in columns(golden)
    migrations.write_text(LATER.format(more=""))
    Catalog.open(golden).close()
    assert "note" in columns(golden)
