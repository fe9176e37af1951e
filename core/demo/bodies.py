"""What a truck carries: bodies fill the frame between x = rear and x = front, from z upwards."""

# Makers share one signature, whether they use all of it or not.
# ruff: noqa: ARG001
from __future__ import annotations

from collections.abc import Callable

import numpy as np

from core.demo.solids import (
    BLACK,
    FRAME,
    METAL,
    RED,
    WHITE,
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
    profile,
    tube,
)

CANVAS = Material((0.33, 0.33, 0.24))
HALF = 1.24
Random = np.random.Generator
BodyMaker = Callable[[float, float, float, Material, Random], Model]


def _ribs(solid: Solid, count: int, material: Material) -> None:
    for name in ("right", "left"):
        for rib in range(count):
            u = (rib + 0.5) / count
            solid.side(name).panel(u - 0.006, 0.04, u + 0.006, 0.96, material)


def _shelter(rear: float, front: float, z: float, height: float, paint: Material) -> Solid:
    """A box body with a bevelled roof line; the root of all special bodies."""
    solid = block(
        (rear, front, -HALF, HALF), z, (rear + 0.04, front - 0.04, -HALF + 0.04, HALF - 0.04),
        z + height, paint,
    )  # fmt: skip
    for name in ("right", "left", "front", "back"):
        solid.side(name).panel(0.0, 0.0, 1.0, 0.05, paint.shade(0.6))
        solid.side(name).panel(0.0, 0.95, 1.0, 1.0, paint.shade(1.15))
    return solid


def cargo(rear: float, front: float, z: float, paint: Material, random: Random) -> Model:
    """A flat bed with boards; mostly under canvas on hoops."""
    boards = box((rear, front), (-HALF, HALF), (z, z + 0.75), paint.shade(0.95))
    _ribs(boards, 5, paint.shade(0.55))
    for name in ("right", "left", "back"):
        for line in (0.3, 0.6, 0.85):
            boards.side(name).panel(0.0, line, 1.0, line + 0.03, paint.shade(0.65))
    if random.random() < 0.25:
        crates = [
            box((x, x + 0.85), (-0.9, 0.9), (z + 0.77, z + 1.2 + 0.25 * random.random()),
                Material((0.33, 0.27, 0.17)))
            for x in np.arange(rear + 0.3, front - 1.0, 1.0)
        ]  # fmt: skip
        return [boards, *crates]
    arch = [(-HALF, 0.0), (-HALF, 1.0), (-0.95, 1.3), (0.0, 1.4), (0.95, 1.3), (HALF, 1.0),
            (HALF, 0.0)]  # fmt: skip
    cloth = CANVAS.shade(0.8 + 0.4 * random.random())
    xs = np.linspace(rear, front, 7)
    rings = [
        [(x, y * (1 - 0.02 * (i % 2)), z + 0.76 + h * (1 - 0.04 * (i % 2))) for y, h in arch]
        for i, x in enumerate(xs)
    ]
    return [boards, tube(rings, cloth)]


def tanker(rear: float, front: float, z: float, paint: Material, random: Random) -> Model:
    """An elliptic tank with straps, hatch and a pump locker at the rear."""
    locker = box((rear, rear + 0.7), (-1.1, 1.1), (z, z + 1.0), paint.shade(0.9))
    locker.side("back").panel(0.1, 0.15, 0.9, 0.85, paint.shade(0.6))
    start, stop, middle = rear + 0.72, front - 0.1, z + 0.85
    length = stop - start
    stations = (0.0, 0.03, 0.2, 0.22, 0.5, 0.52, 0.78, 0.8, 0.97, 1.0)
    share = (0.8, 1.0, 1.0, 1.03, 1.03, 1.0, 1.0, 1.03, 1.0, 0.8)
    rings = [
        circle((start + length * s, 0, middle), (1.2 * r, 0.78 * r), "x", 24)
        for s, r in zip(stations, share, strict=True)
    ]
    tank = tube(rings, paint)
    for index in range(24):
        for band in (2, 6):
            tank.faces[band * 24 + index].material = paint.shade(0.72)
    hatch = cylinder((start + length * 0.55, 0, middle + 0.78), 0.22, 0.32, "z", paint.shade(0.8))
    walk = box(
        (start + 0.4, start + length * 0.45), (-0.3, 0.3), (middle + 0.8, middle + 0.86), METAL
    )
    cradle = box((start + 0.2, stop - 0.2), (-0.95, 0.95), (z - 0.05, z + 0.2), FRAME)
    return [locker, cradle, tank, hatch, walk]


