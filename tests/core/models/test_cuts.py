import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.models.cuts import Cuts


def test_hand_computed_case() -> None:
    truth = np.array([True, False, True, False])
    cuts = Cuts.of(truth, np.array([0.25, 0.75, 0.75, -0.0], dtype=np.float32))
    assert cuts.levels.tolist() == [0.75, 0.25, 0]
    assert cuts.taken.tolist() == [2, 3, 4]
    assert cuts.hits.tolist() == [1, 2, 2]
    assert [cuts.threshold(cut) for cut in range(3)] == [0.5, 0.125, 0]


def test_zeros_that_were_not_given_join_those_that_were() -> None:
    cuts = Cuts.of(np.array([True, True]), np.array([0.5, 0.0], dtype=np.float32))
    more = cuts.with_zeros(3, 1)
    assert (more.levels.tolist(), more.taken.tolist(), more.hits.tolist()) == (
        [0.5, 0],
        [1, 5],
        [1, 3],
    )
    nothing = Cuts.of(np.zeros(0, bool), np.zeros(0, np.float32))
    assert len(nothing.levels) == 0
    assert nothing.with_zeros(2, 1).hits.tolist() == [1]


@given(
    arrays(bool, 30),
    st.sampled_from([np.float32, np.float64]).flatmap(
        lambda kind: arrays(kind, 30, elements=st.floats(0, 1, width=32))
    ),
)
def test_every_cut_equals_counting(truth: np.ndarray, confidences: np.ndarray) -> None:
    cuts = Cuts.of(truth, confidences)
    assert cuts.levels.tolist() == sorted(set(confidences.tolist()), reverse=True)
    for level, taken, hits in zip(cuts.levels, cuts.taken, cuts.hits, strict=True):
        assert taken == np.count_nonzero(confidences >= level)
        assert hits == np.count_nonzero(truth & (confidences >= level))


def test_arrays_of_different_shape_are_refused() -> None:
    with pytest.raises(ValueError, match="shape"):
        Cuts.of(np.zeros(3, bool), np.zeros(2, np.float32))
