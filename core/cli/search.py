"""``clipkw search``: images by words or by example."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from core.cli.json_output import STANDARD_OUTPUT, JsonFile, json_list
from core.cli.project import ProjectFolder, open_named
from core.cli.terminal import progress, say, stopping_means, tell
from core.errors import KeywordError, ProjectError
from core.types import (
    ConfidenceRange,
    ImageId,
    ImageQuery,
    KeywordId,
    QueueName,
    SearchByFile,
    SearchByText,
    SearchResult,
    SearchTarget,
    Split,
)
from core.workflows import browse
from core.workflows.confident import Confident
from core.workflows.project import Project
from core.workflows.search import Searcher
from core.workflows.suggest import RUNNER_UP, Suggester

SHOWN = 50


class SplitName(StrEnum):
    """The parts of a preparation, as they are written."""

    TRAINING = "training"
    VALIDATION = "validation"
    TEST = "test"
    REMOVED = "removed"


_SPLITS = {
    SplitName.TRAINING: Split.TRAIN,
    SplitName.VALIDATION: Split.VALIDATION,
    SplitName.TEST: Split.TEST,
    SplitName.REMOVED: Split.NONE,
}


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
    split: Annotated[
        SplitName | None, typer.Option(help="Only of this part of the preparation in use.")
    ] = None,
    suggested: Annotated[
        str | None, typer.Option(metavar="NAME", help="The keyword whose confidence counts.")
    ] = None,
    min_confidence: Annotated[
        float | None, typer.Option(min=0, max=1, help="Only where the model is so sure.")
    ] = None,
    max_confidence: Annotated[
        float | None, typer.Option(min=0, max=1, help="Only where it is no surer.")
    ] = None,
    json_file: JsonFile = None,
) -> None:
    """Find images by words or by example, the most similar ones first."""
    target = _target(" ".join(text or []), image)
    with open_named(project) as opened:
        part = None if split is None else _SPLITS[split]
        if part is not None and not browse.split_counts(opened):
            raise ProjectError(
                "Nothing is prepared: no image belongs to a set.", f"Run: clipkw prepare {project}"
            )
        query = ImageQuery(queue, folder, _keyword(opened, keyword), path, part)
        wanted = _confidence(opened, suggested, min_confidence, max_confidence)
        with stopping_means("Run it again."), progress("Searching") as watched:
            confident = None if wanted is None else Confident(Suggester.load(opened), wanted)
            found = Searcher(opened).find(target, query, limit, watched, confident)
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


def _confidence(
    project: Project, suggested: str | None, low: float | None, high: float | None
) -> ConfidenceRange | None:
    if suggested is None and low is None and high is None:
        return None
    keyword = _keyword(project, suggested)
    if low is None:  # a keyword alone asks for where it is suggested at all
        low = 0.0 if keyword is None or high is not None else RUNNER_UP
    wanted = ConfidenceRange(low, 1.0 if high is None else high, keyword)
    if wanted.low > wanted.high:
        raise ProjectError("The lowest confidence must not be above the highest.")
    return wanted


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
