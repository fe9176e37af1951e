"""The references of a project, kept in step with its catalog and its feature file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from core.catalog import decisions
from core.models.neighbor_search import NeighborSearch
from core.progress import Progress
from core.similarity.top_k import top_k
from core.types import POSITIVE_VERDICTS, ImageId, ImageIds, KeywordId, Vectors
from core.workflows.project import Project
from core.workflows.references import KeywordSet, References, keyword_sets
from core.workflows.vectors import ImageVectors

_ADDED_AT_ONCE = 16_384
_FEW = 1_000
"""Up to so many images their labels are asked for by id; beyond it, all labels are read."""


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
            self._vectors, self._references = None, References(0)
            return
        fresh, gone = now.changed_since(before)
        if before is None or before.identity != now.identity:
            with now.open() as file:
                self._references = References(file.dimension, len(now.images))
        self._vectors = now
        for image in (*gone.tolist(), *fresh.tolist()):
            self._references.drop(image)
        self._add(self._labeled(fresh), progress)

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
        exclude = [self._places([images[i], *left_out[i]]) for i in encoded]
        matches = top_k(queries, self._references.vectors, search.max_neighbors, exclude=exclude)
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

    def _add(self, labeled: Mapping[ImageId, KeywordSet], progress: Progress) -> None:
        """Add those that are encoded, in the order of their rows: read from front to back."""
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
