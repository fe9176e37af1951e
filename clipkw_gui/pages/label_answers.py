"""The right side of the Label page: suggestions, the keyword entry, what the image carries."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSplitter, QVBoxLayout, QWidget

from clipkw_gui.delegates.count import CountDelegate
from clipkw_gui.delegates.label import LabelDelegate
from clipkw_gui.delegates.suggestion import SuggestionDelegate
from clipkw_gui.models.keywords import KeywordIndex
from clipkw_gui.models.labels import LabelModel
from clipkw_gui.models.suggestions import SuggestionModel
from clipkw_gui.pages.label_filters import heading
from clipkw_gui.pages.label_sheets import KnownImage
from clipkw_gui.widgets.keyword_entry import KeywordEntry
from clipkw_gui.widgets.label_list import LabelList
from clipkw_gui.widgets.quiet_label import QuietLabel
from clipkw_gui.widgets.suggestion_list import SuggestionList
from core.types import ImageSuggestions, Keyword, KeywordId, Suggestion


class AnswerPanel(QWidget):
    """Shows what is known about one image; the desk decides."""

    in_hand = Signal(object)
    """The Keyword whose references are lit, or None."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keywords: Mapping[KeywordId, Keyword] = {}
        self._shown: ImageSuggestions | None = None
        self.suggestions = SuggestionModel(self)
        self.labels = LabelModel(self)
        self.list = SuggestionList()
        self.list.setModel(self.suggestions)
        self.list.setItemDelegate(SuggestionDelegate(self))
        self.entry = KeywordEntry(CountDelegate(self), self.tr("Add a keyword, NO or EN  (K)"))
        self.label_list = LabelList()
        self.label_list.setModel(self.labels)
        self.label_list.setItemDelegate(LabelDelegate(self))
        self.hint = QLabel(wordWrap=True, visible=False)
        self.hint.setProperty("role", "secondary")
        self.hint.setContentsMargins(10, 6, 10, 6)
        self.unsure_hint = QuietLabel()
        self._lay_out()
        self.list.pointed.connect(self._pointed)

    def _lay_out(self) -> None:
        above, below = QWidget(), QWidget()
        top = QVBoxLayout(above)
        top.setContentsMargins(0, 0, 0, 0)
        top.setSpacing(2)
        title = heading(self.tr("Suggestions"))
        title.setContentsMargins(10, 8, 6, 2)
        top.addWidget(title)
        top.addWidget(self.hint)
        top.addWidget(self.list, 1)
        foot = QHBoxLayout()
        foot.setContentsMargins(10, 0, 10, 0)
        foot.addWidget(self.unsure_hint)
        top.addLayout(foot)
        bottom = QVBoxLayout(below)
        bottom.setContentsMargins(4, 2, 6, 0)
        bottom.setSpacing(2)
        bottom.addWidget(self.entry)
        bottom.addWidget(heading(self.tr("Keywords of this image")))
        bottom.addWidget(self.label_list, 1)
        self.splitter = QSplitter(Qt.Orientation.Vertical, childrenCollapsible=False)
        self.splitter.addWidget(above)
        self.splitter.addWidget(below)
        self.splitter.setStretchFactor(0, 1)
        self.splitter.setSizes([520, 140])
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.splitter)

    # what is shown ----------------------------------------------------------------------------

    def set_keywords(self, keywords: Mapping[KeywordId, Keyword], finder: KeywordIndex) -> None:
        """All keywords, for names and for completion."""
        self._keywords = keywords
        self.entry.set_finder(finder)

    def show_sheet(self, known: KnownImage | None) -> None:
        """Show another image, or other suggestions for it."""
        suggestions = known.suggestions if known else None
        verdicts = known.verdicts() if known else {}
        if suggestions is None or suggestions != self._shown:
            self._shown = suggestions
            self.suggestions.set_suggestions(suggestions, verdicts)
            self.list.forget()
        self.show_labels(known)

    def show_labels(self, known: KnownImage | None) -> None:
        """Show what is said about the image now."""
        self.suggestions.set_verdicts(known.verdicts() if known else {})
        labels = known.labels.values() if known else ()
        rows = [
            (self._keywords[one.keyword], one) for one in labels if one.keyword in self._keywords
        ]
        self.labels.set_labels(rows)
        self._show_target()

    def set_hint(self, text: str) -> None:
        """Say why there are no suggestions; "" when there are."""
        if text != self.hint.text():
            self.hint.setText(text)
            self.hint.setVisible(bool(text))

    # the keyword in hand ----------------------------------------------------------------------

    def target(self) -> Suggestion | None:
        """What U is about: under the pointer, else focused, else the first without an answer."""
        return self.list.pointed_at() or self.suggestions.first_open()

    def _pointed(self, suggestion: Suggestion | None) -> None:
        self.suggestions.set_in_hand(suggestion.keyword.id if suggestion else None)
        self._show_target()
        self.in_hand.emit(suggestion.keyword if suggestion else None)

    def _show_target(self) -> None:
        target = self.target()
        text = self.tr("U: unsure about “{name}”").format(name=target.keyword.no) if target else ""
        self.unsure_hint.set_text(text)
