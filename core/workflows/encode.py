"""Images to vectors, batch by batch: on the disk first, then marked in the catalog.

Killed anywhere, it resumes there: rows without a mark are written over, and an image with a mark
is never encoded again.
"""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import dataclass

import numpy as np

from core.catalog import encodings
from core.catalog.images import clear_problem, problems, record_problem
from core.encoders import Encoder, load_encoder
from core.errors import EncoderError, FeatureError, ImageError
from core.features import FeatureFile
from core.images.scan import has_vanished
from core.progress import Progress
from core.types import EncoderId, ImageIds, Problem
from core.workflows.decoding import Decoded, decoded_batches
from core.workflows.project import Project, remember_encoder

STAGE = "encode"
_CPU_BATCH = 16
_ACCELERATOR_BATCH = 128


@dataclass(frozen=True, slots=True)
class EncodeReport:
    """What one run did. ``failed`` images are tried again by the next run."""

    encoded: int
    failed: list[Problem]
    device: str
    seconds: float


def pending(project: Project) -> int:
    """Present images without a vector of the project's encoder."""
    # An identity that was never registered is the encoder of no vector.
    known = encodings.encoder_id(project.catalog, project.settings.encoder.identity)
    return len(encodings.unencoded(project.catalog, known or EncoderId(0)))


def encode_images(
    project: Project,
    progress: Progress,
    *,
    allow_download: bool = False,
    batch_size: int | None = None,
) -> EncodeReport:
    """Encode every present image that has no vector of the project's encoder yet.

    Progress counts images, failed ones included. Stopping loses at most the batch in flight.
    Raises :class:`EncoderError` if the encoder cannot be loaded or is not the one the project was
    encoded with, :class:`FeatureError` if the feature file is damaged or another program writes
    to it, and :class:`StorageError` if the disk is full; what was done before is kept.
    """
    progress.report(0, 0, "Loading the encoder")
    source = project.settings.encoder.source
    encoder = load_encoder(source, allow_download=allow_download, progress=progress)
    if project.settings.encoder.source != source:
        raise EncoderError(
            f"Another encoder was chosen while {encoder.name} was loaded.", "Encode again."
        )
    _check_identity(project, encoder)
    started = time.perf_counter()
    key = encodings.register_encoder(
        project.catalog, encoder.identity, encoder.name, encoder.dimension
    )
    with _open_features(project, encoder, key) as features:
        ids = encodings.unencoded(project.catalog, key)
        row = encodings.next_row(project.catalog, key)
        features.ensure_capacity(row + len(ids))
        run = _Run(project, encoder, key, features, row)
        size = batch_size or default_batch_size(encoder)
        with closing(decoded_batches(project, ids, encoder, size)) as batches:
            progress.report(0, len(ids))
            for batch in batches:
                progress.checkpoint()
                run.finish(batch)
                progress.report(run.encoded + len(run.failed), len(ids))
    return EncodeReport(run.encoded, run.failed, encoder.device, time.perf_counter() - started)


def default_batch_size(encoder: Encoder) -> int:
    """A CPU is fastest while a batch fits its caches; an accelerator wants to be filled."""
    return _CPU_BATCH if encoder.device.startswith("cpu") else _ACCELERATOR_BATCH


class _Run:
    """The state of one run: the next free row, and what was done so far."""

    def __init__(
        self, project: Project, encoder: Encoder, key: EncoderId, features: FeatureFile, row: int
    ) -> None:
        self.encoded = 0
        self.failed: list[Problem] = []
        self._catalog = project.catalog
        self._images_root = project.images_root
        self._encoder = encoder
        self._key = key
        self._features = features
        self._row = row
        self._troubled = {problem.path for problem in problems(project.catalog)}

    def finish(self, batch: list[Decoded]) -> None:
        """Encode a batch, write its vectors, and only then mark its images."""
        images = [item.image for item in batch if item.pixels is not None]
        pixels = [item.pixels for item in batch if item.pixels is not None]
        if images:
            ids = np.array([image.id for image in images], np.int64)
            rows = np.arange(self._row, self._row + len(ids))
            self._features.write(self._row, ids, self._encoder.encode_images(np.stack(pixels)))
            hashes = [image.content_hash for image in images]
            encodings.mark_encoded(self._catalog, self._key, ids, rows, hashes)
            self._row += len(ids)
            self.encoded += len(ids)
        self._note_problems(batch)

    def _note_problems(self, batch: list[Decoded]) -> None:
        # An unplugged disk must not turn thousands of images into broken ones.
        if any(item.pixels is None for item in batch) and has_vanished(self._images_root):
            raise ImageError(
                f"The images folder {self._images_root} has vanished while it was read.",
                "Connect the disk or share again and encode again; what was encoded is kept.",
            )
        for item in batch:
            path = item.image.path
            if item.pixels is None:
                record_problem(self._catalog, STAGE, path, item.reason)
                self.failed.append(Problem(path, item.reason))
            elif path in self._troubled:
                clear_problem(self._catalog, STAGE, path)


def _check_identity(project: Project, encoder: Encoder) -> None:
    identity = project.settings.encoder.identity
    if not identity:
        remember_encoder(project, encoder.identity)
    elif identity != encoder.identity:
        raise EncoderError(
            f"The encoder {encoder.name} is not the one this project was encoded with: its "
            "weights, architecture or preprocessing have changed.",
            "Vectors of two encoders are never mixed: put the old one back, or choose the encoder "
            "again to encode all images anew with it.",
        )


def _open_features(project: Project, encoder: Encoder, key: EncoderId) -> FeatureFile:
    path = project.feature_path(encoder.identity)
    if not path.exists():
        # Nothing was encoded yet, or the file was removed as a remedy: all starts anew.
        encodings.forget_vectors(project.catalog, key)
        return FeatureFile.create(path, encoder.identity, encoder.dimension, 1, encoder.recipe)
    features = FeatureFile.open(path, encoder.identity, writable=True)
    try:
        _check_rows(features, *encodings.encoded_rows(project.catalog, key))
    except BaseException:
        features.close()
        raise
    return features


def _check_rows(features: FeatureFile, ids: ImageIds, rows: ImageIds) -> None:
    """A file restored from elsewhere could be sound and yet hold other images in its rows."""
    fits = rows.size == 0 or int(rows.max()) < features.capacity
    if not fits or not np.array_equal(features.image_ids()[rows], ids):
        raise FeatureError(
            f"{features.path} does not hold the vectors that the catalog knows of.",
            "Put back the file that belongs to this project, or remove it and encode again.",
        )
