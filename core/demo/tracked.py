"""Tracked vehicles: hull, running gear, and what stands on it."""

# Makers share one signature, whether they use all of it or not.
# ruff: noqa: ARG001
from __future__ import annotations

from collections.abc import Callable

import numpy as np

from core.demo.solids import (
    BLACK,
    FRAME,
    LAMP,
    METAL,
    TYRE,
    Face,
    Material,
    Model,
    Solid,
    beam,
    block,
    box,
    circle,
    cylinder,
    extrude,
    tube,
)

Random = np.random.Generator


def _track(
    front: float, rear: float, side: int, y: tuple[float, float], wheels: int, paint: Material
) -> Solid:
    """A closed track with road wheels, sprocket and links drawn on its flanks."""
    low, high = sorted((side * y[0], side * y[1]))
    outline = [
        (front, 0.62), (front - 0.25, 0.9), (rear + 0.25, 0.9), (rear, 0.62),
        (rear + 0.15, 0.32), (rear + 0.75, 0.02), (front - 0.75, 0.02), (front - 0.15, 0.32),
    ]  # fmt: skip
    solid = extrude([(x, low, z) for x, z in outline], (0, high - low, 0), TYRE)
    for face in solid.faces[:2]:
        at = face.points[0][1]
        centre = face.points.mean(axis=0)
        face.decals.append(Face(centre + (face.points - centre) * (0.96, 1, 0.84), BLACK))
        spots = np.linspace(rear + 0.75, front - 0.75, wheels)
        rolls = [(x, 0.34, 0.31) for x in spots] + [
            (front - 0.36, 0.6, 0.25),
            (rear + 0.36, 0.6, 0.25),
        ]
        for x, z, radius in rolls:
            for share, material in (
                (1.0, TYRE.shade(1.6)),
                (0.8, paint.shade(0.75)),
                (0.35, paint.shade(0.4)),
                (0.2, paint),
            ):
                ring = circle((x, at, z), (radius * share, radius * share), "y", 16)
                face.decals.append(Face(ring, material))
    return solid


def _hull(
    length: float, half: float, z: float, wheels: int, paint: Material, nose: float, skirts: bool
) -> Model:
    """Tracks, lower hull, sponsons with a sloped nose and, if wanted, side skirts."""
    rear = -length
    model: Model = [
        _track(-0.15, rear + 0.15, side, (half - 0.55, half), wheels, paint) for side in (-1, 1)
    ]
    inner = half - 0.57
    model.append(
        block((rear + 0.1, -0.9, -inner, inner), 0.35, (rear + 0.1, -0.1, -inner, inner), 0.92,
              paint.shade(0.7))
    )  # fmt: skip
    upper = block(
        (rear, 0.0, -half, half), 0.92, (rear + 0.1, -nose, -half + 0.06, half - 0.06), z, paint
    )
    upper.side("front").disc(0.12, 0.35, 0.04, 0.12, LAMP).disc(0.88, 0.35, 0.04, 0.12, LAMP)
    for line in (0.3, 0.62):
        upper.side("front").panel(0.03, line, 0.97, line + 0.02, paint.shade(0.6))
    upper.side("top").panel(0.02, 0.1, 0.25, 0.9, paint.shade(0.75))
    model.append(upper)
    if skirts:
        for side in (-1, 1):
            low, high = sorted((side * half, side * (half + 0.05)))
            skirt = box((rear + 0.3, -0.5), (low, high), (0.62, 0.98), paint.shade(0.9))
            for name in ("right", "left"):
                for joint in np.linspace(0.12, 0.88, 6):
                    skirt.side(name).panel(joint - 0.004, 0, joint + 0.004, 1, BLACK)
            model.append(skirt)
    return model


def _gun(x: float, z: float, length: float, radius: float, rise: float, paint: Material) -> Model:
    start = np.array([x, 0.0, z])
    tip = start + length * np.array([np.cos(rise), 0, np.sin(rise)])
    bulge = start + 0.55 * (tip - start)
    return [
        *beam(start, tip, radius, paint.shade(0.85), 5),
        *beam(bulge, bulge + 0.12 * (tip - start), radius * 1.6, paint.shade(0.9)),
    ]


