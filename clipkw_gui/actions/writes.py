"""What follows a write: suggestions take it into account, then everybody hears of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from clipkw_gui.context import AppContext, ProjectSession
from core.errors import ClipkwError
from core.types import Changes


@dataclass(frozen=True, slots=True)
class Written:
    """What a write did; ``late_error`` is one of what follows, the write itself is on disk."""

    changes: Changes
    result: object = None
    late_error: ClipkwError | None = None


def refresh_suggestions(session: ProjectSession, changes: Changes, result: object) -> Written:
    """Let suggestions know, in the thread of the write; ``result`` is for who asked for it."""
    try:
        if session.suggester is not None and changes:
            session.suggester.refresh(changes)
    except ClipkwError as error:
        return Written(changes, result, error)
    return Written(changes, result)


def announce(context: AppContext, on_done: Callable[..., None], written: Written) -> None:
    """Tell who asked for the write, then everybody, then what went wrong after it."""
    on_done(written.result)
    if context.session is not None and written.changes:
        context.bus.changed.emit(written.changes, None)
    if written.late_error is not None:
        context.runner.failed.emit(written.late_error)
