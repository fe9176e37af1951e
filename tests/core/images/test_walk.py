"""What counts as an image file, and that the walk never leaves the folder."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pictures import jpeg

from core.errors import ImageError
from core.images import walk as walk_module
from core.images.walk import walk
from core.progress import Silent


def paths(root: Path) -> list[str]:
    return [file.path for file in walk(root, Silent()).files]


def touch(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def test_image_files_in_path_order_others_counted(tmp_path: Path) -> None:
    touch(
        tmp_path, "b/2.JPG", "b/1.tiff", "a.webp", "b.png", "b/c/x.jpeg", "notes.txt", "b/raw.nef"
    )
    listing = walk(tmp_path, Silent())
    assert [file.path for file in listing.files] == [
        "a.webp",
        "b.png",
        "b/1.tiff",
        "b/2.JPG",
        "b/c/x.jpeg",
    ]
    assert (listing.folders, listing.others, listing.problems) == (3, 2, [])


def test_hidden_files_and_projects_are_skipped(tmp_path: Path) -> None:
    touch(
        tmp_path, ".hidden.jpg", ".git/a.jpg", "mine.clipkw/thumbnails/a.jpg", "._mac.jpg", "a.jpg"
    )
    assert paths(tmp_path) == ["a.jpg"]


def test_links_inside_are_skipped_and_links_out_are_problems(tmp_path: Path) -> None:
    archive, outside = tmp_path / "archive", tmp_path / "outside"
    touch(archive, "a/real.jpg")
    touch(outside, "secret.jpg")
    (archive / "a" / "loop").symlink_to(archive)
    (archive / "same.jpg").symlink_to(archive / "a" / "real.jpg")
    (archive / "out").symlink_to(outside)
    (archive / "out.jpg").symlink_to(outside / "secret.jpg")
    listing = walk(archive, Silent())
    assert [file.path for file in listing.files] == ["a/real.jpg"]
    assert [problem.path for problem in listing.problems] == ["out", "out.jpg"]
    assert all("leads out of the images folder" in p.reason for p in listing.problems)


def test_a_link_to_itself_and_a_broken_link_stop_nothing(tmp_path: Path) -> None:
    touch(tmp_path, "a.jpg")
    (tmp_path / "self.jpg").symlink_to(tmp_path / "self.jpg")
    (tmp_path / "gone.jpg").symlink_to("/nowhere/at/all.jpg")
    listing = walk(tmp_path, Silent())
    assert [file.path for file in listing.files] == ["a.jpg"]
    assert {problem.path for problem in listing.problems} == {"gone.jpg", "self.jpg"}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
def test_a_pipe_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    [problem] = walk(tmp_path, Silent()).problems
    assert problem.reason == "It is a device or a pipe, not a file."


@pytest.mark.skipif(os.name == "nt", reason="names are text there")
def test_a_name_that_is_not_utf8_is_a_problem(tmp_path: Path) -> None:
    (Path(os.fsdecode(os.fsencode(tmp_path) + b"/bl\xe5.jpg"))).write_bytes(jpeg())
    listing = walk(tmp_path, Silent())
    assert not listing.files
    assert listing.problems[0].path == "bl\\udce5.jpg"
    assert "not valid UTF-8" in listing.problems[0].reason


def test_a_closed_folder_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    touch(tmp_path, "closed/a.jpg", "b.jpg")
    scandir = os.scandir

    def refuse(folder: Path) -> Any:
        if folder.name == "closed":
            raise PermissionError(13, "Permission denied")
        return scandir(folder)

    monkeypatch.setattr(walk_module.os, "scandir", refuse)
    listing = walk(tmp_path, Silent())
    assert [file.path for file in listing.files] == ["b.jpg"]
    assert listing.closed_folders == ["closed"]
    assert listing.problems[0].reason == "There is no permission to read it."


def test_a_root_that_is_away(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="cannot be read"):
        walk(tmp_path / "away", Silent())


_NAME = (
    st.text(alphabet="abæÅ .-", min_size=1, max_size=6)
    .map(str.strip)
    .filter(lambda name: name and not name.startswith("."))
)


@settings(max_examples=25, deadline=None)
@given(st.sets(st.lists(_NAME, min_size=1, max_size=3).map(lambda p: "/".join(p) + ".jpg")))
def test_every_file_is_found_once(
    tmp_path_factory: pytest.TempPathFactory, names: set[str]
) -> None:
    root = tmp_path_factory.mktemp("tree")
    touch(root, *names)
    assert paths(root) == sorted(names)
