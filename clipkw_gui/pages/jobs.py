"""The Jobs page: what runs, what ran, and the files that could not be read."""

from __future__ import annotations

from PySide6.QtCore import QSortFilterProxyModel, Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from clipkw_gui.actions.encode import cancel_job
from clipkw_gui.actions.ingest import list_problems
from clipkw_gui.context import AppContext
from clipkw_gui.jobs.runner import Job
from clipkw_gui.models.problems import ProblemModel
from clipkw_gui.widgets.formats import count_text
from clipkw_gui.widgets.job_card import JobCard
from clipkw_gui.widgets.labels import line, text_label
from clipkw_gui.widgets.table_copy import CopyTable
from core.types import Changes, Problem

MARGIN = 24


class JobsPage(QWidget):
    """Jobs above, the newest first; problems below."""

    message = Signal(str)

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._cards: dict[Job, JobCard] = {}
        self._problems = ProblemModel(self)
        self._shown = QSortFilterProxyModel(self)
        self._shown.setSourceModel(self._problems)
        self._shown.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self._shown.setSortCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self._shown.setFilterKeyColumn(-1)
        self._whole = QVBoxLayout(self)
        self._whole.setContentsMargins(0, 0, 0, 0)
        self._whole.setSpacing(0)
        self._whole.addWidget(self._jobs_part(), 3)
        self._whole.addWidget(line())
        self._whole.addWidget(self._problems_part(), 2)
        runner = context.runner
        runner.job_started.connect(self._add)
        runner.job_finished.connect(self._ended)
        context.session_changed.connect(self._session_changed)
        context.bus.changed.connect(self._on_changed)
        for job in runner.jobs():
            self._add(job)
        self._show_counts()
        self._session_changed()

    def _jobs_part(self) -> QWidget:
        self._none = text_label(
            self.tr("Nothing is running. Imports and encoding show here while they work."),
            "secondary",
        )
        self._clear = QPushButton(self.tr("Clear finished"), objectName="clear")
        self._clear.clicked.connect(self.clear_ended)
        head = QHBoxLayout()
        head.addWidget(text_label(self.tr("Jobs"), "title"))
        head.addStretch(1)
        head.addWidget(self._clear)
        inner = QWidget(objectName="page")
        self._list = QVBoxLayout(inner)
        self._list.setContentsMargins(0, 0, 0, 0)
        self._list.setSpacing(10)
        self._list.addStretch(1)
        area = QScrollArea(widgetResizable=True)
        area.setWidget(inner)
        part = QWidget()
        column = QVBoxLayout(part)
        column.setContentsMargins(MARGIN, 20, MARGIN, 16)
        column.setSpacing(12)
        column.addLayout(head)
        column.addWidget(self._none)
        column.addWidget(area, 1)
        return part

    def _problems_part(self) -> QWidget:
        self._problems_title = text_label("", "heading")
        self._no_problems = text_label(
            self.tr("None: every file found so far could be read."), "secondary"
        )
        self._filter = QLineEdit(placeholderText=self.tr("Filter"), clearButtonEnabled=True)
        self._filter.setFixedWidth(220)
        self._filter.setAccessibleName(self.tr("Filter the problems"))
        self._filter.textChanged.connect(self._shown.setFilterFixedString)
        self.table = CopyTable(self.tr("Files that could not be read"))
        self.table.setModel(self._shown)
        self.table.setSortingEnabled(True)
        self.table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
        self.table.setColumnWidth(0, 420)
        self._copy = QPushButton(self.tr("Copy"), objectName="copyProblems")
        self._copy.setToolTip(self.tr("Copy the selected rows, or all of them (Ctrl+C)"))
        self._copy.clicked.connect(self.table.copy)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._problems_title)
        head.addStretch(1)
        head.addWidget(self._filter)
        head.addWidget(self._copy)
        part = QWidget()
        column = QVBoxLayout(part)
        column.setContentsMargins(MARGIN, 16, MARGIN, 20)
        column.setSpacing(12)
        column.addLayout(head)
        column.addWidget(self._no_problems)
        column.addWidget(self.table, 1)
        return part

    @property
    def cards(self) -> list[JobCard]:
        """The jobs that are shown, newest first."""
        return list(reversed(self._cards.values()))

    def clear_ended(self) -> None:
        """Take jobs that have ended off the page."""
        self._context.runner.forget_ended()
        for job in [one for one in self._cards if not one.is_active]:
            self._remove(job)
        self._show_counts()

    def _add(self, job: Job) -> None:
        card = JobCard(job)
        card.cancelled.connect(self._cancel)
        self._cards[job] = card
        self._list.insertWidget(0, card)
        self._show_counts()

    def _ended(self, job: Job) -> None:
        kept = self._context.runner.jobs()
        for old in [one for one in self._cards if one not in kept]:
            self._remove(old)
        self._show_counts()
        self._read_problems()

    def _remove(self, job: Job) -> None:
        card = self._cards.pop(job)
        self._list.removeWidget(card)
        card.hide()
        card.deleteLater()

    def _show_counts(self) -> None:
        self._none.setVisible(not self._cards)
        self._clear.setEnabled(any(not job.is_active for job in self._cards))

    def _cancel(self, job: Job) -> None:
        cancel_job(self._context, job)

    # problems ---------------------------------------------------------------------------------

    def _session_changed(self) -> None:
        self._show_problems([])
        self._read_problems()

    def _on_changed(self, changes: Changes, origin: object) -> None:
        if changes.images_changed or changes.vectors_changed:
            self._read_problems()

    def _read_problems(self) -> None:
        list_problems(self._context, self._show_problems)

    def _show_problems(self, problems: list[Problem]) -> None:
        self._problems.set_problems(problems)
        count = len(problems)
        title = self.tr("Files that could not be read")
        self._problems_title.setText(f"{title}  ({count_text(count)})" if count else title)
        for widget in (self._filter, self._copy, self.table):
            widget.setVisible(bool(count))
        self._no_problems.setVisible(not count)
        self._whole.setStretch(2, 2 if count else 0)
