"""``clipkw suggest``: keywords with confidences, and the references behind them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from enum import StrEnum
from itertools import islice
from typing import Annotated

import typer

from core.cli.json_output import STANDARD_OUTPUT, JsonFile, json_list, suggestions_record
from core.cli.project import ProjectFolder, open_named
from core.cli.terminal import progress, say, stopping_means, tell
from core.errors import ProjectError
from core.settings import ProjectSettings
from core.types import ImageId, ImageQuery, ImageSuggestions, QueueName
from core.workflows import browse
from core.workflows.project import Project
from core.workflows.suggest import Suggester

BATCH = 256
"""Images whose suggestions are made, and written, together."""


class Model(StrEnum):
    """A model that suggests."""

    NEIGHBOR_SEARCH = "neighbor-search"
    NEAREST_NEIGHBOR = "1-nn"


def suggest(
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
    without_copies: Annotated[
        bool,
        typer.Option("--without-copies", help="Exact copies of an image do not speak for it."),
    ] = False,
    json_file: JsonFile = None,
) -> None:
    """Suggest keywords, with confidences and the references behind them."""
    with open_named(project) as opened:
        if without_copies:
            opened.settings = _without_copies(opened.settings)
        images = _chosen(opened, paths or [], unlabeled)[:limit]
        with progress("Loading references") as watched:
            suggester = Suggester.load(opened, watched)
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


def _without_copies(settings: ProjectSettings) -> ProjectSettings:
    search = replace(settings.neighbor_search, exclude_exact_duplicates=True)
    return replace(settings, neighbor_search=search)


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
    suggester: Suggester, images: Sequence[ImageId], model: Model | None
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
