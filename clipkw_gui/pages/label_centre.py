"""The centre of the Label page: the picture, a reference beside it, or the grid."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QSplitter,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from clipkw_gui.delegates.count import CountDelegate
from clipkw_gui.delegates.label import LabelDelegate
from clipkw_gui.models.keywords import KeywordIndex
from clipkw_gui.models.labels import LabelModel
from clipkw_gui.pages.label_sheets import KnownImage
from clipkw_gui.widgets.formats import count_text
from clipkw_gui.widgets.image_viewer import ImageViewer
from clipkw_gui.widgets.keyword_entry import KeywordEntry
from clipkw_gui.widgets.label_list import LabelList
from clipkw_gui.widgets.quiet_label import QuietLabel
from clipkw_gui.widgets.thumbnail_view import ThumbnailView
from core.types import Image, ImageState, Keyword, KeywordId, Reference

GRID_CELL = QSize(152, 118)


class ReferencePanel(QWidget):
    """A reference in large, and its keywords, which can be corrected here."""

    closed = Signal()
    removed = Signal(object, object)
    """(ImageId, Keyword)."""
    entered = Signal(object, object)
    """(ImageId, Keyword or a new name)."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.reference: Reference | None = None
        self._keywords: Mapping[KeywordId, Keyword] = {}
        self.viewer = ImageViewer()
        self.viewer.setAccessibleName(self.tr("Reference"))
        self.labels = LabelModel(self)
        self.label_list = LabelList()
        self.label_list.setModel(self.labels)
        self.label_list.setItemDelegate(LabelDelegate(self))
        self.label_list.setFixedHeight(104)
        self.entry = KeywordEntry(CountDelegate(self), self.tr("Add a keyword to the reference"))
        self._title = QLabel()
        self._title.setProperty("role", "secondary")
        close = QToolButton(text="×", autoRaise=True)
        close.setToolTip(self.tr("Close the reference (Esc)"))
        close.setAccessibleName(self.tr("Close the reference"))
        close.clicked.connect(self.closed)
        head = QHBoxLayout()
        head.setContentsMargins(8, 0, 4, 0)
        head.addWidget(self._title, 1)
        head.addWidget(close)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(2)
        box.addLayout(head)
        box.addWidget(self.viewer, 1)
        box.addWidget(self.label_list)
        box.addWidget(self.entry)
        self.label_list.removed.connect(self._remove)
        self.entry.entered.connect(self._enter)
        self.entry.left.connect(self.closed)

    def set_keywords(self, keywords: Mapping[KeywordId, Keyword], finder: KeywordIndex) -> None:
        """All keywords, for names and for completion."""
        self._keywords = keywords
        self.entry.set_finder(finder)

    def open(self, reference: Reference, thumbnail: QPixmap | None) -> None:
        """Show another reference."""
        self.reference = reference
        figures = self.tr("Reference · weight {weight} · similarity {similarity}")
        shown = figures.format(
            weight=f"{reference.weight:.1%}", similarity=f"{reference.similarity:.3f}"
        )
        self._title.setText(shown)
        self._title.setToolTip(reference.path)
        self.labels.set_labels([])
        self.viewer.show_image(thumbnail.size() if thumbnail else QSize(), thumbnail)

    def show_known(
        self, known: KnownImage, thumbnail: QPixmap | None, whole: QImage | None
    ) -> None:
        """Show what was read about it."""
        rows = [
            (self._keywords[one.keyword], one)
            for one in known.labels.values()
            if one.keyword in self._keywords
        ]
        self.labels.set_labels(rows)
        if not self.viewer.has_picture:
            self.viewer.show_image(QSize(known.image.width, known.image.height), thumbnail)
            if whole is not None:
                self.viewer.set_picture(whole)

    def _remove(self, keyword: Keyword) -> None:
        if self.reference is not None:
            self.removed.emit(self.reference.image, keyword)

    def _enter(self, keyword: Keyword | str) -> None:
        if self.reference is not None:
            self.entered.emit(self.reference.image, keyword)


class CentrePanel(QWidget):
    """Switches between the picture and the grid; the reference stands beside the picture."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.viewer = ImageViewer()
        self.reference = ReferencePanel()
        self.reference.hide()
        self.grid = ThumbnailView(GRID_CELL, grid=True)
        self.grid.setAccessibleName(self.tr("Images of the queue as a grid"))
        self.empty = QLabel(wordWrap=True, alignment=Qt.AlignmentFlag.AlignCenter)
        self.empty.setProperty("role", "secondary")
        self.empty.setMargin(48)
        self.caption = QuietLabel()
        self.zoom = QuietLabel(Qt.AlignmentFlag.AlignRight, width=56)
        self.beside = QSplitter(Qt.Orientation.Horizontal, childrenCollapsible=False)
        self.beside.addWidget(self.viewer)
        self.beside.addWidget(self.reference)
        self.stack = QStackedWidget()
        for page in (self.beside, self.grid, self.empty):
            self.stack.addWidget(page)
        foot = QHBoxLayout()
        foot.setContentsMargins(8, 2, 8, 2)
        foot.addWidget(self.caption, 1)
        foot.addWidget(self.zoom)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(self.stack, 1)
        box.addLayout(foot)
        self.viewer.zoomed.connect(self._show_zoom)
        self._in_grid = False

    @property
    def in_grid(self) -> bool:
        """Whether the grid was asked for."""
        return self._in_grid

    def set_grid(self, on: bool) -> None:
        """Show the grid or the picture."""
        self._in_grid = on
        self.zoom.setVisible(not on)
        if self.stack.currentWidget() is not self.empty:
            self.show_queue()

    @property
    def is_empty(self) -> bool:
        """Whether it says why there is no image."""
        return self.stack.currentWidget() is self.empty

    def show_queue(self) -> None:
        """There are images: show them."""
        self.stack.setCurrentWidget(self.grid if self._in_grid else self.beside)

    def show_empty(self, text: str) -> None:
        """There are none: say why, and what to do."""
        self.empty.setText(text)
        self.empty.setAccessibleName(text)
        self.stack.setCurrentWidget(self.empty)
        self.caption.set_text("")
        self.zoom.set_text("")

    def show_image(
        self, image: Image | None, reason: str, thumbnail: QPixmap | None, whole: QImage | None
    ) -> None:
        """Show what is here of an image: the picture, its thumbnail, or why there is none."""
        if image is not None and (reason or image.state is not ImageState.PRESENT):
            self.viewer.show_message(f"{image.path}\n\n{reason or self._missing(image)}")
        elif image is not None:
            self.viewer.show_image(QSize(image.width, image.height), thumbnail)
            if whole is not None:
                self.viewer.set_picture(whole)
        else:
            self.viewer.show_image(thumbnail.size() if thumbnail else QSize(), thumbnail)

    def set_caption(self, image: Image | None, row: int, rows: int) -> None:
        """Where one is in the queue, and what is shown."""
        place = self.tr("{row} of {rows}").format(row=count_text(row + 1), rows=count_text(rows))
        if image is None:
            self.caption.set_text(place)
            return
        self.caption.set_text(f"{place}   ·   {image.path}   ·   {image.width} × {image.height}")

    def _missing(self, image: Image) -> str:
        if image.state is ImageState.MISSING:
            return self.tr("The file is no longer there.")
        return self.tr("The file cannot be read as an image.")

    def _show_zoom(self, scale: float) -> None:
        self.zoom.set_text(f"{scale:.0%}")
