"""The Search page with real keys: words, examples, filters, saving, opening in Label."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QImage
from PySide6.QtWidgets import QToolButton
from search_bench import COUNT, SearchBench

from clipkw_gui.navigation import RankedImages
from clipkw_gui.pages.search import SearchPage
from clipkw_gui.roles import Role
from core.types import (
    ImageId,
    ImageQuery,
    QueueName,
    SearchByFile,
    SearchByImages,
    SearchByText,
    Split,
)
from core.workflows.search import Searcher

CTRL = Qt.KeyboardModifier.ControlModifier
TRUCKS = [f"{n:02}" for n in range(0, COUNT, 2)]
SHIPS = [f"{n:02}" for n in range(1, COUNT, 2)]


def test_typing_shows_the_most_similar_first_with_their_scores(bench: SearchBench) -> None:
    bench.type("ship")
    assert bench.found()[: len(SHIPS)] == SHIPS
    scores = [bench.page.results.index(row).data(Role.SCORE) for row in range(COUNT)]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] > 0.9
    assert bench.page.status.text().startswith(f"{COUNT} of {COUNT}")


def test_a_norwegian_keyword_is_translated_and_that_is_said(bench: SearchBench) -> None:
    bench.type("lastebil")
    assert bench.found()[: len(TRUCKS)] == TRUCKS
    assert "“truck”" in bench.page.status.text()


def test_an_emptied_field_shows_how_to_search(bench: SearchBench) -> None:
    bench.type("ship")
    bench.page.field.selectAll()
    bench.press(Qt.Key.Key_Delete)
    bench.settle()
    assert bench.found() == []
    assert "in Norwegian or English" in bench.page.empty.text()
    assert not bench.page.to_label.isEnabled()


def test_a_part_of_the_preparation_is_chosen_by_its_name(bench: SearchBench) -> None:
    page, split = bench.page, bench.page.filters.split
    assert split.isHidden(), "nothing is prepared"
    bench.prepare({Split.TEST: ["01", "04"], Split.TRAIN: ["00", "02", "03"]})
    assert [split.itemText(row) for row in range(1, split.count())] == [
        "Training set (3)",
        "Test set (2)",
    ]
    bench.type("ship")
    split.setFocus()
    bench.qtbot.keyClick(split, Qt.Key.Key_End)
    bench.settle()
    assert bench.found() == ["01", "04"]
    assert page.chips.texts == {"split": "Test set"}
    bench.qtbot.mouseClick(page.chips.findChild(QToolButton, "split"), Qt.MouseButton.LeftButton)
    bench.settle()
    assert len(bench.found()) == COUNT
    assert split.currentIndex() == 0


def test_only_images_of_which_the_model_is_so_sure(bench: SearchBench) -> None:
    """Images 0 and 2 are trucks, 1 and 3 are ships; others are the surer the nearer they are."""
    page, panel = bench.page, bench.page.filters
    suggester = bench.load_suggester()
    bench.type("truck")
    panel.suggested.setFocus()
    bench.qtbot.keyClicks(panel.suggested.field, "ship")
    assert panel.suggested.choices() == ["skip"]
    bench.qtbot.keyClick(panel.suggested.field, Qt.Key.Key_Return)
    bench.settle()
    assert page.chips.texts == {"confidence": "Model: skip ≥ 50\u00a0%"}
    found = suggester.suggest([bench.id_of(f"{n:02}") for n in range(COUNT)])
    sure = {
        Path(one.path).stem
        for one in found
        if any(x.keyword.no == "skip" and x.confidence >= 0.5 for x in one.suggestions)
    }
    assert 2 < len(sure) < COUNT
    assert set(bench.found()) == sure
    scores = [page.results.index(row).data(Role.SCORE) for row in range(len(sure))]
    assert scores == sorted(scores, reverse=True)
    page.save_as("sure of ships")
    bench.settle()
    page.filters.remove_part("confidence")
    bench.settle()
    assert len(bench.found()) == COUNT
    [saved] = panel.saved._searches
    page._open_saved(saved)
    bench.settle()
    assert set(bench.found()) == sure


def test_a_filter_narrows_the_results_at_once(bench: SearchBench) -> None:
    bench.type("ship")
    bench.page.filters.set_query(ImageQuery(queue=QueueName.LABELED))
    bench.settle()
    assert bench.found() == ["01", "03", "02", "00"]
    assert bench.page.chips.texts == {"queue": "Labeled"}
    bench.page.filters.set_query(ImageQuery(folder="sør", text="1"))
    bench.settle()
    assert bench.found()[:5] == SHIPS[5:]


def test_a_stale_result_never_replaces_a_newer_one(
    bench: SearchBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The older search hangs until the newer one was asked for; its result must not show."""
    asked, go_on = threading.Event(), threading.Event()
    steps = Searcher.steps

    def slow(self: Searcher, target: SearchByText, *arguments: object) -> Iterator[object]:
        if target == SearchByText("ship"):
            asked.set()
            assert go_on.wait(20)
        return steps(self, target, *arguments)

    monkeypatch.setattr(Searcher, "steps", slow)
    page = bench.page
    bench.qtbot.keyClicks(page.field, "ship")
    bench.qtbot.waitUntil(asked.is_set, timeout=20_000)
    page.field.selectAll()
    bench.qtbot.keyClicks(page.field, "truck")
    bench.press(Qt.Key.Key_Return)
    go_on.set()
    bench.settle()
    assert bench.found()[: len(TRUCKS)] == TRUCKS
    assert {result.understood for result in bench.shown} == {"truck"}


