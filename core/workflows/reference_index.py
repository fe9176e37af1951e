"""The references of a project, kept in step with its catalog and its feature file."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from core.catalog import decisions
from core.features.mending import of_length_one
from core.models.neighbor_search import NeighborSearch
from core.progress import Progress
from core.similarity.approximate import NEIGHBORS, ApproximateIndex, best_of
from core.similarity.top_k import Matches, top_k
from core.types import POSITIVE_VERDICTS, ImageId, ImageIds, KeywordId, Vectors
from core.workflows.index_file import GROWTH, ReferenceVectors, keys_of
from core.workflows.project import Project
from core.workflows.references import KeywordSet, References, keyword_sets
from core.workflows.vectors import ImageVectors

_ADDED_AT_ONCE = 16_384
_FEW = 1_000
"""Up to so many images their labels are asked for by id; beyond it, all labels are read."""


_TIMED = 3


@dataclass(frozen=True, slots=True)
class Evidence:
    """A reference with a weight. Its keywords are those at the time it was found."""

    image: ImageId
    similarity: float
    weight: float
    keywords: KeywordSet


class ReferenceIndex:
    """Every labeled and encoded image, as far as it has been told. Not thread-safe."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._vectors: ImageVectors | None = None
        self._references = References(0)
        self._approximate: ApproximateIndex | None = None
        self._not_indexed: list[ImageIds] | None = None
        """What was added since :meth:`snapshot`; None while no index is being built."""
        self.revision = 0
        """Grows with every change of the references or their labels."""

    def __len__(self) -> int:
        return len(self._references)

    def take_vectors(self, now: ImageVectors | None, progress: Progress) -> None:
        """Take in which images are encoded: all of them at first, then what has changed.

        Raises :class:`core.errors.FeatureError` if the feature file is missing or damaged.
        """
        before = self._vectors
        self.revision += 1
        if now is None:
            self._start_anew(None, References(0))
            return
        fresh, gone = now.changed_since(before)
        if before is None or before.identity != now.identity:
            with now.open() as file:
                self._start_anew(now, References(file.dimension, len(now.images)))
        self._vectors = now
        for image in (*gone.tolist(), *fresh.tolist()):
            self._references.drop(image)
        self._add(self._labeled(fresh), progress)

    def _start_anew(self, vectors: ImageVectors | None, references: References) -> None:
        self._vectors, self._references = vectors, references
        self._approximate = self._not_indexed = None

    def read_labels(self, images: ImageIds, progress: Progress) -> None:
        """Take in the labels of ``images``, which are added, relabeled or dropped."""
        self.revision += 1
        labeled = self._labeled(images)
        new = {}
        for image in images.tolist():
            keywords = labeled.get(image)
            if keywords is None:
                self._references.drop(image)
            elif image in self._references:
                self._references.relabel(image, keywords)
            else:
                new[image] = keywords
        self._add(new, progress)

    def vectors_of(self, images: ImageIds) -> tuple[Vectors, NDArray[np.int64]]:
        """Vectors (m, d) of those of ``images`` (n,) that are encoded, and their places (m,)."""
        if self._vectors is None:
            return np.zeros((0, 0), dtype=np.float32), np.zeros(0, dtype=np.int64)
        rows = self._vectors.rows_of(images)
        encoded = np.flatnonzero(rows >= 0)
        with self._vectors.open() as file:
            return file.vectors()[rows[encoded]], encoded

    def references(self, columns: Mapping[KeywordId, int]) -> tuple[Vectors, csr_array]:
        """All references (N, d) and their labels (N, C); they hold until the next change."""
        return self._references.vectors, self._references.labels(columns)

    def places(self, images: Sequence[ImageId]) -> NDArray[np.int64]:
        """Rows of those of ``images`` that are references."""
        return self._places(images)

    def find(
        self, images: ImageIds, left_out: Sequence[Sequence[ImageId]], search: NeighborSearch
    ) -> list[list[Evidence]]:
        """For every image (n,) the references with a weight, heaviest first.

        An image never speaks for itself, nor do those ``left_out`` for it. An image without a
        vector has no evidence.
        """
        found: list[list[Evidence]] = [[] for _ in images]
        if self._vectors is None:
            return found
        rows = self._vectors.rows_of(images)
        encoded = np.flatnonzero(rows >= 0).tolist()
        with self._vectors.open() as file:
            queries = file.vectors()[rows[encoded]]
        excluded = [[ImageId(int(images[i])), *left_out[i]] for i in encoded]
        matches = self._nearest(queries, search.max_neighbors, excluded)
        weights = search.weigh(matches)
        for query, rank in np.argwhere(weights).tolist():
            place = int(matches.indices[query, rank])
            evidence = Evidence(
                self._references.image(place),
                float(matches.similarities[query, rank]),
                float(weights[query, rank]),
                self._references.keywords(place),
            )
            found[encoded[query]].append(evidence)
        return found

    def exact_seconds(self) -> float:
        """How long one exact search takes at present."""
        taken = [np.inf]
        for place in range(min(_TIMED, len(self))):
            query = self._references.vectors[place : place + 1]
            started = time.perf_counter()
            top_k(query, self._references.vectors, NEIGHBORS)
            taken.append(time.perf_counter() - started)
        return min(taken)

    @property
    def is_indexed(self) -> bool:
        """Whether an approximate index serves, and is not outgrown."""
        if self._approximate is None:
            return False
        indexed = len(self._approximate)
        trained_on = self._approximate.trained_on
        return trained_on * GROWTH > len(self) and len(self) * GROWTH > indexed

    @property
    def index_path(self) -> Path | None:
        """Where the index of these references is kept; None while there are none."""
        return None if self._vectors is None else self._vectors.index_path

    def snapshot(self) -> ReferenceVectors:
        """What an index is to be built of; what is added from now on is noted for it.

        The vectors may be read while references change: an image that is dropped leaves its row to
        another one, which costs that one's place in the index and nothing else.
        """
        self._not_indexed = []
        vectors = self._references.vectors
        return ReferenceVectors(self._references.images, vectors, keys_of(vectors))

    def take_index(self, index: ApproximateIndex) -> None:
        """Search with an index that was built of :meth:`snapshot`, unless all has changed since."""
        if self._not_indexed is None:
            return
        self._approximate = index
        missed = [np.empty(0, dtype=np.int64), *self._not_indexed]
        self._not_indexed = None
        self._index_more(np.concatenate(missed))

    def _index_more(self, images: ImageIds) -> None:
        if self._not_indexed is not None:
            self._not_indexed.append(images)
        if self._approximate is not None:
            places = self._places(images.tolist())
            known = np.array([self._references.image(place) for place in places], dtype=np.int64)
            self._approximate.add(self._references.vectors[places], known)

    def _nearest(
        self, queries: Vectors, count: int, excluded: Sequence[Sequence[ImageId]]
    ) -> Matches:
        """The ``count`` nearest references of each query (n, d) but for those ``excluded``."""
        vectors = self._references.vectors
        if self._approximate is None:
            return top_k(queries, vectors, count, exclude=[self._places(one) for one in excluded])
        more = max((len(one) for one in excluded), default=0)
        found = self._approximate.candidates(queries, max(count, NEIGHBORS) + more)
        places = np.full(found.shape, -1, dtype=np.int64)
        for row, (images, left_out) in enumerate(zip(found.tolist(), excluded, strict=True)):
            unwanted = set(left_out)
            kept = self._places([image for image in images if image not in unwanted])
            places[row, : len(kept)] = kept
        return best_of(queries, vectors, places, count)

    def _add(self, labeled: Mapping[ImageId, KeywordSet], progress: Progress) -> None:
        """Add those with a sound vector, in the order of their rows: read from front to back."""
        if self._vectors is None or not labeled:
            return
        images = np.fromiter(labeled, dtype=np.int64, count=len(labeled))
        rows = self._vectors.rows_of(images)
        order = np.argsort(rows)
        order = order[rows[order] >= 0]
        for start in range(0, len(order), _ADDED_AT_ONCE):
            progress.checkpoint()
            part = order[start : start + _ADDED_AT_ONCE]
            with self._vectors.open() as file:
                chosen = {image: labeled[image] for image in images[part].tolist()}
                self._references.add(file.vectors(), rows[part], chosen)
            is_sound = of_length_one(self._references.vectors[-len(part) :])
            for damaged in images[part][~is_sound].tolist():
                self._references.drop(damaged)
            self._index_more(images[part][is_sound])
            progress.report(start + len(part), len(order))

    def _labeled(self, images: ImageIds) -> dict[ImageId, KeywordSet]:
        """Those of ``images`` with a positive keyword, and their keywords."""
        if len(images) > _FEW:
            owners, keywords = decisions.positive_labels(self._project.catalog)
            among = np.isin(owners, images)
            return keyword_sets(owners[among], keywords[among])
        labels = decisions.labels_of(self._project.catalog, images.tolist())
        positive = {
            image: tuple(label.keyword for label in said if label.verdict in POSITIVE_VERDICTS)
            for image, said in labels.items()
        }
        return {image: keywords for image, keywords in positive.items() if keywords}

    def _places(self, images: Sequence[ImageId]) -> NDArray[np.int64]:
        places = [self._references.place(image) for image in images]
        return np.array([place for place in places if place is not None], dtype=np.int64)
