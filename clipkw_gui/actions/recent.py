"""Which projects this person opened last, and what was begun in them but not finished."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSettings

from core.paths import is_file
from core.settings import SETTINGS_FILE

RECENT_KEY = "projects/recent"
UNFINISHED_KEY = "projects/unfinished"
KEPT = 12


@dataclass(frozen=True, slots=True)
class RecentProject:
    """A project that was open once. ``is_there`` is False if its folder has vanished."""

    folder: Path
    is_there: bool

    @property
    def name(self) -> str:
        """The folder's name without its suffix."""
        return self.folder.name.removesuffix(".clipkw")


@dataclass(frozen=True, slots=True)
class Steps:
    """What is to be done with an archive, in this order.

    ``layout`` holds the fields of the table's layout, or None to detect it.
    """

    images: bool = False
    table: str = ""
    layout: dict[str, Any] | None = None
    encode: bool = False

    def __bool__(self) -> bool:
        return self.images or bool(self.table) or self.encode


def list_recent(preferences: QSettings) -> list[RecentProject]:
    """Last opened first."""
    folders = [Path(text) for text in _strings(preferences.value(RECENT_KEY, "[]"))]
    return [RecentProject(one, is_file(one / SETTINGS_FILE)) for one in folders]


def remember_recent(preferences: QSettings, folder: Path) -> None:
    """This project was opened now."""
    others = [one.folder for one in list_recent(preferences) if one.folder != folder]
    kept = [str(one) for one in (folder, *others)][:KEPT]
    preferences.setValue(RECENT_KEY, json.dumps(kept))


def forget_recent(preferences: QSettings, folder: Path) -> None:
    """Take a project off the list; its folder is not touched."""
    kept = [str(one.folder) for one in list_recent(preferences) if one.folder != folder]
    preferences.setValue(RECENT_KEY, json.dumps(kept))


def remember_steps(preferences: QSettings, folder: Path, steps: Steps) -> None:
    """Keep what is still to be done, so that it can go on after a crash; no steps: nothing."""
    unfinished = _object(preferences.value(UNFINISHED_KEY, "{}"))
    unfinished.pop(str(folder), None)
    if steps:
        unfinished[str(folder)] = asdict(steps)
    preferences.setValue(UNFINISHED_KEY, json.dumps(unfinished))
    preferences.sync()


def remembered_steps(preferences: QSettings, folder: Path) -> Steps:
    """What was begun and not finished."""
    kept = _object(preferences.value(UNFINISHED_KEY, "{}")).get(str(folder))
    if not isinstance(kept, dict):
        return Steps()
    table, layout = kept.get("table"), kept.get("layout")
    return Steps(
        images=kept.get("images") is True,
        table=table if isinstance(table, str) else "",
        layout=layout if isinstance(layout, dict) else None,
        encode=kept.get("encode") is True,
    )


def _strings(text: object) -> list[str]:
    try:
        found = json.loads(str(text))
    except (ValueError, RecursionError):
        return []
    return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []


def _object(text: object) -> dict[str, Any]:
    try:
        found = json.loads(str(text))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
