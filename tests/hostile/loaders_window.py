"""The window's preferences: the recent projects, and what was begun and not finished."""

from __future__ import annotations

import json
from pathlib import Path

from loader import Loader
from PySide6.QtCore import QSettings
from structured import mutate_json

from clipkw_gui.actions.recent import (
    RECENT_KEY,
    UNFINISHED_KEY,
    Steps,
    list_recent,
    remember_recent,
    remember_steps,
    remembered_steps,
)


def _preferences(folder: Path) -> QSettings:
    return QSettings(str(folder / "preferences.ini"), QSettings.Format.IniFormat)


def _preference_seeds(folder: Path) -> list[bytes]:
    preferences = _preferences(folder)
    remember_recent(preferences, folder)
    remember_steps(preferences, folder, Steps(images=True, table="k.csv", encode=True))
    preferences.sync()
    return [(folder / "preferences.ini").read_bytes()]


def _use_preferences(folder: Path, data: bytes) -> None:
    (folder / "preferences.ini").write_bytes(data)
    preferences = _preferences(folder)
    list_recent(preferences)
    remembered_steps(preferences, folder)


def _steps_seeds(folder: Path) -> list[bytes]:
    return [json.dumps({str(folder): {"images": True}}).encode(), b'["/a/b.clipkw"]']


def _use_steps(folder: Path, data: bytes) -> None:
    """The texts in them, whatever the file around them is."""
    preferences = _preferences(folder)
    text = data.decode("utf-8", "replace")
    for key in (RECENT_KEY, UNFINISHED_KEY):
        preferences.setValue(key, text)
    list_recent(preferences)
    remembered_steps(preferences, folder)


LOADERS = (
    Loader("preferences: file", 4, _preference_seeds, _use_preferences),
    Loader("preferences: texts", 4, _steps_seeds, _use_steps, mutate_json),
)
