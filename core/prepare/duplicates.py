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

    ``kept`` (n,) is False for a removed image; one of each group is kept. ``clusters`` (n,) number
    what suspected pairs connect, -1 for nothing: several of a cluster are kept where only a chain
    of others connects them. ``copies`` (m, 3) are rows (kept image, keyword, removed image): the
    keyword was passed on.
    """

    groups: IntArray
    kept: NDArray[np.bool_]
    clusters: IntArray
    copies: IntArray


def deduplicate(
    pairs: Pairs,
    labels: csr_array,
    preference: NDArray[np.int64],
    lower: float,
    upper: float,
    told: Pairs,
) -> Deduplication:
    """Of n images keep so many that no two of them are suspected duplicates, and no fewer.

    Pairs that reach ``upper`` are certain: what they connect is one picture, of which one image is
    kept at most. The image with the most keywords (rows of ``labels`` (n, C)), then the lowest
    ``preference`` (n,), is kept first; removed is what reaches ``lower`` to one that is kept.
    Keywords are passed on to the kept image by those of the same picture. ``told`` are the pairs a
    person answered about, similarity 1 for duplicates and 0 for others: they count whatever their
    similarity is, the first as certain; the second never link directly.
    """
    n = labels.shape[0]
    linked = _without(pairs, told, n)
    same = told.similarity > 0.5
    first = np.concatenate([linked.first, told.first[same]])
    second = np.concatenate([linked.second, told.second[same]])
    similarity = np.concatenate([linked.similarity, np.full(np.count_nonzero(same), 2.0)])
    near = similarity >= lower
    certain = _components(n, first[similarity >= upper], second[similarity >= upper])
    order = np.lexsort((preference, -np.diff(labels.indptr)))
    leader = _leaders(order, certain, first[near], second[near])
    groups = _numbered(leader)
    copies = _copies(labels, groups, certain, np.unique(leader[groups >= 0]))
    clusters = _components(n, first[near], second[near])
    return Deduplication(groups, leader == np.arange(n), clusters, copies)


def _leaders(order: IntArray, certain: IntArray, first: IntArray, second: IntArray) -> IntArray:
    """The image (n,) that is kept in place of each, itself where it is kept.

    ``order`` (n,) is that in which images are kept rather; ``certain`` (n,) numbers pictures.
    """
    n = len(order)
    alone = np.flatnonzero(certain < 0)
    picture = certain.copy()
    picture[alone] = certain.max(initial=-1) + 1 + np.arange(len(alone))
    count = int(picture.max(initial=-1)) + 1
    shape = (count, count)
    ones = np.ones(len(first), dtype=np.int8)
    graph = coo_array((ones, (picture[first], picture[second])), shape=shape).tocsr()
    graph = csr_array(graph + graph.T)
    chosen = np.full(count, -1, dtype=np.int64)
    for image in order.tolist():
        own = picture[image]
        if chosen[own] < 0:
            chosen[own] = image
            near = graph.indices[graph.indptr[own] : graph.indptr[own + 1]]
            chosen[near[chosen[near] < 0]] = image
    return chosen[picture] if n else np.empty(0, dtype=np.int64)


def _numbered(leader: IntArray) -> IntArray:
    """Number of each group of more than one image (n,), by lowest row; -1 for a single one."""
    sizes = np.bincount(leader, minlength=1)
    return _by_first_row(leader, sizes[leader] > 1)


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
    return _by_first_row(component, sizes[component] > 1)


def _by_first_row(names: IntArray, is_shared: NDArray[np.bool_]) -> IntArray:
    """Numbers in place of names (n,), in order of first use; -1 for one that is not shared."""
    shared = np.flatnonzero(is_shared)
    _, start, number = np.unique(names[shared], return_index=True, return_inverse=True)
    rank = np.argsort(np.argsort(start))
    groups = np.full(len(names), -1, dtype=np.int64)
    groups[shared] = rank[number]
    return groups


def _copies(labels: csr_array, groups: IntArray, certain: IntArray, kept: IntArray) -> IntArray:
    """(kept image, keyword, removed image), each keyword that the kept one lacks once."""
    leader = np.empty(len(kept), dtype=np.int64)
    leader[groups[kept]] = kept
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
