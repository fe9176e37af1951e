"""Rate and time left, by hand, on a clock that the test turns."""

from __future__ import annotations

import math

import pytest

from clipkw_gui.jobs.progress import SMOOTHING_SECONDS, JobProgress
from core.errors import Cancelled


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_rate_is_smoothed_and_gives_the_time_left() -> None:
    clock = Clock()
    progress = JobProgress(clock)
    progress.report(0, 100)
    assert progress.snapshot().rate is None
    assert progress.snapshot().seconds_left is None
    clock.now = 1.0
    progress.report(10, 100)
    assert progress.snapshot().rate == 10
    assert progress.snapshot().seconds_left == 9
    clock.now = 2.0
    progress.report(30, 100)
    expected = 10 + (20 - 10) * (1 - math.exp(-1 / SMOOTHING_SECONDS))
    assert progress.snapshot().rate == pytest.approx(expected)
    assert progress.snapshot().seconds_left == pytest.approx(70 / expected)


def test_a_pause_does_not_count() -> None:
    clock = Clock()
    progress = JobProgress(clock)
    progress.report(0, 100)
    clock.now = 1.0
    progress.report(10, 100)
    progress.pause()
    clock.now = 1000.0
    progress.resume()
    progress.report(10, 100)
    clock.now = 1001.0
    progress.report(20, 100)
    assert progress.snapshot().rate == pytest.approx(10)


def test_counting_anew_forgets_the_rate() -> None:
    clock = Clock()
    progress = JobProgress(clock)
    progress.report(0, 100)
    clock.now = 1.0
    progress.report(100, 100)
    progress.report(0, 7, "next stage")
    assert progress.snapshot().rate is None


def test_unknown_total_has_a_rate_but_no_end() -> None:
    clock = Clock()
    progress = JobProgress(clock)
    progress.report(0, 0)
    clock.now = 2.0
    progress.report(10, 0)
    assert progress.snapshot().rate == 5
    assert progress.snapshot().seconds_left is None


def test_unread_is_told_once() -> None:
    progress = JobProgress()
    assert not progress.take_unread()
    progress.report(1, 2)
    assert progress.take_unread()
    assert not progress.take_unread()


def test_cancel_raises_at_the_checkpoint() -> None:
    progress = JobProgress()
    progress.checkpoint()
    progress.cancel()
    with pytest.raises(Cancelled):
        progress.checkpoint()
