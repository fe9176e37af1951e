"""Cabs and axle layouts of five generic makes; each returns solids with the bumper at x = 0."""

from __future__ import annotations

from collections.abc import Callable

from core.demo.solids import (
    BLACK,
    FRAME,
    GLASS,
    LAMP,
    METAL,
    Material,
    Model,
    Solid,
    block,
    box,
    cylinder,
    profile,
)


def _lamps(solid: Solid, at: tuple[float, ...], v: float, size: float) -> None:
    front = solid.side("front")
    for u in at:
        front.disc(u, v, size * 1.25, size * 2.1, FRAME).disc(u, v, size, size * 1.7, LAMP)


def _mirrors(x: float, half: float, z: float) -> Model:
    return [
        box(
            (x, x + 0.07),
            (side * (half + 0.22) - 0.09, side * (half + 0.22) + 0.09),
            (z, z + 0.42),
            BLACK,
        )
        for side in (-1, 1)
    ]


def _doors(cab: Solid, u0: float, u1: float, trim: Material) -> None:
    for name in ("right", "left"):
        a, b = (u0, u1) if name == "right" else (1 - u1, 1 - u0)
        side = cab.side(name)
        for edge in (a, b):
            side.panel(edge - 0.006, 0.05, edge + 0.006, 1.0, trim.shade(0.45))
        side.panel(b - 0.2 * (b - a), 0.68, b - 0.06 * (b - a), 0.73, BLACK)


def _greenhouse(
    rear: float, front: float, half: float, z0: float, z1: float, paint: Material,
    panes: int, rake: float = 0.2,
) -> Solid:  # fmt: skip
    """The glazed upper half of a cab, narrowing slightly to its roof."""
    glazed = block(
        (rear, front, -half, half),
        z0,
        (rear + 0.05, front - rake, -half + 0.1, half - 0.1),
        z1,
        paint,
    )
    for pane in range(panes):
        width = 0.9 / panes
        u = 0.05 + pane * width
        glazed.side("front").window(u + 0.02, 0.12, u + width - 0.02, 0.82)
    for name in ("right", "left"):
        a, b = (0.42, 0.92) if name == "right" else (0.08, 0.58)
        glazed.side(name).window(a, 0.1, b, 0.82)
    return glazed


def kamaz(paint: Material) -> Model:
    """Cab over the engine: flat face, wide grille band, lamps in the bumper."""
    bumper = box((-0.35, 0.0), (-1.24, 1.24), (0.55, 0.98), paint.shade(0.8))
    _lamps(bumper, (0.11, 0.89), 0.5, 0.045)
    lower = box((-1.95, -0.06), (-1.22, 1.22), (0.98, 1.85), paint)
    front = lower.side("front")
    front.panel(0.1, 0.42, 0.9, 0.86, BLACK)
    for bar in range(4):
        front.panel(0.12, 0.46 + bar * 0.1, 0.88, 0.51 + bar * 0.1, paint.shade(0.75))
    front.panel(0.36, 0.1, 0.64, 0.24, METAL)
    _doors(lower, 0.36, 0.93, paint)
    upper = _greenhouse(-1.95, -0.06, 1.22, 1.85, 2.78, paint, 2, 0.16)
    visor = box((-0.3, -0.02), (-1.05, 1.05), (2.72, 2.8), paint.shade(0.6))
    return [bumper, lower, upper, visor, *_mirrors(-0.1, 1.22, 1.9)]


def ural(paint: Material) -> Model:
    """Bonneted: long square hood, flat wings carrying the lamps."""
    bumper = box((-0.25, 0.0), (-1.2, 1.2), (0.62, 0.9), paint.shade(0.7))
    hood = block((-1.75, -0.3, -0.58, 0.58), 0.95, (-1.75, -0.34, -0.5, 0.5), 1.82, paint)
    front = hood.side("front").panel(0.08, 0.08, 0.92, 0.86, BLACK)
    for bar in range(7):
        front.panel(0.12 + bar * 0.112, 0.1, 0.175 + bar * 0.112, 0.84, paint.shade(0.8))
    for name in ("right", "left"):
        for slot in range(5):
            hood.side(name).panel(0.25 + slot * 0.1, 0.45, 0.3 + slot * 0.1, 0.75, paint.shade(0.5))
    model = [bumper, hood]
    for side in (-1, 1):
        inner, outer = sorted((side * 0.6, side * 1.25))
        wing = profile(
            [(-0.15, 1.22), (-0.3, 1.42), (-1.9, 1.42), (-2.05, 1.2), (-1.85, 1.25), (-0.4, 1.25)],
            (inner, outer), paint,
        )  # fmt: skip
        lamp = cylinder((-0.22, side * 0.92, 1.52), 0.2, 0.16, "x", paint.shade(0.7))
        lamp.faces[-1].material = LAMP
        lamp.faces[-2].material = LAMP
        model += [wing, lamp]
    lower = box((-3.2, -1.77), (-1.12, 1.12), (0.95, 1.85), paint)
    _doors(lower, 0.2, 0.93, paint)
    upper = _greenhouse(-3.2, -1.77, 1.12, 1.85, 2.62, paint, 2, 0.12)
    return [*model, lower, upper, *_mirrors(-1.8, 1.12, 1.85)]


