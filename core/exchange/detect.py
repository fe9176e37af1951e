"""Guessing the layout of a keyword table from its first rows. Deterministic."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from core.errors import TableError
from core.exchange.keyword_cells import STRONG_SEPARATORS, WEAK_SEPARATORS, detect_separator
from core.exchange.layout import TableFormat, TableLayout
from core.exchange.text import DELIMITERS, detect_encoding, open_text, separator_hint, text_rows
from core.exchange.xlsx import OLE_START, ZIP_START, sheet_names, xlsx_rows
from core.images.walk import EXTENSIONS

SAMPLE_ROWS = 500
_SAMPLE_CHARACTERS = 262_144
_OFTEN = 0.1
"""Share of rows that use a column without a name, for it to be more than a slip."""

_PATH_NAMES = re.compile(
    r"(image|bilde|file|fil|foto|photo|relative|original)?[ _-]*"
    r"(path|sti|file|fil|filename|file[ _-]?name|filnavn|filsti|name|navn|bilde|image|bane)",
    re.IGNORECASE,
)
_KEYWORD_NAMES = re.compile(
    r"(key ?words?|nøkkelord|stikkord|emneord|emner?|tags?|labels?|subjects?|merke(lapp)?er|"
    r"etiketter|motiv)([ _-]*(no|nb|nor|norsk|norwegian|bokmål))?[ _.-]*\d*",
    re.IGNORECASE,
)
_ENGLISH_NAMES = re.compile(
    r"(.*[ _-])?(en|eng|english|engelske?)([ _-]+(keywords?|nøkkelord|emneord|tags?|terms?))?",
    re.IGNORECASE,
)


def detect_layout(path: Path) -> TableLayout:
    """The layout of the table ``path``. Raises :class:`TableError` if it is no usable table."""
    with path.open("rb") as stream:
        start = stream.read(8)
        stream.seek(0)
        if start.startswith(ZIP_START):
            return _detect_xlsx(path)
        if start.startswith(OLE_START):
            raise TableError(
                f"{path.name} is an old or an encrypted Excel file.",
                "Save it as XLSX without a password, or as CSV.",
            )
        if not start:
            raise TableError(f"{path.name} is empty.", "Choose another table.")
        encoding = detect_encoding(stream)
    delimiter = _detect_delimiter(path, encoding)
    rows = [row for row in islice(text_rows(path, encoding, delimiter), SAMPLE_ROWS) if any(row)]
    return _describe(path, rows, TableFormat.TEXT, encoding=encoding, delimiter=delimiter)


def _detect_xlsx(path: Path) -> TableLayout:
    """The first sheet that has two columns or more is the table."""
    for sheet in sheet_names(path):
        rows = [row for row in islice(xlsx_rows(path, sheet), SAMPLE_ROWS) if any(row)]
        if any(len(row) > 1 for row in rows):
            return _describe(path, rows, TableFormat.XLSX, sheet=sheet)
    raise TableError(
        f"No sheet of {path.name} has a column of paths and one of keywords.",
        "Choose another table.",
    )


def _detect_delimiter(path: Path, encoding: str) -> str:
    with open_text(path, encoding) as stream:
        sample = stream.read(_SAMPLE_CHARACTERS)
    first = sample.partition("\n")[0]
    if hint := separator_hint(first):
        return hint
    if len(sample) == _SAMPLE_CHARACTERS:  # the last line may be cut off
        sample = sample[: sample.rfind("\n") + 1] or sample
    scores = {delimiter: _score(sample, delimiter) for delimiter in DELIMITERS}
    return max(DELIMITERS, key=lambda delimiter: scores[delimiter])


def _score(sample: str, delimiter: str) -> float:
    """How much like a table the sample is: paths in one column, and equally long rows."""
    try:
        reader = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
        rows = [row for row in islice(reader, SAMPLE_ROWS) if any(row)]
    except csv.Error:
        return 0.0
    widths = Counter(len(row) for row in rows)
    if not rows or max(widths) < 2:
        return 0.0
    shares = _path_shares(rows)
    even = max(count for count in widths.values()) / len(rows)
    return 2 * max(shares) + even


def _path_shares(rows: Sequence[Sequence[str]]) -> list[float]:
    """For each column the share of rows whose cell ends like an image file."""
    hits = Counter(
        column for row in rows for column, cell in enumerate(row) if _is_image_path(cell)
    )
    width = max(len(row) for row in rows)
    return [hits[column] / len(rows) for column in range(width)]


def _is_image_path(cell: str) -> bool:
    return cell.strip().lower().endswith(EXTENSIONS)


def _describe(
    path: Path,
    rows: Sequence[Sequence[str]],
    table_format: TableFormat,
    encoding: str = "",
    delimiter: str = "",
    sheet: str = "",
) -> TableLayout:
    if not rows or max(len(row) for row in rows) < 2:
        raise TableError(
            f"{path.name} needs a column of paths and at least one of keywords.",
            "Choose another table.",
        )
    path_column, has_header = _detect_path_column(rows)
    header = tuple(cell.strip() for cell in rows[0]) if has_header else ()
    body = rows[1:] if has_header else rows
    filled = Counter(column for row in body for column, cell in enumerate(row) if cell.strip())
    columns = [column for column in range(max(len(row) for row in rows)) if column != path_column]
    if header:
        often = [column for column in columns if filled[column] >= _OFTEN * len(body)]
        keyword_columns, english_column = _named_columns(header, columns, often)
    else:
        keyword_columns, english_column = tuple(columns), None
    return TableLayout(
        format=table_format,
        path_column=path_column,
        keyword_columns=keyword_columns,
        keyword_separator=_detect_separator(body, keyword_columns, delimiter),
        has_header=has_header,
        header=header,
        english_column=english_column,
        encoding=encoding,
        delimiter=delimiter,
        sheet=sheet,
    )


def _detect_path_column(rows: Sequence[Sequence[str]]) -> tuple[int, bool]:
    """The column of paths, and whether the first row is a header."""
    first, rest = rows[0], rows[1:]
    named = [column for column, cell in enumerate(first) if _PATH_NAMES.fullmatch(cell.strip())]
    shares = _path_shares(rest) if rest else _path_shares(rows)
    best = max(shares, default=0.0)
    if best == 0:
        known = (*named, *(cell for cell in first if _KEYWORD_NAMES.fullmatch(cell.strip())))
        return (named[0] if named else 0), bool(known)
    candidates = [column for column, share in enumerate(shares) if share == best]
    column = next((column for column in named if column in candidates), candidates[0])
    return column, not (column < len(first) and _is_image_path(first[column]))


def _named_columns(
    header: Sequence[str], others: Sequence[int], often: Sequence[int]
) -> tuple[tuple[int, ...], int | None]:
    """Columns of keywords and, if there is one, of their English names."""
    names = {column: header[column] if column < len(header) else "" for column in others}
    english = [column for column in others if _ENGLISH_NAMES.fullmatch(names[column])]
    norwegian = [column for column in others if column not in english]
    named = [column for column in norwegian if _KEYWORD_NAMES.fullmatch(names[column])]
    if not norwegian:  # a table of English keywords only
        return tuple(english[:1]), None
    named = named or norwegian[:1]
    # Programs that put each keyword into a column of its own name only the first of them.
    while (following := named[-1] + 1) in often and not names[following]:
        named.append(following)
    return tuple(named), english[0] if len(english) == 1 and len(named) == 1 else None


def _detect_separator(rows: Sequence[Sequence[str]], columns: Sequence[int], delimiter: str) -> str:
    cells = [row[column] for row in rows for column in columns if column < len(row)]
    one_column = len(columns) == 1
    allowed = (*STRONG_SEPARATORS, *(WEAK_SEPARATORS if one_column else ()))
    return detect_separator(
        [cell for cell in cells if cell.strip()],
        [separator for separator in allowed if one_column or separator != delimiter],
    )
