"""Vessels; the waterline is z = 0 and the stem points along x."""

# Makers share one signature, whether they use all of it or not.
# ruff: noqa: ARG001
from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from core.demo.solids import (
    BLACK,
    FRAME,
    METAL,
    WHITE,
    Material,
    Model,
    Solid,
    beam,
    block,
    box,
    circle,
    cylinder,
    tube,
)

Random = np.random.Generator
BOOT = Material((0.20, 0.07, 0.06))
Station = tuple[float, float, float, float]
"""x, half beam on deck, half beam at the waterline, height of the deck."""


def _hull(stations: Sequence[Station], paint: Material) -> Model:
    """A dark strake at the waterline under a flared hull with a deck."""
    strake, sides = [], []
    for x, deck, water, height in stations:
        low = water + (deck - water) * 0.12
        step = height * 0.12
        strake.append([(x, -water, -0.3), (x, water, -0.3), (x, low, step), (x, -low, step)])
        sides.append([(x, -low, step), (x, low, step), (x, deck, height), (x, -deck, height)])
    hull = tube(sides, paint)
    for face in hull.faces:
        if np.ptp(face.points[:, 2]) < 1.5 and face.points[:, 2].mean() > 0.6 * stations[0][3]:
            face.material = paint.shade(0.72)
    return [tube(strake, BOOT), hull]


def _house(x0: float, x1: float, half: float, z0: float, z1: float, paint: Material,
           slope: float = 0.12) -> Solid:  # fmt: skip
    lean = (z1 - z0) * slope
    house = block(
        (x0, x1, -half, half), z0, (x0 + lean, x1 - lean, -half + lean, half - lean), z1, paint
    )
    for name in ("right", "left", "front", "back"):
        house.side(name).panel(0.0, 0.92, 1.0, 1.0, paint.shade(0.8))
    return house


def _glaze(house: Solid, low: float, high: float, panes: int) -> Solid:
    for name, count in (("front", panes), ("right", panes), ("left", panes)):
        for pane in range(count):
            u = 0.06 + pane * 0.88 / count
            house.side(name).panel(u, low, u + 0.62 / count, high, BLACK)
    return house


def frigate(paint: Material, random: Random) -> Model:
    """A long grey warship: gun, bridge, two masts, funnel, hangar and deck for a helicopter."""
    model = _hull(
        [(0, 0.3, 0.05, 9.0), (-10, 4.0, 2.2, 8.0), (-28, 6.6, 5.4, 7.0), (-60, 7.2, 6.6, 6.2),
         (-100, 7.0, 6.4, 5.8), (-122, 6.2, 5.5, 5.8)],
        paint,
    )  # fmt: skip
    gun = tube(
        [circle((-21, 0, z), (r, r), "z", 10) for z, r in ((7.5, 2.2), (9.2, 1.9), (10.0, 1.0))],
        paint,
    )
    barrel = beam((-19, 0, 9.0), (-11, 0, 10.0), 0.5, paint.shade(0.8), 3)
    bridge = _glaze(_house(-52, -33, 6.2, 7.0, 13.5, paint), 0.62, 0.78, 9)
    upper = _house(-50, -38, 4.2, 13.5, 17.5, paint)
    mast = _house(-47, -42, 1.6, 17.5, 28.0, paint, 0.1)
    yard = beam((-44.5, -5, 25), (-44.5, 5, 25), 0.5, FRAME)
    radar = box((-45, -44), (-3.2, 3.2), (28.2, 30.2), METAL)
    middle = _house(-82, -58, 5.2, 6.3, 11.0, paint)
    funnel = _house(-72, -64, 2.6, 11.0, 16.5, paint.shade(0.9))
    funnel.side("top").panel(0.1, 0.1, 0.9, 0.9, BLACK)
    hangar = _house(-104, -86, 5.4, 5.9, 12.0, paint, 0.06)
    second = _house(-84.5, -80, 1.2, 11.0, 20.0, paint, 0.08)
    tubes = [
        cylinder((-61 + 3 * i, side * 5.4, 8.6), 7.0, 0.9, "x", paint.shade(0.85))
        for i in range(1) for side in (-1, 1)
    ]  # fmt: skip
    for name, at in (("right", 0.06), ("left", 0.94)):
        model[1].faces[0 if name == "right" else 2].disc(at, 0.5, 0.004, 0.1, WHITE)
    return [
        *model,
        gun,
        *barrel,
        bridge,
        upper,
        mast,
        *yard,
        radar,
        middle,
        funnel,
        hangar,
        second,
        *tubes,
    ]


