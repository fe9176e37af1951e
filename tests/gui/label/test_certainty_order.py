"""The queue by how sure the model is: chosen by clicks, asked in the background."""

from __future__ import annotations

import pytest
from label_bench import Bench
from PySide6.QtCore import Qt

from clipkw_gui.actions.certainty import CertaintyOrder
from clipkw_gui.jobs.job import JobState
from core.types import ImageId, ImageQuery, QueueName
from core.workflows import browse
from core.workflows.suggest import Suggester

Key = Qt.Key
AT_ONCE = "clipkw_gui.actions.certainty.AT_ONCE"


def highest(bench: Bench) -> dict[int, float]:
    """The highest confidence of each unlabeled image, asked one by one."""
    suggester = Suggester.load(bench.project)
    query = ImageQuery(queue=QueueName.UNLABELED)
    ids = [ImageId(one) for one in browse.image_ids(bench.project, query).tolist()]
    return {
        image: max((one.confidence for one in suggester.suggest([image])[0].suggestions), default=0)
        for image in ids
    }


def choose(bench: Bench, order: CertaintyOrder) -> None:
    box = bench.page.filters.order
    box.setFocus()
    for _ in range(box.findData(order) - box.currentIndex()):
        bench.qtbot.keyClick(box, Key.Key_Down)
    bench.settle()


def open_model_part(bench: Bench) -> None:
    title = bench.page.filters.model_part.title
    bench.qtbot.mouseClick(title, Qt.MouseButton.LeftButton)
    bench.qtbot.waitUntil(bench.page.filters.low.isVisible)


def shown(bench: Bench) -> list[int]:
    return bench.page.queue.ids.tolist()


@pytest.fixture(params=[0, 100], ids=["asked in the background", "asked at once"])
def at_once(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(AT_ONCE, request.param)
    return int(request.param)


def test_the_surest_come_first_and_the_chip_gives_the_archive_back(
    bench: Bench, at_once: int
) -> None:
    before = shown(bench)
    expected = highest(bench)
    choose(bench, CertaintyOrder.SUREST)
    assert shown(bench) == sorted(before, key=lambda image: -expected[image])
    assert bool(bench.context.runner.jobs()) == (at_once == 0)
    assert bench.page.chips.texts["order"] == "Surest first"
    assert bench.current == shown(bench)[0]
    bench.page.chips.removed.emit("order")
    bench.settle()
    assert shown(bench) == before


def test_only_images_with_a_sure_suggestion_are_shown(bench: Bench, at_once: int) -> None:
    expected = highest(bench)
    middle = round(100 * sorted(expected.values())[len(expected) // 2])
    low = bench.page.filters.low
    open_model_part(bench)
    low.setFocus()
    low.selectAll()
    bench.qtbot.keyClicks(low, str(middle))
    bench.qtbot.keyClick(low, Key.Key_Return)
    bench.settle()
    assert low.value() == middle
    assert set(shown(bench)) == {one for one, share in expected.items() if share >= middle / 100}
    assert "confidence" in bench.page.chips.texts


def test_a_folder_narrows_the_arranged_queue(bench: Bench) -> None:
    choose(bench, CertaintyOrder.SUREST)
    every = shown(bench)
    bench.page.filters.set_query(ImageQuery(queue=QueueName.UNLABELED, folder="sør"))
    bench.settle()
    south = set(browse.image_ids(bench.project, ImageQuery(folder="sør")).tolist())
    assert shown(bench) == [image for image in every if image in south]
    assert shown(bench)


def test_the_panel_stays_narrow(bench: Bench) -> None:
    assert bench.page.filters.minimumSizeHint().width() <= 216
    # 1280 x 800 at 150 %, less the menu and the status bar
    assert bench.page.minimumSizeHint().height() <= 470


def test_cancelled_the_queue_stays_as_it_is(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AT_ONCE, 0)
    before = shown(bench)
    bench.page.filters.order.setFocus()
    bench.qtbot.keyClick(bench.page.filters.order, Key.Key_Down)
    bench.qtbot.waitUntil(lambda: bool(bench.context.runner.jobs()))
    job = bench.context.runner.jobs()[0]
    job.cancel()
    bench.settle()
    if job.state is JobState.CANCELLED:
        assert shown(bench) == before
        assert "order" not in bench.page.chips.texts
    else:  # it was quicker
        assert bench.page.chips.texts["order"] == "Surest first"


def test_a_bulk_decision_means_what_is_shown(bench: Bench) -> None:
    bench.page.filters.set_query(ImageQuery())
    bench.settle()
    choose(bench, CertaintyOrder.LEAST_SURE)
    scope = bench.page._all_shown()
    assert list(scope) == shown(bench)


def test_the_wanted_confidence_can_be_read(bench: Bench) -> None:
    open_model_part(bench)
    for box in (bench.page.filters.low, bench.page.filters.high):
        text = box.lineEdit().fontMetrics().horizontalAdvance("100\u00a0%")
        assert box.lineEdit().width() >= text
