"""How the Duplicates page answers: a key, and the next pair with both pictures is painted.

Copies a project whose images are encoded, opens the page on the copy, without a screen, and presses
real keys at the pace of a person:

    python -m benchmarks.pair_keys PROJECT [--steps 60] [--pause 0.5]

Measured are the wall time from the key to the painted pair, what the window's own thread worked
for it, and how many pairs had both pictures decoded by then.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
import time
from pathlib import Path

from PySide6.QtCore import QSettings, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from benchmarks.record import Figure, Record, percentiles
from clipkw_gui.app import make_app
from clipkw_gui.context import AppContext, ProjectSession
from clipkw_gui.pages.duplicates import DuplicatesPage
from core.progress import Silent
from core.types import ImageQuery
from core.workflows import browse, duplicates
from core.workflows.project import open_project

SIZE = (1848, 1000)
TIMEOUT_MS = 120_000
STEP_MS = 50


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("project", type=Path)
    arguments.add_argument("--steps", type=int, default=60)
    arguments.add_argument("--pause", type=float, default=0.5, help="seconds between two keys")
    chosen = arguments.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / chosen.project.name
        shutil.copytree(chosen.project, copy)
        measure(copy, chosen.steps, chosen.pause, Path(folder) / "preferences.ini")


def measure(folder: Path, steps: int, pause: float, preferences: Path) -> None:
    app = make_app()
    context = AppContext(QSettings(str(preferences), QSettings.Format.IniFormat))
    with open_project(folder) as project:
        images = len(browse.image_ids(project, ImageQuery()))
        duplicates.compare(project, Silent())
        page = DuplicatesPage(context)
        page.resize(*SIZE)
        page.show()
        context.set_session(ProjectSession(project))
        settle(app, context, page)
        walls, works, decoded = press_keys(page, steps, pause)
        context.runner.shut_down()
    record = Record("pair_keys", f"{images} images at {SIZE[0]} x {SIZE[1]}")
    half, most = percentiles(walls)
    ready = Figure(100 * decoded / len(walls), "%", "both pictures decoded by then")
    record.add(
        "duplicates",
        "a key to the next pair painted",
        (half, most, ready),
        target=f"p95 {STEP_MS} ms",
        met=most.value <= STEP_MS,
    )
    record.add("duplicates", "of it work of the window's thread", percentiles(works))


def press_keys(
    page: DuplicatesPage, steps: int, pause: float
) -> tuple[list[float], list[float], int]:
    walls, works, decoded = [], [], 0
    for step in range(steps):
        viewers, before = page.pairs.viewer.viewers, page.desk.current
        if before is None:
            print(f"no pair after key {step}")
            break
        key = Qt.Key.Key_D if before.similarity > 0.97 else Qt.Key.Key_N
        wall, work = time.perf_counter(), time.thread_time()
        QTest.keyClick(viewers[0], key)
        assert page.desk.current is not before, f"key {step} was lost"
        decoded += all(one.has_picture for one in viewers)
        for viewer in viewers:
            viewer.repaint()
        walls.append(time.perf_counter() - wall)
        works.append(time.thread_time() - work)
        QTest.qWait(round(1000 * pause))
    return walls, works, decoded


def settle(app: QApplication, context: AppContext, page: DuplicatesPage) -> None:
    """Until the pair is shown and nothing is on its way."""
    end = time.monotonic() + TIMEOUT_MS / 1000
    timers = [one for one in page.findChildren(QTimer) if one.isSingleShot()]
    while time.monotonic() < end:
        app.processEvents()
        time.sleep(0.002)
        if context.runner.is_idle() and not any(one.isActive() for one in timers):
            return
    raise TimeoutError("the page does not come to rest")


if __name__ == "__main__":
    main()
