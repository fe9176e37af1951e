"""Images to vectors: complete, in order, never twice, whatever happens on the way."""

from __future__ import annotations

import errno
import multiprocessing
import os
import random
import threading
import time
from collections.abc import Callable
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest
from endurance import RecordProperty

from core.catalog import encodings, images
from core.encoders import Encoder, load_encoder
from core.errors import Cancelled, EncoderError, FeatureError, StorageError
from core.features import FeatureFile, storage
from core.images.decode import decode
from core.progress import Silent
from core.types import FileRecord
from core.workflows import decoding
from core.workflows.encode import encode_images, pending
from core.workflows.project import Project, create_project, open_project, set_encoder

BATCH = 4


def save_picture(path: Path, seed: int) -> None:
    noise = np.random.default_rng(seed).integers(0, 256, (40, 60, 3), np.uint8)
    PIL.Image.fromarray(noise).save(path)


def record(project: Project, *names: str) -> None:
    """What an import would find out about these files."""
    found = []
    for name in names:
        path = project.images_root / name
        facts = path.stat()
        digest = sha256(path.read_bytes()).hexdigest()
        found.append(FileRecord(name, digest, facts.st_size, facts.st_mtime_ns, 60, 40))
    images.record_scan(project.catalog, found, [], [], [])


def make_project(folder: Path, encoder: Path, count: int) -> Project:
    archive = folder / "archive"
    archive.mkdir()
    names = [f"{i:03}.png" for i in range(count)]
    for seed, name in enumerate(names):
        save_picture(archive / name, seed)
    project = create_project(folder / "test.clipkw", archive, str(encoder))
    record(project, *names)
    return project


@pytest.fixture
def project(tmp_path: Path, tiny_encoder: Path) -> Any:
    with make_project(tmp_path, tiny_encoder, 11) as made:
        yield made


def read_vectors(project: Project) -> dict[str, np.ndarray]:
    """Vector of every image that is marked as encoded, by path."""
    identity = project.settings.encoder.identity
    key = encodings.encoder_id(project.catalog, identity)
    assert key is not None
    ids, rows = encodings.encoded_rows(project.catalog, key)
    with FeatureFile.open(project.feature_path(identity), identity) as features:
        assert features.image_ids()[rows].tolist() == ids.tolist()
        vectors = features.vectors()[rows].copy()
    found = images.get_images(project.catalog, ids.tolist())
    return {image.path: vector for image, vector in zip(found, vectors, strict=True)}


def expected_vectors(project: Project, encoder: Encoder) -> dict[str, np.ndarray]:
    return {
        path.name: encoder.encode_images(encoder.preprocess(decode(path, 10**6))[None])[0]
        for path in project.images_root.iterdir()
    }


class Counting(Silent):
    """Remembers what was reported; may stop the work."""

    def __init__(self, stop_after: int | None = None) -> None:
        self.reports: list[tuple[int, int]] = []
        self._stop_after = stop_after

    def report(self, done: int, total: int, note: str = "") -> None:
        self.reports.append((done, total))

    def checkpoint(self) -> None:
        if self._stop_after is not None and self.reports[-1][0] >= self._stop_after:
            raise Cancelled


def test_every_image_gets_the_vector_of_its_own_pixels(
    project: Project, tiny_encoder: Path
) -> None:
    progress = Counting()
    assert pending(project) == 11
    report = encode_images(project, progress, batch_size=BATCH)
    assert (report.encoded, report.failed, pending(project)) == (11, [], 0)
    assert report.device.startswith("cpu")
    assert progress.reports == [(0, 0), (0, 11), (4, 11), (8, 11), (11, 11)]
    expected = expected_vectors(project, load_encoder(str(tiny_encoder), "cpu"))
    vectors = read_vectors(project)
    assert vectors.keys() == expected.keys()
    for path, vector in vectors.items():
        assert float(vector @ expected[path]) == pytest.approx(1, abs=1e-4)
        assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-6)


