"""How a table is read, each part in a field of its own that can be corrected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QWidget

from clipkw_gui.widgets.labels import text_label
from clipkw_gui.widgets.still_boxes import StillComboBox

DELIMITERS = (",", ";", "\t", "|")
SEPARATORS = (";", ",", "|", "/", "\n", "\t", "")
ENCODINGS = ("utf-8-sig", "utf-8", "utf-16", "cp1252", "latin-1", "cp865", "mac_roman")
IN_A_ROW = 3

Choice = tuple[str, Any]


class LayoutFields(QWidget):
    """One combo box per part; a change by the person is told by name and value."""

    changed = Signal(str, object)
    """(name of the part, the value that was chosen)."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.boxes: dict[str, QComboBox] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(4)
        for place, (name, title) in enumerate(
            (
                ("path_column", self.tr("Path of the image")),
                ("keyword_columns", self.tr("Keywords")),
                ("english_column", self.tr("English names")),
                ("keyword_separator", self.tr("Between keywords")),
                ("delimiter", self.tr("Between columns")),
                ("encoding", self.tr("Encoding")),
            )
        ):
            self._add(name, title, *divmod(place, IN_A_ROW))

    def _add(self, name: str, title: str, line: int, column: int) -> None:
        box = StillComboBox(objectName=name)
        box.setAccessibleName(title)
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        box.setMinimumContentsLength(12)
        box.activated.connect(self._chosen)
        label = text_label(title, "section")
        label.setBuddy(box)
        self._grid.addWidget(label, 2 * line, column)
        self._grid.addWidget(box, 2 * line + 1, column)
        self._grid.setColumnStretch(column, 1)
        self.boxes[name] = box

    def show_layout(self, columns: Sequence[str], layout: Mapping[str, Any]) -> None:
        """Show how a table with these columns is read; a part that is None cannot be chosen."""
        each = [(title, number) for number, title in enumerate(columns)]
        several = layout["keyword_columns"]
        keywords: list[Choice] = [(title, (number,)) for title, number in each]
        if len(several) > 1:
            joined = self.tr("{count} columns from {first}")
            first = columns[several[0]]
            keywords.insert(0, (joined.format(count=len(several), first=first), several))
        self._fill("path_column", each, layout["path_column"])
        self._fill("keyword_columns", keywords, several)
        english: list[Choice] = [(self.tr("none"), None), *each]
        self._fill("english_column", english, layout["english_column"])
        self._fill_signs("keyword_separator", SEPARATORS, layout["keyword_separator"])
        self._fill_signs("delimiter", DELIMITERS, layout["delimiter"])
        encodings = dict.fromkeys((layout["encoding"], *ENCODINGS))
        self._fill("encoding", [(name, name) for name in encodings if name], layout["encoding"])

    def _fill_signs(self, name: str, signs: Sequence[str], chosen: str) -> None:
        every = [*signs, chosen] if chosen and chosen not in signs else signs
        self._fill(name, [(self._sign_name(sign), sign) for sign in every], chosen)

    def _sign_name(self, sign: str) -> str:
        return {
            ",": self.tr("Comma  ,"),
            ";": self.tr("Semicolon  ;"),
            "\t": self.tr("Tab"),
            "|": self.tr("Bar  |"),
            "/": self.tr("Slash  /"),
            "\n": self.tr("New line"),
            "": self.tr("Nothing: one keyword per cell"),
        }.get(sign, sign)

    def _fill(self, name: str, choices: Sequence[Choice], chosen: Any) -> None:
        box = self.boxes[name]
        box.clear()
        for text, value in choices:
            box.addItem(text, [value])
        values = [value for _, value in choices]
        box.setCurrentIndex(values.index(chosen) if chosen in values else -1)

    def set_text_parts_enabled(self, is_text: bool) -> None:
        """Delimiter and encoding mean something for text files only."""
        for name in ("delimiter", "encoding"):
            self.boxes[name].setEnabled(is_text)

    def _chosen(self) -> None:
        box = self.sender()
        if isinstance(box, QComboBox) and box.currentIndex() >= 0:
            (value,) = box.currentData()
            self.changed.emit(box.objectName(), tuple(value) if isinstance(value, list) else value)
