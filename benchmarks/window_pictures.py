"""Take the pictures of the window for the README and the user guide, from the demo archive.

    python -m benchmarks.window_pictures [NAME ...] [--demo DIR] [--output docs/images]

Drives the real window without a screen, by keys and clicks, and takes a picture when all is read.
The demo is made in DIR if it is not complete there; nothing is decided in it. Every page of the
rail is shown as it opens, under its own name, unless SCENES says what to do on it first: another
page needs no line here.
"""

from __future__ import annotations

import argparse
import io
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import PIL.Image
from PySide6.QtCore import QBuffer, QEventLoop, QIODevice, QPoint, QSettings, Qt, QTimer
from PySide6.QtGui import QAction, QColor, QPainter, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QPushButton, QToolButton, QWidget

from clipkw_gui.actions.project import shut_down
from clipkw_gui.app import make_app
from clipkw_gui.context import AppContext
from clipkw_gui.main_window import MainWindow
from clipkw_gui.pages.dialogs import EncoderDialog
from clipkw_gui.pages.registry import page_entries
from clipkw_gui.theme import Appearance
from core.progress import Silent
from core.types import ImageQuery
from core.workflows.demo import create_demo, demo_remainder, fill_demo

SIZE = (1280, 800)
SCALE = "1.5"
QUALITIES = (88, 84, 80, 75, 70)
LARGEST = 400_000
"""Bytes of a picture that may be read over a slow line."""
QUIET_MS = 1000
PATIENCE_MS = 300_000
LEFT = Qt.MouseButton.LeftButton
SHOWN = "IMG_01487.jpg"
"""The unlabeled image on the Label page: suggestions of every confidence, several references."""
WORDS = "stridsvogn snø"
ENCODER = "ViT-B-32/laion2b_s34b_b79k"

Scene = Callable[["Stage"], None]


def label(stage: Stage) -> None:
    stage.show_image(SHOWN)
    stage.press(Qt.Key.Key_Down)


def dark(stage: Stage) -> None:
    stage.appearance.choose("dark")
    label(stage)


def grid(stage: Stage) -> None:
    stage.page.filters.set_query(ImageQuery())
    stage.settle()
    stage.press(Qt.Key.Key_G)


def reference(stage: Stage) -> None:
    stage.show_image(SHOWN)
    evidence = stage.page.evidence
    place = evidence.visualRect(evidence.model().index(1, 0)).center()
    QTest.mouseClick(evidence.viewport(), LEFT, pos=place)
    QTest.mouseDClick(evidence.viewport(), LEFT, pos=place)
    stage.settle()


def search(stage: Stage) -> None:
    QTest.keyClicks(stage.page.field, WORDS)
    stage.settle()


def review(stage: Stage) -> None:
    QTest.mouseClick(stage.page.findChild(QPushButton, "judgeLabels"), LEFT)
    stage.settle()


def duplicates(stage: Stage) -> None:
    QTest.mouseClick(stage.page.findChild(QPushButton, "compareImages"), LEFT)
    stage.settle()


def jobs(stage: Stage) -> None:
    stage.window.findChild(QAction, "importImages").trigger()
    stage.settle()


def encoder(stage: Stage) -> None:
    stage.window.findChild(QAction, "chooseEncoder").trigger()
    stage.settle()
    panel = stage.window.findChild(EncoderDialog).panel
    panel.known.click()
    panel.name.clear()
    QTest.keyClicks(panel.name, ENCODER)
    panel.name.completer().popup().hide()
    stage.settle()


def start(stage: Stage) -> None:
    stage.window.findChild(QAction, "closeProject").trigger()
    stage.settle()
    # Where the demo lies on this machine is nobody's business.
    QTest.mouseClick(stage.window.start.recent.findChild(QToolButton, "forget"), LEFT)
    stage.settle()


