"""Editing the vocabulary: labels follow keywords, every edit is one step, undo restores exactly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from core.catalog import Catalog, decisions, journal, keywords, schema
from core.catalog.keyword_edits import (
    KeywordEdit,
    MergePreview,
    edit_keywords,
    merge_keywords,
    preview_merge,
)
from core.errors import KeywordError
from core.types import Changes, Decision, ImageId, Keyword, KeywordId, KeywordStatus, Verdict

AddImages = Callable[..., list[ImageId]]


def everything(catalog: Catalog) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of what analysts own."""
    tables = [schema.keywords, schema.synonyms, schema.labels]
    with catalog.read() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(select(table))]
            for table in tables
        }


def named(catalog: Catalog, name: str) -> Keyword:
    found = keywords.find_keyword(catalog, name)
    assert found is not None
    return found


def edit(catalog: Catalog, *edits: KeywordEdit) -> Changes:
    return edit_keywords(catalog, edits, "kari", "Edit")


@pytest.fixture
def clock(catalog: Catalog, add_images: AddImages) -> list[ImageId]:
    """Six images with klokka or klokken, imported by a table."""
    ids = add_images(*(f"{name}.jpg" for name in "abcdef"))
    table = [(ids[0], ["klokka"]), (ids[1], ["klokken"]), (ids[2], ["klokka", "klokken"])]
    decisions.import_labels(catalog, table, "table")
    return ids


def test_label_and_table_follow_a_renamed_keyword(catalog: Catalog, clock: list[ImageId]) -> None:
    before = everything(catalog)
    klokka = named(catalog, "klokka")
    changes = edit(catalog, KeywordEdit(klokka.id, no="  Klokke ", en="clock"))
    assert changes == Changes(keywords=frozenset({klokka.id}))
    assert named(catalog, "KLOKKA") == Keyword(klokka.id, "Klokke", "clock", klokka.status)
    assert keywords.synonyms_of(catalog) == {klokka.id: ("klokka",)}
    assert len(decisions.verdicts_on(catalog, klokka.id)) == 2
    again = decisions.import_labels(catalog, [(clock[3], ["klokka"])], "table")
    assert (again.keywords_added, again.labels_added) == (0, 1)
    journal.undo(catalog)
    after = everything(catalog)
    journal.undo(catalog)
    assert everything(catalog) == before
    journal.redo(catalog)
    assert everything(catalog) == after


def test_name_that_differs_in_case_only_leaves_no_synonym(
    catalog: Catalog, clock: list[ImageId]
) -> None:
    klokka = named(catalog, "klokka")
    edit(catalog, KeywordEdit(klokka.id, no="KLOKKA"))
    assert named(catalog, "klokka").no == "KLOKKA"
    assert keywords.synonyms_of(catalog) == {}


def test_former_name_that_comes_back_is_no_synonym(catalog: Catalog, clock: list[ImageId]) -> None:
    klokka = named(catalog, "klokka").id
    edit(catalog, KeywordEdit(klokka, no="Ur"))
    edit(catalog, KeywordEdit(klokka, no="klokka"))
    assert keywords.synonyms_of(catalog) == {klokka: ("Ur",)}


def test_names_are_exchanged_and_undone(catalog: Catalog, clock: list[ImageId]) -> None:
    before = everything(catalog)
    one, two = named(catalog, "klokka").id, named(catalog, "klokken").id
    with pytest.raises(KeywordError, match="stands for"):
        edit(catalog, KeywordEdit(one, no="klokken"))
    assert everything(catalog) == before
    edit(catalog, KeywordEdit(one, no="klokken"), KeywordEdit(two, no="klokka"))
    assert (named(catalog, "klokka").id, named(catalog, "klokken").id) == (two, one)
    assert keywords.synonyms_of(catalog) == {}
    exchanged = everything(catalog)
    journal.undo(catalog)
    journal.redo(catalog)
    assert everything(catalog) == exchanged
    journal.undo(catalog)
    assert everything(catalog) == before


@pytest.mark.parametrize("name", ["", "  ", "a\0b"])
def test_name_must_be_text(catalog: Catalog, clock: list[ImageId], name: str) -> None:
    with pytest.raises(KeywordError):
        edit(catalog, KeywordEdit(named(catalog, "klokka").id, no=name))


def test_synonym_stands_for_one_keyword(catalog: Catalog, clock: list[ImageId]) -> None:
    one, two = named(catalog, "klokka").id, named(catalog, "klokken").id
    edit(catalog, KeywordEdit(one, synonyms=("ur", "Ur ", "klokka", "Armbåndsur")))
    assert keywords.synonyms_of(catalog) == {one: ("Armbåndsur", "Ur")}
    for taken in ("UR", "klokka"):
        with pytest.raises(KeywordError, match="“klokka”"):
            edit(catalog, KeywordEdit(two, synonyms=(taken,)))
    with pytest.raises(KeywordError, match="stands for"):
        edit(catalog, KeywordEdit(None, no="armbåndsur"))


