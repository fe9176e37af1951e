"""The pair questions as they are seen: two pictures, three buttons, the curve beside them."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QAction, QPalette
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QListView,
    QProgressBar,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from clipkw_gui.actions.duplicates import PairSheet
from clipkw_gui.delegates.answer import AnswerDelegate
from clipkw_gui.models.answers import AnswerModel
from clipkw_gui.models.thumbnails import ThumbnailStore
from clipkw_gui.pages.pair_texts import (
    about_answer,
    about_pair,
    answers_text,
    progress_text,
    threshold_plot,
    upper_text,
)
from clipkw_gui.widgets.labels import set_role, text_label
from clipkw_gui.widgets.pair_viewer import PairViewer
from clipkw_gui.widgets.plot import Plot
from clipkw_gui.widgets.quiet_label import QuietLabel
from core.types import ImagePair

PLOT_HEIGHT = 210
SIDE_WIDTH = 320


class PairPanel(QWidget):
    """Shows one pair and what the answers say so far; the desk decides."""

    answered = Signal(bool)
    skipped = Signal()
    chosen = Signal(object)
    """An answered ImagePair to look at again."""

    def __init__(self, thumbnails: ThumbnailStore, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.viewer = PairViewer()
        self.facts = QuietLabel(Qt.AlignmentFlag.AlignHCenter)
        self.said = QuietLabel(Qt.AlignmentFlag.AlignHCenter)
        self.none_left = QLabel(wordWrap=True, alignment=Qt.AlignmentFlag.AlignCenter)
        self.none_left.setProperty("role", "secondary")
        self.none_left.setMargin(48)
        self.none_left.hide()
        self.duplicates = QPushButton(objectName="duplicates")
        self.different = QPushButton(objectName="different")
        self.skip = QPushButton(objectName="skip")
        self.duplicates.clicked.connect(self._say_duplicates)
        self.different.clicked.connect(self._say_different)
        self.skip.clicked.connect(self.skipped)
        self.plot = Plot(self.tr("Probability to be duplicates, by similarity"))
        self.plot.setFixedHeight(PLOT_HEIGHT)
        self.lower, self.upper = text_label(), text_label()
        self.progress = text_label(wrap=True)
        self.bar = QProgressBar(textVisible=False)
        self.bar.setAccessibleName(self.tr("Answers until the thresholds settle"))
        self.effect = text_label("", "secondary", wrap=True)
        self.counts = text_label("", "secondary")
        self.answers = AnswerModel(thumbnails, self)
        self.list = QListView(uniformItemSizes=True, mouseTracking=True)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.list.setAccessibleName(self.tr("Answers, the last one first"))
        self.list.setModel(self.answers)
        self.list.setItemDelegate(AnswerDelegate(self))
        self.list.activated.connect(self._choose)
        self.list.clicked.connect(self._choose)
        self._lay_out()

    def _lay_out(self) -> None:
        self.splitter = QSplitter(Qt.Orientation.Horizontal, childrenCollapsible=False)
        self.splitter.addWidget(self._question_part())
        self.splitter.addWidget(self._threshold_part())
        self.splitter.setStretchFactor(0, 1)
        self.splitter.setSizes([900, SIDE_WIDTH])
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.splitter)

    def _question_part(self) -> QWidget:
        buttons = QHBoxLayout()
        buttons.setSpacing(10)
        buttons.addStretch(1)
        for button in (self.duplicates, self.different, self.skip):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            buttons.addWidget(button)
        buttons.addStretch(1)
        part = QWidget()
        column = QVBoxLayout(part)
        column.setContentsMargins(0, 0, 0, 14)
        column.setSpacing(6)
        column.addWidget(self.viewer, 1)
        column.addWidget(self.none_left, 1)
        column.addWidget(self.facts)
        column.addLayout(buttons)
        column.addWidget(self.said)
        return part

    def _threshold_part(self) -> QWidget:
        part = QWidget()
        part.setBackgroundRole(QPalette.ColorRole.Base)
        part.setAutoFillBackground(True)
        part.setMinimumWidth(SIDE_WIDTH - 60)
        column = QVBoxLayout(part)
        column.setContentsMargins(16, 12, 16, 8)
        column.setSpacing(8)
        column.addWidget(text_label(self.tr("Thresholds"), "section"))
        column.addWidget(self.plot)
        for title, value in (
            (self.tr("Suspected from"), self.lower),
            (self.tr("Certain from"), self.upper),
        ):
            row = QHBoxLayout()
            row.addWidget(text_label(title, "secondary"))
            row.addStretch(1)
            row.addWidget(value)
            column.addLayout(row)
        column.addWidget(self.bar)
        column.addWidget(self.progress)
        column.addWidget(self.effect)
        column.addSpacing(8)
        head = QHBoxLayout()
        head.addWidget(text_label(self.tr("Answers"), "section"))
        head.addStretch(1)
        head.addWidget(self.counts)
        column.addLayout(head)
        column.addWidget(self.list, 1)
        return part

    # what is shown ----------------------------------------------------------------------------

    def name_keys(self, duplicates: QAction, different: QAction, skip: QAction) -> None:
        """Write the keys of the actions on the buttons."""
        for button, action in (
            (self.duplicates, duplicates),
            (self.different, different),
            (self.skip, skip),
        ):
            button.setText(f"{action.text()}   {action.shortcut().toString()}")
            button.setToolTip(action.toolTip())

    def show_pair(self, pair: ImagePair | None, answer: bool | None) -> None:
        """Say what is known about the pair; its pictures come by :attr:`viewer`."""
        for button in (self.duplicates, self.different, self.skip):
            button.setEnabled(pair is not None)
        self.facts.set_text(about_pair(pair) if pair is not None else "")
        self.said.set_text(about_answer(answer))
        self.viewer.setVisible(pair is not None)
        self.none_left.setVisible(pair is None)
        if pair is None:
            self.viewer.show_none()

    def show_none_left(self, text: str) -> None:
        """Say why there is no pair to ask about."""
        self.none_left.setText(text)

    def show_sheet(self, sheet: PairSheet) -> None:
        """Show the thresholds and the answers they come from."""
        limits = sheet.thresholds
        self.plot.show_content(threshold_plot(sheet))
        self.lower.setText(f"{limits.lower:.4f}")
        self.upper.setText(upper_text(limits))
        self.progress.setText(progress_text(limits))
        set_role(self.progress, "good" if limits.converged else "")
        self.bar.setRange(0, max(limits.answers + limits.needed, 1))
        self.bar.setValue(limits.answers if limits.needed else self.bar.maximum())
        self.counts.setText(answers_text(sheet))
        self.answers.set_pairs(sheet.answered)

    def show_effect(self, text: str) -> None:
        """Say what the thresholds lead to."""
        self.effect.setText(text)

    def _say_duplicates(self) -> None:
        self.answered.emit(True)

    def _say_different(self) -> None:
        self.answered.emit(False)

    def _choose(self, index: QModelIndex) -> None:
        pair = self.answers.pair_at(index.row())
        if pair is not None:
            self.chosen.emit(pair)
