"""How long an analyst waits for a search: from the last key to the result on the page.

Opens 290 000 made-up images with vectors of 512 dimensions in the real window, without a screen,
types words with real keys, searches by example and with a filter, and measures the time to the
whole result and how long the window's thread is held up meanwhile. Searching without a window is
measured beside one plain matrix product over the same vectors in memory:

    python -m benchmarks.search_step [--folder FOLDER] [--searches 60]

The texts pass through the demo encoder's text tower; its vectors are stretched to 512 dimensions,
since the images are made up. With ``--folder`` the project is kept there and used again.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import numpy as np
from PySide6.QtCore import QEventLoop, QObject, QSettings, Qt, QTimer
from PySide6.QtTest import QTest

from benchmarks.label_window import report_stalls
from benchmarks.record import Figure, Record, percentiles
from benchmarks.suggest_step import DATA, DIMENSION, IDENTITY, make_up, peak_mib, timed
from clipkw_gui.actions.project import shut_down
from clipkw_gui.app import make_app
from clipkw_gui.context import AppContext
from clipkw_gui.main_window import MainWindow
from core.encoders import load_encoder
from core.types import ImageId, ImageQuery, QueueName, SearchByImages, SearchResult, Vectors
from core.workflows import browse, search_target
from core.workflows.project import Project, open_project, set_encoder
from core.workflows.search import Searcher

WORDS = ("lastebil", "helicopter", "snow", "stridsvogn", "bridge", "ship", "radar", "camouflage")
BETWEEN_KEYS_MS = 70
TIMEOUT_MS = 180_000


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--folder", type=Path)
    arguments.add_argument("--searches", type=int, default=60)
    chosen = arguments.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    if chosen.folder is not None:
        chosen.folder.mkdir(parents=True, exist_ok=True)
        measure(chosen.folder, chosen.searches)
        return
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder), chosen.searches)


def measure(folder: Path, searches: int) -> None:
    made = folder / "made-up.clipkw"
    if not made.is_dir():
        timed("make the project up", lambda: make_up(folder))
    search_target.load_encoder = Stretched  # type: ignore[assignment]
    with open_project(made) as project:
        if not project.settings.encoder.source:
            set_encoder(project, "made-up")
            settings = replace(project.settings.encoder, identity=IDENTITY)
            project.settings = replace(project.settings, encoder=settings)
            project.settings.write(project.folder)
        without_window(project, searches)
    make_app()
    context = AppContext(QSettings(str(folder / "preferences.ini"), QSettings.Format.IniFormat))
    window = MainWindow(context)
    try:
        in_window(SearchSitting(window), made, searches)
    finally:
        window.close()
        shut_down(context)


def without_window(project: Project, searches: int) -> None:
    record = Record("search_step", DATA)
    searcher = Searcher(project)
    ids = browse.image_ids(project, ImageQuery())
    targets = [SearchByImages((ImageId(one),)) for one in ids[:: len(ids) // searches].tolist()]
    before = peak_mib()
    searcher.find(targets[0])
    unlabeled = ImageQuery(queue=QueueName.UNLABELED)
    taken = {}
    for what, query in (("all images", ImageQuery()), ("filter: unlabeled", unlabeled)):
        searcher.find(targets[0], query)
        taken[what] = percentiles(times(searcher, targets, query))
    memory = Figure(peak_mib() - before, "MiB", "memory")
    vectors = np.random.default_rng(0).standard_normal((len(ids), DIMENSION), dtype=np.float32)
    plain = []
    for target in range(searches):
        started = time.perf_counter()
        scores = vectors @ vectors[target]
        np.argpartition(-scores, 1_000)[:1_000]
        plain.append(time.perf_counter() - started)
    peer = replace(percentiles(plain)[0], name="matrix product and partition in memory, p50")
    for what, (half, most) in taken.items():
        name, ratio = f"best 1 000 by example, {what}", half.value / peer.value
        record.add("search", name, (half, most, memory), peers=[peer], ratio=ratio)


def times(searcher: Searcher, targets: Sequence[SearchByImages], query: ImageQuery) -> list[float]:
    taken = []
    for target in targets:
        started = time.perf_counter()
        searcher.find(target, query)
        taken.append(time.perf_counter() - started)
    return taken


def in_window(sitting: SearchSitting, made: Path, searches: int) -> None:
    sitting.open(made)
    words = [f"{WORDS[n % len(WORDS)]} {n}" for n in range(searches)]
    sitting.type(words)


class SearchSitting(QObject):
    """Types into the Search page and watches the window's thread."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__()
        self._window = window
        self._record = Record("search_step", DATA)
        self._loop = QEventLoop()
        self._wanted = ""
        self._first = self._whole = 0.0
        self._beat = self._worked = 0.0
        self._gaps: list[float] = []
        self._work: list[float] = []
        window.show_named("search")
        self._page = window.pages.currentWidget()
        self._page.shown.connect(self._shown)
        self._heart = QTimer(self, interval=1, timerType=Qt.TimerType.PreciseTimer)
        self._heart.timeout.connect(self._beats)

    def open(self, project: Path) -> None:
        """Until the window is open and the first search, which loads the encoder, is done."""
        self._window.show()
        self._window.start.open_project(project)
        self._rest(12_000)
        self._window.show_named("search")
        started = time.perf_counter()
        self._type_one("truck")
        taken = Figure(self._whole - started, "s")
        self._record.add("search", "first search by words, the encoder loaded for it", taken)
        report_stalls("  window held up", self._gaps)
        report_stalls("  ... by work of its own thread", self._work)
        self._rest(3_000)

    def type(self, words: Sequence[str]) -> None:
        """Each word key by key, replacing the one before; the next when its result is there."""
        self._gaps, self._work = [], []
        first, whole = [], []
        for word in words:
            last_key = self._type_one(word)
            first.append(self._first - last_key)
            whole.append(self._whole - last_key)
        for what, taken in (("first results", first), ("the whole result", whole)):
            name = f"words typed in the window: last key to {what}"
            self._record.add("search", name, percentiles(taken))
        report_stalls("  window held up", self._gaps)
        longest = Figure(1_000 * max(self._work), "ms", "longest")
        over = Figure(sum(work > 0.05 for work in self._work), "times over 50 ms")
        self._record.add(
            "search",
            "words typed in the window: work of its thread",
            (longest, over),
            target="typing never stutters: none over 50 ms",
            met=over.value == 0,
        )

    def _type_one(self, word: str) -> float:
        self._page.field.setFocus()
        self._page.field.selectAll()
        self._first, self._wanted = 0.0, ""
        for letter in word[:-1]:
            QTest.keyClick(self._page.field, letter)
            self._rest(BETWEEN_KEYS_MS)
        self._wanted = word
        last_key = time.perf_counter()
        QTest.keyClick(self._page.field, word[-1])
        late = QTimer(singleShot=True, interval=TIMEOUT_MS)
        late.timeout.connect(self._loop.quit)
        late.start()
        self._run_loop()
        late.stop()
        if self._wanted:
            raise TimeoutError(f"no result for {word}")
        return last_key

    def _shown(self, result: SearchResult) -> None:
        if not self._wanted or self._page.choice.name() != self._wanted:
            return
        if not self._first and len(result.images):
            self._first = time.perf_counter()
        if result.is_final:
            self._whole = time.perf_counter()
            self._wanted = ""
            self._loop.quit()

    def _rest(self, milliseconds: int) -> None:
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


class Stretched:
    """The demo encoder with vectors of another length, under the identity of the project."""

    identity = IDENTITY
    name = "stretched demo encoder"

    def __init__(self, _source: str) -> None:
        folder = files("resources") / "demo_encoder"
        self._encoder = load_encoder(str(folder))
        shape = (self._encoder.dimension, DIMENSION)
        self._stretch = np.random.default_rng(1).standard_normal(shape, dtype=np.float32)

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        vectors = self._encoder.encode_texts(texts) @ self._stretch
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


if __name__ == "__main__":
    main()
