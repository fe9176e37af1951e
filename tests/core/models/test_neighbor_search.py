"""Neighbor search against the thesis (section 3.2.2), written out as plain loops."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from core.models.neighbor_search import NearestNeighbor, NeighborSearch
from core.similarity.top_k import Matches


def unit(rows: int, columns: int, seed: int) -> np.ndarray:
    vectors = np.random.default_rng(seed).normal(size=(rows, columns)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def as_the_thesis_says(
    query: np.ndarray,
    references: np.ndarray,
    labels: np.ndarray,
    temperature: float,
    max_difference: float,
    max_neighbors: int,
    exclude: set[int],
) -> tuple[np.ndarray, dict[int, float]]:
    """Confidences (C,) and weights by reference; float64, one step a sentence of the text."""
    # "calculate the cosine similarity between the query representation and each reference"
    # "If the query image is itself also present in the reference set, this also needs to be
    # removed"
    candidates = [
        (float(query.astype(np.float64) @ reference.astype(np.float64)), index)
        for index, reference in enumerate(references)
        if index not in exclude
    ]
    # "we multiply these similarities by a certain factor"
    candidates = [(temperature * cosine, cosine, index) for cosine, index in candidates]
    # "The resulting scores are sorted and filtered, keeping only the best matches"; by cosine, so
    # that a factor of 0 leaves the order as it is
    candidates.sort(key=lambda item: (-item[1], item[2]))
    confidences = np.zeros(labels.shape[1])
    if not candidates:
        return confidences, {}
    # "the score of the best match found minus a maximum similarity difference"
    limit = candidates[0][0] - max_difference
    remaining = [c for c in candidates if c[0] >= limit][:max_neighbors]
    # "After the filter, we take the softmax of the remaining similarity scores"
    total = sum(math.exp(score - candidates[0][0]) for score, _, _ in remaining)
    # "we add the weights of the most similar reference images first and stop when the cumulative
    # weight of all the processed images reaches 0.99"
    weights: dict[int, float] = {}
    cumulative = 0.0
    for score, _, index in remaining:
        weight = math.exp(score - candidates[0][0]) / total
        weights[index] = weight
        confidences += weight * labels[index]
        cumulative += weight
        if cumulative >= 0.99 - 1e-9:
            break
    return confidences, weights


def check(
    queries: np.ndarray,
    references: np.ndarray,
    labels: np.ndarray,
    model: NeighborSearch,
    exclude: list[np.ndarray] | None = None,
) -> None:
    model.fit(references, csr_array(labels.astype(np.float32)))
    confidences, matches, weights = model.explain(queries, exclude)
    assert np.array_equal(confidences, model.predict_confidence(queries, exclude))
    for i, query in enumerate(queries):
        expected, spoken = as_the_thesis_says(
            query,
            references,
            labels,
            model.temperature,
            model.max_difference,
            model.max_neighbors,
            set() if exclude is None else set(exclude[i].tolist()),
        )
        assert confidences[i] == pytest.approx(expected, abs=1e-5)
        used = weights[i] > 0
        assert dict(zip(matches.indices[i][used], weights[i][used], strict=True)) == pytest.approx(
            spoken, abs=1e-5
        )


@pytest.fixture
def archive() -> tuple[np.ndarray, np.ndarray]:
    """2 000 references in 100 loose groups, a tenth of them exact copies, with 30 keywords."""
    rng = np.random.default_rng(0)
    centres = unit(100, 48, 1)
    group = rng.integers(0, 100, 2_000)
    references = centres[group] + rng.normal(0, 0.06, (2_000, 48)).astype(np.float32)
    references /= np.linalg.norm(references, axis=1, keepdims=True)
    references[1_800:] = references[rng.integers(0, 1_800, 200)]
    labels = (rng.random((100, 30)) < 0.1)[group] ^ (rng.random((2_000, 30)) < 0.02)
    return references.astype(np.float32), labels


def test_equals_the_thesis_on_500_queries(archive: tuple[np.ndarray, np.ndarray]) -> None:
    references, labels = archive
    queries = np.concatenate([unit(100, 48, 5), references[:400]])
    check(queries, references, labels, NeighborSearch())


def test_equals_the_thesis_without_the_query_itself(
    archive: tuple[np.ndarray, np.ndarray],
) -> None:
    references, labels = archive
    rows = np.arange(0, 2_000, 20)
    check(references[rows], references, labels, NeighborSearch(), [np.array([r]) for r in rows])


@pytest.mark.parametrize("temperature", [0.0, 1.0, 68.566, 500.0, 10_000.0])
@pytest.mark.parametrize("max_difference", [0.0, 0.5, 5.2568, 8.0])
@pytest.mark.parametrize("max_neighbors", [1, 2, 36, 200])
def test_equals_the_thesis_at_other_settings(
    archive: tuple[np.ndarray, np.ndarray],
    temperature: float,
    max_difference: float,
    max_neighbors: int,
) -> None:
    references, labels = archive
    model = NeighborSearch(temperature, max_difference, max_neighbors)
    check(unit(5, 48, 6), references[:300], labels[:300], model)


def test_hand_computed() -> None:
    # ln 4 apart: weights 0.8 and 0.2; the third lies ln 100 below the best, too far
    cosines = np.array([0.0, -math.log(4), -math.log(100)]) / 10
    matches = Matches(np.array([[7, 3, 5]]), cosines[None].astype(np.float32))
    weights = NeighborSearch(temperature=10, max_difference=2).weigh(matches)
    assert weights[0] == pytest.approx([0.8, 0.2, 0], abs=1e-6)


def test_the_one_that_reaches_the_cut_counts_and_nothing_is_scaled_up() -> None:
    # weights 100 : 1 : 1; 100/102 is below 0.99, 101/102 reaches it, the third does not count
    cosines = np.array([0.0, -math.log(100), -math.log(100)])
    matches = Matches(np.array([[0, 1, 2]]), cosines[None].astype(np.float32))
    weights = NeighborSearch(temperature=1, max_difference=8).weigh(matches)
    assert weights[0] == pytest.approx([100 / 102, 1 / 102, 0], abs=1e-6)


def test_temperature_0_counts_heads() -> None:
    # 99 of 100 equal weights reach 0.99 exactly
    similarities = np.linspace(1, 0, 100, dtype=np.float32)[None]
    weights = NeighborSearch(0, 5, 100).weigh(Matches(np.arange(100)[None], similarities))
    assert weights[0, :99] == pytest.approx(np.full(99, 0.01))
    assert weights[0, 99] == 0


def test_the_query_is_removed_before_the_best_match_is_determined() -> None:
    references = np.array([[1, 0], [0.6, 0.8], [0.5, 0.75**0.5]], dtype=np.float32)
    labels = csr_array(np.eye(3, dtype=np.float32))
    model = NeighborSearch(temperature=100, max_difference=15).fit(references, labels)
    confidences = model.predict_confidence(references[:1], exclude=[np.array([0])])
    total = 1 + math.exp(-10)
    assert confidences[0] == pytest.approx([0, 1 / total, 0], abs=1e-5)


def test_nearest_neighbor_copies_the_labels_of_the_most_similar() -> None:
    references, queries = unit(30, 8, 0), unit(10, 8, 1)
    labels = np.random.default_rng(2).random((30, 6)) < 0.4
    model = NearestNeighbor().fit(references, csr_array(labels))
    assert np.array_equal(
        model.predict_confidence(queries), labels[np.argmax(queries @ references.T, axis=1)]
    )


@settings(deadline=None, max_examples=50)
@given(
    st.integers(0, 10_000),
    st.floats(0, 10_000),
    st.floats(0, 8),
    st.integers(1, 60),
    st.integers(0, 80),
)
def test_properties(
    seed: int, temperature: float, max_difference: float, max_neighbors: int, many: int
) -> None:
    rng = np.random.default_rng(seed)
    references, queries = unit(many, 6, seed), unit(4, 6, seed + 1)
    labels = (rng.random((many, 5)) < 0.3).astype(np.float32)
    model = NeighborSearch(temperature, max_difference, max_neighbors)
    confidences, _, weights = model.fit(references, csr_array(labels)).explain(queries)
    assert (confidences >= 0).all()
    assert (confidences <= 1).all()
    total = weights.sum(axis=1)
    assert (total <= 1 + 1e-5).all()
    assert (total >= (0.99 - 1e-5 if many else 0)).all()
    assert (np.diff(weights, axis=1) <= 0).all()
    one = NeighborSearch(temperature, max_difference, 1).fit(references, csr_array(labels))
    nearest = NearestNeighbor().fit(references, csr_array(labels))
    assert np.array_equal(one.predict_confidence(queries), nearest.predict_confidence(queries))
    order = rng.permutation(many)
    shuffled = NeighborSearch(temperature, max_difference, max_neighbors)
    shuffled.fit(references[order], csr_array(labels[order]))
    assert shuffled.predict_confidence(queries) == pytest.approx(confidences, abs=1e-5)


def test_without_references_nothing_is_suggested() -> None:
    model = NeighborSearch().fit(np.zeros((0, 4), np.float32), csr_array((0, 3)))
    assert np.array_equal(model.predict_confidence(unit(2, 4, 0)), np.zeros((2, 3)))


@pytest.mark.parametrize(
    ("model", "complaint"),
    [
        (NeighborSearch(temperature=-1), "temperature"),
        (NeighborSearch(temperature=math.nan), "temperature"),
        (NeighborSearch(max_difference=-0.1), "difference"),
        (NeighborSearch(max_neighbors=0), "neighbor"),
    ],
)
def test_settings_out_of_range_are_refused(model: NeighborSearch, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        model.fit(unit(2, 4, 0), csr_array(np.eye(2)))


def test_wrong_arrays_are_refused() -> None:
    broken = unit(2, 4, 0)
    broken[1, 2] = np.nan
    with pytest.raises(ValueError, match="NaN"):
        NeighborSearch().fit(broken, csr_array(np.eye(2)))
    with pytest.raises(ValueError, match="do not fit"):
        NeighborSearch().fit(unit(3, 4, 0), csr_array(np.eye(2)))
    with pytest.raises(ValueError, match="0 or 1"):
        NeighborSearch().fit(unit(2, 4, 0), csr_array(np.eye(2) * 0.5))
