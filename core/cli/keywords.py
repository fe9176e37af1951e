"""``clipkw keywords``: look at the vocabulary, and edit it."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from core.cli.json_output import STANDARD_OUTPUT, JsonFile, json_list
from core.cli.project import ProjectFolder, open_named
from core.cli.terminal import progress, say, stopping_means
from core.errors import KeywordError
from core.types import Keyword, KeywordStatus
from core.workflows import browse
from core.workflows import keywords as workflow
from core.workflows.name_scores import score_names
from core.workflows.near_names import near_names
from core.workflows.project import Project


def keywords(
    project: ProjectFolder,
    rename: Annotated[
        tuple[str, str] | None, typer.Option(metavar="NAME NEW", help="Give another NO name.")
    ] = None,
    english: Annotated[
        tuple[str, str] | None, typer.Option(metavar="NAME EN", help="Give an English name.")
    ] = None,
    synonyms: Annotated[
        tuple[str, str] | None,
        typer.Option(metavar="NAME LIST", help="Other names, with ; between."),
    ] = None,
    merge: Annotated[
        tuple[str, str] | None, typer.Option(metavar="KEPT OTHER", help="Make two keywords one.")
    ] = None,
    retire: Annotated[
        str | None, typer.Option(metavar="NAME", help="Do not suggest it any more.")
    ] = None,
    restore: Annotated[
        str | None, typer.Option(metavar="NAME", help="Take a retired keyword back.")
    ] = None,
    similar: Annotated[
        bool, typer.Option("--similar", help="List pairs that may be one keyword.")
    ] = False,
    scores: Annotated[
        bool, typer.Option("--scores", help="List how well names describe images, worst first.")
    ] = False,
    export: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the vocabulary as CSV.")
    ] = None,
    table: Annotated[
        Path | None, typer.Option("--import", metavar="TABLE", help="Take it from a table.")
    ] = None,
    json_file: JsonFile = None,
) -> None:
    """List keywords, or edit them: rename, merge, retire; each edit can be undone."""
    with open_named(project) as opened:
        edited = False
        if rename is not None:
            workflow.rename(opened, _keyword(opened, rename[0]), rename[1])
            edited = True
        if english is not None:
            workflow.name_in_english(opened, _keyword(opened, english[0]), english[1])
            edited = True
        if synonyms is not None:
            names = [name for name in synonyms[1].split(";") if name.strip()]
            workflow.set_synonyms(opened, _keyword(opened, synonyms[0]), names)
            edited = True
        if merge is not None:
            _merge(opened, *merge)
            edited = True
        for name, status in ((retire, KeywordStatus.RETIRED), (restore, KeywordStatus.CONFIRMED)):
            if name is not None:
                workflow.set_status(opened, [_keyword(opened, name)], status)
                edited = True
        if table is not None:
            found, _ = workflow.import_table(opened, table)
            say(f"{found.edited} edited, {found.added} added, {found.unchanged} unchanged.")
            edited = True
        if export is not None:
            say(f"{workflow.export_table(opened, export)} keywords written to {export}.")
        elif similar:
            _list_similar(opened)
        elif scores:
            _list_scores(opened, json_file)
        elif not edited:
            _list(opened, json_file)


def _keyword(project: Project, name: str) -> Keyword:
    found = browse.find_keyword(project, name)
    if found is None:
        raise KeywordError(f"There is no keyword {name}.", "Write its name, Norwegian or English.")
    return found


def _merge(project: Project, kept: str, merged: str) -> None:
    first, second = _keyword(project, kept), _keyword(project, merged)
    preview = workflow.preview_merge(project, first, [second])
    workflow.merge(project, first, [second])
    say(
        f"{second.no} is {first.no} now: on {preview.gain + preview.contradicted} more images "
        f"({preview.contradicted} where it was rejected or unsure), {preview.have} had it."
    )


def _list(project: Project, json_file: Path | None) -> None:
    rows = workflow.list_keywords(project)
    if json_file is None:
        for row in rows:
            others = f" ({'; '.join(row.synonyms)})" if row.synonyms else ""
            english = row.keyword.en or "-"
            say(f"{row.images:7}  {row.keyword.no}{others}: {english}  [{row.keyword.status}]")
        return
    with json_list(json_file) as items:
        for row in rows:
            items.append(
                {**asdict(row.keyword), "synonyms": list(row.synonyms), "images": row.images}
            )
    if json_file != STANDARD_OUTPUT:
        say(f"{len(rows)} keywords written to {json_file}.")


def _list_similar(project: Project) -> None:
    with stopping_means("Run it again."), progress("Comparing names") as watched:
        found = near_names(project, watched)
    for near in found:
        say(
            f"{near.kept.no} ({near.kept_images}) - {near.merged.no} ({near.merged_images}): "
            f"{near.reason.value}"
        )
    say(f"{len(found)} pairs.")


def _list_scores(project: Project, json_file: Path | None) -> None:
    names = {keyword.id: keyword.no for keyword in browse.all_keywords(project)}
    with stopping_means("Run it again."), progress("Scoring names") as watched:
        found = score_names(project, watched)
    if json_file is None:
        for score in found.worst_first():
            name, model = score.name, score.model
            say(
                f"{score.images:7}  {names[score.keyword]}: name {name.auc:.3f} AUC "
                f"{name.f2:.3f} F2; {found.model} {model.auc:.3f} AUC {model.f2:.3f} F2"
            )
        return
    with json_list(json_file) as items:
        for score in found.worst_first():
            items.append({**asdict(score), "keyword": names[score.keyword]})
