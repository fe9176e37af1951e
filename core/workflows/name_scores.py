"""How well a keyword's name describes its images, and what another name would change.

The language-image model knows a keyword by its name alone (thesis section 3.2.1): where it does
much worse than the model in use, which looks at images, the name is bad, not the images (section
6.3). Every image is judged without itself among the references.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isnan

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array, csr_array, vstack

from core.catalog import decisions, keywords
from core.errors import EncoderError
from core.evaluation.metrics import ranking
from core.models.neighbor_search import NeighborSearch
from core.models.thresholds import best_threshold
from core.progress import Progress
from core.translation.glossary import Glossary
from core.translation.translator import Translator
from core.types import (
    ImageId,
    ImageIds,
    Keyword,
    KeywordId,
    KeywordStatus,
    NameEffect,
    NameScore,
    Quality,
    SearchByText,
    Vectors,
)
from core.workflows.active_model import ActiveModel, active_model
from core.workflows.project import Project
from core.workflows.search_target import TargetEncoder
from core.workflows.search_text import SearchWords
from core.workflows.suggest import Suggester
from core.workflows.vectors import ImageVectors

FEWEST_IMAGES = 3
"""A keyword on fewer images is not scored: its figures would say nothing."""
_ROWS = 8_192
_QUERIES = 512
_NAMES = 32
_VERBATIM = SearchWords(Translator(Glossary(())))
"""A name is judged as it is written."""


UNKNOWN = Quality(float("nan"), float("nan"))


@dataclass(frozen=True, slots=True)
class NameScores:
    """The scores of all keywords on at least ``FEWEST_IMAGES`` encoded images."""

    scores: tuple[NameScore, ...]
    model: str
    """The model in use, which made the other figures."""

    def worst_first(self) -> list[NameScore]:
        """By the AUC of the name, the lowest first."""
        return sorted(self.scores, key=lambda score: (isnan(score.name.auc), score.name.auc))


@dataclass(frozen=True, eq=False, slots=True)
class _Labeled:
    """Labeled and encoded images (n,), their rows (n,) in the feature file, and who has what.

    ``labels`` (n, C) has a column for each of ``columns`` (C,), ids of keywords.
    """

    vectors: ImageVectors
    images: ImageIds
    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    labels: csc_array

    def truth(self, keyword: KeywordId) -> NDArray[np.bool_]:
        """Which images (n,) carry a keyword."""
        place = np.searchsorted(self.columns, keyword)
        found = np.zeros(len(self.images), dtype=np.bool_)
        if place < len(self.columns) and self.columns[place] == keyword:
            found[self.labels.indices[slice(*self.labels.indptr[place : place + 2])]] = True
        return found

    def blocks(self) -> Iterator[tuple[slice, Vectors]]:
        """The vectors in blocks (b, d)."""
        with self.vectors.open() as file:
            for start in range(0, len(self.rows), _ROWS):
                part = slice(start, start + _ROWS)
                yield part, file.vectors()[self.rows[part]]

    def confidences(self, names: Vectors) -> NDArray[np.float32]:
        """Zero-shot confidences (n, k) of names (k, d)."""
        found = np.empty((len(self.images), len(names)), dtype=np.float32)
        for part, block in self.blocks():
            np.clip((block @ names.T + 1) / 2, 0, 1, out=found[part])
        return found


class NameScorer:
    """Scores the names of one project. All methods may be called from any thread."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._targets = TargetEncoder(project)
        self._lock = threading.Lock()
        self._known: dict[tuple[str, str], Vectors] = {}

    def score(self, progress: Progress) -> NameScores:
        """Score every keyword that is not retired.

        Raises :class:`EncoderError` when nothing is labeled and encoded, or the encoder is not on
        this machine.
        """
        labeled = self._labeled()
        counts = dict(zip(labeled.columns.tolist(), np.diff(labeled.labels.indptr), strict=True))
        chosen = [
            keyword
            for keyword in keywords.all_keywords(self._project.catalog)
            if keyword.status is not KeywordStatus.RETIRED
            and counts.get(keyword.id, 0) >= FEWEST_IMAGES
        ]
        active = active_model(self._project)
        by_model = self._model_qualities(labeled, chosen, active, progress)
        scores: list[NameScore] = []
        for start in range(0, len(chosen), _NAMES):
            progress.checkpoint()
            progress.report(start, len(chosen), "scoring names")
            some = chosen[start : start + _NAMES]
            names = np.stack([self._vector(_text(keyword), labeled) for keyword in some])
            found = labeled.confidences(names)
            for place, keyword in enumerate(some):
                quality = _quality(labeled.truth(keyword.id), found[:, place])
                images, text = int(counts[keyword.id]), _text(keyword)
                score = NameScore(keyword.id, text, images, quality, by_model[keyword.id])
                scores.append(score)
        progress.report(len(chosen), len(chosen))
        return NameScores(tuple(scores), active.name)

    def effect(self, keyword: Keyword, text: str) -> NameEffect:
        """What ``text`` as the name of a keyword would do. Raises what :meth:`score` raises."""
        labeled = self._labeled()
        found = labeled.confidences(self._vector(text, labeled)[None])[:, 0]
        truth = labeled.truth(keyword.id)
        return NameEffect(
            text,
            int(truth.sum()),
            _mean(found[truth]),
            _mean(found[~truth]),
            _quality(truth, found),
        )

    def _vector(self, text: str, labeled: _Labeled) -> Vectors:
        key = (labeled.vectors.identity, text)
        with self._lock:
            known = self._known.get(key)
        if known is None:
            known = self._targets.vector(SearchByText(text), _VERBATIM, labeled.vectors)
            with self._lock:
                self._known[key] = known
        return known

    def _labeled(self) -> _Labeled:
        vectors = ImageVectors.read(self._project)
        images, words = decisions.positive_labels(self._project.catalog)
        rows = np.empty(0, dtype=np.int64) if vectors is None else vectors.rows_of(images)
        if vectors is None or not (rows >= 0).any():
            raise EncoderError(
                "No name can be scored: no image has both a keyword and a vector.",
                "Import keywords and encode the images first.",
            )
        images, words, rows = images[rows >= 0], words[rows >= 0], rows[rows >= 0]
        unique, first, row = np.unique(images, return_index=True, return_inverse=True)
        columns, column = np.unique(words, return_inverse=True)
        ones = np.ones(len(row), dtype=np.float32)
        labels = csc_array((ones, (row, column)), shape=(len(unique), len(columns)))
        return _Labeled(vectors, unique, rows[first], columns, labels)

    def _model_qualities(
        self,
        labeled: _Labeled,
        chosen: Sequence[Keyword],
        active: ActiveModel,
        progress: Progress,
    ) -> dict[KeywordId, Quality]:
        if active.experiment is None:
            found = _searched(labeled, active.search, progress)
        else:
            found = _suggested(labeled, Suggester.load(self._project), progress)
        qualities = {}
        for keyword in chosen:
            place = int(np.searchsorted(labeled.columns, keyword.id))
            confidences = found[:, [place]].toarray()[:, 0]
            qualities[keyword.id] = _quality(labeled.truth(keyword.id), confidences)
        return qualities


