"""The prepared archive as arrays: what models are fitted, tuned and evaluated on."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from core.catalog import choices, decisions, keywords, preparations
from core.errors import ProjectError
from core.types import (
    ImageIds,
    Keyword,
    KeywordId,
    Preparation,
    PreparationId,
    Split,
    Vectors,
)
from core.workflows.project import Project
from core.workflows.records import reading
from core.workflows.vectors import ImageVectors


@dataclass(frozen=True, eq=False, slots=True)
class Part:
    """One split: ``images`` (n,), unit ``vectors`` (n, d) and ``labels`` (n, C) of 0 and 1."""

    images: ImageIds
    vectors: Vectors
    labels: csr_array

    def __len__(self) -> int:
        return len(self.images)

    @property
    def truth(self) -> NDArray[np.bool_]:
        """The labels as a boolean array (n, C)."""
        found: NDArray[np.bool_] = self.labels.toarray() > 0
        return found


@dataclass(frozen=True, eq=False, slots=True)
class Dataset:
    """A preparation with the labels of now. ``version`` changes when any of them does."""

    keywords: tuple[Keyword, ...]
    train: Part
    validation: Part
    test: Part
    preparation: PreparationId
    encoder: str
    version: str

    @property
    def keyword_ids(self) -> NDArray[np.int64]:
        """The ids (C,) of the columns of the labels."""
        return np.array([one.id for one in self.keywords], dtype=np.int64)


def prepared_dataset(project: Project) -> Dataset:
    """The chosen preparation of a project, read into memory.

    An image counts with the positive labels it has now, and with those that removed duplicates
    passed on to it; one that has lost its vector or all of its labels is left out. Raises
    :class:`ProjectError` when nothing is prepared, or only for another encoder.
    """
    with reading("Which preparation is in use", "Prepare the archive again."):
        chosen = choices.chosen_row(project.catalog, choices.PREPARATION)
    if chosen is None:
        raise ProjectError(
            "The archive is not prepared yet.", f"Run: clipkw prepare {project.folder}"
        )
    preparation_id = PreparationId(chosen)
    preparation = preparations.get_preparation(project.catalog, preparation_id)
    vectors = ImageVectors.read(project)
    if vectors is None or vectors.identity != preparation.encoder:
        raise ProjectError(
            "The archive was prepared with another encoder.",
            f"Encode it, then run: clipkw prepare {project.folder}",
        )
    names = {keyword.id: keyword for keyword in keywords.all_keywords(project.catalog)}
    vocabulary = tuple(one for one in preparation.vocabulary if one in names)
    labels = _labels(project, preparation, vocabulary)
    version = hashlib.sha256(f"{preparation_id} {vectors.identity}".encode())
    parts: dict[Split, Part] = {}
    for split in (Split.TRAIN, Split.VALIDATION, Split.TEST):
        inside = np.flatnonzero(preparation.splits == split)
        rows = vectors.rows_of(preparation.images[inside])
        has_label = np.diff(labels.indptr)[inside] > 0
        inside, rows = inside[(rows >= 0) & has_label], rows[(rows >= 0) & has_label]
        part = labels[inside].sorted_indices()
        with vectors.open() as file:
            parts[split] = Part(preparation.images[inside], file.vectors()[rows], part)
        for array in (preparation.images[inside], rows, part.indices, part.indptr):
            version.update(np.ascontiguousarray(array, dtype=np.int64).tobytes())
    version.update(np.asarray(vocabulary, dtype=np.int64).tobytes())
    return Dataset(
        tuple(names[one] for one in vocabulary),
        parts[Split.TRAIN],
        parts[Split.VALIDATION],
        parts[Split.TEST],
        preparation_id,
        vectors.identity,
        version.hexdigest()[:16],
    )


def _labels(
    project: Project, preparation: Preparation, vocabulary: tuple[KeywordId, ...]
) -> csr_array:
    """Labels (n, C) of the images of a preparation: those of now and those passed on."""
    images, words = decisions.positive_labels(project.catalog)
    copies = preparation.copies
    images = np.concatenate([images, np.array([one.image for one in copies], dtype=np.int64)])
    words = np.concatenate([words, np.array([one.keyword for one in copies], dtype=np.int64)])
    row, known_image = _places(preparation.images, images)
    column, known_word = _places(np.asarray(vocabulary, dtype=np.int64), words)
    both = known_image & known_word
    pairs = np.unique(np.stack([row[both], column[both]], axis=1), axis=0)
    ones = np.ones(len(pairs), dtype=np.float32)
    shape = (len(preparation.images), len(vocabulary))
    return csr_array((ones, (pairs[:, 0], pairs[:, 1])), shape=shape)


def _places(
    known: NDArray[np.int64], wanted: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Where each of ``wanted`` (m,) stands in ``known`` (n,), and whether it does at all."""
    if not len(known):
        return np.zeros(len(wanted), dtype=np.int64), np.zeros(len(wanted), dtype=np.bool_)
    order = np.argsort(known)
    place = order[np.minimum(np.searchsorted(known, wanted, sorter=order), len(known) - 1)]
    return place, known[place] == wanted
