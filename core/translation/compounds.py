"""Norwegian compounds taken apart: ``sambandspanservogn`` is samband + s + panservogn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from core.translation.glossary import Entry, Glossary, Kind
from core.translation.inflection import Form, bases

LINKS = ("", "s", "e", "-")
MAX_WORD = 60
"""Longer words are not taken apart."""
_PART = 100
_SHORT = 30
_LINKED = 5
_INFLECTED = 8
_LETTERS_OF_A_WORD = 3
_SHORT_WORD = 4


@dataclass(frozen=True, slots=True)
class Split:
    """The parts of a compound with the links between them; ``form`` is that of the last part."""

    entries: tuple[Entry, ...]
    links: tuple[str, ...]
    form: Form

    @property
    def pieces(self) -> tuple[str, ...]:
        """The parts and links as they are read: samband, s, panservogn."""
        pieces = [self.entries[0].no]
        for link, entry in zip(self.links, self.entries[1:], strict=True):
            pieces += [link, entry.no] if link.strip("-") else [entry.no]
        return tuple(pieces)


@dataclass(frozen=True, slots=True)
class _Rest:
    """The best way to read the rest of a word; the lowest ``cost`` wins."""

    cost: int
    entries: tuple[Entry, ...]
    links: tuple[str, ...]
    form: Form


def look_up(word: str, glossary: Glossary) -> tuple[Entry, Form] | None:
    """The entry of a lower-cased word or of one it is a form of."""
    found = glossary.norwegian.get(word)
    if found is not None:
        return found, Form.PLAIN
    for base in bases(word):
        found = glossary.norwegian.get(base.word)
        if found is not None and found.kind is base.kind:
            return found, base.form
    return None


def split(word: str, glossary: Glossary) -> Split | None:
    """The fewest parts that a lower-cased compound can be made of; None if it cannot.

    Of equally many, fewer short parts win, then fewer links, then the longer last part.
    """
    if len(word) > MAX_WORD:
        return None

    @cache
    def best(start: int) -> _Rest | None:
        candidates = list(_endings(word, start, glossary)) if start else []
        for entry, link, after in _beginnings(word, start, glossary):
            rest = best(after)
            if rest is not None:
                cost = rest.cost + _PART + _cost(entry) + (_LINKED if link else 0)
                candidates.append(
                    _Rest(cost, (entry, *rest.entries), (link, *rest.links), rest.form)
                )
        return min(candidates, key=lambda one: (one.cost, -len(one.entries[-1].no)), default=None)

    found = best(0)
    if found is None:
        return None
    return Split(found.entries, found.links, found.form)


def _beginnings(word: str, start: int, glossary: Glossary) -> Iterator[tuple[Entry, str, int]]:
    """Words that ``word`` goes on with at ``start``, the link after each, and where that ends."""
    for end in range(start + 2, len(word) - 1):
        entry = glossary.norwegian.get(word[start:end])
        if entry is None or not _is_part(entry):
            continue
        for link in LINKS:
            is_ending = link == "e" and len(word) - end <= _LETTERS_OF_A_WORD
            if word.startswith(link, end) and not is_ending:
                yield entry, link, end + len(link)
        # Of three equal consonants one is left out: buss + stasjon is busstasjon.
        if word[end - 1] == word[end - 2]:
            yield entry, "", end - 1


def _endings(word: str, start: int, glossary: Glossary) -> Iterator[_Rest]:
    rest = word[start:]
    if len(rest) < _LETTERS_OF_A_WORD and rest not in glossary.norwegian:
        return
    found = look_up(rest, glossary)
    if found is None or not _is_part(found[0]):
        return
    entry, form = found
    cost = _PART + _cost(entry) + (0 if rest == entry.no else _INFLECTED)
    yield _Rest(cost, (entry,), (), form)


def _is_part(entry: Entry) -> bool:
    if " " in entry.no or entry.kind is Kind.FUNCTION:
        return False
    return len(entry.no) >= _LETTERS_OF_A_WORD or entry.may_be_short


def _cost(entry: Entry) -> int:
    return _SHORT if len(entry.no) < _SHORT_WORD else 0
