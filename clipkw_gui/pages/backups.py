"""The dialog of backups: what there is, one more, one put back; and the repair of a catalog."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from clipkw_gui.actions import backups
from clipkw_gui.actions.backups import ListedBackup, Rebuilt
from clipkw_gui.context import AppContext
from clipkw_gui.jobs.runner import Job
from clipkw_gui.models.backups import BackupModel, made_text
from clipkw_gui.widgets.formats import count_text
from clipkw_gui.widgets.job_progress import show_progress
from clipkw_gui.widgets.labels import Sign, set_role, text_label
from clipkw_gui.widgets.question_dialog import QuestionDialog
from clipkw_gui.widgets.table_copy import CopyTable
from core.errors import ClipkwError

SIZE = (720, 520)


class BackupsDialog(QDialog):
    """Works on a folder, because a damaged project cannot be opened."""

    told = Signal(str, str)
    """What was done, and more about it, when the dialog has closed."""

    def __init__(
        self, context: AppContext, folder: Path, damage: str = "", parent: QWidget | None = None
    ) -> None:
        """``damage`` is a sentence about what is wrong with the catalog, usually ""."""
        super().__init__(parent)
        self._context = context
        self._folder = folder
        self._name = folder.name.removesuffix(".clipkw")
        self._question: QuestionDialog | None = None
        self.setWindowTitle(self.tr("Backups"))
        self.setModal(True)
        self.resize(*SIZE)
        self._model = BackupModel(self)
        self.table = self._make_table()
        self.state = text_label("", "secondary", wrap=True)
        self.state.hide()
        self.bar = QProgressBar(textVisible=False)
        self.bar.hide()
        self.back_up = QPushButton(self.tr("Back up now"), objectName="backUp")
        self.put_back = QPushButton(self.tr("Put back…"), objectName="putBack")
        self.close_button = QPushButton(self.tr("Close"), objectName="close")
        self.repair = QPushButton(self.tr("Repair"), objectName="repair")
        self._lay_out(damage)
        self.back_up.clicked.connect(self._back_up)
        self.put_back.clicked.connect(self._ask)
        self.close_button.clicked.connect(self.reject)
        self.repair.clicked.connect(self._repair)
        self.table.doubleClicked.connect(self._ask)
        self.table.selectionModel().selectionChanged.connect(self._check)
        self._is_busy = False
        self._list()

    def _make_table(self) -> CopyTable:
        table = CopyTable(self.tr("Backups, the newest first"))
        table.setModel(self._model)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        header = table.horizontalHeader()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(2, QHeaderView.ResizeMode.ResizeToContents)
        return table

    def _lay_out(self, damage: str) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(12)
        title = self.tr("Backups of {project}").format(project=self._name)
        column.addWidget(text_label(title, "title"))
        about = self.tr(
            "Keywords, decisions and experiments. Before a backup is put back, what there is now is"
            " backed up too, so that this can be reversed."
        )
        column.addWidget(text_label(about, "secondary", wrap=True))
        if damage:
            column.addWidget(self._repair_part(damage))
        column.addWidget(self.table, 1)
        column.addWidget(self.state)
        column.addWidget(self.bar)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.back_up)
        buttons.addStretch(1)
        buttons.addWidget(self.close_button)
        buttons.addWidget(self.put_back)
        column.addLayout(buttons)
        primary = self.repair if damage else self.put_back
        primary.setProperty("primary", True)
        primary.setDefault(True)
        self.repair.setVisible(bool(damage))
        self.back_up.setVisible(not damage)

    def _repair_part(self, damage: str) -> QWidget:
        frame = QFrame(objectName="damage")
        frame.setProperty("message", "error")
        row = QHBoxLayout(frame)
        row.setContentsMargins(14, 12, 12, 12)
        row.setSpacing(12)
        texts = QVBoxLayout()
        texts.setSpacing(4)
        texts.addWidget(text_label(damage, wrap=True))
        about = self.tr(
            "Repair takes what is damaged from the newest sound backup, and does every decision"
            " since again. The damaged file is kept."
        )
        texts.addWidget(text_label(about, "secondary", wrap=True))
        row.addWidget(Sign("error", 18))
        row.addLayout(texts, 1)
        row.addWidget(self.repair)
        return frame

    # listing ----------------------------------------------------------------------------------

    def _list(self) -> None:
        backups.list_backups(self._context, self._folder, self._listed, self._failed)

    def _listed(self, found: list[ListedBackup]) -> None:
        self._model.set_backups(found)
        if found:
            self.table.selectRow(0)
            self.table.setFocus()
        else:
            self._say(self.tr("There is no backup yet: one is made every day, in the background."))
        self._check()

    def _check(self) -> None:
        chosen = bool(self.table.selectionModel().selectedRows())
        self.put_back.setEnabled(chosen and not self._is_busy)
        for button in (self.back_up, self.repair, self.close_button, self.table):
            button.setEnabled(not self._is_busy)

    def _say(self, text: str, role: str = "secondary") -> None:
        set_role(self.state, role)
        self.state.setText(text)
        self.state.setVisible(bool(text))

    # doing ------------------------------------------------------------------------------------

    def _back_up(self) -> None:
        job = backups.back_up(self._context, self._backed_up, self._failed)
        if job is not None:
            self._begin(self.tr("Backing up…"))
            self._watch(job)

    def _backed_up(self, made: ListedBackup) -> None:
        self._end(self.tr("Backed up."))
        self._list()

    def _ask(self) -> None:
        rows = self.table.selectionModel().selectedRows()
        if not rows or self._is_busy:
            return
        chosen = self._model.backup(rows[0].row())
        text = self.tr(
            "Keywords, decisions and experiments will be what they were on {moment}. What there is"
            " now is backed up first; images that came later are found again by an import."
        ).format(moment=made_text(chosen))
        title, verb = self.tr("Put this backup back?"), self.tr("Put back")
        self._question = QuestionDialog(title, text, verb, self)
        self._question.accepted.connect(partial(self._put_back, chosen.name))
        self._question.open()

    def _put_back(self, name: str) -> None:
        self._begin(self.tr("Putting it back…"))
        done, failed = self._was_put_back, self._failed
        backups.put_back(self._context, self._folder, name, self._watch, done, failed)

    def _was_put_back(self, before: ListedBackup | None) -> None:
        more = self.tr("What it replaced is among the backups, and can be put back in turn.")
        if before is None:
            more = self.tr("The damaged file is kept in the folder “damaged”.")
        self.accept()
        self.told.emit(self.tr("The backup is put back."), more)

    def _repair(self) -> None:
        self._begin(self.tr("Repairing…"))
        done, failed = self._repaired, self._failed
        backups.repair(self._context, self._folder, self._watch, done, failed)

    def _repaired(self, made: Rebuilt | None) -> None:
        self.accept()
        self.told.emit(self.tr("The project is repaired."), self._what_was_done(made))

    def _what_was_done(self, made: Rebuilt | None) -> str:
        if made is None:
            return self.tr("The settings are taken from a backup; the catalog stays as it is.")
        more = self.tr("Steps of the decision log that were done again: {count}.")
        more = more.format(count=count_text(made.events))
        if made.lost:
            lost = self.tr("Steps that are lost: {count}.").format(count=count_text(made.lost))
            more = f"{more} {lost}"
        if made.left_out:
            more = f"{more} {made.left_out}"
        return more

    def _begin(self, text: str) -> None:
        self._is_busy = True
        self._say(text)
        self.bar.setRange(0, 0)
        self.bar.show()
        self._check()

    def _watch(self, job: Job) -> None:
        job.changed.connect(partial(show_progress, self.bar, job))

    def _end(self, text: str, role: str = "secondary") -> None:
        self._is_busy = False
        self.bar.hide()
        self._say(text, role)
        self._check()

    def _failed(self, error: Exception) -> None:
        self._end(str(error) if isinstance(error, ClipkwError) else "", "problem")

    def reject(self) -> None:
        """Not while something is done to the folder."""
        if not self._is_busy:
            super().reject()
