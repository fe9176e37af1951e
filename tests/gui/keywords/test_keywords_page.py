"""The Keywords page by clicks and keys: edit, merge, retire, translate, score, the table."""

from __future__ import annotations

from pathlib import Path

import pytest
from keyword_bench import LEFT, Bench
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QLineEdit
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from clipkw_gui.actions import keywords as actions
from clipkw_gui.context import AppContext, ProjectSession
from clipkw_gui.models.near_names import NearNamesModel
from clipkw_gui.models.vocabulary import Column, Shown, VocabularyModel
from clipkw_gui.navigation import RankedImages
from clipkw_gui.pages.keyword_dialogs import MergeDialog
from clipkw_gui.pages.keywords import KeywordsPage, View
from clipkw_gui.widgets.question_dialog import QuestionDialog
from core.catalog import journal
from core.errors import KeywordError
from core.types import Keyword, KeywordId, KeywordRow, KeywordStatus, NameScore, Quality
from core.workflows.translate import log_path


@pytest.fixture
def failures(bench: Bench) -> list[Exception]:
    found: list[Exception] = []
    bench.context.runner.failed.connect(found.append)
    return found


# editing in the table -------------------------------------------------------------------------


def test_names_are_edited_in_place(bench: Bench) -> None:
    bench.edit("klokka", Column.NO, "klokke")
    assert bench.names()["klokke"] == (None, ("klokka",), "imported", 4)
    bench.edit("klokke", Column.EN, "clock")
    bench.edit("klokke", Column.SYNONYMS, "ur; armbåndsur")
    assert bench.names()["klokke"] == ("clock", ("armbåndsur", "ur"), "confirmed", 4)
    assert bench.shown(Column.SYNONYMS)[bench.shown().index("klokke")] == "armbåndsur; ur"
    assert journal.undo_title(bench.project.catalog) == "Synonyms of “klokke”"


def test_double_click_opens_a_cell(bench: Bench) -> None:
    view = bench.page.table.view
    place = view.visualRect(bench.index("klokka", Column.EN)).center()
    bench.qtbot.mouseClick(view.viewport(), LEFT, pos=place)
    bench.qtbot.mouseDClick(view.viewport(), LEFT, pos=place)
    assert bench.page.table.is_being_edited
    (editor,) = view.viewport().findChildren(QLineEdit)
    bench.qtbot.keyClicks(editor, "clock")
    bench.page._read()
    bench.qtbot.wait(100)
    assert editor.text() == "clock"
    bench.qtbot.keyClick(editor, Qt.Key.Key_Return)
    bench.qtbot.waitUntil(lambda: not bench.page.table.is_being_edited)
    bench.settle()
    assert bench.names()["klokka"][0] == "clock"


def test_name_that_is_taken_is_refused_and_the_old_one_shown(
    bench: Bench, failures: list[Exception]
) -> None:
    before = bench.names()
    bench.edit("klokka", Column.NO, "klokken")
    assert [type(error) for error in failures] == [KeywordError]
    assert bench.names() == before
    assert "klokka" in bench.shown()


def test_selection_stays_while_names_change(bench: Bench) -> None:
    bench.click("Patrol Aircraft")
    bench.edit("klokka", Column.NO, "aaa")
    bench.click("Patrol Aircraft")
    actions.rename(
        bench.context,
        bench.page.table.model.keywords[0],
        "zzz",
        lambda changes: None,
        lambda error: None,
    )
    bench.settle()
    assert [one.no for one in bench.page.table.keywords] == ["Patrol Aircraft"]


def test_keys_confirm_retire_and_take_back(bench: Bench) -> None:
    bench.click("klokka")
    bench.press(Qt.Key.Key_Return, ctrl=True)
    assert bench.names()["klokka"][2] == "confirmed"
    bench.click("klokken", more=True)
    bench.press(Qt.Key.Key_Delete)
    assert [bench.names()[name][2] for name in ("klokka", "klokken")] == ["retired", "retired"]
    assert journal.undo_title(bench.project.catalog) == "Retire 2 keywords"
    assert "klokka" not in bench.shown()
    bench.page.table.kind.setCurrentIndex(Shown.RETIRED)
    assert bench.shown() == ["klokka", "klokken"]
    bench.click("klokka")
    bench.qtbot.keyClick(
        bench.page.table.view, Qt.Key.Key_Delete, Qt.KeyboardModifier.ShiftModifier
    )
    bench.settle()
    assert bench.names()["klokka"][2] == "confirmed"


