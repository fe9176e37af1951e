"""What is looked for, as one vector of the project's encoder."""

from __future__ import annotations

import threading
from collections import OrderedDict
from pathlib import Path
from typing import TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from core.catalog.images import get_images
from core.encoders import Encoder, load_encoder
from core.errors import EncoderError, ImageError, ProjectError
from core.images.decode import decode
from core.models.language_image import CONTEXTS_EN, LanguageImage, captions
from core.types import ImageId, SearchByFile, SearchByImages, SearchByText, SearchTarget
from core.workflows.decoding import DECODE_MARGIN
from core.workflows.project import Project
from core.workflows.search_text import SearchWords
from core.workflows.vectors import ImageVectors

_REMEMBERED = 256
"""Vectors of texts and files kept, so that a search is not encoded twice."""

Vector: TypeAlias = NDArray[np.float32]
_Key: TypeAlias = tuple[str, ...]


class TargetEncoder:
    """Turns targets into unit vectors (d,). The encoder is loaded when it is first needed.

    All methods may be called from any thread; encoding is done one at a time.
    """

    def __init__(self, project: Project) -> None:
        self._project = project
        self._lock = threading.Lock()
        self._encoder: Encoder | None = None
        self._known: OrderedDict[_Key, Vector] = OrderedDict()

    def load(self) -> None:
        """Load the encoder now, so that the first search need not wait for it.

        Raises :class:`core.errors.EncoderError` if it cannot be loaded, or has changed since the
        project was encoded with it.
        """
        with self._lock:
            self._loaded()

    def understood(self, target: SearchTarget, words: SearchWords) -> str:
        """The text as it is encoded, "" for a target that is no text."""
        return words.to_english(target.text) if isinstance(target, SearchByText) else ""

    def vector(self, target: SearchTarget, words: SearchWords, vectors: ImageVectors) -> Vector:
        """The unit vector (d,) of a target.

        ``words`` know English; ``vectors`` are those of the archive. Raises
        :class:`core.errors.ImageError` for an image that cannot be read,
        :class:`core.errors.EncoderError` for an encoder that cannot be used, and
        :class:`core.errors.ProjectError` for a target without any content.
        """
        match target:
            case SearchByText():
                return self._text_vector(self.understood(target, words))
            case SearchByFile(path):
                return self._file_vector(Path(path))
            case SearchByImages(images):
                return self._images_vector(images, vectors)

    def _text_vector(self, text: str) -> Vector:
        """The average of the contexts of the language-image model (thesis section 3.2.1)."""
        if not text.strip():
            raise ProjectError("The text to search for is empty.", "Type at least one word.")
        with self._lock:
            key: _Key = ("text", text)
            if key not in self._known:
                encoded = self._loaded().encode_texts([text, *captions([text], CONTEXTS_EN)])
                self._remember(key, LanguageImage(encoded[:, None, :]).fit().keyword_vectors_[0])
            return self._known[key]

    def _file_vector(self, path: Path) -> Vector:
        try:
            found = path.stat()
        except OSError as error:
            raise ImageError(
                f"{path} cannot be read: {error.strerror}.", "Choose another file."
            ) from error
        with self._lock:
            key: _Key = ("file", str(path), str(found.st_size), str(found.st_mtime_ns))
            if key not in self._known:
                self._remember(key, self._encode_file(path))
            return self._known[key]

    def _encode_file(self, path: Path) -> Vector:
        encoder = self._loaded()
        try:
            target = DECODE_MARGIN * encoder.image_size
            picture = decode(path, self._project.max_pixels, target)
        except ImageError as error:
            raise ImageError(
                f"{path.name} cannot be searched for. {error}", "Choose another file."
            ) from error
        return cast(Vector, encoder.encode_images(encoder.preprocess(picture)[None])[0])

    def _images_vector(self, images: tuple[ImageId, ...], vectors: ImageVectors) -> Vector:
        """The normalised mean; an image without a vector is encoded from its file."""
        if not images:
            raise ProjectError("No image to search for is chosen.", "Choose at least one.")
        rows = vectors.rows_of(np.array(images, dtype=np.int64))
        with vectors.open() as file:
            found = list(file.vectors()[rows[rows >= 0]])
        missing = [image for image, row in zip(images, rows, strict=True) if row < 0]
        for record in get_images(self._project.catalog, missing):
            found.append(self._file_vector(self._project.image_path(record)))
        mean = np.mean(found, axis=0, dtype=np.float32)
        length = float(np.linalg.norm(mean))
        return cast(Vector, mean / length) if length > 1e-6 else cast(Vector, found[0])

    def _loaded(self) -> Encoder:
        chosen = self._project.settings.encoder
        if self._encoder is None or self._encoder.identity != chosen.identity:
            encoder = load_encoder(chosen.source)
            if encoder.identity != chosen.identity:
                raise EncoderError(
                    f"The encoder {encoder.name} is not the one this project was encoded with: its "
                    "weights, architecture or preprocessing have changed.",
                    "Put the old one back, or choose the encoder again and encode all images anew.",
                )
            self._encoder = encoder
            self._known.clear()
        return self._encoder

    def _remember(self, key: _Key, vector: Vector) -> None:
        self._known[key] = np.ascontiguousarray(vector, dtype=np.float32)
        while len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
