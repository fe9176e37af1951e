import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.neighbors import NearestNeighbors

from core.similarity import top_k as module
from core.similarity.top_k import top_k


def unit(rows: int, columns: int, seed: int) -> np.ndarray:
    vectors = np.random.default_rng(seed).normal(size=(rows, columns)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def slow(
    queries: np.ndarray, references: np.ndarray, k: int, exclude: list[np.ndarray] | None = None
) -> tuple[list[list[int]], list[list[float]]]:
    indices, similarities = [], []
    for i, query in enumerate(queries):
        left_out = set() if exclude is None else set(exclude[i].tolist())
        scored = [
            (-float(np.dot(query, reference)), j)
            for j, reference in enumerate(references)
            if j not in left_out
        ]
        best = sorted(scored)[:k]
        gap = k - len(best)
        indices.append([j for _, j in best] + [-1] * gap)
        similarities.append([-s for s, _ in best] + [-np.inf] * gap)
    return indices, similarities


def test_hand_computed() -> None:
    references = np.array([[1, 0], [0, 1], [0.6, 0.8], [-1, 0]], dtype=np.float32)
    found = top_k(np.array([[1, 0], [0, 1]], dtype=np.float32), references, 3)
    assert found.indices.tolist() == [[0, 2, 1], [1, 2, 0]]
    assert found.similarities == pytest.approx(np.array([[1, 0.6, 0], [1, 0.8, 0]]))


def test_equal_similarities_come_in_the_order_of_the_references() -> None:
    references = np.tile(unit(3, 64, 0), (500, 1))
    found = top_k(unit(5, 64, 1), references, 40)
    for row in found.indices:
        assert np.array_equal(np.diff(row), np.full(39, 3))
        assert row[0] < 3


def test_fewer_references_than_asked_for() -> None:
    found = top_k(unit(2, 4, 0), unit(3, 4, 1), 5, exclude=[np.array([1]), np.array([], int)])
    assert sorted(found.indices[0].tolist()) == [-1, -1, -1, 0, 2]
    assert (found.indices[:, 3:] == -1).all()
    assert (found.similarities[:, 3:] == -np.inf).all()


def test_nothing_in_nothing_out() -> None:
    none = np.zeros((0, 4), dtype=np.float32)
    assert top_k(none, unit(3, 4, 0), 2).indices.shape == (0, 2)
    assert top_k(none, unit(3, 4, 0), 2, exclude=[]).indices.shape == (0, 2)
    assert (top_k(unit(3, 4, 0), none, 2).indices == -1).all()
    everything = [np.arange(3)] * 2
    assert (top_k(unit(2, 4, 0), unit(3, 4, 0), 2, exclude=everything).indices == -1).all()


def test_equals_scikit_learn() -> None:
    queries, references = unit(50, 32, 2), unit(3_000, 32, 3)
    peer = NearestNeighbors(n_neighbors=20, algorithm="brute", metric="cosine").fit(references)
    distances, indices = peer.kneighbors(queries)
    found = top_k(queries, references, 20)
    assert found.similarities == pytest.approx(1 - distances, abs=1e-6)
    assert (found.indices == indices).mean() > 0.99


def test_a_pair_has_one_similarity_however_it_is_asked() -> None:
    queries, references = unit(40, 96, 4), unit(2_000, 96, 5)
    together = top_k(queries, references, 30)
    for i in range(40):
        alone = top_k(queries[i : i + 1], references, 30)
        assert np.array_equal(alone.indices[0], together.indices[i])
        assert np.array_equal(alone.similarities[0], together.similarities[i])


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_equals_a_plain_loop(data: st.DataObject) -> None:
    n = data.draw(st.integers(1, 8))
    many = data.draw(st.integers(1, 400))
    k = data.draw(st.integers(1, 30))
    seed = data.draw(st.integers(0, 10_000))
    rng = np.random.default_rng(seed)
    # few distinct vectors: many ties
    references = unit(max(1, many // 3), 8, seed)[rng.integers(0, max(1, many // 3), many)]
    queries = np.concatenate([references[: n // 2], unit(n - min(n // 2, many), 8, seed + 1)])
    exclude = [rng.integers(0, many, rng.integers(0, 4)) for _ in queries]
    block = data.draw(st.sampled_from([1, 1_000, 10**6]))
    found = top_k(queries, references, k, exclude=exclude, block=block)
    indices, similarities = slow(queries, references, k, exclude)
    assert found.similarities == pytest.approx(np.array(similarities), abs=1e-6)
    assert found.indices.tolist() == indices


def test_no_product_larger_than_a_block(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def watched(leaders: np.ndarray, rough: np.ndarray, k: int) -> np.ndarray:
        seen.append(rough.shape)
        return original(leaders, rough, k)

    original = module._lead
    monkeypatch.setattr(module, "_lead", watched)
    top_k(unit(10, 4, 0), unit(100, 4, 1), 3, block=250)
    assert seen == [(25, 10)] * 4


def test_many_queries_are_asked_in_parts() -> None:
    queries, references = unit(1_100, 16, 6), unit(300, 16, 7)
    own = [np.array([i % 300]) for i in range(1_100)]
    found = top_k(queries, references, 5, exclude=own)
    for i in (0, 511, 512, 1_023, 1_024, 1_099):
        alone = top_k(queries[i : i + 1], references, 5, exclude=own[i : i + 1])
        assert np.array_equal(alone.indices[0], found.indices[i])
        assert i % 300 not in found.indices[i]


def test_what_is_all_alike_or_ever_better_does_not_pile_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pairs = []

    def watched(*given: np.ndarray) -> np.ndarray:
        pairs.append(len(given[2]))
        return original(*given)

    original = module._pairwise
    monkeypatch.setattr(module, "_pairwise", watched)
    angles = np.linspace(np.pi / 2, 0, 1_000, dtype=np.float32)
    nearer = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    for references, best in ((np.ones((1_000, 2), np.float32), 0), (nearer, 999)):
        query = np.array([[1, 0], [1, 0]], dtype=np.float32)
        found = top_k(query, references, 3, block=100)
        assert (found.indices[:, 0] == best).all()
        assert max(pairs) <= 100 + 100  # of one block, and of what was kept before it


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_values_that_are_no_numbers_are_refused(bad: float) -> None:
    good, broken = unit(70, 4, 0), unit(70, 4, 1)
    broken[69, 3] = bad
    with pytest.raises(ValueError, match="queries hold NaN"):
        top_k(broken, good, 2)
    with pytest.raises(ValueError, match="hold NaN or infinite"):
        top_k(good, broken, 2)


def test_arrays_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="do not fit"):
        top_k(unit(2, 4, 0), unit(2, 5, 0), 1)
    with pytest.raises(ValueError, match="float32"):
        top_k(unit(2, 4, 0).astype(np.float64), unit(2, 4, 0), 1)
    with pytest.raises(ValueError, match="k of at least 1"):
        top_k(unit(2, 4, 0), unit(2, 4, 0), 0)
    with pytest.raises(ValueError, match="exclusions"):
        top_k(unit(2, 4, 0), unit(2, 4, 0), 1, exclude=[np.array([0])])
