"""Helicopters, aircraft and drones. The nose points along x, the belly or wheels rest on z = 0."""

# Makers share one signature, whether they use all of it or not.
# ruff: noqa: ARG001
from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from core.demo.solids import (
    BLACK,
    FRAME,
    GLASS,
    METAL,
    RED,
    Face,
    Material,
    Model,
    Solid,
    beam,
    box,
    circle,
    cylinder,
    extrude,
    tube,
    wheel,
)

Random = np.random.Generator
Stations = Sequence[tuple[float, float, float, float]]
"""x, half width, half height, z of the centre."""


def _fuselage(stations: Stations, paint: Material, sides: int = 18) -> Solid:
    return tube([circle((x, 0, z), (w, h), "x", sides) for x, w, h, z in stations], paint)


def _plate(corners: Sequence[tuple[float, float]], z: float, thick: float, paint: Material,
           rise: float = 0.0) -> Solid:  # fmt: skip
    """A flat wing through (x, y) corners; ``rise`` lifts it per metre of span."""
    return extrude([(x, y, z + abs(y) * rise) for x, y in corners], (0, 0, thick), paint)


def _wings(corners: Sequence[tuple[float, float]], z: float, thick: float, paint: Material,
           rise: float = 0.0) -> Model:  # fmt: skip
    return [_plate([(x, side * y) for x, y in corners], z, thick, paint, rise) for side in (-1, 1)]


def _fin(corners: Sequence[tuple[float, float]], y: float, thick: float, paint: Material) -> Solid:
    return extrude([(x, y - thick / 2, z) for x, z in corners], (0, thick, 0), paint)


def _star(solid: Solid, at: Sequence[float], radius: float, plane: str) -> None:
    """A red five-pointed star on the first two faces of a plate."""
    angle = np.pi / 2 + np.arange(10) * np.pi / 5
    reach = radius * np.where(np.arange(10) % 2, 0.4, 1.0)
    for face in solid.faces[:2]:
        points = np.empty((10, 3))
        first, second = ("x", "y") if plane == "z" else ("x", "z")
        points[:, "xyz".index(first)] = at[0] + reach * np.cos(angle)
        points[:, "xyz".index(second)] = at[1] + reach * np.sin(angle)
        normal = "xyz".index(plane)
        points[:, normal] = face.points[:, normal].mean()
        face.decals.append(Face(points, RED))


def _rotor(x: float, z: float, radius: float, blades: int, turn: float) -> Model:
    hub = cylinder((x, 0, z - 0.35), 0.5, 0.22, "z", FRAME)
    model: Model = [hub]
    for blade in range(blades):
        angle = turn + blade * 2 * np.pi / blades
        ahead, across = (
            np.array([np.cos(angle), np.sin(angle)]),
            np.array([-np.sin(angle), np.cos(angle)]),
        )
        corners = [0.3 * ahead - 0.16 * across, radius * ahead - 0.16 * across,
                   radius * ahead + 0.16 * across, 0.3 * ahead + 0.16 * across]  # fmt: skip
        droop = 0.02 * radius
        model.append(
            extrude(
                [
                    (x + p[0], p[1], z - (droop if i in (1, 2) else 0))
                    for i, p in enumerate(corners)
                ],
                (0, 0, 0.05),
                FRAME,
            )
        )
    return model


def _tail_rotor(x: float, y: float, z: float, radius: float, turn: float) -> Model:
    return [
        solid
        for spoke in range(3)
        for solid in beam(
            (x, y, z),
            (x + radius * np.cos(turn + spoke * 2.1), y, z + radius * np.sin(turn + spoke * 2.1)),
            0.13,
            FRAME,
        )
    ]


