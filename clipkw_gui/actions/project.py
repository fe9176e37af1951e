"""Creating, opening and closing a project, and choosing its encoder."""

from __future__ import annotations

import gc
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QCoreApplication

from clipkw_gui.actions.index import index_if_slow
from clipkw_gui.actions.recent import remember_recent
from clipkw_gui.context import AppContext, ProjectSession
from clipkw_gui.jobs.runner import Job, Lane, Task
from core.encoders import EncoderDescription, describe_source
from core.encoders.known import known_encoders
from core.progress import Progress
from core.types import Changes
from core.workflows import project as workflow
from core.workflows.demo import DRAWN_ONLY, demo_encoder, is_demo, is_demo_encoder
from core.workflows.encoder_bundles import local_source
from core.workflows.project import Project

SUFFIX = ".clipkw"

OnError = Callable[[Exception], None]
_tr = partial(QCoreApplication.translate, "Project")


def project_folder(parent: Path, name: str) -> Path:
    """Where a project of that name lies."""
    return parent / (name if name.endswith(SUFFIX) else name + SUFFIX)


def project_name(context: AppContext) -> str:
    """What to call the open project, "" if there is none."""
    session = context.session
    return session.project.folder.name.removesuffix(SUFFIX) if session else ""


def images_root(context: AppContext) -> Path | None:
    """The folder of photographs of the open project."""
    session = context.session
    return session.project.images_root if session else None


def encoder_source(context: AppContext) -> str:
    """The encoder of the open project as it was chosen, "" if there is none."""
    session = context.session
    return session.project.settings.encoder.source if session else ""


def encoder_name(context: AppContext) -> str:
    """What to call the encoder of the open project, "" if there is none."""
    source = encoder_source(context)
    if source == str(demo_encoder()):
        return _tr("Demo encoder (drawings only)")
    folder = Path(source.removeprefix("local-dir:"))
    return folder.name if folder.is_absolute() else source


def project_warning(context: AppContext) -> str:
    """What keeps the photographs from being shown right now, usually ""."""
    session = context.session
    return session.project.warning if session else ""


def create_project(
    context: AppContext,
    folder: Path,
    images: Path,
    encoder: str,
    on_open: Callable[[], None],
    on_error: OnError,
) -> None:
    """Make a project and open it; the one that was open is closed."""
    work = partial(_create, folder, images, encoder)
    task = Task(_tr("Create project"), work, Lane.INTERACTIVE)
    on_done = partial(replace_project, context, on_open)
    context.runner.start_latest("project", task, on_done, on_error)


def _create(folder: Path, images: Path, encoder: str, progress: Progress) -> Project:
    return workflow.create_project(folder, images, local_source(encoder, progress))


def open_project(
    context: AppContext, folder: Path, on_open: Callable[[], None], on_error: OnError
) -> None:
    """Open a project; if that fails, the one that is open stays open."""
    task = Task(_tr("Open project"), partial(_open, folder.absolute()), Lane.INTERACTIVE)
    on_done = partial(replace_project, context, on_open)
    context.runner.start_latest("project", task, on_done, on_error)


def _open(folder: Path, progress: Progress) -> Project:
    return workflow.open_project(folder)


def close_project(context: AppContext, when_closed: Callable[[], None]) -> None:
    """Stop its jobs, finish its writes and close it; ``when_closed`` is called afterwards."""
    session = context.session
    context.set_session(None)
    context.runner.stop_all(partial(_close, session, when_closed))


def _close(session: ProjectSession | None, when_closed: Callable[[], None]) -> None:
    if session is not None:
        session.project.close()
        gc.unfreeze()
    when_closed()


def replace_project(context: AppContext, on_open: Callable[[], None], project: Project) -> None:
    """Show a project that was just opened; the one before it is closed."""
    close_project(context, partial(_show, context, on_open, project))


def _show(context: AppContext, on_open: Callable[[], None], project: Project) -> None:
    remember_recent(context.preferences, project.folder)
    context.set_session(ProjectSession(project))
    # Not beside the queue: both would take twice as long, and the queue is looked at first.
    context.runner.when_quiet(partial(load_references, context))
    on_open()


