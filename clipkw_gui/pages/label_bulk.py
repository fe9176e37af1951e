"""One keyword for many images: choose, see what would change, do it as one step."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QDialogButtonBox,
    QLabel,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from clipkw_gui.actions import label
from clipkw_gui.actions.label import BulkPreview, Scope, Written
from clipkw_gui.context import AppContext
from clipkw_gui.delegates.count import CountDelegate
from clipkw_gui.models.keywords import KeywordIndex
from clipkw_gui.pages.label_filters import heading
from clipkw_gui.widgets.formats import count_text
from clipkw_gui.widgets.keyword_entry import KeywordEntry
from core.types import ImageId, Keyword, Verdict


class BulkDialog(QDialog):
    """Asks for scope, keyword and verdict, and previews what they would do."""

    confirmed = Signal(object, object, object, str)
    """(Scope, Keyword, Verdict, title of the step)."""

    def __init__(
        self,
        context: AppContext,
        scopes: list[tuple[str, Scope, int]],
        finder: KeywordIndex,
        suggested: Keyword | None,
        parent: QWidget | None = None,
    ) -> None:
        """``scopes``: (text, the images, how many), the first one chosen."""
        super().__init__(parent)
        self.setWindowTitle(self.tr("One keyword for many images"))
        self.setMinimumWidth(460)
        self._context = context
        self._scopes = scopes
        self._keyword: Keyword | None = None
        self.scope_choice = self._choice([text for text, _, _ in scopes])
        self.verdict_choice = self._choice([self.tr("Accept it"), self.tr("Reject it")])
        self.entry = KeywordEntry(CountDelegate(self), self.tr("Keyword, NO or EN"))
        self.entry.may_create = False
        self.entry.set_finder(finder)
        self.chosen = QLabel(self.tr("No keyword chosen yet."))
        self.preview = QLabel(wordWrap=True, alignment=Qt.AlignmentFlag.AlignTop)
        self.preview.setMinimumHeight(self.fontMetrics().height() * 4)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.apply = self.buttons.addButton("", QDialogButtonBox.ButtonRole.AcceptRole)
        self.apply.setProperty("primary", True)
        self._lay_out()
        self.entry.entered.connect(self.choose)
        self.entry.left.connect(self.reject)
        self.scope_choice.idClicked.connect(self._look_ahead)
        self.verdict_choice.idClicked.connect(self._look_ahead)
        self.buttons.rejected.connect(self.reject)
        self.buttons.accepted.connect(self._confirm)
        self._look_ahead()
        if suggested is not None:
            self.choose(suggested)
        self.entry.setFocus()

    def choose(self, keyword: Keyword) -> None:
        """Take a keyword."""
        self._keyword = keyword
        names = f"{keyword.no}  –  {keyword.en}" if keyword.en else keyword.no
        self.chosen.setText(names)
        self._look_ahead()

    @property
    def verdict(self) -> Verdict:
        """What would be said."""
        return Verdict.REJECTED if self.verdict_choice.checkedId() else Verdict.ACCEPTED

    def _choice(self, texts: list[str]) -> QButtonGroup:
        group = QButtonGroup(self)
        for number, text in enumerate(texts):
            group.addButton(QRadioButton(text, checked=number == 0), number)
        return group

    def _lay_out(self) -> None:
        box = QVBoxLayout(self)
        box.setContentsMargins(16, 8, 16, 16)
        for title, group in (
            (self.tr("Images"), self.scope_choice),
            (self.tr("Decision"), self.verdict_choice),
        ):
            box.addWidget(_heading(title))
            for button in group.buttons():
                box.addWidget(button)
        box.addWidget(_heading(self.tr("Keyword")))
        box.addWidget(self.entry)
        box.addWidget(self.chosen)
        box.addWidget(_heading(self.tr("What changes")))
        box.addWidget(self.preview)
        box.addStretch(1)
        box.addWidget(self.buttons)

    def _look_ahead(self) -> None:
        self.apply.setEnabled(False)
        accepts = self.verdict is Verdict.ACCEPTED
        self.apply.setText(self.tr("Accept") if accepts else self.tr("Reject"))
        if self._keyword is None:
            self.preview.setText(self.tr("Choose a keyword to see what would change."))
            return
        self.preview.setText(self.tr("Counting…"))
        scope = self._scopes[self.scope_choice.checkedId()][1]
        label.preview_bulk(
            self._context, scope, self._keyword, self.verdict, self._show, self._failed
        )

    def _show(self, preview: BulkPreview) -> None:
        if self._keyword is None:
            return
        accepts = self.verdict is Verdict.ACCEPTED
        counts = {
            self.tr("new, or confirmed") if accepts else self.tr("new"): preview.newly,
            self.tr("said already, kept as it is"): preview.already,
            self.tr("rejected or unsure until now, overridden")
            if accepts
            else self.tr("present or unsure until now, overridden"): preview.overrides,
        }
        lines = [f"{count_text(count)}  {text}" for text, count in counts.items()]
        self.preview.setText("\n".join([*lines, self.tr("One undo takes all of it back.")]))
        changed = preview.newly + preview.overrides
        verb = self.tr("Accept ({n})") if accepts else self.tr("Reject ({n})")
        self.apply.setText(verb.format(n=count_text(changed)))
        self.apply.setEnabled(changed > 0)

    def _failed(self, error: Exception) -> None:
        self.preview.setText(str(error))

    def _confirm(self) -> None:
        if self._keyword is None:
            return
        _, scope, count = self._scopes[self.scope_choice.checkedId()]
        accepts = self.verdict is Verdict.ACCEPTED
        text = self.tr("Accept “{name}” ({n})") if accepts else self.tr("Reject “{name}” ({n})")
        title = text.format(name=self._keyword.no, n=count_text(count))
        self.confirmed.emit(scope, self._keyword, self.verdict, title)
        self.accept()


def _heading(text: str) -> QLabel:
    """In line with the fields of the dialog."""
    title = heading(text)
    title.setContentsMargins(0, 8, 0, 2)
    return title


class BulkDecisions(QObject):
    """Opens the dialog and does what was confirmed."""

    said = Signal(str)
    failed = Signal(object)

    def __init__(self, context: AppContext, page: QWidget) -> None:
        super().__init__(page)
        self._context = context
        self._page = page

    def ask(
        self,
        chosen: Sequence[ImageId],
        matching: Scope,
        count: int,
        finder: KeywordIndex,
        suggested: Keyword | None,
    ) -> None:
        """Ask about the ``chosen`` images, or about all ``count`` that are ``matching``."""
        every = self.tr("All that match the filter ({n})").format(n=count_text(count))
        scopes: list[tuple[str, Scope, int]] = [(every, matching, count)]
        if chosen:
            text = self.tr("The selection ({n})").format(n=count_text(len(chosen)))
            scopes.insert(0, (text, chosen, len(chosen)))
        dialog = BulkDialog(self._context, scopes, finder, suggested, self._page)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.confirmed.connect(self._decide)
        dialog.open()

    def _decide(self, scope: Scope, keyword: Keyword, verdict: Verdict, title: str) -> None:
        label.decide_bulk(
            self._context, scope, keyword, verdict, title, self, self._done, self.failed.emit
        )

    def _done(self, written: Written) -> None:
        count = len(written.changes.label_images)
        text = self.tr("Images changed: {n}. Ctrl+Z takes it back.").format(n=count_text(count))
        self.said.emit(text)
