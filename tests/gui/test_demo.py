"""The demo as a person meets it in the window, and an encoder that does not suit photographs."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from archive import draw_archive
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from clipkw_gui.actions import demo as action
from clipkw_gui.actions.encode import work_off
from clipkw_gui.actions.project import shut_down
from clipkw_gui.actions.recent import Steps
from clipkw_gui.context import AppContext
from clipkw_gui.jobs.runner import JobState
from clipkw_gui.main_window import MainWindow
from clipkw_gui.pages import start
from clipkw_gui.pages.dialogs import EncoderDialog
from core.demo import drawers
from core.progress import Silent
from core.types import ImageQuery, QueueName
from core.workflows import browse, demo
from core.workflows.project import create_project

LEFT = Qt.MouseButton.LeftButton
LONG = 250_000
FIRST, COUNT = 8, 12


@pytest.fixture(autouse=True)
def small_demo(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Drawing is slow: a few images are enough to tell."""
    monkeypatch.setattr(demo, "FIRST", FIRST)
    monkeypatch.setattr(drawers, "AHEAD", 2)
    monkeypatch.setattr(demo, "create_demo", partial(demo.create_demo, seed=5, count=COUNT))
    monkeypatch.setattr(start, "default_place", lambda: tmp_path / "demo")
    return tmp_path / "demo"


@pytest.fixture
def window(qtbot: QtBot, context: AppContext) -> Iterator[MainWindow]:
    window = MainWindow(context)
    qtbot.addWidget(window)
    window.resize(1280, 800)
    window.show()
    yield window
    shut_down(context)


def references(context: AppContext) -> int:
    session = context.session
    return session.suggester.references if session and session.suggester else 0


def test_the_demo_opens_with_its_first_images_and_fills_up(
    qtbot: QtBot, window: MainWindow, context: AppContext
) -> None:
    about = window.start.demo.about
    qtbot.mouseClick(window.start.demo, LEFT)
    assert not window.start.demo.isEnabled()
    assert window.start.demo.about != about
    qtbot.waitUntil(lambda: context.session is not None, timeout=LONG)
    assert window.windowTitle() == "demo – ClipKW"
    (job,) = context.runner.jobs()
    assert job.is_active
    page = window.pages.widget(0)
    qtbot.waitUntil(lambda: len(page.queue.ids) > 0, timeout=LONG)
    qtbot.waitUntil(lambda: not job.is_active, timeout=LONG)
    assert job.state is JobState.DONE
    qtbot.waitUntil(lambda: bool(page.answers.suggestions.above_threshold()), timeout=LONG)
    assert context.session is not None
    assert len(browse.image_ids(context.session.project, ImageQuery())) == COUNT
    assert references(context) > 0
    unlabeled = browse.image_ids(context.session.project, ImageQuery(queue=QueueName.UNLABELED))
    qtbot.waitUntil(lambda: {*unlabeled} <= {*page.queue.ids}, timeout=LONG)
    assert not window.messages.rows()
    assert window.start.demo.isEnabled()


def test_a_demo_that_is_not_complete_offers_to_go_on(
    qtbot: QtBot, window: MainWindow, context: AppContext, small_demo: Path
) -> None:
    demo.create_demo(small_demo, Silent()).close()
    window.start.open_project(small_demo / "demo.clipkw")
    qtbot.waitUntil(lambda: bool(window.messages.rows()), timeout=LONG)
    (row,) = window.messages.rows()
    assert row.text == f"Images of the demo still to be drawn or encoded: {COUNT}."
    qtbot.mouseClick(row.findChild(QPushButton, "answer"), LEFT)
    (job,) = context.runner.jobs()
    qtbot.waitUntil(lambda: not job.is_active, timeout=LONG)
    assert context.session is not None
    assert demo.demo_remainder(context.session.project) == 0


def test_a_place_that_cannot_be_used_is_told_and_another_can_be_tried(
    qtbot: QtBot, window: MainWindow, context: AppContext, small_demo: Path
) -> None:
    small_demo.mkdir()
    (small_demo / "letter.txt").write_text("mine")
    qtbot.mouseClick(window.start.demo, LEFT)
    qtbot.waitUntil(lambda: bool(window.messages.rows()), timeout=LONG)
    assert "is not empty" in window.messages.rows()[0].text
    assert window.start.demo.isEnabled()
    assert context.session is None
    assert [one.name for one in small_demo.iterdir()] == ["letter.txt"]


def test_the_demo_encoder_on_photographs_is_warned_of(
    qtbot: QtBot, window: MainWindow, context: AppContext, tmp_path: Path
) -> None:
    images = draw_archive(tmp_path / "archive")
    folder = tmp_path / "p.clipkw"
    create_project(folder, images, str(demo.demo_encoder())).close()
    window.start.open_project(folder)
    qtbot.waitUntil(lambda: bool(window.messages.rows()), timeout=LONG)
    (row,) = window.messages.rows()
    assert "drawn vehicles only" in row.text
    qtbot.mouseClick(row.findChild(QPushButton, "answer"), LEFT)
    dialog = window.findChild(EncoderDialog)
    assert dialog.isVisible()
    panel = dialog.panel
    qtbot.waitUntil(lambda: "drawn vehicles only" in panel.told, timeout=LONG)
    panel.none.click()
    qtbot.mouseClick(dialog.accept_button, LEFT)
    qtbot.waitUntil(context.runner.is_idle, timeout=LONG)
    assert context.session is not None
    assert context.session.project.settings.encoder.source == ""
    assert not window.messages.rows()


def test_keywords_of_a_table_make_references_of_encoded_images(
    qtbot: QtBot, window: MainWindow, context: AppContext, tmp_path: Path
) -> None:
    images = draw_archive(tmp_path / "archive")
    folder = tmp_path / "p.clipkw"
    create_project(folder, images, str(demo.demo_encoder())).close()
    window.start.open_project(folder)
    qtbot.waitUntil(lambda: context.session is not None, timeout=LONG)
    work_off(context, Steps(images=True, encode=True))
    qtbot.waitUntil(lambda: len(context.runner.jobs()) == 2, timeout=LONG)
    qtbot.waitUntil(context.runner.is_idle, timeout=LONG)
    assert references(context) == 0
    work_off(context, Steps(table=str(images / "labels.csv")))
    qtbot.waitUntil(lambda: references(context) == 3, timeout=LONG)
    page = window.pages.widget(0)
    qtbot.waitUntil(lambda: bool(page.answers.suggestions.above_threshold()), timeout=LONG)


def test_the_usual_place_is_the_person_s_own() -> None:
    assert action.default_place().name == "demo"
    assert action.default_place().is_absolute()
