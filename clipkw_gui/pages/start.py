"""The first screen: a new project, an existing one, the demo, or one that was open before."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from PySide6.QtCore import QSize
from PySide6.QtWidgets import (
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from clipkw_gui.actions.demo import default_place, open_demo
from clipkw_gui.actions.project import SUFFIX, open_project
from clipkw_gui.actions.recent import forget_recent, list_recent
from clipkw_gui.context import AppContext
from clipkw_gui.jobs.runner import Job
from clipkw_gui.pages.new_project import NewProjectPage
from clipkw_gui.theme import app_icon
from clipkw_gui.widgets.centred import centred
from clipkw_gui.widgets.choice import Choice
from clipkw_gui.widgets.labels import text_label
from clipkw_gui.widgets.recent_list import RecentList
from core.errors import ClipkwError

WIDTH = 900


class StartPage(QWidget):
    """Choices at the left, recent projects at the right; the form of a new project over them."""

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(parent, objectName="page")
        self._context = context
        self.new = Choice(
            self.tr("New project"),
            self.tr("Choose a folder of photographs and, if you have one, a table of keywords."),
            "new",
        )
        self.open = Choice(
            self.tr("Open project"),
            self.tr("Go on with a project folder whose name ends in {suffix}.").format(
                suffix=SUFFIX
            ),
            "open",
        )
        self.demo = Choice(self.tr("Open the demo archive"), "", "demo")
        self._drawing: Job | None = None
        self.asked: Path | None = None
        """The folder that was to be opened last."""
        self.recent = RecentList()
        self._parts = QStackedWidget()
        self._parts.addWidget(self._choices())
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._parts)
        self.new.clicked.connect(self.start_new)
        self.open.clicked.connect(self.ask_for_project)
        self.demo.clicked.connect(self._demo_clicked)
        self.recent.chosen.connect(self.open_project)
        self.recent.forgotten.connect(self._forget)
        self.show_choices()

    @cached_property
    def form(self) -> NewProjectPage:
        """The form of a new project, made when somebody wants one."""
        form = NewProjectPage(self._context)
        form.left.connect(self.show_choices)
        self._parts.addWidget(form)
        return form

    def _choices(self) -> QWidget:
        mark = QLabel()
        mark.setPixmap(app_icon().pixmap(QSize(52, 52)))
        name = text_label("ClipKW", "title")
        about = text_label(
            self.tr("Keywords for an image archive, suggested with the evidence for them."),
            "secondary",
        )
        titles = QVBoxLayout()
        titles.setSpacing(2)
        titles.addWidget(name)
        titles.addWidget(about)
        head = QHBoxLayout()
        head.setSpacing(16)
        head.addWidget(mark)
        head.addLayout(titles, 1)
        self._choice_column = QVBoxLayout()
        self._choice_column.setSpacing(10)
        self._choice_column.addWidget(text_label(self.tr("Start"), "section"))
        self._choice_column.addWidget(self.new)
        self._choice_column.addWidget(self.open)
        self._choice_column.addWidget(self.demo)
        self._choice_column.addStretch(1)
        self._no_recent = text_label(
            self.tr("Projects you open are listed here."), "secondary", wrap=True
        )
        recent = QVBoxLayout()
        recent.setSpacing(10)
        recent.addWidget(text_label(self.tr("Recent projects"), "section"))
        recent.addWidget(self._no_recent)
        recent.addWidget(self.recent)
        recent.addStretch(1)
        inner = QWidget(objectName="page")
        inner.setMaximumWidth(WIDTH)
        grid = QGridLayout(inner)
        grid.setContentsMargins(32, 56, 32, 32)
        grid.setHorizontalSpacing(40)
        grid.setVerticalSpacing(36)
        grid.addLayout(head, 0, 0, 1, 2)
        grid.addLayout(self._choice_column, 1, 0)
        grid.addLayout(recent, 1, 1)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        grid.setRowStretch(1, 1)
        return centred(inner)

    def show_choices(self) -> None:
        """Show the first screen."""
        projects = list_recent(self._context.preferences)
        self.recent.set_projects([(one.name, one.folder, one.is_there) for one in projects])
        self._no_recent.setVisible(not projects)
        self._tell_demo()
        self._parts.setCurrentIndex(0)
        self.new.setFocus()

    def start_new(self) -> None:
        """Show the form of a new project."""
        self.form.reset()
        self._parts.setCurrentWidget(self.form)
        self.form.photographs.setFocus()

    def ask_for_project(self) -> None:
        """Choose a project folder and open it."""
        folder = QFileDialog.getExistingDirectory(self, self.tr("Open project"))
        if folder:
            self.open_project(Path(folder))

    def open_project(self, folder: Path) -> None:
        """Open a project; the window changes when it is open."""
        self.asked = folder
        open_project(self._context, folder, self._opened, self._not_opened)

    def _demo_clicked(self) -> None:
        self.open_demo(default_place())

    def open_demo(self, folder: Path) -> None:
        """Open the demo in a folder, made there if need be; the window changes when it shows."""
        job = open_demo(self._context, folder, self._opened, self._not_opened)
        self._drawing = job
        job.changed.connect(self._tell_demo)
        self._tell_demo()

    def _tell_demo(self) -> None:
        job = self._drawing
        is_active = job is not None and job.is_active
        self.demo.setEnabled(not is_active)
        if job is None or not is_active:
            about = self.tr(
                "Vehicles that ClipKW draws itself, with keywords: try everything without"
                " photographs of your own."
            )
        elif job.done:
            about = self.tr("Drawing the first images: {done} of {total}…").format(
                done=job.done, total=job.total
            )
        else:
            about = self.tr("Opening…")
        self.demo.tell(about)

    def _opened(self) -> None:
        self.show_choices()

    def _not_opened(self, error: Exception) -> None:
        self.show_choices()
        if isinstance(error, ClipkwError):
            self._context.runner.failed.emit(error)

    def _forget(self, folder: Path) -> None:
        forget_recent(self._context.preferences, folder)
        self.show_choices()
