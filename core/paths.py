"""Paths that people type and that files hold: asking about one never fails.

``pathlib`` raises for a name that is too long, holds a NUL, or begins with an unknown ``~user``.
"""

from __future__ import annotations

import os
from pathlib import Path


def is_folder(path: Path) -> bool:
    """Whether there is a folder; False for what cannot be a path here."""
    return os.path.isdir(path)  # noqa: PTH112


def is_file(path: Path) -> bool:
    """Whether there is a file; False for what cannot be a path here."""
    return os.path.isfile(path)  # noqa: PTH113


def expanded(path: Path) -> Path:
    """``~`` and ``~user`` replaced; as it is where there is no such user."""
    try:
        return Path(os.path.expanduser(path))  # noqa: PTH111
    except ValueError:  # a NUL in it
        return path


def resolved(path: Path) -> Path | None:
    """The absolute path without links; None for what cannot be a path."""
    try:
        str(path).encode()
        return expanded(path).resolve()
    except (OSError, RuntimeError, ValueError):
        return None
