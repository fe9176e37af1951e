"""Duplicate thresholds before anybody has answered, from the archive and its encoder alone.

Encoders differ in what a copy costs. Two measurements tell: how similar slightly altered copies of
the archive's own images stay to their originals, and how similar images get that are different.
The second cannot be read off the best matches, which may be copies. It follows from the neighbors
after them: two images lie anywhere in the ball that reaches to the third neighbor, and how many a
ball holds as it grows is told by the neighbors beyond (the maximum likelihood estimate of the
intrinsic dimension, Levina and Bickel 2004).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

NEIGHBORS = 11
"""So many neighbors of an image are looked at: two that may be copies, and those beyond."""
FEWEST_IMAGES = 100
"""With fewer images nothing can be said about how similar different ones get."""
LOWER_BY_CHANCE, UPPER_BY_CHANCE = 0.01, 0.001
"""At most this share of images is expected to have a different one at or above the threshold."""
ALTERED_FOUND = 0.95
"""The lower threshold need not find more of the altered copies than this share."""
_HIGHEST_LOWER, _HIGHEST_UPPER = 0.9995, 0.9999
_TRIED = 1 - np.geomspace(2, 1e-4, 1_000)
_LEAST_DISTANCE = 1e-6


@dataclass(frozen=True, slots=True)
class Assumption:
    """Thresholds ``lower`` < ``upper`` (cosines), and what they were found by.

    ``altered`` copies were made of the archive's images, the share ``altered_found`` of them lies
    at or above ``lower``. Of ``images`` that were looked at, the share ``matched`` has another one
    at or above ``lower``; ``by_chance`` is the share that is expected to have a different one
    there. All are 0 where nothing was measured.
    """

    lower: float
    upper: float
    altered: int = 0
    altered_found: float = 0.0
    images: int = 0
    matched: float = 0.0
    by_chance: float = 0.0

    @property
    def is_measured(self) -> bool:
        """Whether the archive and its encoder were looked at."""
        return self.images > 0


STANDARD = Assumption(0.95, 0.99)
"""Where nothing can be measured: few images, or no encoder at hand."""


def assume_thresholds(altered: NDArray[np.floating], neighbors: NDArray[np.floating]) -> Assumption:
    """Thresholds from ``altered`` (c,), cosines of altered copies to their originals.

    ``neighbors`` (m, NEIGHBORS) are the cosines of a sample of images to the most similar others,
    the best first, files of the same content left out. The lower threshold finds most altered
    copies, unless that is too low to keep different images apart. :data:`STANDARD` without altered
    copies or with fewer than ``FEWEST_IMAGES`` images.
    """
    if not len(altered) or len(neighbors) < FEWEST_IMAGES:
        return STANDARD
    by_chance = matched_by_chance(neighbors, _TRIED)
    floor = float(np.quantile(altered, 1 - ALTERED_FOUND))
    lower = min(max(floor, _lowest(by_chance <= LOWER_BY_CHANCE)), _HIGHEST_LOWER)
    upper = max((lower + 1) / 2, _lowest(by_chance <= UPPER_BY_CHANCE))
    return Assumption(
        lower,
        min(upper, _HIGHEST_UPPER),
        altered=len(altered),
        altered_found=float(np.mean(altered >= lower)),
        images=len(neighbors),
        matched=float(np.mean(neighbors[:, 0] >= lower)),
        by_chance=float(matched_by_chance(neighbors, np.array([lower]))[0]),
    )


def matched_by_chance(
    neighbors: NDArray[np.floating], thresholds: NDArray[np.floating]
) -> NDArray[np.float64]:
    """Share (t,) of images expected to have a different one at or above each threshold (t,).

    ``neighbors`` (m, k), k > 3, as for :func:`assume_thresholds`. From the third neighbor on the
    logarithm of the distance grows by steps that are exponentially distributed, at a rate of the
    dimension times their number; all images together tell the dimension.
    """
    distance = np.maximum(1 - neighbors.astype(np.float64), _LEAST_DISTANCE)
    third = distance[:, 2]
    steps = np.diff(np.log(distance[:, 2:])) * np.arange(3, distance.shape[1])
    dimension = 1 / max(float(steps.mean()), _LEAST_DISTANCE)
    share = np.empty(len(thresholds))
    for place, threshold in enumerate(thresholds.tolist()):
        within = np.minimum(max(1 - threshold, 0.0) / third, 1.0) ** dimension
        share[place] = np.mean(1 - (1 - within) ** 2)  # either of the two nearer ones
    return share


def _lowest(holds: NDArray[np.bool_]) -> float:
    """The lowest threshold that was tried for which it holds."""
    return float(_TRIED[np.argmax(holds)]) if holds.any() else 1.0
