"""The folder of images goes away while it is read, as a network share does, and comes back."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from fault_bench import COUNT

from core.catalog.images import known_files, problems
from core.errors import ClipkwError, ImageError
from core.images import scan
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
