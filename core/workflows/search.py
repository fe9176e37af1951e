"""Search by words or by example: every image that passes the filter, ranked by similarity.

Exact: each of them is compared. A filter by confidence is asked of the model from the most similar
image on, until there are enough. The vectors are read from the feature file block by block, so that
memory grows with a block and not with the archive.
"""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Self

import numpy as np
from numpy.typing import NDArray

from core.catalog import browse
from core.catalog.encodings import encoder_id
from core.catalog.keywords import all_keywords
from core.errors import EncoderError
from core.features import FeatureFile
from core.progress import Progress, Silent
from core.similarity.leaders import Leaders
from core.types import (
    Changes,
    ImageIds,
    ImageQuery,
    SavedSearch,
    SearchByImages,
    SearchResult,
    SearchTarget,
)
from core.workflows.confident import AT_ONCE, Confident
from core.workflows.project import Project
from core.workflows.search_target import TargetEncoder
from core.workflows.search_text import SearchWords, english_names
from core.workflows.translate import load_translator
from core.workflows.vectors import ImageVectors

LIMIT = 1_000
"""Images found when nobody asks for more or fewer."""
BLOCK_ROWS = 16_384
"""Rows of the feature file looked at together: 32 MB at 512 dimensions."""
_FILTERS_KEPT = 4


