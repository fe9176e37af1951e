"""What is remembered about projects survives nonsense in the preferences."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QSettings

from clipkw_gui.actions.encode import _layout, layout_fields
from clipkw_gui.actions.recent import (
    KEPT,
    RECENT_KEY,
    UNFINISHED_KEY,
    Steps,
    list_recent,
    remember_recent,
    remember_steps,
    remembered_steps,
)
from core.exchange.layout import TableFormat, TableLayout

LAYOUT = TableLayout(TableFormat.TEXT, 0, (1, 2), ";", header=("a", "b", "c"), delimiter=",")


def test_the_last_opened_is_first_and_the_list_is_short(preferences: QSettings) -> None:
    for number in range(KEPT + 3):
        remember_recent(preferences, Path(f"/p{number}"))
    remember_recent(preferences, Path("/p5"))
    names = [one.name for one in list_recent(preferences)]
    assert names[:2] == ["p5", f"p{KEPT + 2}"]
    assert len(names) == len(set(names)) == KEPT


def test_steps_are_there_for_another_process(preferences: QSettings) -> None:
    steps = Steps(images=True, table="/t.csv", layout=layout_fields(LAYOUT), encode=True)
    remember_steps(preferences, Path("/p"), steps)
    again = QSettings(preferences.fileName(), QSettings.Format.IniFormat)
    kept = remembered_steps(again, Path("/p"))
    assert (kept.images, kept.table, kept.encode) == (True, "/t.csv", True)
    assert _layout(kept.layout) == LAYOUT
    assert not remembered_steps(again, Path("/other"))
    remember_steps(preferences, Path("/p"), Steps())
    assert not remembered_steps(preferences, Path("/p"))


@pytest.mark.parametrize("nonsense", ["", "{", "[1, 2]", '{"/p": {"image": 1}}', "7", '{"/p": 3}'])
def test_nonsense_is_nothing(preferences: QSettings, nonsense: str) -> None:
    preferences.setValue(RECENT_KEY, nonsense)
    preferences.setValue(UNFINISHED_KEY, nonsense)
    assert list_recent(preferences) == []
    assert not remembered_steps(preferences, Path("/p"))


@pytest.mark.parametrize("fields", [{}, {"format": "x"}, {"format": "text", "path_column": 0}])
def test_a_layout_that_makes_no_sense_is_detected_anew(fields: dict[str, object]) -> None:
    assert _layout(fields) is None
