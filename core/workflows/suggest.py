"""Suggestions for images, with the labeled images that speak for them (thesis section 3.2.2)."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Self

import numpy as np

from core.catalog import decisions, images, keywords
from core.catalog.choices import EXPERIMENT
from core.progress import Progress, Silent
from core.types import (
    Changes,
    Image,
    ImageId,
    ImageSuggestions,
    Keyword,
    KeywordId,
    KeywordStatus,
    Label,
    Reference,
    Suggestion,
    Verdict,
)
from core.workflows.active_model import (
    ActiveModel,
    Said,
    active_model,
    nearest_neighbor,
    start_model,
)
from core.workflows.index_file import up_to_date_index
from core.workflows.project import Project
from core.workflows.reference_index import Evidence, ReferenceIndex
from core.workflows.vectors import ImageVectors

NEIGHBOR_SEARCH = "neighbor-search"
NEAREST_NEIGHBOR = "1-nn"
SLOW_SECONDS = 0.05
"""Exact search that answers in less needs no index."""
WORTH_AN_INDEX = 200_000
"""Fewer references are never worth one, however busy the machine is."""
RUNNER_UP = 0.01
"""A keyword with less confidence than this is not worth showing."""


class Suggester:
    """Every labeled and encoded image of a project as a reference, ready in memory.

    All methods may be called from any thread; searching and taking in changes wait for each
    other.
    """

    def __init__(self, project: Project) -> None:
        self._project = project
        self._lock = threading.Lock()
        self._refreshing = threading.Lock()
        self._index = ReferenceIndex(project)
        self._model = active_model(project)
        self._keywords: dict[KeywordId, Keyword] = {}
        self._by_content: dict[str, list[ImageId]] = {}

    @classmethod
    def load(cls, project: Project, progress: Progress | None = None) -> Self:
        """Read all references. Without an encoder or vectors, nothing is suggested yet.

        Raises :class:`core.errors.FeatureError` if the feature file is missing or damaged.
        """
        suggester = cls(project)
        suggester._read_keywords()
        suggester._index.take_vectors(ImageVectors.read(project), progress or Silent())
        return suggester

    @property
    def references(self) -> int:
        """How many images speak for suggestions."""
        return len(self._index)

    @property
    def warning(self) -> str:
        """Why the chosen model cannot be used, in one sentence; usually empty."""
        return self._model.warning

    def refresh(self, changes: Changes) -> None:
        """Take in what a write changed; only what it touched is read again."""
        with self._refreshing:
            if EXPERIMENT in changes.choices:
                self._model = active_model(self._project)
            # An image whose content has changed has no vector any more.
            stale = changes.vectors_changed or changes.images_changed
            vectors = ImageVectors.read(self._project) if stale else None
            with self._lock:
                if stale:
                    self._by_content = {}
                    self._index.take_vectors(vectors, Silent())
                if stale or changes.keywords:
                    # An import brings keywords with its images.
                    self._read_keywords()
                if changes.label_images:
                    touched = np.array(sorted(changes.label_images), dtype=np.int64)
                    self._index.read_labels(touched, Silent())

    def is_slow(self) -> bool:
        """Whether exact search takes so long that :meth:`build_index` is worth its minutes."""
        if len(self._index) < WORTH_AN_INDEX or self._index.is_indexed:
            return False
        with self._lock:
            return self._index.exact_seconds() > SLOW_SECONDS

    def build_index(self, progress: Progress) -> float:
        """Search approximately from now on; the recall at 50, measured against exact search.

        Suggestions go on meanwhile, with exact search. What an earlier session has kept is used
        again. An index that finds less than :data:`core.similarity.approximate.RECALL` of the true
        neighbors is not used.
        """
        with self._lock:
            path, references = self._index.index_path, self._index.snapshot()
        if path is None:
            raise ValueError("there are no references to build an index of")
        index = up_to_date_index(path, references, progress)
        if index.is_good:
            with self._lock:
                self._index.take_index(index)
        return index.recall

    def suggest(self, ids: Sequence[ImageId], model: str = "") -> list[ImageSuggestions]:
        """Suggestions in the order of ``ids``; unknown ids are left out.

        ``model`` is "" for the chosen one, or "neighbor-search" or "1-nn" as they are before
        anything is tuned. All keywords of at least 1 % confidence are
        suggested, except those rejected for the image and retired ones. An image without a vector
        has no suggestions. Several images at once share the passes over the references.
        """
        active = self._named(model)
        asked = images.get_images(self._project.catalog, ids)
        asked_ids = [image.id for image in asked]
        said = decisions.labels_of(self._project.catalog, asked_ids)
        with self._lock:
            left_out = self._exact_duplicates(asked)
            found = self._index.find(np.array(asked_ids, dtype=np.int64), left_out, active.search)
            confidences = active.voice.speak(self._index, asked_ids, found)
            known = self._keywords
        paths = self._paths(found)
        return [
            ImageSuggestions(
                image=image.id,
                path=image.path,
                encoder=self._project.settings.encoder.identity,
                model=active.name,
                suggestions=_rank(spoken, said.get(image.id, ()), known),
                references=tuple(
                    Reference(one.image, paths[one.image], one.similarity, one.weight, one.keywords)
                    for one in evidence
                ),
            )
            for image, evidence, spoken in zip(asked, found, confidences, strict=True)
        ]

    def _named(self, name: str) -> ActiveModel:
        if not name:
            return self._model
        if name == NEAREST_NEIGHBOR:
            return nearest_neighbor(self._project)
        if name != NEIGHBOR_SEARCH:
            raise ValueError(f"there is no model {name!r}")
        return start_model(self._project)

    def _exact_duplicates(self, asked: Sequence[Image]) -> list[list[ImageId]]:
        """For every image those with the same bytes, if the project leaves them out."""
        if not self._project.settings.neighbor_search.exclude_exact_duplicates:
            return [[] for _ in asked]
        if not self._by_content:
            for file in images.known_files(self._project.catalog).values():
                self._by_content.setdefault(file.content_hash, []).append(file.id)
        return [self._by_content.get(image.content_hash, []) for image in asked]

    def _paths(self, found: Sequence[Sequence[Evidence]]) -> dict[ImageId, str]:
        speaking = {one.image for evidence in found for one in evidence}
        return {
            image.id: image.path
            for image in images.get_images(self._project.catalog, sorted(speaking))
        }

    def _read_keywords(self) -> None:
        """Keywords that can be suggested."""
        self._keywords = {
            keyword.id: keyword
            for keyword in keywords.all_keywords(self._project.catalog)
            if keyword.status is not KeywordStatus.RETIRED
        }


def _rank(
    confidences: Said, said: Sequence[Label], known: Mapping[KeywordId, Keyword]
) -> tuple[Suggestion, ...]:
    """What can be suggested, most confident first."""
    verdicts = {label.keyword: label.verdict for label in said}
    suggestions = [
        Suggestion(known[keyword], confidence, above_threshold=above, verdict=verdicts.get(keyword))
        for keyword, (confidence, above) in confidences.items()
        if confidence >= RUNNER_UP
        and verdicts.get(keyword) is not Verdict.REJECTED
        and keyword in known
    ]
    return tuple(sorted(suggestions, key=lambda item: (-item.confidence, item.keyword.no)))
