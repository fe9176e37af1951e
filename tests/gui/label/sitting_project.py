"""Projects to sit down at, with what their tables say."""

from __future__ import annotations

import csv
import random
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import PIL.Image
from book import Book, read_catalog
from PySide6.QtCore import QSettings
from sitting import Sitting

from core.catalog import encodings
from core.catalog.images import known_files
from core.features import FeatureFile
from core.progress import Silent
from core.settings import EncoderSettings, ProjectSettings
from core.workflows.encode import encode_images
from core.workflows.ingest import import_images, import_keywords
from core.workflows.project import Project, create_project

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
