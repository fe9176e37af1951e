"""The long jobs of an archive: import images, import keywords, encode; each goes on later."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from PySide6.QtCore import QCoreApplication, QLocale, QObject

from clipkw_gui.actions.freshness import Freshness
from clipkw_gui.actions.project import load_references
from clipkw_gui.actions.recent import Steps, remember_steps, remembered_steps
from clipkw_gui.context import AppContext, ProjectSession
from clipkw_gui.jobs.runner import Job, Lane, Task
from core.errors import TableError
from core.exchange.layout import TableFormat, TableLayout
from core.progress import Progress
from core.types import Changes
from core.workflows import demo, encode, ingest
from core.workflows.encode import EncodeReport
from core.workflows.ingest import ImageImport, KeywordImport
from core.workflows.project import Project

T = TypeVar("T")
_tr = partial(QCoreApplication.translate, "Encode")
LISTED = 1000
"""Rows of a table that name no image are listed one by one, up to so many."""


@dataclass(frozen=True, slots=True)
class Unfinished:
    """What an archive still waits for.

    Steps that were interrupted, images without a vector, images of a demo that are not drawn or
    encoded. ``encoder_warning`` is a sentence about an encoder that does not suit the photographs,
    usually "".
    """

    steps: Steps
    waiting: int
    demo: int
    encoder_warning: str


def work_off(context: AppContext, steps: Steps, *, allow_download: bool = False) -> Intake | None:
    """Do these steps one after the other; what is not finished is remembered for next time."""
    session = context.session
    if session is None or not steps:
        return None
    intake = Intake(context, session, steps, allow_download)
    intake.go_on()
    return intake


def import_table(context: AppContext, table: Path, layout: TableLayout | None) -> None:
    """Take the keywords of a table."""
    work_off(context, Steps(table=str(table), layout=layout_fields(layout)))


def layout_fields(layout: TableLayout | None) -> dict[str, Any] | None:
    """A layout as plain values that can be kept."""
    return asdict(layout) if layout is not None else None


def _layout(fields: dict[str, Any] | None) -> TableLayout | None:
    """A layout from plain values, None (detect it) if they do not make one."""
    if fields is None:
        return None
    kept: dict[str, Any] = {
        name: tuple(one) if isinstance(one, list) else one for name, one in fields.items()
    }
    try:
        return TableLayout(**{**kept, "format": TableFormat(kept["format"])})
    except (KeyError, TypeError, ValueError, TableError):
        return None


def find_unfinished(context: AppContext, on_done: Callable[[Unfinished], None]) -> None:
    """Find out what the open project still waits for."""
    session = context.session
    if session is not None:
        steps = remembered_steps(context.preferences, session.project.folder)
        work = partial(_find_unfinished, session.project, steps)
        task = Task(_tr("Look for unfinished work"), work, Lane.OVERVIEW)
        context.runner.start_latest("encode.unfinished", task, on_done)


def _find_unfinished(project: Project, steps: Steps, progress: Progress) -> Unfinished:
    has_encoder = bool(project.settings.encoder.source)
    return Unfinished(
        steps,
        encode.pending(project) if has_encoder else 0,
        demo.demo_remainder(project),
        demo.demo_encoder_warning(project),
    )


def cancel_job(context: AppContext, job: Job) -> None:
    """Stop a job because the person said so: what follows it is not offered again."""
    job.cancel()
    if context.session is not None:
        remember_steps(context.preferences, context.session.project.folder, Steps())


class Intake(QObject):
    """Import images, then keywords, then encode; lives as long as the context."""

    def __init__(
        self, context: AppContext, session: ProjectSession, steps: Steps, allow_download: bool
    ) -> None:
        super().__init__(context)
        self._context = context
        self._session = session
        self._left = steps
        self._allow_download = allow_download
        self._job: Job | None = None

    def go_on(self) -> None:
        """Start the first step that is left."""
        left, project = self._left, self._session.project
        can_encode = left.encode and bool(project.settings.encoder.source)
        self._left = left if can_encode else replace(left, encode=False)
        remember_steps(self._context.preferences, project.folder, self._left)
        if left.images:
            self._import_images(project)
        elif left.table:
            self._import_keywords(project, Path(left.table))
        elif can_encode:
            self._encode(project)
        else:
            self.deleteLater()

    def _import_images(self, project: Project) -> None:
        work = partial(_import_images, project)
        changes = Changes(images_changed=True)
        self._start(_tr("Import images"), work, self._images_imported, changes)

    def _import_keywords(self, project: Project, table: Path) -> None:
        work = partial(_import_keywords, project, table, self._left.layout)
        title = _tr("Import keywords from {table}").format(table=table.name)
        self._start(title, work, self._keywords_imported, Changes(images_changed=True))

    def _encode(self, project: Project) -> None:
        work = partial(_encode, project, self._allow_download)
        changes = Changes(vectors_changed=True)
        self._start(_tr("Encode images"), work, self._encoded, changes)

    def _start(
        self,
        title: str,
        work: Callable[[Progress], T],
        on_done: Callable[[T], None],
        changes: Changes,
    ) -> None:
        self._job = self._context.runner.start(Task(title, work, Lane.BACKGROUND), on_done)
        Freshness(self._context, self._job, changes)

    def _images_imported(self, found: ImageImport) -> None:
        text = _tr("{added} new, {changed} changed, {moved} moved, {missing} missing.")
        self._write(
            text, added=found.added, changed=found.changed, moved=found.moved, missing=found.missing
        )
        if found.unreadable:
            self._write(_tr("Files that cannot be read: {count}."), count=len(found.unreadable))
        self._finish(replace(self._left, images=False))

    def _keywords_imported(self, found: KeywordImport) -> None:
        if found.unmatched_rows:
            self._list_unmatched(found.unmatched_rows)
        text = _tr("Images without a row: {count}.")
        self._write(text, count=len(found.without_row))
        text = _tr("{matched} of {rows} rows belong to an image. Keywords put on images: {labels}.")
        self._write(text, matched=found.matched, rows=found.rows, labels=found.labels_added)
        if found.labels_added:
            # Images that were encoded before have become references.
            load_references(self._context)
        self._finish(replace(self._left, table="", layout=None))

    def _encoded(self, report: EncodeReport) -> None:
        text = _tr("Images encoded on {device}: {count}.")
        self._write(text, count=report.encoded, device=report.device)
        if report.failed:
            self._write(_tr("Images that could not be encoded: {count}."), count=len(report.failed))
        self._context.preferences.setValue("encoder/device", report.device)
        self._finish(replace(self._left, encode=False))

    def _finish(self, left: Steps) -> None:
        self._left = left
        self.go_on()

    def _list_unmatched(self, rows: Sequence[str]) -> None:
        assert self._job is not None
        title = _tr("Rows without an image: {count}").format(count=QLocale().toString(len(rows)))
        more = ["…"] if len(rows) > LISTED else []
        self._job.write("\n".join([title, *rows[:LISTED], *more]))

    def _write(self, text: str, **values: int | str) -> None:
        local = QLocale()
        shown = {
            name: local.toString(value) if isinstance(value, int) else value
            for name, value in values.items()
        }
        assert self._job is not None
        self._job.write(text.format(**shown))


def _import_images(project: Project, progress: Progress) -> ImageImport:
    return ingest.import_images(project, progress)


def _import_keywords(
    project: Project, table: Path, layout: dict[str, Any] | None, progress: Progress
) -> KeywordImport:
    return ingest.import_keywords(project, table, _layout(layout), progress)


def _encode(project: Project, allow_download: bool, progress: Progress) -> EncodeReport:
    return encode.encode_images(project, progress, allow_download=allow_download)
