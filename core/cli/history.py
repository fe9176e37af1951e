"""``clipkw undo`` and ``clipkw redo``."""

from __future__ import annotations

from core.cli.project import ProjectFolder, open_named
from core.cli.terminal import say
from core.workflows import label
from core.workflows.label import Step


def undo(project: ProjectFolder) -> None:
    """Take back the last step, of the window's too."""
    with open_named(project) as opened:
        step = label.undo(opened)
    say(f"Undone: {_told(step)}" if step else "There is nothing to undo.")


def redo(project: ProjectFolder) -> None:
    """Do again what was taken back last."""
    with open_named(project) as opened:
        step = label.redo(opened)
    say(f"Done again: {_told(step)}" if step else "There is nothing to redo.")


def _told(step: Step) -> str:
    """What it was, and on how many images if those are many."""
    images = len(step.images)
    return f"{step.title}, on {images} images" if images > 1 else step.title
