"""Deciding about keywords. Every write goes through the serial lane, in the order it was asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial

from clipkw_gui.context import AppContext, ProjectSession, ProjectTask
from clipkw_gui.jobs.runner import Lane, Task
from core.errors import ClipkwError
from core.progress import Progress
from core.types import Changes, Decision, ImageId, ImageQuery, Keyword, Label, Verdict
from core.workflows import browse, label
from core.workflows.encode import pending
from core.workflows.label import BulkPreview, NextUndo, Step
from core.workflows.project import Project

OnError = Callable[[Exception], None]
HISTORY = "history"
"""The origin of changes made by undo and redo from a menu."""
Scope = ImageQuery | Sequence[ImageId]

READ_BACK = 64
"""A write that touches more images than this does not read their labels back."""


@dataclass(frozen=True, slots=True)
class Written:
    """What a write did: what is stale, and what is said now about the images it touched."""

    changes: Changes
    labels: dict[ImageId, tuple[Label, ...]] = field(default_factory=dict)
    keyword: Keyword | None = None
    title: str = ""
    images: tuple[ImageId, ...] = ()


@dataclass(frozen=True, slots=True)
class Readiness:
    """Why there may be no suggestions."""

    has_encoder: bool
    waiting: int
    """Images without a vector."""
    references: int | None
    """None while they are being read."""


OnWritten = Callable[[Written], None]


def concerns_labels(changes: Changes) -> bool:
    """Whether images, their keywords or their vectors were touched: what labeling shows."""
    touched = changes.label_images or changes.keywords
    return bool(touched) or changes.images_changed or changes.vectors_changed


def decide(
    context: AppContext,
    decisions: Sequence[Decision],
    title: str,
    origin: object,
    on_done: OnWritten,
    on_error: OnError | None,
) -> None:
    """Set or clear keywords as one step that can be undone; done means it is on disk."""
    _write(context, title, partial(_decide, decisions, title), origin, on_done, on_error)


def _decide(decisions: Sequence[Decision], title: str, session: ProjectSession) -> Written:
    changes = label.decide(session.project, decisions, title)
    return _read_back(session, changes, [decision.image for decision in decisions])


def add_keyword(
    context: AppContext,
    images: Sequence[ImageId],
    name: str,
    origin: object,
    on_done: OnWritten,
    on_error: OnError | None,
) -> None:
    """Put a keyword on images by its name; it is made if there is none of that name."""
    work = partial(_add, images, name)
    _write(context, f"Add “{name}”", work, origin, on_done, on_error)


def _add(images: Sequence[ImageId], name: str, session: ProjectSession) -> Written:
    keyword, changes = label.add_keyword(session.project, images, name)
    return _read_back(session, changes, images, keyword)


def look_at_undo(
    context: AppContext, on_done: Callable[[NextUndo | None], None], on_error: OnError
) -> None:
    """What undo would take back, after everything that is still being written."""
    task = ProjectTask("Read the journal", _next_undo, Lane.WRITE)
    context.start(task, on_done, on_error)


def _next_undo(session: ProjectSession, _: Progress) -> NextUndo | None:
    return label.next_undo(session.project)


def undo_step(
    context: AppContext,
    on_done: OnWritten,
    on_error: OnError | None = None,
    origin: object = HISTORY,
    only: int | None = None,
) -> None:
    """Take the last step back, if it is ``only``; told to everybody as HISTORY."""
    undo = partial(label.undo, only=only)
    _write(context, "Undo", partial(_step_back, undo), origin, on_done, on_error)


def redo_step(
    context: AppContext,
    on_done: OnWritten,
    on_error: OnError | None = None,
    origin: object = HISTORY,
) -> None:
    """Do again what was undone last; told to everybody as HISTORY."""
    _write(context, "Redo", partial(_step_back, label.redo), origin, on_done, on_error)


def _step_back(step_of: Callable[[Project], Step | None], session: ProjectSession) -> Written:
    step = step_of(session.project)
    if step is None:
        return Written(Changes())
    return _read_back(session, step.changes, step.images, title=step.title)


def fetch_titles(
    context: AppContext, on_done: Callable[[tuple[str | None, str | None]], None]
) -> None:
    """What undo and redo would do now: (undo title, redo title), None where there is nothing."""
    task = ProjectTask("Read the journal", _titles, Lane.INTERACTIVE)
    context.start_latest("label.titles", task, on_done)


def _titles(session: ProjectSession, _: Progress) -> tuple[str | None, str | None]:
    return label.undo_title(session.project), label.redo_title(session.project)


def preview_bulk(
    context: AppContext,
    scope: Scope,
    keyword: Keyword,
    verdict: Verdict,
    on_done: Callable[[BulkPreview], None],
    on_error: OnError | None,
) -> None:
    """Count what a bulk decision would change."""
    work = partial(_preview, scope, keyword, verdict)
    task = ProjectTask("Count changes", work, Lane.INTERACTIVE)
    context.start_latest("label.preview", task, on_done, on_error)


def _preview(
    scope: Scope, keyword: Keyword, verdict: Verdict, session: ProjectSession, _: Progress
) -> BulkPreview:
    return label.preview_bulk(session.project, scope, keyword.id, verdict)


def decide_bulk(
    context: AppContext,
    scope: Scope,
    keyword: Keyword,
    verdict: Verdict,
    title: str,
    origin: object,
    on_done: OnWritten,
    on_error: OnError | None,
) -> None:
    """One verdict on one keyword for many images, as one step that can be undone."""
    work = partial(_bulk, scope, keyword, verdict, title)
    _write(context, title, work, origin, on_done, on_error)


def _bulk(
    scope: Scope, keyword: Keyword, verdict: Verdict, title: str, session: ProjectSession
) -> Written:
    changes = label.decide_bulk(session.project, scope, keyword.id, verdict, title)
    return _read_back(session, changes, changes.label_images)


def check_readiness(
    context: AppContext, on_done: Callable[[Readiness], None], on_error: OnError
) -> None:
    """Find out what suggestions wait for."""
    task = ProjectTask("Check", _readiness, Lane.OVERVIEW)
    context.start_latest("label.readiness", task, on_done, on_error)


def _readiness(session: ProjectSession, _: Progress) -> Readiness:
    has_encoder = bool(session.project.settings.encoder.source)
    references = session.suggester.references if session.suggester is not None else None
    return Readiness(has_encoder, pending(session.project) if has_encoder else 0, references)


# how writes run -------------------------------------------------------------------------------


def _write(
    context: AppContext,
    title: str,
    work: Callable[[ProjectSession], Written],
    origin: object,
    on_done: OnWritten,
    on_error: OnError | None,
) -> None:
    task = ProjectTask(title, partial(_run, work), Lane.WRITE)
    context.start(task, partial(_written, context, origin, on_done), on_error)


def _run(
    work: Callable[[ProjectSession], Written], session: ProjectSession, _: Progress
) -> Written:
    return work(session)


def _written(context: AppContext, origin: object, on_done: OnWritten, written: Written) -> None:
    """The page goes on at once; everybody hears of it when suggestions take it into account."""
    on_done(written)
    session, changes = context.session, written.changes
    if session is None or not changes:
        return
    tell = partial(_tell, context, changes, origin)
    task = Task("Update suggestions", partial(_refresh, session, changes), Lane.INTERACTIVE)
    context.runner.start(task, tell, partial(_not_refreshed, context, tell))


def _refresh(session: ProjectSession, changes: Changes, _: Progress) -> None:
    if session.suggester is not None:
        session.suggester.refresh(changes)


def _tell(context: AppContext, changes: Changes, origin: object, _: None = None) -> None:
    context.bus.changed.emit(changes, origin)


def _not_refreshed(context: AppContext, tell: Callable[[], None], error: Exception) -> None:
    tell()
    if isinstance(error, ClipkwError):
        context.runner.failed.emit(error)


def _read_back(
    session: ProjectSession,
    changes: Changes,
    images: Iterable[ImageId],
    keyword: Keyword | None = None,
    title: str = "",
) -> Written:
    touched = list(dict.fromkeys(images))
    few = len(touched) <= READ_BACK
    labels = browse.labels_of(session.project, touched) if few else {}
    if few:
        labels = {image: labels.get(image, ()) for image in touched}
    return Written(changes, labels, keyword, title, tuple(touched))
