"""What a project holds, and whether everything it needs is there."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from core.catalog import images, journal, keywords, overview
from core.encoders import describe_source
from core.errors import ClipkwError, EncoderError, FeatureError, ProjectError, StorageError
from core.progress import Silent
from core.types import ImageState, QueueName
from core.workflows import browse, encode
from core.workflows.integrity import find_vector_damage
from core.workflows.project import Project
from core.workflows.vectors import ImageVectors

OLDEST_PYTHON = (3, 11)
ENOUGH_SPACE = 1 << 30
"""Bytes that should be free where a project lies."""


@dataclass(frozen=True, slots=True)
class ProjectStatus:
    """Counts of one moment; plain values that become JSON as they are.

    ``images`` counts by state ("present", "missing", "unreadable"); ``unlabeled`` to ``unsure``
    count present images only; ``pending`` are those without a vector of the project's encoder.
    """

    folder: str
    archive: str
    images: dict[str, int]
    labeled: int
    unlabeled: int
    reviewed: int
    unsure: int
    encoder: str
    identity: str
    encoded: int
    pending: int
    keywords: int
    problems: int
    undo: str | None
    redo: str | None


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at; when it is not ok, ``detail`` says why, and the remedy."""

    name: str
    ok: bool
    detail: str


def status(project: Project) -> ProjectStatus:
    """Count what a project holds."""
    states = overview.state_counts(project.catalog)
    queues = browse.queue_counts(project)
    present = states[ImageState.PRESENT]
    pending = encode.pending(project)
    return ProjectStatus(
        folder=str(project.folder),
        archive=str(project.images_root),
        images={state.value: count for state, count in states.items()},
        labeled=queues[QueueName.LABELED],
        unlabeled=queues[QueueName.UNLABELED],
        reviewed=queues[QueueName.REVIEWED],
        unsure=queues[QueueName.UNSURE],
        encoder=project.settings.encoder.source,
        identity=project.settings.encoder.identity,
        encoded=present - pending,
        pending=pending,
        keywords=len(keywords.all_keywords(project.catalog)),
        problems=len(images.problems(project.catalog)),
        undo=journal.undo_title(project.catalog),
        redo=journal.redo_title(project.catalog),
    )


def doctor(project: Project | None = None) -> list[Check]:
    """Look at what ClipKW needs on this machine, and at a project if there is one.

    A check that fails stops none of the others. Loads torch; a full check of the catalog reads
    all of it.
    """
    checks: dict[str, Callable[[], str]] = {
        "Python": _python,
        "torch": _torch,
        "open_clip": _open_clip,
    }
    if project is not None:
        checks |= {
            "encoder": partial(_encoder, project),
            "images folder": partial(_images_folder, project),
            "catalog": partial(_catalog, project),
            "vectors": partial(_vectors, project),
            "project folder": partial(_writable, project),
            "disk space": partial(_disk_space, project),
        }
    return [_check(name, look) for name, look in checks.items()]


def _check(name: str, look: Callable[[], str]) -> Check:
    try:
        return Check(name, True, look())
    except ClipkwError as error:
        return Check(name, False, str(error))


def _python() -> str:
    if sys.version_info < OLDEST_PYTHON:
        oldest = ".".join(map(str, OLDEST_PYTHON))
        raise ProjectError(f"Python is {platform.python_version()}.", f"Install {oldest} or newer.")
    return f"{platform.python_version()} on {platform.system()}, {os.cpu_count()} processors"


def _torch() -> str:
    try:
        import torch

        from core.encoders.device import best_device
    except (ImportError, OSError) as error:  # OSError: one of its shared libraries
        raise EncoderError(f"torch cannot be loaded: {error}.", "Install ClipKW again.") from error
    return f"{torch.__version__}, encodes on {best_device()}"


def _open_clip() -> str:
    try:
        import open_clip
    except (
        ImportError,
        OSError,
        RuntimeError,
    ) as error:  # RuntimeError: torchvision of another torch
        raise EncoderError(
            f"open_clip cannot be loaded: {error}.", "Install ClipKW again."
        ) from error
    return str(open_clip.__version__)


def _encoder(project: Project) -> str:
    source = project.settings.encoder.source
    if not source:
        return "none is chosen yet, so nothing is suggested"
    found = describe_source(source)
    return f"{found.name}: {found.architecture}, {found.dimension} dimensions"


def _images_folder(project: Project) -> str:
    if project.warning:
        raise ProjectError(project.warning)
    if not os.access(project.images_root, os.R_OK | os.X_OK):
        raise ProjectError(
            f"{project.images_root} cannot be read.", "Ask for permission to read it."
        )
    return str(project.images_root)


def _catalog(project: Project) -> str:
    found = overview.faults(project.catalog)
    if found:
        raise StorageError(
            f"The catalog is damaged: {found[0]}.",
            f"Use clipkw rebuild {project.folder}: a backup takes its place, with every decision"
            " since.",
        )
    return "sound"


def _vectors(project: Project) -> str:
    vectors = ImageVectors.read(project)
    if vectors is None:
        return "nothing is encoded yet"
    with vectors.open() as file:
        dimension = file.dimension
    damage = find_vector_damage(project, Silent())
    if damage is not None:
        raise FeatureError(
            damage.what,
            f"Use clipkw mend {project.folder}, then clipkw encode: only these are made again.",
        )
    return f"{len(vectors.images)} of {dimension} dimensions"


def _writable(project: Project) -> str:
    for place in (project.folder, project.features_folder):
        if not os.access(place, os.W_OK | os.X_OK):
            raise StorageError(
                f"{place} cannot be written to.", "Ask for permission, or copy the project."
            )
    return f"{project.folder} can be written to"


def _disk_space(project: Project) -> str:
    free = shutil.disk_usage(project.folder).free
    if free < ENOUGH_SPACE:
        raise StorageError(
            f"Only {free / 1e6:.0f} MB are free in {project.folder}.", "Free at least 1 GB."
        )
    return f"{free / 1e9:.0f} GB free"
