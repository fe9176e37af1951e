"""Every label of an archive judged by the rest of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array

from core.progress import Progress
from core.review.confidence import OutOfSampleConfidence
from core.review.neighbors import Neighbors, find_neighbors
from core.review.noise import NoiseRates, Pairs, TwinView, error_probability, noise_rates
from core.review.twins import twin_groups
from core.similarity.top_k import IntArray
from core.types import Vectors

NEAR_TWIN = 0.97
"""Cosine from which two images count as one: the careful assumption made before any answer."""
COPY_SAMENESS, NEAR_SAMENESS = 0.999, 0.98
"""How probable it is that copies, and near twins, were meant to have the same keywords."""
FLOOR = 0.02
"""An absent keyword with less confidence is never called missing, unless a twin has it."""
_LARGEST, _LARGEST_SHARE = 20, 0.02
"""A group of near twins is not larger than this many images, or this share of all."""
_CLOSEST = 0.9999
_NO_PAIRS = (np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64))


@dataclass(frozen=True, eq=False, slots=True)
class Judgement:
    """Labels of n images and C keywords, judged.

    ``pairs`` are all present labels and the absent ones with some confidence; ``probability`` (m,)
    that each is an error: wrong if present, missing if absent. ``image_loss`` (n,) is the logistic
    loss of an image's labels, summed over all keywords, in nats. ``groups`` (n,) number the twins;
    ``neighbors`` are those of other groups, to be weighted at ``temperature``.
    """

    pairs: Pairs
    probability: NDArray[np.float64]
    image_loss: NDArray[np.float64]
    rates: NoiseRates
    groups: IntArray
    neighbors: Neighbors
    temperature: float

    @property
    def loss(self) -> NDArray[np.float64]:
        """Logistic loss (m,) of each pair, in nats."""
        confidence = self.pairs.confidence
        given = np.where(self.pairs.present, confidence, 1 - confidence)
        loss: NDArray[np.float64] = -np.log(np.maximum(given, np.finfo(np.float64).tiny))
        return loss

    def worst(self, *, present: bool) -> IntArray:
        """Places in ``pairs`` of present or of absent labels, the most probable error first.

        Of equally probable ones, the one with the clearer confidence comes first.
        """
        chosen = np.flatnonzero(self.pairs.present == present)
        clearer = self.pairs.confidence[chosen] * (1 if present else -1)
        order = np.lexsort((clearer, -self.probability[chosen]))
        return chosen[order]


def judge_labels(
    vectors: Vectors,
    labels: csr_array,
    content: NDArray[np.generic],
    progress: Progress,
    *,
    alike: tuple[IntArray, IntArray] = _NO_PAIRS,
    different: tuple[IntArray, IntArray] = _NO_PAIRS,
    near_twin: float = NEAR_TWIN,
    seed: int = 0,
) -> Judgement:
    """Judge the labels (n, C) of images with unit vectors (n, d).

    No image is judged by itself or by its twins: those of the same ``content`` (n,), those at
    least ``near_twin`` similar, and those a person called duplicates (``alike``) but not
    ``different``. Raises ValueError for NaN and infinite values.
    """
    found = find_neighbors(vectors, progress)
    groups = _group(found, content, alike, different, near_twin)
    neighbors = found.without_twins(groups)
    confidence = OutOfSampleConfidence().fit(vectors, labels, neighbors, groups, progress, seed)
    counts = _group_counts(labels, groups)
    pairs, image_loss, absent_mean = _collect(confidence, labels, counts[groups], progress)
    rates = noise_rates(pairs, len(vectors), absent_mean, FLOOR)
    twins = _twin_view(pairs, labels, groups, twin_groups(content, alike, different))
    probability = error_probability(pairs, rates, twins, len(vectors))
    return Judgement(
        pairs, probability, image_loss, rates, groups, neighbors, confidence.temperature_
    )


def _group(
    found: Neighbors,
    content: NDArray[np.generic],
    alike: tuple[IntArray, IntArray],
    different: tuple[IntArray, IntArray],
    near_twin: float,
) -> IntArray:
    """Number the twins (n,).

    A twin of a twin is a twin: some encoders put all trucks within ``near_twin`` of another one,
    and then none would be left to judge by. Until no group is large, only closer images count.
    """
    certain = np.bincount(twin_groups(content, alike, different)).max()
    largest = max(certain, len(content) * _LARGEST_SHARE, _LARGEST)
    while True:
        near = found.pairs_from(near_twin)
        linked = (np.concatenate([near[0], alike[0]]), np.concatenate([near[1], alike[1]]))
        groups = twin_groups(content, linked, different)
        if np.bincount(groups).max() <= largest or near_twin > _CLOSEST:
            return groups
        near_twin = (1 + near_twin) / 2


def _collect(
    confidence: OutOfSampleConfidence, labels: csr_array, in_group: csr_array, progress: Progress
) -> tuple[Pairs, NDArray[np.float64], NDArray[np.float64]]:
    """The pairs worth keeping, the loss of every image (n,), the mean of absent keywords (C,).

    ``in_group`` (n, C) counts the labels in the group of each image.
    """
    n, keywords = labels.shape
    image_loss = np.zeros(n)
    absent_total = np.zeros(keywords)
    parts: list[tuple[IntArray, IntArray, NDArray[np.bool_], NDArray[np.float64]]] = []
    for rows, confidences in confidence.blocks(progress):
        present = labels[rows].toarray() > 0
        given = np.where(present, confidences, 1 - confidences)
        image_loss[rows] = -np.log(np.maximum(given, 1e-12)).sum(axis=1, dtype=np.float64)
        absent_total += np.where(present, 0, confidences).sum(axis=0, dtype=np.float64)
        row, column = np.nonzero((confidences >= FLOOR) | (in_group[rows].toarray() > 0))
        kept = confidences[row, column].astype(np.float64)
        parts.append((rows[row], column, present[row, column], kept))
    pairs = Pairs(*(np.concatenate([part[i] for part in parts]) for i in range(4)))
    absent = n - np.asarray(labels.sum(axis=0), dtype=np.float64)
    return pairs, image_loss, absent_total / np.maximum(absent, 1)


def _group_counts(labels: csr_array, groups: IntArray) -> csr_array:
    """How many images of each group have each keyword (groups, C)."""
    n = len(groups)
    ones = np.ones(n, dtype=np.float32)
    membership = coo_array((ones, (groups, np.arange(n))), shape=(groups.max() + 1, n))
    return csr_array(membership @ labels).sorted_indices()


def _twin_view(pairs: Pairs, labels: csr_array, groups: IntArray, copies: IntArray) -> TwinView:
    """What the twins say, or only the certain ones (groups ``copies``) where these object."""
    of_copies = _twin_dissent(pairs, _group_counts(labels, copies), copies)
    of_all = _twin_dissent(pairs, _group_counts(labels, groups), groups)
    is_certain = of_copies > 0
    dissent = np.where(is_certain, of_copies, of_all)
    return TwinView(dissent, np.where(is_certain, COPY_SAMENESS, NEAR_SAMENESS))


def _twin_dissent(pairs: Pairs, counts: csr_array, groups: IntArray) -> NDArray[np.float64]:
    """Share (m,) of an image's twins that say otherwise about a keyword; 0 without twins."""
    own = groups[pairs.image]
    twins = np.bincount(groups)[own] - 1
    row, column = counts.nonzero()
    known = row.astype(np.int64) * counts.shape[1] + column  # ascending, as indices are sorted
    wanted = own * counts.shape[1] + pairs.keyword
    place = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
    having = np.where(known[place] == wanted, counts.data[place], 0) - pairs.present
    otherwise = np.where(pairs.present, twins - having, having)
    dissent: NDArray[np.float64] = otherwise / np.maximum(twins, 1)
    return dissent
