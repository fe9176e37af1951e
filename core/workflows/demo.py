"""The demo: a drawn archive that fills up while it is looked at, with the encoder made for it.

The demo encoder knows drawn vehicles and nothing else. Only :func:`create_demo` chooses it; it is
in no list of encoders, and :func:`demo_encoder_warning` tells if somebody put it into a project of
photographs by hand.
"""

from __future__ import annotations

import json
import multiprocessing
import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

from core.demo.archive import (
    COUNT,
    KEYWORDS_FILE,
    SEED,
    damaged_count,
    entry,
    write_images,
    write_tables,
)
from core.encoders.selftest import GOLDEN_FILE
from core.errors import ProjectError, StorageError
from core.progress import Progress, Silent
from core.types import Changes, ImageQuery
from core.workflows.browse import image_ids
from core.workflows.encode import encode_images, pending
from core.workflows.ingest import import_images, import_keywords
from core.workflows.project import (
    Project,
    create_project,
    open_project,
    set_encoder,
    set_images_root,
)

PROJECT_NAME = "demo.clipkw"
IMAGES_FOLDER = "images"
MARKER_FILE = "demo.json"
PROCESSES = 2
_FIRST = 96
_SLICE = 16
_NICENESS = 10

Announce = Callable[[Changes], None]


def demo_encoder() -> Path:
    """Folder of the encoder that ships with the program."""
    return Path(str(files("resources") / "demo_encoder"))


def is_demo(project: Project) -> bool:
    """Whether the project's archive was drawn by :func:`create_demo`."""
    folder = project.folder.parent
    return (folder / MARKER_FILE).is_file() and project.images_root == (
        folder / IMAGES_FOLDER
    ).resolve()


def demo_remainder(project: Project) -> int:
    """How many images of a demo are still to be drawn or encoded; 0 for any other project."""
    if not is_demo(project):
        return 0
    count = _read_marker(project.folder.parent)["count"]
    there = len(image_ids(project, ImageQuery()))
    return max(count - damaged_count(count) - there, 0) + pending(project)


def demo_encoder_warning(project: Project) -> str:
    """One sentence if the demo encoder is used on anything but a drawn archive; usually empty."""
    source = project.settings.encoder.source
    if not source or is_demo(project):
        return ""
    chosen = Path(source.removeprefix("local-dir:")).expanduser()
    folder = chosen.parent if chosen.is_file() else chosen
    if not (folder / GOLDEN_FILE).is_file() or folder.resolve() != demo_encoder().resolve():
        return ""
    return (
        "The demo encoder knows drawn vehicles only: its suggestions for photographs mean nothing. "
        "Choose another encoder."
    )


def create_demo(folder: Path, progress: Progress, seed: int = SEED, count: int = COUNT) -> Project:
    """Make (or go on with) a demo in ``folder``: its first images and their keywords are there.

    The folder then holds ``images/``, ``keywords.csv``, ``truth.csv`` and ``demo.clipkw``; call
    :func:`fill_demo` for the rest. Seeds lie in [0, 2 ** 32). Raises :class:`ProjectError` when
    the folder holds something else or another demo, :class:`StorageError` when it cannot be
    written.
    """
    if not 0 <= seed < 2**32:
        raise ProjectError("The seed of a demo must lie between 0 and 4294967295.")
    folder = folder.expanduser().absolute()
    wanted = {"seed": seed, "count": count}
    marker = folder / MARKER_FILE
    with _storage_errors(folder):
        if not marker.exists():
            if folder.exists() and any(folder.iterdir()):
                raise ProjectError(f"{folder} is not empty.", "Choose a new folder for the demo.")
            (folder / IMAGES_FOLDER).mkdir(parents=True)
            marker.write_text(json.dumps(wanted), encoding="utf-8")
        if _read_marker(folder) != wanted:
            raise ProjectError(f"{folder} holds another demo.", "Choose a new folder.")
        if not (folder / KEYWORDS_FILE).exists():
            write_tables(folder, seed, count)
        first = min(_FIRST, count)
        if not all((folder / IMAGES_FOLDER / entry(seed, n).path).exists() for n in range(first)):
            with _drawing(folder, [first]) as batches:
                _follow(batches[0], progress, 0, first)
    project = _open_or_create(folder)
    try:
        with _storage_errors(folder):
            _use_demo_encoder(project)
        _bring_in(project)
    except BaseException:
        project.close()
        raise
    return project


