"""A small real project: drawn images, keywords in Norwegian and English, vectors written by hand.

Twelve images in two folders; the first six labeled from a table. Vectors point along one axis per
kind of image, so who is similar to whom is known: even images are trucks, odd ones are ships.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image as Pillow
from PySide6.QtCore import Qt, QTimer
from pytestqt.qtbot import QtBot

from clipkw_gui.context import AppContext
from clipkw_gui.pages.label import LabelPage
from core.catalog import decisions, encodings, images
from core.features import FeatureFile
from core.settings import EncoderSettings, ProjectSettings
from core.types import FileRecord, ImageId, ImageQuery, Label, QueueName, Verdict
from core.workflows import browse
from core.workflows.project import Project

COUNT = 12
LABELED = 6
IDENTITY = "made-up"
KINDS = (("lastebil", "grønn"), ("skip", "grå"))


@dataclass(slots=True)
class Bench:
    """A page on a project, and short ways to look at both."""

    qtbot: QtBot
    context: AppContext
    project: Project
    page: LabelPage
    ids: list[ImageId]

    def press(self, key: Qt.Key, shift: bool = False, ctrl: bool = False) -> None:
        modifiers = Qt.KeyboardModifier.NoModifier
        if shift:
            modifiers |= Qt.KeyboardModifier.ShiftModifier
        if ctrl:
            modifiers |= Qt.KeyboardModifier.ControlModifier
        target = self.page.focusWidget() or self.page
        self.qtbot.keyClick(target, key, modifiers)

    def settle(self) -> None:
        """Until everything that was asked for has come in."""
        self.qtbot.waitUntil(self.is_settled, timeout=20_000)

    def is_settled(self) -> bool:
        timers = self.page.findChildren(QTimer)
        return self.context.runner.is_idle() and not any(one.isActive() for one in timers)

    def show(self, queue: QueueName) -> None:
        self.page.filters.set_query(ImageQuery(queue=queue))
        self.settle()

    def said(self, image: ImageId) -> dict[str, Verdict]:
        """What the catalog says now, by Norwegian name."""
        names = {one.id: one.no for one in browse.all_keywords(self.project)}
        return {names[one.keyword]: one.verdict for one in self.labels(image)}

    def labels(self, image: ImageId) -> tuple[Label, ...]:
        return browse.labels_of(self.project, [image])[image]

    def offered(self) -> list[str]:
        model = self.page.answers.suggestions
        rows = (model.suggestion_at(row) for row in range(model.rowCount()))
        return [row.keyword.no for row in rows if row is not None]

    @property
    def current(self) -> ImageId | None:
        return self.page.desk.image


def make_archive(folder: Path) -> list[FileRecord]:
    """Draw the images."""
    records = []
    for number in range(COUNT):
        path = folder / ("nord" if number < 8 else "sør") / f"bilde_{number:02}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        shade = (number * 20, 90 if number % 2 else 160, 60)
        Pillow.new("RGB", (320 + number, 200), shade).save(path)
        data = path.read_bytes()
        digest = hashlib.sha256(data).hexdigest()
        relative = path.relative_to(folder).as_posix()
        stamp = path.stat().st_mtime_ns
        records.append(FileRecord(relative, digest, len(data), stamp, 320 + number, 200))
    return records


def fill(project: Project, records: list[FileRecord]) -> list[ImageId]:
    """Record images, keywords and vectors as import and encode would."""
    images.record_scan(project.catalog, records, [], [], [])
    found = [images.find_image(project.catalog, one.path) for one in records]
    ids = [one.id for one in found if one is not None]
    rows = [(ids[n], KINDS[n % 2]) for n in range(LABELED)]
    decisions.import_labels(project.catalog, rows, by="table.csv")
    return ids


def write_vectors(project: Project, ids: list[ImageId]) -> None:
    """Unit vectors: trucks along the first axis, ships along the second, all slightly apart."""
    settings = project.settings
    project.settings = ProjectSettings(
        settings.archive, EncoderSettings("made-up", IDENTITY), settings.neighbor_search
    )
    project.settings.write(project.folder)
    vectors = np.zeros((len(ids), 8), np.float32)
    for number in range(len(ids)):
        vectors[number, number % 2] = 1
        vectors[number, 2 + number % 6] = 0.05 * (1 + number // 6)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    encoder = encodings.register_encoder(project.catalog, IDENTITY, "made up", 8)
    path = project.feature_path(IDENTITY)
    with FeatureFile.create(path, IDENTITY, 8, len(ids)) as features:
        features.write(0, np.array(ids), vectors)
    rows = np.arange(len(ids), dtype=np.int64)
    encodings.mark_encoded(project.catalog, encoder, np.array(ids), rows)
