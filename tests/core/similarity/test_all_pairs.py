"""The pass over all pairs against a plain loop."""

from __future__ import annotations

import copy
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import Cancelled, ClipkwError
from core.progress import Silent
from core.similarity import all_pairs as room
from core.similarity.all_pairs import AllPairs, PartOfPairs, all_pairs
from core.types import Vectors


def unit(n: int, d: int, seed: int) -> Vectors:
    drawn = np.random.default_rng(seed).standard_normal((n, d))
    return (drawn / np.linalg.norm(drawn, axis=1, keepdims=True)).astype(np.float32)


@given(n=st.integers(1, 23), block=st.integers(1, 9), seed=st.integers(0, 99))
def test_equals_a_plain_loop(n: int, block: int, seed: int) -> None:
    vectors = unit(n, 4, seed)
    found = all_pairs(vectors, 0.3, Silent(), temperature=7.0, block=block)
    cosines = vectors.astype(np.float64) @ vectors.astype(np.float64).T
    pairs = []
    for i in range(n):
        others = [j for j in range(n) if j != i]
        if not others:
            assert (found.best[i], found.softmax_maximum[i]) == (-1, 1.0)
            continue
        best = max(others, key=lambda j: (cosines[i, j], -j))
        assert cosines[i, found.best[i]] == pytest.approx(cosines[i, best], abs=1e-6)
        assert found.best_similarity[i] == pytest.approx(cosines[i, best], abs=1e-6)
        exponentials = [np.exp(7.0 * cosines[i, j]) for j in others]
        share = max(exponentials) / sum(exponentials)
        assert found.softmax_maximum[i] == pytest.approx(share, rel=1e-4)
        pairs += [(i, j) for j in others if i < j and cosines[i, j] >= 0.3]
    assert list(zip(found.first.tolist(), found.second.tolist(), strict=True)) == pairs
    np.testing.assert_allclose(
        found.similarity, [cosines[pair] for pair in pairs], atol=1e-6, rtol=0
    )


def test_of_identical_images_the_lower_row_is_the_best() -> None:
    vectors = np.ones((7, 1), dtype=np.float32)
    found = all_pairs(vectors, 0.5, Silent(), block=2)
    assert found.best.tolist() == [1, 0, 0, 0, 0, 0, 0]
    np.testing.assert_allclose(found.softmax_maximum, 1 / 6)
    assert len(found.first) == 21


def test_no_images_give_nothing() -> None:
    found = all_pairs(np.empty((0, 3), dtype=np.float32), 0.5, Silent())
    assert (len(found.best), len(found.first)) == (0, 0)


def test_too_many_pairs_are_refused_with_a_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MOST_PAIRS", 20)
    with pytest.raises(ClipkwError, match=r"More than 20 pairs.*Raise the lower"):
        all_pairs(np.ones((7, 1), dtype=np.float32), 0.5, Silent())


def test_values_that_are_no_numbers_are_refused() -> None:
    vectors = unit(3, 2, 0)
    vectors[1, 0] = np.nan
    with pytest.raises(ValueError, match="finite"):
        all_pairs(vectors, 0.5, Silent())


def test_it_can_be_stopped() -> None:
    class Stop(Silent):
        def checkpoint(self) -> None:
            raise Cancelled

    with pytest.raises(Cancelled):
        all_pairs(unit(3, 2, 0), 0.5, Stop())


@settings(max_examples=30)
@given(n=st.integers(1, 23), block=st.integers(1, 9), seed=st.integers(0, 99))
def test_stopped_anywhere_it_goes_on_to_the_same_result(n: int, block: int, seed: int) -> None:
    vectors = unit(n, 4, seed)
    parts: list[PartOfPairs] = []

    def keep(part: PartOfPairs) -> None:
        parts.append(copy.deepcopy(part))

    whole = all_pairs(vectors, 0.3, Silent(), block=block, on_part=keep, seconds=0)
    assert [part.done for part in parts] == list(range(len(parts)))
    for part in parts:
        again = all_pairs(vectors, 0.3, Silent(), block=block, resume=part)
        for field in fields(AllPairs):
            np.testing.assert_array_equal(getattr(again, field.name), getattr(whole, field.name))
