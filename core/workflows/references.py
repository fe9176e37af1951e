"""The labeled images that speak for suggestions, in memory and ready for a matrix product."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from core.types import ImageId, ImageIds, KeywordId, Vectors

KeywordSet = tuple[KeywordId, ...]


class References:
    """Vectors (N, d) and keyword sets of N images, in no particular order.

    There is one copy of the vectors, with room to grow: adding takes constant time on average,
    and a dropped image gives its place to the last one. Room that is not yet used costs address
    space, not memory. Not thread-safe.
    """

    def __init__(self, dimension: int, capacity: int = 0) -> None:
        self._vectors: Vectors = np.empty((capacity, dimension), dtype=np.float32)
        self._images: list[ImageId] = []
        self._keywords: list[KeywordSet] = []
        self._places: dict[ImageId, int] = {}

    def __len__(self) -> int:
        return len(self._images)

    def __contains__(self, image: ImageId) -> bool:
        return image in self._places

    @property
    def vectors(self) -> Vectors:
        """A view (N, d) that holds until the next change."""
        return self._vectors[: len(self)]

    @property
    def images(self) -> ImageIds:
        """(N,) whose vector each row of ``vectors`` is."""
        return np.array(self._images, dtype=np.int64)

    def place(self, image: ImageId) -> int | None:
        """The row of ``vectors`` that belongs to an image; None if it is no reference."""
        return self._places.get(image)

    def image(self, place: int) -> ImageId:
        """The image in a row of ``vectors``."""
        return self._images[place]

    def keywords(self, place: int) -> KeywordSet:
        """The positive keywords of the image in a row of ``vectors``."""
        return self._keywords[place]

    def labels(self, columns: Mapping[KeywordId, int]) -> csr_array:
        """Labels (N, C) of 0 and 1 for the C keywords of ``columns``, in the order of rows."""
        places = [[columns[one] for one in own if one in columns] for own in self._keywords]
        sizes = np.fromiter(map(len, places), dtype=np.int64, count=len(places))
        ends = np.concatenate([[0], np.cumsum(sizes)])
        flat = np.fromiter(chain.from_iterable(places), dtype=np.int64, count=int(ends[-1]))
        ones = np.ones(len(flat), dtype=np.float32)
        return csr_array((ones, flat, ends), shape=(len(places), len(columns)))

    def add(
        self, source: Vectors, rows: NDArray[np.int64], keywords: Mapping[ImageId, KeywordSet]
    ) -> None:
        """Add images, none of which is there yet; ``rows`` of ``source`` in their order."""
        first, last = len(self), len(self) + len(rows)
        if len(keywords) != len(rows) or any(image in self._places for image in keywords):
            raise ValueError("every new image needs one row and must not be there yet")
        if len(rows) and not 0 <= rows.min() <= rows.max() < len(source):
            raise ValueError(f"a row lies outside of the {len(source)} vectors")
        if last > len(self._vectors):
            self._grow(max(last, len(self._vectors) * 3 // 2))
        # rows are checked above; only mode "clip" writes to ``out`` without a copy on the way
        np.take(source, rows, axis=0, out=self._vectors[first:last], mode="clip")
        self._images.extend(keywords)
        self._keywords.extend(keywords.values())
        self._places.update(zip(keywords, range(first, last), strict=True))

    def relabel(self, image: ImageId, keywords: KeywordSet) -> None:
        """Replace the keywords of an image that is there."""
        self._keywords[self._places[image]] = keywords

    def drop(self, image: ImageId) -> None:
        """Remove an image; nothing happens if it is not there."""
        place = self._places.pop(image, None)
        if place is None:
            return
        moved, keywords = self._images.pop(), self._keywords.pop()
        if moved != image:
            self._vectors[place] = self._vectors[len(self)]
            self._images[place], self._keywords[place] = moved, keywords
            self._places[moved] = place

    def _grow(self, capacity: int) -> None:
        grown = np.empty((capacity, self._vectors.shape[1]), dtype=np.float32)
        grown[: len(self)] = self.vectors
        self._vectors = grown


def keyword_sets(images: ImageIds, keywords: NDArray[np.int64]) -> dict[ImageId, KeywordSet]:
    """Group pairs (m,) that are sorted by image: every image with its keywords."""
    starts = np.flatnonzero(np.diff(images, prepend=-1))
    bounds = [*starts.tolist(), len(images)]
    flat = keywords.tolist()
    return {
        image: tuple(flat[start:stop])
        for image, start, stop in zip(images[starts].tolist(), bounds[:-1], bounds[1:], strict=True)
    }
