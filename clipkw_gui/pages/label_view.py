"""What the Label page looks like: its parts, where they stand, and how that is remembered."""

from __future__ import annotations

from PySide6.QtCore import QSettings, QSize, Qt, QTimer
from PySide6.QtGui import QHideEvent, QPalette, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSplitter, QVBoxLayout, QWidget

from clipkw_gui.delegates.thumbnail import ReferenceDelegate, ThumbnailDelegate
from clipkw_gui.models.queue import QueueModel
from clipkw_gui.models.references import ReferenceModel
from clipkw_gui.models.thumbnails import ThumbnailStore
from clipkw_gui.pages.label_answers import AnswerPanel
from clipkw_gui.pages.label_centre import CentrePanel
from clipkw_gui.pages.label_filters import heading
from clipkw_gui.pages.queue_filters import QueueFilterPanel
from clipkw_gui.widgets.cell_size import remember_cell_size
from clipkw_gui.widgets.evidence_strip import EvidenceStrip
from clipkw_gui.widgets.filter_chips import FilterChips
from clipkw_gui.widgets.splitter_memory import SplitterMemory
from clipkw_gui.widgets.thumbnail_view import ThumbnailView
from core.types import Keyword

STRIP_CELL = QSize(118, 98)


class LabelView(QWidget):
    """Filters, picture or grid, suggestions, evidence, film strip. Knows no project."""

    def __init__(self, preferences: QSettings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._full_screen_from: Qt.WindowState | None = None
        self.focusing = QTimer(self, singleShot=True, interval=0)
        self.focusing.timeout.connect(self.focus_picture)
        self.thumbnails = ThumbnailStore(self)
        self.queue = QueueModel(self.thumbnails, self)
        self.references = ReferenceModel(self.thumbnails, self)
        self.filters = QueueFilterPanel()
        self.chips = FilterChips()
        self.refresh_note = QLabel(textFormat=Qt.TextFormat.RichText, visible=False)
        self.centre = CentrePanel()
        self.answers = AnswerPanel()
        self.evidence = EvidenceStrip()
        self.evidence_title = heading(self.tr("Evidence"))
        self.strip = ThumbnailView(STRIP_CELL, grid=False)
        self._give_models()
        self._evidence_box = self._make_evidence_box()
        self.splitters = {**self._lay_out(), "label/keywords": self.answers.splitter}
        self._layout_memory = SplitterMemory(preferences, self.splitters)
        remember_cell_size(preferences, "label/cellWidth", self.centre.grid)

    # building ---------------------------------------------------------------------------------

    def _give_models(self) -> None:
        self.evidence.setModel(self.references)
        self.evidence.setItemDelegate(ReferenceDelegate(self))
        self.strip.setAccessibleName(self.tr("Images of the queue"))
        delegate = ThumbnailDelegate(self)
        for view in (self.strip, self.centre.grid):
            view.setModel(self.queue)
            view.setItemDelegate(delegate)
        self.centre.grid.setSelectionModel(self.strip.selectionModel())

    def _make_evidence_box(self) -> QWidget:
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.evidence_title)
        column.addWidget(self.evidence)
        return box

    def _lay_out(self) -> dict[str, QSplitter]:
        """The splitters by the name under which their sizes are remembered."""
        middle = QWidget()
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        head = QHBoxLayout()
        head.setContentsMargins(8, 4, 8, 4)
        head.addWidget(self.chips, 1)
        head.addWidget(self.refresh_note)
        column.addLayout(head)
        column.addWidget(self.centre, 1)
        for panel in (self.filters, self.answers, self._evidence_box):
            panel.setBackgroundRole(QPalette.ColorRole.Base)
            panel.setAutoFillBackground(True)
        beside = _splitter(Qt.Orientation.Horizontal, middle, self.answers)
        beside.setSizes([628, 344])
        _share(beside, 3, 1)
        down = _splitter(Qt.Orientation.Vertical, beside, self._evidence_box, self.strip)
        down.setStretchFactor(0, 1)
        down.setSizes([600, 160, 110])
        # The filters are as high as the window: folders and keywords are long lists.
        across = _splitter(Qt.Orientation.Horizontal, self.filters, down)
        across.setSizes([216, 972])
        _share(across, 1, 7)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(across)
        return {"label/filters": across, "label/answers": beside, "label/evidence": down}

    # switching --------------------------------------------------------------------------------

    def set_grid(self, on: bool) -> None:
        """The grid or the picture in the centre."""
        self.setFocus()  # or a list would get it in passing, and take a keyword in hand
        self.centre.set_grid(on)
        self.strip.setVisible(not on)
        self._evidence_box.setVisible(not on)
        if on:
            centre = ThumbnailView.ScrollHint.PositionAtCenter
            self.centre.grid.scrollTo(self.centre.grid.currentIndex(), centre)
        self.focus_picture()

    def zoom_in(self) -> None:
        """A larger picture, or larger ones in the grid."""
        (self.centre.grid if self.centre.in_grid else self.centre.viewer).zoom_in()

    def zoom_out(self) -> None:
        """A smaller picture, or smaller ones in the grid."""
        (self.centre.grid if self.centre.in_grid else self.centre.viewer).zoom_out()

    @property
    def is_full_screen(self) -> bool:
        """Whether the picture and its suggestions fill the screen."""
        return self._full_screen_from is not None

    def toggle_full_screen(self) -> None:
        """The picture and its suggestions on the whole screen, and back."""
        window = self.window()
        if self._full_screen_from is None:
            self._full_screen_from = window.windowState()
            window.setWindowState(window.windowState() | Qt.WindowState.WindowFullScreen)
        else:
            window.setWindowState(self._full_screen_from)
            self._full_screen_from = None
        self.filters.setHidden(self.is_full_screen)
        self.strip.setHidden(self.is_full_screen or self.centre.in_grid)

    def focus_picture(self) -> None:
        """Give the keyboard to the picture or the grid; to the page itself while there is none."""
        picture = self.centre.grid if self.centre.in_grid else self.centre.viewer
        (self if self.centre.is_empty else picture).setFocus()

    def focus_entry(self) -> None:
        """Type a keyword."""
        self.answers.entry.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def focus_filter(self) -> None:
        """Type a part of a path."""
        self.filters.path_text.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def take_in_hand(self, keyword: Keyword | None) -> None:
        """Light the references that carry a keyword; None lights all alike."""
        self.references.set_in_hand(keyword.id if keyword else None)
        title = self.tr("Evidence")
        if keyword is not None:
            title = self.tr("Evidence for “{name}”").format(name=keyword.no)
        if title != self.evidence_title.text():
            self.evidence_title.setText(title)

    def showEvent(self, event: QShowEvent) -> None:
        """The keys work at once: after whoever shows the page has given the focus elsewhere."""
        super().showEvent(event)
        self.focusing.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Another page, or the window closes: remember how the parts are laid out."""
        if not self.centre.in_grid and not self.is_full_screen:
            self._layout_memory.save()
        super().hideEvent(event)


def _splitter(orientation: Qt.Orientation, *parts: QWidget) -> QSplitter:
    splitter = QSplitter(orientation, childrenCollapsible=False)
    for part in parts:
        splitter.addWidget(part)
    return splitter


def _share(splitter: QSplitter, *parts: int) -> None:
    """How more room is shared out: names in two languages need some of it too."""
    for place, part in enumerate(parts):
        splitter.setStretchFactor(place, part)
