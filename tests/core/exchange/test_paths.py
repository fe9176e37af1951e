"""A table may write paths in many ways; the answer is always a known path or nothing."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.exchange.paths import PathIndex

PATHS = [
    "2020/tank.jpg",
    "2020/Ship.JPG",
    "2021/tank.jpg",
    "skjærgård/båt.jpg",
    "one.png",
    "x, y.png",
]


@pytest.fixture
def index(tmp_path: Path) -> PathIndex:
    """The archive is ``images`` beside the table."""
    return PathIndex(PATHS, tmp_path / "images", tmp_path)


@pytest.mark.parametrize(
    ("written", "path"),
    [
        ("2020/tank.jpg", "2020/tank.jpg"),
        ("  2020/tank.jpg ", "2020/tank.jpg"),
        ("2020\\tank.jpg", "2020/tank.jpg"),
        ("./2020//tank.jpg", "2020/tank.jpg"),
        ("2021/../2020/tank.jpg", "2020/tank.jpg"),
        ("images/2020/tank.jpg", "2020/tank.jpg"),
        ("images\\2021\\tank.jpg", "2021/tank.jpg"),
        ("2020/SHIP.jpg", "2020/Ship.JPG"),
        ("SKJÆRGÅRD/BÅT.JPG", "skjærgård/båt.jpg"),
        (unicodedata.normalize("NFD", "skjærgård/båt.jpg"), "skjærgård/båt.jpg"),
        ("ship.jpg", "2020/Ship.JPG"),
        ("one.png", "one.png"),
        ("x, y.png", "x, y.png"),
        ("tank.jpg", None),  # two images have this name
        ("other/one.png", None),
        ("../one.png", None),
        ("../../etc/passwd", None),
        ("/etc/one.png", None),
        ("", None),
        ("   ", None),
        ("C:\\one.png", None),
        ("2020/tank.jpg\0", None),
    ],
)
def test_ways_of_writing_a_path(index: PathIndex, written: str, path: str | None) -> None:
    assert index.match(written) == path


def test_absolute_paths_inside_the_root(index: PathIndex, tmp_path: Path) -> None:
    root = (tmp_path / "images").resolve()
    assert index.match(str(root / "2020/tank.jpg")) == "2020/tank.jpg"
    assert index.match(str(root / "2020/../one.png")) == "one.png"
    assert index.match(str(root.parent / "imagesX/one.png")) is None


def test_names_that_differ_in_case_only_are_told_apart_or_left(tmp_path: Path) -> None:
    index = PathIndex(["A.jpg", "a.jpg"], tmp_path, tmp_path)
    assert index.match("A.jpg") == "A.jpg"
    assert index.match("a.jpg") == "a.jpg"
    assert index.match("a.JPG") is None


@given(st.text(max_size=40))
def test_any_text_gives_a_known_path_or_nothing(text: str) -> None:
    assert PathIndex(PATHS, Path("/archive"), Path("/")).match(text) in {*PATHS, None}
