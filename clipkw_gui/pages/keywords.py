"""The Keywords page: names in both languages, what they are worth, and which are one."""

from __future__ import annotations

from enum import IntEnum

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QAction, QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QMenu,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from clipkw_gui.actions import keywords
from clipkw_gui.actions.encode import cancel_job
from clipkw_gui.actions.keywords import NameEffects, NameScores
from clipkw_gui.context import AppContext
from clipkw_gui.models.vocabulary import SEPARATOR, Column
from clipkw_gui.navigation import RankedImages
from clipkw_gui.pages.keyword_dialogs import MergeDialog
from clipkw_gui.pages.keyword_files import KeywordFiles
from clipkw_gui.pages.keyword_keys import KeywordKeys
from clipkw_gui.pages.keyword_panel import KeywordPanel
from clipkw_gui.pages.keyword_table import KeywordTable
from clipkw_gui.pages.keyword_translation import KeywordTranslation
from clipkw_gui.pages.near_panel import NearPanel
from clipkw_gui.widgets.formats import count_text
from clipkw_gui.widgets.job_line import JobLine
from clipkw_gui.widgets.labels import line, text_label
from clipkw_gui.widgets.segments import Segments
from clipkw_gui.widgets.splitter_memory import SplitterMemory
from core.errors import ClipkwError
from core.types import (
    Changes,
    ImageId,
    ImageIds,
    Keyword,
    KeywordId,
    KeywordRow,
    KeywordStatus,
    NameScore,
    NearNames,
)

READING_PAUSE_MS = 60


class View(IntEnum):
    """The views of the page, from left to right."""

    TABLE = 0
    SIMILAR = 1


