"""``clipkw translate``: English names for keywords that have none."""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from typing import Annotated

import typer

from core.cli.project import ProjectFolder, open_named
from core.cli.terminal import progress, say, stopping_means, tell
from core.errors import TranslationError
from core.workflows import translate as workflow
from core.workflows.label import person
from core.workflows.project import Project, allow_online_translation
from core.workflows.translate import TranslationReport

SHOWN = 20


class Language(StrEnum):
    """What is translated into."""

    ENGLISH = "en"
    NORWEGIAN = "no"


def translate(
    project: ProjectFolder,
    to: Annotated[
        Language, typer.Option(help="no: Norwegian names for keywords whose name is English.")
    ] = Language.ENGLISH,
    confirm: Annotated[
        bool, typer.Option("--confirm", help="Mark all names that a machine gave as right.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what would be written.")
    ] = False,
    online: Annotated[
        bool, typer.Option("--online", help="Ask a service about words the glossary lacks.")
    ] = False,
    agree: Annotated[
        bool,
        typer.Option(
            "--agree-to-online", help="Agree, for this project, that names are sent to a service."
        ),
    ] = False,
) -> None:
    """Give keywords an English name from the glossary, marked as a machine's until confirmed."""
    with open_named(project) as opened:
        if agree:
            allow_online_translation(opened, person())
            tell(f"Agreed. What is sent is noted in {workflow.log_path(opened)}")
        if confirm:
            confirmed = workflow.confirm_names(opened)
            say(f"{len(confirmed.keywords)} names confirmed.")
            return
        if to is Language.NORWEGIAN:
            _to_norwegian(opened, dry_run=dry_run, online=online)
            return
        if dry_run:
            _preview_english(opened)
        elif online:
            with stopping_means("What was translated is kept."), progress("Asking") as watched:
                report = workflow.fill_names_online(opened, watched)
            _say_named(opened, report)
        else:
            _say_named(opened, workflow.fill_names(opened))


def _preview_english(project: Project) -> None:
    proposed, unknown = workflow.propose_names(project)
    for one in proposed:
        how = one.explanation or one.way.value
        say(f"{one.keyword.no}: {one.english}  ({how})")
    say(f"{len(proposed)} names would be written; {len(unknown)} are unknown.")


def _say_named(project: Project, report: TranslationReport) -> None:
    ways = Counter(one.way.value for one in report.named)
    detail = ", ".join(f"{count} by {way}" for way, count in ways.most_common())
    say(f"{len(report.named)} keywords named in English{f': {detail}' if detail else ''}.")
    if report.unknown:
        names = ", ".join(keyword.no for keyword in report.unknown[:SHOWN])
        more = " …" if len(report.unknown) > SHOWN else ""
        say(f"{len(report.unknown)} are unknown: {names}{more}")
        tell(f"Add words to {workflow.glossary_path(project)}: Norwegian, tab, English.")


def _to_norwegian(project: Project, *, dry_run: bool, online: bool) -> None:
    if online:
        raise TranslationError(
            "Norwegian names come from the glossary only.", "Leave out --online."
        )
    proposed, double = workflow.propose_norwegian(project)
    for one in proposed:
        say(f"{one.keyword.no}: {one.norwegian}")
    if not dry_run:
        workflow.fill_norwegian(project)
    verb = "would be written" if dry_run else "written"
    say(f"{len(proposed)} Norwegian names {verb}.")
    for keyword in double:
        tell(f"{keyword.no} may be merged: another keyword has its Norwegian name.")
