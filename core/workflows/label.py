"""Deciding about keywords. Every function is one step that can be undone, durable on return."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from core.catalog import decisions, journal
from core.catalog.journal import NextUndo as NextUndo
from core.catalog.journal import Step as Step
from core.types import Changes, Decision, ImageId, ImageQuery, Keyword, KeywordId, Verdict
from core.workflows import browse
from core.workflows.backups import back_up_before_many
from core.workflows.person import NOBODY as NOBODY
from core.workflows.person import person as person
from core.workflows.project import Project


@dataclass(frozen=True, slots=True)
class BulkPreview:
    """What one verdict on one keyword would mean for many images.

    Of ``images``, ``already`` have that very verdict and stay as they are; on ``overrides`` it
    replaces another one; on ``newly`` there was none, or it confirms what a table says.
    """

    images: int
    newly: int
    already: int
    overrides: int


def decide(project: Project, chosen: Sequence[Decision], title: str) -> Changes:
    """Set or clear keywords on images, as one step called ``title``; many after a backup."""
    back_up_before_many(project, len(chosen))
    return decisions.decide(project.catalog, chosen, by=person(), title=title)


def add_keyword(project: Project, images: Sequence[ImageId], name: str) -> tuple[Keyword, Changes]:
    """Accept the keyword called ``name`` (NO or EN) on images; it is made if there is none."""
    title = f"Add “{name.strip()}”"
    back_up_before_many(project, len(images))
    return decisions.decide_by_name(project.catalog, images, name, by=person(), title=title)


def next_undo(project: Project) -> NextUndo | None:
    """What :func:`undo` would take back, and how much that is; None if there is nothing."""
    return journal.next_undo(project.catalog)


def undo(project: Project, only: int | None = None) -> Step | None:
    """Take back the last step; None if there is none, or if it is another one than ``only``."""
    return journal.undo(project.catalog, person(), only)


def redo(project: Project) -> Step | None:
    """Do again the step taken back last; None if there is none."""
    return journal.redo(project.catalog, person())


def undo_title(project: Project) -> str | None:
    """The title of the step that :func:`undo` would take back."""
    return journal.undo_title(project.catalog)


def redo_title(project: Project) -> str | None:
    """The title of the step that :func:`redo` would do again."""
    return journal.redo_title(project.catalog)


def preview_bulk(
    project: Project, scope: ImageQuery | Sequence[ImageId], keyword: KeywordId, verdict: Verdict
) -> BulkPreview:
    """Count what :func:`decide_bulk` would change; nothing is written."""
    images = _images(project, scope)
    said = decisions.verdicts_on(project.catalog, keyword)
    before = Counter(said.get(image) for image in images)
    already = before.pop(verdict, 0)
    newly = before.pop(None, 0)
    if verdict is Verdict.ACCEPTED:
        newly += before.pop(Verdict.IMPORTED, 0)
    return BulkPreview(len(images), newly, already, overrides=before.total())


def decide_bulk(
    project: Project,
    scope: ImageQuery | Sequence[ImageId],
    keyword: KeywordId,
    verdict: Verdict,
    title: str,
) -> Changes:
    """Set one keyword on many images, or on all that match a query, as one step.

    Images that have this very verdict already keep who gave it, and when.
    """
    chosen = [Decision(image, keyword, verdict) for image in _images(project, scope)]
    return decide(project, chosen, title)


def _images(project: Project, scope: ImageQuery | Sequence[ImageId]) -> list[ImageId]:
    if isinstance(scope, ImageQuery):
        return [ImageId(image) for image in browse.image_ids(project, scope).tolist()]
    return list(dict.fromkeys(scope))
