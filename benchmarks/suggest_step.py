"""How long an analyst waits: opening a large project, the step to the next image, a decision.

Makes up 290 000 images with vectors of 512 dimensions, 130 000 of them with keywords, walks
through the unlabeled ones as the Label page does, and prints what each part takes:

    python -m benchmarks.suggest_step [--folder FOLDER] [--steps 300]

With ``--folder`` the project is kept there and used again by the next run.
"""

from __future__ import annotations

import argparse
import hashlib
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from benchmarks.record import Figure, Record, percentiles, readable
from core.catalog import decisions, encodings, images
from core.features import FeatureFile
from core.types import Decision, FileRecord, ImageId, ImageIds, ImageQuery, QueueName, Verdict
from core.workflows import browse, label
from core.workflows.project import Project, create_project, open_project, remember_encoder
from core.workflows.suggest import Suggester

T = TypeVar("T")

IMAGES = 290_000
LABELED = 130_000
DIMENSION = 512
KEYWORDS = 159
GROUPS = 4_000
GRID_SECONDS, STEP_MS, DECIDE_MS = 2.0, 50, 10
SIZE = (2400, 1600)
IDENTITY = "made-up"
AHEAD = 4
DATA = (
    f"{readable(LABELED)} references of {DIMENSION} dimensions, {readable(IMAGES)} images, made up"
)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--folder", type=Path)
    arguments.add_argument("--steps", type=int, default=300)
    chosen = arguments.parse_args()
    if chosen.folder is not None:
        chosen.folder.mkdir(parents=True, exist_ok=True)
        measure(chosen.folder, chosen.steps)
        return
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder), chosen.steps)


def measure(folder: Path, steps: int) -> None:
    made = folder / "made-up.clipkw"
    if not made.is_dir():
        timed("make the project up", lambda: make_up(folder))
    record = Record("suggest_step", DATA)
    before = peak_mib()
    project = timed("open the project", lambda: open_project(made))
    with project:
        unlabeled = ImageQuery(queue=QueueName.UNLABELED)
        started = time.perf_counter()
        ids = browse.image_ids(project, ImageQuery())
        listed = Figure(time.perf_counter() - started, "s")
        met = listed.value <= GRID_SECONDS
        record.add("label", f"ids of all {len(ids)} images", listed, target="2 s", met=met)
        ids = timed("ids of the grid, unlabeled", lambda: browse.image_ids(project, unlabeled))
        timed("counts of the queues", lambda: browse.queue_counts(project))
        started = time.perf_counter()
        suggester = Suggester.load(project)
        loaded = Figure(time.perf_counter() - started, "s")
        memory = Figure(peak_mib() - before, "MiB", "memory")
        record.add("label", "load the references", (loaded, memory))
        walk(
            record,
            project,
            suggester,
            [ImageId(image) for image in ids[:: len(ids) // steps].tolist()],
        )


def walk(record: Record, project: Project, suggester: Suggester, ids: list[ImageId]) -> None:
    """Suggest, decide, go on: as a person does, each image once."""
    step, prefetch, decide, refresh = [], [], [], []
    for number, image in enumerate(ids):
        started = time.perf_counter()
        [found] = suggester.suggest([image])
        said = browse.labels_of(project, [image])
        evidence = [reference.image for reference in found.references]
        rows = browse.get_images(project, [image, *evidence])
        step.append(time.perf_counter() - started)
        assert len(rows) == len(evidence) + 1
        assert not said[image]
        if number % 10 == 0:
            started = time.perf_counter()
            suggester.suggest(ids[number + 1 : number + 1 + AHEAD])
            prefetch.append(time.perf_counter() - started)
        best = found.suggestions[0]
        decision = Decision(image, best.keyword.id, Verdict.ACCEPTED, found.model, best.confidence)
        started = time.perf_counter()
        changes = label.decide(project, [decision], f"Accept “{best.keyword.no}”")
        decide.append(time.perf_counter() - started)
        started = time.perf_counter()
        suggester.refresh(changes)
        refresh.append(time.perf_counter() - started)
    for what, seconds, target in (
        ("next image: suggestions, labels, evidence", step, STEP_MS),
        (f"ahead: {AHEAD} images at once", prefetch, None),
        ("accept, until it is on the disk", decide, DECIDE_MS),
        ("an accepted image becomes a reference", refresh, None),
    ):
        half, most = percentiles(seconds)
        met = None if target is None else most.value <= target
        said = "" if target is None else f"p95 {target} ms"
        record.add("label", what, (half, most), target=said, met=met)


def make_up(folder: Path) -> None:
    """Clustered vectors, labels that follow the clusters, records without files."""
    archive = folder / "archive"
    archive.mkdir()
    rng = np.random.default_rng(0)
    group = rng.integers(0, GROUPS, IMAGES)
    with create_project(folder / "made-up.clipkw", archive) as project:
        paths = [f"{g % 400:03}/{g // 400:02}/{n:06}.jpg" for n, g in enumerate(group.tolist())]
        found = [FileRecord(path, made_up_hash(path), 1, 1, *SIZE) for path in paths]
        images.record_scan(project.catalog, found, [], [], [])
        known = images.known_files(project.catalog)
        ids = np.array([known[path].id for path in paths], dtype=np.int64)
        write_labels(project, ids[:LABELED], group[:LABELED], rng)
        write_vectors(project, ids, group, rng)


def made_up_hash(path: str) -> str:
    return hashlib.sha256(path.encode()).hexdigest()


def write_labels(
    project: Project, ids: ImageIds, group: NDArray[np.int64], rng: np.random.Generator
) -> None:
    usual = rng.random((GROUPS, KEYWORDS)) < 4 / KEYWORDS
    usual[np.arange(GROUPS), rng.integers(0, KEYWORDS, GROUPS)] = True
    rows = (
        (ImageId(image), [f"nøkkelord {keyword}" for keyword in np.flatnonzero(usual[g])])
        for image, g in zip(ids.tolist(), group.tolist(), strict=True)
    )
    decisions.import_labels(project.catalog, rows, by="made up")


def write_vectors(
    project: Project, ids: ImageIds, group: NDArray[np.int64], rng: np.random.Generator
) -> None:
    remember_encoder(project, IDENTITY)
    encoder = encodings.register_encoder(project.catalog, IDENTITY, "made-up", DIMENSION)
    centres = rng.standard_normal((GROUPS, DIMENSION), dtype=np.float32)
    with FeatureFile.create(project.feature_path(IDENTITY), IDENTITY, DIMENSION, IMAGES) as file:
        for first in range(0, IMAGES, 10_000):
            part = slice(first, first + 10_000)
            vectors = centres[group[part]]
            vectors += 0.8 * rng.standard_normal(vectors.shape, dtype=np.float32)
            vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
            file.write(first, ids[part], vectors)
    encodings.mark_encoded(project.catalog, encoder, ids, np.arange(IMAGES))


def timed(what: str, work: Callable[[], T]) -> T:
    started = time.perf_counter()
    result = work()
    print(f"{what:<46} {time.perf_counter() - started:8.2f} s", flush=True)
    return result


def report(what: str, seconds: list[float]) -> None:
    half, most = np.percentile(np.array(seconds) * 1_000, (50, 95))
    print(f"{what:<46} p50 {half:6.1f} ms   p95 {most:6.1f} ms", flush=True)


def peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
