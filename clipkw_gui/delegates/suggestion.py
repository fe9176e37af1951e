"""Paints one suggestion: its key, NO and EN, confidence, and what has been answered."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPalette, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from clipkw_gui.delegates.painting import (
    BADGE,
    Tones,
    draw_badge,
    draw_confidence,
    draw_elided,
    tones,
)
from clipkw_gui.roles import Role
from clipkw_gui.theme import small_font
from core.types import Suggestion, Verdict

_HEIGHT = 28
_DIVIDER = 24
_KEY = 20
_PERCENT = 44
_BAR = 44


class SuggestionDelegate(QStyledItemDelegate):
    """Paint only; the view decides what a click on the marks means."""

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        return QSize(200, _DIVIDER if index.data(Role.DIVIDER) else _HEIGHT)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        shades = tones(option.palette)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if index.data(Role.DIVIDER):
            self._paint_divider(painter, option, str(index.data()), shades)
        else:
            self._paint_row(painter, option, index, shades)
        painter.restore()

    def _paint_divider(
        self, painter: QPainter, option: QStyleOptionViewItem, text: str, shades: Tones
    ) -> None:
        painter.setFont(small_font(option.font))
        rect = option.rect.adjusted(10, 0, -10, 0)
        width = draw_elided(painter, rect, text, shades.secondary, Qt.AlignmentFlag.AlignLeft)
        painter.setPen(shades.hairline)
        middle = rect.center().y() + 1
        painter.drawLine(rect.left() + width + 8, middle, rect.right(), middle)

    def _paint_row(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
        shades: Tones,
    ) -> None:
        suggestion: Suggestion = index.data(Role.SUGGESTION)
        said = index.data(Role.VERDICT)
        verdict = Verdict(said) if said else None
        row = option.rect.adjusted(4, 1, -4, -1)
        self._paint_ground(painter, option, row, bool(index.data(Role.IN_HAND)), shades)
        key = QRect(row.left() + 8, row.center().y() - 8, _KEY, 17)
        painter.setFont(small_font(option.font))
        if index.data(Role.NUMBER):
            painter.setPen(QPen(shades.hairline, 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(key, 3, 3)
            painter.setPen(shades.secondary)
            number = str(index.data(Role.NUMBER))
            painter.drawText(key, int(Qt.AlignmentFlag.AlignCenter), number)
        mark = QRect(row.right() - BADGE - 6, row.center().y() - BADGE // 2 + 1, BADGE, BADGE)
        bar = QRectF(mark.left() - _BAR - 10, row.center().y() - 2, _BAR, 5)
        left, right = key.right() + 8, round(bar.left()) - 8
        names = QRect(left, row.top(), right - left, row.height())
        self._paint_names(painter, option, names, suggestion, verdict, shades)
        filled = shades.bar if suggestion.above_threshold else shades.bar_below
        draw_confidence(painter, bar, suggestion.confidence, filled, shades.groove)
        if verdict:
            draw_badge(painter, mark, verdict, shades)
        else:
            painter.setPen(QPen(shades.hairline, 1.4))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(mark.adjusted(1, 1, -1, -1))

    def _paint_ground(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        row: QRect,
        in_hand: bool,
        shades: Tones,
    ) -> None:
        if in_hand or option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(shades.groove)
            painter.drawRoundedRect(row, 5, 5)
        if in_hand:
            painter.setBrush(option.palette.color(QPalette.ColorRole.Highlight))
            painter.drawRoundedRect(QRect(row.left(), row.top() + 4, 3, row.height() - 8), 1.5, 1.5)

    def _paint_names(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        rect: QRect,
        suggestion: Suggestion,
        verdict: Verdict | None,
        shades: Tones,
    ) -> None:
        font = QFont(option.font)
        font.setStrikeOut(verdict is Verdict.REJECTED)
        painter.setFont(font)
        strong = suggestion.above_threshold and verdict is not Verdict.REJECTED
        color = option.palette.color(QPalette.ColorRole.Text) if strong else shades.secondary
        percent = QRect(rect.right() - _PERCENT + 1, rect.top(), _PERCENT, rect.height())
        names = rect.adjusted(0, 0, -_PERCENT, 0)
        used = draw_elided(painter, names, suggestion.keyword.no, color, Qt.AlignmentFlag.AlignLeft)
        painter.setFont(option.font)
        draw_elided(
            painter, percent, f"{suggestion.confidence:.0%}", color, Qt.AlignmentFlag.AlignRight
        )
        if suggestion.keyword.en and names.width() - used > 30:
            painter.setFont(small_font(option.font))
            rest = names.adjusted(used + 8, 0, 0, 0)
            draw_elided(
                painter, rest, suggestion.keyword.en, shades.secondary, Qt.AlignmentFlag.AlignLeft
            )
