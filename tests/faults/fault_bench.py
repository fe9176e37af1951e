"""A small archive, an encoder without a network of neurons, and disks that fail as asked."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import PIL.Image
import pytest
from numpy.typing import NDArray

from core.progress import Silent
from core.types import Vectors
from core.workflows import encode
from core.workflows.encode import encode_images
from core.workflows.ingest import import_images, import_keywords
from core.workflows.project import Project, create_project, open_project

COUNT = 24
DIMENSION = 16
Build = Callable[[Path], Project]


class MeanEncoder:
    """Vectors of the mean colour of a few squares: quick, and like for like images."""

    identity = "mean"
    recipe = "{}"
    name = "Mean"
    dimension = DIMENSION
    device = "cpu"
    image_size = 8

    def preprocess(self, image: PIL.Image.Image) -> NDArray[np.float32]:
        small = image.resize((8, 8))
        return np.asarray(small, np.float32).transpose(2, 0, 1) / 255

    def encode_images(self, batch: NDArray[np.float32]) -> Vectors:
        flat = batch.reshape(len(batch), -1)[:, : DIMENSION - 1] + 0.01
        rows = np.concatenate([flat, np.ones((len(batch), 1), np.float32)], axis=1)
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture(autouse=True)
def encoder(monkeypatch: pytest.MonkeyPatch) -> MeanEncoder:
    made = MeanEncoder()

    def load(*_: object, **__: object) -> MeanEncoder:
        return made

    monkeypatch.setattr(encode, "load_encoder", load)
    return made


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Images in two folders, each of its own colours, and a table about half of them."""
    root = tmp_path / "archive"
    rows = ["path,keywords"]
    for number in range(COUNT):
        path = root / f"{number % 2}" / f"{number:02}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        noise = np.random.default_rng(number).integers(0, 256, (16, 16, 3), np.uint8)
        PIL.Image.fromarray(noise).save(path)
        if number < COUNT // 2:
            rows.append(f"{number % 2}/{number:02}.png,{'skip' if number % 2 else 'fly'}")
    (root / "table.csv").write_text("\n".join(rows), "utf-8")
    return root


@pytest.fixture
def empty(tmp_path: Path, archive: Path) -> Iterator[Project]:
    """A project in which nothing was imported yet."""
    with create_project(tmp_path / "p.clipkw", archive, "mean") as project:
        yield project


@pytest.fixture
def project(empty: Project, archive: Path) -> Project:
    """Imported, with keywords, encoded."""
    import_images(empty, Silent())
    import_keywords(empty, archive / "table.csv", None, Silent())
    encode_images(empty, Silent())
    return empty


class Disk:
    """A file system of its own, which can be filled and made read-only."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ballast = folder / "ballast"

    def fill(self) -> None:
        """Leave no room at all."""
        with self._ballast.open("ab", buffering=0) as file:
            block = 1 << 16
            while block:
                try:
                    file.write(b"x" * block)
                except OSError:
                    block //= 2

    def make_room(self) -> None:
        self._ballast.unlink()

    def make_read_only(self) -> None:
        _mount("-o", "remount,ro", str(self.folder))

    def make_writable(self) -> None:
        _mount("-o", "remount,rw", str(self.folder))


def _mount(*arguments: str) -> bool:
    try:
        return (
            subprocess.run(["mount", *arguments], capture_output=True, check=False).returncode == 0
        )
    except FileNotFoundError:
        return False


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """A disk of 8 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.geteuid() != 0 or not _mount("-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)):
        pytest.skip("only an administrator can mount a small disk")
    try:
        yield Disk(folder)
    finally:
        subprocess.run(["umount", "-l", str(folder)], capture_output=True, check=True)


@pytest.fixture
def on_disk(disk: Disk, project: Project) -> Iterator[Project]:
    """The project on the small disk, its images elsewhere."""
    project.close()
    copied = Path(shutil.copytree(project.folder, disk.folder / project.folder.name))
    with open_project(copied) as opened:
        yield opened
