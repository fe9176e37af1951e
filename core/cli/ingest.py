"""``clipkw new`` and ``clipkw import``: a project, its images, the keywords of a table."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from core.cli.project import EncoderSource, ProjectFolder, named_source, open_named
from core.cli.terminal import progress, say, stopping_means, tell
from core.workflows import ingest
from core.workflows.project import Project, create_project

Table = Annotated[
    Path | None, typer.Option("--keywords", metavar="TABLE", help="CSV, TSV or XLSX of keywords.")
]


def new(
    project: ProjectFolder,
    images: Annotated[Path, typer.Option(metavar="DIR", help="Folder of images; only read.")],
    keywords: Table = None,
    encoder: EncoderSource = None,
) -> None:
    """Make a project, find its images and take the keywords of a table."""
    # What cannot be read leaves nothing behind.
    if keywords is not None:
        ingest.preview_table(keywords, images)
    source = named_source(encoder) if encoder else ""
    with create_project(project, images, source) as made:
        if made.folder.name != project.name:
            tell(f"The project is {made.folder}.")
        table = "" if keywords is None else f" --keywords {keywords}"
        with stopping_means(f"Go on with: clipkw import {made.folder}{table}"):
            _import(made, keywords)
        step = "" if encoder else " --encoder NAME_OR_DIR"
        say(f"Next: clipkw encode {made.folder}{step}")


def import_(project: ProjectFolder, keywords: Table = None) -> None:
    """Find new, moved, changed and vanished images; take the keywords of a table."""
    with open_named(project) as opened:
        if keywords is not None:
            ingest.preview_table(keywords, opened.images_root)  # before anything is written
        _import(opened, keywords)


def _import(project: Project, table: Path | None) -> None:
    with progress("Images") as watched:
        found = ingest.import_images(project, watched)
    say(
        f"Images: {found.added} added, {found.changed} changed, {found.moved} moved, "
        f"{found.missing} missing, {found.unchanged} unchanged."
    )
    if found.unreadable:
        say(f"{len(found.unreadable)} cannot be used: clipkw problems {project.folder}")
    if table is None:
        return
    with progress("Keywords") as watched:
        taken = ingest.import_keywords(project, table, None, watched)
    say(
        f"Keywords: {taken.matched} of {taken.rows} rows matched an image; labels added: "
        f"{taken.labels_added}, keywords added: {taken.keywords_added}; images without a row: "
        f"{taken.images_without_row}."
    )
    for warning in taken.warnings:
        tell(warning)
    for row in taken.unmatched_rows:
        tell(f"No such image: {row}")
