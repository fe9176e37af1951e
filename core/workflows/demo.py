"""The demo: a drawn archive that fills up while it is looked at, with the encoder made for it.

The demo encoder knows drawn vehicles and nothing else. Only :func:`create_demo` chooses it; it is
in no list of encoders, and :func:`demo_encoder_warning` tells if somebody put it into a project of
photographs by hand.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, replace
from importlib.resources import files
from pathlib import Path

from core.catalog.decisions import import_more_labels
from core.catalog.images import known_files
from core.demo.archive import (
    COUNT,
    KEYWORDS_FILE,
    SEED,
    damaged_count,
    english_names,
    entry,
    write_file,
    write_tables,
)
from core.demo.drawers import draw_archive
from core.encoders.selftest import GOLDEN_FILE
from core.errors import ProjectError, StorageError
from core.paths import expanded, is_file
from core.progress import Progress, Silent
from core.types import Changes, ImageQuery
from core.workflows.browse import image_ids
from core.workflows.encode import encode_images, pending
from core.workflows.ingest import import_images
from core.workflows.label import person
from core.workflows.project import (
    Project,
    create_project,
    open_project,
    set_encoder,
    set_images_root,
)
from core.workflows.records import UNREADABLE

PROJECT_NAME = "demo.clipkw"
IMAGES_FOLDER = "images"
MARKER_FILE = "demo.json"
FIRST = 32
"""So many images are there when the demo is opened."""
_LARGEST_BATCH = 256
DRAWN_ONLY = (
    "The demo encoder knows drawn vehicles only: its suggestions for photographs mean nothing. "
    "Choose another encoder."
)

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
    count = _read_marker(project.folder.parent).count
    there = len(image_ids(project, ImageQuery()))
    return max(count - damaged_count(count) - there, 0) + pending(project)


def is_demo_encoder(source: str) -> bool:
    """Whether a source, however it is written, is the encoder that ships with the program.

    A copy of it elsewhere is recognised by its self-test.
    """
    if not source:
        return False
    chosen = expanded(Path(source.removeprefix("local-dir:")))
    golden = (chosen.parent if is_file(chosen) else chosen) / GOLDEN_FILE
    own = demo_encoder() / GOLDEN_FILE
    is_as_long = is_file(golden) and golden.stat().st_size == own.stat().st_size
    return is_as_long and golden.read_bytes() == own.read_bytes()


def demo_encoder_warning(project: Project) -> str:
    """One sentence if the demo encoder is used on anything but a drawn archive; usually empty."""
    is_suitable = is_demo(project) or not is_demo_encoder(project.settings.encoder.source)
    return "" if is_suitable else DRAWN_ONLY


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
    with _storage_errors(folder):
        _begin(folder, _Marker(seed, count))
        first = min(FIRST, count)
        if not all((folder / IMAGES_FOLDER / entry(seed, n).path).exists() for n in range(first)):
            with closing(draw_archive(folder / IMAGES_FOLDER, seed, first)) as drawn:
                _follow(drawn, first, progress, first)
    project = _open_or_create(folder)
    try:
        with _storage_errors(folder):
            _use_demo_encoder(project)
            if _read_marker(folder).keyworded < first:
                _bring_in(project, first)
    except BaseException:
        project.close()
        raise
    return project


def _begin(folder: Path, wanted: _Marker) -> None:
    """Make the folder, or see that it holds the demo that is wanted, with its tables."""
    if not (folder / MARKER_FILE).exists():
        if folder.exists() and any(folder.iterdir()):
            raise ProjectError(f"{folder} is not empty.", "Choose a new folder for the demo.")
        (folder / IMAGES_FOLDER).mkdir(parents=True)
        _write_marker(folder, wanted)
    found = _read_marker(folder)
    if (found.seed, found.count) != (wanted.seed, wanted.count):
        raise ProjectError(f"{folder} holds another demo.", "Choose a new folder.")
    if not (folder / KEYWORDS_FILE).exists():
        write_tables(folder, wanted.seed, wanted.count)


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
    """Draw, import and encode what is missing, in batches that grow.

    ``announce`` is called in this thread when a batch of images has its keywords, and again when
    it has its vectors. Killed or cancelled anywhere, it goes on there the next time. Raises
    :class:`ProjectError` for a project that is no demo, and what import and encoding raise.
    """
    if not is_demo(project):
        raise ProjectError(f"{project.folder} is not a demo.")
    folder = project.folder.parent
    marker = _read_marker(folder)
    is_incomplete = demo_remainder(project) > pending(project)
    drawn = draw_archive(folder / IMAGES_FOLDER, marker.seed, marker.count)
    with _storage_errors(folder), closing(drawn):
        for end in _batch_ends(marker.count):
            _follow(drawn, end, progress, marker.count)
            if is_incomplete:
                _bring_in(project, end)
                _tell(announce, Changes(images_changed=True))
            if pending(project):
                progress.report(end, marker.count, "Encoding")
                encode_images(project, _Checkpoints(progress))
                _tell(announce, Changes(vectors_changed=True))
    progress.report(marker.count, marker.count)


def _tell(announce: Announce | None, changes: Changes) -> None:
    if announce is not None:
        announce(changes)


def _use_demo_encoder(project: Project) -> None:
    """Choose the encoder of this installation, unless a person has chosen one of their own."""
    source, folder = project.settings.encoder.source, project.folder.parent
    if source and Path(source).name != demo_encoder().name:
        return
    golden = json.loads((demo_encoder() / GOLDEN_FILE).read_text(encoding="utf-8"))
    marker = _read_marker(folder)
    if source != str(demo_encoder()) or marker.encoder != golden["sha256"]:
        set_encoder(project, str(demo_encoder()))
        _write_marker(folder, replace(marker, encoder=golden["sha256"]))


def _batch_ends(count: int) -> list[int]:
    ends: list[int] = []
    size = FIRST
    while (end := sum(ends[-1:]) + size) < count:
        ends.append(end)
        size = min(2 * size, _LARGEST_BATCH)
    return [*ends, count]


class _Checkpoints(Silent):
    """Lets an inner job be stopped without moving the outer one's progress."""

    def __init__(self, outer: Progress) -> None:
        self._outer = outer

    def checkpoint(self) -> None:
        self._outer.checkpoint()


