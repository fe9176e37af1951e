"""The command line: the jobs of the window, through the same door."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import asdict
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer

from core.cli_json import STANDARD_OUTPUT, json_list, suggestions_record
from core.cli_keywords import keywords as keywords_
from core.cli_models import choose, evaluate, models, tune
from core.cli_prepare import prepare
from core.cli_project import ProjectFolder, open_named
from core.cli_review import review
from core.cli_search import search
from core.cli_terminal import ExitCode, progress, run, say, stopping_means, tell
from core.cli_translate import translate
from core.encoders import describe_source
from core.errors import ProjectError
from core.types import ImageId, ImageQuery, ImageSuggestions, QueueName
from core.workflows import browse, encode, ingest, label, suggest
from core.workflows import status as state
from core.workflows.demo import create_demo, fill_demo
from core.workflows.project import Project, create_project, set_encoder

BATCH = 256
"""Images whose suggestions are made, and written, together."""

app = typer.Typer(
    name="clipkw",
    help="Keywords for a specialised image archive: suggestions with confidence and evidence.",
    add_completion=False,
    pretty_exceptions_enable=False,
)

Table = Annotated[
    Path | None, typer.Option("--keywords", metavar="TABLE", help="CSV, TSV or XLSX of keywords.")
]
Source = Annotated[
    str | None,
    typer.Option(
        "--encoder",
        metavar="NAME_OR_DIR",
        help="open_clip name, folder or checkpoint.",
    ),
]


class Model(StrEnum):
    """A model that suggests."""

    NEIGHBOR_SEARCH = "neighbor-search"
    NEAREST_NEIGHBOR = "1-nn"


@app.command()
def new(
    project: ProjectFolder,
    images: Annotated[Path, typer.Option(metavar="DIR", help="Folder of images; only read.")],
    keywords: Table = None,
    encoder: Source = None,
) -> None:
    """Make a project, find its images and take the keywords of a table."""
    # What cannot be read leaves nothing behind.
    if keywords is not None:
        ingest.preview_table(keywords, images)
    source = _source(encoder) if encoder else ""
    with create_project(project, images, source) as made:
        if made.folder.name != project.name:
            tell(f"The project is {made.folder}.")
        table = "" if keywords is None else f" --keywords {keywords}"
        with stopping_means(f"Go on with: clipkw import {made.folder}{table}"):
            _import(made, keywords)
        step = "" if encoder else " --encoder NAME_OR_DIR"
        say(f"Next: clipkw encode {made.folder}{step}")


@app.command("import")
def import_(project: ProjectFolder, keywords: Table = None) -> None:
    """Find new, moved, changed and vanished images; take the keywords of a table."""
    with open_named(project) as opened:
        if keywords is not None:
            ingest.preview_table(keywords, opened.images_root)  # before anything is written
        _import(opened, keywords)


@app.command("encode")
def encode_(
    project: ProjectFolder,
    encoder: Source = None,
    download: Annotated[
        bool, typer.Option("--download", help="Allow a named encoder to be downloaded.")
    ] = False,
) -> None:
    """Turn images without a vector into vectors; interrupted, it goes on where it was."""
    with open_named(project) as opened:
        if encoder is not None:
            set_encoder(opened, _source(encoder, download=download))
        if download:
            _tell_licence(opened.settings.encoder.source)
        with progress("Encoding") as watched:
            report = encode.encode_images(opened, watched, allow_download=download)
        rate = report.encoded / report.seconds if report.seconds else 0.0
        say(f"{report.encoded} images encoded on {report.device}, {rate:.1f} per second.")
        if report.failed:
            say(f"{len(report.failed)} could not be: clipkw problems {project}")


app.command()(prepare)
app.command()(tune)
app.command()(evaluate)
app.command()(models)
app.command()(choose)


app.command("keywords")(keywords_)


app.command()(translate)


@app.command("suggest")
def suggest_(
    project: ProjectFolder,
    paths: Annotated[
        list[str] | None,
        typer.Argument(metavar="[PATH]...", help="Images, relative to the archive or absolute."),
    ] = None,
    unlabeled: Annotated[bool, typer.Option(help="Only images without a keyword.")] = False,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many images.")] = None,
    model: Annotated[
        Model | None, typer.Option(help="Instead of the chosen model: a model of the start.")
    ] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write JSON; - for the terminal.")
    ] = None,
) -> None:
    """Suggest keywords, with confidences and the references behind them."""
    with open_named(project) as opened:
        images = _chosen(opened, paths or [], unlabeled)[:limit]
        with progress("Loading references") as watched:
            suggester = suggest.Suggester.load(opened, watched)
        if suggester.warning and model is None:
            tell(f"{suggester.warning} Neighbor search suggests instead.")
        if not suggester.references:
            raise ProjectError(
                "Nothing can be suggested: no image has both a keyword and a vector.",
                f"Import keywords, and run: clipkw encode {project}",
            )
        if json_file is None:
            for found in _suggestions(suggester, images, model):
                say(_line(found))
            return
        names = {keyword.id: keyword.no for keyword in browse.all_keywords(opened)}
        with stopping_means("Nothing was written; run it again."), json_list(json_file) as items:
            for found in _suggestions(suggester, images, model):
                items.append(suggestions_record(found, names))
        if json_file != STANDARD_OUTPUT:
            say(f"Suggestions for {len(images)} images written to {json_file}.")


app.command()(review)
app.command()(search)


@app.command()
def status(
    project: ProjectFolder,
    as_json: Annotated[bool, typer.Option("--json", help="As one JSON object.")] = False,
) -> None:
    """Show what a project holds."""
    with open_named(project) as opened:
        found = asdict(state.status(opened))
    if as_json:
        json.dump(found, sys.stdout, ensure_ascii=False, indent=2, default=str)
        say("")
        return
    for name, value in found.items():
        counts = value.items() if isinstance(value, dict) else ()
        shown = ", ".join(f"{count} {kind}" for kind, count in counts) or value
        say(f"{name:<10} {'-' if shown in (None, '') else shown}")


@app.command()
def doctor(project: Annotated[Path | None, typer.Argument(metavar="[PROJECT]")] = None) -> None:
    """Check what ClipKW needs on this machine, and a project."""
    with nullcontext() if project is None else open_named(project) as opened:
        checks = state.doctor(opened)
    for check in checks:
        say(f"{'ok' if check.ok else 'NOT OK'}  {check.name}: {check.detail}")
    if not all(check.ok for check in checks):
        raise typer.Exit(ExitCode.MISTAKE)


@app.command()
def problems(project: ProjectFolder) -> None:
    """List the files that could not be used, and why."""
    with open_named(project) as opened:
        for problem in browse.problems(opened):
            say(f"{problem.path}: {problem.reason}")


@app.command()
def demo(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new folder for it.")],
) -> None:
    """Draw an archive to try things on, with keywords and an encoder made for it."""
    with progress("First images") as watched:
        made = create_demo(folder, watched)
    with made:
        with progress("Demo") as watched:
            fill_demo(made, watched)
        say(f"Next: clipkw-gui {made.folder}")


@app.command()
def undo(project: ProjectFolder) -> None:
    """Take back the last step, of the window's too."""
    with open_named(project) as opened:
        step = label.undo(opened)
    say(f"Undone: {step.title}" if step else "There is nothing to undo.")


