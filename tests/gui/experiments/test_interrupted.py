"""A tuning that was going on when the program ended is offered again, and goes on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest
from experiment_bench import LEFT
from PySide6.QtWidgets import QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from clipkw_gui.actions.project import shut_down
from clipkw_gui.main_window import MainWindow
from clipkw_gui.pages.experiments import ExperimentsPage
from clipkw_gui.widgets.message_bar import MessageRow
from core.errors import Cancelled
from core.progress import Silent
from core.types import ExperimentState, Trial
from core.workflows import tune as workflow
from core.workflows.evaluate import EvaluationSettings
from core.workflows.experiments import list_experiments, list_trials
from core.workflows.preparation_settings import PreparationSettings
from core.workflows.prepare import chosen_preparation, prepare
from core.workflows.project import Project, open_project
from core.workflows.tune import Search, TuneSettings, tune
from core.workflows.unfinished import Work, noted, unfinished_work

LONG = 120_000

OpenWindow = Callable[[Path], MainWindow]


class Killed(BaseException):
    """What ends a program without a word."""


@pytest.fixture
def killed(project: Project, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose tuning was killed after one trial."""
    searching = workflow.optimise

    def kill_after_one(*given: object, **named: object) -> Trial:
        note = named["on_trial"]

        def note_and_die(trial: Trial) -> None:
            note(trial)
            raise Killed

        return searching(*given, **{**named, "on_trial": note_and_die})

    with monkeypatch.context() as patch:
        patch.setattr(workflow, "optimise", kill_after_one)
        with pytest.raises(Killed):
            tune(project, "neighbor-search", "as-is", TuneSettings(Search.RANDOM, 4, seed=2))
    [row] = list_experiments(project)
    assert (row.state, row.trials) == (ExperimentState.RUNNING, 1)
    return project.folder


@pytest.fixture
def window(open_window: OpenWindow, killed: Path) -> MainWindow:
    """The window with that project."""
    return open_window(killed)


def test_it_is_offered_and_goes_on_with_the_same_experiment(
    window: MainWindow, qtbot: QtBot, killed: Path
) -> None:
    offers = [row for row in window.messages.rows() if "was being tuned" in row.text]
    [row] = offers
    assert row.text.startswith("Neighbor search")
    qtbot.mouseClick(row.findChild(QPushButton, "answer"), LEFT)
    assert isinstance(window.pages.currentWidget(), ExperimentsPage)
    runner = window._context.runner
    qtbot.waitUntil(runner.is_idle, timeout=LONG)
    with open_project(killed) as project:
        [known] = list_experiments(project)
        assert known.state is ExperimentState.DONE
        assert known.settings == {"search": "random", "trials": 4, "seed": 2}
        assert len(list_trials(project, known.id)) == 4


def offered(window: MainWindow, text: str) -> MessageRow:
    [row] = [row for row in window.messages.rows() if text in row.text]
    return row


def test_a_preparation_that_was_cancelled_is_offered_and_goes_on(
    project: Project, qtbot: QtBot, open_window: OpenWindow
) -> None:
    class Stop(Silent):
        def checkpoint(self) -> None:
            raise Cancelled

    settings = PreparationSettings(minimum_images=4, seed=9)
    with pytest.raises(Cancelled):
        prepare(project, settings, Stop())
    window = open_window(project.folder)
    row = offered(window, "preparation of this archive did not end")
    qtbot.mouseClick(row.findChild(QPushButton, "answer"), LEFT)
    qtbot.waitUntil(lambda: not window._context.runner.active_jobs(), timeout=LONG)
    qtbot.waitUntil(window._context.runner.is_idle, timeout=LONG)
    with open_project(project.folder) as again:
        made = chosen_preparation(again)
        assert made is not None
        assert made.settings == settings
        assert unfinished_work(again) == {}
    shut_down(window._context)


def test_a_comparison_that_did_not_end_is_offered_until_it_is_dismissed(
    project: Project, qtbot: QtBot, open_window: OpenWindow
) -> None:
    asked = EvaluationSettings(("1-nn",), 20, 7)
    with pytest.raises(KeyboardInterrupt), noted(project, Work.EVALUATION, asdict(asked)):
        raise KeyboardInterrupt
    window = open_window(project.folder)
    row = offered(window, "comparison of the models did not end")
    compared: list[object] = []
    window._context.navigation.comparison_wanted.connect(compared.append)
    qtbot.mouseClick(row.findChild(QPushButton, "answer"), LEFT)
    qtbot.waitUntil(window._context.runner.is_idle, timeout=LONG)
    assert compared == [asked]
    assert isinstance(window.pages.currentWidget(), ExperimentsPage)
    with pytest.raises(KeyboardInterrupt), noted(project, Work.EVALUATION, asdict(asked)):
        raise KeyboardInterrupt
    window._offers.look()
    qtbot.waitUntil(window._context.runner.is_idle, timeout=LONG)
    row = offered(window, "comparison of the models did not end")
    [dismiss] = [one for one in row.findChildren(QToolButton) if one.toolTip() == "Dismiss"]
    qtbot.mouseClick(dismiss, LEFT)
    qtbot.waitUntil(window._context.runner.is_idle, timeout=LONG)
    assert unfinished_work(project) == {}
    shut_down(window._context)
