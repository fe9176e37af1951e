"""Closing while a job runs, going on the next time, errors, bugs, menus, jobs."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from archive import draw_archive
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QPushButton
from pytestqt.qtbot import QtBot

from clipkw_gui.actions.encode import work_off
from clipkw_gui.actions.project import close_project, encoder_name, shut_down
from clipkw_gui.actions.recent import Steps, remembered_steps
from clipkw_gui.context import AppContext
from clipkw_gui.jobs.runner import JobState, Lane, Task
from clipkw_gui.main_window import MainWindow
from clipkw_gui.pages.dialogs import ImportKeywordsDialog
from clipkw_gui.pages.jobs import JobsPage
from clipkw_gui.pages.label_key_list import KeyList
from core.errors import StorageError
from core.progress import Progress
from core.types import QueueName
from core.workflows import browse, ingest
from core.workflows.demo import demo_encoder
from core.workflows.ingest import ImageImport
from core.workflows.project import Project, create_project

LEFT = Qt.MouseButton.LeftButton
LONG = 60_000

Open = Callable[[], MainWindow]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project in which nothing was imported yet."""
    project = create_project(tmp_path / "p.clipkw", draw_archive(tmp_path / "archive"))
    project.close()
    return project.folder


@pytest.fixture
def open_window(open_window: Callable[[Path], MainWindow], folder: Path) -> Open:
    """Start the application anew with the same preferences, and open the project."""
    return partial(open_window, folder)


def context_of(window: MainWindow) -> AppContext:
    return window._context


class SlowImport:
    """An import that has done half and goes on only at its checkpoints."""

    def __init__(self) -> None:
        self.runs = threading.Event()
        self.enough = threading.Event()

    def __call__(self, project: Project, progress: Progress) -> ImageImport:
        progress.report(3, 6)
        self.runs.set()
        while not self.enough.wait(0.01):
            progress.checkpoint()
        return ImageImport(6, 0, 0, 0, [], 0)


@pytest.fixture
def slow_import(monkeypatch: pytest.MonkeyPatch) -> SlowImport:
    slow = SlowImport()
    monkeypatch.setattr(ingest, "import_images", slow)
    return slow


def close_with(qtbot: QtBot, window: MainWindow, answer: str) -> None:
    window.close()
    assert window.isVisible()
    dialog = window._closing
    assert dialog is not None
    assert "Import images" in dialog.findChild(QLabel).text()
    qtbot.mouseClick(dialog.findChild(QPushButton, answer), LEFT)
    qtbot.waitUntil(lambda: window._closing is None, timeout=LONG)


def start_slow(qtbot: QtBot, window: MainWindow, slow: SlowImport) -> None:
    context = context_of(window)
    work_off(context, Steps(images=True))
    assert slow.runs.wait(30)
    qtbot.waitUntil(lambda: context.runner.jobs()[0].state is JobState.RUNNING, timeout=LONG)


def test_closing_asks_and_can_keep_going(
    qtbot: QtBot, open_window: Open, slow_import: SlowImport
) -> None:
    window = open_window()
    start_slow(qtbot, window, slow_import)
    close_with(qtbot, window, "stay")
    assert window.isVisible()
    assert context_of(window).runner.active_jobs()
    slow_import.enough.set()
    qtbot.waitUntil(lambda: not context_of(window).runner.active_jobs(), timeout=LONG)
    assert window.close()


