"""Rows of cells from an XLSX workbook, without trusting what it claims to be."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from core.errors import TableError
from core.quiet import ignore_warnings_of

ZIP_START = b"PK\x03\x04"
OLE_START = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MAX_UNPACKED = 1 << 30
"""Bytes of all parts of a workbook together: about ten times a table of 290 000 rows."""
MAX_ROWS = 1 << 20
"""What Excel allows; more would be all but empty, or claimed by the number of one row."""
MAX_PARTS = 10_000
MAX_COLUMNS = 256
_CELL_ERRORS = frozenset({"#N/A", "#REF!", "#NAME?", "#VALUE!", "#DIV/0!", "#NULL!", "#NUM!"})


def sheet_names(path: Path) -> list[str]:
    """The sheets that hold cells, in order. Raises :class:`TableError`."""
    with _open_workbook(path) as workbook:
        names = [sheet.title for sheet in workbook.worksheets]
    if not names:
        raise TableError(f"{path.name} has no sheet.", "Choose another table.")
    return names


def xlsx_rows(path: Path, sheet: str) -> Generator[list[str], None, None]:
    """The rows of one sheet, one at a time, as text; formulas give their last value.

    Raises :class:`TableError`, also for a row of more text than a table needs.
    """
    from core.exchange.bounded_workbook import start_piece, too_much

    with _open_workbook(path) as workbook:
        if sheet not in workbook.sheetnames:
            raise TableError(f"{path.name} has no sheet {sheet!r}.", "Choose another sheet.")
        rows = workbook[sheet].iter_rows(values_only=True, max_col=MAX_COLUMNS)
        for number, cells in enumerate(rows):
            if number == MAX_ROWS:
                raise too_much()
            start_piece(workbook)
            row = [_text(value) for value in cells]
            while row and not row[-1]:
                row.pop()
            yield row


@contextmanager
def _open_workbook(path: Path) -> Iterator[Any]:
    from core.exchange.bounded_workbook import open_workbook  # openpyxl takes long to import

    ignore_warnings_of("openpyxl")
    _require_harmless(path)
    try:
        # Given a name instead of a stream, openpyxl would insist on its extension.
        with path.open("rb") as stream, closing(open_workbook(stream)) as workbook:
            yield workbook
    except TableError:
        raise
    except Exception as error:  # a damaged workbook can raise anything in the parser
        raise TableError(
            f"{path.name} is damaged and cannot be read.", "Open and save it again, or use CSV."
        ) from error


def _require_harmless(path: Path) -> None:
    """Look at the directory of the archive before anything is unpacked."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            names = {part.filename for part in parts}
            _require_no_doctype(archive, parts)
    except (
        zipfile.BadZipFile,
        zlib.error,
        OSError,
        EOFError,
        ValueError,
        RuntimeError,  # it is encrypted, or packed in a way Python does not know
    ) as error:
        raise TableError(
            f"{path.name} is damaged: it is cut off or no workbook.", "Save it again, or use CSV."
        ) from error
    if "[Content_Types].xml" not in names or not any(n.startswith("xl/") for n in names):
        raise TableError(f"{path.name} is not an XLSX workbook.", "Save the table as XLSX or CSV.")


def _require_no_doctype(archive: zipfile.ZipFile, parts: list[zipfile.ZipInfo]) -> None:
    """Refuse parts that unpack to too much; an entity definition could do the same in XML."""
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
        from core.exchange.bounded_workbook import too_much

        raise too_much()
    for part in parts:
        if part.filename.endswith((".xml", ".rels")):
            with archive.open(part) as stream:
                if b"<!DOCTYPE" in stream.read(4096).upper():
                    raise TableError(
                        "The workbook defines XML entities, which no table needs.",
                        "Save it again with a spreadsheet program, or use CSV.",
                    )


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    if isinstance(value, (date, time)):
        return value.isoformat()
    text = str(value)
    return "" if text in _CELL_ERRORS else text
