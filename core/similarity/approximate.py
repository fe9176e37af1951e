"""Nearest references among millions: an inverted file narrows the field, then all is exact.

FAISS sorts the references into cells around centroids and keeps four bits for every four numbers of
a vector (product quantisation, scanned by tables that fit into registers). A query looks into the
cells nearest to it. How many it takes is measured, not guessed: the fewest that find at least
:data:`RECALL` of the true 50 nearest. The best of what they hold is measured again with the vectors
themselves, so that a similarity never depends on the way it was found.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from core.progress import Progress
from core.similarity.top_k import IntArray, Matches
from core.types import Vectors

RECALL = 0.99
"""The share of the true 50 nearest that must be found; an index that finds fewer is not used."""
NEIGHBORS = 50
_MARGIN = 0.003
"""What a sample may err by."""
_SAMPLE = 256
_BLOCK = 16_384
_POINTS_PER_CELL = 40
_POINTS_FOR_CODES = 4_096
_ROUNDS = 8
_OVERSAMPLING = 20
"""Candidates for each neighbor wanted: their order is only roughly known."""
_TOGETHER = 4
"""Numbers of a vector that share one code."""
_CODE_BITS = 4


class ApproximateIndex:
    """References by id. Make it with :meth:`build`; one thread at a time.

    An id may be added again with another vector, and an id that is gone may still be found: whoever
    asks measures the candidates again, with :func:`best_of`, and leaves out what is gone.
    """

    def __init__(self, index: Any) -> None:
        self._index = index
        self.recall = 0.0
        """The share of the true 50 nearest that was found when it was measured."""
        self.trained_on = len(self)
        """How many vectors it was built of; with many more, its cells no longer fit."""

    @classmethod
    def build(cls, vectors: Vectors, ids: IntArray, progress: Progress) -> Self:
        """Sort unit ``vectors`` (N, d) with their ``ids`` (N,) into cells, and measure the recall.

        Vectors are read block by block; memory grows by N d / 8 bytes, and 8 for each id. Takes
        minutes for a million of 512 dimensions. Raises ValueError for fewer than 16 vectors.
        """
        if len(vectors) < 2**_CODE_BITS:
            raise ValueError(f"an index needs at least {2**_CODE_BITS} vectors, not {len(vectors)}")
        cells = max(1, min(round(len(vectors) ** 0.5), len(vectors) // _POINTS_PER_CELL))
        made = cls(_trained(vectors, cells, progress))
        for start in range(0, len(vectors), _BLOCK):
            progress.checkpoint()
            part = slice(start, start + _BLOCK)
            made.add(vectors[part], ids[part])
            progress.report(min(start + _BLOCK, len(vectors)), len(vectors))
        made._measure(vectors, ids, progress)
        made.trained_on = len(vectors)
        return made

    def write(self, sink: Callable[[bytes], int]) -> None:
        """Hand everything to ``sink``, part by part, but for ``recall`` and ``trained_on``."""
        library = _faiss()
        library.write_index(self._index, library.PyCallbackIOWriter(sink))

    @classmethod
    def read(cls, source: Callable[[int], bytes], dimension: int) -> Self:
        """Read what :meth:`write` has written, and nothing else: FAISS trusts every number in it.

        Raises ValueError for another kind of index, or one of vectors of another ``dimension``.
        """
        library = _faiss()
        try:
            index = library.read_index(library.PyCallbackIOReader(source))
        except RuntimeError as error:
            raise ValueError("FAISS cannot read this index") from error
        padded = dimension + -dimension % _TOGETHER
        if not isinstance(index, library.IndexIVFPQFastScan) or index.d != padded:
            raise ValueError(f"this is no index of vectors of {dimension} dimensions")
        return cls(index)

    def __len__(self) -> int:
        """How many vectors were added, those that are gone since included."""
        return int(self._index.ntotal)

    @property
    def is_good(self) -> bool:
        """Whether enough of the true neighbors are found."""
        return self.recall >= RECALL

    def add(self, vectors: Vectors, ids: IntArray) -> None:
        """Take in more references."""
        self._index.add_with_ids(_padded(vectors), np.ascontiguousarray(ids))

    def candidates(self, queries: Vectors, count: int) -> IntArray:
        """Ids (n, m) that probably hold the ``count`` nearest of each query; -1 fills."""
        found = self._index.search(_padded(queries), _OVERSAMPLING * count)
        ids: IntArray = found[1]
        return ids

    def _measure(self, vectors: Vectors, ids: IntArray, progress: Progress) -> None:
        """Look into as many cells as it takes to find enough.

        Even all of them are read in a small part of the time of exact search: codes, not floats.
        """
        random = np.random.default_rng(0)
        sample = np.sort(random.choice(len(vectors), min(_SAMPLE, len(vectors)), replace=False))
        queries = vectors[sample]
        truth = ids[_nearest(queries, vectors, NEIGHBORS + 1, progress)]
        most = self._index.nlist
        probes = 1
        while True:
            progress.checkpoint()
            self._index.nprobe = probes
            self.recall = _recall(truth, self.candidates(queries, NEIGHBORS + 1), ids[sample])
            if self.recall >= RECALL + _MARGIN or probes >= most:
                return
            probes = min(most, max(probes + 1, round(probes * 1.4)))


def best_of(queries: Vectors, references: Vectors, places: IntArray, k: int) -> Matches:
    """The k best of ``places`` (n, m) for each query (n, d): rows of the references, -1 for none.

    Similarities are those of :func:`core.similarity.top_k.top_k`; a place may stand there twice. Of
    equal similarities the lower row comes first.
    """
    matches = Matches(
        np.full((len(queries), k), -1, dtype=np.int64),
        np.full((len(queries), k), -np.inf, dtype=np.float32),
    )
    for row, candidates in enumerate(places):
        rows = np.unique(candidates[candidates >= 0])
        similarity = np.vecdot(references[rows], queries[row][None, :])
        best = np.lexsort((rows, -similarity))[:k]
        matches.indices[row, : len(best)] = rows[best]
        matches.similarities[row, : len(best)] = similarity[best]
    return matches


def _faiss() -> Any:
    """Loaded when it is needed; its types tell less than there is."""
    import faiss

    return faiss


def _trained(vectors: Vectors, cells: int, progress: Progress) -> Any:
    faiss = _faiss()
    progress.report(0, len(vectors))
    random = np.random.default_rng(0)
    size = min(len(vectors), max(_POINTS_PER_CELL * cells, _POINTS_FOR_CODES))
    sample = _padded(vectors[np.sort(random.choice(len(vectors), size, replace=False))])
    dimension = sample.shape[1]
    quantizer: Any = faiss.IndexFlatIP(dimension)
    index: Any = faiss.IndexIVFPQFastScan(
        quantizer,
        dimension,
        cells,
        dimension // _TOGETHER,
        _CODE_BITS,
        faiss.METRIC_INNER_PRODUCT,
    )
    index.own_fields = True
    quantizer.this.disown()
    for clustering in (index.cp, index.pq.cp):
        clustering.niter = _ROUNDS
        clustering.min_points_per_centroid = 1
    index.cp.spherical = True
    index.train(sample)
    progress.checkpoint()
    return index


def _padded(vectors: Vectors) -> Vectors:
    """With zeros up to a multiple of the numbers that share a code; no dot product changes."""
    missing = -vectors.shape[1] % _TOGETHER
    return np.ascontiguousarray(np.pad(vectors, ((0, 0), (0, missing))) if missing else vectors)


def _nearest(queries: Vectors, vectors: Vectors, k: int, progress: Progress) -> IntArray:
    """Rows (n, k) of the nearest, exactly but for rounding, in one pass over the vectors."""
    rows = np.full((len(queries), 0), -1, dtype=np.int64)
    scores = np.empty((len(queries), 0), dtype=np.float32)
    for start in range(0, len(vectors), _BLOCK):
        progress.checkpoint()
        block = queries @ vectors[start : start + _BLOCK].T
        here = np.broadcast_to(np.arange(start, start + block.shape[1]), block.shape)
        scores = np.concatenate([scores, block], axis=1)
        rows = np.concatenate([rows, here], axis=1)
        if scores.shape[1] > k:
            best = np.argpartition(-scores, k - 1, axis=1)[:, :k]
            scores = np.take_along_axis(scores, best, axis=1)
            rows = np.take_along_axis(rows, best, axis=1)
    return rows


def _recall(truth: IntArray, found: IntArray, own: NDArray[np.int64]) -> float:
    """The share of ``truth`` (n, k) in ``found`` (n, m), the query's own id left out of both."""
    shares = [
        np.isin(true[true != query], candidates)
        for true, candidates, query in zip(truth, found, own, strict=True)
    ]
    every = np.concatenate(shares)
    return float(every.mean()) if every.size else 1.0
