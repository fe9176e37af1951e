"""Choosing an encoder: from a folder, by name, or none for now; it is described at once."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QCompleter,
    QLineEdit,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from clipkw_gui.actions.project import EncoderFound, describe_encoder, list_encoders
from clipkw_gui.context import AppContext
from clipkw_gui.widgets.formats import size_text
from clipkw_gui.widgets.labels import set_role, text_label
from clipkw_gui.widgets.path_field import PAUSE_MILLISECONDS, PathField
from core.errors import ClipkwError

EXAMPLE = "ViT-B-16-SigLIP2/webli"


class EncoderPanel(QWidget):
    """``source`` is the answer; it can be taken when ``is_ready``."""

    changed = Signal()
    """The answer, or whether it can be taken, is another."""

    def __init__(
        self, context: AppContext, source: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._context = context
        self._is_ready = True
        self.none = QRadioButton(self.tr("None for now: browse and label without suggestions"))
        self.folder = QRadioButton(self.tr("A folder or checkpoint file on this computer"))
        self.bundle = QRadioButton(self.tr("A bundle: one file carried from another computer"))
        self.known = QRadioButton(self.tr("A name that OpenCLIP knows"))
        self._choices = QButtonGroup(self)
        for choice in (self.none, self.folder, self.bundle, self.known):
            self._choices.addButton(choice)
        self.path = PathField(self.tr("Encoder folder"), self.tr("Folder of the encoder"))
        self.file = PathField(
            self.tr("Bundle"), self.tr("File of the bundle"), self.tr("Bundles (*.zip)")
        )
        self.name = QLineEdit(placeholderText=self.tr("For example {name}").format(name=EXAMPLE))
        self.name.setAccessibleName(self.tr("Name of the encoder"))
        self._how = text_label("", "secondary", wrap=True)
        self._told = text_label("", "secondary", wrap=True)
        self._licence = text_label("", "secondary", wrap=True)
        self.download = QCheckBox(self.tr("Download it from the network when encoding starts"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for widget in (
            self.none,
            self.folder,
            self.path,
            self.bundle,
            self.file,
            self.known,
            self.name,
            self._how,
            self._told,
            self._licence,
            self.download,
        ):
            column.addWidget(widget)
        self._show_source(source)
        self._pause = QTimer(self, singleShot=True, interval=PAUSE_MILLISECONDS)
        self._pause.timeout.connect(self._ask)
        self._choices.buttonToggled.connect(self._chosen)
        self.path.changed.connect(self._path_changed)
        self.file.changed.connect(self._path_changed)
        self.name.textChanged.connect(self._name_changed)
        self.download.toggled.connect(self._download_toggled)
        list_encoders(context, self._offer_names)
        self._chosen()

    def _offer_names(self, names: list[str]) -> None:
        completer = QCompleter(names, self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self.name.setCompleter(completer)

    def _show_source(self, source: str) -> None:
        if not source:
            self.none.setChecked(True)
        elif Path(source).is_absolute():
            self.folder.setChecked(True)
            self.path.set_path(Path(source))
        else:
            self.known.setChecked(True)
            self.name.setText(source)

    @property
    def source(self) -> str:
        """What was chosen, "" for none."""
        for choice, field in ((self.folder, self.path), (self.bundle, self.file)):
            if choice.isChecked() and field.path is not None:
                return str(field.path.absolute())
        return self.name.text().strip() if self.known.isChecked() else ""

    @property
    def is_ready(self) -> bool:
        """Whether the answer can be taken: none, or an encoder that is or may be brought here."""
        return self._is_ready

    @property
    def told(self) -> str:
        """What is said about the encoder."""
        return self._told.text()

    @property
    def allow_download(self) -> bool:
        """Whether the person agreed to fetch the encoder from the network."""
        return self.known.isChecked() and self.download.isChecked()

    def _chosen(self) -> None:
        self.path.setVisible(self.folder.isChecked())
        self.file.setVisible(self.bundle.isChecked())
        self.name.setVisible(self.known.isChecked())
        self._how.setText(self._tell_how())
        self._how.setVisible(bool(self._how.text()))
        self._ask()

    def _tell_how(self) -> str:
        if self.folder.isChecked():
            return self.tr("A folder holds open_clip_config.json, the weights and their licence.")
        if self.bundle.isChecked():
            return self.tr(
                "For a computer without a network: clipkw export-encoder makes the file where the"
                " encoder is. Here it is unpacked and tested, for all projects."
            )
        if self.known.isChecked():
            return self.tr(
                "Type a part of the name. Size and licence are shown before anything is"
                " downloaded: some licences forbid commercial or military use."
            )
        return ""

    def _path_changed(self, path: Path | None) -> None:
        self._ask()

    def _name_changed(self, text: str) -> None:
        self._set_ready(False)
        self._pause.start()

    def _download_toggled(self, on: bool) -> None:
        self._set_ready(on)

    def _ask(self) -> None:
        self._pause.stop()
        self.download.setChecked(False)
        self.download.hide()
        self._licence.hide()
        self._tell("")
        source = self.source
        self._set_ready(self.none.isChecked())
        if source:
            self._tell(self.tr("Looking…"))
            describe_encoder(self._context, source, self._describe, self.show_problem)

    def _describe(self, answer: EncoderFound) -> None:
        found = answer.description
        facts = [
            self.tr("{name}, {architecture}").format(
                name=found.name, architecture=found.architecture
            ),
            self.tr("{size} px images").format(size=found.image_size),
            self.tr("vectors of {dimension}").format(dimension=found.dimension),
        ]
        if found.weights_bytes:
            facts.append(size_text(found.weights_bytes))
        lines = ["  ·  ".join(facts)]
        if found.weights is None:
            lines.append(self.tr("It is not on this computer yet."))
        self._licence.setText(found.licence.strip().partition("\n")[0])
        self._licence.setVisible(bool(self._licence.text()))
        is_here = found.weights is not None
        if answer.warning:
            self._tell(answer.warning, "problem")
        else:
            self._tell("\n".join(lines), "good" if is_here else "secondary")
        self.download.setVisible(not is_here)
        self._set_ready(is_here)

    def show_work(self) -> None:
        """Tell that the answer is being taken."""
        if self.bundle.isChecked():
            self._tell(self.tr("Unpacking and testing the encoder…"))

    def show_problem(self, error: Exception) -> None:
        """Tell why the answer cannot be taken."""
        if isinstance(error, ClipkwError):
            self._tell(str(error), "problem")
        self._set_ready(False)

    def _tell(self, text: str, role: str = "secondary") -> None:
        set_role(self._told, role)
        self._told.setText(text)
        self._told.setVisible(bool(text))

    def _set_ready(self, is_ready: bool) -> None:
        self._is_ready = is_ready
        self.changed.emit()
