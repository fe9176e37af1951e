"""How every command names a project, and opens it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from core.workflows.project import Project, open_project

SUFFIX = ".clipkw"

ProjectFolder = Annotated[Path, typer.Argument(metavar="PROJECT", help="Folder NAME.clipkw.")]


def open_named(folder: Path) -> Project:
    """Open a project by its folder, with or without ``.clipkw``."""
    named = folder.with_name(folder.name + SUFFIX) if folder.name else folder
    return open_project(named if named.is_dir() else folder)
