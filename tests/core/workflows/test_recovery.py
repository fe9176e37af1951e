"""A catalog that is damaged is built anew, from whatever is left, without losing a decision."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from threading import Event
from typing import Any

import PIL.Image
import pytest

from core.catalog import choices, decisions, journal, keywords, overview, pair_answers
from core.catalog.database import Catalog
from core.catalog.images import known_files
from core.errors import (
    DamagedCatalogError,
    DamagedSettingsError,
    NoCatalogError,
    ProjectError,
    StorageError,
)
from core.progress import Progress, Silent
from core.settings import SETTINGS_FILE
from core.types import ImageId, ImageState
from core.workflows import backups, duplicates, label, recovery
from core.workflows.ingest import import_images, import_keywords
from core.workflows.preparation_settings import PreparationSettings
from core.workflows.project import CATALOG_FILE, Project, create_project, open_project

Work = Callable[[Path, Progress], recovery.Rebuilt]


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A closed project with a table, a backup, and decisions before and after it."""
    root = tmp_path / "archive"
    root.mkdir()
    rows = ["path,keywords"]
    for number in range(6):
        PIL.Image.new("RGB", (9, 9), (number * 9, 0, 0)).save(root / f"{number}.png")
        rows.append(f"{number}.png,{'tank' if number % 2 else 'jeep'}")
    (root / "table.csv").write_text("\n".join(rows), "utf-8")
    with create_project(tmp_path / "p.clipkw", root) as project:
        import_images(project, Silent())
        import_keywords(project, root / "table.csv", None, Silent())
        label.add_keyword(project, ids(project)[:2], "before")
        backups.back_up(project, Silent())
        label.add_keyword(project, ids(project)[2:4], "after")
        label.add_keyword(project, ids(project)[:1], "undone")
        label.undo(project)
        label.add_keyword(project, ids(project)[4:], "lost?")
    return tmp_path / "p.clipkw"


def ids(project: Project) -> list[ImageId]:
    return [file.id for file in known_files(project.catalog).values()]


def said(project: Project) -> dict[str, Any]:
    """All that was said about files, with names for numbers."""
    names = {one.id: one.no for one in keywords.all_keywords(project.catalog)}
    known = known_files(project.catalog)
    labels = decisions.labels_of(project.catalog, [file.id for file in known.values()])
    return {
        path: sorted((names[one.keyword], one.verdict, one.by, one.at) for one in labels[file.id])
        for path, file in known.items()
    } | {"undo": journal.undo_title(project.catalog)}


def what_was_said(folder: Path) -> dict[str, Any]:
    with open_project(folder) as project:
        assert overview.faults(project.catalog) == []
        return said(project)


def damage(folder: Path) -> None:
    catalog = folder / CATALOG_FILE
    content = catalog.read_bytes()
    catalog.write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))
    with pytest.raises((DamagedCatalogError, NoCatalogError)):
        what_was_said(folder)


def test_a_backup_and_the_decisions_since(folder: Path) -> None:
    before = what_was_said(folder)
    damage(folder)
    made = recovery.rebuild(folder, Silent())
    newest = backups.list_backups(folder)[0]
    assert made == recovery.Rebuilt(newest.name, 4, 0)
    assert what_was_said(folder) == before
    assert len(list((folder / "damaged").glob("*.sqlite"))) == 1
    with open_project(folder) as project:
        assert {file.state for file in known_files(project.catalog).values()} == {
            ImageState.PRESENT
        }


def test_the_decision_log_alone(folder: Path) -> None:
    before = what_was_said(folder)
    damage(folder)
    for backup in (folder / "backups").iterdir():
        backup.unlink()
    made = recovery.rebuild(folder, Silent())
    assert made == recovery.Rebuilt("", 6, 0)
    with open_project(folder) as project:
        found = import_images(project, Silent())
        assert (found.added, found.missing) == (0, 0)
    assert what_was_said(folder) == before


def test_what_is_in_no_log_is_told(folder: Path) -> None:
    with open_project(folder) as project:
        first, second = ids(project)[:2]
        duplicates.answer_many(project, {(first, second): True})
        settings = json.dumps(asdict(PreparationSettings(seed=7, minimum_images=12)))
        wanted = {choices.PREPARATION: "1", choices.PREPARATION_SETTINGS: settings}
        choices.choose_together(project.catalog, wanted, "kari", "Use preparation 1")
    made = recovery.rebuild_from_log(folder, Silent())
    assert "prepare and tune again" in made.left_out
    assert "seed 7, at least 12 images a keyword, 60% training" in made.left_out
    with open_project(folder) as project:
        assert choices.chosen(project.catalog, choices.PREPARATION) == ""
        assert [one.is_duplicate for one in pair_answers.list_answers(project.catalog)] == [True]


