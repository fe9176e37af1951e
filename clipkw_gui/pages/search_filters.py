"""The left side of the Search page: the filters of the Label page, and what the model thinks."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSpinBox, QVBoxLayout, QWidget

from clipkw_gui.actions.browse import ArchiveCounts
from clipkw_gui.delegates.count import CountDelegate
from clipkw_gui.models.keywords import KeywordIndex
from clipkw_gui.pages.label_filters import FilterPanel
from clipkw_gui.widgets.disclosure import Disclosure
from clipkw_gui.widgets.keyword_entry import KeywordEntry
from core.types import ConfidenceRange, Keyword

PART = "confidence"
USUAL_LOW = 0.5
"""How sure the model has to be of a keyword until a person says otherwise."""


class SearchFilterPanel(FilterPanel):
    """Besides the filter over the archive, a range of confidences of the model in use."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._confidence: ConfidenceRange | None = None
        self.suggested = KeywordEntry(CountDelegate(self), self.tr("Any keyword, NO or EN"))
        self.suggested.may_create = False
        self.low = self._percent(0, self.tr("Lowest confidence"))
        self.high = self._percent(100, self.tr("Highest confidence"))
        self.model_part = Disclosure(self.tr("Suggested by the model"), self._model_fields())
        self.model_part.title.setToolTip(
            self.tr("Only images of which the model in use is so sure")
        )
        self.column.addWidget(self.model_part)
        self.suggested.entered.connect(self._keyword_entered)
        self.suggested.left.connect(self.left)
        self.low.valueChanged.connect(self._low_changed)
        self.high.valueChanged.connect(self._high_changed)

    def _model_fields(self) -> QWidget:
        row = QHBoxLayout()
        row.setContentsMargins(6, 0, 0, 0)
        row.setSpacing(4)
        for widget in (QLabel(self.tr("from")), self.low, QLabel(self.tr("to")), self.high):
            row.addWidget(widget)
        row.addStretch(1)
        fields = QWidget()
        column = QVBoxLayout(fields)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.suggested)
        column.addLayout(row)
        return fields

    @property
    def confidence(self) -> ConfidenceRange | None:
        """How sure the model has to be; None: it is not asked."""
        return self._confidence

    def set_confidence(self, confidence: ConfidenceRange | None) -> None:
        """Ask for other confidences, and say so if they differ."""
        if confidence == self._confidence:
            return
        self._confidence = confidence
        shown = confidence or ConfidenceRange()
        for box, value in ((self.low, shown.low), (self.high, shown.high)):
            blocked = box.blockSignals(True)
            box.setValue(round(100 * value))
            box.blockSignals(blocked)
        self.changed.emit(self.query)

    def remove_part(self, part: str) -> None:
        """Take one part away, the confidence too."""
        if part == PART:
            self.set_confidence(None)
        else:
            super().remove_part(part)

    def parts(self) -> dict[str, str]:
        """The filter in words, part by part."""
        parts = super().parts()
        wanted = self._confidence
        if wanted is not None:
            known = None if wanted.keyword is None else self.keywords.find(wanted.keyword)
            name = self.tr("Model") if known is None else self.tr("Model: {name}")
            low, high = round(100 * wanted.low), round(100 * wanted.high)
            shares = f"{low}–{high}\u00a0%" if high < 100 else f"≥ {low}\u00a0%"
            parts[PART] = f"{name.format(name=known.no if known else '')} {shares}"
        return parts

    def set_counts(self, counts: ArchiveCounts) -> None:
        """Show how many images each choice holds."""
        super().set_counts(counts)
        self.suggested.set_finder(KeywordIndex(counts.keywords, counts.synonyms))

    def _percent(self, value: int, name: str) -> QSpinBox:
        box = QSpinBox(minimum=0, maximum=100, singleStep=5, value=value, suffix="\u00a0%")
        box.setKeyboardTracking(False)
        box.setProperty("narrow", True)
        box.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        box.setToolTip(name)
        box.setAccessibleName(name)
        return box

    def _keyword_entered(self, keyword: Keyword) -> None:
        wanted = self._confidence or ConfidenceRange(low=USUAL_LOW)
        self.set_confidence(replace(wanted, keyword=keyword.id))

    def _low_changed(self, value: int) -> None:
        wanted = self._confidence or ConfidenceRange()
        low = value / 100
        self._take(replace(wanted, low=low, high=max(low, wanted.high)))

    def _high_changed(self, value: int) -> None:
        wanted = self._confidence or ConfidenceRange()
        high = value / 100
        self._take(replace(wanted, low=min(high, wanted.low), high=high))

    def _take(self, wanted: ConfidenceRange) -> None:
        """Everything from 0 to 1 is no filter."""
        self.set_confidence(None if wanted == ConfidenceRange() else wanted)
