"""The vocabulary as a table: Norwegian and English names, synonyms and status of keywords."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.errors import TableError
from core.exchange.text import DELIMITERS, detect_encoding, open_text, text_rows
from core.exchange.xlsx import ZIP_START, sheet_names, xlsx_rows
from core.reporting.csv_table import plain_cell, write_csv
from core.types import Keyword, KeywordStatus

HEADER = ("no", "en", "synonyms", "status", "images")
SEPARATOR = ";"
MAX_ROWS = 200_000

_COLUMNS = {
    "no": {"no", "norwegian", "norsk", "keyword", "nøkkelord"},
    "en": {"en", "english", "engelsk"},
    "synonyms": {"synonyms", "synonymer", "other names"},
    "status": {"status"},
}


@dataclass(frozen=True, slots=True)
class VocabularyRow:
    """What a table says about one keyword; None where it has no such column.

    ``line`` counts from 1, the header included.
    """

    line: int
    no: str
    en: str | None = None
    synonyms: tuple[str, ...] | None = None
    status: KeywordStatus | None = None


def write_vocabulary(path: Path, rows: Iterable[tuple[Keyword, Sequence[str], int]]) -> None:
    """Write keywords with their synonyms and numbers of images as CSV, never as formulas.

    Raises :class:`core.errors.StorageError`; the file appears complete or not at all.
    """
    cells = (
        (keyword.no, keyword.en or "", f"{SEPARATOR} ".join(names), keyword.status.value, images)
        for keyword, names, images in rows
    )
    write_csv(path, HEADER, cells)


def read_vocabulary(path: Path) -> list[VocabularyRow]:
    """The rows of a CSV, TSV or XLSX table that has a column of Norwegian names.

    Raises :class:`TableError` naming what cannot be understood.
    """
    try:
        rows = enumerate(_rows(path), 1)
        places = _places(next(rows, (1, []))[1])
        found = [_parse(line, row, places) for line, row in rows if any(map(str.strip, row))]
    except OSError as error:
        raise TableError(f"{path} cannot be read: {error.strerror}.") from error
    if len(found) > MAX_ROWS:
        raise TableError(f"{path.name} has more than {MAX_ROWS} rows.", "Choose another table.")
    return found


def _rows(path: Path) -> Iterator[list[str]]:
    with path.open("rb") as stream:
        is_workbook = stream.read(len(ZIP_START)) == ZIP_START
        stream.seek(0)
        encoding = "" if is_workbook else detect_encoding(stream)
    if is_workbook:
        yield from xlsx_rows(path, sheet_names(path)[0])
        return
    with open_text(path, encoding) as text:
        first = text.readline()
    yield from text_rows(path, encoding, max(DELIMITERS, key=first.count))


def _places(header: Sequence[str]) -> dict[str, int]:
    titles = [cell.strip().casefold() for cell in header]
    places = {
        name: titles.index(title)
        for name, known in _COLUMNS.items()
        for title in titles
        if title in known
    }
    if "no" not in places:
        raise TableError(
            "The table has no column of Norwegian names.",
            "Call the columns in its first row: no, en, synonyms, status.",
        )
    return places


def _parse(line: int, row: Sequence[str], places: dict[str, int]) -> VocabularyRow:
    def cell(name: str) -> str | None:
        if name not in places:
            return None
        return plain_cell(row[places[name]].strip()) if places[name] < len(row) else ""

    no = cell("no")
    if not no:
        raise TableError(f"Line {line} has no Norwegian name.", "Add it, or delete the line.")
    synonyms = cell("synonyms")
    names = None if synonyms is None else [one.strip() for one in synonyms.split(SEPARATOR)]
    status = (cell("status") or "").casefold()
    if status and status not in list(KeywordStatus):
        raise TableError(
            f"Line {line} has the unknown status {status}.",
            f"Write one of: {', '.join(KeywordStatus)}.",
        )
    return VocabularyRow(
        line,
        no,
        cell("en"),
        None if names is None else tuple(filter(None, names)),
        KeywordStatus(status) if status else None,
    )
