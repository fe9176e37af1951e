"""Pair after pair with single keys: answers, skipping, going back, undo, thresholds, failures."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from pair_bench import COUNT, SIMILARITIES, PairBench, make_bench_project
from PySide6.QtCore import Qt

from clipkw_gui.actions import label
from clipkw_gui.jobs.runner import JobState
from core.catalog.keywords import find_keyword
from core.errors import StorageError
from core.progress import Progress
from core.types import Decision, Verdict
from core.workflows import duplicates
from core.workflows.comparison import Comparison
from core.workflows.project import Project

Key = Qt.Key
LEFT = Qt.MouseButton.LeftButton
Open = Callable[[Project], PairBench]


# answering ------------------------------------------------------------------------------------


def test_d_and_n_answer_and_show_the_next_pair_at_once(bench: PairBench) -> None:
    first = bench.current
    assert first is not None
    bench.press(Key.Key_D)
    second = bench.current
    assert second not in (first, None)
    bench.press(Key.Key_N)
    assert bench.current not in (first, second)
    bench.settle()
    assert bench.answers() == {first: True, second: False}


def test_keys_pressed_quickly_each_answer_the_pair_that_is_shown(bench: PairBench) -> None:
    asked = []
    for key in (Key.Key_D, Key.Key_N, Key.Key_D):
        asked.append((bench.current, key is Key.Key_D))
        bench.press(key)
    bench.settle()
    assert bench.answers() == dict(asked)


def test_the_buttons_answer_too(bench: PairBench) -> None:
    first, pairs = bench.current, bench.page.pairs
    bench.qtbot.mouseClick(pairs.different, LEFT)
    second = bench.current
    bench.qtbot.mouseClick(pairs.duplicates, LEFT)
    bench.settle()
    assert bench.answers() == {first: False, second: True}


def test_a_button_in_focus_is_pressed_by_space(bench: PairBench) -> None:
    first, button = bench.current, bench.page.pairs.duplicates
    button.setFocus()
    bench.press(Key.Key_Space)
    bench.settle()
    assert bench.answers() == {first: True}


def test_space_skips_and_nothing_is_said(bench: PairBench) -> None:
    first = bench.current
    bench.press(Key.Key_Space)
    bench.settle()
    assert bench.current not in (first, None)
    assert bench.answers() == {}
    for _ in SIMILARITIES[1:]:
        bench.press(Key.Key_Space)
        bench.settle()
    assert bench.current is None
    assert "asked about every image" in bench.page.pairs.none_left.text()
    assert bench.page.pairs.none_left.isVisible()


def test_backspace_shows_the_pair_before_and_its_answer_can_be_changed(bench: PairBench) -> None:
    first = bench.current
    bench.press(Key.Key_D)
    second = bench.current
    bench.settle()
    bench.press(Key.Key_Backspace)
    assert bench.current == first
    assert bench.page.pairs.said.text() == "You said: duplicates"
    bench.press(Key.Key_N)
    assert bench.current == second
    bench.settle()
    assert bench.answers() == {first: False}


def test_every_pair_is_asked_once(bench: PairBench) -> None:
    asked = []
    while bench.current is not None:
        asked.append(bench.current)
        bench.press(Key.Key_N)
        bench.settle()
    assert sorted(asked) == [bench.pair(number) for number in range(len(SIMILARITIES))]
    assert set(bench.answers()) == set(asked)


def test_a_click_on_an_answer_shows_its_pair_again(bench: PairBench) -> None:
    first = bench.current
    bench.press(Key.Key_D)
    bench.settle()
    view = bench.page.pairs.list
    place = view.visualRect(view.model().index(0, 0)).center()
    bench.qtbot.mouseClick(view.viewport(), LEFT, pos=place)
    assert bench.current == first
    bench.press(Key.Key_N)
    bench.settle()
    assert bench.answers() == {first: False}


def test_answers_faster_than_pairs_are_chosen_are_all_kept(
    bench: PairBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose = duplicates.next_pairs

    def choose_slowly(*given: object, **named: object) -> object:
        time.sleep(0.3)
        return choose(*given, **named)

    monkeypatch.setattr(duplicates, "next_pairs", choose_slowly)
    asked = {}
    while bench.current is not None:
        is_duplicate = len(asked) % 2 == 0
        asked[bench.current] = is_duplicate
        bench.press(Key.Key_D if is_duplicate else Key.Key_N)
        bench.qtbot.wait(60)
    bench.settle()
    assert bench.current is None
    assert bench.answers() == asked
    assert len(asked) == len(SIMILARITIES)


# undo -----------------------------------------------------------------------------------------


def test_undo_takes_the_answer_back_and_shows_its_pair(bench: PairBench) -> None:
    first = bench.current
    bench.press(Key.Key_D)
    bench.press(Key.Key_N)
    bench.settle()
    label.undo_step(bench.context, print)
    bench.settle()
    label.undo_step(bench.context, print)
    bench.settle()
    assert bench.answers() == {}
    assert bench.current == first
    assert bench.page.pairs.said.text() == ""
    assert bench.page.pairs.answers.rowCount() == 0


def test_redo_goes_on_behind_the_pair(bench: PairBench) -> None:
    first = bench.current
    bench.press(Key.Key_D)
    bench.settle()
    label.undo_step(bench.context, print)
    bench.settle()
    label.redo_step(bench.context, print)
    bench.settle()
    assert bench.answers() == {first: True}
    assert bench.current not in (first, None)


# thresholds -----------------------------------------------------------------------------------


def test_the_curve_and_the_number_of_needed_answers_are_live(bench: PairBench) -> None:
    pairs = bench.page.pairs
    assert pairs.progress.text() == "Assumed, until you answer. At least 10 answers are needed."
    assert (pairs.lower.text(), pairs.upper.text()) == ("0.9500", "0.9900")
    before = pairs.plot.content
    bench.press(Key.Key_N)
    bench.settle()
    now = duplicates.thresholds(bench.project)
    assert pairs.lower.text() == f"{now.lower:.4f}"
    assert pairs.upper.text() == f"{now.upper:.4f}"
    assert pairs.progress.text() == "At least 9 more answers are needed."
    assert pairs.plot.content != before
    [dots] = pairs.plot.content.dots
    assert dots.points == [(pytest.approx(pairs.answers.pair_at(0).similarity), 0.0)]
    assert pairs.counts.text() == "0 duplicates, 1 not"


def test_both_pictures_are_shown_and_decoded_before_they_are_asked_about(bench: PairBench) -> None:
    viewer = bench.page.pairs.viewer
    assert all(one.has_picture for one in viewer.viewers)
    bench.press(Key.Key_D)
    assert all(one.has_picture for one in viewer.viewers)


def test_looking_into_one_picture_looks_into_the_other(bench: PairBench) -> None:
    one, other = bench.page.pairs.viewer.viewers
    fitted = other.scale
    one.zoom_in()
    assert other.look()[0] == pytest.approx(one.look()[0])
    assert other.scale > fitted
    other.fit()
    assert one.look()[0] == 1


# before there is anything to ask --------------------------------------------------------------


def test_without_an_encoder_the_page_says_what_to_do(tmp_path: Path, open_page: Open) -> None:
    with make_bench_project(tmp_path, encoded=False) as made:
        bench = open_page(made)
        page = bench.page
        assert page.stack.currentWidget() is page.gate
        assert "no encoder is chosen" in page.gate.text.text()
        assert page.gate.button.isHidden()
        with bench.qtbot.waitSignal(bench.context.navigation.encoder_wanted):
            bench.qtbot.mouseClick(page.gate.encoder, LEFT)


def test_without_keywords_the_page_says_what_to_do(tmp_path: Path, open_page: Open) -> None:
    with make_bench_project(tmp_path, labeled=False) as made:
        page = open_page(made).page
        assert "both a keyword and a vector" in page.gate.text.text()
        assert page.gate.button.isHidden()


def test_the_page_says_what_comparing_is_for_before_it_starts(
    project: Project, open_page: Open
) -> None:
    bench = open_page(project)
    gate = bench.page.gate
    assert bench.page.stack.currentWidget() is gate
    assert f"{COUNT} labeled images are compared" in gate.text.text()
    bench.compare()
    assert bench.page.stack.currentWidget() is bench.page.pairs


def test_a_comparison_from_before_is_used_without_asking(bench: PairBench, open_page: Open) -> None:
    bench.context.set_session(None)
    again = open_page(bench.project)
    assert again.page.stack.currentWidget() is again.page.pairs


class SlowComparison:
    """A comparison that has done half and goes on only at its checkpoints."""

    def __init__(self) -> None:
        self.runs = threading.Event()

    def __call__(self, project: Project, progress: Progress) -> Comparison:
        progress.report(1, 2, "half")
        self.runs.set()
        while True:
            progress.checkpoint()
            threading.Event().wait(0.005)


def test_comparing_shows_its_progress_and_can_be_cancelled(
    project: Project, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = SlowComparison()
    monkeypatch.setattr(duplicates, "compare", slow)
    bench = open_page(project)
    gate = bench.page.gate
    bench.qtbot.mouseClick(gate.button, LEFT)
    bench.qtbot.waitUntil(slow.runs.is_set)
    bench.qtbot.waitUntil(lambda: "half" in gate.job.text.text())
    assert gate.button.isHidden()
    [job] = bench.context.runner.jobs()
    bench.qtbot.mouseClick(gate.job._cancel, LEFT)
    bench.qtbot.waitUntil(lambda: job.state is JobState.CANCELLED)
    bench.settle()
    assert gate.job.isHidden()
    assert gate.button.isVisible()
    assert gate.failure.isHidden()


def test_a_comparison_that_fails_says_why_and_can_be_tried_again(
    project: Project, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(project: Project, progress: Progress) -> Comparison:
        raise StorageError("The disk is full.", "Make room.")

    with monkeypatch.context() as patch:
        patch.setattr(duplicates, "compare", fail)
        bench = open_page(project)
        bench.compare()
    gate = bench.page.gate
    assert "The disk is full." in gate.failure.text()
    bench.compare()
    assert bench.page.stack.currentWidget() is bench.page.pairs


# what changes elsewhere -----------------------------------------------------------------------


def test_an_image_that_loses_its_keyword_offers_to_compare_again(bench: PairBench) -> None:
    keyword = find_keyword(bench.project.catalog, "fly")
    assert keyword is not None
    rejected = Decision(bench.ids[0], keyword.id, Verdict.REJECTED)
    label.decide(bench.context, [rejected], "Reject", None, print, None)
    bench.settle()
    note = bench.page.note
    assert note.isVisible()
    assert f"{COUNT - 1} images have a keyword now" in note.text()
    note.linkActivated.emit("#")
    bench.settle()
    assert note.isHidden()
    assert len(bench.page.desk.comparison.images) == COUNT - 1


def test_an_answer_that_cannot_be_written_is_asked_again(
    bench: PairBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise StorageError("The disk is full.", "Make room.")

    failures: list[Exception] = []
    bench.context.runner.failed.connect(failures.append)
    first = bench.current
    with monkeypatch.context() as patch:
        patch.setattr(duplicates, "answer", fail)
        bench.press(Key.Key_D)
        bench.settle()
    assert [str(one) for one in failures] == [str(StorageError("The disk is full.", "Make room."))]
    assert bench.current == first
    assert bench.page.pairs.said.text() == ""
    bench.press(Key.Key_D)
    bench.settle()
    assert bench.answers() == {first: True}


def test_s_looks_for_more_like_the_image_in_focus(bench: PairBench) -> None:
    asked: list[tuple[int, ...]] = []
    bench.context.navigation.similar_wanted.connect(asked.append)
    pair = bench.page.desk.current
    assert pair is not None
    for viewer in bench.page.pairs.viewer.viewers:
        viewer.setFocus()
        bench.press(Key.Key_S)
    assert asked == [(pair.first.id,), (pair.second.id,)]
