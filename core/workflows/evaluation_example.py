"""One test image as the models see it: Tables 4.10 and 4.11 of the thesis for this archive."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.catalog import images
from core.models.neighbor_search import NeighborSearch
from core.types import ImageId
from core.workflows.dataset import Dataset
from core.workflows.evaluation_record import Example, ExampleReference
from core.workflows.measuring import Measured
from core.workflows.project import Project

RUNNERS_UP = 3
REFERENCES = 5
_MOST_SUGGESTED = 8


def example_of(
    project: Project,
    data: Dataset,
    measured: Sequence[Measured],
    searched: Sequence[Measured],
    seed: int,
) -> Example | None:
    """A test image drawn from those with many keywords; None without any.

    The references are those of the neighbor search among ``searched``. Of each model all
    suggestions above its threshold (at most 8) and three runners-up are given.
    """
    amounts = np.diff(data.test.labels.indptr)
    if not len(amounts):
        return None
    rich = np.flatnonzero(amounts >= np.quantile(amounts, 0.75))
    row = int(np.random.default_rng(seed).choice(rich))
    names = [one.no for one in data.keywords]
    image = _paths(project, [int(data.test.images[row])])
    true = np.flatnonzero(data.test.truth[row])
    return Example(
        image[0],
        tuple(names[column] for column in true),
        {one.result.title: _suggestions(one, row, names) for one in measured},
        _references(project, data, searched, row, names),
    )


def _suggestions(
    one: Measured, row: int, names: Sequence[str]
) -> tuple[tuple[str, float, bool], ...]:
    confidences = one.test[row]
    order = np.argsort(-confidences, kind="stable")
    above = int((confidences >= one.result.threshold).sum())
    shown = order[: min(above, _MOST_SUGGESTED) + RUNNERS_UP]
    return tuple(
        (names[column], float(confidences[column]), bool(rank < above))
        for rank, column in enumerate(shown)
        if confidences[column] > 0
    )


def _references(
    project: Project, data: Dataset, searched: Sequence[Measured], row: int, names: Sequence[str]
) -> tuple[ExampleReference, ...]:
    """Those with most weight in neighbor search."""
    for one in searched:
        search = one.fitted.estimator
        if type(search) is NeighborSearch:
            break
    else:
        return ()
    _, matches, weights = search.explain(data.test.vectors[row : row + 1])
    ranks = [rank for rank in range(weights.shape[1]) if weights[0, rank] > 0][:REFERENCES]
    places = [int(matches.indices[0, rank]) for rank in ranks]
    paths = _paths(project, [int(data.train.images[place]) for place in places])
    labels = data.train.labels
    return tuple(
        ExampleReference(
            path,
            float(weights[0, rank]),
            float(matches.similarities[0, rank]),
            tuple(
                names[c] for c in labels.indices[labels.indptr[place] : labels.indptr[place + 1]]
            ),
        )
        for rank, place, path in zip(ranks, places, paths, strict=True)
    )


def _paths(project: Project, wanted: Sequence[int]) -> list[str]:
    known = {
        one.id: one.path
        for one in images.get_images(project.catalog, [ImageId(image) for image in wanted])
    }
    return [known.get(ImageId(image), "") for image in wanted]
