"""How the window answers at full size: a key, and the next image with its suggestions is painted.

Opens 290 000 made-up images, 130 000 of them references, in the real window, without a screen.
Presses real keys and measures until the picture, the suggestions and the evidence of the next image
are painted, until the decision is on the disk, and how long the window's thread is held up:

    python -m benchmarks.label_window [--folder FOLDER] [--steps 150] [--cold]

The archive is real files: hard links to a few drawn photographs of 2400 x 1600 pixels. So are the
thumbnails, unless ``--cold`` leaves the window to make them. With ``--folder`` the project is kept
there and used again by the next run.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
import time
from pathlib import Path

import numpy as np
import PIL.Image
from PySide6.QtCore import QEvent, QEventLoop, QObject, QSettings, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from benchmarks.record import Figure, Record, percentiles
from benchmarks.suggest_step import DATA, SIZE, make_up, timed
from clipkw_gui.actions.project import shut_down
from clipkw_gui.app import make_app
from clipkw_gui.context import AppContext
from clipkw_gui.main_window import MainWindow
from core.catalog import images
from core.images.thumbnails import make_thumbnail
from core.types import Changes, Decision
from core.workflows import label
from core.workflows.project import Project, open_project

PHOTOGRAPHS = 24
TIMEOUT_MS = 30_000
CALM_MS = 700
GRID_SECONDS, STEP_MS, DECIDE_MS, LATE_SECONDS = 2.0, 50, 10, 0.01


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--folder", type=Path)
    arguments.add_argument("--steps", type=int, default=150)
    arguments.add_argument("--cold", action="store_true")
    chosen = arguments.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    if chosen.folder is not None:
        chosen.folder.mkdir(parents=True, exist_ok=True)
        measure(chosen.folder, chosen.steps, cold=chosen.cold)
        return
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder), chosen.steps, cold=chosen.cold)


def measure(folder: Path, steps: int, *, cold: bool) -> None:
    made = folder / "made-up.clipkw"
    if not made.is_dir():
        timed("make the project up", lambda: make_up(folder))
        with open_project(made) as project:
            timed("make its files", lambda: make_files(project, folder / "photographs"))
    if cold:
        shutil.rmtree(made / "thumbnails", ignore_errors=True)
    make_app()
    context = AppContext(QSettings(str(folder / "preferences.ini"), QSettings.Format.IniFormat))
    window = MainWindow(context)
    try:
        run(Sitting(window), made, steps)
    finally:
        window.close()
        shut_down(context)


def run(sitting: Sitting, made: Path, steps: int) -> None:
    sitting.open(made)
    for what, key, pause in (
        ("Space, unhurried", Qt.Key.Key_Space, CALM_MS),
        ("A, unhurried", Qt.Key.Key_A, CALM_MS),
        ("Space, the next one at once", Qt.Key.Key_Space, 0),
        ("A, the next one at once", Qt.Key.Key_A, 0),
    ):
        sitting.walk(what, key, steps, pause)


class Sitting(QObject):
    """Presses keys in the window and watches its thread and what is painted."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__()
        self._window = window
        self._record = Record("label_window", DATA)
        self._page = page = window.pages.widget(0)
        self._loop = QEventLoop()
        self._waiting_for = -1
        self._unpainted: set[QObject] = set()
        self._painted = 0.0
        self._queue_painted = 0.0
        self._beat = 0.0
        self._worked = 0.0
        self._gaps: list[float] = []
        self._work: list[float] = []
        self._pressed = 0.0
        self._commits: list[float] = []
        self._parts = {page.centre.viewer, page.answers.list.viewport(), page.evidence.viewport()}
        self._strip = page.strip.viewport()
        for part in (*self._parts, self._strip):
            part.installEventFilter(self)
        self._heart = QTimer(self, interval=1, timerType=Qt.TimerType.PreciseTimer)
        self._heart.timeout.connect(self._beats)
        self._written = label.decide
        label.decide = self._decide

    def open(self, project: Path) -> None:
        """Until the first image is shown with its suggestions, then until all is quiet."""
        self._window.show()
        started = time.perf_counter()
        self._window.start.open_project(project)
        self._wait_for(0)
        queue = Figure(self._queue_painted - started, "s")
        first = Figure(self._painted - started, "s")
        met = queue.value <= GRID_SECONDS
        self._record.add("label", "open in the window: queue painted", queue, target="2 s", met=met)
        self._record.add("label", "open in the window: first suggestions painted", first)
        self._rest(4_000)

    def walk(self, what: str, key: Qt.Key, steps: int, pause: int) -> None:
        self._gaps, self._work, self._commits, shown = [], [], [], []
        for _ in range(steps):
            row = self._page.desk.row + 1
            self._pressed = time.perf_counter()
            QTest.keyClick(QApplication.focusWidget() or self._page, key)
            self._wait_for(row)
            shown.append(self._painted - self._pressed)
            self._rest(pause)
        self._rest(3_000)
        half, most = percentiles(shown)
        met = most.value <= STEP_MS
        name = f"{what}: next image painted, with suggestions"
        self._record.add("label", name, (half, most), target=f"p95 {STEP_MS} ms", met=met)
        if self._commits:
            half, most = percentiles(self._commits)
            name, met = f"{what}: decision on the disk", most.value <= DECIDE_MS
            self._record.add("label", name, (half, most), target=f"p95 {DECIDE_MS} ms", met=met)
        report_stalls("  window held up", self._gaps)
        longest = Figure(1_000 * max(self._work), "ms", "longest")
        often = Figure(sum(work > LATE_SECONDS for work in self._work), "times over 10 ms")
        self._record.add("label", f"{what}: work of the window's thread", (longest, often))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """A part was painted: the picture counts at once, the others with suggestions."""
        page, wanted = self._page, self._waiting_for
        if event.type() == QEvent.Type.Paint and watched is self._strip:
            if not self._queue_painted and len(page.queue.ids):
                self._queue_painted = time.perf_counter()
        elif event.type() == QEvent.Type.Paint and wanted >= 0 and page.desk.row == wanted:
            known = page.desk.known
            is_ready = known is not None and known.suggestions is not None
            if is_ready or watched is page.centre.viewer:
                self._unpainted.discard(watched)
                self._painted = time.perf_counter()
                if not self._unpainted:
                    self._waiting_for = -1
                    self._loop.quit()
        return False

    def _wait_for(self, row: int) -> None:
        self._waiting_for, self._unpainted = row, set(self._parts)
        late = QTimer(singleShot=True, interval=TIMEOUT_MS)
        late.timeout.connect(self._loop.quit)
        late.start()
        self._run_loop()
        late.stop()
        if self._unpainted:
            raise TimeoutError(f"row {row} was not shown: {self._unpainted}")

    def _rest(self, milliseconds: int) -> None:
        if milliseconds:
            QTimer.singleShot(milliseconds, self._loop.quit)
            self._run_loop()

    def _run_loop(self) -> None:
        self._beat, self._worked = time.perf_counter(), time.thread_time()
        self._heart.start()
        self._loop.exec()
        self._heart.stop()

    def _beats(self) -> None:
        now, worked = time.perf_counter(), time.thread_time()
        self._gaps.append(now - self._beat)
        self._work.append(worked - self._worked)
        self._beat, self._worked = now, worked

    def _decide(self, project: Project, decisions: list[Decision], title: str) -> Changes:
        changes = self._written(project, decisions, title)
        self._commits.append(time.perf_counter() - self._pressed)
        return changes