def test_paused_and_closed_it_offers_to_go_on_the_next_time(
    qtbot: QtBot,
    open_window: Open,
    slow_import: SlowImport,
    folder: Path,
    preferences: QSettings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    window = open_window()
    start_slow(qtbot, window, slow_import)
    close_with(qtbot, window, "pause")
    assert not window.isVisible()
    shut_down(context_of(window))
    assert remembered_steps(preferences, folder).images
    monkeypatch.undo()
    again = open_window()
    qtbot.waitUntil(lambda: bool(again.messages.rows()), timeout=LONG)
    row = again.messages.rows()[0]
    assert "did not finish" in row.text
    qtbot.mouseClick(row.findChild(QPushButton, "answer"), LEFT)
    context = context_of(again)
    qtbot.waitUntil(lambda: bool(context.runner.jobs()), timeout=LONG)
    qtbot.waitUntil(lambda: not context.runner.active_jobs(), timeout=LONG)
    assert context.session is not None
    assert browse.queue_counts(context.session.project)[QueueName.ALL] == 6
    assert not remembered_steps(preferences, folder)
    assert not again.messages.rows()


def test_cancelled_and_closed_it_offers_nothing(
    qtbot: QtBot, open_window: Open, slow_import: SlowImport, folder: Path, preferences: QSettings
) -> None:
    window = open_window()
    start_slow(qtbot, window, slow_import)
    close_with(qtbot, window, "cancel")
    assert not window.isVisible()
    shut_down(context_of(window))
    assert not remembered_steps(preferences, folder)
    assert not open_window().messages.rows()


def test_a_job_is_paused_resumed_and_cancelled_on_its_page(
    qtbot: QtBot, open_window: Open, slow_import: SlowImport
) -> None:
    window = open_window()
    start_slow(qtbot, window, slow_import)
    job = context_of(window).runner.jobs()[0]
    qtbot.waitUntil(lambda: window.job_item.isVisible(), timeout=LONG)
    window.job_item.clicked.emit()
    page = window.pages.currentWidget()
    assert isinstance(page, JobsPage)
    (card,) = page.cards
    qtbot.mouseClick(card.findChild(QPushButton, "pause"), LEFT)
    assert job.state is JobState.PAUSED
    assert "paused" in window.job_item.text
    qtbot.mouseClick(card.findChild(QPushButton, "pause"), LEFT)
    assert job.state is JobState.RUNNING
    card._log_button.click()
    assert "Paused" in card.findChild(QPlainTextEdit).toPlainText()
    qtbot.mouseClick(card.findChild(QPushButton, "cancel"), LEFT)
    qtbot.waitUntil(lambda: job.state is JobState.CANCELLED, timeout=LONG)
    qtbot.waitUntil(lambda: not window.job_item.isVisible(), timeout=LONG)
    qtbot.mouseClick(page.findChild(QPushButton, "clear"), LEFT)
    assert page.cards == []


def test_another_project_waits_for_the_end_of_the_first(
    qtbot: QtBot, open_window: Open, slow_import: SlowImport, tmp_path: Path
) -> None:
    window = open_window()
    start_slow(qtbot, window, slow_import)
    context = context_of(window)
    first = context.session
    other = create_project(tmp_path / "other.clipkw", tmp_path / "archive")
    other.close()
    window.start.open_project(other.folder)
    qtbot.waitUntil(lambda: context.session not in (None, first), timeout=LONG)
    assert context.session is not None
    assert context.session.project.folder == other.folder
    assert not context.runner.active_jobs()


def test_closing_the_project_shows_the_first_screen(qtbot: QtBot, open_window: Open) -> None:
    window = open_window()
    close_project(context_of(window), window.start.show_choices)
    qtbot.waitUntil(lambda: window.start.isVisible(), timeout=LONG)
    assert window.windowTitle() == "ClipKW"
    assert not window.statusBar().isVisible()


def test_what_a_person_can_act_on_is_told_once_with_its_remedy(
    qtbot: QtBot, open_window: Open
) -> None:
    window = open_window()
    runner = context_of(window).runner

    def fail(progress: Progress) -> None:
        raise StorageError("The disk is full.", "Free some space.")

    for _ in range(2):
        runner.start(Task("t", fail, Lane.WRITE), print)
        qtbot.waitUntil(runner.is_idle, timeout=LONG)
    (row,) = window.messages.rows()
    texts = [label.text() for label in row.findChildren(QLabel)]
    assert "The disk is full." in texts
    assert "Free some space." in texts


def test_a_bug_shows_a_report_that_can_be_saved_and_the_window_stays(
    qtbot: QtBot, open_window: Open, tmp_path: Path
) -> None:
    window = open_window()
    runner = context_of(window).runner

    def fail(progress: Progress) -> None:
        raise KeyError("a slip")

    runner.start(Task("t", fail, Lane.INTERACTIVE), print)
    qtbot.waitUntil(lambda: window._bug is not None, timeout=LONG)
    dialog = window._bug
    assert dialog is not None
    dialog.save(tmp_path / "report.txt")
    report = (tmp_path / "report.txt").read_text(encoding="utf-8")
    assert "KeyError: 'a slip'" in report
    assert "PySide6-Essentials" in report
    qtbot.mouseClick(dialog.findChild(QPushButton, "close"), LEFT)
    assert window.isVisible()
    assert not window.messages.rows()


def test_keywords_are_imported_from_the_menu_after_a_look(
    qtbot: QtBot, open_window: Open, tmp_path: Path
) -> None:
    window = open_window()
    context = context_of(window)
    work_off(context, Steps(images=True))
    qtbot.waitUntil(lambda: not context.runner.active_jobs(), timeout=LONG)
    window.findChild(QAction, "importKeywords").trigger()
    dialog = window.findChild(ImportKeywordsDialog)
    assert not dialog.accept_button.isEnabled()
    qtbot.keyClicks(dialog.panel.field.line, str(tmp_path / "archive" / "labels.csv"))
    qtbot.waitUntil(dialog.accept_button.isEnabled, timeout=LONG)
    qtbot.mouseClick(dialog.accept_button, LEFT)
    qtbot.waitUntil(
        lambda: len(context.runner.jobs()) == 2 and not context.runner.active_jobs(), timeout=LONG
    )
    assert context.session is not None
    assert browse.queue_counts(context.session.project)[QueueName.LABELED] == 3


def test_an_import_is_undone_and_done_again_from_the_jobs_page(
    qtbot: QtBot, open_window: Open, tmp_path: Path
) -> None:
    window = open_window()
    context = context_of(window)
    table = tmp_path / "archive" / "labels.csv"
    work_off(context, Steps(images=True, table=str(table)))
    qtbot.waitUntil(lambda: len(context.runner.jobs()) == 2, timeout=LONG)
    qtbot.waitUntil(context.runner.is_idle, timeout=LONG)
    assert context.session is not None
    project = context.session.project

    def labeled() -> int:
        return browse.queue_counts(project)[QueueName.LABELED]

    assert labeled() == 3
    window.show_named("jobs")
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=LONG)
    control, shift = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(window, Qt.Key.Key_Z, control)
    qtbot.waitUntil(lambda: labeled() == 0, timeout=LONG)
    qtbot.waitUntil(context.runner.is_idle, timeout=LONG)
    qtbot.keyClick(window, Qt.Key.Key_Z, control | shift)
    qtbot.waitUntil(lambda: labeled() == 3, timeout=LONG)


