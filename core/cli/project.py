"""How commands name a project and an encoder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from core.cli.terminal import progress, tell
from core.encoders import describe_source
from core.encoders.bundle import is_bundle
from core.errors import StorageError
from core.paths import expanded, is_file, is_folder
from core.progress import Silent
from core.workflows.backups import back_up_daily
from core.workflows.encoder_bundles import local_source
from core.workflows.project import Project, open_project

SUFFIX = ".clipkw"

ProjectFolder = Annotated[Path, typer.Argument(metavar="PROJECT", help="Folder NAME.clipkw.")]
EncoderSource = Annotated[
    str | None,
    typer.Option(
        "--encoder",
        metavar="NAME_OR_DIR",
        help="open_clip name, folder, checkpoint or bundle.",
    ),
]


def open_named(folder: Path) -> Project:
    """Open a project by its folder, with or without ``.clipkw``; once a day with a backup."""
    opened = open_project(named_folder(folder))
    try:
        back_up_daily(opened, Silent())
    except StorageError as error:
        tell(str(error))  # what was asked for may be just what makes room
    except BaseException:
        opened.close()
        raise
    return opened


def named_folder(folder: Path) -> Path:
    """The folder of a project, with or without ``.clipkw``."""
    named = folder.with_name(folder.name + SUFFIX) if folder.name else folder
    return named if is_folder(named) else folder


def named_source(text: str, *, download: bool = True) -> str:
    """An encoder that is here or may be downloaded; a path holds from any working directory.

    A bundle is imported.
    """
    describe_source(text, allow_download=download)
    if is_bundle(text):
        with progress("Importing") as watched:
            return local_source(text, watched)
    path = expanded(Path(text))
    return str(path.absolute()) if is_file(path) or is_folder(path) else text