def test_only_the_last_of_many_words_is_searched_for(bench: SearchBench) -> None:
    bench.page.field.setFocus()
    for text in ("truck", " ship", " ship ship"):
        bench.qtbot.keyClicks(bench.page.field, text)
    bench.settle()
    assert {result.understood for result in bench.shown} == {"truck ship ship ship"}


def test_results_stream_while_the_archive_is_searched(
    bench: SearchBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.workflows.search.BLOCK_ROWS", 4)
    monkeypatch.setattr("clipkw_gui.actions.search.FIRST_SECONDS", 0.0)
    monkeypatch.setattr("clipkw_gui.actions.search.NEXT_SECONDS", 0.0)
    bench.type("ship")
    assert [result.searched for result in bench.shown] == [4, 8, 12, 16, 20]
    assert bench.found()[: len(SHIPS)] == SHIPS


def test_more_like_a_result(bench: SearchBench) -> None:
    bench.type("ship")
    bench.press(Qt.Key.Key_Down)
    assert bench.page.grid.hasFocus()
    bench.press(Qt.Key.Key_M)
    bench.settle()
    assert bench.page.choice.target == SearchByImages((bench.id_of("01"),))
    assert bench.found()[:2] == ["03", "05"]
    assert "01" not in bench.found()
    assert bench.page.target.text() == "Like 01.png"
    assert bench.page.field.text() == ""


def test_a_file_is_searched_for_and_named(bench: SearchBench, tmp_path: Path) -> None:
    picture = tmp_path / "elsewhere.png"
    QImage(40, 40, QImage.Format.Format_RGB32).save(str(picture))
    image = QImage(40, 40, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.green)
    image.save(str(picture))
    bench.page.choice.take_file(str(picture))
    bench.settle()
    assert bench.found()[: len(SHIPS)] == SHIPS
    assert bench.page.target.text() == "Like elsewhere.png"
    bench.type("truck")
    assert bench.page.target.isHidden()
    assert bench.found()[: len(TRUCKS)] == TRUCKS


def test_a_broken_file_is_said_where_the_results_would_be(
    bench: SearchBench, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"no image at all")
    bench.type("ship")
    bench.page.choice.take_file(str(broken))
    bench.settle()
    assert "broken.jpg cannot be searched for" in bench.page.empty.text()
    assert bench.page.stack.currentWidget() is bench.page.empty


def test_a_copied_picture_is_pasted_into_the_field(bench: SearchBench) -> None:
    image = QImage(40, 30, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.red)
    QGuiApplication.clipboard().setImage(image)
    bench.page.field.setFocus()
    bench.press(Qt.Key.Key_V, CTRL)
    bench.settle()
    assert bench.found()[: len(TRUCKS)] == TRUCKS
    assert bench.page.target.text() == "Like the pasted picture"
    QGuiApplication.clipboard().setText("ship")
    bench.press(Qt.Key.Key_V, CTRL)
    bench.settle()
    assert bench.page.field.text() == "ship"
    assert bench.found()[: len(SHIPS)] == SHIPS


def test_no_folder_is_made_before_a_picture_is_pasted_and_none_is_left(
    bench: SearchBench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    folder = tmp_path / "temporary"
    folder.mkdir()
    page = SearchPage(bench.context)
    bench.qtbot.addWidget(page)
    assert not list(folder.iterdir())
    mime = QMimeData()
    image = QImage(40, 30, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.red)
    mime.setImageData(image)
    page.choice.take_mime(mime)
    bench.settle()
    assert len(list(folder.iterdir())) == 1
    QGuiApplication.instance().aboutToQuit.emit()
    assert not list(folder.iterdir())


def test_a_dropped_file_is_searched_for(bench: SearchBench) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(bench.project.images_root / "nord" / "04.png"))])
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    copy = Qt.DropAction.CopyAction
    enter = QDragEnterEvent(QPoint(400, 300), copy, mime, left, none)
    QGuiApplication.sendEvent(bench.page, enter)
    assert enter.isAccepted()
    QGuiApplication.sendEvent(bench.page, QDropEvent(QPointF(400, 300), copy, mime, left, none))
    bench.settle()
    assert isinstance(bench.page.choice.target, SearchByFile)
    assert bench.found()[0] == "04"


