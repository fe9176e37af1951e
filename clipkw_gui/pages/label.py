"""The Label page: suggestions with their evidence, answered with single keys."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QWidget

from clipkw_gui.actions import browse, label
from clipkw_gui.actions.browse import ArchiveCounts
from clipkw_gui.actions.label import NextUndo, Readiness, Scope
from clipkw_gui.context import AppContext
from clipkw_gui.models.keywords import KeywordIndex
from clipkw_gui.pages.certainty_queue import CertaintyQueue
from clipkw_gui.pages.label_bulk import BulkDecisions
from clipkw_gui.pages.label_desk import LabelDesk
from clipkw_gui.pages.label_keys import DigitRow, LabelKeys
from clipkw_gui.pages.label_sheets import KnownImage
from clipkw_gui.pages.label_show import PictureShow
from clipkw_gui.pages.label_texts import (
    undo_consequences,
    undo_question,
    why_empty,
    why_no_suggestions,
)
from clipkw_gui.pages.label_view import LabelView
from clipkw_gui.pages.ranked_queue import RankedQueue
from clipkw_gui.roles import Role
from clipkw_gui.widgets.formats import count_text
from clipkw_gui.widgets.item_menu import ItemMenu
from clipkw_gui.widgets.question_dialog import QuestionDialog
from core.errors import ClipkwError
from core.types import (
    Changes,
    ImageId,
    ImageIds,
    ImageQuery,
    Keyword,
    KeywordId,
    QueueName,
    Reference,
    Verdict,
)

COUNTING_PAUSE_MS = 2000
"""Counting a large archive would hold up the next image: it waits for a pause in labeling."""
SOON_MS = 300
MOST_EXAMPLES = 64
"""What so many images have in common is looked for, at most."""


class LabelPage(LabelView):
    """Passes messages between the parts; the desk holds the state."""

    message = Signal(str)
    """One quiet line about what happened."""

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(context.preferences, parent)
        self._context = context
        self._keywords: dict[KeywordId, Keyword] = {}
        self._finder = KeywordIndex()
        self._readiness: Readiness | None = None
        self._counts: ArchiveCounts | None = None
        self._files_changed = self._vectors_changed = True
        self._counting = QTimer(self, singleShot=True)
        self._counting.timeout.connect(partial(context.runner.when_quiet, self._count))
        self.desk = LabelDesk(context, self.queue, self)
        self.pictures = PictureShow(context, self, self.desk)
        self.bulk = BulkDecisions(context, self)
        self.results = RankedQueue(context, self)
        self.certainty = CertaintyQueue(context, self)
        self.keys = LabelKeys(self)
        for view in (self.strip, self.centre.grid, self.evidence, self.centre.viewer):
            ItemMenu(view, [self.keys.similar])
        self._digits = DigitRow(self.keys, QGuiApplication.platformName())
        self._connect()
        self._session_changed()

    def _connect(self) -> None:
        self._context.session_changed.connect(self._session_changed)
        self._context.bus.changed.connect(self._on_changed)
        self._connect_desk()
        self._connect_parts()

    def _connect_desk(self) -> None:
        desk = self.desk
        desk.queue_shown.connect(self._queue_shown)
        desk.image_shown.connect(self._image_shown)
        desk.sheet_shown.connect(self._sheet_shown)
        desk.labels_shown.connect(self._labels_shown)
        desk.relabeled.connect(self.filters.add_counts)
        desk.undo_doubted.connect(self._ask_about_undo)
        desk.said.connect(self.message)
        desk.failed.connect(self._failed)
        self.pictures.failed.connect(self._failed)
        self.bulk.said.connect(self.message)
        self.bulk.failed.connect(self._failed)

    def _connect_parts(self) -> None:
        answers, centre, reference = self.answers, self.centre, self.centre.reference
        for widget in (centre.viewer, answers.list, self.strip, centre.grid, self.evidence):
            widget.installEventFilter(self._digits)
        self.filters.changed.connect(self._filter_changed)
        self.results.changed.connect(self._results_changed)
        self.results.failed.connect(self._failed)
        self.results.said.connect(self.message)
        self.certainty.arranged.connect(self.desk.open_queue)
        self.certainty.given_up.connect(self._order_given_up)
        self.certainty.said.connect(self.message)
        self.certainty.failed.connect(self._failed)
        self.filters.left.connect(self.leave)
        self.chips.removed.connect(self._part_removed)
        self.refresh_note.linkActivated.connect(self.refresh)
        self.strip.selectionModel().currentChanged.connect(self._current_changed)
        self.strip.selectionModel().selectionChanged.connect(self._selection_changed)
        centre.grid.doubleClicked.connect(self._open_from_grid)
        answers.in_hand.connect(self.take_in_hand)
        answers.hint.linkActivated.connect(self._want_encoder)
        answers.list.answered.connect(self.desk.answer)
        answers.entry.entered.connect(self._keyword_entered)
        answers.entry.left.connect(self.leave)
        answers.label_list.removed.connect(self._keyword_removed)
        self.evidence.opened.connect(self.open_reference)
        reference.closed.connect(self.leave)
        reference.removed.connect(self.desk.remove)
        reference.entered.connect(self.desk.add)

    def menu_actions(self) -> dict[str, list[QAction]]:
        """The actions by menu: "edit", "label", "view"."""
        return self.keys.groups()

    # the project ------------------------------------------------------------------------------

    def _session_changed(self) -> None:
        self.pictures.forget()
        self.desk.forget()
        self.filters.forget_wish()
        self._readiness = self._counts = None
        self.desk.show_none()
        if self._context.session is not None:
            self.refresh()
            self.focusing.start()
        else:
            self._show_empty()

    def refresh(self) -> None:
        """Build the queue and the counts anew."""
        self.refresh_note.hide()
        self._filter_changed(self.filters.query)
        self._files_changed = self._vectors_changed = True
        self._counting.start(SOON_MS)
        label.fetch_titles(self._context, self._show_titles)

    def _count(self) -> None:
        browse.count_archive(self._context, "label", self._show_counts, self._failed)
        if self._vectors_changed:
            self._vectors_changed = False
            label.check_readiness(self._context, self._show_readiness, self._failed)
        if self._files_changed:
            self._files_changed = False
            browse.count_folders(self._context, "label", self.filters.set_folders, self._failed)

    def _show_counts(self, counts: ArchiveCounts) -> None:
        self._counts = counts
        self.filters.set_counts(counts)
        self.queue.put_problems(counts.problems)
        self._show_parts()
        keywords = {keyword.id: keyword for keyword in counts.keywords}
        if keywords != self._keywords or counts.synonyms != self._finder.synonyms:
            self._keywords = keywords
            self._finder = KeywordIndex(counts.keywords, counts.synonyms)
            self.answers.set_keywords(keywords, self._finder)
            self.references.set_keywords(keywords)
            self.centre.reference.set_keywords(keywords, self._finder)
            self.answers.show_labels(self.desk.known)
        self.pictures.show_current()
        self._show_empty()
        self._show_hint()

    def _show_readiness(self, readiness: Readiness) -> None:
        self._readiness = readiness
        self._show_hint()

    def _show_titles(self, titles: tuple[str | None, str | None]) -> None:
        # Never disabled: titles come a moment late, and a key pressed meanwhile would be lost.
        undo, redo = titles
        self.keys.undo.setText(
            self.tr("Undo: {step}").format(step=undo) if undo else self.tr("Undo")
        )
        self.keys.redo.setText(
            self.tr("Redo: {step}").format(step=redo) if redo else self.tr("Redo")
        )

    def _on_changed(self, changes: Changes, origin: object) -> None:
        label.fetch_titles(self._context, self._show_titles)
        if changes.choices:
            self._counting.start(SOON_MS)
            if self.filters.query.split is not None:
                self._offer_refresh()
        if not label.concerns_labels(changes):
            return
        few = len(changes.label_images) <= label.READ_BACK and not changes.keywords
        is_counted = few and origin is self.desk
        self._counting.start(COUNTING_PAUSE_MS if is_counted else SOON_MS)
        self._files_changed |= changes.images_changed
        self._vectors_changed |= changes.images_changed or changes.vectors_changed
        if changes.images_changed:
            self.pictures.forget_pictures()
        if changes.images_changed or changes.vectors_changed:
            if not len(self.queue.ids) or (changes.images_changed and self._is_untouched()):
                self._filter_changed(self.filters.query)
                return
            if changes.images_changed or self.desk.query.queue is QueueName.SUGGESTED:
                self.desk.grow()
        if changes.images_changed:
            self._offer_refresh()

    def _is_untouched(self) -> bool:
        """Whether nobody has begun with this queue: then it may become another one."""
        if self.desk.ranked is not None or not self.desk.is_at_the_start:
            return False
        bars = (self.strip.horizontalScrollBar(), self.centre.grid.verticalScrollBar())
        return not any(bar.value() for bar in bars)

    def _offer_refresh(self) -> None:
        link = self.tr("The archive has changed: <a href='#'>refresh the queue</a> (F5)")
        self.refresh_note.setText(link)
        self.refresh_note.show()

    # the queue --------------------------------------------------------------------------------

    def _filter_changed(self, query: ImageQuery) -> None:
        self._show_parts()
        self.certainty.show(query, self.results.ranked, self.filters.wish)

    def _order_given_up(self) -> None:
        self.filters.forget_wish()
        self._filter_changed(self.filters.query)

    def _results_changed(self) -> None:
        """Results of a search are shown whatever the filter was; then it narrows them."""
        if self.results.ranked is None or self.filters.query == ImageQuery():
            self._filter_changed(self.filters.query)
        else:
            self.filters.set_query(ImageQuery())

    def _show_parts(self) -> None:
        self.chips.set_parts({**self.results.parts(), **self.filters.parts()})

    def _part_removed(self, part: str) -> None:
        if part in self.results.parts():
            self.results.leave()
        else:
            self.filters.remove_part(part)

    def _queue_shown(self, ids: ImageIds) -> None:
        self.refresh_note.hide()
        self._show_empty()
        never_read = self._counts.never_read if self._counts else 0
        if len(ids) and never_read and self.desk.query.queue is QueueName.UNREADABLE:
            text = self.tr("Besides these, {n} files never became images: see the Jobs page.")
            self.message.emit(text.format(n=count_text(never_read)))

    def _show_empty(self) -> None:
        # A picture that vanishes would pass the keyboard on to any field.
        waits = self.hasFocus() or self.centre.viewer.hasFocus() or self.centre.grid.hasFocus()
        if len(self.queue.ids):
            self.centre.show_queue()
        else:
            if waits:
                self.setFocus()
            is_open = self._context.session is not None
            is_narrowed = not self.filters.wish.is_empty
            self.centre.show_empty(
                why_empty(is_open, self._counts, self.filters.query, is_narrowed=is_narrowed)
            )
        if waits:
            self.focus_picture()

    def _current_changed(self, current: QModelIndex, previous: QModelIndex) -> None:
        if current.isValid() and current.row() != self.desk.row:
            self.desk.step(current.row() - self.desk.row)

    def _selection_changed(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        count = self.strip.selected_count()
        if count > 1:
            text = self.tr("Selected: {n}. Ctrl+B says one keyword about all of them.")
            self.message.emit(text.format(n=count_text(count)))

    def go_first(self) -> None:
        """The first image of the queue."""
        self.desk.step(-self.desk.row)

    def go_last(self) -> None:
        """The last image of the queue."""
        self.desk.step(len(self.queue.ids) - 1 - self.desk.row)

    # the current image ------------------------------------------------------------------------

    def _image_shown(self, row: int) -> None:
        index = self.queue.index(row) if row >= 0 else QModelIndex()
        if self.strip.currentIndex() != index:
            flag = QItemSelectionModel.SelectionFlag.ClearAndSelect
            self.strip.selectionModel().setCurrentIndex(index, flag)
        if row >= 0:
            self.strip.scrollTo(index)
        self.pictures.close_reference()
        self.answers.list.clear_focus()
        self.references.set_references(())
        self.answers.show_sheet(self.desk.known)
        self.pictures.show_current()

    def _sheet_shown(self, known: KnownImage) -> None:
        self.answers.show_sheet(known)
        references = known.suggestions.references if known.suggestions else ()
        self.references.set_references(references)
        self.pictures.show_current()
        self._show_hint()

    def _labels_shown(self, known: KnownImage) -> None:
        if known.image.id == self.desk.image:
            self.answers.show_labels(known)
        self.pictures.show_reference(known)

    def _show_hint(self) -> None:
        known = self.desk.known
        suggestions = known.suggestions if known else None
        text = why_no_suggestions(self._readiness, self._counts, suggestions)
        self.answers.set_hint(text if self.desk.image is not None else "")

    def _want_encoder(self, link: str) -> None:
        self._context.navigation.encoder_wanted.emit()

    # answering --------------------------------------------------------------------------------

    def answer_number(self, number: int, reject: bool) -> None:
        """A digit key: accept the suggestion of that number, or reject it."""
        self.desk.do(partial(self._answer_number, number, reject))

    def _answer_number(self, number: int, reject: bool) -> None:
        suggestion = self.answers.suggestions.suggestion(number)
        if suggestion is None:
            self.message.emit(self.tr("There is no suggestion {n}.").format(n=number))
            return
        self.desk.answer(suggestion, Verdict.REJECTED if reject else Verdict.ACCEPTED)

    def accept_all(self) -> None:
        """Accept everything above the threshold and go on."""
        self.desk.do(self._accept_all)

    def _accept_all(self) -> None:
        self.desk.accept_and_go_on(self.answers.suggestions.above_threshold())

    def unsure(self) -> None:
        """Mark the keyword in hand, or the first one without an answer, as unsure."""
        self.desk.do(self._unsure)

    def _unsure(self) -> None:
        target = self.answers.target()
        if target is not None:
            self.desk.answer(target, Verdict.UNSURE)

    def _keyword_entered(self, keyword: Keyword | str) -> None:
        if self.desk.image is not None:
            self.desk.add(self.desk.image, keyword)
        self.focus_picture()

    def _keyword_removed(self, keyword: Keyword) -> None:
        if self.desk.image is not None:
            self.desk.remove(self.desk.image, keyword)

    def _ask_about_undo(self, step: NextUndo) -> None:
        # On the window: the page may be hidden while another one is shown.
        dialog = QuestionDialog(
            undo_question(step), undo_consequences(step), self.tr("Take it back"), self.window()
        )
        dialog.cancel.setDefault(True)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(partial(self.desk.take_back, step))
        dialog.rejected.connect(self.desk.keep)
        dialog.open()

    def open_reference(self, reference: Reference) -> None:
        """Show a reference in large beside the image."""
        if self.centre.in_grid:
            self.keys.grid.trigger()
        self.pictures.open_reference(reference)

    # many images ------------------------------------------------------------------------------

    def open_bulk(self) -> None:
        """Say one keyword about the selection, or about all that match."""
        if len(self.queue.ids):
            chosen = [ImageId(int(one)) for one in self.strip.selected_ids(self.queue.ids)]
            target = self.answers.target()
            keyword = target.keyword if target else None
            self.bulk.ask(chosen, self._all_shown(), len(self.queue.ids), self._finder, keyword)

    def _all_shown(self) -> Scope:
        """The whole queue: a filter, or the images in an order of their own one by one."""
        if self.desk.ranked is None:
            return self.desk.query
        return [ImageId(image) for image in self.queue.ids.tolist()]

    def search_similar(self) -> None:
        """Look for more images like the reference in focus, the selection, or the current one."""
        references = self.evidence.selectedIndexes() if self.evidence.hasFocus() else []
        images = [ImageId(one.data(Role.ID)) for one in references]
        if not images:
            chosen = self.strip.selected_ids(self.queue.ids)[:MOST_EXAMPLES]
            images = [ImageId(int(one)) for one in chosen] or self.desk.nearby()[:1]
        if images:
            self._context.navigation.search_similar(tuple(images))

    # the view ---------------------------------------------------------------------------------

    def _open_from_grid(self, index: QModelIndex) -> None:
        self.desk.step(index.row() - self.desk.row)
        self.keys.grid.trigger()

    def leave(self) -> None:
        """Step back: out of a field, a reference, the grid, the full screen, in this order."""
        focused = self.focusWidget()
        if self.centre.reference.reference is not None:
            self.pictures.close_reference()
        elif self.is_full_screen:
            self.toggle_full_screen()
        elif self.centre.in_grid and focused is self.centre.grid:
            self.keys.grid.trigger()
        self.focus_picture()

    def _failed(self, error: Exception) -> None:
        if isinstance(error, ClipkwError):
            self._context.runner.failed.emit(error)
