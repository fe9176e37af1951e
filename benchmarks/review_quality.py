"""How well the review queues find planted label errors, beside cleanlab and plain model loss.

The labels of an encoded project count as the truth. A seeded function takes 25 % of them off and
puts a wrong keyword on the image instead of 5 %, so that 5 % are wrong and 20 % plainly missing:

    python -m benchmarks.review_quality PROJECT [--seeds 3] [--tail]

``--tail`` first leaves images out until most keywords are on one to four, as in a grown archive.
Precision among the first 100 and 500 of both queues; every method but neighbor search gets the
same confidences. cleanlab is measured if it is installed.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from core.progress import Silent
from core.review.ranking import FLOOR, Judgement, judge_labels
from core.types import Confidences, Vectors
from core.workflows.project import open_project
from core.workflows.review import LabeledImages, labeled_images

WRONG, MISSING = 0.05, 0.20
DEPTHS = (100, 500)
TAIL_SHARE, COMMON = 0.6, 300

Bools = NDArray[np.bool_]
Scores = NDArray[np.float64]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("project", type=Path)
    arguments.add_argument("--seeds", type=int, default=3)
    arguments.add_argument("--tail", action="store_true")
    chosen = arguments.parse_args()
    with open_project(chosen.project) as project:
        archive = labeled_images(project)
    truth = archive.labels.toarray() > 0
    if chosen.tail:
        rows = np.flatnonzero(with_tail(truth))
        archive = replace(
            archive,
            images=archive.images[rows],
            vectors=archive.vectors[rows],
            labels=archive.labels[rows],
            content=archive.content[rows],
        )
        truth = archive.labels.toarray() > 0
    print(f"{truth.shape[0]} images, {truth.shape[1]} keywords, {truth.sum()} labels")
    print(f"{'planted':<12}{'seed':>5}  {'method':<38}{'wrong':>16}{'missing':>16}")
    for planted, weights in (("uniform", np.ones(truth.shape[1])), ("frequent", truth.sum(axis=0))):
        for seed in range(chosen.seeds):
            measure(archive, truth, planted, weights.astype(float), seed)


def with_tail(truth: Bools) -> Bools:
    """Which images (n,) to keep, so that most keywords are on one to four of them."""
    random = np.random.default_rng(0)
    kept = np.ones(len(truth), dtype=np.bool_)
    rare = np.flatnonzero(truth.sum(axis=0) <= COMMON)
    for keyword in random.permutation(rare)[: round(TAIL_SHARE * truth.shape[1])]:
        images = random.permutation(np.flatnonzero(truth[:, keyword] & kept))
        kept[images[random.integers(1, 5) :]] = False
    return kept


def plant(truth: Bools, weights: Scores, seed: int) -> tuple[Bools, Bools, Bools]:
    """Labels with errors, which of them are wrong, and which are missing (n, C)."""
    random = np.random.default_rng(seed)
    labels, wrong, missing = truth.copy(), np.zeros_like(truth), np.zeros_like(truth)
    pairs = random.permutation(np.argwhere(truth))
    replaced = round(WRONG * len(pairs))
    for image, keyword in pairs[: round((WRONG + MISSING) * len(pairs))]:
        labels[image, keyword], missing[image, keyword] = False, True
    for image, _ in pairs[:replaced]:
        share = weights * ~(truth[image] | wrong[image])
        keyword = random.choice(len(share), p=share / share.sum())
        labels[image, keyword] = wrong[image, keyword] = True
    return labels, wrong, missing


def measure(archive: LabeledImages, truth: Bools, planted: str, weights: Scores, seed: int) -> None:
    labels, wrong, missing = plant(truth, weights, seed)
    judged = judge_labels(
        archive.vectors, csr_array(labels.astype(np.float32)), archive.content, Silent()
    )
    confidences = as_array(judged, labels)
    methods: list[tuple[str, Scores, Scores]] = [("ClipKW", *own_scores(judged, labels))]
    methods.append(("plain loss, same confidences", 1 - confidences, confidences))
    near = neighbor_search(archive.vectors, labels)
    methods.append(("plain loss of neighbor search", 1 - near, near))
    methods += cleanlab_scores(labels, confidences)
    for name, doubt, lack in methods:
        found = [precision(doubt, labels, wrong), precision(lack, ~labels, missing)]
        shown = "".join(f"{one[0]:>9.2f} /{one[1]:>5.2f}" for one in found)
        print(f"{planted:<12}{seed:>5}  {name:<38}{shown}", flush=True)


def as_array(judged: Judgement, labels: Bools) -> Scores:
    """Confidences (n, C); those below the floor, which are not kept, count as half of it."""
    confidences = np.full(labels.shape, FLOOR / 2)
    confidences[judged.pairs.image, judged.pairs.keyword] = judged.pairs.confidence
    return confidences


def own_scores(judged: Judgement, labels: Bools) -> tuple[Scores, Scores]:
    """Minus the place of every pair in its queue (n, C)."""
    scores = []
    for present in (True, False):
        order = judged.worst(present=present)
        places = np.full(labels.shape, -np.inf)
        places[judged.pairs.image[order], judged.pairs.keyword[order]] = -np.arange(len(order))
        scores.append(places)
    return scores[0], scores[1]


def neighbor_search(vectors: Vectors, labels: Bools) -> Confidences:
    from core.models.neighbor_search import NeighborSearch

    model = NeighborSearch().fit(vectors, csr_array(labels.astype(np.float32)))
    return model.predict_confidence(vectors, exclude=list(np.arange(len(vectors))[:, None]))


def cleanlab_scores(labels: Bools, confidences: Scores) -> Iterator[tuple[str, Scores, Scores]]:
    """Per-class label quality, 0 the worst, by each of cleanlab's ways; nothing without it."""
    try:
        from cleanlab.internal.multilabel_scorer import ClassLabelScorer, MultilabelScorer
    except ImportError:
        return
    for base in (ClassLabelScorer.SELF_CONFIDENCE, ClassLabelScorer.NORMALIZED_MARGIN):
        for adjusted in (False, True):
            scorer = MultilabelScorer(base_scorer=base)
            quality = scorer.get_class_label_quality_scores(
                labels.astype(int), confidences, {"adjust_pred_probs": adjusted}
            )
            name = f"cleanlab {base.name.lower()}{', adjusted' if adjusted else ''}"
            yield name, 1 - quality, 1 - quality


def precision(scores: Scores, among: Bools, planted: Bools) -> list[float]:
    """Share of planted errors among the first of the pairs in question."""
    pairs = np.flatnonzero(among)
    order = pairs[np.argsort(-scores.ravel()[pairs], kind="stable")]
    return [float(planted.ravel()[order[:depth]].mean()) for depth in DEPTHS]


if __name__ == "__main__":
    main()
