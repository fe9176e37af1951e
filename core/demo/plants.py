"""Strips of trees and houses that stand behind the vehicles, drawn once per process."""

from __future__ import annotations

from functools import cache
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.demo.solids import Colour
from core.demo.textures import noise, window

HEIGHT, WIDTH = 150, 1500
Strip: TypeAlias = NDArray[np.floating[Any]]
"""(HEIGHT, WIDTH, 4) colour and coverage; the bottom row stands on the ground."""

_LEAVES: dict[str, tuple[Colour, ...]] = {
    "summer": ((0.17, 0.27, 0.10), (0.22, 0.33, 0.12), (0.27, 0.36, 0.14)),
    "autumn": ((0.52, 0.33, 0.08), (0.45, 0.22, 0.07), (0.36, 0.33, 0.10), (0.58, 0.42, 0.12)),
    "winter": ((0.33, 0.31, 0.30), (0.38, 0.36, 0.35)),
}
_NEEDLES: Colour = (0.09, 0.17, 0.11)


def _spruce(height: int, random: np.random.Generator) -> tuple[Strip, Strip]:
    """Coverage and brightness (height, width) of a spruce with drooping tiers of branches."""
    width = int(height * random.uniform(0.36, 0.48)) | 1
    y = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    x = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    tiers = random.uniform(9, 13)
    phase = (y * tiers + 0.25 * np.abs(x)) % 1
    ragged = 0.16 * window(noise(0.6, 3), height, width, 1.0, int(random.integers(1 << 18)))
    reach = (0.06 + 0.92 * y**0.85) * (0.62 + 0.38 * phase)
    cover = np.clip((reach - np.abs(x) + ragged * y) * width * 0.35, 0, 1)
    cover *= y < 0.97
    bright = 0.62 + 0.5 * phase - 0.22 * x + 0.5 * ragged
    return cover.astype(np.float32), bright.astype(np.float32)


def _broadleaf(height: int, random: np.random.Generator, bare: bool) -> tuple[Strip, Strip]:
    """Coverage and brightness of a round crown on a trunk; bare crowns are see-through."""
    width = int(height * random.uniform(0.65, 0.95)) | 1
    y = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    x = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    place = int(random.integers(1 << 18))
    clumps = window(noise(1.3, 4), height, width, 1.2, place)
    crown = 1 - (x / 0.92) ** 2 - ((y - 0.42) / 0.43) ** 2 + 0.22 * clumps
    density = 0.5 + 0.9 * window(noise(0.8, 2), height, width, 1.0, place) if bare else 1.0
    cover = np.clip(crown * 6, 0, 1) * np.clip(density, 0, 1)
    trunk = (np.abs(x) < 0.035) & (y > 0.5)
    bright = 0.95 - 0.35 * y - 0.2 * x + 0.2 * clumps
    bright = np.where(trunk & (cover < 0.5), 0.5, bright)
    return np.maximum(cover, trunk).astype(np.float32), bright.astype(np.float32)


@cache
def forest(kind: str, season: str) -> Strip:
    """A strip of ``spruce`` or ``mixed`` trees in ``summer``, ``autumn`` or ``winter``."""
    random = np.random.default_rng(sum(map(ord, kind + season)))
    strip = np.zeros((HEIGHT, WIDTH, 4), dtype=np.float32)
    for row in range(3):
        for x in range(0, WIDTH, 13):
            height = int(HEIGHT * random.uniform(0.55, 0.98) * (1 - 0.12 * row))
            leafy = kind == "mixed" and random.random() < 0.6
            if leafy:
                cover, bright = _broadleaf(height, random, season == "winter")
                hue = _LEAVES[season][int(random.integers(len(_LEAVES[season])))]
            else:
                cover, bright = _spruce(height, random)
                hue = _NEEDLES
            colour = np.asarray(hue, np.float32) * bright[..., None] * (0.55 + 0.25 * row)
            if season == "winter":
                snow = np.clip(bright * 1.6 - 0.95, 0, 0.85)[..., None]
                colour += (0.86 - colour) * snow
            _stamp(strip, colour, cover, x + int(random.integers(-8, 8)))
    return strip


@cache
def town(seed: int) -> Strip:
    """A row of plastered blocks and warehouses with windows."""
    random = np.random.default_rng(seed)
    strip = np.zeros((HEIGHT, WIDTH, 4), dtype=np.float32)
    x = 0
    while x < WIDTH:
        width, height = int(random.integers(70, 190)), int(random.integers(60, HEIGHT - 6))
        wall = np.asarray(
            ((0.66, 0.6, 0.5), (0.6, 0.42, 0.34), (0.68, 0.67, 0.63), (0.5, 0.52, 0.5))[
                int(random.integers(4))
            ],
            dtype=np.float32,
        )
        house = np.broadcast_to(wall, (height, width, 3)).copy()
        house *= 1 + 0.05 * window(noise(1.2, 8), height, width, 1.0, x)[..., None]
        house[:5] = (0.3, 0.2, 0.17)
        for top in range(14, height - 14, 22):
            for left in range(8, width - 12, 18):
                house[top : top + 12, left : left + 9] = (0.13, 0.16, 0.2)
                house[top : top + 12, left + 4] = 0.75
        _stamp(strip, house, np.ones((height, width), np.float32), x + width // 2)
        x += width + int(random.integers(0, 26))
    return strip


def _stamp(strip: Strip, colour: Strip, cover: Strip, centre: int) -> None:
    height, width = cover.shape
    columns = np.arange(centre - width // 2, centre - width // 2 + width) % WIDTH
    rows = slice(HEIGHT - height, HEIGHT)
    part = strip[rows, columns]
    alpha = cover[..., None]
    part[..., :3] += (colour - part[..., :3]) * alpha
    part[..., 3:] += (1 - part[..., 3:]) * alpha
    strip[rows, columns] = part


@cache
def _picture(name: str, argument: str) -> Image.Image:
    strip = town(int(argument)) if name == "town" else forest(name, argument)
    doubled = np.concatenate([strip, strip[:, :WIDTH]], axis=1)
    return Image.fromarray((np.clip(doubled, 0, 1) * 255).astype(np.uint8), "RGBA")


def cut(name: str, argument: str, start: float, columns: int, rows: int) -> Strip:
    """A stretch of a strip scaled to (rows, columns, 4); ``start`` in [0, 1) says where."""
    picture = _picture(name, argument)
    span = min(columns * HEIGHT / rows, WIDTH)
    left = start * (WIDTH - 1)
    box = (left, 0.0, left + span, float(HEIGHT))
    small = picture.resize((columns, rows), Image.Resampling.BILINEAR, box=box)
    return np.asarray(small, dtype=np.float32) / 255
