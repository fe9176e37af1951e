"""Fixtures for tests of the window: a context of its own, and no thread left behind."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from pytestqt.qtbot import QtBot

from clipkw_gui.actions.project import shut_down
from clipkw_gui.context import AppContext
from clipkw_gui.jobs.lanes import THREAD_PREFIX
from clipkw_gui.main_window import MainWindow

LONG = 120_000


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


@pytest.fixture
def start_window(
    qtbot: QtBot, preferences: QSettings, no_thread_left: None
) -> Iterator[Callable[[Path], MainWindow]]:
    """Start the application, each time with the same preferences, and let it open a project."""
    contexts = []

    def start(folder: Path) -> MainWindow:
        context = AppContext(preferences)
        contexts.append(context)
        window = MainWindow(context)
        qtbot.addWidget(window)
        window.show()
        window.start.open_project(folder)
        return window

    yield start
    for context in contexts:
        shut_down(context)


@pytest.fixture
def open_window(
    qtbot: QtBot, start_window: Callable[[Path], MainWindow]
) -> Callable[[Path], MainWindow]:
    """The same, and wait until the project is open and nothing goes on."""

    def open_in_window(folder: Path) -> MainWindow:
        window = start_window(folder)
        context = window._context
        qtbot.waitUntil(lambda: context.session is not None, timeout=LONG)
        qtbot.waitUntil(context.runner.is_idle, timeout=LONG)
        return window

    return open_in_window
