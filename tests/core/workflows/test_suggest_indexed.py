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
from core.workflows import index_file, label, suggest
from core.workflows.project import Project
from core.workflows.suggest import Suggester

COUNT = 600


def vector(angle: float) -> np.ndarray:
    return np.array([np.cos(angle), np.sin(angle), 0, 0], dtype=np.float32)


@pytest.fixture(autouse=True)
def own_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


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
    build = index_file.ApproximateIndex.build

    def build_meanwhile(*arguments: object) -> object:
        decision = Decision(new, keyword.id, Verdict.ACCEPTED)
        suggester.refresh(label.decide(project, [decision], "accept"))
        return build(*arguments)

    monkeypatch.setattr(index_file.ApproximateIndex, "build", build_meanwhile)
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


def index_path(project: Project) -> Path:
    return project.feature_path(project.settings.encoder.identity).with_suffix(".index")


def never_build(*_: object) -> object:
    raise AssertionError("the index was built again")


def test_the_next_session_uses_the_index_that_was_kept(
    project: Project, indexed: Suggester, monkeypatch: pytest.MonkeyPatch
) -> None:
    [asked] = ids(project, ["150.jpg"])
    before = evidence(indexed, asked)
    monkeypatch.setattr(index_file.ApproximateIndex, "build", never_build)
    later = Suggester.load(project)
    assert later.build_index(Silent()) == indexed._index._approximate.recall
    assert later._index.is_indexed
    assert evidence(later, asked) == before


def test_what_was_labeled_after_the_index_was_kept_is_found_in_the_next_session(
    project: Project, indexed: Suggester, monkeypatch: pytest.MonkeyPatch
) -> None:
    [new, beside] = ids(project, ["000.jpg", "001.jpg"])
    keyword = find_keyword(project.catalog, "kvartal 0")
    assert keyword is not None
    label.decide(project, [Decision(new, keyword.id, Verdict.ACCEPTED)], "accept")
    monkeypatch.setattr(index_file.ApproximateIndex, "build", never_build)
    later = Suggester.load(project)
    later.build_index(Silent())
    assert new in [one for one, _ in evidence(later, beside)]


def test_vectors_that_are_others_than_when_the_index_was_kept_are_not_believed(
    project: Project, indexed: Suggester
) -> None:
    add_images(project, ["300.jpg"], content="another")
    encode(project, {"300.jpg": vector(0.0)})
    later = Suggester.load(project)
    later.build_index(Silent())
    [near] = ids(project, ["001.jpg"])
    assert dict(evidence(later, near))[image(project, "300.jpg").id] > 0.999


@pytest.mark.parametrize("damage", ["cut", "flip", "empty", "forged", "folder"])
def test_a_damaged_index_is_built_again_and_never_reaches_faiss(
    project: Project, indexed: Suggester, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    path = index_path(project)
    whole = path.read_bytes()
    if damage == "folder":
        path.unlink()
        path.mkdir()
    elif damage == "forged":
        monkeypatch.setenv("XDG_DATA_HOME", str(project.folder / "of another machine"))
    else:
        middle = len(whole) // 2
        flipped = whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :]
        path.write_bytes({"cut": whole[:-1], "flip": flipped, "empty": b""}[damage])
    with monkeypatch.context() as watched:
        watched.setattr("faiss.read_index", never_build)
        later = Suggester.load(project)
        assert later.build_index(Silent()) >= 0.99
    assert later._index.is_indexed
    if damage != "folder":
        assert path.read_bytes().startswith(whole[:15])
        assert not [one for one in path.parent.iterdir() if one.suffix == ".new"]


def test_an_outgrown_index_is_built_anew(
    project: Project, indexed: Suggester, monkeypatch: pytest.MonkeyPatch
) -> None:
    built: list[int] = []
    build = index_file.ApproximateIndex.build

    def build_noting(vectors: np.ndarray, *rest: object) -> object:
        built.append(len(vectors))
        return build(vectors, *rest)

    monkeypatch.setattr(index_file, "GROWTH", 0.5)
    monkeypatch.setattr(index_file.ApproximateIndex, "build", build_noting)
    Suggester.load(project).build_index(Silent())
    assert built == [COUNT - 1]


def test_a_full_disk_costs_the_kept_index_and_nothing_else(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(index_file, "publish", full)
    suggester = Suggester.load(project)
    assert suggester.build_index(Silent()) >= 0.99
    assert suggester._index.is_indexed
    assert not index_path(project).exists()
