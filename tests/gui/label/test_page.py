"""The mouse, the filters, many images at once, failures, and empty states."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from label_bench import COUNT, KINDS, LABELED, Bench
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtWidgets import QAbstractItemView
from pytestqt.qtbot import QtBot

from clipkw_gui.actions import label
from clipkw_gui.context import AppContext, ProjectSession
from clipkw_gui.pages.label import LabelPage
from clipkw_gui.pages.label_bulk import BulkDialog
from clipkw_gui.roles import Role
from core.catalog import images
from core.errors import StorageError
from core.types import (
    Changes,
    FileRecord,
    ImageQuery,
    ImageState,
    Problem,
    QueueName,
    Verdict,
)
from core.workflows import browse
from core.workflows.project import create_project, open_project
from core.workflows.suggest import Suggester

Key = Qt.Key


def centre_of(view: QAbstractItemView, row: int) -> QPoint:
    return view.visualRect(view.model().index(row, 0)).center()


def lights(bench: Bench) -> list[int]:
    model = bench.page.references
    return [model.index(row).data(Role.LIGHT) for row in range(model.rowCount())]


# evidence -------------------------------------------------------------------------------------


def test_pointing_at_a_suggestion_lights_its_references(bench: Bench) -> None:
    """The current image is a truck; of its references only trucks carry «lastebil»."""
    answers, model = bench.page.answers, bench.page.references
    assert set(lights(bench)) == {0}
    row = bench.offered().index("lastebil")
    bench.qtbot.mouseMove(answers.list.viewport(), centre_of(answers.list, row))
    keyword = answers.suggestions.suggestion_at(row).keyword.id
    carried = [keyword in model.reference(n).keywords for n in range(model.rowCount())]
    assert lights(bench) == [1 if one else -1 for one in carried]
    assert 1 in lights(bench)
    answers.list.leaveEvent(None)
    assert set(lights(bench)) == {0}


def test_focusing_a_suggestion_lights_too(bench: Bench) -> None:
    bench.press(Key.Key_Down)
    assert 1 in lights(bench)
    assert "grønn" in bench.page.evidence_title.text()


def test_references_stand_heaviest_first(bench: Bench) -> None:
    model = bench.page.references
    weights = [model.reference(row).weight for row in range(model.rowCount())]
    assert weights == sorted(weights, reverse=True)
    assert sum(weights) == pytest.approx(1, abs=1e-4)


def test_a_reference_opens_beside_the_image_and_is_corrected_there(bench: Bench) -> None:
    page = bench.page
    bench.qtbot.mouseClick(
        page.evidence.viewport(), Qt.MouseButton.LeftButton, pos=centre_of(page.evidence, 0)
    )
    bench.settle()
    panel = page.centre.reference
    assert panel.isVisible()
    reference = panel.reference.image
    assert panel.viewer.has_picture
    assert set(bench.said(reference)) == set(KINDS[0])
    row = [panel.labels.keyword_at(n).no for n in range(2)].index("grønn")
    where = panel.label_list.visualRect(panel.labels.index(row))
    bench.qtbot.mouseMove(panel.label_list.viewport(), where.center())
    cross = QPoint(where.right() - 12, where.center().y())
    bench.qtbot.mouseClick(panel.label_list.viewport(), Qt.MouseButton.LeftButton, pos=cross)
    bench.settle()
    assert set(bench.said(reference)) == {"lastebil"}
    assert panel.labels.rowCount() == 1
    bench.press(Key.Key_Escape)
    assert panel.isHidden()


# the mouse on suggestions ---------------------------------------------------------------------


def test_a_click_at_the_right_end_accepts(bench: Bench) -> None:
    view = bench.page.answers.list
    where = view.visualRect(view.model().index(0, 0))
    at = QPoint(where.right() - 10, where.center().y())
    bench.qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=at)
    bench.settle()
    assert bench.said(bench.ids[LABELED]) == {"grønn": Verdict.ACCEPTED}


def test_a_keyword_is_removed_with_its_cross(bench: Bench) -> None:
    bench.press(Key.Key_1)
    bench.settle()
    view = bench.page.answers.label_list
    where = view.visualRect(view.model().index(0, 0))
    at = QPoint(where.right() - 12, where.center().y())
    bench.qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=at)
    bench.settle()
    assert bench.said(bench.ids[LABELED]) == {}


# adding keywords ------------------------------------------------------------------------------


def test_completion_takes_the_marked_match(bench: Bench) -> None:
    bench.press(Key.Key_K)
    entry = bench.page.answers.entry
    bench.qtbot.keyClicks(entry.field, "sk")
    assert entry.choices() == ["skip", "Create the new keyword “sk”"]
    bench.press(Key.Key_Return)
    bench.settle()
    assert bench.said(bench.ids[LABELED]) == {"skip": Verdict.ACCEPTED}
    assert bench.page.centre.viewer.hasFocus()


def test_a_new_keyword_is_made_only_when_asked_for(bench: Bench) -> None:
    bench.press(Key.Key_K)
    entry = bench.page.answers.entry
    bench.qtbot.keyClicks(entry.field, "Brolegger")
    assert entry.choices() == ["Create the new keyword “Brolegger”"]
    bench.press(Key.Key_Return)
    bench.settle()
    assert bench.said(bench.ids[LABELED]) == {"Brolegger": Verdict.ACCEPTED}
    model = bench.page.answers.labels
    assert model.index(0).data() == "Brolegger"
    bench.press(Key.Key_Z, ctrl=True)
    bench.settle()
    assert "Brolegger" not in {one.no for one in browse.all_keywords(bench.project)}


# filters --------------------------------------------------------------------------------------


def test_counts_and_queues(bench: Bench) -> None:
    queues = bench.page.filters.queue_list.model()
    counts = {queues.index(r, 0).data(Role.ID): queues.index(r, 0).data(Role.COUNT)
              for r in range(queues.rowCount())}  # fmt: skip
    assert counts[QueueName.ALL.value] == COUNT
    assert counts[QueueName.UNLABELED.value] == COUNT - LABELED
    bench.press(Key.Key_A)
    bench.settle()
    assert queues.index(0, 0).data(Role.COUNT) == COUNT - LABELED - 1


def test_filters_combine_and_chips_remove_them(bench: Bench) -> None:
    page = bench.page
    bench.show(QueueName.ALL)
    folder = page.filters.folders.index_of("nord")
    page.filters.folder_tree.clicked.emit(folder)
    bench.settle()
    assert len(page.queue.ids) == 8
    row = page.filters.keywords.row_of(
        next(one.id for one in browse.all_keywords(bench.project) if one.no == "skip")
    )
    page.filters.keyword_list.clicked.emit(page.filters.keywords.index(row))
    bench.settle()
    assert len(page.queue.ids) == 3
    bench.qtbot.keyClicks(page.filters.path_text, "_03")
    bench.qtbot.waitUntil(lambda: len(page.queue.ids) == 1)
    assert list(page.chips.texts) == ["folder", "keyword", "text"]
    for part in ("text", "keyword", "folder"):
        chip = page.chips.findChild(object, part)
        bench.qtbot.mouseClick(chip, Qt.MouseButton.LeftButton)
        bench.settle()
    assert len(page.queue.ids) == COUNT
    assert page.filters.query == ImageQuery()


def test_finding_a_keyword_narrows_the_list(bench: Bench) -> None:
    bench.qtbot.keyClicks(bench.page.filters.find_keyword, "SKI")
    assert bench.page.filters.keywords.rowCount() == 1


def test_the_current_image_stays_when_the_filter_still_holds_it(bench: Bench) -> None:
    bench.press(Key.Key_End)
    last = bench.current
    bench.show(QueueName.ALL)
    assert bench.current == last


# many at once ---------------------------------------------------------------------------------


def test_bulk_over_a_selection_is_one_undo(bench: Bench) -> None:
    bench.press(Key.Key_1, shift=True)
    bench.settle()
    bench.press(Key.Key_G)
    bench.press(Key.Key_A, ctrl=True)
    dialog = open_bulk(bench)
    type_keyword(bench, dialog, "grønn")
    assert dialog.preview.text().splitlines()[:3] == [
        "5  new, or confirmed",
        "0  said already, kept as it is",
        "1  rejected or unsure until now, overridden",
    ]
    dialog.apply.click()
    bench.settle()
    bench.page.activateWindow()
    bench.qtbot.waitUntil(bench.page.isActiveWindow)
    labeled = bench.ids[LABELED:]
    assert all(bench.said(one) == {"grønn": Verdict.ACCEPTED} for one in labeled)
    bench.press(Key.Key_Z, ctrl=True)
    bench.settle()
    assert bench.said(labeled[0]) == {"grønn": Verdict.REJECTED}
    assert all(bench.said(one) == {} for one in labeled[1:])


def test_bulk_over_everything_that_matches(bench: Bench) -> None:
    dialog = open_bulk(bench)
    dialog.scope_choice.buttons()[-1].click()
    dialog.verdict_choice.buttons()[1].click()
    type_keyword(bench, dialog, "skip")
    assert dialog.apply.text() == "Reject (6)"
    dialog.apply.click()
    bench.settle()
    assert all(bench.said(one) == {"skip": Verdict.REJECTED} for one in bench.ids[LABELED:])


def open_bulk(bench: Bench) -> BulkDialog:
    bench.press(Key.Key_B, ctrl=True)
    dialog = bench.page.findChild(BulkDialog)
    assert dialog is not None
    return dialog


def type_keyword(bench: Bench, dialog: BulkDialog, text: str) -> None:
    bench.qtbot.keyClicks(dialog.entry.field, text)
    bench.qtbot.keyClick(dialog.entry.field, Key.Key_Return)
    bench.settle()


# what can go wrong ----------------------------------------------------------------------------


def test_a_refused_write_is_rolled_back_and_said(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = Event()

    def refuse(*_: object) -> None:
        assert seen.wait(10)
        raise StorageError("The disk is full.", "Free some space.")

    def verdict() -> str:
        return str(bench.page.answers.suggestions.index(0).data(Role.VERDICT))

    monkeypatch.setattr(label.label, "decide", refuse)
    with bench.qtbot.waitSignal(bench.context.runner.failed):
        bench.press(Key.Key_A)
        bench.qtbot.waitUntil(lambda: verdict() == "accepted")  # shown, as the disk is slow
        bench.press(Key.Key_Space)
        seen.set()
    bench.settle()
    assert bench.current == bench.ids[LABELED], "what was typed after it is dropped"
    assert verdict() == ""
    assert bench.said(bench.ids[LABELED]) == {}


def test_a_single_answer_is_shown_before_it_is_on_the_disk(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = Event()
    inner = label.label.decide

    def decide(*given: Any) -> Changes:
        assert shown.wait(10)
        return inner(*given)

    monkeypatch.setattr(label.label, "decide", decide)
    bench.press(Key.Key_1)
    assert bench.page.answers.suggestions.index(0).data(Role.VERDICT) == "accepted"
    shown.set()
    bench.settle()
    assert list(bench.said(bench.ids[LABELED]).values()) == [Verdict.ACCEPTED]


def test_decisions_are_there_after_opening_again(bench: Bench) -> None:
    bench.press(Key.Key_A)
    bench.press(Key.Key_2, shift=True)
    bench.settle()
    first, second = bench.ids[LABELED : LABELED + 2]
    with open_project(bench.project.folder) as again:
        said = browse.labels_of(again, [first, second])
    assert [one.verdict for one in said[first]] == [Verdict.ACCEPTED] * 2
    assert [one.verdict for one in said[second]] == [Verdict.REJECTED]


def test_an_unreadable_image_says_why(bench: Bench) -> None:
    image = bench.ids[LABELED]
    (record,) = browse.get_images(bench.project, [image])
    problem = Problem(record.path, "The file is cut short.")
    changes = images.record_scan(bench.project.catalog, [], [problem], [], [])
    bench.context.bus.changed.emit(changes, None)
    bench.show(QueueName.UNREADABLE)
    assert bench.page.queue.image(image).state is ImageState.UNREADABLE
    assert "The file is cut short." in bench.page.centre.viewer.accessibleDescription()
    assert bench.page.queue.index(0).data(Role.PROBLEM) == "The file is cut short."


def test_empty_queue_says_what_to_do(bench: Bench) -> None:
    bench.show(QueueName.UNSURE)
    assert bench.page.centre.stack.currentWidget() is bench.page.centre.empty
    assert "U marks" in bench.page.centre.empty.text()
    bench.show(QueueName.UNLABELED)
    assert bench.page.centre.stack.currentWidget() is bench.page.centre.beside


@pytest.fixture
def plain(
    qtbot: QtBot, context: AppContext, tmp_path: Path, archive: list[FileRecord]
) -> Iterator[Bench]:
    """The page on a project without encoder and labels."""
    with create_project(tmp_path / "ny", tmp_path / "arkiv") as fresh:
        images.record_scan(fresh.catalog, archive, [], [], [])
        page = LabelPage(context)
        qtbot.addWidget(page)
        page.show()
        context.set_session(ProjectSession(fresh, Suggester.load(fresh)))
        ids = [int(one) for one in browse.image_ids(fresh, ImageQuery())]
        bench = Bench(qtbot, context, fresh, page, ids)
        bench.settle()
        yield bench
        qtbot.waitUntil(context.runner.is_idle, timeout=20_000)


def test_without_an_encoder_labeling_works(plain: Bench) -> None:
    assert "No encoder" in plain.page.answers.hint.text()
    plain.page.centre.viewer.setFocus()
    plain.press(Key.Key_K)
    plain.qtbot.keyClicks(plain.page.answers.entry.field, "fly")
    plain.press(Key.Key_Return)
    plain.settle()
    assert plain.said(plain.ids[0]) == {"fly": Verdict.ACCEPTED}
    plain.press(Key.Key_Space)
    assert plain.page.desk.row == 1


def test_without_a_project_the_page_says_so(qtbot: QtBot, context: AppContext) -> None:
    page = LabelPage(context)
    qtbot.addWidget(page)
    page.show()
    assert "No project" in page.centre.empty.text()
    qtbot.keyClick(page, Key.Key_A)
    qtbot.keyClick(page, Key.Key_Z, Qt.KeyboardModifier.ControlModifier)


def test_splitters_are_remembered(bench: Bench) -> None:
    bench.page.splitters["label/filters"].setSizes([300, 900])
    bench.page.splitters["label/answers"].setSizes([500, 400])
    sizes = {name: one.sizes() for name, one in bench.page.splitters.items()}
    bench.page.hide()
    again = LabelPage(bench.context)
    bench.qtbot.addWidget(again)
    again.resize(bench.page.size())
    again.show()
    bench.settle()
    assert {name: one.sizes() for name, one in again.splitters.items()} == sizes


def test_folders_and_keywords_have_room_in_a_small_window(bench: Bench) -> None:
    bench.page.resize(1280 - 92, 740)
    bench.settle()
    filters = bench.page.filters
    folders, keywords = filters.folder_tree, filters.keyword_list
    assert folders.viewport().height() // folders.sizeHintForRow(0) >= 6
    assert keywords.viewport().height() // keywords.sizeHintForRow(0) >= 8


def test_the_size_of_the_grid_is_chosen_by_keys_and_remembered(bench: Bench) -> None:
    grid = bench.page.centre.grid
    bench.press(Key.Key_G)
    columns = grid.viewport().width() // grid.cell.width()
    for _ in range(3):
        bench.press(Key.Key_Minus, ctrl=True)
    assert grid.viewport().width() // grid.cell.width() > columns
    again = LabelPage(bench.context)
    bench.qtbot.addWidget(again)
    again.resize(bench.page.size())
    again.show()
    bench.settle()
    again.set_grid(on=True)
    assert again.centre.grid.cell == grid.cell


def test_undo_from_a_menu_goes_to_the_image(bench: Bench) -> None:
    bench.press(Key.Key_A)
    bench.press(Key.Key_End)
    bench.settle()
    label.undo_step(bench.context, print_nothing)
    bench.settle()
    assert bench.current == bench.ids[LABELED]
    assert bench.page.answers.suggestions.index(0).data(Role.VERDICT) == ""


def print_nothing(written: object) -> None:
    """Nobody waits for the answer."""


def test_every_control_has_a_name_for_screen_readers(bench: Bench) -> None:
    page = bench.page
    named = [page.strip, page.centre.grid, page.centre.viewer, page.answers.list, page.evidence,
             page.answers.entry.field, page.answers.label_list, page.filters.queue_list,
             page.filters.folder_tree, page.filters.keyword_list, page.filters.find_keyword,
             page.filters.path_text]  # fmt: skip
    assert all(one.accessibleName() for one in named)
    assert QSize(page.minimumSizeHint()).width() <= 1100
