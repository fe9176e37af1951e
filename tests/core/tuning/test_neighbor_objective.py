import numpy as np
import pytest
from scipy.sparse import csr_array

from core.models.neighbor_search import NeighborSearch
from core.models.thresholds import best_threshold
from core.similarity.top_k import Matches
from core.tuning.neighbor_objective import NeighborObjective


def made_up(seed: int) -> tuple[np.ndarray, csr_array, np.ndarray, csr_array]:
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(8, 12))
    group, asked = rng.integers(0, 8, 300), rng.integers(0, 8, 70)
    carries = rng.random((8, 6)) < 0.4

    def near(groups: np.ndarray) -> np.ndarray:
        vectors = centres[groups] + rng.normal(scale=0.8, size=(len(groups), 12))
        return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)

    return (
        near(group),
        csr_array((carries[group] & (rng.random((300, 6)) < 0.8)).astype(np.float32)),
        near(asked),
        csr_array(carries[asked].astype(np.float32)),
    )


@pytest.mark.parametrize(
    ("temperature", "max_difference", "max_neighbors"),
    [(68.566, 5.2568, 36), (1.0, 8.0, 200), (500.0, 0.5, 3), (20.0, 0.01, 1), (0.0, 0.0, 50)],
)
def test_a_trial_measures_what_the_model_does(
    temperature: float, max_difference: float, max_neighbors: int
) -> None:
    references, labels, asked, truth = made_up(1)
    objective = NeighborObjective.search(references, labels, asked, truth)
    model = NeighborSearch(temperature, max_difference, max_neighbors).fit(references, labels)
    confidences = model.predict_confidence(asked)
    threshold, f2 = objective.threshold(
        {
            "temperature": temperature,
            "max_difference": max_difference,
            "max_neighbors": max_neighbors,
        }
    )
    expected_threshold, expected = best_threshold(truth.toarray() > 0, confidences)
    assert f2 == pytest.approx(expected, abs=1e-9)
    assert threshold == pytest.approx(expected_threshold, abs=1e-6)


def test_a_trial_by_hand() -> None:
    # Cosines 1 and 0.9 at temperature 10: weights 1 / (1 + 1/e) = 0.731 and 0.269.
    matches = Matches(np.array([[0, 1]]), np.array([[1.0, 0.9]], dtype=np.float32))
    labels = csr_array(np.array([[1, 0, 0], [0, 1, 0]], dtype=np.float32))
    truth = csr_array(np.array([[1, 0, 0]], dtype=np.float32))
    objective = NeighborObjective(matches, labels, truth)
    threshold, f2 = objective.threshold(
        {"temperature": 10.0, "max_difference": 8.0, "max_neighbors": 2}
    )
    assert f2 == 1.0
    assert threshold == pytest.approx(0.5)  # halfway between the two
