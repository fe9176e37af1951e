"""Backups of a project: made before what changes much, and put back whatever the state is."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import PIL.Image
import pytest

from core.catalog import backups as catalog_backups
from core.catalog import journal, keywords, overview
from core.catalog.decisions import positive_labels
from core.catalog.images import known_files
from core.errors import Cancelled, NoCatalogError, ProjectError, StorageError
from core.progress import Silent
from core.types import Decision, ImageId, KeywordId, Verdict
from core.workflows import backups, label
from core.workflows import keywords as vocabulary
from core.workflows.backups import BackupReason
from core.workflows.ingest import import_images, import_keywords
from core.workflows.project import CATALOG_FILE, Project, create_project, open_project

IMAGES = 8


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    root = tmp_path / "archive"
    root.mkdir()
    rows = ["path,keywords"]
    for number in range(IMAGES):
        PIL.Image.new("RGB", (9, 9), (number * 9, 0, 0)).save(root / f"{number}.png")
        rows.append(f"{number}.png,{'tank' if number % 2 else 'jeep'}")
    (root / "table.csv").write_text("\n".join(rows), "utf-8")
    with create_project(tmp_path / "p.clipkw", root) as project:
        import_images(project, Silent())
        import_keywords(project, root / "table.csv", None, Silent())
        yield project


def image_ids(project: Project) -> list[ImageId]:
    return [file.id for file in known_files(project.catalog).values()]


def names(project: Project) -> set[str]:
    return {one.no for one in keywords.all_keywords(project.catalog)}


def reasons(project: Project) -> list[BackupReason]:
    return [one.reason for one in backups.list_backups(project.folder)]


def test_a_table_is_imported_after_a_backup(project: Project) -> None:
    (made,) = backups.list_backups(project.folder)
    assert made.reason is BackupReason.MANY
    backups.restore(project, made.name, Silent())
    assert names(project) == set()
    assert len(image_ids(project)) == IMAGES


def test_many_decisions_are_preceded_by_a_backup_and_few_are_not(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backups, "MANY", 4)
    tank = keywords.find_keyword(project.catalog, "tank")
    assert tank is not None
    images = image_ids(project)
    label.decide_bulk(project, images[:3], tank.id, Verdict.REJECTED, "Reject 3")
    assert len(reasons(project)) == 1
    label.decide_bulk(project, images[:4], tank.id, Verdict.ACCEPTED, "Accept 4")
    label.add_keyword(project, images[:4], "snow")
    assert reasons(project) == [BackupReason.MANY] * 3


def test_a_merge_is_preceded_by_a_backup(project: Project) -> None:
    tank, jeep = (keywords.find_keyword(project.catalog, name) for name in ("tank", "jeep"))
    assert tank is not None
    assert jeep is not None
    vocabulary.merge(project, tank, [jeep])
    assert names(project) == {"tank"}
    newest = backups.list_backups(project.folder)[0]
    backups.restore(project, newest.name, Silent())
    assert names(project) == {"tank", "jeep"}


def test_nothing_is_changed_when_the_backup_before_it_cannot_be_made(project: Project) -> None:
    shutil.rmtree(project.folder / "backups")
    (project.folder / "backups").write_text("in the way")
    tank, jeep = (keywords.find_keyword(project.catalog, name) for name in ("tank", "jeep"))
    assert tank is not None
    assert jeep is not None
    with pytest.raises(StorageError, match=r"backups in .*Nothing was changed"):
        vocabulary.merge(project, tank, [jeep])
    assert names(project) == {"tank", "jeep"}


def test_a_restore_goes_back_and_forth(project: Project) -> None:
    first = backups.back_up(project, Silent())
    assert first.reason is BackupReason.REQUEST
    before = positive_labels(project.catalog)
    label.add_keyword(project, image_ids(project), "snow")
    with open_project(project.folder) as other:
        replaced = backups.restore(project, first.name, Silent())
        assert names(other) == {"tank", "jeep"}  # a second window sees it without more ado
    assert [found.tolist() for found in positive_labels(project.catalog)] == [
        found.tolist() for found in before
    ]
    assert journal.undo_title(project.catalog) == "Import keywords"
    assert overview.faults(project.catalog) == []
    assert replaced.reason is BackupReason.RESTORE
    backups.restore(project, replaced.name, Silent())
    assert names(project) == {"tank", "jeep", "snow"}
    assert journal.undo_title(project.catalog) == "Add “snow”"


def test_numbers_of_what_a_restore_took_away_are_not_given_again(project: Project) -> None:
    first = backups.back_up(project, Silent())
    lost, _ = label.add_keyword(project, image_ids(project)[:1], "snow")
    backups.restore(project, first.name, Silent())
    new, _ = label.add_keyword(project, image_ids(project)[:1], "mud")
    assert new.id > lost.id


def test_a_damaged_backup_is_refused_and_changes_nothing(project: Project) -> None:
    made = backups.back_up(project, Silent())
    path = catalog_backups.find_backup(project.catalog.path, made.name).path
    content = path.read_bytes()
    path.write_bytes(content[:4096] + b"\xff" * 8192 + content[12288:])
    with pytest.raises(StorageError, match=r"backup .* is damaged\. Nothing was changed"):
        backups.restore(project, made.name, Silent())
    path.write_bytes(b"")
    with pytest.raises(StorageError, match="is damaged"):
        backups.restore_in(project.folder, made.name, Silent())
    assert names(project) == {"tank", "jeep"}
    with pytest.raises(ProjectError, match="no backup of-yore"):
        backups.restore(project, "of-yore", Silent())


def test_a_restore_that_is_stopped_changes_nothing(project: Project) -> None:
    made = backups.back_up(project, Silent())
    label.add_keyword(project, image_ids(project), "snow")

    class Stops(Silent):
        def report(self, done: int, total: int, note: str = "") -> None:
            self.note = note

        def checkpoint(self) -> None:
            if getattr(self, "note", ""):  # the old rows are gone, the others half there
                raise Cancelled

    with pytest.raises(Cancelled):
        backups.restore(project, made.name, Stops())
    assert names(project) == {"tank", "jeep", "snow"}
    assert overview.faults(project.catalog) == []
    assert not list(project.folder.glob(".restoring-*"))


@pytest.mark.parametrize("damage", ["overwritten", "cut short", "empty", "gone", "no database"])
def test_a_damaged_catalog_is_laid_aside_for_a_backup(project: Project, damage: str) -> None:
    made = backups.back_up(project, Silent())
    project.close()
    path = project.folder / CATALOG_FILE
    content = path.read_bytes()
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(
            {
                "overwritten": content[:8192] + b"\xff" * (len(content) - 8192),
                "cut short": content[: len(content) // 2],
                "empty": b"",
                "no database": b"x" * len(content),
            }[damage]
        )
    assert backups.restore_in(project.folder, made.name, Silent()) is None
    with open_project(project.folder) as restored:
        assert names(restored) == {"tank", "jeep"}
        assert overview.faults(restored.catalog) == []
    kept = [one.read_bytes() for one in (project.folder / "damaged").glob("*.sqlite")]
    assert len(kept) == (damage != "gone")
    assert not list(project.folder.glob(".restoring-*"))


def test_a_damaged_catalog_stays_while_somebody_has_it_open(project: Project) -> None:
    made = backups.back_up(project, Silent())
    path = project.folder / CATALOG_FILE
    path.write_bytes(b"")
    with pytest.raises(ProjectError, match="open in another window"):
        backups.restore_in(project.folder, made.name, Silent())
    project.close()
    with pytest.raises(NoCatalogError):
        open_project(project.folder)
    backups.restore_in(project.folder, made.name, Silent())
    open_project(project.folder).close()


class DiesAt(Silent):
    """Kills its own process at the given sign of life."""

    def __init__(self, moment: int) -> None:
        self.left = moment

    def checkpoint(self) -> None:
        self.left -= 1
        if self.left < 0:
            os.kill(os.getpid(), signal.SIGKILL)


def restore_and_die(folder: Path, name: str, moment: int) -> None:
    backups.restore_in(folder, name, DiesAt(moment))


def test_a_restore_that_is_killed_leaves_the_one_state_or_the_other(project: Project) -> None:
    made = backups.back_up(project, Silent())
    label.add_keyword(project, image_ids(project), "snow")
    project.close()
    context = multiprocessing.get_context("spawn")
    for moment, code in ((3, -signal.SIGKILL), (20, -signal.SIGKILL), (1_000, 0)):
        process = context.Process(target=restore_and_die, args=(project.folder, made.name, moment))
        process.start()
        process.join(120)
        assert process.exitcode == code
        with open_project(project.folder) as opened:
            assert names(opened) == ({"tank", "jeep", "snow"} if code else {"tank", "jeep"})
            assert overview.faults(opened.catalog) == []
    assert not list(project.folder.glob(".restoring-*"))


def test_a_backup_of_the_day(project: Project) -> None:
    backups.back_up_daily(project, Silent())
    backups.back_up_daily(project, Silent())
    assert reasons(project) == [BackupReason.DAILY, BackupReason.MANY]


def test_decisions_that_are_restored_are_counted_by_their_verdicts(project: Project) -> None:
    tank = keywords.find_keyword(project.catalog, "tank")
    assert tank is not None
    image = image_ids(project)[0]
    said = [Decision(image, KeywordId(tank.id), Verdict.UNSURE, "1-nn", 0.25)]
    label.decide(project, said, "Unsure")
    made = backups.back_up(project, Silent())
    label.undo(project)
    backups.restore(project, made.name, Silent())
    (kept,) = [
        one
        for one in label.decisions.labels_of(project.catalog, [image])[image]
        if one.keyword == tank.id
    ]
    assert (kept.verdict, kept.model, kept.confidence) == (Verdict.UNSURE, "1-nn", 0.25)
