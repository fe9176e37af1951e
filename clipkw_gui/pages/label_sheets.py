"""What is known about the images around the current one, decisions on their way included."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field

from clipkw_gui.actions.browse import Sheet
from core.types import (
    POSITIVE_VERDICTS,
    Decision,
    Image,
    ImageId,
    ImageSuggestions,
    KeywordId,
    Label,
    Verdict,
)

_KEPT = 64


@dataclass(slots=True)
class KnownImage:
    """One image; ``pending`` are decisions that are shown but not yet on disk."""

    image: Image
    labels: dict[KeywordId, Label]
    suggestions: ImageSuggestions | None
    stale: bool = False
    pending: dict[KeywordId, Decision] = field(default_factory=dict)

    def verdicts(self) -> dict[KeywordId, Verdict]:
        """What is said about each keyword, as the person sees it."""
        said = {keyword: label.verdict for keyword, label in self.labels.items()}
        for keyword, decision in self.pending.items():
            if decision.verdict is None:
                said.pop(keyword, None)
            else:
                said[keyword] = decision.verdict
        return said


class Sheets:
    """The images looked at last and next; bounded."""

    def __init__(self) -> None:
        self._known: OrderedDict[ImageId, KnownImage] = OrderedDict()

    def get(self, image: ImageId | None) -> KnownImage | None:
        """What is known, if anything."""
        return self._known.get(image) if image is not None else None

    def put(self, sheet: Sheet) -> KnownImage:
        """Take what was read; decisions on their way stay in force."""
        old = self._known.get(sheet.image.id)
        labels = {label.keyword: label for label in sheet.labels}
        pending = old.pending if old else {}
        known = KnownImage(sheet.image, labels, sheet.suggestions, False, pending)
        self._known[sheet.image.id] = known
        self._known.move_to_end(sheet.image.id)
        for image in list(self._known):
            if len(self._known) <= _KEPT:
                break
            if not self._known[image].pending:
                del self._known[image]
        return known

    def put_labels(self, image: ImageId, labels: Iterable[Label]) -> None:
        """Take what is said about an image after a write."""
        known = self._known.get(image)
        if known is not None:
            known.labels = {label.keyword: label for label in labels}

    def expect(self, decisions: Iterable[Decision]) -> None:
        """Show decisions before they are on disk."""
        for decision in decisions:
            known = self._known.get(decision.image)
            if known is not None:
                known.pending[decision.keyword] = decision

    def settle(self, decisions: Iterable[Decision]) -> None:
        """These decisions were written or refused; newer ones on the same keyword stay."""
        for decision in decisions:
            known = self._known.get(decision.image)
            if known is not None and known.pending.get(decision.keyword) is decision:
                del known.pending[decision.keyword]

    def mark_stale(self) -> None:
        """Labels or vectors changed: suggestions must be asked for again."""
        for known in self._known.values():
            known.stale = True

    def missing(self, images: Iterable[ImageId]) -> list[ImageId]:
        """Those of the images that must be read."""
        return [one for one in images if one not in self._known or self._known[one].stale]

    def clear(self) -> None:
        """Another project."""
        self._known.clear()


def is_positive(verdict: Verdict | None) -> bool:
    """Whether a verdict puts the keyword on the image."""
    return verdict in POSITIVE_VERDICTS
