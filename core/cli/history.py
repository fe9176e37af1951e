"""``clipkw undo`` and ``clipkw redo``."""

from __future__ import annotations

from core.cli.project import ProjectFolder, open_named
from core.cli.terminal import say
from core.workflows import label


def undo(project: ProjectFolder) -> None:
    """Take back the last step, of the window's too."""
    with open_named(project) as opened:
        step = label.undo(opened)
    say(f"Undone: {step.title}" if step else "There is nothing to undo.")


def redo(project: ProjectFolder) -> None:
    """Do again what was taken back last."""
    with open_named(project) as opened:
        step = label.redo(opened)
    say(f"Done again: {step.title}" if step else "There is nothing to redo.")
