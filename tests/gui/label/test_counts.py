"""The counts beside queues and keywords: right after each decision, before anything is counted."""

from __future__ import annotations

import pytest
from label_bench import Bench
from PySide6.QtCore import Qt

from clipkw_gui.roles import Role
from core.catalog import decisions, images
from core.types import Changes, Decision, Problem, QueueName, Verdict
from core.workflows import browse

Key = Qt.Key
NEVER = 10_000_000


def shown_queues(bench: Bench) -> dict[QueueName, int]:
    model = bench.page.filters.queue_list.model()
    indexes = [model.index(row, 0) for row in range(model.rowCount())]
    return {QueueName(index.data(Role.ID)): index.data(Role.COUNT) for index in indexes}


def shown_keywords(bench: Bench) -> dict[str, int]:
    model = bench.page.filters.keywords
    indexes = [model.index(row) for row in range(model.rowCount())]
    return {index.data(): index.data(Role.COUNT) for index in indexes}


def counted_keywords(bench: Bench) -> dict[str, int]:
    counted = {keyword.no: count for keyword, count in browse.keyword_counts(bench.project)}
    return {one.no: counted.get(one.no, 0) for one in browse.all_keywords(bench.project)}


def test_counts_follow_every_decision_at_once(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clipkw_gui.pages.label.COUNTING_PAUSE_MS", NEVER)
    monkeypatch.setattr("clipkw_gui.actions.browse.count_archive", no_counting)
    before = shown_queues(bench)
    steps = [
        (Key.Key_1, {}),
        (Key.Key_1, {"shift": True}),
        (Key.Key_U, {}),
        (Key.Key_Space, {}),
        (Key.Key_A, {}),
        (Key.Key_Z, {"ctrl": True}),
        (Key.Key_Z, {"ctrl": True, "shift": True}),
        (Key.Key_2, {}),
    ]
    for key, modifiers in steps:
        bench.press(key, **modifiers)
        bench.qtbot.waitUntil(bench.context.runner.is_idle)
        assert shown_queues(bench) == browse.queue_counts(bench.project), key
        assert shown_keywords(bench) == counted_keywords(bench), key
    assert shown_queues(bench) != before


def test_unreadable_counts_the_files_that_the_page_lists(bench: Bench) -> None:
    cut_off = [Problem(f"nord/avkuttet_{n}.jpg", "The file is cut off.") for n in range(4)]
    images.record_scan(bench.project.catalog, [], cut_off, [], [])
    bench.context.bus.changed.emit(Changes(images_changed=True), None)
    bench.settle()
    assert shown_queues(bench)[QueueName.UNREADABLE] == 4
    queues = bench.page.filters.queue_list
    row = list(shown_queues(bench)).index(QueueName.UNREADABLE)
    place = queues.visualRect(queues.model().index(row, 0)).center()
    bench.qtbot.mouseClick(queues.viewport(), Qt.MouseButton.LeftButton, pos=place)
    bench.settle()
    assert all(one.path in bench.page.centre.empty.text() for one in cut_off)


def no_counting(*_: object) -> None:
    raise AssertionError("the archive was counted")


def test_a_pause_in_labeling_counts_what_others_decided(bench: Bench) -> None:
    (keyword, *_), other = browse.all_keywords(bench.project), bench.ids[-1]
    wanted = [Decision(other, keyword.id, Verdict.UNSURE)]
    decisions.decide(bench.project.catalog, wanted, by="another", title="elsewhere")
    assert shown_queues(bench) != browse.queue_counts(bench.project)
    bench.press(Key.Key_1)
    bench.settle()
    assert shown_queues(bench) == browse.queue_counts(bench.project)
    assert shown_keywords(bench) == counted_keywords(bench)
