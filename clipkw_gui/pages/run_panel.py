"""The runs so far in a table, and all about the one that is chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QModelIndex, QSortFilterProxyModel, Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QScrollArea,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from clipkw_gui.actions.experiments import EVALUATION, ExperimentRow, TrialRow
from clipkw_gui.models.facts import SORT_ROLE, FactModel
from clipkw_gui.pages.experiment_texts import (
    about_run,
    facts_of,
    run_row,
    run_titles,
    trial_plot,
)
from clipkw_gui.widgets.labels import set_role, text_label
from clipkw_gui.widgets.plot import Plot
from clipkw_gui.widgets.table_copy import CopyTable
from core.types import ExperimentId, ExperimentState

_WIDTHS = (60, 226, 70, 58, 70, 56, 92, 92, 140)
_WHAT = 1


class RunPanel(QWidget):
    """Table above, the chosen run below: its trials as they come, its settings, what to do."""

    chosen = Signal(object)
    """ExperimentRow that is shown, None for none."""
    use_wanted = Signal(object)
    """ExperimentId whose model is to make the suggestions, None for the one of the start."""
    comparison_wanted = Signal(object)
    """ExperimentId of an evaluation to look at."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: dict[ExperimentId, ExperimentRow] = {}
        self.is_live = False
        """Whether an experiment that has not ended is running here."""
        self.runs = FactModel(run_titles(), self)
        self.shown = QSortFilterProxyModel(self)
        self.shown.setSourceModel(self.runs)
        self.shown.setSortRole(SORT_ROLE)
        self.table = CopyTable(self.tr("Experiments"))
        self.table.setModel(self.shown)
        self.table.setSortingEnabled(True)
        self.table.sortByColumn(0, Qt.SortOrder.DescendingOrder)
        for column, width in enumerate(_WIDTHS):
            self.table.setColumnWidth(column, width)
        header = self.table.horizontalHeader()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(_WHAT, QHeaderView.ResizeMode.Stretch)
        self.empty = QLabel(wordWrap=True, alignment=Qt.AlignmentFlag.AlignCenter)
        self.empty.setProperty("role", "secondary")
        self.empty.setMargin(40)
        self.title = text_label("", "heading")
        self.about = text_label("", "secondary", wrap=True)
        self.plot = Plot(self.tr("Trials"))
        self.use = QPushButton(self.tr("Use for suggestions"), objectName="useModel")
        self.start = QPushButton(self.tr("Use the model of the start"), objectName="useStart")
        self.look = QPushButton(self.tr("See the comparison"), objectName="seeComparison")
        self.use.clicked.connect(self._want_use)
        self.start.clicked.connect(self._want_start)
        self.look.clicked.connect(self._want_comparison)
        self._facts = QGridLayout()
        self.detail = self._detail_part()
        self._lay_out()
        self.table.selectionModel().currentRowChanged.connect(self._show_current)
        self.table.activated.connect(self._open)
        self._show_run(None)

    def _lay_out(self) -> None:
        self.splitter = QSplitter(Qt.Orientation.Vertical, childrenCollapsible=False)
        above = QWidget()
        column = QVBoxLayout(above)
        column.setContentsMargins(16, 14, 16, 10)
        column.addWidget(self.table)
        column.addWidget(self.empty)
        self.splitter.addWidget(above)
        self.splitter.addWidget(self.detail)
        self.splitter.setStretchFactor(1, 1)
        self.splitter.setSizes([260, 420])
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.splitter)

    def _detail_part(self) -> QWidget:
        part = QWidget()
        part.setBackgroundRole(QPalette.ColorRole.Base)
        part.setAutoFillBackground(True)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.title)
        head.addStretch(1)
        for button in (self.look, self.start, self.use):
            head.addWidget(button)
        facts = QWidget(objectName="page")
        self._facts.setHorizontalSpacing(16)
        self._facts.setVerticalSpacing(5)
        self._facts.setColumnStretch(1, 1)
        column = QVBoxLayout(facts)
        column.setContentsMargins(0, 0, 8, 0)
        column.addLayout(self._facts)
        column.addStretch(1)
        area = QScrollArea(widgetResizable=True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(facts)
        area.setFixedWidth(300)
        beside = QHBoxLayout()
        beside.setSpacing(20)
        beside.addWidget(self.plot, 1)
        beside.addWidget(area)
        beside.addStretch(0)
        column = QVBoxLayout(part)
        column.setContentsMargins(20, 14, 20, 14)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self.about)
        column.addLayout(beside, 1)
        return part

    # what is shown ----------------------------------------------------------------------------

    @property
    def current(self) -> ExperimentRow | None:
        """The run that is shown."""
        index = self.shown.mapToSource(self.table.currentIndex())
        key = self.runs.key_at(index.row()) if index.isValid() else None
        return self._rows.get(key) if isinstance(key, int) else None

    def show_rows(self, rows: Sequence[ExperimentRow], nothing: str) -> None:
        """Show the runs; the chosen one stays chosen, and a new one is."""
        before, current = set(self._rows), self.current
        self._rows = {row.id: row for row in rows}
        self.runs.set_rows([run_row(row) for row in rows])
        self.empty.setText(nothing)
        self.empty.setVisible(not rows)
        self.table.setVisible(bool(rows))
        new = [row.id for row in rows if row.id not in before]
        wanted = new[0] if new and (before or current is None) else None
        if wanted is None and current is not None:
            wanted = current.id
        if wanted is None and rows:
            wanted = rows[0].id
        self.choose(wanted)
        self._show_run(self.current)

    def choose(self, experiment: ExperimentId | None) -> None:
        """Show another run."""
        row = self.runs.row_of(experiment)
        if row >= 0:
            index = self.shown.mapFromSource(self.runs.index(row, 0))
            self.table.setCurrentIndex(index)
            self.table.selectRow(index.row())

    def show_trials(self, trials: Sequence[TrialRow]) -> None:
        """Show the trials of the current run as far as it is."""
        row = self.current
        if row is not None and row.trials != len(trials):
            self._rows[row.id] = replace(row, trials=len(trials))
            self.runs.set_rows([run_row(one) for one in self._rows.values()])
        self.plot.show_content(trial_plot(trials))

    def _show_current(self, current: QModelIndex, previous: QModelIndex) -> None:
        if current.row() != previous.row() or not previous.isValid():
            self.plot.show_content(None)
            self._show_run(self.current)
            self.chosen.emit(self.current)

    def _show_run(self, row: ExperimentRow | None) -> None:
        self.detail.setVisible(row is not None)
        if row is None:
            return
        is_done = row.state is ExperimentState.DONE
        is_evaluation = row.kind == EVALUATION
        self.title.setText(row.title)
        self.about.setText(about_run(row, self.is_live))
        set_role(self.about, "problem" if row.error else "secondary")
        self.plot.setVisible(not is_evaluation)
        self.look.setVisible(is_evaluation and is_done)
        self.use.setVisible(not is_evaluation and is_done and not row.is_chosen)
        self.start.setVisible(row.is_chosen)
        self._fill_facts(row)

    def _fill_facts(self, row: ExperimentRow) -> None:
        while self._facts.count():
            item = self._facts.takeAt(0)
            widget = item.widget() if item else None
            if widget is not None:
                widget.deleteLater()
        for number, (name, value) in enumerate(facts_of(row)):
            label = text_label(value, wrap=True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._facts.addWidget(text_label(name, "secondary"), number, 0)
            self._facts.addWidget(label, number, 1)

    # what to do -------------------------------------------------------------------------------

    def _open(self) -> None:
        row = self.current
        if row is not None and row.kind == EVALUATION and row.state is ExperimentState.DONE:
            self.comparison_wanted.emit(row.id)

    def _want_comparison(self) -> None:
        self._open()

    def _want_use(self) -> None:
        if self.current is not None:
            self.use_wanted.emit(self.current.id)

    def _want_start(self) -> None:
        self.use_wanted.emit(None)
