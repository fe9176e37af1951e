"""What the Review page looks like: queues, picture, question, evidence, film strip."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QModelIndex, QSettings, QSize, Qt, Signal
from PySide6.QtGui import QHideEvent, QPalette
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QListView,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from clipkw_gui.delegates.count import CountDelegate
from clipkw_gui.delegates.doubt import DoubtDelegate
from clipkw_gui.delegates.thumbnail import ReferenceDelegate
from clipkw_gui.models.doubts import DoubtModel
from clipkw_gui.models.keywords import KeywordModel, Synonyms
from clipkw_gui.models.references import ReferenceModel
from clipkw_gui.models.thumbnails import ThumbnailStore
from clipkw_gui.pages.label_filters import heading
from clipkw_gui.pages.review_question import QuestionPanel
from clipkw_gui.widgets.evidence_strip import EvidenceStrip
from clipkw_gui.widgets.image_viewer import ImageViewer
from clipkw_gui.widgets.labels import text_label
from clipkw_gui.widgets.quiet_label import QuietLabel
from clipkw_gui.widgets.segments import Segments
from clipkw_gui.widgets.splitter_memory import SplitterMemory
from clipkw_gui.widgets.text_field import TextField
from clipkw_gui.widgets.thumbnail_view import ThumbnailView
from core.types import Keyword, KeywordId, Reference

STRIP_CELL = QSize(118, 108)
EVIDENCE_HEIGHT = 132


class QueuePanel(QWidget):
    """Which labels are asked about: all, or those of one keyword."""

    chosen = Signal(object)
    """KeywordId, or None for all."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.every = QToolButton(objectName="allKeywords", checkable=True, checked=True)
        self.every.setProperty("segment", True)
        self.every.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.keywords = KeywordModel(self)
        self.list = QListView()
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setUniformItemSizes(True)
        self.list.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.list.setModel(self.keywords)
        self.list.setItemDelegate(CountDelegate(self))
        self.list.setAccessibleName(self.tr("Keywords and how many errors they probably have"))
        self.list.setToolTip(self.tr("The number tells how many errors a keyword probably has"))
        self.find = TextField(placeholderText=self.tr("Find a keyword, NO or EN"))
        self.find.setClearButtonEnabled(True)
        self.find.setAccessibleName(self.find.placeholderText())
        box = QVBoxLayout(self)
        box.setContentsMargins(8, 9, 8, 8)
        box.setSpacing(4)
        box.addWidget(self.every)
        box.addWidget(heading(self.tr("Keywords, and probable errors")))
        box.addWidget(self.find)
        box.addWidget(self.list, 1)
        self.every.clicked.connect(self._choose_all)
        self.list.clicked.connect(self._choose)
        self.list.activated.connect(self._choose)
        self.find.textChanged.connect(self.keywords.set_filter)

    def set_counts(
        self, counts: Sequence[tuple[Keyword, float | None]], synonyms: Synonyms, every: str
    ) -> None:
        """Keywords with the errors each probably has, most first."""
        self.keywords.set_counts(counts, synonyms)
        self.every.setText(every)

    def show_choice(self, keyword: KeywordId | None) -> None:
        """Mark what is shown."""
        self.every.setChecked(keyword is None)
        row = self.keywords.row_of(keyword)
        if row >= 0:
            self.list.setCurrentIndex(self.keywords.index(row))
        else:
            self.list.selectionModel().clear()

    def _choose_all(self) -> None:
        self.chosen.emit(None)

    def _choose(self, index: QModelIndex) -> None:
        keyword = self.keywords.keyword_at(index.row())
        if keyword is not None:
            self.chosen.emit(keyword.id)


class EvidencePanel(QWidget):
    """The nearest images on one side of a question."""

    def __init__(self, thumbnails: ThumbnailStore, nothing: str) -> None:
        super().__init__()
        self._nothing = nothing
        self.title = heading("")
        self.empty = text_label(nothing, "secondary", wrap=True)
        self.empty.setContentsMargins(10, 8, 10, 8)
        self.references = ReferenceModel(thumbnails, self)
        self.strip = EvidenceStrip()
        self.strip.setModel(self.references)
        self.strip.setItemDelegate(ReferenceDelegate(self))
        self.strip.setMinimumHeight(EVIDENCE_HEIGHT)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.strip)
        self.stack.addWidget(self.empty)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(self.title)
        box.addWidget(self.stack, 1)

    def show_evidence(
        self, references: Sequence[Reference], keywords: Mapping[KeywordId, Keyword]
    ) -> None:
        """Show these images."""
        self.references.set_keywords(keywords)
        self.references.set_references(tuple(references))
        self.stack.setCurrentWidget(self.strip if references else self.empty)


