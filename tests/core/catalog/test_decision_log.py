"""The decision log: all that was committed, in order, whatever happens to it or to the catalog."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.catalog import Catalog, decision_log, decisions, events, journal, migrate
from core.catalog.decision_log import DecisionLog
from core.errors import StorageError
from core.types import Decision, ImageId, KeywordId, Verdict

AddImages = Callable[..., list[ImageId]]


DATA = Path(__file__).resolve().parents[2] / "data"


def lines(path: Path) -> list[dict[str, Any]]:
    text = path.with_name("decisions.jsonl").read_text("utf-8")
    return [json.loads(line) for line in text.splitlines()]


def numbers(path: Path) -> list[int]:
    return [event.number for event in DecisionLog(path.parent).read()]


def add(catalog: Catalog, image: ImageId, name: str = "tank") -> None:
    decisions.decide_by_name(catalog, [image], name, "kari", f"Add {name}")


def test_a_decision_stands_in_the_log_with_all_that_tells_it(
    catalog: Catalog, add_images: AddImages, path: Path
) -> None:
    (a,) = add_images("hangar/å.jpg")
    add(catalog, a)
    said = Decision(a, KeywordId(1), Verdict.REJECTED, "neighbor-search", 0.25)
    decisions.decide(catalog, [said], "ola", "Reject tank")
    journal.undo(catalog, "kari")
    journal.redo(catalog, "kari")
    made, rejected, undone, redone = lines(path)
    image = {"image": a, "path": "hangar/å.jpg", "hash": "content of hangar/å.jpg"}
    word = {"keyword": 1, "name": "tank"}
    assert made["keywords"] == [{"keyword": 1, "no": "tank", "en": None, "status": "confirmed"}]
    assert made["labels"] == [{**image, **word, "verdict": "accepted"}]
    answer = {"verdict": "rejected", "model": "neighbor-search", "confidence": 0.25}
    assert rejected["labels"] == [{**image, **word, **answer}]
    assert (rejected["n"], rejected["title"], rejected["by"]) == (2, "Reject tank", "ola")
    assert [(line["do"], line["step"], line["by"]) for line in (undone, redone)] == [
        ("undo", 2, "kari"),
        ("redo", 2, "kari"),
    ]
    assert all(line["at"].endswith("+00:00") for line in lines(path))


def test_a_large_step_takes_several_lines(
    catalog: Catalog, add_images: AddImages, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "ENTRIES_IN_A_LINE", 3)
    ids = add_images(*(f"{number}.jpg" for number in range(7)))
    decisions.decide_by_name(catalog, ids, "tank", "kari", "Add tank")
    assert [len(line["labels"]) for line in lines(path)] == [3, 3, 1]
    assert [line.get("more", False) for line in lines(path)] == [True, True, False]
    (event,) = DecisionLog(path.parent).read()
    assert [entry["image"] for line in event.lines for entry in line["labels"]] == ids


def test_a_step_that_grows_is_logged_as_it_grows(
    catalog: Catalog, add_images: AddImages, path: Path
) -> None:
    a, b = add_images("a.jpg", "b.jpg")
    decisions.import_more_labels(catalog, [(a, ["tank"])], "table")
    decisions.import_more_labels(catalog, [(b, ["tank"])], "table")
    first, more = lines(path)
    assert (more["do"], more["step"]) == ("more", first["step"])
    assert [entry["image"] for entry in more["labels"]] == [b]


def test_what_fails_is_not_in_the_log(catalog: Catalog, add_images: AddImages, path: Path) -> None:
    (a,) = add_images("a.jpg")
    add(catalog, a)
    with pytest.raises(Exception, match="no longer"):
        decisions.decide(catalog, [Decision(ImageId(99), KeywordId(1), Verdict.UNSURE)], "k", "t")
    assert numbers(path) == [1]
    add(catalog, a, "snow")
    assert numbers(path) == [1, 2]


def test_nothing_is_decided_when_the_log_cannot_be_written(
    catalog: Catalog, add_images: AddImages, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (a,) = add_images("a.jpg")
    add(catalog, a)
    before = path.with_name("decisions.jsonl").read_bytes()
    real = decision_log._write_all

    def full(descriptor: int, data: bytes) -> None:
        real(descriptor, bytes(data)[:20])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(decision_log, "_write_all", full)
    with pytest.raises(StorageError, match=r"decision log .* No space.*Nothing was changed"):
        add(catalog, a, "snow")
    assert journal.undo_title(catalog) == "Add tank"
    assert path.with_name("decisions.jsonl").read_bytes() == before
    monkeypatch.setattr(decision_log, "_write_all", real)
    add(catalog, a, "snow")
    assert numbers(path) == [1, 2]


@pytest.mark.parametrize(
    "torn", [b'{"n":2,"do":"st', b"\0" * 700, b'{"n":2,"do":"step","more":true}\n']
)
def test_a_torn_end_is_left_behind(
    catalog: Catalog, add_images: AddImages, path: Path, torn: bytes
) -> None:
    (a,) = add_images("a.jpg")
    add(catalog, a)
    log = path.with_name("decisions.jsonl")
    log.write_bytes(log.read_bytes() + torn)
    add(catalog, a, "snow")
    assert numbers(path) == [1, 2]
    assert torn in log.read_bytes()


def test_a_log_that_knows_more_than_the_catalog_says_so(
    catalog: Catalog, add_images: AddImages, path: Path
) -> None:
    (a,) = add_images("a.jpg")
    add(catalog, a)
    catalog.close()
    older = shutil.copy(path, path.with_name("older"))
    with Catalog.open(path) as opened:
        add(opened, a, "snow")
        add(opened, a, "mud")
    shutil.copy(older, path)
    with Catalog.open(path) as opened:
        add(opened, a, "ice")
        add(opened, a, "rain")
        with opened.read() as connection:
            assert events.newest(connection) == 6
    assert numbers(path) == [1, 2, 3, 4, 5, 6]
    assert [(line["do"], line.get("to")) for line in lines(path)][3] == ("reset", 1)
    assert [line["title"] for line in lines(path) if "title" in line][-2:] == [
        "Add ice",
        "Add rain",
    ]


def test_a_log_that_was_removed_is_written_again(
    catalog: Catalog, add_images: AddImages, path: Path
) -> None:
    (a,) = add_images("a.jpg")
    for name in ("tank", "snow"):
        add(catalog, a, name)
    catalog.close()
    log = path.with_name("decisions.jsonl")
    before = log.read_bytes()
    log.unlink()
    Catalog.open(path).close()
    assert log.read_bytes() == before


def test_an_older_catalog_logs_what_led_to_its_present_state(path: Path) -> None:
    shutil.copy(DATA / "catalog-0003.sqlite", path)
    Catalog.open(path).close()
    assert migrate.REVISIONS[-1] > "0003"
    logged = lines(path)
    assert [line["do"] for line in logged] == ["step"] * 9 + ["undo"]
    assert "Abandoned" not in [line.get("title") for line in logged]
    assert logged[-1]["step"] == logged[-2]["step"]


def test_two_programs_write_one_log(catalog: Catalog, add_images: AddImages, path: Path) -> None:
    (a,) = add_images("a.jpg")
    with Catalog.open(path) as other:
        for number in range(3):
            add(catalog, a, f"mine {number}")
            add(other, a, f"theirs {number}")
    assert numbers(path) == [1, 2, 3, 4, 5, 6]
    assert [line["title"] for line in lines(path)][:2] == ["Add mine 0", "Add theirs 0"]
