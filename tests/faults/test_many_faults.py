"""Fault after fault on one project, in an order that chance chooses: what was said is all there."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from endurance import RecordProperty
from fault_bench import Disk

from core.catalog import keywords, overview
from core.catalog.history import History
from core.errors import ClipkwError
from core.features import FeatureFile
from core.progress import Silent
from core.types import ImageId, ImageQuery
from core.workflows import backups, browse, label, recovery
from core.workflows.encode import encode_images, pending
from core.workflows.ingest import import_images
from core.workflows.integrity import mend_vectors
from core.workflows.project import CATALOG_FILE, Project, open_project

ROOT = Path(__file__).resolve().parents[2]
FAULTS = [14, pytest.param(300, marks=[pytest.mark.endurance, pytest.mark.timeout(3_600)])]
ADD = """
import sys
from pathlib import Path
from core.types import ImageId, ImageQuery
from core.workflows import browse, label
from core.workflows.project import open_project

with open_project(Path(sys.argv[1])) as project:
    image = ImageId(int(browse.image_ids(project, ImageQuery())[0]))
    for number in range(1_000):
        label.add_keyword(project, [image], f"{sys.argv[2]}-{number}")
        print(f"{sys.argv[2]}-{number}", flush=True)
"""


@dataclass
class Trial:
    """A project on a small disk, its archive, and every keyword that was acknowledged."""

    disk: Disk
    folder: Path
    archive: Path
    chance: random.Random
    said: set[str] = field(default_factory=set)
    count: int = 0

    def say(self) -> None:
        """Decide something in a sitting of its own; it may be refused."""
        self.count += 1
        name = f"said-{self.count}"
        with open_project(self.folder) as project:
            known = browse.image_ids(project, ImageQuery())
            image = ImageId(self.chance.choice(known.tolist()))
            label.add_keyword(project, [image], name)
            self.said.add(name)
            browse.thumbnail(project, browse.get_images(project, [image])[0])

    def try_it(self, work: Callable[[], object]) -> None:
        """Refused in one clear sentence or done."""
        with suppress(ClipkwError):
            work()


def fill_the_disk(trial: Trial) -> None:
    trial.disk.fill()
    trial.try_it(trial.say)
    trial.disk.make_room()


def make_it_read_only(trial: Trial) -> None:
    trial.disk.make_read_only()
    trial.try_it(trial.say)
    trial.disk.make_writable()


def kill(trial: Trial) -> None:
    trial.count += 1
    arguments = [sys.executable, "-c", ADD, str(trial.folder), f"killed-{trial.count}"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True, env=environment) as child:
        assert child.stdout is not None
        lines = [child.stdout.readline() for _ in range(trial.chance.randrange(1, 4))]
        child.kill()
        lines += child.stdout.readlines()
    trial.said |= {line.strip() for line in lines if line.endswith("\n")}


def take_the_share_away(trial: Trial) -> None:
    away = trial.archive.rename(trial.archive.with_name("away"))
    trial.try_it(trial.say)
    with open_project(trial.folder) as project:
        trial.try_it(lambda: import_images(project, Silent()))
    away.rename(trial.archive)


def spoil(trial: Trial, path: Path) -> None:
    size = path.stat().st_size
    match trial.chance.randrange(4):
        case 0:
            path.unlink()
        case 1:
            os.truncate(path, size // 2)
        case 2:
            path.write_bytes(b"other" * 999)
        case _:
            with path.open("r+b") as file:
                file.seek(trial.chance.randrange(max(1, size // 2)))
                file.write(b"\xff" * (size // 3))


def spoil_the_catalog(trial: Trial) -> None:
    for left in trial.folder.glob(f"{CATALOG_FILE}-*"):
        left.unlink()
    spoil(trial, trial.folder / CATALOG_FILE)
    trial.try_it(trial.say)
    recovery.rebuild(trial.folder, Silent())
    shutil.rmtree(trial.folder / "damaged", ignore_errors=True)


def spoil_a_backup_and_the_catalog(trial: Trial) -> None:
    folder = trial.folder / "backups"
    if not any(folder.glob("*.sqlite")):  # all were spoilt before
        with open_project(trial.folder) as project:
            backups.back_up(project, Silent())
    spoil(trial, trial.chance.choice(sorted(folder.glob("*.sqlite"))))
    spoil_the_catalog(trial)


def spoil_the_vectors(trial: Trial) -> None:
    with open_project(trial.folder) as project:
        spoil(trial, project.feature_path("mean"))
        mend_vectors(project, Silent())


def spoil_the_thumbnails(trial: Trial) -> None:
    for path in (trial.folder / "thumbnails").rglob("*.jpg"):
        spoil(trial, path)


def remove_the_log(trial: Trial) -> None:
    (trial.folder / "decisions.jsonl").unlink()


def encode_twice(trial: Trial) -> None:
    with open_project(trial.folder) as project:
        path = project.feature_path("mean")
        if path.exists():
            with FeatureFile.open(path, "mean", writable=True):
                trial.try_it(lambda: encode_images(project, Silent()))


THE_FAULTS = (
    fill_the_disk,
    make_it_read_only,
    kill,
    take_the_share_away,
    spoil_the_catalog,
    spoil_a_backup_and_the_catalog,
    spoil_the_vectors,
    spoil_the_thumbnails,
    remove_the_log,
    encode_twice,
)


@pytest.mark.parametrize("faults", FAULTS)
def test_fault_after_fault(
    disk: Disk, on_disk: Project, archive: Path, faults: int, record_property: RecordProperty
) -> None:
    trial = Trial(disk, disk.folder / "p.clipkw", archive, random.Random(faults))
    backups.back_up(on_disk, Silent())
    on_disk.close()
    order = [THE_FAULTS[number % len(THE_FAULTS)] for number in range(faults)]
    trial.chance.shuffle(order)
    for number, put_in_the_way in enumerate(order):
        trial.say()
        put_in_the_way(trial)
        with open_project(trial.folder) as project:
            there = {one.no for one in keywords.all_keywords(project.catalog)}
            assert trial.said <= there, f"{number}: {put_in_the_way.__name__}"
            assert overview.faults(project.catalog) == []
            import_images(project, Silent())
            encode_images(project, Silent())
            assert pending(project) == 0
    with open_project(trial.folder) as project:
        assert History.of(project.catalog.log.read()).missing == 0
    record_property("kills", sum(one is kill for one in order))
    record_property("faults", sum(one is not kill for one in order))
