"""How commands name a project and an encoder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from core.encoders import describe_source
from core.workflows.project import Project, open_project

SUFFIX = ".clipkw"

ProjectFolder = Annotated[Path, typer.Argument(metavar="PROJECT", help="Folder NAME.clipkw.")]
EncoderSource = Annotated[
    str | None,
    typer.Option(
        "--encoder",
        metavar="NAME_OR_DIR",
        help="open_clip name, folder or checkpoint.",
    ),
]


def open_named(folder: Path) -> Project:
    """Open a project by its folder, with or without ``.clipkw``."""
    named = folder.with_name(folder.name + SUFFIX) if folder.name else folder
    return open_project(named if named.is_dir() else folder)


def named_source(text: str, *, download: bool = True) -> str:
    """An encoder that is here or may be downloaded; a path holds from any working directory."""
    describe_source(text, allow_download=download)
    return str(Path(text).expanduser().absolute()) if Path(text).expanduser().exists() else text
