"""What one page asks of another, which it does not know."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from core.types import ImageId, ImageIds


@dataclass(frozen=True, eq=False, slots=True)
class RankedImages:
    """Images (n,) in an order of their own, under a title; ``first`` is the one to begin with."""

    title: str
    images: ImageIds
    first: ImageId | None = None


class Navigation(QObject):
    """Whoever emits asks; the page that can do it does, and the window shows that page."""

    label_wanted = Signal(object)
    """Work through these RankedImages on the Label page."""
    similar_wanted = Signal(object)
    """Search for more like these: a tuple of ImageId."""
    tuning_wanted = Signal(object)
    """Do this :class:`~clipkw_gui.actions.experiments.Tuning`, or go on with it."""
    comparison_wanted = Signal(object)
    """Compare models with these EvaluationSettings."""
    encoder_wanted = Signal()
    """Tell how to get an encoder, and let one be chosen."""
