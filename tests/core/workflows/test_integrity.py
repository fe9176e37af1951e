"""What is damaged is found and mended; what is sound is left alone."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from core.catalog import encodings
from core.features import FeatureFile
from core.progress import Silent
from core.types import EncoderId, ImageId, ImageIds
from core.workflows import encode, label
from core.workflows.ingest import import_images
from core.workflows.integrity import DamagedPart, find_damage, mend_vectors
from core.workflows.project import (
    CATALOG_FILE,
    Project,
    create_project,
    open_project,
    remember_encoder,
)
from core.workflows.status import doctor
from core.workflows.suggest import Suggester

COUNT, DIMENSION, IDENTITY = 12, 16, "made-up"


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    root = tmp_path / "archive"
    root.mkdir()
    for number in range(COUNT):
        PIL.Image.new("RGB", (9, 9), (number * 9, 0, 0)).save(root / f"{number:02}.png")
    with create_project(tmp_path / "p.clipkw", root) as project:
        import_images(project, Silent())
        remember_encoder(project, IDENTITY)
        key = encodings.register_encoder(project.catalog, IDENTITY, "made-up", DIMENSION)
        ids = encodings.unencoded(project.catalog, key)
        vectors = np.random.default_rng(0).standard_normal((COUNT, DIMENSION)).astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        path = project.feature_path(IDENTITY)
        with FeatureFile.create(path, IDENTITY, DIMENSION, COUNT) as file:
            file.write(0, ids, vectors)
        encodings.mark_encoded(project.catalog, key, ids, np.arange(COUNT))
        yield project


def features(project: Project) -> Path:
    return project.feature_path(IDENTITY)


def kept(project: Project) -> ImageIds:
    return encodings.encoded_rows(project.catalog, EncoderId(1))[0]


def overwrite(project: Project, row: int, vector: np.ndarray, image: int) -> None:
    with FeatureFile.open(features(project), IDENTITY, writable=True) as file:
        file.write(row, np.array([image]), vector.astype(np.float32)[None])


def test_nothing_is_found_in_a_sound_project(project: Project) -> None:
    assert find_damage(project, Silent()) is None
    assert all(one.ok for one in doctor(project) if one.name in ("catalog", "vectors"))
    before = features(project).read_bytes()
    assert mend_vectors(project, Silent()) == 0
    assert features(project).read_bytes() == before


def test_a_project_without_vectors_is_sound(tmp_path: Path) -> None:
    (tmp_path / "archive").mkdir()
    with create_project(tmp_path / "p.clipkw", tmp_path / "archive") as empty:
        assert find_damage(empty, Silent()) is None
        assert mend_vectors(empty, Silent()) == 0


@pytest.mark.parametrize(
    "vector", [np.full(DIMENSION, np.nan), np.zeros(DIMENSION), np.ones(DIMENSION)]
)
def test_only_a_damaged_vector_is_made_again(project: Project, vector: np.ndarray) -> None:
    ids = kept(project)
    overwrite(project, 3, vector, int(ids[3]))
    found = find_damage(project, Silent())
    assert found is not None
    assert found.what == f"The vectors of 1 of {COUNT} images are damaged."
    assert mend_vectors(project, Silent()) == 1
    assert kept(project).tolist() == np.delete(ids, 3).tolist()
    assert encode.pending(project) == 1


def test_no_suggestion_rests_on_a_damaged_vector(project: Project) -> None:
    ids = kept(project)
    label.add_keyword(project, [ImageId(one) for one in ids[:4].tolist()], "tank")
    asked = [ImageId(int(ids[5]))]

    def speak() -> set[int]:
        [found] = Suggester.load(project).suggest(asked)
        return {one.image for one in found.references}

    [nearest] = speak()
    row = ids.tolist().index(nearest)
    with FeatureFile.open(features(project), IDENTITY) as file:
        its_own = np.array(file.vectors()[row])
    for damaged in (9 * its_own, np.full(DIMENSION, np.nan)):
        overwrite(project, row, damaged, nearest)
        assert speak() <= set(ids[:4].tolist()) - {nearest}
        assert speak()


def test_a_row_of_another_image_is_found(project: Project) -> None:
    ids = kept(project)
    with FeatureFile.open(features(project), IDENTITY) as file:
        vector = np.array(file.vectors()[3])
    overwrite(project, 3, vector, 99)
    found = find_damage(project, Silent())
    assert found is not None
    assert found.part is DamagedPart.VECTORS
    assert found.what == f"The vectors of 1 of {COUNT} images are damaged."
    (check,) = [one for one in doctor(project) if one.name == "vectors"]
    assert not check.ok
    assert "clipkw mend" in check.detail
    assert mend_vectors(project, Silent()) == 1
    assert find_damage(project, Silent()) is None
    assert kept(project).tolist() == np.delete(ids, 3).tolist()


def test_a_file_that_is_cut_short_keeps_what_is_left(project: Project) -> None:
    path = features(project)
    with FeatureFile.open(path, IDENTITY) as file:
        start, end = file._layout.regions[0]
        before = np.array(file.vectors())
    os.truncate(path, start + (end - start) * 5 // COUNT)
    found = find_damage(project, Silent())
    assert found is not None
    assert found.part is DamagedPart.VECTORS
    ids = kept(project)
    assert mend_vectors(project, Silent()) == COUNT - 5
    assert find_damage(project, Silent()) is None
    assert kept(project).tolist() == ids[:5].tolist()
    with FeatureFile.open(path, IDENTITY) as file:
        assert np.array_equal(file.vectors()[:5], before[:5])
        assert file.image_ids()[:5].tolist() == ids[:5].tolist()


@pytest.mark.parametrize("damage", ["gone", "empty", "no HDF5"])
def test_a_file_that_cannot_be_opened_is_laid_aside(project: Project, damage: str) -> None:
    path = features(project)
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(b"" if damage == "empty" else b"x" * 5_000)
    found = find_damage(project, Silent())
    assert found is not None
    assert found.part is DamagedPart.VECTORS
    assert mend_vectors(project, Silent()) == COUNT
    assert encode.pending(project) == COUNT
    assert path.with_name(f"{path.name}.damaged").exists() == (damage != "gone")
    assert find_damage(project, Silent()) is None


def test_a_damaged_catalog_is_found(project: Project) -> None:
    for number in range(60):
        label.add_keyword(project, [], f"keyword {number}")
    project.close()
    path = project.folder / CATALOG_FILE
    content = bytearray(path.read_bytes())
    content[-8192:-4096] = b"\xff" * 4096
    path.write_bytes(content)
    with open_project(project.folder) as opened:
        found = find_damage(opened, Silent())
    assert found is not None
    assert found.part is DamagedPart.CATALOG


def test_an_older_catalog_that_was_copied_here_is_found(project: Project) -> None:
    project.close()
    path = project.folder / CATALOG_FILE
    older = shutil.copy(path, path.with_name("older"))
    with open_project(project.folder) as opened:
        label.add_keyword(opened, [], "one")
        label.add_keyword(opened, [], "two")
    shutil.copy(older, path)
    with open_project(project.folder) as opened:
        found = find_damage(opened, Silent())
    assert found is not None
    assert "lacks 2 steps" in found.what
