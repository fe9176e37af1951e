"""The Duplicates page: questions about pairs, the groups that follow, and the preparation."""

from __future__ import annotations

from enum import IntEnum

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QAction, QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from clipkw_gui.actions import duplicates
from clipkw_gui.actions.duplicates import Comparable, Comparison, GroupSheet, PairSheet
from clipkw_gui.actions.encode import cancel_job
from clipkw_gui.context import AppContext
from clipkw_gui.jobs.runner import Job
from clipkw_gui.models.thumbnails import ThumbnailStore
from clipkw_gui.pages.comparison_gate import ComparisonGate
from clipkw_gui.pages.group_panel import GroupPanel
from clipkw_gui.pages.pair_desk import PairDesk
from clipkw_gui.pages.pair_keys import PairKeys
from clipkw_gui.pages.pair_panel import PairPanel
from clipkw_gui.pages.pair_show import PairShow
from clipkw_gui.pages.pair_texts import (
    about_comparison,
    effect_text,
    why_no_groups,
    why_no_pair,
    why_nothing_to_compare,
)
from clipkw_gui.pages.preparation_desk import PreparationDesk
from clipkw_gui.pages.preparation_panel import PreparationPanel
from clipkw_gui.widgets.formats import count_text
from clipkw_gui.widgets.item_menu import ItemMenu
from clipkw_gui.widgets.labels import line, text_label
from clipkw_gui.widgets.segments import Segments
from clipkw_gui.widgets.splitter_memory import SplitterMemory
from core.errors import ClipkwError
from core.types import Changes, Image, ImagePair

GROUPS_PAUSE_MS = 1200
"""Groups of a large archive take a moment: they wait for a pause in answering."""
LOOK_PAUSE_MS = 800


class View(IntEnum):
    """The views of the page, from left to right."""

    PAIRS = 0
    GROUPS = 1
    PREPARE = 2


