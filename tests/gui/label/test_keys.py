"""Every key of the Label page, pressed for real, checked in the catalog."""

from __future__ import annotations

import pytest
from label_bench import LABELED, Bench
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLabel

from clipkw_gui.pages.label_key_list import KeyList
from clipkw_gui.pages.label_keys import DigitRow
from core.types import QueueName, Verdict

Key = Qt.Key


def test_opens_on_the_first_unlabeled_image_with_suggestions(bench: Bench) -> None:
    assert bench.current == bench.ids[LABELED]
    assert bench.offered()[:2] == ["grønn", "lastebil"]


def test_digit_accepts_and_again_takes_back(bench: Bench) -> None:
    image = bench.ids[LABELED]
    bench.press(Key.Key_2)
    bench.settle()
    assert bench.said(image) == {"lastebil": Verdict.ACCEPTED}
    assert bench.current == image
    bench.press(Key.Key_2)
    bench.settle()
    assert bench.said(image) == {}


def test_what_was_answered_says_by_which_model_and_how_sure(bench: Bench) -> None:
    bench.press(Key.Key_1)
    bench.settle()
    (label,) = bench.labels(bench.ids[LABELED])
    assert label.model == "neighbor-search"
    assert label.confidence == pytest.approx(1.0, abs=1e-3)


def test_shift_digit_rejects(bench: Bench) -> None:
    bench.press(Key.Key_1, shift=True)
    bench.settle()
    assert bench.said(bench.ids[LABELED]) == {"grønn": Verdict.REJECTED}
    assert bench.offered()[:2] == ["grønn", "lastebil"], "rows stay while the image is shown"


def test_a_rejected_keyword_is_not_suggested_again(bench: Bench) -> None:
    bench.press(Key.Key_1, shift=True)
    bench.press(Key.Key_Space)
    bench.settle()
    bench.press(Key.Key_Backspace)
    bench.settle()
    assert bench.current == bench.ids[LABELED]
    assert bench.offered() == ["lastebil"]


def test_a_accepts_all_and_goes_on(bench: Bench) -> None:
    bench.press(Key.Key_A)
    bench.settle()
    assert bench.said(bench.ids[LABELED]) == {
        "lastebil": Verdict.ACCEPTED,
        "grønn": Verdict.ACCEPTED,
    }
    assert bench.current == bench.ids[LABELED + 1]


def test_a_leaves_answers_alone(bench: Bench) -> None:
    bench.press(Key.Key_1, shift=True)
    bench.press(Key.Key_A)
    bench.settle()
    assert bench.said(bench.ids[LABELED]) == {
        "grønn": Verdict.REJECTED,
        "lastebil": Verdict.ACCEPTED,
    }


def test_fast_typing_keeps_its_order(bench: Bench) -> None:
    """No pause between keys: each is about the image that would be shown by then."""
    first, second, third = bench.ids[LABELED : LABELED + 3]
    for key in (Key.Key_A, Key.Key_1, Key.Key_Space, Key.Key_2):
        bench.press(key)
    bench.settle()
    assert set(bench.said(first)) == {"lastebil", "grønn"}
    assert bench.said(second) == {"grå": Verdict.ACCEPTED}
    assert bench.said(third) == {"lastebil": Verdict.ACCEPTED}
    assert bench.current == third


def test_u_marks_the_first_open_suggestion(bench: Bench) -> None:
    bench.press(Key.Key_1)
    bench.press(Key.Key_U)
    bench.settle()
    assert bench.said(bench.ids[LABELED]) == {
        "grønn": Verdict.ACCEPTED,
        "lastebil": Verdict.UNSURE,
    }


def test_u_marks_the_focused_suggestion(bench: Bench) -> None:
    bench.press(Key.Key_Down)
    bench.press(Key.Key_Down)
    assert "lastebil" in bench.page.answers.unsure_hint.text()
    bench.press(Key.Key_U)
    bench.settle()
    assert bench.said(bench.ids[LABELED]) == {"lastebil": Verdict.UNSURE}


def test_moving(bench: Bench) -> None:
    rows = []
    for key in (Key.Key_Space, Key.Key_Space, Key.Key_Backspace, Key.Key_End, Key.Key_Home,
                Key.Key_Right, Key.Key_Left):  # fmt: skip
        bench.press(key)
        rows.append(bench.page.desk.row)
    assert rows == [1, 2, 1, 5, 0, 1, 0]


def test_the_last_image_stays(bench: Bench) -> None:
    bench.press(Key.Key_End)
    with bench.qtbot.waitSignal(bench.page.message):
        bench.press(Key.Key_Space)
    assert bench.page.desk.row == 5


def test_undo_and_redo_go_to_the_image(bench: Bench) -> None:
    bench.press(Key.Key_A)
    bench.press(Key.Key_Space)
    bench.settle()
    assert bench.page.keys.undo.text() == "Undo: Accept “grønn”, “lastebil”"
    bench.press(Key.Key_Z, ctrl=True)
    bench.settle()
    assert bench.current == bench.ids[LABELED]
    assert bench.said(bench.ids[LABELED]) == {}
    assert bench.page.answers.labels.rowCount() == 0
    bench.press(Key.Key_Z, ctrl=True, shift=True)
    bench.settle()
    assert set(bench.said(bench.ids[LABELED])) == {"lastebil", "grønn"}
    assert bench.page.answers.labels.rowCount() == 2


