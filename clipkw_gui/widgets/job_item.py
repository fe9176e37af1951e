"""The quiet place in the status bar that tells how the running job is getting on."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QToolButton, QWidget

from clipkw_gui.jobs.runner import Job, JobRunner, JobState
from clipkw_gui.widgets.formats import left_text, rate_text
from clipkw_gui.widgets.job_progress import show_progress


class JobItem(QWidget):
    """Shows the first active job; hidden while there is none."""

    clicked = Signal()

    def __init__(self, runner: JobRunner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._runner = runner
        self._text = QToolButton(objectName="jobItem")
        self._text.setToolTip(self.tr("Show the jobs"))
        self._text.clicked.connect(self.clicked)
        self._bar = QProgressBar()
        self._bar.setFixedWidth(140)
        self._bar.setTextVisible(False)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 4, 0)
        row.setSpacing(4)
        row.addStretch(1)
        row.addWidget(self._bar)
        row.addWidget(self._text)
        for signal in (runner.job_started, runner.job_changed, runner.job_finished):
            signal.connect(self._show)
        self.setVisible(False)

    @property
    def text(self) -> str:
        """What it says."""
        return self._text.text()

    def _show(self, changed: Job) -> None:
        active = self._runner.active_jobs()
        self.setVisible(bool(active))
        if active:
            show_progress(self._bar, active[0])
            text = self._tell(active[0], len(active) - 1)
            self._text.setText(text)
            self._text.setAccessibleName(text)

    def _tell(self, job: Job, more: int) -> str:
        parts = [job.title]
        if job.state is JobState.PAUSED:
            parts.append(self.tr("paused"))
        elif job.state is JobState.RUNNING:
            if job.rate:
                parts.append(rate_text(job.rate))
            if job.seconds_left is not None:
                parts.append(left_text(job.seconds_left))
        if more:
            parts.append(self.tr("{count} more").format(count=more))
        return "  ·  ".join(parts)
