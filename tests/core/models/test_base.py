"""Every model: settings with limits, exclusion of the query itself, state without pickle."""

import json

import numpy as np
import pytest
from scipy.sparse import csr_array

from core.models import neighbor_search
from core.models.base import Estimator, Limits
from core.models.combined import Combined
from core.models.language_image import LanguageImage
from core.models.linear_probe import LinearProbe
from core.models.neighbor_net import ClassWiseNeighborNet, FilteredNeighborNet, SimpleNeighborNet
from core.models.neighbor_search import NearestNeighbor, NeighborSearch
from core.models.prototypes import ClassWisePrototypeNet, SimplePrototypeNet
from core.models.state import MODELS, ModelState, from_state, state_of
from core.models.whitened_search import WhitenedSearch


def unit(rows: int, columns: int, seed: int) -> np.ndarray:
    vectors = np.random.default_rng(seed).normal(size=(rows, columns)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


REFERENCES, QUERIES = unit(40, 6, 3), unit(7, 6, 2)
LABELS = csr_array(np.random.default_rng(1).random((40, 5)) < 0.3)
KEEPING_REFERENCES = [
    NeighborSearch(12.0, 6.0, 9),
    NearestNeighbor(),
    SimpleNeighborNet(12.0),
    FilteredNeighborNet(12.0, 6.0, 9),
    ClassWiseNeighborNet(9.0),
]
ALL = [
    *KEEPING_REFERENCES,
    LanguageImage(unit(10, 6, 5).reshape(2, 5, 6), [1.0, 3.0]),
    SimplePrototypeNet(12.0, 2, "random", "one-hot", 3),
    ClassWisePrototypeNet(9.0, 2),
    LinearProbe(3.0),
    WhitenedSearch(12.0, 6.0, 9, 0.3),
    Combined([NeighborSearch(12.0), ClassWiseNeighborNet(9.0), LinearProbe(3.0)]),
]


@pytest.mark.parametrize("model", ALL, ids=lambda model: model.name)
def test_a_model_comes_back_from_its_state(model: Estimator) -> None:
    model.fit(REFERENCES, LABELS)
    state = state_of(model)
    assert MODELS[model.name] is type(model)
    written = json.loads(json.dumps(state.settings))
    again = from_state(ModelState(state.name, written, state.arrays))
    assert np.array_equal(again.predict_confidence(QUERIES), model.predict_confidence(QUERIES))
    assert all(isinstance(array, np.ndarray) for array in state.arrays.values())


@pytest.mark.parametrize("model", ALL, ids=lambda model: model.name)
def test_confidences_lie_between_0_and_1(model: Estimator) -> None:
    found = model.fit(REFERENCES, LABELS).predict_confidence(QUERIES)
    assert found.shape == (7, 5)
    assert found.dtype == np.float32
    assert (found >= 0).all()
    assert (found <= 1).all()


@pytest.mark.parametrize("model", KEEPING_REFERENCES, ids=lambda model: model.name)
def test_what_is_excluded_is_as_if_it_had_never_been_there(model: Estimator) -> None:
    """Left out for one query = fitted without it."""
    exclude = [np.array([row, (row + 5) % 40]) for row in range(40)]
    found = model.fit(REFERENCES, LABELS).predict_confidence(REFERENCES, exclude)
    for row in range(0, 40, 7):
        kept = np.setdiff1d(np.arange(40), exclude[row])
        model.fit(REFERENCES[kept], LABELS[kept])
        alone = model.predict_confidence(REFERENCES[row : row + 1])[0]
        assert found[row] == pytest.approx(alone, abs=1e-5)


@pytest.mark.parametrize("model", KEEPING_REFERENCES, ids=lambda model: model.name)
def test_a_query_whose_references_are_all_excluded_has_confidence_0(model: Estimator) -> None:
    everything = [np.arange(40)] * 7
    assert not model.fit(REFERENCES, LABELS).predict_confidence(QUERIES, everything).any()


def test_an_untrained_filtered_net_is_neighbor_search() -> None:
    filtered = FilteredNeighborNet(30.0, 4.0, 12).fit(REFERENCES, LABELS)
    search = NeighborSearch(30.0, 4.0, 12).fit(REFERENCES, LABELS)
    expected = search.predict_confidence(QUERIES)
    assert filtered.predict_confidence(QUERIES) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("temperature", [0.0, 3.0, 30.0, 300.0])
def test_an_untrained_simple_net_is_neighbor_search_without_a_filter(
    monkeypatch: pytest.MonkeyPatch, temperature: float
) -> None:
    net = SimpleNeighborNet(temperature).fit(REFERENCES, LABELS)
    expected = net.predict_confidence(QUERIES)
    search = NeighborSearch(temperature, 1e9, 40).fit(REFERENCES, LABELS)
    cut = search.predict_confidence(QUERIES)
    assert (cut <= expected + 1e-6).all()
    assert (cut >= expected - 0.0101).all()  # at most one hundredth of the weight is cut off
    monkeypatch.setattr(neighbor_search, "CUMULATIVE_WEIGHT", np.inf)
    assert search.predict_confidence(QUERIES) == pytest.approx(expected, abs=1e-6)


def test_prototypes_of_single_references_are_the_net_itself() -> None:
    labels = csr_array(np.eye(5, dtype=np.float32))
    net = SimpleNeighborNet(9.0).fit(REFERENCES[:5], labels)
    prototypes = SimplePrototypeNet(9.0, 1).fit(REFERENCES[:5], labels)
    expected = net.predict_confidence(QUERIES)
    assert prototypes.predict_confidence(QUERIES) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("value", [-1, 3.5, True, "2", None, float("nan"), float("inf")])
def test_a_setting_out_of_its_limits_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="max neighbors must be"):
        Limits(0, whole=True).check("max_neighbors", value)


