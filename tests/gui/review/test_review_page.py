"""The Review page: real keys and clicks, checked in the catalog."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from review_bench import EACH, KINDS, MISSING, WRONG, ReviewBench, make_review_project

from clipkw_gui.actions import label
from clipkw_gui.delegates.count import count_text
from clipkw_gui.pages.review_bulk import FixManyDialog
from clipkw_gui.roles import Role
from core.catalog.keywords import find_keyword
from core.types import Decision, ImageId, ReviewKind, Verdict
from core.workflows.keywords import set_synonyms
from core.workflows.project import Project, create_project

Key = Qt.Key
Open = Callable[[Project], ReviewBench]
TWO_WRONG = set(WRONG.items())


def undo(bench: ReviewBench) -> None:
    """As the menu does it on every page."""
    label.undo_step(bench.context, lambda written: None, None)
    bench.settle()


# before labels are judged -------------------------------------------------------------------------


def test_without_an_encoder_it_says_what_to_do(tmp_path: Path, open_page: Open) -> None:
    with make_review_project(tmp_path, encoded=False) as project:
        bench = open_page(project)
        assert "Choose an encoder" in bench.page.gate.text.text()
        assert not bench.page.gate.button.isVisible()


def test_an_empty_project_says_what_to_do(tmp_path: Path, open_page: Open) -> None:
    (tmp_path / "tom").mkdir()
    with create_project(tmp_path / "tom-prosjekt", tmp_path / "tom", "made-up") as project:
        bench = open_page(project)
        assert "Import a table of keywords" in bench.page.gate.text.text()
        assert not bench.page.gate.button.isVisible()


def test_it_offers_to_judge_and_keys_do_nothing_before(project: Project, open_page: Open) -> None:
    bench = open_page(project)
    assert bench.page.gate.button.isVisible()
    assert str(len(bench.ids)) in bench.page.gate.text.text()
    for key in (Key.Key_F, Key.Key_C, Key.Key_M):
        bench.press(key)
    bench.settle()
    assert all(set(bench.said(n).values()) == {Verdict.IMPORTED} for n in range(len(bench.ids)))


def test_judging_is_a_job_that_can_be_cancelled(project: Project, open_page: Open) -> None:
    bench = open_page(project)
    bench.context.runner.job_started.connect(lambda job: job.cancel())
    bench.judge()
    (job,) = bench.context.runner.jobs()
    assert job.title == "Judge labels"
    assert bench.page.desk.ranked is None
    assert bench.page.gate.button.isVisible()


def test_what_goes_wrong_is_said_and_can_be_tried_again(project: Project, open_page: Open) -> None:
    bench = open_page(project)
    path = project.feature_path(project.settings.encoder.identity)
    kept = path.read_bytes()
    path.write_bytes(b"damaged")
    bench.judge()
    assert bench.page.gate.failure.isVisible()
    assert bench.page.gate.button.isVisible()
    path.write_bytes(kept)
    bench.judge()
    assert bench.page.desk.ranked is not None


# answering ----------------------------------------------------------------------------------------


def test_opens_with_the_most_doubtful_label(bench: ReviewBench) -> None:
    assert bench.asked in TWO_WRONG
    number, name = bench.asked
    assert name in bench.page.question.question.text()
    assert bench.page.viewer.hasFocus()
    labels = bench.page.question.labels
    shown = {labels.index(row).data() for row in range(labels.rowCount())}
    assert shown == {"arkiv", name, KINDS[number // EACH]}


def test_f_corrects_and_goes_on(bench: ReviewBench) -> None:
    first = bench.asked
    bench.press(Key.Key_F)
    bench.settle()
    assert bench.said(first[0])[first[1]] is Verdict.REJECTED
    second = bench.asked
    assert {first, second} == TWO_WRONG
    assert "last answers: 1 of 1" in bench.page.question.tally.text()


def test_c_confirms(bench: ReviewBench) -> None:
    number, name = bench.asked
    bench.press(Key.Key_C)
    bench.settle()
    assert bench.said(number)[name] is Verdict.ACCEPTED
    assert "last answers: 0 of 1" in bench.page.question.tally.text()


def test_u_marks_unsure_and_does_not_count(bench: ReviewBench) -> None:
    number, name = bench.asked
    bench.press(Key.Key_U)
    bench.settle()
    assert bench.said(number)[name] is Verdict.UNSURE
    assert bench.page.question.tally.text() == "No answers yet."


def test_space_skips_and_backspace_comes_back(bench: ReviewBench) -> None:
    first = bench.asked
    bench.press(Key.Key_Space)
    bench.settle()
    assert bench.asked != first
    assert set(bench.said(first[0]).values()) == {Verdict.IMPORTED}
    bench.press(Key.Key_Backspace)
    bench.settle()
    assert bench.asked == first


def test_fast_keys_keep_their_order(bench: ReviewBench) -> None:
    """No pause between keys: each is about the label that would be shown by then."""
    places = bench.page.queue.places
    doubts = [bench.page.desk.ranked.ranking.doubt(int(p)) for p in places[:4]]  # type: ignore[union-attr]
    for key in (Key.Key_F, Key.Key_C, Key.Key_Space, Key.Key_F):
        bench.press(key)
    bench.settle()
    said = [bench.page.desk.verdicts.get((d.image, d.keyword)) for d in doubts]
    assert said == [Verdict.REJECTED, Verdict.ACCEPTED, None, Verdict.REJECTED]


def test_buttons_do_what_the_keys_do(bench: ReviewBench) -> None:
    number, name = bench.asked
    assert bench.page.question.fix.text().endswith("F")
    bench.qtbot.mouseClick(bench.page.question.fix, Qt.MouseButton.LeftButton)
    bench.settle()
    assert bench.said(number)[name] is Verdict.REJECTED


def test_missing_keywords_are_added(bench: ReviewBench) -> None:
    bench.press(Key.Key_M)
    bench.settle()
    assert bench.page.kinds.current == 1
    first = bench.asked
    bench.press(Key.Key_F)
    bench.settle()
    second = bench.asked
    assert {first, second} == {(number, "fly") for number in MISSING}
    assert bench.said(first[0])["fly"] is Verdict.ACCEPTED
    bench.press(Key.Key_C)
    bench.settle()
    assert bench.said(second[0])["fly"] is Verdict.REJECTED
    assert "last answers: 1 of 2" in bench.page.question.tally.text()


def test_the_ranking_does_not_change_during_the_sitting(bench: ReviewBench) -> None:
    before = bench.page.queue.places.tolist()
    for key in (Key.Key_F, Key.Key_F, Key.Key_C, Key.Key_C):
        bench.press(key)
        bench.settle()
    assert bench.page.queue.places.tolist() == before
    marks = [bench.page.queue.index(row).data(Role.VERDICTS) for row in range(5)]
    assert [bool(mark) for mark in marks] == [True, True, True, True, False]


def test_what_was_answered_does_not_come_back(bench: ReviewBench) -> None:
    fixed = bench.asked
    bench.press(Key.Key_F)
    bench.settle()
    confirmed = bench.asked
    bench.press(Key.Key_C)
    bench.settle()
    bench.press(Key.Key_F5)
    bench.settle()
    ranked = bench.page.desk.ranked
    assert ranked is not None
    doubts = [ranked.ranking.doubt(place) for place in range(len(ranked.ranking))]
    left = {(bench.ids.index(one.image), ranked.keywords[one.keyword].no) for one in doubts}
    assert not left & {fixed, confirmed}


def test_undo_shows_what_it_was_about(bench: ReviewBench) -> None:
    first = bench.asked
    bench.press(Key.Key_F)
    bench.press(Key.Key_C)
    bench.settle()
    undo(bench)
    undo(bench)
    assert bench.asked == first
    assert bench.said(first[0])[first[1]] is Verdict.IMPORTED
    assert bench.page.queue.index(0).data(Role.VERDICTS) == frozenset()
    assert bench.page.question.tally.text() == "No answers yet."
    bench.press(Key.Key_F)
    bench.settle()
    assert bench.said(first[0])[first[1]] is Verdict.REJECTED


def test_a_decision_on_another_page_is_shown(bench: ReviewBench) -> None:
    number, name = bench.asked
    keyword = find_keyword(bench.project.catalog, name)
    assert keyword is not None
    decision = Decision(bench.ids[number], keyword.id, Verdict.ACCEPTED)
    label.decide(bench.context, [decision], "Accept", None, lambda written: None, None)
    bench.settle()
    assert bench.page.question.said.text() == "You kept it."
    assert bench.page.queue.index(0).data(Role.VERDICTS) == {Verdict.ACCEPTED}


def test_the_last_label_stays(bench: ReviewBench) -> None:
    bench.page.desk.step(len(bench.page.queue.places) - 1)
    bench.settle()
    bench.press(Key.Key_Space)
    bench.settle()
    assert bench.page.desk.row == len(bench.page.queue.places) - 1
    assert "last label" in bench.messages[-1]


def test_a_keyword_is_taken_off_with_its_cross(bench: ReviewBench) -> None:
    number, _ = bench.asked
    labels = bench.page.question.label_list
    row = next(r for r in range(3) if labels.model().index(r, 0).data() == "arkiv")
    labels.setCurrentIndex(labels.model().index(row, 0))
    bench.qtbot.keyClick(labels, Key.Key_Delete)
    bench.settle()
    assert "arkiv" not in bench.said(number)
    names = {labels.model().index(r, 0).data() for r in range(labels.model().rowCount())}
    assert "arkiv" not in names


# queues, evidence ---------------------------------------------------------------------------------


def test_a_keyword_has_a_queue_of_its_own(bench: ReviewBench) -> None:
    bench.press(Key.Key_M)
    bench.settle()
    queues = bench.page.queues
    assert queues.keywords.index(0).data() == "fly"
    index = queues.keywords.index(0)
    place = queues.list.visualRect(index).center()
    bench.qtbot.mouseClick(queues.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    bench.settle()
    model = bench.page.queue
    assert {model.index(row).data() for row in range(model.rowCount())} == {"fly"}
    assert not queues.every.isChecked()
    bench.qtbot.mouseClick(queues.every, Qt.MouseButton.LeftButton)
    bench.settle()
    assert model.rowCount() > len(MISSING)


def test_typing_in_the_field_answers_nothing(bench: ReviewBench) -> None:
    field = bench.page.queues.find
    field.setFocus()
    bench.qtbot.keyClicks(field, "fly")
    bench.settle()
    assert bench.page.queues.keywords.rowCount() == 1
    assert all(set(bench.said(n).values()) == {Verdict.IMPORTED} for n in range(len(bench.ids)))
    bench.qtbot.keyClick(field, Key.Key_Escape)
    assert bench.page.viewer.hasFocus()


def test_evidence_shows_both_sides_without_the_image(bench: ReviewBench) -> None:
    number, name = bench.asked
    for side, has in ((bench.page.having, True), (bench.page.lacking, False)):
        references = side.references
        assert references.rowCount() > 0
        for row in range(references.rowCount()):
            reference = references.reference(row)
            assert reference is not None
            assert reference.image != bench.ids[number]
            assert (name in references.index(row).data().split(", ")) is has


def test_a_reference_opens_beside_the_image_and_closes(bench: ReviewBench) -> None:
    page = bench.page
    strip = page.having.strip
    place = strip.visualRect(page.having.references.index(0)).center()
    bench.qtbot.mouseClick(strip.viewport(), Qt.MouseButton.LeftButton, pos=place)
    bench.settle()
    assert page.reference.isVisible()
    assert page.reference.has_picture
    bench.press(Key.Key_Escape)
    assert not page.reference.isVisible()


# many ---------------------------------------------------------------------------------------------


def dialog_of(bench: ReviewBench) -> FixManyDialog:
    dialog = bench.page.findChild(FixManyDialog)
    assert dialog is not None
    return dialog


def test_fix_many_previews_and_is_one_step(bench: ReviewBench) -> None:
    bench.press(Key.Key_M)
    bench.settle()
    bench.press(Key.Key_B, ctrl=True)
    dialog = dialog_of(bench)
    dialog.sure.setValue(50)
    assert dialog.apply.text() == f"Add ({len(MISSING)})"
    assert f"fly ({len(MISSING)})" in dialog.details.text()
    assert dialog.model.rowCount() == len(MISSING)
    scores = [dialog.model.doubt_at(row).score for row in range(2)]  # type: ignore[union-attr]
    assert scores == sorted(scores), "the least certain first"
    bench.qtbot.mouseClick(dialog.apply, Qt.MouseButton.LeftButton)
    bench.settle()
    assert [bench.said(number)["fly"] for number in MISSING] == [Verdict.ACCEPTED] * len(MISSING)
    assert bench.page.question.tally.text() == "No answers yet."
    undo(bench)
    assert all("fly" not in bench.said(number) for number in MISSING)


def test_fix_many_takes_the_selection_and_leaves_out_what_is_answered(bench: ReviewBench) -> None:
    bench.press(Key.Key_C)
    bench.settle()
    page = bench.page
    page.strip.selectAll()
    flags = page.strip.selectionModel().SelectionFlag.ClearAndSelect
    selection = page.strip.selectionModel().selection()
    selection.clear()
    selection.select(page.queue.index(0), page.queue.index(2))
    page.strip.selectionModel().select(selection, flags)
    bench.press(Key.Key_B, ctrl=True)
    dialog = dialog_of(bench)
    assert dialog.by_selection.isChecked()
    assert dialog.apply.text() == "Remove (2)"
    dialog.sure.setValue(100)
    assert not dialog.apply.isEnabled()
    assert "No open label" in dialog.details.text()
    dialog.reject()


# the page as a whole ------------------------------------------------------------------------------


def test_the_model_is_a_proper_one(bench: ReviewBench) -> None:
    QAbstractItemModelTester(bench.page.queue, QAbstractItemModelTester.FailureReportingMode.Fatal)
    bench.press(Key.Key_M)
    bench.press(Key.Key_W)
    bench.settle()
    assert bench.page.desk.kind is ReviewKind.WRONG


def test_another_project_starts_anew(bench: ReviewBench) -> None:
    bench.press(Key.Key_F)
    bench.settle()
    bench.context.set_session(None)
    bench.settle()
    assert bench.page.desk.ranked is None
    assert bench.page.queue.rowCount() == 0
    assert bench.page.gate.isVisible()


@pytest.mark.parametrize("kind", list(ReviewKind))
def test_menus_hold_every_key(bench: ReviewBench, kind: ReviewKind) -> None:
    actions = bench.page.menu_actions()["review"]
    keys = {action.shortcut().toString() for action in actions}
    assert keys >= {"F", "C", "U", "Space", "Backspace", "Ctrl+B", "W", "M", "F5"}
    action = next(one for one in actions if one.objectName() == f"review.{kind}")
    action.trigger()
    bench.settle()
    assert bench.page.desk.kind is kind


def test_few_probable_errors_are_not_called_none(bench: ReviewBench) -> None:
    """The number beside a keyword is the sum of the probabilities of its doubts."""
    ranking = bench.page.desk.ranked.ranking
    expected = ranking.expected_errors(ReviewKind.WRONG)
    model = bench.page.queues.keywords
    shown = {
        model.keyword_at(row).id: model.index(row).data(Role.COUNT)
        for row in range(model.rowCount())
    }
    assert shown == expected
    assert any(0 < count < 0.5 for count in shown.values())
    assert [count_text(count) for count in (0, 0.3, 0.99, 1.0, 1.4, 1.6, 7)] == [
        "0", "<1", "<1", "1", "1", "2", "7",
    ]  # fmt: skip
    assert all(count_text(count) != "0" for count in shown.values())


def test_more_like_the_image_or_like_the_reference_in_focus(bench: ReviewBench) -> None:
    asked: list[tuple[ImageId, ...]] = []
    bench.context.navigation.similar_wanted.connect(asked.append)
    page = bench.page
    page.viewer.setFocus()
    bench.press(Key.Key_S)
    strip = page.having.strip
    strip.setFocus()
    strip.setCurrentIndex(strip.model().index(1))
    bench.press(Key.Key_S)
    assert asked == [(page.desk.doubt.image,), (page.desk.sheet.evidence.having[1].image,)]


def test_a_keyword_is_found_by_a_synonym(project: Project, open_page: Open) -> None:
    keyword = find_keyword(project.catalog, "lastebil")
    assert keyword is not None
    set_synonyms(project, keyword, ["lastevogn"])
    bench = open_page(project)
    bench.judge()
    bench.qtbot.keyClicks(bench.page.queues.find, "lastev")
    keywords = bench.page.queues.keywords
    assert [keywords.index(row).data() for row in range(keywords.rowCount())] == ["lastebil"]
    assert "lastevogn" in keywords.index(0).data(Role.SECONDARY)
