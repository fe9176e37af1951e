"""The cache of thumbnails: small, atomic, never trusted, never an obstacle."""

from __future__ import annotations

import io
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import PIL.Image
import pytest
from pictures import encoded, noise, orientation

from core.errors import ImageError
from core.images import thumbnails
from core.images.thumbnails import ThumbnailCache

LIMIT = 10_000_000
HASH = "ab0" + "1" * 37


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source.jpg"
    path.write_bytes(encoded(noise(900, 600), "JPEG", exif=orientation(6)))
    return path


@pytest.fixture
def cache(tmp_path: Path) -> ThumbnailCache:
    return ThumbnailCache(tmp_path / "thumbnails")


def noted(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_size, status.st_mtime_ns


def test_made_upright_and_small_then_read_back(cache: ThumbnailCache, source: Path) -> None:
    assert cache.path(HASH) is None
    data = cache.load_or_make(HASH, source, LIMIT, noted(source))
    with PIL.Image.open(io.BytesIO(data)) as image:
        assert (image.format, image.size) == ("JPEG", (171, 256))
    path = cache.path(HASH)
    assert path is not None
    assert path.parent.name == "ab"
    before = noted(source)
    source.unlink()
    assert cache.load_or_make(HASH, source, LIMIT, before) == data


def test_only_what_was_made_is_loaded(cache: ThumbnailCache, source: Path) -> None:
    assert cache.load(HASH) is None
    made = cache.load_or_make(HASH, source, LIMIT, noted(source))
    source.unlink()
    assert cache.load(HASH) == made
    path = cache.path(HASH)
    assert path is not None
    path.write_bytes(made[:-40])
    assert cache.load(HASH) is None


def test_a_small_picture_is_not_enlarged(cache: ThumbnailCache, tmp_path: Path) -> None:
    (tmp_path / "small.png").write_bytes(encoded(noise(20, 10), "PNG"))
    data = cache.load_or_make(HASH, tmp_path / "small.png", LIMIT, noted(tmp_path / "small.png"))
    with PIL.Image.open(io.BytesIO(data)) as image:
        assert image.size == (20, 10)


def test_a_file_as_it_was_noted_is_kept(cache: ThumbnailCache, source: Path) -> None:
    data = cache.load_or_make(HASH, source, LIMIT, noted(source))
    assert cache.load(HASH) == data


@pytest.mark.parametrize(("longer", "later"), [(1, 0), (0, 1)])
def test_a_file_changed_since_is_shown_but_not_kept(
    cache: ThumbnailCache, source: Path, longer: int, later: int
) -> None:
    size, time = noted(source)
    data = cache.load_or_make(HASH, source, LIMIT, (size - longer, time - later))
    with PIL.Image.open(io.BytesIO(data)) as image:
        assert image.size == (171, 256)
    assert cache.path(HASH) is None


@pytest.mark.parametrize("before", [True, False])
def test_a_file_changed_while_it_is_read_is_not_kept(
    cache: ThumbnailCache, source: Path, before: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Replaced by another one that stays, or one that was there only while it was read."""
    original, other = noted(source), encoded(noise(90, 60), "JPEG")
    whole, make = source.read_bytes(), thumbnails.make_thumbnail

    def make_meanwhile(path: Path, max_pixels: int) -> bytes:
        made = make(path, max_pixels)
        path.write_bytes(whole if before else other)
        if before:
            os.utime(path, ns=(original[1], original[1]))
        return made

    if before:
        source.write_bytes(other)
    monkeypatch.setattr(thumbnails, "make_thumbnail", make_meanwhile)
    assert cache.load_or_make(HASH, source, LIMIT, original).startswith(b"\xff\xd8")
    assert (noted(source) == original) == before
    assert cache.path(HASH) is None


def test_a_broken_file_says_why_whatever_was_noted(cache: ThumbnailCache, tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="no longer there"):
        cache.load_or_make(HASH, tmp_path / "gone.jpg", LIMIT, (1, 1))
    with pytest.raises(ImageError, match="cannot be that of a file"):
        cache.load_or_make(HASH, tmp_path / "a\0.jpg", LIMIT, (1, 1))


@pytest.mark.parametrize("damage", [b"", b"garbage", b"\xff\xd8\xff\xe0cut off"])
def test_a_damaged_thumbnail_is_made_again(
    cache: ThumbnailCache, source: Path, damage: bytes
) -> None:
    data = cache.load_or_make(HASH, source, LIMIT, noted(source))
    path = cache.path(HASH)
    assert path is not None
    path.write_bytes(damage)
    assert cache.load_or_make(HASH, source, LIMIT, noted(source)) == data
    assert path.read_bytes() == data


def test_a_full_disk_is_no_obstacle(
    cache: ThumbnailCache, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(thumbnails.os, "fdopen", full)
    assert cache.load_or_make(HASH, source, LIMIT, noted(source)).startswith(b"\xff\xd8")
    assert cache.path(HASH) is None


def test_a_folder_that_cannot_be_made_is_no_obstacle(tmp_path: Path, source: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    cache = ThumbnailCache(tmp_path / "file")
    assert cache.load_or_make(HASH, source, LIMIT, noted(source)).startswith(b"\xff\xd8")


def test_a_broken_source_says_why(cache: ThumbnailCache, tmp_path: Path) -> None:
    (tmp_path / "broken.jpg").write_bytes(b"no image at all")
    with pytest.raises(ImageError, match="not an image of a known format"):
        cache.load_or_make(HASH, tmp_path / "broken.jpg", LIMIT, noted(tmp_path / "broken.jpg"))
    with pytest.raises(ImageError, match="no longer there"):
        cache.load_or_make(HASH, tmp_path / "gone.jpg", LIMIT, (1, 1))


def test_a_hash_cannot_lead_out_of_the_folder(cache: ThumbnailCache, source: Path) -> None:
    with pytest.raises(ValueError, match="not a content hash"):
        cache.load_or_make("../../etc/passwd", source, LIMIT, noted(source))


def test_the_oldest_are_removed(tmp_path: Path, source: Path) -> None:
    folder = tmp_path / "thumbnails"
    cache = ThumbnailCache(folder, max_files=256 * 3)
    for age, letter in enumerate("cdef"):
        cache.load_or_make(f"ab1{letter * 37}", source, LIMIT, noted(source))
        os.utime(folder / "ab" / f"ab1{letter * 37}.jpg", (age, age))
    cache.load_or_make(HASH, source, LIMIT, noted(source))
    kept = sorted(path.name[3] for path in (folder / "ab").iterdir())
    assert kept == ["1", "e", "f"]


def test_many_threads_at_once(cache: ThumbnailCache, source: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(
            pool.map(lambda _: cache.load_or_make(HASH, source, LIMIT, noted(source)), range(16))
        )
    assert len(set(made)) == 1
    path = cache.path(HASH)
    assert path is not None
    assert [other.name for other in path.parent.iterdir()] == [path.name]
