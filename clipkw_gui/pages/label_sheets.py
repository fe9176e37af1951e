"""What is known about the images around the current one, decisions on their way included."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field

from clipkw_gui.actions.browse import Sheet
from core.types import (
    HUMAN_VERDICTS,
    POSITIVE_VERDICTS,
    Decision,
    Image,
    ImageId,
    ImageState,
    ImageSuggestions,
    KeywordId,
    Label,
    QueueName,
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


@dataclass(frozen=True, slots=True)
class Relabeled:
    """What was said about a present image before a write, and what is said now."""

    before: dict[KeywordId, Verdict]
    after: dict[KeywordId, Verdict]
    is_encoded: bool

    def queues(self) -> dict[QueueName, int]:
        """How many images each queue gained (1) or lost (-1)."""
        before, after = (self._queues_of(said) for said in (self.before, self.after))
        return {queue: (queue in after) - (queue in before) for queue in before ^ after}

    def keywords(self) -> dict[KeywordId, int]:
        """How many images each keyword gained (1) or lost (-1)."""
        before, after = (
            {keyword for keyword, verdict in said.items() if is_positive(verdict)}
            for said in (self.before, self.after)
        )
        return {keyword: (keyword in after) - (keyword in before) for keyword in before ^ after}

    def _queues_of(self, said: dict[KeywordId, Verdict]) -> set[QueueName]:
        verdicts = set(said.values())
        labeled = not verdicts.isdisjoint(POSITIVE_VERDICTS)
        holds = {
            QueueName.LABELED: labeled,
            QueueName.UNLABELED: not labeled,
            QueueName.SUGGESTED: not labeled and self.is_encoded,
            QueueName.REVIEWED: not verdicts.isdisjoint(HUMAN_VERDICTS),
            QueueName.UNSURE: Verdict.UNSURE in verdicts,
        }
        return {queue for queue, is_in in holds.items() if is_in}


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

    def put_labels(self, image: ImageId, labels: Iterable[Label]) -> Relabeled | None:
        """Take what is said about an image after a write; tells what has changed, if it can."""
        known = self._known.get(image)
        if known is None:
            return None
        before, known.labels = known.labels, {label.keyword: label for label in labels}
        if known.image.state is not ImageState.PRESENT:
            return None
        return Relabeled(
            {keyword: label.verdict for keyword, label in before.items()},
            {keyword: label.verdict for keyword, label in known.labels.items()},
            is_encoded=bool(known.suggestions and known.suggestions.references),
        )

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
