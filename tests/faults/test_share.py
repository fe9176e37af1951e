"""The folder of images goes away while it is read, as a network share does, and comes back."""

from __future__ import annotations

import builtins
import errno
import io
import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest
from fault_bench import COUNT

from core.catalog.images import known_files, problems
from core.errors import ClipkwError, ImageError
from core.images import examine, scan
from core.images.decode import decode
from core.progress import Silent
from core.types import ImageId, ImageState
from core.workflows import browse, encode, label
from core.workflows.encode import encode_images, pending
from core.workflows.ingest import import_images
from core.workflows.project import Project, open_project


class Unplugged(Silent):
    """Takes the archive away when so much is done; ``leave`` an empty folder in its place."""

    def __init__(self, archive: Path, done: int, leave: bool) -> None:
        self.archive = archive
        self.away = archive.with_name("away")
        self._left = done
        self._leave = leave

    def report(self, done: int, total: int, note: str = "") -> None:
        if done >= self._left and not self.away.exists():
            self.archive.rename(self.away)
            if self._leave:
                self.archive.mkdir()

    def plug_in(self) -> None:
        if self.archive.exists():
            self.archive.rmdir()
        self.away.rename(self.archive)


@pytest.fixture(params=[False, True], ids=["gone", "empty"])
def leave(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


def states(project: Project) -> Counter[ImageState]:
    return Counter(file.state for file in known_files(project.catalog).values())


def test_while_importing(
    empty: Project, archive: Path, leave: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scan, "BATCH_SIZE", 4)
    monkeypatch.setattr(scan, "_CHUNK_FILES", 1)
    monkeypatch.setattr(scan, "_CHUNKS_AHEAD", 1)
    share = Unplugged(archive, 8, leave)
    with pytest.raises(ClipkwError, match=r"vanished.*Connect the disk or share"):
        import_images(empty, share)
    found = states(empty)
    assert found[ImageState.MISSING] == found[ImageState.UNREADABLE] == 0
    with pytest.raises(ClipkwError, match="Connect the disk or share"):
        import_images(empty, Silent())
    share.plug_in()
    import_images(empty, Silent())
    assert states(empty) == {ImageState.PRESENT: COUNT}
    assert problems(empty.catalog) == []


def test_while_encoding(
    empty: Project, archive: Path, leave: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encode, "_CPU_BATCH", 2)
    import_images(empty, Silent())
    share = Unplugged(archive, 4, leave)
    with pytest.raises(ImageError, match=r"vanished.*what was encoded is kept"):
        encode_images(empty, share)
    assert 0 < pending(empty) < COUNT
    assert problems(empty.catalog) == []
    share.plug_in()
    left = pending(empty)
    assert encode_images(empty, Silent()).encoded == left


def test_while_browsing(project: Project, archive: Path) -> None:
    cached, other = browse.get_images(project, [ImageId(1), ImageId(2)])
    picture = browse.thumbnail(project, cached)
    away = archive.rename(archive.with_name("away"))
    assert "Connect the disk or share" in project.warning
    assert browse.thumbnail(project, cached) == picture
    with pytest.raises(ImageError):
        browse.thumbnail(project, other)
    with pytest.raises(ImageError):
        browse.picture(project, cached, 100)
    keyword, _ = label.add_keyword(project, [cached.id], "meanwhile")
    with open_project(project.folder) as opened:
        assert keyword in browse.all_keywords(opened)
    away.rename(archive)
    assert project.warning == ""
    assert browse.thumbnail(project, other).startswith(b"\xff\xd8")
    assert states(project) == {ImageState.PRESENT: COUNT}


class Share:
    """An archive on a share: while it is away, whatever is asked of it fails with ``number``.

    ``lists``: its folders are still known to the system, and only files cannot be opened.
    """

    def __init__(
        self, archive: Path, number: int, lists: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self._root = str(archive)
        self._number = number
        self.is_away = False
        for module, name in ((builtins, "open"), (io, "open")):
            monkeypatch.setattr(module, name, self._failing(getattr(module, name)))
        if not lists:
            for name in ("scandir", "stat", "lstat"):
                monkeypatch.setattr(os, name, self._failing(getattr(os, name)))

    def _failing(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def ask(path: Any = ".", *others: Any, **named: Any) -> Any:
            is_there = isinstance(path, int) or not os.fspath(path).startswith(self._root)
            if self.is_away and not is_there:
                raise OSError(self._number, os.strerror(self._number), str(path))
            return real(path, *others, **named)

        return ask


class GoesAway(Silent):
    def __init__(self, share: Share, done: int) -> None:
        self._share = share
        self._left = done

    def report(self, done: int, total: int, note: str = "") -> None:
        if done >= self._left:
            self._share.is_away = True


AWAY = [errno.ESTALE, errno.EIO, errno.ENOTCONN, errno.EHOSTDOWN]


@pytest.fixture(params=AWAY, ids=lambda number: errno.errorcode[number])
def number(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture(params=[False, True], ids=["nothing answers", "folders are listed"])
def lists(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def share(archive: Path, number: int, lists: bool, monkeypatch: pytest.MonkeyPatch) -> Share:
    return Share(archive, number, lists, monkeypatch)


def test_errors_of_a_share_while_importing(
    empty: Project, share: Share, lists: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scan, "BATCH_SIZE", 4)
    monkeypatch.setattr(scan, "_CHUNK_FILES", 1)
    monkeypatch.setattr(scan, "_CHUNKS_AHEAD", 1)
    if lists:
        found = import_images(empty, GoesAway(share, 8))
        assert found.missing == 0
        assert {one.reason.partition(":")[0] for one in found.unreadable} == {"It cannot be read"}
    else:
        with pytest.raises(ClipkwError, match=r"vanished.*Connect the disk or share"):
            import_images(empty, GoesAway(share, 8))
        assert set(states(empty)) <= {ImageState.PRESENT}
    share.is_away = False
    import_images(empty, Silent())
    assert states(empty) == {ImageState.PRESENT: COUNT}
    assert problems(empty.catalog) == []


def test_errors_of_a_share_while_encoding(
    empty: Project, share: Share, lists: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encode, "_CPU_BATCH", 2)
    import_images(empty, Silent())
    if lists:
        report = encode_images(empty, GoesAway(share, 4))
        assert 0 < len(report.failed) < COUNT
        assert {one.reason.partition(":")[0] for one in report.failed} == {"It cannot be read"}
    else:
        with pytest.raises(ImageError, match=r"vanished.*what was encoded is kept"):
            encode_images(empty, GoesAway(share, 4))
    assert 0 < pending(empty) < COUNT
    share.is_away = False
    left = pending(empty)
    assert encode_images(empty, Silent()).encoded == left
    assert problems(empty.catalog) == []
    assert states(empty) == {ImageState.PRESENT: COUNT}


def test_errors_of_a_share_while_browsing(project: Project, share: Share) -> None:
    cached, other = browse.get_images(project, [ImageId(1), ImageId(2)])
    picture = browse.thumbnail(project, cached)
    share.is_away = True
    assert browse.thumbnail(project, cached) == picture
    for look in (browse.thumbnail, lambda *asked: browse.picture(*asked, 100)):
        with pytest.raises(ImageError) as told:
            look(project, other)
        assert "damaged" not in told.value.message
    keyword, _ = label.add_keyword(project, [cached.id], "meanwhile")
    share.is_away = False
    assert keyword in browse.all_keywords(project)
    assert browse.thumbnail(project, other).startswith(b"\xff\xd8")
    assert states(project) == {ImageState.PRESENT: COUNT}


class Torn(io.RawIOBase):
    """A file whose share goes away after its first bytes."""

    def __init__(self, data: bytes, number: int) -> None:
        self._data = io.BytesIO(data)
        self._number = number

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._data.seek(offset, whence)

    def tell(self) -> int:
        return self._data.tell()

    def readinto(self, buffer: Any) -> int:
        if self._data.tell() >= 64:
            raise OSError(self._number, os.strerror(self._number))
        return self._data.readinto(memoryview(buffer)[:64])


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif", ".gif", ".webp", ".bmp"])
def test_a_share_that_goes_away_in_the_middle_of_a_file_does_not_damage_it(
    tmp_path: Path, number: int, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / f"a{suffix}"
    noise = np.random.default_rng(1).integers(0, 256, (64, 64, 3), np.uint8)
    PIL.Image.fromarray(noise).save(path)
    data = path.read_bytes()
    monkeypatch.setattr(Path, "open", lambda *_: io.BufferedReader(Torn(data, number), 64))
    with pytest.raises(ImageError, match="It cannot be read: "):
        decode(path, 10**6)


def test_a_share_that_goes_away_while_a_file_is_hashed(
    empty: Project, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def torn(*_: object) -> bytes:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(examine, "_read_all", torn)
        found = import_images(empty, Silent())
        assert {one.reason.partition(":")[0] for one in found.unreadable} == {"It cannot be read"}
    assert import_images(empty, Silent()).added == COUNT
    assert problems(empty.catalog) == []
