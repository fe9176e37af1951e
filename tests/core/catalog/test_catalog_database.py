"""The file: made, opened, shared between threads, locked, full, read-only, damaged."""

from __future__ import annotations

import os
import shutil
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from core.catalog import Catalog, decisions, images, keywords, overview, sqlite
from core.catalog.schema import problems
from core.errors import ProjectError, StorageError
from core.progress import Silent
from core.types import FileRecord, ImageId, ImageState

AT = datetime(2024, 5, 1, tzinfo=UTC)


def fill(catalog: Catalog, count: int) -> list[ImageId]:
    found = [FileRecord(f"{i:05d}.jpg", f"{i:040x}", 1, 1, 1, 1) for i in range(count)]
    images.record_scan(catalog, found, [], [], [])
    return [file.id for file in images.known_files(catalog).values()]


def problem_row(stage: str) -> dict[str, object]:
    return {"stage": stage, "path": "a.jpg", "reason": "x" * 4_000, "at": AT}


def write_under(catalog: Catalog, pragma: str) -> None:
    """Write about 400 kB where SQLite behaves as if the disk did not allow it."""
    with catalog.write() as connection:
        connection.exec_driver_sql(f"PRAGMA {pragma}")
        connection.execute(insert(problems), [problem_row(f"{i}") for i in range(100)])


def test_created_catalog_is_one_empty_file_that_can_be_opened(path: Path) -> None:
    Catalog.create(path).close()
    assert list(path.parent.iterdir()) == [path]
    with Catalog.open(path) as catalog:
        assert images.known_files(catalog) == {}
        assert keywords.all_keywords(catalog) == []
        assert overview.state_counts(catalog) == dict.fromkeys(ImageState, 0)
        assert overview.faults(catalog) == []


def test_what_was_written_is_there_after_reopening(path: Path) -> None:
    with Catalog.create(path) as catalog:
        ids = fill(catalog, 3)
    with Catalog.open(path) as catalog:
        assert [image.id for image in images.get_images(catalog, ids)] == ids


def test_connections_wait_sync_and_check(catalog: Catalog) -> None:
    with catalog.read() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert pragmas == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 5_000,
    }


def test_create_never_replaces_a_file(path: Path) -> None:
    path.write_text("mine")
    with pytest.raises(ProjectError, match="already"):
        Catalog.create(path)
    assert path.read_text() == "mine"


def test_creation_that_was_killed_is_repeated(path: Path) -> None:
    path.with_name("catalog.sqlite.part").write_bytes(b"half")
    Catalog.create(path).close()
    assert list(path.parent.iterdir()) == [path]


def test_create_in_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot be written"):
        Catalog.create(tmp_path / "nowhere" / "catalog.sqlite")


@pytest.mark.parametrize("kind", ["missing", "folder"])
def test_open_makes_no_file(path: Path, kind: str) -> None:
    if kind == "folder":
        path.mkdir()
    with pytest.raises(ProjectError, match="no catalog"):
        Catalog.open(path)
    assert path.exists() == (kind == "folder")


def test_other_files_are_refused_and_left_alone(path: Path) -> None:
    path.touch()
    with pytest.raises(ProjectError, match="is no catalog of ClipKW"):
        Catalog.open(path)
    assert path.stat().st_size == 0
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE mine (x)")
    before = path.read_bytes()
    with pytest.raises(ProjectError, match="is no catalog of ClipKW"):
        Catalog.open(path)
    assert path.read_bytes() == before
    path.write_bytes(b"no database" * 1_000)
    with pytest.raises(StorageError, match="damaged"):
        Catalog.open(path)


@pytest.mark.parametrize("share", [0.02, 0.5, 0.9])
def test_truncated_catalog(path: Path, share: float) -> None:
    with Catalog.create(path) as catalog:
        fill(catalog, 2_000)
    os.truncate(path, int(path.stat().st_size * share))
    with (
        pytest.raises(StorageError, match=r"damaged.*a backup takes its place"),
        Catalog.open(path) as catalog,
    ):
        images.known_files(catalog)


