"""Queues, filters and counts, against loops over what was put in."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.catalog import Catalog, browse, decisions, encodings, images, keywords
from core.types import (
    Decision,
    EncoderId,
    FileRecord,
    ImageId,
    ImageQuery,
    KeywordId,
    Problem,
    QueueName,
    Verdict,
)

AddImages = Callable[..., list[ImageId]]


def paths(catalog: Catalog, query: ImageQuery, encoder: EncoderId | None = None) -> list[str]:
    ids = browse.image_ids(catalog, query, encoder).tolist()
    return [image.path for image in images.get_images(catalog, ids)]


@pytest.mark.parametrize(
    ("folder", "expected"),
    [
        (None, ["a.jpg", "a/1.jpg", "a/b/2.jpg", "a0.jpg", "aa/3.jpg", "Å/4.jpg"]),
        ("", ["a.jpg", "a/1.jpg", "a/b/2.jpg", "a0.jpg", "aa/3.jpg", "Å/4.jpg"]),
        ("a", ["a/1.jpg", "a/b/2.jpg"]),
        ("a/", ["a/1.jpg", "a/b/2.jpg"]),
        ("a/b", ["a/b/2.jpg"]),
        ("Å", ["Å/4.jpg"]),
        ("A", []),
    ],
)
def test_folder_includes_its_sub_folders_and_nothing_else(
    catalog: Catalog, add_images: AddImages, folder: str | None, expected: list[str]
) -> None:
    add_images("Å/4.jpg", "aa/3.jpg", "a/b/2.jpg", "a0.jpg", "a/1.jpg", "a.jpg")
    assert paths(catalog, ImageQuery(folder=folder)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["Bilde_1.jpg", "bildeX1.jpg", "ØST/100%.jpg"]),
        ("BILDE", ["Bilde_1.jpg", "bildeX1.jpg"]),
        ("e_1", ["Bilde_1.jpg"]),
        ("øst", ["ØST/100%.jpg"]),
        ("0%", ["ØST/100%.jpg"]),
        ("%", ["ØST/100%.jpg"]),
        ("/1", ["ØST/100%.jpg"]),
    ],
)
def test_text_is_taken_literally_and_ignores_case(
    catalog: Catalog, add_images: AddImages, text: str, expected: list[str]
) -> None:
    add_images("bildeX1.jpg", "ØST/100%.jpg", "Bilde_1.jpg")
    assert paths(catalog, ImageQuery(text=text)) == expected


def test_moved_image_is_found_at_its_new_path(catalog: Catalog, add_images: AddImages) -> None:
    (a,) = add_images("old/a.jpg")
    images.record_scan(catalog, [], [], [], [(a, "Ny/a.jpg")])
    assert paths(catalog, ImageQuery(text="ny")) == ["Ny/a.jpg"]
    assert paths(catalog, ImageQuery(text="old")) == []
    assert browse.folder_counts(catalog) == [("Ny", 1)]


def test_folders_count_their_sub_folders(catalog: Catalog, add_images: AddImages) -> None:
    ids = add_images("0.jpg", "a/1.jpg", "a/b/c/2.jpg", "a/b/c/3.jpg", "d/4.jpg")
    images.record_scan(catalog, [], [], [ids[4]], [])
    assert browse.folder_counts(catalog) == [("a", 3), ("a/b", 2), ("a/b/c", 2)]


def test_keywords_are_counted_on_present_images(catalog: Catalog, add_images: AddImages) -> None:
    a, b, c = add_images("a.jpg", "b.jpg", "c.jpg")
    table = [(a, ["bil", "tank", "fly"]), (b, ["tank", "bil"]), (c, ["tank", "bro"])]
    decisions.import_labels(catalog, table, "table")
    images.record_scan(catalog, [], [], [c], [])
    fly = keywords.find_keyword(catalog, "fly")
    assert fly is not None
    decisions.decide(catalog, [Decision(a, fly.id, Verdict.REJECTED)], "kari", "Reject")
    counts = browse.keyword_counts(catalog)
    assert [(keyword.no, count) for keyword, count in counts] == [("bil", 2), ("tank", 2)]


def test_an_empty_catalog_has_empty_queues(catalog: Catalog) -> None:
    for queue in QueueName:
        ids = browse.image_ids(catalog, ImageQuery(queue), None)
        assert ids.shape == (0,)
        assert ids.dtype == np.int64
    assert browse.queue_counts(catalog, None) == dict.fromkeys(QueueName, 0)
    assert browse.folder_counts(catalog) == []
    assert browse.keyword_counts(catalog) == []


ONE_IMAGE = st.fixed_dictionaries(
    {
        "folder": st.sampled_from(["", "a/", "a/b/", "b/"]),
        "state": st.sampled_from(["present", "present", "missing", "unreadable"]),
        "encoded": st.sampled_from(["no", "yes", "stale"]),
        "verdicts": st.dictionaries(st.integers(1, 3), st.sampled_from(Verdict), max_size=3),
    }
)


def in_queue(image: dict, queue: QueueName, encoder: EncoderId | None) -> bool:
    """The definition of :class:`QueueName`, word by word."""
    verdicts = set(image["verdicts"].values())
    positive = bool(verdicts & {Verdict.IMPORTED, Verdict.ACCEPTED})
    if queue is QueueName.UNREADABLE:
        return image["state"] != "present"
    belongs = {
        QueueName.ALL: True,
        QueueName.UNLABELED: not positive,
        QueueName.SUGGESTED: not positive and encoder is not None and image["encoded"] == "yes",
        QueueName.LABELED: positive,
        QueueName.REVIEWED: bool(verdicts - {Verdict.IMPORTED}),
        QueueName.UNSURE: Verdict.UNSURE in verdicts,
    }
    return image["state"] == "present" and belongs[queue]


def fill(catalog: Catalog, archive: dict[str, dict]) -> EncoderId:
    found = [FileRecord(path, path, 1, 1, 1, 1) for path in archive]
    images.record_scan(catalog, found, [], [], [])
    ids = {path: file.id for path, file in images.known_files(catalog).items()}
    encoder = encodings.register_encoder(catalog, "encoder", "encoder", 4)
    for name in ("k1", "k2", "k3"):
        decisions.decide_by_name(catalog, [], name, "kari", "New keyword")
    for row, (path, image) in enumerate(archive.items()):
        verdicts = {KeywordId(k): verdict for k, verdict in image["verdicts"].items()}
        names = [f"k{k}" for k, verdict in verdicts.items() if verdict is Verdict.IMPORTED]
        decisions.import_labels(catalog, [(ids[path], names)], "table")
        wanted = [
            Decision(ids[path], keyword, verdict)
            for keyword, verdict in verdicts.items()
            if verdict is not Verdict.IMPORTED
        ]
        decisions.decide(catalog, wanted, "kari", "Decide")
        if image["encoded"] != "no":
            content = [path if image["encoded"] == "yes" else "older"]
            marked = np.array([ids[path]]), np.array([row])
            encodings.mark_encoded(catalog, encoder, *marked, content)
    of_state = {state: [p for p in archive if archive[p]["state"] == state] for state in STATES}
    unreadable = [Problem(path, "It is cut off.") for path in of_state["unreadable"]]
    missing = [ids[path] for path in of_state["missing"]]
    images.record_scan(catalog, [], unreadable, missing, [])
    return encoder


STATES = ("present", "missing", "unreadable")


@settings(max_examples=30, deadline=None)
@given(made=st.lists(ONE_IMAGE, max_size=8), with_encoder=st.booleans())
def test_queues_filters_and_counts_are_what_they_say(made: list[dict], with_encoder: bool) -> None:
    archive = {f"{image['folder']}{i}.jpg": image for i, image in enumerate(made)}
    with (
        tempfile.TemporaryDirectory() as folder,
        Catalog.create(Path(folder) / "catalog.sqlite") as catalog,
    ):
        filled = fill(catalog, archive)
        encoder = filled if with_encoder else None
        counts = browse.queue_counts(catalog, encoder)
        for queue in QueueName:
            expected = sorted(p for p, image in archive.items() if in_queue(image, queue, encoder))
            assert paths(catalog, ImageQuery(queue), encoder) == expected
            assert counts[queue] == len(expected)
            narrow = ImageQuery(queue, "a", KeywordId(2), "1")
            assert paths(catalog, narrow, encoder) == [
                path
                for path in expected
                if path.startswith("a/")
                and archive[path]["verdicts"].get(2) in {Verdict.IMPORTED, Verdict.ACCEPTED}
                and "1" in path
            ]
        for keyword, count in browse.keyword_counts(catalog):
            assert count == len(paths(catalog, ImageQuery(keyword=keyword.id)))
