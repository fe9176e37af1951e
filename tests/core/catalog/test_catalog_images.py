"""Files found, changed, moved, missing and unreadable, and what is remembered of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from core.catalog import Catalog, decisions, images
from core.types import (
    Changes,
    FileRecord,
    Image,
    ImageId,
    ImageState,
    KnownFile,
    Problem,
    Verdict,
)

AddImages = Callable[..., list[ImageId]]
CHANGED = Changes(images_changed=True)
TRUCK = FileRecord("biler/lastebil.jpg", "aa", 1_234, 2**61, 640, 480)


def test_new_file_becomes_a_present_image(catalog: Catalog) -> None:
    assert images.record_scan(catalog, [TRUCK], [], [], []) == CHANGED

    known = images.known_files(catalog)
    image = known[TRUCK.path].id
    assert known == {TRUCK.path: KnownFile(image, "aa", 1_234, 2**61, ImageState.PRESENT)}
    expected = Image(image, TRUCK.path, "aa", 1_234, 640, 480, ImageState.PRESENT)
    assert images.find_image(catalog, TRUCK.path) == expected
    assert images.get_images(catalog, [image]) == [expected]
    assert images.files_behind(catalog, [image]) == {image: known[TRUCK.path]}


def test_nothing_found_changes_nothing(catalog: Catalog) -> None:
    assert not images.record_scan(catalog, [], [], [], [])


def test_changed_file_is_the_same_image_with_new_content(catalog: Catalog) -> None:
    images.record_scan(catalog, [TRUCK], [], [], [])
    before = images.find_image(catalog, TRUCK.path)
    images.record_scan(catalog, [replace(TRUCK, content_hash="bb", width=800)], [], [], [])
    after = images.find_image(catalog, TRUCK.path)
    assert before is not None
    assert after == replace(before, content_hash="bb", width=800)


def test_images_come_in_the_order_asked_and_unknown_ones_are_left_out(
    catalog: Catalog, add_images: AddImages
) -> None:
    a, b, c = add_images("a.jpg", "b.jpg", "c.jpg")
    asked = np.array([c, 999, a, b, a])
    found = images.get_images(catalog, asked)  # type: ignore[arg-type]
    assert [image.id for image in found] == [c, a, b, a]
    assert images.get_images(catalog, []) == []
    assert images.find_image(catalog, "A.jpg") is None


def test_more_images_than_parameters_of_a_statement(catalog: Catalog) -> None:
    count = 33_000
    found = [FileRecord(f"{i:05d}.jpg", f"{i}", i, i, 1, 1) for i in range(count)]
    images.record_scan(catalog, found, [], [], [])
    images.record_scan(catalog, found, [], [], [])
    known = images.known_files(catalog)
    ids = [known[file.path].id for file in reversed(found)]
    assert [image.id for image in images.get_images(catalog, ids)] == ids
    assert len(images.files_behind(catalog, ids)) == count
    assert set(decisions.labels_of(catalog, ids)) == set(ids)


def test_moved_image_keeps_its_labels(catalog: Catalog, add_images: AddImages) -> None:
    (image,) = add_images("old/a.jpg")
    decisions.decide_by_name(catalog, [image], "tank", "kari", "Add tank")
    moved_file = replace(TRUCK, path="new/a.jpg")
    assert images.record_scan(catalog, [moved_file], [], [], [(image, "new/a.jpg")]) == CHANGED

    assert images.find_image(catalog, "old/a.jpg") is None
    moved = images.find_image(catalog, "new/a.jpg")
    assert moved is not None
    assert (moved.id, moved.content_hash) == (image, TRUCK.content_hash)
    assert [label.verdict for label in decisions.labels_of(catalog, [image])[image]] == [
        Verdict.ACCEPTED
    ]


def test_images_can_exchange_their_paths(catalog: Catalog, add_images: AddImages) -> None:
    a, b, c = add_images("a.jpg", "b.jpg", "c.jpg")
    images.record_scan(catalog, [], [], [], [(a, "b.jpg"), (b, "c.jpg"), (c, "a.jpg")])
    found = images.get_images(catalog, [a, b, c])
    assert [image.path for image in found] == ["b.jpg", "c.jpg", "a.jpg"]


def test_missing_and_unreadable_images_keep_what_is_known_until_they_are_back(
    catalog: Catalog,
) -> None:
    other = replace(TRUCK, path="b.jpg")
    images.record_scan(catalog, [TRUCK, other], [], [], [])
    before = images.known_files(catalog)
    gone = before[other.path].id
    images.record_scan(catalog, [], [Problem(TRUCK.path, "It is cut off.")], [gone], [])

    known = images.known_files(catalog)
    assert known[TRUCK.path] == replace(before[TRUCK.path], state=ImageState.UNREADABLE)
    assert known[other.path] == replace(before[other.path], state=ImageState.MISSING)
    images.record_scan(catalog, [TRUCK, other], [], [], [])
    assert images.known_files(catalog) == before


def test_unreadable_file_that_never_was_an_image_is_only_a_problem(catalog: Catalog) -> None:
    at = datetime(2024, 5, 1, 12, tzinfo=UTC)
    unreadable = [Problem("b.jpg", "It is empty.", at), Problem("a.txt", "No image.")]
    assert images.record_scan(catalog, [], unreadable, [], []) == CHANGED
    assert images.known_files(catalog) == {}
    first, second = images.problems(catalog)
    assert (first, second) == (Problem("a.txt", "No image."), Problem("b.jpg", "It is empty."))
    assert second.at == at
    assert first.at is not None
    assert first.at.utcoffset() is not None


def test_scan_problem_ends_when_the_file_is_readable_or_its_image_missing(
    catalog: Catalog, add_images: AddImages
) -> None:
    _, b = add_images("a.jpg", "b.jpg")
    cut_off = [Problem("a.jpg", "It is cut off."), Problem("b.jpg", "It is cut off.")]
    images.record_scan(catalog, [], cut_off, [], [])
    images.record_scan(catalog, [], [Problem("a.jpg", "It is empty.")], [], [])
    assert images.problems(catalog) == [Problem("a.jpg", "It is empty."), cut_off[1]]
    add_images("a.jpg")
    assert images.problems(catalog) == [cut_off[1]]
    images.record_scan(catalog, [], [], [b], [])
    assert images.problems(catalog) == []


def test_problems_of_other_stages(catalog: Catalog) -> None:
    assert images.record_problem(catalog, "encode", "a.jpg", "Too large.") == CHANGED
    images.record_problem(catalog, "encode", "a.jpg", "Much too large.")
    images.record_scan(catalog, [replace(TRUCK, path="a.jpg")], [], [], [])
    assert images.problems(catalog) == [Problem("a.jpg", "Much too large.")]
    assert not images.clear_problem(catalog, "scan", "a.jpg")
    assert images.clear_problem(catalog, "encode", "a.jpg") == CHANGED
    assert images.problems(catalog) == []


def test_batch_that_fails_is_not_stored_at_all(catalog: Catalog) -> None:
    broken = replace(TRUCK, path="broken.jpg", content_hash=None)  # type: ignore[arg-type]
    with pytest.raises(Exception, match="NOT NULL"):
        images.record_scan(catalog, [TRUCK, broken], [], [], [])
    assert images.known_files(catalog) == {}


def test_files_that_never_became_images_are_counted_once(catalog: Catalog) -> None:
    cut_off, changed = Problem("nord/a.jpg", "cut off"), Problem(TRUCK.path, "cut off")
    images.record_scan(catalog, [TRUCK], [cut_off], [], [])
    assert images.count_never_read(catalog) == 1
    # an image whose file can no longer be read is still an image
    images.record_scan(catalog, [], [cut_off, changed], [], [])
    assert images.count_never_read(catalog) == 1
    images.record_problem(catalog, "encode", TRUCK.path, "changed meanwhile")
    assert images.count_never_read(catalog) == 1
    images.record_scan(catalog, [replace(TRUCK, path=cut_off.path, content_hash="cc")], [], [], [])
    assert images.count_never_read(catalog) == 0
