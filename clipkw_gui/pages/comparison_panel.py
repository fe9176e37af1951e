"""Models side by side: the table of their results, intervals and curves beside each other."""

from __future__ import annotations

from PySide6.QtCore import QSortFilterProxyModel, Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from clipkw_gui.actions.experiments import Evaluation
from clipkw_gui.models.facts import SORT_ROLE, FactModel
from clipkw_gui.pages.experiment_texts import (
    about_test_set,
    curve_kinds,
    curve_plot,
    intervals_of,
    result_rows,
    result_titles,
)
from clipkw_gui.widgets.interval_plot import IntervalPlot
from clipkw_gui.widgets.labels import text_label
from clipkw_gui.widgets.plot import Plot
from clipkw_gui.widgets.table_copy import CopyTable

_WIDTHS = (320, 84, 130, 90, 80, 90, 182, 134, 92, 160, 84)


class ComparisonPanel(QWidget):
    """Shows one evaluation; the curves are those of the rows that are selected, or of all."""

    report_wanted = Signal()
    save_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._found: Evaluation | None = None
        self.empty = QLabel(wordWrap=True, alignment=Qt.AlignmentFlag.AlignCenter)
        self.empty.setProperty("role", "secondary")
        self.empty.setMargin(48)
        self.about = text_label("", "secondary", wrap=True)
        self.notes = text_label("", "secondary", wrap=True)
        self.report = QPushButton(self.tr("Open the report"), objectName="openReport")
        self.save = QPushButton(self.tr("Save the report…"), objectName="saveReport")
        self.report.clicked.connect(self.report_wanted)
        self.save.clicked.connect(self.save_wanted)
        self.results = FactModel(result_titles(), self)
        self.shown = QSortFilterProxyModel(self)
        self.shown.setSourceModel(self.results)
        self.shown.setSortRole(SORT_ROLE)
        self.table = CopyTable(self.tr("Results of the models"))
        self.table.setModel(self.shown)
        self.table.setSortingEnabled(True)
        self.table.sortByColumn(1, Qt.SortOrder.DescendingOrder)
        for column, width in enumerate(_WIDTHS):
            self.table.setColumnWidth(column, width)
        self.intervals = IntervalPlot(self.tr("F2 and its 95 % interval"))
        self.kind = QComboBox()
        self.kind.setAccessibleName(self.tr("Which curves to show"))
        for kind, title in curve_kinds().items():
            self.kind.addItem(title, kind)
        self.plot = Plot(self.tr("Curves"))
        self.no_curves = text_label(
            self.tr("The comparison was too small for this plot."), "secondary", wrap=True
        )
        self.stack = QStackedWidget()
        self._lay_out()
        self.kind.currentIndexChanged.connect(self._show_curves)
        self.table.selectionModel().selectionChanged.connect(self._show_curves)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.about, 1)
        head.addWidget(self.save)
        head.addWidget(self.report)
        above, below = QWidget(), QWidget()
        column = QVBoxLayout(above)
        column.setContentsMargins(16, 12, 16, 10)
        column.setSpacing(10)
        column.addLayout(head)
        column.addWidget(self.table, 1)
        column.addWidget(self.notes)
        below.setBackgroundRole(QPalette.ColorRole.Base)
        below.setAutoFillBackground(True)
        row = QHBoxLayout(below)
        row.setContentsMargins(20, 14, 20, 14)
        row.setSpacing(28)
        left, right = QVBoxLayout(), QVBoxLayout()
        left.setSpacing(8)
        left.addWidget(text_label(self.tr("F2 and its 95 % interval"), "section"))
        left.addWidget(self.intervals)
        left.addStretch(1)
        right.setSpacing(8)
        right.addWidget(self.kind, 0, Qt.AlignmentFlag.AlignLeft)
        right.addWidget(self.plot, 1)
        right.addWidget(self.no_curves)
        row.addLayout(left, 1)
        row.addLayout(right, 1)
        self.splitter = QSplitter(Qt.Orientation.Vertical, childrenCollapsible=False)
        self.splitter.addWidget(above)
        self.splitter.addWidget(below)
        self.splitter.setSizes([340, 380])
        self.stack.addWidget(self.empty)
        self.stack.addWidget(self.splitter)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.stack)

    @property
    def evaluation(self) -> Evaluation | None:
        """What is shown."""
        return self._found

    def show_nothing(self, text: str) -> None:
        """Say why there is no comparison, and what to do."""
        self._found = None
        self.empty.setText(text)
        self.stack.setCurrentWidget(self.empty)

    def show_evaluation(self, found: Evaluation) -> None:
        """Show what an evaluation found."""
        self._found = found
        self.about.setText(about_test_set(found))
        self.notes.setText("\n".join(found.notes))
        self.notes.setVisible(bool(found.notes))
        self.results.set_rows(result_rows(found))
        self.intervals.show_intervals(intervals_of(found))
        self._show_curves()
        self.stack.setCurrentWidget(self.splitter)

    def _show_curves(self) -> None:
        if self._found is None:
            return
        rows = {
            self.shown.mapToSource(index).row()
            for index in self.table.selectionModel().selectedRows()
        }
        wanted = [self._found.models[self.results.key_at(row)].title for row in sorted(rows)]
        content = curve_plot(self._found, str(self.kind.currentData()), wanted)
        self.plot.show_content(content)
        self.plot.setVisible(content is not None)
        self.no_curves.setVisible(content is None)
