"""The right side of the Review page: the question, its answers, and whether to go on."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from clipkw_gui.actions.review import DoubtSheet
from clipkw_gui.delegates.label import LabelDelegate
from clipkw_gui.models.labels import LabelModel
from clipkw_gui.pages.label_filters import heading
from clipkw_gui.pages.review_texts import (
    confirm_text,
    fix_text,
    probability_text,
    question,
    said_text,
    tally_text,
    when_to_stop,
)
from clipkw_gui.widgets.label_list import LabelList
from clipkw_gui.widgets.labels import line, text_label
from core.types import Doubt, Keyword, KeywordId, ReviewAnswer, ReviewKind, ReviewTally, Verdict

STEPS = 1000
WIDTH, LIST_HEIGHT = 272, 56


class QuestionPanel(QWidget):
    """Asks about one doubt; the desk decides."""

    answered = Signal(object)
    """A ReviewAnswer."""
    skipped = Signal()
    removed = Signal(object)
    """A Keyword that is to be taken off the image."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keywords: Mapping[KeywordId, Keyword] = {}
        self._keys: dict[QPushButton, QAction] = {}
        self.question = text_label("", "title", wrap=True)
        self.english = text_label("", "secondary", wrap=True)
        self.probability = text_label("", wrap=True)
        self.bar = QProgressBar(textVisible=False, maximum=STEPS)
        self.bar.setAccessibleName(self.tr("Probability of an error"))
        self.fix = QPushButton(objectName="fix")
        self.fix.setProperty("primary", True)
        self.confirm = QPushButton(objectName="confirm")
        self.unsure = QPushButton(objectName="unsure")
        self.skip = QPushButton(objectName="skip")
        self.said = text_label("", "secondary", wrap=True)
        self.labels = LabelModel(self)
        self.label_list = LabelList()
        self.label_list.setModel(self.labels)
        self.label_list.setItemDelegate(LabelDelegate(self))
        self.label_list.setMinimumHeight(LIST_HEIGHT)
        self.tally = text_label("", wrap=True)
        self.advice = text_label("", "secondary", wrap=True)
        self.setMinimumWidth(WIDTH)
        self._lay_out()
        self.fix.clicked.connect(self._say_fix)
        self.confirm.clicked.connect(self._say_confirm)
        self.unsure.clicked.connect(self._say_unsure)
        self.skip.clicked.connect(self.skipped)
        self.label_list.removed.connect(self.removed)
        for button in (self.fix, self.confirm, self.unsure, self.skip):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def _lay_out(self) -> None:
        small = QHBoxLayout()
        small.setSpacing(8)
        small.addWidget(self.unsure, 1)
        small.addWidget(self.skip, 1)
        top = QVBoxLayout()
        top.setContentsMargins(16, 14, 16, 8)
        top.setSpacing(8)
        top.addWidget(self.question)
        top.addWidget(self.english)
        top.addSpacing(4)
        top.addWidget(self.probability)
        top.addWidget(self.bar)
        top.addSpacing(8)
        top.addWidget(self.fix)
        top.addWidget(self.confirm)
        top.addLayout(small)
        top.addWidget(self.said)
        below = QVBoxLayout()
        below.setContentsMargins(16, 10, 16, 14)
        below.setSpacing(4)
        below.addWidget(self.tally)
        below.addWidget(self.advice)
        middle = QVBoxLayout()
        middle.setContentsMargins(10, 0, 10, 4)
        middle.setSpacing(2)
        middle.addWidget(heading(self.tr("Keywords of this image")))
        middle.addWidget(self.label_list, 1)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addLayout(top)
        box.addLayout(middle, 1)
        box.addWidget(line())
        box.addLayout(below)

    def name_keys(self, fix: QAction, confirm: QAction, unsure: QAction, skip: QAction) -> None:
        """The keys that stand on the buttons."""
        self._keys = {
            self.fix: fix,
            self.confirm: confirm,
            self.unsure: unsure,
            self.skip: skip,
        }
        self._name(self.unsure, self.tr("Unsure"))
        self._name(self.skip, self.tr("Skip"))

    def set_keywords(self, keywords: Mapping[KeywordId, Keyword]) -> None:
        """The names of the keywords."""
        self._keywords = keywords

    def show_doubt(self, doubt: Doubt, verdict: Verdict | None) -> None:
        """Ask about another doubt."""
        keyword = self._keywords.get(doubt.keyword)
        self.question.setText(question(doubt, keyword.no if keyword else ""))
        english = keyword.en if keyword and keyword.en else ""
        self.english.setText(english)
        self.english.setVisible(bool(english))
        self.probability.setText(probability_text(doubt))
        self.bar.setValue(round(STEPS * doubt.score))
        self._name(self.fix, fix_text(doubt.kind))
        self._name(self.confirm, confirm_text(doubt.kind))
        self.show_said(doubt.kind, verdict)

    def show_said(self, kind: ReviewKind, verdict: Verdict | None) -> None:
        """What was said to the doubt."""
        self.said.setText(said_text(kind, verdict))

    def show_sheet(self, sheet: DoubtSheet) -> None:
        """What the image carries."""
        rows = [(self._keywords[one.keyword], one) for one in sheet.labels
                if one.keyword in self._keywords]  # fmt: skip
        self.labels.set_labels(rows)

    def show_tally(self, tally: ReviewTally) -> None:
        """How many of the last answers were real errors."""
        self.tally.setText(tally_text(tally))
        self.advice.setText(when_to_stop(tally))

    def _name(self, button: QPushButton, text: str) -> None:
        action = self._keys.get(button)
        keys = QKeySequence.SequenceFormat.NativeText
        shown = action.shortcut().toString(keys) if action is not None else ""
        button.setText(f"{text}   {shown}".rstrip())

    def _say_fix(self) -> None:
        self.answered.emit(ReviewAnswer.FIX)

    def _say_confirm(self) -> None:
        self.answered.emit(ReviewAnswer.CONFIRM)

    def _say_unsure(self) -> None:
        self.answered.emit(ReviewAnswer.UNSURE)
