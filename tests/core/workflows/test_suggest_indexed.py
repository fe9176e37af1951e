"""Suggestions with an approximate index: the same as without, and kept in step with the labels."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from made_up import add_images, encode, ids, image, import_keywords, make_project

from core.catalog.keywords import find_keyword
from core.progress import Silent
from core.types import Changes, Decision, ImageId, Verdict
from core.workflows import label, suggest
from core.workflows.project import Project
from core.workflows.suggest import Suggester

COUNT = 600


def vector(angle: float) -> np.ndarray:
    return np.array([np.cos(angle), np.sin(angle), 0, 0], dtype=np.float32)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """Images around a circle; all but the first are labeled with their quarter."""
    paths = {f"{n:03}.jpg": vector(2 * np.pi * n / COUNT) for n in range(COUNT)}
    with make_project(tmp_path, list(paths)) as made:
        encode(made, paths)
        labels = {path: [f"kvartal {n * 4 // COUNT}"] for n, path in enumerate(paths) if n}
        import_keywords(made, labels)
        yield made


@pytest.fixture
def indexed(project: Project) -> Suggester:
    suggester = Suggester.load(project)
    assert suggester.build_index(Silent()) >= 0.99
    assert suggester._index.is_indexed
    return suggester


def evidence(suggester: Suggester, asked: ImageId) -> list[tuple[ImageId, float]]:
    [found] = suggester.suggest([asked])
    return [(reference.image, reference.similarity) for reference in found.references]


def test_suggestions_are_those_of_exact_search(project: Project, indexed: Suggester) -> None:
    exact = Suggester.load(project)
    for asked in ids(project, ["000.jpg", "150.jpg", "301.jpg"]):
        assert evidence(indexed, asked) == evidence(exact, asked)
        assert indexed.suggest([asked])[0].suggestions == exact.suggest([asked])[0].suggestions


def test_an_image_never_speaks_for_itself(project: Project, indexed: Suggester) -> None:
    [asked] = ids(project, ["200.jpg"])
    assert asked not in [one for one, _ in evidence(indexed, asked)]


def test_an_accepted_image_is_a_reference_at_once_and_a_cleared_one_is_none(
    project: Project, indexed: Suggester
) -> None:
    [new, beside] = ids(project, ["000.jpg", "001.jpg"])
    keyword = find_keyword(project.catalog, "kvartal 0")
    assert keyword is not None
    accepted = [Decision(new, keyword.id, Verdict.ACCEPTED)]
    indexed.refresh(label.decide(project, accepted, "accept"))
    assert new in [one for one, _ in evidence(indexed, beside)]
    cleared = [Decision(new, keyword.id, None)]
    indexed.refresh(label.decide(project, cleared, "clear"))
    assert new not in [one for one, _ in evidence(indexed, beside)]


def test_what_is_labeled_while_the_index_is_built_is_not_missed(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    suggester = Suggester.load(project)
    [new, beside] = ids(project, ["000.jpg", "001.jpg"])
    keyword = find_keyword(project.catalog, "kvartal 0")
    assert keyword is not None
    build = suggest.ApproximateIndex.build

    def build_meanwhile(*arguments: object) -> object:
        decision = Decision(new, keyword.id, Verdict.ACCEPTED)
        suggester.refresh(label.decide(project, [decision], "accept"))
        return build(*arguments)

    monkeypatch.setattr(suggest.ApproximateIndex, "build", build_meanwhile)
    suggester.build_index(Silent())
    assert suggester._index.is_indexed
    assert new in [one for one, _ in evidence(suggester, beside)]


def test_an_image_with_another_content_is_found_where_it_is_now(
    project: Project, indexed: Suggester
) -> None:
    changes = add_images(project, ["300.jpg"], content="another") | encode(
        project, {"300.jpg": vector(0.0)}
    )
    indexed.refresh(changes)
    moved = image(project, "300.jpg").id
    [near, far] = ids(project, ["001.jpg", "301.jpg"])
    assert dict(evidence(indexed, near))[moved] > 0.999
    assert moved not in dict(evidence(indexed, far))


def test_an_index_that_finds_too_few_is_not_used(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.similarity.approximate.RECALL", 1.1)
    suggester = Suggester.load(project)
    suggester.build_index(Silent())
    assert not suggester._index.is_indexed


def test_few_references_are_never_worth_an_index_and_slow_ones_are(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    suggester = Suggester.load(project)
    assert not suggester.is_slow()
    monkeypatch.setattr(suggest, "WORTH_AN_INDEX", 100)
    monkeypatch.setattr(suggest, "SLOW_SECONDS", 0.0)
    assert suggester.is_slow()
    suggester.build_index(Silent())
    assert not suggester.is_slow()


def test_another_encoder_leaves_the_index_behind(project: Project, indexed: Suggester) -> None:
    from dataclasses import replace

    from core.settings import EncoderSettings

    project.settings = replace(project.settings, encoder=EncoderSettings("other", "other"))
    indexed.refresh(Changes(vectors_changed=True))
    assert not indexed._index.is_indexed
    assert evidence(indexed, ids(project, ["001.jpg"])[0]) == []
