"""The stratified split of thesis section 3.1.2."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from sklearn.model_selection import train_test_split

from core.prepare.split import PROPORTIONS, strata_of, stratified_split
from core.types import Split


def test_strata_are_deciles() -> None:
    strata = strata_of(np.random.default_rng(0).permutation(1_000) / 1_000)
    assert np.bincount(strata).tolist() == [100] * 10


def test_strata_of_equal_values_are_one() -> None:
    assert len(set(strata_of(np.ones(30)).tolist())) == 1


def test_every_stratum_is_divided_in_the_proportions() -> None:
    strata = np.repeat(np.arange(10), 100)
    split = stratified_split(strata, np.full(1_000, -1), seed=4)
    for stratum in range(10):
        counts = np.bincount(split[strata == stratum], minlength=3)
        assert counts.tolist() == [60, 20, 20]


@given(st.integers(0, 50))
def test_strata_are_divided_as_scikit_learn_divides_them(seed: int) -> None:
    strata = np.random.default_rng(seed).choice(5, 400, p=[0.4, 0.25, 0.2, 0.1, 0.05])
    rows = np.arange(400)
    train, rest = train_test_split(rows, train_size=0.6, stratify=strata, random_state=seed)
    validation, test = train_test_split(
        rest, train_size=0.5, stratify=strata[rest], random_state=seed
    )
    split = stratified_split(strata, np.full(400, -1), seed)
    for part, oracle in (
        (Split.TRAIN, train),
        (Split.VALIDATION, validation),
        (Split.TEST, test),
    ):
        mine = np.bincount(strata[split == part], minlength=5)
        assert np.abs(mine - np.bincount(strata[oracle], minlength=5)).max() <= 2
        assert abs(mine.sum() - len(oracle)) <= 1


def test_the_seed_decides() -> None:
    strata = np.repeat(np.arange(10), 30)
    alone = np.full(300, -1)
    first = stratified_split(strata, alone, seed=1)
    assert (first == stratified_split(strata, alone, seed=1)).all()
    assert (first != stratified_split(strata, alone, seed=2)).any()


@given(
    groups=st.lists(st.integers(-1, 6), min_size=1, max_size=80),
    seed=st.integers(0, 50),
)
def test_no_group_straddles_and_no_set_is_far_off(groups: list[int], seed: int) -> None:
    number = np.array(groups)
    strata = np.random.default_rng(seed).integers(0, 3, len(groups))
    split = stratified_split(strata, number, seed)
    assert set(split.tolist()) <= {Split.TRAIN, Split.VALIDATION, Split.TEST}
    for group in set(groups) - {-1}:
        assert len(set(split[number == group].tolist())) == 1
    largest = max([1, *(groups.count(group) for group in set(groups) - {-1})])
    for part, share in enumerate(PROPORTIONS):
        assert abs((split == part).sum() - share * len(groups)) <= 2 * largest