def test_new_keyword_is_made_with_names(catalog: Catalog) -> None:
    edit(catalog, KeywordEdit(None, "lastebil", "truck", KeywordStatus.CONFIRMED, ("trucken",)))
    made = named(catalog, "trucken")
    assert (made.no, made.en, made.status) == ("lastebil", "truck", KeywordStatus.CONFIRMED)
    journal.undo(catalog)
    assert keywords.all_keywords(catalog) == []
    journal.redo(catalog)
    assert named(catalog, "Trucken") == made


def test_english_name_is_taken_away(catalog: Catalog, clock: list[ImageId]) -> None:
    klokka = named(catalog, "klokka").id
    edit(catalog, KeywordEdit(klokka, en="clock"))
    edit(catalog, KeywordEdit(klokka, en=" "))
    assert named(catalog, "klokka").en is None


def test_edit_that_changes_nothing_is_no_step(catalog: Catalog, clock: list[ImageId]) -> None:
    assert edit(catalog, KeywordEdit(named(catalog, "klokka").id, no="klokka")) == Changes()
    assert journal.undo_title(catalog) == decisions.IMPORT_TITLE


def test_unknown_keyword_changes_nothing(catalog: Catalog, clock: list[ImageId]) -> None:
    before = everything(catalog)
    klokka = named(catalog, "klokka").id
    with pytest.raises(KeywordError, match="any more"):
        edit(catalog, KeywordEdit(klokka, no="ur"), KeywordEdit(KeywordId(99), no="x"))
    for others in ([], [klokka], [KeywordId(99)]):
        with pytest.raises(KeywordError):
            merge_keywords(catalog, klokka, others, "kari", "Merge")
    assert everything(catalog) == before


def test_merge_unites_labels_names_and_keeps_who_said_it(
    catalog: Catalog, clock: list[ImageId]
) -> None:
    a, b, c, d, e, f = clock
    one, two = named(catalog, "klokka").id, named(catalog, "klokken").id
    said = [
        Decision(d, two, Verdict.ACCEPTED, "neighbor-search", 0.75),
        Decision(d, one, Verdict.REJECTED),
        Decision(e, two, Verdict.REJECTED),
        Decision(f, two, Verdict.REJECTED),
        Decision(f, one, Verdict.UNSURE),
    ]
    decisions.decide(catalog, said, "ola", "Decide")
    edit(catalog, KeywordEdit(two, en="the clock", synonyms=("klokker",)))
    before = everything(catalog)
    assert preview_merge(catalog, one, [two]) == MergePreview(gain=1, have=2, contradicted=1)
    assert everything(catalog) == before

    changes = merge_keywords(catalog, one, [two], "kari", "Merge")
    assert changes == Changes(frozenset({b, c, d, e, f}), frozenset({one, two}))
    assert keywords.all_keywords(catalog) == [
        Keyword(one, "klokka", "the clock", KeywordStatus.IMPORTED)
    ]
    assert keywords.synonyms_of(catalog) == {one: ("klokken", "klokker")}
    assert decisions.verdicts_on(catalog, two) == {}
    found = {key: labels[0] for key, labels in decisions.labels_of(catalog, clock).items()}
    assert {key: (label.verdict, label.by) for key, label in found.items()} == {
        a: (Verdict.IMPORTED, "table"),
        b: (Verdict.IMPORTED, "table"),
        c: (Verdict.IMPORTED, "table"),
        d: (Verdict.ACCEPTED, "ola"),
        e: (Verdict.REJECTED, "ola"),
        f: (Verdict.REJECTED, "ola"),
    }
    assert (found[d].model, found[d].confidence) == ("neighbor-search", 0.75)

    merged = everything(catalog)
    journal.undo(catalog)
    assert everything(catalog) == before
    journal.redo(catalog)
    assert everything(catalog) == merged
    table = decisions.import_labels(catalog, [(a, ["Klokken", "KLOKKER"])], "table")
    assert (table.keywords_added, table.labels_added) == (0, 0)


def test_merge_survives_a_restart(catalog: Catalog, clock: list[ImageId]) -> None:
    before = everything(catalog)
    one, two = named(catalog, "klokka").id, named(catalog, "klokken").id
    merge_keywords(catalog, one, [two], "kari", "Merge")
    merged = everything(catalog)
    catalog.close()
    with Catalog.open(catalog.path) as opened:
        journal.undo(opened)
        assert everything(opened) == before
    with Catalog.open(catalog.path) as opened:
        journal.redo(opened)
        assert everything(opened) == merged
