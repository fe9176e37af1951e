"""Whitened search against scikit-learn's PCA and plain neighbor search."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.decomposition import PCA

from core.models.neighbor_search import NeighborSearch
from core.models.whitened_search import WhitenedSearch


def unit(vectors: np.ndarray) -> np.ndarray:
    single = vectors.astype(np.float32)
    return single / np.linalg.norm(single, axis=1, keepdims=True)


def flat(rows: int, seed: int) -> np.ndarray:
    """Unit vectors that vary much along few directions."""
    random = np.random.default_rng(seed)
    return unit(random.normal(size=(rows, 6)) * [3, 2, 1, 0.5, 0.3, 0.2] + 0.4)


REFERENCES, QUERIES = flat(60, 1), flat(9, 2)
LABELS = csr_array(np.random.default_rng(3).random((60, 4)) < 0.3)
SETTINGS = {"temperature": 12.0, "max_difference": 6.0, "max_neighbors": 9}


def test_whole_whitening_is_that_of_scikit_learn() -> None:
    model = WhitenedSearch(**SETTINGS, whitening=1.0).fit(REFERENCES, LABELS)
    whitened = PCA(whiten=True, svd_solver="full").fit(REFERENCES.astype(np.float64))
    expected = unit(whitened.transform(QUERIES)) @ unit(whitened.transform(REFERENCES)).T
    found = model.whiten(QUERIES) @ model.references_.T  # the sign and order of axes are free
    np.testing.assert_allclose(found, expected, atol=2e-3)


def test_without_whitening_only_the_mean_is_taken_away() -> None:
    model = WhitenedSearch(**SETTINGS, whitening=0.0).fit(REFERENCES, LABELS)
    mean = REFERENCES.mean(axis=0)
    plain = NeighborSearch(**SETTINGS).fit(unit(REFERENCES - mean), LABELS)
    np.testing.assert_allclose(
        model.predict_confidence(QUERIES),
        plain.predict_confidence(unit(QUERIES - mean)),
        atol=1e-4,
    )


def test_it_is_neighbor_search_among_its_own_vectors_without_the_excluded_ones() -> None:
    model = WhitenedSearch(**SETTINGS).fit(REFERENCES, LABELS)
    plain = NeighborSearch(**SETTINGS).fit(model.references_, LABELS)
    exclude = [np.array([row, 5]) for row in range(60)]
    np.testing.assert_allclose(
        model.predict_confidence(REFERENCES, exclude),
        plain.predict_confidence(model.references_, exclude),
        atol=1e-5,
    )


def test_it_finds_what_lies_along_a_weak_direction() -> None:
    """The strong directions tell nothing about the keyword, a weak one all."""
    random = np.random.default_rng(5)
    truth = random.random(400) < 0.5
    vectors = random.normal(0, 1, (400, 6))
    vectors[:, 5] = random.normal(0, 0.05, 400) + np.where(truth, 0.15, -0.15)
    vectors, labels = unit(vectors), csr_array(truth[:, None])
    wrong = {}
    for model in (NeighborSearch(100.0, 8.0, 10), WhitenedSearch(20.0, 8.0, 10)):
        model.fit(vectors[:200], labels[:200])
        said = model.predict_confidence(vectors[200:])[:, 0] >= 0.5
        wrong[model.name] = int((said != truth[200:]).sum())
    assert wrong["whitened-search"] < 0.7 * wrong["neighbor-search"]


@pytest.mark.parametrize("references", [np.zeros((0, 3)), np.ones((1, 3)), np.ones((4, 3))])
def test_too_little_to_learn_axes_from_is_no_error(references: np.ndarray) -> None:
    vectors = unit(references) if len(references) else references.astype(np.float32)
    labels = csr_array(np.ones((len(references), 2)))
    found = WhitenedSearch().fit(vectors, labels).predict_confidence(unit(np.eye(3)))
    assert np.isfinite(found).all()
    assert ((found >= 0) & (found <= 1)).all()


def test_wrong_settings_are_refused() -> None:
    with pytest.raises(ValueError, match="whitening"):
        WhitenedSearch(whitening=1.5).fit(REFERENCES, LABELS)
