"""The Review page inside the whole window: keys of the menus, undo by real keys."""

from __future__ import annotations

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from review_bench import ReviewBench, image_ids

from clipkw_gui.context import AppContext, ProjectSession
from clipkw_gui.main_window import MainWindow
from clipkw_gui.pages.review import ReviewPage
from core.types import Verdict
from core.workflows.project import Project
from core.workflows.suggest import Suggester


def test_undo_and_redo_by_keys(qtbot: QtBot, context: AppContext, project: Project) -> None:
    window = MainWindow(context)
    qtbot.addWidget(window)
    window.show()
    context.set_session(ProjectSession(project, Suggester.load(project)))
    qtbot.waitUntil(window.isActiveWindow)
    qtbot.waitUntil(context.runner.is_idle, timeout=60_000)
    alt, control = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ControlModifier
    qtbot.keyClick(window, Qt.Key.Key_3, alt)
    page = window.pages.currentWidget()
    assert isinstance(page, ReviewPage)
    bench = ReviewBench(qtbot, context, project, page, image_ids(project))
    bench.settle()
    bench.judge()
    number, name = bench.asked
    bench.press(Qt.Key.Key_F)
    bench.settle()
    assert bench.said(number)[name] is Verdict.REJECTED
    assert bench.asked != (number, name)
    bench.press(Qt.Key.Key_Z, ctrl=True)
    bench.settle()
    assert bench.said(number)[name] is Verdict.IMPORTED
    assert bench.asked == (number, name)
    qtbot.keyClick(page.viewer, Qt.Key.Key_Y, control)
    bench.settle()
    assert bench.said(number)[name] is Verdict.REJECTED