def test_filter_finds_any_name(bench: Bench) -> None:
    bench.edit("klokka", Column.SYNONYMS, "Timepiece")
    bench.type_into(bench.page.table.field, "TIME")
    assert bench.shown() == ["klokka"]
    bench.press(Qt.Key.Key_Escape, bench.page.table.field)
    bench.page.table.field.clear()
    bench.page.table.kind.setCurrentIndex(Shown.UNNAMED)
    assert len(bench.shown()) == 8
    assert bench.page.table.count.text() == "8 of 8 keywords"


# merging --------------------------------------------------------------------------------------


def test_chosen_keywords_are_merged_after_a_preview(bench: Bench) -> None:
    bench.click("klokken")
    bench.click("klokka", more=True)
    assert bench.page.panel.title.text() == "2 keywords chosen"
    bench.press(Qt.Key.Key_M, ctrl=True)
    dialog = bench.page.dialog
    assert isinstance(dialog, MergeDialog)
    bench.settle()
    assert dialog.kept.no == "klokka"
    assert "2 more images get “klokka”; 4 have it already." in dialog.text.text()
    dialog.list.setCurrentRow(1)
    bench.settle()
    assert "4 more images get “klokken”; 2 have it already." in dialog.text.text()
    dialog.list.setCurrentRow(0)
    bench.settle()
    bench.qtbot.mouseClick(dialog.apply, LEFT)
    bench.settle()
    assert bench.names()["klokka"] == (None, ("klokken",), "imported", 6)
    assert "klokken" not in bench.names()
    assert "klokken" not in bench.shown()
    suggester = bench.context.session.suggester  # type: ignore[union-attr]
    assert suggester is not None
    assert suggester.references == 12


def test_one_keyword_is_merged_with_another_that_is_typed(bench: Bench) -> None:
    bench.click("klokken")
    bench.press(Qt.Key.Key_M, ctrl=True)
    dialog = bench.page.dialog
    assert isinstance(dialog, MergeDialog)
    assert not dialog.apply.isEnabled()
    bench.qtbot.keyClicks(dialog.entry.field, "klokka")
    bench.qtbot.keyClick(dialog.entry.field, Qt.Key.Key_Return)
    bench.settle()
    assert dialog.kept.no == "klokka"
    bench.qtbot.mouseClick(dialog.apply, LEFT)
    bench.settle()
    assert bench.names()["klokka"][1] == ("klokken",)


def test_merge_that_is_cancelled_changes_nothing(bench: Bench) -> None:
    before = bench.names()
    bench.click("klokken")
    bench.click("klokka", more=True)
    bench.press(Qt.Key.Key_M, ctrl=True)
    assert bench.page.dialog is not None
    bench.qtbot.keyClick(bench.page.dialog, Qt.Key.Key_Escape)
    bench.settle()
    assert bench.page.dialog is None
    assert bench.names() == before


def test_similar_names_are_answered_by_single_keys(bench: Bench) -> None:
    bench.page.show_view(View.SIMILAR)
    bench.settle()
    near = bench.page.near
    pairs = [near.pairs.pair_at(row) for row in range(near.pairs.rowCount())]
    assert [(one.kept.no, one.merged.no) for one in pairs if one] == [
        ("klokka", "klokken"),
        ("Fighter", "Fighter Aircraft"),
    ]
    bench.press(Qt.Key.Key_J, near.table)
    assert bench.names()["klokka"][1] == ("klokken",)
    assert near.pairs.rowCount() == 1
    bench.press(Qt.Key.Key_N, near.table)
    assert near.pairs.rowCount() == 0
    assert "Fighter Aircraft" in bench.names()
    assert near.told.text() == "No two names look alike."
    journal.undo(bench.project.catalog)
    bench.page.show_view(View.TABLE)


def test_similar_names_are_merged_the_other_way_round(bench: Bench) -> None:
    bench.page.show_view(View.SIMILAR)
    bench.settle()
    bench.press(Qt.Key.Key_O, bench.page.near.table)
    assert bench.names()["klokken"] == (None, ("klokka",), "imported", 6)


# the panel ------------------------------------------------------------------------------------


