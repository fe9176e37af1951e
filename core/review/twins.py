"""Twins: images so alike that one must not speak for the other, exact copies among them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from core.similarity.top_k import IntArray


def twin_groups(
    content: NDArray[np.generic],
    alike: tuple[IntArray, IntArray],
    different: tuple[IntArray, IntArray],
) -> IntArray:
    """Number the groups of twins of n images: (n,) values in [0, number of groups).

    Images with equal ``content`` (n,) are twins, and so are the pairs of rows ``alike`` (p,),
    except those that are also among ``different`` (q,); a twin of a twin is a twin.
    """
    n = len(content)
    _, copy = np.unique(content, return_inverse=True)
    order = np.argsort(copy, kind="stable")
    same = np.diff(copy[order]) == 0
    first, second = _without(n, alike, different)
    rows = np.concatenate([order[:-1][same], first])
    columns = np.concatenate([order[1:][same], second])
    links = coo_array((np.ones(len(rows), dtype=np.int8), (rows, columns)), shape=(n, n))
    groups: IntArray = connected_components(links.tocsr(), directed=False)[1].astype(np.int64)
    return groups


def whole_groups(groups: IntArray, size: int) -> list[IntArray]:
    """Blocks of about ``size`` rows that never part twins; every row (n,) is in one block."""
    order = np.argsort(groups, kind="stable")
    last = np.flatnonzero(np.diff(groups[order], append=-1))  # last place of every group
    ends = np.unique(last[np.searchsorted(last, np.arange(size - 1, len(order), size))]) + 1
    return [block for block in np.split(order, ends) if len(block)]


def split_groups(groups: IntArray) -> tuple[IntArray, list[IntArray]]:
    """Places in ``groups`` (b,) that stand alone, and the places of each group of several."""
    order = np.argsort(groups, kind="stable")
    parts = np.split(order, np.flatnonzero(np.diff(groups[order])) + 1)
    alone = [part[0] for part in parts if len(part) == 1]
    return np.array(alone, dtype=np.int64), [part for part in parts if len(part) > 1]


def _without(
    n: int, pairs: tuple[IntArray, IntArray], taken: tuple[IntArray, IntArray]
) -> tuple[IntArray, IntArray]:
    keys, gone = (np.minimum(*ends) * n + np.maximum(*ends) for ends in (pairs, taken))
    kept = ~np.isin(keys, gone)
    return pairs[0][kept], pairs[1][kept]
