"""An import that is killed at any moment and repeated ends like an undisturbed one."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import sys
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest
from endurance import RecordProperty

from core.catalog.decisions import positive_labels
from core.catalog.images import known_files, problems
from core.catalog.journal import undo_title
from core.catalog.keywords import all_keywords
from core.images import scan
from core.progress import Progress, Silent
from core.workflows.ingest import import_images, import_keywords
from core.workflows.project import create_project, open_project

FILES = 160

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")


class DiesAt(Silent):
    """Kills its own process, as a power cut would, at the given sign of life."""

    def __init__(self, moment: int) -> None:
        self._left = moment

    def _live(self) -> None:
        self._left -= 1
        if self._left < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def report(self, done: int, total: int, note: str = "") -> None:
        self._live()

    def checkpoint(self) -> None:
        self._live()


def ingest(folder: Path, table: Path, progress: Progress | None = None) -> None:
    watched = progress or Silent()
    with open_project(folder) as project:
        import_images(project, watched)
        import_keywords(project, table, None, watched)


def ingest_in_process(folder: Path, table: Path, moment: int | None, started: Event) -> None:
    """What the process that is killed does."""
    scan.BATCH_SIZE = 10
    started.set()
    ingest(folder, table, None if moment is None else DiesAt(moment))


def make_archive(root: Path) -> Path:
    chance = np.random.default_rng(2)
    for number in range(FILES):
        path = root / f"{number % 5}" / f"{number:03}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        pixels = chance.integers(0, 256, (8, 8, 3), dtype=np.uint8)
        PIL.Image.fromarray(pixels).save(path)
    (root / "broken.jpg").write_bytes(b"\xff\xd8 no picture")
    rows = [f"{n % 5}/{n:03}.png,felles;ord {n % 17}" for n in range(FILES)]
    table = root / "table.csv"
    table.write_text("path,keywords\n" + "\n".join(rows), encoding="utf-8")
    return table


def change_archive(root: Path) -> None:
    """Move, change, remove and add, so that the killed import has all of it to do."""
    for number in range(0, FILES, 4):
        path = root / f"{number % 5}" / f"{number:03}.png"
        path.rename(root / f"moved {number:03}.png")
    for number in range(1, FILES, 8):
        PIL.Image.new("RGB", (9, 9), (number, 0, 0)).save(root / f"{number % 5}/{number:03}.png")
    for number in range(2, FILES, 8):
        (root / f"{number % 5}" / f"{number:03}.png").unlink()
    for number in range(20):
        PIL.Image.new("RGB", (9, 9), (0, number, 0)).save(root / f"new {number}.png")


def contents(folder: Path) -> dict[str, Any]:
    """All that a person could notice, with paths and names for ids."""
    with open_project(folder) as project:
        known = known_files(project.catalog)
        path_of = {int(file.id): path for path, file in known.items()}
        name_of = {int(keyword.id): keyword.no for keyword in all_keywords(project.catalog)}
        images, keywords = positive_labels(project.catalog)
        return {
            "files": {
                path: (file.content_hash, file.size, file.mtime_ns, file.state)
                for path, file in known.items()
            },
            "labels": sorted(
                (path_of[image], name_of[keyword])
                for image, keyword in zip(images.tolist(), keywords.tolist(), strict=True)
            ),
            "keywords": sorted(name_of.values()),
            "problems": [(p.path, p.reason) for p in problems(project.catalog)],
            "undo": undo_title(project.catalog),
        }


def run(folder: Path, table: Path, moment: int | None, delay: float | None = None) -> int | None:
    context = multiprocessing.get_context("spawn")
    started = context.Event()
    process = context.Process(target=ingest_in_process, args=(folder, table, moment, started))
    process.start()
    if delay is not None:
        assert started.wait(60)
        process.join(delay)  # a moment that no code chose
        process.kill()
    process.join(120)
    return process.exitcode


def disturb(folder: Path, table: Path, kills: int, seed: int) -> None:
    """Kill imports, in turn at a random sign of life and at a random time; then let one finish."""
    chance = random.Random(seed)
    for kill in range(kills):
        if kill % 2:
            run(folder, table, None, delay=chance.uniform(0, 0.15))
        else:
            assert run(folder, table, moment=chance.randrange(10)) == -signal.SIGKILL
    assert run(folder, table, None) == 0


HOW_OFTEN = [4, pytest.param(25, marks=[pytest.mark.endurance, pytest.mark.timeout(3_600)])]


@pytest.mark.parametrize("kills", HOW_OFTEN)
def test_killed_while_importing_for_the_first_time(
    tmp_path: Path, kills: int, record_property: RecordProperty
) -> None:
    record_property("kills", kills)
    table = make_archive(tmp_path / "archive")
    for name in ("disturbed", "undisturbed"):
        create_project(tmp_path / name, tmp_path / "archive").close()
    disturb(tmp_path / "disturbed.clipkw", table, kills, seed=11)
    ingest(tmp_path / "undisturbed.clipkw", table)
    whole = contents(tmp_path / "undisturbed.clipkw")
    assert (len(whole["files"]), len(whole["labels"])) == (FILES, 2 * FILES)
    assert contents(tmp_path / "disturbed.clipkw") == whole


@pytest.mark.parametrize("kills", HOW_OFTEN)
def test_killed_while_importing_changes(
    tmp_path: Path, kills: int, record_property: RecordProperty
) -> None:
    record_property("kills", kills)
    table = make_archive(tmp_path / "archive")
    for name in ("disturbed", "undisturbed"):
        create_project(tmp_path / name, tmp_path / "archive").close()
        ingest(tmp_path / f"{name}.clipkw", table)
    change_archive(tmp_path / "archive")
    disturb(tmp_path / "disturbed.clipkw", table, kills, seed=12)
    ingest(tmp_path / "undisturbed.clipkw", table)
    assert contents(tmp_path / "disturbed.clipkw") == contents(tmp_path / "undisturbed.clipkw")
