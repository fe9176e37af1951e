"""Logos on plain ground and embroidered unit patches."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from core.demo.render import Pixels
from core.demo.textures import noise, window

Random = np.random.Generator
Colour = tuple[int, int, int]
Outline = list[tuple[float, float]]
_FIELDS: tuple[Colour, ...] = (
    (28, 46, 84), (92, 24, 26), (38, 62, 36), (30, 30, 34), (104, 84, 40), (70, 88, 110),
)  # fmt: skip
_METALS: tuple[Colour, ...] = ((214, 176, 72), (206, 208, 212), (232, 228, 214))
_LETTERS = "ABDEGHKLMNRSTVZ"


def _ring(sides: int, inner: float, turn: float = -np.pi / 2) -> Outline:
    """A star (``inner`` < 1) or a polygon around the origin with outer radius 1."""
    count = 2 * sides if inner < 1 else sides
    angle = turn + np.arange(count) * 2 * np.pi / count
    reach = np.where(np.arange(count) % 2, inner, 1.0) if inner < 1 else np.ones(count)
    return [(float(r * np.cos(a)), float(r * np.sin(a))) for r, a in zip(reach, angle, strict=True)]


def _shield() -> Outline:
    side = [(0.86, -0.95), (0.86, 0.15), (0.62, 0.62), (0.0, 1.05)]
    return [(-0.86, -0.95), *side, (-0.62, 0.62), (-0.86, 0.15)]


_SHAPES: tuple[Outline, ...] = (_shield(), _ring(48, 1.0), _ring(6, 1.0), _ring(4, 1.0))
_SWORD: Outline = [(0, -1), (0.09, -0.85), (0.09, 0.4), (0.4, 0.4), (0.4, 0.52), (0.08, 0.52),
                   (0.08, 0.85), (-0.08, 0.85), (-0.08, 0.52), (-0.4, 0.52), (-0.4, 0.4),
                   (-0.09, 0.4), (-0.09, -0.85)]  # fmt: skip
_WINGS: Outline = [(0, 0.25), (0.25, -0.1), (1.0, -0.55), (0.85, -0.2), (0.92, -0.15), (0.7, 0.08),
                   (0.72, 0.14), (0.4, 0.3), (0, 0.6), (-0.4, 0.3), (-0.72, 0.14), (-0.7, 0.08),
                   (-0.92, -0.15), (-0.85, -0.2), (-1.0, -0.55), (-0.25, -0.1)]  # fmt: skip
_BOLT: Outline = [(0.25, -1), (-0.4, 0.1), (-0.05, 0.1), (-0.25, 1), (0.42, -0.2), (0.06, -0.2)]
_CHARGES: tuple[Outline, ...] = (
    _ring(5, 0.4),
    _SWORD,
    _WINGS,
    _BOLT,
    _ring(8, 0.55),
    _ring(12, 0.75),
)


class _Sheet:
    """A drawing surface at twice the final size, with unit shapes placed on it."""

    def __init__(self, columns: int, rows: int, ground: Colour) -> None:
        self.image = Image.new("RGB", (columns * 2, rows * 2), ground)
        self.draw = ImageDraw.Draw(self.image)

    def place(self, outline: Outline, x: float, y: float, size: float, colour: Colour) -> None:
        self.draw.polygon(
            [(2 * (x + size * a), 2 * (y + size * b)) for a, b in outline], fill=colour
        )

    def write(self, text: str, x: float, y: float, size: float, colour: Colour) -> None:
        font = ImageFont.load_default(size=2 * size)
        self.draw.text(
            (2 * x, 2 * y),
            text,
            fill=colour,
            font=font,
            anchor="mm",
            stroke_width=int(size / 12),
            stroke_fill=colour,
        )

    def pixels(self) -> Pixels:
        return np.asarray(self.image.reduce(2), dtype=np.float32) / 255


def _pick(values: tuple[Colour, ...], random: Random) -> Colour:
    return values[int(random.integers(len(values)))]


def _device(sheet: _Sheet, x: float, y: float, size: float, random: Random, ground: Colour) -> None:
    """A bordered shape with one or two charges and letters."""
    shape = _SHAPES[int(random.integers(len(_SHAPES)))]
    metal, field = _pick(_METALS, random), ground
    second = _pick(_FIELDS, random)
    dark = (field[0] // 2, field[1] // 2, field[2] // 2)
    sheet.place(shape, x, y, size * 1.09, dark)
    sheet.place(shape, x, y, size * 1.04, metal)
    sheet.place(shape, x, y, size * 0.94, field)
    if random.random() < 0.5:
        sheet.place(shape, x, y, size * 0.8, second)
    charge = _CHARGES[int(random.integers(len(_CHARGES)))]
    sheet.place(charge, x + size * 0.02, y - size * 0.08, size * 0.55, dark)
    sheet.place(charge, x, y - size * 0.1, size * 0.55, metal)
    if random.random() < 0.6:
        small = _CHARGES[int(random.integers(len(_CHARGES)))]
        sheet.place(small, x, y - size * 0.1, size * 0.24, _pick(_FIELDS, random))
    if random.random() < 0.7:
        text = "".join(random.choice(list(_LETTERS), int(random.integers(2, 4))))
        sheet.write(text, x, y + size * 0.62, size * 0.26, metal)


def logo(columns: int, rows: int, random: Random) -> Pixels:
    """A flat device on a light ground, often with a line of letters beside or below."""
    tone = int(random.integers(205, 250))
    ground = (tone, tone, min(tone + int(random.integers(-6, 8)), 255))
    sheet = _Sheet(columns, rows, ground)
    field = _pick(_FIELDS, random)
    size = rows * random.uniform(0.24, 0.34)
    wide = random.random() < 0.5
    x, y = (columns * 0.28, rows * 0.5) if wide else (columns * 0.5, rows * 0.42)
    _device(sheet, x, y, size, random, field)
    text = "".join(random.choice(list(_LETTERS), int(random.integers(3, 6))))
    at = (columns * 0.74, rows * 0.5) if wide else (columns * 0.5, rows * 0.88)
    sheet.write(text, *at, rows * 0.12, field)
    bar = rows * 0.02
    box = (
        2 * (at[0] - rows * 0.2),
        2 * (at[1] + rows * 0.075),
        2 * (at[0] + rows * 0.2),
        2 * (at[1] + rows * 0.075 + bar),
    )
    sheet.draw.rectangle(box, fill=_pick(_METALS, random))
    return sheet.pixels()


def patch(columns: int, rows: int, random: Random) -> Pixels:
    """An embroidered badge on cloth, with thread, thickness and shadow."""
    cloth = np.asarray(
        ((0.33, 0.36, 0.25), (0.25, 0.27, 0.3), (0.55, 0.5, 0.38))[int(random.integers(3))],
        np.float32,
    )
    key: Colour = (255, 0, 255)
    sheet = _Sheet(columns, rows, key)
    size = rows * random.uniform(0.36, 0.42)
    x, y = columns * random.uniform(0.42, 0.58), rows * random.uniform(0.46, 0.54)
    _device(sheet, x, y, size, random, _pick(_FIELDS, random))
    mask = np.abs(np.asarray(sheet.image, dtype=np.int16) - key).sum(axis=2) > 0
    raised = Image.fromarray((mask * 255).astype(np.uint8)).reduce(2)
    cover = np.asarray(raised, np.float32)[..., None] / 255
    badge = sheet.pixels()
    yy, xx = np.mgrid[0:rows, 0:columns].astype(np.float32)
    weave = 0.05 * np.sin(xx * 1.9) * np.sin(yy * 1.9)
    folds = 0.09 * window(noise(2.0, 31), rows, columns, 2.0, int(random.integers(1 << 18)))
    ground = cloth * (1 + weave + folds)[..., None]
    soft = np.asarray(raised.filter(ImageFilter.GaussianBlur(5)), np.float32) / 255
    shadow = np.roll(soft, (4, 4), axis=(0, 1))
    ground = ground * (1 - 0.5 * shadow)[..., None]
    thread = 0.07 * np.sin(xx * 0.4 + yy * 2.3) + 0.05 * window(
        noise(0.4, 32), rows, columns, 1.0, 7
    )
    edge = soft - np.roll(soft, (3, 3), axis=(0, 1))
    badge = badge * (1 + thread + 1.1 * edge + 0.5 * folds)[..., None] + 0.02
    # Supersampled borders mix with the key colour; the cloth takes their place.
    solid = np.clip(cover * 2 - 1, 0, 1)
    return np.asarray(ground + (badge - ground) * solid, dtype=np.float32)
