"""A table of answers about pairs of images: two paths, and whether they are duplicates."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from core.errors import TableError
from core.exchange.text import DELIMITERS, detect_encoding, open_text, text_rows

_YES = frozenset({"1", "yes", "y", "ja", "j", "true", "d"})
_NO = frozenset({"0", "no", "n", "nei", "false", "not", "not duplicate", "ikke duplikat"})


def read_answers(path: Path) -> Iterator[tuple[str, str, bool]]:
    """The rows (first path, second path, is duplicate) of a CSV or TSV file; a header is skipped.

    Raises :class:`TableError` naming the first line that cannot be understood.
    """
    try:
        with path.open("rb") as stream:
            encoding = detect_encoding(stream)
        with open_text(path, encoding) as text:
            first = text.readline()
    except OSError as error:
        raise TableError(f"{path} cannot be read: {error.strerror}.") from error
    delimiter = max(DELIMITERS, key=first.count)
    for number, row in enumerate(text_rows(path, encoding, delimiter), 1):
        cells = [cell.strip() for cell in row]
        if not any(cells):
            continue
        said = cells[2].casefold() if len(cells) >= 3 else ""
        if said in _YES | _NO:
            yield cells[0], cells[1], said in _YES
        elif number > 1:
            raise TableError(
                f"Line {number} of {path.name} is not two paths and yes or no.",
                "Write: first path, second path, yes or no.",
            )
