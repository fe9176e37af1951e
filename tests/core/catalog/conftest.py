"""An empty catalog, and short ways to fill it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.catalog import Catalog, images
from core.types import FileRecord, ImageId

AddImages = Callable[..., list[ImageId]]


def file_record(path: str, content: str | None = None) -> FileRecord:
    return FileRecord(path, content or f"content of {path}", 1_000, 1_700, 40, 30)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "catalog.sqlite"


@pytest.fixture
def catalog(path: Path) -> Iterator[Catalog]:
    with Catalog.create(path) as catalog:
        yield catalog


@pytest.fixture
def add_images(catalog: Catalog) -> AddImages:
    def add(*paths: str) -> list[ImageId]:
        images.record_scan(catalog, [file_record(path) for path in paths], [], [], [])
        known = images.known_files(catalog)
        return [known[path].id for path in paths]

    return add
