"""The Search page: images by words or by example, while one types."""

from __future__ import annotations

from functools import partial

import numpy as np
from PySide6.QtCore import QModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAction,
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QImage,
    QKeySequence,
    QShowEvent,
)
from PySide6.QtWidgets import QFileDialog, QInputDialog, QWidget

from clipkw_gui.actions import browse, search
from clipkw_gui.actions.browse import Rows
from clipkw_gui.context import AppContext
from clipkw_gui.navigation import RankedImages
from clipkw_gui.pages.search_target import TargetChoice
from clipkw_gui.pages.search_texts import how_to_search, why_nothing
from clipkw_gui.pages.search_view import LIMITS, SearchView
from clipkw_gui.widgets.formats import count_text
from clipkw_gui.widgets.item_menu import ItemMenu
from clipkw_gui.widgets.search_field import has_picture
from core.errors import ClipkwError
from core.types import (
    Changes,
    ImageId,
    SavedSearch,
    SearchByText,
    SearchResult,
    SearchTarget,
)

TYPING_PAUSE_MS = 120
COUNTING_PAUSE_MS = 1500
SOON_MS = 20
MOST_EXAMPLES = 64
_KEY = "search"


class SearchPage(SearchView):
    """Passes messages between the field, the filters, the search and the results."""

    message = Signal(str)
    """One quiet line about what happened."""
    shown = Signal(object)
    """SearchResult: these results are on the page."""

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(context.preferences, parent)
        self._context = context
        self._result: SearchResult | None = None
        self._is_warm = self._is_loaded = self._folders_known = False
        self._counts_known = False
        self._pause = QTimer(self, singleShot=True, interval=TYPING_PAUSE_MS)
        self._pause.timeout.connect(self._take_text)
        self._counting = QTimer(self, singleShot=True)
        self._counting.timeout.connect(self._count)
        self.choice = TargetChoice(context, self)
        self.actions_by_name = self._make_actions()
        self._connect()
        self._session_changed()

    def _connect(self) -> None:
        context, field, filters = self._context, self.field, self.filters
        context.session_changed.connect(self._session_changed)
        context.bus.changed.connect(self._on_changed)
        context.navigation.similar_wanted.connect(self.choice.take_images)
        field.textChanged.connect(self._typed)
        field.returnPressed.connect(self._take_text)
        field.picture_pasted.connect(self.choice.take_mime)
        field.went_down.connect(self._to_results)
        field.left.connect(self._to_results)
        self.choice.changed.connect(self._search)
        self.choice.failed.connect(self._failed)
        filters.changed.connect(self._search)
        filters.left.connect(field.setFocus)
        filters.search_chosen.connect(self._open_saved)
        filters.search_deleted.connect(self._delete)
        self.chips.removed.connect(filters.remove_part)
        self.limit.currentIndexChanged.connect(self._search)
        self.results.rows_wanted.connect(self._fetch_rows)
        self.thumbnails.wanted.connect(self._load_thumbnails)
        self.grid.doubleClicked.connect(self._open)
        self.choose_file.clicked.connect(self.ask_for_file)
        self.save.clicked.connect(self.ask_for_name)
        self.to_label.clicked.connect(self.open_in_label)
        ItemMenu(self.grid, [self.actions_by_name[name] for name in ("similar", "label")])

    # keys and menus ---------------------------------------------------------------------------

    def _make_actions(self) -> dict[str, QAction]:
        entries = (
            ("find", self.tr("Search for words"), "Ctrl+F", self._to_field),
            ("file", self.tr("Search by an image file…"), "Ctrl+Shift+F", self.ask_for_file),
            ("paste", self.tr("Search by a copied image"), "Ctrl+V", self._paste),
            ("similar", self.tr("More like this"), "M", self.search_similar),
            ("label", self.tr("Open in Label"), "Return", self.open_in_label),
            ("save", self.tr("Save the search…"), "Ctrl+S", self.ask_for_name),
            ("zoomIn", self.tr("Larger pictures"), "Ctrl++ | Ctrl+=", self.grid.zoom_in),
            ("zoomOut", self.tr("Smaller pictures"), "Ctrl+-", self.grid.zoom_out),
        )
        made: dict[str, QAction] = {}
        for name, text, keys, slot in entries:
            action = QAction(text, self, objectName=f"search.{name}")
            action.setShortcuts([QKeySequence(one) for one in keys.split(" | ")])
            context = Qt.ShortcutContext
            in_grid = name in ("similar", "label", "paste")
            action.setShortcutContext(
                context.WidgetShortcut if in_grid else context.WidgetWithChildrenShortcut
            )
            action.triggered.connect(slot)
            (self.grid if in_grid else self).addAction(action)
            made[name] = action
        return made

    def menu_actions(self) -> dict[str, list[QAction]]:
        """The actions by menu."""
        return {"view": list(self.actions_by_name.values())}

    def showEvent(self, event: QShowEvent) -> None:
        """Whoever comes here wants to type, and not to wait for the encoder then."""
        super().showEvent(event)
        self._warm_up()
        self._count_if_shown(SOON_MS)
        (self._to_field if self.target.isHidden() else self._to_results)()

    def _to_field(self) -> None:
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()

    def _to_results(self) -> None:
        if self.results.rowCount() and not self.grid.currentIndex().isValid():
            self.grid.setCurrentIndex(self.results.index(0))
        self.grid.setFocus(Qt.FocusReason.ShortcutFocusReason)

    # the project ------------------------------------------------------------------------------

    def _session_changed(self) -> None:
        self._is_warm = self._is_loaded = self._folders_known = self._counts_known = False
        self.thumbnails.clear()
        self.filters.set_searches(())
        self._clear_results()
        self.choice.clear()
        if self._context.session is not None:
            self._count_if_shown(SOON_MS)
            self._list_searches()
            self._warm_up()

    def _warm_up(self) -> None:
        if self.isVisible() and not self._is_warm and self._context.session is not None:
            self._is_warm = True
            search.warm_up(self._context, self._warmed, self._not_warmed)

    def _warmed(self) -> None:
        self._is_loaded = True
        if self.choice.target is None:
            self.show_text(how_to_search())

    def _not_warmed(self, error: Exception) -> None:
        """Said again when somebody searches; until then it is a hint."""
        self._is_warm = False
        if self.choice.target is None and isinstance(error, ClipkwError):
            self.show_text(str(error))

    def _on_changed(self, changes: Changes, origin: object) -> None:
        search.refresh(self._context, changes)
        self._counts_known = False
        self._folders_known &= not changes.images_changed
        self._count_if_shown(COUNTING_PAUSE_MS)
        if changes.choices:
            self._list_searches()
        if changes.images_changed or changes.label_images:
            self.results.ask_again()
        if changes.vectors_changed:
            self._warm_up()

    def _count_if_shown(self, pause: int) -> None:
        """Figures nobody sees are not counted."""
        if self.isVisible() and not self._counts_known:
            self._counting.start(pause)

    def _count(self) -> None:
        self._counts_known = True
        browse.count_archive(self._context, _KEY, self.filters.set_counts, self._failed)
        if not self._folders_known:
            self._folders_known = True
            browse.count_folders(self._context, _KEY, self.filters.set_folders, self._failed)

    def _list_searches(self) -> None:
        search.list_searches(self._context, _KEY, self.filters.set_searches, self._failed)

    # searching --------------------------------------------------------------------------------

    def _typed(self) -> None:
        self._pause.start()

    def _take_text(self) -> None:
        self._pause.stop()
        self.choice.take_text(self.field.text())

    def _search(self) -> None:
        self.chips.set_parts(self.filters.parts())
        target = self.choice.target
        if target is None:
            search.stop(self._context)
            self._clear_results()
            return
        is_ready = self._is_loaded or self._result is not None
        waiting = self.tr("Searching…") if is_ready else self.tr("Loading the encoder…")
        self.status.set_text(waiting)
        self._enable_actions()
        wanted = self._search_as("", target)
        search.search(self._context, wanted, self._show_result, self._not_found)

    def _search_as(self, name: str, target: SearchTarget) -> SavedSearch:
        limit = int(self.limit.currentData())
        return SavedSearch(name, target, self.filters.query, limit, self.filters.confidence)

    def _show_result(self, result: SearchResult) -> None:
        self._result = result
        if len(result.images) or result.is_final:
            self.results.set_results(result.images, result.scores)
        if len(result.images):
            self.show_results()
        elif result.is_final:
            self.show_text(why_nothing(result.total))
        self.status.set_text(self._status(result))
        self._enable_actions()
        self.shown.emit(result)

    def _status(self, result: SearchResult) -> str:
        parts = []
        if not result.is_final:
            share = f"{result.searched / result.total:.0%}"
            parts.append(self.tr("Searching… {share}").format(share=share))
        else:
            text = self.tr("{shown} of {total}, the most similar first")
            shown, total = count_text(len(result.images)), count_text(result.total)
            parts.append(text.format(shown=shown, total=total))
        target = self.choice.target
        if isinstance(target, SearchByText) and result.understood != target.text:
            parts.append(self.tr("searched for “{text}”").format(text=result.understood))
        return "   ·   ".join(parts)

    def _not_found(self, error: Exception) -> None:
        self._clear_results()
        self.show_text(str(error) if isinstance(error, ClipkwError) else "")

    def _clear_results(self) -> None:
        self._result = None
        self.results.set_results(np.empty(0, np.int64), np.empty(0, np.float32))
        self.status.set_text("")
        self.show_text(how_to_search())
        self._enable_actions()

    def _enable_actions(self) -> None:
        has_results = self._result is not None and len(self._result.images) > 0
        self.to_label.setEnabled(has_results)
        for name in ("similar", "label"):
            self.actions_by_name[name].setEnabled(has_results)
        can_save = self.choice.target is not None
        self.save.setEnabled(can_save)
        self.actions_by_name["save"].setEnabled(can_save)

    # by example -------------------------------------------------------------------------------

    def ask_for_file(self) -> None:
        """Choose a file to search by."""
        dialog = QFileDialog(self, self.tr("Image to search by"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        images = self.tr("Images (*.jpg *.jpeg *.png *.tif *.tiff *.bmp *.gif *.webp)")
        dialog.setNameFilters([images, self.tr("All files (*)")])
        dialog.fileSelected.connect(self.choice.take_file)
        dialog.open()

    def search_similar(self) -> None:
        """More like the selected results."""
        chosen = self.grid.selected_ids(self.results.ids)[:MOST_EXAMPLES]
        if len(chosen):
            self.choice.take_images(tuple(ImageId(image) for image in chosen.tolist()))

    def _paste(self) -> None:
        mime = QGuiApplication.clipboard().mimeData()
        if has_picture(mime):
            self.choice.take_mime(mime)
        else:
            self.message.emit(self.tr("No image has been copied."))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if has_picture(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        if has_picture(event.mimeData()):
            event.acceptProposedAction()
            self.choice.take_mime(event.mimeData())

    # results elsewhere ------------------------------------------------------------------------

    def open_in_label(self) -> None:
        """Work through the results on the Label page, from the current one on."""
        index = self.grid.currentIndex()
        self._open(index if index.isValid() else self.results.index(0))

    def _open(self, index: QModelIndex) -> None:
        if self._result is not None and index.isValid():
            title = self.tr("Search: {name}").format(name=self.choice.name())
            first = self.results.id_at(index.row())
            ranked = RankedImages(title, self.results.ids, first)
            self._context.navigation.work_through(ranked)

    def ask_for_name(self) -> None:
        """Save what is searched for, with its filter."""
        if self.choice.target is None:
            return
        dialog = QInputDialog(self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setWindowTitle(self.tr("Save search"))
        dialog.setLabelText(self.tr("Name; on the Label page it is a queue of its own"))
        dialog.setTextValue(self.choice.name())
        dialog.resize(420, dialog.height())
        dialog.textValueSelected.connect(self.save_as)
        dialog.open()

    def save_as(self, name: str) -> None:
        """Keep the search under a name."""
        target = self.choice.target
        if target is not None:
            saved = self._search_as(name, target)
            search.save_search(self._context, saved, partial(self._saved, name), self._failed)

    def _saved(self, name: str) -> None:
        self.message.emit(self.tr("Saved: “{name}”").format(name=name))

    def _open_saved(self, saved: SavedSearch) -> None:
        blocked = self.filters.blockSignals(True)
        self.filters.set_query(saved.query)
        self.filters.set_confidence(saved.confidence)
        self.filters.blockSignals(blocked)
        if saved.limit in LIMITS:
            self.limit.setCurrentIndex(LIMITS.index(saved.limit))
        self.choice.take(saved.target)
        self._search()

    def _delete(self, name: str) -> None:
        search.delete_search(self._context, name, self._failed)

    # what is painted --------------------------------------------------------------------------

    def _fetch_rows(self, ids: list[ImageId]) -> None:
        browse.fetch_rows(self._context, ids, self._rows_read, self._failed)

    def _rows_read(self, rows: Rows) -> None:
        self.results.put_rows(rows.images, rows.labels)

    def _load_thumbnails(self, ids: list[ImageId]) -> None:
        on_error = partial(self._no_thumbnails, ids)
        box = self.picture_box()
        browse.load_thumbnails(self._context, ids, self._put_thumbnails, on_error, box)

    def _put_thumbnails(self, pictures: dict[ImageId, QImage | None]) -> None:
        for image, picture in pictures.items():
            if picture is not None:
                picture.setDevicePixelRatio(self.devicePixelRatioF())
            self.thumbnails.put(image, picture)

    def _no_thumbnails(self, ids: list[ImageId], error: Exception) -> None:
        self.thumbnails.give_up(ids)
        self._failed(error)

    def _failed(self, error: Exception) -> None:
        if isinstance(error, ClipkwError):
            self._context.runner.failed.emit(error)