@pytest.mark.parametrize(
    "model",
    [
        SimpleNeighborNet(float("inf")),
        SimplePrototypeNet(grouping="by hand"),
        ClassWisePrototypeNet(per_keyword=0),
        FilteredNeighborNet(max_neighbors=0),
    ],
)
def test_impossible_settings_are_refused_when_fitting(model: Estimator) -> None:
    with pytest.raises(ValueError, match="must be"):
        model.fit(REFERENCES, LABELS)


def damaged(change: dict, arrays: dict | None = None) -> ModelState:
    state = state_of(NeighborSearch().fit(REFERENCES, LABELS))
    return ModelState(state.name, state.settings | change, state.arrays | (arrays or {}))


@pytest.mark.parametrize(
    ("state", "complaint"),
    [
        (ModelState("os.system", {}, {}), "no model"),
        (ModelState("language-image", {}, {}), "lacks"),
        (damaged({"__class__": 1}), "no setting"),
        (damaged({"temperature": -1.0}), "at least 0"),
        (damaged({}, {"fit": np.zeros(1)}), "learns no array"),
        (damaged({}, {"__init__": np.zeros(1)}), "learns no array"),
        (damaged({}, {"references_": np.array(["x"])}), "not numbers"),
        (damaged({}, {"labels_.indices": np.full(60, 99)}), "damaged"),
    ],
)
def test_a_damaged_state_is_refused(state: ModelState, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        from_state(state)


@pytest.mark.parametrize(
    ("model", "arrays"),
    [
        (SimpleNeighborNet(9.0), {"labels_.indptr": [0, 2**62, -(2**63), -(2**62), 0, 3]}),
        (ClassWiseNeighborNet(9.0), {"sizes_": [2**62, 2**62, 2**62, 2**62, 3]}),
        (ClassWiseNeighborNet(9.0), {"sizes_": [-1, 2, 1, 0, 1]}),
        (ClassWiseNeighborNet(9.0), {"sizes_": [1, 1, 1, 0, 1]}),
        (ClassWiseNeighborNet(9.0), {"sizes_": [1.0, 1.0, 1.0, 0.0, 0.0]}),
        (ClassWiseNeighborNet(9.0), {"members_": [0, 1, 5]}),
        (ClassWiseNeighborNet(9.0), {"members_": [0, 1, -1]}),
    ],
)
def test_rows_that_reach_beyond_memory_are_refused(
    model: Estimator, arrays: dict[str, list[float]]
) -> None:
    """SciPy's own check adds and subtracts the ends, which can overflow and seem right."""
    labels = np.eye(5, dtype=np.float32) * np.array([1, 1, 1, 0, 0], dtype=np.float32)
    state = state_of(model.fit(np.eye(5, dtype=np.float32), labels))
    given = {name: np.array(values) for name, values in arrays.items()}
    with pytest.raises(ValueError, match=r"damaged|indices|index|pointer"):
        from_state(ModelState(state.name, state.settings, state.arrays | given))
