"""``clipkw new`` and ``clipkw import``: a project, its images, the keywords of a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from core.cli.json_output import STANDARD_OUTPUT, write_json
from core.cli.project import EncoderSource, ProjectFolder, named_source, open_named
from core.cli.terminal import progress, say, stopping_means, tell
from core.exchange.layout import TableLayout
from core.exchange.tables import TablePreview
from core.workflows import ingest
from core.workflows.ingest import ImageImport, KeywordImport
from core.workflows.project import Project, create_project

Table = Annotated[
    Path | None, typer.Option("--keywords", metavar="TABLE", help="CSV, TSV or XLSX of keywords.")
]
Report = Annotated[
    Path | None,
    typer.Option(
        "--json", metavar="FILE", help="Write JSON with every row and image; - for the terminal."
    ),
]
SHOWN = 20
"""Rows, and images, that are listed one by one at the terminal."""


def new(
    project: ProjectFolder,
    images: Annotated[Path, typer.Option(metavar="DIR", help="Folder of images; only read.")],
    keywords: Table = None,
    encoder: EncoderSource = None,
    json_file: Report = None,
) -> None:
    """Make a project, find its images and take the keywords of a table."""
    # What cannot be read leaves nothing behind.
    read = None if keywords is None else ingest.preview_table(keywords, images)
    source = named_source(encoder) if encoder else ""
    with create_project(project, images, source) as made:
        if made.folder.name != project.name:
            tell(f"The project is {made.folder}.")
        if read is not None:
            _tell_reading(read)
        table = "" if keywords is None else f" --keywords {keywords}"
        with stopping_means(f"Go on with: clipkw import {made.folder}{table}"):
            _import(made, keywords, json_file)
        step = "" if encoder else " --encoder NAME_OR_DIR"
        if json_file != STANDARD_OUTPUT:
            say(f"Next: clipkw encode {made.folder}{step}")


def import_(project: ProjectFolder, keywords: Table = None, json_file: Report = None) -> None:
    """Find new, moved, changed and vanished images; take the keywords of a table."""
    with open_named(project) as opened:
        if keywords is not None:
            # Before anything is written.
            _tell_reading(ingest.preview_table(keywords, opened.images_root))
        _import(opened, keywords, json_file)


def _tell_reading(found: TablePreview) -> None:
    """Say how a table is understood, and what it names."""
    layout = found.layout
    parts = [
        layout.encoding,
        f"sheet {layout.sheet}" if layout.sheet else "",
        f"{_sign(layout.delimiter)} between columns" if layout.delimiter else "",
        f"paths in {_column(layout, layout.path_column)}",
        f"keywords in {' and '.join(_column(layout, one) for one in layout.keyword_columns)}",
        f"{_sign(layout.keyword_separator)} between keywords" if layout.keyword_separator else "",
    ]
    if layout.english_column is not None:
        parts.append(f"English names in {_column(layout, layout.english_column)}")
    tell(
        f"Table: {', '.join(part for part in parts if part)}; "
        f"{found.matched} of {found.rows} rows name an image."
    )


def _column(layout: TableLayout, place: int) -> str:
    title = layout.header[place] if place < len(layout.header) else ""
    return f'"{title}"' if title else f"column {place + 1}"


def _sign(sign: str) -> str:
    return {"\t": "tab", "\n": "line break"}.get(sign, f'"{sign}"')


def _import(project: Project, table: Path | None, json_file: Path | None) -> None:
    with progress("Images") as watched:
        found = ingest.import_images(project, watched)
    taken = None
    if table is not None:
        with progress("Keywords") as watched:
            taken = ingest.import_keywords(project, table, None, watched)
    if json_file is not None:
        record = {"images": asdict(found), "keywords": None if taken is None else asdict(taken)}
        write_json(json_file, record)
        if json_file == STANDARD_OUTPUT:
            return
    _say_images(project, found)
    if taken is not None:
        _say_keywords(taken)
    if json_file is not None:
        say(f"All of it is written to {json_file}.")


def _say_images(project: Project, found: ImageImport) -> None:
    say(
        f"Images: {found.added} added, {found.changed} changed, {found.moved} moved, "
        f"{found.missing} missing, {found.unchanged} unchanged."
    )
    if found.unreadable:
        say(f"{len(found.unreadable)} cannot be used: clipkw problems {project.folder}")


def _say_keywords(taken: KeywordImport) -> None:
    say(
        f"Keywords: {taken.matched} of {taken.rows} rows matched an image; labels added: "
        f"{taken.labels_added}, keywords added: {taken.keywords_added}; images without a row: "
        f"{len(taken.without_row)}."
    )
    for warning in taken.warnings:
        tell(warning)
    _list("No such image", taken.unmatched_rows)
    _list("No row for", taken.without_row)


def _list(title: str, items: Sequence[str]) -> None:
    for item in items[:SHOWN]:
        tell(f"{title}: {item}")
    if len(items) > SHOWN:
        tell(f"{title}: {len(items) - SHOWN} more; --json FILE lists them all.")
