"""Opening an XLSX workbook such that no piece of it takes more memory than a table needs.

The directory of the archive tells the size of whole parts only, and a part may be a single cell.
Here a part is read piece by piece, and every piece has a bound.
"""

from __future__ import annotations

import io
import zipfile
from typing import IO, Any

from openpyxl.cell.text import Text
from openpyxl.reader.excel import ExcelReader
from openpyxl.worksheet._read_only import ReadOnlyWorksheet
from openpyxl.xml.constants import SHARED_STRINGS, SHEET_MAIN_NS
from openpyxl.xml.functions import iterparse

from core.errors import TableError

MAX_SHARED_STRINGS = 256 << 20
"""Bytes of XML of the texts that cells refer to; unlike rows, they are all held at once."""
MAX_PIECE = 16 << 20
"""Bytes of XML of one row, one shared string or one other part, such as that of the styles: it
becomes one tree of objects, which takes many times as much memory."""
_STRING = f"{{{SHEET_MAIN_NS}}}si"


def open_workbook(stream: IO[bytes]) -> Any:
    """An openpyxl workbook for reading rows; close it, and ``stream`` after it.

    Whoever reads rows calls :func:`start_piece` behind each. Raises :class:`TableError` when a
    piece is too large, then or while rows are read, and anything for a damaged workbook.
    """
    reader = _Reader(stream, read_only=True, data_only=True, keep_links=False)
    reader.read()
    return reader.wb


def start_piece(workbook: Any) -> None:
    """What was read of it so far has been dealt with; the next piece has its own bound."""
    workbook._archive.start_piece()


def too_much() -> TableError:
    """What to tell a person of a workbook beyond the bounds."""
    return TableError(
        "The workbook would unpack to more than a keyword table needs.",
        "Delete what is not needed in it, or save the table as CSV.",
    )


class _Archive(zipfile.ZipFile):
    """A workbook of which no piece may unpack to more than ``MAX_PIECE`` bytes."""

    _left = MAX_PIECE

    def open(self, *args: Any, **kwargs: Any) -> Any:
        """Open a part; reading from it raises :class:`TableError` inside too large a piece."""
        self.start_piece()
        return _Part(super().open(*args, **kwargs), self)

    def start_piece(self) -> None:
        self._left = MAX_PIECE

    def read_piece(self, stream: IO[bytes], size: int) -> bytes:
        """Read up to ``size`` bytes, or all if it is negative, but no more than a piece has."""
        most = self._left + 1
        data = stream.read(most if size < 0 else min(size, most))
        self._left -= len(data)
        if self._left < 0:
            raise too_much()
        return data


class _Part(io.RawIOBase):
    """One part of a workbook, as a stream."""

    def __init__(self, stream: IO[bytes], archive: _Archive) -> None:
        self._stream = stream
        self._archive = archive

    def read(self, size: int = -1, /) -> bytes:
        return self._archive.read_piece(self._stream, size)

    def close(self) -> None:
        self._stream.close()
        super().close()


class _Sheet(ReadOnlyWorksheet):  # type: ignore[misc]
    def _get_size(self) -> None:
        """Leave it unknown: what a sheet claims may be wrong, and some have to be read to tell."""


class _Reader(ExcelReader):  # type: ignore[misc]
    def __init__(self, stream: IO[bytes], **options: Any) -> None:
        super().__init__(stream, **options)
        self.archive = _Archive(stream)

    def read_strings(self) -> None:
        """As openpyxl does it, but let go of each element when it has been read."""
        part = self.package.find(SHARED_STRINGS)
        if part is None:
            return
        name = part.PartName[1:]
        if self.archive.getinfo(name).file_size > MAX_SHARED_STRINGS:
            raise too_much()
        with self.archive.open(name) as stream:
            steps = iterparse(stream, ("start", "end"))
            _, root = next(steps)
            for event, node in steps:
                if event == "end" and node.tag == _STRING:
                    # Excel writes _x005F_ for an underscore that could mislead.
                    self.shared_strings.append(Text.from_tree(node).content.replace("x005F_", ""))
                    root.clear()
                    self.archive.start_piece()

    def read_worksheets(self) -> None:
        """As openpyxl does it for reading only, but for the size of the sheets."""
        for sheet, relation in self.parser.find_sheets():
            if relation.target not in self.valid_files:
                continue
            if "chartsheet" in relation.Type:
                self.read_chartsheet(sheet, relation)
            else:
                found = _Sheet(self.wb, sheet.name, relation.target, self.shared_strings)
                found.sheet_state = sheet.state
                self.wb._sheets.append(found)
