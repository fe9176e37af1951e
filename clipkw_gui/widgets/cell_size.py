"""How large a person wants the cells of a grid, remembered from one start to the next."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QSettings

from clipkw_gui.widgets.thumbnail_view import ThumbnailView


def remember_cell_size(preferences: QSettings, key: str, grid: ThumbnailView) -> None:
    """Show cells of the width that was chosen last, and keep what is chosen from now on."""
    width = preferences.value(key)
    if isinstance(width, int | str) and str(width).isdecimal():
        grid.set_cell_width(int(width))
    grid.zoomed.connect(partial(preferences.setValue, key))
