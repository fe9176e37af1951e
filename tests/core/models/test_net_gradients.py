"""Confidences and gradients of the nets against NumPy in double precision, loop by loop."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from scipy.sparse import csr_array

from core.models import net_gradients
from core.models.neighbor_net import ClassWiseNeighborNet, FilteredNeighborNet, SimpleNeighborNet
from core.models.net_gradients import Net, differentiable
from core.models.prototypes import ClassWisePrototypeNet, SimplePrototypeNet

RANDOM = np.random.default_rng(3)
REFERENCES, DIMENSION, KEYWORDS, QUERIES = 13, 5, 4, 6


def unit(rows: int) -> np.ndarray:
    vectors = RANDOM.normal(size=(rows, DIMENSION)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


VECTORS = unit(REFERENCES)
LABELS = RANDOM.random((REFERENCES, KEYWORDS)) < 0.4
LABELS[:, 3] = False  # a keyword without references
LABELS[[1, 4], 2] = True
LABELS[4] = [False, False, True, False]
ASKED = unit(QUERIES)
TRUTH = (RANDOM.random((QUERIES, KEYWORDS)) < 0.4).astype(np.float64)
EXCLUDE = [np.array([query], dtype=np.int64) for query in range(QUERIES)]
EXCLUDE[2] = np.array([1, 2, 7], dtype=np.int64)

NETS: list[Net] = [
    SimpleNeighborNet(6.0).fit(VECTORS, LABELS),
    FilteredNeighborNet(6.0, 4.0, 9).fit(VECTORS, LABELS),
    FilteredNeighborNet(30.0, 8.0, 13).fit(VECTORS, LABELS),  # the cut at 0.99 bites
    ClassWiseNeighborNet(6.0).fit(VECTORS, LABELS),
    SimplePrototypeNet(6.0, 2, "random").fit(VECTORS, csr_array(LABELS)),
    ClassWisePrototypeNet(6.0, 2, "random").fit(VECTORS, csr_array(LABELS)),
]
IDS = ["simple", "filtered", "filtered-cut", "class-wise", "prototypes", "class-wise-prototypes"]


def simple(net: SimpleNeighborNet, layer: np.ndarray, heat: float, query: int) -> np.ndarray:
    """Confidences of one query, written out."""
    labels = net.labels_.toarray()
    scores = heat * (layer @ ASKED[query].astype(np.float64))
    if not isinstance(net, SimplePrototypeNet):
        scores[EXCLUDE[query]] = -np.inf
    order = np.argsort(-scores)
    if isinstance(net, FilteredNeighborNet):
        order = [
            n for n in order[: net.max_neighbors] if scores[n] >= max(scores) - net.max_difference
        ]
    total = sum(np.exp(scores[n] - max(scores)) for n in order)
    confidences, reached = np.zeros(KEYWORDS), 0.0
    for n in order:
        weight = np.exp(scores[n] - max(scores)) / total
        if isinstance(net, FilteredNeighborNet) and reached >= 0.99:
            break
        confidences += weight * labels[n]
        reached += weight
    return confidences


def class_wise(net: ClassWiseNeighborNet, layer: np.ndarray, heat: float, query: int) -> np.ndarray:
    confidences = np.zeros(KEYWORDS)
    ends = np.cumsum(net.sizes_)
    for keyword, (size, end) in enumerate(zip(net.sizes_, ends, strict=True)):
        members = set(net.members_[end - size : end].tolist())
        if not isinstance(net, ClassWisePrototypeNet):
            members -= set(EXCLUDE[query].tolist())
        if members:
            cosines = np.array([layer[n] @ ASKED[query].astype(np.float64) for n in members])
            weights = np.exp(heat * cosines)
            confidences[keyword] = ((weights / weights.sum()) @ cosines + 1) / 2
    return confidences


def oracle(net: Net, layer: np.ndarray, log_heat: float) -> np.ndarray:
    one: Callable[..., np.ndarray] = class_wise if isinstance(net, ClassWiseNeighborNet) else simple
    return np.stack([one(net, layer, np.exp(log_heat), query) for query in range(QUERIES)])


def loss(net: Net, layer: np.ndarray, log_heat: float) -> float:
    return float(np.square(oracle(net, layer, log_heat) - TRUTH).mean())


def excluded(net: Net) -> tuple[torch.Tensor, torch.Tensor]:
    pairs = [(q, int(n)) for q in range(QUERIES) for n in EXCLUDE[q]]
    if isinstance(net, SimplePrototypeNet | ClassWisePrototypeNet):
        pairs = []
    array = torch.tensor(pairs, dtype=torch.int64).reshape(-1, 2)
    return array[:, 0], array[:, 1]


def computed(net: Net) -> tuple[np.ndarray, np.ndarray, float]:
    """Confidences, gradient of the loss by the first layer and by the log temperature."""
    layer = torch.tensor(net.references_)
    confidences, backward = differentiable(net, "cpu").forward(
        layer, net.temperature_, torch.tensor(ASKED), excluded(net)
    )
    residual = 2 * (confidences - torch.tensor(TRUTH, dtype=torch.float32)) / TRUTH.size
    gradient = torch.zeros_like(layer)
    warmth = backward(residual, gradient, 1.0)
    return confidences.numpy(), gradient.numpy(), warmth


@pytest.mark.parametrize("net", NETS, ids=IDS)
def test_confidences_are_those_of_the_model(net: Net) -> None:
    found, _, _ = computed(net)
    assert found == pytest.approx(net.predict_confidence(ASKED, EXCLUDE), abs=1e-6)
    assert found == pytest.approx(
        oracle(net, net.references_.astype(np.float64), np.log(net.temperature_)), abs=1e-6
    )


@pytest.mark.parametrize("net", NETS, ids=IDS)
def test_gradients_are_finite_differences(net: Net) -> None:
    _, gradient, warmth = computed(net)
    layer, log_heat, step = net.references_.astype(np.float64), np.log(net.temperature_), 1e-6
    for row in range(len(layer)):
        for column in range(DIMENSION):
            up, down = layer.copy(), layer.copy()
            up[row, column] += step
            down[row, column] -= step
            slope = (loss(net, up, log_heat) - loss(net, down, log_heat)) / (2 * step)
            assert gradient[row, column] == pytest.approx(slope, abs=2e-6), (row, column)
    if isinstance(net, ClassWiseNeighborNet):
        assert warmth == 0  # thesis section 3.2.3: its temperature is not trained
        return
    slope = (loss(net, layer, log_heat + step) - loss(net, layer, log_heat - step)) / (2 * step)
    assert warmth == pytest.approx(slope, abs=2e-6)
    assert abs(slope) > 1e-4


@pytest.mark.parametrize("net", NETS, ids=IDS)
def test_strips_do_not_change_the_result(net: Net, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = computed(net)
    monkeypatch.setattr(net_gradients, "_STRIP", 1)
    for one, other in zip(computed(net), whole, strict=True):
        assert one == pytest.approx(other, abs=1e-6)


@pytest.mark.parametrize("net", NETS[:4], ids=IDS[:4])
def test_a_query_without_references_learns_nothing(net: Net) -> None:
    layer = torch.tensor(net.references_)
    every = torch.arange(REFERENCES)
    confidences, backward = differentiable(net, "cpu").forward(
        layer, net.temperature_, torch.tensor(ASKED[:1]), (torch.zeros_like(every), every)
    )
    gradient = torch.zeros_like(layer)
    assert backward(torch.ones(1, KEYWORDS), gradient, 1.0) == 0
    assert not confidences.any()
    assert not gradient.any()


@pytest.mark.parametrize("net", NETS, ids=IDS)
def test_gradients_are_added_to_what_is_kept_of_the_sums(net: Net) -> None:
    layer = torch.tensor(net.references_)
    layers = differentiable(net, "cpu")
    once, twice = torch.zeros_like(layer), torch.zeros_like(layer)
    for sums, times in ((once, 1), (twice, 2)):
        for _ in range(times):
            _, backward = layers.forward(layer, 6.0, torch.tensor(ASKED), excluded(net))
            backward(torch.ones(QUERIES, KEYWORDS), sums, 0.25)
    assert twice.numpy() == pytest.approx(1.25 * once.numpy(), abs=1e-6)
    assert once.abs().max() > 0.001
