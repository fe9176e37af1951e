import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

from core.models.prototypes import make_prototypes, random_groups, similar_groups


def test_the_example_of_the_thesis() -> None:
    # "made from 10 samples, all of which belong to class 1, 5 of which to class 2 and none to 3"
    labels = np.zeros((10, 3), dtype=np.float32)
    labels[:, 0] = 1
    labels[:5, 1] = 1
    vectors = np.eye(10, dtype=np.float32)
    made = make_prototypes(vectors, csr_array(labels), 1, random_groups)
    assert made.averaged.toarray()[0] == pytest.approx([1, 0.5, 0])
    assert made.one_hot.toarray()[0] == pytest.approx([1, 0, 0])
    assert made.vectors[0] == pytest.approx(np.full(10, 0.1))
    assert made.vectors[1] == pytest.approx([0.2] * 5 + [0] * 5)


def test_an_empty_group_is_the_zero_vector_without_labels() -> None:
    labels = csr_array(np.array([[1, 0], [1, 0]], dtype=np.float32))
    made = make_prototypes(np.eye(2, dtype=np.float32), labels, 3, similar_groups)
    assert np.count_nonzero(made.vectors.any(axis=1)) == 2
    assert (made.vectors[2:] == 0).all()
    assert (made.one_hot.toarray()[2:] == 0).all()
    assert (made.averaged.toarray()[2:] == 0).all()


def test_k_means_keeps_two_far_groups_apart() -> None:
    rng = np.random.default_rng(0)
    near = rng.normal([1, 0], 0.01, (30, 2)).astype(np.float32)
    far = rng.normal([0, 1], 0.01, (30, 2)).astype(np.float32)
    labels = csr_array(np.ones((60, 1), dtype=np.float32))
    made = make_prototypes(np.concatenate([near, far]), labels, 2, similar_groups)
    found = made.vectors[np.argsort(made.vectors[:, 0])]
    assert found == pytest.approx(np.array([[0, 1], [1, 0]]), abs=0.02)


def spread_of(vectors: np.ndarray, groups: np.ndarray) -> float:
    """Sum of squared distances to the means of the groups."""
    own = [vectors[groups == group] for group in np.unique(groups)]
    return float(sum(np.square(part - part.mean(axis=0)).sum() for part in own))


def test_similar_groups_are_those_of_scikit_learns_full_k_means() -> None:
    rng = np.random.default_rng(4)
    apart = np.repeat(np.eye(5), 40, axis=0) + rng.normal(0, 0.05, (200, 5))
    oracle = KMeans(5, n_init=10, random_state=0).fit_predict(apart)
    found = similar_groups(apart.astype(np.float32), 5, seed=1)
    assert adjusted_rand_score(found, oracle) == 1
    loose = rng.normal(size=(400, 5)).astype(np.float32)
    best = KMeans(8, n_init=10, random_state=0).fit(loose).inertia_
    reached = spread_of(loose, similar_groups(loose, 8, seed=1))
    assert reached < 1.25 * best < 0.8 * spread_of(loose, random_groups(loose, 8, 1))


def test_images_that_are_all_alike_make_one_group(recwarn: pytest.WarningsRecorder) -> None:
    groups = similar_groups(np.ones((50, 4), dtype=np.float32), 8, seed=0)
    assert len(np.unique(groups)) == 1
    assert not recwarn.list


def test_similar_groups_are_the_same_again() -> None:
    vectors = np.random.default_rng(6).normal(size=(3000, 8)).astype(np.float32)
    assert (similar_groups(vectors, 20, seed=3) == similar_groups(vectors, 20, seed=3)).all()


def test_random_groups_are_even_and_seeded() -> None:
    vectors = np.zeros((20, 2), dtype=np.float32)
    groups = random_groups(vectors, 4, 7)
    assert np.bincount(groups).tolist() == [5, 5, 5, 5]
    assert (groups == random_groups(vectors, 4, 7)).all()
    assert (groups != random_groups(vectors, 4, 8)).any()


def test_no_prototypes_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        make_prototypes(np.eye(2, dtype=np.float32), csr_array(np.eye(2)), 0, random_groups)


def test_averages_of_shared_keywords_are_at_most_one() -> None:
    # ten times the float32 nearest to a tenth is more than 1
    labels = csr_array(np.ones((10, 1), dtype=np.float32))
    made = make_prototypes(np.eye(10, dtype=np.float32), labels, 1, random_groups)
    assert made.averaged.max() == 1
    for images in range(1, 60):
        labels = csr_array(np.ones((images, 2), dtype=np.float32))
        made = make_prototypes(np.eye(images, dtype=np.float32), labels, 1, random_groups)
        assert made.averaged.max() <= 1, images
