"""Taking back a large step is asked about; a small one is not."""

from __future__ import annotations

import pytest
from label_bench import LABELED, Bench
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from clipkw_gui.widgets.question_dialog import QuestionDialog
from core.workflows import browse, label

Key = Qt.Key


@pytest.fixture(autouse=True)
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """The import of the bench: twelve labels on six images, and four keywords."""
    monkeypatch.setattr("clipkw_gui.pages.label_desk.LARGE", 15)


def undo(bench: Bench) -> QuestionDialog:
    bench.press(Key.Key_Z, ctrl=True)
    bench.settle()
    dialog = bench.page.window().findChild(QuestionDialog)
    assert dialog is not None
    return dialog


def back_at_the_page(bench: Bench) -> None:
    bench.page.activateWindow()
    bench.qtbot.waitUntil(lambda: QApplication.focusWidget() is bench.page.centre.viewer)


def labeled(bench: Bench) -> int:
    return sum(bool(said) for said in browse.labels_of(bench.project, bench.ids).values())


def test_the_import_is_named_and_escape_keeps_it(bench: Bench) -> None:
    dialog = undo(bench)
    assert "Import keywords" in dialog.title.text()
    assert f"{LABELED} images" in dialog.title.text()
    assert "12" in dialog.text.text()
    bench.qtbot.keyClick(dialog, Key.Key_Escape)
    bench.settle()
    assert labeled(bench) == LABELED
    back_at_the_page(bench)
    bench.press(Key.Key_A)  # the keys work as before
    bench.settle()
    assert label.undo_title(bench.project) != "Import keywords"


def test_return_alone_takes_nothing_back(bench: Bench) -> None:
    dialog = undo(bench)
    bench.qtbot.keyClick(QApplication.focusWidget() or dialog, Key.Key_Return)
    bench.settle()
    assert dialog.isHidden()
    assert labeled(bench) == LABELED


def test_confirmed_it_is_taken_back_as_one_step(bench: Bench) -> None:
    dialog = undo(bench)
    bench.qtbot.mouseClick(dialog.apply, Qt.MouseButton.LeftButton)
    bench.settle()
    assert labeled(bench) == 0
    assert label.redo_title(bench.project) == "Import keywords"
    back_at_the_page(bench)
    bench.press(Key.Key_Z, ctrl=True, shift=True)
    bench.settle()
    assert labeled(bench) == LABELED


def test_a_decision_is_taken_back_at_once(bench: Bench) -> None:
    bench.press(Key.Key_A)
    bench.settle()
    assert labeled(bench) == LABELED + 1
    bench.press(Key.Key_Z, ctrl=True)
    bench.settle()
    assert bench.page.window().findChild(QuestionDialog) is None
    assert labeled(bench) == LABELED