def test_images_that_moved_meanwhile_keep_their_decisions(folder: Path) -> None:
    before = what_was_said(folder)
    archive = folder.parent / "archive"
    (archive / "4.png").rename(archive / "moved.png")
    recovery.rebuild_from_log(folder, Silent())
    with open_project(folder) as project:
        import_images(project, Silent())
    after = what_was_said(folder)
    assert after["moved.png"] == before["4.png"]


def test_damaged_backups_are_passed_over(folder: Path) -> None:
    before = what_was_said(folder)
    damage(folder)
    newest, older = backups.list_backups(folder)
    path = folder / "backups" / f"{newest.name}.sqlite"
    path.write_bytes(path.read_bytes()[:8192])
    made = recovery.rebuild(folder, Silent())
    assert (made.backup, made.events) == (older.name, 6)
    assert what_was_said(folder) == before


def test_a_sound_catalog_is_backed_up_before_it_is_built_anew(folder: Path) -> None:
    before = what_was_said(folder)
    count = len(backups.list_backups(folder))
    recovery.rebuild(folder, Silent())
    assert what_was_said(folder) == before
    assert len(backups.list_backups(folder)) == count + 1


def decide_until(is_over: Event, folder: Path) -> set[str]:
    """Add keywords, as another window does; what was acknowledged."""
    made = set()
    with open_project(folder) as window:
        images = ids(window)
        while not is_over.wait(0.002):
            name = f"meanwhile {len(made)}"
            with suppress(StorageError):  # refused: it waited for too long
                label.add_keyword(window, [images[len(made) % len(images)]], name)
                made.add(name)
    return made


@contextmanager
def another_window(folder: Path) -> Iterator[Future[set[str]]]:
    """Another window decides meanwhile; its acknowledged keywords."""
    is_over = Event()
    with ThreadPoolExecutor(1) as pool:
        try:
            yield pool.submit(decide_until, is_over, folder)
        finally:
            is_over.set()


@pytest.mark.parametrize("work", [recovery.rebuild, recovery.rebuild_from_log])
def test_what_another_window_decides_meanwhile_is_not_lost(folder: Path, work: Work) -> None:
    with another_window(folder) as deciding:
        for _ in range(3):
            assert work(folder, Silent()).lost == 0
    acknowledged = deciding.result()
    assert acknowledged
    with open_project(folder) as project:
        assert acknowledged <= {one.no for one in keywords.all_keywords(project.catalog)}


def test_what_another_window_decides_is_in_the_backup_before_a_restore(folder: Path) -> None:
    oldest = backups.list_backups(folder)[-1]
    kept: set[str] = set()
    with another_window(folder) as deciding:
        for _ in range(3):
            before = backups.restore_in(folder, oldest.name, Silent())
            assert before is not None
            with Catalog.open(folder / "backups" / f"{before.name}.sqlite") as backup:
                kept |= {one.no for one in keywords.all_keywords(backup)}
    acknowledged = deciding.result()
    with open_project(folder) as project:
        kept |= {one.no for one in keywords.all_keywords(project.catalog)}
    assert acknowledged
    assert acknowledged <= kept


def test_a_branch_that_a_restore_left_is_no_base(folder: Path) -> None:
    newest, oldest = backups.list_backups(folder)
    backups.restore_in(folder, oldest.name, Silent())
    with open_project(folder) as project:
        label.add_keyword(project, ids(project)[:1], "another way")
    before = what_was_said(folder)
    damage(folder)
    made = recovery.rebuild(folder, Silent())
    # neither the one asked for nor the one before the restore lie on the way
    assert made.backup == oldest.name
    assert what_was_said(folder) == before
    assert newest.name in [one.name for one in backups.list_backups(folder)]


def test_a_restore_of_a_damaged_catalog_is_in_the_log(folder: Path) -> None:
    newest = backups.list_backups(folder)[0]
    damage(folder)
    backups.restore_in(folder, newest.name, Silent())
    before = what_was_said(folder)
    assert "after" not in str(before)
    damage(folder)
    recovery.rebuild(folder, Silent())
    assert what_was_said(folder) == before


def cut_the_log(folder: Path, lines: slice) -> None:
    path = folder / "decisions.jsonl"
    kept = path.read_text("utf-8").splitlines(keepends=True)
    del kept[lines]
    path.write_text("".join(kept), "utf-8")


