"""Neighbor nets (thesis section 3.2.3, Figure 3.8), as they are before and after fine-tuning.

All compare an image with *every* reference; memory is bounded by a block, and none builds the
(B, N, C) array of the figure. The first layer is ``references_``, the softmax
temperature ``temperature_``: :mod:`core.models.fine_tuning` trains these.
"""

from __future__ import annotations

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
    row_blocks,
    sparse_labels,
)
from core.models.neighbor_search import NeighborSearch, weighted_labels
from core.models.one_pass import Excluded, compare_all, excluded_here, reference_strips
from core.similarity.top_k import IntArray, Matches, flat_exclusions
from core.types import Confidences, Vectors

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
        averages = self.listener(len(queries))
        compare_all(queries, self.references_, [averages], exclude)
        return averages.confidences

    def listener(self, queries: int) -> LabelAverages:
        """What gathers the confidences of so many queries in a pass over the references."""
        return LabelAverages(self.labels_, self.temperature_, queries)


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
        averages = self.listener(len(queries))
        compare_all(queries, self.references_, [averages], exclude)
        return averages.confidences

    def listener(self, queries: int) -> SimilarityAverages:
        """What gathers the confidences of so many queries in a pass over the references."""
        return SimilarityAverages(self, queries)

    def members(self) -> csc_array:
        """Which references have which keyword (C, N). Raises ValueError if that is damaged."""
        try:
            sizes, members, references = self.sizes_, self.members_, len(self.references_)
        except AttributeError as error:
            raise ValueError("a class-wise net lacks what it has learnt") from error
        whole = all(part.ndim == 1 and part.dtype.kind in "iu" for part in (sizes, members))
        if not whole or not ((sizes >= 0) & (sizes <= len(members))).all():  # no sum overflows
            raise ValueError("the members of a class-wise net are damaged")
        ones = np.ones(len(members), dtype=np.float32)
        ends = np.append(0, np.cumsum(sizes, dtype=np.int64))
        by_keyword = csr_array((ones, members, ends), shape=(len(sizes), references))
        by_keyword.check_format(full_check=True)
        return csc_array(by_keyword)

    def by_own_best(
        self, queries: Vectors, keywords: NDArray[np.int64], excluded: Excluded
    ) -> Confidences:
        """Confidences (n, k) of some keywords, even if all their references are far away.

        Their softmax begins with the best of their own references.
        """
        confidences = np.zeros((len(queries), len(keywords)), dtype=np.float32)
        groups = _keyword_groups(self.sizes_, keywords)
        for block in row_blocks(len(queries), max(_ALIKE, len(self.references_))):
            similarities = self.references_ @ queries[block].T  # (N, b): one query a column
            query, reference = excluded
            here = (query >= block.start) & (query < block.stop)
            similarities[reference[here], query[here] - block.start] = -np.inf
            for start in range(0, similarities.shape[1], _ALIKE):
                strip = slice(start, start + _ALIKE)
                found = confidences[block][strip]
                near = np.ascontiguousarray(similarities[:, strip])
                for places, members, starts in groups:
                    own = near[self.members_[members]]  # (m, strip), keyword after keyword
                    found[:, places] = _soft_average(own, starts, self.temperature_).T
        return confidences


class _Softmax:
    """Weights of references, strip after strip, with the highest score so far in place of all.

    Milakov and Gimelshein, "Online normalizer calculation for softmax", 2018.
    """

    def __init__(self, temperature: float, queries: int, excluded: Excluded) -> None:
        self._temperature = np.float32(temperature)
        self._excluded = excluded
        self._best = np.full(queries, np.finfo(np.float32).min, dtype=np.float32)

    def weigh(
        self, rows: slice, cosines: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Weights (r, b) of a strip, and what those of earlier strips are still worth (b,)."""
        weights = cosines * self._temperature
        weights[excluded_here(self._excluded, rows)] = -np.inf
        before, self._best = self._best, np.maximum(self._best, weights.max(axis=0))
        weights -= self._best
        np.exp(weights, out=weights)
        return weights, np.exp(before - self._best)


class LabelAverages:
    """The labels of all references on average: the ``confidences`` (n, C) of a simple net."""

    def __init__(self, labels: csr_array, temperature: float, queries: int) -> None:
        self.confidences: Confidences = np.zeros((queries, labels.shape[1]), dtype=np.float32)
        self._temperature = temperature
        self._labels = {rows.start: labels[rows].T for rows in reference_strips(labels.shape[0])}

    def begin(self, asked: slice, queries: Vectors, excluded: Excluded) -> None:
        """See :class:`core.models.one_pass.Listener`."""
        self._asked = asked
        self._softmax = _Softmax(self._temperature, len(queries), excluded)
        self._total = np.zeros(len(queries), dtype=np.float32)
        self._sums = np.zeros((self.confidences.shape[1], len(queries)), dtype=np.float32)

    def take(self, rows: slice, cosines: NDArray[np.float32]) -> None:
        """Add what a strip of references says."""
        weights, faded = self._softmax.weigh(rows, cosines)
        self._total *= faded
        self._total += weights.sum(axis=0)
        self._sums *= faded
        self._sums += self._labels[rows.start] @ weights

    def end(self) -> None:
        """Without any reference all confidences are 0."""
        average = self._sums / np.maximum(self._total, 1)  # the best alone is 1
        self.confidences[self._asked] = np.clip(average, 0, 1).T


class SimilarityAverages:
    """The similarities to a keyword's references on average: a class-wise net's ``confidences``."""

    def __init__(self, net: ClassWiseNeighborNet, queries: int) -> None:
        self.confidences: Confidences = np.zeros((queries, len(net.sizes_)), dtype=np.float32)
        self._net = net
        members = net.members()
        self._members = {
            rows.start: members[:, rows] for rows in reference_strips(members.shape[1])
        }

    def begin(self, asked: slice, queries: Vectors, excluded: Excluded) -> None:
        """See :class:`core.models.one_pass.Listener`."""
        self._asked, self._queries, self._excluded = asked, queries, excluded
        self._softmax = _Softmax(self._net.temperature_, len(queries), excluded)
        self._total = np.zeros((self.confidences.shape[1], len(queries)), dtype=np.float32)
        self._sums = np.zeros_like(self._total)

    def take(self, rows: slice, cosines: NDArray[np.float32]) -> None:
        """Add what a strip of references says."""
        weights, faded = self._softmax.weigh(rows, cosines)
        members = self._members[rows.start]
        self._total *= faded
        self._total += members @ weights
        weights *= cosines
        self._sums *= faded
        self._sums += members @ weights

    def end(self) -> None:
        """A keyword that is too far away for single precision is weighed on its own."""
        is_heard = self._total >= _FAINT
        average = np.divide(self._sums, self._total, out=self._sums, where=is_heard)
        found = np.where(is_heard, np.clip((average + 1) / 2, 0, 1), 0).T
        is_faint = ~is_heard.T & (self._net.sizes_ > 0)
        queries, keywords = (np.flatnonzero(is_faint.any(axis=axis)) for axis in (1, 0))
        if len(queries):
            found[np.ix_(queries, keywords)] = self._net.by_own_best(
                self._queries[queries], keywords, _only(queries, self._excluded)
            )
        self.confidences[self._asked] = found


def _only(queries: IntArray, excluded: Excluded) -> Excluded:
    """The pairs of some queries (ascending), which are counted anew."""
    query, reference = excluded
    kept = np.isin(query, queries)
    return np.searchsorted(queries, query[kept]), reference[kept]


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
