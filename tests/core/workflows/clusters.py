"""A made-up archive that models can learn: images of a keyword lie around one direction."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from made_up import encode, import_keywords, make_project, unit

from core.progress import Silent
from core.workflows.preparation_settings import PreparationSettings
from core.workflows.prepare import prepare
from core.workflows.project import Project

WORDS = ("bil", "båt", "fly")
IMAGES, DIMENSION = 240, 16
LABELED = 210


def paths(count: int = IMAGES) -> list[str]:
    return [f"bilde {number:03}.jpg" for number in range(count)]


def make_clusters(folder: Path, noise: float = 0.9) -> Project:
    """240 images of three keywords, some of two; the last 30 are not labeled. Not prepared yet."""
    rng = np.random.default_rng(4)
    centres = unit(len(WORDS), DIMENSION, seed=2)
    names = paths()
    kinds = [
        sorted({n % 3, int(rng.integers(3))} if n % 4 == 0 else {n % 3}) for n in range(IMAGES)
    ]
    vectors = np.stack([centres[kind].sum(axis=0) for kind in kinds])
    vectors = vectors + noise * unit(IMAGES, DIMENSION, seed=3)
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    project = make_project(folder, names)
    encode(project, dict(zip(names, vectors, strict=True)))
    project.settings.write(project.folder)
    labels = {names[n]: [WORDS[kind] for kind in kinds[n]] for n in range(LABELED)}
    import_keywords(project, labels)
    return project


def prepare_clusters(project: Project, seed: int = 0) -> None:
    prepare(project, PreparationSettings(minimum_images=5, seed=seed), Silent())
