"""What the Search page looks for, and how it is shown: a text, a file, or images."""

from __future__ import annotations

from functools import partial
from pathlib import Path, PurePosixPath

from PySide6.QtCore import QMimeData, QObject, QTemporaryDir, Signal
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QApplication

from clipkw_gui.actions import browse, search
from clipkw_gui.actions.browse import Rows
from clipkw_gui.context import AppContext
from clipkw_gui.pages.search_view import SearchView
from clipkw_gui.widgets.formats import count_text
from clipkw_gui.widgets.target_chip import SIDE
from core.types import ImageId, SearchByFile, SearchByImages, SearchByText, SearchTarget

_PICTURE_SIDE = 4 * SIDE


class TargetChoice(QObject):
    """Holds the target; a text replaces an image and the other way round."""

    changed = Signal()
    failed = Signal(object)

    def __init__(self, context: AppContext, view: SearchView) -> None:
        super().__init__(view)
        self._context = context
        self._view = view
        self._pasted: QTemporaryDir | None = None
        self.target: SearchTarget | None = None
        view.target.removed.connect(self.clear)
        view.thumbnails.arrived.connect(self._thumbnail_arrived)

    def name(self) -> str:
        """What is looked for, in a few words."""
        match self.target:
            case SearchByText(text):
                return text
            case SearchByFile() | SearchByImages():
                return self._view.target.text()
        return ""

    def take_text(self, text: str) -> None:
        """Look for words; an empty text looks for nothing, unless it is an image."""
        clean = " ".join(text.split())
        if not clean and not isinstance(self.target, SearchByText):
            return
        target = SearchByText(clean) if clean else None
        if target != self.target:
            self._view.target.hide()
            self._set(target)

    def take_file(self, path: str) -> None:
        """Look for images like the one in a file."""
        self._view.field.clear()
        self._view.target.show_target(self.tr("Like {name}").format(name=Path(path).name))
        browse.load_file(self._context, Path(path), _PICTURE_SIDE, self._show_file, self._ignore)
        self._set(SearchByFile(path))

    def take_images(self, images: tuple[ImageId, ...]) -> None:
        """Look for images like those of the archive."""
        self._view.field.clear()
        count = len(images)
        text = self.tr("Like {n} images").format(n=count_text(count)) if count > 1 else ""
        self._view.target.show_target(text, self._view.thumbnails.get(images[0]))
        self._set(SearchByImages(images))
        if count == 1:
            on_done = partial(self._show_name, images)
            browse.fetch_rows(self._context, images, on_done, self._ignore)

    def take_mime(self, mime: QMimeData) -> None:
        """Look for what was pasted or dropped."""
        files = [url.toLocalFile() for url in mime.urls() if url.isLocalFile()]
        if files:
            self.take_file(files[0])
        elif mime.hasImage():
            picture = QImage(mime.imageData())
            folder = self._folder_for_pasted()
            search.keep_picture(self._context, picture, folder, self._take_pasted, self.failed.emit)

    def take(self, target: SearchTarget) -> None:
        """Look for what was looked for before."""
        match target:
            case SearchByText(text):
                self._view.field.setText(text)
                self.take_text(text)
            case SearchByFile(path):
                self.take_file(path)
            case SearchByImages(images):
                self.take_images(images)

    def clear(self) -> None:
        """Look for nothing."""
        self._view.field.clear()
        self._view.target.hide()
        self._set(None)

    def _set(self, target: SearchTarget | None) -> None:
        self.target = target
        self.changed.emit()

    def _folder_for_pasted(self) -> Path:
        """A folder that goes when the program ends; none is made before it is needed."""
        if self._pasted is None:
            self._pasted = QTemporaryDir()
            # Said explicitly: what is alive when Python ends is not always destroyed.
            QApplication.instance().aboutToQuit.connect(self._pasted.remove)
        return Path(self._pasted.path())

    def _take_pasted(self, target: SearchByFile) -> None:
        self.take_file(target.path)
        self._view.target.show_target(self.tr("Like the pasted picture"))

    def _show_file(self, picture: QImage) -> None:
        if isinstance(self.target, SearchByFile):
            self._view.target.set_picture(QPixmap.fromImage(picture))

    def _show_name(self, images: tuple[ImageId, ...], rows: Rows) -> None:
        if self.target == SearchByImages(images) and rows.images:
            name = PurePosixPath(rows.images[0].path).name
            picture = self._view.thumbnails.get(images[0])
            self._view.target.show_target(self.tr("Like {name}").format(name=name), picture)

    def _thumbnail_arrived(self, image: ImageId) -> None:
        if isinstance(self.target, SearchByImages) and self.target.images[0] == image:
            self._view.target.set_picture(self._view.thumbnails.get(image))

    def _ignore(self, error: Exception) -> None:
        """The search itself says what is wrong with the image."""
