"""What a scan says about new, moved, changed, vanished and broken files."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterable
from pathlib import Path

import pytest
from pictures import jpeg

from core.errors import Cancelled, ImageError
from core.images import examine as examine_module
from core.images import scan as scan_module
from core.images.scan import ScanBatch, scan
from core.images.walk import walk
from core.progress import Silent
from core.types import FileRecord, ImageId, ImageState, KnownFile

LIMIT = 1_000_000


def write(root: Path, **seeds: int) -> None:
    for name, seed in seeds.items():
        (root / f"{name}.jpg").write_bytes(jpeg(seed))


def run(root: Path, known: dict[str, KnownFile] | None = None) -> ScanBatch:
    """All batches of a scan as one."""
    whole = ScanBatch()
    for batch in scan(root, walk(root, Silent()), known or {}, LIMIT, Silent()):
        for name in ("found", "unreadable", "missing", "moved"):
            getattr(whole, name).extend(getattr(batch, name))
        for name in ("added", "changed", "unchanged"):
            setattr(whole, name, getattr(whole, name) + getattr(batch, name))
    return whole


def remembered(
    records: Iterable[FileRecord], state: ImageState = ImageState.PRESENT
) -> dict[str, KnownFile]:
    return {
        r.path: KnownFile(ImageId(number), r.content_hash, r.size, r.mtime_ns, state)
        for number, r in enumerate(records, start=1)
    }


def test_records_are_what_the_files_are(tmp_path: Path) -> None:
    write(tmp_path, a=1)
    [record] = run(tmp_path).found
    status = (tmp_path / "a.jpg").stat()
    expected = hashlib.blake2b((tmp_path / "a.jpg").read_bytes(), digest_size=20).hexdigest()
    assert record == FileRecord("a.jpg", expected, status.st_size, status.st_mtime_ns, 48, 32)


def test_unchanged_files_are_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, a=1, b=2)
    known = remembered(run(tmp_path).found)
    opened: list[Path] = []
    monkeypatch.setattr(scan_module, "examine_files", opened.append)
    again = run(tmp_path, known)
    assert (again.unchanged, again.found, opened) == (2, [], [])


def test_a_touched_file_is_unchanged_but_stored(tmp_path: Path) -> None:
    write(tmp_path, a=1)
    known = remembered(run(tmp_path).found)
    os.utime(tmp_path / "a.jpg", ns=(5, 5))
    again = run(tmp_path, known)
    assert (again.unchanged, again.changed, again.found[0].mtime_ns) == (1, 0, 5)


def test_a_changed_file_gets_its_new_hash(tmp_path: Path) -> None:
    write(tmp_path, a=1)
    known = remembered(run(tmp_path).found)
    write(tmp_path, a=2)
    os.utime(tmp_path / "a.jpg", ns=(5, 5))
    again = run(tmp_path, known)
    assert (again.changed, again.moved, again.missing) == (1, [], [])
    assert again.found[0].content_hash != known["a.jpg"].content_hash


def test_a_moved_file_keeps_its_id(tmp_path: Path) -> None:
    write(tmp_path, a=1, b=2)
    known = remembered(run(tmp_path).found)
    (tmp_path / "sub").mkdir()
    (tmp_path / "a.jpg").rename(tmp_path / "sub" / "z.jpg")
    again = run(tmp_path, known)
    assert again.moved == [(known["a.jpg"].id, "sub/z.jpg")]
    assert [record.path for record in again.found] == ["sub/z.jpg"]
    assert (again.added, again.missing) == (0, [])


def test_a_copy_is_another_image(tmp_path: Path) -> None:
    write(tmp_path, a=1)
    known = remembered(run(tmp_path).found)
    shutil.copy2(tmp_path / "a.jpg", tmp_path / "b.jpg")
    again = run(tmp_path, known)
    assert (again.added, again.moved, again.missing) == (1, [], [])


def test_moved_duplicates_keep_their_names(tmp_path: Path) -> None:
    write(tmp_path, a=1, b=1)
    known = remembered(run(tmp_path).found)
    (tmp_path / "sub").mkdir()
    for name in ("a.jpg", "b.jpg"):
        (tmp_path / name).rename(tmp_path / "sub" / name)
    again = run(tmp_path, known)
    assert dict(again.moved) == {
        known["a.jpg"].id: "sub/a.jpg",
        known["b.jpg"].id: "sub/b.jpg",
    }


def test_vanished_and_back(tmp_path: Path) -> None:
    write(tmp_path, a=1, b=2)
    first = run(tmp_path).found
    known = remembered(first)
    (tmp_path / "a.jpg").rename(tmp_path.with_suffix(".aside"))
    assert run(tmp_path, known).missing == [known["a.jpg"].id]
    lost = known | remembered(first[:1], ImageState.MISSING)
    assert run(tmp_path, lost).missing == []
    tmp_path.with_suffix(".aside").rename(tmp_path / "a.jpg")
    back = run(tmp_path, lost)
    assert [record.path for record in back.found] == ["a.jpg"]
    assert (back.added, back.moved) == (0, [])


def test_a_missing_image_that_turns_up_elsewhere_is_a_moved_one(tmp_path: Path) -> None:
    write(tmp_path, a=1)
    lost = remembered(run(tmp_path).found, ImageState.MISSING)
    (tmp_path / "a.jpg").rename(tmp_path / "found.jpg")
    assert run(tmp_path, lost).moved == [(ImageId(1), "found.jpg")]


def test_files_below_a_closed_folder_are_not_missing(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    write(tmp_path / "sub", a=1)
    write(tmp_path, b=1)
    known = remembered(run(tmp_path).found)
    listing = walk(tmp_path, Silent())
    listing.files = [file for file in listing.files if file.path == "b.jpg"]
    listing.closed_folders = ["sub"]
    [batch] = scan(tmp_path, listing, known, LIMIT, Silent())
    assert batch.missing == []


def test_a_file_that_vanishes_meanwhile_stops_nothing(tmp_path: Path) -> None:
    write(tmp_path, a=1, b=2)
    listing = walk(tmp_path, Silent())
    (tmp_path / "a.jpg").unlink()
    [batch] = scan(tmp_path, listing, {}, LIMIT, Silent())
    assert [(p.path, p.reason) for p in batch.unreadable] == [("a.jpg", "It is no longer there.")]
    assert [record.path for record in batch.found] == ["b.jpg"]


def test_a_disk_that_vanishes_meanwhile_stops_the_scan(tmp_path: Path) -> None:
    write(tmp_path, a=1, b=2)
    listing = walk(tmp_path, Silent())
    for file in listing.files:
        (tmp_path / file.path).unlink()
    with pytest.raises(ImageError, match="has vanished while it was read"):
        list(scan(tmp_path, listing, {}, LIMIT, Silent()))


def test_batches_cover_every_file_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan_module, "BATCH_SIZE", 7)
    write(tmp_path, **{f"f{number:03}": number for number in range(40)})
    batches = list(scan(tmp_path, walk(tmp_path, Silent()), {}, LIMIT, Silent()))
    assert [len(batch) for batch in batches] == [7, 7, 7, 7, 7, 5]
    found = [record.path for batch in batches for record in batch.found]
    assert found == [f"f{number:03}.jpg" for number in range(40)]


def test_large_files_are_streamed_to_the_same_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, a=1, b=2)
    at_once = run(tmp_path).found
    monkeypatch.setattr(examine_module, "_READ_AT_ONCE", 10)
    assert run(tmp_path).found == at_once


def test_cancelling_leaves_no_thread(tmp_path: Path) -> None:
    class Impatient(Silent):
        def checkpoint(self) -> None:
            raise Cancelled

    write(tmp_path, a=1)
    with pytest.raises(Cancelled):
        list(scan(tmp_path, walk(tmp_path, Silent()), {}, LIMIT, Impatient()))
