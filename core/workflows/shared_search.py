"""One pass over the references for all models that compare an image with each of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from core.models.base import Estimator
from core.models.neighbor_net import ClassWiseNeighborNet, FilteredNeighborNet, SimpleNeighborNet
from core.models.neighbor_search import NeighborSearch
from core.models.one_pass import Excluded, compare_all
from core.progress import Progress
from core.similarity.top_k import BestSoFar, Matches
from core.types import Confidences, Vectors
from core.workflows.dataset import Part

_Comparing: TypeAlias = NeighborSearch | SimpleNeighborNet | ClassWiseNeighborNet


class SharedSearch:
    """Confidences of models for the images of a split.

    Those of ``together`` that keep all training images as their references are asked at once: the
    similarities are computed a single time, and whoever asks first waits for all.
    """

    def __init__(self, train: Part, together: Sequence[Estimator], progress: Progress) -> None:
        self._train = train
        self._together = [
            one
            for one in together
            if isinstance(one, _Comparing)
            and not isinstance(one, FilteredNeighborNet)
            and one.references_ is train.vectors
        ]
        self._progress = progress
        self._found: dict[int, list[Confidences]] = {}

    def confidences(self, estimator: Estimator, asked: Part) -> Confidences:
        """What ``estimator`` says of the images of ``asked`` (n, C)."""
        for place, one in enumerate(self._together):
            if one is estimator:
                return self._of_all(asked)[place]
        return estimator.predict_confidence(asked.vectors)

    def _of_all(self, asked: Part) -> list[Confidences]:
        if id(asked) not in self._found:
            self._found[id(asked)] = self._compare(asked.vectors)
        return self._found[id(asked)]

    def _compare(self, queries: Vectors) -> list[Confidences]:
        references = self._train.vectors
        searches = [one for one in self._together if isinstance(one, NeighborSearch)]
        nets = [one for one in self._together if not isinstance(one, NeighborSearch)]
        averages = {id(net): net.listener(len(queries)) for net in nets}
        widest = max((one.max_neighbors for one in searches), default=1)
        nearest = _Nearest(references, len(queries), widest)
        listeners = [*averages.values(), *([nearest] if searches else [])]
        compare_all(queries, references, listeners, checkpoint=self._progress.checkpoint)
        return [
            one.confidences_of(nearest.matches)
            if isinstance(one, NeighborSearch)
            else averages[id(one)].confidences
            for one in self._together
        ]


class _Nearest:
    """The ``matches`` (n, k) of all queries."""

    def __init__(self, references: Vectors, queries: int, k: int) -> None:
        self.matches = Matches.none(queries, k)
        self._references = references
        self._k = k

    def begin(self, asked: slice, queries: Vectors, excluded: Excluded) -> None:
        """See :class:`core.models.one_pass.Listener`."""
        self._asked = asked
        self._best = BestSoFar(queries, self._references, self._k, excluded)

    def take(self, rows: slice, cosines: NDArray[np.float32]) -> None:
        """A strip of references may hold some of the best."""
        self._best.take(rows.start, cosines)

    def end(self) -> None:
        """What is left are the best of all."""
        self.matches.put(self._asked.start, self._best.pairs())
