"""What the rest of the program knows of an encoder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import PIL.Image
from numpy.typing import NDArray

from core.types import Vectors


class Encoder(Protocol):
    """An image tower and a text tower that share one space."""

    @property
    def identity(self) -> str:
        """SHA-256 of :attr:`recipe`; vectors of two identities are never mixed."""

    @property
    def recipe(self) -> str:
        """Canonical JSON: architecture, hash of the weights, preprocessing."""

    @property
    def name(self) -> str:
        """A short name for people."""

    @property
    def dimension(self) -> int:
        """Numbers in one vector."""

    @property
    def image_size(self) -> int:
        """Longer side of the images the tower sees, in pixels."""

    @property
    def device(self) -> str:
        """Where it computes, and how: ``"cpu, bfloat16"``."""

    def preprocess(self, image: PIL.Image.Image) -> NDArray[np.float32]:
        """One image to (3, height, width), as the weights were trained. Thread-safe."""

    def encode_images(self, batch: NDArray[np.float32]) -> Vectors:
        """(b, 3, height, width) to (b, d) unit rows.

        On a lack of memory the batch is halved, down to single images, and the size that fits is
        remembered. Raises :class:`core.errors.EncoderError`.
        """

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        """(n,) texts to (n, d) unit rows."""


@dataclass(frozen=True, slots=True)
class EncoderDescription:
    """What can be told about an encoder without loading it."""

    name: str
    architecture: str
    dimension: int
    image_size: int
    weights: Path | None
    """None: not on this machine yet."""
    weights_bytes: int
    licence: str
    """Its text or where to read it; empty if nothing is known."""
