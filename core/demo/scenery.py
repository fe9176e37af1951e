"""Sky, what stands on the horizon, and the ground in perspective."""

# Makers share one signature, whether they use all of it or not.
# ruff: noqa: ARG001
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.demo.camera import Camera
from core.demo.daylight import Daylight
from core.demo.plants import cut
from core.demo.render import Pixels
from core.demo.solids import Colour
from core.demo.textures import noise, sample, smoothstep, window

Random = np.random.Generator
Plane: TypeAlias = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class Terrain:
    """Two ground colours, what lies on the ground, and what stands behind."""

    soil: Colour
    cover: Colour
    surface: str
    backdrop: tuple[str, ...]
    season: str = "summer"


TERRAINS: dict[str, tuple[Terrain, ...]] = {
    "skog": (
        Terrain((0.33, 0.27, 0.18), (0.28, 0.36, 0.15), "track", ("trees-near",)),
        Terrain((0.36, 0.28, 0.17), (0.42, 0.36, 0.17), "track", ("trees-near",), "autumn"),
    ),
    "snø": (
        Terrain((0.74, 0.77, 0.82), (0.9, 0.92, 0.95), "track", ("trees-far",), "winter"),
        Terrain((0.72, 0.76, 0.82), (0.92, 0.93, 0.96), "plain", ("hills",), "winter"),
    ),
    "ørken": (
        Terrain((0.76, 0.62, 0.42), (0.82, 0.69, 0.48), "plain", ("dunes",)),
        Terrain((0.66, 0.52, 0.36), (0.75, 0.61, 0.42), "track", ("dunes",)),
    ),
    "fjell": (
        Terrain((0.42, 0.39, 0.34), (0.36, 0.40, 0.23), "plain", ("mountains",)),
        Terrain((0.44, 0.40, 0.34), (0.40, 0.38, 0.26), "track", ("mountains",), "autumn"),
    ),
    "vei": (
        Terrain((0.36, 0.36, 0.36), (0.34, 0.42, 0.18), "road", ("hills", "trees-far")),
        Terrain((0.38, 0.37, 0.36), (0.46, 0.40, 0.20), "road", ("trees-far",), "autumn"),
    ),
    "flyplass": (
        Terrain((0.55, 0.54, 0.51), (0.60, 0.59, 0.56), "concrete", ("trees-distant",)),
        Terrain((0.5, 0.5, 0.49), (0.54, 0.53, 0.52), "concrete", ("hills", "trees-distant")),
    ),
    "slette": (
        Terrain((0.47, 0.41, 0.24), (0.50, 0.48, 0.23), "plain", ("hills",)),
        Terrain((0.36, 0.36, 0.18), (0.37, 0.45, 0.19), "track", ("hills",)),
    ),
    "by": (Terrain((0.40, 0.39, 0.38), (0.47, 0.45, 0.43), "concrete", ("town",)),),
    "hav": (Terrain((0.10, 0.20, 0.26), (0.16, 0.30, 0.36), "sea", ("hills",)),
            Terrain((0.09, 0.16, 0.22), (0.18, 0.27, 0.32), "sea", ())),
    "himmel": (Terrain((0.4, 0.42, 0.3), (0.4, 0.42, 0.3), "plain", ("hills",)),),
}  # fmt: skip


def landscape(camera: Camera, terrain: Terrain, day: Daylight, random: Random) -> Pixels:
    """The empty scene (rows, width, 3)."""
    canvas = sky(camera, day, random)
    if camera.row > -40:
        for name in terrain.backdrop:
            _BACKDROPS[name](canvas, camera, terrain, day, random)
    if camera.row < camera.rows:
        ground(canvas, camera, terrain, day, random)
    return canvas


