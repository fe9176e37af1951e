"""The few solids that every vehicle is built from: blocks, extrusions, tubes, beams and wheels.

Metres; x points forward, y to the left, z up. A solid is convex (or nearly), its faces wind
counter-clockwise seen from outside, and a face may carry flat decals such as windows.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Points: TypeAlias = NDArray[np.float64]
Colour: TypeAlias = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Material:
    """What a face is made of: ``colour`` in [0, 1], whether camouflage covers it, its ``gloss``."""

    colour: Colour
    painted: bool = False
    gloss: float = 0.0

    def shade(self, factor: float) -> Material:
        """The same material, lighter or darker."""
        red, green, blue = self.colour
        return Material((red * factor, green * factor, blue * factor), self.painted, self.gloss)


TYRE = Material((0.075, 0.075, 0.08))
TREAD = Material((0.045, 0.045, 0.05))
FRAME = Material((0.10, 0.10, 0.095))
METAL = Material((0.36, 0.37, 0.38), gloss=0.25)
GLASS = Material((0.07, 0.09, 0.11), gloss=0.75)
LAMP = Material((0.86, 0.85, 0.78), gloss=0.5)
REAR_LAMP = Material((0.55, 0.07, 0.05))
WHITE = Material((0.88, 0.88, 0.86))
RED = Material((0.72, 0.06, 0.07))
BLACK = Material((0.03, 0.03, 0.03))


@dataclass(slots=True)
class Face:
    """A flat polygon (k, 3), and the flat figures painted on it."""

    points: Points
    material: Material
    decals: list[Face] = field(default_factory=list)

    def at(self, uv: ArrayLike) -> Points:
        """Bilinear position of (m, 2) coordinates in [0, 1] on a four-cornered face."""
        u, v = np.asarray(uv, dtype=np.float64).T[:, :, None]
        a, b, c, d = self.points
        return np.asarray((1 - v) * ((1 - u) * a + u * b) + v * ((1 - u) * d + u * c))

    def panel(self, u0: float, v0: float, u1: float, v1: float, material: Material) -> Face:
        """Paint a rectangle on the face; returns this face."""
        corners = ((u0, v0), (u1, v0), (u1, v1), (u0, v1))
        self.decals.append(Face(self.at(corners), material))
        return self

    def window(self, u0: float, v0: float, u1: float, v1: float) -> Face:
        """A pane with a dark seal and a streak of sky; returns this face."""
        du, dv = (u1 - u0) * 0.06, (v1 - v0) * 0.08
        self.panel(u0 - du, v0 - dv, u1 + du, v1 + dv, BLACK).panel(u0, v0, u1, v1, GLASS)
        width = u1 - u0
        streak = (
            (u0 + 0.45 * width, v0),
            (u0 + 0.62 * width, v0),
            (u0 + 0.92 * width, v1),
            (u0 + 0.66 * width, v1),
        )
        self.decals.append(Face(self.at(streak), GLASS.shade(2.2)))
        return self

    def disc(self, u: float, v: float, ru: float, rv: float, material: Material) -> Face:
        """Paint an ellipse on the face; returns this face."""
        angle = np.linspace(0, 2 * np.pi, 14, endpoint=False)
        ring = np.stack([u + ru * np.cos(angle), v + rv * np.sin(angle)], axis=1)
        self.decals.append(Face(self.at(ring), material))
        return self


@dataclass(slots=True)
class Solid:
    """Faces that belong together. ``side(name)`` finds the faces of a block."""

    faces: list[Face]

    def side(self, name: str) -> Face:
        """A face of a :func:`block`: right, left, front, back, top or bottom."""
        return self.faces[_SIDES.index(name)]

    def bounds(self) -> tuple[Points, Points]:
        """The corners (3,) of the box around the solid."""
        points = np.concatenate([face.points for face in self.faces])
        return points.min(axis=0), points.max(axis=0)


Model: TypeAlias = list[Solid]

_SIDES = ("right", "left", "front", "back", "top", "bottom")
# Corner numbers: 0-3 bottom, 4-7 top, each (rear right, front right, front left, rear left).
# Sides start at a lower corner, so that u runs along the side and v upwards.
_CORNERS = (
    (0, 1, 5, 4),
    (2, 3, 7, 6),
    (1, 2, 6, 5),
    (3, 0, 4, 7),
    (4, 5, 6, 7),
    (3, 2, 1, 0),
)
Rectangle: TypeAlias = tuple[float, float, float, float]


def block(bottom: Rectangle, z0: float, top: Rectangle, z1: float, material: Material) -> Solid:
    """A six-sided block between two rectangles (x0, x1, y0, y1) at heights z0 < z1."""
    corners = np.array(
        [
            (x, y, z)
            for (x0, x1, y0, y1), z in ((bottom, z0), (top, z1))
            for x, y in ((x0, y0), (x1, y0), (x1, y1), (x0, y1))
        ],
        dtype=np.float64,
    )
    return Solid([Face(corners[list(index)], material) for index in _CORNERS])


def box(
    x: tuple[float, float], y: tuple[float, float], z: tuple[float, float], material: Material
) -> Solid:
    """An upright block."""
    rectangle = (*x, *y)
    return block(rectangle, z[0], rectangle, z[1], material)


def extrude(outline: ArrayLike, along: ArrayLike, material: Material) -> Solid:
    """Push a flat polygon (k, 3) along a vector (3,); the outline's winding does not matter."""
    base = np.asarray(outline, dtype=np.float64)
    shift = np.asarray(along, dtype=np.float64)
    area = np.cross(base[1:-1] - base[0], base[2:] - base[0]).sum(axis=0)
    if area @ shift > 0:
        base = base[::-1]
    end = base + shift
    following = np.roll(np.arange(len(base)), -1)
    sides = [
        Face(np.stack([base[j], base[i], end[i], end[j]]), material)
        for i, j in enumerate(following)
    ]
    return Solid([Face(base, material), Face(end[::-1].copy(), material), *sides])


