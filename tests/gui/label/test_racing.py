"""Whoever races through the queue is not held up by pictures that nobody looks at."""

from __future__ import annotations

import pytest
from label_bench import Bench
from PySide6.QtCore import Qt

from clipkw_gui.actions import browse
from clipkw_gui.pages import label_show
from core.types import Image, ImageId, QueueName

SLOWER_THAN_RACING = label_show.RACING_MS + 150


@pytest.fixture
def decoded(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> list[ImageId]:
    """The images whose pictures are asked for from now on, with a queue of twelve."""
    bench.show(QueueName.ALL)
    bench.page.go_first()
    bench.settle()
    asked: list[ImageId] = []
    load = browse.load_picture

    def note(context: object, image: Image, *rest: object) -> object:
        asked.append(image.id)
        return load(context, image, *rest)

    monkeypatch.setattr(browse, "load_picture", note)
    bench.qtbot.wait(SLOWER_THAN_RACING)
    return asked


def test_pictures_are_decoded_where_a_race_stops(
    bench: Bench, decoded: list[ImageId], monkeypatch: pytest.MonkeyPatch
) -> None:
    # However busy the machine: keys without a pause are a race.
    monkeypatch.setattr(label_show, "RACING_MS", 5_000)
    bench.page.desk.step(1)
    decoded.clear()
    for _ in range(6):
        bench.page.desk.step(1)
    assert not decoded
    monkeypatch.setattr(label_show, "RACING_MS", 1)
    bench.page.pictures._ahead.start(1)
    bench.settle()
    nearby = set(bench.page.desk.nearby())
    assert bench.current == bench.ids[7]
    assert bench.current in decoded
    assert set(decoded) <= nearby


def test_the_picture_of_a_single_step_is_decoded_at_once(
    bench: Bench, decoded: list[ImageId]
) -> None:
    bench.page.desk.step(6)
    assert decoded[-1] == bench.current == bench.ids[6]


def test_a_decision_repaints_the_counts_that_changed(bench: Bench) -> None:
    model = bench.page.filters.keywords
    changed: list[int] = []
    model.dataChanged.connect(lambda first, last: changed.extend((first.row(), last.row())))
    name = bench.offered()[0]
    bench.press(Qt.Key.Key_1)
    bench.qtbot.waitUntil(lambda: bool(changed), timeout=20_000)
    assert {model.keyword_at(row).no for row in changed} == {name}
    bench.settle()
