"""Search spaces: which hyper-parameters are searched, and between which bounds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TypeAlias

import numpy as np

Parameters: TypeAlias = Mapping[str, float]
"""Hyper-parameters by name; a :class:`Whole` one is an int."""


@dataclass(frozen=True, slots=True)
class Real:
    """A number from ``low`` to ``high``, both included; ``log`` searches its logarithm evenly."""

    name: str
    low: float
    high: float
    log: bool = False

    def __post_init__(self) -> None:
        _check(self)

    def at(self, share: float) -> float:
        """The value at ``share`` in [0, 1] of the way from ``low`` to ``high``."""
        return _between(self.low, self.high, share, self.log)


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number from ``low`` to ``high``, both included."""

    name: str
    low: int
    high: int
    log: bool = False

    def __post_init__(self) -> None:
        _check(self)

    def at(self, share: float) -> int:
        """The value at ``share`` in [0, 1] of the way; each has an equal part of it, or of the log.

        On the way of the logarithm, a value owns what rounds to it.
        """
        if self.log:
            spread = _between(self.low - 0.5, self.high + 0.5, share, True)
            return min(max(round(spread), self.low), self.high)
        return min(self.low + int(share * (self.high - self.low + 1)), self.high)


Dimension: TypeAlias = Real | Whole
Space: TypeAlias = Sequence[Dimension]


def random_point(space: Space, rng: np.random.Generator) -> dict[str, float]:
    """A point drawn evenly from the space."""
    return {one.name: one.at(float(rng.random())) for one in space}


def grid_points(space: Space, most: int) -> list[dict[str, float]]:
    """Every combination of evenly spaced values, at most ``most`` of them, as many as possible.

    All dimensions have the same number of values, unless a whole number has fewer.
    """
    per_dimension = 1
    while len(space) and _grid_size(space, per_dimension + 1) <= most:
        if _grid_size(space, per_dimension + 1) == _grid_size(space, per_dimension) > 1:
            break
        per_dimension += 1
    values = [_grid_values(one, per_dimension) for one in space]
    names = [one.name for one in space]
    return [dict(zip(names, point, strict=True)) for point in product(*values)]


def _grid_size(space: Space, per_dimension: int) -> int:
    return int(np.prod([len(_grid_values(one, per_dimension)) for one in space], dtype=np.int64))


def _grid_values(dimension: Dimension, count: int) -> list[float]:
    shares = np.linspace(0, 1, count) if count > 1 else np.array([0.5])
    return list(dict.fromkeys(dimension.at(float(share)) for share in shares))


def _between(low: float, high: float, share: float, log: bool) -> float:
    if log:
        value = float(np.exp(np.log(low) + share * (np.log(high) - np.log(low))))
    else:
        value = low + share * (high - low)
    return min(max(value, low), high)


def _check(dimension: Real | Whole) -> None:
    if not dimension.low <= dimension.high:
        raise ValueError(f"{dimension.name}: {dimension.low} is above {dimension.high}")
    if dimension.log and not dimension.low > 0:
        raise ValueError(f"{dimension.name}: a logarithm needs a lower bound above 0")
