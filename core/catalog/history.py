"""Which events of a decision log count: those that led to the last one.

A reset goes back to what the catalog was after an earlier event, so that the log is a tree, of
which one branch counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from core.catalog.decision_log import LoggedEvent
from core.catalog.schema import EventKind


@dataclass(slots=True)
class History:
    """The numbers of the events in a log, and after which one each came.

    ``missing`` numbers stand in no line that could be read.
    """

    came_after: dict[int, int] = field(default_factory=dict)
    last: int = 0
    missing: int = 0

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
        if event.number in self.came_after:
            return
        self.missing += max(0, event.number - self.last - 1)
        is_reset = head.get("do") == EventKind.RESET and isinstance(head.get("to"), int)
        self.came_after[event.number] = min(head["to"], self.last) if is_reset else self.last
        self.last = event.number

    def counting(self) -> frozenset[int]:
        """The numbers of the events that count."""
        branch, number = set(), self.last
        while number in self.came_after:
            branch.add(number)
            number = self.came_after[number]
        return frozenset(branch)
