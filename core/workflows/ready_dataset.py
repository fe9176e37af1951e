"""The prepared archive, prepared first if nobody has done so."""

from __future__ import annotations

import numpy as np

from core.catalog import choices, decisions, preparations
from core.errors import ProjectError
from core.progress import Progress
from core.workflows.dataset import Dataset, prepared_dataset
from core.workflows.preparation_settings import PreparationSettings
from core.workflows.prepare import prepare
from core.workflows.project import Project
from core.workflows.vectors import ImageVectors


def ready_dataset(project: Project, progress: Progress) -> Dataset:
    """What models learn from; with default settings if the archive was not prepared before.

    Raises :class:`ProjectError` when it cannot be prepared, or no keyword has enough images.
    """
    if not choices.chosen(project.catalog, choices.PREPARATION):
        prepare(project, PreparationSettings(), progress)
    data = prepared_dataset(project)
    empty = [
        name
        for name, part in (
            ("training", data.train),
            ("validation", data.validation),
            ("test", data.test),
        )
        if not len(part)
    ]
    if not data.keywords or empty:
        what = "No keyword is on enough images to be learnt."
        if data.keywords:
            what = f"The {empty[0]} set has no image with a keyword that is learnt."
        raise ProjectError(
            what,
            "Label more images, or ask for fewer: "
            f"clipkw prepare {project.folder} --minimum-images 5",
        )
    return data


def images_since(project: Project, data: Dataset) -> int:
    """How many images were labeled and encoded since the archive was prepared."""
    known = preparations.get_preparation(project.catalog, data.preparation).images
    labeled = np.unique(decisions.positive_labels(project.catalog)[0])
    newer = np.setdiff1d(labeled, known)
    vectors = ImageVectors.read(project)
    return 0 if vectors is None else int((vectors.rows_of(newer) >= 0).sum())
