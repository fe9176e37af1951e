"""What is said about keywords on images, and what a write touched."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.types.ids import ImageId, KeywordId


class Verdict(StrEnum):
    """What is said about one keyword on one image."""

    IMPORTED = "imported"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    UNSURE = "unsure"


POSITIVE_VERDICTS = frozenset({Verdict.IMPORTED, Verdict.ACCEPTED})
"""An image with one of these on any keyword is a reference."""
HUMAN_VERDICTS = frozenset({Verdict.ACCEPTED, Verdict.REJECTED, Verdict.UNSURE})


@dataclass(frozen=True, slots=True)
class Label:
    """What is said about one keyword on one image, and who said it.

    ``model`` and ``confidence`` are those of the suggestion that was answered, if any.
    """

    image: ImageId
    keyword: KeywordId
    verdict: Verdict
    by: str
    at: datetime
    model: str | None = None
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """A request to set (or with ``verdict=None`` clear) one keyword on one image."""

    image: ImageId
    keyword: KeywordId
    verdict: Verdict | None
    model: str | None = None
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Changes:
    """What a write touched, so that whoever shows it knows what is stale."""

    label_images: frozenset[ImageId] = frozenset()
    keywords: frozenset[KeywordId] = frozenset()
    images_changed: bool = False
    vectors_changed: bool = False
    pairs_changed: bool = False
    choices: frozenset[str] = frozenset()
    experiments_changed: bool = False

    def __or__(self, other: Changes) -> Changes:
        return Changes(
            self.label_images | other.label_images,
            self.keywords | other.keywords,
            self.images_changed or other.images_changed,
            self.vectors_changed or other.vectors_changed,
            self.pairs_changed or other.pairs_changed,
            self.choices | other.choices,
            self.experiments_changed or other.experiments_changed,
        )

    def __bool__(self) -> bool:
        return self != Changes()
