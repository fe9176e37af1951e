"""Numbers and times in words, as the person's country writes them."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QLocale


def _tr(text: str) -> str:
    return QCoreApplication.translate("Formats", text)


def count_text(count: int) -> str:
    """12480 -> "12 480" (or "12,480")."""
    return QLocale().toString(count)


def size_text(size: int) -> str:
    """Bytes -> "3.1 GB"."""
    return QLocale().formattedDataSize(size, 1, QLocale.DataSizeFormat.DataSizeTraditionalFormat)


def duration_text(seconds: float) -> str:
    """A duration to the precision one cares about: "40 s", "12 min", "2 h 05 min"."""
    whole = max(round(seconds), 1)
    if whole < 60:
        return _tr("{seconds} s").format(seconds=whole)
    minutes = round(whole / 60)
    if minutes < 60:
        return _tr("{minutes} min").format(minutes=minutes)
    return _tr("{hours} h {minutes:02} min").format(hours=minutes // 60, minutes=minutes % 60)


def left_text(seconds: float) -> str:
    """How long it still takes."""
    return _tr("{duration} left").format(duration=duration_text(seconds))


def rate_text(rate: float) -> str:
    """Units per second, or per minute if it is slow."""
    per_second = rate >= 1
    value = QLocale().toString(rate if per_second else rate * 60, "f", 0 if rate >= 10 else 1)
    return (_tr("{value} per second") if per_second else _tr("{value} per minute")).format(
        value=value
    )
