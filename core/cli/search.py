"""``clipkw search``: images by words or by example."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from core.cli.json_output import STANDARD_OUTPUT, json_list
from core.cli.project import ProjectFolder, open_named
from core.cli.terminal import progress, say, stopping_means, tell
from core.errors import KeywordError, ProjectError
from core.types import (
    ImageId,
    ImageQuery,
    KeywordId,
    QueueName,
    SearchByFile,
    SearchByText,
    SearchResult,
    SearchTarget,
)
from core.workflows import browse
from core.workflows.project import Project
from core.workflows.search import Searcher

SHOWN = 50


def search(
    project: ProjectFolder,
    text: Annotated[
        list[str] | None, typer.Argument(metavar="[TEXT]...", help="What to see, NO or EN.")
    ] = None,
    image: Annotated[
        Path | None, typer.Option("--image", metavar="FILE", help="Images like this one.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many images.")] = SHOWN,
    queue: Annotated[QueueName, typer.Option(help="Only images of this queue.")] = QueueName.ALL,
    folder: Annotated[
        str | None, typer.Option(metavar="FOLDER", help="Only in this folder and below.")
    ] = None,
    keyword: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only with this keyword, NO or EN.")
    ] = None,
    path: Annotated[
        str | None, typer.Option(metavar="PART", help="Only with this in the path.")
    ] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write JSON; - for the terminal.")
    ] = None,
) -> None:
    """Find images by words or by example, the most similar ones first."""
    target = _target(" ".join(text or []), image)
    with open_named(project) as opened:
        query = ImageQuery(queue, folder, _keyword(opened, keyword), path)
        with stopping_means("Run it again."), progress("Searching") as watched:
            found = Searcher(opened).find(target, query, limit, watched)
        if isinstance(target, SearchByText) and found.understood != " ".join(target.text.split()):
            tell(f"Searched for: {found.understood}")
        _write(opened, found, json_file)


def _target(text: str, image: Path | None) -> SearchTarget:
    if bool(text.strip()) == (image is not None):
        raise ProjectError(
            "A search needs either words or an image.",
            "For example: clipkw search PROJECT truck, or clipkw search PROJECT --image FILE",
        )
    return SearchByText(text) if image is None else SearchByFile(str(image.expanduser().absolute()))


def _keyword(project: Project, name: str | None) -> KeywordId | None:
    if name is None:
        return None
    found = browse.find_keyword(project, name)
    if found is None:
        raise KeywordError(f"There is no keyword {name}.", "Write its name, Norwegian or English.")
    return found.id


def _write(project: Project, found: SearchResult, json_file: Path | None) -> None:
    ids = [ImageId(image) for image in found.images.tolist()]
    paths = {image.id: image.path for image in browse.get_images(project, ids)}
    ranked = [
        (paths[image], score)
        for image, score in zip(ids, found.scores.tolist(), strict=True)
        if image in paths
    ]
    if json_file is None:
        for path, score in ranked:
            say(f"{score:6.3f}  {path}")
        return
    with json_list(json_file) as items:
        for path, score in ranked:
            items.append({"path": path, "score": score})
    if json_file != STANDARD_OUTPUT:
        say(f"{len(ranked)} of {found.total} images written to {json_file}.")