def zil(paint: Material) -> Model:
    """Bonneted: short falling hood, rounded wings, white bumper and grille of slots."""
    bumper = box((-0.25, 0.0), (-1.15, 1.15), (0.6, 0.88), Material((0.78, 0.78, 0.75)))
    hood = block((-1.5, -0.2, -0.75, 0.75), 1.0, (-1.5, -0.42, -0.5, 0.5), 1.72, paint)
    front = hood.side("front")
    front.panel(0.06, 0.3, 0.94, 0.55, BLACK)
    front.panel(0.16, 0.62, 0.84, 0.78, BLACK)
    for slot in range(9):
        front.panel(0.1 + slot * 0.09, 0.3, 0.135 + slot * 0.09, 0.55, paint.shade(0.9))
    _lamps(hood, (0.14, 0.86), 0.15, 0.07)
    model = [bumper, hood]
    for side in (-1, 1):
        inner, outer = sorted((side * 0.78, side * 1.2))
        model.append(
            profile(
                [(-0.12, 0.95), (-0.2, 1.3), (-0.6, 1.52), (-1.4, 1.5), (-2.0, 1.05), (-1.75, 1.1),
                 (-1.35, 1.3), (-0.65, 1.3), (-0.3, 0.95)],
                (inner, outer), paint,
            )
        )  # fmt: skip
    lower = box((-2.85, -1.52), (-1.05, 1.05), (0.95, 1.75), paint)
    _doors(lower, 0.22, 0.95, paint)
    upper = _greenhouse(-2.85, -1.52, 1.05, 1.75, 2.42, paint, 2, 0.3)
    return [*model, lower, upper, *_mirrors(-1.6, 1.05, 1.75)]


def kraz(paint: Material) -> Model:
    """Bonneted and heavy: tall hood with a bright radiator frame, high wings, visor."""
    bumper = box((-0.3, 0.0), (-1.3, 1.3), (0.6, 1.0), BLACK)
    hood = block((-2.05, -0.25, -0.62, 0.62), 1.05, (-2.05, -0.25, -0.55, 0.55), 2.12, paint)
    front = hood.side("front").panel(0.02, 0.04, 0.98, 0.97, METAL.shade(1.6))
    front.panel(0.09, 0.08, 0.91, 0.9, BLACK)
    for bar in range(5):
        front.panel(0.09, 0.16 + bar * 0.15, 0.91, 0.2 + bar * 0.15, METAL)
    model = [bumper, hood]
    for side in (-1, 1):
        inner, outer = sorted((side * 0.65, side * 1.35))
        wing = profile(
            [(-0.1, 1.25), (-0.45, 1.68), (-1.75, 1.68), (-2.35, 1.15), (-2.1, 1.15), (-1.65, 1.5),
             (-0.55, 1.5), (-0.25, 1.25)],
            (inner, outer), paint,
        )  # fmt: skip
        lamp = box((-0.24, -0.1), sorted_pair(side * 0.8, side * 1.2), (1.02, 1.24), LAMP)
        model += [wing, lamp]
    lower = box((-3.55, -2.07), (-1.2, 1.2), (1.05, 2.1), paint)
    _doors(lower, 0.15, 0.93, paint)
    upper = _greenhouse(-3.55, -2.07, 1.2, 2.1, 2.95, paint, 2, 0.02)
    visor = box((-2.1, -1.85), (-1.1, 1.1), (2.9, 2.97), paint.shade(0.7))
    return [*model, lower, upper, visor, *_mirrors(-2.1, 1.2, 2.1)]


def sorted_pair(a: float, b: float) -> tuple[float, float]:
    """The two numbers, the smaller first."""
    return (a, b) if a <= b else (b, a)


