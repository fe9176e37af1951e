"""Choosing a table of keywords: how it is read is shown with its first rows, and corrected."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QHeaderView, QVBoxLayout, QWidget

from clipkw_gui.actions.ingest import TableLayout, TablePreview, preview_table
from clipkw_gui.context import AppContext
from clipkw_gui.models.lines import LineModel
from clipkw_gui.models.sample import SampleModel
from clipkw_gui.widgets.formats import count_text
from clipkw_gui.widgets.labels import set_role, text_label
from clipkw_gui.widgets.layout_fields import LayoutFields
from clipkw_gui.widgets.path_field import PathField
from clipkw_gui.widgets.table_copy import CopyTable
from core.errors import ClipkwError, TableError

SHOWN_ROWS = 5
ROW_HEIGHT = 28
_REWRITES_COLUMNS = ("delimiter", "encoding")


def _line_table(name: str, lines: LineModel) -> CopyTable:
    table = CopyTable(name)
    table.setModel(lines)
    table.setSortingEnabled(False)
    table.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
    table.setFixedHeight((SHOWN_ROWS + 1) * ROW_HEIGHT + 8)
    return table


class TablePanel(QWidget):
    """``path`` and ``layout_given`` are the answer; it can be taken when ``is_ready``."""

    changed = Signal()

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._images: Path | None = None
        self._preview: TablePreview | None = None
        self._is_current = False
        """Whether the preview shows the table as it is read now."""
        kinds = self.tr("Tables (*.csv *.tsv *.txt *.xlsx);;All files (*)")
        self.field = PathField(
            self.tr("Table of keywords"), self.tr("Choose or drop a table"), kinds
        )
        self.layout_fields = LayoutFields()
        self._sample = SampleModel(self)
        self.sample = CopyTable(self.tr("First rows of the table"))
        self.sample.setModel(self._sample)
        self.sample.setSortingEnabled(False)
        self.sample.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
        self.sample.setFixedHeight((SHOWN_ROWS + 1) * ROW_HEIGHT + 8)
        self.sample.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._unmatched, self._without_row = LineModel(self), LineModel(self)
        self.unmatched = _line_table(self.tr("Rows without an image"), self._unmatched)
        self.without_row = _line_table(self.tr("Images without a row"), self._without_row)
        self._told = text_label("", "secondary", wrap=True)
        self._warned = text_label("", "secondary", wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        for part in (self.field, self.sample, self.layout_fields, self._told, self._warned):
            column.addWidget(part)
        missing = QHBoxLayout()
        missing.setSpacing(10)
        missing.addWidget(self.unmatched)
        missing.addWidget(self.without_row)
        column.addLayout(missing)
        self.field.changed.connect(self._choose)
        self.layout_fields.changed.connect(self._correct)
        self.reset()

    # the answer -------------------------------------------------------------------------------

    @property
    def path(self) -> Path | None:
        """The table, None if there is none."""
        return self.field.path

    @property
    def layout_given(self) -> TableLayout | None:
        """How the table is read, as it was shown."""
        return self._preview.layout if self._preview else None

    @property
    def is_ready(self) -> bool:
        """Whether there is no table, or one whose rows belong to images."""
        return self.path is None or (
            self._is_current and bool(self._preview and self._preview.matched)
        )

    @property
    def told(self) -> str:
        """What is said about the table."""
        return self._told.text()

    def reset(self) -> None:
        """No table."""
        self._images = None
        self.field.line.clear()
        self._clear()

    def set_images(self, images: Path | None) -> None:
        """The folder whose images the rows are compared with."""
        self._images = images
        self._choose(self.path)

    # looking ----------------------------------------------------------------------------------

    def _choose(self, path: Path | None) -> None:
        self._clear()
        if path is not None and self._images is None:
            self._tell(self.tr("Choose the folder of photographs first."))
        elif path is not None:
            self._look(None)
        self.changed.emit()

    def _clear(self) -> None:
        self._preview = None
        self._is_current = False
        for part in (self.sample, self.layout_fields, self.unmatched, self.without_row):
            part.hide()
        self._tell("")
        self._warn("")

    def _look(self, layout: TableLayout | None) -> None:
        if self.path is not None and self._images is not None:
            self._is_current = False
            self._tell(self.tr("Reading…"))
            preview_table(self._context, self.path, self._images, layout, self._show, self._refuse)

    def _correct(self, name: str, value: Any) -> None:
        """The person reads one part of the table differently."""
        if self._preview is None:
            return
        changes: dict[str, Any] = {name: value}
        if name in _REWRITES_COLUMNS:
            changes["header"] = ()
        try:
            layout = replace(self._preview.layout, **changes)
        except TableError as error:
            self._tell(str(error), "problem")
            self._fill_fields(self._preview)
            return
        self._look(layout)
        self.changed.emit()

    def _show(self, preview: TablePreview) -> None:
        self._preview = preview
        self._is_current = True
        self._fill_sample(preview)
        self._fill_fields(preview)
        self.sample.show()
        self.layout_fields.show()
        text = self.tr(
            "{matched} of {rows} rows belong to an image; they put {keywords} different keywords on"
            " images, {labels} in all."
        )
        self._tell(
            text.format(
                matched=count_text(preview.matched),
                rows=count_text(preview.rows),
                keywords=count_text(preview.keywords),
                labels=count_text(preview.labels),
            ),
            "good" if preview.matched else "problem",
        )
        self._warn("\n".join(preview.warnings))
        self._list_missing(preview)
        self.changed.emit()

    def _refuse(self, error: Exception) -> None:
        if isinstance(error, ClipkwError):
            self._tell(str(error), "problem")
        self.changed.emit()

    # showing ----------------------------------------------------------------------------------

    def _columns(self, preview: TablePreview) -> list[str]:
        """Names of the columns, numbered where the table does not name them."""
        layout, rows = preview.layout, preview.first_rows
        used = [layout.path_column, *layout.keyword_columns]
        width = max([len(row) for row in rows] + [max(used) + 1])
        header = rows[0] if layout.has_header and rows else ()
        return [
            (header[number].strip() if number < len(header) else "")
            or self.tr("Column {number}").format(number=number + 1)
            for number in range(width)
        ]

    def _fill_sample(self, preview: TablePreview) -> None:
        layout = preview.layout
        purposes = {layout.path_column: self.tr("path of the image")}
        purposes.update(dict.fromkeys(layout.keyword_columns, self.tr("keywords")))
        if layout.english_column is not None:
            purposes[layout.english_column] = self.tr("English names")
        titles = [
            f"{title}  →  {purposes[number]}" if number in purposes else title
            for number, title in enumerate(self._columns(preview))
        ]
        rows = preview.first_rows[int(layout.has_header) :][:SHOWN_ROWS]
        self._sample.set_sample(rows, titles, frozenset(purposes))
        header = self.sample.horizontalHeader()
        header.resizeSections(QHeaderView.ResizeMode.ResizeToContents)

    def _list_missing(self, preview: TablePreview) -> None:
        """The rows and the images that are left over, one by one."""
        text = self.tr("Rows without an image: {count}")
        lines = preview.unmatched
        self._unmatched.set_lines(text.format(count=count_text(len(lines))), lines)
        self.unmatched.setVisible(bool(lines))
        text = self.tr("Images without a row: {count}")
        lines = preview.without_row
        self._without_row.set_lines(text.format(count=count_text(len(lines))), lines)
        self.without_row.setVisible(bool(lines))

    def _fill_fields(self, preview: TablePreview) -> None:
        layout = preview.layout
        self.layout_fields.show_layout(self._columns(preview), asdict(layout))
        self.layout_fields.set_text_parts_enabled(bool(layout.delimiter))

    def _tell(self, text: str, role: str = "secondary") -> None:
        set_role(self._told, role)
        self._told.setText(text)
        self._told.setVisible(bool(text))

    def _warn(self, text: str) -> None:
        self._warned.setText(text)
        self._warned.setVisible(bool(text))
