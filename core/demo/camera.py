"""A level camera with a shifted lens, and where a model stands in front of it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.demo.solids import Points


@dataclass(frozen=True, slots=True)
class Camera:
    """Looks along +x from (0, 0, ``height``). The horizon is image row ``row``, in pixels."""

    width: int
    rows: int
    focal: float
    column: float
    row: float
    height: float

    def project(self, points: Points) -> NDArray[np.float64]:
        """World points (n, 3) to columns, rows and depths (n, 3)."""
        depth = np.maximum(points[:, 0], 0.2)
        column = self.column - self.focal * points[:, 1] / depth
        row = self.row - self.focal * (points[:, 2] - self.height) / depth
        return np.stack([column, row, depth], axis=1)

    def ground(self) -> tuple[NDArray[np.float32], NDArray[np.float32], int]:
        """World x and y (rows below the horizon, width) of the ground, and the first such row."""
        first = min(max(int(np.floor(self.row)) + 1, 0), self.rows)
        below = np.maximum(np.arange(first, self.rows) + 0.5 - self.row, 0.4)
        depth = (self.focal * self.height / below).astype(np.float32)[:, None]
        across = (self.column - np.arange(self.width) - 0.5).astype(np.float32)[None, :]
        return np.broadcast_to(depth, (len(below), self.width)), across * depth / self.focal, first

    def framed(
        self, points: Points, centre: tuple[float, float], fill: tuple[float, float]
    ) -> Camera:
        """Zoom and shift until the points fill a share of the frame, around a relative centre."""
        seen = self.project(points)[:, :2]
        low, high = seen.min(axis=0), seen.max(axis=0)
        size = high - low
        zoom = min(fill[0] * self.width / size[0], fill[1] * self.rows / size[1])
        middle = (low + high) / 2
        return replace(
            self,
            focal=self.focal * zoom,
            column=centre[0] * self.width + (self.column - middle[0]) * zoom,
            row=centre[1] * self.rows + (self.row - middle[1]) * zoom,
        )


@dataclass(frozen=True, slots=True)
class Pose:
    """Where a model stands: angles in radians, position (3,) of its origin in metres."""

    position: tuple[float, float, float]
    heading: float
    pitch: float = 0.0
    roll: float = 0.0

    def rotation(self) -> NDArray[np.float64]:
        """The matrix (3, 3) from model to world directions."""
        ch, sh = np.cos(self.heading), np.sin(self.heading)
        cp, sp = np.cos(self.pitch), np.sin(self.pitch)
        cr, sr = np.cos(self.roll), np.sin(self.roll)
        turn = np.array([[ch, -sh, 0], [sh, ch, 0], [0, 0, 1]])
        rise = np.array([[cp, 0, -sp], [0, 1, 0], [sp, 0, cp]])
        bank = np.array([[1, 0, 0], [0, cr, -sr], [0, sr, cr]])
        return np.asarray(turn @ rise @ bank)

    def to_world(self, points: Points) -> Points:
        """Model points (n, 3) to world points."""
        return np.asarray(points @ self.rotation().T + self.position)

    def to_model(self, points: Points) -> Points:
        """World points (n, 3) to model points."""
        return np.asarray((points - np.asarray(self.position)) @ self.rotation())