@app.command()
def redo(project: ProjectFolder) -> None:
    """Do again what was taken back last."""
    with open_named(project) as opened:
        step = label.redo(opened)
    say(f"Done again: {step.title}" if step else "There is nothing to redo.")


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point of ``clipkw``: run a command, return its exit code."""
    return run(app, (sys.argv[1:] if arguments is None else arguments) or ["--help"])


def _source(text: str, *, download: bool = True) -> str:
    """An encoder that is here or may be downloaded; a path holds from any working directory."""
    describe_source(text, allow_download=download)
    return str(Path(text).expanduser().absolute()) if Path(text).expanduser().exists() else text


def _tell_licence(source: str) -> None:
    found = describe_source(source, allow_download=True)
    if found.weights is None:
        tell(f"Downloading {found.name}. {found.licence}")


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


def _chosen(project: Project, paths: Sequence[str], unlabeled: bool) -> list[ImageId]:
    """The images asked for, in the order of ``paths``; all of them when there are none."""
    queue = QueueName.UNLABELED if unlabeled else QueueName.ALL
    ids = [ImageId(found) for found in browse.image_ids(project, ImageQuery(queue=queue)).tolist()]
    if not paths:
        return ids
    asked = [_find_image(project, path) for path in paths]
    kept = set(ids)
    return [image for image in asked if image in kept]


def _find_image(project: Project, path: str) -> ImageId:
    image = browse.find_image(project, path)
    if image is None:
        raise ProjectError(
            f"{path} is not an image of this project.", "Import it first, or correct the path."
        )
    return image.id


def _suggestions(
    suggester: suggest.Suggester, images: Sequence[ImageId], model: Model | None
) -> Iterator[ImageSuggestions]:
    with progress("Suggesting") as watched:
        remaining = iter(images)
        done = 0
        while batch := list(islice(remaining, BATCH)):
            watched.checkpoint()
            yield from suggester.suggest(batch, model=model.value if model else "")
            done += len(batch)
            watched.report(done, len(images))


def _line(found: ImageSuggestions) -> str:
    sure = [item for item in found.suggestions if item.above_threshold]
    shown = ", ".join(f"{item.keyword.no} {item.confidence:.0%}" for item in sure)
    return f"{found.path}: {shown or 'nothing above the threshold'}"
