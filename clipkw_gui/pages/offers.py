"""What the window offers when a project is opened: to go on with what did not finish."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QWidget

from clipkw_gui.actions.encode import Unfinished, find_unfinished, work_off
from clipkw_gui.actions.project import move_archive, project_warning
from clipkw_gui.actions.recent import Steps
from clipkw_gui.context import AppContext
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
        find_unfinished(self._context, self._offer_to_go_on)
        warning = project_warning(self._context)
        if warning:
            choose = self.tr("Choose where it is…")
            self._messages.ask(warning, choose, self._find_archive)

    def _offer_to_go_on(self, found: Unfinished) -> None:
        if self._context.runner.active_jobs():
            return
        go_on, steps = self.tr("Go on"), found.steps
        if steps.images or steps.table:
            text = self.tr("An import of this archive did not finish.")
            self._messages.ask(text, go_on, partial(work_off, self._context, steps))
        elif found.waiting:
            text = self.tr("{count} images are not encoded yet.")
            text = text.format(count=count_text(found.waiting))
            encode = partial(work_off, self._context, Steps(encode=True))
            self._messages.ask(text, go_on, encode)

    def _find_archive(self) -> None:
        folder = QFileDialog.getExistingDirectory(self._window, self.tr("Folder of photographs"))
        if folder:
            move_archive(self._context, Path(folder), self._compare)

    def _compare(self) -> None:
        work_off(self._context, Steps(images=True, encode=True))
