"""Models asked in one pass say what they say alone."""

from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_array

from core.errors import Cancelled
from core.models import one_pass
from core.models.base import Estimator
from core.models.linear_probe import LinearProbe
from core.models.neighbor_net import ClassWiseNeighborNet, FilteredNeighborNet, SimpleNeighborNet
from core.models.neighbor_search import NearestNeighbor, NeighborSearch
from core.progress import Silent
from core.workflows import shared_search
from core.workflows.dataset import Part
from core.workflows.shared_search import SharedSearch


def part(images: int, seed: int) -> Part:
    random = np.random.default_rng(seed)
    vectors = random.normal(size=(images, 16)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    labels = csr_array(random.random((images, 7)) < 0.3, dtype=np.float32)
    return Part(np.arange(images), vectors, labels)


TRAIN, ASKED = part(300, 0), part(90, 1)
MODELS: list[Estimator] = [
    NearestNeighbor(),
    NeighborSearch(20.0, 5.0, 40),
    SimpleNeighborNet(30.0),
    ClassWiseNeighborNet(9.0),
    ClassWiseNeighborNet(400.0),
    FilteredNeighborNet(20.0, 5.0, 12),
    LinearProbe(),
]


@pytest.mark.parametrize("rows", [7, 64, 4096])
def test_each_model_says_what_it_says_alone(rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(one_pass, "REFERENCES", rows)
    monkeypatch.setattr(one_pass, "QUERIES", 32)
    models = [model.fit(TRAIN.vectors, TRAIN.labels) for model in MODELS]
    search = SharedSearch(TRAIN, models)
    for model in models:
        found, seconds = search.confidences(model, ASKED, Silent())
        assert found == pytest.approx(model.predict_confidence(ASKED.vectors), abs=2e-6)
        assert seconds > 0


def test_all_that_keep_the_references_are_asked_in_one_pass(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    passes = []

    def counted(*given: Any, **named: Any) -> None:
        passes.append(given)
        one_pass.compare_all(*given, **named)

    monkeypatch.setattr(shared_search, "compare_all", counted)
    models = [model.fit(TRAIN.vectors, TRAIN.labels) for model in MODELS[:5]]
    search = SharedSearch(TRAIN, models)
    for part_asked in (ASKED, TRAIN):
        for model in models:
            search.confidences(model, part_asked, Silent())
    assert len(passes) == 2


def test_it_stops_when_it_shall() -> None:
    class Stop(Silent):
        def checkpoint(self) -> None:
            raise Cancelled

    model = SimpleNeighborNet(30.0).fit(TRAIN.vectors, TRAIN.labels)
    with pytest.raises(Cancelled):
        SharedSearch(TRAIN, [model]).confidences(model, ASKED, Stop())