def report_stalls(what: str, seconds: list[float]) -> None:
    """How long the event loop did not come round."""
    stalls = np.array(seconds) * 1_000
    counted = f"over 10 ms: {(stalls > 10).sum()}, over 50 ms: {(stalls > 50).sum()}"
    print(f"{what:<46} longest {stalls.max():6.1f} ms   {counted}", flush=True)


def make_files(project: Project, folder: Path) -> None:
    """A file and a thumbnail for every image: links to a few drawn photographs."""
    folder.mkdir()
    rng = np.random.default_rng(0)
    drawn, small = [], []
    for number in range(PHOTOGRAPHS):
        photograph, thumbnail = folder / f"{number}.jpg", folder / f"{number}-small.jpg"
        draw(rng).save(photograph, quality=90)
        thumbnail.write_bytes(make_thumbnail(photograph, project.max_pixels))
        drawn.append(photograph)
        small.append(thumbnail)
    for number, (path, file) in enumerate(images.known_files(project.catalog).items()):
        place = project.images_root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.hardlink_to(drawn[number % PHOTOGRAPHS])
        shard = project.folder / "thumbnails" / file.content_hash[:2]
        shard.mkdir(parents=True, exist_ok=True)
        (shard / f"{file.content_hash}.jpg").hardlink_to(small[number % PHOTOGRAPHS])


def draw(rng: np.random.Generator) -> PIL.Image.Image:
    """Soft shapes and grain: about as large on disk as a photograph."""
    width, height = SIZE
    coarse = PIL.Image.fromarray(rng.integers(0, 256, (16, 24, 3), dtype=np.uint8))
    soft = np.asarray(coarse.resize(SIZE, PIL.Image.Resampling.BICUBIC), dtype=np.int16)
    grain = rng.integers(-12, 13, (height, width, 1), dtype=np.int16)
    return PIL.Image.fromarray(np.clip(soft + grain, 0, 255).astype(np.uint8))


if __name__ == "__main__":
    main()