def transport_helicopter(paint: Material, random: Random) -> Model:
    """A fat cabin with round windows and clamshell rear, five long blades."""
    body = _fuselage(
        [
            (0.0, 0.35, 0.4, 1.45),
            (-0.35, 0.8, 0.85, 1.6),
            (-1.1, 1.15, 1.15, 1.75),
            (-2.4, 1.25, 1.2, 1.8),
            (-6.6, 1.25, 1.2, 1.8),
            (-8.0, 0.9, 0.8, 2.1),
            (-9.2, 0.45, 0.45, 2.4),
        ],
        paint,
    )
    for face in body.faces:
        middle = face.points.mean(axis=0)
        if middle[0] > -1.1 and middle[2] > 1.7:
            face.material = GLASS
        if -6.6 < middle[0] < -2.4 and 1.9 < middle[2] < 2.4:
            for x in np.linspace(-6.0, -2.9, 5):
                z, y = middle[2], middle[1]
                face.decals.append(Face(circle((x, y, z), (0.2, 0.2), "y", 12), GLASS))
    boom = _fuselage([(-9.2, 0.45, 0.45, 2.4), (-15.0, 0.2, 0.22, 2.8)], paint, 12)
    fin = _fin([(-14.2, 2.7), (-15.2, 2.7), (-16.2, 4.6), (-15.5, 4.6)], 0, 0.2, paint)
    engine = box((-5.4, -2.0), (-0.65, 0.65), (2.95, 3.7), paint.shade(0.9))
    engine.side("front").disc(0.27, 0.5, 0.18, 0.35, BLACK).disc(0.73, 0.5, 0.18, 0.35, BLACK)
    legs = [
        wheel(-1.6, 0, 0.3, 0.3, METAL),
        *(wheel(-6.2, s * 1.9, 0.42, 0.3, METAL) for s in (-1, 1)),
    ]
    struts = [
        solid
        for s in (-1, 1)
        for solid in beam((-6.2, s * 1.75, 0.45), (-5.6, s * 1.2, 1.4), 0.14, FRAME)
    ]
    turn = 6.28 * random.random()
    return [body, boom, fin, engine, *legs, *struts, *_rotor(-4.2, 4.2, 10.0, 5, turn),
            *_tail_rotor(-15.9, -0.3, 4.4, 1.9, turn)]  # fmt: skip


def attack_helicopter(paint: Material, random: Random) -> Model:
    """A slim hull, two stepped canopies, stub wings with rocket pods."""
    body = _fuselage(
        [(0.0, 0.15, 0.15, 1.35), (-0.5, 0.42, 0.5, 1.5), (-2.0, 0.6, 0.8, 1.65),
         (-5.8, 0.75, 0.95, 1.75), (-7.6, 0.5, 0.6, 2.0)],
        paint,
    )  # fmt: skip
    canopies = [
        tube([circle((x, 0, z), (w, h), "x", 10) for x, w, h, z in stations], GLASS)
        for stations in (
            ((-0.9, 0.2, 0.1, 2.0), (-1.5, 0.38, 0.42, 2.15), (-2.1, 0.4, 0.45, 2.2)),
            ((-2.15, 0.3, 0.3, 2.5), (-2.7, 0.42, 0.5, 2.6), (-3.5, 0.35, 0.35, 2.6)),
        )
    ]
    boom = _fuselage([(-7.6, 0.5, 0.6, 2.0), (-12.4, 0.18, 0.25, 2.5)], paint, 12)
    fin = _fin([(-11.4, 2.4), (-12.6, 2.4), (-13.4, 4.2), (-12.6, 4.2)], 0, 0.2, paint)
    engines = [
        cylinder((-5.9, side * 0.5, 2.95), 2.3, 0.38, "x", paint.shade(0.85)) for side in (-1, 1)
    ]
    wings = _wings([(-4.3, 0.75), (-4.7, 2.7), (-5.4, 2.7), (-5.6, 0.75)], 1.75, 0.12, paint, -0.05)
    pods: Model = []
    for side in (-1, 1):
        for y in (1.5, 2.3):
            pod = cylinder((-5.8, side * y, 1.3), 1.9, 0.25, "x", paint.shade(0.75))
            for cap in pod.faces[-2:]:
                centre = cap.points.mean(axis=0)
                cap.decals.append(Face(centre + (cap.points - centre) * 0.75, BLACK))
            pods.append(pod)
    legs = [wheel(-2.0, s * 0.8, 0.32, 0.25, METAL) for s in (-1, 1)]
    legs.append(wheel(-10.5, 0, 0.25, 0.2, METAL))
    struts = [
        solid
        for s in (-1, 1)
        for solid in beam((-2.0, s * 0.75, 0.35), (-2.2, s * 0.5, 1.1), 0.12, FRAME)
    ]
    turn = 6.28 * random.random()
    gun = beam((-0.9, 0, 0.85), (0.5, 0, 0.8), 0.12, FRAME)
    return [
        body,
        *canopies,
        boom,
        fin,
        *engines,
        *wings,
        *pods,
        *legs,
        *struts,
        *gun,
        *_rotor(-4.6, 3.9, 8.2, 5, turn),
        *_tail_rotor(-13.2, -0.3, 4.0, 1.6, turn),
    ]


