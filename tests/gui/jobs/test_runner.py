"""What pages may rely on: order, latest wins, cancelling, errors, and an end to everything."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
import shiboken6
from PySide6.QtCore import QObject, Signal
from pytestqt.qtbot import QtBot

from clipkw_gui.jobs.runner import Job, JobRunner, JobState, Lane, Task
from core.errors import ImageError
from core.progress import Progress


@pytest.fixture
def runner(qapp: object, no_thread_left: None) -> Iterator[JobRunner]:
    runner = JobRunner()
    yield runner
    runner.shut_down()


class Gate:
    """Work that waits until the test lets it go on."""

    def __init__(self, result: object = None) -> None:
        self.entered = threading.Event()
        self.leave = threading.Event()
        self.result = result

    def work(self, progress: Progress) -> object:
        self.entered.set()
        assert self.leave.wait(30)
        progress.checkpoint()
        return self.result


def give(value: object, progress: Progress) -> object:
    return value


def fail(error: Exception, progress: Progress) -> None:
    raise error


def idle(qtbot: QtBot, runner: JobRunner) -> None:
    qtbot.waitUntil(runner.is_idle, timeout=30_000)


@pytest.mark.parametrize("lane", list(Lane))
def test_results_come_back_on_the_windows_thread(
    qtbot: QtBot, runner: JobRunner, lane: Lane
) -> None:
    seen: list[tuple[object, str]] = []

    def done(result: object) -> None:
        seen.append((result, threading.current_thread().name))

    runner.start(Task("t", partial(give, 7), lane), done)
    assert seen == []
    idle(qtbot, runner)
    assert seen == [(7, threading.main_thread().name)]


@pytest.mark.parametrize("lane", [Lane.WRITE, Lane.BACKGROUND])
def test_serial_lanes_keep_the_order(qtbot: QtBot, runner: JobRunner, lane: Lane) -> None:
    ran: list[int] = []
    done: list[object] = []

    def work(number: int, progress: Progress) -> int:
        ran.append(number)
        return number

    for number in range(50):
        runner.start(Task("t", partial(work, number), lane), done.append)
    idle(qtbot, runner)
    assert ran == done == list(range(50))


def test_what_was_asked_for_last_comes_first_in_quick_lanes(
    qtbot: QtBot, runner: JobRunner
) -> None:
    gates = [Gate(), Gate()]
    for gate in gates:
        runner.start(Task("gate", gate.work, Lane.THUMBNAIL), print)
        assert gate.entered.wait(30)
    ran: list[int] = []

    def work(number: int, progress: Progress) -> None:
        ran.append(number)

    for number in range(5):
        runner.start(Task("t", partial(work, number), Lane.THUMBNAIL), lambda _: None)
    gates[0].leave.set()
    qtbot.waitUntil(lambda: len(ran) == 5, timeout=30_000)
    gates[1].leave.set()
    idle(qtbot, runner)
    assert ran == [4, 3, 2, 1, 0]


def test_only_the_latest_of_a_key_is_delivered(qtbot: QtBot, runner: JobRunner) -> None:
    done: list[object] = []
    slow = Gate("old")
    older = runner.start_latest("k", Task("old", slow.work, Lane.INTERACTIVE), done.append)
    assert slow.entered.wait(30)
    runner.start_latest("k", Task("new", partial(give, "new"), Lane.INTERACTIVE), done.append)
    runner.start_latest("other", Task("o", partial(give, "o"), Lane.INTERACTIVE), done.append)
    slow.leave.set()
    idle(qtbot, runner)
    assert sorted(map(str, done)) == ["new", "o"]
    assert older.state is JobState.CANCELLED


def test_a_late_result_without_checkpoint_is_dropped_too(qtbot: QtBot, runner: JobRunner) -> None:
    started, leave = threading.Event(), threading.Event()

    def stubborn(progress: Progress) -> str:
        started.set()
        leave.wait(30)
        return "old"

    done: list[object] = []
    runner.start_latest("k", Task("old", stubborn, Lane.INTERACTIVE), done.append)
    assert started.wait(30)
    runner.start_latest("k", Task("new", partial(give, "new"), Lane.INTERACTIVE), done.append)
    leave.set()
    idle(qtbot, runner)
    assert done == ["new"]


def test_cancelling_is_silent_and_skips_work_that_waits(qtbot: QtBot, runner: JobRunner) -> None:
    heard: list[object] = []
    runner.failed.connect(heard.append)
    runner.bug_found.connect(heard.append)
    gate = Gate()
    running = runner.start(Task("r", gate.work, Lane.BACKGROUND), heard.append, heard.append)
    waiting = runner.start(Task("w", partial(give, 1), Lane.BACKGROUND), heard.append, heard.append)
    assert gate.entered.wait(30)
    running.cancel()
    waiting.cancel()
    gate.leave.set()
    idle(qtbot, runner)
    assert heard == []
    assert [running.state, waiting.state] == [JobState.CANCELLED] * 2


def counting(steps: threading.Semaphore, reached: list[int], progress: Progress) -> int:
    for number in range(1, 6):
        steps.acquire()
        progress.checkpoint()
        reached.append(number)
        progress.report(number, 5, f"step {number}")
    return 5


def test_pause_holds_at_the_next_checkpoint_and_resume_goes_on(
    qtbot: QtBot, runner: JobRunner
) -> None:
    steps, reached, done = threading.Semaphore(0), [], []
    work = partial(counting, steps, reached)
    job = runner.start(Task("count", work, Lane.BACKGROUND), done.append)
    steps.release(2)
    qtbot.waitUntil(lambda: job.done == 2, timeout=30_000)
    job.pause()
    assert job.state is JobState.PAUSED
    steps.release(3)
    assert not runner.is_idle()
    assert reached == [1, 2]
    job.resume()
    idle(qtbot, runner)
    assert reached == [1, 2, 3, 4, 5]
    assert done == [5]
    assert (job.state, job.done, job.total) == (JobState.DONE, 5, 5)
    assert [line.text for line in job.log] == ["Started", "Paused", "Resumed", "Finished"]


def test_a_paused_job_can_be_cancelled(qtbot: QtBot, runner: JobRunner) -> None:
    steps = threading.Semaphore(5)
    gate = Gate()
    runner.start(Task("first", gate.work, Lane.BACKGROUND), print)
    job = runner.start(Task("c", partial(counting, steps, []), Lane.BACKGROUND), print)
    job.pause()
    gate.leave.set()
    job.cancel()
    idle(qtbot, runner)
    assert job.state is JobState.CANCELLED


def test_progress_is_told_by_the_signals(qtbot: QtBot, runner: JobRunner) -> None:
    seen: list[tuple[str, str, int]] = []
    for name in ("job_started", "job_changed", "job_finished"):

        def note(job: Job, name: str = name) -> None:
            seen.append((name, job.title, job.done))

        getattr(runner, name).connect(note)
    steps = threading.Semaphore(2)
    job = runner.start(Task("count", partial(counting, steps, []), Lane.BACKGROUND), lambda _: None)
    qtbot.waitUntil(lambda: ("job_changed", "count", 2) in seen, timeout=30_000)
    assert job.note == "step 2"
    steps.release(3)
    idle(qtbot, runner)
    assert seen[0] == ("job_started", "count", 0)
    assert seen[-1] == ("job_finished", "count", 5)
    assert runner.jobs() == [job]
    runner.forget_ended()
    assert runner.jobs() == []


def test_quick_reads_are_not_listed(qtbot: QtBot, runner: JobRunner) -> None:
    seen: list[Job] = []
    runner.job_started.connect(seen.append)
    for lane in (Lane.INTERACTIVE, Lane.THUMBNAIL, Lane.WRITE):
        runner.start(Task("t", partial(give, 1), lane), lambda _: None)
    idle(qtbot, runner)
    assert seen == runner.jobs() == []


def test_an_error_a_person_can_act_on_goes_to_its_receiver(qtbot: QtBot, runner: JobRunner) -> None:
    error, own, common, bugs = ImageError("It is broken.", "Repair it."), [], [], []
    runner.failed.connect(common.append)
    runner.bug_found.connect(bugs.append)
    task = Task("t", partial(fail, error), Lane.BACKGROUND)
    job = runner.start(task, print, own.append)
    idle(qtbot, runner)
    assert (own, common, bugs) == ([error], [], [])
    assert (job.state, job.error) == (JobState.FAILED, error)
    runner.start(task, print)
    idle(qtbot, runner)
    assert (own, common, bugs) == ([error], [error], [])


def test_any_other_exception_is_a_bug_and_the_lane_lives_on(
    qtbot: QtBot, runner: JobRunner
) -> None:
    error, own, common, bugs, done = KeyError("x"), [], [], [], []
    runner.failed.connect(common.append)
    runner.bug_found.connect(bugs.append)
    runner.start(Task("t", partial(fail, error), Lane.WRITE), print, own.append)
    runner.start(Task("t", partial(fail, error), Lane.WRITE), print)
    runner.start(Task("t", partial(give, 1), Lane.WRITE), done.append)
    idle(qtbot, runner)
    assert (own, common, bugs, done) == ([error], [], [error, error], [1])


class Receiver(QObject):
    told = Signal(object)

    def __init__(self, seen: list[object]) -> None:
        super().__init__()
        self.seen = seen

    def take(self, result: object) -> None:
        self.seen.append(result)


def _method(receiver: Receiver) -> Callable[[Any], None]:
    return receiver.take


def _partial(receiver: Receiver) -> Callable[[Any], None]:
    return partial(Receiver.take, receiver)


def _signal(receiver: Receiver) -> Callable[[Any], None]:
    receiver.told.connect(receiver.seen.append)
    return receiver.told.emit


@pytest.mark.parametrize("callback", [_method, _partial, _signal])
@pytest.mark.parametrize("deleted", [False, True])
def test_nothing_is_delivered_to_the_deleted(
    qtbot: QtBot,
    runner: JobRunner,
    callback: Callable[[Receiver], Callable[[Any], None]],
    deleted: bool,
) -> None:
    seen: list[object] = []
    receiver = Receiver(seen)
    runner.start(Task("t", partial(give, 1), Lane.INTERACTIVE), callback(receiver))
    if deleted:
        shiboken6.delete(receiver)
    idle(qtbot, runner)
    assert seen == ([] if deleted else [1])


def test_shutting_down_finishes_writes_stops_the_rest_and_delivers_nothing(
    qtbot: QtBot, runner: JobRunner
) -> None:
    written: list[int] = []
    heard: list[object] = []

    def write(number: int, progress: Progress) -> None:
        written.append(number)

    gate = Gate()
    gate.leave.set()
    steps = threading.Semaphore(5)
    job = runner.start(Task("c", partial(counting, steps, []), Lane.BACKGROUND), heard.append)
    job.pause()
    for number in range(20):
        runner.start(Task("w", partial(write, number), Lane.WRITE), heard.append)
    runner.shut_down()
    qtbot.wait(1)
    assert written == list(range(20))
    assert heard == []
    assert job.state is JobState.CANCELLED
    late = runner.start(Task("late", partial(give, 1), Lane.WRITE), heard.append)
    assert late.state is JobState.CANCELLED


def test_stopping_all_keeps_writes_and_tells_when_nothing_runs(
    qtbot: QtBot, runner: JobRunner
) -> None:
    written: list[int] = []
    heard: list[object] = []
    gate = Gate()
    runner.start(Task("g", gate.work, Lane.BACKGROUND), heard.append)
    assert gate.entered.wait(30)
    runner.start(Task("w", lambda _: written.append(1), Lane.WRITE), heard.append)
    idle_seen: list[bool] = []
    runner.stop_all(lambda: idle_seen.append(runner.is_idle()))
    assert idle_seen == []
    gate.leave.set()
    qtbot.waitUntil(lambda: idle_seen == [True], timeout=30_000)
    assert (written, heard) == ([1], [])
    runner.stop_all(lambda: idle_seen.append(True))
    qtbot.waitUntil(lambda: len(idle_seen) == 2, timeout=30_000)


def test_what_would_slow_down_a_read_starts_after_it(qtbot: QtBot, runner: JobRunner) -> None:
    order: list[object] = []
    gate = Gate("read")
    runner.start(Task("read", gate.work, Lane.INTERACTIVE), order.append)
    runner.when_quiet(partial(order.append, "started"))
    assert gate.entered.wait(30)
    qtbot.wait(50)
    assert not order
    gate.leave.set()
    idle(qtbot, runner)
    assert order == ["read", "started"]


def test_without_a_read_it_starts_at_once_but_not_inside_the_call(
    qtbot: QtBot, runner: JobRunner
) -> None:
    gate, order = Gate(), []
    runner.start(Task("long", gate.work, Lane.BACKGROUND), order.append)
    runner.when_quiet(partial(order.append, "started"))
    assert not order
    assert not runner.is_idle()
    qtbot.waitUntil(lambda: order == ["started"], timeout=30_000)
    gate.leave.set()
    idle(qtbot, runner)


def test_what_has_not_started_does_not_after_a_stop(qtbot: QtBot, runner: JobRunner) -> None:
    order: list[object] = []
    runner.when_quiet(partial(order.append, "started"))
    runner.stop_all(partial(order.append, "stopped"))
    qtbot.waitUntil(lambda: bool(order), timeout=30_000)
    idle(qtbot, runner)
    assert order == ["stopped"]