def maz(paint: Material) -> Model:
    """Cab over the engine: one tall raked face with four big panes and a dark chin."""
    chin = block((-1.8, 0.0, -1.22, 1.22), 0.6, (-1.8, -0.02, -1.22, 1.22), 1.25, paint.shade(0.8))
    _lamps(chin, (0.13, 0.23, 0.77, 0.87), 0.55, 0.035)
    chin.side("front").panel(0.32, 0.2, 0.68, 0.9, BLACK)
    middle = block((-1.8, -0.02, -1.22, 1.22), 1.25, (-1.8, -0.14, -1.2, 1.2), 1.72, paint)
    middle.side("front").panel(0.3, 0.25, 0.7, 0.55, METAL.shade(1.5))
    _doors(middle, 0.3, 0.95, paint)
    upper = _greenhouse(-1.8, -0.14, 1.2, 1.72, 2.85, paint, 3, 0.34)
    return [chin, middle, upper, *_mirrors(-0.3, 1.2, 1.95)]


def maz_heavy(paint: Material) -> Model:
    """Two low cabs apart, the radiator and the load between them."""
    nose = block((-2.6, -0.15, -1.5, 1.5), 0.85, (-2.6, 0.0, -1.5, 1.5), 1.3, paint.shade(0.85))
    _lamps(nose, (0.09, 0.3, 0.7, 0.91), 0.5, 0.04)
    model = [nose]
    for side in (-1, 1):
        inner, outer = sorted_pair(side * 0.55, side * 1.5)
        cab = block((-2.6, 0.0, inner, outer), 1.3, (-2.6, -0.05, inner, outer), 1.8, paint)
        top = block((-2.6, -0.05, inner, outer), 1.8,
                    (-2.5, -0.7, inner + 0.06, outer - 0.06), 2.55, paint)  # fmt: skip
        top.side("front").window(0.1, 0.12, 0.9, 0.85)
        for name in ("right", "left"):
            for pane in (0.2, 0.56):
                top.side(name).window(pane, 0.15, pane + 0.28, 0.8)
        cab.side("front").panel(0.15, 0.35, 0.85, 0.7, paint.shade(0.6))
        model += [cab, top]
    grille = box((-2.4, -0.35), (-0.53, 0.53), (1.3, 1.75), FRAME)
    grille.side("front").panel(0.08, 0.1, 0.92, 0.9, GLASS)
    return [*model, grille]


CABS: dict[str, Callable[[Material], Model]] = {
    "Kamaz": kamaz,
    "Ural": ural,
    "ZiL": zil,
    "MAZ": maz,
    "KrAZ": kraz,
}

# Make and number of axles: axle positions, where the load begins and ends (metres behind the
# bumper), half track width and wheel radius.
Layout = tuple[tuple[float, ...], float, float, float, float]
LAYOUTS: dict[tuple[str, int], Layout] = {
    ("Kamaz", 2): ((1.35, 4.9), 2.15, 6.4, 1.02, 0.54),
    ("Kamaz", 3): ((1.35, 4.6, 5.92), 2.15, 7.5, 1.02, 0.54),
    ("Kamaz", 4): ((1.3, 3.1, 6.0, 7.32), 2.15, 8.9, 1.02, 0.54),
    ("Ural", 2): ((1.15, 5.2), 3.35, 7.0, 1.0, 0.62),
    ("Ural", 3): ((1.15, 4.9, 6.35), 3.35, 8.0, 1.0, 0.62),
    ("ZiL", 2): ((1.05, 4.6), 3.0, 6.3, 0.95, 0.52),
    ("ZiL", 3): ((1.05, 4.3, 5.55), 3.0, 7.0, 0.95, 0.58),
    ("MAZ", 2): ((1.3, 4.9), 2.0, 6.6, 1.02, 0.55),
    ("MAZ", 4): ((1.55, 3.6, 7.3, 9.3), 2.8, 11.2, 1.28, 0.75),
    ("MAZ", 8): ((1.5, 3.3, 5.1, 6.9, 8.9, 10.7, 12.5, 14.3), 2.8, 15.8, 1.28, 0.72),
    ("KrAZ", 3): ((1.3, 5.6, 7.15), 3.75, 8.9, 1.1, 0.66),
    ("KrAZ", 4): ((1.3, 3.9, 6.6, 8.15), 3.75, 9.9, 1.1, 0.64),
}