def profile(
    outline: Sequence[tuple[float, float]], y: tuple[float, float], material: Material
) -> Solid:
    """A side profile of (x, z) points pushed from y[0] to y[1]; faces[0] is the right side."""
    points = [(x, y[0], z) for x, z in outline]
    return extrude(points, (0.0, y[1] - y[0], 0.0), material)


def tube(rings: Iterable[ArrayLike], material: Material, caps: bool = True) -> Solid:
    """Skin over successive rings (k, 3) of equally many points, in either direction."""
    stack = [np.asarray(ring, dtype=np.float64) for ring in rings]
    axis = stack[-1].mean(axis=0) - stack[0].mean(axis=0)
    widest = max(stack, key=np.ptp)
    turn = np.cross(widest[1:-1] - widest[0], widest[2:] - widest[0]).sum(axis=0)
    if turn @ axis < 0:
        stack.reverse()
    faces = [
        Face(np.stack([near[i], near[j], far[j], far[i]]), material)
        for near, far in itertools.pairwise(stack)
        for i, j in enumerate(np.roll(np.arange(len(near)), -1))
    ]
    if caps:
        faces += [Face(stack[0][::-1].copy(), material), Face(stack[-1], material)]
    return Solid(faces)


def circle(centre: ArrayLike, radius: tuple[float, float], axis: str, sides: int = 16) -> Points:
    """An ellipse (sides, 3) across ``axis``; ``radius`` is (first, second) remaining axis."""
    angle = np.arange(sides) * (2 * np.pi / sides) + np.pi / sides
    first, second = radius[0] * np.cos(angle), radius[1] * np.sin(angle)
    none = np.zeros(sides)
    parts = {"x": (none, first, second), "y": (first, none, second), "z": (first, second, none)}
    return np.stack(parts[axis], axis=1) + np.asarray(centre, dtype=np.float64)


def cylinder(
    start: tuple[float, float, float],
    length: float,
    radius: float,
    axis: str,
    material: Material,
    sides: int = 12,
) -> Solid:
    """A round bar from ``start`` along ``axis``."""
    step = np.array([length if name == axis else 0.0 for name in "xyz"])
    ring = circle(start, (radius, radius), axis, sides)
    return tube([ring, ring + step], material)


def beam(
    start: ArrayLike, end: ArrayLike, thickness: float, material: Material, pieces: int = 1
) -> list[Solid]:
    """A square bar between two points; cut into pieces so that each hides its part exactly."""
    a, b = np.asarray(start, dtype=np.float64), np.asarray(end, dtype=np.float64)
    direction = (b - a) / np.linalg.norm(b - a)
    helper = np.array([0.0, 1.0, 0.0]) if abs(direction[1]) < 0.9 else np.array([1.0, 0.0, 0.0])
    across = np.cross(direction, helper)
    across /= np.linalg.norm(across)
    upward = np.cross(across, direction)
    signs = ((-1, -1), (1, -1), (1, 1), (-1, 1))
    corners = np.stack([thickness / 2 * (s * across + t * upward) for s, t in signs])
    cuts = [a + (b - a) * (i / pieces) for i in range(pieces + 1)]
    return [
        tube([low + corners, high + corners], material) for low, high in itertools.pairwise(cuts)
    ]


def wheel(x: float, y: float, radius: float, width: float, rim: Material) -> Solid:
    """A tyre with tread, rim and hub, standing on z = 0, centred at y."""
    inner, outer = y - width / 2, y + width / 2
    rings = [
        circle((x, at, radius), (radius * share, radius * share), "y", 20)
        for at, share in (
            (inner, 0.9),
            (inner + 0.12 * width, 1.0),
            (outer - 0.12 * width, 1.0),
            (outer, 0.9),
        )
    ]
    solid = tube(rings, TYRE)
    for number, face in enumerate(solid.faces[20:40]):
        face.material = TREAD if number % 2 else TYRE
    for cap in solid.faces[-2:]:
        middle = cap.points.mean(axis=0)
        for share, material in (
            (0.64, rim.shade(0.55)),
            (0.60, rim),
            (0.47, rim.shade(0.45)),
            (0.40, rim.shade(0.8)),
            (0.17, rim.shade(1.2)),
            (0.09, FRAME),
        ):
            cap.decals.append(Face(middle + (cap.points - middle) * share, material))
    return solid
