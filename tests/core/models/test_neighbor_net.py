import numpy as np
import pytest
from scipy.sparse import csr_array

from core.models import base, neighbor_net, one_pass
from core.models.neighbor_net import ClassWiseNeighborNet, SimpleNeighborNet


def unit(rows: int, columns: int, seed: int) -> np.ndarray:
    vectors = np.random.default_rng(seed).normal(size=(rows, columns)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.fixture
def world() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    labels = np.random.default_rng(1).random((40, 5)) < 0.3
    labels[:, 4] = False
    return unit(7, 6, 2), unit(40, 6, 3), labels


def test_both_nets_by_hand() -> None:
    # cosines 1 and 0 at temperature ln 3: weights 3/4 and 1/4
    references = np.eye(2, dtype=np.float32)
    labels = csr_array(np.array([[1, 0], [1, 1]], dtype=np.float32))
    simple = SimpleNeighborNet(np.log(3)).fit(references, labels)
    assert simple.predict_confidence(references[:1])[0] == pytest.approx([1, 1 / 4])
    class_wise = ClassWiseNeighborNet(np.log(3)).fit(references, labels)
    # the first keyword averages to 3/4, the second has the cosine 0 alone; then (c + 1) / 2
    assert class_wise.predict_confidence(references[:1])[0] == pytest.approx([7 / 8, 1 / 2])


def test_simple_net_equals_a_plain_loop(world: tuple[np.ndarray, ...]) -> None:
    queries, references, labels = world
    got = SimpleNeighborNet(20.0).fit(references, csr_array(labels)).predict_confidence(queries)
    for b, query in enumerate(queries):
        scores = [np.exp(20.0 * float(query @ reference)) for reference in references]
        for c in range(5):
            expected = sum(s for s, row in zip(scores, labels, strict=True) if row[c]) / sum(scores)
            assert got[b, c] == pytest.approx(expected, abs=1e-5)


def test_class_wise_net_equals_a_plain_loop(world: tuple[np.ndarray, ...]) -> None:
    queries, references, labels = world
    got = ClassWiseNeighborNet(9.0).fit(references, csr_array(labels)).predict_confidence(queries)
    for b, query in enumerate(queries):
        for c in range(4):
            mine = [float(query @ r) for r, row in zip(references, labels, strict=True) if row[c]]
            weights = [np.exp(9.0 * similarity) for similarity in mine]
            average = sum(w * s for w, s in zip(weights, mine, strict=True)) / sum(weights)
            assert got[b, c] == pytest.approx((average + 1) / 2, abs=1e-5)
    assert (got[:, 4] == 0).all()


def test_class_wise_net_lies_between_mean_and_maximum(world: tuple[np.ndarray, ...]) -> None:
    queries, references, labels = world
    cosines = queries @ references.T
    cold = ClassWiseNeighborNet(0.0).fit(references, csr_array(labels)).predict_confidence(queries)
    hot = ClassWiseNeighborNet(1e6).fit(references, csr_array(labels)).predict_confidence(queries)
    for c in range(4):
        mine = cosines[:, labels[:, c]]
        assert cold[:, c] == pytest.approx((mine.mean(axis=1) + 1) / 2, abs=1e-6)
        assert hot[:, c] == pytest.approx((mine.max(axis=1) + 1) / 2, abs=1e-6)


@pytest.mark.parametrize("model", [SimpleNeighborNet(30.0), ClassWiseNeighborNet(30.0)])
def test_blocks_do_not_change_the_result(
    world: tuple[np.ndarray, ...],
    model: SimpleNeighborNet | ClassWiseNeighborNet,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    queries, references, labels = world
    whole = model.fit(references, csr_array(labels)).predict_confidence(queries)
    monkeypatch.setattr(base, "BLOCK_VALUES", 100)
    assert model.predict_confidence(queries) == pytest.approx(whole, abs=1e-6)


@pytest.mark.parametrize(("alike", "together"), [(1, 1), (2, 12), (100, 20)])
@pytest.mark.parametrize("temperature", [9.0, 300.0])
def test_class_wise_net_may_weigh_any_number_at_once(
    world: tuple[np.ndarray, ...],
    monkeypatch: pytest.MonkeyPatch,
    temperature: float,
    alike: int,
    together: int,
) -> None:
    queries, references, labels = world
    exclude = [np.array([3 * row, 39]) for row in range(7)]
    exclude[2] = np.flatnonzero(labels[:, 1])  # nothing is left to speak for a keyword
    model = ClassWiseNeighborNet(temperature).fit(references, csr_array(labels))
    whole = model.predict_confidence(queries, exclude)
    assert whole[2, 1] == 0
    monkeypatch.setattr(neighbor_net, "_ALIKE", alike)
    monkeypatch.setattr(neighbor_net, "_TOGETHER", together)
    monkeypatch.setattr(one_pass, "QUERIES", alike)
    monkeypatch.setattr(one_pass, "REFERENCES", together)
    assert model.predict_confidence(queries, exclude) == pytest.approx(whole, abs=1e-6)


@pytest.mark.parametrize("temperature", [0.0, 14.193, 60.0, 500.0])
def test_class_wise_net_hears_keywords_far_from_the_query(
    world: tuple[np.ndarray, ...], temperature: float
) -> None:
    queries, references, labels = world
    references = np.concatenate([references, queries, -queries])  # cosines of 1 and -1
    far = np.zeros((14, 5), dtype=bool)
    far[:7, 0] = far[7:, 4] = True
    labels = np.concatenate([labels, far])
    model = ClassWiseNeighborNet(temperature).fit(references, csr_array(labels))
    got = model.predict_confidence(queries)
    cosines = queries.astype(np.float64) @ references.T.astype(np.float64)
    for c in range(5):
        mine = cosines[:, labels[:, c]]
        weights = np.exp(temperature * (mine - mine.max(axis=1, keepdims=True)))
        expected = (weights * mine).sum(axis=1) / weights.sum(axis=1)
        assert got[:, c] == pytest.approx((expected + 1) / 2, abs=2e-6)


def test_class_wise_net_with_members_that_are_no_references_is_damaged(
    world: tuple[np.ndarray, ...],
) -> None:
    queries, references, labels = world
    model = ClassWiseNeighborNet(9.0).fit(references, csr_array(labels))
    model.members_[0] = 40
    with pytest.raises(ValueError, match="indices"):
        model.predict_confidence(queries)


def test_wrong_input_is_refused(world: tuple[np.ndarray, ...]) -> None:
    _, references, labels = world
    with pytest.raises(ValueError, match="temperature"):
        SimpleNeighborNet(-1.0).fit(references, csr_array(labels))
    with pytest.raises(ValueError, match="do not fit"):
        ClassWiseNeighborNet(1.0).fit(references[:-1], csr_array(labels))