def test_a_saved_search_is_listed_run_again_and_deleted(bench: SearchBench) -> None:
    page = bench.page
    page.filters.set_query(ImageQuery(queue=QueueName.UNLABELED))
    bench.type("ship")
    found = bench.found()
    page.save_as("båter i nord")
    bench.settle()
    assert page.filters.saved.names() == ["båter i nord"]
    page.filters.set_query(ImageQuery())
    page.field.clear()
    bench.settle()
    assert bench.found() == []
    item = page.filters.saved.item(0)
    place = page.filters.saved.visualItemRect(item).center()
    bench.qtbot.mouseClick(page.filters.saved.viewport(), Qt.MouseButton.LeftButton, pos=place)
    bench.settle()
    assert bench.found() == found
    assert page.field.text() == "ship"
    assert page.filters.query.queue is QueueName.UNLABELED
    page.filters.saved.setFocus()
    bench.qtbot.keyClick(page.filters.saved, Qt.Key.Key_Delete)
    bench.settle()
    assert page.filters.saved.names() == []
    assert page.filters.saved.isHidden()


def test_the_results_are_opened_in_label_from_the_current_one_on(bench: SearchBench) -> None:
    asked: list[RankedImages] = []
    bench.context.navigation.label_wanted.connect(asked.append)
    bench.type("ship")
    bench.press(Qt.Key.Key_Down)
    bench.press(Qt.Key.Key_Right)
    bench.press(Qt.Key.Key_Return)
    [ranked] = asked
    assert ranked.first == bench.id_of("03")
    assert ranked.images.tolist() == bench.page.results.ids.tolist()
    assert ranked.title == "Search: ship"


def test_without_an_encoder_the_page_says_what_to_do(bench: SearchBench) -> None:
    from dataclasses import replace

    from core.settings import EncoderSettings

    bench.project.settings = replace(bench.project.settings, encoder=EncoderSettings())
    bench.type("ship")
    assert "no encoder is chosen" in bench.page.empty.text()
    assert bench.found() == []


def test_closing_the_project_leaves_nothing_behind(bench: SearchBench) -> None:
    bench.type("ship")
    bench.context.set_session(None)
    bench.settle()
    assert bench.found() == []
    assert bench.page.field.text() == ""


def test_the_limit_says_how_many_are_shown(
    bench: SearchBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.page.limit.setItemData(0, 7)
    bench.page.limit.setCurrentIndex(0)
    bench.type("ship")
    assert bench.found() == SHIPS[:7]
    assert bench.page.status.text().startswith(f"7 of {COUNT}")


def test_scores_are_the_cosines(bench: SearchBench) -> None:
    [first, second] = [bench.id_of("01"), bench.id_of("05")]
    bench.page.choice.take_images((first,))
    bench.settle()
    ids = bench.page.results.ids.tolist()
    one = np.array([5.0, 250.0]) / np.hypot(5, 250)
    other = np.array([25.0, 250.0]) / np.hypot(25, 250)
    score = bench.page.results.index(ids.index(ImageId(second))).data(Role.SCORE)
    assert score == pytest.approx(float(one @ other), abs=1e-6)
