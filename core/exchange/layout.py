"""How a keyword table is to be read: detected, shown, and corrected by the person."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from core.errors import TableError


class TableFormat(StrEnum):
    """The kind of file."""

    TEXT = "text"
    XLSX = "xlsx"


@dataclass(frozen=True, slots=True)
class TableLayout:
    """Where paths and keywords are in a table. Columns count from 0.

    With several ``keyword_columns`` their keywords are joined. ``keyword_separator`` parts the
    keywords in one cell; empty: a cell is one keyword. ``english_column`` holds the English names
    of the keywords of the same row, in the same order. ``encoding`` and ``delimiter`` are for
    text, ``sheet`` is for XLSX; ``header`` is empty for a table without one.
    """

    format: TableFormat
    path_column: int
    keyword_columns: tuple[int, ...]
    keyword_separator: str
    has_header: bool = True
    header: tuple[str, ...] = ()
    english_column: int | None = None
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""

    def __post_init__(self) -> None:
        columns = [self.path_column, *self.keyword_columns]
        if self.english_column is not None:
            columns.append(self.english_column)
        if min(columns) < 0 or len(set(columns)) != len(columns):
            raise TableError(
                "Each column of the table can have one purpose only.",
                "Choose different columns for the paths, the keywords and the English names.",
            )
        if not self.keyword_columns:
            raise TableError("No column is chosen for the keywords.", "Choose at least one.")


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row with something in it. ``number`` counts rows from 1, a header included.

    ``english`` pairs keywords with the English names the row gives. ``wider``: it has cells
    beyond the header; ``unpaired``: its English names do not pair with its keywords.
    """

    number: int
    path: str
    keywords: tuple[str, ...]
    english: tuple[tuple[str, str], ...] = ()
    wider: bool = False
    unpaired: bool = False
