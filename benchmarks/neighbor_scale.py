"""Time and peak memory of the heavy passes at the size of the archive, on made-up vectors.

    python -m benchmarks.neighbor_scale [--pairs 126000] [--references 76000]
        [--queries 25000] [--keywords 159] [--dimension 512] [--images 3190] [--trials 200]
        [--stages all-pairs tuning nets probe]

Each stage runs in a process of its own: the all-pairs pass, the trials of neighbor search after
one search, one epoch of every neighbor net and one fit of the linear probe. Beside each stands the
time of the matrix products that it cannot do without, in the same process, or its peer's. Ratios
are of processor time, which other programs on the machine hardly change. ``--images`` takes only
so many images of the epoch; its time is then scaled up, and said to be.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from benchmarks.record import Figure, Record
from core.models.fine_tuning import Examples, FineTuning
from core.models.linear_probe import LinearProbe
from core.models.neighbor_net import ClassWiseNeighborNet, FilteredNeighborNet, SimpleNeighborNet
from core.models.prototypes import ClassWisePrototypeNet, SimplePrototypeNet
from core.progress import Silent
from core.similarity.all_pairs import all_pairs
from core.tuning.neighbor_objective import NEIGHBOR_SPACE, NeighborObjective
from core.tuning.optimise import optimise
from core.tuning.space import Parameters
from core.types import Trial, Vectors

MOST_LABELS = 5
SCENES = 3_000
PEER_QUERIES = 500
CLASS_WISE_QUERIES = 1_600
VALIDATION = 64
PRODUCTS = 6
BLOCK = 2_048
PAIRS_SHARE, PAIRS_MIB = 0.6, 2048
TRIAL_SECONDS, OWN_SHARE = 0.25, 0.5
EPOCH_RATIO = 1.2

Net = SimpleNeighborNet | ClassWiseNeighborNet


@dataclass(frozen=True)
class Size:
    pairs: int
    references: int
    queries: int
    keywords: int
    dimension: int
    images: int
    trials: int


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--pairs", type=int, default=126_000, help="images of all pairs")
    arguments.add_argument("--references", type=int, default=76_000)
    arguments.add_argument("--queries", type=int, default=25_000)
    arguments.add_argument("--keywords", type=int, default=159)
    arguments.add_argument("--dimension", type=int, default=512)
    arguments.add_argument("--images", type=int, default=3_190, help="of the epoch")
    arguments.add_argument("--trials", type=int, default=200)
    arguments.add_argument("--stages", nargs="+", choices=list(STAGES), default=list(STAGES))
    chosen = arguments.parse_args()
    size = Size(
        chosen.pairs,
        chosen.references,
        chosen.queries,
        chosen.keywords,
        chosen.dimension,
        min(chosen.images, chosen.references),
        chosen.trials,
    )
    for stage in chosen.stages:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as alone:
            alone.submit(STAGES[stage], size).result()


def made_up(rows: int, size: Size, seed: int) -> tuple[Vectors, csr_array]:
    """Unit vectors around a few thousand scenes, and labels, most of them of few keywords."""
    scenes = np.random.default_rng(0).standard_normal((SCENES, size.dimension), dtype=np.float32)
    random = np.random.default_rng(seed)
    vectors = random.standard_normal((rows, size.dimension), dtype=np.float32)
    for start in range(0, rows, SCENES):
        part = slice(start, start + SCENES)
        vectors[part] += scenes[random.integers(0, SCENES, len(vectors[part]))]
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    popularity = 1 / (3 + np.arange(size.keywords))
    count = random.integers(1, MOST_LABELS, rows)
    row = np.repeat(np.arange(rows), count)
    column = random.choice(size.keywords, len(row), p=popularity / popularity.sum())
    pairs = np.unique(np.stack([row, column], axis=1), axis=0)
    ones = np.ones(len(pairs), dtype=np.float32)
    return vectors, csr_array((ones, (pairs[:, 0], pairs[:, 1])), shape=(rows, size.keywords))


@dataclass(frozen=True)
class Cost:
    """Seconds on the clock and of the processor; peak of the memory above what was there, MiB."""

    clock: float
    processor: float
    peak: float

    def figures(self) -> tuple[Figure, Figure]:
        return Figure(self.processor, "s of processor"), Figure(self.peak, "MiB", "memory")


def measured(work: Callable[[], object]) -> Cost:
    Path("/proc/self/clear_refs").write_text("5")  # the peak is that of now
    before = memory("VmRSS")
    clock, processor = time.perf_counter(), time.process_time()
    work()
    return Cost(
        time.perf_counter() - clock, time.process_time() - processor, memory("VmHWM") - before
    )


def memory(field: str) -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"/proc/self/status has no {field}")


def record_of(size: Size) -> Record:
    data = f"{size.references} references of {size.dimension} dimensions, {size.keywords} keywords"
    return Record("neighbor_scale", f"{data}, made up")


def compare_all_pairs(size: Size) -> None:
    record = record_of(size)
    vectors, _ = made_up(size.pairs, size, 1)
    cost = measured(lambda: all_pairs(vectors, 0.9, Silent()))
    block = vectors[:BLOCK]

    def multiply() -> None:
        for start in range(0, PRODUCTS * BLOCK, BLOCK):
            _ = block @ vectors[start : start + BLOCK].T

    multiply()
    blocks = -(-size.pairs // BLOCK)
    needed = measured(multiply).processor / PRODUCTS * blocks * (blocks + 1) / 2
    ratio = needed / cost.processor
    record.add(
        "all-pairs",
        f"all pairs of {size.pairs} images",
        cost.figures(),
        limit=Figure(needed, "s of processor", "the matrix product alone"),
        ratio=ratio,
        target=f"ratio at least {PAIRS_SHARE}, memory under {PAIRS_MIB} MiB",
        met=ratio >= PAIRS_SHARE and cost.peak < PAIRS_MIB,
        data=f"{size.dimension} dimensions, made up",
    )


def tune_neighbor_search(size: Size) -> None:
    from sklearn.neighbors import KNeighborsClassifier

    record = record_of(size)
    references, labels = made_up(size.references, size, 1)
    queries, truth = made_up(size.queries, size, 2)
    found: list[NeighborObjective] = []

    def search() -> None:
        found.append(NeighborObjective.search(references, labels, queries, truth))

    once = f"search of 200 neighbors for {size.queries} images, once"
    record.add("tuning", once, measured(search).figures())
    objective = found[0]
    cost = measured(lambda: random_trials(objective, size.trials))
    trial = Figure(cost.processor / size.trials, "s of processor")
    peer = KNeighborsClassifier(30, weights="distance", algorithm="brute")
    peer.fit(references, labels.toarray() > 0)
    its = measured(lambda: peer.predict_proba(queries[:PEER_QUERIES])).processor
    its *= size.queries / PEER_QUERIES
    record.add(
        "tuning",
        f"one trial, mean of {size.trials} random ones",
        (trial, Figure(cost.peak, "MiB", "memory")),
        peers=[Figure(its, "s", f"scikit-learn's neighbors, scaled from {PEER_QUERIES} images")],
        ratio=its / trial.value,
        target=f"{TRIAL_SECONDS} s",
        met=trial.value <= TRIAL_SECONDS,
    )
    noted: list[Trial] = []
    within = Within(objective)
    cost = measured(
        lambda: optimise(NEIGHBOR_SPACE, within, trials=size.trials, on_trial=noted.append)
    )
    each = cost.processor / len(noted)
    own = 1 - within.processor / cost.processor
    record.add(
        "tuning",
        f"one trial of the Gaussian process, its own time included; settled after {len(noted)}",
        Figure(each, "s of processor"),
        limit=Figure(within.processor / len(noted), "s of processor", "these trials alone"),
        ratio=own,
        target=f"its own share under {OWN_SHARE}",
        met=own < OWN_SHARE,
    )


class Within:
    """An objective that tells how much of the processor its trials took, all together."""

    def __init__(self, objective: NeighborObjective) -> None:
        self.processor = 0.0
        self._objective = objective

    def __call__(self, parameters: Parameters) -> float:
        began = time.process_time()
        value = self._objective(parameters)
        self.processor += time.process_time() - began
        return value


def random_trials(objective: NeighborObjective, trials: int) -> None:
    random = np.random.default_rng(0)
    for _ in range(trials):
        objective(
            {
                "temperature": float(np.exp(random.uniform(0, np.log(500)))),
                "max_difference": float(random.uniform(0.01, 8)),
                "max_neighbors": int(random.integers(1, 201)),
            }
        )


def simple_net() -> Net:
    return SimpleNeighborNet(30.0)


NETS: Mapping[str, tuple[Callable[[], Net], int]] = {
    "simple neighbor net": (simple_net, 319),
    "filtered neighbor net": (lambda: FilteredNeighborNet(30.0, 8.0, 100), 319),
    "class-wise neighbor net": (lambda: ClassWiseNeighborNet(10.0), 64),
    "simple net, 16 prototypes": (lambda: SimplePrototypeNet(30.0, 16, "random"), 33),
    "class-wise net, 16 prototypes": (lambda: ClassWisePrototypeNet(10.0, 16, "random"), 64),
}


def train_nets(size: Size) -> None:
    record = record_of(size)
    vectors, labels = made_up(size.references, size, 1)
    validation = Examples(*made_up(VALIDATION, size, 2))
    own = list(np.arange(size.images).reshape(-1, 1))
    train = Examples(vectors[: size.images], labels[: size.images], own)
    for name, (make, batch) in NETS.items():
        net = make().fit(vectors, labels)
        watched = Steps()
        settings = FineTuning(1, batch, 1e-3, 0.9, device="cpu")
        peak = measured(partial(settings.train, net, train, validation, progress=watched)).peak
        steps = -(-size.references // batch)
        cost = Cost(watched.clock * steps, watched.processor * steps, peak)
        needed = products(net.references_, train.vectors[:batch]) * steps
        ratio, is_plain = cost.processor / needed, make is simple_net
        scaled = f", scaled from {size.images} images" if size.images < size.references else ""
        record.add(
            "fine-tuning",
            f"one epoch of the {name}, batches of {batch}{scaled}",
            cost.figures(),
            limit=Figure(needed, "s of processor", "its two matrix products"),
            ratio=ratio,
            target=f"ratio at most {EPOCH_RATIO}" if is_plain else "",
            met=ratio <= EPOCH_RATIO if is_plain else None,
        )


class Steps(Silent):
    """Seconds of one step of training; the first, which finds its memory, does not count."""

    def __init__(self) -> None:
        self._moments: list[tuple[float, float]] = []

    def report(self, done: int, total: int, note: str = "") -> None:  # noqa: ARG002
        self._moments.append((time.perf_counter(), time.process_time()))

    @property
    def clock(self) -> float:
        return (self._moments[-1][0] - self._moments[0][0]) / (len(self._moments) - 1)

    @property
    def processor(self) -> float:
        return (self._moments[-1][1] - self._moments[0][1]) / (len(self._moments) - 1)


def products(layer: NDArray[np.float32], queries: Vectors) -> float:
    """Processor seconds of the two matrix products of a step of training."""
    import torch

    first, asked = torch.tensor(layer), torch.tensor(queries)
    scores, sums = torch.empty(len(queries), len(layer)), torch.zeros_like(first)

    def multiply() -> None:
        torch.mm(asked, first.T, out=scores)
        sums.addmm_(scores.T, asked)

    multiply()
    return float(np.median([measured(multiply).processor for _ in range(PRODUCTS)]))


def fit_probe(size: Size) -> None:
    record = record_of(size)
    vectors, labels = made_up(size.references, size, 1)
    cost = measured(lambda: LinearProbe(10.0).fit(vectors, labels))
    record.add("fine-tuning", "linear probe", cost.figures())


def weigh_class_wise(size: Size) -> None:
    """One trial of the class-wise net as it is, scaled from some of the images."""
    record = record_of(size)
    references, labels = made_up(size.references, size, 1)
    queries, _ = made_up(CLASS_WISE_QUERIES, size, 2)
    net = ClassWiseNeighborNet().fit(references, labels)
    scale = size.queries / CLASS_WISE_QUERIES
    cost = measured(lambda: net.predict_confidence(queries))
    product = measured(lambda: queries @ references.T).processor
    record.add(
        "tuning",
        f"class-wise net, one trial, {size.queries} images scaled from {CLASS_WISE_QUERIES}",
        (Figure(cost.processor * scale, "s of processor"), Figure(cost.peak, "MiB", "memory")),
        limit=Figure(product * scale, "s of processor", "the matrix product alone"),
        ratio=cost.processor / product,
    )


STAGES: Mapping[str, Callable[[Size], None]] = {
    "all-pairs": compare_all_pairs,
    "tuning": tune_neighbor_search,
    "nets": train_nets,
    "probe": fit_probe,
    "class-wise": weigh_class_wise,
}


if __name__ == "__main__":
    main()
