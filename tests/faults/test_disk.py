"""A full disk, and one that became read-only: one sentence, nothing lost, and it goes on."""

from __future__ import annotations

from collections.abc import Callable

import PIL.Image
import pytest
from fault_bench import COUNT, Disk

from core.catalog import keywords, overview
from core.catalog.history import History
from core.errors import ClipkwError, StorageError
from core.progress import Silent
from core.types import ImageId
from core.workflows import backups, browse, label, recovery
from core.workflows.encode import encode_images, pending
from core.workflows.ingest import import_images
from core.workflows.project import Project, open_project, set_encoder


def names(project: Project) -> set[str]:
    return {one.no for one in keywords.all_keywords(project.catalog)}


def add_keyword(project: Project) -> None:
    label.add_keyword(project, [ImageId(1)], "x" * 9_000)


def back_up(project: Project) -> None:
    backups.back_up(project, Silent())


def choose_encoder(project: Project) -> None:
    set_encoder(project, "another" * 2_000)


def restore(project: Project) -> None:
    backups.restore(project, backups.list_backups(project.folder)[0].name, Silent())


def rebuild(project: Project) -> None:
    recovery.rebuild(project.folder, Silent())


def import_more(project: Project) -> None:
    for number in range(40):
        image = PIL.Image.new("RGB", (9, 9), (number, 9, 9))
        image.save(project.images_root / f"more {number} {'n' * 150}.png")
    import_images(project, Silent())


WRITES = [add_keyword, back_up, choose_encoder, restore, rebuild, import_more]


@pytest.mark.parametrize("write", WRITES, ids=lambda one: one.__name__)
def test_a_full_disk_is_said_and_nothing_is_lost(
    disk: Disk, on_disk: Project, write: Callable[[Project], None]
) -> None:
    before = names(on_disk)
    settings = (on_disk.folder / "project.toml").read_bytes()
    disk.fill()
    with pytest.raises(StorageError) as told:
        write(on_disk)
    assert any(word in told.value.message for word in ("full", "cannot be written", "No space"))
    assert told.value.remedy
    assert names(on_disk) == before
    assert (on_disk.folder / "project.toml").read_bytes() == settings
    assert overview.faults(on_disk.catalog) == []
    disk.make_room()
    write(on_disk)
    label.add_keyword(on_disk, [ImageId(2)], "after")
    assert "after" in names(on_disk)
    assert History.of(on_disk.catalog.log.read()).missing == 0
    assert not list(on_disk.folder.glob(".restoring-*"))
    assert not list(on_disk.folder.glob("backups/*.part"))


def test_a_disk_that_fills_while_encoding(disk: Disk, on_disk: Project) -> None:
    import_more(on_disk)
    assert pending(on_disk) == 40
    disk.fill()
    with pytest.raises(StorageError):
        encode_images(on_disk, Silent())
    disk.make_room()
    assert encode_images(on_disk, Silent()).encoded == 40
    assert pending(on_disk) == 0


def test_a_full_disk_shows_pictures_all_the_same(disk: Disk, on_disk: Project) -> None:
    disk.fill()
    image = browse.get_images(on_disk, [ImageId(1)])[0]
    assert browse.thumbnail(on_disk, image).startswith(b"\xff\xd8")
    disk.make_room()


@pytest.mark.parametrize("write", WRITES, ids=lambda one: one.__name__)
def test_a_disk_that_became_read_only_is_said(
    disk: Disk, on_disk: Project, write: Callable[[Project], None]
) -> None:
    before = names(on_disk)
    on_disk.close()
    disk.make_read_only()
    with pytest.raises(ClipkwError) as told, open_project(on_disk.folder) as opened:
        write(opened)
    assert told.value.remedy
    disk.make_writable()
    with open_project(on_disk.folder) as opened:
        assert names(opened) == before
        assert len(browse.get_images(opened, [ImageId(n + 1) for n in range(COUNT)])) == COUNT
        write(opened)
