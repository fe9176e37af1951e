"""How sure the model in use is of images, and queues in that order.

The least certain image first is uncertainty sampling (Lewis and Gale 1994): an answer about it
teaches the most. The surest first is quickest to accept.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

from core.progress import Progress
from core.types import (
    Changes,
    ConfidenceRange,
    ImageId,
    ImageIds,
    ImageSuggestions,
    KeywordId,
    Suggestion,
)

if TYPE_CHECKING:
    from core.workflows.suggest import Suggester

BLOCK = 64
"""Images that are asked about together: enough to share the passes over the references, and few
enough that who labels meanwhile does not wait for them."""


class CertaintyOrder(StrEnum):
    """In which order images come."""

    AS_GIVEN = "as-given"
    SUREST = "surest"
    LEAST_SURE = "least-sure"


@dataclass(frozen=True, slots=True)
class CertaintyWish:
    """Only images of this confidence, in this order; ``confidence`` None: all of them."""

    order: CertaintyOrder = CertaintyOrder.AS_GIVEN
    confidence: ConfidenceRange | None = None

    @property
    def keyword(self) -> KeywordId | None:
        """The keyword in question; None: whichever the model is surest or least sure of."""
        return self.confidence.keyword if self.confidence is not None else None

    @property
    def is_empty(self) -> bool:
        """Whether every image may come, in any order."""
        return self.order is CertaintyOrder.AS_GIVEN and self.confidence is None


@dataclass(frozen=True, slots=True)
class Certainty:
    """Of one image: the highest confidence, and how close one is to even odds; both in [0, 1].

    ``doubt`` is 1 for a confidence of 0.5 and 0 for 0 and 1. Keywords that somebody has said
    something about are left out: there is nothing to answer any more.
    """

    confidence: float
    doubt: float


@dataclass(frozen=True, eq=False, slots=True)
class _Answers:
    """What is known of images (n,), their ids ascending: confidences (n,) and doubts (n,)."""

    images: ImageIds
    confidence: NDArray[np.float64]
    doubt: NDArray[np.float64]

    def only(self, places: NDArray[np.bool_] | NDArray[np.int64]) -> Self:
        return type(self)(self.images[places], self.confidence[places], self.doubt[places])

    def without(self, images: ImageIds) -> Self:
        return self.only(~np.isin(self.images, images))

    def with_more(self, images: list[ImageId], answers: list[Certainty]) -> Self:
        old = self.without(np.array(images, np.int64))
        confidence = np.array([one.confidence for one in answers], np.float64)
        doubt = np.array([one.doubt for one in answers], np.float64)
        every = type(self)(
            np.concatenate([old.images, np.array(images, np.int64)]),
            np.concatenate([old.confidence, confidence]),
            np.concatenate([old.doubt, doubt]),
        )
        return every.only(np.argsort(every.images))

    def of(self, images: ImageIds) -> Self:
        """The answers about those of the images that are known, in their order."""
        places = np.searchsorted(self.images, images)
        there = places < len(self.images)
        there[there] = self.images[places[there]] == images[there]
        return self.only(places[there])


_NOTHING = _Answers(np.empty(0, np.int64), np.empty(0), np.empty(0))


@dataclass(slots=True, eq=False)
class Certainties:
    """What the model was asked in a session. All methods may be called from any thread.

    As it was when it was asked: decisions since then are not taken into account, except that
    images they were about are asked for anew.
    """

    _known: dict[KeywordId | None, _Answers] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def forget(self, changes: Changes) -> None:
        """Forget what a write made stale."""
        with self._lock:
            if changes.vectors_changed or changes.images_changed or changes.choices:
                self._known = {}
            elif changes.label_images:
                touched = np.array(sorted(changes.label_images), np.int64)
                self._known = {name: one.without(touched) for name, one in self._known.items()}

    def missing(self, images: ImageIds, keyword: KeywordId | None) -> ImageIds:
        """Those of the images (n,) that the model was not asked about."""
        return images[~np.isin(images, self._answers(keyword).images)]

    def ask(
        self,
        suggester: Suggester,
        images: ImageIds,
        keyword: KeywordId | None,
        progress: Progress,
    ) -> None:
        """Ask about the images (n,), block by block; what was answered before a cancel is kept."""
        for start in range(0, len(images), BLOCK):
            progress.checkpoint()
            block = [ImageId(image) for image in images[start : start + BLOCK].tolist()]
            said = {one.image: certainty(one, keyword) for one in suggester.suggest(block)}
            answers = [said.get(image, _NONE) for image in block]
            with self._lock:
                known = self._known.get(keyword, _NOTHING)
                self._known[keyword] = known.with_more(block, answers)
            progress.report(start + len(block), len(images))

    def arrange(self, images: ImageIds, wish: CertaintyWish) -> ImageIds:
        """Those of the images (n,) that are wished for, in that order; equal ones as given.

        Images that the model was not asked about are left out.
        """
        found = self._answers(wish.keyword).of(images)
        if wish.confidence is not None:
            low, high = wish.confidence.low, wish.confidence.high
            found = found.only((found.confidence >= low) & (found.confidence <= high))
        if wish.order is CertaintyOrder.SUREST:
            found = found.only(np.argsort(-found.confidence, kind="stable"))
        elif wish.order is CertaintyOrder.LEAST_SURE:
            found = found.only(np.argsort(-found.doubt, kind="stable"))
        return found.images

    def _answers(self, keyword: KeywordId | None) -> _Answers:
        with self._lock:
            return self._known.get(keyword, _NOTHING)


_NONE = Certainty(0.0, 0.0)


def certainty(found: ImageSuggestions, keyword: KeywordId | None) -> Certainty:
    """How sure the model is of an image, or of a keyword on it."""
    open_ones = [one for one in found.suggestions if _is_open(one, keyword)]
    return Certainty(
        max((one.confidence for one in open_ones), default=0.0),
        max((1 - 2 * abs(one.confidence - 0.5) for one in open_ones), default=0.0),
    )


def _is_open(suggestion: Suggestion, keyword: KeywordId | None) -> bool:
    return suggestion.verdict is None and keyword in (None, suggestion.keyword.id)
