"""What lies in a folder of images, before any file is opened."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from pathlib import Path

from core.errors import ImageError
from core.images.decode import reason_of
from core.progress import Progress
from core.types import Problem

EXTENSIONS = (".jpg", ".jpeg", ".png", ".tif", ".tiff", ".bmp", ".gif", ".webp")
PROJECT_SUFFIX = ".clipkw"
_REPORT_EVERY = 2_000


@dataclass(frozen=True, slots=True)
class ListedFile:
    """A file with an image extension; ``path`` is relative to the root, POSIX style."""

    path: str
    size: int
    mtime_ns: int


@dataclass(slots=True)
class Listing:
    """The files of a folder tree, in path order.

    ``folders`` counts the folders that hold images. ``others`` counts the files without an image
    extension. ``problems`` are files and folders that cannot be used, and ``closed_folders`` the
    folders among them: nothing is known about the files below.
    """

    files: list[ListedFile] = field(default_factory=list)
    folders: int = 0
    others: int = 0
    problems: list[Problem] = field(default_factory=list)
    closed_folders: list[str] = field(default_factory=list)


def walk(root: Path, progress: Progress) -> Listing:
    """List the image files below ``root``, in the same order every time.

    Hidden files and folders and ``.clipkw`` project folders are skipped. Links are not followed:
    one that stays inside leads to a file that is listed anyway, and one that leads out is a
    problem. Raises :class:`ImageError` when ``root`` itself cannot be read.
    """
    listing = Listing()
    inside = root.resolve()
    folders = [""]
    seen = 0
    while folders:
        folder = folders.pop()
        progress.checkpoint()
        try:
            entries = sorted(os.scandir(root / folder), key=_entry_name)
        except OSError as error:
            if not folder:
                raise ImageError(f"The images folder {root} cannot be read.") from error
            listing.problems.append(Problem(_shown(folder), reason_of(error)))
            listing.closed_folders.append(folder)
            continue
        before = len(listing.files)
        below = [_take(entry, folder, inside, listing) for entry in entries]
        folders.extend(path for path in reversed(below) if path)
        listing.folders += len(listing.files) > before
        if len(listing.files) - seen >= _REPORT_EVERY:
            seen = len(listing.files)
            progress.report(seen, 0, "Listing files")
    listing.files.sort(key=_listed_path)
    return listing


def _entry_name(entry: os.DirEntry[str]) -> str:
    return entry.name


def _listed_path(file: ListedFile) -> str:
    return file.path


def _shown(path: str) -> str:
    """A path that can be stored and printed even if its name is not valid UTF-8."""
    return path if path.isascii() else path.encode("utf-8", "backslashreplace").decode("utf-8")


def _take(entry: os.DirEntry[str], folder: str, inside: Path, listing: Listing) -> str:
    """Put one directory entry where it belongs; its path if it is a folder to walk, or ""."""
    name = entry.name
    if name.startswith("."):
        return ""
    path = f"{folder}/{name}" if folder else name
    try:
        if entry.is_symlink():
            if not Path(entry.path).resolve().is_relative_to(inside):
                reason = "This is a link that leads out of the images folder; it is not followed."
                listing.problems.append(Problem(_shown(path), reason))
            return ""
        if entry.is_dir(follow_symlinks=False):
            return "" if name.lower().endswith(PROJECT_SUFFIX) else path
        if not name.lower().endswith(EXTENSIONS):
            listing.others += 1
            return ""
        status = entry.stat(follow_symlinks=False)
    except (OSError, RuntimeError) as error:
        reason = reason_of(error) if isinstance(error, OSError) else "This link leads to itself."
        listing.problems.append(Problem(_shown(path), reason))
        return ""
    if not stat.S_ISREG(status.st_mode):
        listing.problems.append(Problem(_shown(path), "It is a device or a pipe, not a file."))
    elif _shown(path) != path:
        reason = "Its name is not valid UTF-8. Rename the file to import it."
        listing.problems.append(Problem(_shown(path), reason))
    else:
        listing.files.append(ListedFile(path, status.st_size, status.st_mtime_ns))
    return ""
