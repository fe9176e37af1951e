"""Tileable fractal noise, made once per process and sampled ever after."""

from __future__ import annotations

from functools import cache
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

SIDE = 512
Texture: TypeAlias = NDArray[np.floating[Any]]


@cache
def noise(slope: float, seed: int = 0) -> Texture:
    """(512, 512) values around 0 with deviation 1; a steeper ``slope`` is smoother.

    The spectrum falls as frequency ** -slope, so the texture repeats without a seam.
    """
    random = np.random.default_rng((seed, int(slope * 1000)))
    frequency = np.fft.fftfreq(SIDE)
    radius = np.hypot(frequency[:, None], frequency[None, : SIDE // 2 + 1])
    radius[0, 0] = 1.0
    phase = np.exp(2j * np.pi * random.random(radius.shape))
    spectrum = phase * radius**-slope
    spectrum[0, 0] = 0.0
    field = np.fft.irfft2(spectrum, s=(SIDE, SIDE))
    return np.asarray((field - field.mean()) / field.std(), dtype=np.float32)


def sample(texture: Texture, x: NDArray[np.float32], y: NDArray[np.float32]) -> Texture:
    """Values of the endless texture at positions in texels; the arrays broadcast."""
    columns = x.astype(np.int32) & (SIDE - 1)
    rows = y.astype(np.int32) & (SIDE - 1)
    # One flat index is gathered twice as fast as a pair.
    return np.take(texture.ravel(), rows * SIDE + columns)


def window(texture: Texture, rows: int, columns: int, zoom: float, random: int) -> Texture:
    """A (rows, columns) cut at a place given by ``random``; one texel covers ``zoom`` pixels."""
    y = (np.arange(rows, dtype=np.float32) / zoom + random % SIDE)[:, None]
    x = (np.arange(columns, dtype=np.float32) / zoom + random // SIDE % SIDE)[None, :]
    if zoom <= 1:
        return sample(texture, x, y)
    fraction_y, fraction_x = y % 1, x % 1
    above = sample(texture, x, y) * (1 - fraction_x) + sample(texture, x + 1, y) * fraction_x
    below = (
        sample(texture, x, y + 1) * (1 - fraction_x) + sample(texture, x + 1, y + 1) * fraction_x
    )
    return np.asarray(above * (1 - fraction_y) + below * fraction_y)


def smoothstep(low: float, high: float, values: Texture) -> Texture:
    """0 below ``low``, 1 above ``high``, smooth between."""
    t = np.clip((values - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t))
