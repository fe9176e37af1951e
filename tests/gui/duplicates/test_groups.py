"""The groups: what is kept, left out and passed on, and how that is corrected."""

from __future__ import annotations

import pytest
from pair_bench import COUNT, PairBench
from PySide6.QtCore import Qt

from clipkw_gui.actions import label
from clipkw_gui.pages.duplicates import View
from clipkw_gui.roles import Role

Key = Qt.Key
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def groups(bench: PairBench) -> PairBench:
    """The page shows the groups."""
    bench.page.show_view(View.GROUPS)
    bench.settle()
    return bench


def rows(bench: PairBench) -> list[str]:
    model = bench.page.groups.groups
    return [model.index(row).data(Role.SECONDARY) for row in range(model.rowCount())]


def test_groups_stand_the_weakest_first(groups: PairBench) -> None:
    assert rows(groups) == [
        f"1 left out · from {one}" for one in ("0.9600", "0.9700", "0.9850", "0.9999")
    ]
    text = groups.page.groups.summary.text()
    assert text == f"4 of {COUNT} images would be left out, in 4 groups."
    assert groups.page.pairs.effect.text() == text


def test_the_one_with_more_keywords_is_kept(groups: PairBench) -> None:
    members = groups.page.groups.members
    assert members.index(0).data(Role.SECONDARY) == "kept"
    assert members.image_at(0).id == groups.pair(3)[1]
    assert members.index(1).data(Role.SECONDARY) == "left out · 0.9600"


def test_n_takes_the_image_in_hand_out_of_its_group_and_undo_puts_it_back(
    groups: PairBench,
) -> None:
    groups.press(Key.Key_N)
    groups.settle()
    assert groups.answers() == {groups.pair(3): False}
    left = rows(groups)
    assert not any("0.9600" in one for one in left)
    label.undo_step(groups.context, print)
    groups.settle()
    assert groups.answers() == {}
    assert any("0.9600" in one for one in rows(groups))


def test_d_says_nothing_about_a_group(groups: PairBench) -> None:
    groups.press(Key.Key_D)
    groups.settle()
    assert groups.answers() == {}


def test_an_image_of_a_group_is_compared_side_by_side(groups: PairBench) -> None:
    groups.qtbot.mouseClick(groups.page.groups.compare, LEFT)
    assert groups.page.stack.currentWidget() is groups.page.pairs
    assert groups.current == groups.pair(3)
    groups.settle()
    groups.press(Key.Key_D)
    groups.settle()
    assert groups.answers() == {groups.pair(3): True}


def test_the_kept_image_cannot_be_taken_out(groups: PairBench) -> None:
    panel = groups.page.groups
    panel.pictures.setCurrentIndex(panel.members.index(0))
    assert not panel.different.isEnabled()
    groups.press(Key.Key_N)
    groups.settle()
    assert groups.answers() == {}


def test_another_group_is_shown_with_the_arrow_keys(groups: PairBench) -> None:
    panel = groups.page.groups
    groups.press(Key.Key_Down, panel.list)
    assert panel.members.image_at(0).id == groups.pair(2)[1]
