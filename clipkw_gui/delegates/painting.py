"""Colours and small shapes that the delegates share; everything else comes from the palette."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPalette, QPixmap

from core.types import Verdict

SIGNS = {Verdict.ACCEPTED: "✓", Verdict.REJECTED: "✗", Verdict.UNSURE: "?", Verdict.IMPORTED: "✓"}
BADGE = 18


@dataclass(frozen=True, slots=True)
class Tones:
    """What light and dark windows paint marks with; contrast at least 4.5 on the base colour."""

    accepted: QColor
    rejected: QColor
    unsure: QColor
    imported: QColor
    on_mark: QColor
    secondary: QColor
    hairline: QColor
    tile: QColor
    placeholder: QColor
    bar: QColor
    bar_below: QColor
    groove: QColor

    def of(self, verdict: Verdict) -> QColor:
        """The colour of a verdict."""
        return {
            Verdict.ACCEPTED: self.accepted,
            Verdict.REJECTED: self.rejected,
            Verdict.UNSURE: self.unsure,
            Verdict.IMPORTED: self.imported,
        }[verdict]


def _mix(one: QColor, other: QColor, share: float) -> QColor:
    """``share`` of ``other`` in ``one``."""
    pairs = zip(one.getRgb()[:3], other.getRgb()[:3], strict=True)  # type: ignore[index]
    return QColor(*(round(a + (b - a) * share) for a, b in pairs))


def tones(palette: QPalette) -> Tones:
    """The tones that suit a palette."""
    key = palette.cacheKey()
    if key not in _tones_of:
        _tones_of.clear()  # one palette is in use at a time
        _tones_of[key] = _mixed(palette)
    return _tones_of[key]


_tones_of: dict[int, Tones] = {}


def _mixed(palette: QPalette) -> Tones:
    group, role = QPalette.ColorGroup.Active, QPalette.ColorRole
    colors = (palette.color(group, one).rgb() for one in (role.Base, role.Text, role.Highlight))
    return _tones(*colors)


@lru_cache(maxsize=8)
def _tones(base_rgb: int, text_rgb: int, highlight_rgb: int) -> Tones:
    base, text = QColor(base_rgb), QColor(text_rgb)
    dark = base.lightness() < 128
    return Tones(
        accepted=QColor("#5cc98a" if dark else "#1b7f47"),
        rejected=QColor("#f2847c" if dark else "#b3362d"),
        unsure=QColor("#e3b44d" if dark else "#8a5d00"),
        imported=_mix(base, text, 0.62),
        on_mark=QColor("#101214" if dark else "#ffffff"),
        secondary=_mix(base, text, 0.66),
        hairline=_mix(base, text, 0.16),
        tile=_mix(base, text, 0.045),
        placeholder=_mix(base, text, 0.09),
        bar=QColor(highlight_rgb),
        bar_below=_mix(base, text, 0.42),
        groove=_mix(base, text, 0.12),
    )


def draw_elided(
    painter: QPainter,
    rect: QRect,
    text: str,
    color: QColor,
    align: Qt.AlignmentFlag,
    elide: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
) -> int:
    """Write one line, cut with an ellipsis where it does not fit; returns its width in pixels."""
    metrics = painter.fontMetrics()
    width = metrics.horizontalAdvance(text)
    if width > rect.width():  # finding out where to cut is slow
        text = metrics.elidedText(text, elide, rect.width())
        width = metrics.horizontalAdvance(text)
    painter.setPen(color)
    painter.drawText(rect, int(align | Qt.AlignmentFlag.AlignVCenter), text)
    return width


def draw_confidence(
    painter: QPainter, rect: QRectF, value: float, bar: QColor, groove: QColor
) -> None:
    """A rounded bar filled to ``value`` in [0, 1]."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(groove)
    radius = rect.height() / 2
    painter.drawRoundedRect(rect, radius, radius)
    filled = QRectF(rect)
    filled.setWidth(max(rect.height(), rect.width() * min(max(value, 0.0), 1.0)))
    painter.setBrush(bar)
    painter.drawRoundedRect(filled, radius, radius)


def draw_badge(painter: QPainter, rect: QRect, verdict: Verdict, shades: Tones) -> None:
    """A round mark with the sign of a verdict."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(shades.of(verdict))
    painter.drawEllipse(rect)
    font = QFont(painter.font())
    font.setPixelSize(round(rect.height() * 0.68))
    font.setWeight(QFont.Weight.DemiBold)
    painter.setFont(font)
    painter.setPen(shades.on_mark)
    painter.drawText(rect, int(Qt.AlignmentFlag.AlignCenter), SIGNS[verdict])


def draw_picture(
    painter: QPainter, rect: QRect, pixmap: QPixmap | None, placeholder: QColor
) -> QRect:
    """Fit a picture into ``rect``, or a quiet tone while there is none; returns its place."""
    if pixmap is None or pixmap.isNull():
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(placeholder)
        painter.drawRoundedRect(rect, 4, 4)
        return rect
    own = pixmap.deviceIndependentSize().toSize()
    size = own.scaled(rect.size(), Qt.AspectRatioMode.KeepAspectRatio)
    is_fitted = max(abs(size.width() - own.width()), abs(size.height() - own.height())) <= 1
    place = QRect(rect.topLeft(), own.boundedTo(rect.size()) if is_fitted else size)
    place.moveCenter(rect.center())
    if is_fitted:  # scaling again would be slow and blur it
        painter.drawPixmap(place.topLeft(), pixmap)
    else:
        painter.drawPixmap(place, pixmap)
    return place
