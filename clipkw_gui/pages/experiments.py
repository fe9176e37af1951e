"""The Experiments page: tune and compare models, watch them, choose the one to work with."""

from __future__ import annotations

from enum import IntEnum
from pathlib import Path

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from clipkw_gui.actions import experiments
from clipkw_gui.actions.encode import cancel_job
from clipkw_gui.actions.experiments import (
    EVALUATION,
    Evaluation,
    EvaluationSettings,
    ExperimentRow,
    Recommendation,
    TrialRow,
    Tuning,
)
from clipkw_gui.context import AppContext
from clipkw_gui.jobs.runner import Job
from clipkw_gui.pages.comparison_panel import ComparisonPanel
from clipkw_gui.pages.experiment_form import WIDTH, ExperimentForm
from clipkw_gui.pages.recommendation_line import RecommendationLine
from clipkw_gui.pages.run_panel import RunPanel
from clipkw_gui.widgets.labels import line, text_label
from clipkw_gui.widgets.segments import Segments
from clipkw_gui.widgets.splitter_memory import SplitterMemory
from core.errors import ClipkwError
from core.types import Changes, ExperimentId, ExperimentState

LIVE_MS = 700
"""How often the trials of a running experiment are read."""


class View(IntEnum):
    """The views of the page, from left to right."""

    RUNS = 0
    COMPARISON = 1


