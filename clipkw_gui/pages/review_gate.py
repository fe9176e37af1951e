"""What stands in the place of the queues until the labels have been judged."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from clipkw_gui.widgets.gate import Gate


class ReviewGate(Gate):
    """Offers to judge the labels."""

    wanted = Signal()
    """Judge the labels now."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.button = self.add_button(self.tr("Judge labels"), "judgeLabels")
        self.button.clicked.connect(self.wanted)
        self.show_missing("")

    def show_missing(self, text: str) -> None:
        """Labels cannot be judged, or it is not known yet."""
        self.show_failure("")
        self.show_text(self.tr("Review"), text, None)

    def show_offer(self, text: str) -> None:
        """Labels can be judged; why it did not work before stays to be read."""
        self.show_text(self.tr("Find wrong and missing keywords"), text, self.button)
