"""What the window offers when a project is opened: to go on with what did not finish."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from clipkw_gui.actions.backups import (
    Damage,
    DamagedPart,
    look_through,
    mend_vectors,
    project_folder,
)
from clipkw_gui.actions.demo import fill_demo
from clipkw_gui.actions.encode import Unfinished, find_unfinished, work_off
from clipkw_gui.actions.interrupted import Interrupted, find_interrupted, forget_interrupted
from clipkw_gui.actions.project import move_archive, project_warning
from clipkw_gui.actions.recent import Steps
from clipkw_gui.context import AppContext
from clipkw_gui.pages.backups import BackupsDialog
from clipkw_gui.pages.dialogs import EncoderDialog
from clipkw_gui.widgets.formats import count_text
from clipkw_gui.widgets.message_bar import MessageBar
from core.errors import ClipkwError

if TYPE_CHECKING:
    from clipkw_gui.actions.prepare import PreparationReport, PreparationSettings


class Offers(QObject):
    """Puts questions into the message bar; nothing starts without an answer."""

    def __init__(self, context: AppContext, messages: MessageBar, window: QWidget) -> None:
        super().__init__(window)
        self._context = context
        self._messages = messages
        self._window = window

    def look(self) -> None:
        """Find out what the open project waits for, and ask."""
        self._context.runner.when_quiet(self._look)
        warning = project_warning(self._context)
        if warning:
            choose = self.tr("Choose where it is…")
            self._messages.ask(warning, choose, self._find_archive)

    def _look(self) -> None:
        look_through(self._context, self._offer_to_mend)
        find_unfinished(self._context, self._offer)
        find_interrupted(self._context, self._offer_to_repeat)

    def _offer_to_mend(self, found: Damage | None) -> None:
        folder = project_folder(self._context)
        if found is None or folder is None:
            return
        if found.part is DamagedPart.VECTORS:
            mend = partial(mend_vectors, self._context)
            self._messages.ask(found.what, self.tr("Encode again"), mend, found.remedy)
        else:
            show = partial(self.show_backups, folder, found.what)
            self._messages.ask(found.what, self.tr("Repair…"), show, found.remedy)

    def offer_repair(self, error: ClipkwError, folder: Path) -> None:
        """A project cannot be opened or read: offer its backups."""
        show = partial(self.show_backups, folder, error.message)
        remedy = self.tr("What is damaged is taken from a backup, with every decision since.")
        self._messages.ask(error.message, self.tr("Repair…"), show, remedy)

    def show_backups(self, folder: Path, damage: str = "") -> None:
        """Open the dialog of backups; ``damage`` says what is wrong with the catalog."""
        dialog = BackupsDialog(self._context, folder, damage, self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.told.connect(self._messages.show_note)
        dialog.open()

    def _offer(self, found: Unfinished) -> None:
        if found.encoder_warning:
            choose = self.tr("Choose an encoder…")
            self._messages.ask(found.encoder_warning, choose, self.choose_encoder)
        if not self._context.runner.active_jobs():
            self._offer_to_go_on(found)

    def _offer_to_go_on(self, found: Unfinished) -> None:
        go_on, steps = self.tr("Go on"), found.steps
        if steps.images or steps.table:
            text = self.tr("An import of this archive did not finish.")
            self._messages.ask(text, go_on, partial(work_off, self._context, steps))
        elif found.demo:
            text = self.tr("Images of the demo still to be drawn or encoded: {count}.")
            text = text.format(count=count_text(found.demo))
            self._messages.ask(text, go_on, partial(fill_demo, self._context))
        elif found.waiting:
            text = self.tr("Images not encoded yet: {count}.")
            text = text.format(count=count_text(found.waiting))
            encode = partial(work_off, self._context, Steps(encode=True))
            self._messages.ask(text, go_on, encode)

    def _offer_to_repeat(self, found: Interrupted) -> None:
        """What stands first in the order of work is offered: the rest needs its result."""
        if self._context.runner.active_jobs():
            return
        navigation = self._context.navigation
        if found.preparation is not None:
            text = self.tr("The preparation of this archive did not end.")
            self._ask_to_go_on(text, partial(self._prepare, found.preparation))
        elif found.tuning is not None:
            text = self.tr("Models were being tuned when ClipKW ended.")
            if found.tuning.model is not None:
                text = self.tr("{model} was being tuned when ClipKW ended.")
                text = text.format(model=found.tuning.model.title)
            self._ask_to_go_on(text, partial(navigation.tune, found.tuning))
        elif found.comparison is not None:
            text = self.tr("The comparison of the models did not end.")
            self._ask_to_go_on(text, partial(navigation.compare, found.comparison))

    def _ask_to_go_on(self, text: str, on_press: Callable[[], object]) -> None:
        """Dismissed, it is not offered again."""
        forget = partial(forget_interrupted, self._context)
        self._messages.ask(text, self.tr("Go on"), on_press, on_dismiss=forget)

    def _prepare(self, settings: PreparationSettings) -> None:
        from clipkw_gui.actions.prepare import prepare_archive

        prepare_archive(self._context, settings, self._prepared, self._failed)

    def _prepared(self, report: PreparationReport) -> None:
        text = self.tr("The archive is prepared. Images in training, validation and test set: ")
        sizes = (report.training, report.validation, report.test)
        self._messages.show_note(text + ", ".join(map(count_text, sizes)))

    def _failed(self, error: Exception) -> None:
        if isinstance(error, ClipkwError):
            self._context.runner.failed.emit(error)

    def choose_encoder(self) -> None:
        """Open the dialog that tells how to get an encoder."""
        dialog = EncoderDialog(self._context, self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(self._chosen)
        dialog.open()

    def _chosen(self) -> None:
        self._messages.clear()
        self.look()

    def _find_archive(self) -> None:
        folder = QFileDialog.getExistingDirectory(self._window, self.tr("Folder of photographs"))
        if folder:
            move_archive(self._context, Path(folder), self._compare)

    def _compare(self) -> None:
        work_off(self._context, Steps(images=True, encode=True))
