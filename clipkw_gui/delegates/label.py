"""Paints one keyword of an image: mark, name, who said it, and a cross to remove it."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPalette
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from clipkw_gui.delegates.painting import SIGNS, draw_elided, tones
from clipkw_gui.roles import Role
from clipkw_gui.theme import small_font
from core.types import Verdict


class LabelDelegate(QStyledItemDelegate):
    """Paint only; the view decides what a click on the cross means."""

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        return QSize(120, option.fontMetrics.height() + 9)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        verdict = Verdict(index.data(Role.VERDICT))
        shades = tones(option.palette)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        row = option.rect.adjusted(4, 1, -4, -1)
        pointed = bool(
            option.state & (QStyle.StateFlag.State_MouseOver | QStyle.StateFlag.State_Selected)
        )
        if pointed:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(shades.groove)
            painter.drawRoundedRect(row, 4, 4)
        left, right = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
        painter.setFont(option.font)
        sign = QRect(row.left() + 8, row.top(), 20, row.height())
        draw_elided(painter, sign, SIGNS[verdict], shades.of(verdict), left)
        cross = QRect(row.right() - 24, row.top(), 18, row.height())
        if pointed:
            draw_elided(painter, cross, "×", shades.secondary, right)
        here = verdict in (Verdict.ACCEPTED, Verdict.IMPORTED)
        text = option.palette.color(QPalette.ColorRole.Text) if here else shades.secondary
        names = QRect(sign.right() + 4, row.top(), cross.left() - sign.right() - 8, row.height())
        used = draw_elided(painter, names, str(index.data()), text, left)
        painter.setFont(small_font(option.font))
        rest = names.adjusted(used + 10, 0, 0, 0)
        if rest.width() > 24:
            draw_elided(painter, rest, str(index.data(Role.SECONDARY)), shades.secondary, right)
        painter.restore()
