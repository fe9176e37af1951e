"""What is searched for, and what was found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from core.types.arrays import ImageIds
from core.types.ids import ImageId
from core.types.queries import ConfidenceRange, ImageQuery


@dataclass(frozen=True, slots=True)
class SearchByText:
    """Images that a text describes, in Norwegian or English."""

    text: str


@dataclass(frozen=True, slots=True)
class SearchByFile:
    """Images like the one in any file, of the archive or not; the absolute path of it."""

    path: str


@dataclass(frozen=True, slots=True)
class SearchByImages:
    """Images like one, or like what several have in common; they themselves are left out."""

    images: tuple[ImageId, ...]


SearchTarget: TypeAlias = SearchByText | SearchByFile | SearchByImages
"""What is looked for."""


@dataclass(frozen=True, slots=True)
class SavedSearch:
    """A search with a name: the ``limit`` images of ``query`` that are most like ``target``.

    Only those of which the model is as sure as ``confidence`` says, if it says anything.
    """

    name: str
    target: SearchTarget
    query: ImageQuery
    limit: int
    confidence: ConfidenceRange | None = None


@dataclass(frozen=True, eq=False, slots=True)
class SearchResult:
    """The best images so far: ``images`` (n,) and their cosines ``scores`` (n,), best first.

    ``searched`` of ``total`` images have been compared; the result is final when they are equal.
    ``understood`` is the text as the encoder was given it, "" for a search by image.
    """

    images: ImageIds
    scores: NDArray[np.float32]
    searched: int
    total: int
    understood: str = ""

    @property
    def is_final(self) -> bool:
        """Whether every image has been compared."""
        return self.searched >= self.total
