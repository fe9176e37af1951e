"""Frozen records and array aliases shared by every room of ``core``.

Nothing here does work; a type that is passed between rooms is defined once, here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import NewType, TypeAlias

import numpy as np
from numpy.typing import NDArray

ImageId = NewType("ImageId", int)
KeywordId = NewType("KeywordId", int)
EncoderId = NewType("EncoderId", int)
PreparationId = NewType("PreparationId", int)
ExperimentId = NewType("ExperimentId", int)

Vectors: TypeAlias = NDArray[np.float32]
"""(n, d) rows of unit length."""
ImageIds: TypeAlias = NDArray[np.int64]
"""(n,) catalog ids."""
Confidences: TypeAlias = NDArray[np.float32]
"""(n, C) values in [0, 1]."""


class ImageState(StrEnum):
    """What is known about the file behind an image."""

    PRESENT = "present"
    MISSING = "missing"
    UNREADABLE = "unreadable"


class Verdict(StrEnum):
    """What is said about one keyword on one image."""

    IMPORTED = "imported"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    UNSURE = "unsure"


POSITIVE_VERDICTS = frozenset({Verdict.IMPORTED, Verdict.ACCEPTED})
"""An image with one of these on any keyword is a reference."""
HUMAN_VERDICTS = frozenset({Verdict.ACCEPTED, Verdict.REJECTED, Verdict.UNSURE})


class KeywordStatus(StrEnum):
    """How far the bilingual name of a keyword can be trusted."""

    IMPORTED = "imported"
    MACHINE = "machine"
    CONFIRMED = "confirmed"
    RETIRED = "retired"


class QueueName(StrEnum):
    """The named queues of the Label page.

    ``UNLABELED`` has no positive keyword; ``SUGGESTED`` is the part of it that is encoded;
    ``LABELED`` has at least one positive keyword; ``REVIEWED`` has at least one decision by a
    person; ``UNSURE`` has at least one keyword marked unsure; ``UNREADABLE`` could not be decoded
    or has vanished. All but ``UNREADABLE`` hold only images whose file is present.
    """

    ALL = "all"
    UNLABELED = "unlabeled"
    SUGGESTED = "suggested"
    LABELED = "labeled"
    REVIEWED = "reviewed"
    UNSURE = "unsure"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class ImageQuery:
    """A filter over the archive; the parts are combined with *and*.

    ``folder`` is a relative POSIX path and includes its sub-folders ("" or None: everywhere);
    ``keyword`` keeps images on which that keyword is positive; ``text`` keeps paths that contain
    it, ignoring case; ``split`` keeps that part of the preparation in use, if there is one.
    """

    queue: QueueName = QueueName.ALL
    folder: str | None = None
    keyword: KeywordId | None = None
    text: str | None = None
    split: Split | None = None


@dataclass(frozen=True, slots=True)
class ConfidenceRange:
    """Images of which the model in use is so sure: confidences from ``low`` to ``high`` in [0, 1].

    It is the confidence in ``keyword``, or in the keyword the model is surest of. A keyword that
    was rejected for an image has none.
    """

    low: float = 0.0
    high: float = 1.0
    keyword: KeywordId | None = None


@dataclass(frozen=True, slots=True)
class Image:
    """One image file of the archive. ``path`` is relative to the archive's root, POSIX style."""

    id: ImageId
    path: str
    content_hash: str
    size: int
    width: int
    height: int
    state: ImageState


@dataclass(frozen=True, slots=True)
class FileRecord:
    """A readable image file as it was found: upright size in pixels, modification time in ns."""

    path: str
    content_hash: str
    size: int
    mtime_ns: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class KnownFile:
    """What the catalog remembers about the file behind an image, without its path."""

    id: ImageId
    content_hash: str
    size: int
    mtime_ns: int
    state: ImageState


@dataclass(frozen=True, slots=True)
class Keyword:
    """A keyword with its Norwegian name and, when known, its English one."""

    id: KeywordId
    no: str
    en: str | None
    status: KeywordStatus


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


@dataclass(frozen=True, slots=True)
class Problem:
    """A file that could not be used, and why, in one clear sentence."""

    path: str
    reason: str
    at: datetime | None = field(default=None, compare=False)


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


class Split(IntEnum):
    """Which part of a preparation an image belongs to; ``NONE``: removed as a duplicate."""

    NONE = -1
    TRAIN = 0
    VALIDATION = 1
    TEST = 2


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


class ExperimentState(StrEnum):
    """How far an experiment has come; one that is ``RUNNING`` when a project opens was killed."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Experiment:
    """One run of tuning, fine-tuning or evaluation, with all that is needed to repeat it.

    ``settings`` and ``result`` are JSON texts; ``data_version`` tells which labels it saw.
    """

    id: ExperimentId
    kind: str
    model: str
    variant: str
    settings: str
    seed: int
    preparation: PreparationId | None
    data_version: str
    encoder: str
    state: ExperimentState
    result: str
    started: datetime
    finished: datetime | None


@dataclass(frozen=True, slots=True)
class Trial:
    """One set of hyper-parameters (a JSON object), and its value on validation."""

    number: int
    parameters: str
    value: float
    seconds: float


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
