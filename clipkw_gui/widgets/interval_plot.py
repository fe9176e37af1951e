"""Values with their intervals, one line each, on a common axis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QLocale, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from clipkw_gui.theme import shades_of, small_font
from clipkw_gui.widgets.plot import ticks

LINE = 30
_NAME_SHARE = 0.46
_TOP = 8


@dataclass(frozen=True, slots=True)
class Interval:
    """A value in [0, 1] between its bounds; ``is_marked`` has the colour of the accent."""

    name: str
    value: float
    low: float
    high: float
    is_marked: bool = False


class IntervalPlot(QWidget):
    """The first interval stands on top."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._intervals: list[Interval] = []

    @property
    def intervals(self) -> list[Interval]:
        """What is shown."""
        return list(self._intervals)

    def show_intervals(self, intervals: Sequence[Interval]) -> None:
        """Show others."""
        self._intervals = list(intervals)
        self.setAccessibleDescription(
            "; ".join(f"{one.name}: {_percent(one.value, 1)}" for one in intervals)
        )
        self.setFixedHeight(self.sizeHint().height())
        self.update()

    def sizeHint(self) -> QSize:
        below = QFontMetricsF(small_font(self.font())).height() + 12
        return QSize(420, round(len(self._intervals) * LINE + below + _TOP))

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._intervals:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        left = self.width() * _NAME_SHARE
        area = QRectF(left, _TOP, self.width() - left - 56, len(self._intervals) * LINE)
        low = min(one.low for one in self._intervals)
        high = max(one.high for one in self._intervals)
        margin = max((high - low) * 0.06, 0.005)
        self._paint_axis(painter, area, low - margin, high + margin)
        for place, one in enumerate(self._intervals):
            middle = area.top() + (place + 0.5) * LINE
            self._paint_one(painter, area, middle, one, (low - margin, high + margin))
        painter.end()

    def _paint_axis(self, painter: QPainter, area: QRectF, low: float, high: float) -> None:
        shades = shades_of(self.palette())
        painter.setFont(small_font(self.font()))
        height = painter.fontMetrics().height()
        for value in ticks(low, high, max(int(area.width()) // 64, 3)):
            x = area.left() + (value - low) / (high - low) * area.width()
            painter.setPen(QPen(QColor(shades.line), 1))
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom() + 4))
            painter.setPen(QColor(shades.secondary))
            place = QRectF(x - 40, area.bottom() + 5, 80, height)
            painter.drawText(place, int(Qt.AlignmentFlag.AlignHCenter), _percent(value, 0))

    def _paint_one(
        self,
        painter: QPainter,
        area: QRectF,
        middle: float,
        one: Interval,
        axis: tuple[float, float],
    ) -> None:
        shades, (low, high) = shades_of(self.palette()), axis
        color = QColor(shades.accent_text if one.is_marked else shades.secondary)
        left, at, right = (
            area.left() + (value - low) / (high - low) * area.width()
            for value in (one.low, one.value, one.high)
        )
        painter.setPen(QPen(color, 2))
        painter.drawLine(QPointF(left, middle), QPointF(right, middle))
        for end in (left, right):
            painter.drawLine(QPointF(end, middle - 4), QPointF(end, middle + 4))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        painter.drawEllipse(QPointF(at, middle), 4.5, 4.5)
        painter.setFont(self.font())
        painter.setPen(QColor(shades.text))
        flags = Qt.AlignmentFlag.AlignVCenter
        name = QRectF(0, middle - LINE / 2, area.left() - 14, LINE)
        shown = painter.fontMetrics().elidedText(
            one.name, Qt.TextElideMode.ElideRight, int(name.width())
        )
        painter.drawText(name, int(flags | Qt.AlignmentFlag.AlignRight), shown)
        value = QRectF(area.right() + 6, middle - LINE / 2, 50, LINE)
        painter.drawText(value, int(flags | Qt.AlignmentFlag.AlignRight), _percent(one.value, 1))


def _percent(share: float, decimals: int) -> str:
    return f"{QLocale().toString(share * 100, 'f', decimals)} %"