def crane(rear: float, front: float, z: float, paint: Material, random: Random) -> Model:
    """A turntable with an operator's box and a lattice of a boom over the cab or raised."""
    deck = box((rear, front), (-1.2, 1.2), (z, z + 0.3), paint.shade(0.8))
    middle = rear + 0.42 * (front - rear)
    turret = box((middle - 1.1, middle + 0.9), (-0.95, 0.2), (z + 0.3, z + 1.25), paint)
    booth = box((middle - 0.3, middle + 0.9), (0.25, 1.1), (z + 0.3, z + 1.6), paint)
    booth.side("left").window(0.1, 0.4, 0.9, 0.9)
    booth.side("front").window(0.1, 0.35, 0.9, 0.9)
    angle = random.choice((0.12, 0.2, 0.5, 0.8))
    length = 7.0 + 1.5 * random.random()
    foot = np.array([middle - 0.8, -0.35, z + 1.5])
    tip = foot + length * np.array([np.cos(angle), 0, np.sin(angle)])
    yellow = random.random() < 0.4
    steel = Material((0.75, 0.55, 0.08)) if yellow else paint.shade(1.1)
    boom = beam(foot, foot + 0.6 * (tip - foot), 0.5, steel, 5)
    boom += beam(foot + 0.6 * (tip - foot), tip, 0.34, steel.shade(0.85), 4)
    cable = beam(tip, tip - (0, 0, 1.5), 0.06, BLACK)
    hook = box(
        (tip[0] - 0.12, tip[0] + 0.12),
        (tip[1] - 0.12, tip[1] + 0.12),
        (tip[2] - 1.9, tip[2] - 1.5),
        RED,
    )
    legs = [
        solid
        for x in (rear + 0.3, front - 0.5)
        for side in (-1, 1)
        for solid in beam((x, side * 1.25, z + 0.2), (x, side * 1.45, 0.1), 0.2, METAL)
    ]
    return [deck, turret, booth, *boom, *cable, hook, *legs]


def container(rear: float, front: float, z: float, paint: Material, random: Random) -> Model:
    """A freight container with corrugated sides and locked doors."""
    hues = ((0.16, 0.25, 0.36), (0.42, 0.17, 0.12), (0.45, 0.45, 0.42), (0.24, 0.28, 0.18))
    steel = Material(hues[int(random.integers(len(hues)))])
    solid = box((rear, front - 0.1), (-1.22, 1.22), (z + 0.05, z + 2.4), steel)
    for name in ("right", "left"):
        for fold in range(22):
            u = (fold + 0.5) / 22
            solid.side(name).panel(u - 0.012, 0.06, u + 0.002, 0.94, steel.shade(0.72))
            solid.side(name).panel(u + 0.002, 0.06, u + 0.01, 0.94, steel.shade(1.2))
    for name in ("right", "left", "front", "back"):
        for edge in (
            (0.0, 0.0, 1.0, 0.05),
            (0.0, 0.95, 1.0, 1.0),
            (0.0, 0.0, 0.02, 1.0),
            (0.98, 0.0, 1.0, 1.0),
        ):
            solid.side(name).panel(*edge, steel.shade(0.8))
    for u in (0.2, 0.4, 0.6, 0.8):
        solid.side("back").panel(u - 0.01, 0.05, u + 0.01, 0.95, METAL)
    return [solid]


def radar(rear: float, front: float, z: float, paint: Material, random: Random) -> Model:
    """An equipment shelter, and on the rear half a mast with a large tilted array."""
    split = rear + 0.55 * (front - rear)
    shelter = _shelter(split, front, z, 1.7, paint)
    deck = box((rear, split - 0.05), (-1.2, 1.2), (z, z + 0.35), paint.shade(0.8))
    middle = (rear + split) / 2
    base = cylinder((middle, 0, z + 0.35), 0.5, 0.6, "z", paint.shade(0.85))
    mast = box((middle - 0.22, middle + 0.22), (-0.25, 0.25), (z + 0.85, z + 2.0), paint.shade(0.9))
    low, tilt = z + 2.0, 0.5 + 0.4 * random.random()
    half = 2.0
    array = extrude(
        [(middle - 0.1, -half, low), (middle - 0.1, half, low),
         (middle - 0.1 - tilt, half, low + 2.1), (middle - 0.1 - tilt, -half, low + 2.1)],
        (0.26, 0, 0.06), paint,
    )  # fmt: skip
    for face in array.faces[:2]:
        for line in range(1, 8):
            face.panel(line / 8 - 0.008, 0.04, line / 8 + 0.008, 0.96, paint.shade(0.5))
        for line in range(1, 6):
            face.panel(0.03, line / 6 - 0.01, 0.97, line / 6 + 0.01, paint.shade(0.5))
    return [shelter, deck, base, mast, array]