def test_better_name_is_seen_while_it_is_typed(bench: Bench) -> None:
    bench.click("klokka")
    panel = bench.page.panel
    assert panel.title.text() == "klokka"
    now = [cells[0].text() for cells in panel.comparison.cells]
    assert now[1] != "…"
    bench.press(Qt.Key.Key_E, ctrl=True)
    bench.type_into(panel.english, "a clock")
    on_images, elsewhere, auc, _ = panel.comparison.cells
    assert [on_images[0].text(), elsewhere[0].text()] == now[:2]
    assert on_images[1].property("role") == "good"
    assert auc[1].property("role") == "good"
    assert float(auc[1].text()) > float(auc[0].text())
    assert bench.names()["klokka"][0] is None
    bench.press(Qt.Key.Key_Return, panel.english)
    assert bench.names()["klokka"][0] == "a clock"
    assert panel.comparison.cells[2][0].text() == auc[0].text()
    assert not panel.save.isEnabled()


def test_worse_name_is_marked_and_escape_takes_it_back(bench: Bench) -> None:
    bench.edit("klokka", Column.EN, "clock")
    bench.click("klokka")
    panel = bench.page.panel
    bench.type_into(panel.english, "aircraft")
    assert panel.comparison.cells[0][1].property("role") == "problem"
    bench.press(Qt.Key.Key_Escape, panel.english)
    assert panel.english.text() == "clock"
    assert panel.comparison.cells[0][1].text() == ""


def test_suggestion_of_the_glossary_is_taken_by_a_click(bench: Bench) -> None:
    bench.click("sambandspanservogn")
    panel = bench.page.panel
    assert panel.suggestion.isVisible()
    panel.suggestion.linkActivated.emit("#")
    bench.settle()
    assert panel.english.text() == "armoured communication vehicle"
    bench.qtbot.mouseClick(panel.save, LEFT)
    bench.settle()
    found = bench.names()["sambandspanservogn"]
    assert found[0] == "armoured communication vehicle"
    assert found[2] == "confirmed"


def test_images_of_a_keyword_open_on_the_label_page(bench: Bench) -> None:
    wanted: list[RankedImages] = []
    bench.context.navigation.label_wanted.connect(wanted.append)
    bench.click("Fighter")
    bench.qtbot.mouseClick(bench.page.panel.images, LEFT)
    bench.settle()
    assert [(one.title, sorted(one.images.tolist())) for one in wanted] == [
        ("Images with “Fighter”", [7, 8, 9])
    ]


def test_scores_show_the_worst_name_first(bench: Bench) -> None:
    bench.edit("klokka", Column.EN, "aircraft of time")
    bench.edit("Fighter", Column.EN, "fighter craft")
    bench.page.score()
    bench.settle()
    assert not bench.page.table.view.isColumnHidden(Column.NAME_AUC)
    scores = bench.shown(Column.NAME_AUC)
    scored = [float(text) for text in scores if text]
    assert len(scored) == 3
    assert scored == sorted(scored)
    assert all(text == "" for text in scores[3:])
    assert bench.shown()[0] == "klokka"
    bench.edit("klokka", Column.EN, "clock")
    bench.click("klokka")
    assert float(bench.shown(Column.NAME_AUC)[bench.shown().index("klokka")]) > 0.9


