"""A sitting at the keywords in the whole window: whatever was done can be undone, and done again.

The steps come from a seeded generator and are made by real clicks and keys: names are edited,
keywords merged and retired, and labels that are probably wrong or missing are corrected on the
Review page.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from keyword_bench import Bench, everything, make_project
from PySide6.QtCore import QSettings, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from sqlalchemy import func, select

from clipkw_gui.actions.project import shut_down
from clipkw_gui.context import AppContext
from clipkw_gui.main_window import MainWindow
from clipkw_gui.models.vocabulary import Column, Shown
from clipkw_gui.pages.keywords import KeywordsPage, View
from clipkw_gui.pages.review import ReviewPage
from core.catalog import Catalog, journal
from core.catalog.schema import StepState, steps
from core.types import KeywordStatus
from core.workflows.project import Project

LONG = 60_000
Start = Callable[[], Bench]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with make_project(tmp_path) as project:
        return project.folder


@pytest.fixture
def start(
    qtbot: QtBot, preferences: QSettings, folder: Path, no_thread_left: None
) -> Iterator[Start]:
    """Start the window anew, and show the Keywords page of the project."""
    contexts: list[AppContext] = []
    windows: list[MainWindow] = []

    def open_window() -> Bench:
        if contexts:
            windows[-1].close()
            shut_down(contexts[-1])
        context = AppContext(preferences)
        contexts.append(context)
        window = MainWindow(context)
        windows.append(window)
        qtbot.addWidget(window)
        window.show()
        window.start.open_project(folder)
        qtbot.waitUntil(lambda: context.session is not None, timeout=LONG)
        qtbot.waitUntil(context.runner.is_idle, timeout=LONG)
        window.show_named("keywords")
        page = window.pages.currentWidget()
        assert isinstance(page, KeywordsPage)
        assert context.session is not None
        bench = Bench(qtbot, context, context.session.project, page)
        bench.settle()
        page.table.kind.setCurrentIndex(Shown.ALL)
        bench.activate()
        return bench

    yield open_window
    for context in contexts:
        shut_down(context)


class Sitting:
    """Somebody who edits whatever comes to hand."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._number = 0
        self.fixed = 0

    def step(self, bench: Bench) -> None:
        name = self._random.choice(bench.shown())
        self._number += 1
        many = len(bench.shown()) > 3
        kinds = ["no", "en", "synonyms", "status", "fix", "merge" if many else "fix"]
        chosen = self._random.choice(kinds)
        match chosen:
            case "no":
                bench.edit(name, Column.NO, f"ord {self._number}")
            case "en":
                bench.edit(name, Column.EN, self._random.choice(["clock", "craft", "", "x"]))
            case "synonyms":
                bench.edit(name, Column.SYNONYMS, f"annet {self._number}; mer {self._number}")
            case "status":
                self._status(bench, name)
            case "merge":
                other = self._random.choice([one for one in bench.shown() if one != name])
                bench.click(name)
                bench.click(other, more=True)
                bench.merge_chosen()
            case "fix":
                self._fix(bench)

    def _fix(self, bench: Bench) -> None:
        """Correct the first open label of a queue; what was judged before stays as it was."""
        review = show(bench, "review", ReviewPage)
        if review.desk.ranked is None or self._random.random() < 0.2:
            judge = review.gate.button if review.desk.ranked is None else review.rank_again
            bench.qtbot.mouseClick(judge, Qt.MouseButton.LeftButton)
            settle(bench, review)
        for key in self._random.sample([Qt.Key.Key_W, Qt.Key.Key_M], 2):
            QTest.keyClick(review.viewer, key)
            settle(bench, review)
            if len(review.desk.open_places()):
                before = steps_done(bench.project)
                QTest.keyClick(review.viewer, Qt.Key.Key_F)
                settle(bench, review)
                self.fixed += steps_done(bench.project) - before
                break
        show(bench, "keywords", KeywordsPage)
        bench.settle()
        bench.activate()

    def _status(self, bench: Bench, name: str) -> None:
        bench.click(name)
        (keyword,) = bench.page.table.keywords
        if keyword.status is KeywordStatus.RETIRED:
            shift = Qt.KeyboardModifier.ShiftModifier
            QTest.keyClick(bench.page.table.view, Qt.Key.Key_Delete, shift)
            bench.settle()
        else:
            bench.press(Qt.Key.Key_Delete)


Page = TypeVar("Page", bound=QWidget)


def show(bench: Bench, name: str, kind: type[Page]) -> Page:
    """Go to another page by its key."""
    window = bench.page.window()
    assert isinstance(window, MainWindow)
    keys = {"review": Qt.Key.Key_3, "keywords": Qt.Key.Key_4}
    QTest.keyClick(window, keys[name], Qt.KeyboardModifier.AltModifier)
    page = window.pages.currentWidget()
    assert isinstance(page, kind)
    settle(bench, page)
    return page


def settle(bench: Bench, page: QWidget) -> None:
    def is_settled() -> bool:
        timers = page.findChildren(QTimer)
        return bench.context.runner.is_idle() and not any(one.isActive() for one in timers)

    bench.qtbot.waitUntil(is_settled, timeout=LONG)


def history(bench: Bench, key: Qt.Key, times: int, *, shift: bool = False) -> None:
    """Press Ctrl+Z, or Ctrl+Shift+Z, so often."""
    modifiers = Qt.KeyboardModifier.ControlModifier
    if shift:
        modifiers |= Qt.KeyboardModifier.ShiftModifier
    for _ in range(times):
        QTest.keyClick(bench.page.table.view, key, modifiers)
        bench.settle()


def steps_done(project: Project) -> int:
    with Catalog.open(project.folder / "catalog.sqlite") as catalog, catalog.read() as connection:
        counted = select(func.count()).where(steps.c.state == StepState.DONE)
        return int(connection.scalar(counted) or 0)


def sit(start: Start, count: int, seed: int) -> None:
    """Make so many steps, half of them before a restart; undo all, start again, redo all."""
    bench = start()
    before, first = everything(bench.project), steps_done(bench.project)
    bench.press(Qt.Key.Key_T, ctrl=True)
    sitting = Sitting(seed)
    go_on(sitting, bench, first + count // 2)
    middle = everything(bench.project)
    bench = start()
    assert everything(bench.project) == middle
    bench.page.show_view(View.SIMILAR)
    bench.settle()
    bench.page.show_view(View.TABLE)
    go_on(sitting, bench, first + count)
    after = everything(bench.project)
    assert sitting.fixed >= count // 16
    bench = start()
    history(bench, Qt.Key.Key_Z, count)
    assert everything(bench.project) == before
    assert len(bench.shown()) == len(before["keywords"])
    assert journal.undo_title(bench.project.catalog) == "Import keywords"
    bench = start()
    history(bench, Qt.Key.Key_Z, count, shift=True)
    assert everything(bench.project) == after
    assert sorted(bench.shown()) == sorted(bench.names())
    assert journal.redo_title(bench.project.catalog) is None


def go_on(sitting: Sitting, bench: Bench, until: int) -> None:
    """What changes nothing is no step."""
    while steps_done(bench.project) < until:
        sitting.step(bench)


def test_sitting_is_undone_and_done_again_across_restarts(start: Start) -> None:
    sit(start, 16, seed=5)


@pytest.mark.endurance
@pytest.mark.timeout(7_200)
@pytest.mark.parametrize("seed", range(3))
def test_long_sitting(start: Start, seed: int) -> None:
    sit(start, 200, seed)
