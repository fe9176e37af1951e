"""Deciding through the door: provenance, steps, bulk."""

import getpass
from collections.abc import Iterator
from pathlib import Path

import pytest
from made_up import ids, import_keywords, make_project

from core.catalog.keywords import find_keyword
from core.errors import ClipkwError
from core.types import (
    Changes,
    Decision,
    ImageQuery,
    KeywordId,
    QueueName,
    Verdict,
)
from core.workflows import browse, label
from core.workflows.label import BulkPreview
from core.workflows.person import person
from core.workflows.project import Project

PATHS = [f"{folder}/{number}.jpg" for folder in "ab" for number in range(5)]


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with make_project(tmp_path, PATHS) as made:
        import_keywords(made, {"a/0.jpg": ["kran", "skip"], "a/1.jpg": ["kran"]})
        yield made


def keyword(project: Project, name: str) -> KeywordId:
    found = find_keyword(project.catalog, name)
    assert found is not None
    return found.id


def verdicts(project: Project, name: str) -> dict[str, Verdict]:
    chosen = keyword(project, name)
    return {
        image.path: said.verdict
        for image in browse.get_images(project, ids(project, PATHS))
        for said in browse.labels_of(project, [image.id])[image.id]
        if said.keyword == chosen
    }


def test_a_decision_says_who_when_and_on_what_grounds(project: Project) -> None:
    [image] = ids(project, ["b/0.jpg"])
    kran = keyword(project, "kran")
    chosen = Decision(image, kran, Verdict.ACCEPTED, "neighbor-search", 0.75)
    assert label.decide(project, [chosen], "Accept “kran”") == Changes(frozenset({image}))
    [said] = browse.labels_of(project, [image])[image]
    assert (said.verdict, said.by) == (Verdict.ACCEPTED, getpass.getuser())
    assert (said.model, said.confidence) == ("neighbor-search", 0.75)
    assert label.undo_title(project) == "Accept “kran”"


def test_undo_and_redo(project: Project) -> None:
    [image] = ids(project, ["a/1.jpg"])
    label.decide(project, [Decision(image, keyword(project, "kran"), Verdict.REJECTED)], "Reject")
    assert label.redo_title(project) is None
    undone = label.undo(project)
    assert undone is not None
    assert undone.images == (image,)
    assert verdicts(project, "kran")["a/1.jpg"] is Verdict.IMPORTED
    assert label.redo_title(project) == "Reject"
    assert label.redo(project) is not None
    assert verdicts(project, "kran")["a/1.jpg"] is Verdict.REJECTED
    assert label.redo(project) is None


def test_a_keyword_is_added_by_name(project: Project) -> None:
    images = ids(project, ["b/0.jpg", "b/1.jpg"])
    made, changes = label.add_keyword(project, images, " beltekran ")
    assert made.no == "beltekran"
    assert changes.label_images == frozenset(images)
    assert changes.keywords == {made.id}
    again, changes = label.add_keyword(project, images[:1], "BELTEKRAN")
    assert (again, changes) == (made, Changes())
    assert label.undo_title(project) == "Add “beltekran”"
    label.undo(project)
    assert find_keyword(project.catalog, "beltekran") is None
    with pytest.raises(ClipkwError):
        label.add_keyword(project, images, "  ")


def test_preview_counts_what_bulk_changes(project: Project) -> None:
    kran = keyword(project, "kran")
    a0, a1, a2 = ids(project, ["a/0.jpg", "a/1.jpg", "a/2.jpg"])
    label.decide(project, [Decision(a0, kran, Verdict.ACCEPTED)], "Accept")
    label.decide(project, [Decision(a2, kran, Verdict.REJECTED)], "Reject")
    query = ImageQuery(folder="a")
    preview = label.preview_bulk(project, query, kran, Verdict.ACCEPTED)
    # a/1 confirms the table, a/3 and a/4 are new
    assert preview == BulkPreview(images=5, newly=3, already=1, overrides=1)
    changes = label.decide_bulk(project, query, kran, Verdict.ACCEPTED, "Accept on 5")
    assert len(changes.label_images) == preview.newly + preview.overrides
    assert set(verdicts(project, "kran").values()) == {Verdict.ACCEPTED}
    assert label.preview_bulk(project, query, kran, Verdict.ACCEPTED) == BulkPreview(5, 0, 5, 0)
    assert label.decide_bulk(project, query, kran, Verdict.ACCEPTED, "Again") == Changes()
    label.undo(project)
    assert verdicts(project, "kran") == {
        "a/0.jpg": Verdict.ACCEPTED,
        "a/1.jpg": Verdict.IMPORTED,
        "a/2.jpg": Verdict.REJECTED,
    }
    assert a1 in changes.label_images


def test_rejecting_contradicts_the_table(project: Project) -> None:
    preview = label.preview_bulk(
        project, ids(project, PATHS[:3]), keyword(project, "kran"), Verdict.REJECTED
    )
    assert preview == BulkPreview(images=3, newly=1, already=0, overrides=2)


def test_bulk_on_a_selection_named_twice(project: Project) -> None:
    chosen = ids(project, ["b/0.jpg", "b/0.jpg", "b/1.jpg"])
    skip = keyword(project, "skip")
    assert label.preview_bulk(project, chosen, skip, Verdict.ACCEPTED).images == 2
    changes = label.decide_bulk(project, chosen, skip, Verdict.ACCEPTED, "Accept")
    assert changes.label_images == frozenset(chosen)


def test_bulk_over_a_queue_takes_what_matches_now(project: Project) -> None:
    query = ImageQuery(queue=QueueName.UNLABELED)
    changes = label.decide_bulk(project, query, keyword(project, "skip"), Verdict.ACCEPTED, "All")
    assert len(changes.label_images) == 8
    assert len(browse.image_ids(project, query)) == 0
    label.undo(project)
    assert len(browse.image_ids(project, query)) == 8


@pytest.fixture
def no_account(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def fail() -> str:
        raise OSError("No username set in the environment")

    monkeypatch.setattr(getpass, "getuser", fail)
    person.cache_clear()
    yield
    person.cache_clear()


@pytest.mark.usefixtures("no_account")
def test_a_person_without_an_account_still_decides(project: Project) -> None:
    [image] = ids(project, ["b/0.jpg"])
    label.decide(project, [Decision(image, keyword(project, "skip"), Verdict.ACCEPTED)], "Accept")
    [said] = browse.labels_of(project, [image])[image]
    assert said.by == label.NOBODY
