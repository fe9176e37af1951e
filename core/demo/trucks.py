"""A wheeled vehicle: cab, frame, axles and body put together."""

from __future__ import annotations

import itertools

import numpy as np

from core.demo.bodies import BODIES
from core.demo.cabs import CABS, LAYOUTS, maz_heavy
from core.demo.solids import FRAME, METAL, REAR_LAMP, Material, Model, box, cylinder, wheel


def truck(make: str, axles: int, body: str, paint: Material, random: np.random.Generator) -> Model:
    """A truck of ``make`` with its bumper at x = 0, standing on z = 0."""
    positions, start, end, track, radius = LAYOUTS[make, axles]
    heavy = make == "MAZ" and axles >= 4
    deck = 2 * radius + (0.0 if heavy else 0.12)
    rim = paint.shade(0.8)
    wide = 0.48 if heavy else 0.4
    model: Model = [
        wheel(-x, side * track, radius, wide, rim) for x in positions for side in (-1, 1)
    ]
    model += maz_heavy(paint) if heavy else CABS[make](paint)
    model.append(box((-end, -0.3), (-0.55, 0.55), (radius + 0.05, deck - 0.1), FRAME))
    floor = box((-end, -start), (-1.2, 1.2), (deck - 0.1, deck), FRAME)
    model.append(floor)
    tail = box((-end - 0.08, -end), (-1.15, 1.15), (radius + 0.1, radius + 0.35), FRAME)
    tail.side("back").panel(0.03, 0.2, 0.14, 0.8, REAR_LAMP).panel(0.86, 0.2, 0.97, 0.8, REAR_LAMP)
    model.append(tail)
    model += _between_axles(positions, track, radius, paint)
    spare = body in ("lasteplan", "rakettkaster", "tankvogn") and make in ("Ural", "ZiL", "KrAZ")
    front = -start - (0.42 if spare else 0.0)
    if spare:
        model.append(cylinder((-start - 0.36, 0, deck + 0.75), 0.32, 0.6, "x", FRAME, 18))
    model += BODIES[body](-end, front, deck, paint, random)
    return model


def _between_axles(
    positions: tuple[float, ...], track: float, radius: float, paint: Material
) -> Model:
    """Fuel tank on one side and lockers on the other, where the axles leave room."""
    gaps = [b - a for a, b in itertools.pairwise(positions)]
    widest = int(np.argmax(gaps))
    room = gaps[widest] - 2 * radius - 0.3
    if room < 0.7:
        return []
    middle = -(positions[widest] + positions[widest + 1]) / 2
    length = min(room, 1.5)
    x = (middle - length / 2, middle + length / 2)
    low, high = radius * 0.85, radius * 1.75
    tank = cylinder((x[0], track - 0.2, (low + high) / 2), length, (high - low) / 2, "x", METAL)
    locker = box(x, (-track - 0.12, -track + 0.35), (low, high), paint.shade(0.85))
    locker.side("right").panel(0.06, 0.1, 0.94, 0.9, paint.shade(0.7))
    return [tank, locker]
