"""What the Search page says when there is nothing to show."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication


def _tr(text: str) -> str:
    return QCoreApplication.translate("SearchPage", text)


def how_to_search() -> str:
    """Before anything is searched for."""
    return _tr(
        "Find images by words or by example.\n\n"
        "Type what to see, in Norwegian or English: results come while you type.\n"
        "Paste or drop a picture, or press M on any image, for more like it."
    )


def why_nothing(total: int) -> str:
    """Nothing was found among ``total`` images that pass the filter."""
    if total:
        return _tr("Nothing was found.")
    return _tr("No encoded image matches this filter.\n\nRemove a part of it above.")
