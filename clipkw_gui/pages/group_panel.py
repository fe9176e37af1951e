"""The groups of duplicates: what is kept, what is left out, which keywords are passed on."""

from __future__ import annotations

from PySide6.QtCore import QItemSelectionModel, QModelIndex, Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QListView,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from clipkw_gui.actions.duplicates import GroupSheet
from clipkw_gui.delegates.group import GroupDelegate, MemberDelegate
from clipkw_gui.models.groups import GroupModel, MemberModel
from clipkw_gui.models.thumbnails import ThumbnailStore
from clipkw_gui.widgets.labels import text_label
from core.types import DuplicateGroup, ImageId, ImagePair, KeywordCopy


class GroupPanel(QWidget):
    """The list of groups, and the images of the chosen one; both can be corrected."""

    rejected = Signal(object)
    """An ImagePair, the kept image and another, that are no duplicates."""
    compared = Signal(object)
    """An ImagePair to look at side by side."""

    def __init__(self, thumbnails: ThumbnailStore, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sheet = GroupSheet([], {}, None, 0)
        self._chosen: ImageId | None = None
        self.groups = GroupModel(thumbnails, self)
        self.members = MemberModel(thumbnails, self)
        self.summary = text_label("", "secondary", wrap=True)
        self.nothing = text_label("", "secondary", wrap=True)
        self.title = text_label("", "heading")
        self.passed_on = text_label("", "secondary", wrap=True)
        self.list = QListView(uniformItemSizes=True, mouseTracking=True)
        self.list.setModel(self.groups)
        self.list.setItemDelegate(GroupDelegate(self))
        self.list.setAccessibleName(self.tr("Groups of duplicates, the least similar first"))
        self.pictures = QListView(mouseTracking=True, wordWrap=False)
        self.pictures.setViewMode(QListView.ViewMode.IconMode)
        self.pictures.setMovement(QListView.Movement.Static)
        self.pictures.setResizeMode(QListView.ResizeMode.Adjust)
        self.pictures.setModel(self.members)
        self.pictures.setItemDelegate(MemberDelegate(self))
        self.pictures.setAccessibleName(self.tr("Images of the group, the kept one first"))
        for view in (self.list, self.pictures):
            view.setFrameShape(QFrame.Shape.NoFrame)
            view.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
            view.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.different = QPushButton(objectName="notInGroup")
        self.compare = QPushButton(self.tr("Compare side by side"), objectName="compare")
        self._lay_out()
        self.list.selectionModel().currentChanged.connect(self._show_current)
        self.pictures.selectionModel().currentChanged.connect(self._show_buttons)
        self.pictures.activated.connect(self.compare_current)
        self.different.clicked.connect(self.reject_current)
        self.compare.clicked.connect(self.compare_current)
        self._show_group(None)

    def _lay_out(self) -> None:
        left, right = QWidget(), QWidget()
        for part in (left, right):
            part.setBackgroundRole(QPalette.ColorRole.Base)
            part.setAutoFillBackground(True)
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 12, 0, 0)
        column.setSpacing(8)
        self.summary.setContentsMargins(14, 0, 14, 0)
        self.nothing.setContentsMargins(14, 0, 14, 0)
        column.addWidget(self.summary)
        column.addWidget(self.nothing)
        column.addWidget(self.list, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.different)
        buttons.addWidget(self.compare)
        buttons.addStretch(1)
        for button in (self.different, self.compare):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        column = QVBoxLayout(right)
        column.setContentsMargins(18, 14, 18, 14)
        column.setSpacing(8)
        column.addWidget(self.title)
        column.addWidget(self.passed_on)
        column.addWidget(self.pictures, 1)
        column.addLayout(buttons)
        self.splitter = QSplitter(Qt.Orientation.Horizontal, childrenCollapsible=False)
        self.splitter.addWidget(left)
        self.splitter.addWidget(right)
        self.splitter.setStretchFactor(1, 1)
        self.splitter.setSizes([440, 800])
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.splitter)

    # what is shown ----------------------------------------------------------------------------

    def name_key(self, text: str, key: str) -> None:
        """Write the key on the button that takes an image out of its group."""
        self.different.setText(f"{text}   {key}")

    def show_sheet(self, sheet: GroupSheet, summary: str, nothing: str) -> None:
        """Show other groups; the chosen one stays chosen, or the one in its place."""
        row, chosen = self.list.currentIndex().row(), self._chosen
        member = max(self.pictures.currentIndex().row(), 1)
        self._sheet = sheet
        self.summary.setText(summary)
        self.nothing.setText(nothing)
        self.nothing.setVisible(bool(nothing))
        self.groups.set_groups(sheet.groups)
        found = self.groups.row_of(chosen) if chosen is not None else -1
        row = found if found >= 0 else max(row, 0)
        index = self.groups.index(min(row, self.groups.rowCount() - 1))
        select = QItemSelectionModel.SelectionFlag.ClearAndSelect
        self.list.selectionModel().setCurrentIndex(index, select)
        self.list.scrollTo(index)
        self._show_group(self.groups.group_at(index.row()))
        self.pictures.setCurrentIndex(self.members.index(min(member, self.members.rowCount() - 1)))

    def _show_current(self, current: QModelIndex, previous: QModelIndex) -> None:
        if current.isValid():
            self._show_group(self.groups.group_at(current.row()))

    def _show_group(self, group: DuplicateGroup | None) -> None:
        self._chosen = group.kept.id if group is not None else None
        self.members.set_group(group, self._sheet.keywords)
        self.title.setText(group.kept.path if group is not None else "")
        self.passed_on.setText(self._tell_copies(group.copies) if group is not None else "")
        self.pictures.setCurrentIndex(self.members.index(1))
        self._show_buttons()

    def _tell_copies(self, copies: tuple[KeywordCopy, ...]) -> str:
        known = self._sheet.keywords
        names = [known[one.keyword].no for one in copies if one.keyword in known]
        if not names:
            return self.tr("Takes over no keyword.")
        return self.tr("Takes over: {names}").format(names=", ".join(names))

    def _show_buttons(self) -> None:
        is_other = self._current_pair() is not None
        self.different.setEnabled(is_other)
        self.compare.setEnabled(is_other)
        for part in (self.pictures, self.different, self.compare):
            part.setVisible(self._chosen is not None)

    # correcting -------------------------------------------------------------------------------

    def reject_current(self) -> None:
        """The image in hand is no duplicate of the kept one."""
        pair = self._current_pair()
        if pair is not None:
            self.rejected.emit(pair)

    def compare_current(self) -> None:
        """See the image in hand and the kept one side by side."""
        pair = self._current_pair()
        if pair is not None:
            self.compared.emit(pair)

    def _current_pair(self) -> ImagePair | None:
        group = self.groups.group_at(self.list.currentIndex().row())
        place = self.pictures.currentIndex().row() - 1
        if group is None or not 0 <= place < len(group.removed):
            return None
        return self._sheet.pair_of(group, place)