@pytest.mark.parametrize("lines", [slice(None), slice(1, None)])
def test_a_backup_that_knows_more_than_the_log_is_not_passed_over(
    folder: Path, lines: slice
) -> None:
    damage(folder)
    cut_the_log(folder, lines)
    newest = backups.list_backups(folder)[0]
    made = recovery.rebuild(folder, Silent())
    assert made == recovery.Rebuilt(newest.name, 0, 0, recovery.LOG_ENDS_BEFORE)
    found = str(what_was_said(folder))
    assert "before" in found
    assert "after" not in found
    # the log has all of it again, and counts on
    with open_project(folder) as project:
        label.add_keyword(project, ids(project)[:1], "later")
    before = what_was_said(folder)
    damage(folder)
    assert recovery.rebuild(folder, Silent()) == recovery.Rebuilt(newest.name, 1, 0)
    assert what_was_said(folder) == before


def test_a_backup_of_another_project_is_passed_over(folder: Path, tmp_path: Path) -> None:
    before = what_was_said(folder)
    with create_project(tmp_path / "other.clipkw", tmp_path / "archive") as other:
        import_images(other, Silent())
        for number in range(20):
            label.add_keyword(other, ids(other)[:1], f"other {number}")
        foreign = backups.back_up(other, Silent())
    damage(folder)
    copied = folder / "backups" / foreign.name.replace("000001", "000009")
    other_file = tmp_path / "other.clipkw" / "backups" / f"{foreign.name}.sqlite"
    copied.with_suffix(".sqlite").write_bytes(other_file.read_bytes())
    assert not recovery.rebuild(folder, Silent()).backup.startswith("000009")
    assert what_was_said(folder) == before


def test_lines_that_are_lost_before_a_backup_lose_nothing(folder: Path) -> None:
    before = what_was_said(folder)
    damage(folder)
    cut_the_log(folder, slice(2))
    newest = backups.list_backups(folder)[0]
    assert recovery.rebuild(folder, Silent()) == recovery.Rebuilt(newest.name, 4, 0)
    assert what_was_said(folder) == before


def test_what_only_a_later_backup_had_is_not_in_use_any_more(folder: Path) -> None:
    with open_project(folder) as project:
        wanted = {choices.PREPARATION: "1", choices.EXPERIMENT: "1"}
        choices.choose_together(project.catalog, wanted, "kari", "Use preparation 1")
    damage(folder)
    made = recovery.rebuild(folder, Silent())
    assert made.backup
    assert "prepare and tune again" in made.left_out
    with open_project(folder) as project:
        for name in wanted:
            assert choices.chosen(project.catalog, name) == ""


def test_a_sound_catalog_stays_where_the_settings_alone_are_damaged(folder: Path) -> None:
    settings, catalog = folder / SETTINGS_FILE, folder / CATALOG_FILE
    right, before = settings.read_text("utf-8"), catalog.read_bytes()
    assert not recovery.restore_settings_alone(folder)
    settings.write_text("[archive", "utf-8")
    assert recovery.restore_settings_alone(folder)
    assert (settings.read_text("utf-8"), catalog.read_bytes()) == (right, before)
    settings.write_text("[archive", "utf-8")
    catalog.write_bytes(b"other" * 999)
    assert not recovery.restore_settings_alone(folder)


def test_neither_backup_nor_log(folder: Path) -> None:
    damage(folder)
    for backup in (folder / "backups").iterdir():
        backup.unlink()
    (folder / "decisions.jsonl").unlink()
    with pytest.raises(ProjectError, match="neither a sound backup nor a decision log"):
        recovery.rebuild(folder, Silent())
    assert (folder / CATALOG_FILE).exists()


@pytest.mark.parametrize("content", [None, "[archive", "[archive]\nimages = 7\n", "\0\0"])
def test_damaged_settings_are_taken_from_a_backup(folder: Path, content: str | None) -> None:
    path = folder / SETTINGS_FILE
    before = path.read_text("utf-8")
    path.unlink() if content is None else path.write_text(content, "utf-8")
    with pytest.raises(DamagedSettingsError, match="A backup has them too"):
        open_project(folder)
    recovery.rebuild(folder, Silent())
    assert path.read_text("utf-8") == before
    open_project(folder).close()
    kept = folder / f"{SETTINGS_FILE}.damaged"
    assert (kept.read_text("utf-8") if kept.exists() else None) == content


def test_a_folder_that_is_no_project_is_said_to_be_none(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match=r"not a ClipKW project: it has no project\.toml"):
        open_project(tmp_path)