def antenna(rear: float, front: float, z: float, paint: Material, random: Random) -> Model:
    """A shelter and a telescopic mast with stays and crossed rods."""
    split = rear + 0.4 * (front - rear)
    shelter = _shelter(split, front, z, 1.8, paint)
    shelter.side("left").window(0.4, 0.55, 0.58, 0.8)
    deck = box((rear, split - 0.05), (-1.2, 1.2), (z, z + 0.4), paint.shade(0.8))
    x, foot, height = (rear + split) / 2, z + 0.4, 6.5 + 2.5 * random.random()
    steel = Material((0.3, 0.32, 0.28))
    mast: Model = []
    for piece, thick in enumerate((0.34, 0.27, 0.2, 0.14)):
        low, high = foot + height * piece / 4, foot + height * (piece + 1) / 4
        mast += beam((x, 0, low), (x, 0, high), thick, steel)
    rods = [
        solid
        for share in (0.72, 0.86, 0.97)
        for solid in beam(
            (x + 0.1, -1.1, foot + height * share),
            (x + 0.1, 1.1, foot + height * share),
            0.09,
            steel,
        )
    ]
    stays = [
        solid
        for end, side in ((rear - 0.9, -1.6), (rear - 0.9, 1.6), (front, -1.9), (front, 1.9))
        for solid in beam((x, 0, foot + 0.8 * height), (end, side, 0.1), 0.035, BLACK, 6)
    ]
    return [shelter, deck, *mast, *rods, *stays]


def rockets(rear: float, front: float, z: float, paint: Material, random: Random) -> Model:
    """A block of forty tubes, raised or level, on a turntable."""
    deck = box((rear, front), (-1.2, 1.2), (z, z + 0.25), paint.shade(0.8))
    middle = rear + 0.45 * (front - rear)
    table = box((middle - 0.8, middle + 0.7), (-0.8, 0.8), (z + 0.25, z + 0.8), paint.shade(0.9))
    angle = random.choice((0.0, 0.25, 0.5, 0.7))
    ahead = np.array([np.cos(angle), 0, np.sin(angle)])
    up = np.array([-np.sin(angle), 0, np.cos(angle)])
    length = min(front - rear - 0.3, 3.6)
    start = np.array([middle, 0, z + 0.85]) - ahead * length * 0.45 + up * (0.9 * np.sin(angle))
    near = [start + up * h + (0, y, 0) for y, h in ((-1.1, 0), (1.1, 0), (1.1, 0.85), (-1.1, 0.85))]
    pack = extrude(near, ahead * length, paint)
    for face in pack.faces[:2]:
        face.panel(0.0, 0.0, 1.0, 1.0, paint.shade(0.5))
        for row in range(4):
            for column in range(10):
                face.disc((column + 0.5) / 10, (row + 0.5) / 4, 0.042, 0.1, BLACK)
    for face in pack.faces[2:]:
        for line in (0.12, 0.5, 0.88):
            face.panel(line - 0.015, 0.0, line + 0.015, 1.0, paint.shade(0.6))
            face.panel(0.0, line - 0.02, 1.0, line + 0.02, paint.shade(0.75))
    return [deck, table, pack]