def tank(paint: Material, random: Random) -> Model:
    """A battle tank: low round turret, long gun."""
    model = _hull(6.7, 1.75, 1.3, 6, paint, 1.5, random.random() < 0.6)
    centre = -3.1
    sides = 14
    turret = tube(
        [
            circle((centre - back, 0, z), (long, wide), "z", sides)
            for z, long, wide, back in (
                (1.32, 1.75, 1.5, 0.0),
                (1.6, 1.75, 1.5, 0.0),
                (2.05, 1.2, 1.05, 0.15),
            )
        ],
        paint,
    )
    hatch = cylinder((centre - 0.5, 0.45, 2.06), 0.18, 0.34, "z", paint.shade(0.8))
    drums = [
        cylinder((-6.9, side * 0.8 - 0.5, 1.25), 1.0, 0.25, "y", paint.shade(0.9))
        for side in (-1, 1)
    ]
    gun = _gun(centre + 1.75, 1.75, 4.7, 0.17, 0.04 + 0.08 * random.random(), paint)
    whip = beam((centre - 1.0, -0.7, 1.95), (centre - 1.3, -0.7, 3.8), 0.05, BLACK)
    return [*model, turret, hatch, *drums, *gun, *whip]


def carrier(paint: Material, random: Random) -> Model:
    """An armoured personnel carrier: tall sharp nose, small turret with a thin gun."""
    model = _hull(6.5, 1.55, 1.75, 6, paint, 2.3, False)
    for name in ("right", "left"):
        for port in (0.2, 0.32, 0.44, 0.56):
            model[-1].side(name).disc(
                port if name == "right" else 1 - port, 0.6, 0.012, 0.08, BLACK
            )
    centre = -3.2
    rings = ((1.77, 0.85), (2.2, 0.6))
    turret = tube([circle((centre, 0, z), (r, r), "z", 12) for z, r in rings], paint)
    gun = _gun(centre + 0.75, 2.0, 2.3, 0.09, 0.1, paint)
    return [*model, turret, *gun]


def howitzer(paint: Material, random: Random) -> Model:
    """Self-propelled artillery: a tall box of a turret at the rear, a long raised barrel."""
    model = _hull(6.9, 1.65, 1.5, 7, paint, 1.2, False)
    turret = block((-6.5, -2.6, -1.5, 1.5), 1.52, (-6.3, -3.1, -1.25, 1.25), 2.95, paint)
    for name in ("right", "left"):
        turret.side(name).panel(0.1, 0.25, 0.4, 0.7, paint.shade(0.85))
        turret.side(name).panel(0.6, 0.2, 0.9, 0.75, paint.shade(0.8))
    gun = _gun(-2.75, 2.2, 6.0, 0.24, random.choice((0.08, 0.3, 0.6)), paint)
    hatch = cylinder((-4.2, 0.6, 2.97), 0.22, 0.35, "z", paint.shade(0.8))
    return [*model, turret, *gun, hatch]


def air_defence(paint: Material, random: Random) -> Model:
    """Missile tubes on both flanks of a turret under a turning radar."""
    model = _hull(7.2, 1.6, 1.55, 6, paint, 1.4, False)
    centre = -4.0
    turret = block((centre - 1.2, centre + 1.0, -0.9, 0.9), 1.57,
                   (centre - 1.1, centre + 0.6, -0.7, 0.7), 2.6, paint)  # fmt: skip
    turret.side("front").disc(0.5, 0.55, 0.28, 0.33, METAL)
    dish = extrude(
        [
            (centre - 0.9, -1.2, 3.0),
            (centre - 0.9, 1.2, 3.0),
            (centre - 1.2, 1.0, 3.95),
            (centre - 1.2, -1.0, 3.95),
        ],
        (0.12, 0, 0),
        paint,
    )
    for face in dish.faces[:2]:
        for line in range(1, 7):
            face.panel(line / 7 - 0.01, 0.05, line / 7 + 0.01, 0.95, paint.shade(0.5))
    mast = box((centre - 1.0, centre - 0.8), (-0.1, 0.1), (2.62, 3.0), FRAME)
    tubes: Model = []
    rise = random.choice((0.1, 0.35))
    for side in (-1, 1):
        for row in range(2):
            for column in range(2):
                start = np.array([centre - 0.9, side * (1.1 + 0.42 * column), 2.0 + 0.42 * row])
                end = start + 2.9 * np.array([np.cos(rise), 0, np.sin(rise)])
                tubes += beam(start, end, 0.34, paint.shade(0.9))
    return [*model, turret, mast, dish, *tubes]


TRACKED: dict[str, Callable[[Material, Random], Model]] = {
    "stridsvogn": tank,
    "pansret personellvogn": carrier,
    "selvdrevet artilleri": howitzer,
    "luftvern": air_defence,
}
