from __future__ import annotations

import errno
import multiprocessing
import os
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import FeatureError, StorageError
from core.features import FeatureFile, storage

IDENTITY = "0" * 64


def _rows(n: int, d: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((n, d)).astype(np.float32)


def test_what_is_written_is_read_by_a_reader_and_by_plain_h5py(tmp_path: Path) -> None:
    path, vectors = tmp_path / "features" / "a.h5", _rows(3, 8)
    with FeatureFile.create(path, IDENTITY, 8, 10, '{"architecture": {}}') as writer:
        writer.write(2, np.array([5, 6, 9]), vectors)
        with FeatureFile.open(path, IDENTITY) as reader:
            assert (reader.dimension, reader.capacity) == (8, 10)
            np.testing.assert_array_equal(reader.vectors()[2:5], vectors)
            assert reader.image_ids()[:6].tolist() == [0, 0, 5, 6, 9, 0]
    with h5py.File(path, "r") as file:
        np.testing.assert_array_equal(file["vectors"][2:5], vectors)
        assert file["vectors"].chunks is None
        assert file.attrs["identity"] == IDENTITY.encode()
        assert file.attrs["encoder"] == b'{"architecture": {}}'


def test_the_map_is_read_only_and_follows_the_writer(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    with FeatureFile.create(path, IDENTITY, 4, 4) as writer:
        with FeatureFile.open(path, IDENTITY) as reader:
            seen = reader.vectors()
        writer.write(0, np.array([1]), np.ones((1, 4), np.float32))
        assert seen[0].tolist() == [1, 1, 1, 1]
        with pytest.raises(ValueError, match="read-only"):
            seen[0] = 0


def test_writing_changes_no_byte_outside_the_rows(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    with FeatureFile.create(path, IDENTITY, 4, 6) as writer:
        before = path.read_bytes()
        writer.write(1, np.array([7, 8]), _rows(2, 4))
        after = path.read_bytes()
        inside = set[int]()
        for (start, _), size in zip(writer._layout.regions, (16, 8), strict=True):
            inside.update(range(start + size, start + 3 * size))
    changed = {i for i, (a, b) in enumerate(zip(before, after, strict=True)) if a != b}
    assert changed <= inside


@settings(max_examples=40, deadline=None)
@given(steps=st.lists(st.tuples(st.integers(1, 7), st.integers(0, 40)), max_size=8))
def test_growth_keeps_every_row(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[int, int]]
) -> None:
    path = tmp_path_factory.mktemp("growth") / "a.h5"
    expected = np.zeros((0, 3), np.float32)
    with FeatureFile.create(path, IDENTITY, 3, 1) as writer:
        for seed, (count, spare) in enumerate(steps):
            rows = _rows(count, 3, seed)
            writer.ensure_capacity(len(expected) + count + spare)
            assert writer.capacity >= len(expected) + count + spare
            writer.write(len(expected), np.arange(count) + len(expected) + 1, rows)
            expected = np.concatenate([expected, rows])
        np.testing.assert_array_equal(writer.vectors()[: len(expected)], expected)
    with FeatureFile.open(path, IDENTITY) as reader:
        np.testing.assert_array_equal(reader.vectors()[: len(expected)], expected)
        assert reader.image_ids()[: len(expected)].tolist() == list(range(1, len(expected) + 1))


def test_a_reader_notices_growth_and_its_map_stays_good(tmp_path: Path) -> None:
    path, vectors = tmp_path / "a.h5", _rows(2, 4)
    with FeatureFile.create(path, IDENTITY, 4, 2) as writer:
        writer.write(0, np.array([1, 2]), vectors)
        with FeatureFile.open(path, IDENTITY) as reader:
            seen = reader.vectors()
            assert not reader.is_replaced()
            writer.ensure_capacity(3)
            assert reader.is_replaced()
            assert not writer.is_replaced()
            np.testing.assert_array_equal(seen, vectors)


def test_a_second_writer_is_refused_until_the_first_is_done(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    with FeatureFile.create(path, IDENTITY, 4, 2) as first:
        first.ensure_capacity(100)
        with pytest.raises(FeatureError, match="Another program is writing"):
            FeatureFile.open(path, IDENTITY, writable=True)
    FeatureFile.open(path, IDENTITY, writable=True).close()


def _die_holding(path: Path, ready: Callable[[], None]) -> None:
    FeatureFile.open(path, IDENTITY, writable=True)
    ready()
    os._exit(9)


def test_the_lock_dies_with_its_process(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    FeatureFile.create(path, IDENTITY, 4, 2).close()
    context = multiprocessing.get_context("spawn")
    event = context.Event()
    process = context.Process(target=_die_holding, args=(path, event.set))
    process.start()
    process.join()
    assert event.is_set()
    FeatureFile.open(path, IDENTITY, writable=True).close()


def test_a_killed_growth_leaves_the_old_file_and_is_written_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.h5"
    with FeatureFile.create(path, IDENTITY, 4, 2) as writer:
        writer.write(0, np.array([1, 2]), _rows(2, 4))
        with monkeypatch.context() as patch:
            patch.setattr("core.features.feature_file.publish", _interrupt)
            with pytest.raises(KeyboardInterrupt):
                writer.ensure_capacity(9)
        assert writer.capacity == 2
        writer.ensure_capacity(9)
        np.testing.assert_array_equal(writer.vectors()[:2], _rows(2, 4))
    assert not list(tmp_path.glob("*.new"))


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_full_disk_is_a_storage_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    with FeatureFile.create(tmp_path / "a.h5", IDENTITY, 4, 2) as writer:
        monkeypatch.setattr(storage.os, "pwrite", full)
        with pytest.raises(StorageError, match=r"No space left.*what was done is kept"):
            writer.write(0, np.array([1]), _rows(1, 4))


def test_short_writes_are_continued(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pwrite = os.pwrite
    with FeatureFile.create(tmp_path / "a.h5", IDENTITY, 4, 2) as writer:
        monkeypatch.setattr(storage.os, "pwrite", lambda fd, data, at: pwrite(fd, data[:5], at))
        writer.write(0, np.array([1, 2]), _rows(2, 4))
        np.testing.assert_array_equal(writer.vectors(), _rows(2, 4))


def _not_hdf5(path: Path) -> None:
    path.write_bytes(b"GIF89a" * 100)


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _truncated(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 1)


def _header_only(path: Path) -> None:
    os.truncate(path, 100)


def _wrong_dtype(path: Path) -> None:
    with h5py.File(path, "r+") as file:
        del file["vectors"]
        file["vectors"] = np.zeros((10, 8), np.float64)


def _wrong_shape(path: Path) -> None:
    with h5py.File(path, "r+") as file:
        del file["vectors"]
        file["vectors"] = np.zeros((9, 8), np.float32)


def _chunked(path: Path) -> None:
    with h5py.File(path, "r+") as file:
        del file["vectors"]
        file.create_dataset("vectors", data=np.zeros((10, 8), np.float32), compression="gzip")


def _missing(path: Path) -> None:
    with h5py.File(path, "r+") as file:
        del file["image_ids"]


def _external_link(path: Path) -> None:
    with h5py.File(path.with_name("other.h5"), "w") as other:
        other["vectors"] = np.zeros((10, 8), np.float32)
    with h5py.File(path, "r+") as file:
        del file["vectors"]
        file["vectors"] = h5py.ExternalLink("other.h5", "/vectors")


def _soft_link(path: Path) -> None:
    with h5py.File(path, "r+") as file:
        file.move("vectors", "elsewhere")
        file["vectors"] = h5py.SoftLink("/elsewhere")


def _external_storage(path: Path) -> None:
    path.with_name("secret").write_bytes(bytes(320))
    with h5py.File(path, "r+") as file:
        del file["vectors"]
        file.create_dataset("vectors", (10, 8), np.float32, external=[("secret", 0, 320)])


def _lying_dimension(path: Path) -> None:
    with h5py.File(path, "r+") as file:
        file.attrs["dimension"] = 7


def _newer_format(path: Path) -> None:
    with h5py.File(path, "r+") as file:
        file.attrs["format"] = 99


def _not_an_identity(path: Path) -> None:
    with h5py.File(path, "r+") as file:
        file.attrs["identity"] = 3


@pytest.mark.parametrize(
    ("breakage", "message"),
    [
        (_not_hdf5, "not a feature file"),
        (_empty, "not a feature file"),
        (_truncated, "damaged|cut short"),
        (_header_only, "damaged"),
        (_wrong_dtype, "damaged"),
        (_wrong_shape, "shapes"),
        (_chunked, "damaged"),
        (_missing, "damaged"),
        (_external_link, "damaged"),
        (_soft_link, "damaged"),
        (_external_storage, "damaged"),
        (_lying_dimension, "shapes"),
        (_newer_format, "format 99"),
        (_not_an_identity, "damaged"),
    ],
)
def test_a_broken_file_is_refused_with_a_remedy(
    tmp_path: Path, breakage: Callable[[Path], None], message: str
) -> None:
    path = tmp_path / "a.h5"
    FeatureFile.create(path, IDENTITY, 8, 10).close()
    breakage(path)
    with pytest.raises(FeatureError, match=message) as caught:
        FeatureFile.open(path, IDENTITY)
    assert caught.value.remedy


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_random_damage_is_refused_or_harmless(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("damage") / "a.h5"
    FeatureFile.create(path, IDENTITY, 8, 10).close()
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content)
    try:
        with FeatureFile.open(path, IDENTITY) as reader:
            reader.vectors().sum()
            reader.image_ids().sum()
    except FeatureError:
        pass


def test_another_encoders_file_a_missing_one_and_an_existing_one(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    with pytest.raises(FeatureError, match="no feature file"):
        FeatureFile.open(path, IDENTITY)
    FeatureFile.create(path, IDENTITY, 8, 10).close()
    with pytest.raises(FeatureError, match="another encoder"):
        FeatureFile.open(path, "1" * 64, writable=True)
    with pytest.raises(FeatureError, match="exists already"):
        FeatureFile.create(path, IDENTITY, 8, 10)
    with FeatureFile.open(path, IDENTITY) as reader, pytest.raises(FeatureError, match="reading"):
        reader.write(0, np.array([1]), _rows(1, 8))


@pytest.mark.parametrize(("dimension", "capacity"), [(0, 1), (1, 0), (1 << 20, 1), (1, 1 << 60)])
def test_absurd_sizes_are_refused(tmp_path: Path, dimension: int, capacity: int) -> None:
    with pytest.raises(FeatureError, match="cannot"):
        FeatureFile.create(tmp_path / "a.h5", IDENTITY, dimension, capacity)


def test_rows_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    with FeatureFile.create(tmp_path / "a.h5", IDENTITY, 4, 3) as writer:
        for first, ids, rows in (
            (2, [1, 2], _rows(2, 4)),
            (-1, [1], _rows(1, 4)),
            (0, [1], _rows(1, 5)),
            (0, [1, 2], _rows(1, 4)),
        ):
            with pytest.raises(FeatureError):
                writer.write(first, np.array(ids), rows)
