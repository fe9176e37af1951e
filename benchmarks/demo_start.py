"""From the command to a demo in which everything is encoded, in the real window without a screen.

    python -m benchmarks.demo_start [--demo DIR] [--count 3000]

Starts ``clipkw-gui --demo`` in a process of its own and watches for what a person sees: the window,
the first image, the first suggestion, the end of the job; and how long the window's thread was held
up once the window was there. The processor time and the load of the machine are told too: others
that use it slow this down.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication

from benchmarks.record import Figure, Record
from clipkw_gui import app
from clipkw_gui.main_window import MainWindow
from core.workflows import demo

BEAT_MS = 5
LATE_SECONDS = 0.05
TARGETS = {"window": 5, "first suggestion": 20, "all drawn and encoded": 180}
"""Seconds."""


class Watch(QObject):
    """Looks at the window again and again, and closes it when everything is encoded."""

    def __init__(self, started: float, count: int) -> None:
        super().__init__()
        self._record = Record("demo_start", f"{count} images")
        self._started = started
        self._seen: set[str] = set()
        self._gaps: list[tuple[float, float]] = []
        self._schedule = Path(f"/proc/self/task/{threading.get_native_id()}/schedstat")
        self._beat, self._waited = time.perf_counter(), self._waited_for_a_core()
        self._timer = QTimer(self, interval=BEAT_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._look)
        self._timer.start()

    def _look(self) -> None:
        now, waited = time.perf_counter(), self._waited_for_a_core()
        if self._seen:
            self._gaps.append((now - self._beat, now - self._beat - (waited - self._waited)))
        self._beat, self._waited = now, waited
        for window in QApplication.topLevelWidgets():
            if isinstance(window, MainWindow) and window.isVisible():
                self._look_at(window)

    def _look_at(self, window: MainWindow) -> None:
        page, is_busy = window.pages.widget(0), window.job_item.isVisible()
        self._tell("window", True)
        self._tell("first image", page.centre.viewer.isVisible() and page.centre.viewer.has_picture)
        self._tell("first suggestion", bool(page.answers.suggestions.above_threshold()))
        self._tell("job started", is_busy)
        if "job started" in self._seen and not is_busy:
            self._tell("all drawn and encoded", True)
            self._timer.stop()
            window.close()
            self._report()

    def _tell(self, what: str, is_there: bool) -> None:
        if is_there and what not in self._seen:
            self._seen.add(what)
            taken, target = Figure(time.time() - self._started, "s"), TARGETS.get(what)
            met = None if target is None else taken.value <= target
            said = "" if target is None else f"{target} s"
            self._record.add("demo", f"from the command: {what}", taken, target=said, met=met)

    def _report(self) -> None:
        titles = (
            "meanwhile the window was held up",
            "... other than by programs that had the cores",
        )
        for place, title in enumerate(titles):
            gaps = [gap[place] for gap in self._gaps]
            late = sum(gap > LATE_SECONDS for gap in gaps)
            figures = (Figure(max(gaps) * 1000, "ms", "longest"), Figure(late, "times over 50 ms"))
            self._record.add("demo", title, figures)

    def _waited_for_a_core(self) -> float:
        """Seconds in which this thread could have gone on, but other programs had the cores."""
        try:
            return int(self._schedule.read_text(encoding="ascii").split()[1]) / 1e9
        except OSError:
            return 0.0


def run_window(started: float, folder: Path, count: int) -> None:
    demo.create_demo = partial(demo.create_demo, count=count)
    app.make_app()
    watch = Watch(started, count)
    app.main(["--demo", str(folder)])
    del watch


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--demo", type=Path, metavar="DIR", help="a new folder, kept afterwards")
    parser.add_argument("--count", type=int, default=demo.COUNT)
    parser.add_argument("--started", type=float, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.started is not None:
        run_window(given.started, given.demo, given.count)
        return
    with tempfile.TemporaryDirectory() as temporary:
        place = given.demo or Path(temporary) / "demo"
        command = [sys.executable, "-m", "benchmarks.demo_start", "--demo", str(place)]
        command += ["--count", str(given.count), "--started", str(time.time())]
        environment = os.environ | {"QT_QPA_PLATFORM": "offscreen", "XDG_CONFIG_HOME": temporary}
        subprocess.run(command, env=environment, check=True)
    spent = os.times()
    load = " ".join(f"{one:.1f}" for one in os.getloadavg())
    print(f"processor time          {spent.children_user + spent.children_system:8.1f} s")
    print(f"load of the machine     {load} on {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
