"""The form of a new project: it says what it found before anything is made."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QStandardPaths, Signal
from PySide6.QtWidgets import (
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from clipkw_gui.actions.encode import layout_fields, work_off
from clipkw_gui.actions.ingest import Survey, survey
from clipkw_gui.actions.project import create_project, project_folder
from clipkw_gui.actions.recent import Steps
from clipkw_gui.context import AppContext
from clipkw_gui.jobs.runner import Job
from clipkw_gui.pages.encoder_panel import EncoderPanel
from clipkw_gui.pages.table_panel import TablePanel
from clipkw_gui.widgets.centred import centred
from clipkw_gui.widgets.form_section import FormSection
from clipkw_gui.widgets.formats import count_text, size_text
from clipkw_gui.widgets.labels import set_role, text_label
from clipkw_gui.widgets.path_field import PathField
from core.errors import ClipkwError

WIDTH = 820


class NewProjectPage(QWidget):
    """Photographs, keywords, encoder, name and place; then one button."""

    left = Signal()
    """The person went back."""

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(parent, objectName="page")
        self._context = context
        self._survey: Survey | None = None
        self._counting: Job | None = None
        self._is_named = False
        self._creating = False
        self.photographs = PathField(
            self.tr("Folder of photographs"), self.tr("Choose or drop a folder")
        )
        self.table = TablePanel(context)
        self.encoder = EncoderPanel(context)
        self.name = QLineEdit()
        self.name.setAccessibleName(self.tr("Name of the project"))
        self.place = PathField(self.tr("Place of the project"), self.tr("Folder"))
        self.create_button = QPushButton(self.tr("Create project"), objectName="create")
        self.create_button.setProperty("primary", True)
        self._summary = text_label("", "secondary")
        self._lay_out()
        self.photographs.changed.connect(self._count)
        self.table.changed.connect(self._check)
        self.encoder.changed.connect(self._check)
        self.name.textEdited.connect(self._named)
        self.name.textChanged.connect(self._check)
        self.place.changed.connect(self._check)
        self.create_button.clicked.connect(self._create)
        self.reset()

    def _lay_out(self) -> None:
        optional = self.tr("optional")
        self.photograph_section = FormSection(
            self.tr("Photographs"),
            self.tr("They stay where they are and are only read. Folders inside count too."),
        )
        self.photograph_section.add(self.photographs)
        keywords = FormSection(
            self.tr("Keywords you have"),
            self.tr(
                "A CSV, TSV or Excel table with a path and keywords in each row. Images with"
                " keywords are the references that suggestions come from."
            ),
            optional,
        )
        keywords.add(self.table)
        encoder = FormSection(
            self.tr("Encoder"),
            self.tr("The model that compares images. You can choose another one later."),
            optional,
        )
        encoder.add(self.encoder)
        self.place_section = FormSection(self.tr("Project"), "")
        fields = QWidget()
        form = QFormLayout(fields)
        form.setContentsMargins(0, 0, 0, 0)
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(8)
        form.addRow(self.tr("Name"), self.name)
        form.addRow(self.tr("In the folder"), self.place)
        self.place_section.add(fields)
        inner = QWidget(objectName="page")
        inner.setMaximumWidth(WIDTH)
        column = QVBoxLayout(inner)
        column.setContentsMargins(32, 28, 32, 28)
        column.setSpacing(14)
        column.addWidget(text_label(self.tr("New project"), "title"))
        for section in (self.photograph_section, keywords, encoder, self.place_section):
            column.addWidget(section)
        column.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(centred(inner), 1)
        whole.addWidget(self._foot())

    def _foot(self) -> QFrame:
        back = QPushButton(self.tr("Back"), objectName="back")
        back.clicked.connect(self._leave)
        foot = QFrame(objectName="foot")
        row = QHBoxLayout(foot)
        row.setContentsMargins(32, 12, 32, 12)
        row.setSpacing(12)
        row.addWidget(back)
        row.addWidget(self._summary, 1)
        row.addWidget(self.create_button)
        return foot

    def reset(self) -> None:
        """Empty the form."""
        self._survey = None
        self._is_named = self._creating = False
        self.photographs.line.clear()
        self.photograph_section.tell("")
        self.table.reset()
        self.encoder.none.setChecked(True)
        self.name.clear()
        self.place.set_path(_documents())
        self._check()

    @property
    def folder(self) -> Path | None:
        """The project folder that would be made."""
        name, place = self.name.text().strip(), self.place.path
        return project_folder(place, name) if name and place is not None else None

    @property
    def summary(self) -> str:
        """What is told beside the button."""
        return self._summary.text()

    # photographs ------------------------------------------------------------------------------

    def _count(self, folder: Path | None) -> None:
        self._survey = None
        self.table.set_images(None)
        if folder is None:
            self.photograph_section.tell("")
        else:
            self.photograph_section.tell(self.tr("Looking…"))
            if not self._is_named:
                self.name.setText(folder.name)
            job = survey(self._context, folder, self._counted, self._not_counted)
            job.changed.connect(self._show_count)
            self._counting = job
        self._check()

    def _show_count(self) -> None:
        job = self._counting
        if job is not None and job.is_active and job.done:
            text = self.tr("{count} photographs so far…")
            self.photograph_section.tell(text.format(count=count_text(job.done)))

    def _counted(self, found: Survey) -> None:
        self._survey = found
        if found.files:
            text = self.tr("{files} photographs, {size}.").format(
                files=count_text(found.files), size=size_text(found.bytes)
            )
            if found.folders > 1:
                text = self.tr("{files} photographs in {folders} folders, {size}.").format(
                    files=count_text(found.files),
                    size=size_text(found.bytes),
                    folders=count_text(found.folders),
                )
            self.photograph_section.tell(text, "good")
            self.table.set_images(self.photographs.path)
        else:
            self.photograph_section.tell(self.tr("There are no photographs in it."), "problem")
        self._check()

    def _not_counted(self, error: Exception) -> None:
        if isinstance(error, ClipkwError):
            self.photograph_section.tell(str(error), "problem")
        self._check()

    # creating ---------------------------------------------------------------------------------

    def _named(self, text: str) -> None:
        self._is_named = bool(text)

    def _obstacle(self) -> str:
        """What is still missing, "" if nothing is."""
        folder = self.folder
        if self._survey is None or not self._survey.files:
            return self.tr("Choose a folder of photographs.")
        if not self.table.is_ready:
            return self.tr("Correct the table of keywords, or leave it out.")
        if not self.encoder.is_ready:
            return self.tr("Choose an encoder, or none for now.")
        if folder is None:
            return self.tr("Give the project a name and a place.")
        if folder.exists():
            return self.tr("{name} exists already: choose another name.").format(name=folder.name)
        return ""

    def _check(self) -> None:
        folder, obstacle = self.folder, self._obstacle()
        self.place_section.tell(str(folder) if folder else "")
        set_role(self._summary, "secondary")
        self._summary.setText(obstacle or self._plan())
        self.create_button.setEnabled(not obstacle and not self._creating)

    def _plan(self) -> str:
        steps = [self.tr("import photographs")]
        if self.table.path is not None:
            steps.append(self.tr("import keywords"))
        if self.encoder.source:
            steps.append(self.tr("encode"))
        return self.tr("Next: {steps}. You can start to label meanwhile.").format(
            steps=", ".join(steps)
        )

    def _create(self) -> None:
        folder, images = self.folder, self.photographs.path
        if folder is None or images is None:
            return
        self._creating = True
        self._check()
        create_project(
            self._context, folder, images, self.encoder.source, self._created, self._not_created
        )

    def _created(self) -> None:
        table = self.table.path
        steps = Steps(
            images=True,
            table=str(table.absolute()) if table else "",
            layout=layout_fields(self.table.layout_given),
            encode=bool(self.encoder.source),
        )
        work_off(self._context, steps, allow_download=self.encoder.allow_download)
        self._leave()

    def _not_created(self, error: Exception) -> None:
        self._creating = False
        self._check()
        if isinstance(error, ClipkwError):
            set_role(self._summary, "problem")
            self._summary.setText(str(error))

    def _leave(self) -> None:
        self.left.emit()


def _documents() -> Path:
    """Where a person keeps documents."""
    location = QStandardPaths.StandardLocation.DocumentsLocation
    documents = Path(QStandardPaths.writableLocation(location))
    return documents if documents.is_dir() else Path.home()
