"""What stands in the place of pairs and groups until the images have been compared."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QWidget

from clipkw_gui.widgets.gate import Gate


class ComparisonGate(Gate):
    """Offers to compare the images, or to choose an encoder first."""

    wanted = Signal()
    """Compare the images now."""
    encoder_wanted = Signal()
    """Let an encoder be chosen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.button = self.add_button(self.tr("Compare images"), "compareImages")
        self.button.clicked.connect(self.wanted)
        self.encoder = self.add_button(self.tr("Choose encoder…"), "chooseEncoder")
        self.encoder.clicked.connect(self.encoder_wanted)
        self.show_missing("")

    def show_missing(self, text: str) -> None:
        """Images cannot be compared, or it is not known yet."""
        self._show(self.tr("Duplicates"), text, None)

    def show_no_encoder(self, text: str) -> None:
        """Images cannot be compared as there is no encoder."""
        self._show(self.tr("Duplicates"), text, self.encoder)

    def show_offer(self, text: str) -> None:
        """Images can be compared."""
        self._show(self.tr("Find duplicates"), text, self.button)

    def _show(self, title: str, text: str, button: QPushButton | None) -> None:
        self.show_failure("")
        self.show_text(title, text, button)
