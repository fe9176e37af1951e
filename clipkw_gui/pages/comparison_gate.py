"""What stands in the place of pairs and groups until the images have been compared."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from clipkw_gui.jobs.runner import Job
from clipkw_gui.widgets.job_line import JobLine
from clipkw_gui.widgets.labels import text_label

WIDTH = 560


class ComparisonGate(QWidget):
    """Says what is missing or what will be done; has the button for it, and its progress."""

    wanted = Signal()
    """Compare the images now."""
    encoder_wanted = Signal()
    """Let an encoder be chosen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = text_label("", "heading", wrap=True)
        self.text = text_label("", "secondary", wrap=True)
        self.failure = text_label("", "problem", wrap=True)
        self.button = QPushButton(self.tr("Compare images"), objectName="compareImages")
        self.button.setProperty("primary", True)
        self.button.clicked.connect(self.wanted)
        self.encoder = QPushButton(self.tr("Choose encoder…"), objectName="chooseEncoder")
        self.encoder.setProperty("primary", True)
        self.encoder.clicked.connect(self.encoder_wanted)
        self.job = JobLine()
        inner = QWidget()
        inner.setFixedWidth(WIDTH)
        column = QVBoxLayout(inner)
        column.setSpacing(14)
        column.addWidget(self.title)
        column.addWidget(self.text)
        column.addWidget(self.failure)
        column.addWidget(self.job)
        for button in (self.button, self.encoder):
            column.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        across = QHBoxLayout()
        across.addStretch(1)
        across.addWidget(inner)
        across.addStretch(1)
        whole = QVBoxLayout(self)
        whole.addStretch(2)
        whole.addLayout(across)
        whole.addStretch(3)
        self.show_missing("")

    def show_missing(self, text: str) -> None:
        """Images cannot be compared, or it is not known yet."""
        self._show(self.tr("Duplicates"), text, None)

    def show_no_encoder(self, text: str) -> None:
        """Images cannot be compared as there is no encoder."""
        self._show(self.tr("Duplicates"), text, self.encoder)

    def show_offer(self, text: str) -> None:
        """Images can be compared."""
        self._show(self.tr("Find duplicates"), text, self.button)

    def show_job(self, job: Job) -> None:
        """They are being compared."""
        self.job.watch(job)
        self.button.setVisible(False)
        self.failure.setVisible(False)

    def show_failure(self, text: str) -> None:
        """It did not work; it can be tried again."""
        self.failure.setText(text)
        self.failure.setVisible(bool(text))

    def _show(self, title: str, text: str, button: QPushButton | None) -> None:
        self.title.setText(title)
        self.text.setText(text)
        self.failure.setVisible(False)
        for one in (self.button, self.encoder):
            one.setVisible(one is button and self.job.job is None)
