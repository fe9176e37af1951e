"""Slight alterations, as they come about when a picture is copied: cropped, scaled, compressed."""

from __future__ import annotations

import io

import numpy as np
import PIL.Image

ALTERATIONS = 3
"""So many copies are made of an image."""
MOST_CROPPED = 0.05
"""Share of the width or height that is cut off at each edge, at most."""
_LEAST_CROPPED = 0.02
_SCALES = (0.6, 0.9)
_QUALITIES = (50, 85)


def altered(image: PIL.Image.Image, random: np.random.Generator) -> list[PIL.Image.Image]:
    """Copies of an RGB image: compressed anew; first scaled down; first cropped."""
    return [
        _compressed(image, random),
        _compressed(_scaled(image, random), random),
        _compressed(_cropped(image, random), random),
    ]


def _cropped(image: PIL.Image.Image, random: np.random.Generator) -> PIL.Image.Image:
    left, top, right, bottom = random.uniform(_LEAST_CROPPED, MOST_CROPPED, 4)
    width, height = image.size
    edges = (left * width, top * height, (1 - right) * width, (1 - bottom) * height)
    box = tuple(round(edge) for edge in edges)
    return image.crop((box[0], box[1], max(box[2], box[0] + 1), max(box[3], box[1] + 1)))


def _scaled(image: PIL.Image.Image, random: np.random.Generator) -> PIL.Image.Image:
    share = random.uniform(*_SCALES)
    size = (max(1, round(image.width * share)), max(1, round(image.height * share)))
    return image.resize(size, PIL.Image.Resampling.LANCZOS)


def _compressed(image: PIL.Image.Image, random: np.random.Generator) -> PIL.Image.Image:
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=int(random.integers(*_QUALITIES)))
    with PIL.Image.open(stream) as copy:
        return copy.convert("RGB")