def test_the_place_and_size_of_the_window_are_remembered(
    qtbot: QtBot, open_window: Open, preferences: QSettings
) -> None:
    window = open_window()
    window.resize(780, 640)
    window.close()
    shut_down(context_of(window))
    again = open_window()
    assert (again.width(), again.height()) == (780, 640)


def test_keys_are_listed_on_every_page(qtbot: QtBot, open_window: Open) -> None:
    window = open_window()
    window.show_named("jobs")
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=LONG)
    qtbot.keyClick(window, Qt.Key.Key_F1)
    dialog = window.findChild(KeyList)
    texts = [label.text() for label in dialog.findChildren(QLabel)]
    assert "Ctrl+O" in texts
    dialog.close()


def test_rows_that_name_no_image_are_listed_in_the_log(
    qtbot: QtBot, open_window: Open, tmp_path: Path
) -> None:
    table = tmp_path / "table.csv"
    table.write_text(
        "path,keywords\ncars/image0.png,fly\nnowhere.png,fly\nelse.png,skip\n", "utf-8"
    )
    window = open_window()
    runner = context_of(window).runner
    work_off(context_of(window), Steps(images=True, table=str(table)))
    qtbot.waitUntil(lambda: len(runner.jobs()) == 2, timeout=LONG)
    qtbot.waitUntil(runner.is_idle, timeout=LONG)
    log = "\n".join(line.text for line in runner.jobs()[1].log)
    assert "Rows without an image: 2\nrow 3: nowhere.png\nrow 4: else.png" in log
    assert "1 of 3 rows belong to an image" in log


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("", ""),
        (str(demo_encoder()), "Demo encoder (drawings only)"),
        ("/models/vit-b-32", "vit-b-32"),
        ("local-dir:/models/vit-b-32", "vit-b-32"),
        ("ViT-B-32/laion2b_s34b_b79k", "ViT-B-32/laion2b_s34b_b79k"),
    ],
)
def test_an_encoder_is_called_by_its_name_not_its_place(
    context: AppContext, monkeypatch: pytest.MonkeyPatch, source: str, name: str
) -> None:
    monkeypatch.setattr("clipkw_gui.actions.project.encoder_source", lambda _: source)
    assert encoder_name(context) == name
