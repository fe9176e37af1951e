"""The best of what passes by in blocks equals the best of everything."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.similarity.leaders import Leaders
from core.similarity.top_k import top_k


def unit(rows: int, columns: int, seed: int) -> np.ndarray:
    vectors = np.random.default_rng(seed).normal(size=(rows, columns)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def in_blocks(query: np.ndarray, references: np.ndarray, k: int, size: int) -> Leaders:
    leaders = Leaders(query, k)
    for first in range(0, len(references), size):
        block = references[first : first + size]
        leaders.show(block, np.arange(len(block)), first + np.arange(len(block)))
    return leaders


@given(st.integers(1, 200), st.integers(1, 40), st.integers(1, 70), st.integers(0, 2**32 - 1))
def test_blocks_of_any_size_find_what_one_pass_finds(
    rows: int, k: int, size: int, seed: int
) -> None:
    references, query = unit(rows, 8, seed), unit(1, 8, seed + 1)[0]
    references[rows // 2 :] = references[: rows - rows // 2]  # every other one ties
    found = in_blocks(query, references, k, size)
    expected = top_k(query[None], references, k)
    kept = expected.indices[0] >= 0
    assert found.ids.tolist() == expected.indices[0][kept].tolist()
    assert found.similarities.tolist() == expected.similarities[0][kept].tolist()


@pytest.mark.parametrize("share", [0.05, 0.6])
def test_only_the_places_that_count_are_found(share: float) -> None:
    references, query = unit(400, 16, 1), unit(1, 16, 2)[0]
    places = np.flatnonzero(np.random.default_rng(3).random(400) < share)
    leaders = Leaders(query, 7)
    leaders.show(references, places, 1000 + places)
    best = places[np.argsort(-(references[places].astype(np.float64) @ query), kind="stable")[:7]]
    assert leaders.ids.tolist() == (1000 + best).tolist()


def test_vectors_that_are_not_numbers_are_refused() -> None:
    references = unit(10, 4, 1)
    references[3, 2] = np.nan
    leaders = Leaders(unit(1, 4, 2)[0], 3)
    with pytest.raises(ValueError, match="NaN"):
        leaders.show(references, np.arange(10), np.arange(10))
    leaders.show(references, np.array([0, 1, 2, 4]), np.array([0, 1, 2, 4]))
    assert 3 not in leaders.ids


@pytest.mark.parametrize(
    ("query", "k"),
    [
        (np.zeros((1, 4), np.float32), 1),
        (np.zeros(4), 1),
        (np.full(4, np.nan, np.float32), 1),
        (np.zeros(4, np.float32), 0),
    ],
)
def test_a_query_that_makes_no_sense_is_refused(query: np.ndarray, k: int) -> None:
    with pytest.raises(ValueError, match="expected"):
        Leaders(query, k)
