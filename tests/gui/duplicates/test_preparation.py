"""Preparing from the window: settings, progress, what is in use, the report."""

from __future__ import annotations

from pathlib import Path

import pytest
from pair_bench import PairBench
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QLabel

from clipkw_gui.actions import label
from clipkw_gui.pages.duplicates import View
from core.errors import StorageError
from core.progress import Progress
from core.workflows import prepare as workflow
from core.workflows.preparation_settings import PreparationSettings
from core.workflows.prepare import PreparationReport, chosen_preparation
from core.workflows.project import Project

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def form(bench: PairBench) -> PairBench:
    """The page shows the preparation."""
    bench.page.show_view(View.PREPARE)
    bench.page.preparation.minimum.setValue(1)
    bench.settle()
    return bench


def press_prepare(form: PairBench) -> None:
    form.qtbot.mouseClick(form.page.preparation.start, LEFT)
    form.settle()


def test_preparing_uses_what_was_filled_in_and_says_what_it_did(form: PairBench) -> None:
    panel, said = form.page.preparation, []
    form.page.message.connect(said.append)
    panel.seed.setValue(7)
    panel.training.setValue(50)
    panel.validation.setValue(30)
    assert panel.test.text() == "20 %"
    assert panel.result.isHidden()
    press_prepare(form)
    chosen = chosen_preparation(form.project)
    assert chosen is not None
    assert chosen.settings == PreparationSettings(
        minimum_images=1, seed=7, training=0.5, validation=0.3
    )
    assert panel.result.isVisible()
    assert "Preparation 1" in panel.about.text()
    assert "seed 7" in panel.about.text()
    shown = {one.text() for one in panel.result.findChildren(QLabel)}
    assert {"Images left out", "4"} <= shown
    assert any("4 duplicates left out" in one for one in said)
    assert panel.start.isEnabled()


def test_the_report_is_written_and_opened_in_the_browser(
    form: PairBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", opened.append)
    press_prepare(form)
    form.qtbot.mouseClick(form.page.preparation.report, LEFT)
    form.settle()
    [page] = (Path(one.toLocalFile()) for one in opened)
    assert page.is_relative_to(form.project.folder)
    assert "<svg" in page.read_text(encoding="utf-8")


def test_the_report_is_saved_where_one_wants_it(
    form: PairBench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path / "out"))
    press_prepare(form)
    form.qtbot.mouseClick(form.page.preparation.save, LEFT)
    form.settle()
    assert (tmp_path / "out" / "preparation.html").is_file()


def test_undo_takes_the_preparation_out_of_use(form: PairBench) -> None:
    press_prepare(form)
    label.undo_step(form.context, print)
    form.settle()
    assert form.page.preparation.result.isHidden()


def test_a_preparation_that_fails_is_told_and_can_be_started_again(
    form: PairBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(project: Project, settings: object, progress: Progress) -> PreparationReport:
        raise StorageError("The disk is full.")

    failures: list[Exception] = []
    form.context.runner.failed.connect(failures.append)
    with monkeypatch.context() as patch:
        patch.setattr(workflow, "prepare", fail)
        press_prepare(form)
    assert [type(one) for one in failures] == [StorageError]
    press_prepare(form)
    assert form.page.preparation.result.isVisible()


def test_the_shares_always_leave_something_for_the_test_set(form: PairBench) -> None:
    panel = form.page.preparation
    panel.training.setValue(98)
    panel.validation.setValue(98)
    settings = panel.settings()
    assert settings.training + settings.validation <= 0.99 + 1e-9


def test_only_likelier_duplicates_can_be_left_out(form: PairBench) -> None:
    panel = form.page.preparation
    assert "0.9500" in panel.limits.text()
    press_prepare(form)
    assert chosen_preparation(form.project).report.removed == 4
    assert "assumed" in panel.about.text()
    panel.probability.setCurrentIndex(1)
    assert "0.9700" in panel.limits.text()
    form.settle()
    assert form.page.pairs.effect.text().startswith("3 of 12 images would be left out")
    press_prepare(form)
    chosen = chosen_preparation(form.project)
    assert chosen is not None
    assert chosen.settings.probability == 0.5
    # of the pairs with 0.9999, 0.985, 0.97 and 0.96, the last is too unlikely
    assert chosen.report.removed == 3
    label.undo_step(form.context, print)
    form.settle()
    assert panel.probability.currentIndex() == 0
