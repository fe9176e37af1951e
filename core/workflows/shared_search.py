"""One search for all models that weigh the same neighbors of the same images."""

from __future__ import annotations

from core.models.base import Estimator
from core.models.neighbor_search import NeighborSearch
from core.similarity.top_k import Matches, top_k
from core.types import Confidences
from core.workflows.dataset import Part

_NEIGHBORS = 64
"""Searched at least: finding a few more costs nothing beside comparing with all references."""


class SharedSearch:
    """Confidences of models for the images of a split; those of neighbor search from one search."""

    def __init__(self, train: Part) -> None:
        self._train = train
        self._found: dict[int, Matches] = {}

    def confidences(self, estimator: Estimator, asked: Part) -> Confidences:
        """What ``estimator`` says of the images of ``asked`` (n, C)."""
        if not isinstance(estimator, NeighborSearch):
            return estimator.predict_confidence(asked.vectors)
        if estimator.references_ is not self._train.vectors:
            return estimator.predict_confidence(asked.vectors)
        return estimator.confidences_of(self._matches(asked, estimator.max_neighbors))

    def _matches(self, asked: Part, least: int) -> Matches:
        """The neighbors (n, k) of the images of ``asked``, k at least ``least``."""
        known = self._found.get(id(asked))
        if known is None or known.indices.shape[1] < least:
            known = top_k(asked.vectors, self._train.vectors, max(least, _NEIGHBORS))
            self._found[id(asked)] = known
        return known
