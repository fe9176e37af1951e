"""Somebody labels in the whole window with keys and the mouse, going by what is shown."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from pathlib import Path

from book import Book, History, Mark, Marks
from PySide6.QtCore import QCoreApplication, QPoint, QSettings, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from clipkw_gui.actions.project import shut_down
from clipkw_gui.context import AppContext
from clipkw_gui.main_window import MainWindow
from clipkw_gui.pages.label import LabelPage
from clipkw_gui.pages.label_bulk import BulkDialog
from clipkw_gui.roles import Role
from core.types import Keyword

Key = Qt.Key
LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier
CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
PATIENCE = 60
ACCEPTED, REJECTED, UNSURE, IMPORTED = "accepted", "rejected", "unsure", "imported"


def wait_until(condition: Callable[[], bool]) -> None:
    """Let the window live until something holds."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "the window does not get there"
        QCoreApplication.processEvents()
        time.sleep(0.0005)


class Row:
    """A suggestion as it is shown."""

    def __init__(self, number: int, keyword: Keyword, verdict: str, above: bool) -> None:
        self.number = number
        self.keyword = keyword
        self.verdict = verdict
        self.above = above


class Sitting:
    """One start of the window, until it is closed. What is done goes into the ``book``."""

    def __init__(
        self, preferences: QSettings, folder: Path, book: Book, chance: random.Random
    ) -> None:
        self.context = AppContext(preferences)
        self.window = MainWindow(self.context)
        self.book = book
        self.chance = chance
        self.heard: list[str] = []
        page = self.window.findChild(LabelPage)
        assert isinstance(page, LabelPage)
        self.page = page
        page.message.connect(self.heard.append)
        self.window.show()
        self.window.start.open_project(folder)
        wait_until(lambda: self.context.session is not None and self.page.isVisible())
        self.activate()
        self.rest()

    def close(self) -> None:
        """Close the window as its cross does."""
        assert self.window.close()
        shut_down(self.context)
        self.window.deleteLater()
        QCoreApplication.sendPostedEvents()

    def settle(self) -> None:
        """Until everything that was asked for has come in."""
        wait_until(self.context.runner.is_idle)
        self.book.confirm()

    def rest(self) -> None:
        """Until what waits for a pause has come in too, such as counts and new keywords."""
        wait_until(self._is_at_rest)
        self.book.confirm()

    def _is_at_rest(self) -> bool:
        timers = [one for one in self.page.findChildren(QTimer) if one.isSingleShot()]
        return self.context.runner.is_idle() and not any(one.isActive() for one in timers)

    # what is seen -----------------------------------------------------------------------------

    @property
    def path(self) -> str:
        """The image that is shown."""
        known = self.page.desk.known
        assert known is not None
        return known.image.path

    def look(self) -> list[Row]:
        """The suggestions of the image, when they are there, checked against the book."""
        wait_until(self._is_shown)
        model = self.page.answers.suggestions
        rows = []
        for number in range(model.rowCount()):
            index = model.index(number)
            suggestion = index.data(Role.SUGGESTION)
            if suggestion is not None:
                verdict = index.data(Role.VERDICT)
                assert verdict == (self.book.said.get(self.mark(suggestion.keyword)) or "")
                shown = index.data(Role.NUMBER), suggestion.keyword, verdict
                rows.append(Row(*shown, suggestion.above_threshold))
        return rows

    def _is_shown(self) -> bool:
        known = self.page.desk.known
        return known is not None and known.suggestions is not None and not known.stale

    def mark(self, keyword: Keyword | str) -> Mark:
        """A keyword on the image that is shown."""
        return self.path, (keyword if isinstance(keyword, str) else keyword.no).casefold()

    def activate(self) -> None:
        """What a window manager does when a dialog is closed."""
        wait_until(lambda: QApplication.activeModalWidget() is None)
        self.window.activateWindow()
        wait_until(self.window.isActiveWindow)

    # keys and mouse ---------------------------------------------------------------------------

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = NONE) -> None:
        """Press a key where the focus is."""
        QTest.keyClick(QApplication.focusWidget() or self.page, key, modifier)

    def click(self, row: int) -> None:
        """Click at the right end of a suggestion."""
        view = self.page.answers.list
        index = view.model().index(row, 0)
        view.scrollTo(index)
        place = view.visualRect(index)
        at = QPoint(place.right() - 10, place.center().y())
        QTest.mouseClick(view.viewport(), LEFT, NONE, at)

    def digit(self, row: Row, verdict: str) -> None:
        """A digit, with or without Shift."""
        wanted = None if row.verdict == verdict else verdict
        self.book.ask({self.mark(row.keyword): wanted})
        row.verdict = wanted or ""
        self.press(Qt.Key(Key.Key_0 + row.number), SHIFT if verdict == REJECTED else NONE)

    def accept_all(self, rows: list[Row]) -> None:
        """A: accepts all above the threshold and goes on."""
        above = [one for one in rows if one.above and one.verdict in ("", IMPORTED)]
        self.book.ask({self.mark(one.keyword): ACCEPTED for one in above})
        self.press(Key.Key_A)

    def unsure(self, rows: list[Row]) -> None:
        """U: about the first that has no answer."""
        row = next((one for one in rows if not one.verdict), None)
        if row is not None:
            self.book.ask({self.mark(row.keyword): UNSURE})
            row.verdict = UNSURE
        self.press(Key.Key_U)

    def accept_with_the_mouse(self, rows: list[Row]) -> None:
        """A click at the end of a row accepts, or takes back."""
        row = self.chance.randrange(min(len(rows), 3))
        shown = self.page.answers.suggestions.index(row).data(Role.SUGGESTION)
        if shown is not None:
            accepted = self.book.said.get(self.mark(shown.keyword)) == ACCEPTED
            self.book.ask({self.mark(shown.keyword): None if accepted else ACCEPTED})
            self.click(row)

    def type_keyword(self, text: str) -> None:
        """K, a part of a keyword or a new one, Return."""
        self.press(Key.Key_K)
        entry = self.page.answers.entry
        QTest.keyClicks(QApplication.focusWidget(), text)
        first = entry.choices()[0]
        name = text if first.startswith("Create the new keyword") else first
        self.book.ask({self.mark(name): ACCEPTED})
        self.press(Key.Key_Return)

    def decide_bulk(self, count: int, text: str, *, reject: bool) -> None:
        """Select images in the grid, then one keyword for all of them."""
        self.press(Key.Key_G)
        for _ in range(count - 1):
            self.press(Key.Key_Right, SHIFT)
        ids = self.page.strip.selected_ids(self.page.queue.ids)
        wait_until(lambda: all(self.page.queue.image(one) for one in ids))
        paths = [self.page.queue.image(one).path for one in ids]
        self.press(Key.Key_B, CONTROL)
        dialog = self.page.findChild(BulkDialog)
        assert isinstance(dialog, BulkDialog)
        wait_until(dialog.isActiveWindow)
        if reject:
            QTest.mouseClick(dialog.verdict_choice.buttons()[1], LEFT, NONE, QPoint(8, 8))
        QTest.keyClicks(dialog.entry.field, text)
        keyword = dialog.entry.choices()[0].casefold()
        QTest.keyClick(dialog.entry.field, Key.Key_Return)
        self.settle()
        verdict = REJECTED if reject else ACCEPTED
        marks: Marks = {(path, keyword): verdict for path in paths}
        if dialog.apply.isEnabled():
            self.book.ask(marks)
            QTest.mouseClick(dialog.apply, LEFT)
        else:
            assert all(self.book.said.get(mark) == verdict for mark in marks)
            self.press(Key.Key_Escape)
        self.activate()
        self.press(Key.Key_G)
        assert self.page.centre.viewer.isVisible()

    def undo(self) -> None:
        """Ctrl+Z."""
        self.book.ask(History.UNDO)
        self.press(Key.Key_Z, CONTROL)

    def redo(self) -> None:
        """Ctrl+Shift+Z."""
        self.book.ask(History.REDO)
        self.press(Key.Key_Z, CONTROL | SHIFT)

    # what somebody does -----------------------------------------------------------------------

    def label_image(self) -> None:
        """Answer the image that is shown in one of the ways there are, quickly, and go on."""
        rows = self.look()
        numbered = [one for one in rows if one.number]
        way = self.chance.random()
        if way < 0.35 or not numbered:
            self.accept_all(rows)
            return
        if way < 0.65:
            for row in self.chance.sample(numbered, min(len(numbered), self.chance.randint(1, 3))):
                self.digit(row, self.chance.choice((ACCEPTED, ACCEPTED, REJECTED)))
        elif way < 0.75:
            self.unsure(rows)
        elif way < 0.85:
            self.accept_with_the_mouse(rows)
        else:
            self.type_keyword(self.text_to_type(numbered))
        self.press(Key.Key_Space)

    def text_to_type(self, rows: list[Row]) -> str:
        """Half of the time a new keyword."""
        if self.chance.random() < 0.5:
            return f"Nytt ord {self.book.steps}"
        return self.chance.choice(rows).keyword.no[:4]

    def change_mind(self) -> None:
        """Undo several, one right after the other, and redo some of them."""
        self.settle()
        back = min(self.chance.randint(1, 5), len(self.book.past))
        for _ in range(back):
            self.undo()
        for _ in range(self.chance.randint(0, back)):
            self.redo()
        self.settle()

    def decide_many(self) -> None:
        """One keyword for some images in the grid."""
        self.rest()
        keyword = self.chance.choice([one.keyword.no for one in self.look()] or ["Nytt ord"])
        reject = self.chance.random() < 0.3
        self.decide_bulk(self.chance.randint(2, 6), keyword, reject=reject)
        self.settle()

    def is_last(self) -> bool:
        """Whether the queue ends here."""
        return self.page.desk.row >= len(self.page.queue.ids) - 7

    def start_over(self) -> None:
        """F5: the queue without what is labeled by now, from its start."""
        self.settle()
        self.press(Key.Key_F5)
        self.rest()
        self.press(Key.Key_Home)
