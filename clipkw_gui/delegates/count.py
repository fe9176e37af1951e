"""Paints a name with its second language and a count at the right."""

from __future__ import annotations

from PySide6.QtCore import QLocale, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPalette
from PySide6.QtWidgets import QApplication, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from clipkw_gui.delegates.painting import draw_elided, tones
from clipkw_gui.roles import Role
from clipkw_gui.theme import small_font


def count_text(count: float) -> str:
    """A whole number as it is; what is expected on average as "<1", or rounded."""
    return "<1" if 0 < count < 1 else QLocale().toString(round(count))


class CountDelegate(QStyledItemDelegate):
    """For queues, folders, keywords and completions alike."""

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        return QSize(80, option.fontMetrics.height() + 7)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        style = option.widget.style() if option.widget else QApplication.style()
        style.drawPrimitive(
            QStyle.PrimitiveElement.PE_PanelItemViewItem, option, painter, option.widget
        )
        shades = tones(option.palette)
        text, secondary = option.palette.color(QPalette.ColorRole.Text), shades.secondary
        painter.save()
        rect = option.rect.adjusted(6, 0, -8, 0)
        count = index.data(Role.COUNT)
        small = small_font(option.font)
        if count is not None:
            painter.setFont(small)
            shown = count_text(count)
            width = painter.fontMetrics().horizontalAdvance(shown) + 10
            place = QRect(rect.right() - width + 1, rect.top(), width, rect.height())
            draw_elided(painter, place, shown, secondary, Qt.AlignmentFlag.AlignRight)
            rect.setRight(place.left())
        painter.setFont(option.font)
        used = draw_elided(painter, rect, str(index.data()), text, Qt.AlignmentFlag.AlignLeft)
        second = index.data(Role.SECONDARY)
        if second and rect.width() - used > 24:
            painter.setFont(small)
            rest = rect.adjusted(used + 8, 0, 0, 0)
            draw_elided(painter, rest, str(second), secondary, Qt.AlignmentFlag.AlignLeft)
        painter.restore()
