"""Near-duplicates among vectors: this program's pass over all pairs beside its peers.

    python -m benchmarks.near_duplicates [--images 10000] [--rounds 2]

Every tenth of the made-up images is a near-duplicate of another one. All must find the same pairs.
The peers: imagededup, if it is installed, with these vectors instead of its own network's; and
scikit-learn's neighbors within a radius, which FiftyOne's brain uses. They hold a similarity of
every pair in memory, so their number of images is kept small.
"""

from __future__ import annotations

import argparse
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.neighbor_scale import memory
from benchmarks.record import Figure, Record
from core.progress import Silent
from core.similarity.all_pairs import all_pairs
from core.types import Vectors

DIMENSION = 512
FLOOR = 0.9

Pairs = set[tuple[int, int]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--images", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=2)
    given = parser.parse_args()
    vectors = made_up(given.images)
    ways: dict[str, Callable[[Vectors], Pairs]] = {"": ours, "scikit-learn, radius": scikit_learn}
    said = "imagededup is not installed, FiftyOne needs a database server"
    if (peer := imagededup()) is not None:
        ways["imagededup"], said = peer, "FiftyOne needs a database server"
    best: dict[str, tuple[float, float]] = {}
    truth: Pairs = set()
    for _ in range(given.rounds):
        for name, find in ways.items():
            Path("/proc/self/clear_refs").write_text("5")  # the peak is that of now
            before, started = memory("VmRSS"), time.process_time()
            found = find(vectors)
            cost = time.process_time() - started, memory("VmHWM") - before
            truth = truth or found
            assert found == truth, f"{name or 'ours'}: {len(found)} pairs, not {len(truth)}"
            seconds, mebibytes = best.get(name, cost)
            # Later rounds use memory that the process has already.
            best[name] = min(seconds, cost[0]), max(mebibytes, cost[1])
    ours_taken = best.pop("")
    fastest = min(seconds for seconds, _ in best.values())
    peers = [
        figure
        for name, (seconds, mebibytes) in best.items()
        for figure in (
            Figure(seconds, "s of processor", name),
            Figure(mebibytes, "MiB", f"{name}, memory"),
        )
    ]
    record = Record("near_duplicates", f"{DIMENSION} dimensions, made up; {said}")
    record.add(
        "all-pairs",
        f"near-duplicates among {given.images} images",
        (
            Figure(ours_taken[0], "s of processor"),
            Figure(ours_taken[1], "MiB", "memory"),
            Figure(len(truth), "pairs"),
        ),
        peers=peers,
        ratio=fastest / ours_taken[0],
        target="not slower than a peer",
        met=fastest >= ours_taken[0],
    )


def made_up(count: int) -> Vectors:
    random = np.random.default_rng(0)
    vectors = random.standard_normal((count, DIMENSION), dtype=np.float32)
    copies = np.arange(0, count - 1, 10)
    vectors[copies] = vectors[copies + 1]
    vectors[copies] += 0.2 * random.standard_normal((len(copies), DIMENSION), dtype=np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def ours(vectors: Vectors) -> Pairs:
    found = all_pairs(vectors, FLOOR, Silent())
    return set(zip(found.first.tolist(), found.second.tolist(), strict=True))


def scikit_learn(vectors: Vectors) -> Pairs:
    from sklearn.neighbors import NearestNeighbors

    search = NearestNeighbors(radius=1 - FLOOR, algorithm="brute", metric="cosine").fit(vectors)
    near = search.radius_neighbors(return_distance=False)
    return {
        (first, second)
        for first, others in enumerate(near)
        for second in others.tolist()
        if first < second
    }


def imagededup() -> Callable[[Vectors], Pairs] | None:
    try:
        from imagededup.methods import CNN
    except ImportError:
        return None
    finder: Any = CNN.__new__(CNN)  # its constructor fetches a network, which is not needed here
    finder.logger = logging.getLogger("imagededup")
    finder.verbose = False

    def find(vectors: Vectors) -> Pairs:
        named = {str(number): vector for number, vector in enumerate(vectors)}
        found = finder.find_duplicates(encoding_map=named, min_similarity_threshold=FLOOR)
        return {
            (int(first), int(second))
            for first, others in found.items()
            for second in others
            if int(first) < int(second)
        }

    return find


if __name__ == "__main__":
    main()
