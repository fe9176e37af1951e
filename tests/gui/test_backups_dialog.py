"""Backups in the window: listed, made, put back; damage is told, and repaired by a click."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from archive import draw_archive
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from clipkw_gui.main_window import MainWindow
from clipkw_gui.models.backups import BackupModel
from clipkw_gui.pages.backups import BackupsDialog
from core.catalog import backups as catalog_backups
from core.catalog.keywords import all_keywords
from core.progress import Silent
from core.settings import SETTINGS_FILE
from core.types import ImageId
from core.workflows import backups, label
from core.workflows.ingest import import_images, import_keywords
from core.workflows.project import CATALOG_FILE, create_project, open_project

LEFT = Qt.MouseButton.LeftButton
LONG = 60_000

Open = Callable[[], MainWindow]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project with a backup, and a keyword that came after it."""
    archive = draw_archive(tmp_path / "archive")
    with create_project(tmp_path / "p.clipkw", archive) as project:
        import_images(project, Silent())
        import_keywords(project, archive / "labels.csv", None, Silent())
        backups.back_up(project, Silent())
        label.add_keyword(project, [ImageId(1)], "senere")
    return project.folder


@pytest.fixture
def start(start_window: Callable[[Path], MainWindow], folder: Path) -> Open:
    return partial(start_window, folder)


@pytest.fixture
def window(qtbot: QtBot, start: Open) -> MainWindow:
    shown = start()
    wait_until_open(qtbot, shown)
    return shown


def wait_until_open(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.waitUntil(lambda: window._context.session is not None, timeout=LONG)
    qtbot.waitUntil(window._context.runner.is_idle, timeout=LONG)


def dialog_of(qtbot: QtBot, window: MainWindow) -> BackupsDialog:
    window.findChild(QAction, "backups").trigger()
    return listed(qtbot, window)


def listed(qtbot: QtBot, window: MainWindow) -> BackupsDialog:
    dialog = window.findChild(BackupsDialog)
    qtbot.waitUntil(lambda: dialog.table.model().rowCount() > 0, timeout=LONG)
    return dialog


def reasons(dialog: BackupsDialog) -> list[str]:
    model = dialog.table.model()
    assert isinstance(model, BackupModel)
    return [model.backup(row).reason for row in range(model.rowCount())]


def keywords_in(folder: Path) -> set[str]:
    with open_project(folder) as project:
        return {keyword.no for keyword in all_keywords(project.catalog)}


def answer(qtbot: QtBot, window: MainWindow) -> str:
    """Press the button of the newest message; its text."""
    qtbot.waitUntil(lambda: bool(window.messages.findChildren(QPushButton, "answer")), timeout=LONG)
    row = window.messages.rows()[0]
    text = row.accessibleName()
    qtbot.mouseClick(row.findChild(QPushButton, "answer"), LEFT)
    return text


def test_opening_a_project_makes_the_backup_of_the_day(qtbot: QtBot, window: MainWindow) -> None:
    dialog = dialog_of(qtbot, window)
    assert reasons(dialog) == ["daily", "request", "many"]
    assert "day" in dialog.table.model().index(0, 1).data()
    qtbot.mouseClick(dialog.close_button, LEFT)


def test_a_backup_is_made_by_a_click(qtbot: QtBot, window: MainWindow) -> None:
    dialog = dialog_of(qtbot, window)
    qtbot.mouseClick(dialog.back_up, LEFT)
    qtbot.waitUntil(lambda: reasons(dialog).count("request") == 2, timeout=LONG)
    assert dialog.bar.isHidden()
    qtbot.mouseClick(dialog.close_button, LEFT)


def test_a_backup_is_put_back_after_a_question(
    qtbot: QtBot, window: MainWindow, folder: Path
) -> None:
    dialog = dialog_of(qtbot, window)
    dialog.table.selectRow(1)
    qtbot.mouseClick(dialog.put_back, LEFT)
    assert dialog._question is not None
    assert "senere" in keywords_in(folder)
    with qtbot.waitSignal(dialog.told, timeout=LONG):
        qtbot.mouseClick(dialog._question.apply, LEFT)
    wait_until_open(qtbot, window)
    assert "senere" not in keywords_in(folder)
    assert "put back" in window.messages.rows()[0].text
    again = dialog_of(qtbot, window)
    assert reasons(again)[0] == "restore"
    qtbot.mouseClick(again.close_button, LEFT)


def test_a_backup_that_is_damaged_is_said_to_be_and_the_project_is_opened_again(
    qtbot: QtBot, window: MainWindow, folder: Path
) -> None:
    newest = catalog_backups.list_backups(folder / CATALOG_FILE)[0]
    newest.path.write_bytes(b"no database" * 1_000)
    dialog = dialog_of(qtbot, window)
    qtbot.mouseClick(dialog.put_back, LEFT)
    assert dialog._question is not None
    qtbot.mouseClick(dialog._question.apply, LEFT)
    qtbot.waitUntil(lambda: "is damaged" in dialog.state.text(), timeout=LONG)
    wait_until_open(qtbot, window)
    assert "senere" in keywords_in(folder)
    qtbot.mouseClick(dialog.close_button, LEFT)


@pytest.mark.parametrize("damage", ["catalog", "no catalog", "settings"])
def test_a_project_that_cannot_be_opened_is_repaired(
    qtbot: QtBot, start: Open, folder: Path, damage: str
) -> None:
    if damage == "settings":
        (folder / SETTINGS_FILE).write_text("[archive", "utf-8")
    elif damage == "catalog":
        (folder / CATALOG_FILE).write_bytes(b"x" * 50_000)
    else:
        (folder / CATALOG_FILE).unlink()
    window = start()
    text = answer(qtbot, window)
    assert str(folder) in text
    dialog = listed(qtbot, window)
    assert dialog.back_up.isHidden()
    with qtbot.waitSignal(dialog.told, timeout=LONG):
        qtbot.mouseClick(dialog.repair, LEFT)
    wait_until_open(qtbot, window)
    assert "repaired" in " ".join(row.text for row in window.messages.rows())
    assert "senere" in keywords_in(folder)


def test_damage_that_opening_did_not_meet_is_found(
    qtbot: QtBot, start: Open, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.catalog.overview.quick_faults", lambda _: ["a page is broken"])
    window = start()
    wait_until_open(qtbot, window)
    assert "is damaged" in answer(qtbot, window)
    # no backup of the day pushes out a sound one
    dialog = listed(qtbot, window)
    assert reasons(dialog) == ["request", "many"]
    qtbot.mouseClick(dialog.close_button, LEFT)


def test_a_catalog_that_breaks_while_it_is_open_is_repaired(
    qtbot: QtBot, window: MainWindow, folder: Path
) -> None:
    (folder / CATALOG_FILE).write_bytes(b"x" * 50_000)
    window._offers.show_backups(folder, "It is damaged.")
    dialog = listed(qtbot, window)
    with qtbot.waitSignal(dialog.told, timeout=LONG):
        qtbot.mouseClick(dialog.repair, LEFT)
    wait_until_open(qtbot, window)
    assert "senere" in keywords_in(folder)