def fighter(paint: Material, random: Random) -> Model:
    """Twin fins, swept wings blended into a needle nose."""
    body = _fuselage(
        [(0.0, 0.05, 0.05, 2.3), (-1.5, 0.35, 0.36, 2.35), (-3.5, 0.62, 0.68, 2.45),
         (-7.0, 0.95, 0.8, 2.4), (-13.0, 1.2, 0.62, 2.3), (-16.0, 1.05, 0.5, 2.3)],
        paint,
    )  # fmt: skip
    canopy = tube(
        [
            circle((x, 0, z), (w, h), "x", 12)
            for x, w, h, z in (
                (-2.6, 0.1, 0.05, 2.95),
                (-3.5, 0.4, 0.42, 3.02),
                (-4.8, 0.42, 0.45, 3.08),
                (-6.2, 0.2, 0.1, 3.15),
            )
        ],
        GLASS,
    )
    wings = _wings(
        [(-6.0, 1.2), (-8.6, 2.2), (-12.0, 6.6), (-13.3, 6.6), (-13.0, 1.2)], 2.25, 0.14, paint
    )
    for side, wing in zip((-1, 1), wings, strict=True):
        _star(wing, (-11.2, side * 4.0), 0.6, "z")
    tails = _wings([(-13.6, 1.2), (-16.0, 4.2), (-17.2, 4.2), (-16.6, 1.2)], 2.2, 0.12, paint)
    fins = [
        _fin([(-12.4, 2.7), (-15.6, 2.7), (-17.0, 5.6), (-15.6, 5.6)], side * 1.25, 0.14, paint)
        for side in (-1, 1)
    ]
    for fin in fins:
        _star(fin, (-15.4, 4.4), 0.45, "y")
    intakes = [
        box((-11.5, -6.2), sorted_range(side * 0.4, side * 1.1), (1.25, 1.85), paint.shade(0.85))
        for side in (-1, 1)
    ]
    for intake in intakes:
        intake.side("front").panel(0.08, 0.08, 0.92, 0.92, BLACK)
    nozzles = [
        cylinder((-17.2, side * 0.6, 2.3), 1.2, 0.5, "x", METAL.shade(0.6)) for side in (-1, 1)
    ]
    legs = [
        wheel(-3.8, 0, 0.32, 0.22, METAL),
        *(wheel(-10.2, s * 1.6, 0.42, 0.3, METAL) for s in (-1, 1)),
    ]
    struts = [
        solid
        for x, y in ((-3.8, 0.0), (-10.2, -1.5), (-10.2, 1.5))
        for solid in beam((x, y, 0.5), (x, y * 0.7, 1.9), 0.14, METAL)
    ]
    return [body, canopy, *wings, *tails, *fins, *intakes, *nozzles, *legs, *struts]


def sorted_range(a: float, b: float) -> tuple[float, float]:
    """The two numbers, the smaller first."""
    return (a, b) if a <= b else (b, a)


