"""Duplicate thresholds that are assumed for an archive: measured on its own images."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import PIL.Image
import pytest
from made_up import encode, import_keywords, make_project
from numpy.typing import NDArray
from sqlalchemy import select, update

from core.catalog import images, journal, schema
from core.errors import Cancelled, EncoderError
from core.images.alterations import MOST_CROPPED, altered
from core.prepare.assumption import ALTERED_FOUND, FEWEST_IMAGES, STANDARD
from core.progress import Silent
from core.types import FileRecord, Vectors
from core.workflows import assumed_thresholds, duplicates
from core.workflows.preparation_report import write_report
from core.workflows.preparation_settings import PreparationSettings
from core.workflows.prepare import chosen_preparation, prepare
from core.workflows.project import Project

COUNT = FEWEST_IMAGES + 20
PATHS = [f"bilde {number:03}.png" for number in range(COUNT)]
FEW = PreparationSettings(minimum_images=5)


class MosaicEncoder:
    """Sees 6 x 6 coloured fields. Counts how many images it was given."""

    identity = "0123456789abcdef"
    recipe = "{}"
    name = "mosaic"
    dimension = 108
    device = "cpu"
    image_size = 6

    def __init__(self) -> None:
        self.encoded = 0

    def preprocess(self, image: PIL.Image.Image) -> NDArray[np.float32]:
        fields = np.asarray(image.resize((6, 6), PIL.Image.Resampling.BOX), dtype=np.float32)
        return np.moveaxis(fields / 127.5 - 1, -1, 0)

    def encode_images(self, batch: NDArray[np.float32]) -> Vectors:
        self.encoded += len(batch)
        flat = batch.reshape(len(batch), -1)
        return flat / np.linalg.norm(flat, axis=1, keepdims=True)


@pytest.fixture
def encoder(monkeypatch: pytest.MonkeyPatch) -> MosaicEncoder:
    made = MosaicEncoder()
    monkeypatch.setattr(assumed_thresholds, "load_encoder", lambda source: made)
    return made


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """Different pictures of soft fields; the second is the first, cropped and compressed."""
    with make_project(tmp_path, []) as made:
        seer, vectors, records = MosaicEncoder(), {}, []
        for number, path in enumerate(PATHS):
            file = made.images_root / path
            picture = drawn(0 if number == 1 else number)
            if number == 1:
                picture = altered(picture, np.random.default_rng(3))[2]
            picture.save(file)
            facts = file.stat()
            digest = sha256(file.read_bytes()).hexdigest()
            records.append(
                FileRecord(path, digest, facts.st_size, facts.st_mtime_ns, *picture.size)
            )
            vectors[path] = seer.encode_images(seer.preprocess(picture)[None])[0]
        images.record_scan(made.catalog, records, [], [], [])
        encode(made, vectors)
        import_keywords(made, {path: ["bil"] for path in PATHS})
        yield made


def drawn(seed: int) -> PIL.Image.Image:
    """A picture of soft coloured fields."""
    fields = np.random.default_rng(seed).integers(0, 256, (8, 8, 3), np.uint8)
    return PIL.Image.fromarray(fields).resize((96, 72), PIL.Image.Resampling.BICUBIC)


def test_an_altered_copy_is_cropped_scaled_or_compressed_a_little() -> None:
    original = drawn(1)
    compressed, scaled, cropped = altered(original, np.random.default_rng(0))
    assert compressed.size == original.size
    assert 0.6 * original.width - 1 <= scaled.width <= 0.9 * original.width + 1
    assert (1 - 2 * MOST_CROPPED) * original.width - 1 <= cropped.width < original.width
    for copy in (compressed, scaled, cropped):
        assert copy.mode == "RGB"
        same_size = np.asarray(copy.resize(original.size), dtype=float)
        difference = np.abs(same_size - np.asarray(original, dtype=float)).mean()
        assert 0 < difference < 40


def test_the_copies_of_one_seed_are_the_same() -> None:
    first, again = (altered(drawn(1), np.random.default_rng(0)) for _ in range(2))
    assert all(a.tobytes() == b.tobytes() for a, b in zip(first, again, strict=True))


def test_thresholds_follow_from_altered_copies_of_the_archives_own_images(
    project: Project, encoder: MosaicEncoder
) -> None:
    before = {path: path.read_bytes() for path in project.images_root.iterdir()}
    assert duplicates.thresholds(project).lower == pytest.approx(STANDARD.lower, abs=1e-4)
    duplicates.compare(project, Silent())
    found = assumed_thresholds.assumed_thresholds(project)
    assert found.is_measured
    assert found.altered == encoder.encoded == 3 * COUNT
    assert found.altered_found == pytest.approx(ALTERED_FOUND, abs=0.01)
    assert duplicates.thresholds(project).lower == pytest.approx(found.lower, abs=1e-6)
    assert {path: path.read_bytes() for path in project.images_root.iterdir()} == before
    assert journal.undo_title(project.catalog) == "Import keywords"


def test_the_near_copy_is_found_and_nothing_else(project: Project, encoder: MosaicEncoder) -> None:
    comparison = duplicates.compare(project, Silent())
    [group] = duplicates.groups(project, comparison)
    assert {group.kept.path, group.removed[0].path} == {PATHS[0], PATHS[1]}
    assert len(group.removed) == 1


def test_an_encoder_is_measured_once(project: Project, encoder: MosaicEncoder) -> None:
    first = assumed_thresholds.assume(project, Silent())
    assert encoder.encoded
    encoder.encoded = 0
    assert assumed_thresholds.assume(project, Silent()) == first
    assert not encoder.encoded


def test_a_damaged_note_of_what_was_measured_counts_as_none(
    project: Project, encoder: MosaicEncoder
) -> None:
    first = assumed_thresholds.assume(project, Silent())
    known = '"encoder": "0123456789abcdef"'
    for damage in (
        "",
        "[]",
        '{"encoder": 3}',
        f'{{{known}, "lower": 2}}',
        f'{{{known}, "lower": "a", "upper": 1, "similarities": ["a"]}}',
        f'{{{known}, "lower": NaN, "upper": 1, "similarities": [[1], [2, 3]]}}',
    ):
        for name in (assumed_thresholds.ALTERED_FILE, assumed_thresholds.ASSUMPTION_FILE):
            (project.folder / "cache" / name).write_text(damage)
        assert assumed_thresholds.assumed_thresholds(project) == STANDARD
        assert assumed_thresholds.assume(project, Silent()) == first


def test_another_encoder_is_not_believed_what_was_measured_with_the_first(
    project: Project, encoder: MosaicEncoder
) -> None:
    assumed_thresholds.assume(project, Silent())
    note = project.folder / "cache" / assumed_thresholds.ASSUMPTION_FILE
    content = json.loads(note.read_text())
    note.write_text(json.dumps(content | {"encoder": "another"}))
    assert assumed_thresholds.assumed_thresholds(project) == STANDARD


def test_images_that_are_gone_are_left_out(project: Project, encoder: MosaicEncoder) -> None:
    for path in PATHS[50:]:
        (project.images_root / path).unlink()
    found = assumed_thresholds.assume(project, Silent())
    assert found.altered == 3 * 50


def test_without_the_encoder_the_standard_thresholds_hold(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def load(source: str) -> None:
        raise EncoderError("It is not there.")

    monkeypatch.setattr(assumed_thresholds, "load_encoder", load)
    duplicates.compare(project, Silent())
    assert assumed_thresholds.assumed_thresholds(project) == STANDARD


def test_stopping_while_measuring_keeps_nothing(project: Project, encoder: MosaicEncoder) -> None:
    class StopLater(Silent):
        def __init__(self) -> None:
            self.left = 3

        def checkpoint(self) -> None:
            self.left -= 1
            if not self.left:
                raise Cancelled

    with pytest.raises(Cancelled):
        duplicates.compare(project, StopLater())
    assert not (project.folder / "cache" / assumed_thresholds.ALTERED_FILE).exists()
    assert assumed_thresholds.assumed_thresholds(project) == STANDARD


def test_answers_lean_on_what_was_assumed_when_they_were_given(
    project: Project, encoder: MosaicEncoder
) -> None:
    comparison = duplicates.compare(project, Silent())
    before = assumed_thresholds.assumed_thresholds(project)
    [pair] = duplicates.next_pairs(project, comparison, 1)
    duplicates.answer(project, (pair.first.id, pair.second.id), is_duplicate=True)
    import_keywords(project, {})
    duplicates.compare(project, Silent())
    assert assumed_thresholds.assumed_thresholds(project) == before
    assert duplicates.thresholds(project).answers == 1


def test_the_report_tells_what_was_assumed_and_how(
    project: Project, encoder: MosaicEncoder, tmp_path: Path
) -> None:
    made = prepare(project, FEW, Silent())
    assumption = assumed_thresholds.assumed_thresholds(project)
    assert made.assumption == assumption
    chosen = chosen_preparation(project)
    assert chosen is not None
    assert chosen.report.assumption == assumption
    text = write_report(project, tmp_path / "report").read_text(encoding="utf-8")
    assert f"Of {assumption.altered} copies of its own images" in text
    given = PreparationSettings(0.9, 0.95, minimum_images=5)
    assert prepare(project, given, Silent()).assumption is None
    assert "The thresholds were given" in write_report(project, tmp_path / "report").read_text()


@pytest.mark.parametrize("given", [False, True])
def test_a_preparation_of_an_earlier_version_tells_what_it_assumed(
    project: Project, encoder: MosaicEncoder, tmp_path: Path, *, given: bool
) -> None:
    """It did not write down what it assumed, and always assumed the standard thresholds."""
    prepare(project, replace(FEW, lower_threshold=0.9, upper_threshold=0.95), Silent())
    with project.catalog.write() as connection:
        [row] = connection.execute(select(schema.preparations)).mappings()
        report = json.loads(row["report"])
        del report["assumption"]
        settings = json.loads(row["settings"])
        if not given:
            settings |= {"lower_threshold": None, "upper_threshold": None}
        old = {"report": json.dumps(report), "settings": json.dumps(settings)}
        connection.execute(update(schema.preparations).values(old))
    chosen = chosen_preparation(project)
    assert chosen is not None
    assert chosen.report.assumption == (None if given else STANDARD)
    text = write_report(project, tmp_path / "report").read_text(encoding="utf-8")
    assert ("thresholds were given" in text) == given
    assert ("thresholds were assumed" in text) != given


def test_files_of_one_content_are_duplicates_whatever_their_vectors(tmp_path: Path) -> None:
    paths = ["a.jpg", "b.jpg", "c.jpg", "d.jpg"]
    records = [
        FileRecord(path, content, 1, 1, 4, 3) for path, content in zip(paths, "xxyx", strict=True)
    ]
    with make_project(tmp_path, []) as made:
        images.record_scan(made.catalog, records, [], [], [])
        encode(made, dict(zip(paths, np.eye(4, dtype=np.float32), strict=True)))
        import_keywords(made, {path: ["bil"] for path in paths})
        comparison = duplicates.compare(made, Silent())
        asked = duplicates.next_pairs(made, comparison, 99)
        assert all(one.first.content_hash != one.second.content_hash for one in asked)
        [group] = duplicates.groups(made, comparison)
        assert [group.kept.path, *sorted(one.path for one in group.removed)] == [
            "a.jpg",
            "b.jpg",
            "d.jpg",
        ]