def sky(camera: Camera, day: Daylight, random: Random) -> Pixels:
    """A clear gradient, and clouds on a level ceiling that flattens towards the horizon."""
    rise = (camera.row - np.arange(camera.rows, dtype=np.float32))[:, None] / camera.rows
    blend = np.clip(rise * 1.15, 0, 1)[..., None] ** 0.7
    near, far = np.asarray(day.horizon, np.float32), np.asarray(day.zenith, np.float32)
    canvas = np.broadcast_to(near + (far - near) * blend, (camera.rows, camera.width, 3)).copy()
    cover, thickness = _clouds(camera, day, random)
    cloud = np.asarray(day.cloud, np.float32) * (1 - 0.24 * thickness)
    canvas += (cloud - canvas) * (0.86 * cover)
    return canvas


def _clouds(camera: Camera, day: Daylight, random: Random) -> tuple[Plane, Plane]:
    """Coverage and thickness (rows, width, 1), computed at half size: clouds have no edges."""
    rows, columns = camera.rows // 2, camera.width // 2
    rise = (camera.row / 2 - np.arange(rows, dtype=np.float32))[:, None] / rows
    place = random.integers(0, 512, 2).astype(np.float32)
    distance = 1 / (np.maximum(rise, 0) + 0.12)
    across = (np.arange(columns, dtype=np.float32) / columns - 0.5)[None, :]
    x, y = place[0] + 60 * across * distance, place[1] + 30 * distance
    detail = _bilinear(noise(1.2, 2), x * 2.3, y * 2.3)
    field = _bilinear(noise(1.7, 1), x, y) + 0.28 * detail
    low = 1.5 - 2.6 * day.cloudiness
    cover = smoothstep(low, low + 1.1, field) * np.clip(rise * 9, 0, 1)
    thickness = smoothstep(low + 0.5, low + 2.6, field)
    size = (camera.width, camera.rows)
    large = [
        np.asarray(Image.fromarray(plane).resize(size, Image.Resampling.BILINEAR))[..., None]
        for plane in (cover, thickness)
    ]
    return large[0], large[1]


def _bilinear(texture: Plane, x: Plane, y: Plane) -> Plane:
    x, y = np.broadcast_arrays(x, y)
    fx, fy = x - np.floor(x), y - np.floor(y)
    above = sample(texture, x, y) * (1 - fx) + sample(texture, x + 1, y) * fx
    below = sample(texture, x, y + 1) * (1 - fx) + sample(texture, x + 1, y + 1) * fx
    return np.asarray(above * (1 - fy) + below * fy)


def _ridge(
    canvas: Pixels, camera: Camera, height: float, roughness: float, colour: Colour,
    day: Daylight, haze: float, random: Random, snow: float = 0.0,
) -> None:  # fmt: skip
    """A range of hills, ``height`` in shares of the picture, hazier the farther away."""
    columns = np.arange(camera.width, dtype=np.float32)
    place = random.integers(0, 512, 2).astype(np.float32)
    stretch = 110 / camera.width
    line = _bilinear(
        noise(roughness, 9), place[0] + columns * stretch, place[1] * np.ones(1, np.float32)
    )
    detail = _bilinear(
        noise(1.1, 9), place[1] + columns * stretch * 3, place[0] * np.ones(1, np.float32)
    )
    top = camera.row - camera.rows * height * np.clip(0.55 + 0.4 * line + 0.05 * detail, 0.04, 2)
    first, last = max(int(top.min()) - 1, 0), min(int(camera.row) + 2, camera.rows)
    if last <= first:
        return
    rows = np.arange(first, last, dtype=np.float32)[:, None]
    cover = np.clip(rows - top[None, :], 0, 1)
    depth = (rows - top[None, :]) / camera.rows
    relief = window(noise(1.5, 10), last - first, camera.width, 2.5, int(place @ (1, 512)))
    slope = np.diff(relief, axis=1, prepend=relief[:, :1])
    tint = np.asarray(colour, np.float32) * (0.8 + 0.08 * relief + 1.1 * slope)[..., None]
    if snow:
        white = smoothstep(0.1, 0.5, snow * height - depth + 0.03 * relief + 0.3 * slope + 0.12)
        tint += ((0.9 + 0.5 * slope[..., None]) - tint) * white[..., None]
    lit = np.asarray(day.light.sky, np.float32) + 0.55 * np.asarray(day.light.sunshine, np.float32)
    tint = tint * lit
    tint += (np.asarray(day.horizon, np.float32) - tint) * haze
    part = canvas[first:last]
    part += (tint - part) * cover[..., None]


