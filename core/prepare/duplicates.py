"""Groups of duplicates: which image is kept, and which keywords it takes over (section 3.1.2)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

from core.similarity.top_k import IntArray


@dataclass(frozen=True, eq=False, slots=True)
class Pairs:
    """Pairs of rows, ``first`` and ``second`` (p,), with their ``similarity`` (p,)."""

    first: IntArray
    second: IntArray
    similarity: NDArray[np.float32]


@dataclass(frozen=True, eq=False, slots=True)
class Deduplication:
    """``groups`` (n,): number of each image's group of duplicates, -1 for an image without any.

    ``kept`` (n,) is False for a removed image. ``copies`` (m, 3) are rows (kept image, keyword,
    removed image): the keyword was passed on.
    """

    groups: IntArray
    kept: NDArray[np.bool_]
    copies: IntArray


def deduplicate(
    pairs: Pairs,
    labels: csr_array,
    preference: NDArray[np.int64],
    lower: float,
    upper: float,
    told: Pairs,
) -> Deduplication:
    """Group n images whose similarity reaches ``lower``; keep one of each group.

    Kept is the one with the most keywords (rows of ``labels`` (n, C)), then the lowest
    ``preference`` (n,). Keywords are passed on along pairs that reach ``upper``: to the kept one
    from every image of the group that certain pairs connect with it. ``told`` are the pairs a
    person answered about, similarity 1 for duplicates and 0 for others: they count whatever their
    similarity is, the first as certain; the second never link directly.
    """
    n = labels.shape[0]
    linked = _without(pairs, told, n)
    first = np.concatenate([linked.first, told.first[told.similarity > 0.5]])
    second = np.concatenate([linked.second, told.second[told.similarity > 0.5]])
    similarity = np.concatenate(
        [linked.similarity, np.full(np.count_nonzero(told.similarity > 0.5), 2.0)]
    )
    groups = _components(n, first[similarity >= lower], second[similarity >= lower])
    certain = _components(n, first[similarity >= upper], second[similarity >= upper])
    keywords = np.diff(labels.indptr)
    order = np.lexsort((preference, -keywords, groups))
    leader = np.full(groups.max(initial=-1) + 1, -1, dtype=np.int64)
    in_group = order[groups[order] >= 0][::-1]
    leader[groups[in_group]] = in_group  # the best one is written last
    kept = groups < 0
    kept[leader] = True
    return Deduplication(groups, kept, _copies(labels, groups, certain, leader))


def _without(pairs: Pairs, told: Pairs, n: int) -> Pairs:
    """The pairs nobody was asked about."""
    asked = np.minimum(told.first, told.second) * n + np.maximum(told.first, told.second)
    key = np.minimum(pairs.first, pairs.second) * n + np.maximum(pairs.first, pairs.second)
    rest = ~np.isin(key, asked)
    return Pairs(pairs.first[rest], pairs.second[rest], pairs.similarity[rest])


def _components(n: int, first: IntArray, second: IntArray) -> IntArray:
    """Number of the connected group of each of n images, by lowest row; -1 for a single one."""
    ones = np.ones(len(first), dtype=np.int8)
    graph = coo_array((ones, (first, second)), shape=(n, n)).tocsr()
    _, component = connected_components(graph, directed=False)
    sizes = np.bincount(component, minlength=1)
    shared = np.flatnonzero(sizes[component] > 1)
    _, start, number = np.unique(component[shared], return_index=True, return_inverse=True)
    rank = np.argsort(np.argsort(start))
    groups = np.full(n, -1, dtype=np.int64)
    groups[shared] = rank[number]
    return groups


def _copies(labels: csr_array, groups: IntArray, certain: IntArray, leader: IntArray) -> IntArray:
    """(kept image, keyword, removed image), each keyword that the kept one lacks once."""
    members = np.flatnonzero((groups >= 0) & (certain >= 0))
    members = members[certain[members] == certain[leader[groups[members]]]]
    members = members[members != leader[groups[members]]]
    if not len(members):
        return np.empty((0, 3), dtype=np.int64)
    taken = labels[members].tocoo()
    source = members[taken.row]
    target = leader[groups[source]]
    width = labels.shape[1]
    own = labels.tocoo()
    has = np.isin(target * width + taken.col, own.row.astype(np.int64) * width + own.col)
    rows = np.stack([target, taken.col.astype(np.int64), source], axis=1)[~has]
    _, once = np.unique(rows[:, 0] * width + rows[:, 1], return_index=True)
    return rows[once]
