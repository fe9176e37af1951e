"""Stratified training, validation and test set; duplicates never straddle (section 3.1.2)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.similarity.top_k import IntArray
from core.types import Split

PROPORTIONS = (0.6, 0.2, 0.2)
STRATA = 10
_ORDER = (Split.TRAIN, Split.VALIDATION, Split.TEST)


def strata_of(softmax_maximum: NDArray[np.float64], count: int = STRATA) -> IntArray:
    """The decile, 0 to 9, of every image's highest softmaxed similarity (n,)."""
    if not len(softmax_maximum):
        return np.empty(0, dtype=np.int64)
    edges = np.quantile(softmax_maximum, np.linspace(0, 1, count + 1)[1:-1])
    return np.searchsorted(edges, softmax_maximum, side="right").astype(np.int64)


def stratified_split(
    strata: IntArray,
    groups: IntArray,
    seed: int,
    proportions: tuple[float, float, float] = PROPORTIONS,
) -> IntArray:
    """:class:`Split` (n,) of each image: every stratum (n,) is divided in the proportions.

    Images of one group (n,) other than -1 go together, in the stratum of their first one. Within a
    stratum whole groups are shuffled by ``seed`` and dealt, the largest first, to the set that
    lacks most; every set is thus right to within the size of one group a stratum.
    """
    if abs(sum(proportions) - 1) > 1e-9 or min(proportions) < 0:
        raise ValueError(f"proportions must be at least 0 and sum to 1: {proportions}")
    random = np.random.default_rng(seed)
    units = np.where(groups >= 0, groups, groups.max(initial=-1) + 1 + np.arange(len(groups)))
    _, first, unit, size = np.unique(
        units, return_index=True, return_inverse=True, return_counts=True
    )
    shuffled = random.permutation(len(first))
    order = shuffled[np.lexsort((-size[shuffled], strata[first][shuffled]))]
    split = np.empty(len(first), dtype=np.int64)
    wanted = np.zeros(3)
    stratum_of_unit = strata[first]
    for stratum in np.unique(stratum_of_unit):
        own = order[stratum_of_unit[order] == stratum]
        # what rounding left over in one stratum is made up for in the next
        wanted += size[own].sum() * np.asarray(proportions)
        for one in own:
            part = int(np.argmax(wanted))
            split[one] = _ORDER[part]
            wanted[part] -= size[one]
    return split[unit]
