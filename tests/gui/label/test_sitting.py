"""Many images labeled in the whole window; at the end the catalog says exactly what was done."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from book import Book, read_catalog
from PySide6.QtCore import QSettings
from pytestqt.qtbot import QtBot
from sitting import Sitting
from sitting_project import make_drawn, make_photographed, opened, undo_everything

from core.catalog.overview import faults
from core.workflows.project import open_project


def sit(preferences: QSettings, folder: Path, book: Book, images: int, restart_after: int) -> None:
    """Label so many images, with a new window now and then; undo across the restart."""
    chance = random.Random(images)
    assert read_catalog(folder) == book.said
    while len(book.labeled) < images:
        until = min(len(book.labeled) + restart_after, images)
        with opened(preferences, folder, book, chance) as sitting:
            if book.past:
                sitting.change_mind()
                assert read_catalog(folder) == book.said, "undone across the restart"
            go_on(sitting, folder, until)
        assert read_catalog(folder) == book.said
    with open_project(folder) as project:
        assert faults(project.catalog) == []


def go_on(sitting: Sitting, folder: Path, until: int) -> None:
    book, chance, images = sitting.book, sitting.chance, 0
    while len(book.labeled) < until:
        if sitting.is_last():
            sitting.start_over()
        sitting.label_image()
        sitting.settle()
        images += 1
        if book.past and images % 7 == 0:
            sitting.change_mind()
        if images % 11 == 0:
            sitting.decide_many()
        if chance.random() < 0.1:
            assert read_catalog(folder) == book.said


def test_a_short_sitting(qtbot: QtBot, preferences: QSettings, tmp_path: Path) -> None:
    folder, book = make_drawn(tmp_path, 60)
    sit(preferences, folder, book, images=20, restart_after=12)
    undo_everything(preferences, folder, book)


@pytest.mark.endurance
@pytest.mark.photographs
@pytest.mark.timeout(7_200)
def test_two_hundred_photographs(
    qtbot: QtBot, preferences: QSettings, tmp_path: Path, aircraft: Path, dev_encoder: Path
) -> None:
    folder, book = make_photographed(tmp_path, aircraft, dev_encoder)
    sit(preferences, folder, book, images=200, restart_after=50)
    undo_everything(preferences, folder, book)
    print(f"{len(book.labeled)} images in {book.steps} steps")  # noqa: T201
