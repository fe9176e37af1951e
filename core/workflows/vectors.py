"""Vectors of images by their id: the feature file, and what the catalog says about its rows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from core.catalog import encodings
from core.features import FeatureFile
from core.types import ImageIds
from core.workflows.project import Project


@dataclass(frozen=True, slots=True)
class ImageVectors:
    """A snapshot: ``images`` (m,) ascending, and the row (m,) of each in the feature file."""

    identity: str
    images: ImageIds
    rows: NDArray[np.int64]
    _path: Path

    @classmethod
    def read(cls, project: Project) -> Self | None:
        """Read the present state; None if nothing is encoded with the project's encoder."""
        identity = project.settings.encoder.identity
        encoder = encodings.encoder_id(project.catalog, identity) if identity else None
        if encoder is None:
            return None
        images, rows = encodings.encoded_rows(project.catalog, encoder)
        return cls(identity, images, rows, project.feature_path(identity)) if len(images) else None

    @property
    def index_path(self) -> Path:
        """Where an index of these vectors is kept."""
        return self._path.with_suffix(".index")

    def rows_of(self, images: ImageIds) -> NDArray[np.int64]:
        """Rows (n,) of images (n,); -1 for one that is not encoded."""
        places = np.minimum(np.searchsorted(self.images, images), len(self.images) - 1)
        return np.where(self.images[places] == images, self.rows[places], -1)

    def open(self) -> FeatureFile:
        """Open the file for reading; close it soon: what was read of its map counts as memory.

        Raises :class:`core.errors.FeatureError` if it is missing or damaged.
        """
        return FeatureFile.open(self._path, self.identity)

    def changed_since(self, older: Self | None) -> tuple[ImageIds, ImageIds]:
        """Images whose vector is new or another one, and images that had one and have none."""
        if older is None or older.identity != self.identity:
            return self.images, np.empty(0, dtype=np.int64)
        fresh = self.images[older.rows_of(self.images) != self.rows]
        gone = older.images[self.rows_of(older.images) < 0]
        return fresh, gone
