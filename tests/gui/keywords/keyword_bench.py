"""The Keywords page on a small project made of numbers, and short ways to look at both."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image as Pillow
from PySide6.QtCore import QModelIndex, QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QWidget
from pytestqt.qtbot import QtBot
from sqlalchemy import select

from clipkw_gui.context import AppContext
from clipkw_gui.models.vocabulary import Column
from clipkw_gui.pages.keywords import KeywordsPage
from core.catalog import decisions, encodings, images, schema
from core.features import FeatureFile
from core.settings import EncoderSettings, ProjectSettings
from core.types import FileRecord, ImageId
from core.workflows.keywords import list_keywords
from core.workflows.project import Project, create_project

IDENTITY = "made-up"
LEFT = Qt.MouseButton.LeftButton
LABELS = {
    "klokka": (0, 1, 2, 3),
    "klokken": (4, 5),
    "Fighter": (6, 7, 8),
    "Fighter Aircraft": (9,),
    "Transport Aircraft": (10, 11),
    "Patrol Aircraft": (10,),
    "sambandspanservogn": (0, 4, 8),
    "ukjentheimen": (1,),
}


def make_project(folder: Path) -> Project:
    """Twelve images with vectors along one of two axes, and some keywords on them."""
    archive = folder / "arkiv"
    archive.mkdir(exist_ok=True)
    project = create_project(folder / "prøve", archive)
    found = [
        FileRecord(f"{number}.jpg", hashlib.sha256(bytes([number])).hexdigest(), 1, 1, 4, 3)
        for number in range(12)
    ]
    images.record_scan(project.catalog, found, [], [], [])
    for number, record in enumerate(found):
        Pillow.new("RGB", (40, 30), (number * 20, 90, 60)).save(archive / record.path)
    ids = [ImageId(number) for number in range(1, 13)]
    rows = [(ids[number], [name]) for name, places in LABELS.items() for number in places]
    decisions.import_labels(project.catalog, rows, "table")
    vectors = np.array([[1, 0, 0.1 * n, 0] if n < 6 else [0, 1, 0, 0.1 * n] for n in range(12)])
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    encoder = encodings.register_encoder(project.catalog, IDENTITY, IDENTITY, 4)
    with FeatureFile.create(project.feature_path(IDENTITY), IDENTITY, 4, 12) as file:
        file.write(0, np.array(ids), vectors.astype(np.float32))
    encodings.mark_encoded(project.catalog, encoder, np.array(ids), np.arange(12))
    project.settings = ProjectSettings(project.settings.archive, EncoderSettings("x", IDENTITY))
    project.settings.write(project.folder)
    return project


def everything(project: Project) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of what analysts own, as the catalog has them."""
    tables = [schema.keywords, schema.synonyms, schema.labels]
    with project.catalog.read() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(select(table))]
            for table in tables
        }


@dataclass(slots=True)
class Bench:
    """The page, and what a person does with it."""

    qtbot: QtBot
    context: AppContext
    project: Project
    page: KeywordsPage

    def settle(self) -> None:
        """Until everything that was asked for has come in."""
        self.qtbot.waitUntil(self.is_settled, timeout=20_000)

    def is_settled(self) -> bool:
        timers = self.page.findChildren(QTimer)
        return self.context.runner.is_idle() and not any(one.isActive() for one in timers)

    def names(self) -> dict[str, tuple[str | None, tuple[str, ...], str, int]]:
        """What the catalog says now, by Norwegian name."""
        return {
            row.keyword.no: (row.keyword.en, row.synonyms, row.keyword.status.value, row.images)
            for row in list_keywords(self.project)
        }

    def shown(self, column: Column = Column.NO) -> list[str]:
        model = self.page.table.model
        return [model.index(row, column).data() for row in range(model.rowCount())]

    def index(self, name: str, column: Column = Column.NO) -> QModelIndex:
        return self.page.table.model.index(self.shown().index(name), column)

    def click(self, name: str, *, more: bool = False) -> None:
        """Click on a row; ``more`` holds Ctrl."""
        view = self.page.table.view
        index = self.index(name)
        view.scrollTo(index)
        modifier = Qt.KeyboardModifier.ControlModifier if more else Qt.KeyboardModifier.NoModifier
        point = view.visualRect(index).center()
        self.qtbot.mouseClick(view.viewport(), LEFT, modifier, QPoint(20, point.y()))
        self.settle()

    def edit(self, name: str, column: Column, text: str) -> None:
        """Type another text into a cell."""
        view = self.page.table.view
        index = self.index(name, column)
        view.scrollTo(index)
        place = view.visualRect(index).center()
        self.qtbot.mouseClick(view.viewport(), LEFT, pos=place)
        self.qtbot.keyClick(view, Qt.Key.Key_F2)
        editor = view.viewport().findChildren(QLineEdit)[-1]
        editor.selectAll()
        self.qtbot.keyClicks(editor, text)
        self.qtbot.keyClick(editor, Qt.Key.Key_Return)
        self.qtbot.waitUntil(lambda: not self.page.table.is_being_edited)
        self.settle()

    def press(self, key: Qt.Key, target: QWidget | None = None, *, ctrl: bool = False) -> None:
        modifier = Qt.KeyboardModifier.ControlModifier if ctrl else Qt.KeyboardModifier.NoModifier
        QTest.keyClick(target or self.page.table.view, key, modifier)
        self.settle()

    def merge_chosen(self) -> None:
        """Ask to merge what is chosen, and say yes."""
        self.press(Qt.Key.Key_M, ctrl=True)
        dialog = self.page.dialog
        assert dialog is not None
        self.settle()
        self.qtbot.mouseClick(dialog.apply, LEFT)  # type: ignore[attr-defined]
        self.settle()
        self.activate()

    def activate(self) -> None:
        """What a window manager does when a dialog is closed."""
        window = self.page.window()
        window.activateWindow()
        self.qtbot.waitUntil(window.isActiveWindow)
        self.page.table.view.setFocus()

    def type_into(self, field: QLineEdit, text: str) -> None:
        field.setFocus()
        field.selectAll()
        self.qtbot.keyClicks(field, text)
        self.settle()
