"""Two names of one keyword side by side: what each does on its images and elsewhere."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from clipkw_gui.widgets.labels import set_role, text_label

FIGURES = 4
_LEAST = 0.005
"""A smaller difference is called none."""


class NameComparison(QWidget):
    """A column for the present name and one for the other; the better figure is marked."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(14)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(0, 1)
        explained = (
            (self.tr("On its images"), self.tr("Mean confidence of the name on its images")),
            (self.tr("On the others"), self.tr("Mean confidence on all other labeled images")),
            (self.tr("AUC"), self.tr("How well the name tells them apart: 0.5 is a coin")),
            (self.tr("F2"), self.tr("At the threshold that is best for this name")),
        )
        self.titles = (text_label("", "section"), text_label("", "section"))
        for place, title in enumerate(self.titles):
            self._grid.addWidget(title, 0, place + 1, Qt.AlignmentFlag.AlignRight)
        self.cells: list[tuple[QLabel, QLabel]] = []
        for row, (name, about) in enumerate(explained, 1):
            label = text_label(name, "secondary")
            label.setToolTip(about)
            self._grid.addWidget(label, row, 0)
            pair = (text_label(), text_label())
            for place, cell in enumerate(pair):
                self._grid.addWidget(cell, row, place + 1, Qt.AlignmentFlag.AlignRight)
            self.cells.append(pair)

    def show_one(self, title: str, texts: tuple[str, ...]) -> None:
        """Only the present name."""
        self.show_two((title, ""), tuple((text, "") for text in texts), (0.0,) * FIGURES)

    def show_two(
        self,
        titles: tuple[str, str],
        texts: tuple[tuple[str, str], ...],
        gains: tuple[float, ...],
    ) -> None:
        """``gains``: how much better the other name is in each row; below 0 it is worse."""
        for label, title in zip(self.titles, titles, strict=True):
            label.setText(title)
        for pair, both, gain in zip(self.cells, texts, gains, strict=True):
            for cell, text in zip(pair, both, strict=True):
                cell.setText(text)
            better = "good" if gain >= _LEAST else "problem" if gain <= -_LEAST else ""
            set_role(pair[1], better)
