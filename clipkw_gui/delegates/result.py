"""Paints one image that a search has found."""

from __future__ import annotations

from PySide6.QtCore import QMargins, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPalette
from PySide6.QtWidgets import QStyleOptionViewItem

from clipkw_gui.delegates.painting import draw_elided, tones
from clipkw_gui.delegates.thumbnail import ThumbnailDelegate
from clipkw_gui.roles import Role
from clipkw_gui.theme import small_font

_EDGE = 10
_GAP = 6


class ResultDelegate(ThumbnailDelegate):
    """The thumbnail; below it the score and the name of the file."""

    def picture_box(self, cell: QSize, font: QFont) -> QSize:
        """The room for the picture in a cell."""
        return super().picture_box(cell.shrunkBy(QMargins(0, 0, 0, _line_height(font))), font)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        cell = QRect(option.rect)
        font = small_font(option.font)
        line = _line_height(option.font)
        option.rect = cell.adjusted(0, 0, 0, -line)
        super().paint(painter, option, index)
        option.rect = cell
        score = index.data(Role.SCORE)
        if score is None:
            return
        painter.save()
        painter.setFont(font)
        caption = QRect(cell.left() + _EDGE, cell.bottom() - line, cell.width() - 2 * _EDGE, line)
        text = option.palette.color(QPalette.ColorGroup.Active, QPalette.ColorRole.Text)
        used = draw_elided(painter, caption, f"{score:.2f}", text, Qt.AlignmentFlag.AlignLeft)
        name = caption.adjusted(used + _GAP, 0, 0, 0)
        secondary = tones(option.palette).secondary
        draw_elided(painter, name, str(index.data() or ""), secondary, Qt.AlignmentFlag.AlignLeft)
        painter.restore()


def _line_height(font: QFont) -> int:
    return QFontMetrics(small_font(font)).height() + 4
