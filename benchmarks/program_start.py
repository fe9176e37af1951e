"""From the command to a usable window, beside an empty window of Qt; and what it costs in memory.

    python -m benchmarks.program_start [--folder FOLDER] [--rounds 3]

Opens the project of 290 000 images that ``suggest_step`` and ``label_window`` make up, in a process
of its own, and waits until its queue is painted. The empty window waits for its first painting. The
two take turns, and the best round of each counts.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication, QMainWindow

SECONDS, MEBIBYTES = 1.5, 250
AFTERWARDS_MS = 8_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--child", choices=CHILDREN, help=argparse.SUPPRESS)
    parser.add_argument("--started", type=float, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        CHILDREN[given.child](given.started, given.folder)
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        project = made_up_project(folder)
        runs = {
            name: [run(name, project, temporary) for _ in range(given.rounds)] for name in CHILDREN
        }
    tell({name: min(found, key=by_seconds) for name, found in runs.items()})


def made_up_project(folder: Path) -> Path:
    from benchmarks.label_window import make_files
    from benchmarks.suggest_step import make_up
    from core.workflows.project import open_project

    made = folder / "made-up.clipkw"
    if not made.is_dir():
        make_up(folder)
        with open_project(made) as project:
            make_files(project, folder / "photographs")
    return made


def run(child: str, project: Path, settings: str) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.program_start", "--child", child]
    command += ["--folder", str(project), "--started", str(time.time())]
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen", "XDG_CONFIG_HOME": settings}
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    print(f"{child}: {found}", flush=True)
    return found


def by_seconds(found: dict[str, float]) -> float:
    return found["seconds"]


def tell(best: dict[str, dict[str, float]]) -> None:
    # Not above: the empty window must not carry what it does not need.
    from benchmarks.record import Figure, Record
    from benchmarks.suggest_step import DATA

    record = Record("program_start", DATA)
    ours, empty = best["ours"], best["empty"]
    record.add(
        "start",
        "from the command to the painted queue",
        (Figure(ours["seconds"], "s"), Figure(ours["processor"], "s of processor")),
        limit=Figure(empty["seconds"], "s", "an empty window of Qt"),
        ratio=ours["seconds"] / empty["seconds"],
        target=f"{SECONDS} s",
        met=ours["seconds"] <= SECONDS,
    )
    record.add(
        "start",
        "memory when the queue is painted",
        Figure(ours["memory"], "MiB"),
        limit=Figure(empty["memory"], "MiB", "an empty window of Qt"),
        ratio=ours["memory"] / empty["memory"],
        target=f"{MEBIBYTES} MiB",
        met=ours["memory"] <= MEBIBYTES,
    )
    references = 130_000 * 512 * 4 / 2**20
    record.add(
        "start",
        "memory when the references are loaded",
        Figure(ours["loaded"], "MiB"),
        limit=Figure(references, "MiB", "the vectors of the references alone"),
    )


def start_empty(started: float, _: Path) -> None:
    app = QApplication(["empty"])
    window = QMainWindow()
    watch = FirstPainting(window)
    window.resize(1280, 800)
    window.show()
    while not watch.seen:
        app.processEvents()
    print(json.dumps(costs(started)))


class FirstPainting(QObject):
    def __init__(self, window: QMainWindow) -> None:
        super().__init__()
        self.seen = False
        window.installEventFilter(self)

    def eventFilter(self, _: QObject, event: QEvent) -> bool:  # noqa: N802
        self.seen = self.seen or event.type() == QEvent.Type.Paint
        return False


def start_ours(started: float, project: Path) -> None:
    from clipkw_gui import app

    app.make_app()
    watch = QueuePainting(started)
    app.main([str(project)])
    print(json.dumps(watch.found))


class QueuePainting(QObject):
    """Waits until the film strip is painted with the queue in it, then closes the window."""

    def __init__(self, started: float) -> None:
        super().__init__()
        self.found: dict[str, float] = {}
        self._started = started
        self._timer = QTimer(self, interval=2)
        self._timer.timeout.connect(self._look)
        self._timer.start()

    def _look(self) -> None:
        from clipkw_gui.main_window import MainWindow

        for window in QApplication.topLevelWidgets():
            if isinstance(window, MainWindow) and window.isVisible():
                self._timer.stop()
                self._window = window
                window.pages.widget(0).strip.viewport().installEventFilter(self)

    def eventFilter(self, _: QObject, event: QEvent) -> bool:  # noqa: N802
        is_full = len(self._window.pages.widget(0).queue.ids) > 0
        if event.type() == QEvent.Type.Paint and is_full and not self.found:
            self.found = costs(self._started)
            QTimer.singleShot(AFTERWARDS_MS, self._close)
        return False

    def _close(self) -> None:
        self.found["loaded"] = resident_mib()
        self._window.close()


def costs(started: float) -> dict[str, float]:
    return {
        "seconds": time.time() - started,
        "processor": time.process_time(),
        "memory": resident_mib(),
    }


def resident_mib() -> float:
    """What belongs to this process alone: files that are only mapped count for everybody."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    sizes = {line.partition(":")[0]: line.split()[1] for line in lines if line.endswith(" kB")}
    return int(sizes["RssAnon"]) / 1024


CHILDREN = {"empty": start_empty, "ours": start_ours}


if __name__ == "__main__":
    main()
