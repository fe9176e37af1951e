"""One job on the Jobs page."""

from __future__ import annotations

from PySide6.QtCore import QLocale, Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from clipkw_gui.jobs.runner import Job, JobState
from clipkw_gui.theme import icon
from clipkw_gui.widgets.formats import count_text, left_text, rate_text
from clipkw_gui.widgets.job_progress import show_progress
from clipkw_gui.widgets.labels import set_role, text_label

LOG_HEIGHT = 110


class JobCard(QFrame):
    """Title, progress, buttons, and the log when it is asked for."""

    cancelled = Signal(object)
    """The person wants this Job to stop."""

    def __init__(self, job: Job, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.setAccessibleName(job.title)
        self.job = job
        self._title = text_label(job.title, "heading")
        self._state = text_label("", "secondary")
        self._facts = text_label("", "secondary")
        self._note = QLabel(textFormat=Qt.TextFormat.PlainText)
        self._note.setProperty("role", "secondary")
        self._bar = QProgressBar(textVisible=False)
        self._bar.setAccessibleName(self.tr("Progress of {job}").format(job=job.title))
        self._pause = QPushButton(objectName="pause")
        self._pause.clicked.connect(self._pause_or_resume)
        self._cancel = QPushButton(self.tr("Cancel"), objectName="cancel")
        self._cancel.clicked.connect(self._ask_to_cancel)
        self._log_button = QToolButton(text=self.tr("Log"), checkable=True, objectName="log")
        self._log_button.setToolTip(self.tr("Show what happened so far"))
        self._log_button.toggled.connect(self._show_log)
        self._log = QPlainTextEdit(readOnly=True, visible=False)
        self._log.setFixedHeight(LOG_HEIGHT)
        self._log.setAccessibleName(self.tr("Log of {job}").format(job=job.title))
        self._lay_out()
        job.changed.connect(self._show)
        self._show()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._title)
        head.addWidget(self._state)
        head.addStretch(1)
        head.addWidget(self._log_button)
        head.addWidget(self._pause)
        head.addWidget(self._cancel)
        foot = QHBoxLayout()
        foot.setSpacing(16)
        foot.addWidget(self._facts)
        foot.addWidget(self._note, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 12, 12)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self._bar)
        column.addLayout(foot)
        column.addWidget(self._log)

    def _show(self) -> None:
        job, active = self.job, self.job.is_active
        paused = job.progress.is_paused
        stopping = active and job.progress.is_cancelled
        show_progress(self._bar, job)
        self._bar.setVisible(active)
        roles = {JobState.DONE: "good", JobState.FAILED: "problem"}
        set_role(self._state, roles.get(job.state, "secondary"))
        self._state.setText(self.tr("stopping") if stopping else self._state_text(job.state))
        self._facts.setText("  ·  ".join(self._tell(job)))
        self._facts.setVisible(active and bool(self._facts.text()))
        self._note.setText(job.note if active else self._last_words(job))
        self._pause.setVisible(active)
        self._cancel.setVisible(active)
        self._pause.setEnabled(not stopping)
        self._cancel.setEnabled(not stopping)
        self._pause.setText(self.tr("Resume") if paused else self.tr("Pause"))
        self._pause.setIcon(icon("resume" if paused else "pause"))
        if self._log.isVisible():
            self._fill_log()

    def _state_text(self, state: JobState) -> str:
        return {
            JobState.QUEUED: self.tr("waiting for its turn"),
            JobState.RUNNING: self.tr("running"),
            JobState.PAUSED: self.tr("paused"),
            JobState.DONE: self.tr("done"),
            JobState.FAILED: self.tr("failed"),
            JobState.CANCELLED: self.tr("cancelled"),
        }[state]

    def _tell(self, job: Job) -> list[str]:
        parts = []
        if job.total:
            text = self.tr("{done} of {total}")
            parts.append(text.format(done=count_text(job.done), total=count_text(job.total)))
        elif job.done:
            parts.append(count_text(job.done))
        if job.state is JobState.RUNNING and job.rate:
            parts.append(rate_text(job.rate))
        if job.state is JobState.RUNNING and job.seconds_left is not None:
            parts.append(left_text(job.seconds_left))
        return parts

    def _last_words(self, job: Job) -> str:
        return job.log[-1].text if job.log else ""

    def _show_log(self, shown: bool) -> None:
        self._log.setVisible(shown)
        self._fill_log()

    def _fill_log(self) -> None:
        local = QLocale()
        lines = [f"{local.toString(one.at.time(), 'HH:mm:ss')}  {one.text}" for one in self.job.log]
        text = "\n".join(lines)
        if text != self._log.toPlainText():
            self._log.setPlainText(text)
            bar = self._log.verticalScrollBar()
            bar.setValue(bar.maximum())

    def _pause_or_resume(self) -> None:
        if self.job.progress.is_paused:
            self.job.resume()
        else:
            self.job.pause()

    def _ask_to_cancel(self) -> None:
        self.cancelled.emit(self.job)
