"""Aggregate references into a few prototypes a keyword (thesis section 3.2.3).

A reference with several keywords takes part in the prototypes of each of them. Groups are made at
random, as in Tip-Adapter, or by k-means; a prototype is the mean of its group's vectors, and an
empty group is the zero vector, which speaks for nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array, csr_array, sparray

from core.models.base import Choice, Exclusions, Labels, Limits, SettingLimits, check_settings
from core.models.neighbor_net import ClassWiseNeighborNet, SimpleNeighborNet
from core.quiet import ignore_warnings_of
from core.types import Confidences, Vectors

_SAMPLED = 16
"""Vectors a group, among which its first centroid is chosen."""
_ROUNDS = 20

Grouping: TypeAlias = Callable[[Vectors, int, int], NDArray[np.int64]]
"""(vectors (m, d), groups k, seed) -> group of each vector (m,), in [0, k)."""


@dataclass(frozen=True, slots=True)
class Prototypes:
    """Prototypes of C keywords, k each, keyword after keyword.

    ``vectors`` (C * k, d) are means, not unit vectors; ``averaged`` (C * k, C) are the mean labels
    of each group in [0, 1]; ``one_hot`` (C * k, C) say only which keyword a prototype was made for.
    """

    vectors: Vectors
    averaged: csr_array
    one_hot: csr_array


def random_groups(vectors: Vectors, groups: int, seed: int) -> NDArray[np.int64]:
    """Groups of (nearly) equal size, chosen at random."""
    order = np.random.default_rng(seed).permutation(len(vectors))
    return (order % groups).astype(np.int64)


def similar_groups(vectors: Vectors, groups: int, seed: int) -> NDArray[np.int64]:
    """Groups of similar vectors by k-means; some can be empty.

    The first centroids are spread over a sample (Arthur and Vassilvitskii, "k-means++", 2007).
    The rounds are so few that the mini-batches of thesis section 2.1.5 would save nothing.
    """
    if len(vectors) <= groups:
        return np.arange(len(vectors), dtype=np.int64)
    from sklearn.cluster import KMeans, kmeans_plusplus
    from threadpoolctl import threadpool_limits

    ignore_warnings_of("sklearn")  # of vectors so alike that groups stay empty
    random = np.random.RandomState(seed)
    some = random.permutation(len(vectors))[: groups * _SAMPLED]
    with threadpool_limits(1):  # threads would add up in another order every time
        spread, _ = kmeans_plusplus(vectors[some].astype(np.float64), groups, random_state=random)
        clusters = KMeans(groups, init=spread.astype(np.float32), n_init=1, max_iter=_ROUNDS)
        return np.asarray(clusters.fit_predict(vectors), dtype=np.int64)


def make_prototypes(
    references: Vectors, labels: sparray, per_keyword: int, grouping: Grouping, seed: int = 0
) -> Prototypes:
    """Aggregate references (N, d) with labels (N, C) of 0 and 1 into ``per_keyword`` a keyword.

    Raises ValueError for fewer than one prototype, or arrays that do not fit.
    """
    if per_keyword < 1:
        raise ValueError(f"expected at least one prototype a keyword, not {per_keyword}")
    if references.ndim != 2 or labels.shape[:1] != references.shape[:1]:
        raise ValueError(f"references {references.shape} and labels {labels.shape} do not fit")
    by_keyword = csc_array(labels)
    by_keyword.eliminate_zeros()
    keywords = by_keyword.shape[1]
    averaging = [
        _group_means(members, grouping(references[members], per_keyword, seed), per_keyword)
        for members in (
            by_keyword.indices[by_keyword.indptr[c] : by_keyword.indptr[c + 1]]
            for c in range(keywords)
        )
    ]
    rows = np.concatenate([rows + c * per_keyword for c, (rows, _, _) in enumerate(averaging)])
    members = np.concatenate([members for _, members, _ in averaging])
    shares = np.concatenate([shares for _, _, shares in averaging])
    mean = csr_array((shares, (rows, members)), shape=(keywords * per_keyword, len(references)))
    own = np.repeat(np.arange(keywords), per_keyword)
    filled = np.flatnonzero(np.diff(mean.indptr))
    one_hot = csr_array(
        (np.ones(len(filled), dtype=np.float32), (filled, own[filled])),
        shape=(keywords * per_keyword, keywords),
    )
    vectors = np.asarray(mean @ references, dtype=np.float32)
    averaged = csr_array(mean @ csr_array(labels, dtype=np.float32))
    averaged.data = np.minimum(averaged.data, 1)  # ten tenths are more than one in float32
    return Prototypes(vectors, averaged, one_hot)


def _group_means(
    members: NDArray[np.int64], groups: NDArray[np.int64], count: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
    """Sparse rows of the averaging matrix: which group, which reference, with what share."""
    sizes = np.bincount(groups, minlength=count)
    return groups, members.astype(np.int64), (1 / sizes[groups]).astype(np.float32)


GROUPINGS: Mapping[str, Grouping] = {"k-means": similar_groups, "random": random_groups}
_LIMITS: SettingLimits = {
    "temperature": Limits(0),
    "per_keyword": Limits(1, whole=True),
    "grouping": Choice(tuple(GROUPINGS)),
    "seed": Limits(0, whole=True),
}


class SimplePrototypeNet(SimpleNeighborNet):
    """The simple neighbor net over prototypes instead of references.

    Parameters
    ----------
    temperature:
        As in the simple neighbor net; thesis Table 4.4 found 43.653.
    per_keyword:
        Prototypes of each keyword, at least 1.
    grouping:
        "k-means" (similar ones together) or "random".
    prototype_labels:
        "averaged" over the group, or "one-hot": the keyword the prototype was made for.
    seed:
        Of the grouping, at least 0.
    """

    name: ClassVar[str] = "simple-prototype-net"
    limits: ClassVar[SettingLimits] = {
        **_LIMITS,
        "prototype_labels": Choice(("averaged", "one-hot")),
    }

    def __init__(
        self,
        temperature: float = 43.653,
        per_keyword: int = 16,
        grouping: str = "k-means",
        prototype_labels: str = "averaged",
        seed: int = 0,
    ) -> None:
        super().__init__(temperature)
        self.per_keyword = per_keyword
        self.grouping = grouping
        self.prototype_labels = prototype_labels
        self.seed = seed

    def fit(self, references: Vectors, labels: Labels) -> Self:
        """Aggregate references (N, d) with labels (N, C) of 0 and 1 and keep the prototypes."""
        check_settings(self)
        return self.fit_prototypes(
            make_prototypes(
                references, csr_array(labels), self.per_keyword, GROUPINGS[self.grouping], self.seed
            )
        )

    def fit_prototypes(self, made: Prototypes) -> Self:
        """Keep prototypes that were made as the settings say. Raises ValueError as ``fit`` does."""
        averaged = self.prototype_labels == "averaged"
        return super().fit(made.vectors, made.averaged if averaged else made.one_hot)

    def predict_confidence(self, queries: Vectors, exclude: Exclusions = None) -> Confidences:  # noqa: ARG002
        """Confidences (n, C) in [0, 1]; a prototype cannot leave out one of its members."""
        return super().predict_confidence(queries)


class ClassWisePrototypeNet(ClassWiseNeighborNet):
    """The class-wise neighbor net over prototypes, each of which speaks for its own keyword.

    Parameters
    ----------
    temperature:
        As in the class-wise neighbor net; thesis Table 4.4 found 14.193.
    per_keyword, grouping, seed:
        Those of :class:`SimplePrototypeNet`.
    """

    name: ClassVar[str] = "class-wise-prototype-net"
    limits: ClassVar[SettingLimits] = _LIMITS

    def __init__(
        self,
        temperature: float = 14.193,
        per_keyword: int = 16,
        grouping: str = "k-means",
        seed: int = 0,
    ) -> None:
        super().__init__(temperature)
        self.per_keyword = per_keyword
        self.grouping = grouping
        self.seed = seed

    def fit(self, references: Vectors, labels: Labels) -> Self:
        """Aggregate references (N, d) with labels (N, C) of 0 and 1 and keep the prototypes."""
        check_settings(self)
        return self.fit_prototypes(
            make_prototypes(
                references, csr_array(labels), self.per_keyword, GROUPINGS[self.grouping], self.seed
            )
        )

    def fit_prototypes(self, made: Prototypes) -> Self:
        """Keep prototypes that were made as the settings say. Raises ValueError as ``fit`` does."""
        return super().fit(made.vectors, made.one_hot)

    def predict_confidence(self, queries: Vectors, exclude: Exclusions = None) -> Confidences:  # noqa: ARG002
        """Confidences (n, C) in [0, 1]; a prototype cannot leave out one of its members."""
        return super().predict_confidence(queries)
