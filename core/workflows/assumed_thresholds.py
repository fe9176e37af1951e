"""Which duplicate thresholds are assumed for an archive and its encoder, until pairs are answered.

Slightly altered copies of a sample of the archive's own images are encoded once for an encoder, and
compared with the vectors of their originals; the originals are only read. Both measurements are
kept in the project's cache.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.catalog import images
from core.encoders import Encoder, load_encoder
from core.errors import EncoderError, ImageError, ProjectError, StorageError
from core.images.alterations import ALTERATIONS, altered
from core.images.decode import decode
from core.prepare.assumption import (
    NEIGHBORS,
    STANDARD,
    Assumption,
    assume_thresholds,
)
from core.progress import Progress
from core.reporting.files import writing
from core.similarity.top_k import top_k
from core.types import Image, ImageIds, Vectors
from core.workflows.comparison import CACHE_FOLDER, comparable_images
from core.workflows.decoding import DECODE_MARGIN
from core.workflows.encode import default_batch_size
from core.workflows.project import Project
from core.workflows.records import UNREADABLE
from core.workflows.vectors import ImageVectors

ALTERED_IMAGES = 128
NEIGHBOR_IMAGES = 2_048
ASSUMPTION_FILE, ALTERED_FILE = "assumption.json", "altered.json"
_KINDS = {field.name: type(getattr(STANDARD, field.name)) for field in fields(Assumption)}
_SEED = 0
_BLOCK = 256
_SPARE = 8
"""So many files of the same content as an image can be passed over among its neighbors."""


def assumed_thresholds(project: Project) -> Assumption:
    """What was assumed when the images were last compared with the encoder of now."""
    stored = _read(project.folder / CACHE_FOLDER / ASSUMPTION_FILE)
    if stored.pop("encoder", None) != project.settings.encoder.identity:
        return STANDARD
    try:
        assumption = read_assumption(stored)
    except UNREADABLE:
        return STANDARD
    return assumption if -1 <= assumption.lower < assumption.upper <= 1 else STANDARD


def read_assumption(stored: Mapping[str, Any]) -> Assumption:
    """One that was kept as JSON. Raises KeyError, OverflowError, TypeError or ValueError."""
    return Assumption(**{name: _KINDS[name](value) for name, value in stored.items()})


def assume(project: Project, progress: Progress) -> Assumption:
    """Measure the archive and its encoder, and keep what follows; it takes up to a minute.

    Without images to measure, or without the encoder, the standard thresholds are assumed. Killed
    or cancelled, what was encoded for it is encoded again.
    """
    vectors = ImageVectors.read(project)
    ids, rows = comparable_images(project, vectors)
    if vectors is None or not len(ids):
        return STANDARD
    with vectors.open() as file:
        references: Vectors = file.vectors()[rows]
    similarities = _altered_similarities(project, ids, references, progress)
    neighbors = _neighbors(project, ids, references, progress)
    assumption = assume_thresholds(similarities, neighbors)
    content = {"encoder": project.settings.encoder.identity, **asdict(assumption)}
    _write(project.folder / CACHE_FOLDER / ASSUMPTION_FILE, content)
    return assumption


def _altered_similarities(
    project: Project, ids: ImageIds, references: Vectors, progress: Progress
) -> NDArray[np.float32]:
    """Cosines (c,) of altered copies to their originals; none if the encoder is not at hand."""
    path = project.folder / CACHE_FOLDER / ALTERED_FILE
    identity = project.settings.encoder.identity
    stored = _read(path)
    if stored.get("encoder") == identity:
        with suppress(KeyError, TypeError, ValueError):
            return np.array(stored["similarities"], dtype=np.float32).reshape(-1)
    progress.report(0, 0, "Loading the encoder")
    try:
        encoder = load_encoder(project.settings.encoder.source)
    except EncoderError:
        return np.empty(0, dtype=np.float32)
    if encoder.identity != identity:
        return np.empty(0, dtype=np.float32)
    count = min(ALTERED_IMAGES, len(ids))
    sample = np.sort(np.random.default_rng(_SEED).choice(len(ids), count, replace=False))
    found = list(_measure(project, encoder, ids[sample], references[sample], progress))
    if found:
        _write(path, {"encoder": identity, "similarities": found})
    return np.array(found, dtype=np.float32)


def _measure(
    project: Project, encoder: Encoder, ids: ImageIds, originals: Vectors, progress: Progress
) -> Iterator[float]:
    """Cosine of every altered copy of images (n,) to its original (n, d)."""
    random = np.random.default_rng(_SEED)
    known = {image.id: image for image in images.get_images(project.catalog, ids.tolist())}
    note = "Encoding altered copies of some images"
    step = max(1, default_batch_size(encoder) // ALTERATIONS)
    for start in range(0, len(ids), step):
        progress.checkpoint()
        progress.report(start, len(ids), note)
        pixels: list[NDArray[np.float32]] = []
        owners: list[int] = []
        for place in range(start, min(start + step, len(ids))):
            copies = _copies(project, known[ids[place]], encoder, random)
            pixels += copies
            owners += [place] * len(copies)
        if pixels:
            yield from np.vecdot(
                encoder.encode_images(np.stack(pixels)), originals[owners]
            ).tolist()


def _copies(
    project: Project, image: Image, encoder: Encoder, random: np.random.Generator
) -> list[NDArray[np.float32]]:
    """Altered copies of an image as the encoder sees them; none of one that cannot be read."""
    target = DECODE_MARGIN * encoder.image_size
    try:
        picture = decode(project.image_path(image), project.max_pixels, target)
    except (ImageError, ProjectError):
        return []
    return [encoder.preprocess(copy) for copy in altered(picture, random)]


def _neighbors(
    project: Project, ids: ImageIds, references: Vectors, progress: Progress
) -> NDArray[np.float32]:
    """Cosines (m, NEIGHBORS) of a sample of images to the nearest others of other content."""
    if len(ids) <= NEIGHBORS:
        return np.empty((0, NEIGHBORS), dtype=np.float32)
    count = min(NEIGHBOR_IMAGES, len(ids))
    sample = np.sort(np.random.default_rng(_SEED).choice(len(ids), count, replace=False))
    known = images.get_images(project.catalog, ids.tolist())
    content = np.array([image.content_hash for image in known])
    parts = [np.empty((0, NEIGHBORS), dtype=np.float32)]
    for start in range(0, count, _BLOCK):
        progress.checkpoint()
        progress.report(start, count, "Looking for the most similar images of some")
        own = sample[start : start + _BLOCK]
        matches = top_k(references[own], references, NEIGHBORS + _SPARE)
        is_other = (matches.indices >= 0) & (content[matches.indices] != content[own][:, None])
        first = np.argsort(~is_other, axis=1, kind="stable")[:, :NEIGHBORS]
        enough = is_other.sum(axis=1) >= NEIGHBORS
        parts.append(np.take_along_axis(matches.similarities, first, axis=1)[enough])
    return np.concatenate(parts)


def _read(path: Path) -> dict[str, Any]:
    """What was kept; nothing if it is missing or damaged."""
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return stored if isinstance(stored, dict) else {}


def _write(path: Path, content: dict[str, object]) -> None:
    try:
        path.parent.mkdir(exist_ok=True)
    except OSError as error:
        raise StorageError(f"{path.parent} cannot be made: {error.strerror or error}.") from error
    with writing(path) as stream:
        json.dump(content, stream)
