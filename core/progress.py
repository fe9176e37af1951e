"""How long work tells what it has done, and learns that it should stop."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Passed into every function that can take longer than a moment."""

    def report(self, done: int, total: int, note: str = "") -> None:
        """Tell that ``done`` of ``total`` units are finished; ``total=0`` means unknown."""

    def checkpoint(self) -> None:
        """Wait while paused; raise :class:`core.errors.Cancelled` when asked to stop."""


class Silent:
    """A :class:`Progress` that nobody watches."""

    def report(self, done: int, total: int, note: str = "") -> None:
        return None

    def checkpoint(self) -> None:
        return None
