"""``clipkw status``, ``doctor`` and ``problems``: how a project and a machine are."""

from __future__ import annotations

import json
import sys
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from core.cli.project import ProjectFolder, open_named
from core.cli.terminal import ExitCode, say
from core.workflows import browse
from core.workflows import status as workflow


def status(
    project: ProjectFolder,
    as_json: Annotated[bool, typer.Option("--json", help="As one JSON object.")] = False,
) -> None:
    """Show what a project holds."""
    with open_named(project) as opened:
        found = asdict(workflow.status(opened))
    if as_json:
        json.dump(found, sys.stdout, ensure_ascii=False, indent=2, default=str)
        say("")
        return
    for name, value in found.items():
        counts = value.items() if isinstance(value, dict) else ()
        shown = ", ".join(f"{count} {kind}" for kind, count in counts) or value
        say(f"{name:<10} {'-' if shown in (None, '') else shown}")


def doctor(project: Annotated[Path | None, typer.Argument(metavar="[PROJECT]")] = None) -> None:
    """Check what ClipKW needs on this machine, and a project."""
    with nullcontext() if project is None else open_named(project) as opened:
        checks = workflow.doctor(opened)
    for check in checks:
        say(f"{'ok' if check.ok else 'NOT OK'}  {check.name}: {check.detail}")
    if not all(check.ok for check in checks):
        raise typer.Exit(ExitCode.MISTAKE)


def problems(project: ProjectFolder) -> None:
    """List the files that could not be used, and why."""
    with open_named(project) as opened:
        for problem in browse.problems(opened):
            say(f"{problem.path}: {problem.reason}")
