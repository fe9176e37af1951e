"""Preparation where people have left out keywords: what it promises holds all the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from made_up import encode, image, import_keywords, make_project, unit

from core.catalog import choices, preparations
from core.catalog.decisions import labels_of
from core.prepare.split import STRATA
from core.progress import Silent
from core.types import POSITIVE_VERDICTS, Preparation, PreparationId, Split
from core.workflows.dataset import Dataset, prepared_dataset
from core.workflows.preparation_settings import PreparationSettings
from core.workflows.prepare import prepare
from core.workflows.project import Project

COUNT, COPIED, DIMENSION = 400, 60, 24
DROPPED = 0.3
KEYWORDS = ("bil", "båt", "fly", "skog", "snø")
SETTINGS = PreparationSettings(0.98, 0.995, minimum_images=5)


def dropped(labels: dict[str, list[str]], seed: int) -> dict[str, list[str]]:
    """The labels without three tenths of the keywords; images that keep none are left out."""
    random = np.random.default_rng(seed)
    kept = {path: [one for one in words if random.random() >= DROPPED] for path, words in
            labels.items()}  # fmt: skip
    return {path: words for path, words in kept.items() if words}


@pytest.fixture(params=[1, 2])
def project(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Project]:
    """Image n is a copy of n - 1 for odd n below 60, and every sixth such copy a suspected one."""
    random = np.random.default_rng(request.param)
    vectors = unit(COUNT, DIMENSION, seed=request.param)
    truth = [[one for one in KEYWORDS if random.random() < 0.5] or ["bil"] for _ in range(COUNT)]
    for n in range(1, COPIED, 2):
        cosine = 0.985 if n % 6 == 1 else 0.999
        beside = vectors[n] - (vectors[n] @ vectors[n - 1]) * vectors[n - 1]
        beside /= np.linalg.norm(beside)
        vectors[n] = cosine * vectors[n - 1] + np.sqrt(1 - cosine**2) * beside
        truth[n] = truth[n - 1]
    paths = [f"{n:03}.jpg" for n in range(COUNT)]
    with make_project(tmp_path, paths) as made:
        encode(made, dict(zip(paths, vectors, strict=True)))
        labels = dropped(dict(zip(paths, truth, strict=True)), seed=10 + request.param)
        assert len(labels) < COUNT
        import_keywords(made, labels)
        yield made


def prepared(project: Project) -> tuple[Preparation, Dataset]:
    prepare(project, SETTINGS, Silent())
    chosen = PreparationId(int(choices.chosen(project.catalog, choices.PREPARATION)))
    return preparations.get_preparation(project.catalog, chosen), prepared_dataset(project)


def labels_now(project: Project, ids: list[int]) -> dict[int, set[str]]:
    names = {}
    for one, labels in labels_of(project.catalog, ids).items():
        names[int(one)] = {int(x.keyword) for x in labels if x.verdict in POSITIVE_VERDICTS}
    return names


def test_no_group_straddles(project: Project) -> None:
    made, data = prepared(project)
    for group in range(made.groups.max() + 1):
        assert sorted(made.splits[made.groups == group])[-1] != Split.NONE
        assert (made.splits[made.groups == group] != Split.NONE).sum() == 1
    parts = [set(part.images.tolist()) for part in (data.train, data.validation, data.test)]
    assert len(set().union(*parts)) == sum(map(len, parts))
    for n in range(1, COPIED, 2):
        pair = {int(image(project, f"{one:03}.jpg").id) for one in (n - 1, n)}
        assert len(pair & set().union(*parts)) <= 1


def test_certain_duplicates_pass_on_what_was_forgotten(project: Project) -> None:
    made, data = prepared(project)
    said = labels_now(project, made.images.tolist())
    keywords = {int(one.id): column for column, one in enumerate(data.keywords)}
    seen = {}
    for part in (data.train, data.validation, data.test):
        for one, row in zip(part.images.tolist(), part.truth, strict=True):
            seen[one] = {word for word, column in keywords.items() if row[column]}
    gained = 0
    for n in range(1, COPIED, 2):
        pair = [int(image(project, f"{one:03}.jpg").id) for one in (n - 1, n)]
        if not all(one in said for one in pair):
            continue
        [kept] = [one for one in pair if one in seen]
        [left_out] = [one for one in pair if one != kept]
        assert len(said[kept]) >= len(said[left_out])
        certain = n % 6 != 1
        expected = said[kept] | said[left_out] if certain else said[kept]
        assert seen[kept] == expected & keywords.keys()
        gained += len(expected - said[kept])
    assert gained == len(made.copies) > 0


def test_the_sets_have_their_proportions_in_every_stratum(project: Project) -> None:
    made, _ = prepared(project)
    kept = made.splits != Split.NONE
    for split, share in zip((Split.TRAIN, Split.VALIDATION, Split.TEST), (0.6, 0.2, 0.2),
                            strict=True):  # fmt: skip
        assert abs((made.splits == split).sum() - share * kept.sum()) <= STRATA


def test_the_same_seed_drops_and_splits_alike(project: Project) -> None:
    first, _ = prepared(project)
    second, _ = prepared(project)
    np.testing.assert_array_equal(first.splits, second.splits)
    labels = {path: list(KEYWORDS) for path in ("a", "b", "c")}
    assert dropped(labels, 5) == dropped(labels, 5) != dropped(labels, 6)