def test_a_second_run_encodes_only_what_is_new(project: Project) -> None:
    encode_images(project, Silent(), batch_size=BATCH)
    before = read_vectors(project)
    assert encode_images(project, Silent()).encoded == 0
    save_picture(project.images_root / "new.png", 99)
    record(project, "new.png")
    assert pending(project) == 1
    assert encode_images(project, Silent()).encoded == 1
    after = read_vectors(project)
    assert set(after) - set(before) == {"new.png"}
    for path, vector in before.items():
        np.testing.assert_array_equal(after[path], vector)


def test_a_changed_image_gets_a_new_vector(project: Project) -> None:
    encode_images(project, Silent())
    before = read_vectors(project)["003.png"]
    save_picture(project.images_root / "003.png", 77)
    record(project, "003.png")
    assert pending(project) == 1
    encode_images(project, Silent())
    assert float(read_vectors(project)["003.png"] @ before) < 0.9999
    assert len(read_vectors(project)) == 11


def test_stopping_loses_nothing_and_ends_every_thread(project: Project) -> None:
    with pytest.raises(Cancelled):
        encode_images(project, Counting(stop_after=8), batch_size=BATCH)
    assert pending(project) == 3
    assert not [thread for thread in threading.enumerate() if "decode" in thread.name]
    assert encode_images(project, Silent()).encoded == 3
    assert len(read_vectors(project)) == 11


def test_bad_files_are_listed_and_tried_again_by_the_next_run(project: Project) -> None:
    root = project.images_root
    good = (root / "002.png").read_bytes()
    (root / "002.png").write_bytes(good[:200])
    record(project, "002.png")
    (root / "004.png").rename(root / "moved")
    save_picture(root / "006.png", 1234)
    progress = Counting()
    report = encode_images(project, progress, batch_size=BATCH)
    assert report.encoded == 8
    assert progress.reports[-1] == (11, 11)
    reasons = {problem.path: problem.reason for problem in report.failed}
    assert set(reasons) == {"002.png", "004.png", "006.png"}
    assert "no longer there" in reasons["004.png"]
    assert "changed since it was imported" in reasons["006.png"]
    assert {problem.path for problem in images.problems(project.catalog)} == set(reasons)
    assert not {"002.png", "004.png", "006.png"} & set(read_vectors(project))

    (root / "002.png").write_bytes(good)
    (root / "moved").rename(root / "004.png")
    record(project, "002.png", "006.png")
    report = encode_images(project, Silent(), batch_size=BATCH)
    assert (report.encoded, report.failed) == (3, [])
    assert images.problems(project.catalog) == []


