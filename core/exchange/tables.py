"""Keyword tables: look at one before anything is written, then read it row by row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from pathlib import Path

from core.catalog.text import fold
from core.errors import TableError
from core.exchange.detect import detect_layout as _detect_layout
from core.exchange.keyword_cells import MAX_KEYWORD, WEAK_SEPARATORS, split_keywords
from core.exchange.layout import TableFormat, TableLayout, TableRow
from core.exchange.paths import PathIndex
from core.exchange.text import text_rows
from core.exchange.xlsx import xlsx_rows
from core.progress import Progress

FIRST_ROWS = 10
_REPORT_EVERY = 1_000


@dataclass(frozen=True, slots=True)
class TablePreview:
    """What a table holds and what an import of it would do; nothing has been written.

    ``first_rows`` are raw cells, a header included. ``matched`` counts the rows that name an
    image, ``unmatched`` are the others as ``row NUMBER: PATH``, ``without_row`` the paths of the
    images that no row names, in order. ``labels`` counts the distinct pairs of image and keyword,
    ``keywords`` the distinct keywords among them.
    """

    layout: TableLayout
    first_rows: tuple[tuple[str, ...], ...]
    rows: int
    matched: int
    unmatched: tuple[str, ...]
    without_row: tuple[str, ...]
    labels: int
    keywords: int
    warnings: tuple[str, ...]


@dataclass(slots=True)
class MatchedTable:
    """Keywords by image path, rows about the same image merged; and what could not be used.

    ``labels`` gives for each path the keywords as first spelled, by their folded form.
    """

    labels: dict[str, dict[str, str]] = field(default_factory=dict)
    english: dict[str, str] = field(default_factory=dict)
    rows: int = 0
    matched: int = 0
    unmatched: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def detect_layout(path: Path) -> TableLayout:
    """Detect how ``path`` is written; raises :class:`TableError` if it is no usable table."""
    with _clear_errors(path):
        return _detect_layout(path)


def read_rows(path: Path, layout: TableLayout) -> Iterator[TableRow]:
    """The rows of a table that have a path or a keyword, one at a time.

    Missing cells are empty ones. Keywords come without outer and multiple white space, each once
    per row. Raises :class:`TableError` when the table is not as ``layout`` says.
    """
    with closing(_filled_rows(path, layout)) as rows:
        for number, row in islice(rows, int(layout.has_header), None):
            parsed = _parse(number, row, layout)
            if parsed.path or parsed.keywords:
                yield parsed


def match_table(
    path: Path, layout: TableLayout, index: PathIndex, progress: Progress
) -> MatchedTable:
    """Read the whole table and find the image of each row."""
    result = MatchedTable()
    counts: Counter[str] = Counter()
    for row in read_rows(path, layout):
        result.rows += 1
        if result.rows % _REPORT_EVERY == 0:
            progress.checkpoint()
            progress.report(result.rows, 0, "Reading the table")
        image = index.match(row.path)
        if image is None:
            result.unmatched.append(f"row {row.number}: {row.path or '(no path)'}")
            continue
        result.matched += 1
        counts["again"] += image in result.labels
        counts["wider"] += row.wider
        counts["unpaired"] += row.unpaired
        merged = result.labels.setdefault(image, {})
        for keyword in row.keywords:
            if folded := _folded_if_usable(keyword):
                merged.setdefault(folded, keyword)
            else:
                counts["unusable"] += 1
        for norwegian, english in row.english:
            if _folded_if_usable(english):
                result.english.setdefault(norwegian, english)
    result.warnings.extend(_warnings(counts))
    return result


def preview(path: Path, layout: TableLayout, index: PathIndex, progress: Progress) -> TablePreview:
    """Read the whole table and say what an import of it would do."""
    with closing(_filled_rows(path, layout)) as rows:
        first_rows = tuple(tuple(row) for _, row in islice(rows, FIRST_ROWS))
    table = match_table(path, layout, index, progress)
    keywords = {keyword for merged in table.labels.values() for keyword in merged}
    warnings = list(table.warnings)
    if not table.matched:
        warnings.insert(0, "No row names an image of this archive.")
    if not layout.keyword_separator and any(
        separator in keyword for keyword in keywords for separator in WEAK_SEPARATORS
    ):
        warnings.append("Some keywords contain a comma or a slash, which is taken as part of them.")
    return TablePreview(
        layout=layout,
        first_rows=first_rows,
        rows=table.rows,
        matched=table.matched,
        unmatched=tuple(table.unmatched),
        without_row=tuple(sorted(path for path in index if path not in table.labels)),
        labels=sum(len(merged) for merged in table.labels.values()),
        keywords=len(keywords),
        warnings=tuple(warnings),
    )


@lru_cache(maxsize=65_536)
def _folded_if_usable(keyword: str) -> str:
    """The keyword as the catalog compares it; empty if it is too long or no text."""
    no_text = any(letter == "\0" or "\ud800" <= letter <= "\udfff" for letter in keyword)
    return "" if no_text or len(keyword) > MAX_KEYWORD else fold(keyword)


def _warnings(counts: Counter[str]) -> Iterator[str]:
    texts = {
        "again": "{} rows name an image that another row names too; their keywords are joined.",
        "wider": "{} rows have more cells than the header; the cells beyond it are ignored.",
        "unpaired": "{} rows do not have one English name for each keyword; "
        "their English names are ignored.",
        "unusable": f"{{}} keywords are longer than {MAX_KEYWORD} characters or no text; "
        "they are left out.",
    }
    return (text.format(counts[name]) for name, text in texts.items() if counts[name])


def _filled_rows(path: Path, layout: TableLayout) -> Generator[tuple[int, list[str]], None, None]:
    """Number, from 1, and cells of every row that is not empty."""
    with _clear_errors(path):
        if layout.format is TableFormat.XLSX:
            rows = xlsx_rows(path, layout.sheet)
        else:
            rows = text_rows(path, layout.encoding, layout.delimiter)
        with closing(rows):
            for number, row in enumerate(rows, start=1):
                if any(row):
                    yield number, row


def _parse(number: int, row: list[str], layout: TableLayout) -> TableRow:
    def cell(column: int) -> str:
        return row[column] if column < len(row) else ""

    norwegian = [
        keyword
        for column in layout.keyword_columns
        for keyword in split_keywords(cell(column), layout.keyword_separator)
    ]
    pairs: tuple[tuple[str, str], ...] = ()
    unpaired = False
    if layout.english_column is not None:
        english = split_keywords(cell(layout.english_column), layout.keyword_separator)
        unpaired = len(english) != len(norwegian) and any(english)
        if not unpaired:
            pairs = tuple((no, en) for no, en in zip(norwegian, english, strict=False) if no and en)
    return TableRow(
        number=number,
        path=cell(layout.path_column).strip(),
        keywords=tuple(dict.fromkeys(keyword for keyword in norwegian if keyword)),
        english=pairs,
        wider=bool(layout.header) and any(row[len(layout.header) :]),
        unpaired=unpaired,
    )


@contextmanager
def _clear_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise TableError(f"There is no table {path}.", "Choose another file.") from error
    except IsADirectoryError as error:
        raise TableError(f"{path} is a folder.", "Choose a CSV, TSV or XLSX file.") from error
    except OSError as error:
        raise TableError(
            f"{path} cannot be read: {error.strerror or error}.", "Choose another file."
        ) from error
