"""Rows of cells from delimited text in an unknown encoding."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TextIO

from core.errors import TableError

DELIMITERS = (",", ";", "\t", "|")
MAX_CELL = 131_072
"""Characters in one cell; more means that a closing quotation mark is missing."""
MAX_LINE = 8 * MAX_CELL

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NOT_IN_WINDOWS_1252 = bytes((0x81, 0x8D, 0x8F, 0x90, 0x9D))
_CONTROLS = bytes(set(range(0x20)) - set(b"\t\n\v\f\r\x1a"))
_BLOCK = 1 << 20


def detect_encoding(stream: BinaryIO) -> str:
    """The encoding of a text file: byte order mark, strict UTF-8, Windows-1252, Latin-1.

    The whole file is looked at, in blocks, because the only letter outside ASCII may be the last.
    Raises :class:`TableError` for bytes that are no text.
    """
    start = stream.read(4096)
    stream.seek(0)
    for bom, encoding in _BOMS:
        if start.startswith(bom):
            return encoding
    if utf16 := _utf16_without_bom(start):
        return utf16
    utf8: codecs.IncrementalDecoder | None = codecs.getincrementaldecoder("utf-8")()
    fits_windows_1252 = True
    while True:
        block = stream.read(_BLOCK)
        if len(block.translate(None, _CONTROLS)) < len(block):
            raise TableError(
                "The file is not text.", "Choose a CSV, TSV or XLSX file with paths and keywords."
            )
        fits_windows_1252 &= len(block.translate(None, _NOT_IN_WINDOWS_1252)) == len(block)
        if utf8 is not None:
            try:
                utf8.decode(block, final=not block)
            except UnicodeDecodeError:
                utf8 = None
        if not block:
            break
    if utf8 is not None:
        return "utf-8"
    return "windows-1252" if fits_windows_1252 else "latin-1"


def _utf16_without_bom(start: bytes) -> str:
    """Latin letters in UTF-16 have a zero in every second byte, and only there."""
    even, odd = start[::2].count(0), start[1::2].count(0)
    if odd > len(start) // 4 and even == 0:
        return "utf-16-le"
    if even > len(start) // 4 and odd == 0:
        return "utf-16-be"
    return ""


@contextmanager
def open_text(path: Path, encoding: str) -> Iterator[TextIO]:
    """Open a text with its line ends as they are; a wrong ``encoding`` is a TableError."""
    try:
        with path.open(encoding=encoding, newline="") as stream:
            yield stream
    except (UnicodeError, LookupError) as error:
        raise TableError(
            f"{path.name} is not written in {encoding}.", "Choose another encoding."
        ) from error


def text_rows(path: Path, encoding: str, delimiter: str) -> Generator[list[str], None, None]:
    """The rows of a delimited text file, one at a time; empty lines are empty lists.

    Raises :class:`TableError` when the text does not fit ``encoding`` or a quotation mark is
    never closed: the rows it would swallow must not be lost silently.
    """
    with open_text(path, encoding) as stream:
        lines = _Lines(stream)
        try:
            for row in csv.reader(lines, delimiter=delimiter):
                yield row
                lines.start_record()
        except csv.Error as error:
            raise TableError(
                f"Line {lines.first} of {path.name} cannot be read: a cell is longer than "
                f"{MAX_CELL} characters.",
                "Probably a closing quotation mark is missing. Correct the line.",
            ) from error


class _Lines:
    """Lines of text, watching for a quotation mark that is still open at the end."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._number = 0
        self._in_record = 0
        self._quotes = 0
        self.first = 1

    def start_record(self) -> None:
        self._in_record = 0
        self._quotes = 0
        self.first = self._number + 1

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._stream.readline(MAX_LINE)
        if self._number == 0 and separator_hint(line):
            line = self._stream.readline(MAX_LINE)
        if len(line) == MAX_LINE:
            raise TableError(
                f"Line {self._number + 1} is longer than {MAX_LINE} characters.",
                "Is it a table with one image per line? Correct the line.",
            )
        if not line:
            self._require_closed_quotes()
            raise StopIteration
        self._number += 1
        self._in_record += 1
        self._quotes += line.count('"')
        return line

    def _require_closed_quotes(self) -> None:
        if self._in_record > 1 and self._quotes % 2:
            raise TableError(
                f"A quotation mark in line {self.first} is never closed; "
                f"it swallows {self._in_record - 1} lines.",
                "Correct the line; nothing was imported.",
            )


def separator_hint(line: str) -> str:
    """The delimiter that spreadsheet programs put into a first line ``sep=;``, else empty."""
    text = line.strip("\r\n").lower()
    return text[4:] if text.startswith("sep=") and text[4:] in DELIMITERS else ""
