"""Which events of a decision log count: those that led to the last one.

A reset goes back to what the catalog was after an earlier event, so that the log is a tree, of
which one branch counts.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
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
        """How many events that count stand in no line that could be read."""
        return self.missing_after(0)

    def missing_after(self, number: int) -> int:
        """The same, of the events after ``number``."""
        return sum(len(range(max(gap.start, number + 1), gap.stop)) for gap in self._gaps())

    def leads_through(self, number: int) -> bool:
        """Whether an event counts, as far as is known; 0 stands for the beginning, which does.

        One that is lost does, if what counts came after it, or if nothing is known to.
        """
        is_lost = number > self.last or any(number in gap for gap in self._gaps())
        return not number or is_lost or number in self.counting()

    def counting(self) -> frozenset[int]:
        """The numbers of the events that count; where one is missing, those before it do."""
        return frozenset(number for number, _ in self._branch())

    def _gaps(self) -> list[range]:
        """The numbers that the branch which counts passes through, and that were not read."""
        return [gap for _, gap in self._branch() if gap]

    def _branch(self) -> Iterator[tuple[int, range]]:
        """The events that count, the last one first, each with the numbers missing before it."""
        numbers = sorted(self.came_after)
        place = len(numbers)
        while place > 0:
            number = numbers[place - 1]
            before = self.came_after[number]
            place = bisect_right(numbers, before)
            yield number, range((numbers[place - 1] if place else 0) + 1, before + 1)