def patrol_boat(paint: Material, random: Random) -> Model:
    """A small fast boat with a big wheelhouse and one gun."""
    model = _hull(
        [(0, 0.15, 0.02, 3.6), (-4, 1.8, 0.9, 3.0), (-10, 3.0, 2.5, 2.5), (-26, 3.1, 2.8, 2.0),
         (-31, 3.0, 2.7, 2.0)],
        paint,
    )  # fmt: skip
    gun = tube([circle((-6.5, 0, z), (r, r), "z", 10) for z, r in ((2.9, 0.9), (3.7, 0.7))], paint)
    barrel = beam((-5.8, 0, 3.5), (-2.6, 0, 3.9), 0.18, FRAME, 2)
    house = _glaze(_house(-20, -9, 2.3, 2.4, 5.2, paint, 0.22), 0.5, 0.85, 5)
    roof = _house(-18, -12.5, 1.6, 5.2, 6.2, paint)
    mast = [
        *beam((-16, 0, 6.2), (-17, 0, 11.0), 0.3, METAL, 2),
        box((-17.2, -15.8), (-0.9, 0.9), (8.0, 8.4), METAL),
    ]
    raft = box((-27, -22.5), (-1.2, 1.2), (2.1, 3.1), Material((0.5, 0.24, 0.08)))
    return [*model, gun, *barrel, house, roof, *mast, raft]


def submarine(paint: Material, random: Random) -> Model:
    """A dark rounded hull awash, with its sail and a small fin astern."""
    steel = Material((0.07, 0.075, 0.085), gloss=0.35)
    rings = [
        circle((x, 0, z), (w, h), "x", 20)
        for x, w, h, z in (
            (0, 0.4, 0.5, -0.4),
            (-3, 2.6, 2.0, -0.2),
            (-9, 3.8, 2.7, 0.0),
            (-46, 3.8, 2.7, 0.0),
            (-60, 2.4, 1.9, -0.3),
            (-70, 0.6, 0.7, -0.5),
        )
    ]
    hull = tube(rings, steel)
    sail = tube(
        [
            circle((-24, 0, z), (long, wide), "z", 16)
            for z, long, wide in ((2.3, 5.6, 1.2), (6.4, 5.0, 1.1), (7.4, 4.4, 0.8))
        ],
        steel.shade(1.15),
    )
    planes = [
        box((-22.5, -20.5), sorted_span(side * 1.15, side * 3.6), (5.2, 5.45), steel)
        for side in (-1, 1)
    ]
    masts = [
        solid
        for x, top in ((-23, 11.5), (-25, 10.0), (-26.5, 9.0))
        for solid in beam((x, 0, 7.4), (x, 0, top), 0.35, METAL)
    ]
    rudder = box((-69, -65.5), (-0.2, 0.2), (0.6, 3.6), steel)
    return [hull, sail, *planes, *masts, rudder]


def sorted_span(a: float, b: float) -> tuple[float, float]:
    """The two numbers, the smaller first."""
    return (a, b) if a <= b else (b, a)


SHIPS: dict[str, Callable[[Material, Random], Model]] = {
    "fregatt": frigate,
    "patruljebåt": patrol_boat,
    "ubåt": submarine,
}
