"""The keyword in hand: its names, how well they describe its images, and what can be done."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from clipkw_gui.actions.keywords import NameEffects
from clipkw_gui.pages.keyword_texts import images_text, percent_text, score_text
from clipkw_gui.widgets.action_button import ActionButton
from clipkw_gui.widgets.labels import text_label
from clipkw_gui.widgets.name_comparison import NameComparison
from clipkw_gui.widgets.text_field import TextField
from core.types import KeywordRow, KeywordStatus, NameEffect

TYPING_PAUSE_MS = 250
"""So long nobody types before a name is tried."""
WIDTH = 300


class KeywordPanel(QWidget):
    """Shows one keyword, or how many are chosen; asks the page to write."""

    tried = Signal(str)
    """A name to try, in English or, where there is none, Norwegian."""
    named = Signal(str)
    """The English name the keyword is to have."""
    images_wanted = Signal()

    def __init__(self, actions: Sequence[QAction], parent: QWidget | None = None) -> None:
        """``actions`` get a button each."""
        super().__init__(parent)
        self.row: KeywordRow | None = None
        self.setMinimumWidth(WIDTH)
        self.title = text_label("", "heading", wrap=True)
        self.about = text_label("", "secondary", wrap=True)
        self.english = TextField(placeholderText=self.tr("No English name yet"))
        self.english.setAccessibleName(self.tr("English name"))
        self.suggestion = QLabel(wordWrap=True)
        self.suggestion.setTextFormat(Qt.TextFormat.RichText)
        self.comparison = NameComparison()
        self.note = text_label("", "secondary", wrap=True)
        self.save = QPushButton(self.tr("Use this name"), objectName="useName")
        self.save.setProperty("primary", True)
        self.images = QPushButton(self.tr("Show its images"), objectName="showImages")
        self.buttons = [ActionButton(action) for action in actions]
        self._body = QWidget()
        self._lay_out()
        self._typing = QTimer(self, singleShot=True, interval=TYPING_PAUSE_MS)
        self._typing.timeout.connect(self._try)
        self.english.textEdited.connect(self._typed)
        self.english.returnPressed.connect(self._save)
        self.english.left.connect(self._take_back)
        self.save.clicked.connect(self._save)
        self.suggestion.linkActivated.connect(self._take_suggestion)
        self.images.clicked.connect(self.images_wanted)
        self.show_row(None)

    def _lay_out(self) -> None:
        body = QVBoxLayout(self._body)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(8)
        body.addWidget(text_label(self.tr("English name"), "section"))
        body.addWidget(self.english)
        body.addWidget(self.suggestion)
        body.addWidget(self.save)
        body.addSpacing(10)
        body.addWidget(text_label(self.tr("What the name does"), "section"))
        body.addWidget(self.comparison)
        body.addWidget(self.note)
        body.addSpacing(10)
        body.addWidget(self.images)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 16, 18, 16)
        column.setSpacing(6)
        column.addWidget(self.title)
        column.addWidget(self.about)
        column.addSpacing(10)
        column.addWidget(self._body)
        column.addStretch(1)
        for start in range(0, len(self.buttons), 2):
            row = QHBoxLayout()
            row.setSpacing(8)
            for button in self.buttons[start : start + 2]:
                row.addWidget(button, 1)
            column.addLayout(row)

    # what is shown ----------------------------------------------------------------------------

    def show_row(self, row: KeywordRow | None) -> None:
        """Show a keyword; None: none is in hand."""
        is_other = row is None or self.row is None or row.keyword.id != self.row.keyword.id
        self.row = row
        self._body.setVisible(row is not None)
        if row is None:
            self.title.setText(self.tr("No keyword chosen"))
            self.about.setText(self.tr("Choose one to see what its name does."))
            return
        keyword = row.keyword
        self.title.setText(keyword.no)
        parts = [images_text(row.images), self._status(keyword.status)]
        if row.synonyms:
            parts.append(self.tr("also {names}").format(names=", ".join(row.synonyms)))
        self.about.setText("  ·  ".join(parts))
        if is_other or not self.english.hasFocus():
            self._typing.stop()
            self.english.setText(keyword.en or "")
        if is_other:
            self.suggestion.hide()
            self.show_waiting()
        self._show_save()

    def show_many(self, count: int) -> None:
        """Show that several are chosen."""
        self.row = None
        self._body.hide()
        self.title.setText(self.tr("{count} keywords chosen").format(count=count))
        self.about.setText(self.tr("Merge makes them one; the others are done for all of them."))

    def show_suggestion(self, english: str) -> None:
        """What the glossary says, if it is another name."""
        is_new = bool(english) and english != self.english.text().strip()
        self.suggestion.setVisible(is_new)
        link = f"<a href='#'>{_escaped(english)}</a>"
        self.suggestion.setText(self.tr("The glossary says: {name}").format(name=link))
        self.suggestion.setProperty("name", english)

    def show_waiting(self) -> None:
        """Figures are on their way."""
        self.comparison.show_one(self.tr("now"), ("…",) * 4)
        self.note.hide()

    def show_effects(self, found: NameEffects) -> None:
        """What the present name does, and the one that is typed."""
        now, then = _figures(found.now), _figures(found.then)
        if found.now.text == found.then.text:
            self.comparison.show_one(self.tr("now"), now)
        else:
            gains = (
                found.then.on_images - found.now.on_images,
                found.now.elsewhere - found.then.elsewhere,
                found.then.quality.auc - found.now.quality.auc,
                found.then.quality.f2 - found.now.quality.f2,
            )
            titles = (self.tr("now"), self.tr("new"))
            self.comparison.show_two(titles, tuple(zip(now, then, strict=True)), gains)
        few = found.now.images == 0
        self.note.setVisible(few)
        if few:
            self.note.setText(self.tr("None of its images has a vector yet."))

    def show_problem(self, text: str) -> None:
        """Why there are no figures."""
        self.comparison.show_one("", ("–",) * 4)
        self.note.setText(text)
        self.note.show()

    # what is typed ----------------------------------------------------------------------------

    def _typed(self) -> None:
        self._show_save()
        self._typing.start()

    def _try(self) -> None:
        if self.row is not None:
            self.tried.emit(" ".join(self.english.text().split()) or self.row.keyword.no)

    def _save(self) -> None:
        text = " ".join(self.english.text().split())
        if self.row is not None and text != (self.row.keyword.en or ""):
            self.named.emit(text)

    def _take_back(self) -> None:
        if self.row is not None:
            self.english.setText(self.row.keyword.en or "")
            self._typed()

    def _take_suggestion(self) -> None:
        self.english.setText(str(self.suggestion.property("name")))
        self.suggestion.hide()
        self.english.setFocus()
        self._typed()

    def _show_save(self) -> None:
        text = " ".join(self.english.text().split())
        self.save.setEnabled(self.row is not None and text != (self.row.keyword.en or ""))

    def _status(self, status: KeywordStatus) -> str:
        return {
            KeywordStatus.IMPORTED: self.tr("imported"),
            KeywordStatus.MACHINE: self.tr("English name by machine"),
            KeywordStatus.CONFIRMED: self.tr("confirmed"),
            KeywordStatus.RETIRED: self.tr("retired"),
        }[status]


def _figures(effect: NameEffect) -> tuple[str, ...]:
    return (
        percent_text(effect.on_images),
        percent_text(effect.elsewhere),
        score_text(effect.quality.auc),
        score_text(effect.quality.f2),
    )


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")