class ExperimentsPage(QWidget):
    """Passes messages between the parts."""

    message = Signal(str)
    """One quiet line about what happened."""

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._rows: list[ExperimentRow] = []
        self._needs_list = True
        self._is_reading = False
        """Whether what was looked for last has not come in yet: it is not asked for again."""
        self.form = ExperimentForm()
        self.runs = RunPanel()
        self.comparison = ComparisonPanel()
        self.recommendation = RecommendationLine()
        self.views = Segments()
        self.stack = QStackedWidget()
        self.across = QSplitter(childrenCollapsible=False)
        self._live = QTimer(self, interval=LIVE_MS)
        self._focusing = QTimer(self, singleShot=True, interval=0)
        self._lay_out()
        self._connect()
        kept = {
            "experiments/across": self.across,
            "experiments/runs": self.runs.splitter,
            "experiments/comparison": self.comparison.splitter,
        }
        self._layout_memory = SplitterMemory(context.preferences, kept)
        self._session_changed()

    def _lay_out(self) -> None:
        self.views.add(self.tr("Runs"))
        self.views.add(self.tr("Comparison"))
        head = QHBoxLayout()
        head.setContentsMargins(16, 8, 16, 8)
        head.setSpacing(16)
        head.addWidget(text_label(self.tr("Experiments"), "heading"))
        head.addWidget(self.views)
        head.addStretch(1)
        self.stack.addWidget(self.runs)
        self.stack.addWidget(self.comparison)
        self.across.addWidget(self.form)
        self.across.addWidget(self.stack)
        self.across.setStretchFactor(1, 1)
        self.across.setSizes([WIDTH, 900])
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(line())
        column.addWidget(self.recommendation)
        column.addWidget(self.across, 1)

    def _connect(self) -> None:
        self._context.session_changed.connect(self._session_changed)
        self._context.bus.changed.connect(self._on_changed)
        self._live.timeout.connect(self._watch)
        self._focusing.timeout.connect(self._focus)
        self.views.chosen.connect(self.show_view)
        self.form.tuning_wanted.connect(self._tune)
        self.form.comparison_wanted.connect(self._compare)
        self._context.navigation.tuning_wanted.connect(self._go_on)
        self._context.navigation.comparison_wanted.connect(self._compare_again)
        self.recommendation.wanted.connect(self._use_recommended)
        self.recommendation.job.cancelled.connect(self._cancel)
        self.runs.chosen.connect(self._show_run)
        self.runs.use_wanted.connect(self._use)
        self.runs.comparison_wanted.connect(self.open_comparison)
        self.comparison.report_wanted.connect(self._open_report)
        self.comparison.save_wanted.connect(self._ask_where_to_save)
        for job in self.form.jobs:
            job.cancelled.connect(self._cancel)
            job.ended.connect(self._job_ended)

    # the project ------------------------------------------------------------------------------

    def _session_changed(self) -> None:
        self._rows = []
        self._needs_list = True
        self._is_reading = False
        self._live.stop()
        for job in (*self.form.jobs, self.recommendation.job):
            job.watch(None)
        self.recommendation.show_recommendation(None)
        self._show_ready()
        self.runs.show_rows([], self.tr("Reading the experiments…"))
        self.comparison.show_nothing("")
        self.show_view(View.RUNS)
        if self._context.session is not None and self.isVisible():
            self._list()

    def _list(self) -> None:
        self._needs_list = False
        self._is_reading = True
        experiments.list_experiments(self._context, self._show_list, self._not_read)
        experiments.find_recommended(self._context, self._show_recommended, self._failed)

    def _not_read(self, error: Exception) -> None:
        self._is_reading = False
        self._failed(error)

    def _show_list(self, rows: list[ExperimentRow]) -> None:
        self._is_reading = False
        self._rows = rows
        self.runs.is_live = self._is_busy()
        nothing = self.tr(
            "Nothing was tuned or compared yet.\n\nTune neighbor search first: it takes a few"
            " minutes, and its settings are those of the Label page when you say so. An archive"
            " that is not prepared is prepared first."
        )
        self.runs.show_rows(rows, nothing)
        current = self.runs.current
        if current is not None:
            self._show_run(current)
        done = [row for row in rows if row.kind == EVALUATION and row.state is ExperimentState.DONE]
        if not done:
            text = self.tr("No comparison yet.\n\nChoose models on the left and press Compare.")
            self.comparison.show_nothing(text)
        elif (
            self.comparison.evaluation is None or done[0].id > self.comparison.evaluation.experiment
        ):
            self._read_evaluation(done[0].id)

    def _on_changed(self, changes: Changes, origin: object) -> None:
        stale = changes.label_images or changes.vectors_changed or changes.keywords
        self._needs_list |= bool(stale or changes.experiments_changed or changes.choices)
        if self._needs_list and self.isVisible() and not stale:
            self._list()

    # starting ---------------------------------------------------------------------------------

    def _tune(self, wanted: Tuning) -> None:
        self._begin(experiments.tune_models(self._context, wanted, self._failed), 0)

    def _go_on(self, wanted: Tuning) -> None:
        self.show_view(View.RUNS)
        if wanted.model is None:
            self.form.choose_all()
        else:
            self.form.choose_model(wanted.model.name, wanted.model.variant)
        self._tune(wanted)

    def _compare_again(self, settings: EvaluationSettings) -> None:
        self.show_view(View.RUNS)
        self._compare(settings)

    def _compare(self, settings: EvaluationSettings) -> None:
        job = experiments.compare_models(self._context, settings, self._failed)
        self._begin(job, 1)

    def _begin(self, job: Job | None, place: int) -> None:
        if job is not None:
            self.form.jobs[place].watch(job)
            self._show_ready()
            self._live.start()

    def _cancel(self, job: Job) -> None:
        cancel_job(self._context, job)

    def _job_ended(self) -> None:
        self._show_ready()
        if not self._is_busy():
            self._live.stop()
        self._list()

    def _is_busy(self) -> bool:
        return any(job.job is not None for job in self.form.jobs)

    def _show_ready(self) -> None:
        is_open = self._context.session is not None
        tune, compare = (is_open and job.job is None for job in self.form.jobs)
        self.form.set_ready(tune=tune, compare=compare)

    # watching ---------------------------------------------------------------------------------

    def _watch(self) -> None:
        """Look how far the running experiment is; until it is listed, look for it."""
        if not self.isVisible() or self._is_reading:
            return
        current = self.runs.current
        running = [row for row in self._rows if row.state is ExperimentState.RUNNING]
        if len(running) < self._running_jobs():
            self._list()
        elif current is not None and current.state is ExperimentState.RUNNING:
            self._read_trials(current.id)

    def _running_jobs(self) -> int:
        jobs = [one.job for one in self.form.jobs]
        return min(sum(1 for job in jobs if job is not None and job.done + job.total > 0), 1)

    def _show_run(self, row: ExperimentRow | None) -> None:
        if row is not None and row.kind != EVALUATION:
            self._read_trials(row.id)

    def _read_trials(self, experiment: ExperimentId) -> None:
        self._is_reading = True
        experiments.list_trials(self._context, experiment, self._take_trials, self._not_read)

    def _take_trials(self, trials: list[TrialRow]) -> None:
        self._is_reading = False
        current = self.runs.current
        if current is not None and current.kind != EVALUATION:
            self.runs.show_trials(trials)

    # choosing and comparing -------------------------------------------------------------------

    def _use(self, experiment: ExperimentId | None) -> None:
        experiments.use_model(self._context, experiment, self._failed)
        self.message.emit(self.tr("The Label page uses this model now. Ctrl+Z takes it back."))

    def _show_recommended(self, found: Recommendation | None) -> None:
        self.recommendation.show_recommendation(found)

    def _use_recommended(self) -> None:
        job = experiments.use_recommended(self._context, self._failed)
        if job is not None:
            self.recommendation.show_job(job)

    def show_view(self, number: int) -> None:
        """Show the runs or the comparison."""
        self.views.set_current(number)
        self.stack.setCurrentIndex(number)
        self._focusing.start()

    def _focus(self) -> None:
        if self.isVisible():
            panel = self.comparison if self.views.current == View.COMPARISON else self.runs
            panel.table.setFocus()

    def open_comparison(self, experiment: ExperimentId) -> None:
        """Show what an evaluation found."""
        self._read_evaluation(experiment)
        self.show_view(View.COMPARISON)

    def _read_evaluation(self, experiment: ExperimentId) -> None:
        experiments.read_evaluation(self._context, experiment, self._show_evaluation, self._failed)

    def _show_evaluation(self, found: Evaluation) -> None:
        self.comparison.show_evaluation(found)

    def _open_report(self) -> None:
        found = self.comparison.evaluation
        if found is not None:
            experiments.open_report(self._context, found.experiment, self._failed)

    def _ask_where_to_save(self) -> None:
        found = self.comparison.evaluation
        folder = QFileDialog.getExistingDirectory(self, self.tr("Folder for the report"))
        if found is not None and folder:
            experiments.save_report(
                self._context, found.experiment, Path(folder), self._saved, self._failed
            )

    def _saved(self, page: Path) -> None:
        self.message.emit(self.tr("The report was saved: {path}").format(path=page))

    # events -----------------------------------------------------------------------------------

    def _failed(self, error: Exception) -> None:
        if isinstance(error, ClipkwError):
            self._context.runner.failed.emit(error)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._needs_list and self._context.session is not None:
            self._list()
        self._focusing.start()

    def hideEvent(self, event: QHideEvent) -> None:
        self._layout_memory.save()
        super().hideEvent(event)
