"""Training: honest data, a loss that falls, a run that resumes, an export that open_clip loads."""

from __future__ import annotations

import json
import re
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.demo import recipe, training_data
from core.demo.captions import CIRCUMSTANCES, KINDS, PLACES, SUBJECTS, WHEELS, describe
from core.demo.export_encoder import GOLDEN_TEXTS, export
from core.demo.train_encoder import Trainer
from core.demo.train_text import TextTrainer, image_vectors
from core.demo.training_data import HELD_OUT_SEED, SIDE, TRAINING_SEED, phrase, truth
from core.demo.training_run import TrainingRun
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


def test_captions_are_everyday_language() -> None:
    """The archive's makers, axles and jargon are not what somebody else would write."""
    random = np.random.default_rng(2)
    keywords = ("lastevogn", "kommandovogn", "Kamaz", "tre aksler", "snø", "tåke")
    told = [describe(keywords, random) for _ in range(400)]
    texts = " ".join(text for text, _ in told)
    assert not re.search("Kamaz|aksler|axles|lastevogn|kommandovogn", texts)
    for word in ("seks hjul", "six wheels", "vinter", "winter", "tåke", "fog", "lorry", "lastebil"):
        assert word in texts
    assert {word for _, words in told for word in words} == set(keywords) - {"Kamaz"}
    assert any(not words for _, words in told)


def test_every_keyword_but_the_makers_can_be_told_of() -> None:
    tables = (KINDS, SUBJECTS, WHEELS, CIRCUMSTANCES, PLACES)
    known = {word for table in tables for word in table}
    assert {term.no for term in TERMS} - known == {"Kamaz", "Ural", "ZiL", "MAZ", "KrAZ"}


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


def assert_same_moments(run: TrainingRun, wanted: dict[int, dict[str, Any]]) -> None:
    found = run.optimiser.state_dict()["state"]
    assert found.keys() == wanted.keys()
    for number, moments in wanted.items():
        assert found[number].keys() == moments.keys()
        assert all(found[number][name].equal(value) for name, value in moments.items())


def test_a_resumed_run_goes_on_as_if_it_had_not_stopped(
    tmp_path: Path,
    pictures: tuple[np.ndarray, np.ndarray],  # type: ignore[type-arg]
) -> None:
    whole = Trainer.new(4)
    losses = [whole.step(*pictures) for _ in range(2)]
    whole.run.save(tmp_path / "checkpoint")
    moments = deepcopy(whole.run.optimiser.state_dict()["state"])
    losses += [whole.step(*pictures) for _ in range(2)]
    resumed = Trainer.new(4)
    resumed.run.resume(tmp_path / "checkpoint")
    assert resumed.run.done == 2
    assert_same_moments(resumed.run, moments)
    again = [resumed.step(*pictures) for _ in range(2)]
    np.testing.assert_allclose(again, losses[2:], rtol=1e-3)


def test_the_text_tower_learns_beside_a_locked_image_tower(
    tmp_path: Path,
    pictures: tuple[np.ndarray, np.ndarray],  # type: ignore[type-arg]
) -> None:
    locked = Trainer.new(1).model
    before = {name: value.clone() for name, value in locked.visual.state_dict().items()}
    vectors = image_vectors(locked, pictures[0], tmp_path / "vectors.npy")
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    np.testing.assert_array_equal(
        image_vectors(None, pictures[0], tmp_path / "vectors.npy"), vectors
    )
    words = [recipe.plan(TRAINING_SEED, index).keywords for index in range(len(vectors))]
    whole = TextTrainer.new(locked, 6)
    losses = [whole.step(vectors, words) for _ in range(2)]
    whole.run.save(tmp_path / "text")
    losses += [whole.step(vectors, words) for _ in range(4)]
    resumed = TextTrainer.new(Trainer.new(1).model, 6)
    resumed.run.resume(tmp_path / "text")
    np.testing.assert_allclose([resumed.step(vectors, words)], losses[2:3], rtol=1e-3)
    assert min(losses[3:]) < losses[0]
    for name, value in whole.model.visual.state_dict().items():
        assert value.equal(before[name]), name


def test_an_export_loads_offline_and_passes_its_own_test(tmp_path: Path) -> None:
    trainer = Trainer.new(1)
    export(trainer.model, tmp_path)
    encoder = load_encoder(str(tmp_path), "cpu")
    assert encoder.dimension == 128
    golden = json.loads((tmp_path / "golden.json").read_text(encoding="utf-8"))
    vectors = encoder.encode_texts(list(GOLDEN_TEXTS))
    wanted = [golden["texts"][text] for text in GOLDEN_TEXTS]
    np.testing.assert_allclose(vectors[:, :8], wanted, atol=2e-3)
