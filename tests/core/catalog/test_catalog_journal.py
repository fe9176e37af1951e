"""Undo and redo of every edit, across restarts; and the log that loses nothing."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from sqlalchemy import select

from core.catalog import Catalog, decisions, images, journal, keywords, schema, step_sides
from core.catalog.journal import NextUndo, Step
from core.types import Changes, Decision, FileRecord, ImageId, Verdict

AddImages = Callable[..., list[ImageId]]


def owned(catalog: Catalog) -> tuple[list[Any], list[Any]]:
    """All rows of all labels and keywords: what undo and redo must restore exactly."""
    with catalog.read() as connection:
        labels = connection.execute(
            select(schema.labels).order_by(schema.labels.c.image, schema.labels.c.keyword)
        )
        words = connection.execute(select(schema.keywords).order_by(schema.keywords.c.id))
        return [tuple(row) for row in labels], [tuple(row) for row in words]


def log(catalog: Catalog) -> list[tuple[str, str]]:
    with catalog.read() as connection:
        rows = connection.execute(select(schema.steps).order_by(schema.steps.c.id))
        return [(row.title, row.state.value) for row in rows]


def test_nothing_to_undo_or_redo(catalog: Catalog) -> None:
    assert journal.undo_title(catalog) is None
    assert journal.redo_title(catalog) is None
    assert journal.undo(catalog) is None
    assert journal.redo(catalog) is None


def test_undo_restores_the_exact_label_and_redo_the_exact_decision(
    catalog: Catalog, add_images: AddImages
) -> None:
    (a,) = add_images("a.jpg")
    decisions.import_labels(catalog, [(a, ["tank"])], "table")
    imported = owned(catalog)
    tank = keywords.all_keywords(catalog)[0].id
    reject = Decision(a, tank, Verdict.REJECTED, "neighbor-search", 0.1)
    decisions.decide(catalog, [reject], "kari", "Reject tank")
    rejected = owned(catalog)
    assert journal.undo_title(catalog) == "Reject tank"

    changes = Changes(label_images=frozenset({a}))
    assert journal.undo(catalog) == Step("Reject tank", changes, (a,))
    assert owned(catalog) == imported
    assert journal.undo_title(catalog) == decisions.IMPORT_TITLE
    assert journal.redo_title(catalog) == "Reject tank"
    assert journal.redo(catalog) == Step("Reject tank", changes, (a,))
    assert owned(catalog) == rejected
    assert journal.redo_title(catalog) is None


def test_clearing_a_label_can_be_undone(catalog: Catalog, add_images: AddImages) -> None:
    (a,) = add_images("a.jpg")
    tank, _ = decisions.decide_by_name(catalog, [a], "tank", "kari", "Add tank")
    before = owned(catalog)
    decisions.decide(catalog, [Decision(a, tank.id, None)], "ola", "Clear")
    assert owned(catalog)[0] == []
    journal.undo(catalog)
    assert owned(catalog) == before
    journal.redo(catalog)
    assert owned(catalog)[0] == []


def test_undo_takes_away_the_keyword_the_step_made(catalog: Catalog, add_images: AddImages) -> None:
    a, b = add_images("a.jpg", "b.jpg")
    tank, _ = decisions.decide_by_name(catalog, [b, a], "tank", "kari", "Add tank")
    after = owned(catalog)
    changes = Changes(frozenset({a, b}), frozenset({tank.id}))
    assert journal.undo(catalog) == Step("Add tank", changes, (a, b))
    assert owned(catalog) == ([], [])
    assert keywords.find_keyword(catalog, "tank") is None
    assert journal.redo(catalog) == Step("Add tank", changes, (a, b))
    assert owned(catalog) == after


def test_what_undo_would_put_back_is_counted(catalog: Catalog, add_images: AddImages) -> None:
    a, b, c = add_images("a.jpg", "b.jpg", "c.jpg")
    assert journal.next_undo(catalog) is None
    decisions.import_labels(catalog, [(a, ["tank", "snow"]), (b, ["tank"])], "table")
    step = journal.next_undo(catalog)
    # three labels on two images, and two keywords that the import made
    assert step == NextUndo(1, decisions.IMPORT_TITLE, images=2, decisions=3, keywords=2)
    tank = keywords.all_keywords(catalog)[0].id
    decisions.decide(catalog, [Decision(c, tank, Verdict.ACCEPTED)], "kari", "Accept tank")
    assert journal.next_undo(catalog) == NextUndo(2, "Accept tank", 1, 1, 0)


def test_undo_of_a_step_leaves_one_made_meanwhile(catalog: Catalog, add_images: AddImages) -> None:
    a, b = add_images("a.jpg", "b.jpg")
    decisions.import_labels(catalog, [(a, ["tank"])], "table")
    looked_at = journal.next_undo(catalog)
    assert looked_at is not None
    tank = keywords.all_keywords(catalog)[0].id
    decisions.decide(catalog, [Decision(b, tank, Verdict.ACCEPTED)], "ola", "Accept tank")
    before = owned(catalog)
    assert journal.undo(catalog, only=looked_at.id) is None
    assert owned(catalog) == before
    journal.undo(catalog)
    undone = journal.undo(catalog, only=looked_at.id)
    assert undone is not None
    assert undone.title == decisions.IMPORT_TITLE


def test_number_of_an_undone_keyword_is_never_given_to_another(
    catalog: Catalog, path: Path
) -> None:
    first, _ = decisions.decide_by_name(catalog, [], "first", "kari", "Add first")
    journal.undo(catalog)
    with Catalog.open(path) as reopened:
        second, _ = decisions.decide_by_name(reopened, [], "second", "kari", "Add second")
    assert second.id != first.id


def test_import_is_one_step(catalog: Catalog, add_images: AddImages) -> None:
    a, b = add_images("a.jpg", "b.jpg")
    decisions.decide_by_name(catalog, [a], "tank", "kari", "Add tank")
    before = owned(catalog)
    decisions.import_labels(catalog, [(a, ["tank", "bro"]), (b, ["tank"])], "table")
    after = owned(catalog)
    step = journal.undo(catalog)
    assert step is not None
    assert step.images == (a, b)
    assert owned(catalog) == before
    journal.redo(catalog)
    assert owned(catalog) == after


def test_new_step_makes_undone_ones_unreachable_and_keeps_them_in_the_log(
    catalog: Catalog, add_images: AddImages
) -> None:
    (a,) = add_images("a.jpg")
    for name in ("one", "two", "three"):
        decisions.decide_by_name(catalog, [a], name, "kari", name)
    journal.undo(catalog)
    journal.undo(catalog)
    assert journal.redo_title(catalog) == "two"
    decisions.decide_by_name(catalog, [a], "four", "kari", "four")
    assert journal.redo(catalog) is None
    expected = [("one", "done"), ("two", "abandoned"), ("three", "abandoned"), ("four", "done")]
    assert log(catalog) == expected

    journal.undo(catalog)
    assert journal.redo_title(catalog) == "four"
    journal.undo(catalog)
    assert journal.undo(catalog) is None
    assert [journal.redo(catalog), journal.redo(catalog)] != [None, None]
    assert log(catalog) == expected
    with catalog.read() as connection:
        changed = connection.execute(select(schema.label_changes)).all()
    assert len(changed) == 4


def test_scans_and_vectors_are_not_steps(catalog: Catalog, add_images: AddImages) -> None:
    add_images("a.jpg")
    images.record_problem(catalog, "encode", "a.jpg", "Too large.")
    assert journal.undo(catalog) is None


@pytest.mark.parametrize("restart", [False, True])
def test_failed_undo_changes_nothing(
    catalog: Catalog,
    path: Path,
    add_images: AddImages,
    monkeypatch: pytest.MonkeyPatch,
    restart: bool,
) -> None:
    (a,) = add_images("a.jpg")
    decisions.decide_by_name(catalog, [a], "tank", "kari", "Add tank")
    before = owned(catalog)

    def fail(*_: object) -> None:
        raise OSError

    monkeypatch.setattr(step_sides, "_set_keywords", fail)
    with pytest.raises(OSError):  # noqa: PT011
        journal.undo(catalog)
    if restart:
        catalog.close()
        catalog = Catalog.open(path)
    assert owned(catalog) == before
    assert journal.undo_title(catalog) == "Add tank"
    catalog.close()


NAMES = st.sampled_from(["tank", "TANK ", "bro", "Ås", "ås", "fly", "bil"])
IMAGES = st.integers(1, 4).map(ImageId)
VERDICTS = st.sampled_from(
    [Verdict.ACCEPTED, Verdict.ACCEPTED, Verdict.REJECTED, Verdict.UNSURE, None]
)


class Edits(RuleBasedStateMachine):
    """A person who edits, undoes, redoes and restarts, and remembers every state."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "catalog.sqlite"
        self.catalog = Catalog.create(self.path)
        found = [FileRecord(f"{i}.jpg", f"{i}", 1, 1, 1, 1) for i in range(4)]
        images.record_scan(self.catalog, found, [], [], [])
        self.states = [owned(self.catalog)]
        self.now = 0

    def teardown(self) -> None:
        while self.now:
            self.undo()
        assert journal.undo(self.catalog) is None
        while self.now < len(self.states) - 1:
            self.redo()
        assert journal.redo(self.catalog) is None
        self.catalog.close()
        self.folder.cleanup()

    def _note(self, changes: Changes) -> None:
        if not changes:
            assert owned(self.catalog) == self.states[self.now]
            return
        del self.states[self.now + 1 :]
        self.states.append(owned(self.catalog))
        self.now += 1

    @rule(wanted=st.lists(st.tuples(IMAGES, st.integers(0, 6), VERDICTS), max_size=6))
    def decide(self, wanted: list[tuple[ImageId, int, Verdict | None]]) -> None:
        known = keywords.all_keywords(self.catalog)
        if not known:
            return
        requested = [Decision(i, known[k % len(known)].id, v, "m", 0.3) for i, k, v in wanted]
        self._note(decisions.decide(self.catalog, requested, "kari", "Decide"))

    @rule(name=NAMES, ids=st.lists(IMAGES, max_size=3))
    def add(self, name: str, ids: list[ImageId]) -> None:
        self._note(decisions.decide_by_name(self.catalog, ids, name, "kari", "Add")[1])

    @rule(table=st.lists(st.tuples(IMAGES, st.lists(NAMES, max_size=3)), max_size=4))
    def import_table(self, table: list[tuple[ImageId, list[str]]]) -> None:
        before = {(row[0], row[1]): row for row in self.states[self.now][0]}
        self._note(decisions.import_labels(self.catalog, table, "table").changes)
        after = {(row[0], row[1]): row for row in self.states[self.now][0]}
        assert before.items() <= after.items()

    @rule()
    def undo(self) -> None:
        step = journal.undo(self.catalog)
        assert (step is None) == (self.now == 0)
        self.now -= step is not None

    @rule()
    def redo(self) -> None:
        step = journal.redo(self.catalog)
        assert (step is None) == (self.now == len(self.states) - 1)
        self.now += step is not None

    @rule()
    def restart(self) -> None:
        self.catalog.close()
        self.catalog = Catalog.open(self.path)

    @invariant()
    def everything_is_as_remembered(self) -> None:
        assert owned(self.catalog) == self.states[self.now]


TestEdits = Edits.TestCase
TestEdits.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
