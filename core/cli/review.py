"""``clipkw review``: labels that are probably wrong or missing."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from core.cli.json_output import STANDARD_OUTPUT, JsonFile, json_list
from core.cli.project import ProjectFolder, open_named
from core.cli.terminal import progress, say, stopping_means
from core.errors import KeywordError
from core.types import KeywordId, ReviewKind
from core.workflows import browse
from core.workflows.project import Project
from core.workflows.review import Ranking, rank_labels

SHOWN = 50
"""Lines on a terminal, unless more are asked for; a file gets all."""


def review(
    project: ProjectFolder,
    kind: Annotated[ReviewKind | None, typer.Option(help="Only this kind of error.")] = None,
    keyword: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only this keyword, NO or EN.")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many labels.")] = None,
    json_file: JsonFile = None,
) -> None:
    """List keywords that are probably wrong or missing, the most probable error first."""
    with open_named(project) as opened:
        wanted = None if keyword is None else _keyword(opened, keyword)
        with stopping_means("Nothing was written; run it again."):
            with progress("Judging labels") as watched:
                ranking = rank_labels(opened, watched)
            doubts = _Doubts(opened, ranking, kind, wanted, limit)
            if json_file is None:
                doubts.say(limit or SHOWN)
            else:
                doubts.write(json_file)


class _Doubts:
    """The doubts that were asked for, with the names of what they are about."""

    def __init__(
        self,
        project: Project,
        ranking: Ranking,
        kind: ReviewKind | None,
        keyword: KeywordId | None,
        limit: int | None,
    ) -> None:
        self._ranking = ranking
        self._places = ranking.places(kind, keyword)[:limit].tolist()
        ids = [ranking.doubt(place).image for place in self._places]
        images = browse.get_images(project, list(dict.fromkeys(ids)))
        self._paths = {image.id: image.path for image in images}
        self._names = {one.id: one.no for one in browse.all_keywords(project)}

    def say(self, limit: int) -> None:
        """One line for each of the first."""
        for place in self._places[:limit]:
            doubt = self._ranking.doubt(place)
            name, path = self._names[doubt.keyword], self._paths[doubt.image]
            say(f"{doubt.score:6.1%}  {doubt.kind:<7}  {name}  {path}")

    def write(self, json_file: Path) -> None:
        """One object for each."""
        with json_list(json_file) as items:
            for place in self._places:
                doubt = self._ranking.doubt(place)
                items.append(
                    {
                        "path": self._paths[doubt.image],
                        "keyword": self._names[doubt.keyword],
                        "kind": doubt.kind.value,
                        "score": doubt.score,
                    }
                )
        if json_file != STANDARD_OUTPUT:
            say(f"{len(self._places)} doubted labels written to {json_file}.")


def _keyword(project: Project, name: str) -> KeywordId:
    found = browse.find_keyword(project, name)
    if found is None:
        raise KeywordError(f"There is no keyword {name}.", "Write its name, Norwegian or English.")
    return found.id
