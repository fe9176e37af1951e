"""Time and memory of the long jobs as the archive grows, in steps of ten: import, encode, suggest.

    python -m benchmarks.growth [--stages import encode suggest] [--largest N ...]

Each size runs in a process of its own. Files are hard links to a few drawn ones of 10 KB, so that
their number counts and not their bytes. The time of a file, an image or a reference may not grow
with their number; processor time is compared, which other programs hardly change. Memory is the
peak above what the process had when the job began.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from importlib.resources import files
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from benchmarks import suggest_step
from benchmarks.import_rate import draw_small
from benchmarks.neighbor_scale import memory
from benchmarks.record import Figure, Record, readable

DRAWN = 64
ASKED = 50
STEP = 10
LINEAR = 1.3
"""A tenth of the number may not take less than the 13th part of the time: caches favor it."""


@dataclass(frozen=True)
class Cost:
    clock: float
    processor: float
    peak: float


@dataclass(frozen=True)
class Stage:
    """``unit`` are counted; sizes go up to ``largest``; ``bounded`` is a peak in MiB."""

    make: Callable[[Path, int], object]
    work: Callable[[Path], Cost]
    unit: str
    largest: int
    bounded: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--stages", nargs="+", choices=list(STAGES), default=list(STAGES))
    parser.add_argument("--largest", type=int, help="instead of each stage's own")
    given = parser.parse_args()
    record = Record("growth", "")
    for name in given.stages:
        stage = STAGES[name]
        largest = given.largest or stage.largest
        sizes = [largest // STEP**2, largest // STEP, largest]
        costs = [run(stage, size) for size in sizes]
        tell(record, name, stage, sizes, costs)


def run(stage: Stage, size: int) -> Cost:
    with tempfile.TemporaryDirectory() as folder:
        alone(stage.make, Path(folder), size)
        cost: Cost = alone(stage.work, Path(folder))
    print(f"{size} {stage.unit}: {cost}", flush=True)
    return cost


def alone(work: Callable[..., Any], *arguments: object) -> Any:
    """In a process of its own, which has nothing in memory yet."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(work, *arguments).result()


def tell(record: Record, name: str, stage: Stage, sizes: list[int], costs: list[Cost]) -> None:
    each = [1e6 * cost.processor / size for cost, size in zip(costs, sizes, strict=True)]
    figures = [
        Figure(one, "us of processor", f"{readable(size)} {stage.unit}")
        for one, size in zip(each, sizes, strict=True)
    ]
    growth = each[-1] / each[-2]
    record.add(
        "growth",
        f"{name}: each of the {stage.unit}",
        (*figures, Figure(costs[-1].clock, "s", "the largest in all")),
        ratio=growth,
        target=f"the last step at most {LINEAR}",
        met=growth <= LINEAR,
    )
    peaks = [
        Figure(cost.peak, "MiB", f"{readable(size)} {stage.unit}")
        for cost, size in zip(costs, sizes, strict=True)
    ]
    record.add(
        "growth",
        f"{name}: memory",
        peaks,
        target=f"{stage.bounded} MiB",
        met=costs[-1].peak <= stage.bounded,
    )


def measured(work: Callable[[], object]) -> Cost:
    Path("/proc/self/clear_refs").write_text("5")  # the peak is that of now
    before, clock, processor = memory("VmRSS"), time.perf_counter(), time.process_time()
    work()
    taken = time.perf_counter() - clock, time.process_time() - processor
    return Cost(*taken, memory("VmHWM") - before)


def make_archive(folder: Path, count: int) -> None:
    """``count`` files in folders of 500."""
    drawn, archive = folder / "drawn", folder / "archive"
    drawn.mkdir()
    draw_small(drawn, DRAWN)
    sources = sorted(drawn.iterdir())
    for number in range(count):
        place = archive / f"{number // 500:05}"
        if number % 500 == 0:
            place.mkdir(parents=True)
        (place / f"{number:07}.jpg").hardlink_to(sources[number % DRAWN])


def import_files(folder: Path) -> Cost:
    from core.progress import Silent
    from core.workflows.ingest import import_images
    from core.workflows.project import create_project

    with create_project(folder / "growth", folder / "archive") as project:
        return measured(lambda: import_images(project, Silent()))


def encode_files(folder: Path) -> Cost:
    from core.encoders import load_encoder
    from core.progress import Silent
    from core.workflows.encode import encode_images
    from core.workflows.ingest import import_images
    from core.workflows.project import create_project

    encoder = str(files("resources") / "demo_encoder")
    with create_project(folder / "growth", folder / "archive", encoder) as project:
        import_images(project, Silent())
        load_encoder(encoder)  # the libraries it brings are no part of the growth
        return measured(lambda: encode_images(project, Silent()))


def make_references(folder: Path, count: int) -> None:
    suggest_step.IMAGES, suggest_step.LABELED = count + ASKED, count
    suggest_step.make_up(folder)


def suggest(folder: Path) -> Cost:
    """Load the references, then suggest for one image after the other."""
    from core.types import ImageId, ImageQuery, QueueName
    from core.workflows import browse
    from core.workflows.project import open_project
    from core.workflows.suggest import Suggester

    with open_project(folder / "made-up.clipkw") as project:
        ids = browse.image_ids(project, ImageQuery(queue=QueueName.UNLABELED))
        asked = [ImageId(int(image)) for image in ids]

        def load_and_suggest() -> None:
            suggester = Suggester.load(project)
            for image in asked:
                suggester.suggest([image])

        return measured(load_and_suggest)


STAGES: Mapping[str, Stage] = {
    "import": Stage(make_archive, import_files, "files", 290_000, 512),
    "encode": Stage(make_archive, encode_files, "images", 4_000, 512),
    "suggest": Stage(make_references, suggest, "references", 130_000, 512),
}


if __name__ == "__main__":
    main()
