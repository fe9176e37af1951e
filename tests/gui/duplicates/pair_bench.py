"""A small real project for the Duplicates page: six pairs of images of known similarity."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import PIL.Image
from PySide6.QtCore import QCoreApplication, Qt, QTimer
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from clipkw_gui.actions.duplicates import PairKey, key_of
from clipkw_gui.context import AppContext
from clipkw_gui.pages.duplicates import DuplicatesPage
from core.catalog import decisions, encodings, images
from core.features import FeatureFile
from core.progress import Silent
from core.settings import EncoderSettings, ProjectSettings
from core.types import ImageId
from core.workflows import duplicates
from core.workflows.ingest import import_images
from core.workflows.project import Project, create_project

IDENTITY = "made-up"
SIMILARITIES = (0.9999, 0.985, 0.97, 0.96, 0.93, 0.5)
"""Images 2k and 2k + 1 have the k-th of these; all others are orthogonal."""
COUNT = 2 * len(SIMILARITIES)
EXTRA = "even.jpg"


@dataclass(slots=True)
class PairBench:
    """A page on a project, and short ways to look at both."""

    qtbot: QtBot
    context: AppContext
    project: Project
    page: DuplicatesPage
    ids: list[ImageId]

    def press(self, key: Qt.Key, on: QWidget | None = None) -> None:
        self.qtbot.keyClick(on or self.page.focusWidget() or self.page, key)

    def settle(self) -> None:
        """Until everything that was asked for has come in, and is laid out."""
        self.qtbot.waitUntil(self.is_settled, timeout=60_000)
        QCoreApplication.processEvents()
        self.qtbot.waitUntil(self.is_settled, timeout=60_000)

    def is_settled(self) -> bool:
        timers = self.page.findChildren(QTimer)
        return self.context.runner.is_idle() and not any(one.isActive() for one in timers)

    def compare(self) -> None:
        """Press the button that compares the images."""
        self.qtbot.mouseClick(self.page.gate.button, Qt.MouseButton.LeftButton)
        self.settle()

    @property
    def current(self) -> PairKey | None:
        pair = self.page.desk.current
        return key_of(pair) if pair is not None else None

    def answers(self) -> dict[PairKey, bool]:
        """What the catalog says now."""
        return {key_of(one): bool(one.answer) for one in duplicates.answered_pairs(self.project)}

    def pair(self, number: int) -> PairKey:
        """The images of the pair with that similarity."""
        return self.ids[2 * number], self.ids[2 * number + 1]


def make_bench_project(folder: Path, *, labeled: bool = True, encoded: bool = True) -> Project:
    """Twelve drawn images, two keywords, vectors by hand."""
    archive = folder / "archive"
    archive.mkdir()
    for number in range(COUNT):
        picture = PIL.Image.new("RGB", (160 + number, 120), (20 * number, 90, 160))
        picture.save(archive / f"bilde_{number:02}.jpg")
    project = create_project(folder / "par.clipkw", archive)
    import_images(project, Silent())
    ids = image_ids(project)
    if labeled:
        rows = [(one, ["fly", "grå"] if number % 2 else ["fly"]) for number, one in enumerate(ids)]
        decisions.import_labels(project.catalog, rows, by="table.csv")
    if encoded:
        write_vectors(project, ids)
    return project


def image_ids(project: Project) -> list[ImageId]:
    """In the order of their paths."""
    known = images.known_files(project.catalog)
    return [known[path].id for path in sorted(known)]


def write_vectors(project: Project, ids: list[ImageId]) -> None:
    settings = project.settings
    project.settings = ProjectSettings(
        settings.archive, EncoderSettings("made-up", IDENTITY), settings.neighbor_search
    )
    project.settings.write(project.folder)
    vectors = np.zeros((COUNT, COUNT), np.float32)
    for number, similarity in enumerate(SIMILARITIES):
        vectors[2 * number, 2 * number] = 1
        vectors[2 * number + 1, 2 * number] = similarity
        vectors[2 * number + 1, 2 * number + 1] = np.sqrt(1 - similarity**2)
    encoder = encodings.register_encoder(project.catalog, IDENTITY, "made up", COUNT)
    path = project.feature_path(IDENTITY)
    with FeatureFile.create(path, IDENTITY, COUNT, len(ids)) as features:
        features.write(0, np.array(ids), vectors)
    encodings.mark_encoded(project.catalog, encoder, np.array(ids), np.arange(len(ids)))
