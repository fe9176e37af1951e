"""Many images labeled in the whole window; at the end the catalog says exactly what was done."""

from __future__ import annotations

import csv
import random
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import PIL.Image
import pytest
from book import Book, read_catalog
from pytestqt.qtbot import QtBot
from PySide6.QtCore import QSettings
from sitting import Sitting

from core.catalog import encodings
from core.catalog.images import known_files
from core.catalog.overview import faults
from core.features import FeatureFile
from core.progress import Silent
from core.settings import EncoderSettings, ProjectSettings
from core.workflows.encode import encode_images
from core.workflows.ingest import import_images, import_keywords
from core.workflows.project import Project, create_project, open_project

KINDS = (("lastebil", "grønn"), ("skip", "grå"), ("fly", "jagerfly", "grå"), ("bro",), ("tog",))
LABELED = 20
PHOTOGRAPHS = 700


def write_table(path: Path, rows: dict[str, list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream)
        table.writerow(["path", "keywords"])
        table.writerows([name, ";".join(words)] for name, words in rows.items())


def make_project(folder: Path, archive: Path, rows: dict[str, list[str]], encoder: str) -> Project:
    table = folder / "table.csv"
    write_table(table, rows)
    project = create_project(folder / "sitting", archive, encoder)
    import_images(project, Silent())
    import_keywords(project, table, None, Silent())
    return project


def imported(rows: dict[str, list[str]]) -> dict[tuple[str, str], str]:
    return {(path, word.casefold()): "imported" for path, words in rows.items() for word in words}


def make_drawn(folder: Path, count: int) -> tuple[Path, Book]:
    """Small images, their keywords and vectors by kind, one kind after the other."""
    archive = folder / "archive"
    archive.mkdir()
    names = [f"{number:03}.png" for number in range(count)]
    for number, name in enumerate(names):
        PIL.Image.new("RGB", (80, 60), (number % 256, number // 256, 90)).save(archive / name)
    rows = {name: list(KINDS[n % len(KINDS)]) for n, name in enumerate(names[:LABELED])}
    with make_project(folder, archive, rows, "") as project:
        write_vectors(project)
    return project.folder, Book(imported(rows))


def write_vectors(project: Project) -> None:
    ids = sorted(int(file.id) for file in known_files(project.catalog).values())
    chance = np.random.default_rng(5)
    vectors = chance.normal(0, 0.12, (len(ids), 16)).astype(np.float32)
    kinds = np.arange(len(ids)) % len(KINDS)
    vectors[np.arange(len(ids)), kinds] += 1
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    settings = project.settings
    project.settings = ProjectSettings(
        settings.archive, EncoderSettings("made-up", "made-up"), settings.neighbor_search
    )
    project.settings.write(project.folder)
    encoder = encodings.register_encoder(project.catalog, "made-up", "made up", 16)
    with FeatureFile.create(project.feature_path("made-up"), "made-up", 16, len(ids)) as features:
        features.write(0, np.array(ids), vectors)
    encodings.mark_encoded(project.catalog, encoder, np.array(ids), np.arange(len(ids)))


def make_photographed(folder: Path, aircraft: Path, encoder: Path) -> tuple[Path, Book]:
    """Photographs of every kind; of these 60 % keep their keywords."""
    with (aircraft / "labels.csv").open(encoding="utf-8", newline="") as stream:
        every = list(csv.DictReader(stream))
    chosen = every[:: len(every) // PHOTOGRAPHS][:PHOTOGRAPHS]
    archive = folder / "archive"
    for row in chosen:
        place = archive / row["path"]
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(aircraft / row["path"], place)
    kept = random.Random(3).sample(chosen, len(chosen) * 6 // 10)
    rows = {row["path"]: row["keywords"].split(";") for row in kept}
    with make_project(folder, archive, rows, str(encoder)) as project:
        encode_images(project, Silent())
    return project.folder, Book(imported(rows))


@contextmanager
def opened(
    preferences: QSettings, folder: Path, book: Book, chance: random.Random
) -> Iterator[Sitting]:
    sitting = Sitting(preferences, folder, book, chance)
    try:
        yield sitting
        sitting.settle()
    finally:
        sitting.close()


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


def undo_everything(preferences: QSettings, folder: Path, book: Book) -> None:
    """All of it back to the import, and all of it again."""
    before, steps = dict(book.said), len(book.past)
    with opened(preferences, folder, book, random.Random(0)) as sitting:
        for _ in range(steps):
            sitting.undo()
        sitting.settle()
        assert set(book.said.values()) == {"imported"}
        assert read_catalog(folder) == book.said
        for _ in range(steps):
            sitting.redo()
    assert book.said == before
    assert read_catalog(folder) == before


def test_a_short_sitting(qtbot: QtBot, preferences: QSettings, tmp_path: Path) -> None:
    folder, book = make_drawn(tmp_path, 60)
    sit(preferences, folder, book, images=20, restart_after=12)
    undo_everything(preferences, folder, book)


@pytest.mark.endurance
@pytest.mark.photographs
@pytest.mark.timeout(1800)
def test_two_hundred_photographs(
    qtbot: QtBot, preferences: QSettings, tmp_path: Path, aircraft: Path, dev_encoder: Path
) -> None:
    folder, book = make_photographed(tmp_path, aircraft, dev_encoder)
    sit(preferences, folder, book, images=200, restart_after=50)
    undo_everything(preferences, folder, book)
    print(f"{len(book.labeled)} images in {book.steps} steps")  # noqa: T201
