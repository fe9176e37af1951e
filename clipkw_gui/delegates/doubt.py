"""Paints one doubted label of the Review page."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, Qt
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import QStyleOptionViewItem

from clipkw_gui.delegates.painting import draw_elided, tones
from clipkw_gui.delegates.thumbnail import ThumbnailDelegate
from clipkw_gui.theme import small_font

_EDGE = 8


class DoubtDelegate(ThumbnailDelegate):
    """The thumbnail with its answer; below it the keyword in question."""

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        cell = QRect(option.rect)
        font = small_font(option.font)
        line = QFontMetrics(font).height() + 4
        option.rect = cell.adjusted(0, 0, 0, -line)
        super().paint(painter, option, index)
        option.rect = cell
        painter.save()
        painter.setFont(font)
        caption = QRect(cell.left() + _EDGE, cell.bottom() - line, cell.width() - 2 * _EDGE, line)
        secondary = tones(option.palette).secondary
        draw_elided(painter, caption, str(index.data()), secondary, Qt.AlignmentFlag.AlignHCenter)
        painter.restore()