def transport_plane(paint: Material, random: Random) -> Model:
    """High straight wing with four propellers, upswept tail."""
    body = _fuselage(
        [
            (0.0, 0.3, 0.35, 2.3),
            (-0.9, 1.0, 1.1, 2.6),
            (-2.4, 1.7, 1.75, 2.9),
            (-5.0, 2.0, 2.05, 3.0),
            (-18.0, 2.0, 2.05, 3.0),
            (-24.0, 1.2, 1.3, 3.9),
            (-30.0, 0.3, 0.45, 4.8),
        ],
        paint,
    )
    for face in body.faces:
        middle = face.points.mean(axis=0)
        if -2.4 < middle[0] < -0.9 and 3.1 < middle[2] < 4.1:
            face.material = GLASS
    wings = _wings(
        [(-9.0, 0.0), (-10.0, 18.5), (-12.2, 18.5), (-13.5, 0.0)], 5.05, 0.4, paint, -0.01
    )
    for side, wing in zip((-1, 1), wings, strict=True):
        _star(wing, (-11.2, side * 14.5), 1.0, "z")
    turn = 6.28 * random.random()
    engines: Model = []
    for side in (-1, 1):
        for y in (5.0, 9.6):
            engines.append(cylinder((-11.0, side * y, 4.6), 4.4, 0.55, "x", paint.shade(0.9)))
            for blade in range(4):
                angle = turn + blade * np.pi / 2
                tip = (-6.4, side * y + 1.9 * np.cos(angle), 4.6 + 1.9 * np.sin(angle))
                engines += beam((-6.4, side * y, 4.6), tip, 0.2, FRAME)
    fin = _fin([(-24.0, 4.9), (-29.8, 5.1), (-31.0, 11.0), (-28.0, 11.0)], 0, 0.35, paint)
    _star(fin, (-28.8, 8.5), 1.0, "y")
    tails = _wings([(-26.0, 0.35), (-28.0, 6.2), (-30.0, 6.2), (-30.0, 0.35)], 5.0, 0.25, paint)
    legs = [wheel(x, s * 1.7, 0.6, 0.4, METAL) for x in (-11.0, -12.6) for s in (-1, 1)]
    legs.append(wheel(-2.6, 0, 0.5, 0.4, METAL))
    return [body, *wings, *engines, fin, *tails, *legs]


def drone(paint: Material, random: Random) -> Model:
    """A slender body with long thin wings, V tail and a pushing propeller."""
    body = _fuselage(
        [
            (0.0, 0.2, 0.2, 1.35),
            (-0.5, 0.42, 0.5, 1.4),
            (-1.6, 0.45, 0.52, 1.4),
            (-3.0, 0.3, 0.32, 1.3),
            (-7.2, 0.22, 0.25, 1.3),
        ],
        paint,
        14,
    )
    wings = _wings([(-3.0, 0.3), (-3.5, 7.2), (-4.2, 7.2), (-4.5, 0.3)], 1.4, 0.1, paint, 0.02)
    tails = [
        extrude(
            [
                (-6.2, side * 0.15, 1.4),
                (-7.2, side * 0.15, 1.4),
                (-7.6, side * 1.6, 2.9),
                (-6.9, side * 1.6, 2.9),
            ],
            (0, side * 0.08, 0),
            paint,
        )
        for side in (-1, 1)
    ]
    ball = tube(
        [
            circle((-0.7, 0, z), (r, r), "z", 10)
            for z, r in ((0.6, 0.1), (0.75, 0.25), (0.92, 0.25))
        ],
        BLACK,
    )
    propeller = beam((-7.35, 0, 0.5), (-7.35, 0, 2.1), 0.09, FRAME, 2)
    legs = [
        solid
        for x, y in ((-1.0, 0.0), (-4.0, -0.8), (-4.0, 0.8))
        for solid in beam((x, y, 0.0), (x, y * 0.3, 1.0), 0.07, METAL)
    ]
    return [body, *wings, *tails, ball, *propeller, *legs]


FLYING: dict[str, Callable[[Material, Random], Model]] = {
    "transporthelikopter": transport_helicopter,
    "kamphelikopter": attack_helicopter,
    "jagerfly": fighter,
    "transportfly": transport_plane,
    "drone": drone,
}
