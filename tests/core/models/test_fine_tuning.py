"""Fine-tuning: the steps by hand, early stop, resuming, cancelling, and what it is good for."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.sparse import csr_array

from core.errors import Cancelled
from core.models import base
from core.models.fine_tuning import Examples, FineTuning, TrainingState
from core.models.neighbor_net import ClassWiseNeighborNet, FilteredNeighborNet, SimpleNeighborNet
from core.models.prototypes import ClassWisePrototypeNet, SimplePrototypeNet
from core.models.state import from_state, state_of
from core.models.thresholds import best_threshold
from core.progress import Silent


def unit(vectors: np.ndarray) -> np.ndarray:
    single = vectors.astype(np.float32)
    return single / np.linalg.norm(single, axis=1, keepdims=True)


def archive(images: int, seed: int) -> Examples:
    """Three keywords, each a direction; the last four entries are noise that hides them."""
    random = np.random.default_rng(seed)
    labels = random.random((images, 3)) < 0.4
    labels[:, 0] |= ~labels.any(axis=1)
    vectors = np.hstack(
        [labels + random.normal(0, 0.3, (images, 3)), random.normal(0, 1, (images, 4))]
    )
    own = [np.array([row], dtype=np.int64) for row in range(images)]
    return Examples(unit(vectors), csr_array(labels.astype(np.float32)), own)


TRAIN = archive(90, 0)
VALIDATION = replace(archive(60, 1), exclude=None)
SETTINGS = FineTuning(6, 32, learning_rate=0.5, momentum=0.9, patience=6, device="cpu")
NETS = [
    SimpleNeighborNet(8.0),
    FilteredNeighborNet(8.0, 4.0, 30),
    ClassWiseNeighborNet(8.0),
    SimplePrototypeNet(8.0, 4, "random"),
    ClassWisePrototypeNet(8.0, 4, "random"),
]
IDS = [net.name for net in NETS]


def fitted(place: int) -> SimpleNeighborNet | ClassWiseNeighborNet:
    return from_state(state_of(NETS[place])).fit(TRAIN.vectors, TRAIN.labels)  # type: ignore[return-value]


def f2(net: SimpleNeighborNet | ClassWiseNeighborNet) -> float:
    found = net.predict_confidence(VALIDATION.vectors)
    return best_threshold(VALIDATION.labels.toarray() > 0, found)[1]


def plain_training(net: SimpleNeighborNet, settings: FineTuning) -> tuple[np.ndarray, float]:
    """The thesis's recipe for the simple net, written out in double precision."""
    layer, log_heat = net.references_.astype(np.float64), float(np.log(net.temperature_))
    labels, truth = net.labels_.toarray().astype(np.float64), TRAIN.labels.toarray()
    velocity, heat_velocity, step = np.zeros_like(layer), 0.0, 0
    images = len(TRAIN.vectors)
    total = settings.epochs * -(-images // settings.batch_size)
    for epoch in range(settings.epochs):
        order = np.random.default_rng([settings.seed, epoch]).permutation(images)
        for start in range(0, images, settings.batch_size):
            rows = order[start : start + settings.batch_size]
            queries = TRAIN.vectors[rows].astype(np.float64)
            scores = np.exp(log_heat) * queries @ layer.T
            scores[np.arange(len(rows)), rows] = -np.inf
            weights = np.exp(scores - scores.max(axis=1, keepdims=True))
            weights /= weights.sum(axis=1, keepdims=True)
            residual = 2 * (weights @ labels - truth[rows]) / truth[rows].size
            by_weight = residual @ labels.T
            by_score = weights * (by_weight - (weights * by_weight).sum(axis=1, keepdims=True))
            gradient = np.exp(log_heat) * by_score.T @ queries
            by_heat = float((by_score * np.where(weights > 0, scores, 0)).sum())
            velocity = settings.momentum * velocity + gradient
            heat_velocity = settings.momentum * heat_velocity + by_heat
            rate = settings.learning_rate * (1 + np.cos(np.pi * step / total)) / 2
            layer, log_heat = layer - rate * velocity, log_heat - rate * heat_velocity
            step += 1
    return layer, log_heat


def last_state(
    net: SimpleNeighborNet | ClassWiseNeighborNet, settings: FineTuning
) -> TrainingState:
    states: list[TrainingState] = []
    settings.train(net, TRAIN, VALIDATION, on_epoch=states.append)
    return states[-1]


def test_the_steps_are_those_of_the_thesis() -> None:
    settings = replace(SETTINGS, epochs=3)
    net = SimpleNeighborNet(8.0).fit(TRAIN.vectors, TRAIN.labels)
    layer, log_heat = plain_training(net, settings)
    state = last_state(net, settings)
    assert state.first_layer == pytest.approx(layer, abs=2e-5)
    assert state.log_temperature[0] == pytest.approx(log_heat, abs=2e-5)
    assert np.abs(state.first_layer - net.references_).max() > 0.05
    assert abs(log_heat - np.log(8.0)) > 0.01


@pytest.mark.parametrize("place", range(5), ids=IDS)
def test_never_worse_on_validation(place: int) -> None:
    before = fitted(place)
    reference = before.references_.copy()
    after = SETTINGS.train(before, TRAIN, VALIDATION)
    assert f2(after) >= f2(before) - 1e-6
    assert np.array_equal(before.references_, reference)  # a copy was trained
    assert type(after) is type(before)


@pytest.mark.parametrize("place", range(5), ids=IDS)
def test_training_lowers_the_error(place: int) -> None:
    rate = 5.0 if "class-wise" in NETS[place].name else 0.5
    state = last_state(fitted(place), replace(SETTINGS, learning_rate=rate))
    assert len(state.history) == 7
    assert state.history[-1, 1] < state.history[0, 1]


@pytest.mark.parametrize("place", range(5), ids=IDS)
def test_a_killed_training_goes_on_to_the_same_result(place: int) -> None:
    states: list[TrainingState] = []
    net = fitted(place)
    whole = SETTINGS.train(net, TRAIN, VALIDATION, on_epoch=states.append)
    assert len(states) == 7
    for stored in (states[0], states[3], states[-1]):
        read = TrainingState.from_arrays(stored.arrays())
        later: list[TrainingState] = []
        again = SETTINGS.train(net, TRAIN, VALIDATION, resume=read, on_epoch=later.append)
        assert len(later) == 7 - len(stored.history)
        assert again.references_ == pytest.approx(whole.references_, abs=1e-6)
        assert again.temperature_ == pytest.approx(whole.temperature_)


def test_the_best_epoch_is_kept_and_training_stops_early() -> None:
    # so high a rate that the net falls apart after its first epoch
    settings = replace(SETTINGS, epochs=50, learning_rate=1.0, patience=2)
    net = fitted(0)
    states: list[TrainingState] = []
    after = settings.train(net, TRAIN, VALIDATION, on_epoch=states.append)
    scores = states[-1].history[:, 0]
    best = int(np.argmax(scores))
    assert best > 0
    assert len(scores) - 1 == best + 2 < 50
    assert f2(after) == pytest.approx(scores[best], abs=1e-6)


def test_the_temperature_of_class_wise_nets_is_not_trained() -> None:
    for place in (2, 4):
        assert last_state(fitted(place), SETTINGS).log_temperature[0] == pytest.approx(np.log(8))


def test_blocks_of_a_batch_do_not_change_the_result(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = replace(SETTINGS, epochs=2)
    for place in range(5):
        whole = last_state(fitted(place), settings)
        with monkeypatch.context() as patched:
            patched.setattr(base, "BLOCK_VALUES", 100)
            parts = last_state(fitted(place), settings)
        assert parts.first_layer == pytest.approx(whole.first_layer, abs=2e-5)


def test_an_image_must_not_find_itself() -> None:
    # with itself among the references, every image is already explained and nothing is learnt
    net = SimpleNeighborNet(200.0).fit(TRAIN.vectors, TRAIN.labels)
    settings = replace(SETTINGS, learning_rate=1.0, epochs=1)
    states: list[TrainingState] = []
    blind = replace(TRAIN, exclude=None)
    settings.train(net, blind, VALIDATION, on_epoch=states.append)
    seen = np.abs(states[-1].first_layer - net.references_).max()
    assert seen < np.abs(last_state(net, settings).first_layer - net.references_).max() / 5


def test_numbers_that_overflow_end_with_the_best_so_far() -> None:
    settings = replace(SETTINGS, learning_rate=1e30)
    net = fitted(0)
    after = settings.train(net, TRAIN, VALIDATION)
    assert np.array_equal(after.references_, net.references_)
    assert after.temperature_ == pytest.approx(net.temperature_)


def test_it_can_be_cancelled_in_the_middle_of_an_epoch() -> None:
    class Stop(Silent):
        steps = 0

        def report(self, done: int, total: int, note: str = "") -> None:
            assert total == 6 * 3
            assert "of 6" in note
            self.steps = done

        def checkpoint(self) -> None:
            if self.steps == 4:
                raise Cancelled

    with pytest.raises(Cancelled):
        SETTINGS.train(fitted(0), TRAIN, VALIDATION, progress=Stop())


def test_what_does_not_fit_is_refused() -> None:
    net = fitted(0)
    with pytest.raises(ValueError, match="no validation images"):
        SETTINGS.train(net, TRAIN, Examples(TRAIN.vectors[:0], TRAIN.labels[:0]))
    with pytest.raises(ValueError, match="do not fit"):
        SETTINGS.train(net, Examples(TRAIN.vectors, TRAIN.labels[:, :2]), VALIDATION)
    empty = SimpleNeighborNet().fit(TRAIN.vectors[:0], TRAIN.labels[:0])
    with pytest.raises(ValueError, match="without references"):
        SETTINGS.train(empty, TRAIN, VALIDATION)
    with pytest.raises(ValueError, match="batch size"):
        FineTuning(batch_size=0)
    with pytest.raises(ValueError, match="device"):
        FineTuning(device="tpu")


def test_a_device_that_is_not_there_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ValueError, match="no graphics card"):
        replace(SETTINGS, device="cuda").train(fitted(0), TRAIN, VALIDATION)


def test_a_damaged_state_is_refused() -> None:
    state = last_state(fitted(0), replace(SETTINGS, epochs=1))
    arrays = state.arrays()
    with pytest.raises(ValueError, match="lacks"):
        TrainingState.from_arrays({k: v for k, v in arrays.items() if k != "velocity"})
    with pytest.raises(ValueError, match="other shapes"):
        TrainingState.from_arrays(arrays | {"history": np.zeros(3)})
    with pytest.raises(ValueError, match="NaN"):
        TrainingState.from_arrays(arrays | {"velocity": arrays["velocity"] * np.nan})
    with pytest.raises(ValueError, match="other references"):
        SETTINGS.train(fitted(3), TRAIN, VALIDATION, resume=state)


def test_a_fixed_temperature_stays_and_the_first_layer_moves() -> None:
    net = fitted(0)
    fixed = replace(SETTINGS, temperature_mode="fixed").train(net, TRAIN, VALIDATION)
    trained = SETTINGS.train(net, TRAIN, VALIDATION)
    assert fixed.temperature_ == pytest.approx(net.temperature_)
    assert trained.temperature_ != pytest.approx(net.temperature_, rel=1e-4)
    assert not np.allclose(fixed.references_, net.references_)