def test_a_lack_of_memory_while_decoding_is_a_listed_problem(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def greedy(path: Path, max_pixels: int, target: int | None = None) -> PIL.Image.Image:
        if path.name == "005.png":
            raise MemoryError
        return decode(path, max_pixels, target)

    monkeypatch.setattr(decoding, "decode", greedy)
    report = encode_images(project, Silent())
    assert report.encoded == 10
    assert "not enough memory" in report.failed[0].reason


def test_an_image_imported_anew_meanwhile_is_not_marked(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = FeatureFile.write

    def import_meanwhile(self: FeatureFile, *arguments: Any) -> None:
        save_picture(project.images_root / "000.png", 4321)
        record(project, "000.png")
        write(self, *arguments)

    with monkeypatch.context() as patch:
        patch.setattr(FeatureFile, "write", import_meanwhile)
        encode_images(project, Silent(), batch_size=20)
    assert pending(project) == 1
    assert "000.png" not in read_vectors(project)
    encode_images(project, Silent())
    assert len(read_vectors(project)) == 11


def test_a_full_disk_marks_nothing_and_the_next_run_goes_on(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    pwrite, calls = os.pwrite, 0

    def nearly_full(*arguments: Any) -> int:
        nonlocal calls
        calls += 1
        if calls > 6:
            raise OSError(errno.ENOSPC, "No space left on device")
        return pwrite(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(storage.os, "pwrite", nearly_full)
        with pytest.raises(StorageError, match="No space left"):
            encode_images(project, Silent(), batch_size=BATCH)
    done = 11 - pending(project)
    assert done in (4, 8)
    assert encode_images(project, Silent()).encoded == 11 - done
    assert len(read_vectors(project)) == 11


def test_no_encoder_is_said_with_a_remedy(project: Project) -> None:
    set_encoder(project, "")
    assert pending(project) == 11
    with pytest.raises(EncoderError, match="No encoder is chosen"):
        encode_images(project, Silent())


def test_another_encoder_gets_another_file_and_the_first_stays(
    project: Project, tiny_encoder: Path, tmp_path: Path
) -> None:
    encode_images(project, Silent())
    first, vectors = project.settings.encoder.identity, read_vectors(project)
    set_encoder(project, str(other_encoder(tiny_encoder, tmp_path)))
    assert pending(project) == 11
    assert encode_images(project, Silent()).encoded == 11
    assert project.settings.encoder.identity != first
    assert project.feature_path(first).is_file()
    set_encoder(project, str(tiny_encoder))
    assert encode_images(project, Silent()).encoded == 0
    for path, vector in read_vectors(project).items():
        np.testing.assert_array_equal(vector, vectors[path])


def test_an_encoder_chosen_while_another_is_loaded_is_not_taken_for_it(
    project: Project, tiny_encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = str(other_encoder(tiny_encoder, tmp_path))

    def load(*given: Any, **options: Any) -> Encoder:
        set_encoder(project, other)
        return load_encoder(*given, **options)

    monkeypatch.setattr("core.workflows.encode.load_encoder", load)
    with pytest.raises(EncoderError, match=r"Another encoder was chosen.*Encode again"):
        encode_images(project, Silent())
    assert (project.settings.encoder.source, project.settings.encoder.identity) == (other, "")
    assert pending(project) == 11


def other_encoder(encoder: Path, folder: Path) -> Path:
    """The same weights with another preprocessing."""
    other = folder / "other"
    other.mkdir()
    for path in encoder.iterdir():
        (other / path.name).write_bytes(path.read_bytes())
    config = other / "open_clip_config.json"
    config.write_text(config.read_text().replace("0.6", "0.7"))
    return other


def test_an_encoder_that_changed_in_its_place_is_refused(
    project: Project, tiny_encoder: Path, tmp_path: Path
) -> None:
    place = other_encoder(tiny_encoder, tmp_path)
    set_encoder(project, str(place))
    encode_images(project, Silent())
    before = read_vectors(project)
    config = place / "open_clip_config.json"
    config.write_text(config.read_text().replace("0.7", "0.8"))
    save_picture(project.images_root / "new.png", 99)
    record(project, "new.png")
    with pytest.raises(EncoderError, match=r"not the one.*never mixed.*choose the encoder again"):
        encode_images(project, Silent())
    assert read_vectors(project).keys() == before.keys()
    set_encoder(project, str(place))
    assert encode_images(project, Silent()).encoded == 12


def test_a_removed_feature_file_is_made_anew(project: Project) -> None:
    encode_images(project, Silent())
    before = read_vectors(project)
    project.feature_path(project.settings.encoder.identity).unlink()
    assert encode_images(project, Silent()).encoded == 11
    assert read_vectors(project).keys() == before.keys()


def test_a_file_of_other_images_is_refused(project: Project) -> None:
    encode_images(project, Silent())
    identity = project.settings.encoder.identity
    path = project.feature_path(identity)
    path.unlink()
    with FeatureFile.create(path, identity, 16, 20) as other:
        other.write(0, np.arange(11, 0, -1), np.ones((11, 16), np.float32))
    with pytest.raises(FeatureError, match="does not hold the vectors"):
        encode_images(project, Silent())


def test_a_damaged_file_is_refused_and_named(project: Project) -> None:
    encode_images(project, Silent())
    path = project.feature_path(project.settings.encoder.identity)
    path.write_bytes(b"not a feature file")
    with pytest.raises(FeatureError, match=path.name):
        encode_images(project, Silent())


def test_two_runs_at_once_are_refused(project: Project) -> None:
    encode_images(project, Silent())
    identity = project.settings.encoder.identity
    path = project.feature_path(identity)
    with (
        FeatureFile.open(path, identity, writable=True),
        pytest.raises(FeatureError, match="Another program is writing"),
    ):
        encode_images(project, Silent())


def test_no_more_than_three_batches_are_decoded_at_once(
    project: Project, tiny_encoder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded: list[str] = []

    def counted(path: Path, max_pixels: int, target: int | None = None) -> PIL.Image.Image:
        decoded.append(path.name)
        return decode(path, max_pixels, target)

    monkeypatch.setattr(decoding, "decode", counted)
    encoder = load_encoder(str(tiny_encoder), "cpu")
    ids = encodings.unencoded(project.catalog, encodings.EncoderId(0))
    batches = decoding.decoded_batches(project, ids, encoder, 2)
    with closing(batches):
        first = next(batches)
    assert [item.image.path for item in first] == ["000.png", "001.png"]
    assert len(decoded) <= 6


# kill -9 --------------------------------------------------------------------------------------

KILLS = 8
COUNT = 60
_SPAWN = multiprocessing.get_context("forkserver")


class Shared(Silent):
    """Tells another process how far the work is."""

    def __init__(self, begun: Any, done: Any) -> None:
        self.begun = begun
        self.done = done

    def report(self, done: int, total: int, note: str = "") -> None:
        self.done.value = done
        if total:
            self.begun.set()


def _encode(folder: Path, begun: Any, done: Any) -> None:
    try:
        with open_project(folder) as project:
            encode_images(project, Shared(begun, done), batch_size=2)
    finally:
        begun.set()


def _start(folder: Path) -> tuple[Any, Callable[[], int]]:
    """Start encoding in a process of its own; returns when the first image is about to be done."""
    _SPAWN.set_forkserver_preload(["core.encoders.open_clip_encoder", "core.workflows.encode"])
    begun, done = _SPAWN.Event(), _SPAWN.Value("q", 0)
    process = _SPAWN.Process(target=_encode, args=(folder, begun, done))
    process.start()
    begun.wait()
    return process, lambda: int(done.value)


def _marks(project: Project) -> dict[int, int]:
    key = encodings.encoder_id(project.catalog, project.settings.encoder.identity)
    if key is None:
        return {}
    ids, rows = encodings.encoded_rows(project.catalog, key)
    return dict(zip(ids.tolist(), rows.tolist(), strict=True))


def _kill_until_done(tmp_path: Path, encoder: Path, kills: int) -> None:
    for name in ("killed", "undisturbed"):
        (tmp_path / name).mkdir()
    make_project(tmp_path / "undisturbed", encoder, COUNT).close()
    make_project(tmp_path / "killed", encoder, COUNT).close()
    whole, _ = _start(tmp_path / "undisturbed" / "test.clipkw")
    started = time.perf_counter()
    whole.join()
    duration = time.perf_counter() - started
    assert whole.exitcode == 0

    folder = tmp_path / "killed" / "test.clipkw"
    moments, before = random.Random(0), dict[int, int]()
    for _ in range(kills):
        process, reported = _start(folder)
        process.join(timeout=moments.uniform(0, 1.5 * duration / kills))
        process.kill()
        process.join()
        with open_project(folder) as project:
            after = _marks(project)
            # Nothing that was reported is lost, and nothing that was done is done again.
            assert len(after) >= len(before) + reported()
            assert before.items() <= after.items()
            if after:
                read_vectors(project)
        before = after
    process, _ = _start(folder)
    process.join()
    assert process.exitcode == 0
    with (
        open_project(folder) as project,
        open_project(tmp_path / "undisturbed" / "test.clipkw") as undisturbed,
    ):
        assert before.items() <= _marks(project).items()
        expected, vectors = read_vectors(undisturbed), read_vectors(project)
        assert len(set(_marks(project).values())) == len(vectors) == COUNT
        for path, vector in vectors.items():
            np.testing.assert_allclose(vector, expected[path], atol=1e-6)


def test_killed_at_random_moments_nothing_is_lost_or_done_twice(
    tmp_path: Path, tiny_encoder: Path
) -> None:
    _kill_until_done(tmp_path, tiny_encoder, KILLS)


@pytest.mark.endurance
@pytest.mark.timeout(3_600)
def test_killed_fifty_times_nothing_is_lost_or_done_twice(
    tmp_path: Path, tiny_encoder: Path, record_property: RecordProperty
) -> None:
    record_property("kills", 50)
    _kill_until_done(tmp_path, tiny_encoder, 50)
