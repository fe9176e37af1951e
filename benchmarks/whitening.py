"""What whitening does for neighbor search, from none to all of it, on a prepared project.

    python -m benchmarks.whitening PROJECT [--trials 45] [--seed 0]

Tells how alike any two training images are, then for each power of the deviation that vectors are
divided by: micro F2 of neighbor search, tuned on validation, and of 1-NN, on the test set.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np

from core.evaluation.comparison import ModelScores, score
from core.models.neighbor_search import NeighborSearch
from core.models.thresholds import best_threshold
from core.models.whitened_search import WhitenedSearch
from core.tuning.neighbor_objective import NEIGHBOR_SPACE, NeighborObjective
from core.tuning.optimise import optimise
from core.types import Vectors
from core.workflows.dataset import Dataset, prepared_dataset
from core.workflows.project import open_project

POWERS = (0.0, 0.25, 0.5, 0.75, 1.0)
PAIRS = 1_000
HEADER = "whitening | F2 on validation | F2 | macro AP | F2 of 1-NN"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("project", type=Path)
    arguments.add_argument("--trials", type=int, default=45)
    arguments.add_argument("--seed", type=int, default=0)
    chosen = arguments.parse_args()
    with open_project(chosen.project) as project:
        data = prepared_dataset(project)
    vectors = data.train.vectors
    cosines = vectors[:PAIRS] @ vectors[-PAIRS:].T
    print(f"mean vector: length {np.linalg.norm(vectors.mean(axis=0)):.2f}")
    print(f"cosine of two images: median {np.median(cosines):.2f}")
    print(f"| {HEADER} |")
    print("|---" * (HEADER.count("|") + 1) + "|")
    plain = (vectors, data.validation.vectors, data.test.vectors)
    show("not even centred", plain, data, chosen.trials, chosen.seed)
    for power in POWERS:
        model = WhitenedSearch(whitening=power).fit(vectors, data.train.labels)
        whitened = (model.references_, model.whiten(plain[1]), model.whiten(plain[2]))
        show(f"{power:g}", whitened, data, chosen.trials, chosen.seed)


def show(
    name: str, parts: tuple[Vectors, Vectors, Vectors], data: Dataset, trials: int, seed: int
) -> None:
    """One line: tuned neighbor search, and 1-NN, among vectors of training, validation, test."""
    train, validation, _ = parts
    measure = NeighborObjective.search(train, data.train.labels, validation, data.validation.labels)
    best = optimise(NEIGHBOR_SPACE, measure, trials=trials, seed=seed)
    search = NeighborSearch(**json.loads(best.parameters))
    found = scores(search, parts, data)
    one = scores(NeighborSearch(max_neighbors=1), parts, data)
    numbers = (best.value, found.micro.f2, found.macro.average_precision, one.micro.f2)
    print(f"| {name} | " + " | ".join(f"{100 * value:.1f}" for value in numbers) + " |", flush=True)


def scores(
    search: NeighborSearch, parts: tuple[Vectors, Vectors, Vectors], data: Dataset
) -> ModelScores:
    """On the test set, at the threshold that is best on validation."""
    train, validation, test = parts
    search.fit(train, data.train.labels)
    known = search.predict_confidence(validation)
    threshold, _ = best_threshold(data.validation.truth, known)
    return score(data.test.truth, search.predict_confidence(test), threshold, resamples=1)


if __name__ == "__main__":
    main()
