"""Which images of the archive are asked for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from core.types.ids import KeywordId
from core.types.preparations import Split


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
