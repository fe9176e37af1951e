"""The item models of pairs, groups and facts."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from pytestqt.modeltest import ModelTester

from clipkw_gui.models.answers import AnswerModel
from clipkw_gui.models.facts import SORT_ROLE, Cell, FactModel, FactRow
from clipkw_gui.models.groups import GroupModel, MemberModel
from clipkw_gui.models.thumbnails import ThumbnailStore
from clipkw_gui.roles import Role
from core.types import (
    DuplicateGroup,
    Image,
    ImageId,
    ImagePair,
    ImageState,
    Keyword,
    KeywordCopy,
    KeywordId,
    KeywordStatus,
)


def image(number: int) -> Image:
    path = f"mappe/bilde {number}.jpg"
    return Image(ImageId(number), path, f"{number}", 1, 4, 3, ImageState.PRESENT)


FLY = Keyword(KeywordId(7), "fly", "plane", KeywordStatus.IMPORTED)
GROUP = DuplicateGroup(
    image(1),
    (image(2), image(3)),
    (0.9512, 0.99),
    (KeywordCopy(ImageId(1), KeywordId(7), ImageId(3)),),
)


def test_answers_are_told_with_their_similarity(qapp: object, qtmodeltester: ModelTester) -> None:
    model = AnswerModel(ThumbnailStore())
    model.set_pairs([ImagePair(image(1), image(2), 0.97, 0.5, answer=False)])
    qtmodeltester.check(model)
    index = model.index(0)
    assert index.data() == "Not duplicates"
    assert index.data(Role.SECONDARY) == "similarity 0.970"
    assert "bilde 2.jpg" in index.data(Qt.ItemDataRole.AccessibleTextRole)


def test_a_group_is_told_in_one_row(qapp: object, qtmodeltester: ModelTester) -> None:
    model = GroupModel(ThumbnailStore())
    model.set_groups([GROUP])
    qtmodeltester.check(model)
    assert model.index(0).data() == "bilde 1.jpg"
    assert model.index(0).data(Role.SECONDARY) == "2 left out · from 0.9512"
    assert [model.row_of(ImageId(n)) for n in (1, 3, 9)] == [0, 0, -1]


def test_members_tell_what_they_pass_on(qapp: object, qtmodeltester: ModelTester) -> None:
    model = MemberModel(ThumbnailStore())
    model.set_group(GROUP, {FLY.id: FLY})
    qtmodeltester.check(model)
    told = [
        (model.index(row).data(Role.SECONDARY), model.index(row).data(Role.KEYWORD))
        for row in range(model.rowCount())
    ]
    assert told == [
        ("kept", ""),
        ("left out · 0.9512", ""),
        ("left out · 0.9900", "passes on: fly"),
    ]
    model.set_group(None, {})
    assert model.rowCount() == 0


def test_facts_are_sorted_by_their_values_and_keep_the_selection(
    qapp: object, qtmodeltester: ModelTester
) -> None:
    model = FactModel(("Model", "F2"))
    rows = [
        FactRow("a", (Cell("First"), Cell("9.5 %", 0.095))),
        FactRow("b", (Cell("second"), Cell("64.0 %", 0.64)), is_marked=True),
    ]
    model.set_rows(rows)
    qtmodeltester.check(model)
    assert [model.index(row, 1).data(SORT_ROLE) for row in (0, 1)] == [0.095, 0.64]
    assert model.index(0, 0).data(SORT_ROLE) == "first"
    weights = [model.index(row, 0).data(Qt.ItemDataRole.FontRole) for row in (0, 1)]
    assert weights[0] is None
    assert weights[1].weight() == QFont.Weight.DemiBold
    resets: list[bool] = []
    model.modelReset.connect(partial(resets.append, True))
    model.set_rows([rows[0], FactRow("b", (Cell("second"), Cell("70.0 %", 0.7)))])
    assert resets == []
    assert model.index(1, 1).data() == "70.0 %"
    assert (model.row_of("b"), model.key_at(0), model.key_at(5)) == (1, "a", None)
