"""Tuning, watching, choosing and comparing with the mouse."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from experiment_bench import LEFT, ExperimentBench
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QLabel

from clipkw_gui.actions import label
from clipkw_gui.actions.experiments import Tuning
from clipkw_gui.jobs.runner import JobState
from clipkw_gui.models.facts import SORT_ROLE
from clipkw_gui.pages.experiments import View
from core.catalog import choices
from core.errors import StorageError
from core.types import ExperimentState, Trial
from core.workflows import tune as workflow
from core.workflows import tune_all as all_of_them
from core.workflows.experiments import list_experiments, list_trials
from core.workflows.model_plans import find_plan


def test_an_empty_page_says_where_to_start(bench: ExperimentBench) -> None:
    assert "Tune neighbor search first" in bench.page.runs.empty.text()
    assert bench.page.runs.empty.isVisible()
    assert bench.page.runs.detail.isHidden()
    bench.page.show_view(View.COMPARISON)
    assert "press Compare" in bench.page.comparison.empty.text()


def test_tuning_uses_what_was_filled_in_and_shows_its_trials(bench: ExperimentBench) -> None:
    bench.page.form.tuning_seed.setValue(4)
    bench.tune(trials=3)
    [row] = list_experiments(bench.project)
    assert (row.name, row.variant, row.state) == ("neighbor-search", "as-is", ExperimentState.DONE)
    assert row.settings == {"search": "random", "trials": 3, "seed": 4}
    runs = bench.page.runs
    assert runs.current == row
    trials = list_trials(bench.project, row.id)
    [dots] = runs.plot.content.dots
    assert list(dots.points) == [(one.number, one.value) for one in trials]
    assert runs.plot.content.curves[0].points[-1][1] == max(one.value for one in trials)
    assert f"{row.f2 * 100:.1f} %" in runs.about.text()
    [cells] = bench.cells()
    assert cells[:2] == ["1", "Neighbor search"]
    assert cells[5] == "4"
    assert row.data_version.startswith(cells[6])
    assert row.encoder.startswith(cells[7])


def test_a_run_tells_all_that_is_needed_to_repeat_it(bench: ExperimentBench) -> None:
    bench.tune()
    [row] = list_experiments(bench.project)
    shown = {one.text() for one in bench.page.runs.detail.findChildren(QLabel)}
    assert {"temperature", "search", "random", "seed", "preparation", row.data_version} <= shown


def test_a_tuned_model_is_used_when_one_says_so_and_undo_takes_it_back(
    bench: ExperimentBench,
) -> None:
    bench.tune()
    runs = bench.page.runs
    assert choices.chosen(bench.project.catalog, choices.EXPERIMENT) == ""
    bench.qtbot.mouseClick(runs.use, LEFT)
    bench.settle()
    assert choices.chosen(bench.project.catalog, choices.EXPERIMENT) == "1"
    assert bench.cells()[0][1] == "✓ Neighbor search"
    assert runs.use.isHidden()
    label.undo_step(bench.context, print)
    bench.settle()
    assert choices.chosen(bench.project.catalog, choices.EXPERIMENT) == ""
    assert bench.cells()[0][1] == "Neighbor search"
    assert runs.use.isVisible()


def test_the_model_of_the_start_can_be_used_again(bench: ExperimentBench) -> None:
    bench.tune()
    bench.qtbot.mouseClick(bench.page.runs.use, LEFT)
    bench.settle()
    bench.qtbot.mouseClick(bench.page.runs.start, LEFT)
    bench.settle()
    assert choices.chosen(bench.project.catalog, choices.EXPERIMENT) == ""


class SlowSearch:
    """A search that has made two trials and goes on only at its checkpoints."""

    def __init__(self) -> None:
        self.runs = threading.Event()

    def __call__(self, *_: object, **given: object) -> Trial:
        for number in (0, 1):
            given["on_trial"](Trial(number, "{}", 0.2 + number / 10, 0.1))
        self.runs.set()
        while True:
            given["progress"].report(2, 9, "best 0.3")
            given["progress"].checkpoint()
            threading.Event().wait(0.005)


def test_trials_are_shown_while_they_come_and_stopping_keeps_them(
    bench: ExperimentBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, slow = bench.page, SlowSearch()
    monkeypatch.setattr(workflow, "optimise", slow)
    bench.qtbot.mouseClick(page.form.tune, LEFT)
    bench.qtbot.waitUntil(slow.runs.is_set, timeout=60_000)
    assert not page.form.tune.isEnabled()
    plot = page.runs.plot
    bench.qtbot.waitUntil(lambda: plot.content is not None, timeout=20_000)
    assert list(plot.content.dots[0].points) == [(0, 0.2), (1, pytest.approx(0.3))]
    said = page.form.jobs[0].text
    bench.qtbot.waitUntil(lambda: "best 0.3" in said.text(), timeout=20_000)
    [job] = bench.context.runner.jobs()
    bench.qtbot.mouseClick(page.form.jobs[0]._cancel, LEFT)
    bench.qtbot.waitUntil(lambda: job.state is JobState.CANCELLED, timeout=20_000)
    bench.settle()
    assert page.form.tune.isEnabled()
    [cells] = bench.cells()
    assert cells[2:4] == ["stopped", "2"]
    assert "goes on where it was" in page.runs.about.text()


def test_a_tuning_that_fails_says_why(
    bench: ExperimentBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> Trial:
        raise StorageError("The disk is full.", "Make room.")

    failures: list[Exception] = []
    bench.context.runner.failed.connect(failures.append)
    monkeypatch.setattr(workflow, "optimise", fail)
    bench.qtbot.mouseClick(bench.page.form.tune, LEFT)
    bench.settle()
    assert [type(one) for one in failures] == [StorageError]
    assert "The disk is full." in bench.page.runs.about.text()
    assert bench.cells()[0][2] == "failed"
    assert bench.page.form.tune.isEnabled()


# comparing ------------------------------------------------------------------------------------


def test_models_are_compared_side_by_side(bench: ExperimentBench) -> None:
    bench.compare("1-nn", "linear-probe")
    panel, found = bench.page.comparison, bench.page.comparison.evaluation
    assert found is not None
    assert {one.name for one in found.models} == {"1-nn", "linear-probe"}
    assert panel.results.rowCount() == len(found.models)
    values = [panel.shown.index(row, 1).data(SORT_ROLE) for row in range(len(found.models))]
    assert values == sorted((one.micro.f2 for one in found.models), reverse=True)
    best = [found.models[place].title for place in found.best]
    assert sorted(one.name for one in panel.intervals.intervals) == sorted(best)
    assert "the first use of this test set" in panel.about.text()
    assert panel.plot.content is not None
    bench.qtbot.mouseClick(bench.page.runs.look, LEFT)
    bench.settle()
    assert bench.page.stack.currentWidget() is panel
    assert panel.table.isVisible()


def test_only_curves_of_the_selected_models_are_shown(bench: ExperimentBench) -> None:
    bench.compare("1-nn", "linear-probe")
    bench.page.show_view(View.COMPARISON)
    panel = bench.page.comparison
    assert len(panel.plot.content.curves) > 1
    titles = [panel.shown.index(row, 0).data() for row in range(panel.shown.rowCount())]
    panel.table.selectRow(titles.index("Linear probe"))
    assert [one.title for one in panel.plot.content.curves] == ["Linear probe"]


def test_without_a_model_nothing_is_compared(bench: ExperimentBench) -> None:
    form = bench.page.form
    for box in form.families.values():
        box.setChecked(False)
    assert not form.compare.isEnabled()
    form.families["1-nn"].setChecked(True)
    assert form.compare.isEnabled()
    assert form.evaluation_settings().models == ("1-nn",)
    for box in form.families.values():
        box.setChecked(True)
    assert form.evaluation_settings().models == ()


def test_the_report_of_a_comparison_is_opened_and_saved(
    bench: ExperimentBench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    opened: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", opened.append)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path / "out"))
    bench.compare("1-nn")
    bench.page.show_view(View.COMPARISON)
    bench.qtbot.mouseClick(bench.page.comparison.report, LEFT)
    bench.settle()
    [page] = (Path(one.toLocalFile()) for one in opened)
    assert page.is_relative_to(bench.project.folder)
    assert "1-NN" in page.read_text(encoding="utf-8")
    bench.qtbot.mouseClick(bench.page.comparison.save, LEFT)
    bench.settle()
    assert {"evaluation.html", "evaluation.json", "models.csv"} <= {
        one.name for one in (tmp_path / "out").iterdir()
    }


def test_the_table_is_sorted_by_a_click_and_copied(bench: ExperimentBench) -> None:
    bench.tune()
    bench.compare("1-nn")
    assert [row[0] for row in bench.cells()] == ["2", "1"]
    bench.page.runs.table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
    assert [row[0] for row in bench.cells()] == ["1", "2"]


# all models, and the recommended one ----------------------------------------------------------


def test_all_models_are_tuned_in_the_time_that_is_given_and_one_is_used_by_one_click(
    bench: ExperimentBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = tuple(find_plan(name) for name in ("1-nn", "linear-probe", "combined"))
    monkeypatch.setattr(all_of_them, "PLANS", few)
    form, line = bench.page.form, bench.page.recommendation
    assert line.isHidden()
    form.choose_all()
    form.search.setCurrentIndex(form.search.findText("Random"))
    form.trials.setValue(2)
    form.minutes.setValue(3)
    wanted: list[Tuning] = []
    form.tuning_wanted.connect(wanted.append)
    bench.qtbot.mouseClick(form.tune, LEFT)
    bench.settle()
    assert wanted[0].seconds == 180
    assert [row.name for row in list_experiments(bench.project)] == [
        "combined",
        "linear-probe",
        "1-nn",
    ]
    assert line.isVisible()
    assert line.text.text().startswith("Recommended: Combined")
    bench.qtbot.mouseClick(line.use, LEFT)
    bench.settle()
    assert choices.chosen(bench.project.catalog, choices.EXPERIMENT) == "3"
    assert line.text.text().startswith("In use: Combined")
    assert line.use.isHidden()


def test_a_model_that_was_compared_only_is_made_when_it_is_used(bench: ExperimentBench) -> None:
    bench.compare("1-nn", "linear-probe")
    line = bench.page.recommendation
    assert line.isVisible()
    bench.qtbot.mouseClick(line.use, LEFT)
    bench.settle()
    chosen = [row for row in list_experiments(bench.project) if row.is_chosen]
    assert [row.kind for row in chosen] == ["tuning"]
    assert chosen[0].title in line.text.text()