def _hills(canvas: Pixels, camera: Camera, terrain: Terrain, day: Daylight, random: Random) -> None:
    winter = terrain.season == "winter"
    colour = (0.75, 0.78, 0.82) if winter else (0.24, 0.32, 0.24)
    _ridge(canvas, camera, 0.13, 2.0, colour, day, 0.68, random)
    _ridge(canvas, camera, 0.07, 1.9, colour, day, 0.42, random)


def _mountains(
    canvas: Pixels, camera: Camera, terrain: Terrain, day: Daylight, random: Random
) -> None:
    _ridge(canvas, camera, 0.34, 1.6, (0.36, 0.38, 0.42), day, 0.5, random, 0.6)
    _ridge(canvas, camera, 0.2, 1.65, (0.33, 0.34, 0.33), day, 0.3, random, 0.25)
    _ridge(canvas, camera, 0.09, 1.8, terrain.cover, day, 0.15, random)


def _dunes(canvas: Pixels, camera: Camera, terrain: Terrain, day: Daylight, random: Random) -> None:
    _ridge(canvas, camera, 0.16, 2.3, (0.62, 0.48, 0.36), day, 0.45, random)
    _ridge(canvas, camera, 0.06, 2.4, terrain.cover, day, 0.2, random)


def _standing(
    canvas: Pixels, camera: Camera, strip: tuple[str, str], tall: float, distance: float,
    day: Daylight, haze: float, random: Random,
) -> None:  # fmt: skip
    """A strip of trees or houses, ``tall`` metres high, standing at a distance."""
    base = camera.row + camera.focal * camera.height / distance
    rows = int(np.clip(camera.focal * tall / distance, 6, 1.5 * camera.rows))
    picture = cut(*strip, float(random.random()), camera.width, rows)
    top = round(base) - rows
    first, last = max(top, 0), min(top + rows, camera.rows)
    if last <= first:
        return
    picture = picture[first - top : last - top]
    lit = np.asarray(day.light.sky, np.float32) + 0.75 * np.asarray(day.light.sunshine, np.float32)
    colour = picture[..., :3] * lit
    colour += (np.asarray(day.horizon, np.float32) - colour) * haze
    part = canvas[first:last]
    part += (colour - part) * picture[..., 3:]


def _trees(
    near: float, far: float, haze: float,
    canvas: Pixels, camera: Camera, terrain: Terrain, day: Daylight, random: Random,
) -> None:  # fmt: skip
    kind = "spruce" if random.random() < 0.45 else "mixed"
    distance = random.uniform(near, far)
    _standing(canvas, camera, (kind, terrain.season), 15, distance, day, haze, random)


def _town(canvas: Pixels, camera: Camera, terrain: Terrain, day: Daylight, random: Random) -> None:
    strip = ("town", str(int(random.integers(3))))
    _standing(canvas, camera, strip, 14, random.uniform(55, 90), day, 0.12, random)


_BACKDROPS: dict[str, Callable[[Pixels, Camera, Terrain, Daylight, Random], None]] = {
    "hills": _hills,
    "mountains": _mountains,
    "dunes": _dunes,
    "trees-near": partial(_trees, 45, 75, 0.05),
    "trees-far": partial(_trees, 120, 220, 0.18),
    "trees-distant": partial(_trees, 400, 800, 0.4),
    "town": _town,
}


