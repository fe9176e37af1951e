"""The window is killed while somebody labels: what it showed as done is there, nothing else is."""

from __future__ import annotations

import multiprocessing
import random
import sys
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest
from book import Book, Step, read_catalog
from endurance import RecordProperty
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from sitting import ACCEPTED, REJECTED, Sitting, wait_until
from sitting_project import make_drawn, undo_everything

from core.catalog.overview import faults
from core.workflows.project import open_project

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")

CONFIRMED = "confirmed"
READY = "ready"


@dataclass
class ToldBook(Book):
    """Tells another process what is asked for, and that the window shows it as done."""

    pipe: Connection | None = None

    def ask(self, step: Step) -> None:
        assert self.pipe is not None
        self.pipe.send(step)
        super().ask(step)

    def confirm(self) -> None:
        assert self.pipe is not None
        if self.asked:
            self.pipe.send(CONFIRMED)
        super().confirm()


def sit_until_killed(preferences: Path, folder: Path, book: Book, seed: int, pipe: Any) -> None:
    """What the process that is killed does."""
    app = QApplication([])
    told = ToldBook(book.said, book.past, book.future, steps=book.steps, pipe=pipe)
    settings = QSettings(str(preferences), QSettings.Format.IniFormat)
    sitting = Sitting(settings, folder, told, random.Random(seed))
    pipe.send(READY)
    while app is not None:
        answer_at_once(sitting)


def answer_at_once(sitting: Sitting) -> None:
    """One step or a few; confirmed at the very moment the page knows that they are done."""
    chance, book = sitting.chance, sitting.book
    if sitting.is_last():
        sitting.start_over()
    rows = sitting.look()
    numbered = [one for one in rows if one.number]
    way = chance.random()
    if way < 0.3:
        sitting.accept_all(rows)
    elif way < 0.6 and numbered:
        for row in chance.sample(numbered, min(len(numbered), 3)):
            sitting.digit(row, chance.choice((ACCEPTED, REJECTED)))
    elif way < 0.7:
        sitting.unsure(rows)
    elif way < 0.85 and book.past:
        sitting.undo()
        if chance.random() < 0.5:
            sitting.redo()
    elif way < 0.93 and numbered:
        sitting.decide_many()
    else:
        sitting.type_keyword(f"Nytt ord {book.steps}")
        sitting.settle()
    wait_until(lambda: is_done(sitting))
    book.confirm()
    sitting.page.desk.step(1)


def is_done(sitting: Sitting) -> bool:
    """Whether the page shows nothing that is still on its way to the disk."""
    desk = sitting.page.desk
    on_their_way = any(known.pending for known in desk.sheets._known.values())
    return not (desk._intents or desk._going_on or on_their_way)


def sit_and_kill(preferences: Path, folder: Path, book: Book, seed: int) -> None:
    chance = random.Random(seed)
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    given = Book(book.said, book.past, book.future, steps=book.steps)
    work = (preferences, folder, given, seed, there)
    process = context.Process(target=sit_until_killed, args=work)
    process.start()
    there.close()
    assert here.poll(60)
    assert here.recv() == READY
    end = time.monotonic() + chance.uniform(0, 1.5)
    events = []
    while (left := end - time.monotonic()) > 0:
        if here.poll(left):
            events.append(here.recv())
    assert process.is_alive()
    process.kill()
    process.join()
    events += what_was_still_sent(here)
    for event in events:
        if event == CONFIRMED:
            book.confirm()
        else:
            book.ask(event)


def what_was_still_sent(pipe: Connection) -> list[Any]:
    events = []
    try:
        while True:
            events.append(pipe.recv())
    except (EOFError, OSError):  # the last message may be cut off
        pipe.close()
    return events


def kill_and_compare(preferences: QSettings, tmp_path: Path, kills: int) -> None:
    folder, book = make_drawn(tmp_path, 400)
    vectors = [one.read_bytes() for one in sorted((folder / "features").iterdir())]
    for kill in range(kills):
        sit_and_kill(tmp_path / "preferences.ini", folder, book, kill)
        with open_project(folder) as project:
            assert faults(project.catalog) == []
        found = read_catalog(folder)
        assert any(found == outcome for outcome in book.outcomes()), f"kill {kill}"
        book.asked.clear()
    assert book.steps > kills
    assert [one.read_bytes() for one in sorted((folder / "features").iterdir())] == vectors
    undo_everything(preferences, folder, book)
    print(f"{kills} kills, {book.steps} steps")  # noqa: T201


def test_killed_while_labeling(qtbot: QtBot, preferences: QSettings, tmp_path: Path) -> None:
    kill_and_compare(preferences, tmp_path, 2)


@pytest.mark.endurance
@pytest.mark.timeout(7_200)
def test_killed_fifty_times_while_labeling(
    qtbot: QtBot,
    preferences: QSettings,
    tmp_path: Path,
    record_property: RecordProperty,
) -> None:
    record_property("kills", 50)
    kill_and_compare(preferences, tmp_path, 50)
