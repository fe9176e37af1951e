"""Time and memory of judging every label of a large archive, and how soon it can be cancelled.

Made-up vectors in clusters, each with its own few keywords and a long tail of rare ones:

    python -m benchmarks.review_scale [--images 131000] [--dimension 512] [--keywords 1000]

The time is held beside the matrix products alone that compare every image with every other.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
from scipy.sparse import csr_array

from benchmarks.record import Figure, Record
from benchmarks.suggest_step import peak_mib
from core.errors import Cancelled
from core.progress import Silent
from core.review.ranking import judge_labels
from core.types import Vectors

KEYWORDS_PER_IMAGE = 1.86
"""As in the archive of the thesis (section 3.1)."""
NOISE, MORE_MEMORY_GIB = 0.04, 2.0
CANCEL_AFTER_SECONDS = (5.0, 20.0, 60.0)
_AT_ONCE = 1_024


class Stages(Silent):
    """Tells how long each stage took."""

    def __init__(self) -> None:
        self._since = time.perf_counter()

    def report(self, done: int, total: int, note: str = "") -> None:
        if done >= total:
            now = time.perf_counter()
            print(f"  {note}: {now - self._since:.1f} s", flush=True)
            self._since = now


class CancelledAfter(Silent):
    """A person who presses cancel after some seconds."""

    def __init__(self, seconds: float) -> None:
        self.pressed = time.perf_counter() + seconds

    def checkpoint(self) -> None:
        if time.perf_counter() > self.pressed:
            raise Cancelled


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--images", type=int, default=131_000)
    parser.add_argument("--dimension", type=int, default=512)
    parser.add_argument("--keywords", type=int, default=1_000)
    given = parser.parse_args()
    vectors, labels = make_up(given.images, given.dimension, given.keywords)
    data = (
        f"{given.images} images of {given.dimension} dimensions, {given.keywords} keywords, "
        f"{labels.nnz} labels, made up"
    )
    record = Record("review_scale", data)
    content = np.arange(given.images)
    longest = max(cancelled(vectors, labels, after) for after in CANCEL_AFTER_SECONDS)
    late = Figure(longest, "s", "longest")
    record.add("review", "judging labels: cancel to end", late, target="2 s", met=longest <= 2)
    before = peak_mib()
    stages = Stages()
    started, worked = time.perf_counter(), time.process_time()
    judged = judge_labels(vectors, labels, content, stages)
    whole, work = time.perf_counter() - started, time.process_time() - worked
    memory = peak_mib() - before
    print(f"  {len(judged.pairs.image)} pairs kept, temperature {judged.temperature}")
    product = Figure(product_seconds(vectors), "s", "its matrix products alone")
    ours = (Figure(whole, "s"), Figure(work, "s", "of processors"), Figure(memory, "MiB", "memory"))
    record.add(
        "review",
        "judging every label",
        ours,
        limit=product,
        ratio=whole / product.value,
        target=f"{MORE_MEMORY_GIB:g} GiB more than the vectors",
        met=memory < MORE_MEMORY_GIB * 1024,
    )


def make_up(images: int, dimension: int, keywords: int) -> tuple[Vectors, csr_array]:
    """Unit vectors (n, d) in as many clusters as there are keywords, and labels (n, C)."""
    random = np.random.default_rng(0)
    centres = random.standard_normal((keywords, dimension), dtype=np.float32)
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    shares = 1 / np.arange(1, keywords + 1)
    cluster = random.choice(keywords, images, p=shares / shares.sum())
    vectors = random.standard_normal((images, dimension), dtype=np.float32) * np.float32(NOISE)
    vectors += centres[cluster]
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    also = random.poisson(KEYWORDS_PER_IMAGE - 1, images)
    rows = np.concatenate([np.arange(images), np.repeat(np.arange(images), also)])
    more = (np.repeat(cluster, also) + random.integers(1, 6, also.sum())) % keywords
    columns = np.concatenate([cluster, more])
    pairs = np.unique(rows * keywords + columns)
    ones = np.ones(len(pairs), dtype=np.float32)
    return vectors, csr_array((ones, np.divmod(pairs, keywords)), shape=(images, keywords))


def cancelled(vectors: Vectors, labels: csr_array, after: float) -> float:
    """Seconds from pressing cancel to the end."""
    person = CancelledAfter(after)
    try:
        judge_labels(vectors, labels, np.arange(len(vectors)), person)
    except Cancelled:
        return time.perf_counter() - person.pressed
    return 0.0


def product_seconds(vectors: Vectors) -> float:
    """Every image compared with every other, and nothing made of it; measured on a part."""
    blocks = range(0, min(len(vectors), 8 * _AT_ONCE), _AT_ONCE)
    started = time.perf_counter()
    for start in blocks:
        vectors[start : start + _AT_ONCE] @ vectors.T
    taken = time.perf_counter() - started
    return taken * len(vectors) / (len(blocks) * _AT_ONCE)


if __name__ == "__main__":
    main()
