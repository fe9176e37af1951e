"""Paints groups of duplicates: a row of small pictures for each, and the images of one in large."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPalette, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from clipkw_gui.delegates.painting import Tones, draw_elided, draw_picture, tones
from clipkw_gui.roles import Role
from clipkw_gui.theme import small_font

_LEFT, _CENTRE = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignHCenter
_MIDDLE = Qt.TextElideMode.ElideMiddle
_LIT = QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver
_PICTURE = QSize(68, 52)
_GAP = 5
MEMBER = QSize(220, 214)


class GroupDelegate(QStyledItemDelegate):
    """One row of the list of groups; the kept image stands first, framed."""

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        return QSize(300, _PICTURE.height() + option.fontMetrics.height() + 26)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        shades = tones(option.palette)
        painter.save()
        _prepare(painter)
        row = option.rect.adjusted(4, 3, -4, -3)
        if option.state & _LIT:
            _wash(painter, row, option, shades)
        place = QRect(row.left() + 8, row.top() + 8, _PICTURE.width(), _PICTURE.height())
        shown = index.data(Role.THUMBNAILS) or []
        for number, thumbnail in enumerate(shown):
            if place.right() > row.right() - 34:
                break
            picture = draw_picture(painter, place, thumbnail, shades.placeholder)
            if not number:
                _frame(painter, picture, shades)
                place.translate(6, 0)
            place.translate(_PICTURE.width() + _GAP, 0)
        else:
            number += 1
        more = int(index.data(Role.COUNT) or 0) + 1 - number
        if more > 0:
            rest = QRect(place.left(), place.top(), row.right() - place.left(), place.height())
            draw_elided(painter, rest, f"+{more}", shades.secondary, _LEFT)
        line = painter.fontMetrics().height() + 2
        text = QRect(row.left() + 8, row.bottom() - line - 4, row.width() - 16, line)
        second = str(index.data(Role.SECONDARY))
        painter.setFont(small_font(option.font))
        width = painter.fontMetrics().horizontalAdvance(second)
        right = QRect(text.right() - width, text.top(), width + 1, line)
        draw_elided(painter, right, second, shades.secondary, _LEFT)
        painter.setFont(option.font)
        color = option.palette.color(QPalette.ColorRole.Text)
        name = text.adjusted(0, 0, -width - 12, 0)
        draw_elided(painter, name, str(index.data()), color, _LEFT, _MIDDLE)
        painter.restore()


class MemberDelegate(QStyledItemDelegate):
    """One image of a group: its picture, its name, why it is left out, what it passes on."""

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        return MEMBER

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        shades = tones(option.palette)
        painter.save()
        _prepare(painter)
        cell = option.rect.adjusted(4, 4, -4, -4)
        if option.state & _LIT:
            _wash(painter, cell, option, shades)
        line = painter.fontMetrics().height() + 2
        picture = cell.adjusted(8, 8, -8, -3 * line - 10)
        picture = draw_picture(painter, picture, index.data(Role.THUMBNAIL), shades.placeholder)
        is_kept = not index.row()
        if is_kept:
            _frame(painter, picture, shades)
        text = QRect(cell.left() + 8, cell.bottom() - 3 * line - 4, cell.width() - 16, line)
        color = option.palette.color(QPalette.ColorRole.Text)
        draw_elided(painter, text, str(index.data()), color, _CENTRE, _MIDDLE)
        painter.setFont(small_font(option.font))
        figures = shades.accepted if is_kept else shades.secondary
        second = str(index.data(Role.SECONDARY))
        draw_elided(painter, text.translated(0, line), second, figures, _CENTRE)
        passed_on = str(index.data(Role.KEYWORD) or "")
        draw_elided(painter, text.translated(0, 2 * line), passed_on, shades.secondary, _CENTRE)
        painter.restore()


def _prepare(painter: QPainter) -> None:
    painter.setRenderHints(
        QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
    )


def _wash(painter: QPainter, rect: QRect, option: QStyleOptionViewItem, shades: Tones) -> None:
    """The ground of a row under the pointer or in the selection."""
    wash = shades.groove
    if option.state & QStyle.StateFlag.State_Selected:
        wash = option.palette.color(QPalette.ColorRole.Highlight)
        wash.setAlpha(60)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(wash)
    painter.drawRoundedRect(rect, 6, 6)


def _frame(painter: QPainter, picture: QRect, shades: Tones) -> None:
    """The mark of the kept image."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(shades.accepted, 2))
    painter.drawRoundedRect(picture.adjusted(-2, -2, 1, 1), 3, 3)
