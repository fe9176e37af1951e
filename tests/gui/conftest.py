"""Fixtures for tests of the window: a context of its own, and no thread left behind."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings

from clipkw_gui.context import AppContext
from clipkw_gui.jobs.lanes import THREAD_PREFIX


@pytest.fixture(autouse=True)
def no_thread_left() -> Iterator[None]:
    """A thread of a lane that outlives its test fails it."""
    yield
    left = [one.name for one in threading.enumerate() if one.name.startswith(THREAD_PREFIX)]
    assert not left, f"threads left running: {', '.join(left)}"


@pytest.fixture
def preferences(tmp_path: Path) -> QSettings:
    """Preferences that are nobody's."""
    return QSettings(str(tmp_path / "preferences.ini"), QSettings.Format.IniFormat)


@pytest.fixture
def context(qapp: object, preferences: QSettings, no_thread_left: None) -> Iterator[AppContext]:
    """A context whose runner is shut down after the test."""
    context = AppContext(preferences)
    yield context
    context.runner.shut_down()
