"""Decisions by people and labels from tables, and the vocabulary they make."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np
import pytest
from sqlalchemy import update

from core.catalog import Catalog, decisions, images, journal, keywords, schema
from core.errors import KeywordError, ProjectError
from core.types import (
    Changes,
    Decision,
    FileRecord,
    ImageId,
    Keyword,
    KeywordId,
    KeywordStatus,
    Label,
    Verdict,
)

AddImages = Callable[..., list[ImageId]]


@pytest.fixture
def tank(catalog: Catalog) -> KeywordId:
    return decisions.decide_by_name(catalog, [], "Stridsvogn", "kari", "New keyword")[0].id


def decide(catalog: Catalog, *wanted: Decision) -> Changes:
    return decisions.decide(catalog, wanted, "kari", "Decide")


def verdicts(catalog: Catalog, image: ImageId) -> dict[KeywordId, Verdict]:
    labels = decisions.labels_of(catalog, [image])[image]
    return {label.keyword: label.verdict for label in labels}


def set_english(catalog: Catalog, keyword: KeywordId, en: str) -> None:
    row = keywords.values("Stridsvogn", en, KeywordStatus.MACHINE)
    with catalog.write() as connection:
        connection.execute(
            update(schema.keywords).where(schema.keywords.c.id == keyword).values(row)
        )


def test_decision_says_who_when_and_which_suggestion(
    catalog: Catalog, add_images: AddImages, tank: KeywordId
) -> None:
    a, b = add_images("a.jpg", "b.jpg")
    start = datetime.now(UTC)
    confidence = np.float32(0.1)
    changes = decide(
        catalog,
        Decision(a, tank, Verdict.ACCEPTED, "neighbor-search", confidence),  # type: ignore[arg-type]
        Decision(b, tank, Verdict.UNSURE),
    )
    assert changes == Changes(label_images=frozenset({a, b}))
    labels = decisions.labels_of(catalog, [b, a])
    at = labels[a][0].at
    assert start <= at <= datetime.now(UTC)
    assert at.utcoffset() == UTC.utcoffset(None)
    expected = Label(a, tank, Verdict.ACCEPTED, "kari", at, "neighbor-search", float(confidence))
    assert labels == {b: (Label(b, tank, Verdict.UNSURE, "kari", at),), a: (expected,)}


def test_images_without_labels_have_none(catalog: Catalog, add_images: AddImages) -> None:
    (a,) = add_images("a.jpg")
    assert decisions.labels_of(catalog, [a, ImageId(99)]) == {a: (), 99: ()}
    assert decisions.labels_of(catalog, []) == {}


def test_verdict_can_change_and_be_cleared(
    catalog: Catalog, add_images: AddImages, tank: KeywordId
) -> None:
    (a,) = add_images("a.jpg")
    for verdict in (Verdict.ACCEPTED, Verdict.REJECTED, Verdict.UNSURE):
        assert decide(catalog, Decision(a, tank, verdict))
        assert verdicts(catalog, a) == {tank: verdict}
    assert decide(catalog, Decision(a, tank, None)) == Changes(label_images=frozenset({a}))
    assert verdicts(catalog, a) == {}


def test_saying_the_same_again_keeps_the_first_and_is_no_step(
    catalog: Catalog, add_images: AddImages, tank: KeywordId
) -> None:
    a, b = add_images("a.jpg", "b.jpg")
    decide(catalog, Decision(a, tank, Verdict.ACCEPTED))
    before = decisions.labels_of(catalog, [a])
    again = [Decision(a, tank, Verdict.ACCEPTED), Decision(b, tank, None)]
    assert not decisions.decide(catalog, again, "ola", "Again")
    assert not decisions.decide(catalog, [], "ola", "Nothing")
    assert decisions.labels_of(catalog, [a]) == before
    assert journal.undo_title(catalog) == "Decide"


def test_of_several_decisions_on_one_label_the_last_counts(
    catalog: Catalog, add_images: AddImages, tank: KeywordId
) -> None:
    (a,) = add_images("a.jpg")
    decide(catalog, Decision(a, tank, Verdict.ACCEPTED), Decision(a, tank, Verdict.REJECTED))
    assert verdicts(catalog, a) == {tank: Verdict.REJECTED}


def test_unknown_image_or_keyword_changes_nothing(
    catalog: Catalog, add_images: AddImages, tank: KeywordId
) -> None:
    (a,) = add_images("a.jpg")
    good = Decision(a, tank, Verdict.ACCEPTED)
    for bad in (
        Decision(ImageId(99), tank, Verdict.ACCEPTED),
        Decision(a, KeywordId(99), Verdict.ACCEPTED),
    ):
        with pytest.raises(ProjectError, match="no longer in the catalog"):
            decide(catalog, good, bad)
    assert verdicts(catalog, a) == {}
    assert journal.undo_title(catalog) == "New keyword"


def test_new_keyword_is_made_in_the_step_that_uses_it(
    catalog: Catalog, add_images: AddImages
) -> None:
    a, b = add_images("a.jpg", "b.jpg")
    keyword, changes = decisions.decide_by_name(catalog, [a, b], " Rød \t bil ", "kari", "Add")
    assert keyword == Keyword(keyword.id, "Rød bil", None, KeywordStatus.CONFIRMED)
    assert changes == Changes(frozenset({a, b}), frozenset({keyword.id}))
    assert keywords.all_keywords(catalog) == [keyword]
    again, changes = decisions.decide_by_name(catalog, [a], "RØD BIL", "kari", "Add")
    assert (again, bool(changes)) == (keyword, False)


@pytest.mark.parametrize("name", ["", "  \t\n", "\u00a0"])
def test_keyword_without_a_name_is_refused(
    catalog: Catalog, add_images: AddImages, name: str
) -> None:
    (a,) = add_images("a.jpg")
    with pytest.raises(KeywordError, match="needs a name"):
        decisions.decide_by_name(catalog, [a], name, "kari", "Add")
    with pytest.raises(KeywordError, match="needs a name"):
        decisions.import_labels(catalog, [(a, ["tank", name])], "table")
    assert keywords.find_keyword(catalog, name) is None
    assert keywords.all_keywords(catalog) == []


def test_name_that_cannot_be_stored_is_refused(catalog: Catalog) -> None:
    for name in ("a\udcffb", "a\0b"):
        with pytest.raises(KeywordError, match="not text"):
            decisions.decide_by_name(catalog, [], name, "kari", "Add")


@pytest.mark.parametrize(
    "name",
    ["STRIDSVOGN", "  stridsvogn ", "Stridsvogn", "battle  TANK", "Battle tank\n"],
)
def test_keyword_is_found_by_either_name_whatever_the_case_and_space(
    catalog: Catalog, tank: KeywordId, name: str
) -> None:
    set_english(catalog, tank, "Battle tank")
    found = keywords.find_keyword(catalog, name)
    assert found is not None
    assert found.id == tank
    assert decisions.decide_by_name(catalog, [], name, "kari", "Add")[0].id == tank
    assert keywords.find_keyword(catalog, "Battle") is None


def test_letters_beyond_ascii_are_the_same_in_every_form(catalog: Catalog) -> None:
    bro = decisions.decide_by_name(catalog, [], "Flytebro på å", "kari", "Add")[0]
    for name in ("FLYTEBRO PÅ Å", "flytebro pa\u030a a\u030a"):
        assert keywords.find_keyword(catalog, name) == bro


def test_norwegian_name_goes_before_an_english_one(catalog: Catalog, tank: KeywordId) -> None:
    set_english(catalog, tank, "tank")
    with catalog.write() as connection:
        made = keywords.create(connection, "Tank", KeywordStatus.IMPORTED)
    assert keywords.find_keyword(catalog, "TANK") == made


def test_import_makes_labels_and_keywords_once(catalog: Catalog, add_images: AddImages) -> None:
    a, b, c = add_images("a.jpg", "b.jpg", "c.jpg")
    table = [(a, ["Tank", "Bro", " tank"]), (b, ["TANK"]), (c, []), (a, ["bro"])]
    imported = decisions.import_labels(catalog, iter(table), "table")
    assert (imported.labels_added, imported.keywords_added) == (3, 2)
    names = {keyword.no: keyword for keyword in keywords.all_keywords(catalog)}
    assert set(names) == {"Tank", "Bro"}
    assert {keyword.status for keyword in names.values()} == {KeywordStatus.IMPORTED}
    tank, bro = names["Tank"].id, names["Bro"].id
    assert imported.changes == Changes(frozenset({a, b}), frozenset({tank, bro}))
    assert verdicts(catalog, a) == {tank: Verdict.IMPORTED, bro: Verdict.IMPORTED}
    assert verdicts(catalog, b) == {tank: Verdict.IMPORTED}
    assert {label.by for label in decisions.labels_of(catalog, [a])[a]} == {"table"}

    again = decisions.import_labels(catalog, table, "another table")
    assert (again.labels_added, again.keywords_added, bool(again.changes)) == (0, 0, False)
    assert {label.by for label in decisions.labels_of(catalog, [a])[a]} == {"table"}


@pytest.mark.parametrize("verdict", [Verdict.ACCEPTED, Verdict.REJECTED, Verdict.UNSURE])
def test_import_never_overrides_a_person(
    catalog: Catalog, add_images: AddImages, tank: KeywordId, verdict: Verdict
) -> None:
    (a,) = add_images("a.jpg")
    decide(catalog, Decision(a, tank, verdict))
    before = decisions.labels_of(catalog, [a])
    imported = decisions.import_labels(catalog, [(a, ["stridsvogn"])], "table")
    assert (imported.labels_added, imported.keywords_added) == (0, 0)
    assert decisions.labels_of(catalog, [a]) == before


def test_import_takes_names_as_norwegian(
    catalog: Catalog, add_images: AddImages, tank: KeywordId
) -> None:
    """A "tank" is a reservoir in Norwegian, whatever the English name of a "stridsvogn"."""
    (a,) = add_images("a.jpg")
    set_english(catalog, tank, "tank")
    imported = decisions.import_labels(catalog, [(a, ["tank"])], "table")
    assert imported.keywords_added == 1
    assert tank not in verdicts(catalog, a)


def test_retired_keyword_stays_and_keeps_its_labels(
    catalog: Catalog, add_images: AddImages, tank: KeywordId
) -> None:
    (a,) = add_images("a.jpg")
    decide(catalog, Decision(a, tank, Verdict.ACCEPTED))
    with catalog.write() as connection:
        connection.execute(update(schema.keywords).values(status=KeywordStatus.RETIRED))
    retired = Keyword(tank, "Stridsvogn", None, KeywordStatus.RETIRED)
    assert keywords.all_keywords(catalog) == [retired]
    assert keywords.find_keyword(catalog, "stridsvogn") == retired
    assert decisions.import_labels(catalog, [(a, ["stridsvogn"])], "table").keywords_added == 0
    assert verdicts(catalog, a) == {tank: Verdict.ACCEPTED}


def test_pairs_are_sorted_by_image(catalog: Catalog, add_images: AddImages) -> None:
    a, b = add_images("a.jpg", "b.jpg")
    decisions.import_labels(catalog, [(b, ["x", "y", "z"]), (a, ["z", "x"])], "table")
    x, y, z = (keyword.id for keyword in keywords.all_keywords(catalog))
    decide(catalog, Decision(b, y, Verdict.REJECTED), Decision(b, z, Verdict.UNSURE))
    decide(catalog, Decision(b, x, Verdict.ACCEPTED), Decision(a, y, Verdict.REJECTED))

    positive = decisions.positive_labels(catalog)
    rejected = decisions.rejected_labels(catalog)
    assert list(zip(*(ids.tolist() for ids in positive), strict=True)) == [(a, x), (a, z), (b, x)]
    assert list(zip(*(ids.tolist() for ids in rejected), strict=True)) == [(a, y), (b, y)]
    assert all(ids.dtype == np.int64 and ids.ndim == 1 for ids in positive + rejected)
    assert decisions.verdicts_on(catalog, y) == {a: Verdict.REJECTED, b: Verdict.REJECTED}


def test_no_pairs_in_an_empty_catalog(catalog: Catalog) -> None:
    for ids in decisions.positive_labels(catalog) + decisions.rejected_labels(catalog):
        assert ids.shape == (0,)
        assert ids.dtype == np.int64


@pytest.mark.parametrize("names", [1, 40])
def test_more_decisions_than_parameters_of_a_statement(catalog: Catalog, names: int) -> None:
    """Both ways of looking labels up: few keywords on many images, and a whole table."""
    count = 34_000 // names
    found = [FileRecord(f"{i:05d}.jpg", f"{i}", i, i, 1, 1) for i in range(count)]
    images.record_scan(catalog, found, [], [], [])
    ids = [file.id for file in images.known_files(catalog).values()]
    table = [(i, [f"k{(i + j) % 97}" for j in range(names)]) for i in ids]
    imported = decisions.import_labels(catalog, table, "table")
    assert imported.labels_added == count * names
    wanted = [
        Decision(ImageId(image), KeywordId(keyword), Verdict.REJECTED)
        for image, keyword in np.stack(decisions.positive_labels(catalog)).T.tolist()
    ]
    assert decisions.decide(catalog, wanted, "kari", "Reject all").label_images == set(ids)
    assert len(decisions.positive_labels(catalog)[0]) == 0
    journal.undo(catalog)
    assert len(decisions.positive_labels(catalog)[0]) == count * names
