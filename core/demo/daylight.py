"""The hours and weathers of the archive: where the sun stands and what colours the air has."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.demo.render import Light
from core.demo.solids import Colour


@dataclass(frozen=True, slots=True)
class Daylight:
    """Light on surfaces, colours of the sky, and how much cloud hides it (0 to 1)."""

    light: Light
    zenith: Colour
    horizon: Colour
    cloud: Colour
    cloudiness: float


# sunshine, skylight, zenith, horizon, cloud, shadow depth, height of the sun (its sine)
_HOURS: dict[str, tuple[Colour, Colour, Colour, Colour, Colour, float, tuple[float, float]]] = {
    "clear": (
        (1.18, 1.1, 0.96), (0.46, 0.53, 0.62), (0.22, 0.42, 0.72), (0.74, 0.83, 0.9),
        (0.97, 0.97, 0.98), 0.52, (0.5, 0.85),
    ),
    "morning": (
        (1.2, 1.0, 0.74), (0.42, 0.48, 0.58), (0.34, 0.5, 0.72), (0.92, 0.86, 0.76),
        (1.0, 0.95, 0.88), 0.48, (0.32, 0.5),
    ),
    "overcast": (
        (0.3, 0.3, 0.3), (0.78, 0.8, 0.83), (0.62, 0.66, 0.71), (0.83, 0.85, 0.87),
        (0.78, 0.8, 0.83), 0.12, (0.6, 0.9),
    ),
    "sunset": (
        (1.2, 0.8, 0.5), (0.4, 0.38, 0.46), (0.3, 0.33, 0.52), (0.99, 0.64, 0.36),
        (0.92, 0.52, 0.4), 0.42, (0.24, 0.34),
    ),
    "rain": (
        (0.12, 0.12, 0.13), (0.62, 0.66, 0.7), (0.45, 0.49, 0.54), (0.64, 0.68, 0.71),
        (0.55, 0.58, 0.62), 0.06, (0.6, 0.9),
    ),
}  # fmt: skip


def daylight(hour: str, ground: Colour, random: np.random.Generator) -> Daylight:
    """A seeded variation of an hour; ``ground`` is the colour that light bounces off."""
    sunshine, sky, zenith, horizon, cloud, shadow, heights = _HOURS[hour]
    height = random.uniform(*heights)
    # The sun stands behind the camera's shoulder, left or right; at sunset also beside it.
    bearing = random.choice((-1, 1)) * random.uniform(0.5, 1.2)
    across = np.sqrt(1 - height**2)
    sun = (-across * np.cos(bearing), across * np.sin(bearing), height)
    tint = random.uniform(0.94, 1.06, 3)
    bounce = np.asarray(ground) * (np.asarray(sunshine) * 0.35 + np.asarray(sky) * 0.4)
    light = Light(sun, _mixed(sunshine, tint), sky, _colour(bounce), shadow)
    cloudiness = {"overcast": 0.9, "rain": 0.95}.get(hour, random.uniform(0.1, 0.75))
    return Daylight(light, _mixed(zenith, tint), _mixed(horizon, tint), cloud, float(cloudiness))


def _colour(values: NDArray[np.float64]) -> Colour:
    red, green, blue = (float(value) for value in values)
    return red, green, blue


def _mixed(colour: Colour, tint: NDArray[np.float64]) -> Colour:
    return _colour(np.clip(np.asarray(colour) * tint, 0, 1.3))