def _open_or_create(folder: Path) -> Project:
    project_folder = folder / PROJECT_NAME
    if not project_folder.exists():
        return create_project(project_folder, folder / IMAGES_FOLDER)
    project = open_project(project_folder)
    if not is_demo(project):
        # The whole demo was moved to another place.
        set_images_root(project, folder / IMAGES_FOLDER)
    return project


def fill_demo(project: Project, progress: Progress, announce: Announce | None = None) -> None:
    """Draw, import and encode what is missing, batch by batch, each twice as large as before.

    ``announce`` is called in this thread after each batch, when its images, keywords and vectors
    are in the project. Killed or cancelled anywhere, it goes on there the next time. Raises
    :class:`ProjectError` for a project that is no demo, and what import and encoding raise.
    """
    if not is_demo(project):
        raise ProjectError(f"{project.folder} is not a demo.")
    folder = project.folder.parent
    count = _read_marker(folder)["count"]
    ends = _batch_ends(count)
    with _storage_errors(folder), _drawing(folder, ends) as batches:
        for (start, end), futures in zip(pairwise([0, *ends]), batches, strict=True):
            _follow(futures, progress, start, count)
            _bring_in(project)
            progress.report(end, count, "Encoding")
            encode_images(project, _Checkpoints(progress))
            if announce is not None:
                announce(Changes(images_changed=True, vectors_changed=True))
    progress.report(count, count)


def _use_demo_encoder(project: Project) -> None:
    """Choose the encoder of this installation, unless a person has chosen one of their own."""
    source, marker = project.settings.encoder.source, project.folder.parent / MARKER_FILE
    if source and Path(source).name != demo_encoder().name:
        return
    golden = json.loads((demo_encoder() / GOLDEN_FILE).read_text(encoding="utf-8"))
    noted = json.loads(marker.read_text(encoding="utf-8"))
    if source != str(demo_encoder()) or noted.get("encoder") != golden["sha256"]:
        set_encoder(project, str(demo_encoder()))
        marker.write_text(json.dumps(noted | {"encoder": golden["sha256"]}), encoding="utf-8")


def _batch_ends(count: int) -> list[int]:
    ends: list[int] = []
    size = _FIRST
    while (end := sum(ends[-1:]) + size) < count:
        ends.append(end)
        size *= 2
    return [*ends, count]


class _Checkpoints(Silent):
    """Lets an inner job be stopped without moving the outer one's progress."""

    def __init__(self, outer: Progress) -> None:
        self._outer = outer

    def checkpoint(self) -> None:
        self._outer.checkpoint()


@contextmanager
def _drawing(folder: Path, ends: list[int]) -> Iterator[list[list[Future[int]]]]:
    """All the drawing up to the last end under way in other processes, by batch, in order."""
    images, seed = folder / IMAGES_FOLDER, _read_marker(folder)["seed"]
    # A fresh interpreter each: a fork of a process with windows and threads is not safe.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(PROCESSES, context, initializer=_give_way)
    try:
        yield [
            [
                pool.submit(write_images, images, seed, range(low, min(low + _SLICE, end)))
                for low in range(start, end, _SLICE)
            ]
            for start, end in pairwise([0, *ends])
        ]
    finally:
        pool.shutdown(cancel_futures=True)


def _give_way() -> None:
    """In a drawing process: whoever looks at the images, and the encoder, come first."""
    if hasattr(os, "nice"):
        os.nice(_NICENESS)


def _follow(futures: list[Future[int]], progress: Progress, start: int, total: int) -> None:
    for number, future in enumerate(futures):
        progress.checkpoint()
        future.result()
        progress.report(min(start + (number + 1) * _SLICE, total), total, "Drawing images")


def _bring_in(project: Project) -> None:
    import_images(project, Silent())
    import_keywords(project, project.folder.parent / KEYWORDS_FILE, None, Silent())


def _read_marker(folder: Path) -> dict[str, int]:
    try:
        marker = json.loads((folder / MARKER_FILE).read_text(encoding="utf-8"))
        return {"seed": int(marker["seed"]), "count": int(marker["count"])}
    except (ValueError, KeyError, TypeError) as error:
        raise ProjectError(
            f"{folder / MARKER_FILE} is damaged.", "Make the demo anew in another folder."
        ) from error


@contextmanager
def _storage_errors(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = error.strerror or error
        raise StorageError(
            f"The demo in {folder} cannot be written: {reason}.", "Choose another folder."
        ) from error