def _follow(drawn: Iterator[int], end: int, progress: Progress, total: int) -> None:
    """Wait until the first ``end`` images are drawn."""
    progress.checkpoint()
    for done in drawn:
        progress.report(done, total, "Drawing images")
        progress.checkpoint()
        if done >= end:
            return


def _bring_in(project: Project, end: int) -> None:
    """Import the images that are there, and the keywords of those that came since the last time.

    Those before have theirs: what a person took off an image since then stays off.
    """
    folder = project.folder.parent
    marker = _read_marker(folder)
    import_images(project, Silent())
    known = known_files(project.catalog)
    entries = (entry(marker.seed, index) for index in range(marker.keyworded, marker.count))
    rows = (
        (known[item.path].id, item.keywords)
        for item in entries
        if item.path in known and item.keywords
    )
    import_more_labels(project.catalog, rows, person(), english_names(marker.seed))
    _write_marker(folder, replace(marker, keyworded=max(end, marker.keyworded)))


@dataclass(frozen=True, slots=True)
class _Marker:
    """What a demo is, and how far it has come.

    ``encoder`` is the hash of the weights it was given, ``keyworded`` how many images have got
    their keywords.
    """

    seed: int
    count: int
    encoder: str = ""
    keyworded: int = 0


def _read_marker(folder: Path) -> _Marker:
    try:
        found = json.loads((folder / MARKER_FILE).read_text(encoding="utf-8"))
        return _Marker(
            int(found["seed"]),
            int(found["count"]),
            str(found.get("encoder", "")),
            int(found.get("keyworded", 0)),
        )
    except UNREADABLE as error:
        raise ProjectError(
            f"{folder / MARKER_FILE} is damaged.", "Make the demo anew in another folder."
        ) from error


def _write_marker(folder: Path, marker: _Marker) -> None:
    write_file(folder / MARKER_FILE, json.dumps(asdict(marker)).encode())


@contextmanager
def _storage_errors(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = error.strerror or error
        raise StorageError(
            f"The demo in {folder} cannot be written: {reason}.", "Choose another folder."
        ) from error
