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
    """Whoever calls a method asks: the window shows the page that can do it, then that hears it."""

    page_wanted = Signal(str)
    """Show the page of this name; it is made now if it was never shown."""
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

    def work_through(self, ranked: RankedImages) -> None:
        """Label these images, in their order."""
        self.page_wanted.emit("label")
        self.label_wanted.emit(ranked)

    def search_similar(self, images: tuple[ImageId, ...]) -> None:
        """Search for more images like these."""
        self.page_wanted.emit("search")
        self.similar_wanted.emit(images)

    def tune(self, tuning: object) -> None:
        """Do a :class:`~clipkw_gui.actions.experiments.Tuning`, or go on with it."""
        self.page_wanted.emit("experiments")
        self.tuning_wanted.emit(tuning)

    def compare(self, settings: object) -> None:
        """Compare models with these :class:`~core.workflows.evaluate.EvaluationSettings`."""
        self.page_wanted.emit("experiments")
        self.comparison_wanted.emit(settings)