def missile(rear: float, front: float, z: float, paint: Material, random: Random) -> Model:
    """One long round canister, or two side by side, with rings and a rounded nose."""
    deck = box((rear, front), (-1.25, 1.25), (z, z + 0.35), paint.shade(0.8))
    count, radius = ((1, 0.95), (2, 0.58))[int(random.integers(2))]
    steel = paint if random.random() < 0.7 else Material((0.72, 0.74, 0.72))
    start, stop = rear - 0.4, front + (1.6 if count == 1 else 0.2)
    stations = (0.0, 0.04, 0.05, 0.3, 0.31, 0.34, 0.35, 0.66, 0.67, 0.7, 0.71, 0.9, 0.96, 1.0)
    share = (0.9, 1.07, 1.0, 1.0, 1.07, 1.07, 1.0, 1.0, 1.07, 1.07, 1.0, 1.0, 0.8, 0.35)
    tubes = []
    for number in range(count):
        y = 0.0 if count == 1 else (number - 0.5) * 1.24
        tubes.append(
            tube(
                [
                    circle(
                        (start + (stop - start) * s, y, z + 0.4 + radius),
                        (radius * r, radius * r),
                        "x",
                        20,
                    )
                    for s, r in zip(stations, share, strict=True)
                ],
                steel,
            )
        )
    return [deck, *tubes]


def bridge(rear: float, front: float, z: float, paint: Material, random: Random) -> Model:
    """Two folded bridge spans with trussed sides lying above each other on a cradle."""
    deck = box((rear, front), (-1.1, 1.1), (z, z + 0.4), paint.shade(0.7))
    model: Model = [deck]
    spans = ((z + 0.45, 0.0, 1.6), (z + 1.15, 0.5, 2.2))
    for low, back, ahead in spans:
        for side in (-1, 1):
            inner, outer = sorted((side * 0.3, side * 1.5))
            span = profile(
                [
                    (rear - back, low + 0.3),
                    (rear + 0.8, low),
                    (front - 0.4, low),
                    (front + ahead, low + 0.35),
                    (front + ahead, low + 0.55),
                    (rear - back, low + 0.55),
                ],
                (inner, outer),
                paint,
            )
            for face in span.faces[:2]:
                for line in np.linspace(rear + 0.9, front - 0.5, 8):
                    y = face.points[0][1]
                    corners = [
                        (line, y, low + 0.08),
                        (line + 0.32, y, low + 0.08),
                        (line + 0.16, y, low + 0.46),
                    ]
                    face.decals.append(Face(np.array(corners), BLACK))
            model.append(span)
    return model


def command(rear: float, front: float, z: float, paint: Material, random: Random) -> Model:
    """A windowed shelter with door, cooler and whip antennas."""
    shelter = _shelter(rear, front, z, 1.95, paint)
    for name in ("right", "left"):
        for pane in range(4):
            u = 0.1 + pane * 0.22
            shelter.side(name).window(u, 0.5, u + 0.12, 0.78)
    shelter.side("back").panel(0.3, 0.05, 0.7, 0.88, paint.shade(0.75)).window(0.4, 0.55, 0.6, 0.78)
    cooler = box((front - 1.0, front - 0.2), (-0.6, 0.6), (z + 1.97, z + 2.3), METAL)
    whips = [
        solid
        for x, side in ((rear + 0.2, -1.1), (front - 0.2, 1.1), (rear + 0.2, 1.1))
        for solid in beam((x, side, z + 1.9), (x - 0.35, side, z + 4.6), 0.06, BLACK)
    ]
    return [shelter, cooler, *whips]


def ambulance(rear: float, front: float, z: float, paint: Material, random: Random) -> Model:
    """A windowed shelter with the red cross on white."""
    body = WHITE if random.random() < 0.3 else paint
    shelter = _shelter(rear, front, z, 1.9, body)
    size = front - rear
    for name in ("right", "left", "back"):
        side, wide = shelter.side(name), 2.4 if name == "back" else size
        u, reach = 0.5, 0.58 / wide
        side.disc(u, 0.55, reach, 0.3, WHITE)
        side.panel(u - 0.75 * reach, 0.47, u + 0.75 * reach, 0.63, RED)
        side.panel(u - 0.2 * reach, 0.33, u + 0.2 * reach, 0.77, RED)
        if name != "back":
            side.window(0.1, 0.55, 0.24, 0.8)
            side.window(0.76, 0.55, 0.9, 0.8)
    light = box(
        (front - 0.5, front - 0.2), (-0.25, 0.25), (z + 1.92, z + 2.12), Material((0.1, 0.2, 0.7))
    )
    return [shelter, light]


BODIES: dict[str, BodyMaker] = {
    "lasteplan": cargo,
    "tankvogn": tanker,
    "kranvogn": crane,
    "container": container,
    "radar": radar,
    "antennemast": antenna,
    "rakettkaster": rockets,
    "missilvogn": missile,
    "brolegger": bridge,
    "kommandovogn": command,
    "ambulanse": ambulance,
}
