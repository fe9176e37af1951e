"""Training: honest data, a loss that falls, a run that resumes, an export that open_clip loads."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from core.demo import recipe, training_data
from core.demo.export_encoder import GOLDEN_TEXTS, export
from core.demo.train_encoder import Trainer
from core.demo.training_data import HELD_OUT_SEED, SIDE, TRAINING_SEED, phrase, truth
from core.demo.vocabulary import TERMS
from core.encoders import load_encoder


def test_training_seeds_can_be_no_demo() -> None:
    assert min(TRAINING_SEED, HELD_OUT_SEED) >= 2**32
    assert TRAINING_SEED != HELD_OUT_SEED


def test_truth_is_the_plan_as_a_table() -> None:
    labels = truth(TRAINING_SEED, 20)
    for index, row in enumerate(labels):
        words = {TERMS[column].no for column in np.flatnonzero(row)}
        assert words == set(recipe.plan(TRAINING_SEED, index).keywords) - {"landskap"}


def test_captions_come_in_both_languages() -> None:
    random = np.random.default_rng(1)
    captions = {phrase(["snø", "tankvogn"], random) for _ in range(60)}
    assert any("tankvogn" in caption for caption in captions)
    assert any("tank truck" in caption for caption in captions)
    assert not any("tank truck" in text and "snø" in text for text in captions)


def test_a_chunk_is_drawn_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training_data, "CHUNK", 2)
    path = training_data.render_chunk(tmp_path, TRAINING_SEED, 0)
    before = path.stat().st_mtime_ns
    assert np.load(path).shape == (2, SIDE, SIDE, 3)
    assert training_data.render_chunk(tmp_path, TRAINING_SEED, 0).stat().st_mtime_ns == before


@pytest.fixture(scope="module")
def pictures() -> tuple[np.ndarray, np.ndarray]:  # type: ignore[type-arg]
    """Noise in the colour of its keyword: enough to see that something is learned."""
    random = np.random.default_rng(3)
    labels = truth(TRAINING_SEED, 64)
    colours = random.integers(40, 216, (len(TERMS), 3))
    tints = labels @ colours / np.maximum(labels.sum(1, keepdims=True), 1)
    noise = random.integers(-30, 30, (64, SIDE, SIDE, 3))
    return np.clip(tints[:, None, None] + noise, 0, 255).astype(np.uint8), labels


def test_a_resumed_run_goes_on_as_if_it_had_not_stopped(
    tmp_path: Path,
    pictures: tuple[np.ndarray, np.ndarray],  # type: ignore[type-arg]
) -> None:
    whole = Trainer.new(4)
    losses = [whole.step(*pictures) for _ in range(2)]
    whole.save(tmp_path / "checkpoint.pt")
    losses += [whole.step(*pictures) for _ in range(2)]
    resumed = Trainer.new(4)
    resumed.resume(tmp_path / "checkpoint.pt")
    assert resumed.done == 2
    again = [resumed.step(*pictures) for _ in range(2)]
    np.testing.assert_allclose(again, losses[2:], rtol=1e-3)


def test_an_export_loads_offline_and_passes_its_own_test(tmp_path: Path) -> None:
    trainer = Trainer.new(1)
    export(trainer.model, tmp_path)
    encoder = load_encoder(str(tmp_path), "cpu")
    assert encoder.dimension == 128
    golden = json.loads((tmp_path / "golden.json").read_text(encoding="utf-8"))
    vectors = encoder.encode_texts(list(GOLDEN_TEXTS))
    wanted = [golden["texts"][text] for text in GOLDEN_TEXTS]
    np.testing.assert_allclose(vectors[:, :8], wanted, atol=2e-3)
