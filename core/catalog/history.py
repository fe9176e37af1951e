"""Which events of a decision log count: those that led to the last one.

A reset goes back to what the catalog was after an earlier event, so that the log is a tree, of
which one branch counts.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field

from core.catalog.decision_log import LoggedEvent
from core.catalog.schema import EventKind


@dataclass(slots=True)
class History:
    """After which event each one in a log came, by their numbers; lines may be out of order."""

    came_after: dict[int, int] = field(default_factory=dict)

    @classmethod
    def of(cls, events: Iterable[LoggedEvent]) -> History:
        """Read a log to its end."""
        history = cls()
        for event in events:
            history.add(event)
        return history

    def add(self, event: LoggedEvent) -> None:
        """The next event of the file; one that is written a second time counts once."""
        head = event.lines[0]
        before = event.number - 1
        if head.get("do") == EventKind.RESET and isinstance(head.get("to"), int):
            before = min(head["to"], before)  # a damaged one must not lead in a circle
        self.came_after.setdefault(event.number, before)

    @property
    def last(self) -> int:
        """The highest number, 0 if there is none."""
        return max(self.came_after, default=0)

    @property
    def missing(self) -> int:
        """How many numbers stand in no line that could be read."""
        return self.last - len(self.came_after)

    def counting(self) -> frozenset[int]:
        """The numbers of the events that count; where one is missing, those before it do."""
        numbers = sorted(self.came_after)
        branch, place = set(), len(numbers)
        while place > 0:
            number = numbers[place - 1]
            branch.add(number)
            place = bisect_right(numbers, self.came_after[number])
        return frozenset(branch)
