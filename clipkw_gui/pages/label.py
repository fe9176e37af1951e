"""The Label page: suggestions with their evidence, answered with single keys."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import (
    QByteArray,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QAction, QGuiApplication, QHideEvent, QImage, QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSplitter, QVBoxLayout, QWidget

from clipkw_gui.actions import browse, label
from clipkw_gui.actions.browse import ArchiveCounts
from clipkw_gui.actions.label import Readiness, Scope, Written
from clipkw_gui.context import AppContext
from clipkw_gui.delegates.thumbnail import ReferenceDelegate, ThumbnailDelegate
from clipkw_gui.models.queue import QueueModel
from clipkw_gui.models.references import ReferenceModel
from clipkw_gui.models.thumbnails import ThumbnailStore
from clipkw_gui.pages.label_answers import AnswerPanel
from clipkw_gui.pages.label_bulk import BulkDialog
from clipkw_gui.pages.label_centre import CentrePanel
from clipkw_gui.pages.label_desk import LabelDesk
from clipkw_gui.pages.label_filters import FilterPanel, heading
from clipkw_gui.pages.label_keys import DigitRow, LabelKeys
from clipkw_gui.pages.label_pictures import FULL, Pictures
from clipkw_gui.pages.label_sheets import KnownImage
from clipkw_gui.pages.label_texts import why_empty, why_no_suggestions
from clipkw_gui.widgets.evidence_strip import EvidenceStrip
from clipkw_gui.widgets.filter_chips import FilterChips
from clipkw_gui.widgets.thumbnail_view import ThumbnailView
from core.errors import ClipkwError
from core.types import (
    Changes,
    ImageId,
    ImageIds,
    ImageQuery,
    Keyword,
    KeywordId,
    Reference,
    Suggestion,
    Verdict,
)

STRIP_CELL = QSize(118, 98)


class LabelPage(QWidget):
    """Assembles the parts and passes messages between them; the desk holds the state."""

    message = Signal(str)
    """One quiet line about what happened."""

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._keywords: dict[KeywordId, Keyword] = {}
        self._readiness: Readiness | None = None
        self._counts: ArchiveCounts | None = None
        self._full_screen_from: Qt.WindowState | None = None
        self._shown_picture: object = None
        self.thumbnails = ThumbnailStore(self)
        self.queue = QueueModel(self.thumbnails, self)
        self.desk = LabelDesk(context, self.queue, self)
        self.pictures = Pictures(context, self)
        self.references = ReferenceModel(self.thumbnails, self)
        self._make_parts()
        self._lay_out()
        self.keys = LabelKeys(self)
        digits = DigitRow(self.keys, QGuiApplication.platformName())
        for widget in (
            self.centre.viewer,
            self.answers.list,
            self.strip,
            self.centre.grid,
            self.evidence,
        ):
            widget.installEventFilter(digits)
        self._connect()
        self._restore_layout()
        self._session_changed()

    # building ---------------------------------------------------------------------------------

    def _make_parts(self) -> None:
        self.filters = FilterPanel()
        self.chips = FilterChips()
        self.refresh_note = QLabel(textFormat=Qt.TextFormat.RichText, visible=False)
        self.centre = CentrePanel()
        self.answers = AnswerPanel()
        self.evidence = EvidenceStrip()
        self.evidence.setModel(self.references)
        self.evidence.setItemDelegate(ReferenceDelegate(self))
        self.strip = ThumbnailView(STRIP_CELL, grid=False)
        self.strip.setAccessibleName(self.tr("Images of the queue"))
        delegate = ThumbnailDelegate(self)
        for view in (self.strip, self.centre.grid):
            view.setModel(self.queue)
            view.setItemDelegate(delegate)
        self.centre.grid.setSelectionModel(self.strip.selectionModel())

    def _lay_out(self) -> None:
        middle = QWidget()
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        head = QHBoxLayout()
        head.setContentsMargins(8, 4, 8, 4)
        head.addWidget(self.chips, 1)
        head.addWidget(self.refresh_note)
        column.addLayout(head)
        column.addWidget(self.centre, 1)
        self.across = self._splitter(Qt.Orientation.Horizontal, self.filters, middle, self.answers)
        self.across.setStretchFactor(1, 1)
        self.across.setSizes([216, 700, 344])
        self._evidence_box = QWidget()
        for panel in (self.filters, self.answers, self._evidence_box):
            panel.setBackgroundRole(QPalette.ColorRole.Base)
            panel.setAutoFillBackground(True)
        box = QVBoxLayout(self._evidence_box)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        self._evidence_title = heading(self.tr("Evidence"))
        box.addWidget(self._evidence_title)
        box.addWidget(self.evidence)
        self.down = self._splitter(
            Qt.Orientation.Vertical, self.across, self._evidence_box, self.strip
        )
        self.down.setStretchFactor(0, 1)
        self.down.setSizes([600, 160, 110])
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.down)

    def _splitter(self, orientation: Qt.Orientation, *parts: QWidget) -> QSplitter:
        splitter = QSplitter(orientation, childrenCollapsible=False)
        for part in parts:
            splitter.addWidget(part)
        return splitter

    def _connect(self) -> None:
        context, desk = self._context, self.desk
        context.session_changed.connect(self._session_changed)
        context.bus.changed.connect(self._on_changed)
        self.thumbnails.wanted.connect(self._load_thumbnails)
        self.thumbnails.arrived.connect(self._thumbnail_arrived)
        self.pictures.ready.connect(self._picture_ready)
        self.pictures.failed.connect(self._picture_failed)
        self.filters.changed.connect(self._filter_changed)
        self.filters.left.connect(self.leave)
        self.chips.removed.connect(self.filters.remove_part)
        self.refresh_note.linkActivated.connect(self.refresh)
        desk.queue_shown.connect(self._queue_shown)
        desk.image_shown.connect(self._image_shown)
        desk.sheet_shown.connect(self._sheet_shown)
        desk.labels_shown.connect(self._labels_shown)
        desk.said.connect(self.message)
        desk.failed.connect(self._failed)
        self.strip.selectionModel().currentChanged.connect(self._current_changed)
        self.strip.selectionModel().selectionChanged.connect(self._selection_changed)
        self.centre.grid.doubleClicked.connect(self._open_from_grid)
        self.centre.viewer.detail_wanted.connect(self._load_detail)
        answers, reference = self.answers, self.centre.reference
        answers.in_hand.connect(self._take_in_hand)
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
        self.thumbnails.clear()
        self.pictures.clear()
        self.desk.forget()
        self._readiness = self._counts = self._shown_picture = None
        self._close_reference()
        self.desk.show_none()
        if self._context.session is not None:
            self.refresh()
        else:
            self._show_empty()

    def refresh(self) -> None:
        """Build the queue and the counts anew."""
        self.refresh_note.hide()
        self._filter_changed(self.filters.query)
        self._count()

    def _count(self) -> None:
        browse.count_archive(self._context, self._show_counts, self._failed)
        label.check_readiness(self._context, self._show_readiness, self._failed)
        label.fetch_titles(self._context, self._show_titles)

    def _show_counts(self, counts: ArchiveCounts) -> None:
        self._counts = counts
        self._keywords = {keyword.id: keyword for keyword in counts.keywords}
        self.filters.set_counts(counts)
        self.queue.put_problems(counts.problems)
        self.chips.set_parts(self.filters.parts())
        self.answers.set_keywords(self._keywords)
        self.references.set_keywords(self._keywords)
        self.centre.reference.set_keywords(self._keywords)
        self.answers.show_labels(self.desk.known)
        self._show_picture()
        self._show_empty()

    def _show_readiness(self, readiness: Readiness) -> None:
        self._readiness = readiness
        self._show_hint()

    def _show_titles(self, titles: tuple[str | None, str | None]) -> None:
        undo, redo = titles
        self.keys.undo.setEnabled(undo is not None)
        self.keys.redo.setEnabled(redo is not None)
        self.keys.undo.setText(
            self.tr("Undo: {step}").format(step=undo) if undo else self.tr("Undo")
        )
        self.keys.redo.setText(
            self.tr("Redo: {step}").format(step=redo) if redo else self.tr("Redo")
        )

    def _on_changed(self, changes: Changes, origin: object) -> None:
        self._count()
        if changes.images_changed:
            self.pictures.clear()
        if changes.images_changed or changes.vectors_changed:
            if not len(self.queue.ids):
                self._filter_changed(self.filters.query)
            elif changes.images_changed:
                self._offer_refresh()

    def _offer_refresh(self) -> None:
        link = self.tr("The archive has changed: <a href='#'>refresh the queue</a> (F5)")
        self.refresh_note.setText(link)
        self.refresh_note.show()

    # the queue --------------------------------------------------------------------------------

    def _filter_changed(self, query: ImageQuery) -> None:
        self.chips.set_parts(self.filters.parts())
        self.desk.open_queue(query)

    def _queue_shown(self, ids: ImageIds) -> None:
        self.refresh_note.hide()
        self._show_empty()

    def _show_empty(self) -> None:
        if len(self.queue.ids):
            self.centre.show_queue()
            return
        is_open = self._context.session is not None
        self.centre.show_empty(why_empty(is_open, self._counts, self.filters.query))

    def _current_changed(self, current: QModelIndex, previous: QModelIndex) -> None:
        if current.isValid() and current.row() != self.desk.row:
            self.desk.step(current.row() - self.desk.row)

    def _selection_changed(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        count = self.strip.selected_count()
        if count > 1:
            text = self.tr("{n} images selected: Ctrl+B says one keyword about all of them.")
            self.message.emit(text.format(n=f"{count:,}"))

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
        self._close_reference()
        self.answers.list.clear_focus()
        self.references.set_references(())
        self.answers.show_sheet(self.desk.known)
        self._show_picture()
        self._want_pictures()

    def _sheet_shown(self, known: KnownImage) -> None:
        self.answers.show_sheet(known)
        references = known.suggestions.references if known.suggestions else ()
        self.references.set_references(references)
        self._show_picture()
        self._want_pictures()
        self._show_hint()

    def _labels_shown(self, known: KnownImage) -> None:
        if known.image.id == self.desk.image:
            self.answers.show_labels(known)
        reference = self.centre.reference.reference
        if reference is not None and known.image.id == reference.image:
            self._show_reference(known)

    def _show_picture(self) -> None:
        image = self.desk.image
        if image is None:
            return
        record = self.queue.image(image)
        self.centre.set_caption(record, self.desk.row, len(self.queue.ids))
        shown = (image, record, self.queue.problem(image))
        if shown == self._shown_picture:
            return
        self._shown_picture = shown
        thumbnail, whole = self.thumbnails.get(image), self.pictures.get(image)
        self.centre.show_image(record, shown[2], thumbnail, whole)

    def _want_pictures(self) -> None:
        nearby = self.desk.nearby()
        for image in nearby:
            self.thumbnails.get(image)
        known = [self.queue.image(image) for image in nearby]
        images = [image for image in known if image is not None]
        if images:
            self.pictures.want(images)

    def _load_thumbnails(self, ids: list[ImageId]) -> None:
        on_error = partial(self._no_thumbnails, ids)
        browse.load_thumbnails(self._context, ids, self._put_thumbnails, on_error)

    def _put_thumbnails(self, pictures: dict[ImageId, QImage | None]) -> None:
        for image, picture in pictures.items():
            self.thumbnails.put(image, picture)

    def _no_thumbnails(self, ids: list[ImageId], error: Exception) -> None:
        self.thumbnails.give_up(ids)
        self._failed(error)

    def _thumbnail_arrived(self, image: ImageId) -> None:
        if image == self.desk.image:
            self.centre.viewer.set_thumbnail(self.thumbnails.get(image))

    def _picture_ready(self, image: ImageId, picture: QImage) -> None:
        if image == self.desk.image:
            self.centre.viewer.set_picture(picture)
        reference = self.centre.reference.reference
        if reference is not None and image == reference.image:
            self.centre.reference.viewer.set_picture(picture)

    def _picture_failed(self, image: ImageId, error: Exception) -> None:
        record = self.queue.image(image)
        if image == self.desk.image and record is not None:
            self.centre.show_image(record, str(error), None, None)

    def _load_detail(self) -> None:
        known = self.desk.known
        if known is not None:
            self.pictures.want([known.image], FULL)

    def _show_hint(self) -> None:
        known = self.desk.known
        has_some = bool(known and known.suggestions and known.suggestions.suggestions)
        text = why_no_suggestions(self._readiness, has_some)
        self.answers.set_hint(text if self.desk.image is not None else "")

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
        target: Suggestion | None = self.answers.target()
        if target is not None:
            self.desk.answer(target, Verdict.UNSURE)

    def focus_entry(self) -> None:
        """Type a keyword."""
        self.answers.entry.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def focus_filter(self) -> None:
        """Type a part of a path."""
        self.filters.path_text.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _keyword_entered(self, keyword: Keyword | str) -> None:
        if self.desk.image is not None:
            self.desk.add(self.desk.image, keyword)
        self._focus_picture()

    def _keyword_removed(self, keyword: Keyword) -> None:
        if self.desk.image is not None:
            self.desk.remove(self.desk.image, keyword)

    def _take_in_hand(self, keyword: Keyword | None) -> None:
        self.references.set_in_hand(keyword.id if keyword else None)
        title = self.tr("Evidence")
        if keyword is not None:
            title = self.tr("Evidence for “{name}”").format(name=keyword.no)
        self._evidence_title.setText(title)

    # a reference ------------------------------------------------------------------------------

    def open_reference(self, reference: Reference) -> None:
        """Show a reference in large beside the image."""
        panel = self.centre.reference
        panel.open(reference, self.thumbnails.get(reference.image))
        if self.centre.in_grid:
            self.keys.grid.trigger()
        panel.show()
        half = self.centre.beside.width() // 2
        self.centre.beside.setSizes([half, half])
        self.desk.read(reference.image, self._show_reference)

    def _show_reference(self, known: KnownImage) -> None:
        panel = self.centre.reference
        if panel.reference is not None and panel.reference.image == known.image.id:
            image = known.image.id
            panel.show_known(known, self.thumbnails.get(image), self.pictures.get(image))
            self.pictures.want([known.image])

    def _close_reference(self) -> None:
        self.centre.reference.reference = None
        self.centre.reference.hide()

    # many images ------------------------------------------------------------------------------

    def open_bulk(self) -> None:
        """Say one keyword about the selection, or about all that match."""
        if not len(self.queue.ids):
            return
        chosen = [ImageId(int(one)) for one in self.strip.selected_ids(self.queue.ids)]
        every = len(self.queue.ids)
        selection = self.tr("The {n} selected images").format(n=f"{len(chosen):,}")
        matching = self.tr("All {n} images in this queue").format(n=f"{every:,}")
        whole: Scope = self.desk.query
        scopes: list[tuple[str, Scope, int]] = [(matching, whole, every)]
        if len(chosen) > 0:
            scopes.insert(0, (selection, chosen, len(chosen)))
        target = self.answers.target()
        dialog = BulkDialog(
            self._context, scopes, self._keywords, target.keyword if target else None, self
        )
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.confirmed.connect(self._decide_bulk)
        dialog.open()

    def _decide_bulk(self, scope: Scope, keyword: Keyword, verdict: Verdict, title: str) -> None:
        label.decide_bulk(
            self._context, scope, keyword, verdict, title, self, self._bulk_done, self._failed
        )

    def _bulk_done(self, written: Written) -> None:
        count = len(written.changes.label_images)
        text = self.tr("{n} images changed. Ctrl+Z takes it back.").format(n=f"{count:,}")
        self.message.emit(text)

    # the view ---------------------------------------------------------------------------------

    def set_grid(self, on: bool) -> None:
        """The grid or the picture in the centre."""
        self.setFocus()  # or a list would get it in passing, and take a keyword in hand
        self.centre.set_grid(on)
        self.strip.setVisible(not on)
        self._evidence_box.setVisible(not on)
        if on:
            centre = ThumbnailView.ScrollHint.PositionAtCenter
            self.centre.grid.scrollTo(self.centre.grid.currentIndex(), centre)
            self.centre.grid.setFocus()
        else:
            self._focus_picture()

    def _open_from_grid(self, index: QModelIndex) -> None:
        self.desk.step(index.row() - self.desk.row)
        self.keys.grid.trigger()

    def toggle_full_screen(self) -> None:
        """The picture and its suggestions on the whole screen, and back."""
        window = self.window()
        if self._full_screen_from is None:
            self._full_screen_from = window.windowState()
            window.setWindowState(window.windowState() | Qt.WindowState.WindowFullScreen)
        else:
            window.setWindowState(self._full_screen_from)
            self._full_screen_from = None
        calm = self._full_screen_from is not None
        self.filters.setHidden(calm)
        self.strip.setHidden(calm or self.centre.in_grid)

    def leave(self) -> None:
        """Step back: out of a field, a reference, the grid, the full screen, in this order."""
        focused = self.focusWidget()
        if self.centre.reference.reference is not None:
            self._close_reference()
        elif self._full_screen_from is not None:
            self.toggle_full_screen()
        elif self.centre.in_grid and focused is self.centre.grid:
            self.keys.grid.trigger()
        self._focus_picture()

    def _focus_picture(self) -> None:
        (self.centre.grid if self.centre.in_grid else self.centre.viewer).setFocus()

    def _failed(self, error: Exception) -> None:
        if isinstance(error, ClipkwError):
            self._context.runner.failed.emit(error)

    # remembered -------------------------------------------------------------------------------

    def _splitters(self) -> dict[str, QSplitter]:
        return {"across": self.across, "down": self.down, "answers": self.answers.splitter}

    def _restore_layout(self) -> None:
        for name, splitter in self._splitters().items():
            state = self._context.preferences.value(f"label/{name}")
            if isinstance(state, QByteArray):
                splitter.restoreState(state)

    def hideEvent(self, event: QHideEvent) -> None:
        """Another page, or the window closes: remember how the parts are laid out."""
        if not self.centre.in_grid and self._full_screen_from is None:
            for name, splitter in self._splitters().items():
                self._context.preferences.setValue(f"label/{name}", splitter.saveState())
        super().hideEvent(event)
