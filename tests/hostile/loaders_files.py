"""Loaders of what a project keeps beside its catalog: vectors, models, caches, notes."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

import numpy as np
from loader import Loader, Refused
from loaders_projects import IDENTITY
from structured import mutate_json, mutate_safetensors

from core.features.feature_file import FeatureFile
from core.models.calibration import KeywordCalibration
from core.models.fine_tuning import TrainingState
from core.models.linear_probe import LinearProbe
from core.models.neighbor_net import ClassWiseNeighborNet
from core.models.neighbor_search import NeighborSearch
from core.prepare.assumption import STANDARD
from core.settings import EncoderSettings, ProjectSettings
from core.workflows import (
    assumed_thresholds,
    captions,
    comparison,
    demo,
    evaluate,
)
from core.workflows.model_files import StoredModel, TrainingNotes, read_model, write_model
from core.workflows.preparation_settings import PreparationSettings
from core.workflows.project import Project
from core.workflows.records import UNREADABLE
from core.workflows.tune import TuneSettings
from core.workflows.unfinished import Work, unfinished_work

_ROWS, _DIMENSION = 6, 4


def _feature_seeds(folder: Path) -> list[bytes]:
    vectors = np.random.default_rng(1).normal(size=(_ROWS, _DIMENSION)).astype(np.float32)
    path = folder / "f.h5"
    with FeatureFile.create(path, IDENTITY, _DIMENSION, _ROWS, '{"a": 1}') as file:
        file.write(0, np.arange(1, _ROWS + 1), vectors)
    return [path.read_bytes()]


def _features(folder: Path, data: bytes) -> None:
    path = folder / "f.h5"
    path.write_bytes(data)
    with FeatureFile.open(path, IDENTITY) as file:
        file.vectors().sum()
        file.image_ids().sum()
    with FeatureFile.open(path, IDENTITY, writable=True) as file:
        file.write(file.capacity - 1, np.array([9]), np.ones((1, file.dimension), np.float32))
        if file.capacity < 1000 and file.dimension < 1000:
            file.ensure_capacity(file.capacity + 1)


def _model_seeds(folder: Path) -> list[bytes]:
    rng = np.random.default_rng(1)
    vectors = rng.normal(size=(40, _DIMENSION)).astype(np.float32)
    labels = (rng.random((40, 3)) < 0.5).astype(np.float32)
    found = []
    for estimator in (LinearProbe(), NeighborSearch(), ClassWiseNeighborNet(), None):
        if estimator is not None:
            estimator.fit(vectors, labels)
        confidences = rng.random((40, 3)).astype(np.float32)
        stored = StoredModel(
            estimator,
            np.arange(3),
            np.arange(40),
            0.3,
            np.full(3, 0.3),
            KeywordCalibration.fit(confidences, labels.astype(bool)),
            0.4,
        )
        write_model(folder / "m.safetensors", stored)
        found.append((folder / "m.safetensors").read_bytes())
    return found


def _model(folder: Path, data: bytes) -> None:
    path = folder / "m.safetensors"
    path.write_bytes(data)
    estimator = read_model(path).estimator
    if isinstance(estimator, ClassWiseNeighborNet):
        estimator.members()


def _notes_seeds(folder: Path) -> list[bytes]:
    layer = np.ones((3, _DIMENSION), np.float32)
    rest = {"log_temperature": np.ones(3), "history": np.ones((2, 2))}
    known = {"first_layer": layer, "velocity": layer, "best_first_layer": layer, **rest}
    TrainingNotes(folder / "n.safetensors").write({}, TrainingState.from_arrays(known))
    return [(folder / "n.safetensors").read_bytes()]


def _notes(folder: Path, data: bytes) -> None:
    (folder / "n.safetensors").write_bytes(data)
    if TrainingNotes(folder / "n.safetensors").read({}) is None:
        raise Refused("The notes are damaged.")


def _pairs_seeds(folder: Path) -> list[bytes]:
    whole = dict.fromkeys(("best", "first", "second"), np.zeros(3, np.int64))
    real = dict.fromkeys(("best_similarity", "softmax_maximum", "similarity"), np.ones(3, "f4"))
    found = []
    for save in (np.savez, np.savez_compressed):
        save(folder / "pairs.npz", **whole, **real)
        found.append((folder / "pairs.npz").read_bytes())
    return found


def _pairs(folder: Path, data: bytes) -> None:
    (folder / "pairs.npz").write_bytes(data)
    if comparison._read(folder / "pairs.npz", 3) is None:
        raise Refused("The cache is damaged.")


def _captions_seeds(folder: Path) -> list[bytes]:
    path = folder / "captions.npz"
    vectors = {"a": np.ones(4, np.float32), "b": np.ones(4, np.float32)}
    captions._write(path, vectors)
    return [path.read_bytes()]


def _captions(folder: Path, data: bytes) -> None:
    (folder / "captions.npz").write_bytes(data)
    if not captions._read(folder / "captions.npz"):
        raise Refused("The cache is damaged.")


def _work_seeds(_folder: Path) -> list[bytes]:
    return [b'{"models": ["linear-probe"], "resamples": 9, "seed": 0}', b'{"trials": 9}']


def _work(folder: Path, data: bytes) -> None:
    place = folder / comparison.CACHE_FOLDER
    place.mkdir(exist_ok=True)
    for work in Work:
        (place / f"unfinished-{work}.json").write_bytes(data)
    project = Project(folder, ProjectSettings(), None, None)  # type: ignore[arg-type]
    for request in unfinished_work(project).values():
        for read in (evaluate.EvaluationSettings.of_record, TuneSettings.of_record):
            with suppress(*UNREADABLE):  # the window forgets it
                read(request)
        with suppress(*UNREADABLE):
            PreparationSettings(**request)


def _assumption_seeds(_folder: Path) -> list[bytes]:
    stored = {**asdict(STANDARD), "encoder": IDENTITY}
    return [json.dumps(stored).encode()]


def _assumption(folder: Path, data: bytes) -> None:
    """Always thresholds that can be used, and told."""
    place = folder / comparison.CACHE_FOLDER
    place.mkdir(exist_ok=True)
    (place / assumed_thresholds.ASSUMPTION_FILE).write_bytes(data)
    settings = ProjectSettings(encoder=EncoderSettings(identity=IDENTITY))
    project = Project(folder, settings, None, None)  # type: ignore[arg-type]
    found = assumed_thresholds.assumed_thresholds(project)
    assert -1 <= found.lower < found.upper <= 1
    for share in (found.altered_found, found.matched, found.by_chance):
        assert f"{share:.1%}"


def _marker_seeds(_folder: Path) -> list[bytes]:
    return [b'{"seed": 2026, "count": 3000, "encoder": "ab12", "keyworded": 32}']


def _marker(folder: Path, data: bytes) -> None:
    (folder / demo.MARKER_FILE).write_bytes(data)
    demo._read_marker(folder)


LOADERS = (
    Loader("feature file", 6, _feature_seeds, _features),
    Loader("model file", 6, _model_seeds, _model, mutate_safetensors),
    Loader("training notes", 2, _notes_seeds, _notes, mutate_safetensors),
    Loader("cache of pairs", 2, _pairs_seeds, _pairs),
    Loader("cache of captions", 2, _captions_seeds, _captions),
    Loader("unfinished work", 1, _work_seeds, _work, mutate_json),
    Loader("assumed thresholds", 1, _assumption_seeds, _assumption, mutate_json),
    Loader("demo marker", 1, _marker_seeds, _marker, mutate_json),
)
