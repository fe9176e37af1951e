"""What lies between the scene and the file: dust, fog, rain, leaves in front, lens and film."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageFilter

from core.demo.daylight import Daylight
from core.demo.plants import cut
from core.demo.render import Pixels
from core.demo.textures import noise, window

Random = np.random.Generator


def dust(
    canvas: Pixels, box: tuple[float, float, float, float], day: Daylight, random: Random
) -> None:
    """A cloud whirled up around the lower part of (left, top, right, bottom), in place."""
    rows, columns = canvas.shape[:2]
    left, top, right, bottom = box
    y = np.arange(rows, dtype=np.float32)[:, None]
    x = np.arange(columns, dtype=np.float32)[None, :]
    tail = random.choice((left, right))
    spread, rise = (right - left) * 0.45, max((bottom - top) * 0.32, 8.0)
    cloud = np.exp(-(((x - tail) / spread) ** 2) - ((y - bottom + 0.5 * rise) / rise) ** 2)
    skirt = np.exp(
        -(((x - (left + right) / 2) / (right - left)) ** 4) - ((y - bottom) / (0.4 * rise)) ** 2
    )
    ragged = 0.75 + 0.3 * window(noise(1.6, 21), rows, columns, 2.0, int(random.integers(1 << 18)))
    amount = np.clip((0.95 * cloud + 0.55 * skirt) * ragged, 0, 0.92)[..., None]
    lit = np.asarray(day.light.sky, np.float32) + 0.6 * np.asarray(day.light.sunshine, np.float32)
    canvas += (np.array((0.64, 0.55, 0.42), np.float32) * lit - canvas) * amount


def fog(canvas: Pixels, horizon: float, ground: float, day: Daylight, random: Random) -> None:
    """Air that thickens towards the horizon; ``ground`` is the row where the subject stands."""
    rows, columns = canvas.shape[:2]
    y = np.arange(rows, dtype=np.float32)[:, None]
    depth = np.where(y < horizon, 1.0, np.clip((ground - y) / max(ground - horizon, 1), -0.4, 1))
    drift = 0.08 * window(noise(1.8, 22), rows, columns, 2.5, int(random.integers(1 << 18)))
    amount = np.clip(0.32 + 0.55 * depth + drift, 0.12, 0.9)[..., None]
    grey = np.asarray(day.horizon, np.float32).mean() * np.array((0.98, 1.0, 1.02), np.float32)
    canvas += (np.minimum(grey, 0.9) - canvas) * amount


def rain(canvas: Pixels, random: Random) -> None:
    """Slanted streaks over a slightly flattened picture, in place."""
    rows, columns = canvas.shape[:2]
    drops = window(noise(0.0, 23), rows, columns, 1.0, int(random.integers(1 << 18)))
    streaks = np.clip(drops - 2.35, 0, 1)
    length = max(rows // 24, 4)
    blurred = np.zeros_like(streaks)
    for step in range(length):
        blurred += np.roll(streaks, (step, -step // 4), axis=(0, 1))
    canvas += (0.62 - canvas) * 0.18
    canvas += np.clip(blurred * 0.7, 0, 0.5)[..., None] * (0.85 - canvas)


def bushes(canvas: Pixels, season: str, day: Daylight, random: Random) -> None:
    """Undergrowth close to the lens along the lower edge, out of focus, in place."""
    rows, columns = canvas.shape[:2]
    height = int(rows * random.uniform(0.12, 0.24))
    strip = cut("mixed", season, float(random.random()), columns, int(height * 1.35))[:height]
    soft = Image.fromarray((strip * 255).astype(np.uint8), "RGBA").filter(
        ImageFilter.GaussianBlur(rows / 200)
    )
    strip = np.asarray(soft, dtype=np.float32) / 255
    lit = np.asarray(day.light.sky, np.float32) + 0.5 * np.asarray(day.light.sunshine, np.float32)
    part = canvas[-height:]
    part += (strip[..., :3] * lit - part) * strip[..., 3:]


def develop(canvas: Pixels, random: Random) -> Image.Image:
    """Exposure, tone, vignette, softness and grain; the finished RGB picture."""
    rows, columns = canvas.shape[:2]
    y = np.linspace(-1, 1, rows, dtype=np.float32)[:, None]
    x = np.linspace(-1, 1, columns, dtype=np.float32)[None, :]
    falloff = 1 - random.uniform(0.04, 0.2) * (x**2 + y**2) / 2
    exposure = random.uniform(0.9, 1.1)
    cast = random.uniform(0.97, 1.03, 3).astype(np.float32)
    picture = canvas * (falloff * exposure)[..., None] * cast
    # A soft shoulder keeps snow and sky from burning out.
    picture = np.where(picture > 0.75, 0.75 + 0.25 * np.tanh((picture - 0.75) / 0.25), picture)
    picture = picture + random.uniform(0.0, 0.12) * picture * (1 - picture) * (2 * picture - 1) * 4
    softness = float(random.choice((0.0, 0.0, 0.0, 0.5, 0.8, 1.1))) * rows / 360
    image = Image.fromarray((np.clip(picture, 0, 1) * 255).astype(np.uint8))
    if softness:
        image = image.filter(ImageFilter.GaussianBlur(softness))
    grain = window(noise(0.15, 24), rows, columns, 1.0, int(random.integers(1 << 18)))
    strength = random.uniform(1.0, 5.5)
    final = np.asarray(image, dtype=np.float32) + (grain * strength)[..., None]
    return Image.fromarray(np.clip(final, 0, 255).astype(np.uint8))
