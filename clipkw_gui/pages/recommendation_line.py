"""Which model the project should use, in one line, with the button for it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from clipkw_gui.actions.experiments import Recommendation
from clipkw_gui.jobs.runner import Job
from clipkw_gui.pages.experiment_texts import recommendation_text
from clipkw_gui.widgets.job_line import JobLine
from clipkw_gui.widgets.labels import Sign, line, text_label


class RecommendationLine(QWidget):
    """Hidden as long as nothing is recommended."""

    wanted = Signal()
    """Use the recommended model for suggestions."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._found: Recommendation | None = None
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.setAutoFillBackground(True)
        self.text = text_label("", wrap=True)
        self.use = QPushButton(self.tr("Use for suggestions"), objectName="useRecommended")
        self.use.setProperty("primary", True)
        self.use.clicked.connect(self.wanted)
        self.job = JobLine()
        self.job.ended.connect(self._job_ended)
        row = QHBoxLayout()
        row.setContentsMargins(16, 8, 16, 8)
        row.setSpacing(10)
        row.addWidget(Sign("done", 18), 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.text, 1)
        row.addWidget(self.job, 1)
        row.addWidget(self.use)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(line())
        self.setVisible(False)

    def show_recommendation(self, found: Recommendation | None) -> None:
        """Show what is recommended; None hides the line."""
        self._found = found
        self.setVisible(found is not None)
        if found is not None:
            self.text.setText(recommendation_text(found))
            self._show_button()

    def show_job(self, job: Job) -> None:
        """The model is being made."""
        self.job.watch(job)
        self._show_button()

    def _job_ended(self) -> None:
        self._show_button()

    def _show_button(self) -> None:
        found, is_busy = self._found, self.job.job is not None
        self.text.setVisible(not is_busy)
        self.use.setVisible(found is not None and not found.is_chosen and not is_busy)
