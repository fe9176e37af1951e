"""How a job of this page is getting on, in one line, with a button to stop it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from clipkw_gui.jobs.runner import Job, JobState
from clipkw_gui.widgets.formats import left_text
from clipkw_gui.widgets.job_progress import show_progress
from clipkw_gui.widgets.quiet_label import QuietLabel


class JobLine(QWidget):
    """Shows a job while it is active and is hidden otherwise."""

    cancelled = Signal(object)
    """The person wants this Job to stop."""
    ended = Signal(object)
    """The Job is done, has failed or was cancelled."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.job: Job | None = None
        self.text = QuietLabel()
        self._bar = QProgressBar(textVisible=False)
        self._cancel = QPushButton(self.tr("Cancel"), objectName="cancelJob")
        self._cancel.clicked.connect(self._ask_to_cancel)
        texts = QVBoxLayout()
        texts.setSpacing(6)
        texts.addWidget(self.text)
        texts.addWidget(self._bar)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(14)
        row.addLayout(texts, 1)
        row.addWidget(self._cancel)
        self.setVisible(False)

    def watch(self, job: Job | None) -> None:
        """Show how a job is getting on until it has ended."""
        if self.job is not None:
            self.job.changed.disconnect(self._show)
        self.job = job
        if job is not None:
            self._bar.setAccessibleName(self.tr("Progress of {job}").format(job=job.title))
            job.changed.connect(self._show)
            self._show()
        self.setVisible(job is not None)

    def _show(self) -> None:
        job = self.job
        if job is None:
            return
        if not job.is_active:
            self.watch(None)
            self.ended.emit(job)
            return
        show_progress(self._bar, job)
        self.text.set_text("  ·  ".join(self._tell(job)))
        self._cancel.setEnabled(not job.progress.is_cancelled)

    def _tell(self, job: Job) -> list[str]:
        parts = [job.title]
        if job.progress.is_cancelled:
            parts.append(self.tr("stopping"))
        elif job.state is JobState.QUEUED:
            parts.append(self.tr("waits for the job before it"))
        elif job.state is JobState.PAUSED:
            parts.append(self.tr("paused"))
        if job.note:
            parts.append(job.note)
        if job.state is JobState.RUNNING and job.seconds_left is not None:
            parts.append(left_text(job.seconds_left))
        return parts

    def _ask_to_cancel(self) -> None:
        if self.job is not None:
            self.cancelled.emit(self.job)
