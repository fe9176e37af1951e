"""Dialogs of the File menu: a table of keywords, the encoder, and closing while a job runs."""

from __future__ import annotations

from enum import Enum
from pathlib import Path

from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from clipkw_gui.actions.encode import import_table, work_off
from clipkw_gui.actions.project import choose_encoder, encoder_source
from clipkw_gui.actions.recent import Steps
from clipkw_gui.context import AppContext
from clipkw_gui.jobs.runner import Job
from clipkw_gui.pages.encoder_panel import EncoderPanel
from clipkw_gui.pages.table_panel import TablePanel
from clipkw_gui.widgets.labels import text_label


class _Dialog(QDialog):
    """A title, a line about it, something in the middle, Cancel and one button that does it."""

    def __init__(self, title: str, about: str, verb: str, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setModal(True)
        standard = QDialogButtonBox.StandardButton
        buttons = QDialogButtonBox(standard.Cancel)
        self.accept_button = QPushButton(verb, objectName="accept")
        self.accept_button.setProperty("primary", True)
        buttons.addButton(self.accept_button, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(24, 20, 24, 20)
        self._column.setSpacing(12)
        self._column.addWidget(text_label(title, "title"))
        self._column.addWidget(text_label(about, "secondary", wrap=True))
        self._column.addStretch(1)
        self._column.addWidget(buttons)

    def set_middle(self, widget: QWidget) -> None:
        self._column.insertWidget(2, widget)


class ImportKeywordsDialog(_Dialog):
    """Choose a table, see how it is read, import it."""

    def __init__(self, context: AppContext, images: Path, parent: QWidget | None = None) -> None:
        super().__init__(
            self.tr("Import keywords"),
            self.tr(
                "A CSV, TSV or Excel table with a path and keywords in each row. You see how it is"
                " read before anything is imported. Its keywords are added to the images; what you"
                " decided yourself is never overridden, and the import can be undone."
            ),
            self.tr("Import"),
            parent,
        )
        self.resize(760, 560)
        self._context = context
        self.panel = TablePanel(context)
        self.panel.set_images(images)
        self.panel.changed.connect(self._check)
        self.set_middle(self.panel)
        self._check()

    def _check(self) -> None:
        self.accept_button.setEnabled(self.panel.path is not None and self.panel.is_ready)

    def accept(self) -> None:
        if self.panel.path is not None:
            import_table(self._context, self.panel.path, self.panel.layout_given)
        super().accept()


class EncoderDialog(_Dialog):
    """Choose another encoder, and encode with it."""

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(
            self.tr("Choose encoder"),
            self.tr(
                "The photographs are encoded anew with another encoder. Keywords and decisions stay"
                " as they are, and vectors of the former encoder are kept."
            ),
            self.tr("Use this encoder"),
            parent,
        )
        self.resize(620, 400)
        self._context = context
        self._job: Job | None = None
        self.panel = EncoderPanel(context, encoder_source(context))
        self.panel.changed.connect(self._check)
        self.set_middle(self.panel)
        self._check()

    def _check(self) -> None:
        self.accept_button.setEnabled(self.panel.is_ready)
        needed = self.layout().totalHeightForWidth(self.width())
        self.resize(self.width(), max(self.height(), needed))

    def accept(self) -> None:
        self._stop()
        self._job = choose_encoder(
            self._context, self.panel.source, self._encode, self.panel.show_problem
        )
        self.panel.show_work()
        self.accept_button.setEnabled(False)

    def reject(self) -> None:
        self._stop()
        super().reject()

    def _stop(self) -> None:
        if self._job is not None:
            self._job.cancel()

    def _encode(self) -> None:
        if self.panel.source:
            work_off(self._context, Steps(encode=True), allow_download=self.panel.allow_download)
        super().accept()


class Closing(Enum):
    """What to do with a running job when the window closes."""

    STAY = 0
    PAUSE = 1
    CANCEL = 2


class CloseDialog(QDialog):
    """Asks what to do with the running job; ``answer`` holds what was said."""

    def __init__(self, job: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("A job is running"))
        self.setModal(True)
        self.setMinimumWidth(480)
        self.answer = Closing.STAY
        self._answers: dict[QPushButton, Closing] = {}
        row = QHBoxLayout()
        row.setSpacing(8)
        for text, name, answer in (
            (self.tr("Cancel the job and close"), "cancel", Closing.CANCEL),
            (self.tr("Keep going"), "stay", Closing.STAY),
            (self.tr("Pause and close"), "pause", Closing.PAUSE),
        ):
            button = QPushButton(text, objectName=name)
            button.clicked.connect(self._press)
            self._answers[button] = answer
            row.addWidget(button)
            if answer is Closing.CANCEL:
                row.addStretch(1)
        button.setProperty("primary", True)
        button.setDefault(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(12)
        column.addWidget(text_label(self.tr("“{job}” is still running").format(job=job), "heading"))
        about = self.tr(
            "What it has done so far is kept. If you pause it, ClipKW offers to go on the next time"
            " this project is opened."
        )
        column.addWidget(text_label(about, "secondary", wrap=True))
        column.addSpacing(8)
        column.addLayout(row)

    def _press(self) -> None:
        button = self.sender()
        if isinstance(button, QPushButton):
            self.answer = self._answers[button]
        self.accept()