def test_why_nothing_is_measured_is_said(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.project.feature_path("made-up").unlink()
    bench.click("Fighter")
    assert "made-up" in bench.page.panel.note.text()


# translation ----------------------------------------------------------------------------------


def test_names_are_translated_and_confirmed(bench: Bench) -> None:
    told: list[str] = []
    bench.page.message.connect(told.append)
    bench.press(Qt.Key.Key_T, ctrl=True)
    found = bench.names()["sambandspanservogn"]
    assert (found[0], found[2]) == ("armoured communication vehicle", "machine")
    assert bench.names()["ukjentheimen"][0] is None
    assert "unknown" in told[0]
    bench.page.keys.confirm_all.trigger()
    bench.settle()
    assert bench.names()["sambandspanservogn"][2] == "confirmed"


def test_nothing_goes_online_before_somebody_agrees(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    class Service:
        def translate(self, text: str) -> str:
            asked.append(text)
            return f"the {text}"

    monkeypatch.setattr(
        "core.workflows.translate.google_client", lambda source, target, timeout: Service()
    )
    bench.page.keys.online.trigger()
    dialog = bench.page.dialog
    assert isinstance(dialog, QuestionDialog)
    bench.qtbot.keyClick(dialog, Qt.Key.Key_Return)
    bench.settle()
    assert asked == [], "Return cancels"
    assert not log_path(bench.project).exists()
    bench.page.keys.online.trigger()
    assert isinstance(bench.page.dialog, QuestionDialog)
    bench.qtbot.mouseClick(bench.page.dialog.apply, LEFT)
    bench.settle()
    assert "ukjentheimen" in asked
    assert bench.names()["ukjentheimen"][0] == "the ukjentheimen"
    bench.page.keys.online.trigger()
    assert bench.page.dialog is None
    bench.settle()


# the table ------------------------------------------------------------------------------------


def test_table_goes_out_and_in(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "words.csv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *a, **k: (str(path), ""))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *a, **k: (str(path), ""))
    bench.page.keys.export.trigger()
    bench.settle()
    text = path.read_text(encoding="utf-8-sig")
    assert "klokka,,,imported,4" in text
    path.write_text(text.replace("klokka,,", "klokka,clock,"), encoding="utf-8")
    bench.page.keys.take.trigger()
    bench.settle()
    dialog = bench.page.dialog
    assert isinstance(dialog, QuestionDialog)
    assert "1 keywords change, 0 are new, 7 stay as they are." in dialog.text.text()
    bench.qtbot.mouseClick(dialog.apply, LEFT)
    bench.settle()
    assert bench.names()["klokka"][0] == "clock"
    bench.page.keys.take.trigger()
    bench.settle()
    assert bench.page.dialog is None


# models, changes of others --------------------------------------------------------------------


def test_changes_of_others_are_shown(bench: Bench, context: AppContext) -> None:
    step = actions.workflow.rename(
        bench.project, bench.page.table.model.keywords[0], "another name"
    )
    context.bus.changed.emit(step, None)
    bench.settle()
    assert "another name" in bench.shown()
    context.set_session(None)
    assert bench.shown() == []
    context.set_session(ProjectSession(bench.project))
    bench.settle()
    assert "another name" in bench.shown()


def rows() -> list[KeywordRow]:
    names = [("bru", "bridge", 3), ("Alt", None, 20), ("øy", "island", 0), ("zoo", None, 7)]
    return [
        KeywordRow(Keyword(KeywordId(n), no, en, KeywordStatus.IMPORTED), (), images)
        for n, (no, en, images) in enumerate(names, 1)
    ]


def test_models_are_sound(qtmodeltester: ModelTester) -> None:
    model = VocabularyModel()
    model.set_rows(rows())
    qtmodeltester.check(model)
    qtmodeltester.check(NearNamesModel())


@pytest.mark.parametrize(
    ("column", "order", "names"),
    [
        (Column.NO, Qt.SortOrder.AscendingOrder, ["Alt", "bru", "zoo", "øy"]),
        (Column.IMAGES, Qt.SortOrder.DescendingOrder, ["Alt", "zoo", "bru", "øy"]),
        (Column.EN, Qt.SortOrder.AscendingOrder, ["bru", "øy"]),
        (Column.EN, Qt.SortOrder.DescendingOrder, ["øy", "bru"]),
        (Column.NAME_AUC, Qt.SortOrder.AscendingOrder, ["zoo", "bru"]),
        (Column.NAME_AUC, Qt.SortOrder.DescendingOrder, ["bru", "zoo"]),
    ],
)
def test_what_has_no_value_stands_last(
    column: Column, order: Qt.SortOrder, names: list[str]
) -> None:
    model = VocabularyModel()
    model.set_rows(rows())
    some = Quality(0.9, 0.5), Quality(0.4, 0.5)
    model.set_scores(
        {
            KeywordId(1): NameScore(KeywordId(1), "bru", 3, some[0], some[0]),
            KeywordId(4): NameScore(KeywordId(4), "zoo", 7, some[1], some[1]),
        }
    )
    model.sort(column, order)
    found = [model.index(row, Column.NO).data() for row in range(4)]
    assert found[: len(names)] == names


def test_page_without_a_project_is_empty(qtbot: QtBot, context: AppContext) -> None:
    page = KeywordsPage(context)
    qtbot.addWidget(page)
    page.show()
    for action in page.menu_actions()["keywords"]:
        if action not in (page.keys.export, page.keys.take, page.keys.online):
            action.trigger()
    assert page.table.model.rowCount() == 0
