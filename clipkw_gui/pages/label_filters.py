"""The left side of the Label page: which images the queue holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from PySide6.QtCore import QItemSelectionModel, QModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QFrame,
    QLabel,
    QListView,
    QSizePolicy,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from clipkw_gui.actions.browse import ArchiveCounts
from clipkw_gui.delegates.count import CountDelegate
from clipkw_gui.models.folders import FolderModel
from clipkw_gui.models.keywords import KeywordModel
from clipkw_gui.pages.label_sheets import Relabeled
from clipkw_gui.roles import Role
from clipkw_gui.widgets.formats import count_text
from clipkw_gui.widgets.saved_search_list import SavedSearchList
from clipkw_gui.widgets.text_field import TextField
from core.types import ImageQuery, KeywordId, QueueName, SavedSearch, Split

_QUEUES = (
    QueueName.UNLABELED,
    QueueName.SUGGESTED,
    QueueName.LABELED,
    QueueName.REVIEWED,
    QueueName.UNSURE,
    QueueName.ALL,
    QueueName.UNREADABLE,
)
_SPLITS = (Split.TRAIN, Split.VALIDATION, Split.TEST, Split.NONE)
_TYPING_PAUSE_MS = 200


def heading(text: str) -> QLabel:
    """The quiet title of a part of a panel."""
    label = QLabel(text)
    label.setProperty("role", "section")
    label.setContentsMargins(6, 8, 6, 2)
    return label


class FilterPanel(QWidget):
    """Queue, folder, keyword and path; emits the filter they make together."""

    changed = Signal(object)
    """ImageQuery."""
    left = Signal()
    """Escape in a text field."""
    search_chosen = Signal(object)
    """SavedSearch."""
    search_deleted = Signal(str)
    """Name of a SavedSearch."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._query = ImageQuery(queue=QueueName.UNLABELED)
        self._pause = QTimer(self, singleShot=True, interval=_TYPING_PAUSE_MS)
        self._pause.timeout.connect(self._take_text)
        self._queues = QStandardItemModel(self)
        self.folders = FolderModel(self)
        self.keywords = KeywordModel(self)
        delegate = CountDelegate(self)
        self.queue_list = self._list(self._queues, delegate, self.tr("Queues"))
        self.saved = SavedSearchList()
        self._saved_title = heading(self.tr("Saved searches"))
        self.folder_tree = self._tree(delegate)
        self.keyword_list = self._list(self.keywords, delegate, self.tr("Keywords"))
        self.split = QComboBox()
        # The counts are read in the list; the panel need not be as wide as its longest entry.
        self.split.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.split.setMinimumContentsLength(12)
        self.split.setAccessibleName(self.tr("Part of the preparation"))
        self.split.setToolTip(self.tr("Only images of a part of the preparation in use"))
        self.find_keyword = self._field(self.tr("Find a keyword, NO or EN"))
        self.path_text = self._field(self.tr("Part of a path or file name"))
        self._fill_queues()
        self._fill_splits({})
        self._lay_out()
        self.set_searches(())
        self.saved.chosen.connect(self.search_chosen)
        self.saved.deleted.connect(self.search_deleted)
        self.queue_list.clicked.connect(self._queue_chosen)
        self.queue_list.activated.connect(self._queue_chosen)
        self.folder_tree.clicked.connect(self._folder_chosen)
        self.folder_tree.activated.connect(self._folder_chosen)
        self.keyword_list.clicked.connect(self._keyword_chosen)
        self.keyword_list.activated.connect(self._keyword_chosen)
        self.find_keyword.textChanged.connect(self.keywords.set_filter)
        self.keywords.modelReset.connect(self._show_choice)
        self.path_text.textChanged.connect(self._text_typed)
        self.split.activated.connect(self._split_chosen)

    # what is shown ----------------------------------------------------------------------------

    @property
    def query(self) -> ImageQuery:
        """The filter as it stands."""
        return self._query

    def set_query(self, query: ImageQuery) -> None:
        """Show another filter, and say so if it differs."""
        if query == self._query:
            self._show_choice()
            return
        self._query = query
        if (query.text or "") != self.path_text.text():
            blocked = self.path_text.blockSignals(True)
            self.path_text.setText(query.text or "")
            self.path_text.blockSignals(blocked)
        self._show_choice()
        self.changed.emit(query)

    def remove_part(self, part: str) -> None:
        """Take one part of the filter away: queue, folder, keyword, text or split."""
        if part == "queue":
            self.set_query(replace(self._query, queue=QueueName.ALL))
        else:
            self.set_query(replace(self._query, **{part: None}))

    def parts(self) -> dict[str, str]:
        """The filter in words, part by part."""
        query, parts = self._query, {}
        if query.queue is not QueueName.ALL:
            parts["queue"] = self._title(query.queue)
        if query.folder:
            parts["folder"] = f"{query.folder}/"
        if query.keyword is not None:
            keyword = self.keywords.find(query.keyword)
            parts["keyword"] = keyword.no if keyword else self.tr("keyword")
        if query.text:
            parts["text"] = f"“{query.text}”"
        if query.split is not None:
            parts["split"] = self._split_title(query.split)
        return parts

    def set_counts(self, counts: ArchiveCounts) -> None:
        """Show how many images each choice holds."""
        for row, queue in enumerate(_QUEUES):
            count = counts.queues.get(queue, 0)
            if queue is QueueName.UNREADABLE:
                count += counts.never_read
            self._queues.item(row).setData(count, Role.COUNT)
        used = {keyword.id for keyword, _ in counts.keyword_counts}
        unused = [(one, 0) for one in counts.keywords if one.id not in used]
        self.keywords.set_counts([*counts.keyword_counts, *unused], counts.synonyms)
        self._fill_splits(counts.splits)
        self.folders.set_total(counts.queues.get(QueueName.ALL, 0))
        self._show_choice()

    def add_counts(self, change: Relabeled) -> None:
        """Count one image anew, without counting the archive."""
        for queue, more in change.queues().items():
            item = self._queues.item(_QUEUES.index(queue))
            count = item.data(Role.COUNT)
            if count is not None:
                item.setData(count + more, Role.COUNT)
        self.keywords.add_counts(change.keywords())

    def set_searches(self, searches: Sequence[SavedSearch]) -> None:
        """Show the saved searches; without any there is no such part."""
        self.saved.set_searches(searches)
        self.saved.setVisible(bool(searches))
        self._saved_title.setVisible(bool(searches))

    def set_folders(self, counts: Sequence[tuple[str, int]]) -> None:
        """Show the folders of the archive with how many images lie in them or below."""
        self.folders.set_counts(counts)
        self.folder_tree.expand(self.folders.index_of(""))
        self._show_choice()

    # building ---------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        box = self.column = QVBoxLayout(self)
        box.setContentsMargins(6, 2, 2, 6)
        box.setSpacing(2)
        box.addWidget(self.queue_list)
        box.addWidget(self.split)
        box.addWidget(self._saved_title)
        box.addWidget(self.saved)
        box.addWidget(heading(self.tr("Folders")))
        box.addWidget(self.folder_tree, 2)
        box.addWidget(self.path_text)
        box.addWidget(heading(self.tr("Keywords")))
        box.addWidget(self.find_keyword)
        box.addWidget(self.keyword_list, 3)

    def _field(self, placeholder: str) -> TextField:
        field = TextField(placeholderText=placeholder, clearButtonEnabled=True)
        field.setAccessibleName(placeholder)
        field.left.connect(self.left)
        return field

    def _list(
        self, model: QStandardItemModel | KeywordModel, delegate: CountDelegate, name: str
    ) -> QListView:
        view = QListView(frameShape=QFrame.Shape.NoFrame)
        view.setModel(model)
        self._dress(view, delegate, name)
        view.setUniformItemSizes(True)
        return view

    def _tree(self, delegate: CountDelegate) -> QTreeView:
        view = QTreeView(frameShape=QFrame.Shape.NoFrame, headerHidden=True)
        view.setStyleSheet("QTreeView { show-decoration-selected: 0; }")
        view.setModel(self.folders)
        self._dress(view, delegate, self.tr("Folders"))
        view.setUniformRowHeights(True)
        view.setIndentation(14)
        return view

    def _dress(self, view: QAbstractItemView, delegate: CountDelegate, name: str) -> None:
        view.setItemDelegate(delegate)
        view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        view.setAccessibleName(name)
        view.setMinimumHeight(30)

    def _fill_queues(self) -> None:
        for queue in _QUEUES:
            item = QStandardItem(self._title(queue))
            item.setData(queue.value, Role.ID)
            item.setToolTip(self._about(queue))
            self._queues.appendRow(item)
        rows = self._queues.rowCount()
        self.queue_list.setFixedHeight(self.queue_list.sizeHintForRow(0) * rows + 6)
        self.queue_list.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._show_choice()

    def _fill_splits(self, counts: Mapping[Split, int]) -> None:
        """The parts of the preparation; without one there is no such choice."""
        self.split.clear()
        self.split.addItem(self.tr("All sets"), None)
        for split in _SPLITS:
            if counts.get(split):
                text = f"{self._split_title(split)} ({count_text(counts[split])})"
                self.split.addItem(text, int(split))
        self.split.setVisible(bool(counts))

    def _split_title(self, split: Split) -> str:
        return {
            Split.TRAIN: self.tr("Training set"),
            Split.VALIDATION: self.tr("Validation set"),
            Split.TEST: self.tr("Test set"),
            Split.NONE: self.tr("Removed as duplicates"),
        }[split]

    def _title(self, queue: QueueName) -> str:
        return {
            QueueName.ALL: self.tr("All images"),
            QueueName.UNLABELED: self.tr("Unlabeled"),
            QueueName.SUGGESTED: self.tr("Suggested"),
            QueueName.LABELED: self.tr("Labeled"),
            QueueName.REVIEWED: self.tr("Reviewed"),
            QueueName.UNSURE: self.tr("Unsure"),
            QueueName.UNREADABLE: self.tr("Unreadable"),
        }[queue]

    def _about(self, queue: QueueName) -> str:
        return {
            QueueName.ALL: self.tr("Every image whose file is there"),
            QueueName.UNLABELED: self.tr("Images without a keyword"),
            QueueName.SUGGESTED: self.tr("Images without a keyword that a model can judge"),
            QueueName.LABELED: self.tr("Images with at least one keyword"),
            QueueName.REVIEWED: self.tr("Images about which a person has decided something"),
            QueueName.UNSURE: self.tr("Images with a keyword that somebody is unsure about"),
            QueueName.UNREADABLE: self.tr("Files that cannot be read, or that have vanished"),
        }[queue]

    # choosing ---------------------------------------------------------------------------------

    def _queue_chosen(self, index: QModelIndex) -> None:
        self.set_query(replace(self._query, queue=QueueName(index.data(Role.ID))))

    def _folder_chosen(self, index: QModelIndex) -> None:
        self.set_query(replace(self._query, folder=self.folders.path_at(index) or None))

    def _keyword_chosen(self, index: QModelIndex) -> None:
        """Choosing the keyword that is chosen already takes it out of the filter.

        An image that carries a keyword is not unlabeled, so those queues give way.
        """
        keyword = self.keywords.keyword_at(index.row())
        if keyword is None or keyword.id == self._query.keyword:
            self.set_query(replace(self._query, keyword=None))
            return
        empty = self._query.queue in (QueueName.UNLABELED, QueueName.SUGGESTED)
        queue = QueueName.ALL if empty else self._query.queue
        self.set_query(replace(self._query, queue=queue, keyword=KeywordId(keyword.id)))

    def _split_chosen(self, row: int) -> None:
        chosen = self.split.itemData(row)
        self.set_query(replace(self._query, split=None if chosen is None else Split(chosen)))

    def _text_typed(self) -> None:
        self._pause.start()

    def _take_text(self) -> None:
        self.set_query(replace(self._query, text=self.path_text.text().strip() or None))

    def _show_choice(self) -> None:
        """Mark in each list what the filter says."""
        self._mark(self.queue_list, self._queues.index(_QUEUES.index(self._query.queue), 0))
        self._mark(self.folder_tree, self.folders.index_of(self._query.folder or ""))
        split = self._query.split
        place = self.split.findData(None if split is None else int(split))
        self.split.setCurrentIndex(max(place, 0))
        row = self.keywords.row_of(self._query.keyword)
        self._mark(self.keyword_list, self.keywords.index(row) if row >= 0 else QModelIndex())

    def _mark(self, view: QAbstractItemView, index: QModelIndex) -> None:
        flag = QItemSelectionModel.SelectionFlag.ClearAndSelect
        if index.isValid():
            view.selectionModel().setCurrentIndex(index, flag)
        else:
            view.selectionModel().clear()
