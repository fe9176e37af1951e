"""``project.toml``: what is written is read again, and what is wrong is named."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import ProjectError
from core.settings import (
    SETTINGS_FILE,
    ArchiveSettings,
    EncoderSettings,
    NeighborSearchSettings,
    ProjectSettings,
)

texts = st.text(st.characters(codec="utf-8"))
project_settings = st.builds(
    ProjectSettings,
    st.builds(ArchiveSettings, texts, st.floats(0.1, 1e6)),
    st.builds(EncoderSettings, texts, texts),
    st.builds(
        NeighborSearchSettings,
        st.floats(0, 10_000),
        st.floats(0, 1e6),
        st.integers(1, 10_000),
        st.floats(0, 1),
        st.booleans(),
    ),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(project_settings)
def test_what_is_written_is_read_again(tmp_path: Path, wanted: ProjectSettings) -> None:
    wanted.write(tmp_path)
    assert ProjectSettings.read(tmp_path) == wanted
    assert [path.name for path in tmp_path.iterdir()] == [SETTINGS_FILE]


def test_a_file_that_was_cut_short_anywhere_is_told(tmp_path: Path) -> None:
    wanted = ProjectSettings(ArchiveSettings("/photographs"), EncoderSettings("a/b", "c"))
    wanted.write(tmp_path)
    whole = (tmp_path / SETTINGS_FILE).read_text("utf-8")
    for length in range(len(whole.rstrip())):
        (tmp_path / SETTINGS_FILE).write_text(whole[:length], "utf-8")
        try:
            found = ProjectSettings.read(tmp_path)
        except ProjectError:
            continue
        assert found.archive.images == ""


def test_the_defaults_are_those_of_table_4_3(tmp_path: Path) -> None:
    (tmp_path / SETTINGS_FILE).write_text("")
    found = ProjectSettings.read(tmp_path).neighbor_search
    assert (found.temperature, found.max_difference) == (68.566, 5.2568)
    assert (found.max_neighbors, found.threshold) == (36, 0.1434)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[archive", "project.toml"),
        ("[weather]\nrain = 1", "[weather]"),
        ("archive = 3", "[archive]"),
        ('[archive]\npath = "x"', "path"),
        ("[archive]\nimages = 3", "archive.images"),
        ("[archive]\nmax_megapixels = 0", "megapixels"),
        ("[archive]\nmax_megapixels = nan", "megapixels"),
        ("[archive]\nmax_megapixels = inf", "megapixels"),
        (f"[neighbor_search]\nmax_neighbors = {'1' * 5000}", "cannot be read"),
        (f"[archive]\nimages = {'[' * 3000}", "cannot be read"),
        ("[neighbor_search]\nmax_neighbors = 3.5", "max_neighbors"),
        ("[neighbor_search]\nmax_neighbors = true", "max_neighbors"),
        ("[neighbor_search]\nmax_neighbors = 0", "neighbors"),
        ("[neighbor_search]\ntemperature = -1", "temperature"),
        ("[neighbor_search]\ntemperature = inf", "temperature"),
        ("[neighbor_search]\nmax_difference = nan", "difference"),
        ("[neighbor_search]\nthreshold = 1.5", "threshold"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, named: str) -> None:
    (tmp_path / SETTINGS_FILE).write_text(text)
    with pytest.raises(ProjectError) as caught:
        ProjectSettings.read(tmp_path)
    assert named in str(caught.value)
    assert "\n" not in str(caught.value)


def test_bytes_that_are_not_text_are_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / SETTINGS_FILE).write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ProjectError, match="cannot be read"):
        ProjectSettings.read(tmp_path)


def test_a_folder_without_settings_is_no_project(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="is not a ClipKW project"):
        ProjectSettings.read(tmp_path)