def _searched(labeled: _Labeled, search: NeighborSearch, progress: Progress) -> csc_array:
    """Confidences (n, C) by the references most like each image, itself left out."""
    with labeled.vectors.open() as file:
        references: Vectors = file.vectors()[labeled.rows]
    search.fit(references, csr_array(labeled.labels))
    parts: list[csr_array] = []
    for start in range(0, len(references), _QUERIES):
        progress.checkpoint()
        progress.report(start, len(references), "comparing images")
        queries = references[start : start + _QUERIES]
        itself = list(np.arange(start, start + len(queries))[:, None])
        parts.append(csr_array(search.predict_confidence(queries, exclude=itself)))
    return csc_array(vstack(parts))


def _suggested(labeled: _Labeled, suggester: Suggester, progress: Progress) -> csc_array:
    """Confidences (n, C) of what is suggested for each image; 0 for what is not."""
    places = {int(keyword): place for place, keyword in enumerate(labeled.columns)}
    rows: list[int] = []
    columns: list[int] = []
    values: list[float] = []
    for start in range(0, len(labeled.images), _QUERIES):
        progress.checkpoint()
        progress.report(start, len(labeled.images), "suggesting keywords")
        ids = [ImageId(int(image)) for image in labeled.images[start : start + _QUERIES]]
        for row, found in enumerate(suggester.suggest(ids), start):
            for suggestion in found.suggestions:
                if suggestion.keyword.id in places:
                    rows.append(row)
                    columns.append(places[suggestion.keyword.id])
                    values.append(suggestion.confidence)
    shape = (len(labeled.images), len(labeled.columns))
    return csc_array((np.array(values, dtype=np.float32), (rows, columns)), shape=shape)


def score_names(project: Project, progress: Progress) -> NameScores:
    """Score the names of a project once; see :class:`NameScorer`."""
    return NameScorer(project).score(progress)


def _text(keyword: Keyword) -> str:
    return keyword.en or keyword.no


def _quality(truth: NDArray[np.bool_], confidences: NDArray[np.float32]) -> Quality:
    if not truth.any() or truth.all():
        return UNKNOWN
    (auc,), _ = ranking(truth[:, None], confidences[:, None])
    return Quality(float(auc), best_threshold(truth, confidences)[1])


def _mean(confidences: NDArray[np.float32]) -> float:
    return float(confidences.mean()) if len(confidences) else float("nan")
