"""What the Search page looks like: filters, a field, the results."""

from __future__ import annotations

from PySide6.QtCore import QSettings, QSize, Qt, QTimer
from PySide6.QtGui import QHideEvent, QPalette
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from clipkw_gui.delegates.result import ResultDelegate
from clipkw_gui.models.results import ResultModel
from clipkw_gui.models.thumbnails import ThumbnailStore
from clipkw_gui.pages.search_filters import SearchFilterPanel
from clipkw_gui.theme import icon
from clipkw_gui.widgets.cell_size import remember_cell_size
from clipkw_gui.widgets.filter_chips import FilterChips
from clipkw_gui.widgets.formats import count_text
from clipkw_gui.widgets.quiet_label import QuietLabel
from clipkw_gui.widgets.search_field import SearchField
from clipkw_gui.widgets.splitter_memory import SplitterMemory
from clipkw_gui.widgets.target_chip import TargetChip
from clipkw_gui.widgets.thumbnail_view import ThumbnailView
from core.types import ImageQuery

CELL = QSize(172, 152)
LIMITS = (200, 1_000, 5_000, 20_000)
USUAL_LIMIT = 1_000
RESIZING_PAUSE_MS = 250


class SearchView(QWidget):
    """Knows no project."""

    def __init__(self, preferences: QSettings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAcceptDrops(True)
        self.thumbnails = ThumbnailStore(self)
        self.results = ResultModel(self.thumbnails, self)
        self.filters = SearchFilterPanel()
        self.filters.set_query(ImageQuery())
        self.field = SearchField(self.tr("What to see, in Norwegian or English"))
        self.field.setAccessibleName(self.tr("Search text"))
        self.target = TargetChip()
        self.target.hide()
        self.choose_file = self._button(self.tr("By image…"), "open")
        self.choose_file.setToolTip(self.tr("Search by an image file; pasting and dropping work"))
        self.save = self._button(self.tr("Save search…"), "done")
        self.to_label = self._button(self.tr("Open in Label"), "label")
        self.chips = FilterChips()
        self.limit = self._make_limit()
        self.status = QuietLabel()
        self.grid = ThumbnailView(CELL, grid=True)
        self.grid.setModel(self.results)
        self._delegate = ResultDelegate(self)
        self.grid.setItemDelegate(self._delegate)
        self.grid.setAccessibleName(self.tr("Results, the most similar first"))
        self.empty = QLabel(wordWrap=True, alignment=Qt.AlignmentFlag.AlignCenter)
        self.empty.setProperty("role", "secondary")
        self.empty.setMargin(48)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.empty)
        self.stack.addWidget(self.grid)
        self.across = self._lay_out()
        self._layout_memory = SplitterMemory(preferences, {"search/across": self.across})
        self._resizing = QTimer(self, singleShot=True, interval=RESIZING_PAUSE_MS)
        self._resizing.timeout.connect(self._fit_pictures)
        self.grid.resized.connect(self._resizing.start)
        remember_cell_size(preferences, "search/cellWidth", self.grid)

    def picture_box(self) -> QSize:
        """The room for a picture in the grid, in device pixels."""
        box = self._delegate.picture_box(self.grid.cell, self.grid.font())
        return box * self.devicePixelRatioF()

    def _fit_pictures(self) -> None:
        """Have them in the size that is painted now."""
        self.thumbnails.clear()
        self.grid.viewport().update()

    def show_results(self) -> None:
        """Show the grid."""
        self.stack.setCurrentWidget(self.grid)

    def show_text(self, text: str) -> None:
        """Say why there are no results."""
        self.empty.setText(text)
        self.empty.setAccessibleName(text)
        self.stack.setCurrentWidget(self.empty)

    def hideEvent(self, event: QHideEvent) -> None:
        """Remember how the parts are laid out."""
        self._layout_memory.save()
        super().hideEvent(event)

    def _button(self, text: str, icon_name: str) -> QPushButton:
        button = QPushButton(icon(icon_name), text)
        button.setIconSize(QSize(16, 16))
        return button

    def _make_limit(self) -> QComboBox:
        box = QComboBox()
        for limit in LIMITS:
            box.addItem(self.tr("Best {n}").format(n=count_text(limit)), limit)
        box.setCurrentIndex(LIMITS.index(USUAL_LIMIT))
        box.setToolTip(self.tr("How many results are shown at most"))
        box.setAccessibleName(box.toolTip())
        return box

    def _lay_out(self) -> QSplitter:
        head = QHBoxLayout()
        head.setContentsMargins(12, 10, 12, 4)
        head.setSpacing(8)
        head.addWidget(self.target)
        head.addWidget(self.field, 1)
        head.addWidget(self.choose_file)
        head.addWidget(self.save)
        below = QHBoxLayout()
        below.setContentsMargins(12, 0, 12, 6)
        below.setSpacing(8)
        below.addWidget(self.chips)
        below.addWidget(self.status, 1)
        below.addWidget(self.limit)
        below.addWidget(self.to_label)
        middle = QWidget()
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addLayout(below)
        column.addWidget(self.stack, 1)
        self.filters.setBackgroundRole(QPalette.ColorRole.Base)
        self.filters.setAutoFillBackground(True)
        across = QSplitter(Qt.Orientation.Horizontal, childrenCollapsible=False)
        across.addWidget(self.filters)
        across.addWidget(middle)
        across.setStretchFactor(1, 1)
        across.setSizes([216, 1000])
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(across)
        return across
