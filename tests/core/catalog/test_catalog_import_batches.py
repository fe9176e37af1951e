"""An import in batches is one step, and what a person did meanwhile is undone before it."""

from __future__ import annotations

from collections.abc import Callable

from core.catalog import Catalog, decisions, journal, keywords
from core.types import Decision, ImageId, Verdict

AddImages = Callable[..., list[ImageId]]


def said(catalog: Catalog, *images: ImageId) -> list[dict[str, Verdict]]:
    names = {keyword.id: keyword.no for keyword in keywords.all_keywords(catalog)}
    labels = decisions.labels_of(catalog, images)
    return [{names[one.keyword]: one.verdict for one in labels[image]} for image in images]


def test_batches_are_undone_and_done_again_at_once(catalog: Catalog, add_images: AddImages) -> None:
    a, b = add_images("a.jpg", "b.jpg")
    decisions.import_more_labels(catalog, [(a, ["tank"])], "table")
    decisions.import_more_labels(catalog, [(b, ["tank", "snow"])], "table")
    whole = said(catalog, a, b)
    assert whole == [{"tank": Verdict.IMPORTED}, dict.fromkeys(("snow", "tank"), Verdict.IMPORTED)]
    assert journal.undo(catalog) is not None
    assert said(catalog, a, b) == [{}, {}]
    assert keywords.all_keywords(catalog) == []
    assert journal.undo_title(catalog) is None
    journal.redo(catalog)
    assert said(catalog, a, b) == whole


def test_what_was_decided_meanwhile_stays_and_is_undone_first(
    catalog: Catalog, add_images: AddImages
) -> None:
    a, b = add_images("a.jpg", "b.jpg")
    decisions.import_more_labels(catalog, [(a, ["tank", "snow"])], "table")
    tank = keywords.find_keyword(catalog, "tank")
    assert tank is not None
    decisions.decide(catalog, [Decision(a, tank.id, Verdict.REJECTED)], "kari", "Reject tank")
    decisions.import_more_labels(catalog, [(b, ["tank"])], "table")
    assert said(catalog, a, b) == [
        {"tank": Verdict.REJECTED, "snow": Verdict.IMPORTED},
        {"tank": Verdict.IMPORTED},
    ]
    step = journal.undo(catalog)
    assert step is not None
    assert step.title == "Reject tank"
    assert said(catalog, a, b)[1] == {"tank": Verdict.IMPORTED}
    decisions.import_more_labels(catalog, [(b, ["snow"])], "table")
    assert journal.redo_title(catalog) == "Reject tank"
    journal.redo(catalog)
    assert said(catalog, a)[0]["tank"] is Verdict.REJECTED
    journal.undo(catalog)
    journal.undo(catalog)
    assert said(catalog, a, b) == [{}, {}]


def test_a_keyword_made_meanwhile_gives_the_batch_a_step_of_its_own(
    catalog: Catalog, add_images: AddImages
) -> None:
    a, b = add_images("a.jpg", "b.jpg")
    decisions.import_more_labels(catalog, [(a, ["tank"])], "table")
    decisions.decide_by_name(catalog, [a], "jeep", "kari", "Add jeep")
    decisions.import_more_labels(catalog, [(b, ["jeep"])], "table")
    for left in (
        [{"tank": Verdict.IMPORTED, "jeep": Verdict.ACCEPTED}, {}],
        [{"tank": Verdict.IMPORTED}, {}],
        [{}, {}],
    ):
        journal.undo(catalog)
        assert said(catalog, a, b) == left


def test_after_an_undone_import_a_batch_begins_anew(
    catalog: Catalog, add_images: AddImages
) -> None:
    a, b = add_images("a.jpg", "b.jpg")
    decisions.import_more_labels(catalog, [(a, ["tank"])], "table")
    journal.undo(catalog)
    decisions.import_more_labels(catalog, [(b, ["tank"])], "table")
    assert said(catalog, a, b) == [{}, {"tank": Verdict.IMPORTED}]
    assert journal.redo_title(catalog) is None
