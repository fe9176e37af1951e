"""Results of a search as the queue of the Label page, and the way from there to a search."""

from __future__ import annotations

import numpy as np
from label_bench import COUNT, Bench
from PySide6.QtCore import Qt

from clipkw_gui.navigation import RankedImages
from core.types import ImageId, ImageQuery, QueueName, SavedSearch, SearchByImages
from core.workflows.saved_searches import list_searches, save_search


def open_ranked(bench: Bench, order: list[int], first: int | None = None) -> None:
    images = np.array([bench.ids[n] for n in order])
    begin = None if first is None else bench.ids[first]
    bench.context.navigation.label_wanted.emit(RankedImages("Search: ship", images, begin))
    bench.settle()


def shown(bench: Bench) -> list[int]:
    return [bench.ids.index(ImageId(one)) for one in bench.page.queue.ids.tolist()]


def test_results_are_the_queue_in_their_order_from_the_chosen_one_on(bench: Bench) -> None:
    open_ranked(bench, [9, 2, 7, 4], first=7)
    assert shown(bench) == [9, 2, 7, 4]
    assert bench.current == bench.ids[7]
    assert bench.page.chips.texts == {"search": "Search: ship"}
    bench.press(Qt.Key.Key_Space)
    bench.settle()
    assert bench.current == bench.ids[4]


def test_a_filter_narrows_the_results_and_keeps_their_order(bench: Bench) -> None:
    open_ranked(bench, [9, 2, 7, 4, 1])
    bench.page.filters.set_query(ImageQuery(queue=QueueName.LABELED))
    bench.settle()
    assert shown(bench) == [2, 4, 1]
    assert set(bench.page.chips.texts) == {"search", "queue"}


def test_taking_the_search_away_shows_the_archive_again(bench: Bench) -> None:
    open_ranked(bench, [9, 2])
    bench.page.chips.removed.emit("search")
    bench.settle()
    assert len(shown(bench)) == COUNT
    assert bench.page.chips.texts == {}


def test_one_keyword_for_all_results_touches_no_other_image(bench: Bench) -> None:
    open_ranked(bench, [9, 7, 8])
    scope = bench.page._all_shown()
    assert scope == [bench.ids[n] for n in (9, 7, 8)]
    bench.page.chips.removed.emit("search")
    bench.settle()
    assert bench.page._all_shown() == ImageQuery()


def test_m_searches_for_more_like_the_current_image_or_the_selection(bench: Bench) -> None:
    asked: list[tuple[ImageId, ...]] = []
    bench.context.navigation.similar_wanted.connect(asked.append)
    bench.press(Qt.Key.Key_M)
    assert asked == [(bench.current,)]
    bench.press(Qt.Key.Key_G)
    bench.qtbot.keyClick(
        bench.page.centre.grid, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier
    )
    bench.settle()
    bench.press(Qt.Key.Key_M)
    assert len(asked[-1]) == 2


def test_m_on_a_reference_searches_for_more_like_it(bench: Bench) -> None:
    asked: list[tuple[ImageId, ...]] = []
    bench.context.navigation.similar_wanted.connect(asked.append)
    evidence = bench.page.evidence
    place = evidence.visualRect(evidence.model().index(0, 0)).center()
    bench.qtbot.mouseClick(evidence.viewport(), Qt.MouseButton.RightButton, pos=place)
    bench.press(Qt.Key.Key_M)
    reference = bench.page.references.reference(0)
    assert reference is not None
    assert asked == [(reference.image,)]


def test_a_saved_search_is_a_queue(bench: Bench) -> None:
    target = SearchByImages((bench.ids[1],))
    changes = save_search(bench.project, SavedSearch("skip", target, ImageQuery(), 4))
    bench.context.bus.changed.emit(changes, None)
    bench.settle()
    saved = bench.page.filters.saved
    assert saved.names() == ["skip"]
    place = saved.visualItemRect(saved.item(0)).center()
    bench.qtbot.mouseClick(saved.viewport(), Qt.MouseButton.LeftButton, pos=place)
    bench.settle()
    assert len(shown(bench)) == 4
    assert all(number % 2 for number in shown(bench))
    assert bench.page.chips.texts == {"search": "Search: skip"}
    saved.setFocus()
    bench.qtbot.keyClick(saved, Qt.Key.Key_Delete)
    bench.settle()
    assert list_searches(bench.project) == []
    assert saved.names() == []
