"""Solids to pixels: hidden surfaces by ordering, daylight by normals, shadows by projection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter
from scipy.spatial import ConvexHull

from core.demo.camera import Camera, Pose
from core.demo.solids import Colour, Face, Material, Model
from core.demo.textures import SIDE, noise, smoothstep, window

Pixels: TypeAlias = NDArray[np.floating[Any]]
"""(rows, columns, 3) linear-ish colour in [0, 1]."""
SUPERSAMPLING = 3


@dataclass(frozen=True, slots=True)
class Light:
    """Sunshine from a direction (towards the sun), skylight from above, bounce from below."""

    sun: tuple[float, float, float]
    sunshine: Colour
    sky: Colour
    bounce: Colour
    shadow: float

    def on(self, normals: NDArray[np.float64]) -> NDArray[np.float64]:
        """Light (n, 3) that falls on surfaces with these world normals."""
        direct = np.maximum(normals @ np.asarray(self.sun), 0)[:, None]
        upward = (0.5 + 0.5 * normals[:, 2])[:, None]
        return np.asarray(
            direct * np.asarray(self.sunshine)
            + upward * np.asarray(self.sky)
            + (1 - upward) * np.asarray(self.bounce)
        )


@dataclass(frozen=True, slots=True)
class Finish:
    """How the paint looks: camouflage tints over the base (none: plain), and dirt from below.

    ``pattern`` is the length in metres after which the camouflage repeats.
    """

    camouflage: tuple[Colour, ...] = ()
    dirt: Colour = (0.36, 0.31, 0.24)
    dirtiness: float = 0.3
    seed: int = 0
    pattern: float = 8.0


def order(model: Model, eye: NDArray[np.float64]) -> list[int]:
    """Solids from far to near, exact where the boxes around them can be parted by an axis plane."""
    bounds = [solid.bounds() for solid in model]
    low = np.stack([pair[0] for pair in bounds])
    high = np.stack([pair[1] for pair in bounds])
    slack = 0.03
    # apart[a, b, axis]: a lies wholly below b along the axis.
    apart = high[:, None] <= low[None] + slack
    # b cannot hide a when a plane between them has the eye on a's side.
    harmless = (apart & (eye <= low[None] + slack)) | (
        apart.transpose(1, 0, 2) & (eye >= high[None] - slack)
    )
    hides = ~harmless.any(axis=2)
    distance = np.linalg.norm((low + high) / 2 - eye, axis=1)
    farther = distance[:, None] > distance[None]
    before = hides & (~hides.T | farther)
    np.fill_diagonal(before, False)
    blockers = before.sum(axis=0).astype(np.int64)
    waiting = distance.copy()
    result: list[int] = []
    for _ in model:
        free = np.where(np.isfinite(waiting) & (blockers == 0))[0]
        pool = free if len(free) else np.where(np.isfinite(waiting))[0]
        chosen = int(pool[np.argmax(waiting[pool])])
        result.append(chosen)
        waiting[chosen] = -np.inf
        blockers -= before[chosen]
    return result


def _normals(faces: list[Face]) -> NDArray[np.float64]:
    corners = np.stack([face.points[:3] for face in faces])
    wide = np.stack([face.points[[0, len(face.points) // 2, -1]] for face in faces])
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 1])
    other = np.cross(wide[:, 1] - wide[:, 0], wide[:, 2] - wide[:, 1])
    flat = (np.linalg.norm(normal, axis=1) < 1e-9)[:, None]
    normal = np.where(flat, other, normal)
    return np.asarray(normal / np.maximum(np.linalg.norm(normal, axis=1), 1e-12)[:, None])


@dataclass(frozen=True, slots=True)
class _View:
    """The faces of a model from far to near, and what is needed to draw each."""

    faces: list[Face]
    corners: list[NDArray[np.float64]]
    """Columns and rows (k, 2) of the corners of each face."""
    normals: NDArray[np.float64]
    groups: NDArray[np.int64]
    """Which axis of the model each face is turned to."""
    visible: NDArray[np.bool_]

    @classmethod
    def of(cls, model: Model, pose: Pose, camera: Camera) -> _View:
        eye = np.array([[0.0, 0.0, camera.height]])
        sorted_solids = [model[index] for index in order(model, pose.to_model(eye)[0])]
        faces = [face for solid in sorted_solids for face in solid.faces]
        starts = np.cumsum([len(face.points) for face in faces])[:-1]
        world = pose.to_world(np.concatenate([face.points for face in faces]))
        local = _normals(faces)
        normals = local @ pose.rotation().T
        first = world[np.concatenate([[0], starts])]
        visible = (normals * (eye - first)).sum(axis=1) > 0
        corners = np.split(camera.project(world)[:, :2], starts)
        return cls(faces, corners, normals, np.argmax(np.abs(local), axis=1), visible)


class _Sheet:
    """Supersampled drawing of colour and, in parallel, of where paint lies on which side."""

    _HUES = ((0, 255, 0), (255, 0, 0), (0, 0, 255))

    def __init__(self, corner: tuple[int, int], size: tuple[int, int], light: Light) -> None:
        large = (size[0] * SUPERSAMPLING, size[1] * SUPERSAMPLING)
        self._colour, self._paint = Image.new("RGBA", large), Image.new("RGB", large)
        self._draw_colour = ImageDraw.Draw(self._colour)
        self._draw_paint = ImageDraw.Draw(self._paint)
        self._corner, self._light = corner, light

    def polygon(
        self,
        corners: NDArray[np.float64],
        material: Material,
        lit: NDArray[np.float64],
        normal: NDArray[np.float64],
        group: int,
    ) -> None:
        colour = np.asarray(material.colour) * lit
        if material.gloss:
            mirrored = np.asarray(self._light.sky) * (0.75 + 0.6 * max(normal[2], -0.3))
            colour += (mirrored - colour) * (0.45 * material.gloss)
        red, green, blue = np.clip(colour * 255, 0, 255).astype(int).tolist()
        flat = ((corners - self._corner) * SUPERSAMPLING).ravel().tolist()
        self._draw_colour.polygon(flat, fill=(red, green, blue, 255))
        self._draw_paint.polygon(flat, fill=self._HUES[group] if material.painted else 0)

    def pixels(self) -> tuple[Pixels, Pixels]:
        """Colour with coverage (rows, columns, 4) and paint (rows, columns, 3)."""
        colour, paint = self._colour.reduce(SUPERSAMPLING), self._paint.reduce(SUPERSAMPLING)
        return np.asarray(colour, np.float32) / 255, np.asarray(paint, np.float32) / 255


def paint_model(
    canvas: Pixels,
    model: Model,
    pose: Pose,
    camera: Camera,
    light: Light,
    finish: Finish,
    haze: tuple[Colour, float],
) -> Pixels:
    """Draw a model over the canvas, in place; returns its coverage (rows, columns) in [0, 1].

    ``haze`` is the colour of the air and the share of it in front of the model.
    """
    view = _View.of(model, pose, camera)
    seen = np.concatenate(view.corners)
    x0, y0 = np.maximum(np.floor(seen.min(axis=0)).astype(int) - 2, 0).tolist()
    limits = (camera.width, camera.rows)
    x1, y1 = np.minimum(np.ceil(seen.max(axis=0)).astype(int) + 2, limits).tolist()
    coverage = np.zeros(canvas.shape[:2], dtype=np.float32)
    if x1 <= x0 or y1 <= y0:
        return coverage
    sheet = _Sheet((x0, y0), (x1 - x0, y1 - y0), light)
    lit = light.on(view.normals)
    for index in np.flatnonzero(view.visible).tolist():
        face, side = view.faces[index], (lit[index], view.normals[index], int(view.groups[index]))
        sheet.polygon(view.corners[index], face.material, *side)
        for decal in face.decals:
            corners = camera.project(pose.to_world(decal.points))[:, :2]
            sheet.polygon(corners, decal.material, *side)
    drawn, where = sheet.pixels()
    body, alpha = drawn[..., :3], drawn[..., 3]
    distance = max(pose.position[0], 1.0)
    scale = camera.focal / distance
    _weather(body, where, finish, scale, camera.row + scale * camera.height - y0)
    air, amount = haze
    body += (np.asarray(air, dtype=np.float32) - body) * amount
    part = canvas[y0:y1, x0:x1]
    part += (body - part) * alpha[..., None]
    coverage[y0:y1, x0:x1] = alpha
    return coverage


def _weather(body: Pixels, where: Pixels, finish: Finish, scale: float, ground: float) -> None:
    """Camouflage on painted faces, grain of the surface, dirt and shade towards the ground."""
    rows, columns = body.shape[:2]
    if finish.camouflage:
        for group in range(3):
            mask = where[..., group]
            if not mask.any():
                continue
            place = finish.seed * 7919 + group * 104729
            for layer, tint in enumerate(finish.camouflage):
                zoom = max(scale * finish.pattern / SIDE, 0.05)
                field = window(noise(1.75, 5), rows, columns, zoom, place + layer * 60013)
                blot = smoothstep(0.3, 0.42, field) * mask
                body += (body * np.asarray(tint, np.float32) - body) * blot[..., None]
    paint = where.sum(axis=2, keepdims=True)
    grain = window(noise(0.9, 6), rows, columns, max(scale / 40, 0.5), finish.seed)[..., None]
    body *= 1 + 0.045 * grain * (0.4 + 0.6 * paint)
    height = (ground - np.arange(rows, dtype=np.float32))[:, None] / scale
    body *= np.clip(0.55 + 0.3 * height, 0.55, 1)[..., None]
    stain = window(noise(1.3, 7), rows, columns, max(scale / 24, 0.5), finish.seed + 99)
    dirt = np.clip(finish.dirtiness * (1.25 - 0.75 * height + 0.45 * stain), 0, 0.75)[..., None]
    level = 0.35 + 0.8 * body.mean(axis=2, keepdims=True)
    body += (np.asarray(finish.dirt, np.float32) * level - body) * dirt


def cast_shadow(
    canvas: Pixels, model: Model, pose: Pose, camera: Camera, light: Light, contact: bool = True
) -> None:
    """Darken the ground where the model keeps the sun away, and softly beneath it, in place."""
    sun = np.asarray(light.sun)
    world = pose.to_world(np.concatenate([face.points for solid in model for face in solid.faces]))
    fallen = world - sun * (np.maximum(world[:, 2:], 0) / max(sun[2], 0.2))
    fallen[:, 2] = 0.0
    seen = camera.project(fallen)[:, :2]
    mask = Image.new("L", (camera.width, camera.rows))
    draw = ImageDraw.Draw(mask)
    start = 0
    for solid in model:
        for face in solid.faces:
            stop = start + len(face.points)
            draw.polygon(seen[start:stop].ravel().tolist(), fill=255)
            start = stop
    cast = np.asarray(mask.filter(ImageFilter.GaussianBlur(1.2)), dtype=np.float32) / 255
    dark = light.shadow * cast
    if contact:
        flat = world.copy()
        flat[:, 2] = 0.0
        touching = world[:, 2] < 1.6
        if touching.any():
            dark = np.maximum(dark, 0.62 * _footprint(flat[touching], camera))
    sky = np.asarray(light.sky, dtype=np.float32)
    tint = 1 - dark[..., None] * (1 - 0.16 * sky / sky.mean())
    canvas *= tint


def _footprint(points: NDArray[np.float64], camera: Camera) -> Pixels:
    """A soft spot (rows, columns) under the outline of what is near the ground."""
    seen = camera.project(points)[:, :2]
    hull = seen[ConvexHull(seen).vertices]
    # A quarter of the size is enough for what is blurred anyway.
    mask = Image.new("L", (camera.width // 4, camera.rows // 4))
    ImageDraw.Draw(mask).polygon((hull / 4).ravel().tolist(), fill=255)
    radius = max(2.0, float(np.ptp(hull[:, 1])) * 0.09)
    soft = mask.filter(ImageFilter.GaussianBlur(radius / 4))
    large = soft.resize((camera.width, camera.rows), Image.Resampling.BILINEAR)
    return np.asarray(large, dtype=np.float32) / 255
