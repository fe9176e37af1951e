"""A recipe to pixels: choose light, viewpoint and paint, then scene, subject, weather, film."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.demo import emblems, film
from core.demo.camera import Camera, Pose
from core.demo.daylight import Daylight, daylight
from core.demo.flying import FLYING
from core.demo.recipe import Recipe
from core.demo.render import Finish, Pixels, cast_shadow, paint_model
from core.demo.scenery import TERRAINS, Terrain, landscape
from core.demo.ships import SHIPS
from core.demo.solids import Colour, Material, Model
from core.demo.textures import noise, window
from core.demo.tracked import TRACKED
from core.demo.trucks import truck

Random = np.random.Generator
SIZE = (480, 360)
"""Columns and rows of an image of the archive."""

_GREENS: tuple[Colour, ...] = (
    (0.30, 0.34, 0.21),
    (0.25, 0.31, 0.20),
    (0.34, 0.36, 0.24),
    (0.27, 0.29, 0.22),
)
_SANDS: tuple[Colour, ...] = ((0.62, 0.53, 0.37), (0.56, 0.48, 0.34))
_GREYS: tuple[Colour, ...] = ((0.52, 0.55, 0.58), (0.42, 0.46, 0.50), (0.60, 0.63, 0.66))
_WOODLAND: tuple[Colour, ...] = ((1.45, 1.12, 0.8), (0.36, 0.36, 0.4))
_DESERT: tuple[Colour, ...] = ((0.66, 0.58, 0.5), (0.86, 0.92, 0.7))
_WINTER: tuple[Colour, ...] = ((2.5, 2.3, 3.2),)
_AIR: tuple[Colour, ...] = ((0.62, 0.75, 0.92), (0.9, 0.72, 0.5))


def draw(recipe: Recipe, random: Random, size: tuple[int, int] = SIZE) -> Image.Image:
    """The picture of a recipe; ``random`` decides everything the recipe leaves open."""
    columns, rows = size
    if recipe.kind == "emblem":
        make = emblems.logo if recipe.subject == "logo" else emblems.patch
        return film.develop(make(columns, rows, random), random)
    options = TERRAINS[recipe.terrain]
    terrain = options[int(random.integers(len(options)))]
    day = daylight(_hour(recipe, random), terrain.cover, random)
    if recipe.kind == "empty":
        camera = Camera(columns, rows, columns * 1.2, columns / 2, rows * 0.5, 2.0)
        return film.develop(landscape(camera, terrain, day, random), random)
    return _scene(recipe, terrain, day, random, size)


def _hour(recipe: Recipe, random: Random) -> str:
    if recipe.extra == "solnedgang":
        return "sunset"
    if recipe.extra == "regn":
        return "rain"
    if recipe.extra == "tåke":
        return "overcast"
    return str(random.choice(("clear", "clear", "morning", "overcast")))


def _build(recipe: Recipe, paint: Material, random: Random) -> Model:
    if recipe.kind == "truck":
        return truck(recipe.make, recipe.axles, recipe.subject, paint, random)
    makers = {"tracked": TRACKED, "helicopter": FLYING, "aircraft": FLYING, "ship": SHIPS}
    return makers[recipe.kind][recipe.subject](paint, random)


def _paint(recipe: Recipe, terrain: Terrain, random: Random) -> tuple[Material, tuple[Colour, ...]]:
    """The base paint and the camouflage tints over it."""
    if recipe.kind in ("ship", "aircraft"):
        bases, tints = _GREYS, _AIR
    elif recipe.terrain == "ørken" and random.random() < 0.7:
        bases, tints = _SANDS, _DESERT
    else:
        bases = _GREENS
        tints = _WINTER if terrain.season == "winter" and random.random() < 0.6 else _WOODLAND
    base = np.asarray(bases[int(random.integers(len(bases)))]) * random.uniform(0.88, 1.12)
    red, green, blue = (float(value) for value in base)
    return Material((red, green, blue), painted=True), tints if recipe.extra == "kamuflasje" else ()


def _view(recipe: Recipe, random: Random) -> tuple[float, float, float]:
    """Heading of the subject, its distance and the height of the eye."""
    side = np.pi / 2 if random.random() < 0.5 else -np.pi / 2
    if recipe.kind == "ship":
        return side + random.uniform(-0.7, 0.7), 420.0, random.uniform(7.0, 16.0)
    # Mostly front three-quarter, often near the side, sometimes from behind.
    turn = float(random.choice((0.25, 0.65, 0.95, -0.5), p=(0.3, 0.34, 0.2, 0.16)))
    towards = side + np.sign(side) * (turn + random.uniform(-0.15, 0.15))
    distance = {"truck": 32.0, "tracked": 24.0, "helicopter": 55.0, "aircraft": 70.0}[recipe.kind]
    if recipe.axles == 8:
        distance = 46.0
    return towards, distance * random.uniform(0.85, 1.3), random.uniform(1.6, 3.6)


def _poses(recipe: Recipe, model: Model, random: Random) -> tuple[list[Pose], float]:
    """Where the subject and its followers stand, and the height of the eye."""
    heading, distance, eye = _view(recipe, random)
    points = _points(model)
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    centre = np.array([np.cos(heading), np.sin(heading)]) * middle[0]
    height, pitch, roll = 0.0, 0.0, 0.0
    if recipe.terrain == "himmel":
        height = distance * random.uniform(0.12, 0.42)
        pitch, roll = random.uniform(-0.12, 0.3), random.uniform(-0.45, 0.45)
    first = Pose((distance - centre[0], -centre[1], height), heading, pitch, roll)
    if recipe.extra != "kolonne":
        return [first], eye
    length = float(np.ptp(points[:, 0]))
    gap = length + random.uniform(3.0, 6.0)
    back = -np.array([np.cos(heading), np.sin(heading)])
    # The column leads away from the eye, whichever way it drives.
    step = gap * (back if back[0] > 0 else -back)
    x, y, z = first.position
    return [Pose((x + k * step[0], y + k * step[1], z), heading) for k in range(3)], eye


def _points(model: Model) -> NDArray[np.float64]:
    return np.concatenate([face.points for solid in model for face in solid.faces])


def _scene(
    recipe: Recipe, terrain: Terrain, day: Daylight, random: Random, size: tuple[int, int]
) -> Image.Image:
    columns, rows = size
    paint, tints = _paint(recipe, terrain, random)
    model = _build(recipe, paint, random)
    poses, eye = _poses(recipe, model, random)
    points = _points(model)
    shown = np.concatenate([pose.to_world(points) for pose in poses[:2]])
    fill = random.uniform(0.66, 0.93)
    if random.random() < 0.1:
        fill *= 1.25
    sinking = 0.5 if recipe.terrain == "himmel" else random.uniform(0.55, 0.62)
    centre = (random.uniform(0.44, 0.56), sinking)
    camera = Camera(columns, rows, columns, columns / 2, rows / 2, eye)
    camera = camera.framed(shown, centre, (fill, min(fill, 0.8) + 0.05))

    canvas = landscape(camera, terrain, day, random)
    snowy = terrain.season == "winter"
    mud: Colour = (0.7, 0.72, 0.75) if snowy else terrain.soil
    length = float(np.ptp(points[:, 0]))
    grounded = recipe.kind in ("truck", "tracked")
    finish = Finish(
        tints, mud, float(random.uniform(0.05, 0.42)) if grounded else 0.02,
        int(random.integers(1 << 16)), max(length * 0.62, 4.0),
    )  # fmt: skip
    if recipe.terrain not in ("himmel", "hav"):
        for pose in poses:
            cast_shadow(canvas, model, pose, camera, day.light)
    haze = 0.12 if recipe.kind == "ship" else 0.03
    for step, pose in reversed(list(enumerate(poses))):
        thick = haze + 0.05 * step
        cover = paint_model(canvas, model, pose, camera, day.light, finish, (day.horizon, thick))
    base = camera.row + camera.focal * eye / max(poses[0].position[0], 1)
    if recipe.kind == "ship":
        _afloat(canvas, cover, camera, model, poses[0], random)
    _weather(canvas, recipe, terrain, camera, shown, base, day, random)
    return film.develop(canvas, random)


def _afloat(
    canvas: Pixels, cover: Pixels, camera: Camera, model: Model, pose: Pose, random: Random
) -> None:
    """The hull mirrored in the waves, and foam along the waterline, in place."""
    world = pose.to_world(_points(model))
    low = world[np.abs(world[:, 2]) < 0.6]
    low = low if len(low) else world
    seen = camera.project(low)
    row = int(np.clip(np.median(seen[:, 1]), 1, camera.rows - 2))
    depth = min(row, camera.rows - row)
    waves = 3.5 * window(noise(1.1, 41), depth, 1, 1.5, int(random.integers(1 << 18)))
    lines = np.clip(row - 1 - np.arange(depth) * 1.15 + waves[:, 0], 0, row - 1).astype(int)
    fade = np.linspace(0.55, 0.05, depth, dtype=np.float32)[:, None]
    alpha = (cover[lines] * fade * (1 - cover[row : row + depth]))[..., None]
    part = canvas[row : row + depth]
    part += (canvas[lines] * 0.75 - part) * alpha
    y = np.arange(camera.rows, dtype=np.float32)[:, None]
    x = np.arange(camera.width, dtype=np.float32)[None, :]
    left, right = float(seen[:, 0].min()), float(seen[:, 0].max())
    inside = np.clip((x - left + 8) / 8, 0, 1) * np.clip((right + 8 - x) / 8, 0, 1)
    thickness = max(camera.rows * 0.011, 1.5)
    line = np.interp(x[0], *_waterline(seen))
    band = np.exp(-(((y - line[None, :] - 0.5 * thickness) / thickness) ** 2)) * inside
    froth = np.clip(0.35 + 0.6 * window(noise(0.8, 42), camera.rows, camera.width, 1.2, 5), 0, 1)
    canvas += (0.92 - canvas) * (0.8 * band * froth)[..., None]


def _waterline(seen: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Columns and rows of the lower edge of what touches the water."""
    left, right = seen[:, 0].min(), seen[:, 0].max()
    edges = np.linspace(left, right + 1e-6, 9)
    which = np.clip(np.digitize(seen[:, 0], edges) - 1, 0, 7)
    known = [k for k in range(8) if (which == k).any()]
    rows = np.array([seen[which == k, 1].max() for k in known])
    return (edges[known] + edges[np.array(known) + 1]) / 2, rows


def _weather(
    canvas: Pixels, recipe: Recipe, terrain: Terrain, camera: Camera,
    shown: NDArray[np.float64], base: float, day: Daylight, random: Random,
) -> None:  # fmt: skip
    seen = camera.project(shown)[:, :2]
    (left, top), (right, bottom) = seen.min(axis=0), seen.max(axis=0)
    if recipe.extra == "støv":
        film.dust(canvas, (left, top, right, bottom), day, random)
    if recipe.extra == "tåke":
        film.fog(canvas, camera.row, base, day, random)
    if recipe.extra == "regn":
        film.rain(canvas, random)
    if recipe.terrain in ("skog", "slette", "fjell") and random.random() < 0.22:
        film.bushes(canvas, terrain.season, day, random)
