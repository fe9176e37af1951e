"""Long work that was begun and has not ended: a note in the project that outlives the program."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from enum import StrEnum
from pathlib import Path
from typing import Any

from core.errors import Cancelled
from core.files import replacing, storage_errors
from core.workflows.comparison import CACHE_FOLDER
from core.workflows.project import Project


class Work(StrEnum):
    """What is noted."""

    PREPARATION = "preparation"
    TUNING_ALL = "tuning-all"
    EVALUATION = "evaluation"


@contextmanager
def noted(project: Project, work: Work, request: Mapping[str, Any]) -> Iterator[None]:
    """Note ``work`` and what was asked for, as JSON values, until it ends.

    The note stays if the program is killed or the work cancelled: it can go on. Work that has
    failed would fail again, and is forgotten. Raises :class:`StorageError`.
    """
    path = _path(project, work)
    with storage_errors(path, "Free some space, and try again."):
        path.parent.mkdir(exist_ok=True)
        with replacing(path) as part:
            part.write_text(json.dumps(request), encoding="utf-8")
    try:
        yield
    except Cancelled:
        raise
    except Exception:
        forget(project, work)
        raise
    forget(project, work)


def unfinished_work(project: Project) -> dict[Work, dict[str, Any]]:
    """What was begun and has not ended, and what was asked for; damaged notes are passed over."""
    found: dict[Work, dict[str, Any]] = {}
    for work in Work:
        with suppress(OSError, ValueError, RecursionError):
            request = json.loads(_path(project, work).read_text(encoding="utf-8"))
            if isinstance(request, dict):
                found[work] = request
    return found


def forget(project: Project, work: Work) -> None:
    """Nobody wants to go on with it."""
    with suppress(OSError):
        _path(project, work).unlink(missing_ok=True)


def _path(project: Project, work: Work) -> Path:
    return project.folder / CACHE_FOLDER / f"unfinished-{work}.json"
