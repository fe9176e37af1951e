"""What the window offers when a project is opened: to go on with what did not finish."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from clipkw_gui.actions.demo import fill_demo
from clipkw_gui.actions.encode import Unfinished, find_unfinished, work_off
from clipkw_gui.actions.experiments import Interrupted, find_interrupted
from clipkw_gui.actions.project import move_archive, project_warning
from clipkw_gui.actions.recent import Steps
from clipkw_gui.context import AppContext
from clipkw_gui.pages.dialogs import EncoderDialog
from clipkw_gui.widgets.formats import count_text
from clipkw_gui.widgets.message_bar import MessageBar


class Offers(QObject):
    """Puts questions into the message bar; nothing starts without an answer."""

    def __init__(self, context: AppContext, messages: MessageBar, window: QWidget) -> None:
        super().__init__(window)
        self._context = context
        self._messages = messages
        self._window = window

    def look(self) -> None:
        """Find out what the open project waits for, and ask."""
        find_unfinished(self._context, self._offer)
        find_interrupted(self._context, self._offer_to_tune)
        warning = project_warning(self._context)
        if warning:
            choose = self.tr("Choose where it is…")
            self._messages.ask(warning, choose, self._find_archive)

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

    def _offer_to_tune(self, found: Interrupted | None) -> None:
        if found is None or self._context.runner.active_jobs():
            return
        text = self.tr("{model} was being tuned when ClipKW ended.").format(model=found.model.title)
        wanted = self._context.navigation.tuning_wanted
        self._messages.ask(text, self.tr("Go on"), partial(wanted.emit, found))

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
