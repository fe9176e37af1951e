"""Paints one answered pair: two small pictures, what was said, how similar they are."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPalette
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from clipkw_gui.delegates.painting import draw_elided, draw_picture, tones
from clipkw_gui.roles import Role
from clipkw_gui.theme import small_font

_HEIGHT = 58
_WIDTH = 62
_GAP = 4


class AnswerDelegate(QStyledItemDelegate):
    """One row of the list of answers."""

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        return QSize(240, _HEIGHT)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        pair = index.data(Role.PAIR)
        if pair is None:
            return
        shades = tones(option.palette)
        painter.save()
        painter.setRenderHints(
            QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
        )
        row = option.rect.adjusted(2, 2, -2, -2)
        lit = QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver
        if option.state & lit:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(shades.groove)
            painter.drawRoundedRect(row, 5, 5)
        place = QRect(row.left() + _GAP, row.top() + _GAP, _WIDTH, row.height() - 2 * _GAP)
        for thumbnail in index.data(Role.THUMBNAILS):
            draw_picture(painter, place, thumbnail, shades.placeholder)
            place.translate(_WIDTH + _GAP, 0)
        left = place.left() + _GAP
        line = painter.fontMetrics().height() + 2
        text = QRect(left, row.center().y() - line, row.right() - left - _GAP, line)
        sign = "✓  " if pair.answer else "✗  "
        color = shades.accepted if pair.answer else shades.rejected
        draw_elided(painter, text, sign + str(index.data()), color, Qt.AlignmentFlag.AlignLeft)
        painter.setFont(small_font(option.font))
        second = str(index.data(Role.SECONDARY))
        secondary = (
            option.palette.color(QPalette.ColorRole.Text)
            if option.state & lit
            else shades.secondary
        )
        below = text.translated(0, line)
        draw_elided(painter, below, second, secondary, Qt.AlignmentFlag.AlignLeft)
        painter.restore()
