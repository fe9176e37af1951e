"""The glossary: Norwegian words with their English ones, in tables that people can add to.

A line is ``norwegian <tab> english``, and optionally the English word as first part of a compound
and a kind (``adj``, ``verb``, ``function``). Several English words are separated by ``;``, the
usual one first. A line of a single cell is a name that is the same in every language. ``#`` begins
a comment.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from pathlib import Path

from core.errors import TableError

MAX_BYTES = 4_000_000
"""A glossary of a person that is larger than this is refused."""


class Kind(StrEnum):
    """What the rules of language need to know about a word."""

    OTHER = ""
    ADJECTIVE = "adj"
    VERB = "verb"
    FUNCTION = "function"
    """A word like "and" or "on", which is in no compound."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One word or phrase: its English words, and the one used in front of another noun."""

    no: str
    english: tuple[str, ...]
    first: str
    kind: Kind = Kind.OTHER
    may_be_short: bool = False
    """Whether a word of two letters is sought in compounds."""

    @property
    def en(self) -> str:
        """The usual English word."""
        return self.english[0]


class Glossary:
    """Entries by their lower-cased Norwegian and English words. A later entry replaces an older."""

    def __init__(self, entries: Iterable[Entry], names: Iterable[str] = ()) -> None:
        self.norwegian: dict[str, Entry] = {}
        self.english: dict[str, Entry] = {}
        self.names = frozenset(names)
        for entry in entries:
            self.norwegian[entry.no.lower()] = entry
        for entry in self.norwegian.values():
            for word in (*entry.english[:1], entry.first):
                self.english.setdefault(word.lower(), entry)
        for entry in self.norwegian.values():
            for word in entry.english[1:]:
                self.english.setdefault(word.lower(), entry)
        self.adjectives = frozenset(
            word.lower()
            for entry in self.norwegian.values()
            if entry.kind is Kind.ADJECTIVE
            for word in (entry.en, entry.first)
        )
        self.longest_phrase = max((len(no.split()) for no in self.norwegian), default=1)

    def __len__(self) -> int:
        return len(self.norwegian)


@cache
def shipped_entries() -> tuple[tuple[Entry, ...], tuple[str, ...]]:
    """The entries and names that come with the program."""
    entries: list[Entry] = []
    names: list[str] = []
    tables = (item for item in files("resources").joinpath("glossary").iterdir())
    for table in sorted(tables, key=lambda item: item.name):
        if table.name.endswith(".tsv"):
            for parsed in parse(table.read_text(encoding="utf-8"), table.name):
                if isinstance(parsed, Entry):
                    entries.append(parsed)
                else:
                    names.append(parsed)
    return tuple(entries), tuple(names)


@cache
def _shipped_glossary() -> Glossary:
    return Glossary(*shipped_entries())


def load_glossary(own: Path | None = None) -> Glossary:
    """The shipped glossary and, before it, the lines of the file ``own`` if there is one.

    Raises :class:`TableError` naming the line of ``own`` that cannot be understood.
    """
    if own is None or not own.exists():
        return _shipped_glossary()
    entries, names = shipped_entries()
    added: list[Entry] = []
    added_names: list[str] = []
    for parsed in parse(_read(own), own.name):
        if isinstance(parsed, Entry):
            added.append(parsed)
        else:
            added_names.append(parsed)
    return Glossary((*entries, *added), (*names, *added_names))


def parse(text: str, source: str) -> Iterator[Entry | str]:
    """The entries and names of a table; raises :class:`TableError` for a line that is neither."""
    for number, line in enumerate(text.splitlines(), 1):
        cells = [" ".join(cell.split()) for cell in line.split("\t")]
        if line.startswith("#") or not any(cells):
            continue
        while not cells[-1]:
            cells.pop()
        if not cells[0] or len(cells) > 4:
            raise _unclear(source, number)
        if len(cells) == 1:
            yield cells[0]
            continue
        english = tuple(word.strip() for word in cells[1].split(";") if word.strip())
        kind = cells[3] if len(cells) == 4 else ""
        if not english or kind not in list(Kind):
            raise _unclear(source, number)
        first = cells[2] if len(cells) > 2 and cells[2] else english[0]
        yield Entry(cells[0], english, first, Kind(kind), may_be_short=len(cells) == 3)


def _read(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise TableError(f"{path} is too large for a glossary.", "Keep it below 4 MB.")
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise TableError(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise TableError(f"{path} is not UTF-8 text.", "Save it as UTF-8.") from error


def _unclear(source: str, number: int) -> TableError:
    return TableError(
        f"Line {number} of {source} is not a Norwegian and an English word.",
        "Separate the two with a tab.",
    )
