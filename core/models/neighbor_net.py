"""Neighbor nets (thesis section 3.2.3, Figure 3.8), as they are before and after fine-tuning.

All compare an image with *every* reference; memory is bounded by a block, and none
builds the (B, N, C) array of the figure. The first layer is ``references_``, the softmax
temperature ``temperature_``: :mod:`core.models.fine_tuning` trains these.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array, csr_array

from core.models.base import (
    Exclusions,
    Labels,
    Limits,
    SettingLimits,
    check_fit,
    check_settings,
    flat_exclusions,
    row_blocks,
    sparse_labels,
)
from core.models.neighbor_search import NeighborSearch, weighted_labels
from core.similarity.top_k import IntArray, Matches
from core.types import Confidences, Vectors

_QUERIES, _REFERENCES = 512, 4_096
"""Compared at once: their product runs at full speed, and its 8 MB stay near the processor."""
_ALIKE = 64
"""Queries that are weighed at once for a keyword."""
_TOGETHER = 4_096
"""Members of keywords that are weighed at once: their arrays stay near the processor."""
_FAINT = 1e-30
"""Sum of weights below which single precision might have lost some of them."""


class SimpleNeighborNet:
    """Softmax over the similarities to all references, then the weighted sum of their labels.

    Parameters
    ----------
    temperature:
        Factor on the cosine before the softmax, at least 0; thesis Table 4.4 found 105.60.
    """

    name: ClassVar[str] = "simple-neighbor-net"
    limits: ClassVar[SettingLimits] = {"temperature": Limits(0)}

    def __init__(self, temperature: float = 105.60) -> None:
        self.temperature = temperature

    def fit(self, references: Vectors, labels: Labels) -> Self:
        """Keep references (N, d) and their labels (N, C) in [0, 1]; prototypes may be averaged.

        Raises ValueError for settings out of range and arrays that do not fit.
        """
        check_settings(self)
        check_fit(references, labels)
        self.references_ = references
        self.temperature_ = float(self.temperature)
        self.labels_ = sparse_labels(labels)
        return self

    def predict_confidence(self, queries: Vectors, exclude: Exclusions = None) -> Confidences:
        """Confidences (n, C) in [0, 1] for unit vectors (n, d).

        A query without any reference left has confidence 0 for every keyword.
        """
        confidences = np.zeros((len(queries), self.labels_.shape[1]), dtype=np.float32)
        if not len(self.references_):
            return confidences
        labels = [self.labels_[rows].T for rows in _strips(len(self.references_), _REFERENCES)]
        for asked in _strips(len(queries), _QUERIES):
            average = np.zeros((self.labels_.shape[1], asked.stop - asked.start), dtype=np.float32)
            total = np.zeros(average.shape[1], dtype=np.float32)
            excluded = flat_exclusions(exclude, asked)
            weighed = _weigh(queries[asked], self.references_, self.temperature_, excluded)
            for strip, carried in zip(weighed, labels, strict=True):
                total *= strip.faded
                total += strip.weights.sum(axis=0)
                average *= strip.faded
                average += carried @ strip.weights
            confidences[asked] = (average / np.maximum(total, 1)).T  # the best alone is 1
        return np.clip(confidences, 0, 1)


class FilteredNeighborNet(SimpleNeighborNet):
    """The simple net with the filter of neighbor search: untrained, the two are the same.

    What neighbor search becomes when it is fine-tuned (thesis section 6.3). The first layer need
    not hold unit vectors.

    Parameters
    ----------
    temperature, max_difference, max_neighbors:
        Those of :class:`core.models.neighbor_search.NeighborSearch`.
    """

    name: ClassVar[str] = "filtered-neighbor-net"
    limits: ClassVar[SettingLimits] = NeighborSearch.limits

    def __init__(
        self, temperature: float = 68.566, max_difference: float = 5.2568, max_neighbors: int = 36
    ) -> None:
        super().__init__(temperature)
        self.max_difference = max_difference
        self.max_neighbors = max_neighbors

    def predict_confidence(self, queries: Vectors, exclude: Exclusions = None) -> Confidences:
        """Confidences (n, C) in [0, 1] for unit vectors (n, d)."""
        confidences = np.zeros((len(queries), self.labels_.shape[1]), dtype=np.float32)
        if not len(self.references_):
            return confidences
        search = NeighborSearch(self.temperature_, self.max_difference, self.max_neighbors)
        for block in row_blocks(len(queries), len(self.references_)):
            similarities = queries[block] @ self.references_.T  # (b, N)
            similarities[flat_exclusions(exclude, block)] = -np.inf
            matches = _best(similarities, self.max_neighbors)
            confidences[block] = weighted_labels(matches, search.weigh(matches), self.labels_)
        return confidences


class ClassWiseNeighborNet:
    """For every keyword, the softmax-weighted average similarity to the references that have it.

    Temperature 0 gives their mean, a very high one their maximum; cosines are rescaled from
    [-1, 1] to [0, 1]. A keyword without references has confidence 0.

    Parameters
    ----------
    temperature:
        Factor on the cosine before the softmax, at least 0; thesis Table 4.4 found 14.193.
    """

    name: ClassVar[str] = "class-wise-neighbor-net"
    limits: ClassVar[SettingLimits] = {"temperature": Limits(0)}

    def __init__(self, temperature: float = 14.193) -> None:
        self.temperature = temperature

    def fit(self, references: Vectors, labels: Labels) -> Self:
        """Keep references (N, d) and which of the C keywords each has, from labels (N, C).

        Raises ValueError for settings out of range and arrays that do not fit.
        """
        check_settings(self)
        check_fit(references, labels)
        by_keyword = csc_array(sparse_labels(labels))
        self.references_ = references
        self.temperature_ = float(self.temperature)
        self.members_ = by_keyword.indices.astype(np.int64)
        self.sizes_ = np.diff(by_keyword.indptr).astype(np.int64)
        return self

    def predict_confidence(self, queries: Vectors, exclude: Exclusions = None) -> Confidences:
        """Confidences (n, C) in [0, 1] for unit vectors (n, d).

        A keyword whose references are all excluded has confidence 0.
        """
        confidences = np.zeros((len(queries), len(self.sizes_)), dtype=np.float32)
        members = self._members_of_strips()
        for asked in _strips(len(queries), _QUERIES):
            average = np.zeros((len(self.sizes_), asked.stop - asked.start), dtype=np.float32)
            total = np.zeros_like(average)
            excluded = flat_exclusions(exclude, asked)
            weighed = _weigh(queries[asked], self.references_, self.temperature_, excluded)
            for strip, carried in zip(weighed, members, strict=True):
                total *= strip.faded
                total += carried @ strip.weights
                average *= strip.faded
                average += carried @ np.multiply(strip.weights, strip.cosines, out=strip.weights)
            heard = total >= _FAINT
            np.divide(average, total, out=average, where=heard)
            confidences[asked] = np.where(heard, np.clip((average + 1) / 2, 0, 1), 0).T
            faint = ~heard & (self.sizes_ > 0)[:, None]
            few = np.flatnonzero(faint.any(axis=0))
            if len(few):
                rows, columns = asked.start + few, np.flatnonzero(faint.any(axis=1))
                without = None if exclude is None else [exclude[row] for row in rows]
                confidences[np.ix_(rows, columns)] = self._by_own_best(
                    queries[rows], columns, without
                )
        return confidences

    def _members_of_strips(self) -> list[csc_array]:
        """Which references of each strip have which keyword (C, r)."""
        ends = np.append(0, np.cumsum(self.sizes_))
        ones = np.ones(len(self.members_), dtype=np.float32)
        shape = len(self.sizes_), len(self.references_)
        members = csr_array((ones, self.members_, ends), shape=shape)
        members.check_format(full_check=True)
        by_reference = csc_array(members)
        return [by_reference[:, rows] for rows in _strips(shape[1], _REFERENCES)]

    def _by_own_best(
        self, queries: Vectors, keywords: NDArray[np.int64], exclude: Exclusions
    ) -> Confidences:
        """Confidences (n, k) of some keywords, even if all their references are far away.

        Their softmax begins with the best of their own references.
        """
        confidences = np.zeros((len(queries), len(keywords)), dtype=np.float32)
        groups = _keyword_groups(self.sizes_, keywords)
        for block in row_blocks(len(queries), max(_ALIKE, len(self.references_))):
            similarities = self.references_ @ queries[block].T  # (N, b): one query a column
            query, reference = flat_exclusions(exclude, block)
            similarities[reference, query] = -np.inf
            for start in range(0, similarities.shape[1], _ALIKE):
                strip = slice(start, start + _ALIKE)
                found = confidences[block][strip]
                near = np.ascontiguousarray(similarities[:, strip])
                for places, members, starts in groups:
                    own = near[self.members_[members]]  # (m, strip), keyword after keyword
                    found[:, places] = _soft_average(own, starts, self.temperature_).T
        return confidences


@dataclass(frozen=True, eq=False, slots=True)
class _Strip:
    """Some references beside some queries: ``cosines`` and softmax ``weights``, both (r, b).

    The weights count from the best score so far; ``faded`` (b,) is what the weights of earlier
    strips are worth by it.
    """

    cosines: NDArray[np.float32]
    weights: NDArray[np.float32]
    faded: NDArray[np.float32]


def _weigh(
    queries: Vectors, references: Vectors, temperature: float, excluded: tuple[IntArray, IntArray]
) -> Iterator[_Strip]:
    """All references (N, d) in strips whose similarities to a few queries stay near the processor.

    With the highest score so far in place of that of all (Milakov and Gimelshein, "Online
    normalizer calculation for softmax", 2018).
    """
    best = np.full(len(queries), np.finfo(np.float32).min, dtype=np.float32)
    query, reference = excluded
    for rows in _strips(len(references), _REFERENCES):
        cosines = references[rows] @ queries.T  # (r, b)
        weights = cosines * np.float32(temperature)
        here = (reference >= rows.start) & (reference < rows.stop)
        weights[reference[here] - rows.start, query[here]] = -np.inf
        before, best = best, np.maximum(best, weights.max(axis=0))
        weights -= best
        np.exp(weights, out=weights)
        yield _Strip(cosines, weights, np.exp(before - best))


def _strips(rows: int, size: int) -> list[slice]:
    """Slices of ``rows``, ``size`` each but for the last one."""
    return [slice(start, min(rows, start + size)) for start in range(0, rows, size)]


def _keyword_groups(
    sizes: NDArray[np.int64], keywords: NDArray[np.int64]
) -> list[tuple[slice, NDArray[np.int64], NDArray[np.int64]]]:
    """Keywords that have members, a few at a time: which of them, their members, their starts."""
    first = np.cumsum(sizes) - sizes
    ends = np.cumsum(sizes[keywords])
    groups, begin = [], 0
    while begin < len(keywords):
        taken = ends[begin] - sizes[keywords[begin]]
        end = max(begin + 1, int(np.searchsorted(ends, taken + _TOGETHER, side="right")))
        own = keywords[begin:end]
        members = np.concatenate([np.arange(first[k], first[k] + sizes[k]) for k in own])
        groups.append((slice(begin, end), members, ends[begin:end] - sizes[own] - taken))
        begin = end
    return groups


def _soft_average(
    cosines: NDArray[np.float32], starts: NDArray[np.int64], temperature: float
) -> NDArray[np.float32]:
    """Confidences (g, b) of g keywords from the cosines (m, b) of their members; overwritten.

    -inf is a member that must not speak.
    """
    sizes = np.diff(starts, append=len(cosines))
    best = np.maximum.reduceat(cosines, starts, axis=0)  # (g, b)
    spoken = best > -np.inf
    silent = None if np.isfinite(cosines).all() else cosines == -np.inf
    if silent is not None:
        cosines[silent] = 0
        best[~spoken] = 0
    weights = cosines - np.repeat(best, sizes, axis=0)
    weights *= np.float32(temperature)
    np.exp(weights, out=weights)
    if silent is not None:
        weights[silent] = 0
    total = np.maximum(np.add.reduceat(weights, starts, axis=0), 1)  # the best alone is 1
    weights *= cosines
    average = np.add.reduceat(weights, starts, axis=0) / total
    return np.where(spoken, np.clip((average + 1) / 2, 0, 1), 0).astype(np.float32)


def _best(similarities: NDArray[np.float32], k: int) -> Matches:
    """The k highest of each row of (b, N), best first."""
    k = min(k, similarities.shape[1])
    indices = np.argpartition(-similarities, k - 1, axis=1)[:, :k]
    found = np.take_along_axis(similarities, indices, axis=1)
    order = np.argsort(-found, axis=1, kind="stable")
    best = np.take_along_axis(found, order, axis=1)
    ranked = np.take_along_axis(indices, order, axis=1)
    return Matches(np.where(best > -np.inf, ranked, -1).astype(np.int64), best)
