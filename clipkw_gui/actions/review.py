"""Reviewing labels: the ranking is a long job, everything else is read when it is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial

from PySide6.QtCore import QCoreApplication

from clipkw_gui.actions import label
from clipkw_gui.actions.label import OnWritten
from clipkw_gui.context import AppContext, ProjectSession, ProjectTask
from clipkw_gui.jobs.runner import Job, Lane
from core.errors import FeatureError
from core.progress import Progress
from core.types import (
    HUMAN_VERDICTS,
    Doubt,
    DoubtEvidence,
    Image,
    ImageId,
    Keyword,
    KeywordId,
    Label,
    ReviewAnswer,
    ReviewKind,
    ReviewTally,
    Verdict,
)
from core.workflows import browse, review
from core.workflows.comparison import count_comparable
from core.workflows.review import Ranking

__all__ = [
    "DoubtKey",
    "DoubtSheet",
    "RankedLabels",
    "Ranking",
    "Reviewable",
    "answer",
    "answer_many",
    "find_reviewable",
    "rank_labels",
    "read_sheet",
    "read_tallies",
    "read_verdicts",
]

OnError = Callable[[Exception], None]
DoubtKey = tuple[ImageId, KeywordId]
_tr = partial(QCoreApplication.translate, "Review")


@dataclass(frozen=True, slots=True)
class Reviewable:
    """What there is to review: images with a keyword and a vector."""

    has_encoder: bool
    images: int


@dataclass(frozen=True, slots=True)
class RankedLabels:
    """The ranking of a sitting, and the names of the keywords."""

    ranking: Ranking
    keywords: dict[KeywordId, Keyword]
    synonyms: dict[KeywordId, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DoubtSheet:
    """All that is shown about one doubt besides pixels."""

    doubt: Doubt
    image: Image
    labels: tuple[Label, ...]
    evidence: DoubtEvidence


def find_reviewable(
    context: AppContext, on_done: Callable[[Reviewable], None], on_error: OnError
) -> None:
    """How many images can be judged."""
    task = ProjectTask(_tr("Look for labels"), _reviewable, Lane.OVERVIEW)
    context.start_latest("review.find", task, on_done, on_error)


def _reviewable(session: ProjectSession, _: Progress) -> Reviewable:
    project = session.project
    return Reviewable(bool(project.settings.encoder.source), count_comparable(project))


def rank_labels(
    context: AppContext, on_done: Callable[[RankedLabels], None], on_error: OnError
) -> Job | None:
    """Judge every label, in the background."""
    task = ProjectTask(_tr("Judge labels"), _rank, Lane.BACKGROUND)
    return context.start(task, on_done, on_error)


def _rank(session: ProjectSession, progress: Progress) -> RankedLabels:
    ranking = review.rank_labels(session.project, progress)
    names = {keyword.id: keyword for keyword in browse.all_keywords(session.project)}
    return RankedLabels(ranking, names, browse.synonyms_of(session.project))


def read_sheet(
    context: AppContext,
    ranking: Ranking,
    doubt: Doubt,
    on_done: Callable[[DoubtSheet | None], None],
    on_error: OnError,
) -> None:
    """What is known about a doubt now; None when its image is gone."""
    work = partial(_sheet, ranking, doubt)
    context.start(ProjectTask(_tr("Read a label"), work, Lane.INTERACTIVE), on_done, on_error)


def _sheet(
    ranking: Ranking, doubt: Doubt, session: ProjectSession, _: Progress
) -> DoubtSheet | None:
    project = session.project
    found = browse.get_images(project, [doubt.image])
    if not found:
        return None
    labels = browse.labels_of(project, [doubt.image])[doubt.image]
    try:
        evidence = review.evidence(project, ranking, doubt)
    except FeatureError:  # the vectors are being written anew: the picture still tells enough
        evidence = DoubtEvidence((), ())
    return DoubtSheet(doubt, found[0], labels, evidence)


def read_verdicts(
    context: AppContext,
    images: Iterable[ImageId],
    on_done: Callable[[dict[DoubtKey, Verdict]], None],
    on_error: OnError,
) -> None:
    """What people say now about keywords on images."""
    work = partial(_verdicts, list(images))
    context.start(ProjectTask(_tr("Read labels"), work, Lane.INTERACTIVE), on_done, on_error)


def _verdicts(
    images: Sequence[ImageId], session: ProjectSession, _: Progress
) -> dict[DoubtKey, Verdict]:
    return {
        (image, one.keyword): one.verdict
        for image, labels in browse.labels_of(session.project, images).items()
        for one in labels
        if one.verdict in HUMAN_VERDICTS
    }


def read_tallies(
    context: AppContext, on_done: Callable[[dict[ReviewKind, ReviewTally]], None], on_error: OnError
) -> None:
    """How many of the last answers were real errors; a newer call makes an older one void."""
    task = ProjectTask(_tr("Count answers"), _tallies, Lane.OVERVIEW)
    context.start_latest("review.tally", task, on_done, on_error)


def _tallies(session: ProjectSession, _: Progress) -> dict[ReviewKind, ReviewTally]:
    return {kind: review.tally(session.project, kind) for kind in ReviewKind}


def answer(
    context: AppContext,
    doubt: Doubt,
    said: ReviewAnswer,
    title: str,
    origin: object,
    on_done: OnWritten,
    on_error: OnError,
) -> None:
    """Note what a person says to a doubt, as one step; done means it is on disk."""
    decisions = [review.decision(doubt, said)]
    label.decide(context, decisions, title, origin, on_done, on_error)


def answer_many(
    context: AppContext,
    doubts: Sequence[Doubt],
    said: ReviewAnswer,
    title: str,
    origin: object,
    on_done: OnWritten,
    on_error: OnError,
) -> None:
    """Say the same to many doubts, as one step."""
    decisions = [review.bulk_decision(doubt, said) for doubt in doubts]
    label.decide(context, decisions, title, origin, on_done, on_error)
