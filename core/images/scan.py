"""What has changed in a folder of images since it was last looked at.

An image is a file at a path; when the path is gone, the content hash tells where the file went.
Files whose size and modification time are as remembered are not opened.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Generator, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from core.errors import ImageError
from core.images.examine import examine_files, examine_small_files
from core.images.lookers import Lookers
from core.images.walk import ListedFile, Listing
from core.progress import Progress
from core.types import FileRecord, ImageId, ImageState, KnownFile, Problem

BATCH_SIZE = 1_000
"""Files after which what was found is handed out, so that it can be stored."""
_CHUNK_FILES = 128
_CHUNK_BYTES = 8 << 20
_CHUNKS_AHEAD = 16
"""For each thread: enough work for as long as a batch is being stored."""
_MANY_SMALL = 2_000
"""Files from which on other processes are worth their start."""


@dataclass(slots=True)
class ScanBatch:
    """A part of the differences; each image is in one batch only.

    ``found`` holds every file that is new, moved, changed or back; ``moved`` gives the new paths
    of known images and is to be stored first. The numbers count files: ``unchanged`` ones have
    the content they had, whether or not they had to be read to know it.
    """

    found: list[FileRecord] = field(default_factory=list)
    unreadable: list[Problem] = field(default_factory=list)
    missing: list[ImageId] = field(default_factory=list)
    moved: list[tuple[ImageId, str]] = field(default_factory=list)
    added: int = 0
    changed: int = 0
    unchanged: int = 0

    def __len__(self) -> int:
        return len(self.found) + len(self.unreadable)


def scan(
    root: Path,
    listing: Listing,
    known: Mapping[str, KnownFile],
    max_pixels: int,
    progress: Progress,
) -> Generator[ScanBatch, None, None]:
    """Compare the files of ``listing`` with the ``known`` ones; yields batches to be stored.

    Storing each batch before asking for the next makes an interrupted scan resumable. Two files
    with the same content are two images; a file is a moved one only if the path it had is gone.
    Raises :class:`ImageError` when ``root`` vanishes meanwhile.
    """
    to_read = [file for file in listing.files if not _as_remembered(file, known.get(file.path))]
    lost = _Lost(listing, known)
    batch = ScanBatch(unchanged=len(listing.files) - len(to_read))
    done = batch.unchanged
    for result in _examine_all(root, to_read, max_pixels, progress):
        if isinstance(result, Problem):
            batch.unreadable.append(result)
        else:
            _classify(result, known.get(result.path), lost, batch)
        done += 1
        if len(batch) >= BATCH_SIZE:
            _require_root(root, batch)
            yield batch
            batch = ScanBatch()
        progress.report(done, len(listing.files), result.path)
    _require_root(root, batch)
    batch.missing.extend(lost.present_ids())
    yield batch


def _as_remembered(file: ListedFile, known: KnownFile | None) -> bool:
    return (
        known is not None
        and known.state is ImageState.PRESENT
        and (known.size, known.mtime_ns) == (file.size, file.mtime_ns)
    )


def _classify(record: FileRecord, known: KnownFile | None, lost: _Lost, batch: ScanBatch) -> None:
    batch.found.append(record)
    if known is None:
        moved = lost.take(record)
        if moved is None:
            batch.added += 1
        else:
            batch.moved.append((moved, record.path))
    elif known.content_hash == record.content_hash:
        batch.unchanged += 1
    else:
        batch.changed += 1


class _Lost:
    """Known images whose path is gone, by content: candidates for having been moved."""

    def __init__(self, listing: Listing, known: Mapping[str, KnownFile]) -> None:
        listed = {file.path for file in listing.files}
        closed = tuple(f"{folder}/" for folder in listing.closed_folders)
        self._by_hash: dict[str, dict[str, KnownFile]] = {}
        for path in sorted(known.keys() - listed):
            if not path.startswith(closed):
                self._by_hash.setdefault(known[path].content_hash, {})[path] = known[path]

    def take(self, record: FileRecord) -> ImageId | None:
        """The image that was moved to ``record.path``, if any: best one that kept its name."""
        if not (candidates := self._by_hash.get(record.content_hash)):
            return None
        name = record.path.rpartition("/")[2]
        same_name = (path for path in candidates if path.rpartition("/")[2] == name)
        return candidates.pop(next(same_name, next(iter(candidates)))).id

    def present_ids(self) -> list[ImageId]:
        """Images that have gone missing since the last scan."""
        return sorted(
            file.id
            for candidates in self._by_hash.values()
            for file in candidates.values()
            if file.state is not ImageState.MISSING
        )


def _require_root(root: Path, batch: ScanBatch) -> None:
    """An unplugged disk must not turn thousands of images into unreadable ones."""
    if batch.unreadable and has_vanished(root):
        raise ImageError(
            f"The images folder {root} has vanished while it was read.",
            "Connect the disk or share again and repeat the import; what was read is kept.",
        )


def has_vanished(root: Path) -> bool:
    """Whether nothing is left of a folder of images: what remains of a disk that is unplugged."""
    try:
        with os.scandir(root) as entries:
            return next(entries, None) is None
    except OSError:
        return True


def _examine_all(
    root: Path, files: Sequence[ListedFile], max_pixels: int, progress: Progress
) -> Iterator[FileRecord | Problem]:
    """Read files with a few threads, many small ones in processes of their own.

    Results come in the order of ``files``, few of them in memory.
    """
    if not files:
        return
    workers = min(16, os.cpu_count() or 1)
    small = sum(file.size <= _CHUNK_BYTES // _CHUNK_FILES for file in files)
    waiting: deque[Future[list[FileRecord | Problem]]] = deque()
    with (
        Lookers(workers if small >= _MANY_SMALL else 0) as lookers,
        ThreadPoolExecutor(workers, thread_name_prefix="scan") as pool,
    ):
        try:
            for chunk in _chunks(files):
                progress.checkpoint()
                given = str(root), chunk, max_pixels
                if lookers and len(chunk) == _CHUNK_FILES:
                    waiting.append(pool.submit(examine_small_files, *given, lookers))
                else:
                    waiting.append(pool.submit(examine_files, *given))
                if len(waiting) > _CHUNKS_AHEAD * workers:
                    yield from waiting.popleft().result()
            while waiting:
                progress.checkpoint()
                yield from waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def _chunks(files: Sequence[ListedFile]) -> Iterator[list[ListedFile]]:
    """Small files go together, so that handing them to a thread costs little."""
    chunk: list[ListedFile] = []
    size = 0
    for file in files:
        chunk.append(file)
        size += file.size
        if len(chunk) >= _CHUNK_FILES or size >= _CHUNK_BYTES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk
