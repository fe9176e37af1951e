"""Damage is told from a bug: a catalog with impossible values says what is wrong with it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from core.catalog import browse, decisions, journal, keywords, overview
from core.catalog.database import Catalog
from core.catalog.images import known_files, record_scan
from core.errors import DamagedCatalogError, StorageError
from core.types import FileRecord, ImageQuery

Look = Callable[[Catalog], object]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "catalog.sqlite"
    with Catalog.create(path) as catalog:
        record_scan(catalog, [FileRecord("a.jpg", "ab" * 20, 1, 1, 4, 3)], [], [], [])
        image = known_files(catalog)["a.jpg"].id
        decisions.import_labels(catalog, [(image, ["bil"])], by="table")
    return path


def change(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA ignore_check_constraints = ON")
        database.execute(statement)
        database.commit()


@pytest.mark.parametrize(
    ("statement", "look", "what"),
    [
        ("UPDATE images SET state = 'lost'", known_files, "images.state"),
        ("UPDATE keywords SET no = x'ff00'", keywords.all_keywords, "keywords.no"),
        ("UPDATE steps SET at = 'yesterday'", journal.undo_title, "steps.at"),
        ("DROP TABLE labels", browse.keyword_counts, "no table labels"),
        ("ALTER TABLE images RENAME COLUMN size TO bytes", known_files, "no column size"),
    ],
)
def test_what_cannot_be_read_is_said_to_be_damage(
    path: Path, statement: str, look: Look, what: str
) -> None:
    change(path, statement)
    with Catalog.open(path) as catalog:
        with pytest.raises(StorageError, match=f"is damaged: .*{what}"):
            look(catalog)
        assert what in str(overview.faults(catalog))


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("UPDATE images SET size = 'large'", "images.size"),
        ("UPDATE labels SET verdict = 'perhaps'", "labels.verdict"),
        ("UPDATE labels SET confidence = 'high'", "labels.confidence"),
        ("UPDATE steps SET state = 'half'", "steps.state"),
        ("UPDATE events SET images = '[1'", "events.images"),
        ("UPDATE keywords SET en = x'00'", "keywords.en"),
        ("UPDATE events SET subject = 99", "an event belongs to no step"),
    ],
)
def test_a_full_check_finds_impossible_values(path: Path, statement: str, what: str) -> None:
    change(path, statement)
    with Catalog.open(path) as catalog:
        assert what in str(overview.faults(catalog))


def test_an_event_of_no_step_keeps_nobody_from_looking_where_the_log_is_gone(path: Path) -> None:
    change(path, "UPDATE events SET subject = 99")
    (path.parent / "decisions.jsonl").unlink()
    with Catalog.open(path) as catalog:
        assert len(keywords.all_keywords(catalog)) == 1
        with pytest.raises(DamagedCatalogError, match="an event belongs to no step"):
            decisions.import_labels(catalog, [(1, ["fly"])], by="table")


def test_a_sound_catalog_has_no_faults_and_a_bug_stays_a_bug(path: Path) -> None:
    with Catalog.open(path) as catalog:
        assert overview.faults(catalog) == []
        assert len(browse.image_ids(catalog, ImageQuery(), None)) == 1
        with pytest.raises(KeyError), catalog.read():
            raise KeyError("a bug")


def test_a_text_that_is_not_utf_8_is_damage(path: Path) -> None:
    change(path, "UPDATE images SET path = CAST(x'61ff62' AS TEXT)")
    with Catalog.open(path) as catalog, pytest.raises(StorageError, match="is damaged"):
        known_files(catalog)
