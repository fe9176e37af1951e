"""Made-up archives for the tests of the review."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from core.types import Vectors


def unit(rows: int, columns: int, seed: int) -> Vectors:
    drawn = np.random.default_rng(seed).standard_normal((rows, columns))
    return (drawn / np.linalg.norm(drawn, axis=1, keepdims=True)).astype(np.float32)


def labels_of(dense: NDArray[np.generic]) -> csr_array:
    return csr_array(dense.astype(np.float32))


def clusters(kinds: int, each: int, dimension: int, seed: int) -> tuple[Vectors, NDArray[np.bool_]]:
    """``each`` images around each of some centres, and a keyword (n, kinds) for each centre."""
    centres = unit(kinds, dimension, seed)
    noise = np.random.default_rng(seed + 1).normal(0, 0.18, (kinds * each, dimension))
    vectors = np.repeat(centres, each, axis=0) + noise
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors.astype(np.float32), np.repeat(np.eye(kinds, dtype=np.bool_), each, axis=0)
