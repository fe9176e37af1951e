"""A project of photographs without an encoder: it can be worked with, and one is easily chosen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from archive import draw_archive
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from clipkw_gui.actions.encode import work_off
from clipkw_gui.actions.project import shut_down
from clipkw_gui.actions.recent import Steps
from clipkw_gui.context import AppContext
from clipkw_gui.main_window import MainWindow
from clipkw_gui.pages.dialogs import EncoderDialog
from core.encoders.known import KnownEncoder
from core.types import ImageQuery, QueueName
from core.workflows import browse
from core.workflows.project import create_project

LEFT = Qt.MouseButton.LeftButton
LONG = 120_000


@pytest.fixture
def window(qtbot: QtBot, context: AppContext, tmp_path: Path) -> Iterator[MainWindow]:
    """The window with six images and no encoder."""
    folder = tmp_path / "p.clipkw"
    create_project(folder, draw_archive(tmp_path / "archive")).close()
    window = MainWindow(context)
    qtbot.addWidget(window)
    window.resize(1280, 800)
    window.show()
    window.start.open_project(folder)
    qtbot.waitUntil(lambda: context.session is not None, timeout=LONG)
    work_off(context, Steps(images=True))
    page = window.pages.widget(0)
    qtbot.waitUntil(lambda: len(page.queue.ids) == 6, timeout=LONG)
    yield window
    shut_down(context)


def click_link(qtbot: QtBot, label: QLabel) -> None:
    """Click where the link of a text is, wherever its words have come to stand."""
    opened: list[str] = []
    label.linkActivated.connect(opened.append)
    for y in range(label.height() - 6, 0, -8):
        for x in range(14, label.width(), 20):
            if not opened:
                qtbot.mouseClick(label, LEFT, pos=QPoint(x, y))
    assert opened


def test_the_keys_work_at_once_in_a_new_project(
    qtbot: QtBot, context: AppContext, tmp_path: Path
) -> None:
    folder = tmp_path / "new.clipkw"
    create_project(folder, draw_archive(tmp_path / "archive")).close()
    window = MainWindow(context)
    qtbot.addWidget(window)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=LONG)
    window.start.open_project(folder)
    page = window.pages.widget(0)
    qtbot.waitUntil(lambda: page.centre.empty.isVisible(), timeout=LONG)
    qtbot.waitUntil(page.hasFocus, timeout=LONG)
    work_off(context, Steps(images=True))
    qtbot.waitUntil(page.centre.viewer.hasFocus, timeout=LONG)
    qtbot.waitUntil(lambda: page.desk.row == 0, timeout=LONG)
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: page.desk.row == 1, timeout=LONG)
    shut_down(context)


def test_keywords_are_added_without_an_encoder(
    qtbot: QtBot, window: MainWindow, context: AppContext
) -> None:
    page = window.pages.widget(0)
    qtbot.waitUntil(lambda: "No encoder is chosen" in page.answers.hint.text(), timeout=LONG)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=LONG)
    qtbot.mouseClick(page.centre.viewer, LEFT)
    qtbot.keyClick(page.centre.viewer, Qt.Key.Key_K)
    qtbot.waitUntil(page.answers.entry.field.hasFocus, timeout=LONG)
    qtbot.keyClicks(page.answers.entry.field, "skip")
    qtbot.keyClick(page.answers.entry.field, Qt.Key.Key_Return)
    assert context.session is not None
    project = context.session.project
    labeled = ImageQuery(queue=QueueName.LABELED)
    qtbot.waitUntil(lambda: len(browse.image_ids(project, labeled)) == 1, timeout=LONG)


def test_the_hint_leads_to_an_encoder_by_name_and_its_licence(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(KnownEncoder, "cached_weights", lambda self: None)
    hint = window.pages.widget(0).answers.hint
    qtbot.waitUntil(lambda: "Choose an encoder" in hint.text(), timeout=LONG)
    click_link(qtbot, hint)
    dialog = window.findChild(EncoderDialog)
    assert dialog.isVisible()
    panel = dialog.panel
    panel.bundle.click()
    assert "without a network" in shown(dialog)
    panel.known.click()
    assert "licence" in shown(dialog)
    qtbot.waitUntil(lambda: panel.name.completer() is not None, timeout=LONG)
    qtbot.keyClicks(panel.name, "s34b_b79")
    names = panel.name.completer().popup().model()
    found = {names.index(row, 0).data() for row in range(names.rowCount())}
    assert "ViT-B-32/laion2b_s34b_b79k" in found
    panel.name.clear()
    qtbot.keyClicks(panel.name, "ViT-B-32/laion2b_s34b_b79k")
    panel.name.completer().popup().hide()
    qtbot.waitUntil(panel.download.isVisible, timeout=LONG)
    assert "MIT" in shown(dialog)
    assert not dialog.accept_button.isEnabled()
    dialog.close()


def shown(dialog: EncoderDialog) -> str:
    return "\n".join(one.text() for one in dialog.findChildren(QLabel) if one.isVisible())
