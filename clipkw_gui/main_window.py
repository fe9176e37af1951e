"""The window: menus, pages, messages and the status bar put together."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QByteArray, Qt, Signal
from PySide6.QtGui import QAction, QCloseEvent, QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QMessageBox,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from clipkw_gui.actions.backups import REPAIRABLE, project_folder
from clipkw_gui.actions.encode import cancel_job, work_off
from clipkw_gui.actions.project import (
    close_project,
    encoder_name,
    images_root,
    project_name,
)
from clipkw_gui.actions.recent import Steps, list_recent
from clipkw_gui.context import AppContext
from clipkw_gui.jobs.runner import Job
from clipkw_gui.pages.dialogs import CloseDialog, Closing, ImportKeywordsDialog
from clipkw_gui.pages.label_key_list import KeyList
from clipkw_gui.pages.offers import Offers
from clipkw_gui.pages.registry import page_entries
from clipkw_gui.pages.stack import PageStack
from clipkw_gui.pages.start import StartPage
from clipkw_gui.theme import APPEARANCE_KEY
from clipkw_gui.widgets.bug_dialog import BugDialog
from clipkw_gui.widgets.job_item import JobItem
from clipkw_gui.widgets.menus import Menus
from clipkw_gui.widgets.message_bar import MessageBar
from clipkw_gui.widgets.rail import Rail
from core.errors import ClipkwError

SIZE = (1280, 800)
MESSAGE_MILLISECONDS = 6000


class MainWindow(QMainWindow):
    """Assembly only: what happens is in pages and actions."""

    appearance_chosen = Signal(str)
    """"light", "dark" or "system"."""

    def __init__(self, context: AppContext) -> None:
        super().__init__()
        self._context = context
        self._bug: BugDialog | None = None
        self._closing: CloseDialog | None = None
        self._may_close = False
        self._undo_actions: list[QAction] = []
        """Undo and redo of the pages; they work whichever page is shown."""
        self._entries = page_entries()
        self.messages = MessageBar()
        self.start = StartPage(context)
        self.rail = Rail()
        self.pages = PageStack(context, self._entries)
        self.job_item = JobItem(context.runner)
        self._encoder = QLabel()
        self.menus = Menus(self)
        self._whole = QStackedWidget()
        self._offers = Offers(context, self.messages, self)
        self._lay_out()
        self._fill_menus()
        self._connect()
        self._restore()
        self._session_changed()

    # building ---------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        for entry in self._entries:
            self.rail.add_page(entry.title, entry.icon, entry.keys)
        work = QWidget()
        row = QHBoxLayout(work)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.rail)
        row.addWidget(self.pages, 1)
        self._whole.addWidget(self.start)
        self._whole.addWidget(work)
        centre = QWidget()
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.messages)
        column.addWidget(self._whole, 1)
        self.setCentralWidget(centre)
        self.statusBar().setSizeGripEnabled(False)
        quiet = QWidget()
        quiet.setMinimumHeight(self.job_item.sizeHint().height())
        right = QHBoxLayout(quiet)
        right.setContentsMargins(0, 0, 14, 0)
        right.setSpacing(12)
        right.addStretch(1)
        right.addWidget(self.job_item)
        right.addWidget(self._encoder)
        self.statusBar().addPermanentWidget(quiet)

    def _fill_menus(self) -> None:
        menus, start = self.menus, self.start
        menus.add("file", self.tr("New project…"), self._new_project, "Ctrl+N", "new")
        menus.add("file", self.tr("Open project…"), start.ask_for_project, "Ctrl+O", "open")
        menus.add_recent()
        menus.add_line("file")
        self._project_actions = [
            menus.add("file", text, slot, name=name)
            for text, slot, name in (
                (self.tr("Import images again"), self._import_images, "importImages"),
                (self.tr("Import keywords…"), self._import_keywords, "importKeywords"),
                (self.tr("Choose encoder…"), self._offers.choose_encoder, "chooseEncoder"),
                (self.tr("Backups…"), self._show_backups, "backups"),
                (self.tr("Close project"), self._close_project, "closeProject"),
            )
        ]
        menus.add_line("file")
        menus.add("file", self.tr("Quit"), self.close, "Ctrl+Q", "quit")
        for number, entry in enumerate(self._entries):
            action = menus.add("view", entry.title, self._show_chosen, entry.keys)
            action.setData(number)
            self._project_actions.append(action)
        chosen = str(self._context.preferences.value(APPEARANCE_KEY, "system"))
        choices = {
            "system": self.tr("Like the system"),
            "light": self.tr("Light"),
            "dark": self.tr("Dark"),
        }
        appearance = menus.add_choice("view", self.tr("Appearance"), choices, chosen)
        appearance.triggered.connect(self._choose_appearance)
        self._pause_all = menus.add("jobs", self.tr("Pause all"), self._pause_jobs, name="pauseAll")
        self._resume_all = menus.add(
            "jobs", self.tr("Resume all"), self._resume_jobs, name="resumeAll"
        )
        menus.add("help", self.tr("Keys"), self.show_keys, "F1 | ? | Shift+?", "keys")
        menus.add("help", self.tr("About ClipKW"), self._about, name="about")

    def _connect(self) -> None:
        context, runner = self._context, self._context.runner
        context.session_changed.connect(self._session_changed)
        context.bus.changed.connect(self._show_encoder)
        runner.failed.connect(self._show_error)
        runner.bug_found.connect(self.show_bug)
        for signal in (runner.job_started, runner.job_changed, runner.job_finished):
            signal.connect(self._jobs_changed)
        self.rail.chosen.connect(self.show_page)
        self.pages.page_made.connect(self._page_made)
        self.job_item.clicked.connect(partial(self.show_named, "jobs"))
        context.navigation.page_wanted.connect(self.show_named)
        context.navigation.encoder_wanted.connect(self._offers.choose_encoder)
        self.menus.recent_chosen.connect(self.start.open_project)

    def _restore(self) -> None:
        preferences = self._context.preferences
        self.resize(*SIZE)
        geometry = preferences.value("window/geometry")
        if isinstance(geometry, QByteArray):
            self.restoreGeometry(geometry)

    # the project ------------------------------------------------------------------------------

    def _session_changed(self) -> None:
        context, is_open = self._context, self._context.session is not None
        self.messages.clear()
        name = project_name(context)
        self.setWindowTitle(
            self.tr("{project} – ClipKW").format(project=name) if name else "ClipKW"
        )
        self._whole.setCurrentIndex(1 if is_open else 0)
        self.statusBar().setVisible(is_open)
        for action in self._project_actions:
            action.setEnabled(is_open)
        recent = [one for one in list_recent(context.preferences) if one.is_there]
        self.menus.set_recent([(one.name, one.folder) for one in recent])
        self._show_encoder()
        self._jobs_changed()
        self.show_page(0)
        if is_open:
            self._offers.look()
        else:
            self.start.show_choices()

    def _show_encoder(self) -> None:
        text = encoder_name(self._context) or self.tr("No encoder")
        device = str(self._context.preferences.value("encoder/device", ""))
        self._encoder.setText("  ·  ".join(part for part in (text, device) if part))
        self._encoder.setToolTip(self.tr("Encoder, and where it computed last"))

    def _new_project(self) -> None:
        if self._context.session is None:
            self.start.start_new()
        else:
            close_project(self._context, self.start.start_new)

    def _close_project(self) -> None:
        close_project(self._context, self.start.show_choices)

    def _import_images(self) -> None:
        work_off(self._context, Steps(images=True, encode=True))

    def _import_keywords(self) -> None:
        images = images_root(self._context)
        if images is not None:
            self._open(ImportKeywordsDialog(self._context, images, self))

    def _show_backups(self) -> None:
        folder = project_folder(self._context)
        if folder is not None:
            self._offers.show_backups(folder)

    def _open(self, dialog: QDialog) -> None:
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    # pages, messages --------------------------------------------------------------------------

    def show_page(self, number: int) -> None:
        """Show a page of the rail."""
        self.rail.set_current(number)
        self.pages.show_page(number)
        page = self.pages.currentWidget()
        is_open = self._context.session is not None
        actions = page.menu_actions() if is_open and hasattr(page, "menu_actions") else {}
        edit = self._undo_actions if is_open else []
        self.menus.show_page_actions({**actions, "edit": edit})

    def show_named(self, name: str) -> None:
        """Show a page by the name it is registered with."""
        self.show_page(self.pages.number_of(name))

    def _page_made(self, page: QWidget) -> None:
        if hasattr(page, "message"):
            page.message.connect(self._say)
        if hasattr(page, "menu_actions"):
            undo = page.menu_actions().get("edit", [])
            self._undo_actions += undo
            self.addActions(undo)

    def _show_chosen(self) -> None:
        action = self.sender()
        if isinstance(action, QAction):
            self.show_page(action.data())

    def _say(self, text: str) -> None:
        self.statusBar().showMessage(text, MESSAGE_MILLISECONDS)

    def _show_error(self, error: Exception) -> None:
        folder = project_folder(self._context) or self.start.asked
        if isinstance(error, REPAIRABLE) and folder is not None:
            self._offers.offer_repair(error, folder)
        elif isinstance(error, ClipkwError):
            self.messages.show_error(error)

    def show_bug(self, error: BaseException) -> None:
        """Offer a report; while one is offered, others are not shown."""
        if self._bug is None:
            self._bug = BugDialog(error, self)
            self._bug.finished.connect(self._bug_closed)
            self._bug.show()

    def _bug_closed(self) -> None:
        if self._bug is not None:
            self._bug.deleteLater()
            self._bug = None

    def show_keys(self) -> None:
        """The keys of the menus."""
        self._open(KeyList(self.menus.groups(), self))

    def _choose_appearance(self, action: QAction) -> None:
        self.appearance_chosen.emit(action.objectName())

    def _about(self) -> None:
        text = self.tr("Keywords for an image archive, suggested with the evidence for them.")
        version = QGuiApplication.applicationVersion()
        QMessageBox.about(self, self.tr("About ClipKW"), f"<h3>ClipKW {version}</h3><p>{text}</p>")

    # jobs and closing -------------------------------------------------------------------------

    def _jobs_changed(self) -> None:
        active = self._context.runner.active_jobs()
        self._pause_all.setEnabled(any(not job.progress.is_paused for job in active))
        self._resume_all.setEnabled(any(job.progress.is_paused for job in active))

    def _pause_jobs(self) -> None:
        for job in self._context.runner.active_jobs():
            job.pause()

    def _resume_jobs(self) -> None:
        for job in self._context.runner.active_jobs():
            job.resume()

    def closeEvent(self, event: QCloseEvent) -> None:
        active = self._context.runner.active_jobs()
        if active and not self._may_close:
            event.ignore()
            self._ask_about(active[0])
            return
        self._context.preferences.setValue("window/geometry", self.saveGeometry())
        self._context.preferences.sync()
        event.accept()

    def _ask_about(self, job: Job) -> None:
        if self._closing is None:
            self._closing = CloseDialog(job.title, self)
            self._closing.finished.connect(self._answered)
            self._closing.open()

    def _answered(self) -> None:
        dialog, self._closing = self._closing, None
        if dialog is None:
            return
        dialog.deleteLater()
        if dialog.answer is Closing.CANCEL:
            for job in self._context.runner.active_jobs():
                cancel_job(self._context, job)
        self._may_close = dialog.answer is not Closing.STAY
        if self._may_close:
            self.close()
