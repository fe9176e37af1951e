"""What a model proposes for an image, and the references that speak for it."""

from __future__ import annotations

from dataclasses import dataclass

from core.types.ids import ImageId, KeywordId
from core.types.keywords import Keyword
from core.types.labels import Verdict


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A keyword a model proposes for an image. ``confidence`` is in [0, 1].

    ``verdict`` is what is already said about this keyword on this image, if anything.
    """

    keyword: Keyword
    confidence: float
    above_threshold: bool
    verdict: Verdict | None = None


@dataclass(frozen=True, slots=True)
class Reference:
    """A labeled image that speaks for the suggestions.

    ``similarity`` is the cosine in [-1, 1]; ``weight`` its share in (0, 1] after the softmax.
    """

    image: ImageId
    path: str
    similarity: float
    weight: float
    keywords: tuple[KeywordId, ...]


@dataclass(frozen=True, slots=True)
class ImageSuggestions:
    """Suggestions for one image, most confident first, and their evidence, heaviest first."""

    image: ImageId
    path: str
    encoder: str
    model: str
    suggestions: tuple[Suggestion, ...] = ()
    references: tuple[Reference, ...] = ()
