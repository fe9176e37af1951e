"""Saved searches: kept across a restart, undone like a decision, independent of other files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from made_up import ids, make_project
from PIL import Image

from core.catalog import saved_searches as stored
from core.errors import ProjectError
from core.types import (
    ConfidenceRange,
    ImageQuery,
    KeywordId,
    QueueName,
    SavedSearch,
    SearchByFile,
    SearchByImages,
    SearchByText,
    SearchTarget,
    Split,
)
from core.workflows import label
from core.workflows.project import open_project
from core.workflows.saved_searches import delete_search, list_searches, save_search

QUERY = ImageQuery(QueueName.UNLABELED, "nord/æ", KeywordId(3), "IMG", Split.TEST)
SURE = ConfidenceRange(0.2, 0.9, KeywordId(4))


@pytest.mark.parametrize(
    "target", [SearchByText("lastebil på bro"), SearchByImages((1, 2))], ids=["text", "images"]
)
def test_a_search_is_read_as_it_was_saved_also_after_a_restart(
    tmp_path: Path, target: SearchTarget
) -> None:
    saved = SavedSearch("Broer: øst", target, QUERY, 250, SURE)
    with make_project(tmp_path, ["a.jpg", "b.jpg"]) as project:
        assert save_search(project, saved).choices
    with open_project(project.folder) as again:
        assert list_searches(again) == [saved]


def test_saving_replacing_and_deleting_are_undone_one_by_one(tmp_path: Path) -> None:
    first = SavedSearch("broer", SearchByText("bro"), ImageQuery(), 100)
    second = SavedSearch("broer", SearchByText("bridge"), ImageQuery(), 100)
    with make_project(tmp_path, ["a.jpg"]) as project:
        save_search(project, first)
        save_search(project, second)
        delete_search(project, "broer")
        assert list_searches(project) == []
        assert label.undo_title(project) == "Delete the search “broer”"
        label.undo(project)
        assert list_searches(project) == [second]
        label.undo(project)
        assert list_searches(project) == [first]
        label.redo(project)
        assert list_searches(project) == [second]


def test_a_picture_is_copied_so_that_its_search_outlives_the_file(tmp_path: Path) -> None:
    picture = tmp_path / "elsewhere.png"
    pixels = np.random.default_rng(1).integers(0, 255, (30, 40, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(picture)
    with make_project(tmp_path, ["a.jpg"]) as project:
        save_search(project, SavedSearch("like", SearchByFile(str(picture)), ImageQuery(), 9))
        picture.unlink()
        [saved] = list_searches(project)
        assert isinstance(saved.target, SearchByFile)
        kept = Path(saved.target.path)
        assert kept.is_relative_to(project.folder)
        assert np.array_equal(np.asarray(Image.open(kept)), pixels)
        save_search(project, saved)
        assert list_searches(project) == [saved]


def test_a_search_without_a_name_is_refused(tmp_path: Path) -> None:
    with (
        make_project(tmp_path, ["a.jpg"]) as project,
        pytest.raises(ProjectError, match="needs a name"),
    ):
        save_search(project, SavedSearch("  ", SearchByText("bro"), ImageQuery(), 100))


def test_names_are_sorted_and_what_cannot_be_read_is_left_out(tmp_path: Path) -> None:
    with make_project(tmp_path, ["a.jpg"]) as project:
        [image] = ids(project, ["a.jpg"])
        for name in ("b", "A", "c"):
            target = SearchByImages((image,))
            save_search(project, SavedSearch(name, target, ImageQuery(), 5))
        for text in ("no JSON", "[]", '{"limit": 1}'):
            stored.choices.choose(project.catalog, f"search:broken {text}", text, "me", "x")
        assert [saved.name for saved in list_searches(project)] == ["A", "b", "c"]


def test_a_path_in_a_catalog_never_leads_out_of_the_project(tmp_path: Path) -> None:
    saved = SavedSearch("evil", SearchByFile("../../secret.png"), ImageQuery(), 5)
    with make_project(tmp_path, ["a.jpg"]) as project:
        stored.save_search(project.catalog, saved, "me", "x")
        [found] = list_searches(project)
        assert isinstance(found.target, SearchByFile)
        assert Path(found.target.path).parent == project.folder / "searches"


def test_a_search_that_an_older_version_saved_is_read(tmp_path: Path) -> None:
    query = '{"queue": "all", "folder": null, "keyword": null, "text": null}'
    with make_project(tmp_path, ["a.jpg"]) as project:
        old = f'{{"query": {query}, "limit": 5, "text": "bro"}}'
        stored.choices.choose(project.catalog, "search:old", old, "me", "x")
        assert list_searches(project) == [SavedSearch("old", SearchByText("bro"), ImageQuery(), 5)]