SCENES: dict[str, tuple[str, Scene]] = {
    "label": ("label", label),
    "label-dark": ("label", dark),
    "grid": ("label", grid),
    "reference": ("label", reference),
    "encoder": ("label", encoder),
    "search": ("search", search),
    "review": ("review", review),
    "duplicates": ("duplicates", duplicates),
    "jobs": ("jobs", jobs),
    "start": ("label", start),
}
"""By the name of the picture: the page, and what to do on it."""


class Stage:
    """The window with the demo open, and hands to use it."""

    def __init__(self, project: Path, preferences: Path) -> None:
        settings = QSettings(str(preferences), QSettings.Format.IniFormat)
        self._app = make_app()
        self.appearance = Appearance(self._app, settings)
        self.appearance.choose("light")
        self.context = AppContext(settings)
        self.window = MainWindow(self.context)
        self.window.resize(*SIZE)
        self.window.show()
        self.window.start.open_project(project)
        self.settle()

    @property
    def page(self) -> QWidget:
        """The page that is shown."""
        return self.window.pages.currentWidget()

    def show_image(self, name: str) -> None:
        """Make the unlabeled image of that name the current one, as its queue shows it."""
        field = self.page.filters.path_text
        QTest.keyClicks(field, name)
        self.settle()
        field.clear()
        self.settle()

    def press(self, key: Qt.Key) -> None:
        QTest.keyClick(QApplication.focusWidget() or self.page, key)
        self.settle()

    def settle(self) -> None:
        """Until nothing was read for a moment."""
        loop, runner = QEventLoop(), self.context.runner
        for _ in range(PATIENCE_MS // QUIET_MS):
            QTimer.singleShot(QUIET_MS, loop.quit)
            loop.exec()
            if runner.is_idle():
                return
        raise TimeoutError("the window did not come to rest")

    def take(self) -> QPixmap:
        """The window with the dialog that is open over it."""
        whole = self.window.grab()
        dialog = self._app.activeModalWidget()
        if isinstance(dialog, QDialog):
            painter = QPainter(whole)
            painter.fillRect(whole.rect(), QColor(0, 0, 0, 90))
            space = self.window.size() - dialog.size()
            painter.drawPixmap(QPoint(space.width() // 2, space.height() // 2), dialog.grab())
            painter.end()
        return whole

    def close(self) -> None:
        dialog = self._app.activeModalWidget()
        if dialog is not None:
            dialog.close()
        self.window.close()
        shut_down(self.context)


def take_picture(name: str, project: Path) -> QPixmap:
    """A window of its own for every picture: none shows what another has done."""
    page, scene = SCENES.get(name, (name, None))
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(project, Path(folder) / "preferences.ini")
        try:
            stage.window.show_named(page)
            stage.settle()
            if scene is not None:
                scene(stage)
            return stage.take()
        finally:
            stage.close()


def save(picture: QPixmap, path: Path) -> None:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    picture.save(buffer, "PNG")
    with PIL.Image.open(io.BytesIO(buffer.data().data())) as image:
        for quality in QUALITIES:
            stream = io.BytesIO()
            image.convert("RGB").save(stream, "JPEG", quality=quality, optimize=True, subsampling=0)
            if stream.tell() <= LARGEST:
                break
    path.write_bytes(stream.getvalue())
    print(f"{path}  {picture.width()} x {picture.height()}, {stream.tell() / 1000:.0f} kB")


def make_demo(folder: Path) -> Path:
    """The complete demo in ``folder``, and its project."""
    with create_demo(folder, Silent()) as project:
        if demo_remainder(project):
            fill_demo(project, Silent())
        return project.folder


def main() -> None:
    names = [*SCENES, *(entry.name for entry in page_entries() if entry.name not in SCENES)]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(names))
    parser.add_argument("--demo", type=Path, metavar="DIR")
    parser.add_argument(
        "--output", type=Path, default=Path(__file__).parents[1] / "docs" / "images"
    )
    given = parser.parse_args()
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    os.environ["QT_SCALE_FACTOR"] = SCALE
    given.output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        project = make_demo(given.demo or Path(temporary) / "demo")
        for name in given.names or names:
            save(take_picture(name, project), given.output / f"{name}.jpg")


if __name__ == "__main__":
    main()
