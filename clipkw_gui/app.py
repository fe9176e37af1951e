"""Starts the window: ``clipkw-gui [PROJECT]`` or ``clipkw-gui --demo [DIR]``."""

from __future__ import annotations

import argparse
import gc
import sys
from collections.abc import Sequence
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QLocale, QSettings, QTimer
from PySide6.QtWidgets import QApplication

from clipkw_gui.actions.demo import default_place
from clipkw_gui.actions.project import shut_down
from clipkw_gui.context import AppContext
from clipkw_gui.main_window import MainWindow
from clipkw_gui.theme import Appearance, app_icon, load_typeface

SWITCH_SECONDS = 0.0005
"""How long a busy thread may keep the window's thread waiting for the interpreter."""

COLLECTIONS = (2_000, 10, 1_000)
"""When the cyclic garbage collector runs. Full collections go through every object of every library
while all threads wait, and would come again and again while torch is imported: they are rare here.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Show the window and return the exit code when it is closed."""
    given = _parse(sys.argv[1:] if arguments is None else arguments)
    app = make_app()
    context = AppContext(QSettings())
    appearance = Appearance(app, context.preferences)
    window = MainWindow(context)
    window.appearance_chosen.connect(appearance.choose)
    previous_hook = sys.excepthook
    sys.excepthook = ReportBugs(context)
    window.show()
    if given.project is not None:
        QTimer.singleShot(0, partial(window.start.open_project, given.project))
    elif given.demo is not None:
        QTimer.singleShot(0, partial(window.start.open_demo, given.demo))
    try:
        return app.exec()
    finally:
        sys.excepthook = previous_hook
        shut_down(context)


def make_app() -> QApplication:
    """The application with its name, typeface and icon."""
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.set_threshold(*COLLECTIONS)
    app = QApplication.instance() or QApplication(["clipkw"])
    assert isinstance(app, QApplication)
    app.setOrganizationName("ClipKW")
    app.setApplicationName("ClipKW")
    app.setApplicationVersion(_version())
    app.setDesktopFileName("clipkw")
    app.setStyle("Fusion")
    QLocale.setDefault(number_locale(QLocale.system()))
    load_typeface()
    app.setWindowIcon(app_icon())
    return app


def number_locale(system: QLocale) -> QLocale:
    """How numbers are written: as the system does, with thousands parted."""
    known = QLocale(QLocale.Language.English) if system == QLocale.c() else QLocale(system)
    known.setNumberOptions(QLocale.NumberOption.DefaultNumberOptions)
    return known


class ReportBugs:
    """An exception that nobody caught on the window's thread: report it, stay up."""

    def __init__(self, context: AppContext) -> None:
        self._context = context

    def __call__(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        sys.__excepthook__(kind, error, trace)
        if isinstance(error, Exception):
            self._context.runner.bug_found.emit(error)


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="clipkw-gui", description="Label the images of an archive in a window."
    )
    opened = parser.add_mutually_exclusive_group()
    opened.add_argument(
        "project", nargs="?", type=Path, metavar="PROJECT", help="folder NAME.clipkw to open"
    )
    opened.add_argument(
        "--demo",
        nargs="?",
        const=default_place(),
        type=Path,
        metavar="DIR",
        help=f"open an archive of drawn vehicles, made in DIR; usually {default_place()}",
    )
    parser.add_argument("--version", action="version", version=f"ClipKW {_version()}")
    return parser.parse_args(arguments)


def _version() -> str:
    try:
        return version("clipkw")
    except PackageNotFoundError:
        return ""


if __name__ == "__main__":
    sys.exit(main())