def shut_down(context: AppContext) -> None:
    """The window is closed: finish the writes, end all threads, let go of the project."""
    context.runner.shut_down()
    if context.session is not None:
        context.session.project.close()
        gc.unfreeze()


def load_references(context: AppContext) -> None:
    """Read the references that suggestions are made from; pages learn of it by the bus."""
    session = context.session
    if session is not None:
        # after the decisions made so far and before later ones: none falls between
        task = Task(_tr("Load references"), partial(_load, session), Lane.WRITE)
        on_done = partial(_references_loaded, context)
        context.runner.start_latest("project.references", task, on_done)


def _load(session: ProjectSession, progress: Progress) -> None:
    # Not before: models need much that a window without suggestions does not wait for.
    from core.workflows.suggest import Suggester

    session.suggester = Suggester.load(session.project, progress)


def _references_loaded(context: AppContext, nothing: None) -> None:
    # They stay as long as the project: the collector need not go through them again and again,
    # which would hold up the window.
    gc.freeze()
    context.bus.changed.emit(Changes(vectors_changed=True), None)
    index_if_slow(context)


@dataclass(frozen=True, slots=True)
class EncoderFound:
    """An encoder that can be used. ``warning`` says what it is not made for, usually ""."""

    description: EncoderDescription
    warning: str


def describe_encoder(
    context: AppContext,
    source: str,
    on_done: Callable[[EncoderFound], None],
    on_error: OnError,
) -> None:
    """Tell what an encoder is, without loading it and without a network."""
    work = partial(_describe, context.session, source)
    task = Task(_tr("Describe encoder"), work, Lane.INTERACTIVE)
    context.runner.start_latest("project.describe", task, on_done, on_error)


def _describe(session: ProjectSession | None, source: str, progress: Progress) -> EncoderFound:
    is_drawn = session is not None and is_demo(session.project)
    warning = DRAWN_ONLY if is_demo_encoder(source) and not is_drawn else ""
    return EncoderFound(describe_source(source, allow_download=True), warning)


def list_encoders(context: AppContext, on_done: Callable[[list[str]], None]) -> None:
    """The names of all encoders that can be downloaded, without a network."""
    task = Task(_tr("List encoders"), _list_encoders, Lane.INTERACTIVE)
    context.runner.start(task, on_done)


def _list_encoders(progress: Progress) -> list[str]:
    return sorted(one.name for one in known_encoders().values())


def choose_encoder(
    context: AppContext, source: str, on_done: Callable[[], None], on_error: OnError
) -> Job:
    """Use another encoder from now on; vectors of the former one are kept.

    A bundle is unpacked and tested first. The job is that: cancelled, nothing is chosen.
    """
    task = Task(_tr("Import encoder"), partial(local_source, source), Lane.SEARCH)
    on_import = partial(_choose_imported, context, on_done, on_error)
    return context.runner.start(task, on_import, on_error)


def _choose_imported(
    context: AppContext, on_done: Callable[[], None], on_error: OnError, source: str
) -> None:
    session = context.session
    if session is not None:
        task = Task(_tr("Choose encoder"), partial(_choose, session.project, source), Lane.WRITE)
        context.runner.start(task, partial(_chosen, context, on_done), on_error)


def _choose(project: Project, source: str, progress: Progress) -> None:
    workflow.set_encoder(project, source)


def _chosen(context: AppContext, on_done: Callable[[], None], nothing: None) -> None:
    load_references(context)
    on_done()


def move_archive(context: AppContext, images: Path, on_done: Callable[[], None]) -> None:
    """Tell where the photographs lie now."""
    session = context.session
    if session is not None:
        task = Task(_tr("Move archive"), partial(_move, session.project, images), Lane.WRITE)
        context.runner.start(task, partial(_moved, on_done))


def _move(project: Project, images: Path, progress: Progress) -> None:
    workflow.set_images_root(project, images)


def _moved(on_done: Callable[[], None], nothing: None) -> None:
    on_done()
