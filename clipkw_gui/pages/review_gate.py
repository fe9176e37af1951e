"""What stands in the place of the queues until the labels have been judged."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from clipkw_gui.jobs.runner import Job
from clipkw_gui.widgets.job_line import JobLine
from clipkw_gui.widgets.labels import text_label

WIDTH = 560


class ReviewGate(QWidget):
    """Says what is missing or what will be done; has the button for it, and its progress."""

    wanted = Signal()
    """Judge the labels now."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = text_label(self.tr("Review"), "heading", wrap=True)
        self.text = text_label("", "secondary", wrap=True)
        self.failure = text_label("", "problem", wrap=True)
        self.button = QPushButton(self.tr("Judge labels"), objectName="judgeLabels")
        self.button.setProperty("primary", True)
        self.button.clicked.connect(self.wanted)
        self.job = JobLine()
        inner = QWidget()
        inner.setFixedWidth(WIDTH)
        column = QVBoxLayout(inner)
        column.setSpacing(14)
        column.addWidget(self.title)
        column.addWidget(self.text)
        column.addWidget(self.failure)
        column.addWidget(self.job)
        column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignLeft)
        # An aligned widget would not get the height that its wrapped text needs.
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(inner)
        row.addStretch(1)
        whole = QVBoxLayout(self)
        whole.addStretch(2)
        whole.addLayout(row)
        whole.addStretch(3)
        self.show_missing("")

    def show_missing(self, text: str) -> None:
        """Labels cannot be judged, or it is not known yet."""
        self.show_failure("")
        self._show(self.tr("Review"), text, can_start=False)

    def show_offer(self, text: str) -> None:
        """Labels can be judged; why it did not work before stays to be read."""
        self._show(self.tr("Find wrong and missing keywords"), text, can_start=True)

    def show_job(self, job: Job) -> None:
        """They are being judged."""
        self.job.watch(job)
        self.button.setVisible(False)
        self.failure.setVisible(False)

    def show_failure(self, text: str) -> None:
        """It did not work; it can be tried again."""
        self.failure.setText(text)
        self.failure.setVisible(bool(text))

    def _show(self, title: str, text: str, *, can_start: bool) -> None:
        self.title.setText(title)
        self.text.setText(text)
        self.button.setVisible(can_start and self.job.job is None)