def test_overwritten_pages(path: Path) -> None:
    with Catalog.create(path) as catalog:
        fill(catalog, 2_000)
    with path.open("r+b") as file:
        file.seek(40_960)
        file.write(b"\xff" * (path.stat().st_size - 81_920))
    with pytest.raises(StorageError, match="damaged"), Catalog.open(path) as catalog:
        images.known_files(catalog)


def test_locked_by_another_program(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Catalog.create(path).close()
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT", 0.05)
    with Catalog.open(path) as catalog, closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageError, match=r"locked by another program.*repeat the step"):
            fill(catalog, 1)
        assert images.known_files(catalog) == {}
        other.rollback()
        assert len(fill(catalog, 1)) == 1


def test_waits_for_another_program(catalog: Catalog, path: Path) -> None:
    with (
        closing(sqlite3.connect(path, check_same_thread=False)) as other,
        ThreadPoolExecutor(1) as pool,
    ):
        other.execute("BEGIN IMMEDIATE")
        writing = pool.submit(fill, catalog, 1)
        assert images.known_files(catalog) == {}
        other.rollback()
        assert len(writing.result()) == 1


def test_full_disk_loses_nothing(path: Path) -> None:
    with Catalog.create(path) as catalog:
        ids = fill(catalog, 10)
        with pytest.raises(StorageError, match=r"full.*Make room"):
            write_under(catalog, "max_page_count = 1")
        assert images.problems(catalog) == []
        assert [image.id for image in images.get_images(catalog, ids)] == ids


def test_database_that_became_read_only(path: Path) -> None:
    with Catalog.create(path) as catalog:
        with pytest.raises(StorageError, match=r"cannot be written.*writable"):
            write_under(catalog, "query_only = ON")
        assert images.problems(catalog) == []


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="everything is writable here")
def test_read_only_file(path: Path) -> None:
    Catalog.create(path).close()
    path.chmod(0o400)
    path.parent.chmod(0o500)
    try:
        with pytest.raises(StorageError, match="cannot be written"), Catalog.open(path) as catalog:
            fill(catalog, 1)
    finally:
        path.parent.chmod(0o700)


def test_exception_undoes_the_whole_transaction(catalog: Catalog) -> None:
    def write_and_fail() -> None:
        with catalog.write() as connection:
            connection.execute(insert(problems), problem_row("scan"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_and_fail()
    assert images.problems(catalog) == []
    images.record_problem(catalog, "c", "a", "b")


def test_reader_sees_one_state_while_others_write(catalog: Catalog) -> None:
    with catalog.read() as connection:
        count = select(images.images.c.id)
        assert connection.execute(count).all() == []
        with ThreadPoolExecutor(1) as pool:
            pool.submit(fill, catalog, 5).result()
        assert connection.execute(count).all() == []
    assert len(images.known_files(catalog)) == 5


def test_threads_read_while_threads_write(catalog: Catalog) -> None:
    ids = fill(catalog, 40)

    def add(name: str) -> None:
        for image in ids:
            decisions.decide_by_name(catalog, [image], name, "kari", "Add")

    def look(_: int) -> None:
        seen = 0
        for _ in range(20):
            pairs = decisions.positive_labels(catalog)[0]
            assert len(pairs) >= seen
            seen = len(pairs)

    with ThreadPoolExecutor(8) as pool:
        waiting = [pool.submit(add, name) for name in ("a", "b")]
        waiting += [pool.submit(look, i) for i in range(6)]
        for future in waiting:
            future.result()
    assert len(decisions.positive_labels(catalog)[0]) == 2 * len(ids)
    assert len(keywords.all_keywords(catalog)) == 2


def test_copy_of_a_catalog_in_use_is_complete(catalog: Catalog, path: Path) -> None:
    fill(catalog, 100)
    target = path.with_name("copy.sqlite")
    target.write_text("an older copy")
    sqlite.copy(path, target, Silent())
    assert not target.with_name("copy.sqlite.part").exists()
    alone = path.parent / "elsewhere"
    alone.mkdir()
    shutil.copy(target, alone)
    with Catalog.open(alone / "copy.sqlite") as copied:
        assert images.known_files(copied) == images.known_files(catalog)
