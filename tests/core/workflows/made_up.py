"""Projects made of numbers: records and vectors without any image behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import numpy as np

from core.catalog import decisions, encodings, images
from core.features import FeatureFile
from core.settings import EncoderSettings
from core.types import Changes, FileRecord, Image, ImageId, Vectors
from core.workflows.project import Project, create_project

IDENTITY = "0123456789abcdef"


def unit(rows: int, columns: int, seed: int) -> Vectors:
    vectors = np.random.default_rng(seed).normal(size=(rows, columns)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def make_project(folder: Path, paths: Sequence[str]) -> Project:
    archive = folder / "archive"
    archive.mkdir(exist_ok=True)
    project = create_project(folder / "made-up.clipkw", archive)
    add_images(project, paths)
    return project


def add_images(project: Project, paths: Sequence[str], content: str = "") -> Changes:
    found = [
        FileRecord(path, sha256(f"{content}{path}".encode()).hexdigest(), 1, 1, 4, 3)
        for path in paths
    ]
    return images.record_scan(project.catalog, found, [], [], [])


def image(project: Project, path: str) -> Image:
    found = images.find_image(project.catalog, path)
    assert found is not None
    return found


def ids(project: Project, paths: Sequence[str]) -> list[ImageId]:
    return [image(project, path).id for path in paths]


def encode(project: Project, vectors: Mapping[str, Vectors]) -> Changes:
    """Store a vector for each of the images, as the encoder of the project."""
    dimension = len(next(iter(vectors.values())))
    project.settings = replace(project.settings, encoder=EncoderSettings("made-up", IDENTITY))
    encoder = encodings.register_encoder(project.catalog, IDENTITY, "made-up", dimension)
    first = encodings.next_row(project.catalog, encoder)
    path = project.feature_path(IDENTITY)
    file = (
        FeatureFile.open(path, IDENTITY, writable=True)
        if path.exists()
        else FeatureFile.create(path, IDENTITY, dimension, 4)
    )
    found = np.array(ids(project, list(vectors)))
    with file:
        file.ensure_capacity(first + len(found))
        file.write(first, found, np.array(list(vectors.values())))
    rows = np.arange(first, first + len(found))
    return encodings.mark_encoded(project.catalog, encoder, found, rows)


def import_keywords(project: Project, labels: Mapping[str, Sequence[str]]) -> Changes:
    rows = [(image(project, path).id, names) for path, names in labels.items()]
    return decisions.import_labels(project.catalog, rows, by="table").changes
