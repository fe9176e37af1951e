"""What the catalog must say: kept by the test itself, with nothing of the program in it."""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

Mark = tuple[str, str]
"""Path of an image, keyword in lower case."""
Marks = dict[Mark, str | None]
"""Verdicts; None where nothing is said."""


class History(Enum):
    """A step that is about other steps."""

    UNDO = "undo"
    REDO = "redo"


Step = Marks | History


@dataclass
class Book:
    """What is said, what can be undone and redone, and what was asked for but not confirmed."""

    said: dict[Mark, str]
    past: list[tuple[Marks, Marks]] = field(default_factory=list)
    future: list[tuple[Marks, Marks]] = field(default_factory=list)
    asked: deque[Step] = field(default_factory=deque)
    labeled: set[str] = field(default_factory=set)
    """Paths of the images that were answered at any time."""
    steps: int = 0

    def ask(self, step: Step) -> None:
        """This is about to be done with a key or the mouse."""
        self.asked.append(step)

    def confirm(self) -> None:
        """The window shows all that was asked for as done."""
        while self.asked:
            self.take(self.asked.popleft())

    def take(self, step: Step) -> None:
        """Do one step."""
        self.steps += 1
        if step is History.UNDO:
            before, after = self.past.pop()
            self.future.append((before, after))
            self._put(before)
        elif step is History.REDO:
            before, after = self.future.pop()
            self.past.append((before, after))
            self._put(after)
        else:
            after = {mark: v for mark, v in step.items() if self.said.get(mark) != v}
            if after:
                self.past.append(({mark: self.said.get(mark) for mark in after}, after))
                self.future.clear()
                self._put(after)
            self.labeled.update(path for path, _ in step)

    def outcomes(self) -> Iterator[dict[Mark, str]]:
        """What may be said after a crash: some of what was not confirmed is done, in order."""
        yield dict(self.said)
        while self.asked:
            self.take(self.asked.popleft())
            yield dict(self.said)

    def _put(self, marks: Marks) -> None:
        for mark, verdict in marks.items():
            if verdict is None:
                self.said.pop(mark, None)
            else:
                self.said[mark] = verdict


def read_catalog(project: Path) -> dict[Mark, str]:
    """What the database says, read without the program."""
    connection = sqlite3.connect(f"file:{project / 'catalog.sqlite'}?mode=ro", uri=True)
    try:
        rows = connection.execute(
            "select path, no, verdict from labels join images on images.id = labels.image "
            "join keywords on keywords.id = labels.keyword"
        ).fetchall()
    finally:
        connection.close()
    return {(path, keyword.casefold()): verdict for path, keyword, verdict in rows}
