"""A film strip or a grid of equal cells over any number of rows.

QListView lays out every row when it is shown, resized or turned into a grid: 0.7 s for 300 000
rows. Equal cells need no layout at all: a row's place is arithmetic, so this view takes the same
time for ten rows and ten million.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QPainter, QPaintEvent, QRegion, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QStyle, QStyleOptionViewItem, QWidget

from core.types import ImageIds

_Index = QModelIndex | QPersistentModelIndex
_Move = QAbstractItemView.CursorAction
PART = 8
"""So many cells are painted in one turn of the event loop when all change: one may be typing."""


SMALLEST, LARGEST = 88, 288
"""Widths in pixels that the cells of a grid can be given by a person."""
ZOOM_STEP = 1.2
_PICTURE_RATIO = 3 / 4


class ThumbnailView(QAbstractItemView):
    """Cells of ``cell`` pixels: in rows that scroll down (grid), or in one row (strip).

    The cells of a grid are at least so large: together they take all its width.
    """

    resized = Signal()
    """The cells of the grid have another size."""
    zoomed = Signal(int)
    """A person wants cells of this width in pixels."""

    def __init__(self, cell: QSize, *, grid: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._given = self._cell = cell
        self._least = cell.width()
        self._grid = grid
        self._stale = range(0)
        self._next_part = QTimer(self, singleShot=True, interval=0)
        self._next_part.timeout.connect(self._update_part)
        # The view paints its ground itself, so that what stays in sight is moved when it scrolls.
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        off, on = Qt.ScrollBarPolicy.ScrollBarAlwaysOff, Qt.ScrollBarPolicy.ScrollBarAsNeeded
        self.setHorizontalScrollBarPolicy(off if grid else on)
        self.setVerticalScrollBarPolicy(on if grid else off)
        if not grid:
            bar = self.horizontalScrollBar().sizeHint().height()
            self.setMinimumHeight(cell.height() + bar)

    # geometry ---------------------------------------------------------------------------------

    @property
    def cell(self) -> QSize:
        """The size of a cell as it is shown."""
        return self._cell

    def set_cell_width(self, width: int) -> None:
        """Show a grid of cells that are at least so wide; the current one stays in sight."""
        self._least = min(max(width, SMALLEST), LARGEST)
        self.updateGeometries()
        self.scrollTo(self.currentIndex(), QAbstractItemView.ScrollHint.PositionAtCenter)

    def zoom_in(self) -> None:
        """Larger cells."""
        self._zoom(self._least * ZOOM_STEP)

    def zoom_out(self) -> None:
        """Smaller cells."""
        self._zoom(self._least / ZOOM_STEP)

    def _zoom(self, width: float) -> None:
        self.set_cell_width(round(width))
        self.zoomed.emit(self._least)

    def _fit_cells(self) -> None:
        """The spare width is shared out among the cells of a grid; pictures grow in both ways."""
        if not self._grid:
            return
        width = self.viewport().width() // self._columns()
        height = self._given.height() + round((width - self._given.width()) * _PICTURE_RATIO)
        cell = QSize(width, max(height, width // 2))
        if cell != self._cell:
            self._cell = cell
            self.viewport().update()
            self.resized.emit()

    def _columns(self) -> int:
        if not self._grid:
            return max(self._rows(), 1)
        return max(self.viewport().width() // self._least, 1)

    def _rows(self) -> int:
        model = self.model()
        return model.rowCount() if model else 0

    def _margin(self) -> int:
        """The last spare pixels, shared out at both sides of a grid."""
        used = self._columns() * self._cell.width()
        return max((self.viewport().width() - used) // 2, 0) if self._grid else 0

    def visualRect(self, index: _Index) -> QRect:
        if not index.isValid():
            return QRect()
        return next(self._places(range(index.row(), index.row() + 1)))[1]

    def _places(self, rows: range) -> Iterator[tuple[int, QRect]]:
        """Rows with their cells."""
        columns, width, height = self._columns(), self._cell.width(), self._cell.height()
        left, top = self._margin() - self.horizontalOffset(), -self.verticalOffset()
        for row in rows:
            line, column = divmod(row, columns)
            yield row, QRect(left + column * width, top + line * height, width, height)

    def indexAt(self, point: QPoint) -> QModelIndex:
        x = point.x() + self.horizontalOffset() - self._margin()
        y = point.y() + self.verticalOffset()
        if x < 0 or y < 0:
            return QModelIndex()
        column, line = x // self._cell.width(), y // self._cell.height()
        row = line * self._columns() + column
        if column >= self._columns() or row >= self._rows():
            return QModelIndex()
        return self.model().index(row, 0)

    def visible_rows(self) -> range:
        """The rows that show at least a part."""
        columns, rows = self._columns(), self._rows()
        if self._grid:
            first = self.verticalOffset() // self._cell.height() * columns
            below = self.verticalOffset() + self.viewport().height() - 1
            last = (below // self._cell.height() + 1) * columns
        else:
            first = self.horizontalOffset() // self._cell.width()
            last = (self.horizontalOffset() + self.viewport().width() - 1) // self._cell.width() + 1
        return range(min(max(first, 0), rows), min(max(last, 0), rows))

    def horizontalOffset(self) -> int:
        return self.horizontalScrollBar().value()

    def verticalOffset(self) -> int:
        return self.verticalScrollBar().value()

    def isIndexHidden(self, index: _Index) -> bool:
        return False

    def updateGeometries(self) -> None:
        self._fit_cells()
        view, cell, columns = self.viewport().size(), self._cell, self._columns()
        lines = -(-self._rows() // columns)
        across, down = self.horizontalScrollBar(), self.verticalScrollBar()
        across.setRange(0, 0 if self._grid else max(columns * cell.width() - view.width(), 0))
        across.setSingleStep(cell.width())
        across.setPageStep(view.width())
        down.setRange(0, max(lines * cell.height() - view.height(), 0) if self._grid else 0)
        down.setSingleStep(cell.height() // 2)
        down.setPageStep(view.height())
        super().updateGeometries()

    def scrollTo(
        self,
        index: _Index,
        hint: QAbstractItemView.ScrollHint = QAbstractItemView.ScrollHint.EnsureVisible,
    ) -> None:
        if not index.isValid():
            return
        place, view = self.visualRect(index), self.viewport().rect()
        bar = self.verticalScrollBar() if self._grid else self.horizontalScrollBar()
        start, end = (place.top(), place.bottom()) if self._grid else (place.left(), place.right())
        length = view.height() if self._grid else view.width()
        if hint == QAbstractItemView.ScrollHint.PositionAtCenter or not self._grid:
            bar.setValue(bar.value() + (start + end) // 2 - length // 2)
        elif start < 0:
            bar.setValue(bar.value() + start)
        elif end >= length:
            bar.setValue(bar.value() + end - length + 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.updateGeometries()
        if self.currentIndex().isValid():
            self.scrollTo(self.currentIndex())

    def wheelEvent(self, event: QWheelEvent) -> None:
        turn = event.angleDelta()
        if self._grid and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            if turn.y():
                (self.zoom_in if turn.y() > 0 else self.zoom_out)()
            event.accept()
            return
        if self._grid:
            super().wheelEvent(event)
            return
        bar = self.horizontalScrollBar()
        bar.setValue(bar.value() - (turn.y() or turn.x()))
        event.accept()

    # moving and selecting ---------------------------------------------------------------------

    def moveCursor(self, action: _Move, modifiers: Qt.KeyboardModifier) -> QModelIndex:
        rows = self._rows()
        if not rows:
            return QModelIndex()
        columns = self._columns() if self._grid else 1
        page = columns * max(self.viewport().height() // self._cell.height(), 1)
        if not self._grid:
            page = max(self.viewport().width() // self._cell.width(), 1)
        steps = {
            _Move.MoveLeft: -1,
            _Move.MovePrevious: -1,
            _Move.MoveRight: 1,
            _Move.MoveNext: 1,
            _Move.MoveUp: -columns,
            _Move.MoveDown: columns,
            _Move.MovePageUp: -page,
            _Move.MovePageDown: page,
            _Move.MoveHome: -rows,
            _Move.MoveEnd: rows,
        }
        row = max(self.currentIndex().row(), 0) + steps[action]
        return self.model().index(min(max(row, 0), rows - 1), 0)

    def setSelection(self, rect: QRect, command: QItemSelectionModel.SelectionFlag) -> None:
        """Select everything from the cell at one corner to the cell at the other."""
        ends = [self.indexAt(rect.topLeft()), self.indexAt(rect.bottomRight())]
        rows = [end.row() for end in ends if end.isValid()]
        selection = QItemSelection()
        if rows:
            model = self.model()
            selection.select(model.index(min(rows), 0), model.index(max(rows), 0))
        self.selectionModel().select(selection, command)

    def visualRegionForSelection(self, selection: QItemSelection) -> QRegion:
        region, seen = QRegion(), self.visible_rows()
        for part in selection:
            rows = range(max(part.top(), seen.start), min(part.bottom() + 1, seen.stop))
            for _, place in self._places(rows):
                region += QRegion(place)
        return region

    def selected_count(self) -> int:
        """How many rows are selected, without listing them."""
        return sum(part.height() for part in self.selectionModel().selection())

    def selected_ids(self, ids: ImageIds) -> ImageIds:
        """(k,) the selected part of ``ids``, the ids behind the rows, in row order."""
        parts = sorted((part.top(), part.bottom()) for part in self.selectionModel().selection())
        pieces = [ids[top : bottom + 1] for top, bottom in parts]
        return np.concatenate(pieces) if pieces else np.empty(0, np.int64)

    # painting ---------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.fillRect(event.rect(), self.palette().base())
        option = QStyleOptionViewItem()
        self.initViewItemOption(option)
        state, selection = option.state, self.selectionModel()
        current, delegate = self.currentIndex(), self.itemDelegate()
        stale, model = event.region(), self.model()
        for row, place in self._places(self.visible_rows()):
            if not stale.intersects(place):
                continue
            index = model.index(row, 0)
            option.rect = place
            option.state = state & ~QStyle.StateFlag.State_HasFocus
            if selection.isSelected(index):
                option.state |= QStyle.StateFlag.State_Selected
            if index == current:
                option.state |= QStyle.StateFlag.State_HasFocus
            delegate.paint(painter, option, index)
        painter.end()
        if self._stale:
            self._next_part.start()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        self.viewport().scroll(dx, dy)

    def doItemsLayout(self) -> None:
        """There is nothing to lay out; other rows are painted part by part."""
        self.updateGeometries()
        seen = self.visible_rows()
        cells = QRegion()
        for _, place in self._places(seen):
            cells += QRegion(place)
        self.viewport().update(QRegion(self.viewport().rect()) - cells)
        self._update_rows(seen)

    def _update_rows(self, rows: range) -> None:
        left = self._stale
        self._stale = (
            range(min(rows.start, left.start), max(rows.stop, left.stop)) if left else rows
        )
        self._update_part()

    def _update_part(self) -> None:
        part, self._stale = self._stale[:PART], self._stale[PART:]
        viewport = self.viewport()
        for _, place in self._places(range(part.start, min(part.stop, self._rows()))):
            viewport.update(place)

    def dataChanged(
        self, top_left: _Index, bottom_right: _Index, roles: list[int] | None = None
    ) -> None:
        seen = self.visible_rows() if self.isVisible() else range(0)
        rows = range(max(top_left.row(), seen.start), min(bottom_right.row() + 1, seen.stop))
        if len(rows) == 1:
            self.viewport().update(next(self._places(rows))[1])
        elif rows:
            self._update_rows(rows)

    def rowsInserted(self, parent: _Index, start: int, end: int) -> None:
        super().rowsInserted(parent, start, end)
        self.updateGeometries()
        self.viewport().update()
