"""Looking at the vocabulary and editing it. Every write is one step, in the order it was asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QCoreApplication

from clipkw_gui.actions.writes import Written, announce, refresh_suggestions
from clipkw_gui.context import AppContext, ProjectSession, ProjectTask
from clipkw_gui.jobs.runner import Job, Lane
from core.catalog.keyword_edits import MergePreview
from core.progress import Progress
from core.types import (
    Changes,
    ImageIds,
    ImageQuery,
    Keyword,
    KeywordRow,
    KeywordStatus,
    NameEffect,
    NearNames,
)
from core.workflows import browse, translate
from core.workflows import keywords as workflow
from core.workflows.keywords import VocabularyImport
from core.workflows.label import person
from core.workflows.name_scores import NameScorer, NameScores
from core.workflows.near_names import keep_apart as keep_names_apart
from core.workflows.near_names import near_names
from core.workflows.project import Project, allow_online_translation
from core.workflows.translate import TranslationReport

__all__ = [
    "MergePreview",
    "NameEffects",
    "NameScores",
    "TranslationReport",
    "VocabularyImport",
]

OnError = Callable[[Exception], None]
OnWritten = Callable[[Changes], None]
_tr = partial(QCoreApplication.translate, "Keywords")


@dataclass(frozen=True, slots=True)
class NameEffects:
    """What the present name of a keyword does, and another one; the same if there is no other."""

    now: NameEffect
    then: NameEffect


# looking --------------------------------------------------------------------------------------


def list_keywords(
    context: AppContext, on_done: Callable[[list[KeywordRow]], None], on_error: OnError
) -> None:
    """Every keyword with synonyms and count; a newer call makes an older one void."""
    task = ProjectTask(_tr("Read the keywords"), _list, Lane.INTERACTIVE)
    context.start_latest("keywords.list", task, on_done, on_error)


def _list(session: ProjectSession, _: Progress) -> list[KeywordRow]:
    return workflow.list_keywords(session.project)


def find_near_names(
    context: AppContext, on_done: Callable[[list[NearNames]], None], on_error: OnError
) -> None:
    """Pairs that may be one keyword; a newer call makes an older one void."""
    task = ProjectTask(_tr("Compare names"), _near, Lane.OVERVIEW)
    context.start_latest("keywords.near", task, on_done, on_error)


def _near(session: ProjectSession, progress: Progress) -> list[NearNames]:
    return near_names(session.project, progress)


def find_images(
    context: AppContext, keyword: Keyword, on_done: Callable[[ImageIds], None], on_error: OnError
) -> None:
    """The images that carry a keyword."""
    query = ImageQuery(keyword=keyword.id)
    task = ProjectTask(_tr("Find images"), partial(_images, query), Lane.INTERACTIVE)
    context.start_latest("keywords.images", task, on_done, on_error)


def _images(query: ImageQuery, session: ProjectSession, _: Progress) -> ImageIds:
    return browse.image_ids(session.project, query)


def score_names(
    context: AppContext, on_done: Callable[[NameScores], None], on_error: OnError
) -> Job | None:
    """Score every name in the background."""
    task = ProjectTask(_tr("Score names"), _score, Lane.BACKGROUND)
    return context.start(task, on_done, on_error)


def _score(session: ProjectSession, progress: Progress) -> NameScores:
    return _scorer(session).score(progress)


def measure_name(
    context: AppContext,
    keyword: Keyword,
    text: str,
    on_done: Callable[[NameEffects], None],
    on_error: OnError,
) -> None:
    """What ``text`` as the name of a keyword would change; only the newest call is answered."""
    work = partial(_measure, keyword, text)
    task = ProjectTask(_tr("Try a name"), work, Lane.SEARCH)
    context.start_latest("keywords.measure", task, on_done, on_error)


def _measure(
    keyword: Keyword, text: str, session: ProjectSession, progress: Progress
) -> NameEffects:
    scorer = _scorer(session)
    present = keyword.en or keyword.no
    now = scorer.effect(keyword, present)
    progress.checkpoint()
    return NameEffects(now, now if text == present else scorer.effect(keyword, text))


def _scorer(session: ProjectSession) -> NameScorer:
    if session.name_scorer is None:
        session.name_scorer = NameScorer(session.project)
    return session.name_scorer


def suggest_english(
    context: AppContext, name: str, on_done: Callable[[str], None], on_error: OnError
) -> None:
    """What the glossary calls a Norwegian name; "" if it does not know."""
    task = ProjectTask(_tr("Translate"), partial(_suggest, name), Lane.INTERACTIVE)
    context.start_latest("keywords.suggest", task, on_done, on_error)


def _suggest(name: str, session: ProjectSession, _: Progress) -> str:
    found = translate.translate_text(session.project, name, to="en")
    return "" if found is None else found.text


def preview_merge(
    context: AppContext,
    kept: Keyword,
    merged: Sequence[Keyword],
    on_done: Callable[[MergePreview], None],
    on_error: OnError,
) -> None:
    """Count what a merge would do; a newer call makes an older one void."""
    work = partial(_preview, kept, merged)
    task = ProjectTask(_tr("Count images"), work, Lane.INTERACTIVE)
    context.start_latest("keywords.preview", task, on_done, on_error)


def _preview(
    kept: Keyword, merged: Sequence[Keyword], session: ProjectSession, _: Progress
) -> MergePreview:
    return workflow.preview_merge(session.project, kept, merged)


# editing --------------------------------------------------------------------------------------


def rename(
    context: AppContext, keyword: Keyword, name: str, on_done: OnWritten, on_error: OnError
) -> None:
    """Give a keyword another Norwegian name."""
    change = partial(workflow.rename, keyword=keyword, name=name)
    _write(context, _tr("Rename"), change, on_done, on_error)


def name_in_english(
    context: AppContext, keyword: Keyword, name: str, on_done: OnWritten, on_error: OnError
) -> None:
    """Give a keyword another English name."""
    change = partial(workflow.name_in_english, keyword=keyword, name=name)
    _write(context, _tr("Name in English"), change, on_done, on_error)


def set_synonyms(
    context: AppContext,
    keyword: Keyword,
    names: Sequence[str],
    on_done: OnWritten,
    on_error: OnError,
) -> None:
    """Give a keyword other synonyms."""
    change = partial(workflow.set_synonyms, keyword=keyword, names=names)
    _write(context, _tr("Set synonyms"), change, on_done, on_error)


def set_status(
    context: AppContext,
    chosen: Sequence[Keyword],
    status: KeywordStatus,
    on_done: OnWritten,
    on_error: OnError,
) -> None:
    """Confirm keywords, retire them or take them back."""
    change = partial(workflow.set_status, chosen=chosen, status=status)
    _write(context, _tr("Set the status"), change, on_done, on_error)


def merge(
    context: AppContext,
    kept: Keyword,
    merged: Sequence[Keyword],
    on_done: OnWritten,
    on_error: OnError,
) -> None:
    """Make keywords one."""
    change = partial(workflow.merge, kept=kept, merged=merged)
    _write(context, _tr("Merge"), change, on_done, on_error)


def keep_apart(context: AppContext, near: NearNames, on_done: OnWritten, on_error: OnError) -> None:
    """Say that two keywords are different."""
    change = partial(keep_names_apart, first=near.kept, second=near.merged)
    _write(context, _tr("Keep apart"), change, on_done, on_error)


def confirm_machine_names(context: AppContext, on_done: OnWritten, on_error: OnError) -> None:
    """Mark all names that a machine gave as right."""
    _write(context, _tr("Confirm names"), translate.confirm_names, on_done, on_error)


def fill_names(
    context: AppContext, on_done: Callable[[TranslationReport], None], on_error: OnError
) -> None:
    """Name keywords in English by the glossary."""
    task = ProjectTask(_tr("Translate names"), _fill, Lane.WRITE)
    context.start(task, partial(announce, context, on_done), on_error)


def _fill(session: ProjectSession, _: Progress) -> Written:
    report = translate.fill_names(session.project)
    return refresh_suggestions(session, report.changes, report)


def fill_norwegian(
    context: AppContext, on_done: Callable[[TranslationReport], None], on_error: OnError
) -> None:
    """Give keywords whose name is English a Norwegian one by the glossary."""
    task = ProjectTask(_tr("Translate names"), _fill_norwegian, Lane.WRITE)
    context.start(task, partial(announce, context, on_done), on_error)


def _fill_norwegian(session: ProjectSession, _: Progress) -> Written:
    report = translate.fill_norwegian(session.project)
    return refresh_suggestions(session, report.changes, report)


def fill_names_online(
    context: AppContext, on_done: Callable[[TranslationReport], None], on_error: OnError
) -> Job | None:
    """Ask a service about names the glossary lacks, in the background."""
    task = ProjectTask(_tr("Translate online"), _fill_online, Lane.BACKGROUND)
    return context.start(task, partial(announce, context, on_done), on_error)


def _fill_online(session: ProjectSession, progress: Progress) -> Written:
    report = translate.fill_names_online(session.project, progress)
    return refresh_suggestions(session, report.changes, report)


def may_go_online(context: AppContext) -> bool:
    """Whether somebody has agreed that names of this project are sent to a service."""
    session = context.session
    return session is not None and session.project.settings.online.translation


def agree_and_fill_online(
    context: AppContext, on_done: Callable[[TranslationReport], None], on_error: OnError
) -> Job | None:
    """Note that names of this project may be sent to a service, and ask it about them."""
    task = ProjectTask(_tr("Translate online"), _agree_and_fill, Lane.BACKGROUND)
    return context.start(task, partial(announce, context, on_done), on_error)


def _agree_and_fill(session: ProjectSession, progress: Progress) -> Written:
    allow_online_translation(session.project, person())
    return _fill_online(session, progress)


# the table ------------------------------------------------------------------------------------


def export_table(
    context: AppContext, path: Path, on_done: Callable[[int], None], on_error: OnError
) -> None:
    """Write the vocabulary as CSV."""
    task = ProjectTask(_tr("Export keywords"), partial(_export, path), Lane.OVERVIEW)
    context.start(task, on_done, on_error)


def _export(path: Path, session: ProjectSession, _: Progress) -> int:
    return workflow.export_table(session.project, path)


def preview_import(
    context: AppContext,
    path: Path,
    on_done: Callable[[VocabularyImport], None],
    on_error: OnError,
) -> None:
    """What a table would change; nothing is written."""
    task = ProjectTask(_tr("Read the table"), partial(_look, path), Lane.INTERACTIVE)
    context.start_latest("keywords.table", task, on_done, on_error)


def _look(path: Path, session: ProjectSession, _: Progress) -> VocabularyImport:
    return workflow.preview_import(session.project, path)


def import_table(context: AppContext, path: Path, on_done: OnWritten, on_error: OnError) -> None:
    """Take the vocabulary from a table, as one step."""
    _write(context, _tr("Import keywords"), partial(_import, path), on_done, on_error)


def _import(path: Path, project: Project) -> Changes:
    return workflow.import_table(project, path)[1]


# how writes run -------------------------------------------------------------------------------


def _write(
    context: AppContext,
    title: str,
    change: Callable[[Project], Changes],
    on_done: OnWritten,
    on_error: OnError,
) -> None:
    task = ProjectTask(title, partial(_run, change), Lane.WRITE)
    context.start(task, partial(announce, context, on_done), on_error)


def _run(change: Callable[[Project], Changes], session: ProjectSession, _: Progress) -> Written:
    changes = change(session.project)
    return refresh_suggestions(session, changes, changes)