class DuplicatesPage(QWidget):
    """Passes messages between the parts; the desk holds the state of the questions."""

    message = Signal(str)
    """One quiet line about what happened."""

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._found: Comparable | None = None
        self._needs_look = self._needs_groups = True
        self._is_outdated = False
        """Whether other images have a keyword than were compared."""
        self._is_shallow = False
        """Whether less similar pairs matter than were kept."""
        self.thumbnails = ThumbnailStore(self)
        self.gate = ComparisonGate()
        self.pairs = PairPanel(self.thumbnails)
        self.groups = GroupPanel(self.thumbnails)
        self.preparation = PreparationPanel()
        self.views = Segments()
        self.note = QLabel(visible=False)
        self.stack = QStackedWidget()
        self.desk = PairDesk(context, self)
        self._pictures = PairShow(context, self.desk, self.pairs.viewer, self.thumbnails, self)
        self._preparing = PreparationDesk(context, self.preparation)
        self.keys = PairKeys(self)
        for view in (*self.pairs.viewer.viewers, self.groups.pictures):
            ItemMenu(view, [self.keys.similar])
        self._grouping = QTimer(self, singleShot=True, interval=GROUPS_PAUSE_MS)
        self._looking = QTimer(self, singleShot=True, interval=LOOK_PAUSE_MS)
        self._focusing = QTimer(self, singleShot=True, interval=0)
        self._lay_out()
        self._connect()
        kept = {
            "duplicates/pairs": self.pairs.splitter,
            "duplicates/groups": self.groups.splitter,
        }
        self._layout_memory = SplitterMemory(context.preferences, kept)
        self._session_changed()

    def _lay_out(self) -> None:
        for title in (self.tr("Pairs"), self.tr("Groups"), self.tr("Prepare")):
            self.views.add(title)
        head = QHBoxLayout()
        head.setContentsMargins(16, 8, 16, 8)
        head.setSpacing(16)
        head.addWidget(text_label(self.tr("Duplicates"), "heading"))
        head.addWidget(self.views)
        head.addStretch(1)
        head.addWidget(self.note)
        for part in (self.gate, self.pairs, self.groups, self.preparation):
            self.stack.addWidget(part)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(line())
        column.addWidget(self.stack, 1)
        self.pairs.name_keys(self.keys.duplicates, self.keys.different, self.keys.skip)
        key = self.keys.different.shortcut().toString()
        self.groups.name_key(self.tr("Not a duplicate"), key)

    def _connect(self) -> None:
        self._context.session_changed.connect(self._session_changed)
        self._context.bus.changed.connect(self._on_changed)
        self._grouping.timeout.connect(self._read_groups)
        self._looking.timeout.connect(self._look)
        self._focusing.timeout.connect(self._focus)
        self.views.chosen.connect(self.show_view)
        self.note.linkActivated.connect(self.compare)
        self.gate.wanted.connect(self.compare)
        self.gate.encoder_wanted.connect(self._context.navigation.encoder_wanted)
        self.desk.pair_shown.connect(self._show_pair)
        self.desk.sheet_shown.connect(self._show_sheet)
        self.desk.said.connect(self.message)
        self.pairs.answered.connect(self.say)
        self.pairs.skipped.connect(self.skip)
        self.pairs.chosen.connect(self.desk.open_pair)
        self.groups.rejected.connect(self._reject)
        self.groups.compared.connect(self._compare_pair)
        self.preparation.probability_chosen.connect(self._regroup)
        self._preparing.message.connect(self.message)
        for failing in (self.desk.failed, self._pictures.failed, self._preparing.failed):
            failing.connect(self._failed)
        for job in (self.gate.job, self.preparation.job):
            job.cancelled.connect(self._cancel)
            job.ended.connect(self._job_ended)

    def menu_actions(self) -> dict[str, list[QAction]]:
        """The actions by menu: "duplicates", "view"."""
        return self.keys.groups()

    # the project ------------------------------------------------------------------------------

    def _session_changed(self) -> None:
        self._found = None
        self._needs_look = self._needs_groups = True
        self.desk.forget()
        self._pictures.forget()
        self._is_outdated = self._is_shallow = False
        self._show_note()
        self.pairs.show_effect("")
        self.groups.show_sheet(GroupSheet([], {}, None, 0), "", "")
        self.gate.job.watch(None)
        self._preparing.forget()
        self._show_gate()
        self.show_view(View.PAIRS)
        if self._context.session is not None and self.isVisible():
            self._look()

    def _look(self) -> None:
        """Find out what can be compared, and what was."""
        self._needs_look = False
        duplicates.find_comparison(self._context, self._take_found, self._failed)
        self._preparing.read()

    def _take_found(self, found: Comparable) -> None:
        self._found = found
        duplicates.get_ready(self._context, self._failed)
        if found.comparison is not None:
            self._open(found.comparison)
        elif self.desk.comparison is None or not found.images:
            self.desk.comparison = None
            self._show_gate()
        else:
            self._is_outdated = True
            self._show_note()
        self.show_view(self.views.current)

    def _open(self, comparison: Comparison) -> None:
        self._is_outdated = self._is_shallow = False
        self._show_note()
        self.desk.open(comparison)
        self._regroup()

    def _show_note(self) -> None:
        """Offer to compare again when the comparison does not hold for what is asked now."""
        text = ""
        if self._is_outdated and self._found is not None:
            text = self.tr("{count} images have a keyword now: <a href='#'>compare again</a>")
            text = text.format(count=count_text(self._found.images))
        elif self._is_shallow:
            text = self.tr("Less similar images are suspected now: <a href='#'>compare again</a>")
        self.note.setText(text)
        self.note.setVisible(bool(text) and self.gate.job.job is None)

    def _show_gate(self) -> None:
        missing = why_nothing_to_compare(self._found)
        if self._found is not None and not self._found.has_encoder:
            self.gate.show_no_encoder(missing)
        elif missing or self._found is None:
            self.gate.show_missing(missing)
        else:
            self.gate.show_offer(about_comparison(self._found.images))

    def _on_changed(self, changes: Changes, origin: object) -> None:
        if changes.images_changed:
            self._pictures.forget()
        if changes.images_changed or changes.vectors_changed or changes.label_images:
            self._needs_look = True
        if changes.pairs_changed or changes.keywords or changes.label_images:
            self._regroup()
        if changes.choices:
            self._preparing.read()
        if self._needs_look and self.isVisible():
            self._looking.start()

    # comparing --------------------------------------------------------------------------------

    def compare(self) -> None:
        """Compare all labeled images with each other, in the background."""
        job = duplicates.compare_images(self._context, self._compared, self._not_compared)
        if job is not None:
            self.gate.show_job(job)
            self._show_note()
            if self.desk.comparison is not None:
                self.message.emit(self.tr("Comparing again; the Jobs page shows how far it is."))

    def _compared(self, comparison: Comparison) -> None:
        self._open(comparison)
        self.show_view(self.views.current)

    def _not_compared(self, error: Exception) -> None:
        if isinstance(error, ClipkwError):
            self._show_gate()
            self.gate.show_failure(str(error))
            self.show_view(self.views.current)

    def _cancel(self, job: Job) -> None:
        cancel_job(self._context, job)

    def _job_ended(self) -> None:
        self._show_gate()
        self._show_note()
        self.preparation.set_ready(True)

    # views ------------------------------------------------------------------------------------

    def show_view(self, number: int) -> None:
        """Show the pairs, the groups or the preparation."""
        view = View(number)
        self.views.set_current(view)
        parts = {View.PAIRS: self.pairs, View.GROUPS: self.groups}
        shown: QWidget = parts.get(view, self.preparation)
        if view is not View.PREPARE and (self.desk.comparison is None or not self.desk.is_read):
            shown = self.gate
        self.stack.setCurrentWidget(shown)
        self.keys.allow(answers=shown is self.pairs, groups=shown is self.groups)
        if view is View.GROUPS and self._needs_groups and not self._grouping.isActive():
            self._read_groups()
        self._focusing.start()

    def _focus(self) -> None:
        if not self.isVisible():
            return
        parts = {self.pairs: self.pairs.viewer.viewers[0], self.groups: self.groups.pictures}
        parts.get(self.stack.currentWidget(), self).setFocus()

    # pairs ------------------------------------------------------------------------------------

    def _show_pair(self, pair: ImagePair | None) -> None:
        self.pairs.show_none_left(why_no_pair(self.desk.is_choosing))
        self.pairs.show_pair(pair, self.desk.answer_to(pair) if pair is not None else None)
        self._pictures.show_pair(pair)

    def _show_sheet(self, sheet: PairSheet) -> None:
        was_gate = self.stack.currentWidget() is self.gate
        self.pairs.show_sheet(sheet)
        self.preparation.show_thresholds(sheet.thresholds)
        comparison = self.desk.comparison
        self._is_shallow = comparison is not None and sheet.thresholds.lower < comparison.floor
        self._show_note()
        if was_gate:
            self.show_view(self.views.current)

    def say(self, is_duplicate: bool) -> None:
        """Answer: about the pair that is shown, or the image in hand of the groups."""
        if self.stack.currentWidget() is self.pairs:
            self.desk.answer(is_duplicate)
        elif not is_duplicate:
            self.groups.reject_current()

    def skip(self) -> None:
        """Leave the pair open and show the next."""
        self.desk.skip()

    def back(self) -> None:
        """The pair before."""
        self.desk.back()

    # groups -----------------------------------------------------------------------------------

    def _regroup(self) -> None:
        self._needs_groups = True
        self._grouping.start()

    def _read_groups(self) -> None:
        if self.desk.comparison is not None:
            self._needs_groups = False
            duplicates.find_groups(
                self._context,
                self.desk.comparison,
                self.preparation.settings().probability,
                self._show_groups,
                self._failed,
            )

    def _show_groups(self, sheet: GroupSheet) -> None:
        text = effect_text(sheet)
        self.pairs.show_effect(text)
        nothing = why_no_groups() if not sheet.groups else ""
        self.groups.show_sheet(sheet, text, nothing)

    def _reject(self, pair: ImagePair) -> None:
        self.desk.say(pair, False)
        self._grouping.start(0)
        self.message.emit(self.tr("Noted: not duplicates. Ctrl+Z takes it back."))

    def _compare_pair(self, pair: ImagePair) -> None:
        self.show_view(View.PAIRS)
        self.desk.open_pair(pair)

    def search_similar(self) -> None:
        """Look for more images like the one in focus."""
        image = self._image_in_focus()
        if image is not None:
            self._context.navigation.search_similar((image.id,))

    def _image_in_focus(self) -> Image | None:
        if self.views.current == View.GROUPS:
            return self.groups.members.image_at(self.groups.pictures.currentIndex().row())
        pair = self.desk.current
        if pair is None:
            return None
        return pair.second if self.pairs.viewer.viewers[1].hasFocus() else pair.first

    # events -----------------------------------------------------------------------------------

    def _failed(self, error: Exception) -> None:
        if isinstance(error, ClipkwError):
            self._context.runner.failed.emit(error)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._needs_look and self._context.session is not None:
            self._look()
        self._focusing.start()

    def hideEvent(self, event: QHideEvent) -> None:
        self._layout_memory.save()
        super().hideEvent(event)
