"""Layouts that are remembered."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QLabel, QSplitter
from pytestqt.qtbot import QtBot

from clipkw_gui.widgets.splitter_memory import SplitterMemory

HORIZONTAL, VERTICAL = Qt.Orientation.Horizontal, Qt.Orientation.Vertical


def splitter(qtbot: QtBot, orientation: Qt.Orientation, sizes: list[int]) -> QSplitter:
    made = QSplitter(orientation)
    qtbot.addWidget(made)
    for _ in sizes:
        made.addWidget(QLabel())
    made.setHandleWidth(0)
    made.resize(400, 400)
    made.show()
    made.setSizes(sizes)
    return made


@pytest.fixture
def preferences(tmp_path: Path) -> QSettings:
    return QSettings(str(tmp_path / "preferences.ini"), QSettings.Format.IniFormat)


def test_a_layout_comes_back(qtbot: QtBot, preferences: QSettings) -> None:
    SplitterMemory(preferences, {"page": splitter(qtbot, HORIZONTAL, [300, 100])}).save()
    again = splitter(qtbot, HORIZONTAL, [200, 200])
    SplitterMemory(preferences, {"page": again})
    assert again.sizes() == [300, 100]


@pytest.mark.parametrize(
    ("orientation", "sizes"), [(VERTICAL, [300, 100]), (HORIZONTAL, [100, 50, 250])]
)
def test_that_of_an_earlier_page_with_other_parts_changes_nothing(
    qtbot: QtBot, preferences: QSettings, orientation: Qt.Orientation, sizes: list[int]
) -> None:
    SplitterMemory(preferences, {"page": splitter(qtbot, orientation, sizes)}).save()
    now = splitter(qtbot, HORIZONTAL, [200, 200])
    SplitterMemory(preferences, {"page": now})
    assert now.orientation() is HORIZONTAL
    assert now.sizes() == [200, 200]
