"""A small real project for the Experiments page: two kinds of images, prepared at once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PySide6.QtCore import QCoreApplication, Qt, QTimer
from pytestqt.qtbot import QtBot

from clipkw_gui.context import AppContext
from clipkw_gui.pages.experiments import ExperimentsPage
from core.catalog import decisions, encodings, images
from core.features import FeatureFile
from core.progress import Silent
from core.settings import EncoderSettings, ProjectSettings
from core.types import FileRecord
from core.workflows.preparation_settings import PreparationSettings
from core.workflows.prepare import prepare
from core.workflows.project import Project, create_project

IDENTITY = "made-up"
COUNT, DIMENSION = 80, 12
LEFT = Qt.MouseButton.LeftButton


@dataclass(slots=True)
class ExperimentBench:
    """A page on a project, and short ways to look at both."""

    qtbot: QtBot
    context: AppContext
    project: Project
    page: ExperimentsPage

    def settle(self) -> None:
        """Until everything that was asked for has come in, and is laid out."""
        self.qtbot.waitUntil(self.is_settled, timeout=120_000)
        QCoreApplication.processEvents()
        self.qtbot.waitUntil(self.is_settled, timeout=120_000)

    def is_settled(self) -> bool:
        timers = self.page.findChildren(QTimer)
        return self.context.runner.is_idle() and not any(one.isActive() for one in timers)

    def tune(self, trials: int = 3) -> None:
        """Tune neighbor search with the mouse."""
        form = self.page.form
        form.choose_model("neighbor-search", "as-is")
        form.search.setCurrentIndex(form.search.findText("Random"))
        form.trials.setValue(trials)
        self.qtbot.mouseClick(form.tune, LEFT)
        self.settle()

    def compare(self, *names: str) -> None:
        """Compare some models with the mouse."""
        form = self.page.form
        for name, box in form.families.items():
            box.setChecked(name in names)
        form.resamples.setValue(20)
        self.qtbot.mouseClick(form.compare, LEFT)
        self.settle()

    def cells(self) -> list[list[str]]:
        """The table of runs as it is seen."""
        table = self.page.runs.shown
        columns = range(table.columnCount())
        return [
            [str(table.index(row, column).data()) for column in columns]
            for row in range(table.rowCount())
        ]


def make_bench_project(folder: Path) -> Project:
    """Records, keywords and vectors without any image behind them."""
    archive = folder / "archive"
    archive.mkdir()
    project = create_project(folder / "prøver.clipkw", archive)
    names = [f"bilde {number:02}.jpg" for number in range(COUNT)]
    records = [FileRecord(name, f"{number:064}", 1, 1, 4, 3) for number, name in enumerate(names)]
    images.record_scan(project.catalog, records, [], [], [])
    known = images.known_files(project.catalog)
    ids = [known[name].id for name in names]
    labels = [
        (one, ["skip"] if number % 2 else ["fly", "grå"] if number % 4 else ["fly"])
        for number, one in enumerate(ids)
    ]
    decisions.import_labels(project.catalog, labels, by="table.csv")
    chance = np.random.default_rng(3)
    vectors = chance.normal(0, 0.3, (COUNT, DIMENSION)).astype(np.float32)
    vectors[np.arange(COUNT), np.arange(COUNT) % 2] += 1
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    settings = project.settings
    project.settings = ProjectSettings(
        settings.archive, EncoderSettings("made-up", IDENTITY), settings.neighbor_search
    )
    project.settings.write(project.folder)
    encoder = encodings.register_encoder(project.catalog, IDENTITY, "made up", DIMENSION)
    path = project.feature_path(IDENTITY)
    with FeatureFile.create(path, IDENTITY, DIMENSION, COUNT) as features:
        features.write(0, np.array(ids), vectors)
    encodings.mark_encoded(project.catalog, encoder, np.array(ids), np.arange(COUNT))
    prepare(project, PreparationSettings(minimum_images=5), Silent())
    return project
