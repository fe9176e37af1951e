"""Evaluating everything at the size of the archive: five models, curves, intervals by resampling.

    python -m benchmarks.evaluate_scale [--folder FOLDER] [--models NAME ...]

Takes the project that ``suggest_step`` makes up: 130 000 labeled images, so about 76 000 of
training, 25 000 of validation and 25 000 of the test set. Copies its catalog, prepares the copy,
which compares all pairs, and measures the evaluation alone: fitting, thresholds, calibration,
figures, resampled test sets.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from pathlib import Path

from benchmarks.neighbor_scale import memory
from benchmarks.record import Figure, Record
from benchmarks.suggest_step import DIMENSION, KEYWORDS, make_up
from core.progress import Silent
from core.workflows.evaluate import EvaluationSettings, evaluate
from core.workflows.preparation_settings import PreparationSettings
from core.workflows.prepare import prepare
from core.workflows.project import open_project

MODELS = (
    "1-nn",
    "neighbor-search",
    "simple-neighbor-net",
    "class-wise-neighbor-net",
    "linear-probe",
)
SECONDS = 180


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--models", nargs="+", default=MODELS)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        made = folder / "made-up.clipkw"
        if not made.is_dir():
            make_up(folder)
        copy = Path(temporary) / "copy.clipkw"
        shutil.copytree(made, copy, ignore=shutil.ignore_patterns("thumbnails", "*backup*"))
        measure(copy, tuple(given.models))


def measure(folder: Path, models: tuple[str, ...]) -> None:
    with open_project(folder) as project:
        prepare(project, PreparationSettings(lower_threshold=0.95), Silent())
        Path("/proc/self/clear_refs").write_text("5")  # the peak is that of now
        before = memory("VmRSS")
        clock, processor = time.perf_counter(), time.process_time()
        evaluation = evaluate(project, EvaluationSettings(models), Silent())
        seconds = time.perf_counter() - clock
        used = Figure(time.process_time() - processor, "s of processor")
        peak = Figure(memory("VmHWM") - before, "MiB", "memory")
    tested = evaluation.test.images
    record = Record(
        "evaluate_scale",
        f"{tested} test images, {DIMENSION} dimensions, made up; {', '.join(models)}",
    )
    record.add(
        "evaluation",
        f"{len(models)} models with their variants, {KEYWORDS} keywords, resampled",
        (Figure(seconds, "s"), used, peak),
        target=f"{SECONDS} s",
        met=seconds <= SECONDS,
    )


if __name__ == "__main__":
    main()
