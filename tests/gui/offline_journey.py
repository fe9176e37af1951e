"""All that people do with a small archive, in a process that may not go to a network.

Run as ``offline_journey.py FOLDER``. It prints ``done`` at its end, and fails at the first socket.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]

import urllib3  # noqa: E402, F401 - opens a socket to see what the machine can, and sends nothing
from guards import NetworkGuard  # noqa: E402
from PySide6.QtCore import QSettings  # noqa: E402
from PySide6.QtWidgets import QApplication  # noqa: E402
from seccomp import CAN_FORBID, forbid_internet_sockets  # noqa: E402

from clipkw_gui.actions.project import shut_down  # noqa: E402
from clipkw_gui.app import make_app  # noqa: E402
from clipkw_gui.context import AppContext  # noqa: E402
from clipkw_gui.main_window import MainWindow  # noqa: E402
from clipkw_gui.pages.registry import page_entries  # noqa: E402
from core import cli  # noqa: E402
from core.progress import Silent  # noqa: E402
from core.workflows.demo import create_demo, demo_encoder, fill_demo  # noqa: E402

IMAGES = 128
SECONDS = 120


def wait_until(happened: Callable[[], bool]) -> None:
    end = time.monotonic() + SECONDS
    while not happened():
        QApplication.processEvents()
        time.sleep(0.01)
        if time.monotonic() > end:
            raise TimeoutError(happened)


def clipkw(*arguments: object, fails: bool = False) -> None:
    code = cli.main([str(argument) for argument in arguments])
    assert (code != 0) == fails, (code, arguments)


def use_commands(demo: Path, project: Path, folder: Path) -> None:
    images, table, own = demo / "images", demo / "keywords.csv", folder / "own.clipkw"
    clipkw("new", own, "--images", images, "--keywords", table, "--encoder", demo_encoder())
    clipkw("import", own, "--keywords", table)
    clipkw("encode", own, "--encoder", "ViT-B-32/openai", fails=True)
    clipkw("encode", project)
    clipkw("prepare", project, "--minimum-images", 3, "--report", folder / "report")
    clipkw("tune", project, "--model", "neighbor-search", "--trials", 2)
    clipkw("evaluate", project, "--model", "neighbor-search", "--csv", folder / "tables")
    clipkw("suggest", project, "--unlabeled", "--limit", 5, "--json", folder / "suggestions.json")
    clipkw("review", project, "--limit", 5)
    clipkw("search", project, "lastebil", "--limit", 3)
    clipkw("translate", project)
    clipkw("translate", project, "--online", fails=True)
    clipkw("keywords", project, "--export", folder / "vocabulary.csv")
    clipkw("status", project)
    clipkw("doctor", project)


def open_window(project: Path, folder: Path) -> None:
    app = make_app()
    context = AppContext(QSettings(str(folder / "preferences.ini"), QSettings.Format.IniFormat))
    window = MainWindow(context)
    window.show()
    window.start.open_project(project)
    wait_until(lambda: context.session is not None)
    for page in page_entries():
        window.show_named(page.name)
        wait_until(lambda: not context.runner.active_jobs())
        app.processEvents()
    shut_down(context)
    window.close()


def main() -> None:
    folder = Path(sys.argv[1])
    guard = NetworkGuard()
    if CAN_FORBID:
        forbid_internet_sockets()
    with create_demo(folder / "demo", Silent(), seed=3, count=IMAGES) as project:
        fill_demo(project, Silent())
        made = project.folder
    use_commands(folder / "demo", made, folder)
    open_window(made, folder)
    assert not guard.seen, guard.seen
    assert "PySide6.QtNetwork" not in sys.modules
    sys.stdout.write("done\n")


if __name__ == "__main__":
    main()
