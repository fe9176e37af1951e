"""What stands in the place of a page's content until a job has made it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from clipkw_gui.jobs.runner import Job
from clipkw_gui.widgets.job_line import JobLine
from clipkw_gui.widgets.labels import text_label

WIDTH = 560


class Gate(QWidget):
    """Says what is missing or what will be done; has a button for it, and its progress."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = text_label("", "heading", wrap=True)
        self.text = text_label("", "secondary", wrap=True)
        self.failure = text_label("", "problem", wrap=True)
        self.job = JobLine()
        self._buttons: list[QPushButton] = []
        inner = QWidget()
        inner.setFixedWidth(WIDTH)
        self._column = QVBoxLayout(inner)
        self._column.setSpacing(14)
        for part in (self.title, self.text, self.failure, self.job):
            self._column.addWidget(part)
        # An aligned widget would not get the height that its wrapped text needs.
        across = QHBoxLayout()
        across.addStretch(1)
        across.addWidget(inner)
        across.addStretch(1)
        whole = QVBoxLayout(self)
        whole.addStretch(2)
        whole.addLayout(across)
        whole.addStretch(3)

    def add_button(self, text: str, name: str) -> QPushButton:
        """A button below the text, hidden until :meth:`show_text` shows it."""
        button = QPushButton(text, objectName=name)
        button.setProperty("primary", True)
        button.hide()
        self._buttons.append(button)
        self._column.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        return button

    def show_text(self, title: str, text: str, button: QPushButton | None) -> None:
        """Say something, with one of the buttons, or none while the job goes on."""
        self.title.setText(title)
        self.text.setText(text)
        for one in self._buttons:
            one.setVisible(one is button and self.job.job is None)

    def show_job(self, job: Job) -> None:
        """It is being done."""
        self.job.watch(job)
        self.show_failure("")
        for one in self._buttons:
            one.setVisible(False)

    def show_failure(self, text: str) -> None:
        """It did not work; it can be tried again."""
        self.failure.setText(text)
        self.failure.setVisible(bool(text))
