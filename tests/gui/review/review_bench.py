"""A small real project with known label errors, and the Review page on it.

Three kinds of drawn images whose vectors lie close to one axis each. Two images carry the keyword
of another kind, two lack their own; all have "arkiv" besides.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from PIL import Image as Pillow
from PySide6.QtCore import Qt, QTimer
from pytestqt.qtbot import QtBot

from clipkw_gui.context import AppContext
from clipkw_gui.pages.review import ReviewPage
from core.catalog import decisions, encodings, images
from core.features import FeatureFile
from core.settings import EncoderSettings
from core.types import FileRecord, ImageId, Verdict
from core.workflows import browse
from core.workflows.project import Project, create_project

IDENTITY = "made-up"
KINDS = ("lastebil", "skip", "fly")
EACH = 12
WRONG = {3: "fly", EACH + 5: "lastebil"}
MISSING = (2 * EACH + 2, 2 * EACH + 7)


@dataclass(slots=True)
class ReviewBench:
    """A page on a project, and short ways to look at both."""

    qtbot: QtBot
    context: AppContext
    project: Project
    page: ReviewPage
    ids: list[ImageId]
    messages: list[str] = field(default_factory=list)

    def press(self, key: Qt.Key, ctrl: bool = False) -> None:
        modifiers = Qt.KeyboardModifier.ControlModifier if ctrl else Qt.KeyboardModifier.NoModifier
        self.qtbot.keyClick(self.page.focusWidget() or self.page, key, modifiers)

    def settle(self) -> None:
        """Until everything that was asked for has come in."""
        self.qtbot.waitUntil(self.is_settled, timeout=60_000)

    def is_settled(self) -> bool:
        timers = self.page.findChildren(QTimer)
        return self.context.runner.is_idle() and not any(one.isActive() for one in timers)

    def judge(self) -> None:
        """Click the button and wait for the queues."""
        self.qtbot.mouseClick(self.page.gate.button, Qt.MouseButton.LeftButton)
        self.settle()

    @property
    def asked(self) -> tuple[int, str]:
        """(number of the image, keyword) of the current doubt."""
        doubt = self.page.desk.doubt
        assert doubt is not None
        assert self.page.desk.ranked is not None
        return self.ids.index(doubt.image), self.page.desk.ranked.keywords[doubt.keyword].no

    def said(self, number: int) -> dict[str, Verdict]:
        """What the catalog says now about an image, by Norwegian name."""
        names = {one.id: one.no for one in browse.all_keywords(self.project)}
        image = self.ids[number]
        labels = browse.labels_of(self.project, [image])[image]
        return {names[one.keyword]: one.verdict for one in labels}


def image_ids(project: Project) -> list[ImageId]:
    return sorted(one.id for one in images.known_files(project.catalog).values())


def make_review_project(folder: Path, *, encoded: bool = True) -> Project:
    """Draw the images, and record them, their keywords and vectors as import and encode would."""
    archive = folder / "arkiv"
    archive.mkdir()
    records = []
    for number in range(len(KINDS) * EACH):
        path = archive / f"{number:02}.jpg"
        kind = number // EACH
        Pillow.new("RGB", (120 + number, 80), (kind * 90, 40 + number * 5, 60)).save(path)
        data = path.read_bytes()
        digest = hashlib.sha256(data).hexdigest()
        stamp = path.stat().st_mtime_ns
        records.append(FileRecord(path.name, digest, len(data), stamp, 120 + number, 80))
    project = create_project(folder / "prøve", archive)
    images.record_scan(project.catalog, records, [], [], [])
    ids = image_ids(project)
    rows = []
    for number, image in enumerate(ids):
        names = ["arkiv", WRONG.get(number, "arkiv")]
        names += [] if number in MISSING else [KINDS[number // EACH]]
        rows.append((image, names))
    decisions.import_labels(project.catalog, rows, by="table.csv")
    if encoded:
        write_vectors(project, ids)
    return project


def write_vectors(project: Project, ids: list[ImageId]) -> None:
    project.settings = replace(project.settings, encoder=EncoderSettings("made-up", IDENTITY))
    project.settings.write(project.folder)
    drawn = np.random.default_rng(5).normal(0, 0.2, (len(ids), 8))
    drawn[np.arange(len(ids)), np.arange(len(ids)) // EACH] += 1
    vectors = (drawn / np.linalg.norm(drawn, axis=1, keepdims=True)).astype(np.float32)
    encoder = encodings.register_encoder(project.catalog, IDENTITY, "made up", 8)
    with FeatureFile.create(project.feature_path(IDENTITY), IDENTITY, 8, len(ids)) as features:
        features.write(0, np.array(ids), vectors)
    rows = np.arange(len(ids), dtype=np.int64)
    encodings.mark_encoded(project.catalog, encoder, np.array(ids), rows)
