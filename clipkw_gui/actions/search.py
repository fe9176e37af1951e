"""Searching, and searches that are kept under a name."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QBuffer, QCoreApplication, QIODevice
from PySide6.QtGui import QImage

from clipkw_gui.context import AppContext, ProjectSession, ProjectTask
from clipkw_gui.jobs.runner import Lane, Task
from core.errors import ProjectError, StorageError
from core.progress import Progress
from core.types import (
    Changes,
    SavedSearch,
    SearchByFile,
    SearchResult,
)
from core.workflows import saved_searches as workflow

if TYPE_CHECKING:
    from core.workflows.confident import Confident
    from core.workflows.search import Searcher

FIRST_SECONDS = 0.06
"""So long is searched before what was found so far is shown for the first time."""
NEXT_SECONDS = 0.3
"""... and then again: painting the results anew more often would hold up who types."""

OnError = Callable[[Exception], None]
OnResult = Callable[[SearchResult], None]
_tr = partial(QCoreApplication.translate, "Search")


@dataclass(frozen=True, eq=False, slots=True)
class _Slice:
    """The best so far, and what goes on from there."""

    result: SearchResult
    rest: Iterator[SearchResult]


def warm_up(context: AppContext, on_done: Callable[[], None], on_error: OnError) -> None:
    """Load the encoder before the first search needs it."""
    session = context.session
    if session is not None:
        task = Task(_tr("Load the encoder"), partial(_warm_up, session), Lane.SEARCH)
        context.runner.start_latest("search.warm", task, partial(_call, on_done), on_error)


def _warm_up(session: ProjectSession, _: Progress) -> None:
    _searcher(session).warm_up()


def search(
    context: AppContext,
    wanted: SavedSearch,
    on_result: OnResult,
    on_error: OnError,
) -> None:
    """Tell the best so far, again and again until it is final; a newer search ends an older one."""
    session = context.session
    if session is not None:
        begin = partial(_begin, session, wanted)
        _go_on(context, begin, on_result, on_error)


def _begin(session: ProjectSession, wanted: SavedSearch, progress: Progress) -> _Slice:
    confident = _confident(session, wanted)
    steps = _searcher(session).steps(wanted.target, wanted.query, wanted.limit, confident)
    encoded = next(steps)
    return _Slice(encoded, steps) if encoded.is_final else _continue(steps, FIRST_SECONDS, progress)


def _confident(session: ProjectSession, wanted: SavedSearch) -> Confident | None:
    if wanted.confidence is None:
        return None
    if session.suggester is None:
        raise ProjectError(
            "The model is still being loaded, so it cannot be asked how sure it is.",
            "Search again in a moment.",
        )
    from core.workflows.confident import Confident

    return Confident(session.suggester, wanted.confidence)


def _continue(steps: Iterator[SearchResult], seconds: float, progress: Progress) -> _Slice:
    end = time.perf_counter() + seconds
    for result in steps:
        progress.checkpoint()
        if result.is_final or time.perf_counter() > end:
            break
    return _Slice(result, steps)


def _go_on(
    context: AppContext,
    work: Callable[[Progress], _Slice],
    on_result: OnResult,
    on_error: OnError,
) -> None:
    task = Task(_tr("Search"), work, Lane.SEARCH)
    on_done = partial(_take, context, on_result, on_error)
    context.runner.start_latest("search", task, on_done, on_error)


def _take(context: AppContext, on_result: OnResult, on_error: OnError, found: _Slice) -> None:
    if not found.result.is_final:
        go_on = partial(_continue, found.rest, NEXT_SECONDS)
        _go_on(context, go_on, on_result, on_error)
    on_result(found.result)


def stop(context: AppContext) -> None:
    """Nothing is looked for any more."""
    if context.session is not None:
        task = Task(_tr("Stop searching"), _nothing, Lane.SEARCH)
        context.runner.start_latest("search", task, _ignore)


def find_saved(
    context: AppContext, saved: SavedSearch, on_result: OnResult, on_error: OnError
) -> None:
    """The whole present result of a saved search."""
    session = context.session
    if session is not None:
        work = partial(_find_saved, session, saved)
        task = Task(_tr("Search"), work, Lane.SEARCH)
        context.runner.start_latest("search.saved", task, on_result, on_error)


def _find_saved(session: ProjectSession, saved: SavedSearch, progress: Progress) -> SearchResult:
    return _searcher(session).find_saved(saved, progress, _confident(session, saved))


def refresh(context: AppContext, changes: Changes) -> None:
    """Let the next search see what a write changed."""
    session = context.session
    if session is not None and session.searcher is not None:
        session.searcher.refresh(changes)


def keep_picture(
    context: AppContext,
    picture: QImage,
    folder: Path,
    on_done: Callable[[SearchByFile], None],
    on_error: OnError,
) -> None:
    """Write a pasted or dropped picture into ``folder``, so that it can be searched for."""
    task = Task(_tr("Take the picture"), partial(_keep, picture, folder), Lane.SEARCH)
    context.runner.start_latest("search.paste", task, on_done, on_error)


def _keep(picture: QImage, folder: Path, _: Progress) -> SearchByFile:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    picture.save(buffer, "PNG", 100)  # type: ignore[call-overload]
    data = bytes(buffer.data().data())
    path = folder / f"{hashlib.sha256(data).hexdigest()[:16]}.png"
    try:
        path.write_bytes(data)
    except OSError as error:
        raise StorageError(f"{path} cannot be written: {error.strerror}.") from error
    return SearchByFile(str(path))


def list_searches(
    context: AppContext, key: str, on_done: Callable[[list[SavedSearch]], None], on_error: OnError
) -> None:
    """The saved searches by name; ``key`` names who asks."""
    task = ProjectTask(_tr("Read the searches"), _list, Lane.INTERACTIVE)
    context.start_latest(f"search.list.{key}", task, on_done, on_error)


def _list(session: ProjectSession, _: Progress) -> list[SavedSearch]:
    return workflow.list_searches(session.project)


def save_search(
    context: AppContext, saved: SavedSearch, on_done: Callable[[], None], on_error: OnError
) -> None:
    """Keep a search under its name, as one step that can be undone."""
    _write(context, partial(_save, saved), _tr("Save the search"), on_done, on_error)


def _save(saved: SavedSearch, session: ProjectSession, _: Progress) -> Changes:
    return workflow.save_search(session.project, saved)


def delete_search(context: AppContext, name: str, on_error: OnError) -> None:
    """Forget a search, as one step that can be undone."""
    _write(context, partial(_delete, name), _tr("Delete the search"), _no_more, on_error)


def _delete(name: str, session: ProjectSession, _: Progress) -> Changes:
    return workflow.delete_search(session.project, name)


def _write(
    context: AppContext,
    work: Callable[[ProjectSession, Progress], Changes],
    title: str,
    on_done: Callable[[], None],
    on_error: OnError,
) -> None:
    task = ProjectTask(title, work, Lane.WRITE)
    context.start(task, partial(_written, context, on_done), on_error)


def _written(context: AppContext, on_done: Callable[[], None], changes: Changes) -> None:
    on_done()
    if changes:
        context.bus.changed.emit(changes, None)


def _searcher(session: ProjectSession) -> Searcher:
    """Made when it is first needed; only ever asked for on the lane of searches."""
    if session.searcher is None:
        from core.workflows.search import Searcher

        session.searcher = Searcher(session.project)
    return session.searcher


def _call(on_done: Callable[[], None], nothing: None) -> None:
    on_done()


def _nothing(_: Progress) -> None:
    return None


def _ignore(nothing: None) -> None:
    return None


def _no_more() -> None:
    return None
