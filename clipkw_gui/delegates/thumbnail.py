"""Paints one image of the film strip or the grid."""

from __future__ import annotations

from PySide6.QtCore import QMargins, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPalette, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from clipkw_gui.delegates.painting import (
    BADGE,
    Tones,
    draw_badge,
    draw_elided,
    draw_picture,
    tones,
)
from clipkw_gui.roles import Role
from clipkw_gui.theme import small_font
from core.types import ImageState, Verdict

_FRAME, _PADDING = 3, 5
_SHOWN_WEIGHT = 0.005
_ORDER = (Verdict.ACCEPTED, Verdict.REJECTED, Verdict.UNSURE, Verdict.IMPORTED)


class ThumbnailDelegate(QStyledItemDelegate):
    """Picture on a tile, marks, and the reason of an image that cannot be shown."""

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        return QSize(120, 104)

    def picture_box(self, cell: QSize, font: QFont) -> QSize:
        """The room for the picture in a cell."""
        edge = _FRAME + _PADDING
        return cell.shrunkBy(QMargins(edge, edge, edge, edge))

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        shades = tones(option.palette)
        painter.save()
        painter.setRenderHints(
            QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
        )
        cell = option.rect.adjusted(_FRAME, _FRAME, -_FRAME, -_FRAME)
        self._paint_frame(painter, option, cell, index, shades.tile)
        image = index.data(Role.IMAGE)
        reason = index.data(Role.PROBLEM)
        picture = cell.adjusted(_PADDING, _PADDING, -_PADDING, -_PADDING)
        unusable = image is not None and image.state is not ImageState.PRESENT
        if unusable or reason:
            self._paint_reason(painter, option, picture, reason or str(image.state), shades)
        else:
            placeholder = shades.placeholder
            picture = draw_picture(painter, picture, index.data(Role.THUMBNAIL), placeholder)
        self._paint_marks(painter, picture, index.data(Role.VERDICTS) or frozenset(), shades)
        painter.restore()

    def _paint_frame(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        cell: QRect,
        index: QModelIndex | QPersistentModelIndex,
        tile: QColor,
    ) -> None:
        highlight = option.palette.color(QPalette.ColorRole.Highlight)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(tile)
        painter.drawRoundedRect(cell, 5, 5)
        if option.state & QStyle.StateFlag.State_Selected:
            wash = highlight
            wash.setAlpha(70)
            painter.setBrush(wash)
            painter.drawRoundedRect(cell, 5, 5)
        if bool(index.data(Role.IN_HAND)) or option.state & QStyle.StateFlag.State_HasFocus:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(option.palette.color(QPalette.ColorRole.Highlight), 2))
            painter.drawRoundedRect(cell, 5, 5)

    def _paint_reason(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        rect: QRect,
        reason: str,
        shades: Tones,
    ) -> None:
        draw_picture(painter, rect, None, shades.placeholder)
        painter.setFont(small_font(option.font))
        painter.setPen(shades.secondary)
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(rect.adjusted(4, 4, -4, -4), int(flags), reason)

    def _paint_marks(
        self, painter: QPainter, picture: QRect, verdicts: frozenset[Verdict], shades: Tones
    ) -> None:
        shown = [one for one in _ORDER if one in verdicts]
        if Verdict.ACCEPTED in verdicts and Verdict.IMPORTED in shown:
            shown.remove(Verdict.IMPORTED)
        place = QRect(picture.right() - BADGE - 2, picture.top() + 3, BADGE, BADGE)
        for verdict in shown:
            draw_badge(painter, place, verdict, shades)
            place.translate(-BADGE - 3, 0)


class ReferenceDelegate(QStyledItemDelegate):
    """Paints one reference of the evidence strip: picture, weight, similarity, keywords."""

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        return QSize(124, 136)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        reference = index.data(Role.REFERENCE)
        if reference is None:
            return
        shades = tones(option.palette)
        light = int(index.data(Role.LIGHT) or 0)
        painter.save()
        painter.setRenderHints(
            QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
        )
        painter.setOpacity(0.28 if light < 0 else 1.0)
        cell = option.rect.adjusted(3, 3, -3, -3)
        if option.state & (QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(shades.groove)
            painter.drawRoundedRect(cell, 5, 5)
        small = small_font(option.font)
        painter.setFont(small)
        line = painter.fontMetrics().height() + 1
        picture = cell.adjusted(5, 5, -5, -2 * line - 6)
        draw_picture(painter, picture, index.data(Role.THUMBNAIL), shades.placeholder)
        text = option.palette.color(QPalette.ColorRole.Text)
        figures = QRect(cell.left() + 5, picture.bottom() + 3, cell.width() - 10, line)
        weight = f"{reference.weight:.0%}" if reference.weight >= _SHOWN_WEIGHT else ""
        draw_elided(painter, figures, weight, text, Qt.AlignmentFlag.AlignLeft)
        similarity = f"{reference.similarity:.2f}"
        draw_elided(painter, figures, similarity, shades.secondary, Qt.AlignmentFlag.AlignRight)
        names = figures.translated(0, line)
        draw_elided(painter, names, str(index.data()), shades.secondary, Qt.AlignmentFlag.AlignLeft)
        if light > 0 or option.state & QStyle.StateFlag.State_HasFocus:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(option.palette.color(QPalette.ColorRole.Highlight), 2))
            painter.drawRoundedRect(cell, 5, 5)
        painter.restore()
