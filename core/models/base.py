"""The contract of every model: settings in ``__init__``, ``fit`` learns, confidences come out.

A setting is stored as it is given and checked in ``fit`` against ``limits``; what is learnt has a
name that ends in ``_``. Nothing else is kept, so :mod:`core.models.state` can save any model.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral, Real
from typing import ClassVar, Protocol, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, sparray

from core.errors import DamagedVectorsError
from core.similarity.top_k import IntArray
from core.types import Confidences, Vectors

Labels: TypeAlias = sparray | NDArray[np.generic]
"""(N, C) values in [0, 1], sparse or dense: 1 where an image carries a keyword."""
Exclusions: TypeAlias = Sequence[IntArray] | None
"""For every query the rows of the references that must not speak for it."""

BLOCK_VALUES = 32_000_000
"""Largest number of float32 values of one intermediate array: 128 MB."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The values a setting may have: numbers from ``low`` to ``high``, both included."""

    low: float
    high: float = float("inf")
    whole: bool = False

    def check(self, name: str, value: object) -> None:
        """Raise ValueError if ``value`` is out of range, not finite or no number."""
        number = isinstance(value, Integral if self.whole else Real)
        if isinstance(value, bool) or not number or not self.low <= float(str(value)) <= self.high:
            kind = "a whole number" if self.whole else "a number"
            bound = f"of at least {self.low:g}" if self.high == float("inf") else ""
            bound = bound or f"between {self.low:g} and {self.high:g}"
            raise ValueError(f"the {name.replace('_', ' ')} must be {kind} {bound}, not {value}")
        if not np.isfinite(float(str(value))):
            raise ValueError(f"the {name.replace('_', ' ')} must be finite, not {value}")


@dataclass(frozen=True, slots=True)
class Choice:
    """The values a setting may have: one of a few names."""

    values: tuple[str, ...]

    def check(self, name: str, value: object) -> None:
        """Raise ValueError for any other value."""
        if value not in self.values:
            allowed = ", ".join(self.values)
            raise ValueError(f"the {name.replace('_', ' ')} must be one of {allowed}, not {value}")


SettingLimits: TypeAlias = Mapping[str, Limits | Choice]


class Estimator(Protocol):
    """A model that gives every image a confidence for every keyword."""

    name: ClassVar[str]
    limits: ClassVar[SettingLimits]

    def fit(self, references: Vectors, labels: Labels) -> Self:
        """Learn from unit vectors (N, d) and their labels (N, C).

        Raises ValueError for settings out of range and arrays that do not fit.
        """

    def predict_confidence(self, queries: Vectors, exclude: Exclusions = None) -> Confidences:
        """Confidences (n, C) in [0, 1] for unit vectors (n, d).

        ``exclude`` gives for every query the references that must not speak for it: itself, when
        it is one of them. A model that keeps no single references cannot leave one out and
        ignores it; what it says about images it has learnt from is then better than it should be.
        """


def check_settings(model: Estimator) -> None:
    """Raise ValueError for a setting that is out of its limits."""
    for name, limits in model.limits.items():
        limits.check(name, getattr(model, name))


def check_fit(references: Vectors, labels: Labels) -> None:
    """Raise ValueError unless references are (N, d), finite, and labels (N, C)."""
    if references.ndim != 2 or labels.shape[:1] != references.shape[:1] or labels.ndim != 2:
        raise ValueError(f"references {references.shape} and labels {labels.shape} do not fit")
    if not np.isfinite(np.vecdot(references, references)).all():
        raise DamagedVectorsError


def sparse_labels(labels: Labels) -> csr_array:
    """Labels as float32 rows, without stored zeros. Raises ValueError for values out of [0, 1]."""
    kept = csr_array(labels, dtype=np.float32)
    kept.sum_duplicates()
    kept.eliminate_zeros()
    if not ((kept.data >= 0) & (kept.data <= 1)).all():
        raise ValueError("labels must lie in [0, 1]")
    return kept


def row_blocks(rows: int, width: int, values: int | None = None) -> list[slice]:
    """Slices of ``rows`` such that one of ``width`` columns has at most so many values.

    BLOCK_VALUES of them unless given.
    """
    step = max(1, (values or BLOCK_VALUES) // max(1, width))
    return [slice(start, start + step) for start in range(0, rows, step)]
