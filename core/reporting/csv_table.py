"""CSV that a spreadsheet opens as text and numbers, never as formulas."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from core.reporting.files import writing

_RUN = r"[\s']*[=+\-@＝＋－＠]"
# A spreadsheet that separates by semicolons, or minds no quotation marks, begins cells within ours.
_AT_START = r"(?:^|(?<=[;\r\n]))"
_CONTROL = r"^(?='*[\t\r\n])"
_FORMULA = re.compile(rf"{_AT_START}(?={_RUN})|{_CONTROL}")
_NEUTRALISED = re.compile(rf"{_AT_START}'(?={_RUN})|^'(?='*[\t\r\n])")


def safe_cell(value: object) -> object:
    """A value that no spreadsheet runs: what begins like a formula gets an apostrophe before it."""
    return _FORMULA.sub("'", value) if isinstance(value, str) else value


def plain_cell(text: str) -> str:
    """The text that :func:`safe_cell` has made safe."""
    return _NEUTRALISED.sub("", text)


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a table as UTF-8 with a byte order mark, which spreadsheets need for æøå.

    Raises :class:`StorageError`; the file appears complete or not at all.
    """
    with writing(path, encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow([safe_cell(cell) for cell in header])
        writer.writerows([safe_cell(cell) for cell in row] for row in rows)