class KeywordsPage(QWidget):
    """Passes messages between the table, the panel of one keyword, and the similar names."""

    message = Signal(str)
    """One quiet line about what happened."""

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._scores: dict[KeywordId, NameScore] = {}
        self._needs_rows = self._needs_pairs = True
        self.keys = KeywordKeys(self)
        self.table = KeywordTable()
        self.panel = KeywordPanel(self.keys.on_keywords())
        self.near = NearPanel()
        self.views = Segments()
        self.job = JobLine()
        self.translation = KeywordTranslation(context, self.job, self)
        self.files = KeywordFiles(context, self)
        self.stack = QStackedWidget()
        self.splitter = QSplitter()
        self.dialog: QDialog | None = None
        self._reading = QTimer(self, singleShot=True, interval=READING_PAUSE_MS)
        self._lay_out()
        self._connect()
        self._session_changed()

    def _lay_out(self) -> None:
        for title in (self.tr("List"), self.tr("Similar names")):
            self.views.add(title)
        head = QHBoxLayout()
        head.setContentsMargins(16, 8, 16, 8)
        head.setSpacing(8)
        head.addWidget(text_label(self.tr("Keywords"), "heading"))
        head.addSpacing(8)
        head.addWidget(self.views)
        head.addStretch(1)
        head.addWidget(self._menu_button(self.tr("Translate"), self.keys.on_translation()))
        head.addWidget(self._score_button())
        head.addWidget(self._menu_button(self.tr("Table"), self.keys.on_table()))
        self.splitter.addWidget(self.table)
        self.splitter.addWidget(self.panel)
        self.splitter.setStretchFactor(0, 1)
        self.splitter.setStretchFactor(1, 0)
        self.splitter.setCollapsible(0, False)
        kept = {"keywords/splitter": self.splitter}
        self._layout_memory = SplitterMemory(self._context.preferences, kept)
        self.stack.addWidget(self.splitter)
        self.stack.addWidget(self.near)
        working = QVBoxLayout()
        working.setContentsMargins(16, 0, 16, 0)
        working.addWidget(self.job)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addLayout(working)
        column.addWidget(line())
        column.addWidget(self.stack, 1)

    def _menu_button(self, text: str, actions: list[QAction]) -> QPushButton:
        button = QPushButton(f"{text}  ▾")
        menu = QMenu(button)
        menu.addActions(actions)
        button.setMenu(menu)
        return button

    def _score_button(self) -> QPushButton:
        button = QPushButton(self.keys.score.text(), objectName="scoreNames")
        button.setToolTip(self.tr("How well each name describes its images, the worst first"))
        button.clicked.connect(self.keys.score.trigger)
        return button

    def _connect(self) -> None:
        self._context.session_changed.connect(self._session_changed)
        self._context.bus.changed.connect(self._on_changed)
        self._reading.timeout.connect(self._read)
        self.views.chosen.connect(self.show_view)
        self.table.chosen.connect(self._show_chosen)
        self.table.model.edited.connect(self.write)
        self.panel.tried.connect(self._measure)
        self.panel.named.connect(self._name_chosen)
        self.panel.images_wanted.connect(self.show_images)
        self.near.merged.connect(self._merge_pair)
        self.near.kept_apart.connect(self._keep_apart)
        self.job.cancelled.connect(self._cancel)
        for part in (self.translation, self.files):
            part.message.connect(self.message)
            part.asks.connect(self._open)
            part.failed.connect(self._failed)
        self.files.written.connect(self._written)
        keys = self.keys
        for action, slot in (
            (keys.edit, self.table.edit),
            (keys.name, self.name_in_english),
            (keys.confirm, self.confirm),
            (keys.merge, self.ask_to_merge),
            (keys.retire, self.retire),
            (keys.restore, self.restore),
            (keys.images, self.show_images),
            (keys.find, self.table.field.setFocus),
            (keys.translate, self.translation.name_in_english),
            (keys.to_norwegian, self.translation.name_in_norwegian),
            (keys.online, self.translation.ask_to_go_online),
            (keys.confirm_all, self.translation.confirm_all),
            (keys.score, self.score),
            (keys.export, self.files.ask_where_to_export),
            (keys.take, self.files.ask_what_to_import),
        ):
            action.triggered.connect(slot)

    def menu_actions(self) -> dict[str, list[QAction]]:
        """The actions by menu: "keywords"."""
        return self.keys.groups()

    # the project ------------------------------------------------------------------------------

    def _session_changed(self) -> None:
        self._scores = {}
        self._needs_rows = self._needs_pairs = True
        self.table.show_rows([])
        self.table.model.set_scores({})
        self.table.show_scores(False)
        self.near.show_pairs([])
        self.job.watch(None)
        self.show_view(View.TABLE)
        if self._context.session is not None and self.isVisible():
            self._read()

    def _on_changed(self, changes: Changes, origin: object) -> None:
        if not (changes.keywords or changes.label_images or changes.choices):
            return
        self._needs_rows = self._needs_pairs = True
        if self.isVisible():
            self._reading.start()

    def _read(self) -> None:
        self._needs_rows = False
        keywords.list_keywords(self._context, self._show_rows, self._failed)
        if self.views.current == View.SIMILAR:
            self._read_pairs()

    def _read_pairs(self) -> None:
        self._needs_pairs = False
        self.near.show_waiting()
        keywords.find_near_names(self._context, self.near.show_pairs, self._failed)

    def _show_rows(self, rows: list[KeywordRow]) -> None:
        if self.table.is_being_edited:
            self._reading.start()
        else:
            self.table.show_rows(rows)

    def show_view(self, number: int) -> None:
        """Show the table, or the similar names."""
        self.views.set_current(number)
        self.stack.setCurrentIndex(number)
        if number == View.SIMILAR and self._needs_pairs and self._context.session is not None:
            self._read_pairs()
        elif number == View.SIMILAR:
            self.near.table.setFocus()

    # the keyword in hand ----------------------------------------------------------------------

    def _show_chosen(self) -> None:
        rows = self.table.rows
        for action in (*self.keys.on_keywords(), self.keys.edit, self.keys.name):
            action.setEnabled(bool(rows))
        retired = [row.keyword.status is KeywordStatus.RETIRED for row in rows]
        self.keys.retire.setEnabled(not all(retired))
        self.keys.restore.setEnabled(any(retired))
        self.keys.confirm.setEnabled(
            any(row.keyword.status is not KeywordStatus.CONFIRMED for row in rows)
        )
        if len(rows) > 1:
            self.panel.show_many(len(rows))
            return
        before = self.panel.row
        self.panel.show_row(rows[0] if rows else None)
        if rows and (before is None or before.keyword != rows[0].keyword):
            keyword = rows[0].keyword
            self._measure(keyword.en or keyword.no)
            keywords.suggest_english(
                self._context, keyword.no, self.panel.show_suggestion, self._failed
            )

    def _measure(self, text: str) -> None:
        if self.panel.row is not None:
            keyword = self.panel.row.keyword
            keywords.measure_name(
                self._context, keyword, text, self._show_effects, self._not_measured
            )

    def _show_effects(self, found: NameEffects) -> None:
        self.panel.show_effects(found)
        row = self.panel.row
        if row is None or found.now.text != (row.keyword.en or row.keyword.no):
            return
        score = self._scores.get(row.keyword.id)
        if score is not None and score.name != found.now.quality:
            self._scores[row.keyword.id] = NameScore(
                row.keyword.id, found.now.text, row.images, found.now.quality, score.model
            )
            self.table.model.set_scores(self._scores)

    def _not_measured(self, error: Exception) -> None:
        if isinstance(error, ClipkwError):
            self.panel.show_problem(str(error))

    def show_images(self) -> None:
        """Go through the images of the keyword on the Label page."""
        for keyword in self.table.keywords[:1]:
            keywords.find_images(self._context, keyword, self._open_images, self._failed)

    def _open_images(self, images: ImageIds) -> None:
        row = self.panel.row
        if row is None or not len(images):
            self.message.emit(self.tr("No image carries it."))
            return
        title = self.tr("Images with “{name}”").format(name=row.keyword.no)
        wanted = RankedImages(title, images, ImageId(int(images[0])))
        self._context.navigation.work_through(wanted)

    # editing ----------------------------------------------------------------------------------

    def name_in_english(self) -> None:
        """Edit the English name beside the table, where it is measured while one types."""
        if self.panel.row is not None:
            self.panel.english.setFocus()
            self.panel.english.selectAll()

    def write(self, keyword: Keyword, column: int, text: str) -> None:
        """Write what was typed into the table."""
        match Column(column):
            case Column.NO:
                keywords.rename(self._context, keyword, text, self._written, self._refused)
            case Column.EN:
                self._name(keyword, text)
            case Column.SYNONYMS:
                names = [name for name in text.split(SEPARATOR) if name.strip()]
                keywords.set_synonyms(self._context, keyword, names, self._written, self._refused)

    def _name_chosen(self, text: str) -> None:
        if self.panel.row is not None:
            self._name(self.panel.row.keyword, text)

    def _name(self, keyword: Keyword, text: str) -> None:
        if keyword.id in {one.id for one in self.table.keywords} and text:
            self._measure(text)
        keywords.name_in_english(self._context, keyword, text, self._written, self._refused)

    def confirm(self) -> None:
        """Mark the chosen keywords as right."""
        self._set_status(KeywordStatus.CONFIRMED)

    def retire(self) -> None:
        """Take the chosen keywords out of use."""
        self._set_status(KeywordStatus.RETIRED)

    def restore(self) -> None:
        """Take retired keywords back into use."""
        self._set_status(KeywordStatus.CONFIRMED)

    def _set_status(self, status: KeywordStatus) -> None:
        chosen = [one for one in self.table.keywords if one.status is not status]
        if chosen:
            keywords.set_status(self._context, chosen, status, self._written, self._refused)

    def ask_to_merge(self) -> None:
        """Ask which of the chosen keywords stays."""
        rows = self.table.rows
        if rows:
            dialog = MergeDialog(self._context, rows, self.table.model.finder(), self)
            dialog.chosen.connect(self._merge)
            self._open(dialog)

    def _merge(self, kept: Keyword, merged: list[Keyword]) -> None:
        keywords.merge(self._context, kept, merged, self._written, self._refused)

    def _merge_pair(self, kept: Keyword, merged: Keyword) -> None:
        self._merge(kept, [merged])
        text = self.tr("“{merged}” is “{kept}” now. Ctrl+Z takes it back.")
        self.message.emit(text.format(merged=merged.no, kept=kept.no))

    def _keep_apart(self, near: NearNames) -> None:
        keywords.keep_apart(self._context, near, self._written, self._refused)

    # scores -----------------------------------------------------------------------------------

    def score(self) -> None:
        """Score every name, then show the worst first."""
        if self.job.job is None:
            self.job.watch(keywords.score_names(self._context, self._show_scores, self._failed))

    def _show_scores(self, found: NameScores) -> None:
        self._scores = {score.keyword: score for score in found.scores}
        self.table.model.set_scores(self._scores)
        self.table.show_scores(True)
        self.table.sort_worst_first()
        text = self.tr("{count} names scored, the worst first.")
        self.message.emit(text.format(count=count_text(len(self._scores))))

    # events -----------------------------------------------------------------------------------

    def _open(self, dialog: QDialog) -> None:
        self.dialog = dialog
        dialog.finished.connect(self._dialog_closed)
        dialog.open()

    def _dialog_closed(self) -> None:
        if self.dialog is not None:
            self.dialog.deleteLater()
            self.dialog = None

    def _written(self, changes: Changes) -> None:
        if not changes:
            self._reading.start()

    def _refused(self, error: Exception) -> None:
        self.table.model.forget_typed()
        self._failed(error)

    def _failed(self, error: Exception) -> None:
        if isinstance(error, ClipkwError):
            self._context.runner.failed.emit(error)

    def _cancel(self, job: object) -> None:
        if self.job.job is not None:
            cancel_job(self._context, self.job.job)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._needs_rows and self._context.session is not None:
            self._read()
        self.table.view.setFocus()

    def hideEvent(self, event: QHideEvent) -> None:
        self._layout_memory.save()
        super().hideEvent(event)