def ground(canvas: Pixels, camera: Camera, terrain: Terrain, day: Daylight, random: Random) -> None:
    """The plane z = 0 below the horizon, textured in metres, fading into the air, in place."""
    x, y, first = camera.ground()
    if first >= camera.rows:
        return
    place = random.integers(0, 512, 2).astype(np.float32)
    turn = random.uniform(-0.5, 0.5)
    along, aside = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
    # Detail smaller than a pixel would shimmer: it fades with the size of a texel on screen.
    texel = camera.focal * np.sqrt(camera.height / np.maximum(x, 1)) / np.maximum(x, 1)
    fine = sample(noise(0.75, 11), place[0] + along * 14, place[1] + aside * 14)
    middle = sample(noise(1.2, 12), place[1] + along * 5, place[0] + aside * 5)
    broad = _bilinear(noise(1.6, 13), place[0] + along * 1.3, place[1] + aside * 1.3)
    fine = fine * np.clip(texel * 0.05, 0, 1)
    middle = middle * np.clip(texel * 0.13, 0, 1)
    soil, cover = np.asarray(terrain.soil, np.float32), np.asarray(terrain.cover, np.float32)
    bare, roughness = _SURFACES[terrain.surface](along, aside, broad, middle)
    colour: Pixels = cover + (soil - cover) * bare[..., None]
    colour = colour * (1 + roughness * (0.55 * fine + 0.45 * middle) + 0.05 * broad)[..., None]
    if terrain.surface == "road":
        dash = (np.abs(aside) < 0.09) & (along % 9 < 5)
        edge = np.abs(np.abs(aside) - 3.3) < 0.07
        colour[dash | edge] = 0.82
    if terrain.surface == "concrete":
        joint = (along % 6 < 0.07) | (aside % 6 < 0.07)
        colour[joint] *= 0.72
    lit = np.asarray(day.light.sky, np.float32) + np.float32(0.62) * np.asarray(
        day.light.sunshine, np.float32
    )
    colour = colour * lit
    if terrain.surface == "sea":
        colour = _water(colour, camera, x, y, day, place)
    reach = 260.0 if terrain.surface != "sea" else 2500.0
    air = (1 - np.exp(-x / reach)) * 0.75
    colour += (np.asarray(day.horizon, np.float32) - colour) * air[..., None]
    canvas[first:] = colour


def _water(
    colour: Pixels, camera: Camera, x: Plane, y: Plane, day: Daylight, place: Plane
) -> Pixels:
    """Waves seen flat: they mirror more of the sky the farther away they are."""
    stretch = camera.height * 1.5
    swell = _bilinear(noise(1.25, 14), place[0] + x / stretch * 30, place[1] + y / stretch * 9)
    mirror = np.clip(1 - camera.height / np.sqrt(x * camera.height) * 1.4, 0.1, 0.75)
    mirror = np.clip(mirror + 0.13 * swell, 0, 0.95)[..., None]
    above = (np.asarray(day.zenith, np.float32) + np.asarray(day.horizon, np.float32)) / 2
    return np.asarray(colour * (1 - mirror) + above * mirror * (0.9 + 0.06 * swell[..., None]))


def _plain(along: Plane, aside: Plane, broad: Plane, middle: Plane) -> tuple[Plane, float]:
    return smoothstep(-0.6, 0.9, broad + 0.3 * middle), 0.13


def _track(along: Plane, aside: Plane, broad: Plane, middle: Plane) -> tuple[Plane, float]:
    """Two ruts with a green middle between them."""
    aside = aside + 0.5 * broad * 0.3
    rut = smoothstep(0.9, 0.3, np.abs(np.abs(aside) - 1.0) + 0.2 * middle)
    return np.maximum(rut, 0.45 * smoothstep(0.2, 1.4, broad)), 0.15


def _road(along: Plane, aside: Plane, broad: Plane, middle: Plane) -> tuple[Plane, float]:
    return smoothstep(3.75, 3.55, np.abs(aside) + 0.05 * middle), 0.09


def _concrete(along: Plane, aside: Plane, broad: Plane, middle: Plane) -> tuple[Plane, float]:
    return smoothstep(-0.5, 1.0, broad), 0.05


_SURFACES: dict[str, Callable[[Plane, Plane, Plane, Plane], tuple[Plane, float]]] = {
    "plain": _plain,
    "track": _track,
    "road": _road,
    "concrete": _concrete,
    "sea": _plain,
}
