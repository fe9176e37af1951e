"""Labels that may be errors, and what people say to them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from core.types.ids import ImageId, KeywordId
from core.types.suggestions import Reference


class ReviewKind(StrEnum):
    """How a label can be an error: present but ``WRONG``, or absent and ``MISSING``."""

    WRONG = "wrong"
    MISSING = "missing"


class ReviewAnswer(StrEnum):
    """What a person says about a doubted label.

    ``FIX``: it is an error, and is corrected; ``CONFIRM``: it is right as it is; ``UNSURE``: nobody
    can tell.
    """

    FIX = "fix"
    CONFIRM = "confirm"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Doubt:
    """A label that may be an error; ``score`` in [0, 1] is how probable that is."""

    image: ImageId
    keyword: KeywordId
    kind: ReviewKind
    score: float


@dataclass(frozen=True, slots=True)
class DoubtEvidence:
    """The nearest labeled images that have the keyword, and those that lack it, nearest first."""

    having: tuple[Reference, ...]
    lacking: tuple[Reference, ...]


@dataclass(frozen=True, slots=True)
class ReviewTally:
    """Of the last ``answers`` to doubts of one kind, ``errors`` were real ones."""

    errors: int
    answers: int
