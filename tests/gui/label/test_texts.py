"""Where there is nothing to show, the page says why and what to do."""

from __future__ import annotations

import pytest

from clipkw_gui.actions.browse import ArchiveCounts
from clipkw_gui.actions.label import Readiness
from clipkw_gui.pages.label_texts import why_no_suggestions
from core.types import (
    ImageId,
    ImageSuggestions,
    Keyword,
    KeywordId,
    KeywordStatus,
    QueueName,
    Reference,
    Suggestion,
)

REFERENCE = Reference(ImageId(2), "b.jpg", 0.9, 1.0, (KeywordId(1),))
SUGGESTION = Suggestion(
    Keyword(KeywordId(1), "fly", "plane", KeywordStatus.CONFIRMED), 0.8, above_threshold=True
)


def found(*, suggested: bool, referred: bool) -> ImageSuggestions:
    suggestions = (SUGGESTION,) if suggested else ()
    references = (REFERENCE,) if referred else ()
    return ImageSuggestions(ImageId(1), "a.jpg", "e", "neighbor-search", suggestions, references)


LABELED = ArchiveCounts({QueueName.LABELED: 9}, [], [])
NOTHING = found(suggested=False, referred=False)


@pytest.mark.parametrize(
    ("ready", "suggestions", "says"),
    [
        (None, None, ""),
        (Readiness(has_encoder=False, waiting=0, references=0), None, "No encoder"),
        (Readiness(True, waiting=0, references=None), None, "The labeled images are being read"),
        (Readiness(True, waiting=9, references=None), NOTHING, "The labeled images are being read"),
        (Readiness(True, waiting=0, references=0), NOTHING, "No labeled image to learn from"),
        (Readiness(True, waiting=9, references=0), NOTHING, "Not encoded yet"),
        (Readiness(True, waiting=9, references=5), NOTHING, "Not encoded yet"),
        (Readiness(True, waiting=9, references=5), None, "Not encoded yet"),
        (Readiness(True, waiting=0, references=5), NOTHING, "Nothing similar enough"),
        (Readiness(True, 9, 5), found(suggested=False, referred=True), "Nothing more to suggest"),
        (Readiness(True, 0, 5), found(suggested=False, referred=True), "Nothing more to suggest"),
        (Readiness(True, 9, 5), found(suggested=True, referred=True), ""),
    ],
)
def test_the_reason_for_no_suggestions(
    ready: Readiness | None, suggestions: ImageSuggestions | None, says: str
) -> None:
    text = why_no_suggestions(ready, LABELED, suggestions)
    assert text.startswith(says)
    assert bool(text) == bool(says)


def test_an_archive_without_labels_does_not_wait_for_encoding() -> None:
    ready = Readiness(has_encoder=True, waiting=9, references=0)
    counts = ArchiveCounts({QueueName.LABELED: 0, QueueName.UNLABELED: 9}, [], [])
    assert why_no_suggestions(ready, counts, NOTHING).startswith("No labeled image to learn from")
