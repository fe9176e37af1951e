"""Bringing an archive and its keyword tables into a project. Originals are only ever read."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from core.catalog.decisions import import_labels
from core.catalog.images import SCAN_STAGE, clear_problem, known_files, problems, record_scan
from core.errors import ProjectError
from core.exchange import tables
from core.exchange.layout import TableLayout
from core.exchange.paths import PathIndex
from core.exchange.tables import TablePreview
from core.images.scan import scan
from core.images.walk import Listing, walk
from core.progress import Progress, Silent
from core.types import ImageState, KnownFile, Problem
from core.workflows.backups import back_up_before_many
from core.workflows.label import person
from core.workflows.project import Project


@dataclass(frozen=True, slots=True)
class Survey:
    """What a folder holds at first sight: image files, their bytes, folders with images in them,
    other files, and what cannot be used."""

    files: int
    bytes: int
    folders: int
    others: int
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class ImageImport:
    """What an import found, in files. ``unreadable`` files are listed with their reasons."""

    added: int
    moved: int
    changed: int
    missing: int
    unreadable: list[Problem]
    unchanged: int


@dataclass(frozen=True, slots=True)
class KeywordImport:
    """What an import of a table did.

    ``matched`` of its ``rows`` name an image; ``unmatched_rows`` are the others, as
    ``row NUMBER: PATH``. ``without_row`` are the paths of present images that no row names.
    """

    rows: int
    matched: int
    labels_added: int
    keywords_added: int
    unmatched_rows: list[str]
    without_row: list[str]
    warnings: tuple[str, ...] = ()


def survey(images: Path, progress: Progress) -> Survey:
    """Count what lies in a folder, without opening any file.

    Raises :class:`core.errors.ImageError` when the folder cannot be read.
    """
    listing = walk(images, progress)
    return Survey(
        files=len(listing.files),
        bytes=sum(file.size for file in listing.files),
        folders=listing.folders,
        others=listing.others,
        problems=tuple(listing.problems),
    )


def preview_table(
    table: Path, images: Path, layout: TableLayout | None = None, progress: Progress | None = None
) -> TablePreview:
    """Say how a table is read and which of its rows match a file below ``images``.

    Without ``layout`` it is detected. Nothing is written. Raises
    :class:`core.errors.TableError` when the table cannot be used.
    """
    watched = progress or Silent()
    chosen = layout or tables.detect_layout(table)
    index = PathIndex((file.path for file in walk(images, watched).files), images, table.parent)
    return tables.preview(table, chosen, index, watched)


def import_images(project: Project, progress: Progress) -> ImageImport:
    """Bring the catalog up to date with the folder of images.

    What was found is stored every thousand files, so that an interrupted import goes on where it
    was. Raises :class:`ProjectError` when the folder is away or suddenly empty: then nothing is
    marked as missing.
    """
    if project.warning:
        raise ProjectError(project.warning)
    known = known_files(project.catalog)
    listing = walk(project.images_root, progress)
    if not listing.files and any(file.state is ImageState.PRESENT for file in known.values()):
        raise ProjectError(
            f"The images folder {project.images_root} holds no image now.",
            "Connect the disk or share it is on, or choose where the images are now.",
        )
    _forget_solved_problems(project, listing)
    record_scan(project.catalog, [], listing.problems, [], [])
    added = moved = changed = missing = unchanged = 0
    unreadable = list(listing.problems)
    batches = scan(project.images_root, listing, known, project.max_pixels, progress)
    with closing(batches):
        for batch in batches:
            record_scan(project.catalog, batch.found, batch.unreadable, batch.missing, batch.moved)
            added += batch.added
            moved += len(batch.moved)
            changed += batch.changed
            missing += len(batch.missing)
            unchanged += batch.unchanged
            unreadable += batch.unreadable
    unreadable.sort(key=_problem_path)
    return ImageImport(added, moved, changed, missing, unreadable, unchanged)


def import_keywords(
    project: Project, table: Path, layout: TableLayout | None, progress: Progress
) -> KeywordImport:
    """Put the keywords of a table on the images it names, as one step that can be undone.

    Nobody's decision is overridden, and nothing is written if the table turns out to be broken.
    Raises :class:`core.errors.TableError`.
    """
    chosen = layout or tables.detect_layout(table)
    known = known_files(project.catalog)
    index = PathIndex(known, project.images_root, table.parent)
    matched = tables.match_table(table, chosen, index, progress)
    progress.checkpoint()
    progress.report(matched.rows, matched.rows, "Storing keywords")
    back_up_before_many(project)
    rows = ((known[path].id, list(keywords.values())) for path, keywords in matched.labels.items())
    imported = import_labels(project.catalog, rows, by=person(), english=matched.english)
    return KeywordImport(
        rows=matched.rows,
        matched=matched.matched,
        labels_added=imported.labels_added,
        keywords_added=imported.keywords_added,
        unmatched_rows=matched.unmatched,
        without_row=_without_row(known, matched.labels.keys()),
        warnings=tuple(matched.warnings),
    )


def _without_row(known: dict[str, KnownFile], named: AbstractSet[str]) -> list[str]:
    return sorted(
        path
        for path, file in known.items()
        if file.state is ImageState.PRESENT and path not in named
    )


def _forget_solved_problems(project: Project, listing: Listing) -> None:
    """A broken file that is gone is no problem any more; one that is there is looked at again."""
    there = {file.path for file in listing.files}
    there.update(problem.path for problem in listing.problems)
    closed = tuple(f"{folder}/" for folder in listing.closed_folders)
    for problem in problems(project.catalog):
        if problem.path not in there and not problem.path.startswith(closed):
            clear_problem(project.catalog, SCAN_STAGE, problem.path)


def _problem_path(problem: Problem) -> str:
    return problem.path
