"""One pass over the references for all models that compare an image with each of them."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Generic, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from core.models.base import Estimator
from core.models.neighbor_net import ClassWiseNeighborNet, FilteredNeighborNet, SimpleNeighborNet
from core.models.neighbor_search import NeighborSearch
from core.models.one_pass import Excluded, Listener, compare_all
from core.progress import Progress
from core.similarity.top_k import BestSoFar, Matches
from core.types import Confidences, Vectors
from core.workflows.dataset import Part

_Listener = TypeVar("_Listener", bound=Listener)
_Answer: TypeAlias = tuple[Confidences, float]
_Comparing: TypeAlias = NeighborSearch | SimpleNeighborNet | ClassWiseNeighborNet


class SharedSearch:
    """Confidences of models for the images of a split.

    Those of ``together`` that keep all training images as their references are asked at once: the
    similarities are computed a single time, and whoever asks first waits for all. The seconds are
    what each would take alone, a search with as many neighbors as the widest one.
    """

    def __init__(self, train: Part, together: Sequence[Estimator]) -> None:
        self._train = train
        self._together = [
            one
            for one in together
            if isinstance(one, _Comparing)
            and not isinstance(one, FilteredNeighborNet)
            and one.references_ is train.vectors
        ]
        self._found: dict[tuple[int, int], _Answer] = {}

    def confidences(
        self, estimator: Estimator, asked: Part, progress: Progress
    ) -> tuple[Confidences, float]:
        """What ``estimator`` says of the images of ``asked`` (n, C), and the seconds it takes.

        Each of those that are asked together is to ask once: its answer is not kept after that.
        """
        if any(one is estimator for one in self._together):
            if (id(estimator), id(asked)) not in self._found:
                self._compare(asked, progress)
            return self._found.pop((id(estimator), id(asked)))
        started = time.perf_counter()
        confidences = estimator.predict_confidence(asked.vectors)
        return confidences, time.perf_counter() - started

    def _compare(self, asked: Part, progress: Progress) -> None:
        references, count = self._train.vectors, len(asked)
        searches = [one for one in self._together if isinstance(one, NeighborSearch)]
        widest = max((one.max_neighbors for one in searches), default=1)
        nearest = _Timed(_Nearest(references, count, widest))
        averages = {
            id(one): _Timed(one.listener(count))
            for one in self._together
            if not isinstance(one, NeighborSearch)
        }
        listeners: list[_Timed[Any]] = [*averages.values(), *([nearest] if searches else [])]
        started = time.perf_counter()
        compare_all(asked.vectors, references, listeners, progress=progress)
        product = time.perf_counter() - started - sum(one.seconds for one in listeners)
        for one in self._together:
            if isinstance(one, NeighborSearch):
                started = time.perf_counter()
                confidences = one.confidences_of(nearest.inner.matches)
                own = time.perf_counter() - started + nearest.seconds
            else:
                confidences = averages[id(one)].inner.confidences
                own = averages[id(one)].seconds
            self._found[id(one), id(asked)] = confidences, product + own


@dataclass(slots=True)
class _Timed(Generic[_Listener]):
    """A listener, and the ``seconds`` it has taken."""

    inner: _Listener
    seconds: float = 0.0

    def begin(self, asked: slice, queries: Vectors, excluded: Excluded) -> None:
        """See :class:`core.models.one_pass.Listener`."""
        with self._counted():
            self.inner.begin(asked, queries, excluded)

    def take(self, rows: slice, cosines: NDArray[np.float32]) -> None:
        """Let it have a strip of references."""
        with self._counted():
            self.inner.take(rows, cosines)

    def end(self) -> None:
        """Let it end."""
        with self._counted():
            self.inner.end()

    @contextmanager
    def _counted(self) -> Iterator[None]:
        started = time.perf_counter()
        yield
        self.seconds += time.perf_counter() - started


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
