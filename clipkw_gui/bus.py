"""One signal tells every page what a write made stale."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal


class Bus(QObject):
    """Whoever writes emits ``changed(changes, origin)`` when the write is on disk.

    A receiver that shows what was touched reads it again, unless ``origin is self``: then it
    already shows it.
    """

    changed = Signal(object, object)
    """(:class:`core.types.Changes`, the page or action that made them, or None)."""
