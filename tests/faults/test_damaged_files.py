"""Every file of a project damaged in every way, and the recovery of the user guide rehearsed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from fault_bench import COUNT

from core.catalog import keywords, overview
from core.cli import main
from core.progress import Silent
from core.settings import SETTINGS_FILE
from core.types import ImageId
from core.workflows import backups, browse, label
from core.workflows.encode import encode_images, pending
from core.workflows.integrity import mend_vectors
from core.workflows.project import CATALOG_FILE, Project, open_project


def spoil(path: Path, how: str) -> None:
    size = path.stat().st_size
    match how:
        case "gone":
            path.unlink()
        case "empty":
            path.write_bytes(b"")
        case "cut short":
            os.truncate(path, size // 2)
        case "overwritten":
            with path.open("r+b") as file:
                file.seek(size // 3)
                file.write(b"\xff" * (size // 2))
        case "other":
            path.write_bytes(b"something else\n" * 1_000)


HOW = ["gone", "empty", "cut short", "overwritten", "other"]


@pytest.fixture
def closed(project: Project) -> Path:
    backups.back_up(project, Silent())
    label.add_keyword(project, [ImageId(1)], "after the backup")
    project.close()
    return project.folder


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    code = main(list(arguments))
    return int(code), capsys.readouterr().err


def told_in_one_line(code: int, err: str) -> bool:
    return code == 2 and err.startswith("clipkw: ") and err.count("\n") == 1


@pytest.mark.parametrize("how", HOW)
def test_a_spoilt_catalog(closed: Path, how: str, capsys: pytest.CaptureFixture[str]) -> None:
    spoil(closed / CATALOG_FILE, how)
    code, err = run(capsys, "keywords", str(closed), "--similar")
    assert told_in_one_line(code, err)
    assert "clipkw rebuild" in err
    assert run(capsys, "rebuild", str(closed))[0] == 0
    with open_project(closed) as project:
        names = {one.no for one in keywords.all_keywords(project.catalog)}
        assert "after the backup" in names
        assert overview.faults(project.catalog) == []
        assert pending(project) == 0
        assert label.undo_title(project) == "Add “after the backup”"


@pytest.mark.parametrize("how", HOW)
def test_spoilt_settings(closed: Path, how: str, capsys: pytest.CaptureFixture[str]) -> None:
    before = (closed / SETTINGS_FILE).read_bytes()
    spoil(closed / SETTINGS_FILE, how)
    code, err = run(capsys, "status", str(closed))
    assert told_in_one_line(code, err)
    assert run(capsys, "rebuild", str(closed))[0] == 0
    assert (closed / SETTINGS_FILE).read_bytes() == before


@pytest.mark.parametrize("how", HOW)
def test_spoilt_vectors(closed: Path, how: str, capsys: pytest.CaptureFixture[str]) -> None:
    with open_project(closed) as project:
        path = project.feature_path("mean")
        good = path.read_bytes()
        spoil(path, how)
        mend_vectors(project, Silent())
        lost = pending(project)
        assert 0 < lost <= COUNT
        assert encode_images(project, Silent()).encoded == lost
        assert mend_vectors(project, Silent()) == 0
        names = {one.no for one in keywords.all_keywords(project.catalog)}
        assert "after the backup" in names
    assert len(path.read_bytes()) == len(good)


@pytest.mark.parametrize("how", HOW)
def test_a_spoilt_thumbnail_is_drawn_again(project: Project, how: str) -> None:
    image, other = browse.get_images(project, [ImageId(1), ImageId(2)])
    good, untouched = browse.thumbnail(project, image), browse.thumbnail(project, other)
    place = project.thumbnails.path(image.content_hash)
    second = project.thumbnails.path(other.content_hash)
    assert place is not None
    assert second is not None
    before = second.stat().st_mtime_ns
    spoil(place, how)
    assert browse.thumbnail(project, image) == good
    assert browse.thumbnail(project, other) == untouched
    assert second.stat().st_mtime_ns == before


@pytest.mark.parametrize("how", HOW)
def test_a_spoilt_log_costs_nothing_while_the_catalog_is_sound(closed: Path, how: str) -> None:
    log = closed / "decisions.jsonl"
    spoil(log, how)
    with open_project(closed) as project:
        label.add_keyword(project, [ImageId(2)], "later")
        names = {one.no for one in keywords.all_keywords(project.catalog)}
        assert {"after the backup", "later"} <= names
        assert label.undo(project) is not None
