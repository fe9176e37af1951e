"""Backups of a catalog: made while it is used, ordered whatever the clock says, few kept."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.catalog import Catalog, backups, decisions
from core.catalog.backups import KEPT, BackupReason, list_backups, make_backup, make_daily_backup
from core.errors import Cancelled, ProjectError, StorageError
from core.progress import Silent
from core.types import ImageId

AddImages = Callable[..., list[ImageId]]


class Clock:
    """A clock that is set by hand."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)
        clock = self

        class Moment(datetime):
            @classmethod
            def now(cls, tz: object = None) -> datetime:
                return clock.now

        monkeypatch.setattr(backups, "datetime", Moment)

    def show(self, *date: int) -> None:
        self.now = datetime(*date, tzinfo=UTC)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def labels_in(backup: Path) -> int:
    with closing(sqlite3.connect(backup)) as database:
        return int(database.execute("SELECT count(*) FROM labels").fetchone()[0])


def test_a_backup_is_what_was_committed_and_one_file(
    catalog: Catalog, add_images: AddImages, path: Path, clock: Clock
) -> None:
    (path.parent / "project.toml").write_text("# settings", "utf-8")
    image, other = add_images("a.jpg", "b.jpg")
    decisions.decide_by_name(catalog, [image], "tank", "kari", "Add tank")
    with catalog.write() as connection:
        connection.exec_driver_sql("DELETE FROM labels")
        made = make_backup(path, BackupReason.REQUEST)
        connection.rollback()
    decisions.decide_by_name(catalog, [other], "tank", "kari", "Add tank")
    assert made.name == "000001-20260301T083000Z-request"
    assert labels_in(made.path) == 1
    assert made.size == made.path.stat().st_size
    assert made.settings.read_text("utf-8") == "# settings"
    assert {one.name for one in made.path.parent.iterdir()} == {
        made.path.name,
        made.settings.name,
    }
    assert list_backups(path) == [made]


def test_the_newest_of_each_reason_are_kept(catalog: Catalog, path: Path, clock: Clock) -> None:
    asked = make_backup(path, BackupReason.REQUEST)
    for _ in range(max(KEPT.values()) + 2):
        for reason in KEPT:
            make_backup(path, reason)
    kept = list_backups(path)
    for reason, count in KEPT.items():
        assert sum(one.reason is reason for one in kept) == count
    assert kept[-1] == asked
    assert [one.number for one in kept] == sorted((one.number for one in kept), reverse=True)
    assert kept[0].number == (max(KEPT.values()) + 2) * len(KEPT) + 1


def test_one_backup_a_day(catalog: Catalog, path: Path, clock: Clock) -> None:
    for day in range(1, 12):
        clock.show(2026, 3, day, 8)
        assert make_daily_backup(path) is not None
        clock.show(2026, 3, day, 17)
        assert make_daily_backup(path) is None
    assert [one.made.day for one in list_backups(path)] == [11, 10, 9, 8, 7, 6, 5]


def test_a_clock_that_was_put_back_loses_no_backup(
    catalog: Catalog, path: Path, clock: Clock
) -> None:
    clock.show(2036, 1, 1)
    for _ in range(KEPT[BackupReason.DAILY]):
        make_backup(path, BackupReason.DAILY)
    clock.show(2026, 3, 1)
    made = make_daily_backup(path)
    assert made is not None
    assert list_backups(path)[0] == made
    assert make_daily_backup(path) is None


def test_a_backup_that_was_stopped_or_killed_leaves_nothing(
    catalog: Catalog, add_images: AddImages, path: Path
) -> None:
    add_images(*(f"{number:05}.jpg" for number in range(100)))

    class Stops(Silent):
        def checkpoint(self) -> None:
            raise Cancelled

    with pytest.raises(Cancelled):
        make_backup(path, BackupReason.REQUEST, Stops())
    folder = path.parent / backups.BACKUPS_FOLDER
    assert list(folder.iterdir()) == []
    (folder / "000001-20260301T083000Z-daily.sqlite.part").write_bytes(b"half of it")
    assert list_backups(path) == []
    made = make_backup(path, BackupReason.REQUEST)
    assert list(folder.iterdir()) == [made.path]


def test_other_files_among_the_backups_stay_and_are_not_listed(
    catalog: Catalog, path: Path
) -> None:
    made = make_backup(path, BackupReason.REQUEST)
    for name in ("notes.txt", "000009-20269999T000000Z-daily.sqlite", "000009-x-daily.sqlite"):
        (made.path.parent / name).write_text("mine")
    again = make_backup(path, BackupReason.REQUEST)
    assert list_backups(path) == [again, made]
    assert len(list(made.path.parent.iterdir())) == 5


def test_no_backup_where_none_can_be_written(catalog: Catalog, path: Path) -> None:
    (path.parent / backups.BACKUPS_FOLDER).write_text("in the way")
    with pytest.raises(StorageError, match=r"backups in .* cannot be written.*Make room"):
        make_backup(path, BackupReason.REQUEST)


def test_a_backup_that_is_not_there(catalog: Catalog, path: Path) -> None:
    with pytest.raises(ProjectError, match="no backup yesterday"):
        backups.find_backup(path, "yesterday")
