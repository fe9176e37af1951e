"""A new project from the first screen to a labeled archive, with real clicks and keys."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from archive import draw_archive
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QScrollArea, QToolButton
from pytestqt.qtbot import QtBot

from clipkw_gui.actions.project import shut_down
from clipkw_gui.actions.recent import list_recent, remember_recent, remembered_steps
from clipkw_gui.context import AppContext
from clipkw_gui.jobs.runner import JobState
from clipkw_gui.main_window import MainWindow
from core.encoders.known import KnownEncoder
from core.types import QueueName
from core.workflows import browse
from core.workflows.project import create_project

LEFT = Qt.MouseButton.LeftButton
LONG = 60_000


@pytest.fixture
def window(qtbot: QtBot, context: AppContext) -> Iterator[MainWindow]:
    window = MainWindow(context)
    qtbot.addWidget(window)
    window.resize(1280, 800)
    window.show()
    yield window
    shut_down(context)


@pytest.fixture
def images(tmp_path: Path) -> Path:
    return draw_archive(tmp_path / "archive")


def fill_in(qtbot: QtBot, window: MainWindow, images: Path, place: Path) -> None:
    """Type the folder of photographs and the place of the project."""
    form = window.start.form
    qtbot.mouseClick(window.start.new, LEFT)
    qtbot.keyClicks(form.photographs.line, str(images))
    qtbot.keyClick(form.photographs.line, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "7 photographs" in form.photograph_section.found, timeout=LONG)
    form.place.line.clear()
    qtbot.keyClicks(form.place.line, str(place))
    qtbot.keyClick(form.place.line, Qt.Key.Key_Return)


def choose_table(qtbot: QtBot, window: MainWindow, table: Path) -> None:
    panel = window.start.form.table
    qtbot.keyClicks(panel.field.line, str(table))
    qtbot.keyClick(panel.field.line, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: panel.told not in ("", "Reading…"), timeout=LONG)


def test_a_new_project_says_what_it_found_and_imports(
    qtbot: QtBot, window: MainWindow, context: AppContext, images: Path, tmp_path: Path
) -> None:
    fill_in(qtbot, window, images, tmp_path)
    form = window.start.form
    assert form.name.text() == "archive"
    choose_table(qtbot, window, images / "labels.csv")
    assert "3 of 3 rows belong to an image" in form.table.told
    assert "2 different keywords" in form.table.told
    assert form.create_button.isEnabled()
    assert "import keywords" in form.summary
    qtbot.mouseClick(form.create_button, LEFT)
    qtbot.waitUntil(lambda: context.session is not None, timeout=LONG)
    runner = context.runner
    qtbot.waitUntil(lambda: len(runner.jobs()) == 2 and not runner.active_jobs(), timeout=LONG)
    assert [job.state for job in runner.jobs()] == [JobState.DONE] * 2
    session = context.session
    assert session is not None
    assert session.project.folder == tmp_path / "archive.clipkw"
    counts = browse.queue_counts(session.project)
    assert counts[QueueName.ALL] == 6
    assert counts[QueueName.LABELED] == 3
    assert {word.no for word in browse.all_keywords(session.project)} == {"skip", "båt"}
    assert not remembered_steps(context.preferences, session.project.folder)
    assert [one.folder for one in list_recent(context.preferences)] == [session.project.folder]
    page = window.pages.widget(0)
    qtbot.waitUntil(lambda: len(page.queue.ids) == 3, timeout=LONG)
    assert not page.refresh_note.isVisible()
    assert window.windowTitle() == "archive – ClipKW"
    window.show_named("jobs")
    table = window.pages.currentWidget().table
    qtbot.waitUntil(lambda: table.model().rowCount() == 1, timeout=LONG)
    assert table.model().index(0, 0).data() == "broken.jpg"
    qtbot.mouseClick(window.pages.currentWidget().findChild(QPushButton, "copyProblems"), LEFT)
    assert QGuiApplication.clipboard().text().startswith("broken.jpg\t")


def test_a_folder_that_is_not_there_is_told_in_place(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    form = window.start.form
    qtbot.mouseClick(window.start.new, LEFT)
    qtbot.keyClicks(form.photographs.line, str(tmp_path / "nowhere"))
    qtbot.keyClick(form.photographs.line, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "nowhere" in form.photograph_section.found, timeout=LONG)
    assert not form.create_button.isEnabled()
    assert not window.messages.rows()


def test_a_table_that_cannot_be_used_holds_the_project_back_until_it_is_taken_out(
    qtbot: QtBot, window: MainWindow, images: Path, tmp_path: Path
) -> None:
    fill_in(qtbot, window, images, tmp_path)
    form = window.start.form
    bad = tmp_path / "bad.csv"
    bad.write_bytes(b"")
    choose_table(qtbot, window, bad)
    assert form.table.told == "bad.csv is empty. Choose another table."
    assert not form.create_button.isEnabled()
    form.table.field.line.clear()
    qtbot.waitUntil(form.create_button.isEnabled, timeout=LONG)


def test_what_a_table_leaves_over_is_listed_one_by_one(
    qtbot: QtBot, window: MainWindow, images: Path, tmp_path: Path
) -> None:
    fill_in(qtbot, window, images, tmp_path)
    panel = window.start.form.table
    rows = "".join(f"gone {number}.jpg,båt\n" for number in range(40))
    table = images / "more.csv"
    table.write_text((images / "labels.csv").read_text(encoding="utf-8") + rows, encoding="utf-8")
    choose_table(qtbot, window, table)
    qtbot.waitUntil(panel.unmatched.isVisible, timeout=LONG)
    left = panel.unmatched.model()
    assert left.headerData(0, Qt.Orientation.Horizontal) == "Rows without an image: 40"
    assert left.index(39, 0).data() == "row 44: gone 39.jpg"
    assert panel.unmatched.verticalScrollBar().maximum() > 0
    missing = panel.without_row.model()
    assert missing.headerData(0, Qt.Orientation.Horizontal) == "Images without a row: 4"
    shown = {missing.index(row, 0).data() for row in range(missing.rowCount())}
    assert shown == {"broken.jpg", *(f"cars/image{number}.png" for number in (0, 2, 4))}
    panel.unmatched.selectRow(1)
    panel.unmatched.copy()
    assert QGuiApplication.clipboard().text() == "row 6: gone 1.jpg"


def test_the_layout_of_a_table_is_corrected_in_place(
    qtbot: QtBot, window: MainWindow, images: Path, tmp_path: Path
) -> None:
    fill_in(qtbot, window, images, tmp_path)
    panel = window.start.form.table
    choose_table(qtbot, window, images / "labels.csv")
    boxes = panel.layout_fields.boxes
    assert boxes["keyword_separator"].currentText().startswith("Semicolon")
    pick(qtbot, boxes["keyword_separator"], "Nothing")
    qtbot.waitUntil(lambda: "1 different keywords" in panel.told, timeout=LONG)
    layout = panel.layout_given
    assert layout is not None
    assert layout.keyword_separator == ""
    pick(qtbot, boxes["keyword_columns"], "path")
    assert "one purpose" in panel.told
    assert boxes["keyword_columns"].currentText() == "keywords"
    pick(qtbot, boxes["path_column"], "keywords")
    assert "one purpose" in panel.told
    pick(qtbot, boxes["delimiter"], "Tab")
    qtbot.waitUntil(lambda: "0 of" in panel.told, timeout=LONG)
    assert not window.start.form.create_button.isEnabled()


def test_the_wheel_scrolls_the_form_and_changes_no_field(
    qtbot: QtBot, window: MainWindow, images: Path, tmp_path: Path
) -> None:
    fill_in(qtbot, window, images, tmp_path)
    panel = window.start.form.table
    choose_table(qtbot, window, images / "labels.csv")
    box = panel.layout_fields.boxes["encoding"]
    window.resize(1280, 500)
    area = window.start.form.findChild(QScrollArea)
    bar = area.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 0, timeout=LONG)
    area.ensureWidgetVisible(box, 0, 0)
    chosen, shown = box.currentText(), bar.value()
    place = box.mapTo(window, box.rect().center())
    QTest.wheelEvent(window.windowHandle(), place, QPoint(0, -120))
    assert box.currentText() == chosen
    assert bar.value() > shown


def pick(qtbot: QtBot, box: object, text: str) -> None:
    """Choose an entry with the keyboard."""
    place = next(at for at in range(box.count()) if box.itemText(at).startswith(text))
    while box.currentIndex() != place:
        key = Qt.Key.Key_Down if box.currentIndex() < place else Qt.Key.Key_Up
        before = box.currentIndex()
        box.setFocus()
        qtbot.keyClick(box, key)
        if box.currentIndex() == before:
            return


def test_recent_projects_are_opened_missing_ones_say_so_and_can_be_taken_off(
    qtbot: QtBot, window: MainWindow, context: AppContext, images: Path, tmp_path: Path
) -> None:
    here, gone = tmp_path / "here.clipkw", tmp_path / "gone.clipkw"
    for folder in (here, gone):
        create_project(folder, images).close()
        remember_recent(context.preferences, folder)
    shutil.rmtree(gone)
    window.start.show_choices()
    buttons = window.start.recent.findChildren(QPushButton, "recent")
    shown = {button.accessibleName(): button for button in buttons}
    assert shown["here"].isEnabled()
    assert not shown["gone"].isEnabled()
    forget = window.start.recent.findChildren(QToolButton, "forget")
    qtbot.mouseClick(forget[0], LEFT)
    assert [one.name for one in list_recent(context.preferences)] == ["here"]

    def shown_now() -> list[QPushButton]:
        buttons = window.start.recent.findChildren(QPushButton, "recent")
        return [button for button in buttons if button.isVisible()]

    qtbot.waitUntil(lambda: len(shown_now()) == 1, timeout=LONG)
    qtbot.mouseClick(shown_now()[0], LEFT)
    qtbot.waitUntil(lambda: context.session is not None, timeout=LONG)
    assert window.windowTitle() == "here – ClipKW"


def test_a_folder_that_is_no_project_is_told_in_the_message_bar(
    qtbot: QtBot, window: MainWindow, context: AppContext, tmp_path: Path
) -> None:
    window.start.open_project(tmp_path)
    qtbot.waitUntil(lambda: bool(window.messages.rows()), timeout=LONG)
    row = window.messages.rows()[0]
    assert "is not a ClipKW project" in row.text
    assert context.session is None
    qtbot.mouseClick(row.findChild(QToolButton, "copy"), LEFT)
    assert "ProjectError" in QGuiApplication.clipboard().text()
    row.close_row()
    assert not window.messages.isVisible()


def test_the_encoder_of_the_form_is_described_before_it_is_used(
    qtbot: QtBot, window: MainWindow, images: Path, tmp_path: Path
) -> None:
    fill_in(qtbot, window, images, tmp_path)
    form = window.start.form
    form.encoder.folder.click()
    qtbot.waitUntil(lambda: not form.create_button.isEnabled(), timeout=LONG)
    qtbot.keyClicks(form.encoder.path.line, str(images))
    qtbot.keyClick(form.encoder.path.line, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: form.encoder.told not in ("", "Looking…"), timeout=LONG)
    assert not form.create_button.isEnabled()
    form.encoder.none.click()
    qtbot.waitUntil(form.create_button.isEnabled, timeout=LONG)


def test_a_known_encoder_that_is_not_here_needs_consent_to_be_downloaded(
    qtbot: QtBot, window: MainWindow, images: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(KnownEncoder, "cached_weights", lambda self: None)
    fill_in(qtbot, window, images, tmp_path)
    form = window.start.form
    form.encoder.known.click()
    qtbot.keyClicks(form.encoder.name, "ViT-B-32/laion2b_s34b_b79k")
    qtbot.waitUntil(form.encoder.download.isVisible, timeout=LONG)
    assert "not on this computer" in form.encoder.told
    assert not form.create_button.isEnabled()
    form.encoder.download.click()
    assert form.create_button.isEnabled()
    assert form.encoder.allow_download
    form.encoder.name.clear()
    qtbot.waitUntil(lambda: not form.encoder.download.isVisible(), timeout=LONG)
    assert not form.create_button.isEnabled()


@pytest.mark.photographs
def test_a_new_project_is_encoded_and_suggests(
    qtbot: QtBot,
    window: MainWindow,
    context: AppContext,
    images: Path,
    dev_encoder: Path,
    tmp_path: Path,
) -> None:
    fill_in(qtbot, window, images, tmp_path)
    form = window.start.form
    choose_table(qtbot, window, images / "labels.csv")
    form.encoder.folder.click()
    qtbot.keyClicks(form.encoder.path.line, str(dev_encoder))
    qtbot.keyClick(form.encoder.path.line, Qt.Key.Key_Return)
    qtbot.waitUntil(form.create_button.isEnabled, timeout=LONG)
    qtbot.mouseClick(form.create_button, LEFT)
    runner = context.runner
    qtbot.waitUntil(lambda: len(runner.jobs()) == 3 and not runner.active_jobs(), timeout=4 * LONG)
    assert [job.state for job in runner.jobs()] == [JobState.DONE] * 3
    session = context.session
    assert session is not None

    def has_references() -> bool:
        return session.suggester is not None and session.suggester.references == 3

    qtbot.waitUntil(has_references, timeout=LONG)
