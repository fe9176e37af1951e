"""The command line: the jobs of the window, through the same door."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from functools import partial
from importlib import import_module
from importlib.metadata import version
from typing import Annotated

import typer

from core.cli.terminal import run, say

COMMANDS = {
    "new": "ingest:new",
    "import": "ingest:import_",
    "encode": "encode:encode",
    "export-encoder": "bundles:export_encoder",
    "import-encoder": "bundles:import_encoder",
    "prepare": "prepare:prepare",
    "tune": "models:tune",
    "evaluate": "models:evaluate",
    "models": "models:models",
    "choose": "models:choose",
    "keywords": "keywords:keywords",
    "translate": "translate:translate",
    "suggest": "suggest:suggest",
    "review": "review:review",
    "search": "search:search",
    "status": "status:status",
    "doctor": "status:doctor",
    "problems": "status:problems",
    "demo": "demo:demo",
    "backup": "backups:backup",
    "restore": "backups:restore",
    "rebuild": "backups:rebuild",
    "mend": "backups:mend",
    "undo": "history:undo",
    "redo": "history:redo",
}
"""Where each command is; imported when it is asked for, since some need much that others do not."""


def command_line(names: Iterable[str] = COMMANDS) -> typer.Typer:
    """The commands ``names``, with the modules they need and no others."""
    app = typer.Typer(name="clipkw", add_completion=False, pretty_exceptions_enable=False)
    app.callback()(clipkw)
    for name in names:
        module, function = COMMANDS[name].split(":")
        app.command(name)(getattr(import_module(f"{__name__}.{module}"), function))
    return app


def _say_version(asked: bool) -> None:
    if asked:
        say(f"clipkw {version('clipkw')}")
        raise typer.Exit


def clipkw(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_say_version, is_eager=True, help="Show the version and exit."
        ),
    ] = False,
) -> None:
    """Keywords for a specialised image archive: suggestions with confidence and evidence."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point of ``clipkw``: run a command, return its exit code."""
    asked = list(sys.argv[1:] if arguments is None else arguments) or ["--help"]
    names = asked[:1] if asked[0] in COMMANDS else COMMANDS
    return run(partial(command_line, names), asked)