def test_undo_and_redo_typed_without_a_pause(bench: Bench) -> None:
    for redo in (False, True, False, True):
        if not redo:
            bench.press(Key.Key_1)
        bench.press(Key.Key_Z, ctrl=True, shift=redo)
    bench.settle()
    # 1 accepts, is undone and redone; 1 takes it back, is undone and redone
    assert bench.said(bench.ids[LABELED]) == {}
    bench.press(Key.Key_Z, ctrl=True)
    bench.press(Key.Key_Z, ctrl=True)
    bench.press(Key.Key_Z, ctrl=True, shift=True)
    bench.settle()
    assert bench.said(bench.ids[LABELED]) == {"grønn": Verdict.ACCEPTED}


def test_grid_and_back(bench: Bench) -> None:
    bench.press(Key.Key_G)
    assert bench.page.centre.stack.currentWidget() is bench.page.centre.grid
    bench.press(Key.Key_Right)
    assert bench.page.desk.row == 1
    bench.press(Key.Key_G)
    assert bench.page.centre.stack.currentWidget() is bench.page.centre.beside


def test_full_screen_and_back(bench: Bench) -> None:
    bench.press(Key.Key_F)
    assert bench.page.window().isFullScreen()
    assert bench.page.filters.isHidden()
    bench.press(Key.Key_Escape)
    assert not bench.page.window().isFullScreen()
    assert not bench.page.filters.isHidden()


def test_every_action_is_in_the_list_of_keys(bench: Bench) -> None:
    groups = [(name, actions) for name, actions in bench.page.menu_actions().items()]
    dialog = KeyList(groups, bench.page)
    shown = {one.text() for one in dialog.findChildren(QLabel)}
    assert {"1 – 9", "Shift+1 – 9", "A", "U", "K", "G", "F", "Space, Right"} <= shown
    assert "Accept suggestion 1–9 or take it back" in shown


def test_text_fields_keep_their_keys(bench: Bench) -> None:
    field = bench.page.answers.entry.field
    bench.press(Key.Key_K)
    assert field.hasFocus()
    for key in (Key.Key_A, Key.Key_1, Key.Key_G, Key.Key_Space, Key.Key_U, Key.Key_Question,
                Key.Key_Backspace, Key.Key_Left, Key.Key_Home):  # fmt: skip
        bench.press(key)
    bench.settle()
    assert field.text() == "a1g u"
    assert bench.current == bench.ids[LABELED]
    assert bench.said(bench.ids[LABELED]) == {}
    bench.press(Key.Key_Escape)
    assert bench.page.centre.viewer.hasFocus()


def test_holding_a_key_down_does_not_decide(bench: Bench) -> None:
    assert not any(action.autoRepeat() for action in bench.page.keys.label)


@pytest.mark.parametrize(
    ("symbol", "shift", "expected"),
    [(Key.Key_QuoteDbl, True, Verdict.REJECTED), (Key.Key_Eacute, False, Verdict.ACCEPTED)],
    ids=["Norwegian Shift+2", "French 2 without Shift"],
)
def test_digits_by_place_on_other_keyboards(
    bench: Bench, symbol: Qt.Key, shift: bool, expected: Verdict
) -> None:
    digits = DigitRow(bench.page.keys, "xcb")
    modifiers = Qt.KeyboardModifier.ShiftModifier if shift else Qt.KeyboardModifier.NoModifier
    event = QKeyEvent(QEvent.Type.KeyPress, symbol, modifiers, 11, 0, 0, "")
    assert digits.eventFilter(bench.page, event)
    bench.settle()
    assert bench.said(bench.ids[LABELED]) == {"lastebil": expected}


def test_an_accepted_image_is_a_reference_at_once(bench: Bench) -> None:
    before = [one.image for one in references(bench)]
    bench.press(Key.Key_A)
    bench.press(Key.Key_Space)
    bench.settle()
    assert bench.ids[LABELED] not in before
    assert bench.ids[LABELED] in [one.image for one in references(bench)]


def test_decided_images_stay_in_their_place(bench: Bench) -> None:
    bench.press(Key.Key_A)
    bench.settle()
    assert bench.page.queue.id_at(0) == bench.ids[LABELED]
    bench.press(Key.Key_F5)
    bench.settle()
    assert bench.page.queue.id_at(0) == bench.ids[LABELED + 1]


def test_labeled_images_show_what_the_table_said(bench: Bench) -> None:
    bench.show(QueueName.LABELED)
    assert bench.page.answers.labels.rowCount() == 2
    bench.press(Key.Key_1)
    bench.settle()
    assert bench.said(bench.ids[0])["grønn"] is Verdict.ACCEPTED


def references(bench: Bench) -> list:
    known = bench.page.desk.known
    assert known is not None
    assert known.suggestions is not None
    return list(known.suggestions.references)
