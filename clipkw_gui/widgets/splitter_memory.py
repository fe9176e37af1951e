"""How a page was laid out, remembered from one start to the next."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QByteArray, QSettings
from PySide6.QtWidgets import QSplitter


class SplitterMemory:
    """Lays out splitters as they were saved under these keys; as they are if never saved.

    A layout is saved for its direction and number of parts: that of an earlier version, with other
    parts, would turn the page into something else.
    """

    def __init__(self, preferences: QSettings, splitters: Mapping[str, QSplitter]) -> None:
        self._preferences = preferences
        self._splitters = {_key(name, one): one for name, one in splitters.items()}
        for key, splitter in self._splitters.items():
            state = preferences.value(key)
            if isinstance(state, QByteArray):
                splitter.restoreState(state)

    def save(self) -> None:
        """Remember the present layout."""
        for key, splitter in self._splitters.items():
            self._preferences.setValue(key, splitter.saveState())


def _key(name: str, splitter: QSplitter) -> str:
    return f"{name}-{splitter.orientation().name.lower()}-{splitter.count()}"