class ReviewView(QWidget):
    """Knows no project."""

    def __init__(self, preferences: QSettings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.thumbnails = ThumbnailStore(self)
        self.queue = DoubtModel(self.thumbnails, self)
        self.kinds = Segments()
        for title in (self.tr("Probably wrong"), self.tr("Probably missing")):
            self.kinds.add(title)
        self.fix_many = QPushButton(self.tr("Fix many…"), objectName="fixMany")
        self.rank_again = QPushButton(self.tr("Judge again"), objectName="rankAgain")
        self.note = QLabel(visible=False)
        self.queues = QueuePanel()
        self.viewer = ImageViewer()
        self.viewer.setAccessibleName(self.tr("Image in question"))
        self.reference = ImageViewer()
        self.reference.setAccessibleName(self.tr("Reference"))
        self.reference_title = QuietLabel()
        self.caption = QuietLabel()
        self.question = QuestionPanel()
        nothing = self.tr("None among the images around it.")
        self.having = EvidencePanel(self.thumbnails, self.tr("No other image has it."))
        self.lacking = EvidencePanel(self.thumbnails, nothing)
        self.strip = ThumbnailView(STRIP_CELL, grid=False)
        self.strip.setModel(self.queue)
        self.strip.setItemDelegate(DoubtDelegate(self))
        self.strip.setAccessibleName(self.tr("Labels of the queue, the most doubtful first"))
        self.empty = QLabel(wordWrap=True, alignment=Qt.AlignmentFlag.AlignCenter)
        self.empty.setProperty("role", "secondary")
        self.empty.setMargin(48)
        self._reference_box = self._make_reference_box()
        kept = {f"review/{name}": one for name, one in self._lay_out().items()}
        self._layout_memory = SplitterMemory(preferences, kept)

    def _make_reference_box(self) -> QWidget:
        box = QWidget(visible=False)
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.reference, 1)
        column.addWidget(self.reference_title)
        return box

    def _lay_out(self) -> dict[str, QSplitter]:
        head = QHBoxLayout()
        head.setContentsMargins(12, 8, 12, 8)
        head.setSpacing(12)
        head.addWidget(self.kinds)
        head.addWidget(self.note)
        head.addStretch(1)
        head.addWidget(self.fix_many)
        head.addWidget(self.rank_again)
        self.beside = _splitter(Qt.Orientation.Horizontal, self.viewer, self._reference_box)
        picture = QWidget()
        column = QVBoxLayout(picture)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.beside, 1)
        foot = QHBoxLayout()
        foot.setContentsMargins(8, 2, 8, 2)
        foot.addWidget(self.caption, 1)
        column.addLayout(foot)
        self.centre = QStackedWidget()
        self.centre.addWidget(picture)
        self.centre.addWidget(self.empty)
        middle = QWidget()
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.centre, 1)
        for panel in (self.queues, self.question, self.having, self.lacking):
            panel.setBackgroundRole(QPalette.ColorRole.Base)
            panel.setAutoFillBackground(True)
        across = _splitter(Qt.Orientation.Horizontal, self.queues, middle)
        across.setStretchFactor(1, 1)
        across.setSizes([230, 700])
        evidence = _splitter(Qt.Orientation.Horizontal, self.having, self.lacking)
        evidence.setSizes([600, 600])
        seen = _splitter(Qt.Orientation.Vertical, across, evidence)
        seen.setStretchFactor(0, 1)
        seen.setSizes([600, 176])
        above = _splitter(Qt.Orientation.Horizontal, seen, self.question)
        above.setStretchFactor(0, 1)
        above.setSizes([930, 320])
        down = _splitter(Qt.Orientation.Vertical, above, self.strip)
        down.setStretchFactor(0, 1)
        down.setSizes([780, 120])
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        self.gate_stack = QStackedWidget()
        self.gate_stack.addWidget(down)
        whole.addWidget(self.gate_stack)
        return {
            "across": across,
            "evidence": evidence,
            "seen": seen,
            "above": above,
            "down": down,
        }

    # switching --------------------------------------------------------------------------------

    def show_empty(self, text: str) -> None:
        """There is nothing to ask: say why."""
        self.empty.setText(text)
        self.empty.setAccessibleName(text)
        self.centre.setCurrentIndex(1)
        self.question.setVisible(False)

    def show_picture(self) -> None:
        """There is something to ask."""
        self.centre.setCurrentIndex(0)
        self.question.setVisible(True)

    def show_reference(self, title: str) -> None:
        """Show a reference beside the picture."""
        self.reference_title.set_text(title)
        if self._reference_box.isHidden():
            self._reference_box.show()
            half = self.beside.width() // 2
            self.beside.setSizes([half, half])

    def hide_reference(self) -> None:
        """Only the picture."""
        self._reference_box.hide()

    # remembered -------------------------------------------------------------------------------

    def hideEvent(self, event: QHideEvent) -> None:
        """Remember how the parts are laid out."""
        self._layout_memory.save()
        super().hideEvent(event)


def _splitter(orientation: Qt.Orientation, *parts: QWidget) -> QSplitter:
    splitter = QSplitter(orientation, childrenCollapsible=False)
    for part in parts:
        splitter.addWidget(part)
    return splitter
