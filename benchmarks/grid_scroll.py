"""Scrolling and jumping in the grid of 290 000 images: frames, and cells without a picture.

    python -m benchmarks.grid_scroll [--folder FOLDER] [--seconds 10] [--jumps 40]

Opens the project of ``label_window``, whose thumbnails lie in the cache on the disk, in the real
window without a screen. The grid scrolls by a wheel's step every 16 ms, as fast as a finger does;
then it jumps to places far apart. A frame is the work of the window's thread for one painting of
the grid; a cell is blank from the first painting without its thumbnail to the first one with it.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path

import numpy as np
from PySide6.QtCore import QEvent, QEventLoop, QObject, QSettings, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from benchmarks.program_start import made_up_project
from benchmarks.record import Figure, Record, percentiles
from benchmarks.suggest_step import DATA
from clipkw_gui.actions.project import shut_down
from clipkw_gui.app import make_app
from clipkw_gui.context import AppContext
from clipkw_gui.main_window import MainWindow
from core.types import ImageId, ImageQuery

FRAME_MS, BLANK_MS = 16, 150
STEP_PIXELS = 120
SETTLE_MS = 6_000
JUMP_PAUSE_MS = 400


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--jumps", type=int, default=40)
    given = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        project = made_up_project(folder)
        make_app()
        settings = QSettings(str(Path(temporary) / "preferences.ini"), QSettings.Format.IniFormat)
        context = AppContext(settings)
        window = MainWindow(context)
        try:
            measure(GridSitting(window), project, given.seconds, given.jumps)
        finally:
            window.close()
            shut_down(context)


def measure(sitting: GridSitting, project: Path, seconds: float, jumps: int) -> None:
    record = Record("grid_scroll", DATA)
    sitting.open(project)
    sitting.scroll(seconds)
    tell(record, "scrolling, a wheel's step every 16 ms", sitting)
    sitting.jump(jumps)
    tell(record, f"{jumps} jumps far apart", sitting)


def tell(record: Record, what: str, sitting: GridSitting) -> None:
    frames = np.array(sitting.frames)
    share = 100 * float((frames * 1_000 <= FRAME_MS).mean())
    half, most = percentiles(sitting.frames)
    record.add(
        "grid",
        f"{what}: frames",
        (half, most, Figure(share, "%", f"under {FRAME_MS} ms")),
        target=f"95 % under {FRAME_MS} ms",
        met=share >= 95,
    )
    blanks = sitting.blanks or [0.0]
    half, most = percentiles(blanks)
    longest = Figure(1_000 * max(blanks), "ms", "longest")
    record.add(
        "grid",
        f"{what}: cells without their picture",
        (half, most, longest),
        target=f"none longer than {BLANK_MS} ms",
        met=longest.value <= BLANK_MS,
    )


class GridSitting(QObject):
    """Moves the grid and watches each painting of it."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__()
        self.frames: list[float] = []
        self.blanks: list[float] = []
        self._window = window
        self._page = window.pages.widget(0)
        self._grid = self._page.centre.grid
        self._loop = QEventLoop()
        self._blank: dict[ImageId, float] = {}
        self._grid.viewport().installEventFilter(self)

    def open(self, project: Path) -> None:
        self._window.resize(1600, 1000)
        self._window.show()
        self._window.start.open_project(project)
        self._rest(SETTLE_MS)
        self._page.filters.set_query(ImageQuery())
        self._rest(SETTLE_MS)
        QTest.keyClick(QApplication.focusWidget() or self._page, Qt.Key.Key_G)
        self._rest(SETTLE_MS)
        assert self._page.centre.in_grid

    def scroll(self, seconds: float) -> None:
        self._start()
        bar, end = self._grid.verticalScrollBar(), time.perf_counter() + seconds
        while time.perf_counter() < end:
            bar.setValue(bar.value() + STEP_PIXELS)
            self._rest(FRAME_MS)
        self._rest(JUMP_PAUSE_MS)

    def jump(self, times: int) -> None:
        self._start()
        bar = self._grid.verticalScrollBar()
        places = np.random.default_rng(0).integers(0, bar.maximum(), times)
        for place in places.tolist():
            bar.setValue(place)
            self._rest(JUMP_PAUSE_MS)

    def _start(self) -> None:
        self.frames, self.blanks, self._blank = [], [], {}

    def _rest(self, milliseconds: int) -> None:
        QTimer.singleShot(milliseconds, self._loop.quit)
        self._loop.exec()

    def eventFilter(self, _: QObject, event: QEvent) -> bool:  # noqa: N802
        if event.type() != QEvent.Type.Paint:
            return False
        started = time.thread_time()
        self._grid.viewportEvent(event)
        self.frames.append(time.thread_time() - started)
        self._note_blanks(time.perf_counter())
        return True

    def _note_blanks(self, now: float) -> None:
        seen = self._grid.visible_rows()
        ids = [self._page.queue.id_at(row) for row in seen]
        here = self._page.thumbnails._pixmaps
        for image in ids:
            if image in here:
                since = self._blank.pop(image, None)
                if since is not None:
                    self.blanks.append(now - since)
            else:
                self._blank.setdefault(image, now)
        # What was scrolled away without its picture was blank as long as it was there.
        for image in self._blank.keys() - set(ids):
            self.blanks.append(now - self._blank.pop(image))


if __name__ == "__main__":
    main()
