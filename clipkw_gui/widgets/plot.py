"""A small plot: curves, dots and marks over two axes, painted in the colours of the window."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QAction,
    QColor,
    QFontMetricsF,
    QGuiApplication,
    QHelpEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QFileDialog, QSizePolicy, QToolTip, QWidget

from clipkw_gui.theme import DARK, shades_of, small_font

Points = Sequence[tuple[float, float]]
DOT = 3.5
REACH = 9.0
"""A dot within so many pixels of the pointer is told about."""


_SERIES_LIGHT = ("#2757c4", "#b4540a", "#1b7f47", "#a02c8a", "#0d7d8c", "#6b6a12")
_SERIES_DARK = ("#7ea6f7", "#f0a35e", "#5cc98a", "#e58bd3", "#5fc7d6", "#cfcd63")
"""Colours of several curves in one plot; contrast at least 4.5 on the base colour."""


class Tone(StrEnum):
    """What a part of the plot means; it gives the colour."""

    ACCENT = "accent"
    GOOD = "good"
    BAD = "bad"
    QUIET = "quiet"


@dataclass(frozen=True, slots=True)
class Axis:
    """From ``low`` to ``high``, low < high; ``percent`` writes 0.5 as 50 %."""

    title: str
    low: float
    high: float
    percent: bool = False


@dataclass(frozen=True, slots=True)
class Curve:
    """A line through points, from left to right.

    One with a ``title`` stands in the legend, in the colour of its place among the curves.
    """

    points: Points
    tone: Tone = Tone.ACCENT
    title: str = ""


@dataclass(frozen=True, slots=True)
class Dots:
    """Single points; ``texts`` tell about each when the pointer is on it."""

    points: Points
    tone: Tone = Tone.QUIET
    texts: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Mark:
    """A line across at a place of the horizontal axis, with a word beside its upper end."""

    at: float
    text: str
    at_left: bool = False


@dataclass(frozen=True, slots=True)
class PlotContent:
    """All that a plot shows. ``about`` says it in words, for those who cannot see it."""

    across: Axis
    up: Axis
    curves: Sequence[Curve] = ()
    dots: Sequence[Dots] = ()
    marks: Sequence[Mark] = ()
    about: str = ""


class Plot(QWidget):
    """Shows one :class:`PlotContent`; its picture can be copied and saved from the menu."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(180, 120)
        self._content: PlotContent | None = None
        for text, slot in (
            (self.tr("Copy the plot"), self.copy),
            (self.tr("Save the plot…"), self._ask_where_to_save),
        ):
            action = QAction(text, self)
            action.triggered.connect(slot)
            self.addAction(action)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)

    @property
    def content(self) -> PlotContent | None:
        """What is shown."""
        return self._content

    def show_content(self, content: PlotContent | None) -> None:
        """Show something else."""
        if content != self._content:
            self._content = content
            self.setAccessibleDescription(content.about if content else "")
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(280, 190)

    # the picture ------------------------------------------------------------------------------

    def copy(self) -> None:
        """Put the picture on the clipboard."""
        QGuiApplication.clipboard().setPixmap(self.grab())

    def save(self, path: Path) -> bool:
        """Write the picture to a file; False if that was not possible."""
        return self.grab().save(str(path))

    def _ask_where_to_save(self) -> None:
        chosen, _ = QFileDialog.getSaveFileName(
            self, self.tr("Save the plot"), f"{self.accessibleName()}.png", "PNG (*.png)"
        )
        if chosen:
            self.save(Path(chosen))

    # painting ---------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        content = self._content
        if content is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(small_font(self.font()))
        area = self._area(content)
        self._paint_axes(painter, area, content)
        self._paint_marks(painter, area, content)
        painter.setClipRect(area.adjusted(-DOT - 1, -DOT - 1, DOT + 1, DOT + 1))
        for place, curve in enumerate(content.curves):
            painter.setPen(QPen(self._color_of(curve, place), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPolyline(QPolygonF(_place(area, content, curve.points)))
        for dots in content.dots:
            color = self._color(dots.tone)
            painter.setPen(Qt.PenStyle.NoPen)
            color.setAlpha(200)
            painter.setBrush(color)
            for point in _place(area, content, dots.points):
                painter.drawEllipse(point, DOT, DOT)
        painter.setClipping(False)
        self._paint_legend(painter, content)
        painter.end()

    def _area(self, content: PlotContent) -> QRectF:
        """Where the points lie: the widget without its labels."""
        metrics = QFontMetricsF(small_font(self.font()))
        up = content.up
        widest = max(metrics.horizontalAdvance(one) for _, one in _labels(up, self._most_up()))
        left, below = widest + 10, metrics.height() * (2 if content.across.title else 1) + 8
        below += metrics.height() * len(_titled(content)) + (6 if _titled(content) else 0)
        return QRectF(left, 2 * metrics.height(), self.width() - left - 14, 0).adjusted(
            0, 0, 0, self.height() - below - 2 * metrics.height()
        )

    def _most_up(self) -> int:
        return max(self.height() // 45, 2)

    def _paint_axes(self, painter: QPainter, area: QRectF, content: PlotContent) -> None:
        shades = shades_of(self.palette())
        height = painter.fontMetrics().height()
        align = Qt.AlignmentFlag
        for value, label in _labels(content.up, self._most_up()):
            y = _place(area, content, [(content.across.low, value)])[0].y()
            painter.setPen(QPen(QColor(shades.line), 1))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(QColor(shades.secondary))
            place = QRectF(0, y - height / 2, area.left() - 6, height)
            painter.drawText(place, int(align.AlignRight | align.AlignVCenter), label)
        for value, label in _labels(content.across, max(int(area.width()) // 64, 2)):
            x = _place(area, content, [(value, content.up.low)])[0].x()
            painter.setPen(QPen(QColor(shades.line), 1))
            painter.drawLine(QPointF(x, area.bottom()), QPointF(x, area.bottom() + 4))
            painter.setPen(QColor(shades.secondary))
            place = QRectF(x - 40, area.bottom() + 5, 80, height)
            if place.right() > self.width():
                place.moveRight(self.width())
                painter.drawText(place, int(align.AlignRight | align.AlignTop), label)
            else:
                painter.drawText(place, int(align.AlignHCenter | align.AlignTop), label)
        painter.drawText(
            QRectF(area.left(), area.bottom() + 6 + height, area.width(), height),
            int(align.AlignHCenter | align.AlignTop),
            content.across.title,
        )
        painter.drawText(QRectF(0, 0, self.width(), height), int(align.AlignLeft), content.up.title)

    def _paint_marks(self, painter: QPainter, area: QRectF, content: PlotContent) -> None:
        shades, metrics = shades_of(self.palette()), painter.fontMetrics()
        for mark in content.marks:
            x = _place(area, content, [(mark.at, content.up.low)])[0].x()
            if not area.left() - 1 <= x <= area.right() + 1:
                continue
            painter.setPen(QPen(QColor(shades.secondary), 1, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
            painter.setPen(QColor(shades.text))
            width = metrics.horizontalAdvance(mark.text)
            left = x - width - 4 if mark.at_left else x + 4
            left = min(max(left, 0), self.width() - width)
            painter.drawText(QPointF(left, area.top() - 4), mark.text)

    def _paint_legend(self, painter: QPainter, content: PlotContent) -> None:
        titled, height = _titled(content), painter.fontMetrics().height()
        top = self.height() - height * len(titled) - 1
        for line, (place, curve) in enumerate(titled):
            middle = top + (line + 0.5) * height
            painter.setPen(QPen(self._color_of(curve, place), 3))
            painter.drawLine(QPointF(4, middle), QPointF(22, middle))
            painter.setPen(QColor(shades_of(self.palette()).text))
            place_of_text = QRectF(30, top + line * height, self.width() - 30, height)
            painter.drawText(place_of_text, int(Qt.AlignmentFlag.AlignVCenter), curve.title)

    def _color_of(self, curve: Curve, place: int) -> QColor:
        if not curve.title:
            return self._color(curve.tone)
        series = _SERIES_DARK if shades_of(self.palette()) is DARK else _SERIES_LIGHT
        return QColor(series[place % len(series)])

    def _color(self, tone: Tone) -> QColor:
        shades = shades_of(self.palette())
        return QColor(
            {
                Tone.ACCENT: shades.accent_text,
                Tone.GOOD: shades.good,
                Tone.BAD: shades.problem,
                Tone.QUIET: shades.secondary,
            }[tone]
        )

    # the pointer ------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.told_at(QPointF(event.pos())), self)
            return True
        return super().event(event)

    def told_at(self, place: QPointF) -> str:
        """The text of the dot nearest to a place of the widget, "" if none is near."""
        content, best, text = self._content, REACH, ""
        if content is None:
            return ""
        area = self._area(content)
        for dots in content.dots:
            for point, about in zip(_place(area, content, dots.points), dots.texts, strict=False):
                away = math.hypot(point.x() - place.x(), point.y() - place.y())
                if away <= best:
                    best, text = away, about
        return text


def _titled(content: PlotContent) -> list[tuple[int, Curve]]:
    """The curves of the legend, with their places."""
    return [(place, curve) for place, curve in enumerate(content.curves) if curve.title]


def _place(area: QRectF, content: PlotContent, points: Points) -> list[QPointF]:
    """Where points lie on the widget."""
    across, up = content.across, content.up
    wide = area.width() / (across.high - across.low)
    high = area.height() / (up.high - up.low)
    return [
        QPointF(area.left() + (x - across.low) * wide, area.bottom() - (y - up.low) * high)
        for x, y in points
    ]


def ticks(low: float, high: float, most: int) -> list[float]:
    """At most ``most`` + 1 round values from low to high, in steps of 1, 2 or 5 of a decade."""
    raw = (high - low) / max(most, 1)
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(power * one for one in (1, 2, 5, 10) if power * one >= raw * 0.999)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [number * step for number in range(first, last + 1)]


def _labels(axis: Axis, most: int) -> list[tuple[float, str]]:
    """Ticks and what is written at them, with as many decimals as tell them apart."""
    values = ticks(axis.low, axis.high, most)
    factor = 100 if axis.percent else 1
    step = (values[1] - values[0]) * factor if len(values) > 1 else 1.0
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    unit = " %" if axis.percent else ""
    return [(value, f"{value * factor:.{decimals}f}{unit}") for value in values] or [(axis.low, "")]
