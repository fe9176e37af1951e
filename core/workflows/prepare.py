"""Preparation: from keyworded images to training, validation and test set (section 3.1.2)."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from core.catalog import choices, keywords, preparations
from core.errors import ProjectError
from core.exchange.pair_answers import read_answers
from core.prepare.assumption import STANDARD, Assumption
from core.prepare.duplicates import Deduplication
from core.prepare.split import strata_of, stratified_split
from core.prepare.thresholds import (
    DuplicateThresholds,
)
from core.prepare.vocabulary import corruption
from core.progress import Progress
from core.types import (
    Changes,
    ImageId,
    Keyword,
    KeywordCopy,
    KeywordId,
    KeywordStatus,
    Preparation,
    PreparationId,
    QueueName,
    Split,
)
from core.workflows import browse, duplicates
from core.workflows.assumed_thresholds import assumed_thresholds, read_assumption
from core.workflows.backups import back_up_before_many
from core.workflows.comparison import Comparison, compare_images
from core.workflows.label import person
from core.workflows.preparation_settings import PreparationSettings
from core.workflows.project import Project
from core.workflows.records import reading
from core.workflows.unfinished import Work, noted


@dataclass(frozen=True, slots=True)
class PreparationReport:
    """What a preparation did, in counts; ``id`` names it."""

    id: PreparationId
    labeled: int
    unlabeled: int
    compared: int
    groups: int
    removed: int
    copies: int
    lower_threshold: float
    upper_threshold: float
    answers: int
    training: int
    validation: int
    test: int
    without_keyword: int
    keywords: int
    rare: tuple[str, ...]
    corrupt: tuple[tuple[str, str], ...]
    changes: Changes
    assumption: Assumption | None = None
    """What the thresholds were assumed by; None if they were given or follow from answers."""


_COUNTS = tuple(
    one.name for one in fields(PreparationReport) if one.type == "int" and one.name != "id"
)


@dataclass(frozen=True, slots=True)
class ChosenPreparation:
    """The preparation that is in use: what it did, how, with which encoder, and when."""

    report: PreparationReport
    settings: PreparationSettings
    encoder: str
    at: datetime


def prepare(
    project: Project, settings: PreparationSettings, progress: Progress
) -> PreparationReport:
    """Compare, deduplicate, split and choose the vocabulary; the result is stored and chosen.

    Nothing in the archive or its labels changes, and choosing it is a step that can be undone.
    Killed anywhere, nothing is half done, and the same call goes on with what was compared. Raises
    :class:`ProjectError` when no image has both a keyword and a vector.
    """
    with noted(project, Work.PREPARATION, asdict(settings)):
        return _prepare(project, settings, progress)


def _prepare(
    project: Project, settings: PreparationSettings, progress: Progress
) -> PreparationReport:
    if settings.lower_threshold is None or settings.upper_threshold is None:
        duplicates.assume_if_unanswered(project, progress)
    limits = _limits(duplicates.thresholds(project), settings)
    comparison = compare_images(project, progress, limits.lower)
    progress.checkpoint()
    labels, words = duplicates.labels_of_compared(project, comparison)
    found = duplicates.find_duplicates(project, comparison, labels, limits)
    split = _split(comparison, found, settings)
    labels = _with_copies(labels, found)
    known = {one.id: one for one in keywords.all_keywords(project.catalog)}
    names = [known[KeywordId(int(word))] for word in words]
    vocabulary, rare, corrupt = _vocabulary(labels, split, names, settings.minimum_images)
    counts = _counts(project, comparison, found, split, labels, vocabulary)
    assumption = _assumption(project, limits, settings)
    counts |= {
        "assumption": None if assumption is None else asdict(assumption),
        "lower_threshold": limits.lower,
        "upper_threshold": limits.upper,
        "answers": limits.answers,
        "keywords": len(vocabulary),
        "rare": [names[column].no for column in rare],
        "corrupt": [(names[column].no, why) for column, why in corrupt],
    }
    made = Preparation(
        encoder=comparison.encoder,
        settings=json.dumps(asdict(settings)),
        seed=settings.seed,
        images=comparison.images,
        groups=found.groups,
        splits=split,
        copies=tuple(
            KeywordCopy(
                ImageId(int(comparison.images[kept])),
                KeywordId(int(words[column])),
                ImageId(int(comparison.images[source])),
            )
            for kept, column, source in found.copies.tolist()
        ),
        vocabulary=tuple(KeywordId(int(words[column])) for column in vocabulary),
        report=json.dumps(counts, ensure_ascii=False),
    )
    progress.checkpoint()
    back_up_before_many(project)
    stored = preparations.add_preparation(project.catalog, made)
    changes = choose_preparation(project, stored)
    return _report(stored, counts, settings, changes)


def stored_assumption(counts: dict[str, Any], settings: PreparationSettings) -> Assumption | None:
    """What the thresholds of a stored preparation were assumed by.

    Earlier versions did not write it down: they assumed the standard thresholds where nobody had
    answered and none were given.
    """
    if "assumption" in counts:
        stored = counts["assumption"]
        return None if stored is None else read_assumption(stored)
    return None if counts["answers"] or _are_given(settings) else STANDARD


def _are_given(settings: PreparationSettings) -> bool:
    return settings.lower_threshold is not None and settings.upper_threshold is not None


def _report(
    preparation: PreparationId,
    counts: dict[str, Any],
    settings: PreparationSettings,
    changes: Changes,
) -> PreparationReport:
    """The counts of a preparation as they are stored, in JSON or not."""
    parts = {
        **{name: int(counts[name]) for name in _COUNTS},
        **{name: float(counts[name]) for name in ("lower_threshold", "upper_threshold")},
        "rare": tuple(str(name) for name in counts["rare"]),
        "corrupt": tuple((str(name), str(why)) for name, why in counts["corrupt"]),
        "assumption": stored_assumption(counts, settings),
    }
    return PreparationReport(id=preparation, **counts | parts, changes=changes)


def choose_preparation(project: Project, preparation: PreparationId) -> Changes:
    """Use a preparation from now on, as a step that can be undone."""
    made = preparations.get_preparation(project.catalog, preparation)
    wanted = {
        choices.PREPARATION: str(preparation),
        choices.PREPARATION_SETTINGS: made.settings,
    }
    title = f"Use preparation {preparation}"
    return choices.choose_together(project.catalog, wanted, person(), title)


def chosen_preparation(project: Project) -> ChosenPreparation | None:
    """The preparation that is in use; None when nothing is prepared."""
    chosen = choices.chosen(project.catalog, choices.PREPARATION)
    for stored in preparations.list_preparations(project.catalog):
        if str(stored.id) == chosen:
            with reading(f"Preparation {stored.id}", "Prepare the archive again."):
                settings = PreparationSettings(**json.loads(stored.settings))
                return ChosenPreparation(
                    _report(stored.id, json.loads(stored.report), settings, Changes()),
                    settings,
                    stored.encoder,
                    stored.at,
                )
    return None


def import_answers(project: Project, table: Path) -> int:
    """Take answers about pairs from a table, as one step; how many there were.

    Raises :class:`core.errors.TableError` for a line that cannot be understood and
    :class:`ProjectError` for a path that is no image of the project: then nothing is taken.
    """
    answers: dict[tuple[ImageId, ImageId], bool | None] = {}
    for first, second, is_duplicate in read_answers(table):
        found = [browse.find_image(project, path) for path in (first, second)]
        for path, image in zip((first, second), found, strict=True):
            if image is None:
                raise ProjectError(
                    f"{path} is not an image of this project.", f"Correct {table.name}."
                )
        one, other = (image.id for image in found if image is not None)
        answers[min(one, other), max(one, other)] = is_duplicate
    duplicates.answer_many(project, answers)
    return len(answers)


def _limits(answered: DuplicateThresholds, settings: PreparationSettings) -> DuplicateThresholds:
    """The thresholds of the answers, or those that were asked for."""
    now = answered.leaving_out(settings.probability)
    lower = now.lower if settings.lower_threshold is None else settings.lower_threshold
    upper = now.upper if settings.upper_threshold is None else settings.upper_threshold
    return replace(now, lower=lower, upper=max(lower, upper))


def _assumption(
    project: Project, limits: DuplicateThresholds, settings: PreparationSettings
) -> Assumption | None:
    """What the thresholds were assumed by, None if they were given or follow from answers."""
    given = _are_given(settings)
    return None if limits.answers or given else assumed_thresholds(project)


def _split(
    comparison: Comparison, found: Deduplication, settings: PreparationSettings
) -> NDArray[np.int64]:
    """Split (n,) of each compared image; removed ones are in none, clusters in one together."""
    kept = np.flatnonzero(found.kept)
    split = np.full(len(found.kept), Split.NONE, dtype=np.int64)
    test = 1 - settings.training - settings.validation
    split[kept] = stratified_split(
        strata_of(comparison.pairs.softmax_maximum[kept]),
        found.clusters[kept],
        settings.seed,
        (settings.training, settings.validation, test),
    )
    return split


def _with_copies(labels: csr_array, found: Deduplication) -> csr_array:
    """Labels (n, C) and those that were passed on."""
    if not len(found.copies):
        return labels
    ones = np.ones(len(found.copies), dtype=np.float32)
    passed = csr_array((ones, (found.copies[:, 0], found.copies[:, 1])), shape=labels.shape)
    return csr_array(labels.maximum(passed))


def _vocabulary(
    labels: csr_array, split: NDArray[np.int64], names: list[Keyword], minimum: int
) -> tuple[list[int], list[int], list[tuple[int, str]]]:
    """Columns that models learn, the most frequent first; rare ones; corrupt ones and why.

    Retired keywords are none of them.
    """
    counts = np.asarray(labels[np.flatnonzero(split == Split.TRAIN)].sum(axis=0)).ravel()
    used = [n for n, keyword in enumerate(names) if keyword.status is not KeywordStatus.RETIRED]
    order = sorted(used, key=lambda column: (-counts[column], names[column].no))
    reasons = {column: corruption(names[column].no) for column in order}
    corrupt = [(column, reasons[column]) for column in order if reasons[column]]
    sound = [column for column in order if not reasons[column]]
    vocabulary = [column for column in sound if counts[column] >= minimum]
    return vocabulary, [column for column in sound if counts[column] < minimum], corrupt


def _counts(
    project: Project,
    comparison: Comparison,
    found: Deduplication,
    split: NDArray[np.int64],
    labels: csr_array,
    vocabulary: list[int],
) -> dict[str, object]:
    queues = browse.queue_counts(project)
    learnt = np.diff(csr_array(labels[:, vocabulary]).indptr) > 0
    sizes = {part: int(((split == part) & learnt).sum()) for part in Split}
    return {
        "labeled": queues[QueueName.LABELED],
        "unlabeled": queues[QueueName.UNLABELED],
        "compared": len(comparison.images),
        "groups": int(found.groups.max(initial=-1)) + 1,
        "removed": int((~found.kept).sum()),
        "copies": len(found.copies),
        "training": sizes[Split.TRAIN],
        "validation": sizes[Split.VALIDATION],
        "test": sizes[Split.TEST],
        "without_keyword": int(((split != Split.NONE) & ~learnt).sum()),
    }