@dataclass(frozen=True, eq=False, slots=True)
class _Candidates:
    """Images (n,) that pass a filter and are encoded, and their rows (n,), ascending."""

    images: ImageIds
    rows: NDArray[np.int64]

    def without(self, images: ImageIds, vectors: ImageVectors) -> Self:
        """The same but for a few images."""
        kept = np.ones(len(self.rows), dtype=bool)
        rows = vectors.rows_of(images)
        places = np.searchsorted(self.rows, rows[rows >= 0])
        there = places[places < len(self.rows)]
        kept[there] = ~np.isin(self.images[there], images)
        return type(self)(self.images[kept], self.rows[kept])

    def blocks(self) -> Iterator[slice]:
        """Parts whose rows lie within one block of the file."""
        borders = np.flatnonzero(np.diff(self.rows // BLOCK_ROWS)) + 1
        bounds = [0, *borders.tolist(), len(self.rows)]
        return (slice(start, stop) for start, stop in pairwise(bounds) if stop > start)


@dataclass(slots=True)
class _Snapshot:
    """What is known of the archive until something changes."""

    vectors: ImageVectors
    words: SearchWords
    candidates: OrderedDict[ImageQuery, _Candidates] = field(default_factory=OrderedDict)


class Searcher:
    """Searches one project. All methods may be called from any thread."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._lock = threading.Lock()
        self._targets = TargetEncoder(project)
        self._snapshot: _Snapshot | None = None
        self._unread: deque[Changes] = deque()

    def warm_up(self) -> None:
        """Load the encoder and what is known of the vectors before somebody searches.

        Raises :class:`EncoderError` when nothing can be searched yet, or not with this encoder.
        """
        self._current()
        self._targets.load()

    def refresh(self, changes: Changes) -> None:
        """Forget what a write made stale; returns at once, also while somebody searches."""
        self._unread.append(changes)

    def find(
        self,
        target: SearchTarget,
        query: ImageQuery | None = None,
        limit: int = LIMIT,
        progress: Progress | None = None,
        confident: Confident | None = None,
    ) -> SearchResult:
        """The ``limit`` images most like ``target`` among those that match ``query``.

        Raises what :meth:`steps` raises.
        """
        watched = progress or Silent()
        for result in self.steps(target, query, limit, confident):
            watched.checkpoint()
            watched.report(result.searched, result.total)
        return result

    def find_saved(
        self,
        saved: SavedSearch,
        progress: Progress | None = None,
        confident: Confident | None = None,
    ) -> SearchResult:
        """The present result of a saved search; ``confident`` asks for its confidence, if any."""
        return self.find(saved.target, saved.query, saved.limit, progress, confident)

    def steps(
        self,
        target: SearchTarget,
        query: ImageQuery | None = None,
        limit: int = LIMIT,
        confident: Confident | None = None,
    ) -> Iterator[SearchResult]:
        """The best so far after each block of the archive; the last one is final.

        Images without a vector are not found, and neither are those that are not ``confident``.
        Raises :class:`EncoderError` if nothing is encoded or the encoder cannot be used,
        :class:`core.errors.ImageError` for an image that cannot be read,
        :class:`core.errors.ProjectError` for an empty target, :class:`core.errors.FeatureError` for
        a damaged feature file, and :class:`core.errors.TableError` for a glossary of the project
        that cannot be read.
        """
        snapshot = self._current()
        vectors, words = snapshot.vectors, snapshot.words
        understood = self._targets.understood(target, words)
        vector = self._targets.vector(target, words, vectors)
        candidates = self._candidates(snapshot, query or ImageQuery())
        if isinstance(target, SearchByImages):
            candidates = candidates.without(np.array(target.images, dtype=np.int64), vectors)
        total = len(candidates.rows)
        leaders = Leaders(vector, limit if confident is None else max(total, 1))
        nothing = SearchResult(leaders.ids, leaders.similarities, 0, total, understood)
        yield nothing
        with vectors.open() as file:
            for part in candidates.blocks():
                self._show(leaders, file, candidates.images[part], candidates.rows[part])
                found, scores = leaders.ids, leaders.similarities
                best = SearchResult(found, scores, part.stop, total, understood)
                yield best if confident is None else nothing
        if confident is not None and total:
            yield from _confident_steps(best, limit, confident)

    def _show(
        self, leaders: Leaders, file: FeatureFile, images: ImageIds, rows: NDArray[np.int64]
    ) -> None:
        first = int(rows[0])
        # mapped anew for each block: what was read of a map counts as memory
        block = np.asarray(file.vectors()[first : int(rows[-1]) + 1])
        leaders.show(block, rows - first, images)

    def _current(self) -> _Snapshot:
        with self._lock:
            self._take_changes()
            identity = self._project.settings.encoder.identity
            if self._snapshot is None or self._snapshot.vectors.identity != identity:
                self._snapshot = self._read()
            return self._snapshot

    def _take_changes(self) -> None:
        while self._unread:
            changes = self._unread.popleft()
            if changes.images_changed or changes.vectors_changed or changes.keywords:
                self._snapshot = None
            elif (changes.label_images or changes.choices) and self._snapshot is not None:
                # another one: a search that is under way may yet add to the old one
                self._snapshot = _Snapshot(self._snapshot.vectors, self._snapshot.words)

    def _read(self) -> _Snapshot:
        if not self._project.settings.encoder.source:
            raise EncoderError(
                "Nothing can be searched: no encoder is chosen.",
                "Choose an encoder and encode the images.",
            )
        vectors = ImageVectors.read(self._project)
        if vectors is None:
            raise EncoderError(
                "Nothing can be searched: no image has a vector yet.", "Encode the images first."
            )
        names = english_names(all_keywords(self._project.catalog))
        return _Snapshot(vectors, SearchWords(load_translator(self._project), names))

    def _candidates(self, snapshot: _Snapshot, query: ImageQuery) -> _Candidates:
        with self._lock:
            known = snapshot.candidates.get(query)
        if known is not None:
            return known
        catalog, vectors = self._project.catalog, snapshot.vectors
        images = browse.image_ids(catalog, query, encoder_id(catalog, vectors.identity))
        rows = vectors.rows_of(images)
        images, rows = images[rows >= 0], rows[rows >= 0]
        order = np.argsort(rows)
        found = _Candidates(images[order], rows[order])
        with self._lock:
            snapshot.candidates[query] = found
            while len(snapshot.candidates) > _FILTERS_KEPT:
                snapshot.candidates.popitem(last=False)
        return found


def _confident_steps(
    ranked: SearchResult, limit: int, confident: Confident
) -> Iterator[SearchResult]:
    """Of all images, ranked, the first ``limit`` of which the model is as sure as is wanted."""
    kept = np.empty(0, dtype=np.int64)
    for start in range(0, ranked.total, AT_ONCE):
        places = np.arange(start, min(start + AT_ONCE, ranked.total))
        sure = places[confident.keeps(ranked.images[places])]
        kept = np.concatenate([kept, sure])[:limit]
        # what follows is less similar: with enough found, nothing else can be among the best
        searched = ranked.total if len(kept) == limit else int(places[-1]) + 1
        yield replace(
            ranked, images=ranked.images[kept], scores=ranked.scores[kept], searched=searched
        )
        if searched == ranked.total:
            return
