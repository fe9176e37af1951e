"""Duplicates among labeled images, and the split into training, validation and test set."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from core.types.arrays import ImageIds
from core.types.ids import ImageId, KeywordId, PreparationId
from core.types.images import Image


@dataclass(frozen=True, slots=True)
class PairAnswer:
    """What a person said about two images; ``first`` has the lower id."""

    first: ImageId
    second: ImageId
    is_duplicate: bool
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ImagePair:
    """Two images to ask about: their cosine, and how likely they are duplicates by now.

    ``answer`` is what a person said: duplicates or not.
    """

    first: Image
    second: Image
    similarity: float
    probability: float
    answer: bool | None = None


@dataclass(frozen=True, slots=True)
class KeywordCopy:
    """A keyword that a removed duplicate passed on to the image that was kept (thesis 3.1.2)."""

    image: ImageId
    keyword: KeywordId
    source: ImageId


@dataclass(frozen=True, slots=True)
class DuplicateGroup:
    """Images that are duplicates of each other: the one kept, the removed, and what it takes over.

    ``similarities`` are those of the removed images to the kept one, the weakest first.
    """

    kept: Image
    removed: tuple[Image, ...]
    similarities: tuple[float, ...]
    copies: tuple[KeywordCopy, ...]

    @property
    def weakest(self) -> float:
        """The lowest similarity between the kept image and a removed one."""
        return self.similarities[0]


class Split(IntEnum):
    """Which part of a preparation an image belongs to; ``NONE``: removed as a duplicate."""

    NONE = -1
    TRAIN = 0
    VALIDATION = 1
    TEST = 2


@dataclass(frozen=True, eq=False, slots=True)
class Preparation:
    """How labeled images were made into training, validation and test set. Never edited.

    ``groups`` (n,) number the duplicates of ``images`` (n,), -1 for an image without any;
    ``splits`` (n,) hold :class:`Split`. ``settings`` and ``report`` are JSON texts.
    """

    encoder: str
    settings: str
    seed: int
    images: ImageIds
    groups: NDArray[np.int64]
    splits: NDArray[np.int64]
    copies: tuple[KeywordCopy, ...]
    vocabulary: tuple[KeywordId, ...]
    report: str = "{}"


@dataclass(frozen=True, slots=True)
class PreparationSummary:
    """A stored preparation without its images."""

    id: PreparationId
    encoder: str
    settings: str
    seed: int
    report: str
    at: datetime
