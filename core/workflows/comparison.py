"""The similarities of all labeled images to each other, computed once and kept on the disk."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, fields
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.catalog import decisions
from core.catalog.images import get_images
from core.errors import ProjectError
from core.progress import Progress
from core.similarity.all_pairs import AllPairs, PartOfPairs, all_pairs
from core.types import ImageIds, Vectors
from core.workflows.array_cache import read_arrays, write_arrays
from core.workflows.project import Project
from core.workflows.vectors import ImageVectors

CACHE_FOLDER = "cache"
FLOOR = 0.9
"""Pairs at or above this cosine are kept; a lower threshold than this needs another pass."""
_FLOOR_STEP = 0.05
"""A lower floor is lower by whole steps: a threshold that moves a little needs no other pass."""
_PART_TYPES = ["i8", "f4", "f8", "i8", "i8", "f4"]
"""Of the arrays of :class:`PartOfPairs`, in order."""
_PATTERNS = ("pairs-*.npz", "begun-*.npz")


@dataclass(frozen=True, eq=False, slots=True)
class Comparison:
    """``images`` (n,): labeled and encoded, ascending; ``pairs`` index into them.

    ``content`` (n,) numbers what the files hold: one number, the same bytes. ``floor`` is the
    lowest similarity of a pair that was kept.
    """

    images: ImageIds
    content: NDArray[np.int64]
    pairs: AllPairs
    encoder: str
    floor: float

    def rows_of(self, images: ImageIds) -> NDArray[np.int64]:
        """Where images (m,) stand in ``images``; -1 for one that is not compared."""
        if not len(self.images):
            return np.full(len(images), -1, dtype=np.int64)
        place = np.minimum(np.searchsorted(self.images, images), len(self.images) - 1)
        return np.where(self.images[place] == images, place, -1)


def compare_images(project: Project, progress: Progress, lower: float = FLOOR) -> Comparison:
    """Compare all labeled images, or read what an earlier comparison of the same ones has kept.

    Kept are all pairs at or above ``lower``, and more. Killed or cancelled, the next call goes on
    with what was compared until a few seconds before. Raises :class:`ProjectError` when no image
    has both a keyword and a vector.
    """
    vectors = ImageVectors.read(project)
    images, rows = comparable_images(project, vectors)
    if vectors is None or not len(images):
        raise ProjectError(
            "No image has both a keyword and a vector.",
            f"Import keywords, and run: clipkw encode {project.folder}",
        )
    floor = _floor_for(lower)
    path = _cache_path(project, vectors.identity, images, rows, floor)
    found = _read(path, len(images))
    if found is None:
        with vectors.open() as file:
            chosen: Vectors = file.vectors()[rows]
        begun = path.with_name(path.name.replace("pairs-", "begun-"))
        resume = _read_part(begun, len(images))
        found = all_pairs(
            chosen, floor, progress, resume=resume, on_part=partial(_write_part, begun)
        )
        _write(path, found)
    progress.report(1, 1)
    return Comparison(images, _content_of(project, images), found, vectors.identity, floor)


def find_comparison(project: Project, lower: float = FLOOR) -> Comparison | None:
    """What an earlier comparison of the images as they are now has kept; None if nothing."""
    vectors = ImageVectors.read(project)
    images, rows = comparable_images(project, vectors)
    if vectors is None or not len(images):
        return None
    floor = _floor_for(lower)
    found = _read(_cache_path(project, vectors.identity, images, rows, floor), len(images))
    if found is None:
        return None
    return Comparison(images, _content_of(project, images), found, vectors.identity, floor)


def count_comparable(project: Project) -> int:
    """How many images have both a keyword and a vector."""
    return len(comparable_images(project, ImageVectors.read(project))[0])


def pair_similarities(project: Project, first: ImageIds, second: ImageIds) -> NDArray[np.float32]:
    """Cosine (p,) of pairs of images; NaN where one of them has no vector."""
    vectors = ImageVectors.read(project)
    similarity = np.full(len(first), np.nan, dtype=np.float32)
    if vectors is None or not len(first):
        return similarity
    one, other = vectors.rows_of(first), vectors.rows_of(second)
    known = (one >= 0) & (other >= 0)
    with vectors.open() as file:
        stored = file.vectors()
        similarity[known] = np.vecdot(stored[one[known]], stored[other[known]])
    return similarity


def _content_of(project: Project, images: ImageIds) -> NDArray[np.int64]:
    known = get_images(project.catalog, images.tolist())
    return np.unique([image.content_hash for image in known], return_inverse=True)[1]


def _floor_for(lower: float) -> float:
    return min(FLOOR, round(math.floor(lower / _FLOOR_STEP) * _FLOOR_STEP, 2))


def comparable_images(
    project: Project, vectors: ImageVectors | None
) -> tuple[ImageIds, NDArray[np.int64]]:
    """The labeled images (n,) that are encoded, ascending, and the row (n,) of their vectors."""
    labeled = np.unique(decisions.positive_labels(project.catalog)[0])
    rows = np.full(len(labeled), -1) if vectors is None else vectors.rows_of(labeled)
    return labeled[rows >= 0], rows[rows >= 0]


def _cache_path(
    project: Project, identity: str, images: ImageIds, rows: NDArray[np.int64], floor: float
) -> Path:
    return project.folder / CACHE_FOLDER / f"pairs-{_key(identity, images, rows, floor)}.npz"


def _key(identity: str, images: ImageIds, rows: NDArray[np.int64], floor: float) -> str:
    digest = hashlib.sha256(f"{identity} {floor!r}".encode())
    for array in (images, rows):
        digest.update(array.tobytes())
    return digest.hexdigest()[:16]


def _read(path: Path, count: int) -> AllPairs | None:
    """What an earlier pass has kept; None if there is nothing or it is damaged."""
    arrays = read_arrays(path, [field.name for field in fields(AllPairs)])
    if arrays is None:
        return None
    found = AllPairs(**arrays)
    whole = (found.best, found.first, found.second)
    real = (found.best_similarity, found.softmax_maximum, found.similarity)
    if {a.dtype.kind for a in whole} != {"i"} or {a.dtype.kind for a in real} != {"f"}:
        return None
    if {a.ndim for a in (*whole, *real)} != {1}:
        return None
    sizes = {len(found.best), len(found.best_similarity), len(found.softmax_maximum)}
    pairs = {len(found.first), len(found.second), len(found.similarity)}
    inside = all(((a >= 0) & (a < count)).all() for a in (found.first, found.second))
    return found if sizes == {count} and len(pairs) == 1 and inside else None


def _read_part(path: Path, count: int) -> PartOfPairs | None:
    """How far a comparison came that did not end; None if there is nothing or it is damaged."""
    arrays = read_arrays(path, [field.name for field in fields(PartOfPairs)])
    if arrays is None:
        return None
    done = arrays.pop("done")
    if [one.dtype for one in arrays.values()] != _PART_TYPES or done.shape != ():
        return None
    found = PartOfPairs(done=int(done), **arrays)
    shapes = {found.best.shape, found.best_similarity.shape, found.total.shape}
    pairs = {found.first.shape, found.second.shape, found.similarity.shape}
    if shapes != {(count,)} or len(pairs) != 1 or found.first.ndim != 1 or done.dtype.kind != "i":
        return None
    inside = all(((one >= 0) & (one < count)).all() for one in (found.first, found.second))
    return found if inside and found.done >= 0 and (found.best < count).all() else None


def _write_part(path: Path, part: PartOfPairs) -> None:
    write_arrays(path, {one.name: np.asarray(getattr(part, one.name)) for one in fields(part)})


def _write(path: Path, found: AllPairs) -> None:
    """Replace what was kept before in one step."""
    write_arrays(path, {field.name: getattr(found, field.name) for field in fields(AllPairs)})
    for pattern in _PATTERNS:
        for older in path.parent.glob(pattern):
            if older != path:
                older.unlink(missing_ok=True)
