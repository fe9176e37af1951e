"""Correct many doubted labels at once: choose how sure is sure enough, look at them, do it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QRadioButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from clipkw_gui.actions.review import Ranking
from clipkw_gui.delegates.doubt import DoubtDelegate
from clipkw_gui.models.doubts import DoubtModel
from clipkw_gui.models.thumbnails import ThumbnailStore
from clipkw_gui.widgets.formats import count_text
from clipkw_gui.widgets.labels import text_label
from clipkw_gui.widgets.thumbnail_view import ThumbnailView
from core.types import Keyword, KeywordId, ReviewKind

CELL = QSize(132, 122)
SURE = 95
NAMED = 6
"""So many keywords are told apart in the preview."""


class FixManyDialog(QDialog):
    """Previews which labels would be corrected, the least certain first."""

    confirmed = Signal(object, str)
    """(list of Doubt, title of the step)."""

    def __init__(
        self,
        ranking: Ranking,
        kind: ReviewKind,
        open_places: NDArray[np.int64],
        selected: NDArray[np.int64],
        keywords: Mapping[KeywordId, Keyword],
        thumbnails: ThumbnailStore,
        parent: QWidget | None = None,
    ) -> None:
        """``open_places`` (n,) of the queue have no answer; ``selected`` (k,) are among them."""
        super().__init__(parent)
        adds = kind is ReviewKind.MISSING
        self.setWindowTitle(self.tr("Add many") if adds else self.tr("Remove many"))
        self._adds = adds
        self._ranking = ranking
        self._open = open_places
        self._selected = selected
        self._keywords = keywords
        self.model = DoubtModel(thumbnails, self)
        self.model.set_ranking(ranking, keywords, {})
        self.grid = ThumbnailView(CELL, grid=True)
        self.grid.setModel(self.model)
        self.grid.setItemDelegate(DoubtDelegate(self))
        self.grid.setAccessibleName(self.tr("What would change, the least certain first"))
        self.scope = QButtonGroup(self)
        self.by_score = QRadioButton(self.tr("All that are errors with a probability of at least"))
        text = self.tr("The selection ({n})").format(n=count_text(len(selected)))
        self.by_selection = QRadioButton(text, visible=len(selected) > 0)
        self.scope.addButton(self.by_score)
        self.scope.addButton(self.by_selection)
        (self.by_selection if len(selected) else self.by_score).setChecked(True)
        self.sure = QSpinBox(minimum=50, maximum=100, value=SURE, suffix=" %")
        self.sure.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.sure.setAccessibleName(self.by_score.text())
        self.summary = text_label("", "heading", wrap=True)
        self.details = text_label("", "secondary", wrap=True)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.apply = self.buttons.addButton("", QDialogButtonBox.ButtonRole.AcceptRole)
        self.apply.setProperty("primary", True)
        self._lay_out()
        self.scope.buttonClicked.connect(self._preview)
        self.sure.valueChanged.connect(self._score_chosen)
        self.buttons.rejected.connect(self.reject)
        self.buttons.accepted.connect(self._confirm)
        self._preview()

    def _lay_out(self) -> None:
        self.resize(760, 620)
        score = QHBoxLayout()
        score.addWidget(self.by_score)
        score.addWidget(self.sure)
        score.addStretch(1)
        box = QVBoxLayout(self)
        box.setContentsMargins(16, 16, 16, 16)
        box.setSpacing(10)
        box.addWidget(self.by_selection)
        box.addLayout(score)
        box.addWidget(self.summary)
        box.addWidget(self.details)
        box.addWidget(self.grid, 1)
        box.addWidget(self.buttons)

    def _score_chosen(self) -> None:
        self.by_score.setChecked(True)
        self._preview()

    def _places(self) -> NDArray[np.int64]:
        if self.by_selection.isChecked():
            return self._selected
        return self._open[self._ranking.scores[self._open] >= self.sure.value() / 100]

    def _preview(self) -> None:
        places = self._places()
        self.model.set_places(places[::-1])
        count = count_text(len(places))
        texts = self.tr("{n} keywords are added"), self.tr("{n} keywords are removed")
        self.summary.setText(texts[0 if self._adds else 1].format(n=count))
        self.details.setText(self._detail(places))
        verbs = self.tr("Add ({n})"), self.tr("Remove ({n})")
        self.apply.setText(verbs[0 if self._adds else 1].format(n=count))
        self.apply.setEnabled(len(places) > 0)

    def _detail(self, places: NDArray[np.int64]) -> str:
        if not len(places):
            return self.tr("No open label of this queue is that doubtful.")
        columns = Counter(self._ranking.columns[places].tolist()).most_common()
        names = [
            f"{self._keywords[KeywordId(int(self._ranking.keywords[column]))].no} ({count})"
            for column, count in columns[:NAMED]
        ]
        if len(columns) > NAMED:
            names.append(self.tr("{n} more").format(n=count_text(len(columns) - NAMED)))
        expected = count_text(round(float((1 - self._ranking.scores[places]).sum())))
        mistakes = self.tr("Expected mistakes among them: about {n}.")
        undo = self.tr("The least certain come first; look at them. One undo takes all of it back.")
        return f"{', '.join(names)}\n{mistakes.format(n=expected)} {undo}"

    def _confirm(self) -> None:
        places = self._places()
        doubts = [self._ranking.doubt(int(place)) for place in places]
        texts = self.tr("Add {n} keywords"), self.tr("Remove {n} keywords")
        title = texts[0 if self._adds else 1].format(n=count_text(len(doubts)))
        self.confirmed.emit(doubts, title)
        self.accept()
