"""An open_clip model as an :class:`core.encoders.base.Encoder`.

It brings torch, and so is imported only when an encoder is loaded.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np
import open_clip
import PIL.Image
import torch
from numpy.typing import NDArray

from core.encoders.build import build_model
from core.encoders.config import EncoderConfig, checked_config
from core.encoders.device import best_device, convert_image_tower
from core.encoders.memory import is_out_of_memory
from core.encoders.preprocessing import Preprocessing
from core.encoders.selftest import check_vectors
from core.encoders.source import Source
from core.errors import EncoderError
from core.types import Vectors


class OpenClipEncoder:
    """Both towers on one device. ``encode_*`` is for one thread at a time."""

    def __init__(
        self, name: str, recipe: str, model: Any, config: EncoderConfig, tokenizer: str
    ) -> None:
        self.name = name
        self.recipe = recipe
        self.identity = hashlib.sha256(recipe.encode("utf-8")).hexdigest()
        self.dimension = config.dimension
        size = model.visual.image_size
        height, width = size if isinstance(size, (tuple, list)) else (size, size)
        self._input_shape = (3, int(height), int(width))
        self.image_size = max(self._input_shape)
        self._preprocessing = Preprocessing(config.preprocess, (int(height), int(width)))
        self._model = model
        self._tokenizer_source = tokenizer
        self._device = torch.device("cpu")
        self._dtype = torch.float32
        self._largest_batch = sys.maxsize

    @classmethod
    def load(cls, source: Source, device: str | None) -> Self:
        """Build the model, check that it gives sound vectors, and move it to ``device``."""
        assert source.weights is not None
        config = source.config or _known_config(source)
        model = build_model(config, source.weights)
        encoder = cls(
            name=source.name,
            recipe=_recipe(config, source.weights),
            model=model,
            config=config,
            tokenizer=source.known.architecture
            if source.known
            else f"local-dir:{source.weights.parent}",
        )
        check_vectors(source.weights.parent, encoder.encode_images, encoder._input_shape)
        encoder._move_to(device or best_device())
        return encoder

    @property
    def device(self) -> str:
        """Where it computes, and how: ``"cpu, bfloat16"``."""
        return f"{self._device}, {str(self._dtype).removeprefix('torch.')}"

    def preprocess(self, image: PIL.Image.Image) -> NDArray[np.float32]:
        """One image to (3, height, width), as open_clip's evaluation transform does."""
        return self._preprocessing(image)

    def encode_images(self, batch: NDArray[np.float32]) -> Vectors:
        """(b, 3, height, width) to (b, d) unit rows; halves the batch on a lack of memory."""
        if batch.shape[1:] != self._input_shape:
            raise EncoderError(f"Images of shape {batch.shape[1:]} do not fit {self.name}.")
        return self._in_parts(torch.from_numpy(batch), self._forward_images)

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        """(n,) texts to (n, d) unit rows."""
        if not texts:
            return np.empty((0, self.dimension), np.float32)
        return self._in_parts(self._tokenizer(list(texts)), self._forward_texts)

    def _forward_images(self, rows: torch.Tensor) -> torch.Tensor:
        rows = rows.to(self._device, self._dtype, memory_format=torch.channels_last)
        vectors: torch.Tensor = self._model.encode_image(rows, normalize=False)
        return vectors

    def _forward_texts(self, rows: torch.Tensor) -> torch.Tensor:
        vectors: torch.Tensor = self._model.encode_text(rows.to(self._device), normalize=False)
        return vectors

    def _in_parts(
        self, rows: torch.Tensor, forward: Callable[[torch.Tensor], torch.Tensor]
    ) -> Vectors:
        parts: list[Vectors] = [np.empty((0, self.dimension), np.float32)]
        start = 0
        while start < len(rows):
            size = min(self._largest_batch, len(rows) - start)
            try:
                with torch.inference_mode():
                    vectors = forward(rows[start : start + size]).float().cpu().numpy()
            except (RuntimeError, MemoryError) as error:
                if not is_out_of_memory(error):
                    raise
                if size == 1:
                    raise EncoderError(
                        f"There is not enough memory on {self._device} for a single image.",
                        "Close other programs, or choose a smaller encoder.",
                    ) from error
                self._largest_batch = size // 2
                continue
            parts.append(self._unit_rows(vectors, size))
            start += size
        return np.concatenate(parts)

    def _unit_rows(self, vectors: NDArray[np.float32], count: int) -> Vectors:
        if vectors.shape != (count, self.dimension):
            raise EncoderError(
                f"{self.name} gives vectors of shape {vectors.shape[1:]}, "
                f"not the {self.dimension} numbers its configuration promises."
            )
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        if not (np.isfinite(lengths).all() and lengths.all()):
            raise EncoderError(
                f"{self.name} gives vectors that are not numbers.",
                "Its weights are damaged: copy the encoder again.",
            )
        unit: Vectors = vectors / lengths
        return unit

    @cached_property
    def _tokenizer(self) -> Callable[[list[str]], torch.Tensor]:
        try:
            tokenizer: Callable[[list[str]], torch.Tensor] = open_clip.get_tokenizer(
                self._tokenizer_source
            )
        except Exception as error:  # foreign code on untrusted files can raise anything
            raise EncoderError(
                f"The tokenizer of {self.name} cannot be loaded: {error}",
                "Images can be encoded without it; text cannot.",
            ) from error
        return tokenizer

    def _move_to(self, device: str) -> None:
        try:
            self._device = torch.device(device)
            self._model.to(self._device)
        except (RuntimeError, AssertionError) as error:
            raise EncoderError(
                f"{self.name} cannot run on {device}: {error}", "Choose another device."
            ) from error
        self._dtype = convert_image_tower(self._model, self._input_shape, self._device)


def _known_config(source: Source) -> EncoderConfig:
    assert source.known is not None
    tag = open_clip.get_pretrained_cfg(source.known.architecture, source.known.tag)
    return checked_config(source.known.model_config(), tag, source.known.name)


def _recipe(config: EncoderConfig, weights: Path) -> str:
    with weights.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    parts = {
        "architecture": config.model,
        "preprocessing": config.preprocess,
        "weights_sha256": digest,
    }
    return json.dumps(parts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
