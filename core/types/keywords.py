"""Keywords, their names in two languages, and how good the names are."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from core.types.ids import KeywordId


class KeywordStatus(StrEnum):
    """How far the bilingual name of a keyword can be trusted."""

    IMPORTED = "imported"
    MACHINE = "machine"
    CONFIRMED = "confirmed"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class Keyword:
    """A keyword with its Norwegian name and, when known, its English one."""

    id: KeywordId
    no: str
    en: str | None
    status: KeywordStatus


@dataclass(frozen=True, slots=True)
class KeywordRow:
    """A keyword as a table shows it; ``images`` carry it."""

    keyword: Keyword
    synonyms: tuple[str, ...]
    images: int


class NearReason(StrEnum):
    """Why two names may mean the same, the surest reason first."""

    FORM = "forms of one word"
    SAME_ENGLISH = "same English name"
    EXTRA_WORD = "one common word more"
    SPELLING = "almost the same spelling"


@dataclass(frozen=True, slots=True)
class NearNames:
    """Two keywords that may be one. ``kept`` is the more frequent; so many images carry each."""

    kept: Keyword
    merged: Keyword
    reason: NearReason
    kept_images: int
    merged_images: int


@dataclass(frozen=True, slots=True)
class Quality:
    """Area under the ROC curve, and F2 at the threshold that is best for the keyword; NaN: none."""

    auc: float
    f2: float


@dataclass(frozen=True, slots=True)
class NameScore:
    """How well one keyword is known by its ``name``, and by the ``model`` in use."""

    keyword: KeywordId
    text: str
    images: int
    name: Quality
    model: Quality


@dataclass(frozen=True, slots=True)
class NameEffect:
    """What a name does on the ``images`` that carry the keyword, and on the others.

    ``on_images`` and ``elsewhere`` are mean zero-shot confidences in [0, 1].
    """

    text: str
    images: int
    on_images: float
    elsewhere: float
    quality: Quality
