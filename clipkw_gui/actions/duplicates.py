"""Asking about pairs of images, and the groups of duplicates that follow from the answers."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial

import numpy as np
from PySide6.QtCore import QCoreApplication

from clipkw_gui.context import AppContext, ProjectSession, ProjectTask
from clipkw_gui.jobs.runner import Job, Lane, Task
from core.prepare.thresholds import LOWER_PROBABILITY, UPPER_PROBABILITY, DuplicateThresholds
from core.progress import Progress
from core.types import Changes, DuplicateGroup, ImageId, ImagePair, Keyword, KeywordId
from core.workflows import browse, duplicates
from core.workflows.comparison import Comparison, count_comparable

__all__ = [
    "LOWER_PROBABILITY",
    "UPPER_PROBABILITY",
    "Comparable",
    "Comparison",
    "DuplicateThresholds",
    "GroupSheet",
    "PairKey",
    "PairSheet",
    "compare_images",
    "find_comparison",
    "find_groups",
    "get_ready",
    "key_of",
    "read_pairs",
    "say_about",
]

OnError = Callable[[Exception], None]
PairKey = tuple[ImageId, ImageId]
"""Two images, the lower id first."""
_tr = partial(QCoreApplication.translate, "Duplicates")


@dataclass(frozen=True, slots=True)
class Comparable:
    """What there is to compare, and the comparison if it was made before."""

    has_encoder: bool
    images: int
    """Images with a keyword and a vector."""
    comparison: Comparison | None


@dataclass(frozen=True, slots=True)
class PairSheet:
    """What the answers so far say, and what to ask next."""

    thresholds: DuplicateThresholds
    upcoming: list[ImagePair]
    answered: list[ImagePair]
    """The last answer first."""


@dataclass(frozen=True, slots=True)
class GroupSheet:
    """Groups of duplicates, the weakest first, what they follow from, the keywords they name."""

    groups: list[DuplicateGroup]
    keywords: dict[KeywordId, Keyword]
    thresholds: DuplicateThresholds | None
    images: int
    """How many images were compared."""

    @property
    def removed(self) -> int:
        """How many images would be left out."""
        return sum(len(group.removed) for group in self.groups)

    @property
    def is_mostly_unlikely(self) -> bool:
        """Whether, by the answers, fewer than half of the images left out are duplicates."""
        if self.thresholds is None or not self.thresholds.answers:
            return False
        told = np.array([one for group in self.groups for one in group.similarities])
        return bool(self.thresholds.probability(told).sum() < len(told) / 2)

    def pair_of(self, group: DuplicateGroup, place: int) -> ImagePair:
        """The kept image of a group and a removed one, as a pair to ask about."""
        one, other = group.kept, group.removed[place]
        if one.id > other.id:
            one, other = other, one
        similarity = group.similarities[place]
        told = np.array([similarity])
        likely = self.thresholds.probability(told)[0] if self.thresholds is not None else 0.0
        return ImagePair(one, other, similarity, float(likely))


def key_of(pair: ImagePair) -> PairKey:
    """The images of a pair."""
    return min(pair.first.id, pair.second.id), max(pair.first.id, pair.second.id)


def find_comparison(
    context: AppContext, on_done: Callable[[Comparable], None], on_error: OnError
) -> None:
    """What can be compared, and the comparison if one was kept."""
    task = ProjectTask(_tr("Look for a comparison"), _find, Lane.OVERVIEW)
    context.start_latest("duplicates.find", task, on_done, on_error)


def _find(session: ProjectSession, _: Progress) -> Comparable:
    project = session.project
    images = count_comparable(project)
    found = duplicates.find_comparison(project) if images else None
    return Comparable(bool(project.settings.encoder.source), images, found)


def get_ready(context: AppContext, on_error: OnError) -> None:
    """Load what the first answer needs, before it is given."""
    task = Task(_tr("Get ready"), _get_ready, Lane.OVERVIEW)
    context.runner.start_latest("duplicates.ready", task, _is_ready, on_error)


def _get_ready(_: Progress) -> None:
    duplicates.get_ready()


def _is_ready(nothing: None) -> None:
    """Nobody waits for it."""


def compare_images(
    context: AppContext, on_done: Callable[[Comparison], None], on_error: OnError
) -> Job | None:
    """Compare all labeled images with each other, in the background."""
    task = ProjectTask(_tr("Compare images"), _compare, Lane.BACKGROUND)
    return context.start(task, on_done, on_error)


def _compare(session: ProjectSession, progress: Progress) -> Comparison:
    return duplicates.compare(session.project, progress)


def read_pairs(
    context: AppContext,
    comparison: Comparison,
    count: int,
    leave_out: Collection[PairKey],
    on_done: Callable[[PairSheet], None],
    on_error: OnError,
) -> None:
    """The thresholds as they are now and ``count`` pairs to ask next; a newer call comes first."""
    work = partial(_pairs, comparison, count, frozenset(leave_out))
    task = ProjectTask(_tr("Choose pairs"), work, Lane.INTERACTIVE)
    context.start_latest("duplicates.pairs", task, on_done, on_error)


def _pairs(
    comparison: Comparison,
    count: int,
    leave_out: frozenset[PairKey],
    session: ProjectSession,
    progress: Progress,
) -> PairSheet:
    project = session.project
    upcoming = duplicates.next_pairs(project, comparison, count, leave_out=leave_out)
    progress.checkpoint()
    return PairSheet(duplicates.thresholds(project), upcoming, duplicates.answered_pairs(project))


def say_about(
    context: AppContext,
    pair: PairKey,
    is_duplicate: bool | None,
    origin: object,
    on_done: Callable[[Changes], None],
    on_error: OnError,
) -> None:
    """Note an answer, or take it back with None, as one step; done means it is on disk."""
    work = partial(_say, pair, is_duplicate)
    task = ProjectTask(_tr("Note an answer"), work, Lane.WRITE)
    context.start(task, partial(_said, context, origin, on_done), on_error)


def _say(pair: PairKey, is_duplicate: bool | None, session: ProjectSession, _: Progress) -> Changes:
    return duplicates.answer(session.project, pair, is_duplicate)


def _said(
    context: AppContext, origin: object, on_done: Callable[[Changes], None], changes: Changes
) -> None:
    on_done(changes)
    if changes:
        context.bus.changed.emit(changes, origin)


def find_groups(
    context: AppContext,
    comparison: Comparison,
    probability: float,
    on_done: Callable[[GroupSheet], None],
    on_error: OnError,
) -> None:
    """The groups of likely enough duplicates; a newer call makes an older one void."""
    task = ProjectTask(_tr("Find groups"), partial(_groups, comparison, probability), Lane.OVERVIEW)
    context.start_latest("duplicates.groups", task, on_done, on_error)


def _groups(
    comparison: Comparison, probability: float, session: ProjectSession, progress: Progress
) -> GroupSheet:
    found = duplicates.groups(session.project, comparison, probability)
    progress.checkpoint()
    known = {one.id: one for one in browse.all_keywords(session.project)}
    limits = duplicates.thresholds(session.project)
    return GroupSheet(found, known, limits, len(comparison.images))
