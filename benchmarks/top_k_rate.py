"""Exact nearest neighbors: this program, FAISS's flat index and scikit-learn, on the same vectors.

    python -m benchmarks.top_k_rate [--references 130000] [--queries 512] [--rounds 3]

One query at a time, as a person goes from image to image, and all at once, as an evaluation does.
All take turns, and the best round of each counts, in seconds of the clock with all cores and in
seconds of the processor, which other programs hardly change.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.record import Figure, Record
from core.similarity.top_k import top_k
from core.types import Vectors

DIMENSION = 512
NEIGHBORS = 50
SINGLE = 30
SLOWER = 2.0

Search = Callable[[Vectors], Any]


@dataclass(frozen=True)
class Cost:
    clock: float
    processor: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--references", type=int, default=130_000)
    parser.add_argument("--queries", type=int, default=512)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    random = np.random.default_rng(0)
    references = unit(random.standard_normal((given.references, DIMENSION), dtype=np.float32))
    queries = unit(random.standard_normal((given.queries, DIMENSION), dtype=np.float32))
    searches = made(references)
    agree(searches, queries[:8])
    record = Record(
        "top_k_rate",
        f"best {NEIGHBORS} of {given.references} references of {DIMENSION} dimensions, made up",
    )
    compare(
        record, "one query", searches, [queries[n : n + 1] for n in range(SINGLE)], given.rounds
    )
    compare(record, f"{given.queries} queries at once", searches, [queries], given.rounds)


def unit(vectors: Vectors) -> Vectors:
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def made(references: Vectors) -> Mapping[str, Search]:
    import faiss
    from sklearn.neighbors import NearestNeighbors

    flat = faiss.IndexFlatIP(DIMENSION)
    flat.add(references)
    brute = NearestNeighbors(n_neighbors=NEIGHBORS, algorithm="brute", metric="cosine")
    brute.fit(references)
    return {
        "ours": lambda queries: top_k(queries, references, NEIGHBORS).indices,
        "FAISS flat": lambda queries: flat.search(queries, NEIGHBORS)[1],
        "scikit-learn": lambda queries: brute.kneighbors(queries, return_distance=False),
    }


def agree(searches: Mapping[str, Search], queries: Vectors) -> None:
    """All find the same but for ties within rounding."""
    ours = searches["ours"](queries)
    for name, search in searches.items():
        pairs = zip(ours, search(queries), strict=True)
        shares = [np.isin(one, other).mean() for one, other in pairs]
        assert min(shares) > 0.9, name


def compare(
    record: Record, what: str, searches: Mapping[str, Search], batches: list[Vectors], rounds: int
) -> None:
    best: dict[str, Cost] = {}
    for _ in range(rounds):
        for name, search in searches.items():
            cost = measured(search, batches)
            best[name] = min(best.get(name, cost), cost, key=by_processor)
    ours, faiss, sklearn = (best[name] for name in ("ours", "FAISS flat", "scikit-learn"))
    ratio = faiss.processor / ours.processor
    slower = sklearn.processor / ours.processor
    record.add(
        "top-k",
        what,
        (Figure(1e3 * ours.processor, "ms of processor"), Figure(1e3 * ours.clock, "ms")),
        peers=[
            Figure(1e3 * cost.processor, "ms of processor", name)
            for name, cost in best.items()
            if name != "ours"
        ],
        ratio=ratio,
        target=f"not slower than FAISS, scikit-learn at least {SLOWER} times slower "
        f"(here {slower:.1f})",
        met=ratio >= 0.95 and slower >= SLOWER,
    )


def by_processor(cost: Cost) -> float:
    return cost.processor


def measured(search: Search, batches: list[Vectors]) -> Cost:
    """Of one batch."""
    clock, processor = time.perf_counter(), time.process_time()
    for queries in batches:
        search(queries)
    count = len(batches)
    return Cost((time.perf_counter() - clock) / count, (time.process_time() - processor) / count)


if __name__ == "__main__":
    main()
